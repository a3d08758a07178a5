"""The time of now, as it is kept in files and shown."""

from __future__ import annotations

import datetime


def now_text() -> str:
    """The time of now to the second, as ISO 8601, where this machine is: ``2024-12-19T11:35:38+01:00``. In UTC where
    ``TZ`` names a place a day or more away from it (POSIX allows ``XXX24``), which ``datetime`` does not know."""
    try:
        now = datetime.datetime.now().astimezone()
    except ValueError:
        now = datetime.datetime.now(datetime.timezone.utc)
    return now.isoformat(timespec="seconds")
