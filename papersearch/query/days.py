"""Dates of a request as day numbers (days since year 1), which is how the index keeps them."""

from __future__ import annotations

from papersearch.query.dates import bounds

ALWAYS = (1, 3_652_059)  # the days that Python's calendar knows


def day_bounds(since: str | None, until: str | None) -> tuple[int, int]:
    """First and last day of a range, both included; None means open. Each may be a year, a month or a day."""
    import datetime

    low = datetime.date.fromisoformat(bounds(since)[0]).toordinal() if since else ALWAYS[0]
    high = datetime.date.fromisoformat(bounds(until)[1]).toordinal() if until else ALWAYS[1]
    return low, high
