"""What was probably meant: words near a word, whole queries put right, and the words a pattern stands for.

Everything is taken from the corpus' own vocabulary; nothing is known of any language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import log
from typing import Protocol

from papersearch.search.edits import cost, distance
from papersearch.text.folding import fold
from papersearch.text.stopwords import STOP_WORDS

MOST_FUZZY = 50
"""Words that a fuzzy word stands for at most (chosen)."""

# A word in so many papers is as it was meant; a rarer one may be a slip that others made as well, if it is long and a
# word a cheap edit away is so many times more frequent (chosen: of 300 titles of real papers 5 % had a rare word
# "mended" without the first two conditions, 0.7 % with them).
_FINE = 3
_MUCH_MORE = 50
_CHEAP = 0.8
_LONG = 8
# How much likelier than a word at hand a word one full edit away must be: e to that power (chosen on titles with one
# random edit in each).
_EDIT = 4.0
_TRIED = 6  # candidates of each word that are tried beside their neighbours
_APART = 0.9  # the cost of a blank too many or too few


class Vocabulary(Protocol):
    """What the corpus' vocabulary is asked for."""

    def frequency(self, word: str) -> int:
        """Papers that hold the word, 0 where nobody writes it like this."""

    def words_from(self, prefix: str) -> Iterator[str]:
        """Words that start with ``prefix``, in order."""

    @property
    def adjacent(self) -> Callable[[str, str], int]:
        """Papers in which two words stand side by side."""


def suggest(words: Sequence[str], lexicon: Vocabulary) -> list[str] | None:
    """The words of a query (folded) as they were probably meant; None where they are fine or nothing is known better.

    Costs nothing where all words are known, else a few milliseconds for each that is not.
    """
    known = [_is_fine(word, lexicon) for word in words]
    if all(known):
        return None
    joined = _join(words, known, lexicon)
    if joined is not None:
        return joined
    options = [[(0.0, (word,))] if fine else _options(word, lexicon) for word, fine in zip(words, known, strict=True)]
    best = _fitting(options, lexicon)
    return best if best != list(words) else None


def _is_fine(word: str, lexicon: Vocabulary) -> bool:
    if word in STOP_WORDS or len(word) < 4:
        return True
    return lexicon.frequency(word) >= (1 if len(word) < _LONG else _FINE)


def _join(words: Sequence[str], known: Sequence[bool], lexicon: Vocabulary) -> list[str] | None:
    """The words with two written as one, where a blank went in between: one of them is unknown then."""
    for at, (first, second) in enumerate(pairwise(words)):
        if not (known[at] and known[at + 1]) and lexicon.frequency(first + second) >= _FINE:
            return [*words[:at], first + second, *words[at + 2 :]]
    return None


def _options(word: str, lexicon: Vocabulary) -> list[tuple[float, tuple[str, ...]]]:
    """What a word may have been meant to be, likeliest first: (log of how likely, words)."""
    frequency = lexicon.frequency(word)
    options: list[tuple[float, tuple[str, ...]]] = [(log(1 + frequency), (word,))]
    for candidate in _near(word, lexicon):
        price = cost(word, candidate)
        found = lexicon.frequency(candidate)
        if frequency and (price > _CHEAP or found < _MUCH_MORE * frequency):
            continue
        if found > frequency:
            options.append((log(1 + found) - _EDIT * price + _EDIT, (candidate,)))
    if not frequency:
        options += _splits(word, lexicon)
    options.sort(key=lambda option: (-option[0], option[1]))
    kept = options[:_TRIED]
    return kept if frequency or len(kept) == 1 else [option for option in kept if option[1] != (word,)]


def _near(word: str, lexicon: Vocabulary) -> list[str]:
    """Words of the vocabulary one edit away, or two where the first two letters are right and the word is longer."""
    found = {other for other in _edited(word) if lexicon.frequency(other)}
    if len(word) > 5:
        lengths = range(len(word) - 2, len(word) + 3)
        found |= {
            other
            for other in lexicon.words_from(word[:2])
            if len(other) in lengths and other != word and distance(word, other, 2) <= 2
        }
    return sorted(found)


def _edited(word: str) -> set[str]:
    """Every text one edit away."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    edited = {first + second[1:] for first, second in halves if second}
    edited |= {first + second[1] + second[0] + second[2:] for first, second in halves if len(second) > 1}
    edited |= {first + letter + second[1:] for first, second in halves if second for letter in letters}
    edited |= {first + letter + second for first, second in halves for letter in letters}
    return edited - {word}


def _splits(word: str, lexicon: Vocabulary) -> list[tuple[float, tuple[str, ...]]]:
    """Two words that were written as one, if somebody writes them side by side."""
    found: list[tuple[float, tuple[str, ...]]] = []
    for at in range(3, len(word) - 2):
        first, second = word[:at], word[at:]
        rarer = min(lexicon.frequency(first), lexicon.frequency(second))
        if rarer >= _FINE and (together := lexicon.adjacent(first, second)):
            found.append((log(1 + together) - _EDIT * _APART + _EDIT, (first, second)))
    return found


def _fitting(options: Sequence[Sequence[tuple[float, tuple[str, ...]]]], lexicon: Vocabulary) -> list[str]:
    """The likeliest row of options, one of each: by themselves, and by how often neighbours stand side by side."""
    ways: list[tuple[float, list[str]]] = [(0.0, [])]
    for choices in options:
        following = []
        for likely, chosen in choices:
            best: tuple[float, list[str]] | None = None
            for before, row in ways:
                fit = log(1 + lexicon.adjacent(row[-1], chosen[0])) if row and len(choices) + len(ways) > 2 else 0.0
                total = before + likely + fit
                if best is None or total > best[0] + 1e-9:
                    best = total, [*row, *chosen]
            if best is not None:
                following.append(best)
        ways = following
    return max(ways, key=lambda way: way[0])[1]


def fuzzy(word: str, most: int, lexicon: Vocabulary) -> list[tuple[str, int]]:
    """(word, edits) of the words at most ``most`` edits away (1 or 2), nearest and then most frequent first.

    Looks at the whole vocabulary, about half a microsecond a word.
    """
    word = fold(word)
    lengths = range(len(word) - most, len(word) + most + 1)
    letters = frozenset(word)
    found = []
    for other in lexicon.words_from(""):
        # Each edit brings in, or takes away, one kind of letter at most.
        if len(other) in lengths and len(letters.difference(other)) <= most:
            edits = distance(word, other, most)
            if edits <= most:
                found.append((edits, -lexicon.frequency(other), other))
    found.sort()
    return [(other, edits) for edits, _, other in found[:MOST_FUZZY]]


def matching(pattern: str, lexicon: Vocabulary, limit: int) -> list[str]:
    """At most ``limit`` words that a pattern stands for, in order: ``*`` is any characters, ``?`` is any one."""
    pieces = ["?".join(map(fold, piece.split("?"))) for piece in pattern.split("*")]
    prefix = pieces[0].partition("?")[0]
    matches = _matcher(pieces)
    found = []
    for word in lexicon.words_from(prefix):
        if matches(word):
            found.append(word)
            if len(found) == limit:
                break
    return found


def _matcher(pieces: Sequence[str]) -> Callable[[str], bool]:
    """Whether a word matches the pieces between the stars. Each is looked for after the one before, which is enough,
    and takes time linear in the word however many stars there are."""
    compiled = [re.compile(re.escape(piece).replace(r"\?", ".")) for piece in pieces]
    first, last = compiled[0], compiled[-1]
    if len(pieces) == 1:
        return lambda word: first.fullmatch(word) is not None
    tail = len(pieces[-1])

    def matches(word: str) -> bool:
        start = first.match(word)
        if start is None or len(word) - tail < start.end() or not last.fullmatch(word, len(word) - tail):
            return False
        at = start.end()
        for piece in compiled[1:-1]:
            found = piece.search(word, at, len(word) - tail)
            if found is None:
                return False
            at = found.end()
        return True

    return matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that is nearest to a mistaken one, or None where none is near."""
    from difflib import get_close_matches

    names = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), names, 1, 0.6)
    return names[near[0]] if near else None
