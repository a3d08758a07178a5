"""Vectors in the index folder: made once, kept through everything, dropped with their posts, whole after every kill."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from papersearch import library
from papersearch.core.errors import MeaningError
from papersearch.core.frozen import replace
from papersearch.core.records import Summary
from papersearch.engine.build import embed
from papersearch.engine.build import update as writer
from papersearch.engine.index import generation as generations
from papersearch.engine.index import vectors
from papersearch.engine.index.container import sealed
from papersearch.engine.index.files import PLAIN_FILES, Files
from papersearch.engine.index.folder import is_of_vectors
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.port import Meaning, Run
from papersearch.engine.search.nearest import open_nearest
from tests.corpora import write_post
from tests.embedders import Server, serving
from tests.stores import Failing, change, random_post

numpy = pytest.importorskip("numpy")
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    folder = tmp_path / "posts"
    folder.mkdir()
    chance = random.Random(3)
    for number in range(30):
        random_post(folder, number, chance)
    return folder


def run(index: Path, posts: Path, server: Server, files: Files = PLAIN_FILES, stage: float = 15.0) -> Summary:
    """An index run that keeps vectors."""
    summary = writer.update(str(index), [str(posts)], writer.Options(jobs=1, files=files))
    embed.complete(str(index), embed.Job(server.setting, jobs=1, stage_seconds=stage, files=files))
    return summary


def likenesses(index: Path, text: str = "sparse routing of experts") -> dict[str, float | None]:
    """How like a text every paper is, by its id."""
    reader = IndexReader(str(index))
    nearest = open_nearest(reader, None, False)
    assert nearest is not None
    found: dict[str, float | None] = {}
    for segment, column in zip(reader.segments, nearest.likeness(text).said, strict=True):
        for doc in range(segment.count):
            if segment.live >> doc & 1:
                value = float(column[doc])
                found[segment.documents.stored(doc)["id"]] = None if value != value else value
    return found


def vector_files(index: Path) -> set[str]:
    return {name for name in os.listdir(index) if is_of_vectors(name)}


def test_a_vector_is_made_once_for_each_text(tmp_path: Path, posts: Path, server: Server) -> None:
    index = tmp_path / "index"
    server.texts.clear()
    run(index, posts, server)
    first = [text for text in server.texts if text != "dimensions"]
    papers = library.open(str(index)).stats(look=False).papers
    assert len(first) == papers
    before = likenesses(index)
    assert None not in before.values()
    server.texts.clear()
    for path in sorted(posts.glob("*.md"))[:5]:
        path.rename(path.with_name("moved-" + path.name))
    write_post(posts, "2501.00001v1", "A new paper", "Something nobody wrote before.")
    run(index, posts, server)
    assert [text for text in server.texts if text != "dimensions"] == ["A new paper\nSomething nobody wrote before."]
    after = likenesses(index)
    assert after.pop("2501.00001") is not None
    assert after == before


def test_rebuilding_computes_nothing_again(tmp_path: Path, posts: Path, server: Server) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    before = likenesses(index)
    server.texts.clear()
    writer.update(str(index), [str(posts)], writer.Options(rebuild=True, jobs=1))
    embed.complete(str(index), embed.Job(server.setting))
    assert server.texts == []
    assert likenesses(index) == before


def test_nothing_to_do_asks_nothing_and_writes_nothing(tmp_path: Path, posts: Path, server: Server) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    server.texts.clear()
    before = vector_files(index)
    run(index, posts, server)
    assert vector_files(index) == before
    assert server.texts == []


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_history_the_vectors_are_those_of_a_fresh_index(
    tmp_path: Path, posts: Path, server: Server, seed: int
) -> None:
    index, chance = tmp_path / "index", random.Random(seed)
    run(index, posts, server)
    for _ in range(6):
        change(posts, chance)
        run(index, posts, server, stage=0.0 if chance.random() < 0.5 else 15.0)
    run(tmp_path / "fresh", posts, server)
    assert likenesses(index) == likenesses(tmp_path / "fresh")
    assert vectors.load(str(index)).complete == generations.newest(str(index))  # type: ignore[union-attr]


def test_a_paper_costs_at_most_400_bytes(tmp_path: Path) -> None:
    rows = vectors.rows_of([7] * 500, range(500), [numpy.ones(384, numpy.float32) / 384**0.5] * 500, 384)
    part = vectors.write_part(str(tmp_path), "MAIN_x", rows, PLAIN_FILES)
    assert os.path.getsize(tmp_path / part.file) <= 400 * 500


def test_vectors_go_with_their_posts(tmp_path: Path, posts: Path, server: Server) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    for path in sorted(posts.glob("*.md"))[:25]:
        path.unlink()
    run(index, posts, server)
    state = vectors.load(str(index))
    assert state is not None
    assert sum(part.rows for part in state.parts) == generations.load(str(index)).posts
    assert vector_files(index) == {vectors.state_name(state.number)} | {part.file for part in state.parts}


def test_a_post_without_text_has_no_vector_and_is_done(tmp_path: Path, server: Server) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "empty.md").write_text("---\ntags: [one]\n---\n", encoding="utf-8")
    write_post(posts, "2501.00001v1", "A paper", "With an abstract.")
    run(tmp_path / "index", posts, server)
    found = likenesses(tmp_path / "index")
    assert found["2501.00001"] is not None
    assert library.open(str(tmp_path / "index")).search("one").total == 1


def test_dropping_them_leaves_no_file(tmp_path: Path, posts: Path, server: Server) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    assert embed.drop(str(index))
    assert not vector_files(index)
    assert not embed.drop(str(index))
    writer.update(str(index), [str(posts)], writer.Options(jobs=1))
    assert not vector_files(index)


def test_another_model_makes_all_of_them_anew(tmp_path: Path, posts: Path, server: Server) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    with serving() as other:
        run(index, posts, other)
        papers = library.open(str(index)).stats(look=False)
        assert (papers.vectors, papers.model) == (papers.papers, other.setting.replace(" ", "/v1/embeddings "))
        assert len([text for text in other.texts if text != "dimensions"]) == papers.papers


def test_a_server_that_goes_away_costs_what_it_had_not_made(tmp_path: Path, posts: Path, server: Server) -> None:
    index = tmp_path / "index"
    for number in range(100, 200):
        random_post(posts, number, random.Random(number))
    good, calls = server.answer, []

    def twice(texts: list[str]) -> tuple[int, bytes]:
        calls.append(len(texts))
        return good(texts) if len(calls) < 6 else (500, b"gone")

    server.answer = twice
    try:
        with pytest.raises(MeaningError):
            run(index, posts, server)
    finally:
        server.answer = good
    state = vectors.load(str(index))
    assert state is not None
    kept = sum(part.rows for part in state.parts)
    assert kept >= 64
    stats = library.open(str(index)).stats(look=False)
    assert stats.vectors == kept < stats.papers
    server.texts.clear()
    run(index, posts, server)
    assert len([text for text in server.texts if text != "dimensions"]) == stats.papers - kept
    assert None not in likenesses(index).values()


@pytest.mark.parametrize("what", ["part", "short part", "no part", "state", "empty state"])
def test_damage_is_noticed_and_made_good_by_the_next_run(
    tmp_path: Path, posts: Path, server: Server, what: str
) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    before = likenesses(index)
    path = next(index.glob("*.meaning" if "state" in what else "*.vectors"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    if what == "no part":
        path.unlink()
    else:
        path.write_bytes(b"" if what == "empty state" else bytes(data[: -4 if what == "short part" else None]))
    with pytest.raises(MeaningError, match="damaged"):
        likenesses(index)
    assert ["damaged" in problem.reason for problem in library.check(str(index))] == [True]
    summary = library.index_folder(str(index), [str(posts)], rebuild=True, model=server.setting)
    assert summary.notes == ()
    assert likenesses(index) == before


def test_what_is_no_list_of_vectors_hides_none_that_is_and_is_cleared_without_the_model(
    tmp_path: Path, posts: Path, server: Server
) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    before, files = likenesses(index), vector_files(index)
    for body in (
        b"",
        b"{}",
        b"[]",
        b"1",
        sealed(b"[]"),
        sealed(b'{"format": 1, "parts": [[]]}'),
        sealed(b"[" * 90_000),
    ):
        (index / "papersearch_99.meaning").write_bytes(body)
        assert likenesses(index) == before
        asked = len(server.texts)
        assert library.index_folder(str(index), [str(posts)]).notes == ()
        assert len(server.texts) == asked
        assert vector_files(index) == files


def test_a_stray_list_in_an_index_without_vectors_is_cleared_and_no_model_is_asked_for(
    tmp_path: Path, posts: Path
) -> None:
    index = tmp_path / "index"
    writer.update(str(index), [str(posts)])
    (index / "papersearch_3.meaning").write_bytes(b"damaged")
    summary = library.index_folder(str(index), [str(posts)], model=str(tmp_path / "nowhere"))
    assert len(summary.notes) == 1
    assert "they are dropped" in summary.notes[0]
    assert not vector_files(index)
    assert library.index_folder(str(index), [str(posts)]).notes == ()


def test_a_damaged_list_is_cleared_if_its_vectors_cannot_be_made_again(
    tmp_path: Path, posts: Path, server: Server
) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    os.truncate(next(index.glob("*.meaning")), 9)
    summary = library.index_folder(str(index), [str(posts)], model=str(tmp_path / "nowhere"))
    assert len(summary.notes) == 1
    assert "they are dropped, `papersearch index --meaning` makes new ones" in summary.notes[0]
    assert not vector_files(index)
    assert library.index_folder(str(index), [str(posts)]).notes == ()
    assert not [problem for problem in library.check(str(index)) if "vectors" in problem.reason]


def test_a_name_that_only_looks_like_that_of_a_list_is_not_waited_for(tmp_path: Path, posts: Path) -> None:
    writer.update(str(tmp_path / "index"), [str(posts)])
    (tmp_path / "index" / "papersearch_007.meaning").write_bytes(b"mine")
    assert vectors.load(str(tmp_path / "index")) is None
    assert library.index_folder(str(tmp_path / "index"), [str(posts)]).notes == ()
    assert (tmp_path / "index" / "papersearch_007.meaning").read_bytes() == b"mine"


def test_vectors_of_documents_that_a_segment_has_not_are_passed_over(
    tmp_path: Path, posts: Path, server: Server
) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    state = vectors.load(str(index))
    assert state is not None
    rows = vectors.read_part(str(index), state.parts[0], state.dimensions)
    documents = rows.documents.copy()
    documents[-3:] += 1_000
    part = vectors.write_part(str(index), state.parts[0].segment, rows._replace(documents=documents), PLAIN_FILES)
    before = likenesses(index)
    vectors.write_state(str(index), replace(state, parts=(part,)), PLAIN_FILES)
    after = likenesses(index)
    assert sum(after[each] is None for each in after) - sum(before[each] is None for each in before) in range(1, 4)
    assert {each: value for each, value in after.items() if value is not None}.items() <= before.items()


def operations(posts: Path, index: Path, place: Path, server: Server) -> int:
    """How many operations a run takes that nothing disturbs."""
    copy, files = shutil.copytree(index, place / "counted"), Failing(0)
    run(copy, posts, server, files, stage=0.0)
    return files.count


def test_each_operation_that_fails_leaves_whole_vectors(tmp_path: Path, posts: Path, server: Server) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    change(posts, random.Random(5), 8)
    random_post(posts, 99, random.Random(9))
    run(tmp_path / "fresh", posts, server)
    new = likenesses(tmp_path / "fresh")
    for fatal in range(1, operations(posts, index, tmp_path, server) + 1):
        copy = shutil.copytree(index, tmp_path / f"copy-{fatal}")
        with suppress(OSError):
            run(copy, posts, server, Failing(fatal), stage=0.0)
        likenesses(copy)
        run(copy, posts, server)
        assert likenesses(copy) == new, fatal
        state = vectors.load(str(copy))
        assert state is not None
        assert vector_files(copy) == vectors.needed(str(copy)), fatal
        shutil.rmtree(copy)


KILLED = """
import os, sys
from pathlib import Path
from tests.embedders import Server
from tests.stores import Failing
from tests.test_vectors import run
server = Server(sys.argv[4])
run(Path(sys.argv[1]), Path(sys.argv[2]), server, Failing(int(sys.argv[3]), lambda: os._exit(9)), 0.0)
"""


def test_a_kill_loses_one_stage_at_most(tmp_path: Path, server: Server) -> None:
    posts, index = tmp_path / "posts", tmp_path / "index"
    posts.mkdir()
    for number in range(200):
        write_post(posts, f"2501.{number:05}v1", f"Paper {number}", f"About subject {number * 7}.")
    files = Failing(0)
    run(tmp_path / "counted", posts, server, files, stage=0.0)
    for fatal in (files.count // 3, files.count * 2 // 3, files.count - 2, files.count):
        shutil.rmtree(index, ignore_errors=True)
        server.texts.clear()
        command = [sys.executable, "-c", KILLED, str(index), str(posts), str(fatal), server.setting]
        done = subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False)
        assert done.returncode == 9
        run(index, posts, server)
        assert None not in likenesses(index).values()
        assert len([text for text in server.texts if text.startswith("Paper")]) <= 200 + embed.BLOCK


def test_a_run_without_the_extra_still_indexes_the_words(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    with pytest.raises(MeaningError):
        library.index_folder(str(index), [str(posts)], meaning=True, model=str(tmp_path / "nowhere"))
    assert library.open(str(index)).search("routing").total
    assert not vector_files(index)


def test_a_run_that_only_keeps_vectors_says_why_it_made_none(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    with serving() as gone:
        library.index_folder(str(index), [str(posts)], meaning=True, model=gone.setting)
    write_post(posts, "2501.00001v1", "A new paper", "Something nobody wrote before.")
    summary = library.index_folder(str(index), [str(posts)])
    assert len(summary.notes) == 1
    assert "does not answer" in summary.notes[0]
    assert library.open(str(index)).search("nobody").total == 1


def test_a_server_elsewhere_is_not_used_unless_it_is_trusted(tmp_path: Path, posts: Path) -> None:
    with pytest.raises(MeaningError, match="another machine"):
        library.index_folder(str(tmp_path / "i"), [str(posts)], meaning=True, model="http://192.0.2.1 words")


def test_what_a_run_says_fits_in_its_record() -> None:
    assert Run().meaning == Meaning(None, None, False)


def test_likeness_is_exact(tmp_path: Path, posts: Path, server: Server) -> None:
    from tests.embedders import embedding

    index = tmp_path / "index"
    run(index, posts, server)
    query = numpy.array(embedding("robot memory"), numpy.float32)
    reader = IndexReader(str(index))
    for paper_id, value in likenesses(index, "robot memory").items():
        stored: Any = next(
            segment.documents.stored(doc)
            for segment in reader.segments
            for doc in range(segment.count)
            if segment.live >> doc & 1 and segment.documents.stored(doc)["id"] == paper_id
        )
        vector = numpy.array(embedding(vectors.text_of(stored)), numpy.float32)
        expected = query @ vector / numpy.linalg.norm(query) / numpy.linalg.norm(vector)
        assert value == pytest.approx(float(expected), abs=0.01)


def test_a_run_may_make_only_some_and_the_next_goes_on(tmp_path: Path, posts: Path, server: Server) -> None:
    index = str(tmp_path / "index")
    first = library.index_folder(index, [str(posts)], meaning=True, model=server.setting, most_vectors=10)
    stats = library.open(index).stats(look=False)
    assert first.vectors == stats.vectors == 10
    assert library.index_folder(index).vectors == stats.papers - 10
    assert library.index_folder(index).vectors == 0


def test_likeness_does_not_depend_on_how_many_cores_share_the_rows() -> None:
    from papersearch.engine.search.nearest import _multiply, _products

    chance = numpy.random.default_rng(1)
    rows = chance.integers(-127, 128, (70_001, 16), dtype=numpy.int8)
    query = numpy.rint(chance.standard_normal(16) * 5_000).astype(numpy.float32)
    alone = numpy.empty(len(rows), numpy.float32)
    _multiply(rows, query, alone)
    assert (_products(rows, query) == alone).all()
    assert (alone == rows.astype(numpy.int64) @ query.astype(numpy.int64)).all()
