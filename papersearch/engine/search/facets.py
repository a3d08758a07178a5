"""How many of some papers have each tag, author, year or month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from papersearch.core.fields import AUTHOR, TAG
from papersearch.engine.index.reader import IndexReader, docs_of

# Up to so many papers their stored facts are read; beyond, going through all values of the field is cheaper.
FEW = 2_000


def count_facets(by: str, reader: IndexReader, matching: Sequence[int], few: int = FEW) -> Counter[str]:
    """Counts by value; ``matching`` is a bit set for each segment; ``few`` changes
    nothing but the cost."""
    counts: Counter[str] = Counter()
    for segment, bits in zip(reader.segments, matching, strict=True):
        if by in ("year", "month"):
            import datetime

            published = segment.documents.column("published")
            length = 4 if by == "year" else 7
            days = Counter(published[doc] for doc in docs_of(bits) if published[doc])
            for day, count in days.items():
                counts[datetime.date.fromordinal(day).isoformat()[:length]] += count
        elif bits.bit_count() <= few:
            name = "tags" if by == "tag" else "authors"
            for doc in docs_of(bits):
                counts.update(set(segment.documents.stored(doc).get(name, ())))
        else:
            for term, entry in segment.prefixed("", TAG if by == "tag" else AUTHOR):
                count = (segment.bits(entry) & bits).bit_count()
                if count:
                    counts[term.partition("\0")[2]] += count
    return counts
