"""What numpy's arrays make of bit sets is what plain Python makes of them."""

from __future__ import annotations

from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

import papersearch
from papersearch.engine.index import arrays, bits
from tests.corpora import SAMPLE


@given(st.sampled_from([1, 7, 8, 9, 1_000, 5_000]), st.floats(0, 1), st.integers(0, 999))
def test_bit_sets_are_the_same_by_arrays(count: int, share: float, seed: int) -> None:
    chance = Random(seed)
    docs = sorted(chance.sample(range(count), int(share * count)))
    codes = bytes(chance.randint(1, 255) for _ in docs)
    column = bits.column_of(docs, codes, count)
    assert arrays.column_of(docs, codes, count) == column
    assert arrays.bits_of(docs, count) == bits.bits_of(docs, count) == sum(1 << doc for doc in docs)
    assert arrays.docs_of(arrays.bits_of(docs, count)) == docs
    least = [60, 100, 1]
    assert arrays.bits_by_code(column, least) == bits.bits_by_code(column, least)
    for code in least:
        assert arrays.bits_at(docs, codes, code, count) == bits.bits_at(docs, codes, code, count)


def test_a_process_that_stays_comes_to_use_arrays_and_answers_as_before(tmp_path: Path) -> None:
    made = papersearch.build(str(tmp_path / "index"), [str(SAMPLE)])
    asked = ("diffusion models", "*", "title:diffusion", "model -image", '"mixture of experts"', "the of and", "m*l")
    before = [papersearch.open(made.path).search(text, limit=60) for text in asked]
    docs = list(range(0, 50_000, 2))
    for _ in range(100):  # as much as some hundred queries of a large index
        bits.bits_of(docs, 50_000)
    after = [papersearch.open(made.path).search(text, limit=60) for text in asked]
    assert [answer.results for answer in after] == [answer.results for answer in before]
