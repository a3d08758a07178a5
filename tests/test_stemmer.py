"""The stemmer against published rules, and against the Snowball project's own library where that is installed."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papersearch.text.stemmer import stem

STEMS = {
    "consistency": "consist", "consisting": "consist", "knightly": "knight", "generate": "generat",
    "general": "general", "organization": "organiz", "organs": "organ", "universe": "univers", "later": "later",
    "dying": "die", "skies": "sky", "ties": "tie", "cries": "cri", "gas": "gas", "kiwis": "kiwi", "hopping": "hop",
    "hoping": "hope", "luxuriating": "luxuri", "falling": "fall", "agreed": "agre", "proceeding": "proceed",
    "inning": "inning", "sensational": "sensat", "probably": "probabl", "biology": "biolog", "rational": "ration",
    "communism": "communism", "controlling": "control", "say": "say", "by": "by", "egging": "egg", "news": "news",
    "transformers": "transform", "it's": "it",
}  # fmt: skip


@pytest.mark.parametrize(("word", "expected"), STEMS.items())
def test_words_have_the_stem_that_the_published_rules_give(word: str, expected: str) -> None:
    assert stem(word) == expected


@given(st.text(alphabet=string.ascii_lowercase + "'", max_size=20))
def test_any_word_has_a_stem_no_longer_than_itself_by_more_than_an_e(word: str) -> None:
    assert len(stem(word)) <= len(word) + 1


@given(st.text(alphabet="aeiouybcdfglnrstvz'", max_size=12), st.sampled_from(
    ["", "s", "ied", "ingly", "ational", "fulness", "ization", "ically", "ement", "ogist", "ll", "e", "ying", "eedly"]
))  # fmt: skip
def test_any_word_has_the_stem_that_the_snowball_library_gives(head: str, tail: str) -> None:
    library = pytest.importorskip("Stemmer")
    assert stem(head + tail) == library.Stemmer("english").stemWord(head + tail)
