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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress, islice
from math import log
from typing import NamedTuple

from papersearch.store.schema import K1
from papersearch.store.weights import LEVELS

SATURATION = tuple(level / (K1 + level) for level in LEVELS)
# Tables that turn codes into 1 where they are at least so high, else 0.
_AT_LEAST = tuple(bytes(code) + b"\1" * (256 - code) for code in range(256))
# Sums of floats in another order differ in the last digits; pruning leaves that much room.
_ROOM = 1e-9
# After these words (by number, rarest first) the best papers so far are finished, to learn which others cannot win any
# more; of so few papers the K-th is found at once (measured over 87,288 papers).
PROBED = (1, 2, 4)
FEW = 3_000


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

    def code(self, doc: int) -> int:
        """The code of one document's posting, 0 where the word does not stand."""
        docs = self.docs
        place = bisect_left(docs, doc)
        return self.codes[place] if place < len(docs) and docs[place] == doc else 0

    def saturation(self, doc: int) -> float:
        """The saturated frequency in one document, 0 where the word does not stand."""
        return SATURATION[self.code(doc)] + self.extra.get(doc, 0.0)


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
    accepts = _acceptance(dead, allowed)
    rest = [0.0] * (len(words) + 1)
    for number in range(len(words) - 1, -1, -1):
        rest[number] = rest[number + 1] + words[number].weight * words[number].matches.top
    scores: dict[int, float] = {}
    for number, word in enumerate(words):
        if not number and len(words) > 1:
            floor = max(floor, _first_floor(words, k, accepts))
        needed = floor - rest[number] - _ROOM
        if scores and needed > 0:
            scores = {doc: score for doc, score in scores.items() if score >= needed}
        if scores:
            _add(scores, *word)
        if needed <= 0:
            _enter(scores, word, floor - rest[number + 1] - _ROOM, accepts)
        if number + 1 < len(words) and len(scores) >= k:
            if len(scores) < FEW:
                floor = max(floor, heapq.nlargest(k, scores.values())[-1])
            elif number in PROBED and needed <= 0:
                floor = max(floor, _probe(heapq.nlargest(k, scores, key=scores.__getitem__), scores, words[number + 1 :]))
    return {doc: score for doc, score in scores.items() if score >= floor - _ROOM}


def _acceptance(dead: frozenset[int], allowed: int | None) -> Callable[[int], bool] | None:
    """Whether a document counts; None where all do."""
    if allowed is None:
        return (lambda doc: doc not in dead) if dead else None
    flags = bin(allowed)[:1:-1]
    length = len(flags)
    return lambda doc: doc < length and flags[doc] == "1"


def _first_floor(words: Sequence[Weighted], k: int, accepts: Callable[[int], bool] | None) -> float:
    """What the ``k`` best papers reach at least: found by finishing those in which the rarest word stands out most."""
    matches, weight = words[0]
    code = _code_of_the_first(matches.codes, k)
    docs = list(islice(filter(accepts, _docs_from(matches, code)), 2 * k))
    if len(docs) < k:
        return 0.0
    known = {doc: weight * matches.saturation(doc) for doc in docs}
    return _probe(docs, known, words[1:], k)


def _code_of_the_first(codes: Sequence[int], k: int) -> int:
    """The highest code such that at least ``k`` postings have it or a higher one; 1 if there are not so many."""
    data = bytes(codes)
    found = 0
    for code in range(255, 1, -1):
        found += data.count(code)
        if found >= k:
            return code
    return 1


def _docs_from(matches: Matches, code: int) -> Iterator[int]:
    """Documents whose posting has that code or a higher one."""
    if code <= 1:
        return iter(matches.docs)
    return compress(matches.docs, bytes(matches.codes).translate(_AT_LEAST[code]))


def _probe(docs: Iterable[int], scores: Mapping[int, float], words: Sequence[Weighted], k: int = 0) -> float:
    """The lowest score that ``docs`` have when they are finished, or the ``k``-th: no paper below is among the best."""
    finished = {doc: scores[doc] for doc in docs}
    for matches, weight in words:
        _add(finished, matches, weight)
    return heapq.nlargest(k, finished.values())[-1] if k else min(finished.values())


def _enter(
    scores: dict[int, float], word: Weighted, needed: float, accepts: Callable[[int], bool] | None
) -> None:
    """Note the documents that a word is the first to bring, if what it brings is enough (``needed``)."""
    matches, weight = word
    table = [weight * saturation for saturation in SATURATION]
    lowest = bisect_left(table, needed) if needed > 0 else 0
    if lowest < len(table):
        if lowest > 1:
            mask = bytes(matches.codes).translate(_AT_LEAST[lowest])
            entries = zip(compress(matches.docs, mask), compress(matches.codes, mask), strict=True)
        else:
            entries = zip(matches.docs, matches.codes, strict=False)
        if accepts is not None:
            entries = (entry for entry in entries if accepts(entry[0]))
        if scores:
            new = {doc: table[code] for doc, code in entries if doc not in scores}
        else:
            new = {doc: table[code] for doc, code in entries}
    else:
        new = {}
    for doc, more in matches.extra.items():
        if doc in new:
            new[doc] += weight * more
        elif doc not in scores and (accepts is None or accepts(doc)):
            score = table[matches.code(doc)] + weight * more
            if score >= needed:
                new[doc] = score
    scores.update(new)


def _add(scores: dict[int, float], matches: Matches, weight: float) -> None:
    """Add what a word brings to each document that has a score."""
    if matches.column is None and len(scores) * 20 < len(matches.docs):
        table = [weight * saturation for saturation in SATURATION]
        docs, codes = matches.docs, matches.codes
        for doc in scores:
            place = bisect_left(docs, doc)
            if place < len(docs) and docs[place] == doc:
                scores[doc] += table[codes[place]]
    else:
        table = [weight * saturation for saturation in SATURATION]
        if matches.column is not None:
            column = matches.column()
            for doc in scores:
                scores[doc] += table[column[doc]]
        else:
            known = dict(zip(matches.docs, matches.codes, strict=False))
            for doc in scores.keys() & known.keys():
                scores[doc] += table[known[doc]]
    extra = matches.extra
    for doc in scores.keys() & extra.keys() if extra else ():
        scores[doc] += weight * extra[doc]
