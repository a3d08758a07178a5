"""Which questions ask what something is, and which sentences say so."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import papersearch
from papersearch.engine.ask.definitions import forms_of, thing_of, worth
from tests.corpora import index_of_texts, write_post


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("what is mixture of experts", "mixture of experts"), ("What is a world model?", "world model"),
        ("What’s an LLM?", "LLM"), ("what does MoE stand for?", "MoE"), ("What does recall mean?", "recall"),
        ("define counter-speech", "counter-speech"), ("Define: FL", "FL"), ("what is the meaning of FL", "FL"),
        ("what are the sparse autoencoders?", "sparse autoencoders"), ("What is Sgr A*?", "Sgr A"),
        ("what is the effect of noise?", ""), ("how does routing work?", ""), ("what is", ""), ("what is ???", ""),
        ("what do papers say about MoE?", ""), ("what's new in MoE", ""), ("what does MoE do?", ""),
        ("which papers are about MoE", ""), ("what is " + "routing " * 20, ""), ("routing", ""),
    ],
)  # fmt: skip
def test_what_is_asked_to_be_explained_is_told(question: str, thing: str) -> None:
    assert thing_of(question) == thing


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("Soft routing is a way to choose experts.", "Soft routing is fast."),
        ("Soft routing is fast.", "We measure soft routing."),
        ("Soft routing (SR) sends tokens to experts.", "We measure soft routing."),
        ("We trust in soft routing, a way to choose experts.", "We measure soft routing."),
        ("In this work we introduce soft routing, which chooses.", "In this work, soft routing, which chooses."),
        ("We measure soft routing.", "We introduce Sparse Soft Routing (SSR), a way to choose."),
        ("We measure soft routing.", "Non-soft routing is a way to choose."),
        ("We measure soft routing.", "We introduce soft-routing-based experts, a way to choose."),
        ("We measure soft routing.", "Routing is a soft way to choose."),
        ("SR is a way to choose experts.", "We measure soft routing."),
        ("Soft routing is a way to choose.", "The price of soft routing is a riddle."),
        ("Soft routing grew.", "Soft routing of experts grew."),
        ("Soft routing grew.", "We saw that soft routing grew."),
        ("(SR) is a way to choose.", "We measure SR."),
        ("We introduce soft routing.", "We introduce soft routing gadgets."),
    ],
)  # fmt: skip
def test_a_sentence_that_says_what_the_thing_is_is_worth_more(better: str, worse: str) -> None:
    forms = forms_of("soft routing", {"soft routing": ("SR",), "soft": ("S",)})
    assert forms == [("soft", "rout"), ("sr",)]
    assert worth(better, forms) > worth(worse, forms)


def test_the_sentence_that_says_what_something_is_comes_first(tmp_path: Path) -> None:
    index = index_of_texts(
        tmp_path,
        "Soft routing beats soft routing of old, for soft routing is fast. We use soft routing.",
        "Much was said before. Soft routing (SR) is a way to choose experts without a threshold. It was said again.",
        "We propose Dense Soft Routing (DSR), a framework for soft routing.",
    )
    assert index.ask("what is soft routing?").sentences[0].text.startswith("Soft routing (SR) is a way")
    assert index.ask("What does SR mean?").sentences[0].text.startswith("Soft routing (SR) is a way")
    assert not index.ask("what is hard swimming?").answered


def test_a_paper_with_the_words_of_a_name_apart_does_not_say_what_the_thing_is(tmp_path: Path) -> None:
    index = index_of_texts(
        tmp_path, "We guess, with much speculation, how it was built. Its images come from a head for decoding."
    )
    assert not index.ask("what is speculative decoding?").answered
    assert index.ask("how much speculation and decoding is there?").answered
    assert index.ask("what is image decoding?").answered


@pytest.mark.parametrize(
    "asked",
    ["what do papers say about", "what are the latest findings on", "summarise research on", "do any papers deal with"],
)
def test_what_papers_say_of_a_subject_is_answered_by_what_they_say_of_it(tmp_path: Path, asked: str) -> None:
    index = index_of_texts(
        tmp_path,
        "Soft routing is a way to choose experts. We like it.",
        "A riddle says: papers deal with what any research says, and its latest findings.",
    )
    answer = index.ask(f"{asked} soft routing?")
    assert [sentence.text for sentence in answer.sentences][:1] == ["Soft routing is a way to choose experts."]
    assert [paper.id for paper in answer.papers] == [index.search("soft routing").results[0].id]


def test_an_acronym_in_a_sentence_and_its_long_form_in_the_title_count_once(tmp_path: Path) -> None:
    text = "A mixture of experts (MoE) is known. We like this MoE. A mixture of experts costs memory. It is so."
    write_post(tmp_path, "a", "Mixture of experts", text)
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert index.ask("does a mixture of experts cost memory").sentences[0].text == "A mixture of experts costs memory."


@pytest.mark.parametrize(
    "sentence", ["moe " * 50_000, "we introduce " * 10_000 + "moe", "moe (" * 20_000, " " * 100_000]
)
def test_a_huge_sentence_is_looked_at_in_a_moment(sentence: str) -> None:
    begin = time.process_time()
    worth(sentence, [("moe",)])
    thing_of(f"what is {sentence}")
    assert time.process_time() - begin < 2
