"""What was probably meant: words near a word, whole queries put right, and the words a pattern stands for.

Everything is taken from the corpus' own vocabulary; nothing is known of any language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from math import inf, log

from papersearch.engine.search.edits import cost, distance, is_beside
from papersearch.text.folding import fold
from papersearch.text.stopwords import STOP_WORDS
from papersearch.text.words import stem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.lexicon import Lexicon

MOST_FUZZY = 50
"""Words that a fuzzy word stands for at most (chosen)."""

# A word in so many papers is as it was meant; a rarer one may be a slip that others made as well, if it is long and a
# word a cheap edit away is so many times more frequent (chosen: of 300 titles of real papers 5 % had a rare word
# changed without the first two conditions, 0.7 % with them; of 3,710 others 4 have now, 3 of them rightly, and 8 had
# before `_substituted`).
_FINE = 3
_MUCH_MORE = 50
_CHEAP = 0.8
_LONG = 8
# The same of a shorter word, which is offered then and never put in its place unasked (measured on 87,288 papers,
# 2026-11-27: of 204 slips that others made as well 57 are found, 13 before, and of 4,000 right words of titles one is
# doubted).
_FAR_MORE = 1_000
_NOT_SHORT = 5
# How much likelier than a word at hand a word one full edit away must be: e to that power (chosen: of 2,400 words with
# a random edit in each 2,244 are corrected, with 4.0 2,214 and with 9.0 2,271; but words were drawn however rare they
# are, which flatters high values).
_EDIT = 5.0
# A word is put right unasked if it has so many letters, or one less where the word meant is common, and any other word
# that it may have been meant to be is so many times rarer: much, or a little if no slip of the fingers leads there
# (measured with `benchmarks/suggestions.py` on 1,711 posts, 2026-11-26: of 2,000 slips 90.5 % are put right, 0.2 % are
# made another word, and 0.6 % of 774 right words are replaced; with rivals of any frequency 55, 0.0 and 0.4 %).
_CERTAIN = 6
_COMMON = 60
_RARER = 20
_LITTLE_RARER = 2
_TRIED = 6  # candidates of each word that are tried beside their neighbours
_APART = 0.9  # the cost of a blank too many or too few
_LEAST_PART = 3  # letters of a word that another was written together with, or apart from
LONGEST = 40  # letters of a word that may be corrected: the texts one edit away grow with the square of them
MOST_MENDED = 12  # unknown words of a query: with more of them it is in another language rather than misspelt

# The log of how likely it is that words were meant: in place of one word of the query, and of all so far.
_Option = tuple[float, tuple[str, ...]]
_Way = tuple[float, list[tuple[str, ...]]]


def corrections(words: Sequence[str], lexicon: Lexicon) -> list[tuple[int, tuple[str, ...]]]:
    """What was probably meant by the words of a query (folded): (how many words, what they were meant to be), in order.

    Costs next to nothing where all words are known, else a few milliseconds for each that is not (10 to 40 in 87,288
    papers).
    """
    joined = _join(words, lexicon)
    best: list[tuple[str, ...]] = [(word,) for _, word in joined]
    known = [_is_beyond_doubt(word, lexicon) for _, word in joined]
    if 0 < known.count(False) <= MOST_MENDED:
        options = [
            [(0.0, (word,))] if fine else _options(word, lexicon) for (_, word), fine in zip(joined, known, strict=True)
        ]
        best = _fitting(options, lexicon)
        if best != [(word,) for _, word in joined]:
            best = _as_written(best, lexicon)
    return [(count, meant) for (count, _), meant in zip(joined, best, strict=True)]


def _as_written(best: Sequence[tuple[str, ...]], lexicon: Lexicon) -> list[tuple[str, ...]]:
    """Words put right, and beside them those that are found by their stem and that nobody writes like this, as papers
    write them: what was meant would have a slip in it (``reinforcment learning``)."""
    unwritten = {
        word
        for word, *_ in best
        if _LONG <= len(word) <= LONGEST and not lexicon.frequency(word) and lexicon.is_known(word)
    }
    if len(unwritten) > MOST_MENDED:
        return [*best]
    return [(_written(word, lexicon) if word in unwritten else word, *others) for word, *others in best]


def _written(word: str, lexicon: Lexicon) -> str:
    """The form of a word that has a letter more or less and that papers have, else the word. Another ending
    and a doubled letter are as they were meant (``exam``, ``modelling``), but for the plural of ``moleculs``."""
    plural = f"{word[:-1]}es" if word[-1:] == "s" else ""
    forms = [
        other
        for other in _edited(word)
        if len(other) != len(word) and (other[-3:] == word[-3:] or other == plural) and lexicon.frequency(other)
        if stem(other) == stem(word) and _undoubled(other) != _undoubled(word)
    ]
    return max(forms, key=lambda other: (len(other), other), default=word)


def is_certain(typed: Sequence[str], meant: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether words are misspelled beyond doubt: one word that nobody writes, or hardly anybody beside the word meant,
    one slip away from that, and from no other that is not much rarer."""
    if len(typed) != 1 or len(meant) != 1:
        return False
    word, other = typed[0], meant[0]
    if stem(word) == stem(other) and not lexicon.frequency(word):
        return True  # nobody writes it like this, and the same papers have it
    if lexicon.is_name(other):
        return False
    frequency = lexicon.frequency(other)
    if lexicon.is_known(word) and (len(word) < _LONG or not 0 < _MUCH_MORE * lexicon.frequency(word) <= frequency):
        return False
    if len(word) < _CERTAIN - (frequency >= _COMMON) or frequency < _FINE or not is_slip(word, other):
        return False
    if word[0] != other[0] and _substituted(word, other) and frequency < _COMMON:
        return False  # both are more often words of their own
    if word[1:] == other and word[0] != other[0] and not is_beside(word[0], other[0]):
        return False  # a name, as Kaiming beside aiming, or xformers
    either = {stem(word), stem(other)}
    rivals = (each for each in _edited(word) if lexicon.is_known(each) and stem(each) not in either)
    return all(
        (_RARER if is_slip(word, each) else _LITTLE_RARER) * lexicon.frequency(each) < frequency for each in rivals
    )


def is_slip(word: str, other: str) -> bool:
    """Whether one slip of the fingers makes one word of the other, or doubles the wrong letter (``difussion``).
    Letters that stand for each other must be beside each other on the keyboard: else both are more often words of
    their own."""
    if _substituted(word, other) and not any(map(is_beside, word, other)):
        return _undoubled(word) == _undoubled(other)
    return distance(word, other, 1) <= 1 or _undoubled(word) == _undoubled(other)


def a_slip_away(word: str, lexicon: Lexicon) -> list[str]:
    """The words of papers that one slip of the fingers makes this one of, in order."""
    return sorted(other for other in _edited(word) if lexicon.frequency(other) and is_slip(word, other))


def _undoubled(word: str) -> str:
    return "".join(letter for letter, before in zip(word, f" {word}", strict=False) if letter != before)


def _is_beyond_doubt(word: str, lexicon: Lexicon) -> bool:
    """Whether a word is as it was meant, whatever is near it."""
    if word in STOP_WORDS or not _NOT_SHORT <= len(word) <= LONGEST:
        return _is_fine(word, lexicon)
    return lexicon.papers(word) >= _FINE


def _is_fine(word: str, lexicon: Lexicon) -> bool:
    """Whether a word is one by itself, and no piece of another."""
    if word in STOP_WORDS or not 4 <= len(word) <= LONGEST:
        return True
    if not (frequency := lexicon.frequency(word)):
        return lexicon.is_known(word)
    return frequency >= (1 if len(word) < _LONG else _FINE)


def _join(words: Sequence[str], lexicon: Lexicon) -> list[tuple[int, str]]:
    """(how many words, what they are as one) of the words, each two written as one where a blank went in between."""
    joined: list[tuple[int, str]] = []
    for word in words:
        if joined and _are_one(joined[-1][1], word, lexicon):
            count, before = joined[-1]
            joined[-1] = count + 1, before + word
        else:
            joined.append((1, word))
    return joined


def _are_one(first: str, second: str, lexicon: Lexicon) -> bool:
    """Whether two words are one that is known while one of them is not, or that is commoner than both of them where
    hardly anybody writes them side by side, as ``trans former``."""
    together = lexicon.frequency(first + second)
    if together < _FINE:
        return False
    if not (_is_fine(first, lexicon) and _is_fine(second, lexicon)):
        return True
    if min(len(first), len(second)) < _LEAST_PART or STOP_WORDS.intersection((first, second)):
        return False
    if together <= max(lexicon.frequency(first), lexicon.frequency(second)):
        return False
    return together >= _MUCH_MORE * max(1, lexicon.adjacent(first, second))


def _options(word: str, lexicon: Lexicon) -> list[_Option]:
    """What a word may have been meant to be, likeliest first: (log of how likely, words)."""
    frequency = lexicon.papers(word)
    much_more = _MUCH_MORE if len(word) >= _LONG else _FAR_MORE
    options: list[_Option] = [(log(1 + frequency), (word,))]
    names: list[_Option] = []
    for candidate in _near(word, lexicon):
        price = cost(word, candidate)
        found = lexicon.frequency(candidate)
        if frequency and (price > _CHEAP or found < much_more * frequency or _substituted(word, candidate)):
            continue
        if found > frequency and candidate not in STOP_WORDS:
            likely = log(1 + found) - _EDIT * price + _EDIT, (candidate,)
            (names if lexicon.is_name(candidate) else options).append(likely)
    if not frequency:
        options += _splits(word, lexicon)
    if len(options) == 1 and not frequency:  # else it is rather a word than somebody's name
        options += [(likely, name) for likely, name in names if distance(word, name[0], 1) <= 1]
    # Of words that are as likely, as forms of one are, the longer: a letter is missed more often than put in.
    options.sort(key=lambda option: (-option[0], -sum(map(len, option[1])), option[1]))
    kept = options[:_TRIED]
    return kept if frequency or len(kept) == 1 else [option for option in kept if option[1] != (word,)]


def _substituted(word: str, other: str) -> bool:
    """Whether one letter stands for another: such words are more often two, as ``searcher`` and ``searched``, or
    ``tokenisation`` and ``tokenization``, than one and its slip."""
    return len(word) == len(other) and sorted(word) != sorted(other)


def _near(word: str, lexicon: Lexicon) -> list[str]:
    """Words of the vocabulary one edit away, or two where the first letter is right and the word is long."""
    found = {other for other in _edited(word) if lexicon.frequency(other)}
    if len(word) >= _LONG:
        found.update(other for other, edits in _within(word, 2, lexicon.words_near(word, 2, word[0])) if edits)
    return sorted(found)


def _within(word: str, most: int, others: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Those of the other words that are at most ``most`` edits away, each with its edits."""
    lengths = range(len(word) - most, len(word) + most + 1)
    letters = frozenset(word)
    for other in others:
        # Each edit brings in, or takes away, one kind of letter at most.
        if len(other) in lengths and len(letters.difference(other)) <= most:
            edits = distance(word, other, most)
            if edits <= most:
                yield other, edits


def _edited(word: str) -> set[str]:
    """Every text one edit away."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    edited = {first + second[1:] for first, second in halves if second}
    edited |= {first + second[1] + second[0] + second[2:] for first, second in halves if len(second) > 1}
    edited |= {first + letter + second[1:] for first, second in halves if second for letter in letters}
    edited |= {first + letter + second for first, second in halves for letter in letters}
    return edited - {word}


def _splits(word: str, lexicon: Lexicon) -> list[_Option]:
    """Two words that were written as one, if somebody writes them side by side."""
    found: list[_Option] = []
    for at in range(_LEAST_PART, len(word) - _LEAST_PART + 1):
        first, second = word[:at], word[at:]
        rarer = min(lexicon.frequency(first), lexicon.frequency(second))
        if rarer >= _FINE and (together := lexicon.adjacent(first, second)):
            found.append((log(1 + together) - _EDIT * _APART + _EDIT, (first, second)))
    return found


def _fitting(options: Sequence[Sequence[_Option]], lexicon: Lexicon) -> list[tuple[str, ...]]:
    """The likeliest row of options, one of each: by themselves, and by how often neighbours stand side by side."""
    ways: list[_Way] = [(0.0, [])]
    for choices in options:
        is_choice = len(choices) + len(ways) > 2  # else neighbours decide nothing
        ways = [_likeliest(ways, likely, meant, lexicon if is_choice else None) for likely, meant in choices]
    return max(ways, key=lambda way: way[0])[1]


def _likeliest(ways: Sequence[_Way], likely: float, meant: tuple[str, ...], lexicon: Lexicon | None) -> _Way:
    """The likeliest of some ways with an option after it; how well it fits its neighbour is asked of the lexicon."""
    best: _Way = -inf, []
    for before, row in ways:
        fit = log(1 + lexicon.adjacent(row[-1][-1], meant[0])) if row and lexicon is not None else 0.0
        total = before + likely + fit
        if total > best[0] + 1e-9:
            best = total, [*row, meant]
    return best


def fuzzy(word: str, most: int, lexicon: Lexicon) -> list[tuple[str, int]]:
    """(word, edits) of the words at most ``most`` edits away (1 or 2), nearest and then most frequent first.

    Looks at the whole vocabulary, about half a microsecond a word.
    """
    folded = fold(word)
    near = _within(folded, most, lexicon.words_near(folded, most))
    found = sorted((edits, -lexicon.frequency(other), other) for other, edits in near)
    return [(other, edits) for edits, _, other in found[:MOST_FUZZY]]


def matching(pattern: str, lexicon: Lexicon, limit: int, numbered: bool = False) -> list[str]:
    """At most ``limit`` words that a pattern stands for, in order: ``*`` is any characters, ``?`` is any one; if
    ``numbered``, terms with digits in place of words."""
    pieces = ["?".join(map(fold, piece.split("?"))) for piece in re.split(r"\*+", pattern)]
    return list(islice(filter(_matcher(pieces), lexicon.words_like("*".join(pieces), numbered)), limit))


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
