"""What papers say in other words than a query: evidence where its own words hardly match, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import papersearch
from papersearch.engine.search import other_words, page, ranking
from papersearch.text.words import query_words
from tests.corpora import write_post
from tests.posted import everything

TABLE = Path(other_words.__file__).with_suffix(".txt")
ASKED = "cheap drone pictures of coastal birds"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    """Papers that hold one word of what is asked, of which one says the rest of it otherwise."""
    posts = tmp_path_factory.mktemp("posts")
    for number, word in enumerate(("cheap", "drone", "pictures", "coastal", "birds") * 4):
        write_post(posts, f"2412.0{number:04}", f"On {word} things {number}", f"We look at {word} things.")
    write_post(posts, "meant", "Low cost aerial images", "From a UAV we see avian colonies, coastal and inland.")
    write_post(posts, "both", "Notes from the shore", "Some birds are coastal.")
    return papersearch.build(str(posts.parent / "index"), [str(posts)])


def test_a_paper_that_says_all_of_it_in_other_words_comes_first(index: papersearch.Index) -> None:
    assert everything(index, ASKED)[0] == "meant"
    assert everything(index, ASKED, expand=False)[0] != "meant"


def test_which_papers_match_and_what_they_lack_is_told_by_the_words_themselves(index: papersearch.Index) -> None:
    found, plain = index.search(ASKED), index.search(ASKED, expand=False)
    assert (found.total, found.total_all) == (plain.total, plain.total_all) == (22, 0)
    assert found.results[0].missing == ("cheap", "drone", "pictures", "birds")
    assert found.results[0].score > plain.results[0].score
    # One that has none of the words is not found, whatever it says.
    assert "meant" not in everything(index, "drone pictures")
    assert index.facets("year", ASKED) == index.facets("year", ASKED, expand=False)


def test_other_words_are_marked_and_explained(index: papersearch.Index) -> None:
    (hit,) = index.search(ASKED, limit=1, explain=True).results
    (snippet,) = hit.snippets
    assert [snippet.text[start:end] for start, end in snippet.highlights] == ["UAV", "avian", "coastal"]
    assert [hit.title[start:end] for start, end in hit.title_highlights] == ["cost", "aerial", "images"]
    told = [part for part in hit.explanation if part.note == other_words.NOTE]
    assert {part.term for part in told} == {"cost", "aerial", "imag", "avian"}
    assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score, abs=1e-5)


def test_pages_go_on_where_the_one_before_ended(index: papersearch.Index) -> None:
    whole = everything(index, ASKED)
    pages = [index.search(ASKED, offset=start, limit=4) for start in range(0, len(whole), 4)]
    assert [hit.id for answer in pages for hit in answer.results] == whole


@pytest.mark.parametrize(
    "query",
    [
        "coastal things",  # which a paper has
        "drone",  # one word
        "title:drone title:pictures title:birds",
        "drone OR pictures OR cheap OR birds",
        '"drone pictures" OR birds',
        "drone pictures cheap birds -coastal",
    ],
)
def test_who_asks_otherwise_is_taken_at_their_word(
    query: str, index: papersearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = index.search(query, limit=30)
    monkeypatch.setattr(page, "hardly_matches", lambda *_: False)
    after = index.search(query, limit=30)
    assert before.results == after.results


def test_words_that_a_paper_has_all_are_the_right_ones(
    index: papersearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "HARDLY_MATCHED", 100.0)
    for query in ("coastal pictures", "coastal birds"):  # of which both are in one paper
        changed = index.search(query).results != index.search(query, expand=False).results
        assert changed == (query == "coastal pictures"), query


def test_conditions_hold(index: papersearch.Index) -> None:
    assert index.search(ASKED, match="all").total == 0
    assert index.search(ASKED, until="2023").total == 0
    assert index.search(ASKED, tags=["dataset"]).results[0].id == "meant"


def test_the_table_has_stems_of_words_and_what_each_counts() -> None:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    words = [line.split(" ")[0] for line in lines]
    assert words == sorted(set(words))
    assert len(words) > 1_000
    for line in lines:
        assert re.fullmatch(r"[a-z]{2,}( [a-z]{2,}(/[2-9])?)+", line), line
        word, *others = (each.partition("/")[0] for each in line.split(" "))
        assert len(set(others)) == len(others), line
        assert word not in others, line
    known = dict(zip(words, lines, strict=True))
    for asked, said in (("pictures", "images"), ("drones", "UAV"), ("shrinking", "compression"), ("nets", "networks")):
        [word], [other] = query_words(asked), query_words(said)
        assert other.term in known[word.term].split(" "), asked
