"""A question that is misspelt is answered as it was meant, if papers say nothing to it as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

import papersearch
from papersearch.core.records import Answering
from tests.commands import run
from tests.corpora import write_post


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reading")
    posts = folder / "corpus"
    posts.mkdir()
    for number in range(9):
        text = f"Translation and diffusion. The sensitivity of otter {number} whiskers is {number + 2} mm."
        write_post(posts, f"2401.0000{number}", f"Whiskers of Kind {number}", text, author="Ann Lee")
    write_post(posts, "2401.00009", "OtterSong Sung", "Rivers.", author="Bo Fox")
    papersearch.build(str(folder / "index"), [str(posts)], jobs=1)
    return folder


@pytest.fixture(scope="module")
def index(home: Path) -> papersearch.Index:
    return papersearch.open(str(home / "index"))


def test_a_question_with_certain_slips_is_answered_as_it_was_meant(index: papersearch.Index) -> None:
    asked, meant = ("what is the senstivity?", "what is the sensitivity?")
    reply = index.ask(asked)
    assert reply.sentences == index.ask(meant).sentences != ()
    assert (reply.question, reply.notes) == (asked, (f"this answers “{meant}”",))
    assert index.ask_prompt(asked, Answering()) == index.ask_prompt(meant, Answering()) != []


def test_where_a_slip_is_not_certain_what_may_have_been_meant_is_said(home: Path) -> None:
    ran = run(home, "ask", "who wrote OterSong?")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(
        "papersearch: did you mean: who wrote OtterSong?\npapersearch: no answer: no paper is named"
    )


def test_nothing_is_said_of_what_is_silent_too_or_answered_as_it_stands(index: papersearch.Index) -> None:
    for question in ("what is the senstivity of GPT-5?", "what is the sensitivity of whiskers?", "who wrote Walden?"):
        assert index.ask(question).notes == ()
    assert not index.ask("what is the senstivity of GPT-5?").answered
