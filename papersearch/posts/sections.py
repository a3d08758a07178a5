"""The known sections of the generator's older layouts: under headings, with bold marks, or all in one line."""

from __future__ import annotations

import re
from typing import NamedTuple

_SECTIONS = {
    "title": "title", "publish date": "published", "published date": "published", "published": "published",
    "author": "authors", "authors": "authors", "paper id": "id", "download": "download",
    "abstract": "abstract", "abstracts": "abstract", "qa": "qa", "q&a": "qa",
}  # fmt: skip
_NAMES = "|".join(sorted(_SECTIONS, key=len, reverse=True))
# A heading begins with a mark, with nothing but a blank before it, and with the letter of a name behind it: of millions
# of marks nearly all are passed over at full speed.
_HEADING_START = re.compile(
    rf"[#*](?<!\S.)(?=[#*]{{0,5}}[ \t]{{0,9}}\*{{0,2}}[ \t]?[{''.join(sorted({name[0] for name in _SECTIONS}))}])",
    re.DOTALL | re.IGNORECASE,
)
_HEADING = re.compile(
    r"(?:(?P<hashes>#{1,6})[ \t]{0,9}(?P<bold>\*\*|)[ \t]?(?P<marked>" + _NAMES + r")\b"
    r"(?P<end>[ \t]{0,9}\**[ \t]{0,9}:?[ \t]{0,9}(?:\*\*(?=\s|$))?)|\*\*(?P<plain>" + _NAMES + r"):?\*\*:?)",
    re.IGNORECASE | re.MULTILINE,
)
_ANY_HEADING = re.compile(r"^#{1,6}[ \t]", re.MULTILINE)
# What can follow the name of a section in the same line without a colon between.
_BARE = {"id": re.compile(r"[ \t]*\S"), "download": re.compile(r"[ \t]*(?:\[|<?https?:|\d)")}
# A label that is none of ours ends what came before it: ``**Venue:** ...``.
_OTHER_LABEL = re.compile(r"^\*\*[^*\n]{1,40}(?::\*\*|\*\*[ \t]?:)", re.MULTILINE)
_TEXTS = ("abstract", "qa")


class Section(NamedTuple):
    """A section's text, and the line of its heading in the file."""

    text: str
    line: int


def sections_of(body: str, lines: int) -> tuple[dict[str, Section], str]:
    """The known sections of a body, the first of each, and the text that belongs to none of them; ``lines`` is how many
    lines of the file stand before the body.

    Abstract, and questions and answers, may have headings of their own below theirs; other sections end at any heading.
    """
    found: dict[str, Section] = {}
    headings: list[tuple[str, re.Match[str]]] = []
    text_level = 6
    for start in _HEADING_START.finditer(body):
        match = _HEADING.match(body, start.start())
        if match is None:
            continue
        name = _SECTIONS[(match["marked"] or match["plain"]).lower()]
        level = len(match["hashes"] or "")
        if name in found or level > text_level or not _is_heading(name, match, body):
            continue
        text_level = level if level and name in _TEXTS else 6
        found[name] = Section("", 0)
        headings.append((name, match))
        if len(found) == len(set(_SECTIONS.values())):
            break
    line, counted = lines + 1, 0
    rest = [body[: headings[0][1].start()] if headings else body]
    for number, (name, match) in enumerate(headings):
        line += body.count("\n", counted, match.start())
        counted = match.start()
        end = headings[number + 1][1].start() if number + 1 < len(headings) else len(body)
        text = body[match.end() : end].strip()
        if name not in _TEXTS and (other := _ANY_HEADING.search(text) or _OTHER_LABEL.search(text)):
            rest.append(text[other.start() :])
            text = text[: other.start()].rstrip()
        if match["bold"] and "*" not in match["end"]:
            text = text.replace("**", "", 1)  # the mark that closes the one before the name
        found[name] = Section(text, line)
    return found, "\n\n".join(filter(None, map(str.strip, rest)))


def is_generated(sections: dict[str, Section]) -> bool:
    """Whether the sections are those of the generator, of any of its ages."""
    return len(sections) > 3 and "abstract" in sections and ("id" in sections or "download" in sections)


def _is_heading(name: str, match: re.Match[str], body: str) -> bool:
    """Whether a known name is a section's: marked as one, or all that its line says."""
    if match["plain"] or ":" in match["end"] or "*" in match["end"]:
        return True
    after = body[match.end() : match.end() + 100].partition("\n")[0]
    return not after.strip() or (name in _BARE and bool(_BARE[name].match(after)))
