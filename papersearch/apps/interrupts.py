"""Ctrl-C, SIGTERM and SIGHUP while an index is written: the run stops at once and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from papersearch.core.errors import Stopped

# A second signal within this time finds the first one still being obeyed; after it, the process ends on the spot.
GRACE_S = 2.0
# An exception raised where Python drops it (a finalizer, a weak reference's callback) comes again after so long.
AGAIN_S = 0.01


@contextmanager
def stoppable(stopped: Callable[[Stopped], None]) -> Iterator[None]:
    """SIGTERM and SIGHUP stop what runs in this context as Ctrl-C does.

    When everything is cleaned up, ``Stopped`` is raised, which ``stopped`` is told before. Signals that the process was
    started to ignore (``nohup``) stay ignored. Outside the main thread nothing changes: signals are the main thread's.
    """
    received: list[tuple[int, float]] = []

    def stop(number: int, _: FrameType | None) -> None:
        if not received:
            received.append((number, time.monotonic()))
            raise KeyboardInterrupt
        if time.monotonic() - received[0][1] > GRACE_S:
            os._exit(128 + number)

    def again(number: int, _: FrameType | None) -> None:
        raise KeyboardInterrupt

    def dropped(said: sys.UnraisableHookArgs) -> None:
        if received and isinstance(said.exc_value, KeyboardInterrupt) and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, AGAIN_S)
        else:
            shown(said)

    before = {}
    shown, sys.unraisablehook = sys.unraisablehook, dropped
    try:
        for name, handler in {"SIGINT": stop, "SIGTERM": stop, "SIGHUP": stop, "SIGALRM": again}.items():
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = signal.signal(number, handler)
    except ValueError:  # not in the main thread
        pass
    try:
        yield
    except KeyboardInterrupt as interrupt:
        end = interrupt if isinstance(interrupt, Stopped) else Stopped()
        end.number = received[0][0] if received else signal.SIGINT
        stopped(end)
        raise end from None
    finally:
        sys.unraisablehook = shown
        if not received:  # else the process is about to end, and a further signal is not to disturb that
            for number, earlier in before.items():
                signal.signal(number, earlier)
