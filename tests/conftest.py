"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# Deadlines measure how busy the machine is, with several test processes on it more than anything else.
settings.register_profile("papersearch", deadline=None)
settings.load_profile("papersearch")
