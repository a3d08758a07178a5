"""Which processes there are, as far as tests that end some of them must know, waiting for what others do, and starting
one that can start no other.

Reads /proc.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest

LONGEST_S = 90.0  # how long a machine may be too busy for something that is due at once


def wait_for(what: str, condition: Callable[[], object], seconds: float = LONGEST_S) -> None:
    """Return once it holds. Raises ``AssertionError`` if it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.01)


def noting(work: Callable[[], None], wrong: list[object]) -> Callable[[], None]:
    """Work for a thread, whose errors are added to what is wrong."""

    def run() -> None:
        try:
            work()
        except Exception as error:
            wrong.append(error)

    return run


def patience(seconds: float) -> float:
    """What may take so many seconds on an idle machine, on this one: longer, as more processes share a processor."""
    return seconds * (1 + 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


def children(process: int) -> list[int]:
    """Ids of the processes that a process has started; none where it is gone."""
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return []
    return sorted(map(int, text.split()))


def running(processes: Iterable[int]) -> list[int]:
    """Those that still run: zombies, which only wait for somebody to ask how they ended, do not."""
    return [process for process in processes if _state(process) not in ("", "Z", "X")]


def _state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def of_session(session: int) -> list[int]:
    """The processes of a session that still run."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] not in ("Z", "X"):
                found.append(int(name))
    return found


def refusing_threads() -> list[str]:
    """What starts a program that can start no thread; the test is skipped if only root could. Root starts it as another
    user, who has no process left, and who may read and write all the same."""
    rights = "+dac_override,+dac_read_search"
    other = ["setpriv", "--reuid=65533", "--clear-groups", f"--inh-caps={rights}", f"--ambient-caps={rights}"]
    command = [*other, "prlimit", "--nproc=1:1"]
    if not _is_refused((*command, sys.executable)):
        pytest.skip("threads cannot be refused here")
    return command


@cache
def _is_refused(python: tuple[str, ...]) -> bool:
    program = "import threading; threading.Thread(target=int).start()"
    try:
        tried = subprocess.run([*python, "-c", program], capture_output=True, timeout=60)
    except OSError:
        return False
    return b"can't start new thread" in tried.stderr
