"""The postings of a term as one of Whoosh's fields has them, with the positions that Whoosh asks for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from papersearch.core import fields as table
from papersearch.engine.index.runs import breaks_of, pack, places
from papersearch.engine.index.segment import Segment
from papersearch.engine.index.terms import Postings, TermEntry
from papersearch.engine.index.weights import LEVELS, unpack

# Positions between the last word of an author or a tag and the first of the next, and of a field and the next in
# ``words`` (chosen: wider than any slop).
GAP = 1_000
PLACES = {field.name: place for place, field in enumerate(table.FIELDS)}


class FieldPostings:
    """The postings of a term as one field has them: documents, counts (weights in ``words``), and where they stand."""

    def __init__(self, segment: Segment, fieldname: str, entry: TermEntry) -> None:
        self._documents, self._entry = segment.documents, entry
        self._place = PLACES.get(fieldname)
        postings = segment.terms.postings(entry)
        counts = self._counts(postings)
        kept = [number for number, count in enumerate(counts) if count]
        self.docs = [postings.docs[number] for number in kept]
        self.counts = [counts[number] for number in kept]
        self.weights = [float(count) for count in self.counts]
        if fieldname == table.WORDS and postings.codes is not None:
            self.weights = [LEVELS[code] for code in postings.codes]

    def _counts(self, postings: Postings) -> Sequence[int]:
        if postings.codes is None:
            return [1] * len(postings.docs)
        if self._place is None:
            return [sum(unpack(value)) for value in postings.frequencies()]
        return [unpack(value)[self._place] for value in postings.frequencies()]

    def __len__(self) -> int:
        return len(self.docs)

    def __getitem__(self, number: int) -> tuple[int, list[int]]:
        """The value of a posting; its positions are looked for when they are asked for."""
        doc = self.docs[number]
        ends = [*accumulate((self._documents.length(name)[doc] for name in PLACES), initial=0)]
        at = places(bytes(self._documents.token_row(doc)), pack([self._entry.ordinal]))
        start, end = ends[self._place : self._place + 2] if self._place is not None else (0, ends[-1])
        gaps = sorted([*ends, *breaks_of(self._documents, doc)])
        before = bisect_right(gaps, start)
        return self.counts[number], [
            place - start + GAP * (bisect_right(gaps, place) - before) for place in at if start <= place < end
        ]
