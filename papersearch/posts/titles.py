"""The title of a note: a heading, a line in bold or a link at its head, or what its labels say."""

from __future__ import annotations

import re
from typing import NamedTuple

from papersearch.posts import byline, dates, markup
from papersearch.posts.facts import alike, words_of
from papersearch.posts.labels import CITATIONS, OF_FACTS, is_generic, normal, unnumbered
from papersearch.posts.links import heading_text
from papersearch.posts.outline import HEAD_LINES, Heading, Outline
from papersearch.posts.placeholders import TO_FILL
from papersearch.posts.statements import Statements
from papersearch.query import ids
from papersearch.text import clean

# What a first heading may say over text rather than over the facts of a paper.
_TEXT_HEADINGS = frozenset("summary introduction intro background abstract motivation problem overview".split())
_TITLE_LINE = re.compile(
    r"\*\*(?P<bold>[^*\n]{3,300})\*\*|(?:\*\*)?\[(?P<text>[^\[\]\n]{3,300})\]\([a-z]{3,5}://[^()\s]{5,400}\)(?:\*\*)?"
)
_PLAIN_LINE = re.compile(r"[^\W_a-z][^\n|<>\[\]]{7,198}[^\n|<>\[\].,;:。：]")
# ``[Home](../index.md) | [Next](b.md)``: to other pages of the same place.
_WAYS = re.compile(r"(?:\W{0,5}\[[^\[\]\n]{1,60}\]\((?![a-z]{3,5}://)[^()\s]{1,300}\)){1,8}\W{0,10}")
_CALL_OUT = re.compile(r"[ \t>]{1,12}\[!([\w-]{1,20})\][+-]?[ \t]*([^\n]{0,200})")
NO_TEXT = re.compile(
    rf"{_WAYS.pattern}|(?:\[?!\[[^\[\]\n]{{0,300}}\]\([^()\n]{{0,400}}\)(?:\]\([^()\n]{{0,400}}\))?\s*){{1,20}}"
    r"|<!--[^\n]{0,1000}-->|\[{1,2}_{0,2}toc_{0,2}\]{1,2}|[-*_ ]{3,80}",
    re.IGNORECASE,
)
"""A line around a title that says nothing of the paper: those links, pictures, perhaps with links, a comment, a rule or
the place of a table of contents."""
_TO_FILL = re.compile(TO_FILL)
_KEY = re.compile(r"(?:\[\[)?@[\w:./-]{1,100}(?:\]\])?")  # by which papers are cited, as programs name notes
# ``1. Setup``, ``一、背景`` and what follows it.
_FIRST, _SECOND = (
    re.compile(rf"\W{{0,3}}(?:{one}(?:\.(?!\d)|[)）:：、．]|(?=\s))|{eastern}[、．.]) ?\S")
    for one, eastern in ("1一", "2二")
)
_LIST = 2  # further headings with years that make a list (chosen)
_GOES_ON = (":", "：")
_ASKS = ("?", "？")
_MOST_OF_SECTION = 4  # words of a heading that is hardly a paper's title (chosen)


class Title(NamedTuple):
    """Where a note has its title, labels apart. ``front`` is that of its front matter, ``heading`` the heading, or
    line, that is the title, with its ``words`` if they may be a paper's; ``above`` a heading over it that is a name of
    the whole note (``# Reading notes``)."""

    front: str
    heading: Heading | None = None
    words: str = ""
    above: Heading | None = None

    def text(self, stated: Statements) -> str:
        """The title of a note whose labels have said what is ``stated``."""
        if self.front:
            return self.front
        return stated.titles[0][0] if stated.titles else self.words or stated.paper_title

    def line(self, stated: Statements) -> int:
        """The line at which the title stands, or -1."""
        if self.heading is not None:
            return self.heading.line
        return stated.titles[0][1] if stated.titles else -1


def find(outline: Outline, front: str, name: str) -> tuple[Outline, Title]:
    """The title of a note, and the outline in which that is a heading if it is a line. ``front`` is the title of the
    front matter, ``name`` what a person named the file."""
    heading, above = _heading(outline, front)
    if heading is not None:
        heading = None if _is_one_of_several(outline, heading) else heading
    elif (heading := _line(outline, front)) is not None:
        outline = outline._replace(headings=[heading, *outline.headings])
    words = _words(outline, heading, name) if heading is not None and not front else ""
    return outline, Title(front, heading, words, above)


def _heading(outline: Outline, front: str) -> tuple[Heading | None, Heading | None]:
    """(the heading that is the title, one above it that names the whole note): the first, unless it is one of any note,
    or text stands before it."""
    above = None
    for number, heading in enumerate(outline.headings[:3]):
        text, _ = heading_text(heading.text)
        same = front and normal(clean.line(text)) == normal(front)
        if not same:
            generic = (is_generic(text) and not _is_of_signs(text, heading, number)) or _KEY.fullmatch(text)
            if generic and unnumbered(text) in OF_FACTS:
                continue
            if generic and not number and heading.level == 1 and normal(text) not in _TEXT_HEADINGS:
                above = heading
                continue
            if not number and not front and _is_byline(text):
                continue
            if generic or (front and heading.level > 1) or (number and not outline.follows(number)):
                break
            if heading.level > 1 and not _is_at_head(outline, number):
                break
        return heading, above
    return None, above


def _is_byline(text: str) -> bool:
    """Whether a heading is no title, but names those who wrote the paper, and when: the file is named by the paper."""
    found = byline.read(text)
    return found is not None and len(found.authors) > 1 and found.published is not None


def _is_of_signs(text: str, heading: Heading, number: int) -> bool:
    """Whether a note's own heading has no words, and shows something all the same: ``# ???``, ``# 1984``."""
    return not number and heading.level == 1 and not unnumbered(text) and bool(clean.line(text))


def _is_at_head(outline: Outline, number: int) -> bool:
    """Whether no text stands above a heading: nothing but other headings, labels with values, tags, dates, pictures,
    and links to other pages."""
    lines = (text.strip() for above in range(-1, number) for text in outline.text(outline.below(above))[:HEAD_LINES])
    return not any(text and not NO_TEXT.fullmatch(text) and not _is_fact(text) for text in lines)


def _is_fact(text: str) -> bool:
    return bool(markup.pairs(text) or markup.HASH_TAGS.fullmatch(text) or byline.date_alone(text))


def _is_one_of_several(outline: Outline, heading: Heading) -> bool:
    """Whether it and other headings of its level link to different papers, or say when these appeared, as in lists of
    them; or are numbered from one, as sections are."""
    beside = [each.text for each in outline.headings if each.level == heading.level and each is not heading]
    if not beside:
        return False
    if _FIRST.match(heading.text) and any(map(_SECOND.match, beside)):
        return True
    if _year(heading.text) and sum(map(bool, map(_year, beside[:HEAD_LINES]))) >= _LIST:
        return True
    if "](" not in heading.text:
        return False
    linked = (heading_text(text)[1] for text in (heading.text, *beside))
    known = ({*filter(None, map(ids.of_address, addresses))} for addresses in linked)
    return len({*map(frozenset, filter(None, known))}) > 1


def _year(heading: str) -> str | None:
    """The year in brackets that a heading begins with, or ends in."""
    return dates.year_at_start(heading) or dates.year_at_end(heading)


def _words(outline: Outline, heading: Heading, name: str) -> str:
    """The title that a heading says; nothing where a template was to fill it, or it is the heading of a section."""
    text = clean.line(heading_text(heading.text)[0])
    return "" if _TO_FILL.fullmatch(text) or _is_section(outline, heading, text, name) else text


def _is_section(outline: Outline, heading: Heading, text: str, name: str) -> bool:
    """Whether a short heading, or a question beside others, is one of several of its level, or an item of an outline
    below others, and has nothing of what a person named the file: in vaults where the name is the title, notes begin
    with ``# Setup``."""
    most = _MOST_OF_SECTION if " " in name else _MOST_OF_SECTION // 2
    beside = [each.text for each in outline.headings if each.level == heading.level and each is not heading]
    is_short = len(words_of(text)) <= most or (_is_question(text) and any(map(_is_question, beside)))
    if beside and text.endswith(_GOES_ON) and not alike(name, text):  # ``# Learn more about:``
        return True
    is_item = outline.lines[heading.line].lstrip()[:2] == "- " and any(map(str.strip, outline.lines[: heading.line]))
    is_item = is_item or (
        outline.lines[heading.line][:3] == "- #"
        and not any(map(markup.pairs, outline.lines[heading.line + 1 :][:HEAD_LINES]))
    )
    return bool(name and is_short and (beside or is_item) and not alike(name, text))


def _is_question(text: str) -> bool:
    return text.endswith(_ASKS)


def _line(outline: Outline, front: str) -> Heading | None:
    """A first line that is nothing but a link, or bold, or above those who wrote the paper, as the title of a note that
    has no heading for one."""
    lines = outline.lines
    at = next((n for n, text in enumerate(lines) if text.strip() and not _is_above_title(text)), -1)
    if at < 0 or any(each.line == at and _is_one_of_several(outline, each) for each in outline.headings[:1]):
        return None
    text = markup.bare(lines[at].strip())
    found = _TITLE_LINE.fullmatch(text) if len(text) < 600 else None
    if found:
        name = "" if front and _leads_elsewhere(text, front) else found["bold"] or found["text"]
    else:
        name = text if not front and not outline.headings and _is_above_authors(lines, at) else ""
    return Heading(at, 1, text) if name and not markup.pairs(text) and not is_generic(name) else None


def _is_above_title(text: str) -> bool:
    """Whether a line says nothing of the paper: links to other pages, or the beginning of a call-out."""
    found = _CALL_OUT.fullmatch(text)
    return is_generic(found[2]) if found else _WAYS.fullmatch(text) is not None


def announced_by_call_out(line: str) -> bool:
    """Whether a line begins a call-out for a citation: ``> [!Cite]``, ``> [!info] Citation``."""
    found = _CALL_OUT.fullmatch(line) if "[!" in line else None
    return found is not None and normal(found[2] or found[1]) in CITATIONS


def _leads_elsewhere(text: str, front: str) -> bool:
    """Whether a line is a link to no page that is known as a paper's, by another name than the note's title."""
    name, addresses = heading_text(text)
    return bool(addresses) and not alike(front, name) and not any(map(ids.of_address, addresses))


def _is_above_authors(lines: list[str], at: int) -> bool:
    """Whether a line of plain words stands right above a line of names."""
    text = lines[at].rstrip()
    below = next(filter(str.strip, lines[at + 1 : at + 3]), "")
    if not _PLAIN_LINE.fullmatch(text) or not below:
        return False
    named, own = byline.read(below), byline.read(text)
    return bool(named and named.authors and not (own and own.authors))
