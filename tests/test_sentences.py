"""Where texts are cut: every sentence, no abbreviation, clauses and words where a sentence is too long."""

from __future__ import annotations

import pytest

from papersearch.text import sentences

LONG = (
    "We train a sparse router that picks two of many experts for every token, so that most of the weights rest, "
    "and we show that this router needs no balancing loss; it learns from the task alone."
)


def split(text: str) -> list[str]:
    found = sentences.find(text)
    return [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)]


def cut(text: str, words: str, width: int) -> str:
    start = text.index(words)
    whole = 0, len(text)
    first, last = sentences.widened(text, sentences.find(text), (start, start + len(words)), whole, width)
    return text[first:last]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One here. Two there.", ["One here.", "Two there."]),
        ("Really? Yes! 3 of them.", ["Really?", "Yes!", "3 of them."]),
        ('He said "no." Then (we think.) "Yes" came.', ['He said "no."', "Then (we think.)", '"Yes" came.']),
        ("They said ‘dams.’ We left.", ["They said ‘dams.’", "We left."]),
        ("It is plan B! We left.", ["It is plan B!", "We left."]),
        ("It is “done.” We left.", ["It is “done.”", "We left."]),
        ("Up to 3.5 points. GPT-4. We win.", ["Up to 3.5 points.", "GPT-4.", "We win."]),
        ("For all x. We show it.", ["For all x.", "We show it."]),
        ("One line\nanother line\n\n  a third", ["One line", "another line", "a third"]),
        ("One.\nanother.\nThird", ["One.", "another.", "Third"]),
        ("  Blank around. Yes.  ", ["Blank around.", "Yes."]),
        ("我们研究模型。它很好！真的？“是。”好", ["我们研究模型。", "它很好！", "真的？", "“是。”", "好"]),
        ("这很好。\n是的。", ["这很好。", "是的。"]),
        ("and so on... But no more", ["and so on...", "But no more"]),
        ("One.   Two.", ["One.", "Two."]),
    ],
)
def test_sentences_end_where_a_reader_sees_their_end(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Models, e.g. GPT, fail",
        "Models (i.e. LLMs) fail",
        "As Smith et al. Showed",
        "See Fig. 3 and Eq. (2) there",
        "In approx. 3 of 4, resp. Qwen",
        "Cats vs. Dogs",
        "Cats (“Dr. Otter” too) fail",
        "By D. E. Knuth alone",
        "In the U.S. Army",
        "It is w.r.t. GPT good",
        "lower. case follows",
        "Version 2.5 is out",
        "What?! no",
        "x.Y.Z",
    ],
)
def test_abbreviations_initials_and_small_letters_end_no_sentence(text: str) -> None:
    assert split(text) == [text]


def test_a_sentence_that_fits_is_shown_with_what_follows_as_far_as_it_fits() -> None:
    text = "A first one. A second one. A third one. A fourth, which is much longer."
    assert cut(text, "second", 20) == "A second one."
    assert cut(text, "second", 26) == "A second one. A third one."
    assert cut(text, "second", 40) == "A second one. A third one."
    assert cut(text, "second", 80) == text[13:]


@pytest.mark.parametrize(
    ("words", "width", "expected"),
    [
        ("router that", 80, "We train a sparse router that picks two of many experts for every token,"),
        ("router that", 50, "We train a sparse router that picks two of"),
        ("weights", 60, "so that most of the weights rest,"),
        ("balancing", 60, "this router needs no balancing loss;"),
        ("alone", 45, "it learns from the task alone."),
        ("task", 20, "the task alone."),
        ("most of", 20, "that most of the"),
    ],
)
def test_a_long_sentence_is_cut_at_clauses_and_else_at_words(words: str, width: int, expected: str) -> None:
    assert cut(LONG, words, width).strip() == expected


def test_a_text_without_blanks_is_cut_between_chinese_characters_but_not_inside_a_word() -> None:
    assert cut("语" * 50, "语", 20) == "语" * 16
    assert cut("first/second/third/fourth", "second", 20) == "first/second/"


def test_a_word_longer_than_the_passage_is_cut() -> None:
    assert cut("x" * 100, "x", 20) == "x" * 16
    assert cut("x" * 100, "x" * 50, 20) == "x" * 16


def test_nothing_is_taken_from_outside_the_given_bounds() -> None:
    text = "One is here. Two is here. Three is here."
    found = sentences.find(text)
    assert sentences.widened(text, found, (17, 19), (13, 25), 100) == (13, 25)
    assert sentences.widened(text, found, (17, 19), (15, 18), 100) == (15, 18)


@pytest.mark.parametrize("width", [50, 70, 120])
def test_whatever_is_to_be_shown_is_shown_with_whole_words_and_room_for_an_ellipsis(width: int) -> None:
    long = LONG.replace("sparse", "supercalifragilisticexpialidocious")
    text = f"One comes before. {long} Another follows, is short: it fits. So does this one."
    found = sentences.find(text)
    for start in range(len(text) - 5):
        end = start + 5
        first, last = sentences.widened(text, found, (start, end), (0, len(text)), width)
        assert first <= start
        assert end <= last
        assert not (first and text[first - 1].isalnum() and text[first].isalnum())
        assert not (last < len(text) and text[last - 1].isalnum() and text[last].isalnum())
        assert last - first + 2 * (first not in found.starts) + 2 * (last not in found.ends) <= width
        first, last = sentences.widened(text, found, (start, end), (max(0, start - 9), len(text)), width)
        assert last - first + 2 * (first not in found.starts) + 2 * (last not in found.ends) <= width
