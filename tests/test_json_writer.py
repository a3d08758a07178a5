"""The writer of JSON beside `json`: the same text, the same errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papersearch.core.json_writer import dumps

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text() | st.integers() | st.booleans() | st.none() | st.floats(), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_a_value_is_written_as_json_writes_it(value: Any, ascii_only: bool) -> None:
    assert dumps(value, ascii_only=ascii_only) == json.dumps(value, ensure_ascii=ascii_only)


@pytest.mark.parametrize("value", [{1}, [object()], {(1, 2): 3}, b"bytes"])
def test_what_is_no_json_is_refused_with_its_error(value: Any) -> None:
    with pytest.raises(TypeError) as theirs:
        json.dumps(value)
    with pytest.raises(TypeError) as ours:
        dumps(value)
    assert str(ours.value) == str(theirs.value)


def test_a_list_that_holds_itself_is_refused() -> None:
    round_and_round: list[Any] = []
    round_and_round.append(round_and_round)
    with pytest.raises(ValueError, match="Circular"):
        dumps(round_and_round)
