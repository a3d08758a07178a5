"""The forms of lines that begin with those who wrote a paper, as citations do, and whom they name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from papersearch.posts import dates
from papersearch.posts.people import PARTICLES, authors_of
from papersearch.posts.person import NO_PERSON, is_person

# ``Ada Example, Bo Sample et al. 2017``
_ET_AL = re.compile(r"^\W{0,4}([^\n]{2,300}?)\s+(?:[ae]t\.?\s?al|et el)\b\.?", re.IGNORECASE)
# ``Example, Ada, et al. Otters at work in rivers. 2017``: the first of the people in a citation.
_ONE_TURNED = re.compile(r"[^\W\d_a-z][\w'’-]{1,30}, [^\W\d_a-z][\w'’-]{1,30},")
_TITLE_BEHIND = re.compile(r"\s+[^\W_a-z][^\n.]{15,300}\.")
# ``Example, A., & Sample, B. (2010). Title.``
_APA = re.compile(r"(.{3,600}?),? ?\(((?:19|20)\d{2})[a-z]?(?:, [^()]{1,20})?\)(?=[.,:]|$)")
# ``Example, Ada, Bo Sample, and Cy Pattern. "Title." Journal 2.1 (2009): 8-12.`` and citations of other styles; the
# title may go on in the next line, or have only one of its marks.
_CITED = re.compile(
    r"(?P<names>[^\"“”«\n]{3,600}?)[.,:]?\s*[\"“«](?P<title>[^\"“”»]{8,300})(?:[\"”»](?P<rest>.{0,300}))?"
)
_YEAR_AFTER_NAMES = re.compile(r"\(((?:19|20)\d{2})\)[.,:]?\s*\Z")
# ``Примерова А. А., Образцов Б. Б. Выдры // Реки. — 2014.``, as GOST has it.
_GOST_NAME = re.compile(r"[^\W\d_a-zа-я][\w’'-]{1,30},? (?:[^\W\d_a-zа-я]\. ?){1,2}")
_GOST = re.compile(
    rf"(?P<names>(?:{_GOST_NAME.pattern},? ?){{1,8}})(?P<more>и др\.)?.{{8,300}}? // (?P<rest>.{{4,300}})"
)
# ``Example AB, Sample C. Otters in rivers. J Rivers. 2014;5(2):61-162.``, as medicine has it.
_CITED_NAME = r"[^\W\d_a-z][\w'’-]{1,30}(?: [^\W\d_a-z][\w'’-]{1,30})? [A-Z]{1,3}"
_MEDICAL = re.compile(
    rf"(?P<names>{_CITED_NAME}(?:, {_CITED_NAME}){{0,60}})(?P<more>,? et al)?\. "
    r"(?P<rest>[^\n]{8,400}?[.,] ?(?:19|20)\d{2}(?: [A-Z][a-z]{2}(?: \d{1,2})?)?;[^\n]{0,300})"
)
# ``Example, van der Sample and Pattern (2010)``
_SURNAME = rf"(?:(?i:{'|'.join(sorted(PARTICLES))}) ){{0,2}}[^\W\d_a-z](?:[^\W\d_]|['’-](?=[^\W\d_])){{1,30}}"
_SURNAMES = re.compile(
    rf"({_SURNAME}(?:, {_SURNAME}){{0,9}}(?:,? (?:and|&) {_SURNAME})?),? ?[(（]?((?:19|20)\d{{2}})[)）]?"
)
_BETWEEN = re.compile(r",? (?:and|&) |, ")
_INITIALS = re.compile(r"(?:[^\W\d_a-z]\. ?){1,3}[^\W\d_a-z]")


class People(NamedTuple):
    """Who wrote a paper, whether there are more, and what follows them in the line (``rest``)."""

    names: tuple[str, ...]
    et_al: bool
    rest: str


NOBODY = People((), False, "")


def _of_gost(found: re.Match[str]) -> People:
    turned = (name.replace(",", "").strip().partition(" ") for name in _GOST_NAME.findall(found["names"]))
    names = tuple(f"{initials} {family}" for family, _, initials in turned)
    return People(names, bool(found["more"]), found["rest"])


def _of_medicine(found: re.Match[str]) -> People:
    return People(tuple(found["names"].split(", ")), bool(found["more"]), found["rest"])


def _of_citation(found: re.Match[str]) -> People | None:
    """The people before the title in a citation: often the first of them with the family name first."""
    said = found["names"]
    names, et_al = authors_of(said)
    is_family = names and (" " not in names[0] or names[0].split(" ")[0].lower() in PARTICLES)
    if len(names) > 1 and is_family and is_person(first := f"{names[1]} {names[0]}"):
        others = said.split(",", 2)[2:]
        rest = authors_of(others[0].strip().removeprefix("and ")).names if others else ()
        names = (first, *rest) if rest or len(names) == 2 else names
    are_people = names and all(map(_is_cited, names))
    year = _YEAR_AFTER_NAMES.search(said)
    return People(names, et_al, year[1] if year else found["rest"] or found["title"][-8:]) if are_people else None


def _is_cited(name: str) -> bool:
    """Whether a name may stand in a citation: a label before the first of them is no part of it."""
    return is_person(name) or (_INITIALS.match(name) is not None and ":" not in name)


def _before_et_al(found: re.Match[str]) -> People:
    names = authors_of(found[1]).names
    if len(names) == 2 and _ONE_TURNED.fullmatch(found[1]) and _TITLE_BEHIND.match(found.string, found.end()):
        names = (f"{names[1]} {names[0]}",)
    are_people = names and all(is_person(name) or " " not in name for name in names) and len(names) < 20
    return People(names, True, found.string[found.end() :]) if are_people else NOBODY


def _by_surnames(found: re.Match[str]) -> People | None:
    names = tuple(_BETWEEN.split(found[1]))
    if len(names) == 1:
        return None
    are_people = NO_PERSON.isdisjoint(re.findall(r"\w+", found[1].lower())) and dates.day(found[0]) == found[2]
    return People(names, False, found[2]) if are_people else NOBODY


def _of_apa(found: re.Match[str]) -> People | None:
    names, et_al = authors_of(found[1])
    return People(names, et_al, found[2]) if names and all(map(_is_cited, names)) else None


Form = tuple[Callable[[str], re.Match[str] | None], Callable[[re.Match[str]], People | None]]
"""What a line is, and whom it names then: nobody where it is of no other form either, and None where it may be."""

WITH_TITLES: tuple[Form, ...] = (
    (_GOST.match, _of_gost),
    (_MEDICAL.match, _of_medicine),
    (_CITED.fullmatch, _of_citation),
)
"""Those of lines that go on with the title."""

OTHERS: tuple[Form, ...] = (
    (_ET_AL.match, _before_et_al),
    (_SURNAMES.fullmatch, _by_surnames),
    (_APA.match, _of_apa),
)
