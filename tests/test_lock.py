"""One run at a time writes an index: it is told for whom it waits, and a run that died is not waited for."""

from __future__ import annotations

import errno
import os
import platform
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from papersearch import library
from papersearch.core.errors import LockedIndexError
from papersearch.engine.build import lock
from papersearch.engine.index.folder import LOCK_FILE
from tests.commands import ROOT, Started, permissions_bind, run, run_bound, started
from tests.corpora import SAMPLE, write_post
from tests.disturbances import refuse
from tests.processes import LONGEST_S, wait_for
from tests.stores import leftovers, update

HOLD = """
import sys, time
from papersearch.engine.build.lock import locked
with locked(sys.argv[1], 5):
    print("held", flush=True)
    time.sleep(60)
"""
ELSEWHERE = """
import mmap, os, signal, sys
for module in ("fcntl", "termios", "resource", "pwd", "grp"):
    sys.modules[module] = None
for lacking, names in (
    (os, "pread pwrite geteuid getuid O_NOFOLLOW O_NONBLOCK O_CLOEXEC sched_getaffinity statvfs fchmod killpg"),
    (signal, "SIGHUP SIGALRM SIGPIPE setitimer"),
    (mmap, "MAP_PRIVATE MAP_SHARED PROT_READ PROT_WRITE MADV_DONTNEED MADV_RANDOM MADV_WILLNEED"),
):
    for name in names.split():
        delattr(lacking, name)
from papersearch.apps.cli.dispatch import main
index, posts = sys.argv[1:]
for line in (["index", posts], ["index", posts, "--rebuild"], ["query", "mixture of experts"], ["check"]):
    print(main([*line, "--index", index]))
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


@contextmanager
def holding(index: Path) -> Iterator[Started]:
    """A process that holds the lock of an index."""
    index.mkdir(exist_ok=True)
    with started(ROOT, "-c", HOLD, str(index)) as holder:
        assert holder.stdout.readline() == "held\n"
        yield holder


def test_a_run_that_waited_keeps_the_folders_that_the_other_run_was_given(tmp_path: Path, posts: Path) -> None:
    index, other, notes = tmp_path / "index", tmp_path / "other", tmp_path / "notes"
    notes.mkdir()
    write_post(notes, "2401.00099v1", "Sparse Otters")
    for place in (index, other):
        library.index_folder(place, posts)
    papers = library.index_folder(other, [posts, notes]).total

    def finish(_: str) -> None:
        """What the other run does before it lets go of the lock."""
        shutil.copytree(other, index, dirs_exist_ok=True, ignore=shutil.ignore_patterns(LOCK_FILE))
        os.kill(holder.process, signal.SIGKILL)

    with holding(index) as holder:
        done = library.index_folder(index, wait=LONGEST_S, waiting=finish)
    assert (done.total, done.removed) == (papers, 0)
    assert library.corpus_of(index) == [str(posts), str(notes)]
    assert library.index_folder(index, posts).removed == 1  # no other run is in the way of who names folders


@pytest.mark.parametrize("command", [["query", "otters"], ["index"], ["ask", "what are otters?"]])
def test_who_named_no_folders_keeps_the_index_that_another_run_made_of_others(
    command: list[str], tmp_path: Path, posts: Path
) -> None:
    """A query that finds no index makes one of ``corpus``, and waits for the run that is about to make one already."""
    index, other = tmp_path / "index", tmp_path / "other"
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00099v1", "Sparse Otters")
    papers = library.index_folder(other, posts).total
    with holding(index) as holder, started(tmp_path, *command) as waits:
        while "waiting for another run" not in waits.stderr.readline():
            pass
        shutil.copytree(other, index, dirs_exist_ok=True, ignore=shutil.ignore_patterns(LOCK_FILE))
        os.kill(holder.process, signal.SIGKILL)
        waits.wait()
    assert library.corpus_of(index) == [str(posts)]
    assert library.open(index).stats().papers == papers
    assert run(tmp_path, "index", "corpus").code == 0
    assert library.corpus_of(index) == [str(tmp_path / "corpus")]


def test_a_quiet_run_says_nothing_of_waiting_but_that_it_was_in_vain(tmp_path: Path, posts: Path) -> None:
    with holding(tmp_path / "index"):
        for option, lines in (("--quiet", 1), ("--json", 2)):
            ran = run(tmp_path, "index", str(posts), option, "--wait", "0.3")
            assert (ran.code, ran.out, len(ran.err.splitlines())) == (3, "", lines)
            assert ran.err.splitlines()[-1].startswith("papersearch: another run is writing this index")


def test_a_second_run_waits_and_then_says_for_whom(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    told: list[str] = []
    with holding(index) as holder, pytest.raises(LockedIndexError) as refused:
        update(index, posts, wait=0.3, waiting=told.append)
    assert refused.value.exit_code == 3
    assert f"process {holder.process} since " in str(refused.value)
    assert len(told) == 1


def test_the_lock_of_a_dead_process_does_not_block(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    with holding(index) as holder:
        os.kill(holder.process, signal.SIGKILL)
    assert update(index, posts, wait=0.0).added == 30


@permissions_bind
def test_in_a_folder_that_users_share_a_lock_file_that_only_the_first_may_write_keeps_nobody_out(
    tmp_path: Path, posts: Path
) -> None:
    index = tmp_path / "index"
    update(index, posts)
    (index / LOCK_FILE).chmod(0o444)  # as of another user of the group
    write_post(posts, "2401.00099v1", "Sparse Otters")
    ran = run_bound(tmp_path, "index", str(posts), "--json")
    assert (ran.code, ran.json["added"]) == (0, 1), ran.err
    with holding(index):
        ran = run_bound(tmp_path, "index", str(posts), "--wait", "0.1")
    assert (ran.code, "another run is writing this index" in ran.err) == (3, True), ran.err
    (index / LOCK_FILE).chmod(0)
    ran = run_bound(tmp_path, "index", str(posts))
    assert ran.code == 3
    assert f"{LOCK_FILE} cannot be written (Permission denied): check its permissions" in ran.err


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
    monkeypatch.setattr(lock.fcntl, "flock", refuse(errno.ENOSYS))


def test_a_system_that_has_only_what_python_has_everywhere_indexes_and_answers(tmp_path: Path) -> None:
    given = [sys.executable, "-c", ELSEWHERE, tmp_path / "index", SAMPLE]
    ended = subprocess.run(given, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_S, check=True)
    assert "LLMBased Routing" in ended.stdout
    assert [line for line in ended.stdout.splitlines() if line.isdecimal()] == ["0", "0", "0", "1"], ended.stderr
    assert not leftovers(tmp_path / "index")


@pytest.mark.usefixtures("without_flock")
def test_without_flock_a_lock_file_serves_and_that_is_said(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    assert any("no flock" in note for note in update(index, posts).notes)
    with lock.locked(str(index), 0.0):
        with pytest.raises(LockedIndexError, match=f"process {os.getpid()} since 2"):
            update(index, posts, wait=0.0)
        (index / "MAIN_WRITELOCK.pid").unlink()  # by somebody who takes it for an old one
    assert update(index, posts, wait=0.0).unchanged == 30
    assert not leftovers(index)


@pytest.mark.usefixtures("without_flock")
@pytest.mark.parametrize(
    ("process", "start", "age_s", "held"),
    [
        ("1", "this", 1_000, True),
        ("1", "another", 0, False),
        (str(2**22 + 1), "this", 0, False),  # more than Linux gives
        ("9" * 18, "this", 0, False),
        ("9" * 900, "this", 0, False),
        ("9" * 5_000, "this", 0, True),  # more than is read
        ("²", "this", 0, True),
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


@pytest.mark.usefixtures("without_flock")
@pytest.mark.parametrize("step", ["kill", "rename"])
def test_without_flock_a_lock_that_another_run_takes_over_meanwhile_stays_its_own(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, another, does = tmp_path / "MAIN_WRITELOCK.pid", tmp_path / "another", getattr(os, step)
    path.write_text(f"{2**22 + 1}\n2024-12-19\n{lock._boot_id()}\n")
    another.write_text(f"{os.getpid()}\n2025-12-19\n{lock._boot_id()}\n")

    def do(*given: str) -> None:
        if another.exists():
            another.replace(path)
        does(*given)

    monkeypatch.setattr(os, step, do)
    with pytest.raises(LockedIndexError, match="since 2025"), lock.locked(str(tmp_path), 0.0):
        pass
    assert "2025" in path.read_text()
    assert sorted(os.listdir(tmp_path)) == ["MAIN_WRITELOCK", path.name]


@pytest.mark.usefixtures("without_flock")
def test_without_flock_a_run_removes_no_lock_but_its_own(tmp_path: Path) -> None:
    path = tmp_path / "MAIN_WRITELOCK.pid"
    with lock.locked(str(tmp_path), 0.0):
        path.rename(tmp_path / "gone")
        path.write_text("that of another run")
    assert path.exists()


@pytest.mark.usefixtures("without_flock")
@pytest.mark.parametrize(("name", "days", "held"), [("node7", 1, True), ("node7", 3, False), ("", 0, False)])
def test_without_flock_the_lock_of_another_machine_is_taken_over_only_when_no_run_can_be_so_old(
    name: str, days: int, held: bool, tmp_path: Path
) -> None:
    path = tmp_path / "MAIN_WRITELOCK.pid"
    path.write_text(f"{2**22 + 1}\n2024-12-19\n0f3b\n{name or platform.node()}\n")
    os.utime(path, (time.time() - days * 86_400,) * 2)
    if held:
        with pytest.raises(LockedIndexError, match=f"on {name} since 2024"), lock.locked(str(tmp_path), 0.0):
            pass
    else:
        with lock.locked(str(tmp_path), 0.0):
            pass
    assert path.exists() == held


@pytest.mark.usefixtures("without_flock")
def test_without_flock_the_lock_of_another_users_process_is_not_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(process: int, signal: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "kill", refuse)
    with lock.locked(str(tmp_path), 0.0):
        with pytest.raises(LockedIndexError), lock.locked(str(tmp_path), 0.0):
            pass
        assert (tmp_path / "MAIN_WRITELOCK.pid").exists()


@pytest.mark.usefixtures("without_flock")
@pytest.mark.parametrize("there", [True, False])
def test_without_flock_a_link_in_place_of_the_lock_file_is_removed_and_not_what_it_leads_to(
    tmp_path: Path, there: bool
) -> None:
    mine, path = tmp_path / "mine", tmp_path / "MAIN_WRITELOCK.pid"
    if there:
        mine.write_text("my own")
    path.symlink_to("mine")
    os.utime(path, (1, 1), follow_symlinks=False)
    with lock.locked(str(tmp_path), 0.0):
        assert not path.is_symlink()
    assert not there or mine.read_text() == "my own"


def test_a_full_disk_that_takes_no_word_of_who_holds_the_lock_lets_nobody_else_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "write", refuse(errno.ENOSPC))
    unsaid = pytest.raises(LockedIndexError, match="it has not said who it is")
    with lock.locked(str(tmp_path), 0.0), unsaid, lock.locked(str(tmp_path), 0.0):
        pass


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
            with pytest.raises(LockedIndexError), lock.locked(str(index), 0.0):
                pass
            entered.append(path.exists())

    waiter = threading.Thread(target=wait)
    waiter.start()
    wait_for("one that waits", lambda: told)
    path.unlink()
    index.rmdir()
    first.__exit__(None, None, None)
    waiter.join(LONGEST_S)
    assert entered == [True]
