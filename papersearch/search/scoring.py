"""The best papers for weighted words, exactly: BM25F over packed postings, with bounds in place of needless work.

    score(paper) = sum over the query's words of  boost * idf * tf / (k1 + tf)
    idf          = ln(1 + (N - df + 0.5) / (df + 0.5))

(Robertson and Zaragoza 2009, equations 3.20 and 3.3, the latter with the 1 that keeps it positive.) A posting holds tf
as a level, so a word's scores are a table of 256 numbers.

Which papers can be among the K best is told by bounds, as in MaxScore (Turtle and Flood 1995), but paper by paper:
a paper reaches at most the sum of what each of its words brings where the word stands most often, and less where the
word stands in a lower tier. These sums are added up for all papers at once in bit-sliced counters (O'Neil and Quass
1997): whole numbers of which bit d belongs to paper d. Papers with the highest bounds are scored first and give a
floor; then all whose bound reaches the floor are scored. The K best, ties included, and their scores are those of
scoring everything: additions happen in the same order for every paper.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from math import ceil, log

from papersearch.frozen import NamedTuple
from papersearch.store.reader import docs_of
from papersearch.store.schema import K1
from papersearch.store.weights import LEVELS

SATURATION = tuple(level / (K1 + level) for level in LEVELS)
# The tiers of a word's postings start at these codes (chosen: about a third of all postings are above the first, an
# eighth above the second), and what the postings below bring at most.
TIERS = tuple(bisect_left(SATURATION, saturation) for saturation in (0.45, 0.62))
TIER_TOPS = tuple(SATURATION[code - 1] for code in TIERS)
# Bounds are counted in so many steps (chosen: six bits; with seven the counting costs more than it spares).
_STEPS = 63
# Sums of floats in another order differ in the last digits; pruning leaves that much room.
_ROOM = 1e-9
# Of so few papers the K-th best is found at once (chosen).
FEW = 3_000


def idf(frequency: int, papers: int) -> float:
    """How rare a word is that ``frequency`` of ``papers`` hold."""
    return log(1 + (papers - frequency + 0.5) / (frequency + 0.5))


class Matches:
    """Where one word of the query stands in one segment.

    ``docs`` and ``codes`` are its postings (dead documents included); ``extra`` what other spellings add to the
    saturated frequency of a document; ``bits`` the live documents of both; ``top`` the highest saturated frequency.
    ``column``, if there is one, gives the codes by document; ``tier`` gives the live documents from a code on.
    """

    def __init__(
        self,
        docs: Sequence[int],
        codes: Sequence[int],
        extra: Mapping[int, float],
        bits: int,
        top: float,
        tier: Callable[[int], int],
        column: Callable[[], Sequence[int]] | None = None,
    ) -> None:
        self.docs, self.codes, self.extra = docs, codes, extra
        self.bits, self.top, self.column = bits, top, column
        self.tier = tier

    def code(self, doc: int) -> int:
        """The code of one document's posting, 0 where the word does not stand."""
        docs = self.docs
        place = bisect_left(docs, doc)
        return self.codes[place] if place < len(docs) and docs[place] == doc else 0

    def codes_of(self, docs: Collection[int]) -> Iterable[int]:
        """The codes of many documents, 0 where the word does not stand."""
        if self.column is not None:
            return map(self.column().__getitem__, docs)
        if len(docs) * 20 < len(self.docs):
            return map(self.code, docs)
        known = dict(zip(self.docs, self.codes, strict=False))
        return [known.get(doc, 0) for doc in docs]

    def saturation(self, doc: int) -> float:
        """The saturated frequency in one document, 0 where the word does not stand."""
        return float(SATURATION[self.code(doc)] + self.extra.get(doc, 0.0))

    @cached_property
    def tiers(self) -> tuple[tuple[int, float], ...]:
        """(documents, what is added to the bound of each by the saturated frequency there), from the lowest tier."""
        tiers = []
        before, bits = 0.0, self.bits
        for code, top in zip(TIERS, TIER_TOPS, strict=True):
            if self.top <= top:
                break
            tiers.append((bits, top - before))
            before, bits = top, self.tier(code)
        return (*tiers, (bits, self.top - before))


class Weighted(NamedTuple):
    """A word's matches in a segment with what the word weighs (boost times idf)."""

    matches: Matches
    weight: float


def best(words: Sequence[Weighted], k: int, allowed: int | None, floor: float = 0.0) -> dict[int, float]:
    """Scores of the ``k`` best documents of a segment and all that tie with the last, by document.

    ``words`` come rarest first, in the same order for every segment. Only documents of the bit set ``allowed``
    count, if it is given. Documents below ``floor`` may be missing: what other segments have reached already.
    """
    bounds = _Bounds(words, allowed)
    floor = max(floor, bounds.floor(words, k))
    rest = [0.0] * (len(words) + 1)
    for number in range(len(words) - 1, -1, -1):
        rest[number] = rest[number + 1] + words[number].weight * words[number].matches.top
    scores = dict.fromkeys(docs_of(bounds.reaching(floor - _ROOM)), 0.0)
    for number, word in enumerate(words):
        _add(scores, *word)
        needed = floor - rest[number + 1] - _ROOM
        if needed > 0:
            scores = {doc: score for doc, score in scores.items() if score >= needed}
            if len(scores) < FEW:
                floor = max(floor, _kth(scores, k))
    least = _kth(scores, k) - _ROOM
    return {doc: score for doc, score in scores.items() if score >= least}


class _Bounds:
    """What each document of a segment can reach at most, in bit-sliced counters."""

    def __init__(self, words: Sequence[Weighted], allowed: int | None) -> None:
        total = sum(weight * matches.top for matches, weight in words)
        self._scale = _STEPS / total if total > 0 else 0.0
        self._all = 0
        self._counters: list[int] = []
        for matches, weight in words:
            self._all |= matches.bits
            for bits, saturation in matches.tiers:
                # Rounded up, so that no document is thought to reach less than it can.
                self._count(bits, ceil(weight * saturation * self._scale - 1e-6))
        if allowed is not None:
            self._all &= allowed

    def _count(self, bits: int, steps: int) -> None:
        """Add so many steps to the counters of some documents."""
        counters, place = self._counters, 0
        while steps >> place:
            if steps >> place & 1:
                carry, at = bits, place
                while carry:
                    if at >= len(counters):
                        counters += [0] * (at + 1 - len(counters))
                    counters[at], carry = counters[at] ^ carry, counters[at] & carry
                    at += 1
            place += 1

    def at_least(self, steps: int) -> int:
        """Documents whose bound is so many steps or more."""
        if steps >> len(self._counters):
            return 0
        above, equal = 0, self._all
        for place in range(len(self._counters) - 1, -1, -1):
            counter = self._counters[place]
            if steps >> place & 1:
                equal &= counter
            else:
                above |= equal & counter
                equal &= ~counter
        return above | equal

    def reaching(self, floor: float) -> int:
        """Documents that can reach a score."""
        return self._all if floor <= 0 else self.at_least(int(floor * self._scale))

    def floor(self, words: Sequence[Weighted], k: int) -> float:
        """What the ``k`` best documents reach at least: found by scoring those with the highest bounds."""
        if self._all.bit_count() < k:
            return 0.0
        low, high = 0, 1 << len(self._counters)
        while high - low > 1:  # the highest bound that at least 2 k documents have
            middle = (low + high) // 2
            if self.at_least(middle).bit_count() >= 2 * k:
                low = middle
            else:
                high = middle
        # Where bounds are coarse many documents have the same, and some of them are as good as any.
        docs = docs_of(self.at_least(high))
        docs += docs_of(self.at_least(low) & ~self.at_least(high))[: 4 * k]
        scores = dict.fromkeys(docs, 0.0)
        for matches, weight in words:
            _add(scores, matches, weight)
        return _kth(scores, k)


def _kth(scores: Mapping[int, float], k: int) -> float:
    return heapq.nlargest(k, scores.values())[-1] if len(scores) >= k else 0.0


def _add(scores: dict[int, float], matches: Matches, weight: float) -> None:
    """Add what a word brings to each document that has a score."""
    table = [weight * saturation for saturation in SATURATION]
    for doc, code in zip(scores, matches.codes_of(scores), strict=True):
        scores[doc] += table[code]
    extra = matches.extra
    for doc in scores.keys() & extra.keys() if extra else ():
        scores[doc] += weight * extra[doc]
