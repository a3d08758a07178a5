"""An index that is moved or copied, with the folder of its posts around it or alone: which posts are its own then."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from papersearch import library
from papersearch.core.errors import PapersearchError
from tests.corpora import write_post
from tests.stores import update


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    folder = tmp_path / "posts"
    folder.mkdir()
    write_post(folder, "2401.00001v1", "Sparse Routing", "Experts are routed.")
    write_post(folder, "2401.00002v1", "Graph Networks", "Nodes send messages.")
    return folder


@pytest.mark.parametrize("index", ["index", ".cache/papers/index"])
def test_an_index_in_the_folder_of_its_posts_moves_with_it(tmp_path: Path, posts: Path, index: str) -> None:
    (posts / index).parent.mkdir(parents=True, exist_ok=True)
    update(posts / index, posts)
    moved = tmp_path / "moved"
    posts.rename(moved)
    write_post(moved, "2401.00099v1", "Moved")
    opened = library.open(moved / index)
    assert opened.corpus == (str(moved),)
    assert opened.update().added == 1
    assert opened.paper("2401.00099").path == str(moved / "2401.00099v1.md")
    assert library.index_folder(str(moved / index), rebuild=True).total == 3


@pytest.mark.parametrize("damaged", [False, True])
@pytest.mark.parametrize("index", ["index", ".cache/papers/index"])
def test_the_copy_of_a_folder_of_posts_with_its_index_is_another_corpus(
    tmp_path: Path, posts: Path, index: str, damaged: bool
) -> None:
    (posts / index).parent.mkdir(parents=True, exist_ok=True)
    update(posts / index, posts)
    copied = tmp_path / "copied"
    shutil.copytree(posts, copied)
    write_post(copied, "2401.00099v1", "Of the copy")
    write_post(posts, "2401.00098v1", "Of the original")
    if damaged:
        next((copied / index).glob("*.terms")).write_bytes(b"")
    assert library.index_folder(str(copied / index)).total == 3
    opened = library.open(copied / index)
    assert opened.corpus == (str(copied),)
    assert opened.paper("2401.00099").path == str(copied / "2401.00099v1.md")
    assert library.open(posts / index).update().total == 3
    shutil.rmtree(posts)
    assert library.open(copied / index).update().missing == ()


def test_a_copy_of_an_index_alone_is_that_of_the_same_posts(tmp_path: Path, posts: Path) -> None:
    update(posts / "index", posts)
    (tmp_path / "notes.md").write_text("# Of something else\n\nHerons.\n")
    shutil.copytree(posts / "index", tmp_path / "index")
    assert library.open(tmp_path / "index").corpus == (str(posts),)
    shutil.copy(posts / "2401.00001v1.md", tmp_path)  # one of two
    assert library.open(tmp_path / "index").corpus == (str(posts),)
    (tmp_path / "2401.00001v1.md").unlink()
    shutil.rmtree(posts)
    with pytest.raises(PapersearchError, match=r"there are no posts in .*posts; those that are indexed stay"):
        library.open(tmp_path / "index").update()


def test_an_index_that_is_moved_out_of_the_folder_of_its_posts_is_that_of_these(tmp_path: Path, posts: Path) -> None:
    update(posts / "index", posts)
    (tmp_path / "notes.md").write_text("# Of something else\n\nHerons.\n")
    (posts / "index").rename(tmp_path / "index")
    assert library.open(tmp_path / "index").corpus == (str(posts),)
    write_post(posts, "2401.00099v1", "Moved")
    done = library.index_folder(str(tmp_path / "index"))
    assert (done.added, done.removed, done.total) == (1, 0, 3)
    assert library.open(tmp_path / "index").search("herons").total == 0
