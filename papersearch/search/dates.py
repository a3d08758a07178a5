"""Days, months and years as people write them in filters and queries."""

from __future__ import annotations

from papersearch.errors import UsageError

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def bounds(text: str) -> tuple[str, str]:
    """First and last day, as ISO dates, of ``2024``, ``2024-12`` or ``2024-12-19``. Raises ``UsageError``."""
    parts = text.split("-")
    widths = [len(part) for part in parts]
    if widths not in ([4], [4, 2], [4, 2, 2]) or not all(part.isascii() and part.isdigit() for part in parts):
        raise _wrong(text)
    numbers = [int(part) for part in parts]
    if not numbers[0] or (len(numbers) > 1 and not 1 <= numbers[1] <= 12):
        raise _wrong(text)
    if len(numbers) == 1:
        return f"{text}-01-01", f"{text}-12-31"
    last = _DAYS[numbers[1] - 1] + (numbers[1] == 2 and _is_leap(numbers[0]))
    if len(numbers) == 2:
        return f"{text}-01", f"{text}-{last}"
    if not 1 <= numbers[2] <= last:
        raise _wrong(text)
    return text, text


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _wrong(text: str) -> UsageError:
    from papersearch.text.display import one_line, shorten

    return UsageError(f"{shorten(one_line(text), 40)!r} is not a date", "write 2024, 2024-12 or 2024-12-19")


def day_after(day: str, days: int = 1) -> str:
    """The ISO date so many days later, or earlier where negative; stays within the calendar."""
    import datetime

    number = datetime.date.fromisoformat(day).toordinal() + days
    return datetime.date.fromordinal(min(max(number, 1), datetime.date.max.toordinal())).isoformat()
