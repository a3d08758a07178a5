"""Ctrl-C, SIGTERM and SIGHUP: while an index is written the run stops at once and leaves nothing behind; a program
that only answers ends on the spot."""

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
    received: list[tuple[int, float]] = []

    def stop(number: int, _: FrameType | None) -> None:
        if not received:
            received.append((number, time.monotonic()))
            look_again(LOOK_S)
            raise KeyboardInterrupt
        if time.monotonic() - received[0][1] > GRACE_S:
            os._exit(128 + number)

    def look(number: int, _: FrameType | None) -> None:
        if not _is_interrupted(sys.exc_info()[1]):
            raise KeyboardInterrupt

    def dropped(error: sys.UnraisableHookArgs) -> None:
        if not issubclass(error.exc_type, KeyboardInterrupt):
            print_dropped(error)

    def look_again(seconds: float) -> None:
        if getattr(signal, "SIGALRM", None) in before:
            signal.setitimer(signal.ITIMER_REAL, seconds, seconds)

    before = {}
    print_dropped = sys.unraisablehook
    try:
        for name, handler in {"SIGINT": stop, "SIGTERM": stop, "SIGHUP": stop, "SIGALRM": look}.items():
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = signal.signal(number, handler)
        sys.unraisablehook = dropped
    except ValueError:  # not in the main thread
        pass
    try:
        yield
        if received:  # it was lost on its way, and the work was done before that was noticed
            raise Stopped(complete=True)
    except KeyboardInterrupt as interrupt:
        end = interrupt if isinstance(interrupt, Stopped) else Stopped()
        end.number = received[0][0] if received else signal.SIGINT
        stopped(end)
        raise end from None
    finally:
        if received:  # the process is about to end, and a further signal is not to disturb that
            look_again(0)
        else:
            for number, earlier in before.items():
                signal.signal(number, earlier)
            if sys.unraisablehook is dropped:
                sys.unraisablehook = print_dropped


def _is_interrupted(error: BaseException | None) -> bool:
    """Whether an interrupt is what is being handled, or was when what is being handled came."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None
