"""What others do to an index while vectors are made, which takes long: nothing is lost, and nothing comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from papersearch.core.errors import LockedIndexError, MeaningError
from papersearch.core.records import Summary
from papersearch.engine.build import embed
from papersearch.engine.build.lock import locked
from papersearch.engine.build.meaning import bring_up_to_date
from papersearch.engine.index import vectors
from papersearch.engine.port import RunOptions, VectorOptions
from tests.corpora import write_post
from tests.disturbances import OPENED, disturbance, once
from tests.embedders import Server, serving
from tests.stores import problems_of_index, update
from tests.vectors import likenesses, run, vector_files

pytest.importorskip("numpy")

AT_ONCE = RunOptions(jobs=1, wait=0.0, meaning=VectorOptions(True))


@pytest.fixture
def index(tmp_path: Path, posts: Path) -> Path:
    """An index of thirty posts, without vectors."""
    update(tmp_path / "index", posts)
    return tmp_path / "index"


@contextmanager
def meanwhile(server: Server, act: Callable[[], object]) -> Iterator[None]:
    """Do something when the server is first asked for the vectors of papers."""
    good, left = server.answer, [act]

    def answer(texts: list[str]) -> tuple[int, bytes]:
        if texts != ["dimensions"] and left:
            left.pop()()
        return good(texts)

    server.answer = answer
    try:
        yield
    finally:
        server.answer = good
    assert not left


def test_vectors_that_are_dropped_meanwhile_do_not_come_back(index: Path, server: Server) -> None:
    with (
        meanwhile(server, lambda: embed.FolderVectors(str(index), RunOptions()).drop()),
        pytest.raises(MeaningError, match="dropped"),
    ):
        embed.complete(str(index), AT_ONCE, server.setting)
    assert not vector_files(index)


def test_vectors_of_another_model_that_are_made_meanwhile_stay_and_no_others_are_mixed_in(
    index: Path, posts: Path, server: Server
) -> None:
    with serving() as other:
        with meanwhile(server, lambda: run(index, posts, other)), pytest.raises(MeaningError):
            embed.complete(str(index), AT_ONCE, server.setting)
        state = vectors.load(str(index))
        assert state is not None
        assert state.setting == other.setting
        assert None not in likenesses(index).values()


def test_posts_that_come_meanwhile_are_all_that_the_next_run_makes(index: Path, posts: Path, server: Server) -> None:
    def others() -> None:
        for number in range(20):  # so many that all segments are merged with them
            write_post(posts, f"2501.001{number:02}v1", f"Paper {number}", "Something that nobody wrote.")
        update(index, posts)

    run(index, posts, server)
    write_post(posts, "2501.00001v1", "A first paper", "Something that nobody wrote.")
    update(index, posts)
    with meanwhile(server, others):
        embed.complete(str(index), AT_ONCE, server.setting)
    server.texts.clear()
    run(index, posts, server)
    made = [text for text in server.texts if text != "dimensions"]
    assert {"Paper 0\nSomething that nobody wrote.", "Paper 19\nSomething that nobody wrote."} <= {*made}
    assert not [text for text in made if "nobody wrote" not in text]
    assert None not in likenesses(index).values()


def test_vectors_that_are_made_anew_while_they_are_checked_are_not_called_damaged(
    index: Path, posts: Path, server: Server
) -> None:
    def make_anew() -> None:
        embed.FolderVectors(str(index), RunOptions()).drop()
        run(index, posts, server)

    run(index, posts, server)
    with disturbance(OPENED, next(index.glob("*.vectors")), once(make_anew)):
        assert not problems_of_index(index, posts)


def test_who_stops_it_keeps_what_was_made(index: Path, posts: Path, server: Server) -> None:
    def stop(done: int, _: int) -> None:
        if done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed.complete(str(index), AT_ONCE._replace(progress=stop), server.setting)
    server.texts.clear()
    run(index, posts, server)
    assert len([text for text in server.texts if text != "dimensions"]) <= len(likenesses(index)) - 10


def test_vectors_are_begun_committed_dropped_and_cleared_up_only_under_the_lock_of_the_index(
    index: Path, posts: Path, server: Server
) -> None:
    with ExitStack() as stack:

        def lock() -> None:
            stack.enter_context(locked(str(index), 0.0))

        with meanwhile(server, lock), pytest.raises(LockedIndexError):
            embed.complete(str(index), AT_ONCE, server.setting)
    run(index, posts, server)
    (left := index / f"papersearch_{'0a' * 8}.vectors").touch()
    before = vector_files(index)
    with locked(str(index), 0.0):
        with pytest.raises(LockedIndexError):
            embed.FolderVectors(str(index), AT_ONCE).drop()
        with pytest.raises(LockedIndexError):  # which only clears up
            bring_up_to_date(embed.FolderVectors(str(index), AT_ONCE), AT_ONCE, Summary(0, 0, 0, 30, (), 30, 0.0))
        write_post(posts, "2501.00001v1", "New", "Something that nobody wrote.")
        with pytest.raises(LockedIndexError):
            embed.complete(str(index), AT_ONCE, "another model")
    assert vector_files(index) == before
    bring_up_to_date(embed.FolderVectors(str(index), RunOptions()), RunOptions(), Summary(0, 0, 0, 30, (), 30, 0.0))
    assert vector_files(index) == before - {left.name}
