"""Names of people out of the texts that give them, in the order in which they are spoken.

``Hopper, Grace and Turing, Alan M.`` are two people, so are ``Hopper, G.; Turing, A. M.``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, NamedTuple

from papersearch.posts import dates, front, marked, markup
from papersearch.posts.placeholders import NO_VALUE
from papersearch.text import clean

_MOST_CHARACTERS = 5_000  # of a text that names are read from (chosen: it is no list of authors beyond)
_LONGEST_NAME = 200  # characters (chosen)
_MORE = re.compile(
    r"[\s,;&、，]*(?:\b(?:(?:et\.?|at[.\s])\s?al\b\.?|et (?:coll|el)\b\.?"
    r"|and (?:\d{1,4}\+? )?(?:others|more|co-?authors)|others|y otros|u\. ?a\.|и др\.?)"
    r"|\(?\+ ?\d{1,4} (?:more|others|authors)\)?"
    r"|等 ?(?:\d{1,4} ?[位名]?)?(?:人|作者)?|共 ?\d{1,4} ?[位名]作者"
    r"|(?<=\s)等\s[^,，、;；]{1,40}|ほか|他|외(?: \d{1,4}\+? ?(?:저자|명|인))?|\.{3}|…)"
    r"(?:[\s,]*[(（]?(?:19|20)\d{2}[)）]?)?[\s.,;*_）)]*$",
    re.IGNORECASE,
)
# ``Example et al., Dam Lab``
_PLACE_BEHIND_MORE = re.compile(r"(?<=\bet al)\.?\s*[,;(（](?!.*\bet al\b).*|(?<=\bet al\.)\s*[,;(（](?!.*\bet al\b).*")
_MORE_ENDS = ".…lLsSe)）人者等他외자명인ほか др*_0123456789"
_LEFT_OUT = re.compile(r"[\s,]*(?:…|\.{3})[\s,]*")
# ``通讯作者 Ada Example``: a part played in the work, before a name in other letters.
_ROLE = re.compile(r"[\u3400-\u9fff]{1,8}[\s:：]{1,3}(?=[A-Z])|(?<=[a-z])\s(?:领衔|团队|为?通讯作者)$")
# What nearly all posts of the generator say: read by one pattern, with the result of the long way.
_ONE = re.compile(r"\s*([A-Z][A-Za-z'-]+(?: [A-Z][A-Za-z'-]+){0,3}) et\.?\s?[ae]l\.?\s*")
# Lists of people with plain names are too, unless one may be a suffix or stand for others.
_PART = "[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{1,30}"
_WORD = rf"{_PART}(?:-{_PART})?"
_NAME = (
    rf"(?!(?:Jr|Sr|Inc|Ltd)\b){_WORD}(?: (?:{_WORD}|[A-Z]\.)){{1,3}}"
    r"(?<!\.)(?<! Al)(?<! Coll)(?<! More)(?<! Others)(?<! Otros)"
)
_PLAIN_NAMES = re.compile(rf"{_NAME}(?:, {_NAME}){{0,100}}")
_DASH = re.compile(r"\s[—–-]\s")
# ``The Otter Team (Ada Example, Bo Sample et al.)``, ``水獭团队（Ada Example, Bo Sample 等）``
_TEAM = re.compile(rf"([^,，、;()（）]{{2,60}}?)\s?[(（]({_NAME}(?:[,，、] ?{_NAME}){{1,100}}),? ?(?:等|et al\.?)[)）]")
_BULLET = re.compile(r"^\s{0,20}(?:[-*+•]|\d{1,3}[.)])\s+")
_SUFFIX = r"(?:Jr|Sr|II|III|IV|Inc|Ltd|LLC|GmbH|Ph\.?D|M\.?D|MSc|BSc)\b"
_COMMA = re.compile(rf"\s*[,，、،](?!\s{{0,3}}{_SUFFIX})\s*(?:(?:and|AND|und|et|y|e|&)\s+)?")
# In some languages the word is short enough for a part of a name: then a whole name follows it.
_AND = re.compile(
    r"\s+(?:and|AND|&|und|et|y|[+/与和及])\s+"
    r"|(?<=\w\w)\s+(?:e|en|i|и|і|та|och|og|ve)\s+(?=[^\W\d_a-zа-я][\w.'’-]{0,30}\s+[^\W\d_])"
)
PARTICLES = frozenset("van von der den de del della di da dos du la le el al bin ibn ter ten zu af st".split())
_FULL_STOP = re.compile(r"(?<=[^\W\d_]{4})\.$")  # of a citation, behind a name; shorter ones may be abbreviated
_INITIALS_APART = re.compile(r"(?<=[A-Z])\. -(?=[A-Z]\.)")  # ``C. -R. Roe``, as IEEE cites
_INITIALS = re.compile(r"(?:[A-ZÀ-ÖØ-ÞĀĆČĎĐĒĚĞİĶĻŁŃŅŇŌŐŒŘŚŞŠŤŪŮŰŹŻŽА-Я]\.?[ -]?){1,4}")
# What stands by a name and is not of it: affiliations, marks of footnotes, addresses.
_BESIDE = re.compile(
    r"\([^()]{0,200}\)|（[^（）]{0,200}）|`\[[^`\[\]]{1,30}\]`|<sup>[^<]{0,40}</sup>|\[\d{1,2}(?:,\s?\d{1,2}){0,5}\]"
    r"|(?:\{[^{}]{1,200}\}|<?[^\s<>,;，；]{1,60})@[^\s<>,;，；]{1,60}>?"
    r"|\$\^[^$]{1,40}\$|\^(?:\{[^{}]{1,20}\}|\([^()]{1,20}\)|\[[^\[\]]{1,300}\]"
    r"|[\d*†a-z]{1,9}(?:,[\d*†a-z]{1,3}(?![a-z])){0,5})\^?"
    r"|(?<=[^\W\d_]) ?\d(?:[,;]\d){1,5}(?![\d\w])|[\s,;·|]{0,5}\bORCID\b[\s:]{0,5}(?:https?://orcid\.org/)?(?:\d{4}-){3}\d{3}[\dX]"
)
# ``M{\\"u}ller``, ``Ak{\\c{c}}ay``: taken before all other braces go.
_ACCENT = re.compile(r"\{?\\(?:[cuvHkr]\{\\?[A-Za-z]\}|[\"'`^~=.](?:\{\\?[A-Za-z]\}|\\?[A-Za-z]))\}?")
_PERSON_TAG = re.compile(r"(?<!\S)#(?:[\w-]{1,40}/){1,4}([\w'’.-]{2,60})")
_LINKS_SIDE_BY_SIDE = re.compile(r"\]\] {1,3}\[\[")
_IMAGE = re.compile(r"(\[)?!\[[^\[\]\n]{0,200}\]\([^()\s]{0,1000}\)(?(1)\]\([^()\s]{0,1000}\))")
_BREAK = re.compile("<br ?/?>", re.IGNORECASE)
_QUOTED = re.compile('["“«]([^"“”«»]+)["”»]')
_MAY_BE_BESIDE = re.compile(r"[(（<[@^]|\d[,;]\d|\d{4}-")
_INSTITUTION = re.compile(
    r"(?:^|\s)(?:Universit\w{1,3}|Universidade?|Institute?|College|Laborator(?:y|ies)|Academy)(?:\s|$)|大学$|研究院$|研究所$|대학교$"
)
# Behind a hyphen only what is no person: ``Ada Example - River University``, ``Ada Example - DAM``.
_REMARKED = re.compile(rf"({_NAME})\s(?:[—–]|-(?=[^,]*(?:{_INSTITUTION.pattern}))|-(?=\s[A-Z]+\Z))\s(.+)")
_MARKS = str.maketrans("", "", "†‡§¶⁎∗{}`⁰¹²³⁴⁵⁶⁷⁸⁹")
_ABBREVIATED = re.compile(r"\b(?:[^\W\d_]|Jr|Sr|Inc|Ltd|Co|Corp|D|St)\.$")
# ``arxiv.org``, as programs that save pages write where these tell no author, a year behind names, and a venue.
_NOBODY = re.compile(rf"(?:[a-z0-9-]{{1,60}}\.){{1,4}}[a-z]{{2,10}}|(?:{dates.ACRONYM} )?(?:19|20)\d\d")
_NO_NAME = frozenset("admin author authors unknown anonymous".split())
# By these ``Kim, Jisoo, Roe, Jane`` is told from a list of family names.
_FAMILIES = frozenset(
    """ahn bai cai cao chang chen cheng cho choi cui dai deng ding dong du fan fang feng fu gao gu guo gupta han he hong
    hu huang jang jeong ji jia jiang jin jung kang kim kumar lee li liang lim lin liu lu luo ma meng nguyen oh pan park
    peng qian qin ren sato sharma shen shi singh smith song sun suzuki tan tanaka tang tran wang wei wen wu xia xiao xie
    xu yan yang yao ye yin yoon yu yuan zeng zhang zhao zheng zhong zhou zhu zou""".split()
)
_GIVEN = frozenset(
    """aaron adam alan alessandro alex alexander alice amir ana andrea andreas andrew anna anthony antonio arthur
    benjamin bernhard brian bruno carlo carlos charles chris christian christoph christopher claire daniel daniele david
    davide dieter elena elizabeth emily emma eric ethan eva fabio felix florian francesco frank gabriel george giulio
    hannah hans heike henry ian jack jacob james jan jane jason jean jeffrey jennifer jessica joao johannes john
    jonathan jorge jose joseph joshua juan julia julian karl katherine kevin laura lars leonardo lisa lorenzo luca lucas
    luis lukas marc marco maria mario mark markus martin matteo matthew maximilian michael michel miguel mohammad nathan
    nicholas nicolas nigel oliver pablo patrick paul pedro peter philip philipp pierre rachel rahul ravi richard robert
    roberto ryan samuel sara sarah sebastian sergey sean simon sofia stefan stefano stephan stephen steven susan thomas
    sven timothy tobias todd victor vincent william yuki zachary""".split()
)


class People(NamedTuple):
    """The ``names`` that a text gives, and whether it says that there are more (``et_al``)."""

    names: tuple[str, ...]
    et_al: bool


def authors_of(value: Any, single: bool = False) -> People:
    """The people of a text such as ``Qwen et.al.``, of a list of names, or of mappings with ``name``, ``given`` and
    ``family``. ``single``: the label speaks of one person, so that ``Hopper, Grace`` is one."""
    if isinstance(value, str) and (people := _in_usual_form(value, single)) is not None:
        return people
    et_al = False
    names: list[str] = []
    value = ", ".join(value) if isinstance(value, list) and _are_cut(value) else value
    for line in _lines_of(value):
        shorter = _shorter(_PLACE_BEHIND_MORE.sub("", line) if " al" in line else line)
        if "…" in shorter or "..." in shorter:
            shorter = _LEFT_OUT.sub(", ", shorter).strip(", ")
        et_al |= shorter != line
        is_item = isinstance(value, list) and ";" not in shorter
        parts = [turned(shorter)] if is_item else split(shorter, single, not et_al)
        for name in _without_remarks(parts) if _DASH.search(shorter) else parts:
            names.append(_shorter(name))
            et_al |= names[-1] != name
    found = dict.fromkeys(_tidy(name)[:_LONGEST_NAME] for name in names)
    return People(tuple(name for name in found if name.lower() not in _NO_NAME and _is_name(name)), et_al)


def _are_cut(parts: list[Any]) -> bool:
    """Whether a list of YAML's is of people with semicolons between them, cut at the commas in their names: ``[Kim,
    Jisoo; Roe, Jane]``."""
    inner = parts[1:-1]
    return bool(inner) and all(isinstance(part, str) for part in parts) and all(part.count(";") == 1 for part in inner)


def _in_usual_form(text: str, single: bool) -> People | None:
    """The people of a text that one pattern reads; None of any other."""
    if one := _ONE.fullmatch(text):
        return People((one[1],), True)
    if not single and _PLAIN_NAMES.fullmatch(text):
        return People((*dict.fromkeys(text.split(", ")),), False)
    if (team := _TEAM.fullmatch(text[:_MOST_CHARACTERS].strip())) and not _PLAIN_NAMES.fullmatch(team[1]):
        members = split(team[2])
        if not any(map(_INSTITUTION.search, members)):
            return People((clean.line(team[1]), *members), True)
    return None


def _lines_of(value: Any) -> Iterator[str]:
    """The lines of all texts in a value; those of a list with the family name first as they are spoken."""
    for text in _texts(value):
        if NO_VALUE.fullmatch(text[:40]):  # what follows says why, and may have commas
            continue
        lines = [clean.line(_BULLET.sub("", line)) for line in _without_marks(text[:_MOST_CHARACTERS]).split("\n")]
        lines = [*filter(None, (line.strip("* _") for line in lines))]
        yield from map(turned, lines) if len(lines) > 1 and all(map(_is_turned, lines)) else lines


def _without_remarks(names: list[str]) -> list[str]:
    """Names without what is said of people behind a dash: where they work, what else they wrote; it may have commas,
    so that of what follows only several names are people."""
    found = [_REMARKED.fullmatch(name) for name in names]
    remarked = [each for each in found if each]
    first = found.index(remarked[0]) if remarked else len(names)
    others = names[first + 1 :]
    if not remarked or (others and _PLAIN_NAMES.fullmatch(", ".join([remarked[0][2], *others]))):  # those of a team
        return names
    are_people = len(others) > 1 and _PLAIN_NAMES.fullmatch(", ".join(others))
    return [*names[:first], *(each[1] for each in remarked), *(others if are_people else ())]


def people_of_bibtex(field: str) -> People:
    """Those whom a field of BibTeX's names: only ``and`` stands between people."""
    text = clean.line(field).translate(_MARKS)
    parts = text.removesuffix(" and others").split(" and ")
    if len(parts) > 1 and all(part.count(",") == 1 for part in parts):  # also a family name of several words
        text = "; ".join(parts) + text[len(" and ".join(parts)) :]
    return authors_of(text, " and " not in text.removesuffix(" and others"))


def without_institutions(names: tuple[str, ...]) -> tuple[str, ...]:
    """The people of a list in which institutions stand as well; a list of institutions alone is left as it is."""
    return tuple(name for name in names if not _INSTITUTION.search(name)) or names


def _shorter(text: str) -> str:
    """A text without the ``et al.`` at its end."""
    return _MORE.sub("", text) if text[-1:] in _MORE_ENDS else text


def _is_name(text: str) -> bool:
    is_said = any(map(str.isalnum, text)) and text[-1] not in ":：" and not NO_VALUE.fullmatch(text)
    return is_said and "://" not in text and not _NOBODY.fullmatch(text)


def _tidy(name: str) -> str:
    """A name without punctuation around it; a full stop stays that ends an initial or an abbreviation."""
    name = _INITIALS_APART.sub(".-", name.lstrip(".@").strip(" ,;*_#[]+/。·|"))
    if quoted := _QUOTED.fullmatch(name):
        name = quoted[1]
    name = name if name.isascii() else _ROLE.sub("", name)
    return name if name[-1:] != "." or _ABBREVIATED.search(name) else name.rstrip(". ")


def _texts(value: Any) -> Iterable[str]:
    parts = value if isinstance(value, list) else [value]
    for part in islice(parts, 500):
        if isinstance(part, dict) and isinstance(name := part.get("name"), dict):
            part = name
        if isinstance(part, dict) and (full := _of_mapping(part)):
            yield full
        else:
            yield from front.strings(part)


def _of_mapping(parts: dict[Any, Any]) -> str:
    """``{given: Ada, family: Byron}``, and the other names that these keys have."""
    given = particle = family = literal = ""
    for key, text in islice(parts.items(), 50):
        name = re.sub(r"[^a-z]", "", str(key).lower())
        if name in ("given", "first", "firstname", "givenname", "givennames", "forename", "forenames"):
            given = front.first(text)
        elif name in ("family", "last", "lastname", "surname", "familyname"):
            family = front.first(text)
        elif name in ("nondroppingparticle", "droppingparticle"):
            particle = front.first(text)
        elif name == "literal":
            literal = front.first(text)
    return literal or " ".join(filter(None, (given, particle, family)))


def _without_marks(text: str) -> str:
    if "![" in text:
        text = _IMAGE.sub("", text)
    if "<" in text:
        text = _BREAK.sub("\n", text)
    if "\\" in text and "{" in text:
        text = _ACCENT.sub(lambda accent: clean.line(accent[0]), text)
    text = marked.apart(text)
    if "[[" in text:
        text = markup.without_folders(_LINKS_SIDE_BY_SIDE.sub("]], [[", text))
    if "/" in text and "#" in text:  # ``#author/Ada-Example``
        text = _PERSON_TAG.sub(lambda tag: tag[1].replace("-", " ").replace("_", " "), text)
    text = _BESIDE.sub(" ", text) if _MAY_BE_BESIDE.search(text) and "](" not in text else text
    return text.translate(_MARKS) if not text.isascii() or "{" in text or "`" in text else text


def split(text: str, single: bool = False, is_all: bool = True) -> list[str]:
    """The people of one line; ``is_all``: there are no others."""
    if ";" in text or "；" in text:
        parts = [part for piece in re.split(r"\s*[;；]\s*(?:(?:and|&)\s+)?", text) for part in _AND.split(piece)]
        return [name for part in parts for name in _of_group(part)]
    parts = [part.strip(" ,") for part in _AND.split(text)]
    pieces = [_COMMA.split(part) for part in parts]
    if len(parts) > 1 and _is_bibtex(parts, pieces):
        return [turned(part) for part in parts]
    names = list(chain.from_iterable(pieces))
    has_initials = len(names) > 1 and len(names) % 2 == 0 and all(map(_INITIALS.fullmatch, names[1::2]))
    if has_initials or (is_all and len(parts) == 1 and _in_turns(names)):
        return [f"{given} {family}" for family, given in zip(names[::2], names[1::2], strict=True)]
    is_known = len(names) == 2 and not is_all and names[1].lower() in _GIVEN and names[0].lower() not in _GIVEN
    if (single or is_known) and len(parts) == 1 and len(names) == 2 and _family_first(text):
        return [turned(text)]
    return [_without_numbers(name) for name in names]


def _is_bibtex(parts: list[str], pieces: list[list[str]]) -> bool:
    """Whether each of some people has the family name first, or is a team without one: ``The Otter Team and Example,
    Ada``. In other lists no comma follows the last ``and``."""
    turnable = [len(piece) == 2 and _family_first(part) for part, piece in zip(parts, pieces, strict=True)]
    return all(turnable) or (
        (turnable[-1] or (len(parts) > 2 and any(turnable)))
        and all(is_turnable or len(piece) == 1 for is_turnable, piece in zip(turnable, pieces, strict=True))
    )


def _of_group(text: str) -> list[str]:
    """The people between two semicolons: one, whose name a comma may turn, or a whole group."""
    pieces = [piece for piece in _COMMA.split(text) if piece]
    return [turned(text)] if len(pieces) < 3 and "、" not in text else [_without_numbers(piece) for piece in pieces]


def _in_turns(names: list[str]) -> bool:
    """Whether family and given names take turns (``Kim, Jisoo, Roe, Jane``), told by names that are known. Hardly
    anybody notes six family names without an ``et al.``, so of six names or more it is true unless something speaks
    against it."""
    if (
        len(names) % 2
        or sum(" " in name for name in names) * 2 > len(names)
        or not all(n[:1].isupper() for n in names[1::2])
    ):
        return False
    families, given = ([name.lower().split(" ")[0] for name in names[start::2]] for start in (0, 1))
    first = sum(name in _FAMILIES for name in families) - sum(name in _FAMILIES for name in given)
    second = sum(name in _GIVEN or name[1:] == "." for name in given)
    if len(names) > 5:
        return first + second >= sum(name in _GIVEN for name in families)
    return _GIVEN.isdisjoint(families) and (second > 0 or first == len(families) > 1)


def _is_turned(line: str) -> bool:
    """Whether a line of its own is one person with the family name first: ``Hopper, Grace``."""
    given = line.partition(", ")[2]
    return given[:1].isupper() and "," not in given and _family_first(line) and not _AND.search(line)


def turned(name: str) -> str:
    """``Hopper, Grace`` as it is spoken; ``Davis, Sammy, Jr.`` is ``Sammy Davis, Jr.``."""
    parts = [part for part in _COMMA.split(name.strip()) if part]
    if len(parts) == 2 and (_family_first(name) or len(parts[0].split()) <= 3):
        parts[1] = _FULL_STOP.sub("", parts[1])
        return f"{_without_numbers(parts[1])} {parts[0]}" if "," not in parts[1] else _with_suffix(parts)
    return _without_numbers(name)


def _with_suffix(parts: list[str]) -> str:
    given, _, suffix = parts[1].partition(",")
    return f"{given} {parts[0]}, {suffix.strip()}"


def _family_first(text: str) -> bool:
    """Whether the words before the comma may be a family name, and those after it given ones."""
    family, _, given = text.partition(",")
    words = family.split()
    return bool(words) and (
        len(words) == 1 or words[0].lower() in PARTICLES or bool(_INITIALS.fullmatch(given.strip()))
    )


def _without_numbers(name: str) -> str:
    """A name without the numbers of its footnotes; a name that begins with digits is one, and so is ``GPT 4``."""
    name = name.strip(" *_,;")
    shorter = re.sub(r"(?<=[^\W\d_]) ?\d[\d,*]{0,8}$", "", name) if name[-1:].isdigit() and " " in name else name
    return shorter if " " in shorter else name
