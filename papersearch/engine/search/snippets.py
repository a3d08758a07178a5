"""The passages of a text that show the words of a query best.

Runs of neighbouring marks (see ``highlight``) that fit into a passage are compared, and the best run is widened to
whole sentences, else to clauses, else to words. Offsets count code points. Knows nothing of fields, slots and how a
passage is printed.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import inf

from papersearch.core.caches import cached_if_short
from papersearch.core.frozen import NamedTuple
from papersearch.engine.search.highlight import Mark, Places, Wanted, merged, places_of
from papersearch.text import sentences
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


_MOST_ENTRIES = 3  # in a note about a paper (chosen)
_ENTRY = re.compile(r"@[A-Za-z]{4,20}\s?\{[^\s{},]{1,80},[^\n]*")


class Passage(NamedTuple):
    """A part of a text, ``…`` where a sentence is cut. ``highlights`` are (start, end) in ``text``, in order and apart;
    ``start`` is where in the full text the passage (without its ellipsis) begins."""

    text: str
    highlights: tuple[tuple[int, int], ...]
    start: int


def highlights(text: str, wanted: Wanted) -> Places:
    """Where the words of a query stand in ``text``, in order, none overlapping another."""
    return merged(places_of(wanted.marks(_bounded(text))))


def passages(text: str, wanted: Wanted, width: int = WIDTH, limit: int = 2) -> list[Passage]:
    """At most ``limit`` passages of at most ``width`` code points (ten or more), in the order of the text, apart.

    Another passage comes only if it shows a slot that those before do not. Without a match it is the head of the text;
    of an empty text there is none. Costs about 50 µs for an abstract, more in a fresh process.
    """
    text = _bounded(text)
    if not text.strip():
        return []
    borders = _borders(text)
    marks = wanted.marks(text)
    if not marks:
        head = borders.starts[0], borders.starts[0] + 1
        return [_shown(text, sentences.widened(text, borders, head, (0, len(text)), width), borders, marks)]
    taken: list[tuple[int, int]] = []
    shown: dict[int, float] = {}
    slots = {slot for _, _, slot, _, _ in marks}
    entries = _entries(text, marks)
    while len(taken) < max(1, limit) and not slots <= shown.keys():
        edges = [0, *chain.from_iterable(sorted([*taken, *entries])), len(text)]
        gaps = [*zip(edges[::2], edges[1::2], strict=True)]
        runs = [_best_run(_within(marks[:_MOST_MARKS], *gap), borders, width, shown) for gap in gaps]
        (score, run), gap = max(zip(runs, gaps, strict=True), key=lambda found: found[0][0])
        if score < 0:
            break
        start, end = run[0][0], max([mark[1] for mark in run])
        taken.append(sentences.widened(text, borders, (start, end), gap, width))
        for mark in _within(marks, min(start, taken[-1][0]), max(end, taken[-1][1])):
            shown[mark[2]] = inf
    return [_shown(text, piece, borders, marks) for piece in sorted(taken)]


# What was shown is shown again, to who types one more letter and to who asks alike.
_borders = cached_if_short(256, 20_000)(sentences.find)


def _bounded(text: str) -> str:
    """``text``, of a huge one only its head, which ends with a whole word."""
    if len(text) <= MOST_CHARACTERS:
        return text
    end = text.rfind(" ", 0, MOST_CHARACTERS)
    return text[: end if end > 0 else MOST_CHARACTERS]


def _entries(text: str, marks: Sequence[Mark]) -> list[tuple[int, int]]:
    """Where entries of BibTeX's stand of which nothing is to be shown, as marks stand elsewhere too: an entry has the
    words of a title, and tells nothing that is not shown above it. None in a bibliography."""
    found = [entry.span() for entry in _ENTRY.finditer(text)] if "@" in text else []
    edges = [*chain.from_iterable(found)]
    return found if len(found) <= _MOST_ENTRIES and any(bisect_right(edges, mark[0]) % 2 == 0 for mark in marks) else []


def _within(marks: Sequence[Mark], low: int, high: int) -> list[Mark]:
    return [mark for mark in marks if low <= mark[0] and mark[1] <= high]


def _best_run(
    marks: Sequence[Mark], borders: Sentences, width: int, shown: Mapping[int, float]
) -> tuple[float, Sequence[Mark]]:
    """Score and marks of the best run of marks that fits into a passage, of those from each mark on, as far as possible
    and as far as whole sentences reach. Runs of slots that are all ``shown`` already are left out; -1 without any."""
    best, place = -1.0, slice(0)
    starts, ends = borders
    begins = [starts[bisect_right(starts, mark[0]) - 1] for mark in marks]
    finishes = [ends[bisect_left(ends, mark[1])] for mark in marks]
    last = whole = fresh = 0
    before = reached = -1
    for first, (begin, finish) in enumerate(zip(begins, finishes, strict=True)):
        fits = finish - begin <= width
        if fits and begin == before:
            continue  # the run from the first mark of a sentence that fits shows this one as well
        before = begin
        if fresh < first:
            fresh = first
        while fresh < len(marks) and marks[fresh][2] in shown:
            fresh += 1
        if last < first:
            last = first
        most, room = min(len(marks), first + _MOST_IN_RUN) - 1, marks[first][0] + width - 4
        while last < most and marks[last + 1][1] <= room:
            last += 1
        if whole < first:
            whole = first
        while fits and whole < last and finishes[whole + 1] - begin <= width:
            whole += 1
        # A run that ends where one before did holds nothing that is not in that one.
        further, reached = last > reached, last
        farthest = last if further else whole
        if (further or fits) and fresh <= farthest:
            for score, end in _scores(marks, first, whole if fits else last, farthest, shown):
                if fits and end == whole:
                    score *= _WHOLE
                if score > best:
                    best, place = score, slice(first, end + 1)
    return best, marks[place]


def _scores(
    marks: Sequence[Mark], first: int, whole: int, last: int, shown: Mapping[int, float]
) -> list[tuple[float, int]]:
    """(score, last mark) of the runs of marks from the ``first`` to the ``last`` and to ``whole``, which is no later:
    the weight of each slot once (of its heaviest mark), a little for repeats, more for two slots that are close
    together. Nothing of a run of slots that are all ``shown`` already, which have no more weight to bring."""
    scores: list[tuple[float, int]] = []
    score = 0.0
    heaviest = {**shown}
    again: dict[int, float] = {}
    close: dict[tuple[int, int], float] = {}
    _, end_before, slot_before, weight_before, _ = marks[first]
    for number in range(first, last + 1):
        start, end, slot, weight, _ = marks[number]
        known = heaviest.get(slot)
        if known is None:
            heaviest[slot] = weight
            score += weight
        else:
            if weight > known:
                heaviest[slot] = weight
                score += weight - known
            part = again.get(slot, _AGAIN)
            score += part * (weight if weight < known else known)
            again[slot] = part / 2
        gap = start - end_before
        if gap < _FAR and slot_before != slot:
            pair = (slot, slot_before) if slot < slot_before else (slot_before, slot)
            gain = _CLOSE * (weight if weight < weight_before else weight_before) / (1 + max(0, gap) / _HALVED)
            if gain > close.get(pair, 0.0):
                close[pair] = gain
        if number == whole and len(heaviest) > len(shown):
            scores.append((score + sum(close.values()), number))
        end_before, slot_before, weight_before = end, slot, weight
    if whole < last and len(heaviest) > len(shown):
        scores.insert(0, (score + sum(close.values()), last))
    return scores


def _shown(text: str, piece: tuple[int, int], borders: Sentences, marks: Iterable[Mark]) -> Passage:
    """The passage as it is shown: an ellipsis where a sentence is cut, no blanks at its ends."""
    start, end = piece
    before = "" if start in borders.starts else "… "
    after = "" if end in borders.ends else " …"
    inner = text[start:end].rstrip()
    start, inner = start + len(inner) - len(inner.lstrip()), inner.lstrip()
    end = start + len(inner)
    shift = len(before) - start
    near = [mark[4] for mark in marks if mark[0] < end and start < mark[1]]
    places = [place for some in near for place in some if place[0] < end and start < place[1]]
    # A word that is longer than the passage is marked as far as it is shown.
    inside = [place for place in places if start <= place[0] and place[1] <= end] or [
        (max(a, start), min(b, end)) for a, b in places
    ]
    return Passage(before + inner + after, merged((a + shift, b + shift) for a, b in inside), start)
