"""What people say around a question is not what they ask, and a capital that begins a sentence makes no name."""

from __future__ import annotations

from pathlib import Path

import pytest

import papersearch
from papersearch.engine.ask.terms import names_of, plain_capitals
from papersearch.text.courtesy import without_courtesy
from tests.corpora import write_post

AROUND = [
    "Hello, {}",
    "Hi there! {}",
    "Dear all,\n{}",
    "Q1: {}",
    "Quick question: {}",
    "OK, {}",
    "I was wondering: {}",
    "I need to know for my talk: {}",
    "Answer the following question from my notes: {}",
    "{} Thanks in advance.",
    "{} Thank you so much!",
    "{} Cite your sources.",
    "{} Answer briefly.",
    "{} One sentence only.",
    "{}\n\nPlease answer in three bullet points. Give references, please.",
    "{} Explain.",
    "Hi! {} Many thanks",
    "{} Thanks, Ada",
]
ITSELF = [
    "How many words are in one sentence?",
    "Question answering: which data sets are there?",
    "Hi-C data, which methods are there",
    "Which models need few examples",
    "Does it help if models explain chains of thought step by step",
    "Which of these is best: simple?",
    "thanks",
    "Answer briefly.",
    "Well-posed problems: which are there?",
]


@pytest.mark.parametrize("around", AROUND)
def test_what_is_said_around_a_question_is_left_out(around: str) -> None:
    question = "How do otters build dams?"
    assert without_courtesy(around.format(question)).strip() == question


@pytest.mark.parametrize("question", ITSELF)
def test_what_is_asked_stays(question: str) -> None:
    assert without_courtesy(question) == question


def test_a_question_full_of_courtesy_is_read_in_time() -> None:
    for text in ("hi! ", "thanks ", ", briefly", "please answer ", " the short simple"):
        assert without_courtesy(text * 2000).strip()


def test_a_capital_that_begins_a_sentence_or_stands_in_a_title_makes_no_name() -> None:
    for question, names in {
        "Dams leak. Does Clay help? Ask Fiber Labs.": ("clay", "fiber", "lab"),
        "How Do Big Otters Build Strong Dams?": (),
        "How Does OtterNet Build Strong Dams With GPT-5?": ("otternet", "gpt5"),
        "Compare Otter and Beaver": ("otter", "beaver"),
    }.items():
        assert names_of(question, plain_capitals(question)) == names, question


@pytest.mark.parametrize("around", [*AROUND, "Bonjour, {}", "My dams leak. {}", "{}\nResins are glue."])
def test_an_answer_is_found_whatever_is_said_around_the_question(around: str, tmp_path: Path) -> None:
    write_post(tmp_path, "2401.00001", "Otters Build Dams", "Otters build dams from clay and resin.")
    write_post(tmp_path, "2401.00002", "Robots", "Robots fold laundry in two minutes.")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    asked = around.format("What do otters build from clay and resin?")
    reply = index.ask(asked)
    assert [sentence.sources for sentence in reply.sentences] == [("2401.00001",)]
    assert reply.question == asked
