"""What a run notices, what it keeps, and that any history of runs ends where a fresh build does."""

from __future__ import annotations

import gc
import os
import random
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from papersearch import library
from papersearch.engine.build import changes, reading
from papersearch.engine.build import update as writer
from papersearch.engine.build.draft import MOST_SEGMENTS
from papersearch.engine.index import generation
from papersearch.engine.local import folder_size
from papersearch.engine.port import RunOptions
from papersearch.posts.reading import read_post
from papersearch.posts.states import FileState
from tests.corpora import write_post
from tests.stores import Failing, age, answers, change, fresh_answers, leftovers, random_post, random_posts, update


@pytest.fixture(params=["new", "old"])
def posts(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Two posts: written a moment ago, so that a run looks into them again, or long ago."""
    folder = tmp_path / "posts"
    folder.mkdir()
    write_post(folder, "2401.00001v1", "Sparse Routing", "Experts are routed.")
    write_post(folder, "2401.00002v1", "Graph Networks", "Nodes send messages.")
    if request.param == "old":
        age(folder)
    return folder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def counts(index: Path, posts: Path) -> tuple[int, int, int, int, int]:
    done = update(index, posts)
    return done.added, done.updated, done.removed, done.unchanged, done.total


def test_new_changed_and_removed_posts_are_noticed_and_nothing_else(index: Path, posts: Path) -> None:
    assert counts(index, posts) == (2, 0, 0, 0, 2)
    assert counts(index, posts) == (0, 0, 0, 2, 2)
    write_post(posts, "2401.00003v1", "Robots")
    write_post(posts, "2401.00001v1", "Sparser Routing")
    assert library.Index(str(index)).stale() == 2
    assert counts(index, posts) == (1, 1, 0, 1, 3)
    (posts / "2401.00002v1.md").unlink()
    assert library.Index(str(index)).stale() == 1
    assert counts(index, posts) == (0, 0, 1, 2, 2)
    assert library.Index(str(index)).stale() == 0


def test_files_are_read_again_only_while_their_times_may_not_tell(
    index: Path, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if each was written to once more in the same tick of the clock, after it was read."""
    with monkeypatch.context() as before:
        before.setattr(reading, "read_post", lambda path: read_post(path).replace(b"e", b"a"))
        update(index, posts)
    again = 2 if max(path.stat().st_mtime for path in posts.iterdir()) > time.time() - 1_000 else 0
    assert counts(index, posts) == (0, again, 0, 2 - again, 2)
    for path in posts.iterdir():
        os.utime(path, (1_600_000_000, 1_600_000_000))
    assert counts(index, posts)[1] == 2 - again
    monkeypatch.setattr(changes, "read_post", lambda path: pytest.fail(f"{path} is read again"))
    assert counts(index, posts) == (0, 0, 0, 2, 2)


def test_nothing_to_do_is_said_as_something_is_and_removes_what_is_not_needed(index: Path, posts: Path) -> None:
    (posts / "binary.md").write_bytes(b"\0\1\2")
    (posts / "broken.md").write_text("---\ntitle: [\n---\n\nBody about zebras.\n")
    age(posts)
    first = update(index, posts)
    write_post(posts, "2401.00003v1", "Robots")
    second = update(index, posts)
    age(posts)
    update(index, posts)
    (index / f"papersearch_{'0' * 32}.draft").touch()
    (index / "papersearch_damaged").touch()
    third = update(index, posts)
    assert not leftovers(index)
    assert (third.skipped, third.partial, third.warnings) == (first.skipped, first.partial, ())
    assert (third.skipped, third.partial, third.warnings) == (second.skipped, second.partial, second.warnings)
    assert [Path(problem.path).name for problem in (*third.skipped, *third.partial)] == ["binary.md", "broken.md"]
    assert (third.added, third.updated, third.removed, third.unchanged, third.total) == (0, 0, 0, 4, 4)


def test_an_edit_of_the_same_size_is_noticed_right_after_a_run(index: Path, posts: Path) -> None:
    update(index, posts)
    path = posts / "2401.00001v1.md"
    before = path.stat()
    path.write_text(path.read_text().replace("Sparse", "Dense!"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert counts(index, posts)[1] == 1


def test_an_index_made_by_a_clock_that_stands_before_1970_is_whole(
    index: Path, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: -(10**18))
    update(index, posts)
    assert not library.check(index, posts)
    assert counts(index, posts) == (0, 0, 0, 2, 2)


def test_an_edit_whose_time_goes_backwards_is_noticed(index: Path, posts: Path) -> None:
    update(index, posts)
    path = posts / "2401.00001v1.md"
    path.write_text(path.read_text().replace("Sparse", "Dense!"))
    os.utime(path, (1, 1))
    assert counts(index, posts)[1] == 1


def test_a_touched_or_restored_file_is_unchanged(index: Path, posts: Path) -> None:
    update(index, posts)
    for moment in (1, time.time() + 5_000):
        os.utime(posts / "2401.00001v1.md", (moment, moment))
        assert counts(index, posts) == (0, 0, 0, 2, 2)


def test_a_renamed_post_keeps_its_paper_and_when_it_was_first_seen(index: Path, posts: Path) -> None:
    update(index, posts)
    (posts / "deep").mkdir()
    (posts / "2401.00001v1.md").rename(posts / "deep" / "moved.md")
    update(index, posts)
    opened = library.Index(str(index))
    assert opened.paper("2401.00001").path.endswith("moved.md")
    assert opened.search("*", since_run=1).total == 0
    write_post(posts, "2401.00009v1", "New")
    update(index, posts)
    assert [hit.id for hit in library.Index(str(index)).search("*", since_run=1).results] == ["2401.00009"]


def test_a_file_that_holds_another_paper_now_is_new_and_one_that_was_only_edited_is_not(
    index: Path, posts: Path
) -> None:
    write_post(posts, "herons", "Herons")
    update(index, posts)
    write_post(posts, "2401.00001v2", "Sparser Routing", name="2401.00001v1")
    write_post(posts, "2401.00005v1", "Another", name="2401.00002v1")
    write_post(posts, "2401.00006v1", "Herons, which name a paper by now", name="herons")
    update(index, posts)
    assert {hit.id for hit in library.Index(str(index)).search("*").results} == {
        "2401.00001",
        "2401.00005",
        "2401.00006",
    }
    assert [hit.id for hit in library.Index(str(index)).search("*", since_run=1).results] == ["2401.00005"]


def test_a_note_in_the_place_of_one_that_was_moved_is_new(index: Path, posts: Path) -> None:
    (posts / "herons.md").write_text("# Herons\n\nHerons stand in the reeds.\n")
    update(index, posts)
    (posts / "herons.md").rename(posts / "storks.md")
    (posts / "herons.md").write_text("# Night herons\n\nNight herons sleep by day.\n")
    update(index, posts)
    assert [hit.title for hit in library.Index(str(index)).search("*", since_run=1).results] == ["Night herons"]


def test_posts_are_as_they_were_where_their_folders_are_in_another_order_now(tmp_path: Path, posts: Path) -> None:
    """What lies beside the index is moved, and comes after what does not, or between that."""
    index, first, last = tmp_path / "home" / "index", tmp_path / "more", tmp_path / "old"
    for folder in (first, last):
        random_posts(folder, 3, random.Random(folder.name))
    (tmp_path / "home").mkdir()
    posts.rename(tmp_path / "home" / "posts")
    corpus = [str(tmp_path / "home" / "posts"), str(first), str(last)]
    writer.update(str(index), corpus, writer.Options(RunOptions(jobs=1)))
    (tmp_path / "home").rename(tmp_path / "new")
    corpus[0] = str(tmp_path / "new" / "posts")
    write_post(first, "2401.00003v1", "Robots")
    done = writer.update(str(tmp_path / "new" / "index"), corpus, writer.Options(RunOptions(jobs=1)))
    assert (done.added, done.updated, done.removed, done.unchanged) == (1, 0, 0, 8)


def test_a_rebuild_remembers_when_each_paper_was_first_seen(index: Path, posts: Path) -> None:
    update(index, posts)
    write_post(posts, "2401.00009v1", "New")
    update(index, posts)
    update(index, posts, rebuild=True)
    assert [hit.id for hit in library.Index(str(index)).search("*", since_run=1).results] == ["2401.00009"]
    next(index.glob("*.terms")).write_bytes(b"")
    update(index, posts)
    assert [hit.id for hit in library.Index(str(index)).search("*", since_run=1).results] == ["2401.00009"]


def test_bad_posts_are_reported_each_time_and_cost_no_other(index: Path, posts: Path) -> None:
    (posts / "binary.md").write_bytes(b"\0\1\2")
    (posts / "latin.md").write_bytes("line\ncafé".encode("latin-1"))
    (posts / "broken.md").write_text("---\ntitle: [\n---\n\nBody about zebras.\n")
    told: list[int] = []
    for _ in range(2):
        done = update(index, posts)
        left_out = [*done.skipped, *done.partial]
        assert sorted((Path(problem.path).name, problem.line) for problem in left_out) == [
            ("binary.md", 0),
            ("broken.md", 3),
            ("latin.md", 2),
        ]
        assert "broken.md" not in {Path(problem.path).name for problem in done.skipped}
        told.append(len(done.warnings))
    assert told == [3, 0]
    (posts / "binary.md").write_bytes(b"\0\1\2\3")
    assert [Path(problem.path).name for problem in update(index, posts).warnings] == ["binary.md"]
    assert library.Index(str(index)).search("zebras").total == 1
    assert done.total == 3


@pytest.mark.parametrize("seed", range(3))
def test_any_history_answers_as_a_fresh_build_and_stays_small(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    posts, index = tmp_path / "posts", tmp_path / "index"
    random_posts(posts, 40, chance)
    for _ in range(25):
        change(posts, chance)
        files = Failing(chance.randint(1, 60)) if chance.random() < 0.3 else Failing(0)
        try:
            update(index, posts, files=files)
        except OSError:
            continue
        assert len(generation.load(str(index)).segments) <= MOST_SEGMENTS
    update(index, posts)
    fresh = tmp_path / "fresh"
    assert answers(index) == fresh_answers(posts, fresh)
    assert not leftovers(index)
    assert folder_size(str(index)) <= 2 * folder_size(str(fresh))


@pytest.mark.parametrize("name", ["herons", "her\x01ons", os.fsdecode(b"her\xffons")])
def test_a_post_has_its_plain_name_again_once_no_other_has_it(name: str, tmp_path: Path) -> None:
    posts, index = tmp_path / "posts", tmp_path / "index"
    for folder in ("one", "two"):
        (posts / folder).mkdir(parents=True)
        (posts / folder / f"{name}.md").write_text(f"Herons of folder {folder} stand in the reeds.")
    update(index, posts)
    (posts / "two" / f"{name}.md").unlink()
    update(index, posts)
    assert answers(index) == fresh_answers(posts, tmp_path / "fresh")


def test_a_run_that_reads_doubtful_posts_and_finds_them_as_they_were_removes_what_is_not_needed(
    index: Path, posts: Path
) -> None:
    """A post that was written a moment ago is read again, as its time may not tell that it changed."""
    update(index, posts)
    old = (index / "papersearch_0.json").read_bytes()
    path = random_post(posts, 99, random.Random(1))
    os.utime(path, ns=(later := time.time_ns() + 10**12, later))
    update(index, posts)
    (index / "papersearch_0.json").write_bytes(old)
    assert update(index, posts).updated == 0
    assert not leftovers(index)


def test_the_old_index_answers_while_a_rebuild_runs(index: Path, posts: Path) -> None:
    update(index, posts)
    opened = library.Index(str(index))
    before = opened.search("routing").results
    during = []

    class Watching(Failing):
        def sync(self, file: object) -> None:  # type: ignore[override]
            during.append(library.Index(str(index)).search("routing").results)
            super().sync(file)  # type: ignore[arg-type]

    update(index, posts, rebuild=True, files=Watching(0))
    assert during
    assert all([hit.id for hit in each] == [hit.id for hit in before] for each in during)
    assert opened.search("routing").results == before


def test_what_a_killed_run_left_is_removed_before_anything_is_built(index: Path, posts: Path) -> None:
    """On a full disk there would be no room beside it."""
    update(index, posts)
    left = [index / name for name in (f"MAIN_{'0a' * 8}.docs", f"papersearch_{'0a' * 16}.draft", "papersearch_7.files")]
    for path in left:
        path.write_bytes(bytes(100))
    write_post(posts, "2401.00003v1", "Robots")

    class Watching(Failing):
        def create(self, path: str) -> BinaryIO:
            assert not any(each.exists() for each in left)
            return super().create(path)

    assert update(index, posts, files=Watching(0)).added == 1
    assert not any(each.exists() for each in left)


@pytest.mark.parametrize("enabled", [True, False])
def test_a_run_leaves_the_garbage_collector_as_it_was(index: Path, posts: Path, enabled: bool) -> None:
    was = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        update(index, posts)
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if was else gc.disable)()


def test_renaming_many_files_of_one_size_takes_time_in_line_with_their_number(tmp_path: Path) -> None:
    from papersearch.engine.build.changes import compare
    from papersearch.engine.build.tasks import digest
    from papersearch.engine.index.rows import Row

    def seconds(count: int) -> float:
        folder = tmp_path / str(count)
        folder.mkdir()
        rows, states = [], []
        for number in range(count):
            data = b"%08d" % number
            (folder / f"new{number:08}.md").write_bytes(data)
            states.append(FileState(str(folder / f"new{number:08}.md"), 8, 1, 1))
            rows.append(Row(str(folder / f"old{number:08}.md"), 8, 1, 1, digest(data)))
        begin = time.process_time()
        changes = compare(states, reversed(rows), 0, 1)
        took = time.process_time() - begin
        assert {new[-11:]: old.path[-11:] for new, old in changes.moved.items()} == {
            row.path[-11:]: row.path[-11:] for row in rows
        }
        assert not changes.removed
        return took

    small = min(map(seconds, range(500, 503)))
    assert min(map(seconds, range(4_000, 4_003))) < 32 * small  # eight times as many; the square is 64


def test_of_two_files_with_the_same_content_each_new_one_is_one_of_them(index: Path, posts: Path) -> None:
    for name in ("a", "b"):
        write_post(posts, "2401.00009v1", "Same", name=name)
    update(index, posts)
    for name in ("a", "b"):
        (posts / f"{name}.md").rename(posts / f"{name}{name}.md")
    done = update(index, posts)
    assert (done.added, done.updated, done.removed) == (0, 2, 0)
