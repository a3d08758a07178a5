"""The terminal itself: a console that keeps its promises, a pager as git has it, a progress bar.

Whatever is drawn is made in `render`; nothing here knows a record.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


def make_console(*, stderr: bool = False) -> Console:
    """A console that reads nothing as markup, and that prints no control codes in a pipe or with ``NO_COLOR``."""
    bare = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM", "") in ("dumb", "unknown")
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
def progress(label: str = "indexing", console: Console | None = None) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error for the time of the block; call what is given with (done, total).

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
        bars.update(task, description=label if done < total else "writing", completed=done, total=total)

    with bars:
        yield report


def page(draw: Callable[[Console], None]) -> None:
    """Draw on the terminal; what is taller than the screen goes through ``$PAGER`` (else ``less -FRX``), as with git.

    An empty ``PAPERSEARCH_PAGER`` or ``PAGER``, or ``cat``, turns this off.
    """
    screen = make_console()
    command = os.environ.get("PAPERSEARCH_PAGER", os.environ.get("PAGER", "less"))
    if not screen.is_terminal or command.strip() in ("", "cat"):
        draw(screen)
        return
    with screen.capture() as captured:
        draw(screen)
    text = captured.get()
    if text.count("\n") < screen.height:
        screen.file.write(text)
        return
    environment = {"LESS": "FRX", "LV": "-c", **os.environ}
    try:
        pager = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, env=environment, encoding="utf-8")
    except (OSError, ValueError):
        screen.file.write(text)
        return
    try:
        pager.communicate(text)
    except (BrokenPipeError, KeyboardInterrupt):
        pager.wait()
