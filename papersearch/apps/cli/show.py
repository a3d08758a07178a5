"""What is printed for people or programs: as JSON, drawn on a terminal, or as plain text in a pipe."""

from __future__ import annotations

import os
import sys

from papersearch.output import formats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from papersearch.apps.cli.arguments import Arguments
    from papersearch.output.terminal import Screen


def drawn(arguments: Arguments) -> bool:
    """Whether what is shown is drawn for people. Sets what decides on colours to what ``--color`` says."""
    if arguments.color == "never":
        os.environ.update(NO_COLOR="1")
    elif arguments.color == "always":
        from papersearch.output.terminal import is_dumb

        os.environ.pop("NO_COLOR", None)
        if is_dumb():
            del os.environ["TERM"]  # as of a job or an editor's shell, whose reader may understand them
        os.environ.update(FORCE_COLOR="1")
    return arguments.color == "always" or sys.stdout.isatty()


def draw(drawing: Callable[[Screen], None], arguments: Arguments) -> None:
    """Draw for people, on a terminal by way of a pager unless that is not wanted."""
    from papersearch.output import terminal

    if arguments.pager and sys.stdout.isatty():
        terminal.page(drawing)
    else:
        drawing(terminal.make_screen())


def show_record(name: str, *record: Any, data: Any, as_json: bool) -> None:
    """Print a record by the functions of that ``name`` in ``page`` and ``plain``; ``data`` is what is JSON of it."""
    if as_json:
        formats.write_json(data, sys.stdout)
    elif sys.stdout.isatty():
        from papersearch.output import page, terminal

        getattr(page, name)(*record, terminal.make_screen())
    else:
        from papersearch.output import plain

        text = getattr(plain, name)(*record)
        formats.write_text(text if text.endswith("\n") or not text else text + "\n", sys.stdout)
