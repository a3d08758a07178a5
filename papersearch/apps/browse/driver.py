"""Where Textual draws: on standard error, and how large that is, so that standard output can be a pipe; and that the
terminal is given back also if the program is told to end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from textual.driver import Driver

_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def drawing_on_standard_error(usual: type[Driver]) -> type[Driver]:
    """Textual's driver for this system. On Unix that asks standard output how large the terminal is, and takes 80
    columns where that is a pipe (Textual 8.2); ours asks the terminal. ``test_marked_papers_reach_a_pipe`` sees
    that it does."""
    if sys.platform == "win32":
        return usual
    from textual.drivers.linux_driver import LinuxDriver

    if usual is not LinuxDriver:  # the user chose another (TEXTUAL_DRIVER)
        return usual

    class OnStandardError(LinuxDriver):
        def _get_terminal_size(self) -> tuple[int, int]:
            try:
                size = os.get_terminal_size(self.fileno)
            except (OSError, ValueError):
                return super()._get_terminal_size()
            return (size.columns or 80, size.lines or 24)

        def start_application_mode(self) -> None:
            super().start_application_mode()  # type: ignore[no-untyped-call]
            for number in _ENDING:
                asyncio.get_running_loop().add_signal_handler(number, self._app.exit, None, 128 + number)

        def stop_application_mode(self) -> None:
            for number in _ENDING:
                asyncio.get_running_loop().remove_signal_handler(number)
            super().stop_application_mode()

    return OnStandardError
