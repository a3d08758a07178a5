"""What ``--new`` and ``digest`` remember of what they have shown: how much, where, and what is said if they cannot."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import papersearch
from papersearch.apps import since_last
from papersearch.apps.since_last import Seen
from papersearch.core.frozen import replace
from papersearch.core.records import Request
from tests.answers import QWEN
from tests.commands import is_one_error, run
from tests.corpora import index_of_texts, write_post

ASK = ("query", "experts", "--new", "-f", "ids")


@pytest.fixture
def index(tmp_path: Path) -> papersearch.Index:
    """An index of five papers that hold the word "otters"."""
    return index_of_texts(tmp_path, *(f"Otters {number}" for number in range(5)))


def test_all_that_is_new_is_shown_also_where_it_is_more_than_is_asked_for_at_first(
    index: papersearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(since_last, "_MOST_MARKS", 2)
    assert len(since_last.unseen(index, Request("otters", limit=1), Seen()).results) == 5


def test_the_queries_that_were_not_asked_for_longest_are_forgotten(
    index: papersearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(since_last, "_MOST", 2)
    for words in ("first", "second", "first", "third"):
        since_last.remember(index, {words: Seen(index.run)}, "")
    seen = [since_last.last_seen(index, [words])[words].run for words in ("first", "second", "third")]
    assert seen == [index.run, 0, index.run]


def test_once_all_is_shown_papers_are_known_by_their_ids_the_last_of_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(since_last, "_MOST_MARKS", 2)
    shown = [replace(QWEN, id=paper_id) for paper_id in ("2401.00002", "notes", "2401.00003")]
    assert Seen(1, ("2401.00001", "other\nof a text")).through(4, shown) == Seen(4, ("2401.00002", "2401.00003"))


def test_papers_before_the_page_that_is_asked_for_stay_new(own: Path) -> None:
    for number in range(3):
        write_post(own / "corpus", f"2501.0000{number}", "Otters", published=f"2025-01-0{number + 1}")
    run(own, "index")
    ask = ("query", "otters", "--new", "-f", "ids", "--sort", "newest")
    assert run(own, *ask, "--offset", "1", "-n", "1").lines == ["2501.00001"]
    assert run(own, *ask).lines == ["2501.00002", "2501.00000"]
    assert run(own, *ask).lines == []


def test_what_is_new_is_shown_and_counted_as_any_answer_is(own: Path) -> None:
    for number in range(3):
        write_post(own / "corpus", f"2501.0000{number}", "Otters", "Otters dig.", published=f"2025-01-0{number + 1}")
    run(own, "index")
    pages = [run(own, "query", "otters", "--new", "--json", "-n", "1", "--sort", "newest") for _ in range(4)]
    assert [(page.code, page.json["total"], page.json["total_all"]) for page in pages] == [
        (0, 3, 3),
        (0, 2, 2),
        (0, 1, 1),
        (1, 0, 0),
    ]
    shown = [hit for page in pages for hit in page.json["results"]]
    assert [(hit["rank"], hit["id"]) for hit in shown] == [(1, "2501.00002"), (1, "2501.00001"), (1, "2501.00000")]
    assert [hit["snippets"][0]["text"] for hit in shown] == 3 * ["Otters dig."]
    other = run(own, "query", "dig", "--new", "--json", "--offset", "1", "-n", "1", "--explain", "--no-snippets")
    [hit] = other.json["results"]
    assert hit["explanation"]
    assert (hit["rank"], hit["snippets"]) == (2, [])


def test_what_is_remembered_of_all_queries_stays_small_and_that_of_those_asked_last_is_kept(
    index: papersearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query reads and writes what is remembered of every other: that of thousands took gigabytes of memory."""
    monkeypatch.setattr(since_last, "_MOST_MARKS_OF_ALL", 5)
    papers = ("2401.00001", "2401.00002")
    for words in ("first", "second", "first", "third"):
        since_last.remember(index, {words: Seen(index.run, papers)}, "")
    seen = [since_last.last_seen(index, [words])[words] for words in ("first", "second", "third")]
    assert seen == [Seen(index.run, papers), Seen(index.run), Seen(index.run, papers)]


def test_what_was_shown_is_known_by_what_an_earlier_version_kept(index: papersearch.Index) -> None:
    kept = {"f5d22b52a8ae81e6ae67dcb2": 1}
    (Path(index.path) / "papersearch_asked.json").write_text(json.dumps(kept), encoding="utf-8")
    assert since_last.last_seen(index, ["otters"])["otters"] == Seen(1)


def test_where_nothing_is_found_at_all_what_was_meant_is_suggested(index: papersearch.Index) -> None:
    for words, meant in (("otterz", "otters"), ("otters", None)):
        assert since_last.unseen(index, Request(words), Seen(index.run)).suggestion == meant


@pytest.mark.parametrize(("variables", "folder"), [({}, ".local/state"), ({"XDG_STATE_HOME": "state"}, "state")])
def test_of_an_index_in_a_cluster_each_user_remembers_what_they_have_seen(
    variables: dict[str, str], folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    here, other = (cluster(f"opensearch://{host}:9200/papers") for host in ("here", "other"))
    since_last.remember(here, {"otters": Seen(3, ("2401.00001",))}, "")
    assert since_last.last_seen(here, ["otters"])["otters"] == Seen(3, ("2401.00001",))
    assert since_last.last_seen(other, ["otters"])["otters"] == Seen()
    made_again = cluster(here.path, run=2)
    assert since_last.last_seen(made_again, ["otters"])["otters"] == Seen(0, ("2401.00001",))
    assert len([*(tmp_path / folder / "papersearch").glob("*/papersearch_asked.json")]) == 1


def cluster(address: str, run: int = 4) -> Any:
    """As much of an index in a cluster as is asked here."""
    return SimpleNamespace(path=address, run=run)


def test_what_cannot_be_remembered_is_said_and_leaves_nothing(own: Path) -> None:
    run(own, "index")
    in_the_way = own / "index" / since_last.ASKED_FILE
    in_the_way.mkdir()
    ran = run(own, *ASK)
    assert (ran.code, ran.lines) == (3, ["2401.00001"])
    assert is_one_error(ran)
    assert ran.err.endswith("): ask without --new\n")
    assert not [*(own / "index").glob("*.draft")]
    in_the_way.rmdir()
    assert run(own, *ASK).lines == ["2401.00001"]
    assert run(own, *ASK).code == 1


def test_a_link_where_it_is_kept_is_replaced(own: Path) -> None:
    run(own, "index")
    (own / "mine").write_text("my own")
    (own / "index" / since_last.ASKED_FILE).symlink_to("../mine")
    assert run(own, *ASK).lines == ["2401.00001"]
    assert run(own, *ASK).code == 1
    assert (own / "mine").read_text() == "my own"
