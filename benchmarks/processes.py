"""Programs run and watched from outside: papersearch as users have it, time on the clock, memory, a terminal."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import material


class Run(NamedTuple):
    """Seconds on the clock and of all processors, and megabytes (10^6 bytes) at the peak."""

    seconds: float
    cpu_seconds: float
    first_process_mb: float
    """Largest resident set of the process that was started."""
    all_processes_mb: float
    """The largest resident sets of it and its children added up: what they share counts many times."""
    proportional_mb: float
    """What all had for themselves at once, shared pages shared out, files mapped into memory left out."""


def install(folder: Path) -> Path:
    """The folder of programs of a new environment that has papersearch as users have it: copied, not editable, all
    modules compiled. Another one at the same place is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    python = programs / "python"
    with tempfile.TemporaryDirectory() as place:
        # From a copy: building in the tree leaves files there, and takes in what an earlier build left.
        source = Path(place) / "papersearch"
        shutil.copytree(material.ROOT / "papersearch", source / "papersearch", ignore=shutil.ignore_patterns("*.pyc"))
        shutil.copytree(material.ROOT / "docs", source / "docs")  # the manual page is installed as well
        for name in ("pyproject.toml", "README.md"):
            shutil.copy2(material.ROOT / name, source)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", source]
        subprocess.run(pip, check=True, env=material.environment())
    compiled = subprocess.run(
        [python, "-m", "compileall", "-q", folder / "lib"], env=material.environment(), capture_output=True, check=False
    )
    if compiled.returncode not in (0, 1):  # 1: a module of some package that this Python cannot read
        raise RuntimeError(compiled.stderr.decode())
    return programs


def call(arguments: Sequence[str | Path]) -> None:
    """Run a program and throw its output away. Raises ``RuntimeError`` if it fails; to find nothing is no failure."""
    done = subprocess.run(
        list(arguments), env=material.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{arguments}: {done.stderr.decode()}")


def call_in_terminal(arguments: Sequence[str | Path]) -> None:
    """Run a program that thinks a person is watching; returns when it has shown everything."""
    ours, theirs = os.openpty()
    try:
        process = subprocess.Popen(
            list(arguments),
            env=material.environment() | {"TERM": "xterm-256color", "PAGER": "cat", "COLUMNS": "100"},
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        try:
            while os.read(ours, 65_536):
                pass
        except OSError:  # how Linux says that the other side is closed
            pass
        process.wait()
    finally:
        os.close(ours)


def watch(arguments: Sequence[str | Path]) -> Run:
    """Run a program and look at its memory from time to time. Raises ``RuntimeError`` if it fails.

    The largest resident set is kept by the kernel and cheap to read. To add up what is shared takes milliseconds in
    which the program stands still, so it is done once a second only; peaks in between are missed. Without ``/proc``
    only the first number is known.
    """
    largest: dict[int, float] = {}
    proportional = 0.0
    worked, begin = _worked(), time.perf_counter()
    process = subprocess.Popen(
        list(arguments), env=material.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    look = begin + 0.3
    while True:
        try:
            process.wait(0.1)
            break
        except subprocess.TimeoutExpired:
            now = time.perf_counter()
            running = _family(process.pid)
            for one in running:
                largest[one] = max(largest.get(one, 0.0), _field(one, "status", ("VmHWM:",)))
            if now >= look:
                look = now + 1
                fields = ("Pss_Anon:", "Pss_Shmem:")
                proportional = max(proportional, sum(_field(one, "smaps_rollup", fields) for one in running))
    seconds = time.perf_counter() - begin
    if process.returncode:
        raise RuntimeError(f"{arguments}: {process.stderr.read().decode() if process.stderr else ''}")
    if not any(largest.values()):
        largest[process.pid] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    numbers = (largest[process.pid], sum(largest.values()), proportional)
    return Run(round(seconds, 3), round(_worked() - worked, 3), *(round(number, 1) for number in numbers))


def _worked() -> float:
    """Seconds that processors worked for all programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _family(process: int) -> list[int]:
    """A process and all its children that run now."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        children = []
    return [process, *(one for child in children for one in _family(int(child)))]


def _field(process: int, file: str, names: tuple[str, ...]) -> float:
    """Megabytes of some lines of a file in ``/proc``; 0 where there is none."""
    try:
        lines = Path(f"/proc/{process}/{file}").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(names)) * 1024 / 1e6


def timed(run: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def in_turns(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each, several times, one after the other, so that a busy moment hits all alike."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(round(timed(run), 5))
    return times
