"""Textual's driver for Unix as ``browse`` needs it: it draws on standard error, gives the terminal back, and ends the
program whatever happens to either. Only where there is ``termios``: see ``driver``."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import termios
from contextlib import suppress
from types import FrameType
from typing import Any

from textual.drivers.linux_driver import LinuxDriver

from papersearch.apps.interrupts import GRACE_S

_ENDING = (signal.SIGTERM, signal.SIGHUP)
_LOOK_S = 1.0  # how often it is looked if the terminal is still there (chosen)


class OnStandardError(LinuxDriver):
    """Textual's driver for Unix, drawing on standard error."""

    _code = 0
    _looking: asyncio.TimerHandle | None = None

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        # It waits for a terminal that takes nothing, and raises nothing.
        self._file = sys.stderr  # type: ignore[assignment]

    def _get_terminal_size(self) -> tuple[int, int]:
        try:
            size = os.get_terminal_size(self.fileno)
        except (OSError, ValueError):
            return super()._get_terminal_size()
        return (size.columns or 80, size.lines or 24)

    def start_application_mode(self) -> None:
        try:
            super().start_application_mode()  # type: ignore[no-untyped-call]
        except Exception:  # the system refuses the thread that writes, say, or the one that reads
            if self._writer_thread is not None and self._writer_thread.is_alive():
                self.stop_application_mode()
                self.close()
            self._writer_thread = None  # which the end of the application would wait for
            raise
        self._loop = asyncio.get_running_loop()
        # That has the loop woken by any signal, whichever thread it reaches: one that continues a program which was
        # stopped was not heard while nothing else happened.
        self._loop.add_signal_handler(signal.SIGCONT, lambda: None)
        signal.signal(signal.SIGCONT, self._sigcont_application)
        for number in _ENDING:
            signal.signal(number, self._told_to_end)
        self._look()

    def stop_application_mode(self) -> None:
        for number in _ENDING:
            signal.signal(number, signal.SIG_DFL)
        if self._looking is not None:
            self._looking.cancel()
        super().stop_application_mode()

    def _told_to_end(self, number: int, _: FrameType | None) -> None:
        """End, at the latest after a while: what is to be drawn may wait for a terminal that takes nothing."""
        self._code = 128 + number
        self._loop.call_soon_threadsafe(self._app.exit, None, self._code)
        signal.signal(signal.SIGALRM, self._end)
        signal.setitimer(signal.ITIMER_REAL, GRACE_S)

    def _end(self, _: int, __: FrameType | None) -> None:
        if self.attrs_before is not None:
            with suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
        os._exit(self._code)

    def _look(self) -> None:
        """End if the terminal is gone. One that is not the controlling one of this process, as of some programs
        that show terminals of their own, sends no SIGHUP, and Textual (8.2) reads its end again and again."""
        if os.isatty(self.fileno):
            self._looking = self._loop.call_later(_LOOK_S, self._look)
        else:
            self._app.exit(None, 128 + signal.SIGHUP)
