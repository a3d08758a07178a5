"""Where a text may be cut so that what is left reads well: at sentences, else at clauses, else at words.

A sentence ends at ``.``, ``!`` or ``?`` before white space and something other than a small letter, at ``。！？``, and
at a line break; not after an abbreviation or an initial. Offsets count code points. Knows nothing of terms.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from papersearch.core.caches import late_pattern
from papersearch.core.frozen import NamedTuple
from papersearch.text import chunks

_ENOUGH = 0.6
"""The share of the room that must be filled for a cut at a clause instead of a word (chosen by reading)."""

_END = re.compile(r"""[.!?\n](?:(?<=\n)|["')\]]*(?=\s+[^a-z\s]))\s*""")
# As ``_END``, before typeset quotation marks too, which take as long to compile as all the rest.
_quoted_end = late_pattern(r"""[.!?\n](?:(?<=\n)|["')\]”’]*(?=\s+[^a-z\s]))\s*""")
_clause_end = late_pattern("[,;:] |– |— ?|，|；|：|、")  # compiled in a third of the time of [,;:–]
_cjk_end = late_pattern(r"[。！？][」』”’）】]*\s*")
_ABBREVIATIONS = frozenset(
    "al approx cf Dr Eq Eqn Eqs Fig fig Figs Mr Ms Mrs Prof Ref Refs resp Sec Secs St Tab vs".split()
)
# The last four letters of those that are longer.
_TAILS = frozenset(word[-4:] for word in _ABBREVIATIONS if len(word) > 3)


class Sentences(NamedTuple):
    """Where the sentences of a text start and end, in order; the white space between them belongs to none."""

    starts: list[int]
    ends: list[int]

    def spans(self) -> list[tuple[int, int]]:
        """(start, end) of each sentence, in order."""
        return list(zip(self.starts, self.ends, strict=True))

    def around(self, start: int, end: int) -> tuple[int, int]:
        """Start and end of the sentences that hold what is between ``start`` and ``end``."""
        return self.starts[max(0, bisect_right(self.starts, start) - 1)], self.ends[bisect_left(self.ends, end)]


def find(text: str) -> Sentences:
    """The sentences of a text that is not blank. Costs about 15 µs for an abstract."""
    first, last = len(text) - len(text.lstrip()), len(text.rstrip())
    starts, ends = [first], [last]
    end_mark = _quoted_end() if "”" in text or "’" in text else _END
    for pattern in (end_mark, _cjk_end()) if any(mark in text for mark in "。！？") else (end_mark,):
        for found in pattern.finditer(text, first, last):
            start, end = found.span()
            if end < last and not _abbreviated(text, start):
                starts.append(end)
                ends.append(start + len(text[start:end].rstrip()))
    return Sentences(sorted(set(starts)), sorted(set(ends)))


def widened(
    text: str, sentences: Sentences, inner: tuple[int, int], outer: tuple[int, int], width: int
) -> tuple[int, int]:
    """Start and end of a passage that holds ``inner`` (where it fits) and stays within ``outer``: the sentences that
    ``inner`` is in and those that follow as far as they fit, else a part of them.

    With two characters for an ellipsis on each side where a sentence is cut it is no longer than ``width``.
    """
    first, last = sentences.around(*inner)
    begin, finish = max(outer[0], first), min(outer[1], last)
    room = width - 2 * (begin > first)
    if finish - begin > room - 2 * (finish < last):
        return _part(text, *inner, begin, finish, width - 4)
    if finish == last:
        for following in sentences.ends[bisect_right(sentences.ends, finish) :]:
            if following > min(outer[1], begin + room):
                break
            finish = following
    return begin, finish


def _clause_ends(text: str, low: int, high: int) -> list[int]:
    """Where the clauses end of what lies between two places, in order; of ASCII without a pattern."""
    if not text.isascii():
        return [found.end() for found in _clause_end().finditer(text, low, high)]
    ends = []
    for mark in (", ", "; ", ": "):
        at = text.find(mark, low, high)
        while at >= 0:
            ends.append(at + 2)
            at = text.find(mark, at + 2, high)
    return sorted(ends)


def _abbreviated(text: str, at: int) -> bool:
    """Whether the full stop at ``at`` belongs to an abbreviation (``e.g.``, ``et al.``) or an initial."""
    if text[at] != ".":
        return False
    tail = text[max(0, at - 4) : at]
    if len(tail) == 4 and tail.isalpha() and tail.islower() and tail not in _TAILS:
        return False  # as most are
    word = "".join(text[max(0, at - 12) : at].split()[-1:]).lstrip("([{\"'“‘")
    if len(word) == 1:
        return word.isupper()
    return word in _ABBREVIATIONS or (word[-2:-1] == "." and word[-1].isalpha())


def _part(text: str, start: int, end: int, begin: int, finish: int, room: int) -> tuple[int, int]:
    """Of what is between ``begin`` and ``finish``, at most ``room`` characters around ``start`` and ``end``: from its
    head if that reaches, else from a clause or a word on, with as much before as after."""
    while start > begin and _inside_word(text, start):  # what is to be shown may be a part of a word
        start -= 1
    while end < finish and end - start < room and _inside_word(text, end):
        end += 1
    if end - begin > room:
        spare = max(0, room - (end - start))
        earliest = start - spare + min(spare // 2, finish - end)
        begin = next(iter(_clause_ends(text, earliest, start)), -1)
        if begin < 0:
            begin = _word_start(text, earliest, start)
    latest = begin + room
    if latest >= finish:
        return begin, finish
    clauses = _clause_ends(text, end, latest)
    if clauses and clauses[-1] - begin > room * _ENOUGH:
        return begin, clauses[-1]
    ended = _word_end(text, min(end, latest), latest)
    blank = text.rfind(" ", start + 1, ended) if _inside_word(text, ended) else -1
    return begin, blank if blank > 0 else ended


def _word_start(text: str, low: int, high: int) -> int:
    """The first place from ``low`` to ``high`` that is not inside a word, after a blank if there is one."""
    blank = text.find(" ", max(0, low - 1), high)
    return blank + 1 if blank >= 0 else next((at for at in range(low, high) if not _inside_word(text, at)), high)


def _word_end(text: str, low: int, high: int) -> int:
    """The last place from ``low`` to ``high`` that is not inside a word, before a blank if there is one."""
    blank = text.rfind(" ", low, high + 1)
    return blank if blank >= 0 else next((at for at in range(high, low - 1, -1) if not _inside_word(text, at)), high)


def _inside_word(text: str, at: int) -> bool:
    return text[at - 1].isalnum() and text[at].isalnum() and not chunks.is_cjk(text[at])
