"""How many cores there are for this process, which may be fewer than the machine has."""

from __future__ import annotations

import os

_QUOTA = "/sys/fs/cgroup/cpu.max"  # of a container (Linux, cgroup v2): microseconds of time, and in how many


def available_cores() -> int:
    """Cores that this process may use: those it may run on, and no more than a container has time for."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        with open(_QUOTA, "rb") as file:
            quota, period = map(int, file.read().split())
        return max(1, min(cores, -(-quota // period)))
    except (OSError, ValueError, ZeroDivisionError):  # there is none, or it is "max"
        return cores
