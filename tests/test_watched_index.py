"""Watching, and what becomes of the index and of its folders meanwhile."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from papersearch import library
from papersearch.core.errors import PapersearchError
from papersearch.core.records import Summary
from papersearch.engine.build import watch
from papersearch.engine.index import generation
from tests.corpora import write_post
from tests.disturbances import refuse
from tests.processes import wait_for
from tests.watchers import watching

pytest.importorskip("watchfiles")
pytestmark = pytest.mark.usefixtures("soon")


@pytest.mark.parametrize("how", ["moved", "removed"])
def test_an_index_that_goes_away_is_built_anew_from_the_folders_that_are_watched(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "corpus").mkdir()  # where an index is built from that knows no better
    write_post(tmp_path / "corpus", "2402.00001v1", "Elsewhere")
    posts, index = tmp_path / "posts", tmp_path / "index"
    (posts / "drafts").mkdir(parents=True)
    write_post(posts, "2401.00001v1", "First")
    write_post(posts / "drafts", "2401.00002v1", "Left out")
    monkeypatch.chdir(tmp_path)
    library.index_folder(str(index), [str(posts)], exclude=["drafts"])

    def take_away(runs: int) -> None:
        if runs <= 2:  # at once, while the watcher still tells of it
            shutil.rmtree(index) if how == "removed" else index.rename(tmp_path / f"away{runs}")

    with watching(library.watch, str(index), [str(posts)], then=take_away) as (summaries, errors):
        wait_for("that it is made again, twice", lambda: len(summaries) > 2)
        assert [summary.added for summary in summaries[1:]] == [1, 1]
        assert library.Index(str(index)).ids() == ["2401.00001"]
        write_post(posts, "2401.00003v1", "Later")
        wait_for("another post", lambda: summaries[-1].total == 2)
    assert library.Index(str(index)).corpus == (str(posts),)
    assert errors == []


def test_changes_of_which_the_system_tells_nothing_are_found_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_may_matter", lambda *_: False)  # as on a network disk that another machine writes to
    monkeypatch.setattr(watch, "SELDOM_S", 0.1)
    posts = tmp_path / "posts"
    posts.mkdir()
    write_post(posts, "2401.00001v1", "First")
    with watching(library.watch, str(tmp_path / "index"), [str(posts)]) as (summaries, errors):
        write_post(posts, "2401.00002v1", "Second")
        wait_for("the second post", lambda: summaries[-1].total == 2)
    assert errors == []


def test_when_there_is_a_run_though_no_change_was_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    posts, index, stop = tmp_path / "posts", tmp_path / "index", threading.Event()
    posts.mkdir()
    write_post(posts, "2401.00001v1", "First")
    now, runs, errors, is_full = 1_000.0, list[float](), list[str](), False
    monkeypatch.setattr(watch, "time", SimpleNamespace(monotonic=lambda: now))

    def run() -> Summary:
        runs.append(now)
        if is_full:
            raise PapersearchError("No space left on device")
        return library.index_folder(str(index), [str(posts)], jobs=1)

    def no_changes(*_: object, **__: object) -> Iterator[tuple[()]]:
        """In the place of what watches. Each time it tells that nothing changed, and then how many runs there were."""
        nonlocal now, is_full
        yield ()
        assert len(runs) == 1  # the first
        write_post(posts, "2401.00002v1", "Second")
        assert library.index_folder(str(index), jobs=1).added == 1
        for _ in range(2):
            yield ()
            assert len(runs) == 1, "another's run has looked at the posts"
        shutil.copytree(index, tmp_path / "backup")
        shutil.rmtree(index)
        (tmp_path / "backup").rename(index)
        yield ()
        assert len(runs) == 2, "another index is one with other files, though it has the same number"
        for seconds, expected in ((watch.SELDOM_S, 2), (1, 3), (watch.SELDOM_S, 3)):
            now += seconds
            yield ()
            assert len(runs) == expected, "it is long ago"
        is_full = True
        shutil.rmtree(index)
        yield ()
        for seconds, expected in ((0, 4), (watch.AGAIN_S, 4), (1, 5), (watch.AGAIN_S, 5)):
            now += seconds
            yield ()
            assert len(runs) == expected, "what failed is tried again, but not all the time"
        is_full = False
        now += 1
        yield ()
        for refused in (errno.EIO, errno.EACCES):
            with monkeypatch.context() as broken:
                broken.setattr(os, "listdir", refuse(refused))
                yield ()
            assert len(runs) == 6, "the disk of the index does not answer, and may do so again"
        stop.set()

    monkeypatch.setattr("watchfiles.watch", no_changes)
    watch.watch_folders([str(posts)], run, lambda _: None, lambda error: errors.append(error.message), stop, str(index))
    assert stop.is_set()
    assert errors == ["No space left on device"]


def test_a_backup_that_takes_the_place_of_the_index_is_brought_up_to_date(tmp_path: Path) -> None:
    posts, index, backup = tmp_path / "posts", tmp_path / "index", tmp_path / "backup"
    posts.mkdir()
    write_post(posts, "2401.00001v1", "First")
    library.index_folder(str(index), [str(posts)])
    shutil.copytree(index, backup)
    write_post(posts, "2401.00002v1", "Second")
    with watching(library.watch, str(index), [str(posts)]) as (summaries, errors):
        index.rename(tmp_path / "away")
        backup.rename(index)
        wait_for("a run without a change of posts", lambda: len(summaries) > 1)
        assert (summaries[-1].added, summaries[-1].total) == (1, 2)
        write_post(posts, "2401.00003v1", "Third")
        wait_for("another post", lambda: len(summaries) > 2)
    assert [summary.total for summary in summaries] == [2, 2, 3]  # it does not take its own runs for another's
    assert errors == []


def test_a_watcher_keeps_to_its_folders_whatever_others_build_the_index_from(tmp_path: Path) -> None:
    folders = [str(tmp_path / name) for name in ("here", "there", "added")]
    for number, folder in enumerate(folders):
        os.mkdir(folder)
        write_post(Path(folder), f"2401.0000{number}v1", "Post")
    here, there, added = folders
    index = str(tmp_path / "index")
    with watching(library.watch, index, [here, there]) as (summaries, errors):
        assert library.index_folder(index, [here]).total == 1
        write_post(Path(here), "2401.00010v1", "Later")
        wait_for("both folders", lambda: summaries[-1].total == 3)
        assert library.index_folder(index, folders).total == 4
        write_post(Path(there), "2401.00011v1", "Later still")
        wait_for("what another added, too", lambda: summaries[-1].total == 5)
    assert library.Index(index).corpus == (here, there, added)
    assert errors == []


def test_a_watcher_survives_that_the_disk_of_the_index_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "AGAIN_S", 0.0)
    posts, index = tmp_path / "posts", str(tmp_path / "index")
    posts.mkdir()
    write_post(posts, "2401.00001v1", "First")
    read = generation.read_whole
    with watching(library.watch, index, [str(posts)]) as (summaries, errors):
        monkeypatch.setattr(generation, "read_whole", refuse(errno.EIO))
        write_post(posts, "2401.00002v1", "Second")
        wait_for("that it is told", lambda: errors)
        monkeypatch.setattr(generation, "read_whole", read)
        wait_for("that it goes on", lambda: summaries[-1].total == 2)
    assert errors == [f"the index in {index} cannot be read ({os.strerror(errno.EIO)})"]
