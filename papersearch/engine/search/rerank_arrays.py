"""What ``rerank`` does, on numpy's arrays: the rows of all candidates at once, the same additions in the same order, so
the same scores to the bit, at half the time. See ``bits`` for when it is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from papersearch.core.fields import FIELDS, K1
from papersearch.core.numeric import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from papersearch.engine.index.reader import OpenSegment

_NAMES = [field.name for field in FIELDS]
# Terms are looked for by their two lowest bytes first.
_LOW = 1 << 16


class Rows:
    """The rows of words of some documents of a segment. A *cell* is a field of one of them."""

    def __init__(self, segment: OpenSegment, docs: Sequence[int]) -> None:
        self._numbers = {doc: number for number, doc in enumerate(docs)}
        self._words = np.frombuffer(segment.documents.token_rows(docs), np.uint32)
        places = np.array(docs, np.intp)
        lengths = [np.asarray(length)[places] for length in map(segment.documents.length, _NAMES)]
        self._lengths = np.array(lengths, np.intp).T
        self._norms = np.array(segment.norms(lengths)).T
        self._fields = [number for number, length in enumerate(lengths) if length.any()]
        self._cells = _cells(self._lengths)
        self._starts = [0, *self._lengths.sum(axis=1).cumsum().tolist()]

    def tf(self, runs: Iterable[bytes]) -> np.ndarray:
        """BM25F's tf of some runs of words in each document, as ``Candidate.tf``."""
        words, cells, found = self._words, self._cells, np.zeros(len(self._norms))
        for run in runs:
            ordinals = np.frombuffer(run, np.uint32)
            last = len(ordinals) - 1
            begins = max(0, len(words) - last)
            here = words[:begins] == ordinals[0]
            for place in range(1, last + 1):
                here &= words[place : begins + place] == ordinals[place]
            at = np.flatnonzero(here)
            starts = cells[at]
            starts = starts[starts == cells[at + last]]
            if len(starts):
                counts = np.bincount(starts, minlength=self._norms.size).reshape(self._norms.shape)
                for field in self._fields:
                    found += self._norms[:, field] * counts[:, field]
        return found

    def shares(
        self, docs: Sequence[int], parts: Sequence[float], stops: Iterable[Any], most: int
    ) -> list[tuple[float, int]]:
        """(share, ordinal) of what some of the documents say, without the ``stops``, which are in order: the ``most``
        with the largest shares, and those as large. Each document has its part."""
        numbers = [self._numbers[doc] for doc in docs]
        words = np.concatenate([self._words[self._starts[n] : self._starts[n + 1]] for n in numbers])
        terms, places = np.unique(words, return_inverse=True)
        tfs = self._tfs(_cells(self._lengths[numbers]), places, len(terms), numbers)
        shares = np.zeros(len(terms))
        for said in np.array(parts)[:, None] * tfs / (K1 + tfs):
            shares += said
        shares[_places_in(terms, np.fromiter(stops, np.uint32))] = -1.0
        least = max(0.0, np.partition(shares, -most)[-most]) if len(terms) > most else 0.0
        kept = np.flatnonzero(shares >= least)
        return list(zip(shares[kept].tolist(), terms[kept].tolist(), strict=True))

    def likenesses(self, weights: Mapping[int, float], bags: Sequence[int]) -> dict[int, float]:
        """How much of the weighted terms, which are in order, each document holds; of some as their bags say."""
        if not weights:
            return dict.fromkeys(self._numbers, 0.0)
        terms = np.fromiter(weights, np.uint32)
        low = np.zeros(_LOW, np.bool_)
        low[terms & (_LOW - 1)] = True
        at = np.flatnonzero(low[self._words & (_LOW - 1)])
        words = self._words[at]
        places = np.minimum(np.searchsorted(terms, words), len(terms) - 1)
        held = terms[places] == words
        places, cells = places[held], self._cells[at[held]]
        shape = len(self._norms), len(terms)
        spots = cells // self._norms.shape[1] * len(terms) + places
        tfs = np.bincount(spots, self._norms.ravel()[cells], minlength=len(terms) * len(self._norms)).reshape(shape)
        numbers = [self._numbers[doc] for doc in bags]
        if numbers:
            tfs[numbers] = self._tfs(cells, places, len(terms), slice(None))[numbers]
        found = np.fromiter(weights.values(), np.float64) * tfs / (K1 + tfs)
        return {doc: sum(row) for doc, row in zip(self._numbers, found.tolist(), strict=True)}

    def _tfs(self, cells: np.ndarray, places: np.ndarray, terms: int, documents: Sequence[int] | slice) -> np.ndarray:
        """BM25F's tf of each term in some documents, as ``Candidate.bag``: ``places`` say which term stands at each
        place of their rows, ``cells`` in which of their cells that is."""
        norms = self._norms[documents]
        numbers = cells // norms.shape[1]
        kinds = cells - numbers * norms.shape[1]
        spots = numbers * terms + places
        tfs = np.zeros((len(norms), terms))
        for field in self._fields:
            counts = np.bincount(spots[kinds == field], minlength=tfs.size).reshape(tfs.shape)
            tfs += norms[:, field, None] * counts
        return tfs


def _cells(lengths: np.ndarray) -> np.ndarray:
    """The cell that each word of the rows is in, from the lengths of all fields."""
    return np.repeat(np.arange(lengths.size), lengths.ravel())


def _places_in(terms: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Where those of ``some`` are that are among ``terms``; both are in order."""
    places = np.searchsorted(terms, some)
    places = places[places < len(terms)]
    return places[terms[places] == some[: len(places)]]
