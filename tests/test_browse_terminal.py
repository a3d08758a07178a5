"""Browsing on a terminal of its own: what reaches a pipe, and who has the terminal when."""

from __future__ import annotations

import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from papersearch import library
from tests.browsing import hostile_index
from tests.commands import environment, is_one_error, run
from tests.processes import LONGEST_S

pytest.importorskip("textual")


def test_without_a_terminal_one_line_says_so(index: library.Index, tmp_path: Path) -> None:
    told = run(tmp_path, "browse", "--index", index.path)
    assert (told.code, told.out) == (2, "")
    assert is_one_error(told)
    assert "terminal" in told.err


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_marked_papers_reach_a_pipe(index: library.Index, tmp_path: Path) -> None:
    done, shown = on_a_terminal(tmp_path, index, [b"\t", b" ", b"q"], "2412.15115", "-f", "urls", ready=b"Qwen")
    assert done == (0, "http://arxiv.org/abs/2412.15115v1\n")
    assert "Qwen" in shown
    assert "─" * 100 in shown  # as wide as the terminal, though standard output is a pipe


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}])
def test_the_colours_are_the_terminals_own_or_none_and_what_is_shown_can_be_read(
    index: library.Index, tmp_path: Path, variables: dict[str, str]
) -> None:
    _, shown = on_a_terminal(tmp_path, index, [b"\t", b"q"], "2412.15115", ready=b"Qwen", **variables)
    styles = [{*map(int, style.split(";"))} for style in re.findall(r"\x1b\[([\d;]+)m[^\x1b]*Qwen", shown)]
    assert styles
    if not variables:
        assert any({39, 49} <= style for style in styles)
        return
    for style in styles:
        [front] = style & {*range(30, 38), *range(90, 98)}
        [back] = style & {*range(40, 48), *range(100, 108)}
        assert {front, back - 10} <= {30, 37, 90, 97}, "greys"
        assert front != back - 10


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_ctrl_c_prints_nothing_of_what_was_marked(index: library.Index, tmp_path: Path) -> None:
    done, _ = on_a_terminal(tmp_path, index, [b"\t", b" ", b"\x03"], "2412.15115", ready=b"Qwen")
    assert done == (130, "")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_who_is_told_to_end_gives_the_terminal_back(index: library.Index, tmp_path: Path, how: signal.Signals) -> None:
    done, shown = on_a_terminal(tmp_path, index, [b"\t", b" ", how], "2412.15115", ready=b"Qwen")
    assert done == (128 + how, "")
    assert "\x1b[?1049l" in shown  # what was on the screen before is on it again


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
@pytest.mark.parametrize(("key", "variable"), [(b"o", "BROWSER"), (b"e", "EDITOR")])
def test_a_browser_or_editor_of_the_terminal_has_it_until_it_ends(
    index: library.Index, tmp_path: Path, key: bytes, variable: str
) -> None:
    program = tmp_path / "program"
    program.write_text("printf 'here is %s' $*; read -r typed; echo $typed > typed\n")
    command = f"sh {shlex.quote(str(program))}" + (" %s" if variable == "BROWSER" else "")
    keys = [b"\t", key, (b"here is", b"something\n"), (b"\x1b[?1049h", b"q")]  # once it asks, and once browse is back
    done, shown = on_a_terminal(tmp_path, index, keys, "2412.15115", ready=b"Qwen", **{variable: command})
    assert done == (0, "")  # nothing for the marked papers' file
    assert (tmp_path / "typed").read_text() == "something\n"
    before, said, after = shown.partition("here is ")
    assert said
    assert all("Qwen" in part for part in (before, after))


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
@pytest.mark.parametrize("is_gone", [False, True])
def test_an_editor_that_cannot_be_started_is_told_on_the_screen(
    index: library.Index, tmp_path: Path, is_gone: bool
) -> None:
    if is_gone:
        index = hostile_index(tmp_path)
        shutil.rmtree(index.corpus[0])
    told = b"is gone" if is_gone else b"/no/editor cannot be started"
    keys = [b"\t", b"e", (told, b"q")]
    done, _ = on_a_terminal(tmp_path, index, keys, "2412.15115", ready=b"Qwen", VISUAL="/no/editor")
    assert done == (0, "")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_what_a_browser_in_a_window_says_is_not_among_the_marked_papers(index: library.Index, tmp_path: Path) -> None:
    (tmp_path / "browser").write_text("echo Opening in existing browser session.\n")
    browser = f"sh {tmp_path / 'browser'} %s &"
    keys = [b"\t", b"o", b" ", b"q"]
    done, _ = on_a_terminal(tmp_path, index, keys, "2412.15115", ready=b"Qwen", BROWSER=browser)
    assert done == (0, "2412.15115\n")


@pytest.mark.skipif(not hasattr(signal, "SIGCONT"), reason="nothing is stopped here")
def test_who_is_stopped_gives_the_terminal_back_and_draws_all_anew_afterwards(
    index: library.Index, tmp_path: Path
) -> None:
    keys = [b"\t", b" ", b"\x1a", signal.SIGCONT, (b"\x1b[?1049h", b"q")]
    done, shown = on_a_terminal(tmp_path, index, keys, "2412.15115", "-f", "urls", ready=b"Qwen")
    assert done == (0, "http://arxiv.org/abs/2412.15115v1\n")
    before, given_back, after = shown.partition("\x1b[?1049l")
    assert given_back
    assert all(text in part for part in (before, after) for text in ("Qwen", "1 marked", "Space mark"))


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_without_textual_one_line_says_what_to_install(index: library.Index, tmp_path: Path) -> None:
    (code, out), shown = on_a_terminal(tmp_path, index, [], first="sys.modules['textual'] = None")
    assert (code, out) == (3, "")
    assert shown.strip().splitlines() == [
        "papersearch: browse needs textual, which is not installed: pip install 'textual>=8.2.5,<9'"
    ]


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_what_nobody_foresaw_ends_in_one_line(index: library.Index, tmp_path: Path) -> None:
    broken = "from papersearch.apps.browse.app import Browser; Browser.action_mark = lambda _: 1 / 0"
    done, shown = on_a_terminal(tmp_path, index, [b"\t", b" "], "2412.15115", ready=b"Qwen", first=broken)
    assert done == (3, "")
    _, given_back, said = shown.rpartition("\x1b[?1049l")
    assert given_back
    error = "papersearch: internal error (ZeroDivisionError: division by zero): please report it; --debug shows"
    assert error in said
    assert "Traceback" not in said


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
@pytest.mark.parametrize("refused", ["textual-output", "textual-input"])
def test_who_may_start_no_thread_to_draw_or_to_read_says_so_and_gives_the_terminal_back(
    index: library.Index, tmp_path: Path, refused: str
) -> None:
    system = "import threading; start = threading.Thread.start\ndef refuse(thread):\n"
    system += f'    if thread.name == {refused!r}: raise RuntimeError("can\'t start new thread")\n'
    done, shown = on_a_terminal(
        tmp_path, index, [], first=system + "    start(thread)\nthreading.Thread.start = refuse"
    )
    assert done == (3, "")
    taken, _, said = shown.rpartition("\x1b[?1049l")
    assert ("\x1b[?1049h" in taken) == (refused == "textual-input")
    assert "papersearch: the system refuses a thread (can't start new thread): end other programs" in said


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_a_terminal_that_goes_away_without_a_word_ends_it(index: library.Index, tmp_path: Path) -> None:
    with Terminal(tmp_path, index, "2412.15115") as terminal:
        terminal.shows(b"Qwen")
        terminal.close()
        assert terminal.program.wait(LONGEST_S) == 128 + signal.SIGHUP


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_who_is_told_to_end_does_so_though_the_terminal_takes_nothing(
    index: library.Index, tmp_path: Path, how: signal.Signals
) -> None:
    import termios

    with Terminal(tmp_path, index, "2412.15115") as terminal:
        terminal.shows(b"Qwen")
        termios.tcflow(terminal.theirs, termios.TCOOFF)
        terminal.program.send_signal(how)
        assert terminal.program.wait(LONGEST_S) == 128 + how
        assert termios.tcgetattr(terminal.theirs) == terminal.before


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_nothing_that_is_drawn_is_lost_on_a_terminal_that_another_program_made_non_blocking(
    index: library.Index, tmp_path: Path
) -> None:
    import termios

    with Terminal(tmp_path, index) as terminal:
        terminal.shows(b"papers")
        os.set_blocking(terminal.theirs, False)
        termios.tcflow(terminal.theirs, termios.TCOOFF)
        os.write(terminal.ours, b"zebra")
        time.sleep(1)  # until it wants to draw that, which cannot be seen from here
        termios.tcflow(terminal.theirs, termios.TCOON)
        terminal.shows(b"zebra")


class Terminal:
    """Browsing on a terminal of 100 columns, of which this process has both sides: ``ours`` and ``theirs``. ``first``
    is done in Python before all. At the end of a ``with`` both are gone."""

    def __init__(self, folder: Path, index: library.Index, *arguments: str, first: str = "", **variables: str) -> None:
        import fcntl
        import struct
        import termios

        code = f"import sys; {first}\nfrom papersearch.__main__ import main; main()"
        self.ours, self.theirs = os.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        self.before = termios.tcgetattr(self.theirs)
        self._open = [self.ours, self.theirs]
        self.program = subprocess.Popen(
            [sys.executable, "-c", code, "browse", "--index", index.path, *arguments],
            cwd=folder,
            env=environment(TERM="xterm", **variables),
            stdin=self.theirs,
            stdout=subprocess.PIPE,
            stderr=self.theirs,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.program.kill()
        self.program.communicate()
        self.close()

    def close(self) -> None:
        """Let go of it."""
        while self._open:
            os.close(self._open.pop())

    def let_go_of_theirs(self) -> None:
        """The program alone has the other side, so that its end can be read."""
        self._open.remove(self.theirs)
        os.close(self.theirs)

    def shows(self, awaited: bytes) -> None:
        """Read what is shown until something is among it."""
        shown, end = b"", time.monotonic() + LONGEST_S
        while awaited not in shown:
            assert time.monotonic() < end, shown
            if select.select([self.ours], [], [], 0.2)[0]:
                shown += os.read(self.ours, 65_536)


def on_a_terminal(
    folder: Path,
    index: library.Index,
    keys: Sequence[bytes | signal.Signals | tuple[bytes, bytes]],
    *arguments: str,
    ready: bytes = b"",
    first: str = "",
    **variables: str,
) -> tuple[tuple[int, str], str]:
    """The exit code and standard output of browsing with keys and signals, and what the terminal showed. A key may have
    with it, before it, what must be shown since the last one."""
    terminal = Terminal(folder, index, *arguments, first=first, **variables)
    ours, program = terminal.ours, terminal.program
    terminal.let_go_of_theirs()
    shown, end, waiting = b"", time.monotonic() + LONGEST_S, list(keys)
    before = 0
    while time.monotonic() < end:
        if select.select([ours], [], [], 0.2)[0]:
            try:
                some = os.read(ours, 65_536)
            except OSError:  # how Linux says that the other side is closed
                break
            if not some:
                break
            shown += some
        elif waiting and ready in shown and len(shown) > before:  # what the last key did is drawn
            if waiting[0] == getattr(signal, "SIGCONT", None) and not is_stopped(program.pid):
                continue
            key = waiting[0]
            if isinstance(key, tuple):
                awaited, key = key
                if awaited not in shown[before:]:
                    continue
            before = len(shown)
            del waiting[0]
            _ = os.write(ours, key) if isinstance(key, bytes) else program.send_signal(key)
    assert program.stdout is not None
    if time.monotonic() >= end:
        program.kill()
    out = program.stdout.read().decode()
    terminal.close()
    return (program.wait(LONGEST_S), out), shown.decode("utf-8", "replace")


def is_stopped(process: int) -> bool:
    return os.waitpid(process, os.WUNTRACED | os.WNOHANG) != (0, 0)
