"""What ``rerank`` does, on numpy's arrays: the rows of all candidates at once, the same additions in the same order, so
the same scores to the bit, at half the time. See ``bits`` for when it is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from papersearch.core.fields import FIELDS, K1
from papersearch.core.frozen import NamedTuple
from papersearch.core.numeric import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from papersearch.engine.index.reader import OpenSegment

_NAMES = [field.name for field in FIELDS]


class _Bag(NamedTuple):
    """Each term of each document once, by term and then by document. ``terms`` are different ones, in order, and
    ``starts`` is where what is said of each begins, and the last ends; ``groups`` are their numbers, ``documents`` the
    numbers of the documents, and ``tfs`` are BM25F's."""

    terms: np.ndarray
    starts: np.ndarray
    groups: np.ndarray
    documents: np.ndarray
    tfs: np.ndarray


class CandidateRows:
    """The rows of words of some documents of a segment. A *cell* is a field of one of them."""

    def __init__(self, segment: OpenSegment, docs: Sequence[int]) -> None:
        self._numbers = {doc: number for number, doc in enumerate(docs)}
        self._words = np.frombuffer(segment.documents.token_rows(docs), np.uint32)
        places = np.array(docs, np.intp)
        lengths = [np.asarray(length)[places] for length in map(segment.documents.length, _NAMES)]
        self._norms = np.array(segment.norms(lengths)).T
        self._fields = [number for number, length in enumerate(lengths) if length.any()]
        cells = np.arange(self._norms.size, dtype=np.uint32)
        self._cells = np.repeat(cells, np.array(lengths, np.intp).T.ravel())

    def tf(self, runs: Iterable[bytes]) -> np.ndarray:
        """BM25F's tf of some runs of words in each document, as ``Candidate.tf``."""
        words, cells, found = self._words, self._cells, np.zeros(len(self._norms))
        for run in runs:
            first, *others = np.frombuffer(run, np.uint32)
            at = np.flatnonzero(words[: max(0, len(words) - len(others))] == first)
            for place, ordinal in enumerate(others, 1):
                at = at[words[at + place] == ordinal]
            starts = cells[at]
            starts = starts[starts == cells[at + len(others)]]
            if len(starts):
                counts = np.bincount(starts, minlength=self._norms.size).reshape(self._norms.shape)
                for field in self._fields:
                    found += self._norms[:, field] * counts[:, field]
        return found

    @cached_property
    def _bag(self) -> _Bag:
        documents, fields = self._norms.shape
        cells = documents * fields
        keys = self._words.astype(np.int64) * cells + self._cells
        keys.sort()
        starts = _starts(keys)
        tfs = np.diff(starts, append=len(keys)) * self._norms.ravel()[keys[starts] % cells]
        # What stands in several fields of a document counts as one.
        keys = keys[starts] // fields
        starts = _starts(keys)
        keys, tfs = keys[starts], _sums(tfs, starts)
        words = keys // documents
        starts = _starts(words)
        return _Bag(
            terms=words[starts].astype(np.uint32),
            starts=np.append(starts, len(words)),
            groups=np.repeat(np.arange(len(starts), dtype=np.uint32), np.diff(starts, append=len(words))),
            documents=(keys - words * documents).astype(np.uint32),
            tfs=tfs,
        )

    def shares(
        self, docs: Sequence[int], parts: Sequence[float], stops: Iterable[Any], most: int
    ) -> list[tuple[float, int]]:
        """(share, ordinal) of what some of the documents say, without the ``stops``, which are in order: the ``most``
        with the largest shares, largest first. Each document has its part."""
        bag, part = self._bag, np.zeros(len(self._norms))
        part[[self._numbers[doc] for doc in docs]] = parts
        shares = np.bincount(bag.groups, part[bag.documents] * bag.tfs / (K1 + bag.tfs))
        shares[_places_in(bag.terms, np.fromiter(stops, np.uint32))] = 0.0
        least = np.partition(shares, -most)[-most] if len(shares) > most else 0.0
        kept = np.flatnonzero((shares > 0.0) & (shares >= least))
        first = kept[np.argsort(-shares[kept], kind="stable")[:most]]
        return list(zip(shares[first].tolist(), bag.terms[first].tolist(), strict=True))

    def likenesses(self, weights: Mapping[int, float]) -> dict[int, float]:
        """How much of the weighted terms, which are in order, each document holds."""
        bag, wanted = self._bag, np.fromiter(weights, np.uint32)
        places = np.minimum(bag.terms.searchsorted(wanted), len(bag.terms) - 1)
        held = bag.terms[places] == wanted
        places = places[held]
        sizes = bag.starts[places + 1] - bag.starts[places]
        at = np.arange(sizes.sum()) + np.repeat(bag.starts[places] - (sizes.cumsum() - sizes), sizes)
        tfs = bag.tfs[at]
        parts = np.repeat(np.fromiter(weights.values(), np.float64)[held], sizes) * tfs / (K1 + tfs)
        found = np.bincount(bag.documents[at], parts, len(self._norms))
        return dict(zip(self._numbers, found.tolist(), strict=True))


def _places_in(terms: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Where those of ``some`` are that are among ``terms``; both are in order."""
    places = terms.searchsorted(some)
    places = places[places < len(terms)]
    return places[terms[places] == some[: len(places)]]


def _starts(values: np.ndarray) -> np.ndarray:
    """Where in a sorted array another value begins."""
    changes = np.ones(len(values), np.bool_)
    changes[1:] = values[1:] != values[:-1]
    return np.flatnonzero(changes)


def _sums(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The sum of the values from each start to the next, added one after the other."""
    return np.bincount(np.repeat(np.arange(len(starts)), np.diff(starts, append=len(values))), values)
