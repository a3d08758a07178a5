"""What holds for all tests."""

from __future__ import annotations

import signal

from hypothesis import settings

# Deadlines measure how busy the machine is, with several test processes on it more than anything else.
settings.register_profile("papersearch", deadline=None)
settings.load_profile("papersearch")

# What is started in the background by a shell ignores Ctrl-C, and so would every process that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
