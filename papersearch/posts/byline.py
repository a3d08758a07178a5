"""The line below a title that says who wrote the paper, and where and when it appeared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from papersearch.posts import dates, markup
from papersearch.posts.cited import NOBODY, OTHERS, WITH_TITLES, Form, People
from papersearch.posts.people import authors_of, without_institutions
from papersearch.posts.person import is_person
from papersearch.query import ids
from papersearch.text import clean

# ``Submitted on 9 Nov 2017``, ``posted to arXiv: May 2019``
_WRITTEN_ON = re.compile(
    r"\b(?:submitted|published|posted to arxiv|uploaded|appeared|released)\b(?: (?:to arxiv|online))?(?: (?:on|in))?"
    r"[:\s]*(.{4,40})",
    re.IGNORECASE,
)
_STAMP = re.compile(r"\W{0,4}submitted (?:on|to)\b", re.IGNORECASE)
# ``ICML 2018``, ``ICML2018``, ``ICML '18``, ``ICML 2018 (Oral)``: an acronym and a year, and hardly more.
_VENUE = re.compile(
    rf"\W{{0,3}}(?:[\w@&.-]{{1,30}},? ){{0,4}}?(?:\w{{2,12}}/)?{dates.ACRONYM}"
    r"(?:[ ,'’-]{0,2}(?:19|20)\d{2}| ?['’]\d{2})"
    r"(?:\W{0,3}|\W?\([^()]{2,30}\)"
    r"|,? (?i:oral|poster|spotlight|highlight|workshops?|findings|best paper|(?:notable )?top[ -]\d{1,2} ?%)\W{0,3})"
)
_APPEARED_AT = re.compile(r"\W{0,8}(?:presented|published|accepted|appeared|to appear) (?:in|at|to|by) ", re.IGNORECASE)
# ``Proceedings of the VLDB Endowment, August 2020``: the name of what is held, or comes out in volumes, and a date.
_IN_FULL = re.compile(
    r"\W{0,4}(?:proc(?:eedings|\.)? |journal of |transactions on |communications of |p?vldb\b"
    r"|(?=[^\n]{0,80}\b(?:conference|symposium|workshop|journal|transactions|letters|bulletin)\b)"
    r"(?:ieee|acm|usenix|annual|international|\d{1,2}(?:st|nd|rd|th)) )"
    r"[^\n]{0,150}\b(?:19|20)\d{2}\)?\W{0,3}",
    re.IGNORECASE,
)
# ``Presented in OSDI 2021.``, ``Accepted at ICLR'22``: where and when, and no more.
_APPEARED = re.compile(
    r"\W{0,4}(?i:presented|published|accepted|appeared|to appear) (?i:in|at|to|by) (?i:the )?"
    r"(?=[A-Z\d])([^.:;!?]{1,80}?(?:(?<![\d/-])(?:19|20)\d{2}|['’]\d{2}))(?!\w)(?: \([^()]{2,30}\))?\W{0,12}"
)
# ``(https://dams.example/otters.pdf, 2014)``
_ADDRESSED = re.compile(r"\W{0,3}https?://[^\s,]{4,500},? \(?((?:19|20)\d{2})\)?\W{0,3}")
# People by their family names in brackets at the end of a title, or before one; there ``Otters and Dams`` are none.
_FAMILY = r"[^\W\d_a-z][\w'’-]{1,30}"
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_AT_END = re.compile(
    rf"\S [(（\[](?P<names>{_FAMILY} et al\.?|{_FAMILY}(?:, {_FAMILY}){{0,3}},? (?:and|&) {_FAMILY}),? {_YEAR}"
    r"[)）\]]\s*\Z"
)
_AT_START = re.compile(
    rf"\s*(?P<names>{_FAMILY} et al\.?|{_FAMILY} & {_FAMILY}),? [(\[]?{_YEAR}[)\]]?(?:\s?[.:：]|\s[—–-])\s+\S"
)
_PLACE_AND_YEAR = re.compile(
    r"([^\W\d_a-z][\w&.'’-]{1,30}(?: [^\W\d_a-z][\w&.'’-]{1,30}){1,4}), \(?((?:19|20)\d{2})\)?"
)
# ``1711.00004v2 [cs.CL]``
_ID = re.compile(r"\d{4}\.\d{4,5}(?:v\d{1,3})?|\[[a-z-]{2,9}(?:\.[A-Za-z-]{2,4})?\]")
_ONLY_DATE = re.compile(r"(?:[^\W\d_]{3,9}\.?|\d{1,4}(?:st|nd|rd|th)?|[年月日.,/ -])+")
# ``... 2017``, ``... · 2017``, ``... (2017)``, ``... (ICLR 2017 Oral)``
_YEAR_BEHIND = re.compile(
    r"[\s·]*(?:[(（](?:[^()（）\d]{0,40}\W)?(?:19|20)\d{2}[^()（）\d]{0,20}[)）]|[(（]?(?:19|20)\d{2}[)）]?)\s*$"
)
# ``Ada Example. OTTER 2018``
_BEFORE_VENUE = re.compile(rf"\.\s+(?=(?:{dates.ACRONYM}|arXiv),? (?:19|20)\d{{2}}\b)")
_YEAR_LAST = re.compile(r"[\s,]*[(（]?((?:19|20)\d{2})[)）]?\s*$")
# ``Example, 2017``, ``Example and Sample (2017)``, ``Ada Example — OTTER 2017 (Oral)``
_YEAR_BEHIND_NAMES = re.compile(
    r"(?:[,，]\s{0,4}(?:19|20)\d{2}|\s{0,4}[(（](?:19|20)\d{2}[)）]"
    rf"|\s[—–|·-]\s{dates.ACRONYM}[ ,]{{0,2}}(?:19|20)\d{{2}}(?:\s?[(（][^()（）\d]{{2,20}}[)）])?)\s{{0,4}}\Z"
)
_SENTENCE_END = re.compile(r"(?:(?<=[a-z]{5})|(?<=\)))\.\s+(?=[A-Z])")
# ``*by: Ada Example and Bo Sample*``
_BY = re.compile(r"^(?P<open>[*_(\[\s]{0,4})(?:written )?by:? +(?P<names>.{3,600}?)[*_\s]{0,4}$", re.IGNORECASE)
# Not after an initial, and not at the marks of one name among others: ``Ada Example*, **Bo Sample**, Cy Pattern``.
_SENTENCE = re.compile(
    r"(?<!\b[^\W\d_])(?<!\b[JS]r)[.。](?:\s|$)|\s[|·•—–]\s|\s\[(?!\d)"
    r"|(?<![*_])(?<![,;&] )(?<!\band )[*_]{1,4}(?![*_]|\s?(?:[,;&]|and\b))"
)
# Names, then when and often where: ``Ada Example, ICML, 2018``, ``Ada Example and Bo Sample, ICML'18, Example Lab``.
_DATED = re.compile(
    r"(?P<names>\D{5,600}?),\s+(?!(?:and|&)\s)(?P<when>[^,]{0,40}?\b(?:19|20)\d{2}\b.{0,200}"
    rf"|{dates.ACRONYM} ?['’]?\d{{2}}(?:,.{{0,200}})?)"
)
_SIGNS = re.compile(r"^\W+|\s+$")
_PART = re.compile(r"(?:^|\s)[|·•](?:\s|$)")
_MOST_OF_NAME = 4  # words (chosen)
_MOST_PARTS = 12  # between dots or bars (chosen)
_DASH = re.compile(r"\s+[—–|·•-]\s+")


def _people_at_start(raw: str, text: str) -> People:
    """The people of a line that begins with those who wrote a paper."""
    for form, people_of in _FORMS:
        if (found := form(text)) and (people := people_of(found)):
            return people
    is_emphasized = raw[:1] in ("*", "_") and raw[-1] in "*_" and raw.count(raw[0]) == 2
    return (
        (_people_emphasized(text) if is_emphasized else _people_before_a_sentence(raw))
        or _people_and_date(text)
        or _people_among_parts(text)
        or NOBODY
    )


def _after_by(found: re.Match[str]) -> People | None:
    if len(found.string) >= 600:
        return None
    said = found["names"].rstrip(")] ") if found["open"].strip("*_ ") else found["names"]
    year = _YEAR_BEHIND.search(said)
    names, et_al = authors_of(said[: year.start()] if year else said)
    are_people = names and all(map(is_person, names))
    return People(names, et_al, year[0] if year else "") if are_people else _people_and_date(said) or NOBODY


_FORMS: tuple[Form, ...] = (*WITH_TITLES, (_BY.match, _after_by), *OTHERS)


def _people_emphasized(text: str) -> People | None:
    """The people of a line that is emphasized as a whole, and the year at its end."""
    year = _YEAR_LAST.search(text)
    names, et_al = authors_of(text[: year.start()] if year else text)
    return People(names, et_al, year[1] if year else "") if _are_several(names) else None


def _people_before_a_sentence(raw: str) -> People | None:
    """The people of a line that begins with at least two, with or without a year behind them."""
    for end in [*(found.start() for found in _SENTENCE.finditer(raw[:600])), len(raw)][:8]:
        piece = raw[:end].strip()
        text = clean.line(piece)
        names, et_al = authors_of(_YEAR_BEHIND.sub("", text))
        if _are_several(names):
            year = _YEAR_BEHIND.search(text)
            return People(names, et_al, clean.line(raw[end:]) or (year[0] if year else ""))
        if len(names) > 2 and _YEAR_LAST.search(piece) and _are_several(names[:-1]) and len(names[-1]) < 40:
            last = _DASH.split(names[-1])[0]  # ``..., Cy Pattern - OTTER 2019``
            names = (*names[:-1], last) if last != names[-1] and is_person(last) else names[:-1]
            return People(names, et_al, piece[-8:])
    return None


def _people_and_date(text: str) -> People | None:
    """Names, one at least, before a date; what stands between them and the date may be where the paper appeared."""
    text = _BEFORE_VENUE.sub(", ", _DASH.sub(", ", text, count=1), count=1)
    if (found := _DATED.fullmatch(text)) is None:
        return None
    for said in (found["names"], found["names"].rpartition(",")[0]):
        names, et_al = authors_of(said)
        if names and any(map(str.islower, said)) and all(map(is_person, names)):
            return People(names, et_al, found["when"])
    return None


def _people_among_parts(text: str) -> People | None:
    """People between dots or bars, with a date among the other parts: ``7 Jun 2025 | 👥 Ada Example, Bo Sample``."""
    parts = [_SIGNS.sub("", part) for part in _PART.split(text)]
    for number, part in enumerate(parts[:_MOST_PARTS] if len(parts) > 1 else ()):
        names, et_al = authors_of(part)
        others = [*parts[:number], *parts[number + 1 :]]
        when = next(filter(date_alone, others), ", ".join(others))
        if _are_several(names) and _date_in(when):
            return People(names, et_al, when)
    return None


def _are_several(names: Sequence[str]) -> bool:
    """Whether names are those of two people or more."""
    return len(names) > 1 and all(map(is_person, names))


def _date_in(tail: str) -> str | None:
    """The date in what follows names, or is beside them."""
    return dates.only_one(without_ids(tail)) or date_alone(tail.strip(" ·|•—–-,()（）"))


def is_stamp(line: str) -> bool:
    """Whether a line begins as arXiv says when it was sent a paper, ``[Submitted on 9 Nov 2017]``, or says nothing but
    where and when the paper appeared."""
    return _STAMP.match(line) is not None or has_appeared(line)


def is_venue(line: str) -> bool:
    """Whether all that a line says is an acronym and a year, and hardly more: ``OTTER 2018 (Oral)``."""
    return len(line) < 100 and _VENUE.fullmatch(clean.line(line)) is not None


def place_and_year(line: str) -> str | None:
    """The year in a line that says nothing but who, or what place, and when: ``Otter Lab, 2024``."""
    found = _PLACE_AND_YEAR.fullmatch(clean.line(markup.bare(line)))
    if found is None or any(map(dates.is_month, found[1].split())):
        return None
    return found[2]


def has_appeared(line: str) -> bool:
    """Whether all that a line says is where and when the paper appeared: ``Presented in OSDI 2021``."""
    if _APPEARED_AT.match(line) is None:
        return _ADDRESSED.fullmatch(line) is not None
    return _APPEARED.fullmatch(clean.line(markup.bare(line))) is not None


def person(line: str) -> str:
    """The name that a line is, or nothing where it is more, or none."""
    text = clean.line(markup.without_footnotes(line))
    return text if len(text) < 60 and is_person(text) else ""


def without_remarks(lines: Sequence[str]) -> str:
    """Of the lines below a heading for authors those that name them: the first paragraph, and below it what is nothing
    but names, or begins with one in a table. A remark on them is text."""
    found: list[str] = []
    is_below = False
    for line in lines:
        text = markup.bare(line)
        row = markup.cells(text) if text[:1] == "|" else []
        if not text:
            is_below = bool(found)
        elif (not row and not is_below) or all(map(is_person, authors_of(row[0] if row else text)[0])):
            found.append(row[0] if row else text)
    return "\n".join(found)


def date_alone(line: str) -> str | None:
    """The day or month that is all that a line says, or None."""
    text = clean.line(markup.without_footnotes(line))
    date = dates.day(text) if len(text) < 24 and _ONLY_DATE.fullmatch(text) else None
    return date if date is not None and len(date) > 4 else None


def without_ids(text: str) -> str:
    """A text without the numbers that could be taken for a year."""
    return _ID.sub(" ", text[:400])


# ``Ada Example reviewing``, before a citation.
_REVIEWING = re.compile(r"(?:[*_]{0,3}[^\W\d_a-z][^\n,:;]{1,50} r|R|r)eview(?:ing|s| of:?) (?=[^\W\d_a-z])")


class Byline(NamedTuple):
    """What a line says of a paper: names, whether there are more, a date as exact as it is written, and
    (paper id, version)."""

    authors: tuple[str, ...]
    et_al: bool
    published: str | None
    known: ids.Known | None


def behind_label(value: str, single: bool) -> Byline:
    """Whom the value of a label for authors names, and the year behind them. Of one with sentences, those with whom it
    begins."""
    year = _YEAR_BEHIND_NAMES.search(value)
    said, *sentences = _SENTENCE_END.split(value[: year.start()] if year else value, maxsplit=1)
    names, et_al = authors_of(said, single)
    names = tuple(name for name in without_institutions(names) if not _is_phrase(name))
    if len(names) > 2 and sum(map(_is_entry, names)) * 2 > len(names):  # a list of people, with what they did
        names = ()
    names = tuple(takewhile(is_person, names)) if sentences else names
    date = dates.only_one(year[0] if year else value[-14:]) if names and (et_al or year) else None
    return Byline(names, et_al, date, None)


def _is_phrase(name: str) -> bool:
    """Whether what stands behind ``by`` names nobody: ``using a million pairs``."""
    return len(name.split()) > 3 and not any(word[:1].isupper() for word in name.split()) and name.isascii()


def within(title: str) -> Byline | None:
    """Whom a title names, and when: ``Otters (Example et al., 2017)``, ``Example & Sample (2017): Otters``."""
    found = _AT_END.search(title) or _AT_START.match(title)
    if found is None:
        return None
    names, more, _ = found["names"].partition(" et al")
    return Byline((*re.split(r",? (?:and|&) |, ", names),), bool(more), found["year"], None)


def _is_entry(name: str) -> bool:
    """Whether a remark follows a name, or stands in place of one."""
    return len(name.split()) > _MOST_OF_NAME and not is_person(name)


def read(line: str) -> Byline | None:
    """The facts of a line, or None where it is none of these."""
    if opening := _REVIEWING.match(line):  # who reviews a paper is none of its authors
        found = read(line[opening.end() :])
        return found if found and found.authors and found.published else None
    raw = markup.without_footnotes(markup.without_folders(line) if "[[" in line else line)
    text = clean.line(raw)
    if len(text) < 200 and (appeared := _APPEARED.fullmatch(text)):
        return Byline((), False, dates.only_one(appeared[1]), None)
    if addressed := _ADDRESSED.fullmatch(line):
        return Byline((), False, addressed[1], None)
    names, et_al, tail = _people_at_start(raw, text)
    written = _WRITTEN_ON.search(text) if len(text) < 300 else None
    date = dates.day(written[1]) if written else None
    known = ids.named_in(text) if len(text) < 600 else None
    if not (names or date or (known and len(text) < 200)):
        is_venue = len(text) < 200 and (_VENUE.fullmatch(text) or _IN_FULL.fullmatch(text))
        when = dates.only_one(text) if is_venue else None
        return Byline((), False, when, None) if when else None
    if date is None and (names or known):
        date = _date_in(tail)
    if date is None and known and not names:
        date = dates.day(without_ids(text))
    return Byline(names, et_al, date, known)
