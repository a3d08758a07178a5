"""The line below a title that says who wrote the paper, and where and when it appeared."""

from __future__ import annotations

import re
from typing import NamedTuple

from papersearch.posts import dates, markup
from papersearch.posts.people import authors_of
from papersearch.query import ids
from papersearch.text import clean

_ET_AL = re.compile(r"^\W{0,4}([^\n]{2,300}?)\s+et\.?\s?al\b\.?", re.I)
_WRITTEN_ON = re.compile(
    r"\b(?:submitted|published|posted to arxiv|uploaded|appeared|released)\b(?: (?:to arxiv|online))?(?: (?:on|in))?"
    r"[:\s]*(.{4,40})",
    re.IGNORECASE,
)
_BY = re.compile(r"^[*_(\[\s]{0,4}(?:written )?by:? +(.{3,600}?)[*_)\]\s]{0,4}$", re.I)
_SENTENCE = re.compile(r"[.。](?:\s|$)|[*_]")
_PARTICLES = "van|von|der|den|de|del|della|di|da|dos|le|la|el|al|bin|ibn|ter|ten"
_NAME = re.compile(rf"[^\W\d_a-z][\w.'’-]{{0,30}}\.?(?: (?:[^\W\d_a-z][\w.'’-]{{0,30}}\.?|{_PARTICLES})){{1,4}}")
# Words that names of people do not hold, and names of fields and places do.
_NO_PERSON = frozenset(
    """learning vision language processing networks network neural deep machine models model systems system data
    computer science intelligence reinforcement university institute research google microsoft facebook openai deepmind
    meta lab labs theory optimization recognition detection generation translation journal conference proceedings
    international attention graph image text speech robotics control statistics mathematics physics biology the and of
    for on in to a with from by large supervised unsupervised self transfer representation""".split()
)


def _people_at_start(raw: str, text: str) -> tuple[tuple[str, ...], bool, str]:
    """(names, whether there are more, what follows them) of a line that begins with the people who wrote a paper."""
    if (found := _BY.match(text)) and len(text) < 600:
        names, et_al = authors_of(found[1])
        return (names, et_al, "") if names and all(map(_is_person, names)) else ((), False, "")
    if found := _ET_AL.match(text):
        names, _ = authors_of(found[1])
        if names and all(_is_person(name) or " " not in name for name in names) and len(names) < 20:
            return names, True, text[found.end() :]
        return (), False, ""
    if not raw:
        return (), False, ""
    if raw[0] in "*_" and raw[-1] in "*_" and raw.count(raw[0]) == 2:
        names, et_al = authors_of(text)
        return (names, et_al, "") if len(names) > 1 and all(map(_is_person, names)) else ((), False, "")
    for end in [*(found.start() for found in _SENTENCE.finditer(raw[:600])), len(raw)][:8]:
        piece = raw[:end].strip()
        names, et_al = authors_of(re.sub(r"\s*[(（]?(?:19|20)\d{2}[)）]?\s*$", "", clean.line(piece)))
        if len(names) > 1 and all(map(_is_person, names)):
            return names, et_al, clean.line(raw[end:]) or piece[-8:]
    return (), False, ""


def _is_person(name: str) -> bool:
    """Whether a name may be a person's: capitalised words, none of them that of a field or an institution."""
    if not name.isascii() and re.fullmatch(r"[\u3400-\u9fff·]{2,6}|[\uac00-\ud7af]{2,5}", name):
        return True
    return bool(_NAME.fullmatch(name)) and _NO_PERSON.isdisjoint(name.lower().split())


class Byline(NamedTuple):
    """What such a line says."""

    authors: tuple[str, ...]
    et_al: bool
    published: str | None
    known: tuple[str, int | None] | None


def read(line: str) -> Byline | None:
    """The facts of a line, or None where it is none of these."""
    text = clean.line(markup.bare(line))
    names, et_al, tail = _people_at_start(markup.bare(line), text)
    written = _WRITTEN_ON.search(text) if len(text) < 300 else None
    date = dates.day(written[1]) if written else None
    known = ids.named_in(text) if len(text) < 600 else None
    if not (names or date or (known and len(text) < 200)):
        return None
    if date is None and (names or known):
        years = dates.years_in(tail)
        date = years[0] if len(years) == 1 else None
    return Byline(names, et_al, date, known)
