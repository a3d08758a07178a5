"""Vectors in the index folder: made once for each text, kept through everything, dropped with their posts."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path
from typing import Any

import pytest

from papersearch import library
from papersearch.core.errors import MeaningError
from papersearch.engine.build import embed
from papersearch.engine.build import update as writer
from papersearch.engine.index import generation as generations
from papersearch.engine.index import vectors
from papersearch.engine.index.files import PLAIN_FILES
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.port import RunOptions, VectorOptions
from tests.corpora import write_post
from tests.embedders import Server, as_model2vec, serving
from tests.stores import change, random_post
from tests.vectors import likenesses, run, vector_files

numpy = pytest.importorskip("numpy")


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
    writer.update(str(index), [str(posts)], writer.Options(RunOptions(rebuild=True, jobs=1)))
    embed.complete(str(index), RunOptions(meaning=VectorOptions(True)), server.setting)
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
    assert vector_files(index) == {vectors.vectors_name(state.number)} | {part.file for part in state.parts}


def test_a_post_without_text_has_no_vector_and_is_done(tmp_path: Path, server: Server) -> None:
    """Nearly every file has a name that can be the title."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "_.md").write_text("---\ntags: [one]\n---\n", encoding="utf-8")
    write_post(posts, "2501.00001v1", "A paper", "With an abstract.")
    index = tmp_path / "index"
    run(index, posts, server)
    found = likenesses(index)
    assert {paper_id for paper_id, value in found.items() if value is None} == found.keys() - {"2501.00001"}
    assert len(found) == 2
    before = vector_files(index)
    run(index, posts, server)
    assert vector_files(index) == before
    assert library.open(str(index)).search("one").total == 1


def test_a_paper_of_which_a_table_knows_no_word_is_done_and_keeps_no_other_from_its_vector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts, model, index = (tmp_path / name for name in ("posts", "model", "index"))
    posts.mkdir()
    model.mkdir()
    as_model2vec(model, monkeypatch)
    write_post(posts, "2501.00001v1", "Unheard of", "Foreign words.")
    write_post(posts, "2501.00002v1", "A known paper", "With an abstract.")
    summary = library.index_folder(str(index), [str(posts)], meaning=True, model=str(model))
    assert summary.vectors == 2
    found = likenesses(index, "known")
    assert {paper_id for paper_id, value in found.items() if value is None} == {"2501.00001"}
    opened = library.open(str(index), model=str(model))
    assert opened.stats(look=False).vectors == 2
    similar = opened.similar("2501.00001")
    assert similar.hint
    assert "by words alone: the model knows no word of the text" in similar.hint
    assert (opened.search("known abstract").results[0].meaning or 0) > 0.99


def test_vectors_stay_where_the_folder_of_their_model_is_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, moved = tmp_path / "home", tmp_path / "moved"
    for folder in ("posts", "model"):
        (home / folder).mkdir(parents=True)
    as_model2vec(home / "model", monkeypatch)
    write_post(home / "posts", "2501.00001v1", "A known paper", "With an abstract.")
    index = str(moved / "index")
    library.index_folder(str(home / "index"), [str(home / "posts")], meaning=True, model=str(home / "model"))
    home.rename(moved)
    assert library.index_folder(index, meaning=True, model=str(moved / "model")).vectors == 0
    opened = library.open(index, model=str(moved / "model"))
    assert (opened.search("known abstract", meaning=True).results[0].meaning or 0) > 0.99
    (moved / "other").mkdir()
    as_model2vec(moved / "other", monkeypatch, told="modules")
    assert library.index_folder(index, meaning=True, model=str(moved / "other")).vectors == 1


def test_vectors_made_after_others_were_dropped_are_noticed(tmp_path: Path, posts: Path, server: Server) -> None:
    """They come to the same number as those that are gone, and the index is as it was."""
    index = tmp_path / "index"
    run(index, posts, server)
    embed.FolderVectors(str(index), RunOptions()).drop()
    run(index, posts, server)
    opened = library.open(str(index))
    before, kept = vector_files(index), IndexReader(str(index)).generation.number
    assert not opened.refresh()
    embed.FolderVectors(str(index), RunOptions()).drop()
    run(index, posts, server)
    after = vector_files(index)
    assert before != after
    assert {name for name in before & after if name.endswith(".meaning")}
    assert IndexReader(str(index)).generation.number == kept
    assert opened.refresh()


def test_dropping_them_leaves_no_file(tmp_path: Path, posts: Path, server: Server) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    assert embed.FolderVectors(str(index), RunOptions()).drop()
    assert not vector_files(index)
    assert not embed.FolderVectors(str(index), RunOptions()).drop()
    writer.update(str(index), [str(posts)], writer.Options(RunOptions(jobs=1)))
    assert not vector_files(index)


def test_another_model_makes_all_of_them_anew(tmp_path: Path, posts: Path, server: Server) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    with serving() as other:
        run(index, posts, other)
        papers = library.open(str(index)).stats(look=False)
        assert (papers.vectors, papers.model) == (papers.papers, other.setting.replace(" ", "/v1/embeddings "))
        assert len([text for text in other.texts if text != "dimensions"]) == papers.papers


def test_a_model_that_is_named_counts_before_the_one_of_the_last_run_and_that_before_the_packaged_one(
    tmp_path: Path, posts: Path, server: Server
) -> None:
    index = str(tmp_path / "index")
    library.index_folder(index, [str(posts)], meaning=True, model=server.setting)
    assert library.index_folder(index, meaning=True).vectors == 0
    with serving() as other:
        made = library.index_folder(index, meaning=True, model=other.setting)
        stats = library.open(index).stats(look=False)
        assert (made.vectors, stats.model) == (stats.papers, other.setting.replace(" ", "/v1/embeddings "))


def test_older_versions_that_are_not_searched_get_no_vectors(tmp_path: Path, server: Server) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    write_post(posts, "2501.00001v1", "An older paper", "With an abstract.")
    write_post(posts, "2501.00001v2", "A newer paper", "With an abstract.")
    server.texts.clear()
    run(tmp_path / "index", posts, server)
    assert [text for text in server.texts if text != "dimensions"] == ["A newer paper\nWith an abstract."]


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
    nowhere = f"http://{'a' * 70}.example words"  # no name server would take it
    with pytest.raises(MeaningError) as refused:
        library.index_folder(str(tmp_path / "i"), [str(posts)], meaning=True, model=nowhere, trust_model=True)
    assert "another machine" not in str(refused.value)


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
    waited_for = library.index_folder(index, most_vectors=0)
    assert (waited_for.vectors, waited_for.notes) == (None, ("vectors are missing: papersearch index makes them",))
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


def test_products_that_no_thread_can_make_are_made_all_the_same_and_what_goes_wrong_in_one_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from papersearch.engine.search import nearest

    rows, query = numpy.ones((80_000, 8), numpy.int8), numpy.ones(8, numpy.float32)
    monkeypatch.setattr(nearest, "available_cores", lambda: 4)

    def refused(_: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as alone:
        alone.setattr(threading.Thread, "start", refused)
        assert (nearest._products(rows, query) == 8).all()

    def short(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(nearest, "_multiply", short)
    with pytest.raises(MemoryError):
        nearest._products(rows, query)
