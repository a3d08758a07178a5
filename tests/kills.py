"""Runs of the command that are ended by force at random moments, whatever of them dies and by whatever means.

A quarter each: the main process alone, all processes at once, one worker, and a signal that asks to stop. One run in
four is that of ``index --watch``. After each, the index answers from one whole state, the lock is free at once, and no
process is left.

    python -m tests.kills COUNT FOLDER SEED    prints what was seen as JSON
"""

from __future__ import annotations

import faulthandler
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from papersearch import library
from papersearch.engine.build.lock import locked
from tests.corpora import write_post
from tests.processes import LONGEST_S, children, of_session, patience
from tests.stores import WORDS, answers, fresh_answers, leftovers, update

SIZES = (1_000, 200)  # posts that change; of so many, workers read them
SHARE_OF_LARGE = 8  # one run in so many is a large one
GONE_WITHIN_S = 2.0
SHOW_WHERE = signal.SIGUSR1  # a run that does not end says where it is
STOPPING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class Round(NamedTuple):
    """What is done in one round: the number of changed posts, what is ended, and if the run is a watching one."""

    number: int
    size: int
    victim: str
    watch: bool


def kills(count: int, place: Path, seed: int = 2024) -> dict[str, Any]:
    """End ``count`` runs; what was seen. Raises ``AssertionError`` for the first promise that is broken."""
    soak = _Soak(place, random.Random(seed))
    large = count // SHARE_OF_LARGE
    begin = time.perf_counter()
    for size, rounds in zip(SIZES, (large, count - large), strict=True):
        usual = soak.usual(size)
        for number in range(rounds):
            victim = ("main", "all", "worker", "signal")[number % 4]
            soak.play(Round(soak.rounds + 1, size, victim, number // 4 % 4 == 3), usual)
    return soak.finish() | {"kills": count, "seconds": round(time.perf_counter() - begin)}


class _Soak:
    def __init__(self, place: Path, chance: random.Random) -> None:
        self.posts, self.index, self.errors = place / "posts", place / "index", place / "errors"
        self.posts.mkdir(parents=True)
        self.chance = chance
        self.rounds = 0
        self.landed: Counter[str] = Counter()
        self.lock_s = self.gone_s = 0.0
        self._change(max(SIZES))
        assert self._code(self._start()) == 0, self._said()

    def _change(self, size: int) -> None:
        """Write so many posts anew, all of them with a word that no other round has."""
        self.rounds += 1
        for number in range(size):
            text = " ".join(self.chance.choices(WORDS, k=20))
            write_post(self.posts, f"2501.{number:05}v1", f"Post {number}", f"{text} {self.mark()}.", name=f"p{number}")

    def mark(self) -> str:
        """A word that only the posts of this round have."""
        digits = f"{self.rounds:05}"
        return "zq" + digits.translate(str.maketrans("0123456789", "bcdfghjkmp")) + "zq"

    def _start(self, *options: str) -> int:
        """The command in a process and session of its own; forked, as half of its time would be Python's own start.

        That is safe only in a process that never had threads: a copy of others may wait for them for ever. When this
        returns, signals reach it, also by its group.
        """
        ready, tell = os.pipe()
        process = os.fork()
        if process == 0:
            try:
                os.setsid()
                signal.signal(signal.SIGINT, signal.default_int_handler)
                signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it would be ignored
                os.close(ready)
                os.close(tell)
                errors = os.open(self.errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
                os.dup2(errors, 2)
                faulthandler.register(SHOW_WHERE, file=errors)
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                command = ["index", str(self.posts), "--index", str(self.index), "--jobs", "2", "--wait", "0"]
                sys.argv = ["papersearch", *command, *options]
                from papersearch.__main__ import run

                run()
            except SystemExit as ended:
                os._exit(int(ended.code or 0))
            except KeyboardInterrupt:  # before the program began
                os._exit(128 + signal.SIGINT)
            finally:
                os._exit(99)
        os.close(tell)
        os.read(ready, 1)  # nothing, as soon as the other end is closed there as well
        os.close(ready)
        return process

    def usual(self, size: int) -> float:
        """How long a run over so many changed posts takes, more or less."""
        self._change(size)
        begin = time.perf_counter()
        assert self._code(self._start()) == 0, self._said()
        return time.perf_counter() - begin

    def play(self, given: Round, usual: float) -> None:
        self._change(given.size)
        process = self._start(*(["--watch"] if given.watch else []))
        signals = self._end(process, given, usual)
        code = self._code(process)
        self._check_processes(process)
        self._check_lock()
        found = library.Index(str(self.index)).search(self.mark(), match="all").total
        assert found in (0, given.size), (given, code, found)
        if given.victim == "worker":  # another takes over, if there is one; if not, the run fails and says so
            assert code in (0, 3), (given, code, self._said())
            assert given.watch or found == (0 if code else given.size), (given, code, found)
        elif given.victim == "signal":
            asked = {0, *(128 + number for number in signals), *(-number for number in signals)}
            assert code in asked, (given, code, self._said())
        self.landed[given.victim] += found == 0 or given.victim == "worker"

    def _end(self, process: int, given: Round, usual: float) -> list[int]:
        """End what is to be ended at a random moment; the signals that asked to stop."""
        if given.victim == "worker":
            deadline = time.monotonic() + 3 * usual + 1
            while not (workers := children(process)) and time.monotonic() < deadline and not _has_ended(process):
                time.sleep(0.002)
            time.sleep(self.chance.uniform(0, 0.3) * usual)
            for worker in self.chance.sample(workers, min(1, len(workers))):
                _send(worker, signal.SIGKILL)
            if given.watch:  # the others take over, and it goes on watching until it is told to end
                time.sleep(usual)
                _send(process, signal.SIGTERM)
            return []
        time.sleep(self.chance.uniform(0, 1.1) * usual)
        if given.victim == "main":
            _send(process, signal.SIGKILL)
        elif given.victim == "all":
            _send(-process, signal.SIGKILL)
        else:
            asked = self.chance.choice(STOPPING)
            to = self.chance.choice((process, -process))
            for _ in range(self.chance.choice((1, 1, 3))):  # people press it again
                _send(to, asked)
            return [asked]
        return []

    def _check_processes(self, session: int) -> None:
        begin = time.monotonic()
        while left := of_session(session):
            assert time.monotonic() - begin < patience(GONE_WITHIN_S), left
            time.sleep(0.002)
        self.gone_s = max(self.gone_s, time.monotonic() - begin)

    def _check_lock(self) -> None:
        begin = time.monotonic()
        with locked(str(self.index), 0.0):
            self.lock_s = max(self.lock_s, time.monotonic() - begin)

    def _code(self, process: int, seconds: float = 2 * LONGEST_S) -> int:
        """The exit code of a process that is about to end; negative for a signal."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found, status = os.waitpid(process, os.WNOHANG)
            if found:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.002)
        _send(process, SHOW_WHERE)
        time.sleep(0.5)
        _send(-process, signal.SIGKILL)
        raise AssertionError(f"a run did not end: {self._said()}")

    def _said(self) -> str:
        return self.errors.read_text()[-4_000:]

    def finish(self) -> dict[str, Any]:
        """The last run, and whether it ends where a fresh build does."""
        update(self.index, self.posts)
        assert answers(self.index) == fresh_answers(self.posts, self.index.with_name("fresh"))
        assert not leftovers(self.index)
        said = self.errors.read_text()
        assert "Traceback" not in said, said
        return {
            "before_the_commit": dict(self.landed),
            "slowest_end_of_workers_s": round(self.gone_s, 3),
            "slowest_lock_s": round(self.lock_s, 3),
            "lost": 0,
            "leftovers": 0,
        }


def _send(process: int, number: int) -> None:
    try:
        if process < 0:
            os.killpg(-process, number)
        else:
            os.kill(process, number)
    except ProcessLookupError:
        pass  # it was quicker


def _has_ended(process: int) -> bool:
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


if __name__ == "__main__":
    print(json.dumps(kills(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
