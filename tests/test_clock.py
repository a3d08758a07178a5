"""The time of now, wherever ``TZ`` says that this machine is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from papersearch import library
from tests.stores import update

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="needs POSIX")


@pytest.fixture
def in_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """What moves this process to another time zone, until the test ends."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("zone", "offset"), [("XXX24", "+00:00"), ("XXX-24", "+00:00"), ("<+1345>-13:45", "+13:45"), ("EST5", "-05:00")]
)
def test_a_run_says_when_it_was_by_a_clock_of_any_zone(
    zone: str, offset: str, in_zone: Callable[[str], None], tmp_path: Path, posts: Path
) -> None:
    in_zone(zone)
    assert update(tmp_path / "index", posts).added
    indexed_at = library.open(tmp_path / "index").stats().indexed_at
    assert indexed_at is not None
    assert indexed_at.endswith(offset)
