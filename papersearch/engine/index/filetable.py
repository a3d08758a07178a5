"""What is known of every file of the corpus: one row for each, committed together with the documents themselves.

A container with these sections, R rows in each, ordered by path:

    paths, ids, posted   texts, separated by a zero byte (R of them; a file name cannot hold one)
    sizes, times, ctimes <q>*R     bytes; nanoseconds of last change of content, and of the file's node
    digests              16 bytes * R     blake2b of the content
    segments, documents  <I>*R     where the post is: segment by position in the manifest (NOWHERE: not indexed)
    versions, runs       <I>*R     the post's version (0: none); the run that first saw it
    reasons              JSON {row: [line, reason]} for files that were skipped, or indexed only in part
    state                JSON {"folders", "exclude", "run"} as in the manifest, which this outlives, and "unread": what
                         was told of files that could not be read, which have no row

A format that lays a section out in another way must name it otherwise: a table of another format is still read for what
it tells of files when an index is built anew (see ``remembered``).
"""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from papersearch.core.strings import Strings
from papersearch.engine.index.container import Container, SectionWriter
from papersearch.engine.index.generation import Generation, table_name
from papersearch.engine.index.paths import MARK, home_of
from papersearch.engine.index.rows import DIGEST, NOWHERE, NUMBERS, TEXTS, TIMES, Rows
from papersearch.posts.states import States

# Bytes of a row in each section of numbers.
_WIDTHS = dict.fromkeys(TIMES, 8) | {"digests": DIGEST} | dict.fromkeys(NUMBERS, 4)


def write_table(rows: Rows, file: BinaryIO, home: str = "", state: Mapping[str, Any] | None = None) -> int:
    """Write a table; rows are sorted by path here, and paths below ``home`` kept relative. Returns its checksum."""
    ordered = rows.in_order()
    sections = SectionWriter(file)
    paths, *texts = (each.data for each in ordered.texts)
    for name, text in zip(TEXTS, (_stored_paths(paths, home), *texts), strict=True):
        sections.add(name, text)
    for name, numbers in zip(TIMES, ordered.times, strict=True):
        sections.add(name, numbers.tobytes())
    sections.add("digests", ordered.digests)
    for name, numbers in zip(NUMBERS, ordered.numbers, strict=True):
        sections.add(name, numbers.tobytes())
    sections.add("reasons", json.dumps(dict(sorted(ordered.reasons.items()))).encode())
    sections.add("state", json.dumps(state or {}).encode())
    sections.finish()
    return sections.checksum


def _stored_paths(paths: bytes, home: str) -> bytes:
    """Paths in one piece as ``paths.stored_path`` stores each."""
    return _with_starts(paths, home, MARK) if home else paths


def _with_starts(paths: bytes, old: str, new: str) -> bytes:
    """Paths in one piece, of which those that start with ``old`` start with ``new``."""
    before, after = (f"\0{start}".encode("utf-8", "surrogateescape") for start in (old, new))
    return (b"\0" + paths).replace(before, after)[1:]


class Table:
    """A table opened for reading. What a run with nothing to do needs is read at once, the rest when asked for."""

    def __init__(self, path: str, checksum: int | None = None, any_format: bool = False) -> None:
        """Raise ``DamagedIndexError`` if the file is not whole, or not the one with that ``checksum``: that of another
        state, put in its place, is whole and yet says where no document is. One of ``any_format`` has these sections,
        or is refused."""
        self._container = Container(path, any_format)
        self._home = home_of(os.path.dirname(path))
        if checksum not in (None, self._container.checksum):
            raise self._container.damaged("it is that of another state")
        self.count = len(self._container.view("sizes")) // 8
        for name, width in _WIDTHS.items():
            if len(self._container.view(name)) != width * self.count:
                raise self._container.damaged(f"its section {name} is of another length")

    def _texts(self, name: str) -> Strings:
        data = bytes(self._container.verified(name))
        if data.count(0) != max(0, self.count - 1):
            raise self._container.damaged(f"its section {name} has other rows")
        return Strings(data, self.count)

    def _numbers(self, name: str, kind: str) -> array[int]:
        return array(kind, bytes(self._container.verified(name)))

    def states(self) -> Iterator[tuple[str, int, int, int]]:
        """(path, size, mtime_ns, ctime_ns) of each file, in the order of their paths."""
        columns = (self._container.verified(name).cast("q") for name in TIMES)
        return zip(self.paths(), *columns, strict=True)

    def is_of(self, states: States) -> bool:
        """Whether this is the table of just these files, which are in order. A twentieth of what going through
        ``states`` costs."""
        known = (bytes(self._container.verified(name)) for name in TIMES)
        return states.paths == self.paths() and [each.tobytes() for each in states.numbers()] == list(known)

    def reasons(self) -> dict[int, tuple[int, str]]:
        """(line, reason) of skipped files, by row number."""
        try:
            loaded = json.loads(bytes(self._container.verified("reasons")))
            reasons = {int(number): (int(line), str(reason)) for number, (line, reason) in loaded.items()}
        except (AttributeError, TypeError, ValueError, RecursionError) as wrong:
            raise self._container.damaged("its reasons do not parse") from wrong
        if not all(0 <= number < self.count for number in reasons):
            raise self._container.damaged("its reasons are of other files")
        return reasons

    def state(self) -> Any:
        """What the table says of the whole state."""
        return json.loads(bytes(self._container.verified("state")))

    def unread(self) -> tuple[str, ...]:
        """What was told of files that could not be read (see ``build.problems``)."""
        try:
            told = self.state().get("unread", [])
        except (AttributeError, ValueError, RecursionError):
            told = []
        return tuple(each for each in told if isinstance(each, str)) if isinstance(told, list) else ()

    def indexed(self) -> list[bool]:
        """Whether each file is indexed, in order."""
        return [segment != NOWHERE for segment in self._container.verified("segments").cast("I")]

    def paths(self) -> Strings:
        """All paths, in order."""
        paths = self._texts("paths")
        return Strings(_with_starts(paths.data, MARK, self._home), len(paths))

    def rows(self) -> Rows:
        """All rows, in order."""
        return Rows(
            [self.paths(), *map(self._texts, TEXTS[1:])],
            [self._numbers(name, "q") for name in TIMES],
            bytes(self._container.verified("digests")),
            [self._numbers(name, "I") for name in NUMBERS],
            self.reasons(),
        )

    def verify(self) -> None:
        """Read everything; raise ``DamagedIndexError`` where a checksum is wrong, or rows do not fit each other."""
        self._container.verify()
        self.reasons()
        for name in TEXTS:
            self._texts(name)


def table_of(folder: str, generation: Generation) -> Table:
    """The table that belongs to a generation. Raises ``DamagedIndexError`` if it is not there."""
    return Table(os.path.join(folder, table_name(generation.number)), generation.table_checksum)
