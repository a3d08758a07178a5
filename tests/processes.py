"""Which processes there are, as far as tests that end some of them must know. Reads /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


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
