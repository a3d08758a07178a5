"""The program: a command line in, an exit code out, every error in one line."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from papersearch.core.errors import PapersearchError, QueryError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.apps.cli.flags import Command


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line of this process, and end it."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    _prepare_streams()
    sys.exit(_guarded(given))


def run() -> None:
    """Run the command line of this process as the whole program that it is.

    A process that only reads is over before collecting garbage pays, and taking the interpreter down would take it a
    tenth of its time: when everything is written it just ends. Whatever may need an order to end in (threads, other
    processes, what is registered for the end) has loaded one of the modules for that.
    """
    gc.set_threshold(100_000)
    _prepare_streams()
    code = _guarded(sys.argv[1:])
    if code > 128:  # stopped by a signal: another one would only disturb an orderly end
        _flush()
        os._exit(code)
    if sys.modules.keys().isdisjoint(("threading", "atexit")):
        _flush()
        os._exit(code)
    sys.exit(code)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # what could not be written was said, or is closed
            stream.flush()


def _prepare_streams() -> None:
    """What cannot be encoded is escaped and never an error; the names of files keep their bytes."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _guarded(given: list[str]) -> int:
    """The exit code of a command line, whatever happens on the way."""
    debug = "--debug" in given or bool(os.environ.get("PAPERSEARCH_DEBUG"))
    try:
        code = _dispatch(given)
        sys.stdout.flush()
        return code
    except PapersearchError as error:
        if debug:
            raise
        _report(error)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has had enough. Python would complain at exit when it flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt as stopped:
        if debug:
            raise
        return int(getattr(stopped, "exit_code", 130))
    except OSError as error:
        if debug:
            raise
        place = f" ({error.filename})" if error.filename else ""
        _say(f"papersearch: {error.strerror or error}{place}: --debug shows where")
        return 3
    except Exception as error:
        if debug:
            raise
        what = f"{type(error).__name__}: {error}"
        _say(f"papersearch: an error that should not be ({what}): please report it; --debug shows where")
        return 3


def _report(error: PapersearchError) -> None:
    _say(f"papersearch: {error}")
    if isinstance(error, QueryError) and error.query:
        from papersearch.query.language import caret

        for line in caret(error.query, error.position).splitlines():
            sys.stderr.write(f"  {line}\n")


def _say(text: str) -> None:
    from papersearch.text.display import one_line

    sys.stdout.flush()
    sys.stderr.write(one_line(text) + "\n")


def _dispatch(given: list[str]) -> int:
    if "_PAPERSEARCH_COMPLETE" not in os.environ:
        if given and given[0] in ("--version", "-V"):
            from papersearch import __version__

            sys.stdout.write(f"papersearch {__version__}\n")
            return 0
        from papersearch.apps.cli.flags import BY_NAME

        given = _with_command(given, tuple(BY_NAME))
        command = BY_NAME.get(given[0])
        if command is not None:
            from papersearch.apps.cli import parse

            parsed = parse.parse(given[1:], command)
            if parsed is not None:
                from papersearch.apps.cli.dispatch import run

                return run(command.name, *parsed)
            given = [command.name, *_protect_negated(given[1:], command)]
    from papersearch.apps.cli.help import main as typed

    return typed(given)


def _with_command(given: list[str], names: Sequence[str]) -> list[str]:
    """The arguments with ``query`` before them where there is no command: ``papersearch "mixture of experts"``."""
    first = given[0] if given else "help"
    if first == "help" and all(argument in names for argument in given[1:]):
        return [*given[1:2], "--help"]
    if first in names or first in ("-h", "--help") or first.startswith(("--install-", "--show-")):
        return given
    if near := _mistyped(first, len(given) > 1, names):
        from papersearch.core.errors import UsageError

        raise UsageError(
            f"there is no command {first!r}", f"did you mean {near!r}? To search for it: papersearch query {first}"
        )
    return ["query", *given]


# Words that a query may begin with, and no slips of the pen.
_WORDS = frozenset(("facts", "faces", "scheme", "schemes", "stars", "start", "state"))


def _mistyped(word: str, more: bool, names: Sequence[str]) -> str | None:
    """The command that a word is a slip of the pen for, if it is nearly one; ``more`` words may make it a query."""
    if not (word.isascii() and word.isalpha()) or (more and word in _WORDS):
        return None
    alike = [name for name in names if name[0] == word[0] and abs(len(name) - len(word)) <= 1]
    if not alike:
        return None
    from difflib import get_close_matches

    near = get_close_matches(word, names, 1, 0.75)
    return near[0] if near and near[0] in alike else None


def _protect_negated(given: list[str], command: Command) -> list[str]:
    """Words such as ``-video`` moved behind ``--``, where Typer takes them as they are."""
    from papersearch.apps.cli.parse import is_negated_word

    end = given.index("--") if "--" in given else len(given)
    words = [argument for argument in given[:end] if is_negated_word(argument, command)]
    if not words:
        return given
    kept = [argument for argument in given[:end] if not is_negated_word(argument, command)]
    return [*kept, "--", *words, *given[end + 1 :]]


if __name__ == "__main__":
    run()
