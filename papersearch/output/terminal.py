"""The terminal itself: what it can show, a pager as git has it, a progress bar.

Whatever is drawn is made in `page`; nothing here knows a record. Rich is loaded for what takes more than codes: the
progress bar, and the consoles of Windows, of which some know no codes.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from papersearch.core.errors import PapersearchError
from papersearch.output.ansi import ATTRIBUTES, COLOURS, Link, Style, Text
from papersearch.output.streams import ReaderGone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

    from rich.console import Console
    from rich.style import Style as RichStyle


class Screen:
    """Where lines of styled text go, how large it is, and whether codes can be sent there."""

    def __init__(self, out: IO[str], width: int, height: int, colours: bool) -> None:
        self.out, self.width, self.height, self.colours = out, width, height, colours
        self.links = colours and _shows_links()

    def line(self, *parts: Text) -> None:
        """Print the parts as one line, however long it is."""
        self.out.write(Text(*parts).sent(self.colours) + "\n")

    def drawn(self, draw: Callable[[Screen], None]) -> str:
        """What ``draw`` would print."""
        from io import StringIO

        out = StringIO()
        draw(Screen(out, self.width, self.height, self.colours))
        return out.getvalue()


class RichScreen(Screen):
    """A screen that prints by way of Rich."""

    def __init__(self, console: Console) -> None:
        super().__init__(console.file, console.width, console.height, console.color_system is not None)
        self._console = console

    def line(self, *parts: Text) -> None:
        """Print the parts as one line, however long it is."""
        from rich.text import Text as RichText

        runs = [(text, _rich_style(looks)) for text, looks in Text(*parts).runs]
        self._console.print(RichText.assemble(*runs), soft_wrap=True)

    def drawn(self, draw: Callable[[Screen], None]) -> str:
        """What ``draw`` would print."""
        with self._console.capture() as captured:
            draw(self)
        return captured.get()


def _rich_style(looks: Style) -> RichStyle:
    from rich.style import Style as RichStyle

    names = [name for name, code in ATTRIBUTES.items() if code in looks.attributes]
    names += [name for name, code in COLOURS.items() if code == looks.colour]
    made = RichStyle.parse(" ".join(names))
    return made + _rich_link(looks.link) if looks.link else made


@cache
def _rich_link(link: Link) -> RichStyle:
    from rich.style import Style as RichStyle

    return RichStyle(link=link.url)


def make_screen() -> Screen:
    """Standard output as a screen. Codes go neither into a pipe nor to a terminal that knows none, nor anywhere with
    ``NO_COLOR``."""
    if os.name == "nt":
        return RichScreen(make_console())
    watched = is_terminal(sys.stdout)
    return Screen(sys.stdout, *_size(watched and is_dumb()), watched and not _is_bare())


def is_terminal(out: IO[str]) -> bool:
    """Whether a person is watching, or is said to be."""
    compatible, forced = map(os.environ.get, ("TTY_COMPATIBLE", "FORCE_COLOR"))
    if compatible in ("0", "1"):
        return compatible == "1"
    return out.isatty() if forced is None else forced != ""


def _is_bare() -> bool:
    return bool(os.environ.get("NO_COLOR")) or is_dumb()


def _shows_links() -> bool:
    """Whether links come through: the console of Linux, GNU Screen, and tmux before 3.4 pass over their codes."""
    told = os.environ.get
    if told("TERM") == "linux" or told("STY"):
        return False
    return told("TERM_PROGRAM") != "tmux" or told("TERM_PROGRAM_VERSION", "") >= "3.4"


def is_dumb() -> bool:
    """Whether the terminal is said to understand no control codes."""
    return os.environ.get("TERM", "").lower() in ("dumb", "unknown")


def _size(dumb: bool) -> tuple[int, int]:
    """(columns, lines): as the environment says, else as a terminal says that is not ``dumb``, else 80 by 25."""
    said = [int(text) if text.isdecimal() else 0 for text in map(os.environ.get, ("COLUMNS", "LINES"), ("", ""))]
    if dumb and not all(said):
        return 80, 25
    found = next(filter(None, map(_asked, (0, 1, 2))), None) if not all(said) else None
    columns, lines = found or (0, 0)
    return said[0] or columns or 80, said[1] or lines or 25


def _asked(handle: int) -> os.terminal_size | None:
    try:
        return os.get_terminal_size(handle)
    except OSError:
        return None


def make_console(*, stderr: bool = False) -> Console:
    """Rich's console, which reads nothing as markup, and prints no control codes in a pipe or with ``NO_COLOR``."""
    from rich.console import Console

    bare = _is_bare()
    return Console(
        stderr=stderr,
        markup=False,
        highlight=False,
        emoji=False,
        color_system=None if bare else "auto",
        no_color=bare or None,
        soft_wrap=False,
    )


@contextmanager
def progress(
    label: str = "indexing", console: Console | None = None, *, last: str = "merging"
) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error for the time of the block; call what is given with (done, total).

    When all is done, there is a ``last`` phase of unknown length: the bar moves to and fro until the block ends.
    Nothing is shown where standard error is no terminal, and nothing stays on the screen afterwards.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    screen = console or make_console(stderr=True)
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        console=screen,
        transient=True,
        disable=not screen.is_terminal or screen.color_system is None,
        expand=screen.width < 100,
    )
    task = bars.add_task(label, total=None)

    def report(done: int, total: int) -> None:
        if done < total:
            bars.update(task, completed=done, total=total)
        else:  # a task that has not started has a bar that moves to and fro
            bars.reset(task, start=False, description=last, completed=done, total=total)

    with bars:
        yield report


def page(draw: Callable[[Screen], None]) -> None:
    """Draw on the terminal; what is taller than the screen goes through ``$PAGER`` (else ``less -FRX``, unless the
    terminal is dumb), as with git.

    An empty ``PAPERSEARCH_PAGER`` or ``PAGER``, or ``cat``, turns this off.
    """
    screen = make_screen()
    # On a terminal that cannot move its cursor (the shell of Emacs, say) less warns, and asks for the Return key.
    usual = "cat" if is_dumb() else "less"
    command = os.environ.get("PAPERSEARCH_PAGER", os.environ.get("PAGER", usual))
    if command.strip() in ("", "cat") or not is_terminal(screen.out):
        draw(screen)
        return
    text = screen.drawn(draw)
    if text.count("\n") < screen.height:
        screen.out.write(text)
        return
    _through_pager(command, text, screen.out)


def _through_pager(command: str, text: str, out: IO[str]) -> None:
    """Hand a text to the pager, and wait until it ends. Raises ``ReaderGone`` if it did not read everything."""
    import shlex
    import signal
    import subprocess
    import threading

    theirs, ours = os.pipe()
    try:
        pager = subprocess.Popen(shlex.split(command), stdin=theirs, env={"LESS": "FRX", "LV": "-c", **os.environ})
    except (OSError, ValueError):
        os.close(theirs)
        os.close(ours)
        out.write(text)
        return
    unread: list[bool] = []

    def wait() -> None:
        pager.wait()
        unread.append(_waiting(theirs))
        os.close(theirs)  # which ends the writing, if it goes on

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the pager
    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    try:
        with open(ours, "w", encoding="utf-8", errors="backslashreplace") as page:
            page.write(text)
    except BrokenPipeError:
        unread.append(True)
    finally:
        waiting.join()
        signal.signal(signal.SIGINT, before)
    if pager.returncode > 0:
        reason = f"the pager {command!r} failed with exit code {pager.returncode}"
        raise PapersearchError(reason, "set PAGER, or --no-pager")
    if any(unread) or pager.returncode:
        raise ReaderGone(errno.EPIPE, "the pager was left before the end")


def _waiting(pipe: int) -> bool:
    """Whether a pipe holds what nobody has read; never where the system does not tell."""
    try:
        import fcntl
        import termios

        size = fcntl.ioctl(pipe, termios.FIONREAD, bytes(4))
    except (ImportError, AttributeError, OSError):
        return False
    return any(size)
