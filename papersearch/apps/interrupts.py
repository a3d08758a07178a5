"""Ctrl-C, SIGTERM and SIGHUP: while an index is written the run stops at once and leaves nothing behind; a program
that only answers ends on the spot."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from papersearch.core.errors import PapersearchError, Stopped

# A second signal within this time finds the first one still being obeyed; after it, the process ends on the spot.
GRACE_S = 2.0
# An exception can be lost on its way: Python drops those of finalizers, which it would print, and libraries written in
# C clear some. So often it is looked if the interrupt is still being obeyed, and raised again if it is not.
LOOK_S = 0.1


def end_on_the_spot() -> None:
    """From now on Ctrl-C ends the process at once, with 130: nothing is waited for, neither an answer that nobody takes
    nor input that never comes. If it was started to ignore Ctrl-C, it still does."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda number, _: os._exit(128 + number))


@contextmanager
def stoppable(stopped: Callable[[Stopped], None]) -> Iterator[None]:
    """SIGTERM and SIGHUP stop what runs in this context as Ctrl-C does.

    When everything is cleaned up, ``Stopped`` is raised, which ``stopped`` is told before. Signals that the process was
    started to ignore (``nohup``) stay ignored. Outside the main thread nothing changes: signals are the main thread's.
    """
    signals = _Signals()
    with suppress(ValueError):  # not in the main thread
        signals.take_over()
    try:
        yield
        if signals.received:  # it was lost on its way, and the work was done before that was noticed
            raise Stopped(complete=True)
    except BaseException as error:
        # Python before 3.12 makes another error of an interrupt that comes while a class is made, as in an import.
        if isinstance(error, PapersearchError) or not _is_interrupted(error):
            raise
        end = error if isinstance(error, Stopped) else Stopped()
        end.number = signals.received or signal.SIGINT
        stopped(end)
        raise end from None
    finally:
        signals.give_back()


class _Signals:
    """Those that ask a process to stop; ``received`` is the number of the first that came, 0 before."""

    def __init__(self) -> None:
        self.received = 0
        self._since = 0.0
        self._before: dict[int, Any] = {}
        self._print_dropped = sys.unraisablehook

    def take_over(self) -> None:
        """Obey them from now on. Raises ``ValueError`` outside the main thread."""
        handlers = {"SIGINT": self._stop, "SIGTERM": self._stop, "SIGHUP": self._stop, "SIGALRM": self._look}
        for name, handler in handlers.items():
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                self._before[number] = signal.signal(number, handler)
        if self._before:  # none is taken where another thread has taken them over
            sys.unraisablehook = self._dropped

    def give_back(self) -> None:
        """Leave them as they were, unless one came: the process is about to end, and another must not disturb that."""
        if self.received:
            self._look_again(0)
            return
        for number, earlier in self._before.items():
            signal.signal(number, earlier)
        if self._before:
            sys.unraisablehook = self._print_dropped

    def _stop(self, number: int, _: FrameType | None) -> None:
        if not self.received:
            self.received, self._since = number, time.monotonic()
            self._look_again(LOOK_S)
            raise KeyboardInterrupt
        if time.monotonic() - self._since > GRACE_S:
            os._exit(128 + number)

    def _look_again(self, seconds: float) -> None:
        if getattr(signal, "SIGALRM", None) in self._before:
            signal.setitimer(signal.ITIMER_REAL, seconds, seconds)

    def _look(self, _: int, __: FrameType | None) -> None:
        if not _is_interrupted(sys.exc_info()[1]):
            raise KeyboardInterrupt

    def _dropped(self, error: sys.UnraisableHookArgs) -> None:
        if not issubclass(error.exc_type, KeyboardInterrupt):
            self._print_dropped(error)


def _is_interrupted(error: BaseException | None) -> bool:
    """Whether an interrupt is what is being handled, or was when what is being handled came."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None
