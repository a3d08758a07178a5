"""Meaning by a server of a model: what it is asked, and that the words are left where it, or vectors, are missing."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from papersearch import library
from papersearch.apps.current import BuildingError, CurrentIndex
from papersearch.engine.opensearch.address import parse
from papersearch.engine.opensearch.connection import Connection
from papersearch.engine.opensearch.embed import Vectors
from papersearch.engine.port import RunOptions
from tests.commands import PAPERSEARCH, environment, run, run_without_threads
from tests.corpora import write_post
from tests.embedders import DIMENSIONS, Server, good, serving
from tests.processes import LONGEST_S
from tests.stores import random_post

pytest.importorskip("numpy")


def test_no_vectors_is_an_error_only_where_meaning_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2501.00001v1", "A paper", "With an abstract.")
    assert run(tmp_path, "index").code == 0
    assert run(tmp_path, "query", "a paper").code == 0
    done = run(tmp_path, "query", "an abstract", "--meaning")
    assert done.code == 3
    assert "papersearch index --meaning" in done.err
    assert done.err.count("\n") == 1


def test_a_file_that_only_looks_like_vectors_says_nothing_of_meaning(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001v1", "Coffee", "Coffee in the morning.")
    library.build(str(tmp_path / "index"), [str(tmp_path / "corpus")]).close()
    (tmp_path / "index" / "papersearch_notes.meaning").write_text("mine")
    assert library.open(str(tmp_path / "index")).search("morning coffee").hint is None


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    (tmp_path / "corpus").mkdir()
    for number in range(30):
        random_post(tmp_path / "corpus", number, random.Random(number))
    with serving() as server:
        address, _, name = server.setting.partition(" ")
        (tmp_path / "papersearch.toml").write_text(f'[meaning]\nmodel = "{address}"\nname = "{name}"\n')
        assert run(tmp_path, "index", "--meaning", "--quiet").code == 0
        yield server, tmp_path


def test_the_sentences_of_a_paper_that_is_shown_again_are_not_compared_anew(served: tuple[Server, Path]) -> None:
    """The server makes vectors of all words, so stop words make a paper like a question whose words it lacks."""
    server, folder = served
    write_post(folder / "corpus", "2502.00001v1", "Herons", "It is of the and in by. So of the and in to.")
    assert run(folder, "index").code == 0
    (folder / "asked.txt").write_text("it is of the and in by zebra giraffe\n" * 2)
    server.texts.clear()
    answers = [json.loads(line) for line in run(folder, "query", "--batch", "asked.txt").out.splitlines()]
    assert [answer["results"][0]["snippets"][0]["text"] for answer in answers] == ["It is of the and in by."] * 2
    assert [server.texts.count(text) for text in ("It is of the and in by.", "So of the and in to.")] == [1, 1]


def test_a_question_is_read_once_for_papers_and_their_sentences(served: tuple[Server, Path]) -> None:
    server, folder = served
    write_post(folder / "corpus", "2502.00001v1", "Herons", "It is of the and in by. So of the and in to.")
    assert run(folder, "index").code == 0
    server.texts.clear()
    found = json.loads(run(folder, "query", "it is of the and in by zebra", "--json").out)["results"][0]["snippets"]
    assert found[0]["text"] == "It is of the and in by."
    assert server.texts.count("it is of the and in by zebra") == 1


def test_a_model_that_cannot_be_used_leaves_the_words(served: tuple[Server, Path]) -> None:
    server, folder = served
    asked = ("query", "sparse routing", "--json")
    assert json.loads(run(folder, *asked).out)["results"][0]["meaning"] is not None
    assert json.loads(run(folder, "stats", "--json").out)["model"].endswith("words")
    server.answer = lambda texts: (200, b"<html>")
    done = run(folder, *asked)
    assert done.code == 0
    assert json.loads(done.out)["results"]
    assert done.err.count("\n") == 1
    assert "by words alone" in done.err
    done = run(folder, *asked, "--meaning")
    assert done.code == 3
    assert done.err.count("\n") == 1


def test_damaged_vectors_leave_the_words(served: tuple[Server, Path]) -> None:
    _, folder = served
    part = next((folder / "index").glob("*.vectors"))
    data = bytearray(part.read_bytes())
    data[99] ^= 1
    part.write_bytes(data)
    done = run(folder, "query", "sparse routing")
    assert done.code == 0
    assert "damaged" in done.err
    assert run(folder, "index").code == 0
    assert run(folder, "query", "sparse routing").err == ""


def test_an_index_half_done_says_how_far_it_is(served: tuple[Server, Path]) -> None:
    server, folder = served
    server.answer = lambda texts: (500, b"")
    write_post(folder / "corpus", "2502.00001v1", "A late paper", "About sparse routing of late papers.")
    done = run(folder, "index")
    assert done.code == 0
    assert "no vectors were made" in done.err
    server.answer = good
    done = run(folder, "query", "sparse routing late", "-f", "ids")
    assert "2502.00001" in done.out.split()
    assert "of 31 papers have their vector" in done.err or "of 30 papers have their vector" in done.err


def test_the_few_papers_that_have_a_vector_already_are_not_put_above_those_that_the_words_find(
    served: tuple[Server, Path],
) -> None:
    server, folder = served
    server.answer = lambda texts: (500, b"")
    for number in range(10):
        title = f"Quokka number {number}"
        write_post(folder / "corpus", f"2502.{number:05}v1", title, "Quokka habitats and sparse routing.")
    assert run(folder, "index").code == 0
    server.answer = good
    asked = ("query", "quokka habitats", "--json", "-n", "5")
    found = run(folder, *asked)
    alone = run(folder, *asked, "--no-meaning")
    assert [hit["score"] for hit in found.json["results"]] == [hit["score"] for hit in alone.json["results"]]
    assert [hit["meaning"] for hit in found.json["results"]] == [None] * 5
    assert "30 of 40 papers have their vector" in found.err
    assert "words rank alone" in found.err
    # Ten hold all the words and have no vector; those that have one hold two of them.
    meant = run(folder, "query", "quokka habitats sparse routing", "--json", "-n", "40", "--meaning")
    assert any(hit["meaning"] is not None for hit in meant.json["results"])


def test_the_toml_of_a_stranger_sends_nothing_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2501.00001v1", "A paper", "With an abstract.")
    (tmp_path / "papersearch.toml").write_text('[meaning]\nmodel = "http://192.0.2.1"\nname = "words"\n')
    done = run(tmp_path, "index", "--quiet")
    assert "is not used as meaning.model" in done.err
    assert done.code == 0


@contextmanager
def hanging(server: Server, hangs: Callable[[list[str]], bool] = lambda texts: True) -> Iterator[None]:
    """The server gives no answer (to some texts) within the block."""
    over = threading.Event()

    def answer(texts: list[str]) -> tuple[int, bytes]:
        if hangs(texts):
            over.wait(100)
        return good(texts)

    server.answer = answer
    try:
        yield
    finally:
        over.set()
        server.answer = good


def test_a_server_that_hangs_is_waited_for_a_moment_and_the_words_answer(served: tuple[Server, Path]) -> None:
    server, folder = served
    alone = run(folder, "query", "sparse routing", "-f", "ids", "--no-meaning").out
    with hanging(server):
        begin = time.monotonic()
        done = run(folder, "query", "sparse routing", "-f", "ids")
        assert time.monotonic() - begin < 15
    assert (done.code, done.out) == (0, alone)
    assert done.err.count("\n") == 1
    assert "by words alone: the model server 127.0.0.1 does not answer" in done.err


def test_where_no_thread_can_be_started_to_ask_a_server_the_words_answer(served: tuple[Server, Path]) -> None:
    _, folder = served
    ran = run_without_threads(folder, "query", "sparse routing", "-f", "ids", PAPERSEARCH_TRUST="1")
    by_words = run(folder, "query", "sparse routing", "-f", "ids", "--no-meaning")
    assert (ran.code, ran.out) == (0, by_words.out)
    assert ran.err.count("\n") == 1
    assert "by words alone" in ran.err


def test_a_server_that_hangs_is_not_asked_again_for_each_line_of_a_batch(served: tuple[Server, Path]) -> None:
    server, folder = served
    (folder / "asked.txt").write_text("".join(f"sparse routing {number}\n" for number in range(20)))
    server.texts.clear()
    with hanging(server):
        begin = time.monotonic()
        done = run(folder, "query", "--batch", "asked.txt", "--jobs", "1")
        assert time.monotonic() - begin < 15
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert len(answers) == 20
    assert all(answer["results"] and "by words alone" in answer["hint"] for answer in answers)
    assert server.texts == ["sparse routing 0"]


def test_a_server_that_has_gone_is_asked_again_after_a_while(
    served: tuple[Server, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, folder = served
    now = time.monotonic()
    with library.open(str(folder / "index")) as index:
        with hanging(server):
            assert "by words alone" in str(index.search("sparse routing").hint)
        assert "by words alone" in str(index.search("sparse routing").hint)
        monkeypatch.setattr(time, "monotonic", lambda: now + 60)
        assert index.search("sparse routing").hint is None


def test_sentences_that_a_server_takes_too_long_for_leave_the_first_and_the_question_its_answer(
    served: tuple[Server, Path],
) -> None:
    server, folder = served
    write_post(folder / "corpus", "2502.00001v1", "Herons", "So of the and in to. It is of the and in by.")
    assert run(folder, "index").code == 0
    with hanging(server, lambda texts: "So of the and in to." in texts):
        found = run(folder, "query", "it is of the and in by zebra", "--json").json["results"][0]
    assert found["meaning"] is not None
    assert found["snippets"][0]["text"] == "So of the and in to."
    found = run(folder, "query", "it is of the and in by zebra", "--json").json["results"][0]
    assert found["snippets"][0]["text"] == "It is of the and in by."


def test_a_server_is_asked_once_for_a_question_and_once_for_the_sentences_of_a_page(
    served: tuple[Server, Path],
) -> None:
    server, folder = served
    for number in range(5):
        title = f"Herons {number}"
        write_post(folder / "corpus", f"2502.0000{number}v1", title, f"It is of the and in by. So of the {number}.")
    assert run(folder, "index").code == 0
    server.paths.clear()
    found = run(folder, "query", "it is of the and in by zebra", "--json").json["results"]
    assert [hit["snippets"][0]["text"] for hit in found[:5]] == ["It is of the and in by."] * 5
    assert len(server.paths) == 2
    server.paths.clear()
    run(folder, "query", "sparse routing of experts")
    assert len(server.paths) == 1


def test_a_query_that_refreshes_the_index_does_not_wait_for_a_server_that_hangs(served: tuple[Server, Path]) -> None:
    server, folder = served
    write_post(folder / "corpus", "2502.00001v1", "A late paper", "About sparse routing of late papers.")
    with hanging(server):
        begin = time.monotonic()
        done = run(folder, "query", "sparse routing of late papers", "--refresh", "-f", "ids")
        assert time.monotonic() - begin < 15
    assert "2502.00001" in done.out.split()
    assert "no vectors were made: the model server 127.0.0.1 does not answer" in done.err
    assert "by words alone" in done.err


def without_manifest(folder: Path) -> None:
    """Damage an index, so that it is built anew."""
    next((folder / "index").glob("papersearch_[0-9]*.json")).write_bytes(b"")


def with_late_papers(folder: Path) -> list[str]:
    """Posts that are not indexed, so many that they need their vectors before all rank by meaning."""
    for number in range(20):
        title = f"Quokka number {number}"
        write_post(folder / "corpus", f"2502.{number:05}v1", title, "Quokka habitats and sparse routing.")
    return [f"2502.{number:05}" for number in range(20)]


def test_an_index_that_a_query_builds_anew_answers_by_words_and_the_next_run_makes_the_vectors(
    served: tuple[Server, Path],
) -> None:
    server, folder = served
    late = with_late_papers(folder)
    without_manifest(folder)
    server.texts.clear()
    done = run(folder, "query", "quokka habitats", "-f", "ids", "-n", "20")
    assert sorted(done.out.split()) == late
    assert "papersearch: vectors are missing: papersearch index makes them" in done.err
    assert "30 of 50 papers have their vector" in done.err
    assert server.texts == []
    assert "20 vectors made" in run(folder, "index").out
    without_manifest(folder)
    done = run(folder, "query", "quokka habitats", "--json")
    assert "vector" not in done.err
    assert done.json["results"][0]["meaning"] is not None
    assert run(folder, "stats", "--json").json["vectors"] == 50


def test_an_index_that_a_server_builds_anew_answers_by_words_at_once(served: tuple[Server, Path]) -> None:
    server, folder = served
    late = with_late_papers(folder)
    without_manifest(folder)
    server.texts.clear()
    current = CurrentIndex(str(folder / "index"), None, lambda _: None)
    with hanging(server):
        end = time.monotonic() + 20
        while True:
            try:
                found = current.index().search("quokka habitats", limit=20)
                break
            except BuildingError:
                assert time.monotonic() < end
                time.sleep(0.05)
    assert sorted(hit.id for hit in found.results) == late
    assert "30 of 50 papers have their vector" in str(found.hint)
    assert server.texts == []


def test_posts_on_their_way_into_a_cluster_do_not_wait_for_a_server_that_hangs() -> None:
    posts = [{"title": "Herons", "abstract": "They wade."}]
    connection = Connection(parse("opensearch://127.0.0.1:1/notes"))
    with serving() as server, hanging(server):
        begin = time.monotonic()
        assert Vectors(connection, None, "", server.setting, RunOptions(), DIMENSIONS).of(posts) == [None]
        assert time.monotonic() - begin < 15
    connection.close()


@pytest.mark.parametrize("answers", [0, 2])
def test_a_run_that_is_stopped_while_vectors_are_made_says_that_the_words_are_indexed(
    served: tuple[Server, Path], answers: int
) -> None:
    server, folder = served
    assert run(folder, "index", "--no-meaning", "--quiet").code == 0
    random_post(folder / "corpus", 99, random.Random(99))
    asked, go_on = threading.Event(), threading.Event()

    def slow(texts: list[str]) -> tuple[int, bytes]:
        if len(server.paths) > answers:
            asked.set()
            go_on.wait(LONGEST_S)
        return good(texts)

    server.paths.clear()
    server.answer = slow
    line = [*PAPERSEARCH, "index", "--meaning", "--quiet"]
    process = subprocess.Popen(line, cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True)
    assert asked.wait(LONGEST_S)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=LONGEST_S)
    go_on.set()
    said = "papersearch: stopped; the words are indexed; the next run makes the vectors that are missing\n"
    assert (process.returncode, err) == (143, said)
    stats = run(folder, "stats", "--json").json
    assert (stats["papers"], stats["stale"]) == (31, 0)
    server.answer = good
    assert run(folder, "index", "--meaning", "--quiet").code == 0
    assert run(folder, "stats", "--json").json["vectors"] == 31
