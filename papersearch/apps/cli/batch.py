"""Questions by the thousand: one a line in, one JSON object a line out, in order, as they come."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from papersearch.apps.cli.query import answers
from papersearch.core.errors import UsageError
from papersearch.output import formats

if TYPE_CHECKING:
    from papersearch.library import Index

MOST_CHARACTERS = 65_536
"""Characters of a line that are read; the query language takes no more."""

_FORMATS = (None, "json", "jsonl")
_AHEAD = 64  # lines that each process may be ahead of what is printed


def run_batch(index: Index, values: dict[str, Any]) -> int:
    """Answer every line. The exit code is 2 if a line was a mistake, else 0 if anything was found, else 1."""
    if values.get("format") not in _FORMATS or values.get("template") is not None:
        raise UsageError("--batch prints JSON, one object a line", "leave out --format")
    jobs = values.get("jobs") or os.cpu_count() or 1
    lines = _lines(values["batch"])
    results = _parallel(index, lines, values, jobs) if jobs > 1 else _serial(index, lines, values)
    found = mistaken = False
    out = sys.stdout
    interactive = out.isatty() or values["batch"] == "-"
    for text, total, wrong in results:
        out.write(text + "\n")
        if interactive:
            out.flush()
        found |= total > 0
        mistaken |= wrong
    return 2 if mistaken else 0 if found else 1


def _lines(name: str) -> Iterator[str]:
    """The lines of a file or of standard input, without their ends. Bytes that are no UTF-8 become U+FFFD."""
    try:
        file = sys.stdin.buffer if name == "-" else open(name, "rb")  # noqa: SIM115
    except OSError as refused:
        raise UsageError(f"{name} cannot be read ({refused.strerror})", "name a file of queries, or -") from refused
    with file:
        for line in iter(lambda: file.readline(4 * MOST_CHARACTERS + 2), b""):
            yield line.decode("utf-8", "replace").rstrip("\r\n")


def _serial(index: Index, lines: Iterator[str], values: dict[str, Any]) -> Iterator[tuple[str, int, bool]]:
    for data in answers(index, lines, values):
        yield _printed(data)


def _printed(data: dict[str, Any]) -> tuple[str, int, bool]:
    return formats.json_text(data, sys.stdout), data.get("total", 0), "error" in data


_worker: tuple[Index, dict[str, Any]] | None = None


def _start(index: Index, values: dict[str, Any]) -> None:
    global _worker
    _worker = index, values


def _answer(line: str) -> tuple[str, int, bool]:
    assert _worker is not None
    index, values = _worker
    return _printed(next(answers(index, iter([line]), values)))


def _parallel(index: Index, lines: Iterator[str], values: dict[str, Any], jobs: int) -> Iterator[tuple[str, int, bool]]:
    """Answers from several processes, in order. They share the index's files in memory; each has its own caches."""
    import multiprocessing
    import threading

    room = threading.Semaphore(jobs * _AHEAD)

    def held_back() -> Iterator[str]:
        for line in lines:
            room.acquire()
            yield line

    context = multiprocessing.get_context("fork" if sys.platform.startswith("linux") else None)
    with context.Pool(jobs, _start, (index, values)) as pool:
        for result in pool.imap(_answer, held_back(), chunksize=1):
            room.release()
            yield result
