"""What small words, which tell nothing by themselves, tell beside others: ``segment anything``, ``text to image``."""

from __future__ import annotations

from pathlib import Path

import pytest

import papersearch
from tests.corpora import index_of_texts, write_post
from tests.posted import everything


def test_a_small_word_that_ends_a_name_is_part_of_it(tmp_path: Path) -> None:
    for number in range(8):
        write_post(tmp_path, f"p{number}", f"Segmentation {number}", "a random segment, segments and segmentation")
    write_post(tmp_path, "named", "Masks without labels", "We make of Segment Anything a tool that is small.")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert everything(index, "segment anything")[0] == "named"
    assert index.search("segment anything").results[1].missing == ("anything",)
    for query in ("anything on segments", "random anything"):
        assert all("anything" not in hit.missing for hit in index.search(query).results)


@pytest.mark.parametrize(
    ("query", "meant", "not_meant"),
    [
        ("red to blue", "from red to blue here", "here the red blue to"),
        ("red to blue", "here it is red-to-blue", "here to red-blue is"),
        ("on red", "it is done on red here", "here on it is red done"),
        ("known red", "known red is what it is", "what it is, red, is known"),
    ],
)
def test_small_words_between_and_before_stand_where_the_query_has_them(
    tmp_path: Path, query: str, meant: str, not_meant: str
) -> None:
    index = index_of_texts(tmp_path, not_meant, meant, *(f"gray number {number}" for number in range(9)))
    assert everything(index, query) == ["b", "a"]


@pytest.mark.parametrize("word", ["the", "using", "a"])
def test_words_before_the_first_one_that_say_nothing_of_it_move_nothing(tmp_path: Path, word: str) -> None:
    write_post(tmp_path, "a", "Red", "red and the gray")
    write_post(tmp_path, "b", "Lime", f"{word} red and gray", published="2025-01-01")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    scores = {query: {hit.id: hit.score for hit in index.search(query).results} for query in ("red", f"{word} red")}
    assert scores["red"] == scores[f"{word} red"]


@pytest.mark.parametrize("query", ["He et al.", "he et al 2016", "He etal"])
def test_a_small_word_that_is_cited_is_an_author(tmp_path: Path, query: str) -> None:
    write_post(
        tmp_path, "said", "Where he is", "he said that he is where he was, and he et al. too", author="Ann Author"
    )
    write_post(tmp_path, "named", "Residual networks", "gray lime", author="Kaiming He")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert everything(index, query) == ["named"]
    assert everything(index, f"{query} residual") == ["named"]
    assert everything(index, f"{query} gray he")[0] == "named"


@pytest.mark.parametrize("query", ["off policy", "off-policy", "offpolicy"])
def test_a_compound_of_a_small_word_and_a_common_one_is_found_with_a_blank_too(tmp_path: Path, query: str) -> None:
    others = (f"policy {number}: a policy off the policy" for number in range(59))
    index = index_of_texts(tmp_path, "what is learned is off-policy", *others)
    assert everything(index, query)[0] == "a"
