"""Whether the papers answer a question is decided by their words, before anything else is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

import papersearch
from benchmarks.ask import questions, without_model
from papersearch.core.errors import UsageError
from papersearch.core.records import Answering, Reply
from papersearch.engine.ask.terms import akin, names_of, terms_of
from tests.commands import is_one_error, on_terminal, run
from tests.corpora import write_post


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    folder = tmp_path_factory.mktemp("evidence")
    write_post(
        folder,
        "2401.00001",
        "WombatNet Sparse Routing",
        "Experts are many. WombatNet balances their load with a bias of 0.5. It was trained on 40 tokens.",
        author="Ada Lovelace",
    )
    write_post(
        folder, "2401.00002", "Robots that Fold", "Robots fold laundry, e.g. shirts, in 12.5 s.", published="2022"
    )
    write_post(folder, "2401.00003", "More Robots", "Robots fold laundry, e.g. shirts, in 12.5 s.")
    return papersearch.build(str(folder / "index"), [str(folder)], jobs=1)


def said(reply: Reply) -> list[str]:
    return [sentence.text for sentence in reply.sentences]


def test_the_sentence_that_answers_comes_first_as_it_stands(index: papersearch.Index) -> None:
    reply = index.ask("How does WombatNet balance the load of experts?")
    assert said(reply)[0] == "WombatNet balances their load with a bias of 0.5."
    assert reply.sentences[0].sources == ("2401.00001",)
    assert reply.papers[0].title == "WombatNet Sparse Routing"


def test_words_that_a_query_takes_for_operators_are_words_of_a_question(index: papersearch.Index) -> None:
    for question in (
        "How does WombatNet NOT balance the load of experts?",
        "how is -load balanced by WombatNet tag:x?",
    ):
        assert "WombatNet balances their load with a bias of 0.5." in said(index.ask(question))


def test_a_question_of_which_nothing_can_be_looked_for_says_so(index: papersearch.Index) -> None:
    for question in ("?", "how is that?"):
        assert index.ask(question).reason == "the question has no word that could be looked for"


def test_where_a_number_is_asked_for_a_sentence_with_one_is_better(index: papersearch.Index) -> None:
    assert said(index.ask("How many tokens was WombatNet trained on?"))[0] == "It was trained on 40 tokens."


def test_of_two_numbers_the_one_beside_the_name_comes_first(tmp_path: Path) -> None:
    text = "BeaverDam and NutriaNet reached an accuracy of 0.64 and 0.85. Our OtterDam reached an accuracy of 0.93."
    write_post(tmp_path, "2401.00001", "OtterDam Finds the Accuracy of Dams", text)
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    assert said(index.ask("What is the accuracy of OtterDam?"))[0] == "Our OtterDam reached an accuracy of 0.93."


def test_of_a_question_and_its_answer_in_a_post_the_answer_is_quoted(tmp_path: Path) -> None:
    qa = "**Q: Which glue does OtterDam use in winter?**\nA: Resin of pines, and clay. It holds for years."
    write_post(tmp_path, "2401.00001", "OtterDam", f"A dam of sticks.\n\n## QA:\n{qa}")
    quoted = said(
        papersearch.build(str(tmp_path / "index"), [str(tmp_path)]).ask("which glue does OtterDam use in winter?")
    )
    assert quoted[0] == "A: Resin of pines, and clay."
    assert not any("?" in text for text in quoted)


def test_what_stands_beside_the_answer_is_not_quoted_for_it_but_sent_with_it(tmp_path: Path) -> None:
    text = "Otters sleep. OtterDam holds back the river with clay. Voles sleep at night. Moles do not."
    write_post(tmp_path, "2401.00001", "Notes", text)
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    question = "How does OtterDam hold back the river?"
    assert said(index.ask(question)) == ["OtterDam holds back the river with clay."]
    sent = index.ask_prompt(question, Answering())[-1]["content"]
    assert "Otters sleep. OtterDam holds back the river with clay. Voles sleep at night." in sent
    assert "Moles" not in sent


def test_where_no_number_is_asked_for_one_is_no_better(tmp_path: Path) -> None:
    text = "OtterDam holds back rivers with clay. OtterDam holds back rivers with 40 sticks."
    write_post(tmp_path, "2401.00001", "Notes", text)
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    assert said(index.ask("With what does OtterDam hold back rivers?"))[0].endswith("clay.")
    assert said(index.ask("With how many sticks does OtterDam hold back rivers?"))[0].endswith("40 sticks.")


def test_a_name_is_held_by_a_title_that_has_lost_its_hyphens(tmp_path: Path) -> None:
    write_post(tmp_path, "2401.00001", "RSOtDam Revisited", "It holds back rivers with clay. Otters swim.")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    assert said(index.ask("with what does R-SOtDam hold back rivers?")) == ["It holds back rivers with clay."]
    assert not index.ask("with what does R-SVoleDam hold back rivers?").answered


def test_what_papers_say_alike_is_quoted_once(index: papersearch.Index) -> None:
    assert said(index.ask("How fast do robots fold laundry?")) == ["Robots fold laundry, e.g. shirts, in 12.5 s."]


@pytest.mark.parametrize(
    "question",
    [
        "Which varnish did Stradivari put on his violins?",
        "How does QuokkaNet balance the load of experts?",
        "How many tokens was WombatNet-7 trained on?",
        "How many tokens was WombatNet 7 trained on?",
        "How many tokens was wombatnet-7 trained on?",
        "How many tokens of Wikipedia was WombatNet trained on?",
        "How does WombatNet balance the load of experts, and how QuokkaNet?",
        "Mixtral balances the load of experts with what?",
        "How does gpt-4 balance the load of experts with a bias?",
        "what is it?",
        "???",
        "",
    ],
)
def test_where_the_papers_are_silent_there_is_a_reason_and_no_sentence(index: papersearch.Index, question: str) -> None:
    reply = index.ask(question)
    assert not reply.answered
    assert reply.sentences == ()
    assert reply.reason


@pytest.mark.parametrize(
    "question",
    [
        "Explain how WombatNet balances the load of experts.",
        "Experts: how is their load balanced with a bias?",
        "What did Lovelace say of WombatNet, the load and its bias?",
    ],
)
def test_a_word_that_begins_a_question_and_an_author_keep_no_paper_from_answering(
    index: papersearch.Index, question: str
) -> None:
    assert said(index.ask(question))[0] == "WombatNet balances their load with a bias of 0.5."


def test_filters_narrow_the_papers_that_may_answer(index: papersearch.Index) -> None:
    question = "How fast do robots fold laundry?"
    assert index.ask(question, until="2023").sentences[0].sources == ("2401.00002",)
    assert not index.ask(question, author="Lovelace").answered


def test_a_stream_gives_the_sentences_and_then_the_reply(index: papersearch.Index) -> None:
    stream = index.ask_stream("How fast do robots fold laundry?")
    first = next(stream)
    with pytest.raises(StopIteration) as end:
        next(stream)
    assert end.value.value.sentences == (first,)


def test_an_answer_from_no_paper_is_refused(index: papersearch.Index) -> None:
    with pytest.raises(UsageError, match="at least one paper"):
        index.ask("why?", Answering(papers=0))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("How many parameters does GPT-5 have?", ("gpt5",)),
        ("What does TimeSuite do?", ("timesuit",)),
        ("Who is Ada?", ("ada",)),
        ("Does AlphaFold 3 beat gpt-4 in top-5 accuracy on 40 proteins?", ("alphafold", "3", "gpt4")),
        ("HOW DOES IT WORK?", ()),
        ("how does it work", ()),
        ("<i>Wombat</i>, (and Quokka's)!", ("wombat", "quokka")),
        ("Is C++ older than C#, or F#?", ("c++", "c#", "f#")),
    ],
)
def test_names_are_what_has_capitals(text: str, names: tuple[str, ...]) -> None:
    assert names_of(text) == names


def test_on_a_terminal_lines_are_no_longer_than_it_is_wide(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    sentence = "Wombats of the southern hills dig long and winding burrows into the sandy soil at night."
    write_post(tmp_path / "corpus", "2401.00001", "Burrows " * 8, sentence)
    assert run(tmp_path, "index", "-q").code == 0
    for columns in (40, 100):
        code, shown = on_terminal(tmp_path, ["ask", "where do wombats dig burrows?"], COLUMNS=str(columns))
        lengths = [len(line) for line in shown.split("\r\n")]
        assert code == 0
        assert columns - 20 < max(lengths) <= columns, shown


def test_in_a_pipe_each_sentence_is_a_line_without_control_codes(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001", "Wombats", "Wombats \x1b[31mdig\x1b[0m long \u202eburrows at night.")
    ran = run(tmp_path, "ask", "where do wombats dig burrows?")
    assert ran.code == 0
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    assert ran.lines[0].endswith("[1]")
    assert ran.lines[-1].startswith("[1] Wombats (2401.00001")


def test_real_questions_are_answered_and_refused_as_often_as_promised(real: papersearch.Index) -> None:
    for held in (False, True):
        found = without_model(real, [each for each in questions() if each["held_out"] is held])
        assert found["quoted"] >= 75
        assert found["refused"] >= 85
        assert found["wrongly_refused"] <= 10


def test_an_author_in_a_question_is_a_word_that_their_papers_have(tmp_path: Path) -> None:
    write_post(tmp_path, "a", "Routing", "Tokens are sent to experts. Routing costs memory.", author="Hanna McQuag")
    write_post(tmp_path, "b", "Routing", "Routing is cheap for memory, as was said.", author="Ana Ruiz")
    write_post(tmp_path, "c", "Quarks", "We measure hot quarks.", author="Hanna Hot")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    for question in ("What does Hanna McQuag say about routing?", "what did McQuag et al. (2024) find on routing"):
        reply = index.ask(question)
        assert [sentence.sources for sentence in reply.sentences] == [("a",)], question
    assert not index.ask("What does Zora McQuag say about routing?").answered
    assert not index.ask("What does Hanna McQuag say about quarks?").answered


def test_a_number_of_the_question_or_in_a_name_is_none_that_was_asked_for(tmp_path: Path) -> None:
    text = "We explore images with SAM 2 for GPT-4. With SAM 2 we look at 900 images. It is done."
    write_post(tmp_path, "a", "Pupils", text)
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert index.ask("how many images with SAM 2").sentences[0].text == "With SAM 2 we look at 900 images."


@pytest.mark.parametrize(
    "paper", ["2401.00003", "arXiv:2401.00003v1", "https://arxiv.org/abs/2401.00003", "(2401.00003)"]
)
def test_a_paper_that_the_question_names_by_its_id_answers_it_alone(index: papersearch.Index, paper: str) -> None:
    reply = index.ask(f"What does {paper} say about laundry?")
    assert [sentence.sources for sentence in reply.sentences] == [("2401.00003",)]
    assert not index.ask(f"What does {paper} say about experts and bias?").answered
    assert not index.ask("What does 2401.00009 say about laundry?").answered


def test_who_narrows_the_papers_is_not_told_that_no_paper_has_a_word_of_the_question(index: papersearch.Index) -> None:
    assert (
        index.ask("How do robots fold laundry?", since="2030").reason
        == "no paper that the filters leave has a word of the question"
    )
    assert index.ask("Kumquat marmalade?").reason == "no paper has a word of the question"


def test_what_number_asks_for_a_number_and_is_no_word_that_papers_say(index: papersearch.Index) -> None:
    for asked in ("What number of tokens was it trained on?", "What amount of tokens?"):
        assert said(index.ask(asked))[0] == "It was trained on 40 tokens."


@pytest.mark.parametrize("question", ["how does it fold?", "What are their shirts", "and are these robots?"])
def test_a_question_that_does_not_say_what_it_is_about_is_refused(index: papersearch.Index, question: str) -> None:
    assert str(index.ask(question).reason).startswith("the question does not say what “")


@pytest.mark.parametrize(
    "question", ["how do robots fold it?", "how is WombatNet balanced in it?", "what folds laundry"]
)
def test_one_that_says_more_is_not(index: papersearch.Index, question: str) -> None:
    assert index.ask(question).answered


def test_only_what_can_be_an_answer_is_one_where_a_number_or_a_time_is_asked_for(tmp_path: Path) -> None:
    text = (
        "Newts were invented by nobody. Newts have a paper since then. OtterDam-2 is older than WombatNet, seen "
        "by 26 persons. A Vision Branch Model (VBM) it is. Its 7 VBMs see dams. OtterDam-2 was invented in 1998."
    )
    write_post(tmp_path, "2401.00001", "Dams of Rivers", text)
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    assert said(index.ask("how many participants have seen OtterDam-2?"))[0].endswith("26 persons.")
    assert said(index.ask("how many vision branch models does OtterDam-2 have?"))[0] == "Its 7 VBMs see dams."
    assert said(index.ask("when was OtterDam-2 invented?")) == ["OtterDam-2 was invented in 1998."]
    assert said(index.ask("in what year was OtterDam-2 invented?")) == ["OtterDam-2 was invented in 1998."]
    for question in (
        "how many rivers does WombatNet have?",
        "how many parameters does OtterDam-2 have?",
        "when were newts invented?",
        "what year were newts invented?",
    ):
        assert not index.ask(question).answered, question
    assert index.ask("when are newts invented?").answered  # under which circumstances


def test_a_number_counts_what_stands_beside_it_and_belongs_to_who_is_not_only_compared(tmp_path: Path) -> None:
    text = (
        "Using 7B parameters, WombatNet surpasses the accuracy of OtterNet-4. OtterSet has rivers, and images of them "
        "are read, as they were before, by a network of the usual kind in 14 steps. It finds 85% of the fat beavers. "
        "Newts have an index of 0.86. OtterSet has 1.3 million newts."
    )
    write_post(tmp_path, "2401.00001", "Dams of Rivers", text)
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    assert said(index.ask("how many parameters does WombatNet use?"))[0].startswith("Using 7B parameters")
    assert said(index.ask("how many newts are there?")) == ["OtterSet has 1.3 million newts."]
    assert said(index.ask("how many fat beavers are found?")) == ["It finds 85% of the fat beavers."]
    for question in (
        "how many parameters does OtterNet-4 have?",
        "how many images does OtterSet have?",
        "how many maps took part in OtterSet?",
    ):
        assert not index.ask(question).answered, question


def test_how_many_in_a_question_for_yes_or_no_asks_for_no_number(tmp_path: Path) -> None:
    write_post(tmp_path, "2401.00001", "Dams of Rivers", "Beavers underestimate the parts of their dams.")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    assert index.ask("do beavers underestimate how many parts there are in dams?").answered
    assert not index.ask("do you know how many parts beavers underestimate?").answered


def test_who_did_something_and_what_it_costs_is_answered_by_sentences_that_say_so(tmp_path: Path) -> None:
    text = "Lodges of beavers are small. Burrows were invented by Ann Lee. Tunnels are cheap. Our discovery: newts."
    write_post(tmp_path, "2401.00001", "Dams of Rivers", text)
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    assert said(index.ask("who invented burrows?")) == ["Burrows were invented by Ann Lee."]
    assert said(index.ask("who discovered newts?")) == ["Our discovery: newts."]
    assert said(index.ask("how much do tunnels cost?")) == ["Tunnels are cheap."]
    for question in ("who invented lodges of beavers?", "how much do lodges of beavers cost?"):
        assert not index.ask(question).answered, question


def test_words_of_asking_keep_no_paper_from_answering(index: papersearch.Index) -> None:
    for question in ("what is the main benefit of load balance?", "what kind of experts took part in WombatNet?"):
        assert index.ask(question).answered, question
    assert not index.ask("what is the main benefit of a bias?").answered  # who has one tells nothing of that


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("accurate", "accuracy"),
        ("privacy", "private"),
        ("detector", "detection"),
        ("estimate", "estimators"),
        ("diagnose", "diagnosis"),
        ("analyze", "analysis"),
        ("sparsity", "sparse"),
        ("stable", "stability"),
    ],
)
def test_words_of_one_origin_stand_for_each_other(tmp_path: Path, asked: str, said: str) -> None:
    for one, other in ((asked, said), (said, asked)):
        (term,) = terms_of(one)
        assert terms_of(other) & {term, *akin(term)}
    write_post(tmp_path, "2401.00001", "Dams of Rivers", f"Beavers sleep. Few words tell the {said} of it, and 81 do.")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    assert index.ask(f"what of {asked} words?").sentences[0].text.startswith("Few words")


@pytest.mark.parametrize(
    ("one", "other"), [("fact", "factor"), ("test", "tester"), ("water", "wati"), ("format", "form")]
)
def test_words_that_only_look_so_do_not(one: str, other: str) -> None:
    (term,) = terms_of(one)
    assert terms_of(other).isdisjoint({*akin(term)} - {term})


def test_a_reason_is_better_where_it_is_asked_why_and_what_is_of_a_kind_where_it_is_asked_which(tmp_path: Path) -> None:
    text = "Beavers swim. Burrows of beavers are old. They dig burrows because of cold. Some rivers are theirs."
    write_post(tmp_path, "2401.00001", "Beavers", text)
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    assert said(index.ask("why do beavers have burrows?"))[0] == "They dig burrows because of cold."
    assert said(index.ask("how do beavers have burrows?"))[0] == "Burrows of beavers are old."
    assert "Some rivers are theirs." in said(index.ask("which rivers have beavers?"))[:1]


@pytest.mark.parametrize("asked", ["what are dams good for?", "what are dams used for", "what is the use of dams?"])
def test_what_something_is_used_for_is_asked_of_the_thing_and_of_its_uses(tmp_path: Path, asked: str) -> None:
    text = "Dams are old. Nets are good for fishing. Dams are crucial for beavers. Others have dams. A pond it is."
    write_post(tmp_path, "2401.00001", "Beavers", text)
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    assert said(index.ask(asked))[0] == "Dams are crucial for beavers."
    assert "Nets are good for fishing." not in said(index.ask(asked))
    assert not index.ask(asked.replace("dams", "ponds")).answered


def test_a_question_of_small_words_has_no_answer(home: Path) -> None:
    ran = run(home, "ask", "what is it?")
    assert ran.code == 1
    assert is_one_error(ran)
