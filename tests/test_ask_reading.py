"""Of a question that papers do not answer it is said how it may be meant, if they answer that."""

from __future__ import annotations

from pathlib import Path

import pytest

import papersearch
from tests.commands import run
from tests.corpora import write_post


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    folder = tmp_path_factory.mktemp("reading")
    for number in range(9):
        text = f"Translation and diffusion. The sensitivity of otter {number} whiskers is {number + 2} mm."
        write_post(folder, f"2401.0000{number}", f"Whiskers of Kind {number}", text, author="Ann Lee")
    write_post(folder, "2401.00009", "OtterSong Sung", "Rivers.", author="Bo Fox")
    return papersearch.build(str(folder / "index"), [str(folder)], jobs=1)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("what is the senstivity?", "what is the sensitivity?"), ("who wrote OterSong?", "who wrote OtterSong?")],
)
def test_of_a_question_with_a_slip_it_is_said_how_it_may_be_meant(
    index: papersearch.Index, asked: str, meant: str
) -> None:
    home = Path(index.path).parent
    ran = run(home, "ask", asked)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"papersearch: did you mean: {meant}\npapersearch: no answer: ")
    assert run(home, "ask", meant).code == 0


def test_nothing_is_said_of_what_is_silent_too_or_answered_as_it_stands(index: papersearch.Index) -> None:
    for question in ("what is the senstivity of GPT-5?", "what is the sensitivity of whiskers?", "who wrote Walden?"):
        assert index.ask(question).notes == ()
    assert not index.ask("what is the senstivity of GPT-5?").answered


def test_a_question_is_read_as_a_query_is_and_told_as_it_was_asked(tmp_path: Path) -> None:
    text = r"Schr\"odinger otters dig bridges of $\ell_1$ whiskers."
    write_post(tmp_path, "2401.00001", "Rivers", text, author="Ann Lee")
    write_post(tmp_path, "2401.00002", "OtterSong of β Rivers", "Lakes.", author="Bo Fox")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    for asked in (r"what do Schr\"odinger otters dig?", "what has <i>Schrödinger</i> otters' $\\ell_1$ whiskers?"):
        reply = index.ask(asked)
        assert [each.sources for each in reply.sentences] == [("2401.00001",)]
        assert reply.question == asked
    asked = "who wrote OtterSong of $\\beta$ rivers?"
    assert [each.text for each in index.ask(asked).sentences] == ["Bo Fox et al."]
    assert index.ask(asked).question == asked


def test_what_only_a_title_names_is_told_by_what_its_paper_is_about(index: papersearch.Index) -> None:
    for question in ("what is OtterSong?", "tell me about OtterSong"):
        assert [(each.text, each.sources) for each in index.ask(question).sentences] == [("Rivers.", ("2401.00009",))]
    assert not index.ask("what is BeaverSong?").answered


def test_things_that_no_paper_compares_are_told_one_by_one(tmp_path: Path) -> None:
    song = "Rivers. We introduce OtterSong, a choir. It was trained on letters."
    dam = "Lakes are wide. We propose a net for dams (BeaverNet) that digs. It is fast."
    write_post(tmp_path, "2401.00001", "Whiskers", song)
    write_post(tmp_path, "2401.00002", "Teeth", dam)
    write_post(tmp_path, "2401.00003", "NewtPond Observed", "Ponds were observed.")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    for question in ("compare OtterSong with BeaverNet", "how does OtterSong differ from BeaverNet?"):
        told = [each.text for each in index.ask(question).sentences]
        assert told == [
            "We introduce OtterSong, a choir.",
            "We propose a net for dams (BeaverNet) that digs.",
        ], question
    for question in ("compare OtterSong with GPT-5", "compare OtterSong with NewtPond"):
        assert not index.ask(question).answered, question
