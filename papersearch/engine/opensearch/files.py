"""What is known of the files of the corpus, kept in the cluster so that any machine can go on where another stopped.

Rows are divided into *buckets* by their paths, one document each, so that a run writes a few of them and a run that was
cut short left whole ones. A bucket is written after its papers: what it says is in the index.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from zlib import crc32

from papersearch.engine.build.changes import Changes
from papersearch.engine.build.tasks import Task
from papersearch.engine.index.rows import NOWHERE, Row
from papersearch.engine.opensearch.connection import Connection
from papersearch.engine.opensearch.documents import document_key

_LEAST, _MOST, _FILES_EACH = 64, 16_384, 128  # chosen: a bucket is some 20 kB
_AT_ONCE = 500  # buckets that one request fetches (chosen: some 10 MB)


def buckets_for(files: int) -> int:
    """How many buckets to divide so many files into."""
    return max(_LEAST, min(_MOST, files // _FILES_EACH))


def _bucket_of(path: str, buckets: int) -> int:
    """The bucket of a path."""
    return crc32(path.encode("utf-8", "surrogateescape")) % buckets


def bucket_key(number: int) -> str:
    """The id of a bucket's document."""
    return document_key("files", str(number))


def bucket_document(rows: Iterable[Row]) -> str:
    """A bucket as JSON."""
    data = [[*row[:4], row.digest.hex(), int(row.is_indexed), *row[7:]] for row in rows]
    # Paths need not be text: the inner JSON has escapes for what UTF-8 has no form for.
    return json.dumps({"kind": "files", "key": "files", "data": json.dumps(data, separators=(",", ":"))})


def load_rows(connection: Connection, index: str, buckets: int) -> list[Row]:
    """All rows, in no order; about 10 µs each."""
    rows: list[Row] = []
    for start in range(0, buckets, _AT_ONCE):
        keys = [bucket_key(number) for number in range(start, min(buckets, start + _AT_ONCE))]
        found = connection.call(
            "POST", f"/{index}.words/_mget", {"ids": keys}, "docs", filter_path="docs._source.data,docs.error"
        )
        for document in found.get("docs", ()):
            if "error" in document:
                raise connection.incomplete(document["error"])
            if "_source" in document:
                rows += _rows(json.loads(document["_source"]["data"]))
    return rows


def _rows(data: Sequence[Sequence[object]]) -> Iterable[Row]:
    for path, size, mtime, ctime, digest, indexed, *rest in data:
        yield Row(path, size, mtime, ctime, bytes.fromhex(str(digest)), 0 if indexed else NOWHERE, 0, *rest)  # type: ignore[arg-type]


class BucketTable:
    """The rows of a run: those of the state before it, and those that it reads, by bucket.

    A bucket is *complete* when all of its files that are to be read have been. Rows of files that are gone stay in it
    until the ``rest`` is written, when their papers have been seen to.
    """

    def __init__(self, buckets: int, before: Iterable[Row], changes: Changes) -> None:
        self._buckets = buckets
        self._rows: dict[int, dict[str, Row]] = defaultdict(dict)
        for row in changes.kept:
            self._rows[self._of(row.path)][row.path] = row
        lost = [*changes.removed, *changes.moved.values()]
        known = {row.path: row for row in before}
        self._lost: dict[int, list[Row]] = defaultdict(list)
        for row in lost:
            self._lost[self._of(row.path)].append(row)
        touched = (row for row in changes.kept if known.get(row.path) != row)
        self._rest = {self._of(row.path) for row in (*lost, *touched)}
        self._left = Counter(self._of(task.state.path) for task in changes.tasks)
        self._ready: set[int] = set()

    def _of(self, path: str) -> int:
        return _bucket_of(path, self._buckets)

    def place(self, task: Task) -> tuple[int, str]:
        """The order in which files are read, so that one bucket is complete after the other."""
        return self._of(task.state.path), task.state.path

    def add(self, tasks: Sequence[Task], rows: Iterable[Row]) -> None:
        """Take in what was read of some files; there may be nothing of one that vanished."""
        for row in rows:
            self._rows[self._of(row.path)][row.path] = row
        for task in tasks:
            number = self._of(task.state.path)
            self._left[number] -= 1
            if not self._left[number]:
                self._ready.add(number)

    @property
    def ready(self) -> int:
        """How many buckets are complete and not yet given."""
        return len(self._ready)

    def complete(self) -> dict[int, list[Row]]:
        """The complete buckets that were not given before."""
        found = {number: [*self._rows[number].values(), *self._lost[number]] for number in self._ready}
        self._ready.clear()
        return found

    def rest(self) -> dict[int, list[Row]]:
        """The buckets that hold more or other rows than they should, as they should be."""
        return {number: list(self._rows[number].values()) for number in self._rest}

    def rows(self) -> list[Row]:
        """All rows of the next state."""
        return [row for rows in self._rows.values() for row in rows.values()]
