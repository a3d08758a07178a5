"""The one "did you mean"."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from papersearch.text.mistyped import ALIKE, _may_be, choice, nearest, suggestion


def test_the_nearest_name_as_it_is_written() -> None:
    assert nearest("datset", ["dataset", "all search terms"]) == "dataset"
    assert nearest("Datset", ["DataSet"]) == "DataSet"
    assert nearest("DATSET", ["dataset"]) == "dataset"
    assert nearest("zzz", ["dataset"]) is None
    assert nearest("moe", ["mcp", "show"]) is None


def test_hints_name_one_or_all() -> None:
    assert choice("titel", ["id", "title"]) == "did you mean title?"
    assert choice("zzz", ["id", "title"]) == "one of id, title"
    assert suggestion("--formt", ["--format", "--json"]) == "did you mean --format?"
    assert suggestion("--bogus", ["--format", "--json"]) == ""


@given(st.text("abcde-", max_size=8), st.text("abcde-", min_size=1, max_size=8))
def test_what_is_left_out_beforehand_is_never_near(word: str, name: str) -> None:
    from difflib import SequenceMatcher

    if SequenceMatcher(None, name, word).ratio() >= ALIKE:
        assert _may_be(word, name)
