"""The headings of a note, whichever way they are written, and the sections between them."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import NamedTuple

from papersearch.posts.markup import LONGEST_LINE
from papersearch.text import dialects

MOST_HEADINGS = 2_000
"""Headings that are looked at (chosen: a book has fewer)."""

# The blank after ``#`` is often left out: before a link, after more than one, and in the first line. There, and only
# there, what has blanks and begins with a capital is no tag. A longer line is text, whatever mark it begins with.
_HEADING = re.compile(
    rf"^(?: {{0,3}}(?:- )?(?P<hashes>#{{1,6}})(?:[ \t]+|(?=!?\[[^\]\n]{{3,300}}\]\()|(?<=##)(?=[^\W\d_]))"
    rf"(?P<text>\S[^\n]{{0,{LONGEST_LINE - 1}}})$"
    r"|\A\s{0,20}#(?P<first>[^\W\d_a-z][^\n#]{0,200} [^\n#]{1,300})$"
    r"| {0,3}<h(?P<html>[1-6])(?: [^<>\n]{0,200})?>(?P<inner>[^\n]{1,1000})$"
    r"|(?P<above>[^\s\-*+>|#=`~\d<][^\n]{0,500})\n(?P<line>=+|-{3,})[ \t]*$)",
    re.MULTILINE,
)
_CLOSING = re.compile(r"[ \t]#{1,6}[ \t]*\Z")


class Heading(NamedTuple):
    """``line`` counts from 0 in the body; ``length`` is 2 where it is underlined."""

    line: int
    level: int
    text: str
    length: int = 1


def headings(body: str, fenced: Container[int] = ()) -> list[Heading]:
    """The headings of a body, in order, without what stands in ``fenced`` lines."""
    found: list[Heading] = []
    line = counted = 0
    for match in _HEADING.finditer(body):
        if len(found) == MOST_HEADINGS:
            break
        start = match.start()
        line += body.count("\n", counted, start)
        counted = start
        if line in fenced:
            continue
        if match["hashes"]:
            text = _CLOSING.sub("", match["text"]) if match["text"][-1] == "#" else match["text"]
            text = (dialects.ATTRIBUTES.sub("", text) if text[-1] == "}" else text).strip()
            found.append(Heading(line, len(match["hashes"]), text))
        elif match["first"]:
            line += body.count("\n", start, match.start("first"))
            counted = match.start("first")
            found.append(Heading(line, 1, match["first"].strip()))
        elif match["html"]:
            found.append(Heading(line, int(match["html"]), match["inner"].partition(f"</h{match['html']}")[0].strip()))
        elif match["line"][0] == "=" or not body[:start].rstrip(" \t") or body[start - 2 : start] == "\n\n":
            found.append(Heading(line, 1 if match["line"][0] == "=" else 2, match["above"].strip(), 2))
    return found
