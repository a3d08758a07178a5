"""The reader of stored JSON beside `json`: the same values, the same errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papersearch.core.json_reader import loads

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans(), st.sampled_from(["", " ", "\n", "\t "]))
def test_what_is_written_is_read_again(value: Any, ascii_only: bool, around: str) -> None:
    text = around + json.dumps(value, ensure_ascii=ascii_only) + around
    assert loads(text) == json.loads(text) == value


def outcome(read: Callable[[str], Any], text: str) -> str:
    """The value, or the error, that a text gives."""
    try:
        return repr(read(text))
    except ValueError as refused:
        return repr(refused)


@given(st.text(st.sampled_from('{}[]",:\\u0 1eE+-.truefalsnNIity\x00\n')))
def test_what_json_refuses_is_refused_with_its_error(text: str) -> None:
    assert outcome(loads, text) == outcome(json.loads, text)


def test_lists_within_lists_without_end_are_refused() -> None:
    with pytest.raises(RecursionError):
        loads("[" * 200_000)
