"""Snippets: the right passage, cut at the right places, every mark on its word."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papersearch.posts.parse import parse
from papersearch.search import snippets
from papersearch.search.snippets import highlights, passages
from papersearch.text import words

CORPUS = Path(__file__).parent.parent / "corpus"
ABSTRACTS = [
    post.abstract for path in sorted(CORPUS.glob("*.md")) if (post := parse(str(path), path.read_bytes())).abstract
]
LONG = (
    "Old systems read every word. A new router picks experts for each token, which saves time. "
    "Nobody knows why this works, e.g. for long texts. In the end a mixture of experts wins, and the mixture is small. "
    "We also tried other things that did not help at all, and report them here for those who come after us."
)


def wanted(query: str) -> dict[str, tuple[int, float]]:
    return {term: (number, 1.0) for number, term in enumerate(words.stem(word) for word in query.split())}


def marked(text: str, marks: tuple[tuple[int, int], ...]) -> list[str]:
    return [text[start:end] for start, end in marks]


def test_the_best_passage_holds_the_words_close_together_and_whole_sentences() -> None:
    (passage,) = passages(LONG, wanted("mixture expert"), width=120)
    assert passage.text == "In the end a mixture of experts wins, and the mixture is small."
    assert marked(passage.text, passage.highlights) == ["mixture", "experts", "mixture"]
    assert LONG[passage.start :].startswith(passage.text)


def test_two_passages_where_one_cannot_show_all_words_in_the_order_of_the_text() -> None:
    found = passages(LONG, wanted("router report"), width=100)
    assert [marked(passage.text, passage.highlights) for passage in found] == [["router"], ["report"]]
    assert found[0].start < found[1].start


def test_one_passage_where_the_second_would_show_nothing_new() -> None:
    assert len(passages(LONG, wanted("mixture"), width=80)) == 1


def test_a_long_sentence_is_cut_at_clauses_with_an_ellipsis() -> None:
    (passage,) = passages(LONG, wanted("come"), width=70)
    assert passage.text.startswith("… ")
    assert "come" in marked(passage.text, passage.highlights)


def test_abbreviations_end_no_sentence() -> None:
    (passage,) = passages(LONG, wanted("works"), width=60)
    assert passage.text == "Nobody knows why this works, e.g. for long texts."


def test_without_a_match_it_is_the_head() -> None:
    (passage,) = passages(LONG, wanted("nothing"), width=60)
    assert (passage.text, passage.highlights, passage.start) == ("Old systems read every word.", (), 0)


def test_of_nothing_there_is_nothing() -> None:
    assert passages("", wanted("x")) == []
    assert passages(" \n ", wanted("x")) == []


@pytest.mark.parametrize("text", ["A zero-shot method", "A ZeroShot method", "A zeroshot method"])
def test_words_are_marked_in_whatever_spelling(text: str) -> None:
    terms = {"zeroshot": (0, 1.0)}
    runs = [(("zero", "shot"), 0, 1.0)]
    marks = highlights(text, terms, runs)
    assert "".join(marked(text, marks)).replace("-", "").lower() == "zeroshot"


def test_runs_are_marked_only_where_they_stand_side_by_side() -> None:
    text = "Experts of mixture; a mixture of experts."
    marks = highlights(text, {}, [(("mixtur", "of", "expert"), 0, 1.0)])
    assert marked(text, marks) == ["mixture", "of", "experts"]
    assert marks[0][0] == text.rindex("mixture")


def test_pairs_of_chinese_characters_are_marked_as_one() -> None:
    text = "我们研究大语言模型。"
    marks = highlights(text, dict.fromkeys((term for _, _, term, _ in words.spans("语言模型")), (0, 1.0)))
    assert marked(text, marks) == ["语言模型"]


def test_irregular_stems_are_found_by_the_shortcut_for_ascii() -> None:
    assert marked("A dying star", highlights("A dying star", {"die": (0, 1.0)})) == ["dying"]


def test_a_huge_text_without_blanks_is_bounded() -> None:
    (passage,) = passages("x" * 3_000_000, wanted("x"))
    assert len(passage.text) <= snippets.WIDTH


@pytest.mark.parametrize("text", ABSTRACTS)
def test_the_shortcut_for_ascii_finds_what_taking_all_apart_finds(text: str) -> None:
    spans = words.spans(text)
    for start in range(0, len(spans), 25):
        terms = {term: (0, 1.0) for _, _, term, _ in spans[start : start + 2]}
        expected = [(a, b) for a, b, term, _ in spans if term in terms]
        assert highlights(text, terms) == snippets._merged(sorted(expected))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_passage_keeps_its_promises(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(ABSTRACTS))
    spans = words.spans(text)
    chosen = data.draw(st.lists(st.sampled_from(spans), min_size=1, max_size=6))
    terms = {term: (number, float(number + 1)) for number, (_, _, term, _) in enumerate(chosen)}
    width = data.draw(st.integers(40, 400))
    found = passages(text, terms, width=width)
    assert 1 <= len(found) <= 2
    end = 0
    for passage in found:
        inner = passage.text.removeprefix("… ").removesuffix(" …")
        assert text[passage.start : passage.start + len(inner)] == inner
        assert passage.start >= end
        end = passage.start + len(inner)
        assert len(passage.text) <= width
        assert passage.highlights
        for a, b in passage.highlights:
            assert any(term in terms for _, _, term, _ in words.spans(passage.text[a:b]))
