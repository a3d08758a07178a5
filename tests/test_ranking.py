"""How papers are ranked: explanations that add up, what acronyms bring in, the same for many threads at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import papersearch
from papersearch.core.records import Hit
from papersearch.engine.search.acronyms import MOST_AS_WORD, MOST_UNEXPLAINED
from papersearch.engine.search.ordering import Scored, best_first
from papersearch.engine.search.titled import MOST_TITLED
from papersearch.output import plain
from tests.corpora import index_of_texts, write_post
from tests.posted import everything, ids


def test_a_weight_lifts_the_papers_with_that_word(tmp_path: Path) -> None:
    index = index_of_texts(tmp_path, "red and nothing else", "blue and nothing else", "green and nothing else")
    assert everything(index, "red^3 blue")[0] == "a"
    assert everything(index, "red blue^3")[0] == "b"
    assert everything(index, "red blue blue")[0] == "b"
    plain, double = (index.search(query).results[0].score for query in ("red", "red^2"))
    assert double == pytest.approx(2 * plain, abs=1e-5)


@pytest.mark.parametrize(
    "query",
    [
        "model", "mixture of experts", "large language models for recommendation", '"language model" retrieval',
        "quant* video", "transfomer~", "zeroshot learning", "author:Qwen model", "MoE", "title:diffusion^2 image",
        "2412.15115 quantized", "MiLo", "year:2024 OR diffusion", "diffusion -image",
    ],
)  # fmt: skip
def test_explanations_add_up_to_the_score(index: papersearch.Index, query: str) -> None:
    answer = index.search(query, explain=True, limit=100, snippets=False)
    assert answer.results
    for hit in answer.results:
        assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score, abs=1e-6)
        assert all(part.score > 0 for part in hit.explanation)
    assert all(not hit.explanation for hit in index.search(query).results)


def test_a_phrase_weighs_no_less_than_its_words(tmp_path: Path) -> None:
    others = [f"gray number {number}" for number in range(30)]
    index = index_of_texts(tmp_path, "red lime teal ruby jade navy", "proc conf int", *others)
    assert everything(index, "red lime teal ruby jade navy, proc conf int")[0] == "a"
    assert everything(index, '"red lime teal ruby jade navy", proc conf int')[0] == "a"
    assert everything(index, '"red lime" proc conf int')[0] == "b"


def test_what_the_best_papers_say_never_pushes_the_first_paper_aside(tmp_path: Path) -> None:
    write_post(tmp_path, "first", "On red blue gray", "red blue gray", published="2020-01-01")
    for number in range(5):
        write_post(tmp_path, f"p{number}", "Red blue", "gray lime plum teal ruby jade navy", published="2024-01-01")
    write_post(tmp_path, "last", "Other things", "quite other things")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    first, second, *_ = index.search("red blue gray", explain=True).results
    assert first.id == "first"
    assert first.score == pytest.approx(second.score, abs=1e-5)
    assert {part.term for part in first.explanation} >= {"feedback", "all words", "red blue"}


NAMED = {
    "first": ("NeRF: red scenes as blue fields", "gray lime plum teal"),
    "second": ("NeRF for outdoor scenes", "nerf, a nerf and a nerf"),
    "third": ("NeRF-SLAM", "nerf, a nerf and a nerf"),
    "fourth": ("Fast NeRF", "nerf, a nerf and a nerf"),
}


def named_index(folder: Path, named: Mapping[str, tuple[str, str]] = NAMED) -> papersearch.Index:
    for name, (title, abstract) in named.items():
        write_post(folder, name, title, abstract)
    return papersearch.build(str(folder / "index"), [str(folder)])


@pytest.mark.parametrize(
    "query",
    [
        "what is NeRF?",
        "the NeRF paper",
        "how does nerf work",
        "nerf arxiv",
        "nerf 2020",
        "NeRF pdf github",
        "nerf bibtex",
        "nerf eccv 2020 ppt",
        "nerf openreview",
    ],
)
def test_what_stands_around_a_name_without_being_said_of_it_does_not_hide_the_name(tmp_path: Path, query: str) -> None:
    index = named_index(tmp_path)
    assert everything(index, query)[0] == "first"
    assert everything(index, f"outdoor {query}")[0] == "second"


def test_what_may_be_a_topic_beside_a_name_is_not_only_asked_for(tmp_path: Path) -> None:
    write_post(tmp_path, "named", "NeRF red scenes", "gray")
    write_post(tmp_path, "topic", "A NeRF of slides", "slides of a nerf")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert everything(index, "nerf slides")[0] == "topic"


def test_a_name_finds_the_paper_first_whose_title_begins_with_it(tmp_path: Path) -> None:
    index = named_index(tmp_path)
    assert everything(index, "nerf")[0] == "first"
    assert set(everything(index, "nerf")) == set(NAMED)
    assert everything(index, "nerf slam")[0] == "third"
    assert everything(index, '"nerf"')[0] != "first", "asked for as a phrase, and not as a name"


@pytest.mark.parametrize("query", ["tikzero", "tik zero", "tik-zero", "TikZero"])
def test_a_name_is_asked_for_in_any_spelling(tmp_path: Path, query: str) -> None:
    others = {f"p{number}": ("A tik zero, and TikZero", "tikzero, tik zero, tik-zero") for number in range(3)}
    index = named_index(tmp_path, others | {"named": ("TikZero red fields", "gray lime plum teal")})
    assert everything(index, query)[0] == "named"


def test_a_name_whose_eighth_byte_is_in_the_middle_of_a_letter_is_found_like_others(tmp_path: Path) -> None:
    index = named_index(tmp_path, {"other": ("Xметода", "Xметода"), "named": ("Xметода rouge: un texte", "gray")})
    assert everything(index, "xметода rouge")[0] == "named"


def test_of_papers_without_a_colon_after_the_name_the_one_that_goes_on_in_another_word_is_not_named_so(
    tmp_path: Path,
) -> None:
    index = named_index(tmp_path, {name: post for name, post in NAMED.items() if name != "first"})
    assert everything(index, "nerf")[0] == "second"


@pytest.mark.parametrize("title", ["Poincaré", "Poincare\u0301"])
def test_a_title_is_asked_for_with_its_accents_or_without(tmp_path: Path, title: str) -> None:
    write_post(tmp_path, "2401.00001", f"{title}: a long treatise of other subjects", "Otters. " * 90)
    for number in range(2, 6):
        write_post(tmp_path, f"2401.0000{number}", f"On {title} maps", f"{title}, {title}.")
    with papersearch.build(str(tmp_path / "index"), [str(tmp_path)]) as index:
        for asked in ("Poincaré", "poincare", "Poincare\u0301", "POINCARÉ pdf"):
            assert index.search(asked).results[0].id == "2401.00001", asked


def test_the_beginning_of_a_title_finds_its_paper_first_also_within_a_word_that_is_still_typed(tmp_path: Path) -> None:
    others = {f"p{number}": (f"Blue fields of red {number}", "red blue red blue fields") for number in range(4)}
    index = named_index(tmp_path, others | {"sought": ("Red and blue fields", "gray lime plum teal")})
    assert everything(index, "red and blue")[0] == "sought"
    assert everything(index, "red and blu", prefix=True)[0] == "sought"


@pytest.mark.parametrize(
    ("title", "first"), [("Red: a method", True), ("Red (a method)", True), ("Red", True), ("Red methods", False)]
)
def test_a_word_that_may_be_a_topic_is_a_name_only_before_a_colon_or_alone(
    tmp_path: Path, title: str, first: bool
) -> None:
    index = named_index(tmp_path, {"named": (title, "gray lime plum teal"), "other": ("Dark red red", "red red red")})
    assert (everything(index, "red")[0] == "named") is first


@pytest.mark.parametrize("query", ["lovelace et al., 2017", "Lovelace et al. (2017b) red", "red lovelace 2017"])
def test_a_year_among_words_is_that_of_the_paper_or_the_next(tmp_path: Path, query: str) -> None:
    for year in range(2013, 2020):
        write_post(
            tmp_path,
            f"of{year}",
            "Red",
            "red " * (abs(year - 2017) + 1),
            author="Ada Lovelace",
            published=f"{year}-06-01",
        )
    papersearch.build(tmp_path / "index", [tmp_path])
    answer = papersearch.open(tmp_path / "index").search(query)
    assert [hit.id for hit in answer.results[:2]] == ["of2017", "of2016"]
    assert answer.results[0].missing == ()
    assert not any("every word" in note for note in plain.notes(answer))
    assert {hit.missing for hit in answer.results[1:]} == ({()} if "et al" in query else {("2017",)})


@pytest.mark.parametrize("day", ["2017-01-01", "2017-12-31"])
def test_a_year_begins_with_its_first_day_and_ends_with_its_last(tmp_path: Path, day: str) -> None:
    write_post(tmp_path, "of2017", "Red", "red fields", published=day)
    write_post(tmp_path, "of2018", "Red", "red red fields", published="2018-01-01")
    papersearch.build(tmp_path / "index", [tmp_path])
    assert everything(papersearch.open(tmp_path / "index"), "red 2017")[0] == "of2017"


def test_a_name_with_a_year_is_found_by_those_that_name_it(tmp_path: Path) -> None:
    write_post(tmp_path, "naming", "Lime", "red 2014 fields of teal and gray", published="2020-06-01")
    for number in range(4):
        write_post(tmp_path, f"p{number}", "Plum", "red fields of teal", published=f"2014-0{number + 1}-01")
        write_post(tmp_path, f"q{number}", "Plum", "gray fields of teal")
    papersearch.build(tmp_path / "index", [tmp_path])
    assert everything(papersearch.open(tmp_path / "index"), "red 2014")[0] == "naming"


def test_a_rare_year_does_not_outweigh_what_it_is_asked_with(tmp_path: Path) -> None:
    write_post(tmp_path, "naming", "Lime of 2014", "lime plum 2014", published="2014-06-01")
    for number in range(9):
        write_post(tmp_path, f"p{number}", "Teal", "plum fields of red", published=f"201{number}-01-01")
    papersearch.build(tmp_path / "index", [tmp_path])
    assert everything(papersearch.open(tmp_path / "index"), "red 2014")[0] == "p4"


def test_of_two_years_among_words_none_is_that_of_the_paper(tmp_path: Path) -> None:
    for year in (2017, 2018, 2019):
        write_post(tmp_path, f"of{year}", "Red", "red " * (2020 - year), published=f"{year}-06-01")
    papersearch.build(tmp_path / "index", [tmp_path])
    assert everything(papersearch.open(tmp_path / "index"), "red 2018 2019")[0] == "of2017"


def test_what_many_titles_begin_with_is_a_topic(tmp_path: Path) -> None:
    others = {f"p{number}": (f"Red: {number}", "gray lime plum teal") for number in range(MOST_TITLED + 1)}
    index = named_index(tmp_path, others | {"more": ("Dark red red", "red red red")})
    assert everything(index, "red")[0] == "more"


def test_acronyms_find_what_is_only_spelled_out_and_the_other_way_round(tmp_path: Path) -> None:
    index = index_of_texts(
        tmp_path,
        "A mixture of experts (MoE) is large.",
        "We route a mixture of experts.",
        "We train an MoE.",
        "We use a MoE and a mixture of experts (MoE).",
        "An expert has no mixture.",
    )
    answer = index.search("MoE")
    assert set(ids(answer)) == {"a", "b", "c", "d"}
    assert answer.expanded == {"MoE": ("mixture of experts",)}
    assert ids(answer)[-1] == "b", "spelled out counts less than the word itself"
    assert set(everything(index, "MoE", expand=False)) == {"a", "c", "d"}
    assert index.search("MoE", expand=False).expanded == {}
    answer = index.search("mixture of experts")
    assert set(ids(answer)) == {"a", "b", "c", "d", "e"}
    assert answer.expanded == {"mixture of experts": ("moe",)}
    assert "c" not in everything(index, "mixture of experts", expand=False)
    assert "c" not in everything(index, '"mixture of experts"')


def test_an_acronym_that_is_forbidden_or_asked_for_in_a_field_is_that_word_alone(tmp_path: Path) -> None:
    index = index_of_texts(
        tmp_path,
        "A router, and a mixture of experts (MoE).",
        "A router in a mixture of experts.",
        "A router of an MoE.",
    )
    assert set(everything(index, "router -MoE")) == {"b"}
    assert set(everything(index, "abstract:MoE")) == {"a", "c"}


def test_an_acronym_that_is_a_word_of_its_own_brings_in_nothing(tmp_path: Path) -> None:
    maps = [f"A map of town {number}." for number in range(MOST_UNEXPLAINED + 1)]
    index = index_of_texts(
        tmp_path,
        "Optical flow (OF) of cars.",
        "Mean average precision (MAP) of words.",
        "Word embeddings (WEM) of words.",
        "Another WEM.",
        *maps,
    )
    assert index.search("optical flow").expanded == {}
    assert ids(index.search("optical flow")) == ["a"]
    assert index.search("mean average precision").expanded == {}
    assert index.search("word embeddings").expanded == {"word embeddings": ("wem",)}
    assert "d" in everything(index, "word embeddings")


def test_a_common_word_that_one_paper_takes_for_an_acronym_is_the_word(tmp_path: Path) -> None:
    deep = [f"A deep net number {number}." for number in range(MOST_AS_WORD)]
    index = index_of_texts(
        tmp_path, "Decoupled estimation of errors and peaks (DEEP).", "Deep Q networks (DQN).", *deep
    )
    assert index.search("deep").expanded == {}
    assert index.search("dqn").expanded == {"dqn": ("Deep Q networks",)}


def test_words_in_different_fields_are_not_side_by_side(tmp_path: Path) -> None:
    write_post(tmp_path, "a", "Something red", "green only", tags=["blue"], author="Ann")
    write_post(tmp_path, "b", "Something", "the red blue only")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    found = {hit.id: hit for hit in index.search("red ann", explain=True).results}
    assert "pair" not in {part.field for part in found["a"].explanation}
    found = {hit.id: hit for hit in index.search("red blue", explain=True).results}
    assert "pair" in {part.field for part in found["b"].explanation}


def test_many_threads_get_the_answers_that_one_gets(index: papersearch.Index) -> None:
    queries = [
        "model",
        "mixture of experts",
        "quant*",
        '"language model"',
        "MoE",
        "transfomer~",
        "diffusion -image",
    ] * 3
    alone = [index.search(query).results for query in queries]
    fresh = papersearch.open(index.path)
    together: dict[int, list[tuple[Hit, ...]]] = {}

    def ask(number: int) -> None:
        together[number] = [fresh.search(query).results for query in queries]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[number] for number in range(6)] == [alone] * 6


@pytest.mark.parametrize("query", ["cache me if you must", "cache me if you", "Cache Me If You Must: adaptive"])
def test_half_a_title_of_common_words_finds_its_paper_first(tmp_path: Path, query: str) -> None:
    write_post(tmp_path, "often", "Cache models", "cache " * 7)
    write_post(tmp_path, "meant", "Cache Me If You Must Adaptive Quantization", "we cache keys and values")
    write_post(tmp_path, "apart", "Must you cache if it is for me", "cache what you must if you can")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert everything(index, query)[0] == "meant"
    assert index.search("cache me if you must").total_all == 3


@pytest.mark.parametrize(
    "query", ["routing is all you need", "routing is all you need pdf", "paper routing is all you need"]
)
def test_a_title_of_common_words_is_found_first_whatever_is_asked_for_beside_it(tmp_path: Path, query: str) -> None:
    write_post(tmp_path, "often", "Routing a PDF", "a paper on routing, a pdf of routing, and papers")
    write_post(tmp_path, "named", "Routing: a paper", "pdf")
    write_post(tmp_path, "meant", "Routing Is All You Need", "gray lime plum")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert everything(index, query)[0] == "meant"


def test_common_words_around_a_telling_one_say_nothing_unless_they_stand_there_too(tmp_path: Path) -> None:
    index = index_of_texts(tmp_path, "routing and routing of much", "the routing", "what nobody is to say of it")
    scores = {
        query: [hit.score for hit in index.search(query).results] for query in ("routing", "what is this routing")
    }
    assert scores["routing"] == scores["what is this routing"]


@pytest.mark.parametrize("query", ["Ruiz et al. (2024)", "Ruiz et al 2024 routing", "(ruiz et al., 2024b) routing"])
def test_a_citation_finds_the_paper_of_its_author(tmp_path: Path, query: str) -> None:
    write_post(tmp_path, "cites", "What others said 2024", "As Wang et al. 2024 and Gray et al. 2024 show")
    write_post(tmp_path, "meant", "Routing", "We route", author="Ana Ruiz")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    answer = index.search(query)
    assert [hit.id for hit in answer.results] == ["meant"]
    assert answer.results[0].missing == ()
    assert ids(index.search('"et al" 2024'))[0] == "cites"


@pytest.mark.parametrize(
    "query", ["ruiz2024routing", "@ruiz2024routing", r"\citep{ruiz2024routing}", "ruizetal2024routing"]
)
def test_a_key_of_bibtex_is_surname_year_and_word(tmp_path: Path, query: str) -> None:
    write_post(tmp_path, "other", "Switching", "We switch", author="Ana Ruiz")
    write_post(tmp_path, "early", "Routing", "We route", author="Ana Ruiz", published="2019-01-01")
    write_post(tmp_path, "meant", "Routing again", "We route", author="Ana Ruiz", published="2024-01-01")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert ids(index.search(query))[0] == "meant"


def test_what_looks_like_a_key_may_be_a_word_or_the_name_of_a_note(tmp_path: Path) -> None:
    write_post(tmp_path, "ruiz2024routing", "My notes", "gray")
    write_post(tmp_path, "data", "Red", "on COCO2017val and coco2017val")
    write_post(tmp_path, "apart", "Red", "coco, 2017, and a val of coco in 2017")
    write_post(tmp_path, "by", "Routing", "We route", author="Ana Ruiz")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert ids(index.search("ruiz2024routing"))[0] == "ruiz2024routing"
    assert ids(index.search("coco2017val"))[0] == "data"


def test_initials_do_not_outweigh_the_name_behind_them(tmp_path: Path) -> None:
    write_post(tmp_path, "letters", "On B. and H. in H. and B.", "b h b h b h b h")
    write_post(tmp_path, "meant", "Routing", "We route", author="Hanna Berta Ruiz")
    for number in range(3):
        write_post(tmp_path, f"other{number}", "Gray", "gray and blue", author="Ana Gray")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert everything(index, "H. B. Ruiz")[0] == "meant"
    assert everything(index, "vitamin H.")[0] == "letters"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2)), max_size=30), st.integers(1, 30))
def test_scores_are_told_apart_by_nine_digits_and_the_rest_by_date_and_id(steps: list[tuple[int, int]], k: int) -> None:
    papers = [Scored(1.5 + step * 2.5e-10, 0, doc) for doc, (step, _) in enumerate(steps)]
    days, ids = [day for _, day in steps], [f"{7 * doc % 31:02}" for doc in range(len(steps))]
    documents = SimpleNamespace(column=lambda _: days, stored=lambda doc: {"id": ids[doc]})
    reader: Any = SimpleNamespace(segments=[SimpleNamespace(documents=documents)])
    expected = sorted(papers, key=lambda paper: (-round(paper.score, 9), -days[paper.doc], ids[paper.doc]))
    assert best_first(reader, papers, k) == expected[:k]
    apart = [paper._replace(score=1.5 + step * 1e-8) for paper, (step, _) in zip(papers, steps, strict=True)]
    expected = sorted(apart, key=lambda paper: (-round(paper.score, 9), -days[paper.doc], ids[paper.doc]))
    assert best_first(reader, apart, k) == expected[:k]
