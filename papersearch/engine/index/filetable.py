"""What is known of every file of the corpus: a row a file, committed together with the documents themselves.

A container with these sections, R rows in each, ordered by path:

    paths, ids, posted   texts, separated by a zero byte (R of them; a file name cannot hold one)
    sizes, times, ctimes <q>*R     bytes; nanoseconds of last change of content, and of the file's node
    digests              16 bytes * R     blake2b of the content
    segments, documents  <I>*R     where the post is: segment by position in the manifest (NOWHERE: not indexed)
    versions, runs       <I>*R     the post's version (0: none); the run that first saw it
    reasons              JSON {row: [line, reason]} for files that were skipped, or indexed only in part
    state                JSON {"folders", "exclude", "run"} as in the manifest, which this outlives
"""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple

from papersearch.engine.index.container import Container, SectionWriter
from papersearch.engine.index.folder import MARK, home_of, kept
from papersearch.engine.index.generation import Generation, table_name
from papersearch.posts.scan import FileState

NOWHERE = 0xFFFFFFFF
_TEXTS = ("paths", "ids", "posted")
# Bytes of a row in each section of numbers.
_WIDTHS = {"sizes": 8, "times": 8, "ctimes": 8, "digests": 16, "segments": 4, "documents": 4, "versions": 4, "runs": 4}


class Row(NamedTuple):
    """What is known of one file; it begins as its ``FileState`` does. ``segment`` is a segment's position; ``reason``
    says why a file, or a part of it, was skipped."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    digest: bytes
    segment: int = NOWHERE
    document: int = 0
    paper_id: str = ""
    version: int = 0
    posted: str = ""
    run: int = 0
    line: int = 0
    reason: str = ""


def write_table(rows: Iterable[Row], file: BinaryIO, home: str = "", state: Mapping[str, Any] | None = None) -> int:
    """Write a table; rows are sorted by path here, and paths below ``home`` kept relative. Returns its checksum."""
    ordered = sorted(rows)
    sections = SectionWriter(file)
    for name, texts in (
        ("paths", [kept(row.path, home) for row in ordered]),
        ("ids", [row.paper_id.replace("\0", "") for row in ordered]),
        ("posted", [row.posted.replace("\0", "") for row in ordered]),
    ):
        sections.add(name, "\0".join(texts).encode("utf-8", "surrogateescape"))
    sections.add("sizes", array("q", [row.size for row in ordered]).tobytes())
    sections.add("times", array("q", [row.mtime_ns for row in ordered]).tobytes())
    sections.add("ctimes", array("q", [row.ctime_ns for row in ordered]).tobytes())
    sections.add("digests", b"".join(row.digest for row in ordered))
    for name, numbers in (
        ("segments", [row.segment for row in ordered]),
        ("documents", [row.document for row in ordered]),
        ("versions", [min(row.version, NOWHERE) for row in ordered]),
        ("runs", [row.run for row in ordered]),
    ):
        sections.add(name, array("I", numbers).tobytes())
    reasons = {number: [row.line, row.reason] for number, row in enumerate(ordered) if row.reason}
    sections.add("reasons", json.dumps(reasons).encode())
    sections.add("state", json.dumps(state or {}).encode())
    sections.finish()
    return sections.checksum


class Table:
    """A table opened for reading. What a run with nothing to do needs is read at once, the rest when asked for."""

    def __init__(self, path: str, checksum: int | None = None) -> None:
        """Raise ``DamagedIndexError`` if the file is not whole, or not the one with that ``checksum``: that of another
        state, put in its place, is whole and yet says where no document is."""
        self._container = Container(path)
        self._home = home_of(os.path.dirname(path))
        if checksum not in (None, self._container.checksum):
            raise self._container.damaged("it is that of another state")
        self.count = len(self._container.view("sizes")) // 8
        for name, width in _WIDTHS.items():
            if len(self._container.view(name)) != width * self.count:
                raise self._container.damaged(f"its section {name} is of another length")

    def _texts(self, name: str) -> list[str]:
        texts = bytes(self._container.verified(name)).decode("utf-8", "surrogateescape").split("\0")
        return texts if self.count else []

    def states(self) -> Iterator[tuple[str, int, int, int]]:
        """(path, size, mtime_ns, ctime_ns) of each file, in the order of their paths."""
        columns = (self._container.verified(name).cast("q") for name in ("sizes", "times", "ctimes"))
        return zip(self.paths(), *columns, strict=True)

    def is_of(self, paths: Sequence[str], *numbers: Sequence[int]) -> bool:
        """Whether this is the table of just these files: their paths in order, sizes, mtime_ns and ctime_ns. A third of
        what going through ``states`` costs."""
        known = (bytes(self._container.verified(name)) for name in ("sizes", "times", "ctimes"))
        return list(paths) == self.paths() and [array("q", each).tobytes() for each in numbers] == list(known)

    def reasons(self) -> dict[int, tuple[int, str]]:
        """(line, reason) of skipped files, by row number."""
        try:
            loaded = json.loads(bytes(self._container.verified("reasons")))
            reasons = {int(number): (int(line), str(reason)) for number, (line, reason) in loaded.items()}
        except (AttributeError, TypeError, ValueError, RecursionError) as wrong:
            raise self._container.damaged("its reasons are none") from wrong
        if not all(0 <= number < self.count for number in reasons):
            raise self._container.damaged("its reasons are of other files")
        return reasons

    def state(self) -> Any:
        """What the table says of the whole state."""
        return json.loads(bytes(self._container.verified("state")))

    def indexed(self) -> list[bool]:
        """Whether each file is indexed, in order."""
        return [segment != NOWHERE for segment in self._container.verified("segments").cast("I")]

    def paths(self) -> list[str]:
        """All paths, in order."""
        home = self._home
        return [home + path[2:] if path[:2] == MARK else path for path in self._texts("paths")]

    def rows(self) -> list[Row]:
        """All rows, in order."""
        verified = self._container.verified
        digests = bytes(verified("digests"))
        reasons = self.reasons()
        rows = [
            Row(path, size, mtime, ctime, digest, segment, document, paper_id, version, posted, run)
            for path, size, mtime, ctime, digest, segment, document, paper_id, version, posted, run in zip(
                self.paths(),
                *(verified(name).cast("q") for name in ("sizes", "times", "ctimes")),
                [digests[i : i + 16] for i in range(0, len(digests), 16)],
                *(verified(name).cast("I") for name in ("segments", "documents")),
                self._texts("ids"),
                verified("versions").cast("I"),
                self._texts("posted"),
                verified("runs").cast("I"),
                strict=True,
            )
        ]
        for number, (line, reason) in reasons.items():
            rows[number] = rows[number]._replace(line=line, reason=reason)
        return rows

    def verify(self) -> None:
        """Read everything; raise ``DamagedIndexError`` where a checksum is wrong, or rows do not fit each other."""
        self._container.verify()
        self.reasons()
        for name in _TEXTS:
            if bytes(self._container.view(name)).count(0) != max(0, self.count - 1):
                raise self._container.damaged(f"its section {name} has other rows")


def table_of(folder: str, generation: Generation) -> Table:
    """The table that belongs to a generation. Raises ``DamagedIndexError`` if it is not there."""
    return Table(os.path.join(folder, table_name(generation.number)), generation.table_checksum)


def count_stale(states: Iterable[FileState], table: Table) -> int:
    """How many files are new, changed or gone, by size and time alone."""
    known = {path: (size, mtime) for path, size, mtime, _ in table.states()}
    here = {state.path: (state.size, state.mtime_ns) for state in states}
    differ = sum(known.get(path) != state for path, state in here.items())
    return differ + len(known.keys() - here.keys())
