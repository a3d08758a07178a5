"""Which driver Textual draws by: one of ours on Unix, so that standard output can be a pipe."""

from __future__ import annotations

import sys

from textual.driver import Driver


def drawing_on_standard_error(usual: type[Driver]) -> type[Driver]:
    """Textual's driver for this system. On Unix that asks standard output how large the terminal is, and takes 80
    columns where that is a pipe (Textual 8.2); ours asks the terminal. ``test_marked_papers_reach_a_pipe`` sees
    that it does."""
    if sys.platform == "win32":
        return usual
    from textual.drivers.linux_driver import LinuxDriver

    if usual is not LinuxDriver:  # the user chose another (TEXTUAL_DRIVER)
        return usual
    from papersearch.apps.browse.standard_error import OnStandardError

    return OnStandardError
