"""Every write, sync, rename and removal made to fail in turn, and the process killed there: old or new state."""

from __future__ import annotations

import errno
import os
import random
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from papersearch.core.errors import unforeseen
from papersearch.core.frozen import replace
from papersearch.core.records import Problem, Summary
from papersearch.engine.build.reading import unexpected
from papersearch.library import index_folder
from tests.commands import PAPERSEARCH, Ran, environment, is_one_error, run, run_program
from tests.corpora import write_post
from tests.disturbances import disk_at
from tests.stores import (
    Failing,
    answers,
    change,
    fresh_answers,
    leftovers,
    random_post,
    random_posts,
    synced_in_time,
    update,
)

KILLED = """
import os, sys
from tests.stores import Failing, update
from pathlib import Path
update(Path(sys.argv[1]), Path(sys.argv[2]), files=Failing(int(sys.argv[3]), lambda: os._exit(9)))
"""


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """(the posts as they are now, an index of how they were, where more can be put)."""
    place = tmp_path_factory.mktemp("faults")
    posts, index = place / "posts", place / "index"
    chance = random.Random(7)
    random_posts(posts, 25, chance)
    update(index, posts)
    change(posts, chance, 8)
    random_post(posts, 99, chance)
    return posts, index, place


def operations(states: tuple[Path, Path, Path], rebuild: bool = False) -> int:
    """How many operations a run takes that nothing disturbs."""
    posts, index, place = states
    copy = shutil.copytree(index, place / "counted")
    files = Failing(0)
    update(copy, posts, files=files, rebuild=rebuild)
    shutil.rmtree(copy)
    return files.count


@pytest.mark.parametrize(
    ("code", "for_good", "rebuild", "operation", "step"),
    [
        (errno.ENOSPC, True, False, 1, 1),
        (errno.ENOSPC, True, True, 1, 1),
        (errno.ENOSPC, False, False, 1, 2),  # those of which one fails are shared out among the codes
        (errno.EIO, False, False, 2, 4),
        (errno.EMFILE, False, False, 4, 4),
    ],
)
def test_each_operation_that_fails_leaves_the_old_state_or_the_new_one_and_nothing_else(
    states: tuple[Path, Path, Path], code: int, for_good: bool, rebuild: bool, operation: int, step: int
) -> None:
    posts, index, place = states
    mark = f"{code}-{for_good}-{rebuild}"
    old, new = answers(index), fresh_answers(posts, place / f"fresh-{mark}")
    assert old != new
    before = contents(index)
    whole = shutil.copytree(index, place / f"whole-{mark}")
    usual = timeless(update(whole, posts))
    assert answers(whole) == new
    for fatal in range(operation, operations(states, rebuild) + 1, step):
        copy = shutil.copytree(index, place / f"copy-{mark}-{fatal}")
        files = Failing(fatal, code=code, for_good=for_good)
        failure = 0
        try:
            update(copy, posts, files=files, rebuild=rebuild)
        except OSError as error:
            failure = error.errno or 1
        assert failure in (0, code), fatal  # and nothing else that came of it
        if contents(copy) == before:  # answers as before, and the next run does what one did that nothing disturbed
            assert timeless(update(copy, posts)) == usual, fatal
        else:
            found = answers(copy)
            assert found in (old, new), fatal
            assert not (failure and found == old), fatal  # what fails takes no space from the next run
            update(copy, posts)
            assert answers(copy) == new, fatal
        assert not leftovers(copy), fatal
        shutil.rmtree(copy)


def test_all_that_a_state_names_is_on_the_disk_before_it_is_the_newest(states: tuple[Path, Path, Path]) -> None:
    posts, old, place = states
    index = shutil.copytree(old, place / "synced")
    with synced_in_time(index) as commits:
        update(index, posts)
    assert commits == ["_MAIN_1.toc"]


def test_where_no_folder_can_be_synced_a_run_does_without(
    states: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    posts, old, place = states
    index = shutil.copytree(old, place / "unsynced")
    fsync = os.fsync

    def refused(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", refused)
    update(index, posts)
    assert answers(index) == fresh_answers(posts, place / "unsynced-fresh")


@pytest.mark.parametrize("synced", [0, 1])
def test_a_folder_that_a_broken_disk_does_not_sync_fails_the_run(
    states: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch, synced: int
) -> None:
    """Before the commit the old state stays; after it the new one is there, and perhaps not on the disk."""
    posts, old, place = states
    index = shutil.copytree(old, place / f"broken-{synced}")
    fsync, folders = os.fsync, list[int]()

    def broken(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            folders.append(handle)
            if len(folders) > synced:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(handle)

    fresh = fresh_answers(posts, place / f"broken-fresh-{synced}")
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", broken)
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            update(index, posts)
    assert answers(index) == (fresh if synced else answers(old))
    update(index, posts)
    assert answers(index) == fresh
    assert not leftovers(index)


@pytest.mark.parametrize("name", ["_MAIN_0.toc", "papersearch_0.json", "papersearch_0.files"])
def test_a_run_that_fails_while_it_builds_a_damaged_index_anew_leaves_all_that_there_was(
    states: tuple[Path, Path, Path], name: str
) -> None:
    posts, old, place = states
    index = shutil.copytree(old, place / f"damaged-{name}")
    os.truncate(index / name, 9)
    before = contents(index)
    for fatal in (1, 3, 9, 15):
        with pytest.raises(OSError, match="No space left"):
            update(index, posts, files=Failing(fatal, for_good=True))
        assert contents(index) == before, fatal


@pytest.mark.parametrize("how", ["gone", "of somebody else"])
def test_a_run_that_fails_where_the_table_of_contents_is_not_ours_leaves_what_tells_of_the_past(
    states: tuple[Path, Path, Path], how: str
) -> None:
    posts, old, place = states
    index = shutil.copytree(old, place / f"past-{how}")
    if how == "gone":
        (index / "_MAIN_0.toc").unlink()
    else:
        (index / "_MAIN_9.toc").write_bytes(b"?")
    with pytest.raises(OSError, match="No space left"):
        update(index, posts, files=Failing(1, for_good=True))
    assert {"papersearch_0.json", "papersearch_0.files"} <= contents(index).keys()


def test_what_cannot_be_removed_yet_is_removed_by_the_next_run(states: tuple[Path, Path, Path]) -> None:
    """As a file of an old state that is still in use, on Windows."""
    posts, old, place = states
    index = shutil.copytree(old, place / "in-use")

    class InUse(Failing):
        def remove(self, path: str) -> None:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    update(index, posts, files=InUse(0))
    assert answers(index) == fresh_answers(posts, place / "in-use-fresh")
    assert leftovers(index)
    update(index, posts)
    assert not leftovers(index)


def contents(index: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in index.iterdir()}


def timeless(summary: Summary) -> Summary:
    return replace(summary, seconds=0.0)


def test_a_first_run_that_fails_anywhere_leaves_nothing_or_all(states: tuple[Path, Path, Path]) -> None:
    posts, _, place = states
    new = fresh_answers(posts, place / "first-fresh")
    files = Failing(0)
    usual = timeless(update(place / "first-counted", posts, files=files))
    for fatal in range(1, files.count + 1):
        index = place / f"first-{fatal}"
        with suppress(OSError):
            update(index, posts, files=Failing(fatal))
        is_first = not index.exists() or not contents(index)
        summary = timeless(update(index, posts))
        assert summary == usual if is_first else answers(index) == new, fatal
        assert not leftovers(index), fatal


@pytest.mark.parametrize("runs_before", [0, 1])
def test_an_error_of_the_callers_is_told_as_it_is_in_a_first_run_too(runs_before: int, tmp_path: Path) -> None:
    def failing(done: int, of: int) -> None:
        raise ZeroDivisionError(f"{done} of {of}")

    (tmp_path / "posts").mkdir()
    write_post(tmp_path / "posts", "2401.00001", "Otters")
    for _ in range(runs_before):
        update(tmp_path / "index", tmp_path / "posts")
        write_post(tmp_path / "posts", "2401.00002", "Voles")
    with pytest.raises(ZeroDivisionError):
        index_folder(tmp_path / "index", tmp_path / "posts", jobs=1, progress=failing)


LIMITED = """
import os, resource, sys
from pathlib import Path
from tests.stores import update
import papersearch.engine.build.workers, papersearch.engine.index.whoosh_view, papersearch.posts.parse
index, posts, more = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
most = max(map(int, os.listdir("/proc/self/fd"))) + more
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
try:
    update(index, posts)
except OSError as refused:
    sys.exit(0 if refused.errno == 24 else 1)
except Exception as error:
    sys.exit(0 if "Too many open files" in str(error) else str(error))
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs Linux")
def test_a_process_that_may_open_few_files_says_so_and_loses_nothing(states: tuple[Path, Path, Path]) -> None:
    posts, index, place = states
    old, new = answers(index), fresh_answers(posts, place / "few-fresh")
    for more in range(8):
        copy = shutil.copytree(index, place / f"few-{more}")
        done = run_program(LIMITED, str(copy), str(posts), str(more))
        assert done.code == 0, (more, done.err)
        assert answers(copy) in (old, new), more
        update(copy, posts)
        assert answers(copy) == new
        assert not leftovers(copy)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs Linux")
def test_a_command_that_may_open_few_files_says_which_limit_to_raise(states: tuple[Path, Path, Path]) -> None:
    _, index, _ = states
    said = set()
    for most in range(8, 13):
        command = f"ulimit -n {most}; exec {shlex.join(PAPERSEARCH)} check --index {index.name}"
        done = subprocess.run(
            ["bash", "-c", command], cwd=index.parent, env=environment(), capture_output=True, text=True
        )
        assert len(done.stderr.splitlines()) == (done.returncode == 3), done.stderr
        said.add(done.stderr.rpartition(": ")[2])
    assert "raise the limit on open files (ulimit -n)\n" in said
    assert "--debug shows the traceback\n" not in said


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits on memory are Linux's")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_with_too_little_memory_says_so_and_leaves_nothing(jobs: str, tmp_path: Path) -> None:
    """The linear algebra that numpy brings ends the process with a message of its own if it finds none."""
    random_posts(tmp_path / "posts", 300, random.Random(5))
    codes = []
    for megabytes in range(60, 181, 20):
        index = tmp_path / f"index{megabytes}"
        line = [*PAPERSEARCH, "index", "posts", "--index", index.name, "--jobs", jobs]
        command = f"ulimit -v {megabytes}000; exec {shlex.join(line)}"
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
        )
        ran = Ran(done.returncode, done.stdout, done.stderr)
        codes.append(ran.code)
        if ran.code == 0:
            assert (ran.err, leftovers(index)) == ("", set())
        else:
            assert (ran.code, ran.out, index.exists()) == (3, "", False), (megabytes, ran)
            assert is_one_error(ran), (megabytes, ran.err)
            assert "not enough memory" in ran.err, (megabytes, ran.err)
    assert codes[0] == 3


@pytest.mark.parametrize(
    "failure",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        SystemError("error return without exception set"),
        SystemError("<function read> returned NULL without setting an exception"),
        ImportError("libz.so.1: failed to map segment from shared object"),
    ],
)
def test_however_python_says_that_memory_ran_out_it_is_told_as_such_and_is_no_fault_of_a_post(
    failure: Exception,
) -> None:
    assert str(unforeseen(failure)).startswith("there is not enough memory")
    with pytest.raises(type(failure)):
        unexpected("a.md", failure)
    assert isinstance(unexpected("a.md", ImportError("no module of that name")), Problem)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for 2 MB, if this user may mount one."""
    with disk_at(tmp_path / "disk", "2m") as disk:
        yield disk


def free(disk: Path) -> int:
    status = os.statvfs(disk)
    return status.f_bavail * status.f_bsize


def fill(disk: Path, left: int) -> Path:
    """Leave so many bytes free."""
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(max(0, free(disk) - left)))
    return ballast


def test_a_disk_that_is_full_at_any_write_loses_nothing_and_mends(
    states: tuple[Path, Path, Path], small_disk: Path
) -> None:
    real, index, place = states
    posts = small_disk / "posts"  # beside the copy, where that looks for them
    posts.symlink_to(real)
    new = fresh_answers(posts, place / "full-fresh")
    old = answers(shutil.copytree(index, small_disk / "index"))
    shutil.rmtree(small_disk / "index")
    seen = set()
    for pages in range(40):
        copy = shutil.copytree(index, small_disk / "index")
        ballast = fill(small_disk, 4_096 * pages)
        room = free(small_disk)
        try:
            update(copy, posts)
            seen.add("enough")
        except OSError as full:
            seen.add("full" if full.errno == errno.ENOSPC else str(full))
            assert free(small_disk) >= room, pages
        assert answers(copy) in (old, new), pages
        ballast.unlink()
        update(copy, posts)
        assert answers(copy) == new, pages
        assert not leftovers(copy), pages
        shutil.rmtree(copy)
        if "enough" in seen:
            break
    assert seen == {"full", "enough"}


def test_after_a_disk_was_full_the_next_run_fits_again(small_disk: Path, tmp_path: Path) -> None:
    """What failed runs left once filled such a disk for good, also when the posts that did not fit were gone."""
    posts, index = tmp_path / "posts", small_disk / "index"
    posts.mkdir()
    chance = random.Random(3)

    def write(number: int) -> None:
        words = " ".join(f"{chance.randrange(16**5):05x}" for _ in range(60))
        write_post(posts, f"24{number // 1000:02}.{number:05}v1", f"Paper {number}", words)

    for number in range(93):
        write(number)
    update(index, posts)
    old = answers(index)
    for number in range(93, 684):
        write(number)
    for rebuild in (False, True):
        done = run(tmp_path, "index", str(posts), "--index", str(index), *["--rebuild"] * rebuild)
        assert done.code == 3
        assert is_one_error(done), done.err
        assert "No space left" in done.err
        assert answers(index) == old
        assert not leftovers(index)
    for path in sorted(posts.glob("*.md"))[93:]:
        path.unlink()
    for rebuild in (False, True):
        assert run(tmp_path, "index", "--index", str(index), *["--rebuild"] * rebuild).code == 0
        assert answers(index) == old


def test_a_kill_between_any_two_operations_loses_nothing(states: tuple[Path, Path, Path]) -> None:
    posts, index, place = states
    old, new = answers(index), fresh_answers(posts, place / "killed-fresh")
    count = operations(states)
    for fatal in sorted(
        {1, 2, count // 3, count // 2, count - 6, count - 5, count - 4, count - 3, count - 2, count - 1, count}
    ):
        copy = shutil.copytree(index, place / f"killed-{fatal}")
        assert run_program(KILLED, str(copy), str(posts), str(fatal)).code == 9
        assert answers(copy) in (old, new)
        update(copy, posts)
        assert answers(copy) == new
        assert not leftovers(copy)
