"""Whatever an index in a cluster is asked, it answers as one in a folder does: tried with a cluster in memory, which
finds all that matches and scores nothing (see tests/cluster for one that does)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("opensearchpy", reason="the client of OpenSearch is not installed")

import papersearch
from papersearch.core.errors import NoIndexError, NotFoundError, PapersearchError, UsageError
from papersearch.core.records import Request
from papersearch.engine.opensearch import engine
from papersearch.engine.opensearch.mapping import MOST_RESULTS
from papersearch.engine.opensearch.search import WIDE
from papersearch.engine.opensearch.selection import DEEP
from papersearch.engine.search.ranking import MOST_ALL_WORDS
from papersearch.engine.search.rerank import CANDIDATES
from papersearch.engine.search.titled import MOST_READ
from tests.cluster.questions import agree_on_all, agreeing, requests
from tests.corpora import SAMPLE, write_post
from tests.memory_cluster import Held
from tests.searching_cluster import SearchingCluster
from tests.test_opensearch_queries import sample_posts


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[papersearch.Index, papersearch.Index]]:
    """An index of the sample posts in a folder, and one in a cluster."""
    with SearchingCluster() as cluster:
        local = papersearch.build(str(tmp_path_factory.mktemp("local") / "index"), [str(SAMPLE)], jobs=1)
        yield local, papersearch.build(cluster.address("papers"), [str(SAMPLE)], jobs=1)
        cluster.shutdown()


def test_questions_of_all_kinds_are_answered_as_by_the_local_engine(
    both: tuple[papersearch.Index, papersearch.Index],
) -> None:
    for request in requests(sample_posts(), 99):
        found = agreeing(*both, request)
        if found is not None:
            here, there = found
            assert (here.suggestion, here.expanded) == (there.suggestion, there.expanded), request
            assert here.results == there.results, request


def test_all_that_an_index_can_be_asked_is_answered_as_by_a_folder(
    both: tuple[papersearch.Index, papersearch.Index],
) -> None:
    agree_on_all(*both)


def test_a_cluster_lists_so_many_papers_and_no_more(both: tuple[papersearch.Index, papersearch.Index]) -> None:
    local, remote = both
    for offset in (DEEP - 1, DEEP, MOST_RESULTS - 10):
        found = agreeing(local, remote, Request("models", offset=offset))
        assert found is not None
        assert found[1].results == found[0].results == ()
    with pytest.raises(UsageError, match="lists the first 100,000 papers"):
        remote.search("models", offset=MOST_RESULTS - 9)


def test_words_of_posts_that_are_not_shown_find_their_paper(tmp_path: Path) -> None:
    write_post(tmp_path, "2412.00001v1", "Old red title", "red apples, mixture of experts (MoE)", name="one")
    write_post(tmp_path, "2412.00001v2", "Second red title", "red apples and pears", name="two")
    write_post(tmp_path, "2412.00001v3", "New blue title", "blue apples", name="three")
    write_post(tmp_path, "2412.00002v1", "Apples", "red and rotten", name="red", author="Aon Bee")
    write_post(tmp_path, "2412.00002v2", "Pears", "green and ripe", name="green", author="Aon Bee")
    write_post(tmp_path, "2412.00003", "Apples and pears", "green ones", author="A.N. Other")
    with SearchingCluster() as cluster:
        local = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
        remote = papersearch.build(cluster.address("papers"), [str(tmp_path)], jobs=1)
        for question in (
            "red apples",
            "rotten",
            '"red apples"',
            "title:red",
            "rotten -apples",
            "moe",
            "gre* rotten",
            "*",
        ):
            for options in ({}, {"limit": 1}, {"offset": 1}, {"match": "all"}, {"sort": "newest"}, {"tags": ("none",)}):
                found = agreeing(local, remote, Request(question, **options))
                if found is not None:
                    here, there = found
                    assert (here.results, here.suggestion) == (there.results, there.suggestion), (question, options)
        for typed in ("a.n", "app", "red ap"):
            assert local.completions(typed) == remote.completions(typed) != [], typed
        assert remote.search("rotten").results[0].other_posts[0].path.endswith("red.md")
        for path in tmp_path.glob("*.md"):  # a paper as this one of its posts has it
            assert remote.paper(path) == local.paper(path)
            assert remote.paper(path).path == str(path)
        with pytest.raises(PapersearchError, match="there is no paper"):
            remote.paper(tmp_path / "none.md")
        cluster.shutdown()


@pytest.mark.parametrize("is_searched", [False, True])
def test_an_open_index_of_which_a_rebuild_took_the_place_asks_the_new_one(is_searched: bool, tmp_path: Path) -> None:
    """Also where the old one goes while its shards search, of which no other sign is given than that none answers."""
    write_post(tmp_path, "2412.00001", "Otters")
    with SearchingCluster() as cluster:
        found, gone = cluster._found, list[Held]()
        none = {"type": "no_shard_available_action_exception", "reason": "gone"}
        error = {"error": {**none, "root_cause": [none]}, "status": 503}
        cluster._found = lambda held, asked: error if held in gone else found(held, asked)  # type: ignore[method-assign]
        opened = papersearch.build(cluster.address("papers"), [str(tmp_path)], jobs=1)
        asks: list[Callable[[papersearch.Index], int]] = [
            lambda index: index.search("otters").total,
            lambda index: index.similar(text="otters").total,
            lambda index: dict(index.facets("year", "otters"))["2024"],
            lambda index: len(index.ids()),
            lambda index: index.completions("otter")[0].papers,
            lambda index: index.stats(look=False).papers,
        ]
        for papers, ask in enumerate(asks, 2):
            write_post(tmp_path, f"2412.0000{papers}", "Otters")
            before = dict(cluster.indices)
            assert papersearch.index_folder(cluster.address("papers"), rebuild=True).total == papers
            if is_searched:
                gone += before.values()
                cluster.indices.update(before)
            assert ask(opened) == papers
        cluster.indices.clear()
        with pytest.raises(NoIndexError):
            opened.search("otters")
        cluster.shutdown()


@pytest.mark.parametrize("is_made", [False, True])
def test_an_open_index_asks_the_new_one_also_where_another_thread_has_switched_to_it(
    is_made: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the thread that is behind still asks the old one, or has just made what will ask it."""
    write_post(tmp_path, "2412.00001", "Otters")
    with SearchingCluster() as cluster:
        opened = papersearch.build(cluster.address("papers"), [str(tmp_path)], jobs=1)
        write_post(tmp_path, "2412.00002", "Otters")

        def switch() -> None:
            monkeypatch.undo()
            papersearch.index_folder(cluster.address("papers"), rebuild=True)
            assert opened.refresh()

        if is_made:
            made = engine.ClusterSearcher

            def behind(*given: Any) -> Any:
                found = made(*given)
                switch()
                return found

            monkeypatch.setattr(engine, "ClusterSearcher", behind)
        else:
            monkeypatch.setattr(cluster, "delay", lambda path: switch())
        assert [opened.search("otters").total for _ in range(2)] == [2, 2]
        cluster.shutdown()


@pytest.mark.parametrize("name", ["z" * 2, "z" * 1_200, "(" * 900, "Ann " + "z" * 500])
def test_values_that_no_paper_has_are_looked_for_as_a_cluster_lets_them(name: str, tmp_path: Path) -> None:
    """It takes no regular expression of over 1,000 characters, and of some versions none beyond all values unless only
    those of the papers found are compared."""
    write_post(tmp_path, "2412.00001", "Otters", author="Ann Bee")
    write_post(tmp_path, "2412.00002", "Seals", author="Ann " + "z" * 450)
    with SearchingCluster() as cluster:
        found = cluster._found

        def strict(held: Held, asked: dict[str, Any]) -> dict[str, Any]:
            terms = asked.get("aggs", {}).get("found", {}).get("terms", {})
            if "include" in terms and (len(terms["include"]) > 1_000 or terms.get("execution_hint") != "map"):
                return {"error": {"type": "illegal_argument_exception", "reason": "too long"}, "status": 400}
            return found(held, asked)

        cluster._found = strict  # type: ignore[method-assign]
        local = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
        remote = papersearch.build(cluster.address("papers"), [str(tmp_path)], jobs=1)
        for asked in (Request("otters", authors=(name,)), Request("otters", tags=(name,)), Request(f'author:"{name}"')):
            said = []
            for index in (local, remote):
                try:
                    said.append(str(index.search(asked).total))
                except NotFoundError as none:
                    said.append(none.message)
            assert said[0] == said[1], asked
        cluster.shutdown()


def test_an_answer_without_the_posts_that_are_not_shown_is_an_error_unless_it_is_welcome(tmp_path: Path) -> None:
    write_post(tmp_path, "2412.00001v1", "Old title", "red apples", name="one")
    write_post(tmp_path, "2412.00001v2", "New title", "blue apples", name="two")
    with SearchingCluster() as cluster:
        index = papersearch.build(cluster.address("papers"), [str(tmp_path)], jobs=1)
        assert index.search("red apples").total_all == 1
        [older] = [held for name, held in cluster.indices.items() if name.endswith(".older")]
        gone = {"type": "no_shard_available_action_exception", "reason": "gone"}
        found = cluster._found
        cluster._found = lambda held, asked: (  # type: ignore[method-assign]
            {"error": {**gone, "root_cause": [gone]}, "status": 503} if held is older else found(held, asked)
        )
        with papersearch.open(cluster.address("papers")) as index:
            with pytest.raises(PapersearchError):
                index.search("red apples")
            answer = index.search("red apples", partial=True)
            assert answer.hint == "the answer is incomplete: the index of older posts did not answer"
            assert (answer.total, answer.total_all) == (1, 0)
        cluster.shutdown()


def test_of_an_answer_without_a_shard_it_is_said_that_it_is_incomplete(tmp_path: Path) -> None:
    write_post(tmp_path, "2412.00001", "Otters")
    with SearchingCluster() as cluster:
        papersearch.index_folder(cluster.address("papers"), [str(tmp_path)], jobs=1)
        found = cluster._found
        counted = {"total": 3, "successful": 2, "failed": 1}
        cluster._found = lambda held, asked: {**found(held, asked), "_shards": counted}  # type: ignore[method-assign]
        with papersearch.open(cluster.address("papers")) as index:
            with pytest.raises(PapersearchError, match="1 of 3 shards of the index did not answer"):
                index.search("otters")
            answer = index.search("otters", partial=True)
        cluster.shutdown()
    assert answer.hint == "the answer is incomplete: 1 of the index's shards did not answer"
    assert answer.total == 1


@pytest.mark.parametrize(
    ("request_", "listed", "with_every_word", "with_the_title"),
    [
        (Request("otters dive"), (0, CANDIDATES), MOST_ALL_WORDS, [MOST_READ + 1]),
        (Request("otters dive", limit=200), (0, 200), MOST_ALL_WORDS, [MOST_READ + 1]),
        (Request("otters"), (0, CANDIDATES), 0, [MOST_READ + 1]),
        (Request('"otters dive"'), (0, WIDE), 0, []),
        (Request("otters dive", limit=0), None, 0, []),
        (Request("otters dive", offset=DEEP - 1), (0, DEEP + 9), MOST_ALL_WORDS, [MOST_READ + 1]),
        (Request("otters dive", offset=DEEP), (DEEP, 10), 0, []),
        (Request("otters dive", sort="newest", offset=5), (0, 15), 0, []),
        (Request("*", offset=5), (0, 15), 0, []),
    ],
)
def test_a_cluster_lists_what_may_come_on_the_page_and_what_is_ranked_again(
    request_: Request,
    listed: tuple[int, int] | None,
    with_every_word: int,
    with_the_title: list[int],
    one_paper: tuple[papersearch.Index, list[dict[str, Any]]],
) -> None:
    index, asked = one_paper
    asked.clear()
    index.search(request_)
    sizes = {(body.get("from"), body["size"]): body for body in asked if "sort" in body}
    assert [*sizes] == ([] if listed is None else [listed])
    others = [body for body in asked if "sort" not in body and "stored_fields" in body]
    assert [body["size"] for body in others if body["track_total_hits"]] == [with_every_word]
    assert [body["size"] for body in others if not body["track_total_hits"]] == with_the_title


def test_of_a_question_asked_before_papers_come_by_name_alone(
    one_paper: tuple[papersearch.Index, list[dict[str, Any]]],
) -> None:
    index, asked = one_paper
    listings = []
    for _ in range(2):
        asked.clear()
        assert index.search("otters sleep").total == 1
        listings += [body for body in asked if "sort" in body]
    assert [body.get("_source") for body in listings] == [["posts"], None]


@pytest.fixture(scope="module")
def one_paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[papersearch.Index, list[dict[str, Any]]]]:
    """An index of one paper in a cluster, and what its shown posts are searched for."""
    posts, asked = tmp_path_factory.mktemp("one"), list[dict[str, Any]]()
    write_post(posts, "2412.00001", "Otters", "Otters dive and sleep.")
    with SearchingCluster() as cluster:
        index = papersearch.build(cluster.address("papers"), [str(posts)], jobs=1)
        found = cluster._found

        def noted(held: Held, body: dict[str, Any]) -> dict[str, Any]:
            asked.append(body)
            return found(held, body)

        cluster._found = noted  # type: ignore[method-assign]
        yield index, asked
        cluster.shutdown()
