"""Counting on whole arrays against counting one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from papersearch.core.fields import FIELDS
from papersearch.engine.build import postings
from papersearch.engine.index.weights import norms, pack, pseudo_frequency, to_code

# What each of six tokens is made of: some of nothing, some of several terms; and the compounds of some.
SEQUENCES = [(0,), (1,), (), (2, 0), (3, 3, 1), (4,)]
COMPOUNDS = [(), (), (), (5,), (6, 5), ()]
TERMS = 7

cells = st.lists(st.integers(0, 5), max_size=6) | st.lists(st.sampled_from([0, 3]), min_size=60, max_size=140)
documents = st.lists(st.lists(cells, min_size=len(FIELDS), max_size=len(FIELDS)), min_size=1, max_size=6)


def counted_one_by_one(given: Sequence[Sequence[Sequence[int]]]) -> dict[int, list[tuple[int, int, int]]]:
    """(document, weight code, frequencies) of each term."""
    postings: dict[int, list[tuple[int, int, int]]] = {}
    for doc, fields in enumerate(given):
        lengths = [sum(len(SEQUENCES[token]) for token in tokens) for tokens in fields]
        counts = [
            Counter(term for token in tokens for term in (*SEQUENCES[token], *COMPOUNDS[token])) for tokens in fields
        ]
        for term in {term for count in counts for term in count}:
            frequencies = pack(tuple(count[term] for count in counts))
            code = to_code(pseudo_frequency(frequencies, norms(lengths)))
            postings.setdefault(term, []).append((doc, code, frequencies))
    return postings


def unpacked(packed: postings.Packed) -> list[list[tuple[int, int, int]]]:
    """The postings of each term that has some, in order."""
    found = []
    for n, start, end, top in zip(packed.frequencies, packed.starts, packed.starts[1:], packed.tops, strict=False):
        data = packed.data[start:end]
        assert len(data) % 4 == 0
        values = data[5 * n : 7 * n].tobytes()
        codes = list(data[4 * n : 5 * n])
        assert max(codes) == top
        frequencies = [int.from_bytes(values[at : at + 2], "little") for at in range(0, 2 * n, 2)]
        found.append(list(zip(data[: 4 * n].cast("I"), codes, frequencies, strict=True)))
    return found


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "_AT_ONCE", 7)


@given(documents, st.permutations(range(TERMS)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_postings_are_those_of_counting_one_by_one(given: list[list[list[int]]], order: list[int]) -> None:
    tokens = np.array([token for fields in given for cell in fields for token in cell], np.uint32)
    ends = np.cumsum([len(cell) for fields in given for cell in fields])
    ordinals = postings.ordinals(order, 0)
    terms, lengths = postings.stream(tokens, ends, postings.Lists(SEQUENCES, ordinals))
    sequence = [term for fields in given for cell in fields for token in cell for term in SEQUENCES[token]]
    assert [order[ordinal] for ordinal in terms] == sequence
    assert lengths.tolist() == [[sum(len(SEQUENCES[token]) for token in cell) for cell in fields] for fields in given]

    expected = counted_one_by_one(given)
    keys = postings.keys(terms, lengths, tokens, ends, postings.Lists(COMPOUNDS, ordinals))
    packed = [term for some in postings.pack(keys, lengths) for term in unpacked(some)]
    assert packed == [expected[term] for term in order if term in expected]


def test_levels_meet_half_way_between_each_other() -> None:
    from papersearch.engine.index.weights import BOUNDS, LEVELS

    assert [to_code(level) for level in LEVELS[1:]] == list(range(1, 256))
    assert [to_code(bound * 0.9999) for bound in BOUNDS] == list(range(1, 255))
    assert [to_code(bound * 1.0001) for bound in BOUNDS] == list(range(2, 256))
