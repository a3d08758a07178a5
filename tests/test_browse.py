"""The full screen, driven as by a person: keys in, what is shown and printed out."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from papersearch import library
from papersearch.core.records import Answer, Request
from tests.commands import environment, is_one_error, run, sample
from tests.processes import LONGEST_S

pytest.importorskip("textual")

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from papersearch.apps.browse.app import Browser
from papersearch.apps.browse.screens import Filters, Keys


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> library.Index:
    """The sample posts, and one that is hostile."""
    home = sample(tmp_path_factory.mktemp("browse"))
    hostile = "---\ntitle: '[bold red]zebra[/] [link=http://e.example]x[/link]'\n---\n"
    hostile += "## Abstract\n\n[@click=app.quit]zebra[/]\n"
    (home / "corpus" / "hostile.md").write_text(hostile)
    return library.build(str(home / "index"), [str(home / "corpus")])


Act = Callable[[Browser, "Pilot[Any]"], Awaitable[None]]


def browse(index: library.Index, act: Act, query: str | Request = "", size: tuple[int, int] = (80, 24)) -> Browser:
    """Browse from a query on; ``act`` presses keys and looks."""
    request = Request(query) if isinstance(query, str) else query

    async def session() -> Browser:
        app = Browser(index, request)
        async with app.run_test(size=size) as pilot:
            await settled(app, pilot)
            await act(app, pilot)
        return app

    return asyncio.run(asyncio.wait_for(session(), 2 * LONGEST_S))


async def settled(app: Browser, pilot: Pilot[Any]) -> None:
    """Wait until nothing is asked any more."""
    for _ in range(3):
        await app.workers.wait_for_complete()
        await pilot.pause()


async def press(app: Browser, pilot: Pilot[Any], *keys: str) -> None:
    await pilot.press(*keys)
    await settled(app, pilot)


def titles(app: Browser) -> list[str]:
    options = app.query_one("#list", OptionList)
    return [str(options.get_option_at_index(n).prompt).splitlines()[0][2:] for n in range(options.option_count)]


def told(app: Browser, name: str) -> str:
    return str(app.query_one(f"#{name}", Static).content)


def test_results_change_as_one_types_with_the_last_word_as_a_prefix(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        everything = len(titles(app))
        await press(app, pilot, *"zeb")
        assert titles(app) == ["[bold red]zebra[/] [link=http://e.example]x[/link]"]
        assert everything > 1
        await press(app, pilot, *["backspace"] * 3)
        assert len(titles(app)) == everything

    browse(index, act)


def words_marked(app: Browser) -> set[str]:
    drawn = app.query_one("#paper", Static).content
    return {str(drawn)[span.start : span.end] for span in drawn.spans if "underline" in str(span.style)}  # type: ignore[union-attr]


def test_markup_in_posts_is_shown_as_it_is(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        assert "[@click=app.quit]zebra[/]" in told(app, "paper")
        assert words_marked(app) == {"zebra"}

    browse(index, act, "zebra")


def test_words_are_marked_in_the_text_whatever_is_printed_in_the_end(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        assert words_marked(app) == {"hosted"}

    browse(index, act, Request("id:2412.15115 hosted", snippets=False))


class Slow(library.Index):
    """An index that answers one query only when it is let go."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.asked, self.go = threading.Event(), threading.Event()

    def search(self, query: str | Request, **options: Any) -> Answer:
        if isinstance(query, Request) and query.query == "zeb":
            self.asked.set()
            assert self.go.wait(LONGEST_S)
        return super().search(query, **options)


def test_a_slow_query_holds_up_nothing_and_its_late_answer_is_dropped(index: library.Index) -> None:
    slow = Slow(index.path)

    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        await pilot.press(*"zeb")
        assert await asyncio.to_thread(slow.asked.wait, LONGEST_S)
        app.query_one("#query", Input).value = "diffusion"
        end = time.monotonic() + LONGEST_S
        while not (titles(app) and "iffusion" in titles(app)[0]) and time.monotonic() < end:
            await pilot.pause(0.02)
        before = titles(app)
        assert any("iffusion" in title for title in before)
        assert app.query_one("#query", Input).value == "diffusion"
        slow.go.set()
        await pilot.pause(0.3)
        await settled(app, pilot)
        assert titles(app) == before

    try:
        browse(slow, act)
    finally:
        slow.go.set()


def test_arrows_move_while_typing_and_j_and_k_in_the_list(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        options = app.query_one("#list", OptionList)
        await press(app, pilot, "down", "down", "up")
        assert (options.highlighted, app.query_one("#query", Input).value) == (1, "model")
        shown = told(app, "paper").splitlines()[0]
        await press(app, pilot, "tab", "j", "j", "k")
        assert options.highlighted == 2
        assert told(app, "paper").splitlines()[0] != shown
        await press(app, pilot, "slash", "j")
        assert app.query_one("#query", Input).value == "modelj"

    browse(index, act, "model")


def test_keys_that_come_at_once_act_one_after_the_other(index: library.Index) -> None:
    """As over a slow line, or while the screen is drawn."""
    keys = [("tab", "\t"), ("j", "j"), ("space", " "), ("down", None), ("space", " "), ("slash", "/"), ("s", "s")]

    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        for key, character in keys:
            app.post_message(events.Key(key, character))
        await settled(app, pilot)
        assert app.query_one("#query", Input).value == "models"
        assert "like" not in told(app, "status")
        await press(app, pilot, "ctrl+q")

    wanted = [hit.id for hit in index.search(Request("model", prefix=True)).results]
    app = browse(index, act, "model")
    assert [hit.id for hit in app.return_value or []] == [wanted[1], wanted[3]]


def test_enter_opens_the_paper_wherever_the_focus_is(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        for _ in ("query", "list", "preview"):
            app.query_one("#status", Static).update("")
            await press(app, pilot, "enter")
            assert "no web address" in told(app, "status")
            await press(app, pilot, "tab")

    browse(index, act, "zebra")


def test_where_no_browser_is_the_address_is_said(index: library.Index, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_browser() -> None:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", no_browser)

    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        await press(app, pilot, "enter")
        assert told(app, "status") == "no browser was found: the address is http://arxiv.org/abs/2412.15115v1"

    browse(index, act, "2412.15115", size=(120, 24))


def test_marked_papers_are_returned_in_the_order_in_which_they_were_marked(index: library.Index) -> None:
    wanted = [hit.id for hit in index.search(Request("model", prefix=True)).results]

    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        await press(app, pilot, "tab", "j", "space", "space", "k", "space", "k", "k", "k", "space")
        assert "2 marked" in told(app, "status")
        await pilot.press("q")

    app = browse(index, act, "model")
    assert [hit.id for hit in app.return_value or []] == [wanted[1], wanted[0]]


def test_a_filter_is_set_and_taken_back(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        everything = titles(app)
        await press(app, pilot, "tab", "f")
        assert isinstance(app.screen, Filters)
        await press(app, pilot, "enter")
        assert "since: 20" in told(app, "status")
        assert 0 < len(titles(app)) < len(everything)
        for _ in range(2):  # both ends of the year
            await press(app, pilot, "f")
            await press(app, pilot, "enter")
        assert titles(app) == everything

    browse(index, act, "model")


def test_papers_like_one_and_back(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        before = titles(app)
        await press(app, pilot, "tab", "s")
        assert told(app, "status").startswith("like ")
        assert before[0] not in titles(app)
        await press(app, pilot, "escape")
        assert titles(app) == before

    browse(index, act, "mixture of experts")


def test_ids_and_bibtex_are_copied(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        await press(app, pilot, "tab", "i")
        assert app.clipboard == "2412.15115"
        await press(app, pilot, "c")
        assert app.clipboard.startswith("@misc{")

    browse(index, act, "2412.15115")


def test_orders_the_keys_and_a_mistake_are_shown(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        await press(app, pilot, "tab", "t")
        assert "newest" in told(app, "status")
        await press(app, pilot, "question_mark")
        assert isinstance(app.screen, Keys)
        await press(app, pilot, "escape")
        shown = titles(app)
        app.query_one("#query", Input).value = "year:abc"
        await settled(app, pilot)
        assert "year" in told(app, "status")
        assert titles(app) == shown
        app.query_one("#query", Input).value = "zzqqxx"
        await settled(app, pilot)
        assert (titles(app), told(app, "paper")) == ([], "")
        await press(app, pilot, "enter", "down", "tab", "space", "e", "s", "i", "c")

    browse(index, act, "model")


def test_the_line_of_keys_says_what_they_do_where_the_focus_is(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        assert "Tab" in told(app, "hint")
        assert "Space" not in told(app, "hint")
        await press(app, pilot, "tab")
        assert "Space mark" in told(app, "hint")
        await press(app, pilot, "slash")
        assert "Space" not in told(app, "hint")

    browse(index, act, "model")


def test_a_suggestion_is_taken_by_a_key(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        app.query_one("#query", Input).value = "mixtrue of exprets "
        await settled(app, pilot)
        assert "did you mean" in told(app, "status")
        await press(app, pilot, "ctrl+y")
        assert app.query_one("#query", Input).value.strip() == "mixture of experts"

    browse(index, act)


@pytest.mark.parametrize("size", [(80, 24), (20, 8), (200, 60)])
def test_any_size_shows_query_list_and_paper(index: library.Index, size: tuple[int, int]) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        assert titles(app)
        assert app.query_one("#preview").has_class("wide") is False
        assert app.query_one("#middle").has_class("wide") is (size[0] >= 110)
        assert app.query_one("#list").size.height > 0

    browse(index, act, "model", size)


def test_more_papers_come_at_the_end_of_the_list(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    for number in range(70):
        (tmp_path / "corpus" / f"2401.{number:05}.md").write_text(
            f"---\ntitle: Ants {number}\n---\n## Abstract\n\nAnts.\n"
        )
    many = library.build(str(tmp_path / "index"), [str(tmp_path / "corpus")])

    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        assert len(titles(app)) == 30
        await press(app, pilot, "tab", "end")
        await press(app, pilot, "end")
        await press(app, pilot, "end")
        assert len(set(titles(app))) == 70

    browse(many, act, "ants")


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
    command = f"sh {program} %s" if variable == "BROWSER" else f"sh {program}"
    keys = [b"\t", key, (b"here is", b"something\n"), (b"\x1b[?1049h", b"q")]  # once it asks, and once browse is back
    done, shown = on_a_terminal(tmp_path, index, keys, "2412.15115", ready=b"Qwen", **{variable: command})
    assert done == (0, "")  # nothing for the marked papers' file
    assert (tmp_path / "typed").read_text() == "something\n"
    before, said, after = shown.partition("here is ")
    assert said
    assert all("Qwen" in part for part in (before, after))


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
    (code, out), shown = on_a_terminal(tmp_path, index, [], without="textual")
    assert (code, out) == (3, "")
    assert shown.strip().splitlines() == [
        "papersearch: browse needs textual, which is not installed: pip install 'textual>=8,<9'"
    ]


def on_a_terminal(
    folder: Path,
    index: library.Index,
    keys: Sequence[bytes | signal.Signals | tuple[bytes, bytes]],
    *arguments: str,
    ready: bytes = b"",
    without: str = "",
    **variables: str,
) -> tuple[tuple[int, str], str]:
    """The exit code and standard output of browsing with keys and signals, and what the terminal, of 100 columns,
    showed. A key may have with it, before it, what must be shown since the last one."""
    import fcntl
    import struct
    import termios

    hide = f"sys.modules[{without!r}] = None; " if without else ""
    code = f"import sys; {hide}from papersearch.__main__ import main; main()"
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    program = subprocess.Popen(
        [sys.executable, "-c", code, "browse", "--index", index.path, *arguments],
        cwd=folder,
        env=environment(TERM="xterm", **variables),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
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
    os.close(ours)
    return (program.wait(LONGEST_S), out), shown.decode("utf-8", "replace")


def is_stopped(process: int) -> bool:
    return os.waitpid(process, os.WUNTRACED | os.WNOHANG) != (0, 0)


def test_lines_of_the_list_are_cut_to_the_room_there_is(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        def shown() -> str:
            options = app.query_one("#list", OptionList)
            return str(options.get_option_at_index(0).prompt)

        assert "…" in shown()
        await pilot.resize_terminal(300, 40)
        await settled(app, pilot)
        assert "…" not in shown()

    browse(index, act, "experts", size=(24, 24))
