"""Runs of terms that stand side by side, found in the documents' rows of words.

A row holds 4 bytes a word, so a run of terms is a run of bytes: finding it is one search through a kilobyte.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from papersearch.engine.index.bits import bits_of, docs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.index.views import DocumentsView, SegmentView


def ordinals_of(segment: SegmentView, terms: Sequence[str]) -> list[int] | None:
    """The terms' ordinals in a segment; None where one of them does not occur."""
    entries = [segment.find(term) for term in terms]
    return [entry.ordinal for entry in entries if entry is not None] if all(entries) else None


def pack(ordinals: Sequence[int]) -> bytes:
    """A run of ordinals as it stands in a row."""
    return array("I", ordinals).tobytes()


def places(row: bytes, run: bytes) -> list[int]:
    """Where a run starts in a row, in words."""
    found = []
    find = row.find
    at = find(run)
    while at >= 0:
        if not at & 3:
            found.append(at >> 2)
        at = find(run, at + 1)
    return found


def breaks_of(documents: DocumentsView, doc: int) -> Sequence[int]:
    """The places in a document's row at which the next author or tag begins, in order."""
    starts, breaks = documents.breaks()
    return breaks[starts[doc] : starts[doc + 1]]


def within_values(places: list[int], breaks: Sequence[int], width: int) -> list[int]:
    """Those of some places, which are in order, from which a run of ``width`` words does not go on over a break."""
    return [place for place in places if bisect_right(breaks, place) == bisect_left(breaks, place + width)]


def by_field(places: Sequence[int], bounds: Sequence[int], width: int) -> dict[int, int]:
    """How many runs of ``width`` words that start at some places lie within each field; fields begin at ``bounds``."""
    found: dict[int, int] = {}
    for place in places:
        field = bisect_right(bounds, place) - 1
        if place + width <= bounds[field + 1]:
            found[field] = found.get(field, 0) + 1
    return found


def holds_all(segment: SegmentView, terms: Sequence[str]) -> int:
    """The bit set of live documents that hold every term, wherever it stands."""
    bits = segment.live
    for term in sorted(set(terms), key=lambda term: entry.frequency if (entry := segment.find(term)) else 0):
        entry = segment.find(term)
        bits &= segment.bits(entry) if entry is not None else 0
        if not bits:
            break
    return bits


def have_run(segment: SegmentView, terms: Sequence[str], beside: str, most: int) -> bool:
    """Whether a document that holds the term ``beside`` has the others side by side; of those that hold all of them,
    the first ``most`` are looked at."""
    ordinals = ordinals_of(segment, terms)
    if ordinals is None or segment.find(beside) is None:
        return False
    docs = docs_of(holds_all(segment, (beside, *terms)))[:most]
    return any(True for _ in segment.documents.places_of(pack(ordinals), docs))


def run_bits(segment: SegmentView, terms: Sequence[str], most: int | None) -> int:
    """The bit set of documents in which the terms stand side by side. Only the first ``most`` that hold all of them are
    looked at; None is all."""
    ordinals = ordinals_of(segment, terms)
    if ordinals is None:
        return 0
    if len(ordinals) == 1:
        return holds_all(segment, terms)
    docs = docs_of(holds_all(segment, terms))[:most]
    return bits_of([doc for doc, _ in segment.documents.places_of(pack(ordinals), docs)], segment.count)
