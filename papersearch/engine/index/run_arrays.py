"""What ``matching`` does with runs of words that hundreds of documents or more may have, on numpy's arrays: the same
codes in half the time. See ``bits`` for when it is loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from papersearch.core.fields import FIELDS, Facts
from papersearch.core.frozen import hints_of
from papersearch.core.numeric import numpy as np
from papersearch.engine.index.weights import BOUNDS, MOST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.index.views import DocumentsView, SegmentView

_SEVERAL = np.array([hints_of(Facts).get(field.name, "").startswith("tuple") for field in FIELDS])
_EndsOf = Callable[[np.ndarray], np.ndarray]
_LEVELS = np.array(BOUNDS)
_ROWS = 512  # rows that are looked through as one (chosen: they fit into the cache of a processor)


def run_postings(
    segment: SegmentView, ordinals: Sequence[int], docs: Sequence[int], counting: Collection[int], slop: int
) -> tuple[list[int], bytearray]:
    """The documents, of some, in which the terms stand side by side (or within the slop) in a field that counts, and
    their codes."""
    found, codes = [], bytearray()
    for some, lengths, counts in _standing(segment, ordinals, docs, slop):
        tfs = np.zeros(len(some))
        norms = segment.norms(lengths)
        for field in sorted(counting):
            tfs += norms[field] * counts[:, field]
        held = tfs > 0
        found += some[held].tolist()
        codes += (1 + np.searchsorted(_LEVELS, tfs[held], side="right")).astype(np.uint8).tobytes()
    return found, codes


def _standing(
    segment: SegmentView, ordinals: Sequence[int], docs: Sequence[int], slop: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(documents, lengths by field, how often the terms stand so in each field) of those where they do."""
    documents, fields = segment.documents, len(FIELDS)
    find = partial(_near, slop=slop) if slop else _side_by_side
    every = [np.asarray(documents.length(field.name)) for field in FIELDS]
    for first in range(0, len(docs), _ROWS):
        some = docs[first : first + _ROWS]
        lengths = np.array([length[some] for length in every], np.intp)
        # Where each field of each row begins, and the last of all ends, in words of all rows.
        bounds = np.concatenate([[0], lengths.T.ravel().cumsum()])
        ends = partial(_ends, documents, some, bounds)
        starts = find(np.frombuffer(documents.raw_rows(some), np.uint8), ordinals, documents.width, ends)
        if not len(starts):
            continue
        cells = np.searchsorted(bounds, starts, side="right") - 1
        counts = np.minimum(np.bincount(cells, minlength=lengths.size).reshape(-1, fields), MOST)
        held = counts.any(axis=1)
        yield np.array(some)[held], lengths[:, held], counts[held]


def _ends(documents: DocumentsView, docs: Sequence[int], bounds: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Where the text, author or tag ends that each place in some rows is in; ``places`` are in order."""
    at = np.searchsorted(bounds, places, side="right")
    ends = bounds[at]
    rows, fields = np.divmod(at - 1, len(FIELDS))
    among = np.flatnonzero(_SEVERAL[fields])
    if len(among):
        rows = rows[among]
        rows = rows[np.flatnonzero(np.diff(rows, prepend=-1))]
        breaks = _breaks(documents, np.array(docs, np.intp)[rows], bounds[len(FIELDS) * rows])
        after = np.append(breaks, bounds[-1])[np.searchsorted(breaks, places[among], side="right")]
        ends[among] = np.minimum(ends[among], after)
    return ends


def _breaks(documents: DocumentsView, docs: np.ndarray, begins: np.ndarray) -> np.ndarray:
    """The breaks of some documents, by where the row of each begins."""
    starts, breaks = map(np.asarray, documents.breaks())
    first = starts[docs].astype(np.intp)
    counts = starts[docs + 1] - first
    places = np.arange(counts.sum()) + np.repeat(first - (counts.cumsum() - counts), counts)
    return breaks[places] + np.repeat(begins, counts)


def _side_by_side(rows: np.ndarray, ordinals: Sequence[int], width: int, ends: _EndsOf) -> np.ndarray:
    """Where a run of words begins that crosses no end."""
    starts = _places(rows, ordinals, width)
    return starts[starts + len(ordinals) <= ends(starts)]


def _near(rows: np.ndarray, ordinals: Sequence[int], width: int, ends: _EndsOf, slop: int) -> np.ndarray:
    """As ``matching.near``, where no window crosses an end."""
    places = {ordinal: _places(rows, [ordinal], width) for ordinal in ordinals}
    starts = np.sort(np.concatenate([*places.values()]))
    until = np.minimum(starts + len(ordinals) + slop, ends(starts))
    held = np.ones(len(starts), np.bool_)
    for ordinal, count in Counter(ordinals).items():
        here = places[ordinal]
        held &= np.searchsorted(here, until) - np.searchsorted(here, starts) >= count
    return starts[held]


def _places(rows: np.ndarray, ordinals: Sequence[int], width: int) -> np.ndarray:
    """Where a run of words begins in rows of words with ``width`` bytes each. Its lowest byte is looked for first."""
    begins = max(0, len(rows) // width - len(ordinals) + 1)
    places = np.flatnonzero(rows[: width * begins : width] == ordinals[0] & 255)
    for word, ordinal in enumerate(ordinals):
        for place in range(width):
            if word or place:
                places = places[rows[width * (places + word) + place] == ordinal >> 8 * place & 255]
    return places
