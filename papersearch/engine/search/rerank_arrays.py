"""What ``rerank`` does, on numpy's arrays: the rows of all candidates at once, the same additions in the same order, so
the same scores to the bit, at half the time. See ``bits`` for when it is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain, count

from papersearch.core.fields import FIELDS, K1
from papersearch.core.frozen import NamedTuple
from papersearch.core.numeric import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.index.views import SegmentView

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


class Said(NamedTuple):
    """What some documents of a bag say: the share of each term of each document, which is 0 for the others, where the
    stop words are among its terms, and the documents' numbers as papers."""

    bag: _Bag
    shares: np.ndarray
    stops: np.ndarray
    papers: np.ndarray

    def by_paper(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The terms that they say, without stop words; and of each term of each paper, which of these it is, the number
        of the paper, and its share."""
        telling = np.ones(len(self.bag.terms), np.bool_)
        telling[self.stops] = False
        at = np.flatnonzero(telling[self.bag.groups] & (self.shares > 0.0))
        groups = self.bag.groups[at]
        starts = _starts(groups)
        papers = self.papers[self.bag.documents[at]]
        return self.bag.terms[groups[starts]], _numbered(starts, len(groups)), papers, self.shares[at]


class CandidateRows:
    """The rows of words of some documents of a segment. A *cell* is a field of one of them."""

    def __init__(self, segment: SegmentView, docs: Sequence[int]) -> None:
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
            groups=_numbered(starts, len(words)),
            documents=(keys - words * documents).astype(np.uint32),
            tfs=tfs,
        )

    def said(self, docs: Sequence[int], parts: Sequence[float], papers: Sequence[int], stops: Iterable[int]) -> Said:
        """What some of the documents say. Each has its part, and its number as a paper; ``stops`` are in order."""
        bag, rows = self._bag, [self._numbers[doc] for doc in docs]
        part, numbers = np.zeros(len(self._norms)), np.zeros(len(self._norms), np.uint32)
        part[rows], numbers[rows] = parts, papers
        shares = part[bag.documents] * bag.tfs / (K1 + bag.tfs)
        return Said(bag, shares, _places_in(bag.terms, np.fromiter(stops, np.uint32)), numbers)

    def likenesses(self, weights: Mapping[int, float]) -> dict[int, float]:
        """How much of the weighted terms, which are in order, each document holds."""
        bag, wanted = self._bag, np.fromiter(weights, np.uint32)
        if not len(bag.terms):
            return dict.fromkeys(self._numbers, 0.0)
        places = np.minimum(bag.terms.searchsorted(wanted), len(bag.terms) - 1)
        held = bag.terms[places] == wanted
        places = places[held]
        sizes = bag.starts[places + 1] - bag.starts[places]
        at = np.arange(sizes.sum()) + np.repeat(bag.starts[places] - (sizes.cumsum() - sizes), sizes)
        tfs = bag.tfs[at]
        parts = np.repeat(np.fromiter(weights.values(), np.float64)[held], sizes) * tfs / (K1 + tfs)
        found = np.bincount(bag.documents[at], parts, len(self._norms))
        return dict(zip(self._numbers, found.tolist(), strict=True))


def highest_shares(told: Mapping[SegmentView, Said], most: int) -> list[tuple[float, int | str]]:
    """(share, term) of what papers of some segments say, without stop words: the ``most`` with the largest shares,
    largest first. A term is its ordinal if there is one segment, else it is named."""
    if len(told) == 1:
        (said,) = told.values()
        terms, sums = said.bag.terms, np.bincount(said.bag.groups, said.shares)
        sums[said.stops] = 0.0
    else:
        terms, sums = _by_name(told)
    least = np.partition(sums, -most)[-most] if len(sums) > most else 0.0
    kept = np.flatnonzero((sums > 0.0) & (sums >= least))
    first = kept[np.argsort(-sums[kept], kind="stable")[:most]]
    return list(zip(sums[first].tolist(), terms[first].tolist(), strict=True))


def _by_name(told: Mapping[SegmentView, Said]) -> tuple[np.ndarray, np.ndarray]:
    """The terms, in order, and their shares. These are summed up paper by paper, whatever segments they are in."""
    ordinals, groups, papers, shares = zip(*[said.by_paper() for said in told.values()], strict=True)
    names = [[*map(segment.term_at, some.tolist())] for segment, some in zip(told, ordinals, strict=True)]
    terms = sorted(dict.fromkeys(chain.from_iterable(names)))
    number = dict(zip(terms, count())).__getitem__
    numbers = [np.fromiter(map(number, some), np.intp)[which] for some, which in zip(names, groups, strict=True)]
    order = np.argsort(np.concatenate(papers), kind="stable")
    return np.array(terms, object), np.bincount(np.concatenate(numbers)[order], np.concatenate(shares)[order])


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


def _numbered(starts: np.ndarray, end: int) -> np.ndarray:
    """The number of the start before each place up to the end."""
    return np.repeat(np.arange(len(starts), dtype=np.uint32), np.diff(starts, append=end))


def _sums(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The sum of the values from each start to the next, added one after the other."""
    return np.bincount(_numbered(starts, len(values)), values)
