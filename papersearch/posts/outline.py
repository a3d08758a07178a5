"""The lines of a note and its headings, whichever way they are written, with the sections between them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import NamedTuple

from papersearch.posts import markup
from papersearch.posts.labels import OTHER, PAPER, TITLE
from papersearch.posts.markup import LONGEST_LINE
from papersearch.text import code, dialects

MOST_HEADINGS = 2_000
"""Headings that are looked at (chosen: a book has fewer)."""
HEAD_LINES = 60
"""Lines that the head of a note, or a section of it that says facts, has at most (chosen)."""

# The blank after ``#`` is often left out: before a link, after more than one, and in the first line. There, and only
# there, what has blanks and begins with a capital is no tag. A longer line is text, whatever mark it begins with.
_HEADING = re.compile(
    rf"^(?: {{0,3}}(?:- )?(?P<hashes>#{{1,6}})(?:[ \t]+|(?=!?\[[^\]\n]{{3,300}}\]\()|(?<=##)(?=[^\W\d_]))"
    rf"(?P<text>\S[^\n]{{0,{LONGEST_LINE - 1}}})$"
    r"|\A\s{0,20}#(?P<first>[^\W\d_a-z][^\n#]{0,200} [^\n#]{1,300})$"
    r"| {0,3}<h(?P<html>[1-6])(?: [^<>\n]{0,200})?>(?P<inner>[^\n]{1,1000})$"
    r"|(?P<above>(?:[^\s\-*+>|#=`~\d<]|(?!\d{1,9}[.)][ \t])\d(?=[^\n]{0,500}\n=))[^\n]{0,500})"
    r"\n(?P<line>=+|-{3,})[ \t]*$)",
    re.MULTILINE,
)
_CLOSING = re.compile(r"[ \t]#{1,6}[ \t]*\Z")
# HTML in which Markdown is none: comments, and what is shown or run as it stands, where these begin a line. Elsewhere
# they end before a heading does (CommonMark 0.31, HTML blocks 1 and 2).
_AS_IT_STANDS = re.compile(r"^ {0,3}<(?:!--|(pre|script|style|textarea)(?=[\s>]))", re.MULTILINE)
# ``<font color="red">Authors</font>``: in a colour of its own.
_COLOURED = re.compile(r"<(font|span|b|strong|u|center|mark)(?: [^<>\n]{0,200})?>([^<>\n]+)</\1>", re.IGNORECASE)


class Heading(NamedTuple):
    """``line`` counts from 0 in the body; ``length`` is 2 where it is underlined."""

    line: int
    level: int
    text: str
    length: int = 1


class Outline(NamedTuple):
    """A note by lines and headings. ``fenced`` are the numbers of the lines within fenced code."""

    body: str
    lines: list[str]
    fenced: Container[int]
    headings: list[Heading]

    def below(self, number: int) -> range:
        """The lines between a heading and the next; those before the first where ``number`` is -1."""
        heading = self.headings[number] if number >= 0 else None
        start = heading.line + heading.length if heading else 0
        return range(start, self.headings[number + 1].line if number + 1 < len(self.headings) else len(self.lines))

    def section(self, number: int) -> range:
        """The lines below a heading with those of the smaller headings that follow."""
        level, below = self.headings[number].level, self.headings[number + 1 :]
        end = next((heading.line for heading in below if heading.level <= level), len(self.lines))
        return range(self.below(number).start, end)

    def follows(self, number: int) -> bool:
        """Whether a heading comes right after the one before."""
        return not self.written(self.below(number - 1))

    def text(self, span: range) -> list[str]:
        """Some of the lines."""
        return self.lines[span.start : span.stop]

    def written(self, span: range) -> list[str]:
        """Those of some lines that are not blank."""
        return [line for line in self.text(span) if line.strip()]


def outline_of(body: str) -> Outline:
    """The outline of a note."""
    fenced = code.fenced_lines(body)
    return Outline(body, body.split("\n"), fenced, _headings(body, fenced))


def _headings(body: str, fenced: Container[int]) -> list[Heading]:
    """The headings of a body, in order, without what stands in ``fenced`` lines or is no Markdown."""
    found: list[Heading] = []
    hidden = _hidden(body, fenced)
    line = counted = 0
    for match in _HEADING.finditer(body):
        if len(found) == MOST_HEADINGS:
            break
        start = match.start()
        line += body.count("\n", counted, start)
        counted = start
        if line in fenced or line in hidden:
            continue
        if match["hashes"]:
            text = _CLOSING.sub("", match["text"]) if match["text"][-1] == "#" else match["text"]
            text = (dialects.ATTRIBUTES.sub("", text) if text[-1] == "}" else text).strip()
            if text[:1] == "<" and (coloured := _COLOURED.fullmatch(text)):
                text = coloured[2].strip()
            found.append(Heading(line, len(match["hashes"]), text))
        elif match["first"]:
            line += body.count("\n", start, match.start("first"))
            counted = match.start("first")
            found.append(Heading(line, 1, match["first"].strip()))
        elif match["html"]:
            found.append(Heading(line, int(match["html"]), match["inner"].partition(f"</h{match['html']}")[0].strip()))
        elif line < HEAD_LINES and match["line"][0] == "-" and _is_of_marks(match["above"]):
            continue
        elif match["line"][0] == "=" or not body[:start].rstrip(" \t") or body[start - 2 : start] == "\n\n":
            found.append(Heading(line, 1 if match["line"][0] == "=" else 2, match["above"].strip(), 2))
    return found


def _is_of_marks(line: str) -> bool:
    """Whether a line above a rule, though it is shown as a heading, only has a fact or links to other notes."""
    first = next(iter(markup.pairs(line)), None)
    is_fact = first is not None and bool(first.value) and first.kind not in (None, TITLE, PAPER, OTHER)
    return is_fact or not any(map(str.isalnum, markup.WIKI_LINK.sub("", line)))


def _hidden(body: str, fenced: Container[int]) -> set[int]:
    """The numbers of the lines within comments, and within HTML that is no Markdown, after the first of each."""
    hidden: set[int] = set()
    if "<" not in body and "%%" not in body:
        return hidden
    line = at = 0
    for start, end in sorted((*_html_blocks(body), *(found.span() for found in dialects.COMMENT.finditer(body)))):
        line, at = line + body.count("\n", at, start), start
        if line not in fenced:
            hidden.update(range(line + 1, line + 1 + body.count("\n", start, end)))
    return hidden


def _html_blocks(body: str) -> Iterator[tuple[int, int]]:
    """Where HTML in which Markdown is none begins and ends."""
    at, never = 0, set[str]()
    while opening := _AS_IT_STANDS.search(body, at):
        closing = f"</{opening[1]}>" if opening[1] else "-->"
        at = opening.end()
        if closing not in never and (end := body.find(closing, at)) >= 0:
            yield opening.start(), end
            at = end
        else:
            never.add(closing)
