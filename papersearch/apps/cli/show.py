"""One record on standard output: as JSON, drawn on a terminal, or as plain text in a pipe."""

from __future__ import annotations

import os
import sys

from papersearch.output import formats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from papersearch.apps.cli.arguments import Arguments


def drawn(arguments: Arguments) -> bool:
    """Whether what is shown is drawn for people. Sets what decides on colours to what ``--color`` says."""
    if arguments.color == "never":
        os.environ.update(NO_COLOR="1")
    elif arguments.color == "always":
        os.environ.pop("NO_COLOR", None)
        os.environ.update(FORCE_COLOR="1")
    return arguments.color == "always" or sys.stdout.isatty()


def show_record(name: str, *record: Any, data: Any, as_json: bool) -> None:
    """Print a record by the functions of that ``name`` in ``page`` and ``plain``; ``data`` is what is JSON of it.

    Rich is loaded for a terminal alone.
    """
    if as_json:
        formats.write_json(data, sys.stdout)
    elif sys.stdout.isatty():
        from papersearch.output import page

        getattr(page, name)(*record)
    else:
        from papersearch.output import plain

        text = getattr(plain, name)(*record)
        formats.write_text(text if text.endswith("\n") or not text else text + "\n", sys.stdout)
