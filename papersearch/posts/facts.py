"""Ids, dates, authors, tags and addresses out of the texts that give them."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from papersearch.posts import front
from papersearch.text import clean

MOST_ID = 200
"""Characters of the longest id (chosen)."""

_ARXIV = re.compile(r"(?<![\d.])(\d{4}\.\d{4,5})(?:[vV](\d{1,4}))?(?!\d)")
_OLD_ARXIV = re.compile(r"(?<![\w.-])([a-z-]{2,10}(?:\.[A-Z]{2})?/\d{7})(?:[vV](\d{1,4}))?(?!\d)")
_ARXIV_PLACE = re.compile(r"(?:arxiv:|https?://\S*/)?", re.IGNORECASE)
_DOI_PLACE = re.compile(r"\A(?:doi:\s?|https?://(?:dx\.)?doi\.org/)(?=10\.)", re.IGNORECASE)
_VERSION = re.compile(r"(.+?)v(\d{1,4})")
_DATE = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(?:[T ]\s?(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_WRITTEN = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?\s)?([A-Z][a-z]{2})[a-z]*\.?,?\s(?:(\d{1,2})(?:st|nd|rd|th)?,?\s)?(\d{4})"
)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_ET_AL = re.compile(r"[\s,;]*\b(?:et\.?\s*al\b\.?|and others|others)\s*$|[\s,;]*(?:\.{3}|…)\s*$", re.IGNORECASE)
_MORE_AUTHORS = ("al", "al.", "others", "...", "…")  # how all of these end; the pattern looks at every blank
_BULLET = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")
_BETWEEN_AUTHORS = re.compile(r"\s*[,;\n](?!\s*(?:Jr|Sr)\b)\s*(?:(?:and\s|&)\s*)?|\s+(?:and|&)\s+")
_LINK = re.compile(
    r"\]\(\s?<?((?:https?|ftp)://[^\s()<>]+(?:\([^\s()<>]*\))?[^\s()<>]*)>?\s?\)|((?:https?|ftp)://[^\s<>\"')\]]+)",
    re.IGNORECASE,
)


def identity(given: str, download: str, path: str) -> tuple[str, int | None]:
    """(paper id, version) as the text gives it, else the download link, else the file name; never empty of ``path``."""
    text = clean.line(given[:5_000]).strip("*`[]<> ")[: MOST_ID + 20].strip()
    text = _DOI_PLACE.sub("", text[1:-1].strip() if text[:1] == "(" and text[-1:] == ")" else text)
    if text:
        found = _ARXIV.search(text) or _OLD_ARXIV.search(text)
        word = text.split()[0][:MOST_ID]
        if found and (_ARXIV_PLACE.fullmatch(text[: found.start()].strip()) or not re.search(r"\d", word)):
            return found[1], _number(found[2])
        versioned = _VERSION.fullmatch(word)
        return (versioned[1], int(versioned[2])) if versioned else (word, None)
    return linked(download) or _from_name(path)


def linked(text: str) -> tuple[str, int | None] | None:
    """The first (arXiv id, version) in a text, or None."""
    found = _ARXIV.search(text) or _OLD_ARXIV.search(text)
    return (found[1], _number(found[2])) if found else None


def _from_name(path: str) -> tuple[str, int | None]:
    stem = os.path.splitext(os.path.basename(path))[0]
    if stem.lower() in ("index", "readme") and os.path.dirname(path):
        stem = os.path.basename(os.path.dirname(path))
    found = _ARXIV.search(stem)
    if found:
        return found[1], _number(found[2])
    # Bytes that are no UTF-8 are spelled out: two such names are two papers.
    spelled = clean.printable(stem.encode("utf-8", "backslashreplace").decode())[:MOST_ID]
    stem = spelled or "-".join(f"{ord(character):04X}" for character in stem[:20])
    versioned = _VERSION.fullmatch(stem)
    if versioned and versioned[1][-1].isdigit():
        return versioned[1], int(versioned[2])
    return stem, None


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None


def day(text: str) -> str | None:
    """The ISO date that a text holds, or None."""
    found = moment(text)
    return found[:10] if found else None


def moment(text: str) -> str | None:
    """The ISO date, with the time where there is one, that a text holds, or None. Time zones are not kept."""
    found = _DATE.search(text[:200])
    try:
        if found:
            date = datetime.date(int(found[1]), int(found[2]), int(found[3]))
            if found[4] is None:
                return date.isoformat()
            with suppress(ValueError):  # a date with no time of this world is a date
                time = datetime.time(int(found[4]), int(found[5]), int(found[6] or 0))
                return datetime.datetime.combine(date, time).isoformat()
            return date.isoformat()
        written = _WRITTEN.search(text[:200])
        if written and written[2] in _MONTHS and (written[1] or written[3]):
            month = _MONTHS.index(written[2]) + 1
            return datetime.date(int(written[4]), month, int(written[1] or written[3])).isoformat()
    except ValueError:
        pass
    return None


def authors_of(value: Any) -> tuple[tuple[str, ...], bool]:
    """(names, whether there are more) of a text such as ``Qwen et.al.`` or of a list of names."""
    et_al = False
    names: list[str] = []
    for text in front.strings(value):
        lines = [clean.line(_BULLET.sub("", line)).strip("* ") for line in text[:5_000].split("\n")]
        text = "\n".join(filter(None, lines))
        shorter = _ET_AL.sub("", text) if text.rstrip().lower().endswith(_MORE_AUTHORS) else text
        et_al |= shorter != text
        split = [shorter] if isinstance(value, list) else _BETWEEN_AUTHORS.split(shorter)
        names += (name.strip() for name in split)
    return tuple(dict.fromkeys(name[:200] for name in names if name)), et_al


def clean_tags(values: Iterable[str], placeholder: re.Pattern[str]) -> tuple[str, ...]:
    """Tags as they read, each once, without placeholders. One text with commas is several tags."""
    found = list(values)
    if len(found) == 1 and "," in found[0]:
        found = found[0].split(",")
    tags = (clean.line(tag)[:200].strip() for tag in found)
    return tuple(dict.fromkeys(tag for tag in tags if tag and not placeholder.fullmatch(tag)))


def web_address(text: str) -> str | None:
    """The first web address in a text, or None."""
    found = _LINK.search(text[:4_000])
    if not found:
        return None
    address = found[1] or found[2].rstrip(".,;")
    return address[:2_000] if address.isprintable() else None
