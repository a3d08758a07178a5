"""The passage of a text that shows the words of a query best, and where in it they stand.

A text is cut into sentences and these into clauses; a passage is a run of them that is no longer than ``width``. The
best one shows the most words of the query by their weight, closest together. Offsets count code points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from papersearch.text import words

WIDTH = 240
"""Code points of a passage (chosen: three lines of a terminal)."""

MOST_CHARACTERS = 200_000
"""Characters of a text that are looked at (chosen: more than any abstract, less than what keeps people waiting)."""

_MOST_MATCHES = 2_000
# What a second mark of the same word counts beside the first, and how much of its weight a word gains where the one
# before it in the passage is near (chosen by reading snippets of real posts).
_AGAIN = 0.1
_CLOSE = 0.3
_NEAR = 40
# What a passage loses that needs all its room for the marks, so that a repeated word does not cost whole sentences.
_STRETCHED = 0.2

_SENTENCE = re.compile(r"(?<=[.!?])[\"')\]”’]*\s+(?=[\"'(\[“‘]*[A-Z0-9\u0080-\U0010ffff])|(?<=[。！？])|\n")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|et al|etc|resp|approx|Fig|Figs|Eq|Eqs|Sec|Tab|Ref|No|Dr|Prof|St)|\b[A-Z])\.$"
)
_CLAUSE = re.compile(r"[,;:–—，；：、]\s*|\s[-–—]\s")
_BLANK = re.compile(r"\s+")

Terms = Mapping[str, tuple[int, float]]
Runs = Sequence[tuple[tuple[str, ...], int, float]]


class Passage(NamedTuple):
    """A part of a text, cut sides marked by ``…``. ``highlights`` are offsets into it; ``start`` is its own offset."""

    text: str
    highlights: tuple[tuple[int, int], ...]
    start: int


class _Mark(NamedTuple):
    start: int
    end: int
    slot: int
    weight: float


def highlights(text: str, terms: Terms, phrases: Runs = ()) -> tuple[tuple[int, int], ...]:
    """Where words of the query stand in a text, in order, none overlapping another."""
    return _merged([(mark.start, mark.end) for mark in _marks(text[:MOST_CHARACTERS], terms, phrases)])


def passages(text: str, terms: Terms, width: int = WIDTH, limit: int = 2, phrases: Runs = ()) -> list[Passage]:
    """At most ``limit`` passages of at most ``width`` code points, in the order of the text.

    ``terms`` maps each wanted term to the number of its slot (the query's word) and its weight; ``phrases`` are runs
    of terms that count where they stand side by side. There is a second passage only where it shows a slot that the
    first does not. Without a match it is the head of the text; of an empty text there is none.
    """
    text = text[:MOST_CHARACTERS]
    if not text.strip():
        return []
    marks = _marks(text, terms, phrases)[:_MOST_MATCHES]
    if not marks:
        return [_cut(text, 0, _head(text, width), marks)]
    best = _best(text, marks, width, frozenset())
    found = [best]
    shown = {mark.slot for mark in marks if best[0] <= mark.start and mark.end <= best[1]}
    while len(found) < limit:
        left = [
            mark for mark in marks if mark.slot not in shown and all(mark.end <= a or mark.start >= b for a, b in found)
        ]
        if not left:
            break
        found.append(_best(text, left, width, frozenset(shown), found))
        start, end = found[-1]
        shown |= {mark.slot for mark in left if start <= mark.start and mark.end <= end}
    return [_cut(text, start, end, marks) for start, end in sorted(found)]


# --- where the words stand ---


def _marks(text: str, terms: Terms, phrases: Runs) -> list[_Mark]:
    """Every mark, in order."""
    if not terms and not phrases:
        return []
    wanted = frozenset(terms).union(*(run for run, _, _ in phrases))
    spans = list(_near(text, wanted)) if text.isascii() else words.spans(text)
    marks = [_Mark(start, end, *terms[term]) for start, end, term, _ in spans if term in terms]
    if phrases:
        sequence = [span for span in spans if not span[3]]
        for run, slot, weight in phrases:
            marks += _run_marks(sequence, run, slot, weight)
    return sorted(set(marks))


def _near(text: str, wanted: frozenset[str]) -> Iterator[tuple[int, int, str, bool]]:
    """The spans of those white-space separated tokens that may hold a wanted term.

    A term starts with the same two letters as the word that it is the stem of (save ``dying`` and its like; there may
    be a mark between them, as in ``U-Net`` and ``2.5``), so what holds none of these pairs need not be taken apart: in
    a fresh process, where no word was seen before, that is most of the cost.
    """
    for found in _candidates(wanted).finditer(text.lower()):
        start = found.start()
        for a, b, term, extra in _of_token(text[start : found.end()]):
            yield start + a, start + b, term, extra


_of_token = lru_cache(maxsize=20_000)(words.spans)


@lru_cache(maxsize=256)
def _candidates(wanted: frozenset[str]) -> re.Pattern[str]:
    heads = {r"[^a-z0-9\s]?".join(map(re.escape, term[:2])) for term in wanted if term}
    heads |= {term[0] + "y" for term in wanted if term in ("die", "lie", "tie")}
    return re.compile(rf"(?<!\S)\S*?(?:{'|'.join(sorted(heads))})\S*")


def _run_marks(
    sequence: Sequence[tuple[int, int, str, bool]], run: tuple[str, ...], slot: int, weight: float
) -> Iterator[_Mark]:
    first, length = run[0], len(run)
    for number, span in enumerate(sequence):
        if span[2] == first and tuple(other[2] for other in sequence[number : number + length]) == run:
            for start, end, _, _ in sequence[number : number + length]:
                yield _Mark(start, end, slot, weight / length)


def _merged(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


# --- which passage ---


def _best(
    text: str, marks: Sequence[_Mark], width: int, shown: frozenset[int], taken: Sequence[tuple[int, int]] = ()
) -> tuple[int, int]:
    """Start and end of the best passage around a run of marks that fits."""
    room = width - 4  # for an ellipsis on each side
    best_score, best_run = -1.0, (marks[0], marks[0])
    last = 0
    for first, mark in enumerate(marks):
        last = max(last, first)
        while (
            last + 1 < len(marks)
            and marks[last + 1].end - mark.start <= room
            and not _between(mark, marks[last + 1], taken)
        ):
            last += 1
        score = _score(marks[first : last + 1], shown)
        score -= _STRETCHED * mark.weight * (marks[last].end - mark.start) / room
        if score > best_score + 1e-9:
            best_score, best_run = score, (mark, marks[last])
    low = max((end for _, end in taken if end <= best_run[0].start), default=0)
    high = min((start for start, _ in taken if start >= best_run[1].end), default=len(text))
    return _widened(text, best_run[0].start, max(best_run[1].end, best_run[0].end), width, low, high)


def _between(first: _Mark, second: _Mark, taken: Sequence[tuple[int, int]]) -> bool:
    return any(first.start < end and start < second.end for start, end in taken)


def _score(marks: Sequence[_Mark], shown: frozenset[int]) -> float:
    """Each word once by its weight, a little for repeats, more where different words are close together."""
    score = 0.0
    seen: set[int] = set()
    before: _Mark | None = None
    for mark in marks:
        score += mark.weight * (_AGAIN if mark.slot in seen or mark.slot in shown else 1.0)
        if before is not None and before.slot != mark.slot and mark.start - before.end < _NEAR:
            score += _CLOSE * min(mark.weight, before.weight) / (1 + max(0, mark.start - before.end) / 10)
        seen.add(mark.slot)
        before = mark
    return score


def _widened(text: str, start: int, end: int, width: int, low: int, high: int) -> tuple[int, int]:
    """The passage from ``start`` to ``end`` widened to whole sentences, else clauses, else words, within its room."""
    first = max(low, start - width)
    around = text[first : min(high, end + width)]
    sentences = [first + at for at in _sentence_starts(around)]
    if first > low:
        del sentences[0]  # that is where we began to look, not where a sentence starts
    begin = max((at for at in sentences if at <= start), default=None)
    finish = min((at for at in sentences if at >= end), default=min(high, end + width))
    if begin is not None and finish - begin <= width - 4:
        return _filled(text, begin, finish, sentences, width, high)
    return _clauses(text, start, end, width, low if begin is None else begin, finish)


def _sentence_starts(text: str) -> Iterator[int]:
    yield 0
    for found in _SENTENCE.finditer(text):
        if not _ABBREVIATION.search(text, max(0, found.start() - 12), found.start()):
            yield found.end()


def _filled(text: str, begin: int, finish: int, sentences: Sequence[int], width: int, high: int) -> tuple[int, int]:
    """The sentence, and those after it that fit as well."""
    for at in sorted({*sentences, min(high, len(text))}):
        if finish < at and at - begin <= width - 4:
            finish = at
    return begin, finish


def _clauses(text: str, start: int, end: int, width: int, low: int, high: int) -> tuple[int, int]:
    """A part of a long sentence: from its head if that reaches, else from a clause shortly before the first mark."""
    room = width - 4
    if end - low <= room:
        begin = low
    else:
        earliest = max(low, end - room)
        lead = max(earliest, start - (room - (end - start)) // 2)
        begin = _border(text, lead, start, low)
    latest = min(high, begin + room)
    if latest < high:
        borders = [found.start() + 1 for found in _CLAUSE.finditer(text, end, latest)]
        blanks = [found.start() for found in _BLANK.finditer(text, end, latest + 1) if found.start() <= latest]
        latest = next((at for at in reversed(borders) if at - begin > room * 0.6), None) or (
            blanks[-1] if blanks else latest
        )
        latest = max(latest, end)
    return begin, latest


def _border(text: str, lead: int, start: int, low: int) -> int:
    """Where a passage may begin between ``lead`` and ``start``: after a clause, else after a blank."""
    if lead <= low:
        return low
    clause = _CLAUSE.search(text, lead, start)
    if clause is not None:
        return clause.end()
    blank = _BLANK.search(text, lead - 1, start)
    return blank.end() if blank is not None else start


def _head(text: str, width: int) -> int:
    """Where the head of a text ends: at a sentence if one fits, else at a clause or word."""
    if len(text.rstrip()) <= width:
        return len(text)
    fitting = [at for at in _sentence_starts(text[: width + 1]) if 0 < at <= width - 4]
    return fitting[-1] if fitting else _clauses(text, 0, 1, width, 0, len(text))[1]


def _cut(text: str, start: int, end: int, marks: Sequence[_Mark]) -> Passage:
    """The passage as it is shown: without blanks at its ends, with an ellipsis where a sentence is cut."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    before = "… " if _cuts(text, start) else ""
    ended = end == len(text) or text[end - 1] in ".!?。！？" or text[end] == "\n"
    after = "" if ended or not text[end:].strip() else " …"
    shift = len(before) - start
    inside = [(mark.start + shift, mark.end + shift) for mark in marks if start <= mark.start and mark.end <= end]
    return Passage(before + text[start:end] + after, _merged(inside), start)


def _cuts(text: str, start: int) -> bool:
    """Whether a sentence is under way at ``start``."""
    first = max(0, start - 300)
    return start > 0 and start not in {first + at for at in _sentence_starts(text[first : start + 2])} - {first}
