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


class CandidateRows:
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
        with the largest shares, largest first. Each document has its part."""
        numbers = [self._numbers[doc] for doc in docs]
        words = np.concatenate([self._words[self._starts[n] : self._starts[n + 1]] for n in numbers])
        terms, cells, tfs = _counted(words, _cells(self._lengths[numbers]), self._norms[numbers])
        # What stands in several fields of a document counts as one, then what stands in several documents.
        documents = cells // self._norms.shape[1]
        starts = _starts(terms, documents)
        tfs = _sums(tfs, starts)
        terms, said = terms[starts], np.array(parts)[documents[starts]]
        starts = _starts(terms)
        shares, terms = _sums(said * tfs / (K1 + tfs), starts), terms[starts]
        shares[_places_in(terms, np.fromiter(stops, np.uint32))] = -1.0
        least = max(0.0, np.partition(shares, -most)[-most]) if len(terms) > most else 0.0
        kept = np.flatnonzero(shares >= least)
        first = kept[np.argsort(-shares[kept], kind="stable")[:most]]
        return list(zip(shares[first].tolist(), terms[first].tolist(), strict=True))

    def likenesses(self, weights: Mapping[int, float]) -> dict[int, float]:
        """How much of the weighted terms, which are in order, each document holds."""
        if not weights:
            return dict.fromkeys(self._numbers, 0.0)
        terms = np.fromiter(weights, np.uint32)
        low = np.zeros(_LOW, np.bool_)
        low[terms & (_LOW - 1)] = True
        at = np.flatnonzero(low[self._words & (_LOW - 1)])
        words = self._words[at]
        places = np.minimum(terms.searchsorted(words), len(terms) - 1)
        held = terms[places] == words
        spots = self._cells[at[held]] * len(terms) + places[held]
        counts = np.bincount(spots, minlength=self._norms.size * len(terms)).reshape(*self._norms.shape, len(terms))
        tfs = np.zeros((len(self._norms), len(terms)))
        for field in self._fields:
            tfs += self._norms[:, field, None] * counts[:, field]
        found = np.fromiter(weights.values(), np.float64) * tfs / (K1 + tfs)
        return {doc: sum(row) for doc, row in zip(self._numbers, found.tolist(), strict=True)}


def _cells(lengths: np.ndarray) -> np.ndarray:
    """The cell that each word of the rows is in, from the lengths of all fields."""
    return np.repeat(np.arange(lengths.size), lengths.ravel())


def _places_in(terms: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Where those of ``some`` are that are among ``terms``; both are in order."""
    places = terms.searchsorted(some)
    places = places[places < len(terms)]
    return places[terms[places] == some[: len(places)]]


def _counted(words: np.ndarray, cells: np.ndarray, norms: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each term of each cell once, by term and then by cell: the terms, their cells, and what they count there."""
    keys = words.astype(np.int64) * norms.size + cells
    keys.sort()
    starts = _starts(keys)
    keys = keys[starts]
    terms = keys // norms.size
    cells = keys - terms * norms.size
    return terms, cells, norms.ravel()[cells] * np.diff(starts, append=len(words))


def _starts(*values: np.ndarray) -> np.ndarray:
    """Where in sorted arrays another value begins in any of them."""
    changes = np.ones(len(values[0]), np.bool_)
    changes[1:] = np.logical_or.reduce([each[1:] != each[:-1] for each in values])
    return np.flatnonzero(changes)


def _sums(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The sum of the values from each start to the next, added one after the other."""
    return np.bincount(np.repeat(np.arange(len(starts)), np.diff(starts, append=len(values))), values)
