"""Dates in the forms in which people write them, as exact as they are written: ``2017``, ``2017-11``, a day."""

from __future__ import annotations

import datetime
import re

from papersearch.text.folding import normalized

_LOOKED_AT = 200  # characters; a date stands at the beginning of what announces it
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(?:[T ]\s?(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
# As the generator writes them: what ``_ISO`` makes of these is what stands there.
_USUAL = re.compile(r"(?:\*\*)?(\d{4}-\d\d-\d\d)(?: ((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d))?(?:\*\*)?", re.ASCII)
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?:\d{6})?(?!\d)")
_SINCE_1970 = re.compile(r"1\d{9}(?:\d{3})?", re.ASCII)  # in seconds or thousandths, as programs note it
_DAY_OR_MONTH_FIRST = re.compile(r"(?<![\d.])(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4})(?!\d)")
_CJK = re.compile(r"(?<!\d)((?:1[5-9]|2\d)\d{2})\s?[年년]\s?(?:(\d{1,2})\s?[月월]\s?(?:(\d{1,2})\s?[日일号號])?)?")
_NAMES = (
    "jan january januar janvier janv enero ene gennaio janeiro januari jän jänner января январь",
    "feb february februar février fevrier févr fév febrero febbraio fevereiro fev februari февраля февраль",
    "mar march märz mär mars marzo maart mrt março marco марта март",
    "apr april avril avr abril abr aprile апреля апрель",
    "may mai mayo maggio maio mei мая май",
    "jun june juni juin junio giugno giu junho июня июнь",
    "jul july juli juillet juil julio luglio lug julho июля июль",
    "aug august août aout agosto ago augustus августа август",
    "sep sept september septembre septiembre settembre setembro сентября сентябрь",
    "oct october oktober okt octobre octubre ottobre outubro октября октябрь",
    "nov november novembre noviembre novembro ноября ноябрь",
    "dec december dezember dez décembre decembre déc diciembre dicembre dic dezembro декабря декабрь",
)
_MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
_MONTH = "|".join(_MONTHS)
_WRITTEN = re.compile(
    rf"(?<![\w])(?:(\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?\s?(?:of\s|de\s)?[- ]?)?({_MONTH})\b\.?,?[-\s]?"
    rf"(?:(?:de|del|of)\s)?(?:(\d{{1,2}})(?:st|nd|rd|th)?,?\s(?:\d\d:\d\d:\d\d\s)?)?'?(\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(rf"(?<!\d)(\d{{4}})[-,\s]\s?({_MONTH})\b\.?(?:[-\s](\d{{1,2}})(?!\d))?", re.IGNORECASE)
_MONTH_ONLY = re.compile(
    r"(?<![\d/.-])(\d{4})[-/.](\d{1,2})(?![\d/.-])|(?<![\d/.-])(\d{1,2}(?=/)|0[1-9]|1[0-2])[/-](\d{4})(?![\d/.-])"
)
_WIDE_DIGITS = {ord("０") + digit: str(digit) for digit in range(10)}
_YEAR = re.compile(r"(?<![\d/.-])((?:1[89]|20)\d{2})(?![\d/-])(?!\.\d)")
_NEAR_DATE = re.compile(r"\d[-/.]\d")
# ``... (2019)``, ``... (CVPR2021)``, ``... (2018, Example et al.)``
_YEAR_END = re.compile(
    r"[(\[（](?:(?:[^()\[\]（）]{0,40}[\s,'A-Za-z])?'?((?:19|20)\d{2})|((?:19|20)\d{2}), [^()\[\]（）\d]{3,80})"
    r"[)\]）]\s*$"
)

ACRONYM = r"(?=\w{0,12}[A-Z]\w{0,12}[A-Z])[A-Za-z]{3,14}"
"""The pattern of an acronym before a year: ``ICML``, ``NeurIPS``."""
# ``ICML'18``, ``NeurIPS 17``, ``SC '21``: with the end of a year.
_SHORT_YEAR = re.compile(rf"(?<!\w)(?:{ACRONYM} ?['’]?|[A-Z]{{2}} ?['’])(\d{{2}})(?![\d\w.])")
# ``[CVPR 2018] ...``, ``【NeurIPS'21】...``, ``(ICLR 2020 Oral) ...``, ``[2023 ICLR] ...``, ``(2016) ...``
_YEAR_START = re.compile(
    rf"[\[【(（](?:(?:{ACRONYM}|arXiv)[ ,]?['’]?((?:19|20)?\d{{2}})(?!\d)[^\d\[\]【】()（）]{{0,20}}"
    rf"|((?:19|20)\d{{2}})(?:[ ,](?:{ACRONYM}|[A-Z]{{2}}|[Aa]r[Xx]iv))?)[\]】)）](?=\s*\S)"
)


def is_month(word: str) -> bool:
    """Whether a word is the name of a month, also a shortened one."""
    return word.lower() in _MONTHS


def day(text: str) -> str | None:
    """The date that a text holds, as exact as it is written, or None."""
    found = moment(text)
    return found[:10] if found else None


def stated(text: str) -> str | None:
    """The date that the value of a label says: with a year at its beginning none of another year, as in
    ``2022 (accepted Dec 2021)``."""
    date, first = day(text), _YEAR.match(text)
    return first[1] if first and date and not date.startswith(first[1]) else date


def moment(text: str) -> str | None:
    """The date, with the time where there is one, that a text holds, or None. Time zones are not kept.

    Of a date such as ``03/04/2019``, which is one in April or in March, only the year is certain.
    """
    text = text[:_LOOKED_AT]
    text = text if text.isascii() else normalized("NFC", text).translate(_WIDE_DIGITS)  # février, as macOS keeps it
    try:
        if usual := _USUAL.fullmatch(text):
            datetime.date.fromisoformat(usual[1])
            return f"{usual[1]}T{usual[2]}" if usual[2] else usual[1]
        return _numbers(text) or _words(text)
    except ValueError:  # no day of the calendar
        return None


def _numbers(text: str) -> str | None:
    """The date in numbers that a text holds, with the time if it is known, as ISO 8601; None if it holds none. Raises
    ``ValueError`` for a day that no calendar has."""
    if found := _ISO.search(text):
        date = datetime.date(int(found[1]), int(found[2]), int(found[3]))
        try:
            time = datetime.time(int(found[4]), int(found[5]), int(found[6] or 0)) if found[4] else None
        except ValueError:  # an impossible time of day: keep the date
            time = None
        return date.isoformat() if time is None else datetime.datetime.combine(date, time).isoformat()
    if found := _CJK.search(text):
        return _date(found[1], found[2], found[3])
    if found := _DAY_OR_MONTH_FIRST.search(text):
        first, second = int(found[1]), int(found[3])
        if found[2] == "." or (first > 12 >= second) or first == second:
            return _date(found[4], second, first)
        return _date(found[4], first, second) if second > 12 else found[4]
    if found := _COMPACT.search(text):
        return _date(found[1], found[2], found[3])
    if _SINCE_1970.fullmatch(text):
        since = datetime.timedelta(seconds=int(text[:10]))
        return (datetime.datetime(1970, 1, 1) + since).isoformat()
    return None


def _words(text: str) -> str | None:
    if any(character.isalpha() for character in text):
        if found := _WRITTEN.search(text):
            return _date(found[4], _MONTHS[found[2].lower()], found[3] or found[1])
        if found := _YEAR_FIRST.search(text):
            return _date(found[1], _MONTHS[found[2].lower()], found[3])
    if found := _MONTH_ONLY.search(text):
        return _date(found[1] or found[4], found[2] or found[3], None)
    found = None if _NEAR_DATE.search(text) else _YEAR.search(text)
    return found[1] if found else None


def _date(year: str, month: str | int | None, day_of_month: str | int | None) -> str:
    """An ISO date as exact as it is given. Raises ``ValueError`` for what is no date."""
    date = datetime.date(int(year), int(month or 1), int(day_of_month or 1)).isoformat()
    return date if month and day_of_month else date[:7] if month else date[:4]


def only_one(text: str) -> str | None:
    """The date in a text that names one year, as exact as it is; of several years none counts."""
    years = {*_YEAR.findall(text[:_LOOKED_AT])}
    if not years and (found := _SHORT_YEAR.search(text[:_LOOKED_AT])):
        return _of_two_digits(found[1])
    if len(years) != 1:
        return None
    year, date = years.pop(), day(text)
    return date if date is not None and date.startswith(year) else year


def year_at_end(text: str) -> str | None:
    """The year in the brackets in which a text ends."""
    found = _YEAR_END.search(text)
    return (found[1] or found[2]) if found else None


def year_at_start(title: str) -> str | None:
    """The year of the venue in brackets with which a title begins: ``[OTTER 2019] ...``, ``【OTTER'19】...``."""
    found = _YEAR_START.match(title)
    year = (found[1] or found[2]) if found else None
    return _of_two_digits(year) if year and len(year) == 2 else year


def _of_two_digits(year: str) -> str:
    return f"{20 if int(year) < 50 else 19}{year}"
