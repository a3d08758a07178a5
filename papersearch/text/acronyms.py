"""Finds where a text explains its own acronyms: ``mixture-of-experts (MoE)``, ``RAG (retrieval-augmented generation)``.

After A. S. Schwartz and M. A. Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical
text" (2003): the characters of the short form are looked for from right to left in the words before the bracket, and
the first of them must begin a word. Stricter than the paper where the posts showed rubbish: two capitals at least,
two words at least, and half of the letters must begin words; words whose first letters are the acronym are preferred
to a shorter match. Owns no counts: who collects the pairs weighs them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from papersearch.text import words
from papersearch.text.folding import fold
from papersearch.text.stopwords import STOP_WORDS

_MAX_SHORT = 10
"""Characters of the longest short form (Schwartz and Hearst 2003, section 3.1)."""

_MAX_BEFORE = 240
"""Characters before a bracket that are looked at (chosen: more than 20 words)."""

_MOST_BRACKETS = 5_000
"""Brackets of a text that are looked at (chosen: a long book explains fewer acronyms; 0.1 s at worst)."""

_LONGEST = 200
"""Characters within a bracket that may be an explanation (chosen)."""

_BRACKET = re.compile(r"\(([^()]{2,})\)")
_SHORT = re.compile(r"[0-9A-Za-z][0-9A-Za-z&.+/-]*")
# One set of characters to begin with, which is looked for at full speed.
_BREAK = re.compile(r"[.;:!?(){}\[\]\n\"“”](?:(?<![.;:!?])|(?=\s))")
_WORD = re.compile(r"[^\W_]+")
_NUMBERS = {"to": "2", "for": "4"}
_INITIAL = re.compile(r"(?<![^\W_])[^\W_]")


def pairs(text: str) -> list[tuple[str, str]]:
    """(short, long) of every explanation in ``text``, in order. ``short`` is the term that ``words`` gives the short
    form written as one word and in the singular, ``long`` the terms of the long form with spaces between."""
    if "(" not in text:
        return []
    found = []
    for match in islice(_BRACKET.finditer(text), _MOST_BRACKETS):
        inside = match[1].strip()
        if len(inside) > _LONGEST or "\n" in inside:
            continue
        before = text[max(0, match.start() - _MAX_BEFORE) : match.start()].rstrip()
        pair = _explained_before(inside, before) or _explained_inside(before, inside)
        if pair:
            found.append(pair)
    return found


def _explained_before(inside: str, before: str) -> tuple[str, str] | None:
    """The pair of ``long form (SHORT)`` or ``long form (SHORT, more words)``."""
    short = _first_item(inside).strip(" \"'“”")
    if not _is_short(short):
        return None
    clause = _BREAK.split(before)[-1].split()
    return _pair(short, " ".join(clause[-_most_words(short) :]))


def _explained_inside(before: str, inside: str) -> tuple[str, str] | None:
    """The pair of ``SHORT (long form)``; the bracket must hold the long form and nothing before it."""
    short = before[before.rfind(" ") + 1 :].strip("\"'“”,")
    if " " not in inside and "-" not in inside:
        return None
    if not _is_short(short):
        return None
    long = _first_item(inside).removeprefix("the ").strip()
    if len(long.split()) > _most_words(short) or _long_form(_bare(short), long)[0] != long:
        return None
    return _pair(short, long)


def _first_item(inside: str) -> str:
    """What stands before the first comma or semicolon."""
    return inside.partition(",")[0].partition(";")[0]


def _is_short(text: str) -> bool:
    """Whether ``text`` looks like an acronym."""
    return (
        2 <= len(text) <= _MAX_SHORT
        and _SHORT.fullmatch(text) is not None
        and sum(map(str.isupper, text)) >= 2
    )  # fmt: skip


def _most_words(short: str) -> int:
    """How many words a long form can have (Schwartz and Hearst 2003, section 3.1)."""
    return min(len(short) + 5, len(short) * 2)


def _bare(short: str) -> str:
    """The letters and digits of ``short`` in lower case, without the s of a plural."""
    bare = "".join(filter(str.isalnum, short))
    if bare[-1] == "s" and len(bare) > 2 and bare[-2].isupper():
        bare = bare[:-1]
    return bare.lower()


def _pair(short: str, candidate: str) -> tuple[str, str] | None:
    """The terms of ``short`` and of its long form at the end of ``candidate``, or None."""
    bare = _bare(short)
    long, exact = _long_form(bare, candidate)
    if not exact and (not long or not _initials_agree(bare, long)):
        return None
    terms = words.analyze(long)[0]
    if not 2 <= len(terms) <= _most_words(short):
        return None
    if fold(long.split()[0]) in STOP_WORDS:
        return None
    key = short_term(short)
    return None if key in terms or not key else (key, " ".join(terms))


@lru_cache(maxsize=4096)
def short_term(short: str) -> str:
    """The term of an acronym written as one word: ``LLMs`` llm, ``MoE`` moe, ``R&D`` r&d, ``GPT-4`` gpt4."""
    return words.joined(words.folded(short))


def _long_form(bare: str, candidate: str) -> tuple[str, bool]:
    """The end of ``candidate`` that ``bare`` stands for, empty if none, and whether its words begin with ``bare``;
    else it is the shortest end that has the characters in order, the first beginning a word."""
    lower = candidate.lower()
    if len(lower) != len(candidate):
        return "", False
    place = _by_initials(bare, candidate)
    exact = place is not None
    if place is None:
        place = _by_characters(bare, lower)
    if place is None:
        return "", False
    # "multi-modal models (MM...)": a long form does not begin amid a compound that begins alike.
    start = lower.rfind(" ", 0, place) + 1
    return candidate[start if lower[start] == bare[0] else place :], exact


def _by_initials(bare: str, candidate: str) -> int | None:
    """Where the words start whose beginnings are ``bare``, up to the end of ``candidate``; None without such words.

    A word stands for its first letter, or all of its letters if it is an acronym itself (``explainable AI``), ``to``
    and ``for`` also for 2 and 4, and ``ex-`` for an x. Function words may be skipped.
    """
    parts = _WORD.findall(candidate)
    ends = {len(bare)}  # how many characters of ``bare`` may still have to be found before the current word
    for number in range(len(parts) - 1, -1, -1):
        part = parts[number]
        word = part.lower()
        first = word[0]
        left = {end - 1 for end in ends if bare[end - 1] == first}
        if word in _NUMBERS or word.startswith("ex"):
            left |= {end - 1 for end in ends if _NUMBERS.get(word, "x") == bare[end - 1]}
        elif part.isupper() and len(part) < len(bare):
            left |= {end - len(word) for end in ends if bare.endswith(word, 0, end)}
        if 0 in left:
            return next(islice(_WORD.finditer(candidate), number, None)).start()
        ends = left | ends if word in STOP_WORDS else left
        if not ends:
            return None
    return None


def _by_characters(bare: str, lower: str) -> int | None:
    """The algorithm of the paper (figure 1): where the shortest long form starts in ``lower``."""
    place = len(lower)
    for char in reversed(bare[1:]):
        place = lower.rfind(char, 0, place)
        if place < 0:
            return None
    while True:
        place = lower.rfind(bare[0], 0, place)
        if place < 0:
            return None
        if place == 0 or not lower[place - 1].isalnum():
            return place


def _initials_agree(bare: str, long: str) -> bool:
    """Whether half of the characters of ``bare`` are, in order, first letters of words or parts of ``long``."""
    initials = "".join(_INITIAL.findall(long.lower()))
    row = [0] * (len(initials) + 1)
    for char in bare:
        previous = 0
        for index, initial in enumerate(initials, start=1):
            previous, row[index] = row[index], previous + 1 if char == initial else max(row[index], row[index - 1])
    return 2 * row[-1] >= len(bare)
