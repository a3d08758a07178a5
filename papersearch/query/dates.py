"""Days, months and years as people write them in filters and queries."""

from __future__ import annotations

import re

from papersearch.core.errors import UsageError

ALWAYS = (1, 3_652_059)  # the day numbers that Python's calendar knows, from year 1 on
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# How long ago: days, weeks, months, years.
_AGO = re.compile(r"(\d{1,4})([dwmy])", re.ASCII)


def _relative(text: str) -> str | None:
    """The day, as an ISO date, that ``today``, ``yesterday``, ``7d``, ``2w``, ``3m`` or ``1y`` is; None if it is none
    of these. Raises ``UsageError`` for a day before the calendar."""
    import datetime

    now = datetime.date.today()
    if text in ("today", "yesterday"):
        return (now - datetime.timedelta(text == "yesterday")).isoformat()
    ago = _AGO.fullmatch(text)
    if ago is None:
        return None
    number, unit = int(ago[1]), ago[2]
    if unit in "dw":
        return (now - datetime.timedelta(number * (7 if unit == "w" else 1))).isoformat()
    months = 12 * now.year + now.month - 1 - number * (12 if unit == "y" else 1)
    year, month = months // 12, months % 12 + 1
    if year < 1:
        raise _wrong(text)
    return datetime.date(year, month, min(now.day, _days(year, month))).isoformat()


def bounds(text: str) -> tuple[str, str]:
    """First and last day, as ISO dates, of ``2024``, ``2024-12`` or ``2024-12-19``, or of a day so long ago: ``today``,
    ``yesterday``, ``7d``, ``2w``, ``3m``, ``1y``. Raises ``UsageError``."""
    if text[-1:].isalpha() and (day := _relative(text)) is not None:
        return day, day
    parts = text.split("-")
    widths = [len(part) for part in parts]
    if widths not in ([4], [4, 2], [4, 2, 2]) or not all(part.isascii() and part.isdigit() for part in parts):
        raise _wrong(text)
    numbers = [int(part) for part in parts]
    if not numbers[0] or (len(numbers) > 1 and not 1 <= numbers[1] <= 12):
        raise _wrong(text)
    if len(numbers) == 1:
        return f"{text}-01-01", f"{text}-12-31"
    last = _days(numbers[0], numbers[1])
    if len(numbers) == 2:
        return f"{text}-01", f"{text}-{last}"
    if not 1 <= numbers[2] <= last:
        raise _wrong(text)
    return text, text


def _days(year: int, month: int) -> int:
    """How many days a month has."""
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and is_leap else _DAYS[month - 1]


def _wrong(text: str) -> UsageError:
    from papersearch.text.display import one_line, shorten

    years = re.fullmatch(r"(\d{4})[-–/](\d{4})", text, re.ASCII)
    hint = f"write {years[1]}..{years[2]}" if years else "write 2024, 2024-12 or 2024-12-19, or 7d, 2w, 3m, yesterday"
    return UsageError(f"{shorten(one_line(text), 40)!r} is not a date", hint)


def interval(text: str) -> tuple[str | None, str | None]:
    """First and last date, both included and None where open, of ``2024``, ``2020..2023``, ``..2024``, ``>=2024-12``.

    They are as exact as they are written: to a year, a month or a day. Raises ``UsageError``.
    """
    low, dots, high = text.partition("..")
    if not dots or not low + high:
        return _compared(text)
    first = bounds(low)[0] if low else None
    last = bounds(high)[1] if high else None
    if first and last and first > last:
        raise UsageError("the range ends before it starts", "turn it round")
    return low or None, high or None


def _compared(text: str) -> tuple[str | None, str | None]:
    """(first, last) of the dates that a date, with or without a sign before it, stands for, both included; None: no
    bound."""
    sign = next(filter(text.startswith, (">=", "<=", ">", "<", "=")), "")
    date = text.removeprefix(sign)
    first, last = bounds(date or text)
    if not sign and _AGO.fullmatch(date):
        return date, None  # the last seven days, not one day a week ago
    if sign == ">=":
        return date, None
    if sign == "<=":
        return None, date
    if sign == ">":
        return _beside(last, 1), None
    if sign == "<":
        return None, _beside(first, -1)
    return date, date


def _beside(day: str, days: int) -> str:
    """The day after or before. Raises ``UsageError`` at the ends of the calendar."""
    import datetime

    try:
        return (datetime.date.fromisoformat(day) + datetime.timedelta(days)).isoformat()
    except OverflowError:
        raise UsageError(f"no day is {'after' if days > 0 else 'before'} {day}", "leave the date out") from None


def day_bounds(since: str | None, until: str | None) -> tuple[int, int]:
    """First and last day of a range, both included, as day numbers (days since year 1); None means open.

    Each may be a year, a month or a day. Raises ``UsageError``.
    """
    import datetime

    low = datetime.date.fromisoformat(bounds(since)[0]).toordinal() if since else ALWAYS[0]
    high = datetime.date.fromisoformat(bounds(until)[1]).toordinal() if until else ALWAYS[1]
    return low, high
