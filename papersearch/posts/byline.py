"""The line below a title that says who wrote the paper, and where and when it appeared."""

from __future__ import annotations

import re
from typing import NamedTuple

from papersearch.posts import dates, markup
from papersearch.posts.people import PARTICLES, authors_of
from papersearch.query import ids
from papersearch.text import clean

_ET_AL = re.compile(r"^\W{0,4}([^\n]{2,300}?)\s+et\.?\s?al\b\.?", re.I)
_WRITTEN_ON = re.compile(
    r"\b(?:submitted|published|posted to arxiv|uploaded|appeared|released)\b(?: (?:to arxiv|online))?(?: (?:on|in))?"
    r"[:\s]*(.{4,40})",
    re.IGNORECASE,
)
# ``ICML 2018``: an acronym and a year, and hardly more.
_VENUE = re.compile(
    r"\W{0,3}(?:[\w@&.-]{1,30} ){0,4}?(?=\w{0,12}[A-Z]\w{0,12}[A-Z])[A-Za-z]{3,14}[ ,'’-]{1,2}((?:19|20)\d{2})\W{0,3}"
)
_ID = re.compile(r"\d{4}\.\d{4,5}(?:v\d{1,3})?|\[[a-z-]{2,9}(?:\.[A-Za-z-]{2,4})?\]")
_APA = re.compile(r"(.{3,600}?),? ?\(((?:19|20)\d{2})[a-z]?(?:, [^()]{1,20})?\)(?=[.,:]|$)")
_YEAR_LAST = re.compile(r"[\s,]*[(（]?((?:19|20)\d{2})[)）]?\s*$")
_BY = re.compile(r"^[*_(\[\s]{0,4}(?:written )?by:? +(.{3,600}?)[*_)\]\s]{0,4}$", re.I)
_SENTENCE = re.compile(r"[.。](?:\s|$)|[*_]")
_NAME = re.compile(
    rf"[^\W\d_a-z][\w.'’-]{{0,30}}\.?(?: (?:[^\W\d_a-z][\w.'’-]{{0,30}}\.?|{'|'.join(sorted(PARTICLES))})){{1,4}}"
)
_INITIALS = re.compile(r"(?:[^\W\d_a-z]\. ?){1,3}[^\W\d_a-z]")
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
    if found := _APA.match(text):
        names, et_al = authors_of(found[1])
        if names and all(_is_person(name) or _INITIALS.match(name) for name in names):
            return names, et_al, found[2]
    if raw[0] in "*_" and raw[-1] in "*_" and raw.count(raw[0]) == 2:
        year = _YEAR_LAST.search(text)
        names, et_al = authors_of(text[: year.start()] if year else text)
        return (
            (names, et_al, year[1] if year else "")
            if len(names) > 1 and all(map(_is_person, names))
            else ((), False, "")
        )
    for end in [*(found.start() for found in _SENTENCE.finditer(raw[:600])), len(raw)][:8]:
        piece = raw[:end].strip()
        names, et_al = authors_of(re.sub(r"\s*[(（]?(?:19|20)\d{2}[)）]?\s*$", "", clean.line(piece)))
        if len(names) > 1 and all(map(_is_person, names)):
            return names, et_al, clean.line(raw[end:]) or piece[-8:]
        if len(names) > 2 and _YEAR_LAST.search(piece) and all(map(_is_person, names[:-1])) and len(names[-1]) < 30:
            return names[:-1], et_al, piece[-8:]
    return (), False, ""


def _is_person(name: str) -> bool:
    """Whether a name may be a person's: capitalised words, none of them that of a field or an institution."""
    if not name.isascii() and re.fullmatch(r"[\u3400-\u9fff·]{2,6}|[\uac00-\ud7af]{2,5}", name):
        return True
    return bool(_NAME.fullmatch(name)) and _NO_PERSON.isdisjoint(name.lower().split())


def without_ids(text: str) -> str:
    """A text without the numbers that could be taken for a year."""
    return _ID.sub(" ", text[:400])


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
        venue = _VENUE.fullmatch(text) if len(text) < 200 else None
        return Byline((), False, venue[1], None) if venue else None
    if date is None and (names or known):
        years = dates.years_in(tail)
        date = years[0] if len(years) == 1 else None
    if date is None and known and not names:
        date = dates.day(without_ids(text))
    return Byline(names, et_al, date, known)
