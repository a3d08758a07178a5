"""How a run makes segments of what it reads: in pieces, by one process or by workers, and what is merged when."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from itertools import islice
from pathlib import Path

import pytest

from papersearch.core.errors import PapersearchError
from papersearch.engine.build import reading, workers
from papersearch.engine.build import update as writer
from papersearch.engine.build.draft import MOST_SEGMENTS
from papersearch.engine.build.tasks import Sizes, Tasks
from papersearch.engine.index import generation
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.port import RunOptions
from papersearch.posts.states import FileState, States
from tests.corpora import write_post
from tests.stores import (
    Failing,
    answers,
    fresh_answers,
    leftovers,
    problems_of_index,
    random_post,
    random_posts,
    update,
)


def small_pieces(index: Path, folder: Path) -> list[generation.SegmentState]:
    """A run for which five new posts are many; the segments that it leaves."""
    sizes = Sizes(piece=20, two=20)
    writer.update(str(index), [str(folder)], writer.Options(RunOptions(jobs=1), sizes=sizes))
    return [*generation.load(str(index)).segments]


def test_a_segment_of_which_much_is_deleted_is_written_anew_also_if_others_stay_as_they_are(tmp_path: Path) -> None:
    posts, index, chance = tmp_path / "posts", tmp_path / "index", random.Random(5)
    posts.mkdir()
    for some in (range(30), range(30, 200)):
        for number in some:
            random_post(posts, number, chance)
        segments = small_pieces(index, posts)
    _, large = segments
    for number in range(10):
        (posts / f"post{number}.md").unlink()
    first, second = small_pieces(index, posts)
    assert (first.name, second.live, second.deleted) == (large.name, 20, ())
    assert answers(index) == fresh_answers(posts, tmp_path / "fresh")
    assert not problems_of_index(index, posts)
    for path in posts.iterdir():
        path.unlink()
    update(index, posts, prune=True)
    assert not generation.load(str(index)).segments


@pytest.mark.parametrize("together", [False, True])
def test_a_word_that_no_post_has_any_more_is_forgotten_however_it_was_spelled(together: bool, tmp_path: Path) -> None:
    """Else the index would grow with every post that ever was."""
    posts, index = tmp_path / "posts", tmp_path / "index"
    random_posts(posts, 10, random.Random(5))
    gone = [write_post(posts, f"2401.0000{n}", f"Quokka {n}", f"Quokkas, near-wombats. {n * 'x'}yy.") for n in range(4)]
    write_post(posts, "2401.00009", "Yaks", "Yaks, nearwombat: yak-rearing.")
    update(index, posts)
    for number, some in enumerate([gone] if together else [gone[:3], gone[3:]]):
        for path in some:
            path.unlink()
        random_posts(posts, 10, random.Random(number))  # others in place of most, so that the segment is written anew
        update(index, posts)
    fresh = tmp_path / "fresh"
    assert answers(index) == fresh_answers(posts, fresh)
    here, anew = ([*IndexReader(str(each)).surfaces("")] for each in (index, fresh))
    assert "yakrearing" in here
    assert {*here} - {*anew} <= {"nearwombats"}  # a form of a word that another post has


def test_nothing_is_wrong_with_documents_that_are_deleted(tmp_path: Path) -> None:
    posts, index = tmp_path / "posts", tmp_path / "index"
    random_posts(posts, 30, random.Random(5))
    update(index, posts)
    (posts / "post3.md").unlink()
    update(index, posts)
    assert [len(segment.deleted) for segment in generation.load(str(index)).segments] == [1]
    assert not problems_of_index(index, posts)


def test_there_are_never_more_segments_than_a_few(tmp_path: Path) -> None:
    posts, index, chance, numbers = tmp_path / "posts", tmp_path / "index", random.Random(6), iter(range(500))
    posts.mkdir()
    seen = []
    for count in (90, 90, 90, 90, 90, 6, 5):  # the last ones are too few to be merged with what is larger
        for number in islice(numbers, count):
            random_post(posts, number, chance)
        seen.append(len(small_pieces(index, posts)))
    assert seen == [1, 2, 3, 4, 5, 6, 6]
    assert MOST_SEGMENTS == 6
    assert answers(index) == fresh_answers(posts, tmp_path / "fresh")


@pytest.mark.parametrize(("piece", "segments"), [(5_000, 1), (250, 2), (90, 1)])
def test_workers_make_the_same_index_as_one_process(piece: int, segments: int, tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    random_posts(posts, 400, random.Random(3))
    (posts / "post10.md").write_bytes(b"\0 is no text")
    sizes = Sizes(piece, two=2 * piece, serial=20)
    files, found = {}, {}
    for jobs in (1, 2, 5):
        index = tmp_path / f"index-{jobs}"
        seen: list[tuple[int, int]] = []
        progress = lambda done, total: seen.append((done, total))  # noqa: B023, E731
        summary = writer.update(
            str(index), [str(posts)], writer.Options(RunOptions(jobs=jobs, progress=progress), sizes=sizes)
        )
        names = [segment.name for segment in generation.load(str(index)).segments]
        files[jobs] = [(index / (name + ending)).read_bytes() for name in names for ending in (".docs", ".terms")]
        found[jobs] = answers(index)
        assert (summary.total, len(summary.skipped), len(names)) == (399, 1, segments)
        assert seen == sorted(seen)
        assert seen[-1] == (400, 400)
        assert not leftovers(index)
    assert files[1] == files[2] == files[5]
    assert found[1] == found[2] == found[5]


def test_no_piece_lies_beside_what_it_was_merged_into_until_the_commit(tmp_path: Path) -> None:
    """On a small disk that may be the space for what the draft merges."""
    posts, index, seen = tmp_path / "posts", tmp_path / "index", list[int]()
    random_posts(posts, 30, random.Random(3))

    class Watching(Failing):
        def rename(self, old: str, new: str) -> None:
            seen.append(len([*index.glob("*.docs")]))
            super().rename(old, new)

    sizes = Sizes(piece=10, two=10)
    writer.update(str(index), [str(posts)], writer.Options(RunOptions(jobs=1), files=Watching(0), sizes=sizes))
    assert {*seen} == {1}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="workers are forked on Linux alone")
def test_a_worker_that_is_killed_costs_nothing_but_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    posts, index = tmp_path / "posts", tmp_path / "index"
    random_posts(posts, 2, random.Random(4))
    update(index, posts)
    before = answers(index)
    for number in range(30):
        write_post(posts, f"2402.{number:05}", "Kill Me", "Not here yet.")
    options = writer.Options(RunOptions(jobs=2), sizes=Sizes(serial=10))
    with monkeypatch.context() as killing:
        killing.setattr(reading, "parse", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        # Beside a thread that an earlier test left, workers are started anew, and nothing is killed in them.
        killing.setattr(threading, "active_count", lambda: 1)
        with pytest.raises(PapersearchError, match="killed"):
            writer.update(str(index), [str(posts)], options)
    assert answers(index) == before
    assert writer.update(str(index), [str(posts)], options).added == 30
    assert not leftovers(index)


def test_pieces_of_large_posts_hold_fewer_of_them() -> None:
    sizes = [10] * 50 + [900, 5_000, 20] + [10] * 200
    tasks = Tasks(States.of(FileState(f"{place}.md", size, 0, 0) for place, size in enumerate(sizes)), range(253), 1)
    pieces = list(workers.pieces_of(tasks, 100, Sizes(piece_bytes=1_000)))
    assert [task for piece in pieces for task in piece] == [*tasks]
    assert all(sum(task.state.size for task in piece[:-1]) <= 1_000 for piece in pieces)
    assert all(0 < len(piece) <= 150 for piece in pieces)
