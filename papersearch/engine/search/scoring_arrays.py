"""What ``scoring`` and ``matching`` do with thousands of documents, on numpy's arrays: the same additions in the same
order, so the same scores to the bit, at a tenth of the time. See ``bits`` for when it is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat

from papersearch.core.numeric import numpy as np
from papersearch.engine.index.arrays import places_of
from papersearch.engine.index.weights import SATURATION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.scoring import Matches, Weighted


_SATURATION = np.array(SATURATION)


def scores_of(words: Sequence[Weighted], docs: Sequence[int]) -> list[float]:
    """As ``scoring.scores_of``."""
    places, scores = np.array(docs, np.intp), np.zeros(len(docs))
    for word in words:
        _add(scores, word, places)
    found: list[float] = scores.tolist()
    return found


def summed(bits: int, words: Sequence[Weighted], needed: Sequence[float], few: int) -> tuple[list[int], list[float]]:
    """As ``scoring.summed``, of the documents of a bit set."""
    left = places_of(bits)
    scores = np.zeros(len(left))
    for word, least in zip(words, needed, strict=True):
        _add(scores, word, left)
        if least > 0 and len(left) > few:
            kept = scores >= least
            left, scores = left[kept], scores[kept]
    return left.tolist(), scores.tolist()


def _add(scores: np.ndarray, word: Weighted, docs: np.ndarray) -> None:
    """Add to the scores of some documents what a word brings to each."""
    (matches, weight), extra = word, word.matches.extra
    scores += (weight * _SATURATION)[codes_of(matches, docs)]
    if isinstance(extra, Gains):
        scores += weight * extra.of(docs)
    elif extra:
        scores += weight * np.fromiter(map(extra.get, docs.tolist(), repeat(0.0)), np.float64, len(docs))


class Gains(Mapping[int, float]):
    """What other spellings of a word add, by document: as a dictionary, but found out for the documents that are asked
    for, mostly some hundred candidates of a hundred thousand that hold one of the spellings."""

    def __init__(self, base: Matches, others: Sequence[tuple[Matches, float]]) -> None:
        """Where any of some ``others`` counts more than ``base``, the most that one of them does; each has a factor."""
        self._base = base
        self._others = [(other, factor * _SATURATION) for other, factor in others if len(other.docs)]

    def of(self, docs: np.ndarray) -> np.ndarray:
        """What is added to each of some documents."""
        usual, most = _SATURATION[codes_of(self._base, docs)], np.zeros(len(docs))
        for other, table in self._others:
            codes = codes_of(other, docs)
            most = np.maximum(most, np.where(codes > 0, table[codes] - usual, 0.0))
        return most

    def __getitem__(self, doc: int) -> float:
        usual = SATURATION[self._base.code(doc)]
        codes = [(other.code(doc), table) for other, table in self._others]
        most = max([float(table[code]) - usual for code, table in codes if code], default=0.0)
        if most <= 0:
            raise KeyError(doc)
        return most

    def __iter__(self) -> Iterator[int]:
        held = [np.asarray(other.docs, np.intp) for other, _ in self._others]
        docs = np.unique(np.concatenate(held)) if held else np.zeros(0, np.intp)
        return iter(docs[self.of(docs) > 0].tolist())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        """Whether anything may be added: to count it would be to find out all."""
        return bool(self._others)


def codes_of(matches: Matches, docs: np.ndarray) -> np.ndarray:
    """As ``Matches.codes_of``. Of a word that is not common, documents are looked for in its postings: to put its codes
    by document takes longer, and much longer among many papers."""
    if matches.common:
        common: np.ndarray = np.frombuffer(matches.by_doc, np.uint8)[docs]
        return common
    held = np.asarray(matches.docs, np.uint32)
    if not len(held):
        return np.zeros(len(docs), np.uint8)
    wanted = docs.astype(np.uint32)  # else all that are held would be converted
    places = np.minimum(held.searchsorted(wanted), len(held) - 1)
    codes = np.frombuffer(bytes(matches.codes), np.uint8)[places]
    codes[held[places] != wanted] = 0
    return codes
