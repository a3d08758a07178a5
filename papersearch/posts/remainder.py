"""What remains of a note once its facts are taken: nothing that a reader sees is lost.

Lines whose words are all in a field leave the text. Of lines that say more than the fields hold, what was said stands
beside the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from papersearch.posts import facts, markup
from papersearch.posts.links import without_label_links
from papersearch.posts.outline import Heading, Outline
from papersearch.posts.statements import Note
from papersearch.text import clean, code


class Used:
    """Which lines of a note its facts were taken from."""

    def __init__(self) -> None:
        self.whole: set[int] = set()  # lines that a field holds all of, as that of the abstract does
        self.shown: list[tuple[range, str]] = []  # lines of facts, with what of them a reader sees
        self.sections: list[range] = []  # left out, heading included, if nothing remains of them

    def take(self, span: range, shown: str) -> None:
        """Lines that facts were taken from, with what of them a reader sees, labels apart."""
        self.shown.append((span, shown))


class Remainder(NamedTuple):
    """The text that remains, the line in which it begins, and what stood in lines of facts beside these."""

    text: str
    line: int
    beside: str


def remaining(outline: Outline, used: Used, note: Note, heading: Heading | None) -> Remainder:
    """What no fact of a note says; ``heading`` is the one that is its title."""
    gone, beside = set(used.whole), []
    words, names = _words_of(note), " ".join(filter(None, (note.url, note.known[0] if note.known else "")))
    if heading is not None and words.issuperset(facts.words_of(clean.line(without_label_links(heading.text)))):
        gone.update(range(heading.line, heading.line + heading.length))
    for span, shown in used.shown:
        if gone.isdisjoint(span):
            gone.update(span)
            if not _is_in(shown, words, names):
                beside.append("\n".join(markup.without_edges(line).lstrip() for line in outline.text(span)))
    for span in used.sections:
        if all(n in gone or not outline.lines[n].strip() for n in span[1:]):
            gone.update(span)
    lines = outline.lines
    first = next((n for n, line in enumerate(lines) if n not in gone and line.strip()), len(lines) - 1)
    text = "\n".join(_kept(outline, gone)) if gone else outline.body
    return Remainder(without_blank_lines(text), first, "\n\n".join(beside))


def _words_of(note: Note) -> set[str]:
    """The words that the facts of a note hold."""
    words = set(facts.words_of(" ".join((note.title, *note.authors, *note.tags))))
    return words | facts.BETWEEN_NAMES if note.authors else words


def _is_in(shown: str, words: set[str], names: str) -> bool:
    """Whether fields hold all that a reader sees of some lines: ``words``, or a part of the address and the id."""
    text, unmarked = clean.line(shown), clean.line(markup.MARK_TAG.sub("", shown))
    return text in names or any(words.issuperset(facts.words_of(each)) for each in (text, unmarked))


def _kept(outline: Outline, gone: set[int]) -> Iterator[str]:
    """The lines that stay in the text. What belonged to one that is gone begins anew, lest it be taken for code."""
    is_below, in_code = False, None
    for n, line in enumerate(outline.lines):
        if n in gone:
            is_below = True
            continue
        if is_below and line[:1] in (" ", "\t") and line.strip():
            in_code = code.code_lines(outline.body) if in_code is None else in_code
            line = line if n in in_code else line.lstrip()
        is_below = is_below and not line.strip()
        yield line


def without_blank_lines(text: str) -> str:
    """``text`` without blank lines around it; how far its first line is indented stays, as that may make it code."""
    return text.rstrip().lstrip("\n")
