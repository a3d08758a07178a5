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

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import compress
from math import ceil, log
from operator import itemgetter

from papersearch.core.frozen import NamedTuple
from papersearch.engine.index.bits import docs_of, uses_arrays, worth_arrays
from papersearch.engine.index.weights import SATURATION

# The tiers of a word's postings start at these codes (chosen: about a third of all postings are above the first, an
# eighth above the second), and what the postings below bring at most.
TIERS = tuple(bisect_left(SATURATION, saturation) for saturation in (0.45, 0.62))
TIER_TOPS = tuple(SATURATION[code - 1] for code in TIERS)
# Bounds are counted in so many steps: six bits for few words, where more only cost, else eight, since what is lost by
# rounding adds up (measured: 320 papers of 87,288 are left of a sentence in place of 1,270).
_STEPS, _MORE_STEPS = 63, 255
_FEW_WORDS = 4
# Of many words, one that brings no more than this share of all is not told apart by tiers, where scoring is by arrays,
# and others only by the highest: what tiers cost is more than what they spare (measured on sentences: shares of 0, 0.06
# and 0.1 took 29.6, 28.1 and 27.5 ms over 698,304 papers, 12.7, 12.0 and 12.3 ms over 87,288; the highest alone 23.5 in
# place of 24.6 ms, and as long as before over 87,288).
_LIGHT = 0.06
# Sums of floats in another order differ in the last digits; pruning leaves that much room.
_ROOM = 1e-9
# Up to so many scores, sorting all to find the K-th is faster than a heap (measured).
_FEW = 3_000


@lru_cache(4_096)  # feedback asks for 150 at once, most of them not for the first time
def idf(frequency: int, papers: int) -> float:
    """How rare a word is that ``frequency`` of ``papers`` hold."""
    return log(1 + (papers - frequency + 0.5) / (frequency + 0.5))


class Matches:
    """Where one word of the query stands in one segment.

    ``postings`` gives its documents and their codes (dead documents included) when they are asked for; ``extra`` is
    what other spellings add to the saturated frequency of a document; ``bits`` the live documents of both; ``top`` the
    highest saturated frequency. ``column`` gives the codes by document; ``tier`` gives the live documents of a tier
    (see ``TIERS``) and those above. Of a ``common`` word the codes by document are at hand, its postings are not.
    """

    def __init__(
        self,
        postings: Callable[[], tuple[Sequence[int], Sequence[int]]],
        extra: Mapping[int, float],
        bits: int,
        top: float,
        tier: Callable[[int], int],
        column: Callable[[], Sequence[int]],
        common: bool = False,
        papers: int | None = None,
    ) -> None:
        """``papers`` is how many documents ``bits`` holds, if that is known."""
        self.postings, self.extra, self.common = postings, extra, common
        self._papers = papers
        self.bits, self.top, self.column = bits, top, column
        self.tier = tier

    @cached_property
    def papers(self) -> int:
        """How many live documents hold the word. To count them costs 40 microseconds for 698,304."""
        return self.bits.bit_count() if self._papers is None else self._papers

    @cached_property
    def _read(self) -> tuple[Sequence[int], Sequence[int]]:
        return self.postings()

    @property
    def docs(self) -> Sequence[int]:
        """The documents, in order."""
        return self._read[0]

    @property
    def codes(self) -> Sequence[int]:
        """The code of each of them."""
        return self._read[1]

    @cached_property
    def by_doc(self) -> Sequence[int]:
        """The code of each document, 0 where the word does not stand; nothing if it stands nowhere."""
        return self.column()

    def code(self, doc: int) -> int:
        """The code of one document's posting, 0 where the word does not stand."""
        if self.common:
            return self.by_doc[doc]
        docs = self.docs
        place = bisect_left(docs, doc)
        return self.codes[place] if place < len(docs) and docs[place] == doc else 0

    def codes_of(self, docs: Sequence[int]) -> Sequence[int]:
        """The codes of many documents, 0 where the word does not stand."""
        codes = self.by_doc
        if not codes:
            return bytes(len(docs))
        return itemgetter(*docs)(codes) if len(docs) > 1 else [codes[doc] for doc in docs]

    def holds(self, doc: int) -> bool:
        """Whether the word, in any spelling, stands in a live document. To ask ``bits`` would copy it."""
        return self.code(doc) > 0 or doc in self.extra

    def saturation(self, doc: int) -> float:
        """The saturated frequency in one document, 0 where the word does not stand."""
        return float(SATURATION[self.code(doc)] + self.extra.get(doc, 0.0))

    @cached_property
    def tiers(self) -> tuple[tuple[int, float], ...]:
        """(documents, what is added to the bound of each by the saturated frequency there), from the lowest tier."""
        tiers = []
        before, bits = 0.0, self.bits
        for number, top in enumerate(TIER_TOPS):
            if self.top <= top:
                break
            tiers.append((bits, top - before))
            before, bits = top, self.tier(number)
        return (*tiers, (bits, self.top - before))

    @property
    def highest(self) -> tuple[tuple[int, float], ...]:
        """The same, of which only the highest tier is told apart."""
        top = TIER_TOPS[-1]
        if self.top <= top:
            return ((self.bits, self.top),)
        return (self.bits, top), (self.tier(len(TIERS) - 1), self.top - top)

    def with_more(self, extra: Mapping[int, float], bits: int, top: float, tier: Callable[[int], int]) -> Matches:
        """The matches with what other spellings add."""
        return Matches(self.postings, extra, bits, top, tier, lambda: self.by_doc, self.common)


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
    bits, needed = bounds.reaching(floor - _ROOM), [floor - more - _ROOM for more in rest[1:]]
    if uses_arrays() or worth_arrays(bits.bit_count()):
        from papersearch.engine.search import scoring_arrays

        docs, scores = scoring_arrays.summed(bits, words, needed, 2 * k)
    else:
        docs, scores = summed(docs_of(bits), words, needed, 2 * k)
    return dict(zip(*_reaching(docs, scores, _kth(scores, k) - _ROOM), strict=True))


def summed(
    docs: Sequence[int], words: Sequence[Weighted], needed: Sequence[float], few: int
) -> tuple[list[int], list[float]]:
    """Documents with their scores: those that have after each word what is ``needed`` by then, and more where no more
    than ``few`` are left."""
    scores: Sequence[float] = [0.0] * len(docs)
    for word, least in zip(words, needed, strict=True):
        scores = _added(scores, docs, word)
        if least > 0 and len(docs) > few:
            docs, scores = _reaching(docs, scores, least)
    return [*docs], [*scores]


def scores_of(words: Sequence[Weighted], docs: Sequence[int]) -> list[float]:
    """The scores of some documents of a segment, as ``best`` gives them."""
    if uses_arrays():
        from papersearch.engine.search import scoring_arrays

        return scoring_arrays.scores_of(words, docs)
    scores = [0.0] * len(docs)
    for word in words if docs else ():
        scores = _added(scores, docs, word)
    return scores


def _reaching(docs: Sequence[int], scores: Sequence[float], least: float) -> tuple[list[int], list[float]]:
    """The documents whose score is no less, with their scores."""
    kept = [least <= score for score in scores]
    return list(compress(docs, kept)), list(compress(scores, kept))


class _Bounds:
    """What each document of a segment can reach at most, in bit-sliced counters."""

    def __init__(self, words: Sequence[Weighted], allowed: int | None) -> None:
        total = sum(weight * matches.top for matches, weight in words)
        steps = _STEPS if len(words) <= _FEW_WORDS else _MORE_STEPS
        many = len(words) > _FEW_WORDS and uses_arrays()
        self._scale = steps / total if total > 0 else 0.0
        self._all = 0
        addends: list[list[int]] = []
        for matches, weight in words:
            self._all |= matches.bits
            if not many:
                tiers = matches.tiers
            elif weight * matches.top < _LIGHT * total:
                tiers = ((matches.bits, matches.top),)
            else:
                tiers = matches.highest
            for bits, saturation in tiers:
                # Rounded up, so that no document is thought to reach less than it can.
                count = ceil(weight * saturation * self._scale - 1e-6)
                addends += [[] for _ in range(count.bit_length() - len(addends))]
                for place in range(count.bit_length()):
                    if count >> place & 1:
                        addends[place].append(bits)
        self._counters = _sums(addends)
        if allowed is not None:
            self._all &= allowed

    def at_least(self, steps: int) -> int:
        """Documents whose bound is so many steps or more."""
        if steps >> len(self._counters):
            return 0
        above, equal = 0, self._all
        for place in range(len(self._counters) - 1, -1, -1):
            higher = equal & self._counters[place]
            if steps >> place & 1:
                equal = higher
            else:
                above |= higher
                equal ^= higher  # an eighth of the time of ``& ~counter``
        return above | equal

    def reaching(self, floor: float) -> int:
        """Documents that can reach a score."""
        return self._all if floor <= 0 else self.at_least(int(floor * self._scale))

    def floor(self, words: Sequence[Weighted], k: int) -> float:
        """What the ``k`` best documents reach at least: found by scoring those with the highest bounds."""
        left, number = self._all.bit_count(), 0
        if left < k:
            return 0.0
        # ``above`` have a higher bound than those that are ``equal`` so far, from the highest bit on: the highest bound
        # that at least 2 k documents reach.
        above, equal = 0, self._all
        for counter in reversed(self._counters):
            if left <= 4 * k:  # all of these are looked at in any case
                break
            higher = equal & counter
            more = higher.bit_count()
            if number + more >= 2 * k:
                equal, left = higher, more
            else:
                above |= higher
                equal ^= higher
                number, left = number + more, left - more
        # Where bounds are coarse many documents have the same, and some of them are as good as any.
        return _kth(scores_of(words, docs_of(above) + docs_of(equal, 4 * k)), k)


def _sums(addends: list[list[int]]) -> list[int]:
    """Counters by place, from what each place of them is to be counted up by: three addends at a time become a sum and
    a carry to the next place."""
    counters = []
    carries: list[int] = []
    while addends or carries:
        here = carries + (addends.pop(0) if addends else [])
        carries = []
        while len(here) > 1:
            a, b, c = here.pop(), here.pop(), here.pop() if here else 0
            half = a ^ b
            here.append(half ^ c)
            carries.append(a & b | half & c)
        counters += here or [0]
    while counters and not counters[-1]:
        counters.pop()
    return counters


def _kth(scores: Sequence[float], k: int) -> float:
    """The ``k``-th highest of the scores, 0 where there are fewer."""
    if len(scores) < k:
        return 0.0
    if len(scores) <= _FEW:
        return sorted(scores)[-k]
    from heapq import nlargest

    return nlargest(k, scores)[-1]


def _added(scores: Sequence[float], docs: Sequence[int], word: Weighted) -> list[float]:
    """The scores of some documents with what a word brings to each."""
    matches, weight = word
    table = [weight * saturation for saturation in SATURATION]
    added = [score + table[code] for score, code in zip(scores, matches.codes_of(docs), strict=True)]
    get = matches.extra.get
    return [score + weight * get(doc, 0.0) for score, doc in zip(added, docs, strict=True)] if matches.extra else added
