"""Whatever one post brings up is that post's problem: it is named, and everything else is indexed."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from papersearch import library
from papersearch.core.records import Post
from papersearch.engine.build import reading, verify, workers
from papersearch.posts.parse import parse
from tests.commands import run
from tests.corpora import write_post
from tests.stores import update


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    folder = tmp_path / "posts"
    folder.mkdir()
    for number in range(5):
        write_post(folder, f"2401.0000{number}v1", f"Zebra {number}", name=f"zebra{number}")
    return folder


def stumble(path: str, data: bytes, name: str = "") -> Post:
    """A parser with a bug that one post brings to light."""
    if path.endswith("zebra2.md"):
        raise ValueError("Exceeds the limit")
    return parse(path, data, name)


def test_an_error_while_a_post_is_parsed_is_its_own(
    tmp_path: Path, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "parse", stumble)
    done = update(tmp_path / "index", posts)
    (problem,) = done.skipped
    assert (done.total, Path(problem.path).name) == (4, "zebra2.md")
    assert "ValueError: Exceeds the limit" in problem.reason
    assert problem in list(verify.check_posts([str(posts)]))


def test_an_error_while_a_post_is_indexed_is_its_own(
    tmp_path: Path, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = workers.Inverter.add

    def add(self: object, documents: object) -> None:
        before(self, documents)  # type: ignore[arg-type]
        if any(document.post.title.endswith("3") for document in documents):  # type: ignore[attr-defined]
            raise KeyError("title")

    monkeypatch.setattr(workers.Inverter, "add", add)
    done = update(tmp_path / "index", posts)
    (problem,) = done.skipped
    assert (done.total, Path(problem.path).name) == (4, "zebra3.md")
    assert library.Index(str(tmp_path / "index")).search("zebra").total == 4


NO_ROOM = SystemError("error return without exception set")  # CPython 3.11, of a function whose frame has no room


@pytest.mark.parametrize("error", [MemoryError(), NO_ROOM, OSError(errno.EIO, os.strerror(errno.EIO))])
@pytest.mark.parametrize("where", ["parsed", "indexed"])
def test_what_the_machine_is_to_blame_for_leaves_no_post_out(
    where: str, error: Exception, tmp_path: Path, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    update(tmp_path / "index", posts)
    write_post(posts, "2401.00009v1", "Zebra 9")
    with monkeypatch.context() as failing:
        failing.setattr(*((reading, "parse") if where == "parsed" else (workers.Inverter, "add")), fail)
        with pytest.raises(type(error)):
            update(tmp_path / "index", posts)
    assert update(tmp_path / "index", posts).added == 1


@pytest.mark.parametrize("year", [1600, 1677, 2263, 2400, 200_000])
def test_a_post_of_any_time_is_indexed_and_then_unchanged(year: int, tmp_path: Path, posts: Path) -> None:
    seconds = (year - 1970) * 31_557_000
    try:
        os.utime(posts / "zebra1.md", (seconds, seconds))
    except (OSError, OverflowError):
        pytest.skip("the file system knows no such time")
    assert update(tmp_path / "index", posts).added == 5
    assert update(tmp_path / "index", posts).unchanged == 5
    assert library.Index(str(tmp_path / "index")).stale() == 0


def test_a_reference_to_a_character_of_any_number_is_read(tmp_path: Path, posts: Path) -> None:
    (posts / "nines.md").write_text(f"---\ntitle: Nines\n---\nBefore &#{'9' * 5_000}; &#x{'f' * 5_000}; after.\n")
    for _ in range(2):
        assert run(tmp_path, "index", "posts", "--json").json["total"] == 6
    assert run(tmp_path, "query", "nines", "-f", "ids").lines == ["nines"]
    assert run(tmp_path, "check", "posts").code == 1  # it has no date


def test_a_pipe_or_device_that_is_named_like_a_post_is_not_opened(tmp_path: Path, posts: Path) -> None:
    os.mkfifo(posts / "pipe.md")
    (posts / "zero.md").symlink_to("/dev/zero")
    (posts / "maps.md").symlink_to("/proc/self/environ")
    summary = update(tmp_path / "index", posts)
    assert summary.added in (5, 6)
    assert {"pipe.md", "zero.md"} <= {os.path.basename(each.path) for each in summary.skipped}


def test_check_leaves_out_what_the_index_leaves_out_unless_told_otherwise(tmp_path: Path) -> None:
    drafts = tmp_path / "corpus" / "drafts"
    drafts.mkdir(parents=True)
    (tmp_path / "corpus" / "otters.md").write_text("# Otters\n\nThey.\n")
    (drafts / "eels.md").write_bytes(b"\xff\xfe\x00")
    index = str(tmp_path / "index")
    library.index_folder(index, [str(tmp_path / "corpus")], exclude=["drafts/"])
    assert "eels" not in str(library.check(index))
    assert "eels" in str(library.check(index, exclude=()))
