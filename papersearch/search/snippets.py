"""The passages of a text that show the words of a query best, and where in them these words stand.

First the marks are found, each an occurrence of a wanted term or of a whole phrase. Then runs of neighbouring marks
that fit into a passage are compared, and the best run is widened to whole sentences, else to clauses, else to words.
Offsets count code points. Knows nothing of fields, slots and how a passage is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from math import inf
from operator import itemgetter

from papersearch.frozen import NamedTuple
from papersearch.text import sentences, words
from papersearch.text.sentences import Sentences

WIDTH = 240
"""Code points of a passage (chosen: three lines of a terminal)."""

MOST_CHARACTERS = 200_000
"""Characters of a text that are looked at (chosen: more than any abstract, less than what keeps people waiting)."""

_MOST_MARKS = 1_000
"""Marks that passages are chosen from (chosen: 20 ms at worst); all of them are shown in what is chosen."""

_MOST_IN_RUN = 24
"""Marks that are compared as one run (chosen: more are rare in a passage, and cost the square)."""

# How a run is scored (chosen by reading the snippets of real posts): what the second mark of a slot counts beside the
# first (the third half as much, and so on), how much of its weight a slot gains right beside another, how many
# characters apart that gain is halved and where it ends, and the factor for what can be shown in whole sentences,
# which is more than all repeats and less than one of ten slots.
_AGAIN = 0.05
_CLOSE = 0.3
_HALVED = 10
_FAR = 40
_WHOLE = 1.1

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


def highlights(text: str, terms: Terms, phrases: Phrases = ()) -> tuple[tuple[int, int], ...]:
    """Where the words of a query stand in ``text``, in order, none overlapping another; see ``passages``."""
    return _merged(chain.from_iterable(mark.places for mark in _marks(_bounded(text), terms, phrases)))


def passages(text: str, terms: Terms, width: int = WIDTH, limit: int = 2, phrases: Phrases = ()) -> list[Passage]:
    """At most ``limit`` passages of at most ``width`` code points (ten or more), in the order of the text, apart.

    ``terms`` maps each wanted term, compounds as well, to its slot (which word of the query it stands for) and weight;
    ``phrases`` are runs of terms that count only side by side. Another passage comes only if it shows a slot that those
    before do not. Without a match it is the head of the text; of an empty text there is none. Costs about 80 µs for an
    abstract, twice that in a fresh process.
    """
    text = _bounded(text)
    if not text.strip():
        return []
    borders = sentences.find(text)
    marks = _marks(text, terms, phrases)
    if not marks:
        head = borders.starts[0], borders.starts[0] + 1
        return [_shown(text, sentences.widened(text, borders, head, (0, len(text)), width), borders, marks)]
    taken: list[tuple[int, int]] = []
    shown: set[int] = set()
    slots = {mark.slot for mark in marks}
    while len(taken) < max(1, limit) and not slots <= shown:
        edges = [0, *chain.from_iterable(sorted(taken)), len(text)]
        gaps = zip(edges[::2], edges[1::2], strict=True)
        runs = [(*run, gap) for gap in gaps for run in _runs(_within(marks[:_MOST_MARKS], *gap), borders, width, shown)]
        if not runs:
            break
        _, start, end, gap = max(runs, key=itemgetter(0))
        taken.append(sentences.widened(text, borders, (start, end), gap, width))
        shown.update(mark.slot for mark in _within(marks, min(start, taken[-1][0]), max(end, taken[-1][1])))
    return [_shown(text, piece, borders, marks) for piece in sorted(taken)]


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
    spans = _spans(text, wanted, bool(phrases))
    marks = {_Mark(start, end, *terms[term], ((start, end),)) for start, end, term, _ in spans if term in terms}
    if phrases:
        marks.update(_phrase_marks([span for span in spans if not span[3]], phrases))
    return sorted(marks)


def _spans(text: str, wanted: frozenset[str], gaps: bool) -> list[Span]:
    """The spans of all tokens (what stands between blanks) that may hold a wanted term; with ``gaps`` a nameless one
    for tokens left out.

    What holds neither the first letters of a wanted term nor anything but ASCII is not taken apart: in a fresh
    process, where no word was seen before, taking apart is most of the cost.
    """
    lower = text.lower()
    if len(lower) != len(text):  # a dotted capital I becomes two characters
        return words.spans(text)
    result: list[Span] = []
    before = 0
    for start in _hits(text, lower, wanted):
        if start < before:
            continue
        start = max(before, text.rfind(" ", before, start) + 1)
        if gaps and any(map(str.isalnum, lower[before:start])):
            result.append((before, start, "", False))
        before = text.find(" ", start)
        if before < 0:
            before = len(text)
        result += [(start + a, start + b, term, extra) for a, b, term, extra in _of_token(text[start:before])]
    return result


# The same words come again and again in the texts of one answer and of the next.
_of_token = lru_cache(maxsize=20_000)(words.spans)
# What joins words, and what is not ASCII: where a term may begin that none of the first letters shows.
_JOINT = re.compile(r"[!-/:-@\[-`{-~](?<=[^\W_].)(?=[^\W_])")  # the mark first: that is looked for at full speed
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def _hits(text: str, lower: str, wanted: frozenset[str]) -> list[int]:
    """Places in tokens that may hold a wanted term, in order.

    A stem keeps the first three letters of its word, or two if it has three itself (``use``, ``using``), save
    ``dying`` and its like. A word begins with a capital, or where a letter follows none.
    """
    heads = {term[: 3 if len(term) > 3 else 2] for term in wanted if term.isascii()}
    heads |= {term[0] + "y" for term in wanted if len(term) == 3 and term.endswith("ie")}
    pairs = {head[at : at + 2] for head in heads for at in (0, 1)}
    hits = set() if lower.isascii() else {found.start() for found in _NOT_ASCII.finditer(lower)}
    for found in _JOINT.finditer(lower):
        at = found.start()
        # A mark between two letters matters only if a wanted term may have them side by side (``'s`` may drop out).
        if lower[at - 1] + lower[at + 1] in pairs or lower[at] == "'":
            hits.add(at)
    for head in heads:
        at = lower.find(head)
        while at >= 0:
            if not (at and lower[at - 1].isalpha() and lower[at].isalpha()) or text[at].isupper():
                hits.add(at)
            at = lower.find(head, at + 1)
    return sorted(hits)


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


def _within(marks: Sequence[_Mark], low: int, high: int) -> list[_Mark]:
    return [mark for mark in marks if low <= mark.start and mark.end <= high]


def _runs(marks: Sequence[_Mark], borders: Sentences, width: int, shown: set[int]) -> Iterator[tuple[float, int, int]]:
    """(score, start, end) of runs of marks that fit into a passage: from each mark on, as far as whole sentences
    reach and as far as possible. Runs of slots that are all ``shown`` already are left out."""
    last = whole = 0
    begin = reached = -1
    for first, mark in enumerate(marks):
        last, whole = max(last, first), max(whole, first)
        while last + 1 < min(len(marks), first + _MOST_IN_RUN) and marks[last + 1].end - mark.start <= width - 4:
            last += 1
        before, (begin, finish) = begin, borders.around(mark.start, mark.end)
        fits = finish - begin <= width
        if fits and first and begin == before:
            continue  # the run from the first mark of a sentence that fits shows this one as well
        while fits and whole < last and borders.around(mark.start, marks[whole + 1].end)[1] - begin <= width:
            whole += 1
        # A run that ends where one before did holds nothing that is not in that one.
        ends = {last: 1.0} if last > reached else {}
        reached = last
        for end, factor in (ends | ({whole: _WHOLE} if fits else {})).items():
            run = marks[first : end + 1]
            if not shown.issuperset(mark.slot for mark in run):
                yield _score(run, shown) * factor, mark.start, max(mark.end for mark in run)


def _score(run: Sequence[_Mark], shown: set[int]) -> float:
    """The weight of each slot once (of its heaviest mark), a little for repeats, more for two slots that are close
    together."""
    score = 0.0
    heaviest = dict.fromkeys(shown, inf)
    again = dict.fromkeys(shown, _AGAIN)
    close: dict[tuple[int, int], float] = {}
    before = run[0]
    for mark in run:
        known = heaviest.get(mark.slot, 0.0)
        if mark.weight > known:
            heaviest[mark.slot] = mark.weight
            score += mark.weight - known
        if mark.slot in again:
            score += again[mark.slot] * min(mark.weight, known)
            again[mark.slot] /= 2
        else:
            again[mark.slot] = _AGAIN
        gap = max(0, mark.start - before.end)
        if before.slot != mark.slot and gap < _FAR:
            pair = min(before.slot, mark.slot), max(before.slot, mark.slot)
            gain = _CLOSE * min(mark.weight, before.weight) / (1 + gap / _HALVED)
            close[pair] = max(gain, close.get(pair, 0.0))
        before = mark
    return score + sum(close.values())


def _shown(text: str, piece: tuple[int, int], borders: Sentences, marks: Iterable[_Mark]) -> Passage:
    """The passage as it is shown: an ellipsis where a sentence is cut, no blanks at its ends."""
    start, end = piece
    before = "" if start in borders.starts else "… "
    after = "" if end in borders.ends else " …"
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
