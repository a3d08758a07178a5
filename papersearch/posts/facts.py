"""Ids, dates, authors, tags and addresses out of the texts that give them."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable
from typing import Any

from papersearch.posts import front
from papersearch.text import clean

MOST_ID = 200
"""Characters of the longest id (chosen)."""

_ARXIV = re.compile(r"(?<![\d.])(\d{4}\.\d{4,5})(?:v(\d{1,4}))?(?![\d])")
_OLD_ARXIV = re.compile(r"(?<![\w.-])([a-z-]{2,10}(?:\.[A-Z]{2})?/\d{7})(?:v(\d{1,4}))?(?!\d)")
_VERSION = re.compile(r"(.+?)v(\d{1,4})")
_DATE = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(?:[T ]\s?(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_WRITTEN = re.compile(r"(?:(\d{1,2})\s)?([A-Z][a-z]{2})[a-z]*\.?\s(?:(\d{1,2}),?\s)?(\d{4})")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_ET_AL = re.compile(r"[\s,;]*\b(?:et\.?\s*al\b\.?|and others)\s*$", re.IGNORECASE)
_BETWEEN_AUTHORS = re.compile(r"\s*[,;\n]\s*(?:and\s+)?|\s+(?:and|&)\s+")
_LINK = re.compile(
    r"\]\(\s?<?((?:https?|ftp)://[^\s()<>]+(?:\([^\s()<>]*\))?[^\s()<>]*)>?\s?\)|((?:https?|ftp)://[^\s<>\"')\]]+)"
)


def identity(given: str, download: str, path: str) -> tuple[str, int | None]:
    """(paper id, version) as the text gives it, else the download link, else the file name; never empty of ``path``."""
    text = clean.line(given).strip("*`[]()<> ")[: MOST_ID + 20].strip()
    if text:
        found = _ARXIV.search(text) or _OLD_ARXIV.search(text)
        if found and re.fullmatch(r"(?:arxiv:|https?://\S*/)?", text[: found.start()].strip(), re.IGNORECASE):
            return found[1], _number(found[2])
        word = text.split()[0][:MOST_ID]
        versioned = _VERSION.fullmatch(word)
        return (versioned[1], int(versioned[2])) if versioned else (word, None)
    found = _ARXIV.search(download) or _OLD_ARXIV.search(download)
    if found:
        return found[1], _number(found[2])
    return _from_name(path)


def _from_name(path: str) -> tuple[str, int | None]:
    stem = os.path.splitext(os.path.basename(path))[0]
    if stem.lower() in ("index", "readme") and os.path.dirname(path):
        stem = os.path.basename(os.path.dirname(path))
    found = _ARXIV.search(stem)
    if found:
        return found[1], _number(found[2])
    stem = clean.line(stem.encode("utf-8", "replace").decode())[:MOST_ID] or stem[:MOST_ID]
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
            year, month, date = int(found[1]), int(found[2]), int(found[3])
            if found[4] is None:
                return datetime.date(year, month, date).isoformat()
            return datetime.datetime(year, month, date, int(found[4]), int(found[5]), int(found[6] or 0)).isoformat()
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
        text = clean.line(text).strip("* ")[:5_000]
        shorter = _ET_AL.sub("", text)
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
    found = _LINK.search(text[:20_000])
    if not found:
        return None
    address = found[1] or found[2].rstrip(".,;")
    return address[:2_000] if address.isprintable() else None
