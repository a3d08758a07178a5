"""The program: a command line in, an exit code out, every error in one line."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from papersearch.core.errors import PapersearchError, QueryError, reported
from papersearch.output.streams import ReaderGone, prepare


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line of this process, and end it."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    prepare()
    sys.exit(_guarded(given))


def run() -> None:
    """Run the command line of this process as the whole program that it is.

    A process that only reads is over before collecting garbage pays, and taking the interpreter down would take it a
    tenth of its time: when everything is written it just ends. Whatever may need an order to end in (threads, other
    processes, what is registered for the end) has loaded one of the modules for that.
    """
    gc.set_threshold(100_000)
    prepare()
    code = _guarded(sys.argv[1:])
    if code > 128:  # stopped by a signal: another one would only disturb an orderly end
        os._exit(code)
    if sys.modules.keys().isdisjoint(("threading", "atexit")):
        os._exit(code)
    gc.freeze()  # or all that is left would be searched for garbage, some times over
    sys.exit(code)


def _guarded(given: list[str]) -> int:
    """The exit code of a command line, whatever happens on the way. Debugging shows more of an error, and changes
    neither what is said of it nor the code."""
    try:
        from papersearch.apps.cli.dispatch import main

        code = main(given)
        sys.stdout.flush()
        return code
    except ReaderGone:
        return 0
    except (Exception, KeyboardInterrupt) as error:
        if "--debug" in given or os.environ.get("PAPERSEARCH_DEBUG"):
            import traceback

            _flush()
            traceback.print_exc()
        return _told(error)


def _told(error: Exception | KeyboardInterrupt) -> int:
    """The exit code for an error, which is said on one line."""
    if isinstance(error, PapersearchError):
        _report(error)
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        _flush()
        return int(getattr(error, "exit_code", 130))
    _say(f"papersearch: {reported(error)}")
    return 3


def _report(error: PapersearchError) -> None:
    _say(f"papersearch: {error}")
    if isinstance(error, QueryError) and error.query:
        from papersearch.query.language import caret

        for line in caret(error.query, error.position).splitlines():
            sys.stderr.write(f"  {line}\n")


def _say(text: str) -> None:
    from papersearch.text.display import one_line

    _flush()
    sys.stderr.write(one_line(text) + "\n")


def _flush() -> None:
    """Write out what was printed before an error; that it cannot be is not what is to be said then."""
    with suppress(OSError):
        sys.stdout.flush()


if __name__ == "__main__":
    run()
