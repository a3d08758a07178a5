"""The people on the first page of a whole paper, as programs that convert PDFs and LaTeX leave it: between title and
abstract, with marks of footnotes instead of commas, or one by one, each above where they work and their address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from papersearch.posts import markup
from papersearch.posts.person import is_person
from papersearch.text import clean, dialects

MOST_LINES = 60
"""Lines between a title and an abstract, at most (chosen)."""

# What stands behind a name, or between two: marks of footnotes in any markup, commands of LaTeX, wide blanks.
_BETWEEN = re.compile(
    r"<sup>[^<>]{0,60}</sup>|\\\([^()]{0,60}\\\)|\$[^$]{0,60}\$|\^[^^\s]{0,40}\^|\[\^?[\d,*]{1,9}\]|\\(?:[A-Za-z]{2,20}\b|[&*])"
    r"|[⁰¹²³⁴⁵⁶⁷⁸⁹†‡§¶⁎∗*✉]+|(?<![\w.])\d{1,2}(?:,\d{1,2}){0,5}(?![\w.])|(?<=[^\W\d_])\d{1,2}(?:,\d{1,2}){0,5}(?!\w)"
    r"|[,;，、；&]|\band\b|[ \t\u00a0]{2,}"
)
_BRACKETS = re.compile(r"[\[\]]|\{[^{}\n]{0,40}=[^{}\n]{0,400}\}|\\$")
_PLACE = re.compile(
    r"Universi|Institut|College|Laborator|Academy|School|Department|Faculty|\bLabs?\b|\bInc\b|大学|学院|研究所|대학"
)
# ``**Ada Example** *River University* ada@dams.example **Bo Sample** *Dam Lab*``
_BOLD = re.compile(r"\*\*([^*\n]{3,60})\*\*")
_BESIDE_BOLD = re.compile(r"(?P<mark>\*\*|[*_])[^*_\n]{1,200}(?P=mark)|\S{1,60}@\S{1,60}|<sup>[^<>]{0,60}</sup>")
_SENTENCE = re.compile(r"(?<!\S)[a-z]{4,}(?=[\s,;.]|$)")  # a word that the name of no place has
_MARKED = re.compile(r"<sup>|[$^†‡§¶⁎∗✉⁰¹²³⁴⁵⁶⁷⁸⁹]|\\[(*]|,\s*$")
_MAIL = re.compile(r"([\w.{},+ -]{1,100})@")
_MOST_BELOW = 3  # lines from a name to the address of mail (chosen)
_MOST_TOGETHER = 12  # lines of one name each (chosen)
_LONGEST = 2_000  # characters of a line that may name people (chosen)


def people(lines: Sequence[str]) -> tuple[tuple[str, ...], dict[int, str]]:
    """Those whom the lines between a title and an abstract name, and what the lines that do say, by their numbers.
    Names stand in the first lines, and below an address of mail again."""
    found: list[str] = []
    at: dict[int, str] = {}
    lines = [line[:_LONGEST] for line in lines]
    shown = [(n, line) for n, line in enumerate(lines) if line.strip() and not line.lstrip().startswith(":::")]
    is_expected = True
    for number, (n, line) in enumerate(shown, 1):
        names = _names(line)
        if names:
            near = [line, *_below(lines[n + 1 :], [text for _, text in shown[number:]])]
            last = max(at, default=-1)
            goes_on = bool(at) and (last == n - 1 or lines[last].rstrip().endswith(","))
            is_next = bool(found and near[1:] and _PLACE.search(near[1]))  # below the place of the one before
            if (is_expected or is_next) and (goes_on or len(names) > 1 or _is_above_place(names[0], near)):
                found += names
                at[n] = line if _has_place(line) else ", ".join(names)
                continue
        if names is not None:
            is_expected = "@" in line
    return tuple(dict.fromkeys(found)), at


def _below(lines: Sequence[str], shown: Sequence[str]) -> Sequence[str]:
    """The lines below a name that may say where its owner works: ``shown``, without more names right below it."""
    more = [*takewhile(_names, lines[:_MOST_TOGETHER])]
    return shown[len(more) :][:_MOST_BELOW]


def _is_above_place(name: str, near: Sequence[str]) -> bool:
    """Whether one name is a person's: with the mark of a footnote, or with a place or an address of that name behind it
    or below; ``near`` are its line and those below."""
    mail = next(filter(None, map(_MAIL.search, near)), None)
    is_own = mail is not None and any(len(word) > 2 and word in mail[1].lower() for word in name.lower().split())
    is_place = any(_PLACE.search(text) and not _SENTENCE.search(text) for text in near[:2])
    return is_own or is_place or _MARKED.search(near[0]) is not None


def _has_place(line: str) -> bool:
    return "@" in line or _PLACE.search(line) is not None


def _names(line: str) -> list[str] | None:
    """The people whom a line names, if it says nothing else; None for a label with its value, or marks alone."""
    if len(line) >= _LONGEST:
        return []
    if ":" in line and "@" not in line:
        return None
    bold = _BOLD.findall(line)
    if bold and all(map(_is_person, bold)) and not any(map(str.isalpha, _BESIDE_BOLD.sub("", line))):
        return bold
    text = _BRACKETS.sub(" ", dialects.ATTRIBUTES.sub("", markup.bare(line)))
    pieces = [piece for piece in (clean.line(piece).strip() for piece in _BETWEEN.split(text)) if piece]
    if not pieces:
        return None
    names = [*takewhile(_is_person, pieces)]
    if len(names) == len(pieces):
        return names
    has_place = any(map(_PLACE.search, pieces[len(names) :]))  # ``Ada Example, River University, ada@dams.example``
    return names[:1] if "@" in line else names if has_place else []


def _is_person(piece: str) -> bool:
    return is_person(piece) and not (piece.isascii() and piece.isupper()) and not _PLACE.search(piece)
