"""What happens to files while others look at them: something is done, or goes wrong, at the moment of an access.

Python announces each file that it opens and each folder that it lists to audit hooks, which may act or raise. A hook
stays for the life of the process, so there is one, from the first test that needs it, which does what a test wants for
as long as that runs. A disk of one's own (``disk_at``) can be full, or go away.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest

OPENED, LISTED = "open", "os.scandir"

_wanted: list[tuple[str, str, Callable[[], object]]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _wanted and event in (OPENED, LISTED):
        for disturbed, path, act in tuple(_wanted):
            if event == disturbed and str(arguments[0]) == path:
                act()


@cache
def _listen() -> None:
    sys.addaudithook(_hook)


@contextmanager
def disturbance(event: str, path: object, act: Callable[[], object]) -> Iterator[None]:
    """Do something just before a path is opened or listed. What ``act`` raises, the access raises."""
    _listen()
    wanted = (event, str(path), act)
    _wanted.append(wanted)
    try:
        yield
    finally:
        _wanted.remove(wanted)


def once(act: Callable[[], object]) -> Callable[[], object]:
    """What happens the first time only."""
    left = [act]
    return lambda: left.pop()() if left else None


@contextmanager
def disk_at(place: Path, size: str) -> Iterator[Path]:
    """A file system of its own at a place, as large as ``size`` says (``2m``); the test is left out if this user may
    not mount one."""
    place.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("may not mount a disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)


def interrupt() -> None:
    """What Ctrl-C does."""
    raise KeyboardInterrupt


def refuse(code: int) -> Callable[..., NoReturn]:
    """What fails as the system does where it refuses something, by an error's number."""

    def act(*_: object) -> NoReturn:
        raise OSError(code, os.strerror(code))

    return act
