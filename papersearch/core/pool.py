"""Worker processes that do one item at a time, survive each other, and never outlive the process that started them.

A worker ends when its parent is gone, however that died: the kernel sees to it on Linux (``PR_SET_PDEATHSIG``), and
everywhere a pipe of which only the parent holds the writing end. Ctrl-C, SIGTERM and SIGHUP are the parent's business,
which ends its workers. They share nothing: one that is killed takes no lock with it, the others go on, a new one takes
its place, and the item that it worked on is reported as lost.
"""

from __future__ import annotations

import _thread
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from itertools import count
from multiprocessing.connection import Connection, Pipe, wait
from types import ModuleType, TracebackType
from typing import Any, NamedTuple

TOLD, DONE, FAILED, DIED = "told", "done", "failed", "died"

_STARTED = "started"
_PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
_REPLACED = 2  # chosen: a person, or a machine that is short of memory for a moment, may kill all of them at once
_LEFT_TO_PARENT = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

Work = Callable[[Any, Callable[[Any], None]], Any]
"""What a worker does: it makes a result of an item; the function that it is given tells the parent how far it is."""


class News(NamedTuple):
    """News of item ``number``: it is DONE (``value``: its result), FAILED (an exception), its worker DIED, or what the
    worker TOLD on the way."""

    number: int
    kind: str
    value: Any = None


class _Worker(NamedTuple):
    order: int  # in which they were started
    process: Any
    line: Connection


class Pool:
    """Up to ``jobs`` workers; fewer, or none, where the system refuses more processes, as Python does to a worker of
    somebody's `multiprocessing.Pool`. Each calls ``start`` with ``arguments`` once, and what that returns for every
    item. They start when the context is entered, and leaving it kills what still works.

    Workers that are killed are replaced, ``_REPLACED`` times as many as there were: what kills each of them (an item
    that overruns the stack, too little memory) would kill the parent too if it did their work. An item goes to the idle
    worker that was started last. A lost item is given again before any other, and so goes to a worker that was started
    after the kill: no item is lost twice where all workers are killed at once.
    """

    def __init__(self, jobs: int, start: Callable[..., Work], arguments: tuple[Any, ...] = ()) -> None:
        self._idle: list[_Worker] = []
        self._busy: dict[_Worker, int] = {}
        self._watched, self._lifeline = Pipe(duplex=False)
        self._work = start, arguments
        self._jobs = 0 if multiprocessing.current_process().daemon else jobs
        self._spare = _REPLACED * self._jobs
        self._orders = count()

    def _add(self, most: int) -> None:
        """Start some more workers; fewer where the system refuses."""
        with _signals_held_back(), suppress(OSError):
            for _ in range(most):
                self._idle.append(self._start())

    def _replace(self, worker: _Worker) -> None:
        """Bury a worker that was killed, start another, and wait until that says that it has started: a fresh
        interpreter may be unable to, since what the others have open may be gone by now, and no item must be lost to
        such a worker."""
        self._bury(worker)
        if not self._spare:
            return
        self._spare -= 1
        before = len(self._idle)
        self._add(1)
        for another in self._idle[before:]:
            try:
                another.line.recv()
            except (EOFError, OSError):
                self._idle.remove(another)
                self._bury(another)

    def _start(self) -> _Worker:
        """Start a worker. Raises ``OSError`` where the system allows no further process."""
        # Forking is cheapest, and safe where no threads run; elsewhere a fresh interpreter is started.
        forks = sys.platform.startswith("linux") and threading.active_count() == 1
        ours, theirs = Pipe()
        others = [worker.line for worker in (*self._idle, *self._busy)]
        inherited = [self._lifeline, ours, *others] if forks else []
        work = self._work if forks else pickle.dumps(self._work)
        process = multiprocessing.get_context("fork" if forks else "spawn").Process(  # type: ignore[attr-defined]
            target=_serve, args=(theirs, self._watched, inherited, work), daemon=True
        )
        try:
            with nullcontext() if forks else _main_unseen():
                process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return _Worker(next(self._orders), process, ours)

    def __enter__(self) -> Pool:
        try:
            self._add(self._jobs)
        except BaseException:  # a signal that was held back comes now; a process with such workers would wait for them
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        for worker in [*self._idle, *self._busy]:
            worker.process.kill()
        for worker in [*self._idle, *self._busy]:
            self._bury(worker)
        self._lifeline.close()
        self._watched.close()

    @property
    def alive(self) -> int:
        """How many workers there are."""
        return len(self._idle) + len(self._busy)

    @property
    def idle(self) -> int:
        """How many of them have nothing to do."""
        return len(self._idle)

    def give(self, number: int, item: Any) -> bool:
        """Hand an item to an idle worker; False where all of those turn out to be dead."""
        while self._idle:
            worker = max(self._idle)
            self._idle.remove(worker)
            try:
                worker.line.send((number, item))
            except OSError:
                self._replace(worker)
                continue
            self._busy[worker] = number
            return True
        return False

    def wait(self, *others: Connection) -> list[News]:
        """What workers say, as soon as one does. Nothing if one of ``others`` can be read before that, if the worker
        only says that it has started, or if there is nothing to wait for."""
        lines = {worker.line: worker for worker in self._busy}
        if not lines and not others:
            return []
        said = []
        for ready in wait([*lines, *others]):
            if ready in lines:
                said += self._hear(lines[ready])
        return said

    def _hear(self, worker: _Worker) -> list[News]:
        """What a worker has sent; that it died, if its line has ended: another one takes its place."""
        number = self._busy[worker]
        try:
            kind, value = worker.line.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            del self._busy[worker]
            self._replace(worker)
            return [News(number, DIED)]
        if kind == _STARTED:
            return []
        if kind != TOLD:
            del self._busy[worker]
            self._idle.append(worker)
        return [News(number, kind, value)]

    @staticmethod
    def _bury(worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.line.close()


@contextmanager
def _main_unseen() -> Iterator[None]:
    """A fresh interpreter first runs the script that started it, unless there is none to be seen. Workers need nothing
    of it, and a script without ``if __name__ == "__main__"`` would start runs of its own in each of them."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """Signals wait while processes start: in a half-made one they would print a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _LEFT_TO_PARENT)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(
    line: Connection,
    watched: Connection,
    inherited: list[Connection],
    given: tuple[Callable[..., Work], tuple[Any, ...]] | bytes,
) -> None:
    """A worker's life. It ends at once and without cleaning up: whatever it holds is its own. ``given`` is (start,
    arguments), pickled where it cannot be inherited: it is unpickled here, as `multiprocessing` would print a traceback
    if that failed."""
    for other in inherited:
        other.close()
    for number in _LEFT_TO_PARENT:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _LEFT_TO_PARENT)
    try:
        _end_with_parent(watched)  # which may find no room for a thread
        start, arguments = pickle.loads(given) if isinstance(given, bytes) else given
        do = start(*arguments)
        line.send((_STARTED, None))
        while True:
            _, item = line.recv()
            line.send(_outcome(do, item, line))
    except (EOFError, OSError):
        os._exit(0)  # the parent has no more work, or is gone
    except BaseException:
        os._exit(1)


def _outcome(work: Work, item: Any, line: Connection) -> tuple[str, Any]:
    """(DONE, result) or (FAILED, exception) of an item; an exception that cannot be pickled is described by another."""
    try:
        return DONE, work(item, lambda value: line.send((TOLD, value)))
    except BaseException as error:
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            return FAILED, RuntimeError(f"{type(error).__name__}: {error}")
        return FAILED, error


def _end_with_parent(watched: Connection) -> None:
    """End this process as soon as its parent has ended: of one that has already, the pipe tells at once."""
    by_kernel = False
    with suppress(ImportError, OSError, AttributeError):
        import ctypes

        if sys.platform.startswith("linux"):
            by_kernel = not ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

    def watch() -> None:
        with suppress(EOFError, OSError):
            watched.recv_bytes()
        os._exit(1)

    try:
        # A `Thread` waits for one that has begun, for ever if that found no memory to begin.
        _thread.start_new_thread(watch, ())
    except RuntimeError:  # the system refuses it
        if not by_kernel or watched.poll():
            raise
