"""The generator's own layout, read at one go: for nearly all posts this spares the YAML loader and half the cost.

Only what can be read without a doubt is: known keys in their known order, YAML scalars that are plain words or quoted
without escapes, and sections without a mark in which another could begin. Everything else, and whatever is new, takes
the long way through ``front`` and ``sections``, which gives the same for these posts too.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_POST = re.compile(
    r"---\nauthor: \w[\w.-]*\n(?:cover:\n(?:  [^\n]*\n){1,5})?description: ''\n(?:featured: \w+\n)?"
    r"keywords: key\d(?:, key\d)*\nlayout: [^\n]*\nmeta:\n- content: (?P<byline>[^\n]+(?:\n    [^\n]+)?)\n"
    r"  name: author\n- content: key\d(?:, key\d)*\n"
    r"  name: keywords\npubDate: '(?P<posted>[\d :-]+)'\ntags:\n(?P<tags>(?:- [^\n]+\n){1,50})theme: \w+\n"
    r"title: (?P<title>[^\n]+(?:\n  [^\n]+){0,3})\n---\n\n"
    r"# title: (?P<heading>[^\n#*]*)\n## publish date: ?\n(?P<published>[\d *-]*)\n"
    r"## authors: ?\n(?P<authors>[^\n#*]*)\n"
    r"## paper id\n(?P<id>[^\n#*]*)\n## download\n(?P<download>[^\n#*]*)\n## abstracts:\n"
)
# Between the abstract and the last section, which is one line as well.
_QA = "\n## QA:\n"
# A plain scalar without anything that means more to YAML than itself; quoted ones have neither quote nor escape inside.
_SCALAR = (
    r"(?:[A-Za-z0-9][^\s:#'\"&*!|>%@`{}\[\],?\\-]*(?:[ -][^\s:#\"&*!|>%@`{}\[\],?\\-]+)*"
    r"|'[^'\n]*'|\"[^\"\\\n]*\")"
)
_ONE = re.compile(_SCALAR)
_LIST = re.compile(rf"(?:- {_SCALAR}\n)+")
_FOLD = re.compile(r"\n +")


class Section(NamedTuple):
    """A section's text, and the line of its heading in the file."""

    text: str
    line: int


class Read(NamedTuple):
    """``values`` of the front matter that matter, and the sections by name."""

    values: dict[str, Any]
    sections: dict[str, Section]


def read(text: str) -> Read | None:
    """What a post of the generator says, or None where it is not certain to be one."""
    found = _POST.match(text)
    if found is None:
        return None
    abstract, mark, qa = text[found.end() :].partition(_QA)
    qa = qa.removesuffix("\n")
    if not mark or "**" in abstract or "\n" in abstract or "#" in abstract or "\n" in qa or "#" in qa:
        return None
    title, byline, tags = _scalar(found["title"]), _scalar(found["byline"]), _list(found["tags"])
    if title is None or byline is None or tags is None:
        return None
    values = {
        "title": title,
        "tags": tags,
        "pubdate": found["posted"],
        "meta": [{"name": "author", "content": byline}],
        "description": "",
    }
    line = text.count("\n", 0, found.start("heading")) + 1
    sections = {
        "title": Section(found["heading"].strip(), line),
        "published": Section(found["published"].strip(), line + 1),
        "authors": Section(found["authors"].strip(), line + 3),
        "id": Section(found["id"].strip(), line + 5),
        "download": Section(found["download"].strip(), line + 7),
        "abstract": Section(abstract.strip(), line + 9),
        "qa": Section(qa.strip(), line + 11),
    }
    return Read(values, sections)


def _scalar(text: str) -> str | None:
    """The text of a YAML scalar, or None where only YAML itself could tell."""
    folded = _FOLD.sub(" ", text) if "\n" in text else text
    if not folded.isprintable() or _ONE.fullmatch(folded) is None:  # some are ends of lines to YAML
        return None
    return _unquoted(folded)


def _list(text: str) -> list[str] | None:
    """The texts of a YAML list of scalars, one a line, or None where only YAML itself could tell."""
    if _LIST.fullmatch(text) is None:
        return None
    items = text[2:-1].split("\n- ")
    return [*map(_unquoted, items)] if "".join(items).isprintable() else None


def _unquoted(scalar: str) -> str:
    return scalar[1:-1] if scalar[0] in "'\"" else scalar
