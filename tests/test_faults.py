"""Every write, sync, rename and removal made to fail in turn, and the process killed there: old or new state."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from papersearch.core.frozen import replace
from papersearch.core.opening import write_whole
from papersearch.core.records import Summary
from papersearch.library import index_folder
from tests.commands import run_program
from tests.corpora import write_post
from tests.stores import Failing, answers, fresh_answers, leftovers, synced_in_time, update

KILLED = """
import os, sys
from tests.stores import Failing, update
from pathlib import Path
update(Path(sys.argv[1]), Path(sys.argv[2]), files=Failing(int(sys.argv[3]), lambda: os._exit(9)))
"""


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


@pytest.mark.parametrize("files_too", [False, True])
@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP])
def test_where_no_folder_or_nothing_at_all_can_be_synced_a_run_does_without(
    states: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch, code: int, files_too: bool
) -> None:
    posts, old, place = states
    index = shutil.copytree(old, place / f"unsynced-{code}-{files_too}")
    fsync = os.fsync

    def refused(handle: int) -> None:
        if files_too or stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(code, os.strerror(code))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", refused)
    update(index, posts)
    assert answers(index) == fresh_answers(posts, place / f"unsynced-{code}-{files_too}-fresh")
    write_whole(str(place / "kept.json"), b"{}")
    assert (place / "kept.json").read_bytes() == b"{}"


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
