"""What ``matching`` does with runs of words that hundreds of documents or more may have, on numpy's arrays: the same
codes in half the time. See ``bits`` for when it is loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import partial

from papersearch.core.fields import FIELDS
from papersearch.core.numeric import numpy as np
from papersearch.engine.index.weights import BOUNDS, MOST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.index.views import SegmentView

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
        starts = find(np.frombuffer(documents.raw_rows(some), np.uint8), ordinals, documents.width, bounds)
        if not len(starts):
            continue
        cells = np.searchsorted(bounds, starts, side="right") - 1
        counts = np.minimum(np.bincount(cells, minlength=lengths.size).reshape(-1, fields), MOST)
        held = counts.any(axis=1)
        yield np.array(some)[held], lengths[:, held], counts[held]


def _side_by_side(rows: np.ndarray, ordinals: Sequence[int], width: int, bounds: np.ndarray) -> np.ndarray:
    """Where a run of words begins that crosses no bound."""
    starts = _places(rows, ordinals, width)
    return starts[starts + len(ordinals) <= bounds[np.searchsorted(bounds, starts, side="right")]]


def _near(rows: np.ndarray, ordinals: Sequence[int], width: int, bounds: np.ndarray, slop: int) -> np.ndarray:
    """As ``matching.near``, where no window crosses a bound."""
    places = {ordinal: _places(rows, [ordinal], width) for ordinal in ordinals}
    starts = np.sort(np.concatenate([*places.values()]))
    ends = np.minimum(starts + len(ordinals) + slop, bounds[np.searchsorted(bounds, starts, side="right")])
    held = np.ones(len(starts), np.bool_)
    for ordinal, count in Counter(ordinals).items():
        here = places[ordinal]
        held &= np.searchsorted(here, ends) - np.searchsorted(here, starts) >= count
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
