"""What is known of every file, in columns: the form in which a run holds a million of them, as the file table does."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import compress, count, islice, pairwise, repeat
from operator import ne, not_, sub
from typing import NamedTuple

from papersearch.core.strings import Columns, Strings

NOWHERE = 0xFFFFFFFF
TEXTS = ("paths", "ids", "posted")
TIMES = ("sizes", "times", "ctimes")
NUMBERS = ("segments", "documents", "versions", "runs")
DIGEST = 16
_PIECE = 64  # rows that must follow each other, on average, for pieces to be the quicker way (chosen)


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

    @property
    def is_indexed(self) -> bool:
        """Whether the file's post is in the index."""
        return self.segment != NOWHERE


class Rows(Columns[Row]):
    """Rows in columns: 150 bytes a file, a fifth of what they take as objects. ``texts``, ``times`` and ``numbers`` are
    the columns named above; ``reasons`` are (line, reason) of the few rows that have one, by number."""

    __slots__ = ("digests", "numbers", "reasons", "texts", "times")

    def __init__(
        self,
        texts: Sequence[Strings],
        times: Sequence[array[int]],
        digests: bytes,
        numbers: Sequence[array[int]],
        reasons: Mapping[int, tuple[int, str]],
    ) -> None:
        self.texts, self.times, self.digests = tuple(texts), tuple(times), digests
        self.numbers, self.reasons = tuple(numbers), reasons

    @staticmethod
    def of(rows: Iterable[Row]) -> Rows:
        """The rows, put into columns."""
        if isinstance(rows, Rows):
            return rows
        rows = [*rows]
        columns = zip(*rows, strict=True) if rows else ((),) * len(Row._fields)
        path, size, mtime, ctime, digest, segment, document, paper_id, version, posted, run, _, _ = columns
        ids, dates = ([each.replace("\0", "") for each in texts] for texts in (paper_id, posted))
        return Rows(
            [*map(Strings.of, (path, ids, dates))],
            [array("q", each) for each in (size, mtime, ctime)],
            b"".join(digest),
            [array("I", each) for each in (segment, document, [min(each, NOWHERE) for each in version], run)],
            {number: (row.line, row.reason) for number, row in enumerate(rows) if row.reason},
        )

    @staticmethod
    def joined(parts: Iterable[Rows]) -> Rows:
        """The rows of all parts, one part after the other."""
        parts = [part for part in parts if len(part)]
        if len(parts) == 1:
            return parts[0]
        reasons: dict[int, tuple[int, str]] = {}
        base = 0
        for part in parts:
            reasons |= {base + number: reason for number, reason in part.reasons.items()}
            base += len(part)
        return Rows(
            [Strings.joined(part.texts[place] for part in parts) for place in range(len(TEXTS))],
            [_joined("q", (part.times[place] for part in parts)) for place in range(len(TIMES))],
            b"".join([part.digests for part in parts]),
            [_joined("I", (part.numbers[place] for part in parts)) for place in range(len(NUMBERS))],
            reasons,
        )

    def taken(self, wanted: Sequence[int]) -> Rows:
        """The rows at these places, in this order. Where most places follow each other, whole pieces are taken."""
        spans = _spans(wanted)
        if spans == [(0, len(self))]:
            return self
        if len(spans) * _PIECE < len(wanted):
            return Rows.joined(self._between(*span) for span in spans)
        reasons = {}
        if self.reasons:
            reasons = {place: self.reasons[number] for place, number in enumerate(wanted) if number in self.reasons}
        digests = self.digests
        return Rows(
            [texts.taken(wanted) for texts in self.texts],
            [array("q", map(times.__getitem__, wanted)) for times in self.times],
            b"".join([digests[DIGEST * number : DIGEST * number + DIGEST] for number in wanted]),
            [array("I", map(numbers.__getitem__, wanted)) for numbers in self.numbers],
            reasons,
        )

    def _between(self, first: int, last: int) -> Rows:
        """The rows from ``first`` to before ``last``, at least one."""
        return Rows(
            [texts.between(first, last) for texts in self.texts],
            [times[first:last] for times in self.times],
            self.digests[DIGEST * first : DIGEST * last],
            [numbers[first:last] for numbers in self.numbers],
            {number - first: reason for number, reason in self.reasons.items() if first <= number < last},
        )

    def in_order(self) -> Rows:
        """The rows in the order of their paths."""
        paths = self.paths.list()
        return self.taken(sorted(range(len(paths)), key=paths.__getitem__))

    def placed(self, place: Callable[[int, int], tuple[int, int]], among: AbstractSet[int]) -> Rows:
        """The rows with other places: of files in the segments ``among``, segment and document are what ``place``
        gives for them."""
        _, _, *others = self.numbers
        segments, documents = self.segments[:], self.documents[:]
        for number in compress(count(), map(among.__contains__, self.segments)):
            segments[number], documents[number] = place(segments[number], documents[number])
        return Rows(self.texts, self.times, self.digests, [segments, documents, *others], self.reasons)

    @property
    def paths(self) -> Strings:
        return self.texts[0]

    @property
    def ids(self) -> Strings:
        return self.texts[1]

    @property
    def segments(self) -> array[int]:
        return self.numbers[0]

    @property
    def documents(self) -> array[int]:
        return self.numbers[1]

    @property
    def indexed(self) -> int:
        """How many of the files are indexed."""
        return len(self) - self.segments.count(NOWHERE)

    def with_reason(self) -> list[Row]:
        """The rows of files that were skipped, or indexed only in part."""
        return [self[number] for number in self.reasons]

    def without_text(self) -> list[Row]:
        """The rows of files that are no posts, or empty."""
        empty = [self[number] for number in compress(count(), map(not_, self.times[0]))] if 0 in self.times[0] else []
        return [*empty, *(row for row in self.with_reason() if row.size and not row.is_indexed)]

    def by_path(self) -> Callable[[str], Row | None]:
        """What finds the row of a path."""
        places = dict(zip(self.paths.list(), count()))

        def find(path: str) -> Row | None:
            place = places.get(path)
            return None if place is None else self[place]

        return find

    def __len__(self) -> int:
        return len(self.segments)

    def record(self, number: int) -> Row:
        """The row of a file."""
        path, paper_id, posted = (texts[number] for texts in self.texts)
        size, mtime, ctime = (times[number] for times in self.times)
        segment, document, version, run = (numbers[number] for numbers in self.numbers)
        digest = self.digests[DIGEST * number : DIGEST * number + DIGEST]
        line, reason = self.reasons.get(number, (0, ""))
        return Row(path, size, mtime, ctime, digest, segment, document, paper_id, version, posted, run, line, reason)

    def __iter__(self) -> Iterator[Row]:
        paths, ids, posted = self.texts
        segments, documents, versions, runs = self.numbers
        digests = (self.digests[start : start + DIGEST] for start in range(0, len(self.digests), DIGEST))
        columns = (paths, *self.times, digests, segments, documents, ids, versions, posted, runs)
        for number, told in enumerate(zip(*columns, strict=True)):
            yield Row._make((*told, *self.reasons.get(number, (0, ""))))


def _spans(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """(first, last + 1) of each run of numbers that follow each other."""
    steps = map(sub, islice(numbers, 1, None), numbers)
    ends = [*compress(count(1), map(ne, steps, repeat(1))), len(numbers)]
    return [(numbers[start], numbers[end - 1] + 1) for start, end in pairwise([0, *ends])] if numbers else []


def _joined(kind: str, parts: Iterable[array[int]]) -> array[int]:
    whole = array(kind)
    for part in parts:
        whole += part
    return whole
