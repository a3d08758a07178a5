"""Folders, posts and disks that go away, or fail, while a run lists or reads them: nothing that is indexed is lost."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from papersearch import library
from papersearch.core.errors import PapersearchError
from papersearch.core.records import Summary
from papersearch.engine.build import update as writer
from papersearch.engine.build.tasks import Sizes
from papersearch.engine.port import RunOptions
from tests.corpora import write_post
from tests.disturbances import LISTED, OPENED, disk_at, disturbance, once, refuse
from tests.processes import LONGEST_S, wait_for
from tests.stores import answers, leftovers, update

Vanish = Callable[[Path], object]
SCANDIR = os.scandir


def move_away(folder: Path) -> None:
    folder.rename(folder.with_name("away"))


def leave_a_mount_point(folder: Path) -> None:
    move_away(folder)
    folder.mkdir()


def put_another_one_there(folder: Path) -> None:
    leave_a_mount_point(folder)
    write_post(folder, "2402.00001v1", "Another")


def put_a_file_there(folder: Path) -> None:
    move_away(folder)
    folder.write_text("")


def put_a_dead_link_there(folder: Path) -> None:
    move_away(folder)
    folder.symlink_to("nowhere")


vanishings = pytest.mark.parametrize(
    "vanish", [move_away, leave_a_mount_point, put_another_one_there, put_a_file_there, put_a_dead_link_there]
)


@pytest.mark.parametrize("prune", [False, True])
@vanishings
def test_papers_of_a_corpus_that_goes_away_while_it_is_read_stay_as_they_were(
    vanish: Vanish, prune: bool, nested: Path, outdated: Path
) -> None:
    before = answers(outdated)
    with disturbance(OPENED, nested / "below/deep/post6.md", once(lambda: vanish(nested))):
        done = update(outdated, nested, prune=prune)
    (missing,) = done.missing
    assert (missing.path, done.removed, done.total) == (str(nested), 0, 9)
    assert missing.reason == f"the folder {nested} went away while it was being read; 9 posts stay in the index"
    assert answers(outdated) == before
    shutil.rmtree(nested) if nested.is_dir() and not nested.is_symlink() else nested.unlink(missing_ok=True)
    nested.with_name("away").rename(nested)
    assert (again := update(outdated, nested)).updated == 9
    assert not again.missing


@vanishings
def test_papers_of_a_folder_below_that_goes_away_stay_and_the_rest_is_indexed(
    vanish: Vanish, nested: Path, outdated: Path
) -> None:
    with disturbance(OPENED, nested / "below/deep/post6.md", once(lambda: vanish(nested / "below"))):
        done = update(outdated, nested)
    (missing,) = done.missing
    assert (missing.path, done.removed, done.updated, done.total) == (str(nested / "below"), 0, 3, 9)
    assert missing.reason.endswith("; 6 posts stay in the index")
    opened = library.Index(str(outdated))
    assert opened.search("robot").total == 9
    assert opened.search("sparse", match="all").total == 3


@pytest.mark.parametrize("prune", [False, True])
@pytest.mark.parametrize("vanish", [move_away, leave_a_mount_point])
def test_papers_of_a_folder_that_goes_away_while_it_is_listed_stay(
    vanish: Vanish, prune: bool, nested: Path, outdated: Path
) -> None:
    for listed, goes in ((nested / "below", nested / "below"), (nested / "below/deep", nested)):
        with disturbance(LISTED, listed, once(lambda goes=goes: vanish(goes))):
            done = update(outdated, nested, prune=prune)
        assert [missing.path for missing in done.missing] == [str(goes)]
        assert (done.removed, done.total) == (0, 9)
        if goes.exists():
            goes.rmdir()
        goes.with_name("away").rename(goes)
    assert update(outdated, nested).missing == ()


def test_an_index_is_not_built_anew_from_what_was_left_of_a_folder(nested: Path, outdated: Path) -> None:
    before = answers(outdated)
    for goes in (nested, nested / "below"):
        with (
            disturbance(OPENED, nested / "below/deep/post6.md", once(lambda goes=goes: move_away(goes))),
            pytest.raises(PapersearchError, match=f"the folder {goes} went away"),
        ):
            update(outdated, nested, rebuild=True)
        assert answers(outdated) == before
        assert not leftovers(outdated)
        goes.with_name("away").rename(goes)
    assert update(outdated, nested, rebuild=True).total == 9


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_first_run_whose_folder_goes_away_makes_no_index(jobs: int, tmp_path: Path, nested: Path) -> None:
    options = writer.Options(RunOptions(jobs=jobs), sizes=Sizes(serial=2))
    for goes in (nested, nested / "below"):
        with (
            disturbance(OPENED, nested / "below/deep/post6.md", lambda goes=goes: goes.exists() and move_away(goes)),
            pytest.raises(PapersearchError, match=f"the folder {goes} went away"),
        ):
            writer.update(str(tmp_path / "new"), [str(nested)], options)
        assert not (tmp_path / "new").exists()
        goes.with_name("away").rename(goes)
    assert writer.update(str(tmp_path / "new"), [str(nested)], options).total == 9


def test_a_first_run_that_can_read_nothing_makes_no_index(tmp_path: Path, nested: Path) -> None:
    shutil.rmtree(nested / "below")
    first, *others = sorted(nested.iterdir())

    def delete() -> None:
        for path in (first, *others):
            path.unlink()

    with disturbance(OPENED, first, once(delete)), pytest.raises(PapersearchError, match="not one of 3 posts"):
        update(tmp_path / "new", nested)
    assert not (tmp_path / "new").exists()


def test_a_post_that_is_deleted_before_it_is_read_is_removed_like_any_other(nested: Path, outdated: Path) -> None:
    gone = nested / "below/post4.md"
    with disturbance(OPENED, gone, once(gone.unlink)):
        done = update(outdated, nested)
    assert (done.missing, done.removed, done.updated, done.total) == ((), 1, 8, 8)
    assert "2401.00004" not in library.Index(str(outdated)).ids()
    assert not leftovers(outdated)


def test_a_post_that_is_gone_for_a_moment_stays_and_is_read_by_the_next_run(nested: Path, outdated: Path) -> None:
    moved, gone = nested / "below/post4.md", nested / "gone"
    with (
        disturbance(OPENED, moved, once(lambda: moved.rename(gone))),
        disturbance(OPENED, nested / "post0.md", once(lambda: gone.rename(moved))),  # which is read after it
    ):
        done = update(outdated, nested)
    assert (done.missing, done.removed, done.updated, done.total) == ((), 0, 8, 9)
    assert [Path(problem.path).name for problem in done.skipped] == ["post4.md"]
    assert (again := update(outdated, nested)).updated == 1
    assert not again.skipped


def test_a_post_that_was_moved_and_cannot_be_read_a_moment_later_stays(tmp_path: Path, nested: Path) -> None:
    update(tmp_path / "index", nested)
    moved = (nested / "post1.md").rename(nested / "moved.md")
    answers_to_come = [lambda: None, refuse(errno.EACCES)]  # it is known by its content, and then to be read
    with disturbance(OPENED, moved, lambda: answers_to_come.pop(0)()):
        done = update(tmp_path / "index", nested)
    assert (done.removed, done.total, len(done.skipped)) == (0, 9, 1)
    assert update(tmp_path / "index", nested).total == 9


class Entries:
    """What a folder holds, of which one entry's status is refused."""

    def __init__(self, folder: str, name: str, code: int) -> None:
        self._entries, self._name, self._code = SCANDIR(folder), name, code

    def __enter__(self) -> Entries:
        return self

    def __exit__(self, *_: object) -> None:
        self._entries.close()

    def __iter__(self) -> Iterator[object]:
        for entry in self._entries:
            status = refuse(self._code) if entry.name == self._name else partial(entry.stat, follow_symlinks=False)
            yield SimpleNamespace(
                name=entry.name, path=entry.path, is_file=entry.is_file, is_dir=entry.is_dir,
                is_symlink=entry.is_symlink, stat=lambda status=status, **_: status(),
            )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "said"),
    [(errno.ENOENT, "it was gone for a moment: run again"), (errno.EACCES, "cannot be looked at (Permission denied)")],
)
def test_a_post_that_cannot_be_looked_at_while_its_folder_is_listed_stays(
    code: int, said: str, nested: Path, outdated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that an editor just replaces."""
    with monkeypatch.context() as listing:
        listing.setattr(os, "scandir", lambda folder: Entries(folder, "post4.md", code))
        done = update(outdated, nested)
    assert (done.removed, done.updated, done.total) == (0, 8, 9)
    assert [(Path(problem.path).name, problem.reason) for problem in done.skipped] == [("post4.md", said)]
    assert update(outdated, nested).updated == 1


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A disk below the posts, if this user may mount one."""
    with disk_at(tmp_path / "posts/disk", "1m") as disk:
        yield disk


def test_papers_on_a_disk_that_is_unmounted_while_it_is_read_stay(mounted: Path, nested: Path, tmp_path: Path) -> None:
    write_post(mounted, "2403.00001v1", "Robot on a disk", name="first")
    write_post(mounted, "2403.00002v1", "Robot on a disk", name="second")
    update(tmp_path / "index", nested)
    for path in mounted.iterdir():
        path.write_text(path.read_text().replace("Robot", "Sparse robot"))
    with disturbance(OPENED, mounted / "first.md", once(lambda: subprocess.run(["umount", "-l", mounted], check=True))):
        done = update(tmp_path / "index", nested)
    assert [missing.path for missing in done.missing] == [str(mounted)]
    assert (done.removed, done.total) == (0, 11)


def test_a_watching_run_survives_that_its_folder_goes_away_while_it_reads(nested: Path, tmp_path: Path) -> None:
    pytest.importorskip("watchfiles")
    summaries: list[Summary] = []
    errors: list[PapersearchError] = []
    stop = threading.Event()
    watcher = threading.Thread(
        target=library.watch,
        args=(str(tmp_path / "index"), [str(nested)]),
        kwargs={"on_summary": summaries.append, "on_error": errors.append, "stop": stop, "jobs": 1},
    )
    with disturbance(OPENED, nested / "post1.md", once(lambda: move_away(nested))):
        watcher.start()
        try:
            wait_for("that the first run fails", lambda: errors)
            assert not (tmp_path / "index" / "MAIN_WRITELOCK").exists()
            (tmp_path / "away").rename(nested)
            wait_for("that the folder is back", lambda: summaries)
            texts = {path: path.read_text().replace("Robot", "Sparse robot") for path in nested.glob("*.md")}
            go = once(lambda: move_away(nested))
            with disturbance(OPENED, nested / "post2.md", lambda: threading.current_thread() is watcher and go()):
                for path, text in texts.items():
                    path.write_text(text)
                wait_for("that it goes again", lambda: summaries[-1].missing)
            assert summaries[-1].total == 9
            (tmp_path / "away").rename(nested)
            wait_for("that it is back again", lambda: not summaries[-1].missing)
        finally:
            stop.set()
            watcher.join(LONGEST_S)
    assert library.Index(str(tmp_path / "index")).search("sparse", match="all").total == 3
