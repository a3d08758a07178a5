"""How many of some papers have each tag, author, year or month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from papersearch.core.fields import AUTHOR, TAG, TIMES
from papersearch.engine.index.bits import common_to_each, docs_of
from papersearch.engine.index.reader import IndexReader, OpenSegment
from papersearch.text.folding import value_keys

# Up to so many papers their stored facts are read, and of so many in all while an index is open; beyond, going through
# all values of the field is cheaper: that takes as long as reading the facts of the latter (measured at 87,288).
FEW = 2_000
PATIENCE = 10_000


def count_facets(by: str, reader: IndexReader, matching: Sequence[int], few: int = FEW) -> Counter[str]:
    """Counts by value; ``matching`` is a bit set for each segment; ``few`` changes nothing but the cost."""
    counts: Counter[str] = Counter()
    for segment, bits in zip(reader.segments, matching, strict=True):
        if by in TIMES:
            counts.update(_by_date(segment, bits, 4 if by == "year" else 7))
        else:
            counts.update(_by_value(segment, bits, TAG if by == "tag" else AUTHOR, few))
    return counts


def as_one_value(counts: dict[str, int], keys: Mapping[str, str] | None = None) -> dict[str, int]:
    """Counts with those as one whose values are the same, in the spelling that most papers have; ``keys``, if they are
    known, are those of all values that are the same as another."""
    keys = _shared_keys([*counts]) if keys is None else keys
    several = [(-papers, value, key) for value, key in keys.items() if (papers := counts.get(value))]
    together = dict(counts) if several else counts
    spellings: dict[str, str] = {}
    for _, value, key in sorted(several):  # the spelling of most papers first
        spelling = spellings.setdefault(key, value)
        if value != spelling:
            together[spelling] += together.pop(value)
    return together


def as_one_of_many(counts: dict[str, int], by: str, reader: IndexReader) -> dict[str, int]:
    """As ``as_one_value``: the keys of many values, which take most of the time, are remembered."""
    many = by not in TIMES and len(counts) > FEW
    return as_one_value(counts, reader.cached(_known_keys, TAG if by == "tag" else AUTHOR) if many else None)


def _known_keys(reader: IndexReader, field: str) -> dict[str, str]:
    values = dict.fromkeys(value for each in reader.segments for value in each.cached(_all_values, field, kind="large"))
    return _shared_keys([*values])


def _shared_keys(values: Sequence[str]) -> dict[str, str]:
    """The keys of those of some values that are the same as another."""
    keys = value_keys(values)
    shared = {key for key, number in Counter(keys).items() if number > 1}
    return {value: key for value, key in zip(values, keys, strict=True) if key in shared}


def _by_date(segment: OpenSegment, bits: int, length: int) -> Counter[str]:
    """Counts by as much of the ISO date as is asked for."""
    import datetime

    published = segment.documents.column("published")
    counts: Counter[str] = Counter()
    for day, count in Counter(map(published.__getitem__, docs_of(bits))).items():
        if day:
            counts[datetime.date.fromordinal(day).isoformat()[:length]] += count
    return counts


def _by_value(segment: OpenSegment, bits: int, field: str, few: int) -> Mapping[str, int]:
    """Counts by tag or author."""
    number, values = bits.bit_count(), segment.cached(_Values, field, kind="large")
    if number <= few and values.read + number <= PATIENCE:
        values.read += number
        return _stored_values(segment, bits, field)
    rest = ((1 << segment.count) - 1) & ~bits
    if rest.bit_count() <= few:  # as the dictionary has them, but for a few
        everything = segment.cached(_all_values, field, kind="large")
        if not rest:
            return everything
        counts = Counter(everything)
        for value, documents in _stored_values(segment, rest, field).items():
            counts[value] -= documents
            if not counts[value]:
                del counts[value]
        return counts
    return values.counts(bits)


class _Values:
    """The values of a field with their documents. ``read`` counts those whose stored facts were read instead."""

    def __init__(self, segment: OpenSegment, field: str) -> None:
        self._segment, self._field = segment, field
        self.read = 0

    @cached_property
    def _documents(self) -> tuple[list[str], list[int], memoryview]:
        """All values, how many documents have each, and which, one value after the other. Costs 5 µs a value,
        and 4 bytes each time that a document has one."""
        names, sizes, rows = [], [], []
        # Most values stand in a paper or two. What is remembered of words is not to be forgotten for all of them.
        for term, entry in self._segment.prefixed("", self._field):
            names.append(term.partition("\0")[2])
            sizes.append(entry.frequency)
            rows.append(self._segment.terms.postings(entry).docs)
        return names, sizes, memoryview(b"".join(rows)).cast("I")

    def counts(self, bits: int) -> Counter[str]:
        """How many documents of a bit set have each value. Costs 5 ns each time that any document has one,
        ten times that without arrays."""
        names, sizes, docs = self._documents
        counts: Counter[str] = Counter()
        for number, count in common_to_each(docs, sizes, bits, self._segment.count):
            counts[names[number]] += count
        return counts


def _all_values(segment: OpenSegment, field: str) -> dict[str, int]:
    """How many documents have each tag or author, dead ones included."""
    counts: dict[str, int] = {}
    for values, frequencies in segment.written(field):
        counts.update(zip(values, frequencies, strict=True))
    return counts


def _stored_values(segment: OpenSegment, bits: int, field: str) -> Counter[str]:
    name = "tags" if field == TAG else "authors"
    counts: Counter[str] = Counter()
    for doc in docs_of(bits):
        counts.update(segment.documents.stored(doc).get(name, ()))
    return counts
