"""How far words are apart, and which words fuzzy ones and patterns stand for."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from papersearch.engine.search import edits
from papersearch.engine.search.spelling import fuzzy, matching
from tests.vocabulary import Vocabulary

_SHORT = st.text(alphabet="abc", max_size=6)


def slow_distance(a: str, b: str) -> int:
    """Optimal string alignment by its definition."""
    if not a or not b:
        return len(a) + len(b)
    best = min(
        slow_distance(a[1:], b) + 1,
        slow_distance(a, b[1:]) + 1,
        slow_distance(a[1:], b[1:]) + (a[0] != b[0]),
    )
    if len(a) > 1 and len(b) > 1 and a[0] == b[1] and a[1] == b[0]:
        best = min(best, slow_distance(a[2:], b[2:]) + 1)
    return best


@given(_SHORT, _SHORT, st.integers(0, 2))
def test_distances_are_those_of_the_definition(a: str, b: str, most: int) -> None:
    assert edits.distance(a, b, most) == min(slow_distance(a, b), most + 1)


@given(_SHORT, _SHORT)
def test_an_easy_slip_costs_no_more_than_an_edit_each(a: str, b: str) -> None:
    assert edits.cost(a, a) == 0
    assert edits.cost(a, b) <= slow_distance(a, b) + 0.5


@given(
    st.lists(st.text(alphabet="abcd", min_size=3, max_size=6), max_size=20),
    st.text(alphabet="abcd", min_size=3, max_size=6),
)
def test_fuzzy_finds_every_word_within_its_distance(vocabulary: list[str], word: str) -> None:
    lexicon = Vocabulary([" ".join(vocabulary)])
    for most in (1, 2):
        expected = {other: slow_distance(word, other) for other in vocabulary if slow_distance(word, other) <= most}
        assert dict(fuzzy(word, most, lexicon)) == expected


@given(
    st.lists(st.text(alphabet="abc", min_size=3, max_size=7), max_size=20),
    st.text(alphabet="abc*?", min_size=1, max_size=7),
)
def test_patterns_match_as_their_regular_expressions_do(vocabulary: list[str], pattern: str) -> None:
    expression = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))
    expected = sorted({word for word in vocabulary if expression.fullmatch(word)})
    assert matching(pattern, Vocabulary([" ".join(vocabulary)]), 1_000) == expected


def test_a_pattern_of_many_stars_ends() -> None:
    assert matching("a*" * 60 + "b", Vocabulary(["a" * 60]), 10) == []


def test_patterns_are_folded_and_bounded() -> None:
    assert matching("Quánt*", Vocabulary(["quantum quantized quants"]), 2) == ["quantized", "quants"]
    assert matching("*", Vocabulary(["quantum"]), 0) == []
