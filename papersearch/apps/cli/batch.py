"""Questions by the thousand: one a line in, one JSON object a line out, in order, as they come."""

from __future__ import annotations

import os
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import TextIOWrapper

from papersearch.apps.cli.lines import Line, Newest, answered
from papersearch.apps.cli.requests import request_of
from papersearch.core.cores import available_cores
from papersearch.core.errors import PapersearchError, UsageError
from papersearch.core.frozen import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import AnyStr

    from papersearch.apps.cli.arguments import Arguments
    from papersearch.core.records import Answer, Request
    from papersearch.library import Index

MOST_CHARACTERS = 65_536
"""Characters of a line that are read; the query language takes no more."""

_LONG = 10_000  # bytes of queries that pay for more processes (chosen: a hundred sentences)
_FORMATS = (None, "json", "jsonl")
_MOST_BYTES = 4 * MOST_CHARACTERS + 2  # of a line: so many characters in UTF-8, and its end


def run_batch(index: Index, arguments: Arguments) -> int:
    """Answer every line. The exit code is 2 if a line was a mistake, else 0 if anything was found, else 1. What is no
    line's fault, such as a damaged index, is raised after the last line: the first of it."""
    if arguments.format not in _FORMATS or arguments.template is not None:
        other = "--format" if arguments.template is None else "--template"
        raise UsageError("--batch prints JSON, one object a line", f"leave out {other}")
    batch = arguments.batch or "-"
    lines = _lines(batch)
    request = replace(request_of("", arguments), syntax=bool(arguments.syntax))
    _check_options(index, request)
    search = Newest(index).search if batch == "-" else index.search  # a file is answered from one state
    long = _is_long(batch)
    jobs = 0 if long and "jobs" not in arguments.given else arguments.jobs
    found = mistaken = False
    wrong = ""
    out = sys.stdout
    interactive = out.isatty() or batch == "-"
    for line in _answered(search, lines, request, jobs or available_cores(), long):
        out.write(line.text + "\n")
        if interactive:
            out.flush()
        found |= line.total > 0
        mistaken |= line.code == UsageError.exit_code
        if line.code > UsageError.exit_code:
            wrong = wrong or line.wrong
    if wrong:
        raise PapersearchError(wrong)
    return 2 if mistaken else 0 if found else 1


def _answered(
    search: Callable[[Request], Answer], lines: Iterator[str], request: Request, jobs: int, long: bool
) -> Iterator[Line]:
    """The answers to all lines, by so many processes; a ``long`` batch is worth loading numpy, once for all of them."""
    if jobs == 1:
        return answered(search, lines, request)
    from papersearch.apps.cli.parallel import answered_side_by_side

    if long:
        with suppress(MemoryError):
            import papersearch.core.numeric  # noqa: F401
    return answered_side_by_side(search, lines, request, jobs)


def _check_options(index: Index, request: Request) -> None:
    """Raise ``UsageError`` if the options are a mistake, which is no line's. What else is wrong each line will say."""
    try:
        index.search(replace(request, query="", limit=0))
    except UsageError:
        raise
    except Exception:
        return


def _is_long(name: str) -> bool:
    """Whether a file holds so many queries that all cores are worth their start, and loading numpy."""
    with suppress(OSError):
        return name != "-" and os.path.getsize(name) > _LONG
    return False


def _lines(name: str) -> Iterator[str]:
    """The lines of a file or of standard input, without their ends; of one that is longer than any query may be, its
    beginning. They are in UTF-8, or in UTF-16 behind its byte order mark, as PowerShell writes a file; bytes that are
    neither become U+FFFD. A byte order mark is no part of a query."""
    try:
        file = open(sys.stdin.fileno() if name == "-" else name, "rb", closefd=name != "-")  # noqa: SIM115
    except OSError as refused:
        raise UsageError(f"{name} cannot be read ({refused.strerror})", "name a file of queries, or -") from refused
    with file:
        if file.peek(2)[:2] in (BOM_UTF16_LE, BOM_UTF16_BE):
            with TextIOWrapper(file, "utf-16", "replace", newline="\n") as text:
                lines = _beginnings(text.readline, "\n")
                yield from (line.rstrip("\r\n") for line in lines)
        else:
            for raw in _beginnings(file.readline, b"\n"):
                yield raw.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r\n")


def _beginnings(readline: Callable[[int], AnyStr], end: AnyStr) -> Iterator[AnyStr]:
    """Lines as they come in; of one that is longer than any query may be, its beginning."""
    while line := readline(_MOST_BYTES):
        rest = line
        while rest and not rest.endswith(end):
            rest = readline(_MOST_BYTES)
        yield line
