"""The passages of a text that show the words of a query best, and where in them these words stand.

First the marks are found, each an occurrence of a wanted term or of a whole phrase. Then runs of neighbouring marks
that fit into a passage are compared, and the best run is widened to whole sentences, else to clauses, else to words.
Offsets count code points. Knows nothing of fields, slots and how a passage is printed.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from papersearch.text import chunks, words

WIDTH = 240
"""Code points of a passage (chosen: three lines of a terminal)."""

MOST_CHARACTERS = 200_000
"""Characters of a text that are looked at (chosen: more than any abstract, less than what keeps people waiting)."""

_MOST_MARKS = 1_000
"""Marks that passages are chosen from (chosen: 20 ms at worst); all of them are shown in what is chosen."""

# How a run is scored (chosen by reading the snippets of 400 posts): what the second mark of a slot counts beside the
# first (the third half as much, and so on), how much of its weight a word gains right beside another one, how many
# characters apart that gain is halved and where it ends, and the factor for what can be shown in whole sentences.
_AGAIN = 0.1
_CLOSE = 0.3
_HALVED = 10
_FAR = 40
_WHOLE = 1.1

_ENOUGH = 0.6
"""The part of a passage that must be filled for it to end at a clause instead of a word (chosen likewise)."""

_SENTENCE_END = re.compile(r"""[.!?\n](?:(?<=\n)|["')\]”’]*(?=\s+[^a-z\s]))\s*""")
_CJK_SENTENCE_END = re.compile(r"[。！？][」』”’）】]*\s*")
_CLAUSE_END = re.compile("[,;:—](?: |(?<=—))|[，；：、]")
_LETTER = re.compile("[0-9a-z]")
_ABBREVIATIONS = frozenset(
    "al approx cf Dr Eq Eqn Eqs Fig fig Figs Mr Ms Mrs Prof Ref Refs resp Sec Secs St Tab vs".split()
)

Span = tuple[int, int, str, bool]
Terms = Mapping[str, tuple[int, float]]
Phrases = Sequence[tuple[tuple[str, ...], int, float]]


class Passage(NamedTuple):
    """A part of a text, ``…`` where a sentence is cut. ``highlights`` are (start, end) in ``text``, in order and apart;
    ``start`` is where in the full text the passage (without its ellipsis) begins."""

    text: str
    highlights: tuple[tuple[int, int], ...]
    start: int


class _Mark(NamedTuple):
    """An occurrence of a term or a phrase; ``places`` are its words."""

    start: int
    end: int
    slot: int
    weight: float
    places: tuple[tuple[int, int], ...]


class _Sentences(NamedTuple):
    """Where the sentences of a text start and end; blanks between them belong to none."""

    starts: list[int]
    ends: list[int]

    def around(self, start: int, end: int) -> tuple[int, int]:
        """The whole sentences that hold what is between ``start`` and ``end``."""
        return self.starts[max(0, bisect_right(self.starts, start) - 1)], self.ends[bisect_left(self.ends, end)]


def highlights(text: str, terms: Terms, phrases: Phrases = ()) -> tuple[tuple[int, int], ...]:
    """Where the words of a query stand in ``text``, in order, none overlapping another; see ``passages``."""
    return _merged(chain.from_iterable(mark.places for mark in _marks(_bounded(text), terms, phrases)))


def passages(text: str, terms: Terms, width: int = WIDTH, limit: int = 2, phrases: Phrases = ()) -> list[Passage]:
    """At most ``limit`` passages of at most ``width`` code points (ten or more), in the order of the text, apart.

    ``terms`` maps each wanted term, compounds as well, to its slot (which word of the query it stands for) and weight;
    ``phrases`` are runs of terms that count only side by side. Another passage comes only if it shows a slot that those
    before do not. Without a match it is the head of the text; of an empty text there is none. Costs about 60 µs for an
    abstract.
    """
    text = _bounded(text)
    if not text.strip():
        return []
    sentences = _sentences(text)
    marks = _marks(text, terms, phrases)
    if not marks:
        first = sentences.starts[0]
        return [_shown(text, _widened(text, first, first + 1, sentences, width, 0, len(text)), sentences, marks)]
    taken: list[tuple[int, int]] = []
    shown: set[int] = set()
    while len(taken) < max(1, limit):
        best = 0.0, 0, 0, 0, 0
        edges = [0, *chain.from_iterable(sorted(taken)), len(text)]
        for low, high in zip(edges[::2], edges[1::2], strict=True):
            inside = [mark for mark in marks[:_MOST_MARKS] if low <= mark.start and mark.end <= high]
            for score, start, end in _runs(inside, sentences, width, shown):
                if score > best[0]:
                    best = score, start, end, low, high
        if not best[0]:
            break
        _, start, end, low, high = best
        taken.append(_widened(text, start, end, sentences, width, low, high))
        start, end = min(start, taken[-1][0]), max(end, taken[-1][1])
        shown.update(mark.slot for mark in marks if start <= mark.start and mark.end <= end)
    return [_shown(text, piece, sentences, marks) for piece in sorted(taken)]


def _bounded(text: str) -> str:
    """``text``, of a huge one only its head, which ends with a whole word."""
    if len(text) <= MOST_CHARACTERS:
        return text
    end = text.rfind(" ", 0, MOST_CHARACTERS)
    return text[: end if end > 0 else MOST_CHARACTERS]


# --- where the words stand ---


def _marks(text: str, terms: Terms, phrases: Phrases) -> list[_Mark]:
    """Every mark, in order."""
    wanted = frozenset(terms).union(*(run for run, _, _ in phrases))
    if not wanted:
        return []
    spans = _spans(text, wanted)
    marks = {_Mark(start, end, *terms[term], ((start, end),)) for start, end, term, _ in spans if term in terms}
    if phrases:
        marks.update(_phrase_marks([span for span in spans if not span[3]], phrases))
    return sorted(marks)


def _spans(text: str, wanted: frozenset[str]) -> list[Span]:
    """The spans of all white-space separated tokens that may hold a wanted term; a nameless one for tokens left out.

    What holds neither the first letters of a wanted term nor anything but ASCII is not taken apart: in a fresh
    process, where no word was seen before, taking apart is most of the cost.
    """
    lower = text.lower()
    if len(lower) != len(text):  # a dotted capital I becomes two characters
        return words.spans(text)
    result: list[Span] = []
    before = 0
    for found in _heads(wanted).finditer(lower):
        start, end = found.span()
        while start > before and not text[start - 1].isspace():
            start -= 1
        if _LETTER.search(lower, before, start):
            result.append((before, start, "", False))
        result += [(start + a, start + b, term, extra) for a, b, term, extra in words.spans(text[start:end])]
        before = end
    return result


@lru_cache(maxsize=64)
def _heads(wanted: frozenset[str]) -> re.Pattern[str]:
    """Finds the rest of a token from where a wanted term may begin, or from its first character that is not ASCII.

    A stem keeps the first three letters of its word, or two if it has three itself (``use``, ``using``), save
    ``dying`` and its like. Among them may be what separates parts (``U-Net``, ``x's-ray``) or is dropped (``2.5``).
    """
    heads = {term[: 3 if len(term) > 3 else 2] for term in wanted if term.isascii()}
    heads |= {term[0] + "y" for term in wanted if term in ("die", "lie", "tie")}
    spelled = [r"(?:'s)?[^0-9a-z\s]?".join(map(re.escape, head)) for head in sorted(heads)]
    return re.compile("(?:" + "|".join([*spelled, r"[^\x00-\x7f]"]) + r")\S*")


def _phrase_marks(sequence: Sequence[Span], phrases: Phrases) -> Iterator[_Mark]:
    """The marks of whole phrases in a sequence of spans."""
    by_first: dict[str, list[tuple[tuple[str, ...], int, float]]] = {}
    for phrase in phrases:
        by_first.setdefault(phrase[0][0], []).append(phrase)
    for number, (start, _, term, _) in enumerate(sequence):
        for run, slot, weight in by_first.get(term, ()):
            found = sequence[number : number + len(run)]
            if tuple(span[2] for span in found) == run:
                yield _Mark(start, found[-1][1], slot, weight, tuple((a, b) for a, b, _, _ in found))


def _merged(places: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """``places`` in order, those that overlap made one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


# --- which run of marks ---


def _runs(
    marks: Sequence[_Mark], sentences: _Sentences, width: int, shown: set[int]
) -> Iterator[tuple[float, int, int]]:
    """(score, start, end) of runs of marks that fit into a passage: from each mark on, as far as whole sentences
    reach and as far as possible. Runs without a slot that is not ``shown`` yet are left out."""
    last = whole = 0
    for first, mark in enumerate(marks):
        last, whole = max(last, first), max(whole, first)
        while last + 1 < len(marks) and marks[last + 1].end - mark.start <= width - 4:
            last += 1
        begin, finish = sentences.around(mark.start, mark.end)
        fits = finish - begin <= width
        while fits and whole < last and sentences.around(mark.start, marks[whole + 1].end)[1] - begin <= width:
            whole += 1
        for end, factor in ((whole, _WHOLE), (last, 1.0)) if fits else ((last, 1.0),):
            run = marks[first : end + 1]
            if any(mark.slot not in shown for mark in run):
                yield _score(run, shown) * factor, mark.start, max(mark.end for mark in run)


def _score(run: Sequence[_Mark], shown: set[int]) -> float:
    """The weight of each slot once, a little for repeats, more where different slots are close together."""
    score = 0.0
    share = dict.fromkeys(shown, _AGAIN)
    before = run[0]
    for mark in run:
        score += mark.weight * share.get(mark.slot, 1.0)
        share[mark.slot] = min(_AGAIN, share.get(mark.slot, 1.0) / 2)
        gap = max(0, mark.start - before.end)
        if before.slot != mark.slot and gap < _FAR:
            score += _CLOSE * min(mark.weight, before.weight) / (1 + gap / _HALVED)
        before = mark
    return score


# --- where to cut ---


def _sentences(text: str) -> _Sentences:
    """The sentences of a text that is not blank. A line break ends one as well."""
    first, last = len(text) - len(text.lstrip()), len(text.rstrip())
    starts, ends = [first], [last]
    for pattern in (_SENTENCE_END,) if text.isascii() else (_SENTENCE_END, _CJK_SENTENCE_END):
        for found in pattern.finditer(text, first, last):
            if not _abbreviated(text, found.start()):
                starts.append(found.end())
                ends.append(found.start() + len(found.group().rstrip()))
    return _Sentences(sorted(set(starts)), sorted(set(ends)))


def _abbreviated(text: str, at: int) -> bool:
    """Whether the full stop at ``at`` belongs to an abbreviation (``e.g.``, ``et al.``) or an initial."""
    if text[at] != ".":
        return False
    word = re.split(r"[\s(\[]", text[max(0, at - 12) : at])[-1]
    if len(word) == 1:
        return word.isupper()
    return word in _ABBREVIATIONS or (word[-2:-1] == "." and word[-1].isalpha())


def _widened(
    text: str, start: int, end: int, sentences: _Sentences, width: int, low: int, high: int
) -> tuple[int, int]:
    """What is shown of a run of marks, between ``low`` and ``high``: the sentences it is in, and more that follow as
    far as they fit, else a part of them."""
    first, last = sentences.around(start, end)
    begin, finish = max(low, first), min(high, last)
    if finish - begin > width - 2 * (begin > first) - 2 * (finish < last):
        return _part(text, start, end, begin, finish, width - 4)
    if finish == last:
        for following in sentences.ends[bisect_right(sentences.ends, finish) :]:
            if following > high or following - begin > width - 2 * (begin > first):
                break
            finish = following
    return begin, finish


def _part(text: str, start: int, end: int, begin: int, finish: int, room: int) -> tuple[int, int]:
    """A part of at most ``room`` characters around ``start`` and ``end`` of what is between ``begin`` and ``finish``:
    from its head if that reaches, else with as much before as after, from a clause or a word on."""
    if end - begin > room:
        spare = max(0, room - (end - start))
        earliest = start - spare + min(spare // 2, finish - end)
        clause = _CLAUSE_END.search(text, earliest, start)
        begin = clause.end() if clause else _word_start(text, earliest, start)
    latest = begin + room
    if latest < finish:
        clauses = [found.end() for found in _CLAUSE_END.finditer(text, end, latest)]
        if clauses and clauses[-1] - begin > room * _ENOUGH:
            return begin, clauses[-1]
        return begin, _word_end(text, min(end, latest), latest)
    return begin, finish


def _word_start(text: str, low: int, high: int) -> int:
    """The first place from ``low`` to ``high`` that is not inside a word, after a blank if there is one."""
    blank = text.find(" ", low - 1, high)
    return blank + 1 if blank >= 0 else next((at for at in range(low, high) if not _inside_word(text, at)), high)


def _word_end(text: str, low: int, high: int) -> int:
    """The last place from ``low`` to ``high`` that is not inside a word, before a blank if there is one."""
    blank = text.rfind(" ", low, high + 1)
    return blank if blank >= 0 else next((at for at in range(high, low, -1) if not _inside_word(text, at)), high)


def _inside_word(text: str, at: int) -> bool:
    return text[at - 1].isalnum() and text[at].isalnum() and not chunks.is_cjk(text[at])


def _shown(text: str, piece: tuple[int, int], sentences: _Sentences, marks: Iterable[_Mark]) -> Passage:
    """The passage as it is shown: an ellipsis where a sentence is cut, no blanks at its ends."""
    start, end = piece
    before = "" if start in sentences.starts else "… "
    after = "" if end in sentences.ends else " …"
    inner = text[start:end].rstrip()
    start, inner = start + len(inner) - len(inner.lstrip()), inner.lstrip()
    end = start + len(inner)
    shift = len(before) - start
    places = [place for mark in marks for place in mark.places if place[0] < end and start < place[1]]
    # A word that is longer than the passage is marked as far as it is shown.
    inside = [place for place in places if start <= place[0] and place[1] <= end] or [
        (max(a, start), min(b, end)) for a, b in places
    ]
    return Passage(before + inner + after, _merged((a + shift, b + shift) for a, b in inside), start)
