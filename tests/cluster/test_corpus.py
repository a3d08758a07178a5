"""A corpus that is out of sight for a run in a cluster: as for one in a folder, its papers stay."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

import papersearch
from papersearch.core.errors import LockedIndexError
from tests.cluster.contents import assert_same_contents
from tests.corpora import write_post

PATIENCE_S = 300.0


@pytest.fixture
def home(address: str, tmp_path: Path) -> Path:
    """Two corpus folders with three posts each, and an index of both in a cluster."""
    for number in range(6):
        folder = tmp_path / ("posts" if number < 3 else "drafts")
        folder.mkdir(exist_ok=True)
        write_post(folder, f"2401.0000{number}v1", f"Zebra {number}")
    papersearch.index_folder(address, [str(tmp_path / "posts"), str(tmp_path / "drafts")])
    return tmp_path


def zebras(address: str) -> int:
    with papersearch.open(address) as index:
        return index.search("zebra").total


def test_the_papers_of_a_folder_that_is_gone_stay_until_they_are_pruned(address: str, home: Path) -> None:
    shutil.rmtree(home / "drafts")
    summary = papersearch.index_folder(address)
    assert (summary.removed, [problem.path for problem in summary.missing]) == (0, [str(home / "drafts")])
    assert zebras(address) == 6
    with pytest.raises(papersearch.PapersearchError, match="--prune"):
        papersearch.index_folder(address, rebuild=True)
    assert papersearch.index_folder(address, prune=True).removed == 3
    assert zebras(address) == 3


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0f" * 32 + b"\nsize 1234\n"


@pytest.mark.parametrize("content", [b"\0GITCRYPT\0" + bytes(range(40)), b"", LFS], ids=["locked", "empty", "LFS"])
def test_a_folder_of_which_all_posts_became_files_that_are_none_is_not_forgotten(
    content: bytes, address: str, home: Path
) -> None:
    posts = {path: path.read_bytes() for path in (home / "drafts").iterdir()}
    for path in posts:
        path.write_bytes(content)
    write_post(home / "posts", "2401.00010v1", "Zebra 10")
    for rebuild in (False, False, True):
        with pytest.raises(papersearch.PapersearchError, match=r"3 of 3 posts in .*drafts that are indexed are none"):
            papersearch.index_folder(address, rebuild=rebuild)
        assert zebras(address) == 6
    for path in [*posts][1:]:
        path.write_bytes(posts[path])
    assert papersearch.index_folder(address).total == 6 + (not content)  # one alone is what it is
    for path in posts:
        path.write_bytes(content)
    assert papersearch.index_folder(address, prune=True).total == 4 + 3 * (not content)
    assert zebras(address) == 4
    assert_same_contents(address, home, home)


def test_posts_that_moved_to_another_folder_are_not_missed_where_an_index_is_rebuilt(address: str, home: Path) -> None:
    for path in (home / "drafts").iterdir():
        path.rename(home / "posts" / path.name)
    assert papersearch.index_folder(address, rebuild=True).total == 6


def test_a_run_that_waited_keeps_the_folders_that_the_other_run_was_given(address: str, home: Path) -> None:
    notes, other = home / "notes", [str(home / name) for name in ("posts", "drafts", "notes")]
    notes.mkdir()
    write_post(notes, "2401.00099v1", "Sparse Zebra")
    holds, waited = threading.Event(), threading.Event()

    def hold(done: int, total: int) -> None:
        holds.set()
        waited.wait(PATIENCE_S)

    first = threading.Thread(target=papersearch.index_folder, args=(address, other), kwargs={"progress": hold})
    first.start()
    try:
        assert holds.wait(PATIENCE_S)
        with pytest.raises(LockedIndexError):
            papersearch.index_folder(address, wait=0)
        summary = papersearch.index_folder(address, wait=PATIENCE_S, waiting=lambda _: waited.set())
    finally:
        waited.set()
        first.join()
    assert (summary.total, summary.removed, zebras(address)) == (7, 0, 7)
    assert papersearch.index_folder(address, other[:2]).removed == 1  # nobody is in the way of who names folders


def test_folders_that_are_not_named_again_are_told(address: str, home: Path) -> None:
    (home / "empty").mkdir()
    summary = papersearch.index_folder(address, [str(home / "posts"), str(home / "empty")])
    assert summary.removed == 3
    assert summary.notes == (
        f"there are no posts in {home / 'empty'}",
        f"no longer part of the corpus: {home / 'drafts'}; to keep it, name all folders",
    )
