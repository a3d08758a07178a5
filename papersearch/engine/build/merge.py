"""Several segments into one, leaving out documents that were deleted; how runs become an index, and how it stays small.

The result depends on the documents and their order alone, not on how they were spread over the inputs: terms are
sorted, postings are ordered by document, and a token is its term's ordinal. Memory: one number for each term of
each input, and the dictionary of the result; postings and rows stream through.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeVar

from papersearch.engine.index.container import SectionWriter
from papersearch.engine.index.documents import write_documents
from papersearch.engine.index.segment import Segment
from papersearch.engine.index.terms import (
    CODES,
    COUNTS,
    FLOATS,
    ONES,
    VARIABLE,
    PackedTerm,
    Postings,
    TermEntry,
    TermsWriter,
    packed_term,
)

GONE = 0xFFFFFFFF
# After so many terms what was read of the inputs is let go (chosen: some ten megabytes).
_LET_GO = 50_000
Bytes = TypeVar("Bytes", bytes, memoryview)


class Input(NamedTuple):
    """A segment to merge, and which of its documents to leave out."""

    segment: Segment
    deleted: frozenset[int] = frozenset()


class _Source:
    """An input with where its documents and terms go."""

    def __init__(self, order: int, given: Input, base: int) -> None:
        self.order = order
        self.segment = given.segment
        self.deleted = given.deleted
        self.base = base
        self.kept = [doc for doc in range(given.segment.count) if doc not in given.deleted]
        self.ordinals = array("I", bytes(4 * given.segment.terms.count))
        self.places: array[int] | None = None
        if given.deleted:
            self.places = array("I", [GONE]) * given.segment.count
            for new, old in enumerate(self.kept, base):
                self.places[old] = new

    def terms(self) -> Iterator[_Given]:
        for key, entry in self.segment.terms.items():
            yield key, self.order, self, entry


# A term of an input: its key, the input's place among them, the input, and where the postings are.
_Given = tuple[bytes, int, _Source, TermEntry]


def merge(inputs: Sequence[Input], documents: SectionWriter, terms: SectionWriter) -> int:
    """Write the merged segment to two containers (finished here); the number of documents comes back."""
    sources, base = [], 0
    for order, given in enumerate(inputs):
        source = _Source(order, given, base)
        sources.append(source)
        base += len(source.kept)
    writer = TermsWriter(terms)
    writer.add_all(_merged_terms(sources))
    writer.finish()
    terms.finish()
    _forget_terms(sources)
    _merge_documents(sources, documents)
    documents.finish()
    return base


def _merged_terms(sources: Sequence[_Source]) -> Iterator[PackedTerm]:
    """All terms in order; tells the sources the new ordinals of theirs as it goes."""
    merged = heapq.merge(*(source.terms() for source in sources))  # no two agree in both key and place
    ordinal = 0
    for key, given in groupby(merged, key=itemgetter(0)):
        group = list(given)
        term = _merged_term(key, group)
        for _, _, source, entry in group:
            source.ordinals[entry.ordinal] = ordinal if term is not None else GONE
        if term is not None:
            yield term
            ordinal += 1
            if ordinal % _LET_GO == 0:
                _forget_terms(sources)


def _forget_terms(sources: Iterable[_Source]) -> None:
    """Let go of what was read of the inputs' terms: it counts as memory of the process."""
    for source in sources:
        source.segment.terms.container.forget()


def _merged_term(key: bytes, group: Sequence[_Given]) -> PackedTerm | None:
    """One term of the result; None where no document is left that has it."""
    _, _, source, first = group[0]
    if first.value_size != VARIABLE:
        if len(group) == 1 and source.places is None:
            return _moved(key, source, first)
        if all(entry.kind == first.kind and entry.value_size == first.value_size for _, _, _, entry in group):
            return _joined(key, group)
    return _merged_one_by_one(key, group)


def _moved(key: bytes, source: _Source, entry: TermEntry) -> PackedTerm:
    """A term of one source alone."""
    n = entry.frequency
    given = source.segment.terms.raw(entry) if n else memoryview(b"")
    docs = array("I", map(source.base.__add__, given[: 4 * n].cast("I")))
    return key, docs.tobytes() + given[4 * n :], n, entry.kind, entry.value_size, entry.top_code


def _joined(key: bytes, group: Sequence[_Given]) -> PackedTerm | None:
    """The common case: arrays are put one behind the other."""
    first = group[0][3]
    if not any(entry.frequency for _, _, _, entry in group):
        return key, b"", 0, first.kind, first.value_size, 0
    docs, weights, values = array("I"), bytearray(), bytearray()
    for _, _, source, entry in group:
        data = source.segment.terms.raw(entry)
        n = entry.frequency
        ids = data[: 4 * n].cast("I")
        end = source.segment.terms.size_of(entry) - n * entry.value_size
        if source.places is None:
            docs.extend(ids if not source.base else map(source.base.__add__, ids))
            weights += data[4 * n : end]
            values += data[end : end + n * entry.value_size]
            continue
        places = source.places
        step = (end - 4 * n) // n if n else 0
        for i, old in enumerate(ids):
            if places[old] != GONE:
                docs.append(places[old])
                weights += data[4 * n + i * step : 4 * n + (i + 1) * step]
                values += data[end + i * entry.value_size : end + (i + 1) * entry.value_size]
    if not docs:
        return None
    return packed_term(key, docs.tobytes(), first.kind, bytes(weights), bytes(values), first.value_size)


def _merged_one_by_one(key: bytes, group: Sequence[_Given]) -> PackedTerm | None:
    """Any other postings."""
    rows: list[tuple[int, float, bytes]] = []
    for _, _, source, entry in group:
        postings = source.segment.terms.postings(entry)
        for place, old in enumerate(postings.docs):
            new = source.base + old if source.places is None else source.places[old]
            if new != GONE:
                rows.append((new, postings.weight_at(place), value_at(postings, place)))
    return pack_rows(key, rows) if rows else None


def value_at(postings: Postings, place: int) -> bytes:
    """The value of the posting at a place, as bytes."""
    if postings.values is not None:
        return int(postings.values[place]).to_bytes(2, "little")
    return postings.blobs[place] if postings.blobs is not None else b""


def pack_rows(key: bytes, rows: Sequence[tuple[int, float, bytes]]) -> PackedTerm:
    """A term with (document, weight, value) rows of any kind, in the smallest packing that loses nothing."""
    docs = array("I", [row[0] for row in rows]).tobytes()
    numbers = [row[1] for row in rows]
    if all(number == 1.0 for number in numbers):
        kind, weights = ONES, b""
    elif all(0 <= number <= 255 and number == int(number) for number in numbers):
        kind, weights = COUNTS, bytes(map(int, numbers))
    else:
        kind, weights = FLOATS, array("d", numbers).tobytes()
    sizes = {len(row[2]) for row in rows}
    joined = b"".join(row[2] for row in rows)
    if len(sizes) == 1 and max(sizes) < VARIABLE:
        return packed_term(key, docs, kind, weights, joined, sizes.pop())
    starts = array("I", [0])
    for row in rows:
        starts.append(starts[-1] + len(row[2]))
    return packed_term(key, docs, kind, weights, starts.tobytes() + joined, VARIABLE)


def _merge_documents(sources: Sequence[_Source], sections: SectionWriter) -> None:
    write_documents(
        sections,
        _streamed(sources, lambda source: map(source.segment.documents.stored_row, source.kept)),
        _streamed(sources, _token_rows),
        _merge_arrays(sources, "length"),
        _merge_arrays(sources, "column"),
    )


def _streamed(sources: Sequence[_Source], rows: Callable[[_Source], Iterable[Bytes]]) -> Iterator[Bytes]:
    """The rows of all sources; what was read of each is let go."""
    for source in sources:
        yield from rows(source)
        source.segment.documents.container.forget()


def _token_rows(source: _Source) -> Iterator[bytes]:
    ordinals = source.ordinals
    for doc in source.kept:
        row = source.segment.documents.token_row(doc).cast("I")
        yield array("I", map(ordinals.__getitem__, row)).tobytes()


def _merge_arrays(sources: Sequence[_Source], kind: str) -> dict[str, array[int]]:
    names = sorted({name for source in sources for name in source.segment.documents.array_names(kind)})
    merged = {name: array("I") for name in names}
    for source in sources:
        here = set(source.segment.documents.array_names(kind))
        for name, values in merged.items():
            if name not in here:
                values.extend([0] * len(source.kept))
                continue
            old: Iterable[int] = (
                source.segment.documents.length(name) if kind == "length" else source.segment.documents.column(name)
            )
            if source.deleted:
                row = list(old)
                old = [row[doc] for doc in source.kept]
            values.extend(old)
    return merged


__all__ = ["CODES", "Input", "merge", "pack_rows", "value_at"]
