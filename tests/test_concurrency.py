"""Readers and writers at once, in threads and processes, and kills at random moments."""

from __future__ import annotations

import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from papersearch import library
from papersearch.core.records import Problem
from tests.commands import ROOT, started
from tests.corpora import write_post
from tests.stores import answers, change, fresh_answers, leftovers, update

RUN = """
import sys
from pathlib import Path
from tests.stores import update
update(Path(sys.argv[1]), Path(sys.argv[2]))
"""
KILLS = int(os.environ.get("PAPERSEARCH_KILLS", "20"))


def test_kills_at_random_moments_lose_nothing_and_leave_nothing(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    update(index, posts)
    chance = random.Random(11)
    ends: set[int] = set()
    for _ in range(KILLS):
        change(posts, chance)
        with started(ROOT, "-c", RUN, str(index), str(posts)) as run:
            time.sleep(chance.uniform(0, 0.15))
            os.kill(run.process, signal.SIGKILL)
            ends.add(run.wait())
        assert answers(index)["posts"] > 0
    assert {-signal.SIGKILL} <= ends <= {-signal.SIGKILL, 0}
    update(index, posts)
    assert answers(index) == fresh_answers(posts, tmp_path / "fresh")
    assert not leftovers(index)


@contextmanager
def reading(threads: int, read: Callable[[], object]) -> Iterator[None]:
    """Threads that read again and again while the block writes; none may meet an error."""
    stop = threading.Event()
    wrong: list[BaseException] = []

    def run() -> None:
        while not stop.is_set():
            try:
                read()
            except Exception as error:
                wrong.append(error)

    readers = [threading.Thread(target=run) for _ in range(threads)]
    for reader in readers:
        reader.start()
    try:
        yield
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert not wrong


def test_readers_see_one_whole_state_while_others_write(tmp_path: Path, posts: Path) -> None:
    """Each state holds as many posts with the word as its number, so a mixture of two states would show."""
    index = tmp_path / "index"
    seen: set[int] = set()
    update(index, posts)

    def read() -> None:
        opened = library.Index(str(index))
        numbers = sorted(int(hit.title.split()[-1]) for hit in opened.results("quokka"))
        assert numbers == list(range(opened.search("quokka").total))
        seen.add(len(numbers))

    with reading(4, read):
        for number in range(12):
            write_post(posts, f"2501.{number:05}v1", f"Quokka {number}", "Quokka.")
            update(index, posts)
    assert len(seen) > 2


def test_an_open_index_goes_on_reading_its_state(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    update(index, posts)
    opened = library.Index(str(index))
    before = opened.search("sparse routing", limit=100).results
    for path in posts.glob("*.md"):
        path.unlink()
    update(index, posts, prune=True)
    assert opened.search("sparse routing", limit=100).results == before
    assert opened.refresh()
    assert opened.search("sparse routing").total == 0


def test_an_index_that_was_removed_and_built_again_is_noticed(tmp_path: Path, posts: Path) -> None:
    """Both are the first state of their index, so their numbers are the same."""
    index = tmp_path / "index"
    update(index, posts)
    opened = library.Index(str(index))
    assert not opened.refresh()
    shutil.rmtree(index)
    write_post(posts, "2501.00001v1", "Quokka", "Quokka.")
    update(index, posts)
    assert opened.refresh()
    assert opened.search("quokka").total == 1
    index.rename(tmp_path / "away")
    (tmp_path / "away").rename(index)
    assert not opened.refresh()  # it is the one that is open


def test_runs_at_once_all_end_well(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    with ExitStack() as stack:
        runs = [stack.enter_context(started(ROOT, "-c", RUN, str(index), str(posts))) for _ in range(3)]
        assert [run.wait() for run in runs] == [0, 0, 0]
    assert answers(index) == fresh_answers(posts, tmp_path / "fresh")


def test_stats_and_stale_while_others_write_are_never_called_damage(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    update(index, posts)
    opened = library.Index(str(index))
    write_post(posts, "2501.00001v1", "New")
    update(index, posts)  # the state that was opened has no file table any more
    assert opened.stats().stale == 0
    with reading(3, lambda: (opened.stats(), opened.stale())):
        for number in range(8):
            write_post(posts, f"2501.{number:05}v2", f"Quokka {number}", "Quokka.")
            update(index, posts)


def test_what_is_checked_while_others_write_is_never_called_damaged(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    update(index, posts)
    found: list[Problem] = []
    with reading(3, lambda: found.extend(library.check(str(index), [str(posts)]))):
        for number in range(10):
            write_post(posts, f"2501.{number:05}v1", f"Quokka {number}", "Quokka.")
            update(index, posts)
    assert not [problem for problem in found if problem.path == str(index)]
