"""The pool of processes: what becomes of each item is told, and whoever dies is replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from papersearch.core.pool import DIED, DONE, FAILED, TOLD, News, Pool, Work
from tests.commands import ROOT, environment
from tests.processes import LONGEST_S, wait_for


def _work(item: int, tell: object) -> int:
    assert callable(tell)
    tell(item)
    if item == 1:
        raise ValueError("one")
    if item == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return 10 * item


def _start() -> object:
    return _work


def test_a_pool_tells_what_became_of_each_item() -> None:
    said: list[News] = []
    with Pool(4, _start) as pool:  # type: ignore[arg-type]
        for number in range(4):
            assert pool.give(number, number)
        assert not pool.give(4, 4)
        while pool.idle < pool.alive:
            said += pool.wait()
        assert pool.alive == 4  # another has taken the place of the one that died
        assert pool.give(5, 5)
        while pool.idle < pool.alive:
            said += pool.wait()
    assert {(each.number, each.kind) for each in said if each.kind != TOLD} == {
        (0, DONE), (1, FAILED), (2, DIED), (3, DONE), (5, DONE),
    }  # fmt: skip
    assert sorted(each.value for each in said if each.kind == TOLD) == [0, 1, 2, 3, 5]
    assert next(str(each.value) for each in said if each.kind == FAILED) == "one"


def _named(item: Path | None, tell: object) -> int:
    """The process that does an item, once there is a file, or the end of it."""
    if item is None:
        os.kill(os.getpid(), signal.SIGKILL)
    elif item != Path():
        wait_for("leave to go on", item.exists)
    return os.getpid()


def _start_named() -> object:
    return _named


def test_an_item_goes_to_the_worker_that_was_started_last(tmp_path: Path) -> None:
    """And so what was lost to one that died to the one in its place, not to another that became idle meanwhile."""
    leave = tmp_path / "leave"
    with Pool(2, _start_named) as pool:  # type: ignore[arg-type]
        assert pool.give(0, leave)
        assert pool.give(1, None)
        while not (lost := pool.wait()):
            pass
        assert lost == [News(1, DIED)]
        leave.touch()
        while not (done := pool.wait()):
            pass
        assert (done[0].number, done[0].kind, pool.idle) == (0, DONE, 2)
        assert pool.give(1, Path())
        while not (again := pool.wait()):
            pass
        assert (again[0].number, again[0].kind) == (1, DONE)
        assert again[0].value != done[0].value


_here: list[str] = []


def _start_inheriting() -> object:
    return lambda *_: [*_here]


def test_nothing_is_forked_where_threads_run() -> None:
    """What they hold, such as a lock in a library, nobody would let go of in the process that is forked."""
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    said = []
    _here.append("as it was when forked")
    try:
        for runs in (False, True):
            if runs:
                thread.start()
            with Pool(1, _start_inheriting) as pool:  # type: ignore[arg-type]
                assert pool.give(0, None)
                while pool.idle < pool.alive:
                    said += pool.wait()
    finally:
        over.set()
        _here.clear()
    forked, fresh = (news.value for news in said)
    assert fresh == []
    assert forked or not sys.platform.startswith("linux")


def test_a_worker_that_died_is_replaced_where_threads_run_too() -> None:
    over = threading.Event()
    with Pool(1, _start_named) as pool:  # type: ignore[arg-type]
        thread = threading.Thread(target=over.wait)
        thread.start()
        try:
            assert pool.give(0, None)
            while pool.idle < pool.alive:
                pool.wait()
            assert pool.alive == 1
            assert pool.give(0, Path())
            said = []
            while pool.idle < pool.alive:
                said += pool.wait()
        finally:
            over.set()
            thread.join()
    assert [each.kind for each in said] == [DONE]


NO_ROOM = """
import _thread
import sys
import threading
from papersearch.core.pool import Pool

def no_room(*_):
    raise RuntimeError("can't start new thread") if refused else MemoryError

refused = "refused" in sys.argv

def start():
    return lambda item, tell: 10 * item

if refused:
    _thread.start_new_thread = no_room
else:
    threading.Thread._bootstrap = no_room
with Pool(1, start) as pool:
    assert pool.give(0, 3)
    while pool.idle < pool.alive:
        print([(each.kind, each.value) for each in pool.wait()])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs workers that are forked")
@pytest.mark.parametrize("how", ["refused", "without memory"])
def test_a_worker_whose_thread_is_refused_or_finds_no_memory_works_without_it(how: str) -> None:
    """A thread that does not get as far as to say that it has begun keeps who has started it waiting for ever."""
    ran = subprocess.run([sys.executable, "-c", NO_ROOM, how], capture_output=True, text=True, timeout=LONGEST_S)
    assert ran.stdout.splitlines()[-1] == "[('done', 30)]"


class OddError(Exception):
    """One that can be sent, and not be made again where it arrives."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def odd() -> Work:
    def work(item: object, tell: object) -> None:
        raise OddError(1, 2)

    return work


def test_an_error_that_cannot_be_sent_comes_as_what_it_says() -> None:
    with Pool(1, odd) as pool:
        pool.give(0, None)
        while not (news := pool.wait()):
            pass  # it has only started
    assert [(each.kind, str(each.value)) for each in news] == [("failed", "OddError: 1 and 2")]


STOPPED_WHILE_WORKERS_START = """
import itertools, os, signal, sys
from papersearch.core.pool import Pool
from tests.processes import children

started = itertools.count(1)
os.register_at_fork(after_in_parent=lambda: next(started) == 3 and os.kill(os.getpid(), signal.SIGTERM))

def start():
    return lambda item, _: item

def stop(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGTERM, stop)
try:
    with Pool(20, start):
        sys.exit("entered")
except KeyboardInterrupt as reason:
    kept = reason  # and with it the pool, as a traceback that is shown would keep it
    sys.exit(len(children(os.getpid())))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
def test_a_signal_that_comes_while_workers_start_ends_those_that_did() -> None:
    command = [sys.executable, "-c", STOPPED_WHILE_WORKERS_START]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=LONGEST_S)
    assert (done.returncode, done.stderr) == (0, "")
