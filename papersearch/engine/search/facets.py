"""How many of some papers have each tag, author, year or month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from papersearch.core.fields import AUTHOR, TAG
from papersearch.engine.index.reader import IndexReader, OpenSegment, docs_of

# Up to so many papers their stored facts are read; beyond, going through all values of the field is cheaper.
FEW = 2_000


def count_facets(by: str, reader: IndexReader, matching: Sequence[int], few: int = FEW) -> Counter[str]:
    """Counts by value; ``matching`` is a bit set for each segment; ``few`` changes nothing but the cost."""
    counts: Counter[str] = Counter()
    for segment, bits in zip(reader.segments, matching, strict=True):
        if by in ("year", "month"):
            counts.update(_by_date(segment, bits, 4 if by == "year" else 7))
        else:
            counts.update(_by_value(segment, bits, TAG if by == "tag" else AUTHOR, few))
    return counts


def _by_date(segment: OpenSegment, bits: int, length: int) -> Counter[str]:
    """Counts by as much of the ISO date as is asked for."""
    import datetime

    published = segment.documents.column("published")
    counts: Counter[str] = Counter()
    for day, count in Counter(map(published.__getitem__, docs_of(bits))).items():
        if day:
            counts[datetime.date.fromordinal(day).isoformat()[:length]] += count
    return counts


def _by_value(segment: OpenSegment, bits: int, field: str, few: int) -> Counter[str]:
    """Counts by tag or author."""
    if bits.bit_count() <= few:
        return _stored_values(segment, bits, field)
    counts: Counter[str] = Counter()
    rest = ((1 << segment.count) - 1) & ~bits
    if rest.bit_count() <= few:  # as the dictionary has them, but for a few
        counts.update(segment.cached(_all_values, field, large=True))
        for value, number in _stored_values(segment, rest, field).items():
            counts[value] -= number
            if not counts[value]:
                del counts[value]
        return counts
    # Most values stand in a paper or two. What is remembered of words is not to be forgotten for all of them.
    chosen = bytearray(segment.count)
    for doc in docs_of(bits):
        chosen[doc] = 1
    for term, entry in segment.prefixed("", field):
        if number := sum(map(chosen.__getitem__, segment.terms.postings(entry).docs)):
            counts[term.partition("\0")[2]] += number
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
        counts.update(set(segment.documents.stored(doc).get(name, ())))
    return counts
