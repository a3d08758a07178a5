"""How many cores a run takes for its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from papersearch.core import cores


@pytest.fixture
def eight(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where a container's share is noted, on a machine that lets this process run on eight of its many cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(cores, "_QUOTA", str(tmp_path / "cpu.max"))
    return tmp_path / "cpu.max"


def test_cores_that_a_process_may_not_run_on_do_not_count(eight: Path) -> None:
    assert cores.available_cores() == 8


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1), ("6400000 100000", 8), ("max 100000", 8),
        ("", 8), ("1", 8), ("1 0", 8), ("-1 100000", 1),
    ],
)  # fmt: skip
def test_a_container_has_no_more_cores_than_its_share_of_time(eight: Path, quota: str, expected: int) -> None:
    eight.write_text(quota + "\n")
    assert cores.available_cores() == expected
