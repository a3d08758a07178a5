"""The best papers for weighted words, exactly: BM25F over packed postings, with bounds in place of needless work.

    score(paper) = sum over the query's words of  boost * idf * tf / (k1 + tf)
    idf          = ln(1 + (N - df + 0.5) / (df + 0.5))

(Robertson and Zaragoza 2009, equations 3.20 and 3.3, the latter with the 1 that keeps it positive.) A posting holds tf
as a level, so a word's scores are a table of 256 numbers.

Term at a time, rarest word first. Once the papers seen so far hold K that no unseen paper can reach any more (the sum
of the highest scores of the words to come is below the K-th best), common words are only looked up for papers that
can still win: MaxScore (Turtle and Flood 1995), one word after the other. The K best, ties included, and their scores
are those of scoring everything: additions happen in the same order for every paper.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from math import log
from typing import NamedTuple

from papersearch.store.schema import K1
from papersearch.store.weights import LEVELS

SATURATION = tuple(level / (K1 + level) for level in LEVELS)
# Sums of floats in another order differ in the last digits; pruning leaves that much room.
_ROOM = 1e-9
# From this share of what all words could bring, finishing the best papers so far tells which others cannot win any more
# (measured over 87,288 papers: 0.2 to 0.5 are alike).
PROBE_SHARE = 0.3


def idf(frequency: int, papers: int) -> float:
    """How rare a word is that ``frequency`` of ``papers`` hold."""
    return log(1 + (papers - frequency + 0.5) / (frequency + 0.5))


class Matches(NamedTuple):
    """Where one word of the query stands in one segment.

    ``docs`` and ``codes`` are its postings (dead documents included); ``extra`` what other spellings add to the
    saturated frequency of a document; ``bits`` the live documents of both; ``top`` the highest saturated frequency.
    ``column``, if there is one, gives the codes by document.
    """

    docs: Sequence[int]
    codes: Sequence[int]
    extra: Mapping[int, float]
    bits: int
    top: float
    column: Callable[[], Sequence[int]] | None = None

    def saturation(self, doc: int) -> float:
        """The saturated frequency in one document, 0 where the word does not stand."""
        place = bisect_left(self.docs, doc)
        found = place < len(self.docs) and self.docs[place] == doc
        return (SATURATION[self.codes[place]] if found else 0.0) + self.extra.get(doc, 0.0)


class Weighted(NamedTuple):
    """A word's matches in a segment with what the word weighs (boost times idf)."""

    matches: Matches
    weight: float


def best(
    words: Sequence[Weighted], k: int, dead: frozenset[int], allowed: int | None, floor: float = 0.0
) -> dict[int, float]:
    """Scores of at least the ``k`` best documents of a segment (and all that tie with the last), by document.

    ``words`` come rarest first, in the same order for every segment. Only documents of the bit set ``allowed``
    count, if it is given. Documents below ``floor`` may be missing: what other segments have reached already.
    """
    scores: dict[int, float] = {}
    accepts = _acceptance(allowed)
    rest = [0.0] * (len(words) + 1)
    for number in range(len(words) - 1, -1, -1):
        rest[number] = rest[number + 1] + words[number].weight * words[number].matches.top
    for number, word in enumerate(words):
        if floor > rest[number] + _ROOM:
            return _look_up(scores, words[number:], rest[number:], k, floor)
        scores = _accumulate(scores, word, dead, accepts)
        seen = rest[0] - rest[number + 1]
        if seen > PROBE_SHARE * rest[0] and number + 1 < len(words) and len(scores) >= k:
            floor = max(floor, _probe(scores, words[number + 1 :], k))
    return {doc: score for doc, score in scores.items() if score >= floor - _ROOM}


def _acceptance(allowed: int | None) -> Callable[[dict[int, float]], dict[int, float]] | None:
    if allowed is None:
        return None
    flags = bin(allowed)[:1:-1]
    length = len(flags)
    return lambda scores: {doc: s for doc, s in scores.items() if doc < length and flags[doc] == "1"}


def _accumulate(
    scores: dict[int, float],
    word: Weighted,
    dead: frozenset[int],
    accepts: Callable[[dict[int, float]], dict[int, float]] | None,
) -> dict[int, float]:
    matches, weight = word
    table = [weight * saturation for saturation in SATURATION]
    if not scores:
        scores = dict(zip(matches.docs, map(table.__getitem__, matches.codes), strict=False))
    else:
        get = scores.get
        for doc, score in zip(matches.docs, map(table.__getitem__, matches.codes), strict=False):
            scores[doc] = get(doc, 0.0) + score
    for doc, more in matches.extra.items():
        scores[doc] = scores.get(doc, 0.0) + weight * more
    for doc in dead:
        scores.pop(doc, None)
    return accepts(scores) if accepts is not None else scores


def _probe(scores: Mapping[int, float], words: Sequence[Weighted], k: int) -> float:
    """What the ``k`` best so far reach at least when they are finished: no paper below that is among the best."""
    least = float("inf")
    for doc in heapq.nlargest(k, scores, key=scores.__getitem__):
        score = scores[doc]
        for matches, weight in words:
            score += weight * matches.saturation(doc)
        least = min(least, score)
    return least


def _kth(scores: Mapping[int, float], k: int) -> float:
    return heapq.nlargest(k, scores.values())[-1] if len(scores) >= k else 0.0


def _look_up(
    scores: dict[int, float], words: Sequence[Weighted], rest: Sequence[float], k: int, floor: float
) -> dict[int, float]:
    """Finish the documents that can still reach ``floor``; no other can."""
    for number, (matches, weight) in enumerate(words):
        needed = floor - rest[number] - _ROOM
        scores = {doc: score for doc, score in scores.items() if score >= needed}
        _add(scores, matches, weight)
        floor = max(floor, _kth(scores, k))
    return {doc: score for doc, score in scores.items() if score >= floor - _ROOM}


def _add(scores: dict[int, float], matches: Matches, weight: float) -> None:
    """Add what a word brings to each document that has a score."""
    if len(scores) * 20 < len(matches.docs) and matches.column is None:
        for doc in scores:
            scores[doc] += weight * matches.saturation(doc)
        return
    table = [weight * saturation for saturation in SATURATION]
    if matches.column is not None:
        column = matches.column()
        for doc in scores:
            scores[doc] += table[column[doc]]
    else:
        codes = dict(zip(matches.docs, matches.codes, strict=False))
        for doc in scores:
            scores[doc] += table[codes.get(doc, 0)]
    for doc, more in matches.extra.items():
        if doc in scores:
            scores[doc] += weight * more
