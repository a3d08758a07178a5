"""What numpy's arrays make of bit sets is what plain Python makes of them."""

from __future__ import annotations

import shutil
from array import array
from collections import Counter
from functools import partial
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import papersearch
from papersearch.core.fields import FIELDS
from papersearch.engine.index import arrays, bits
from papersearch.engine.index.numbers import GROUP, groups_of, ungrouped
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.index.run_arrays import run_postings
from papersearch.engine.index.runs import ordinals_of
from papersearch.engine.index.weights import SATURATION
from papersearch.engine.search import rerank, scoring_arrays
from papersearch.engine.search.matching import NOTHING, match
from papersearch.engine.search.rerank_arrays import CandidateRows
from papersearch.engine.search.scoring import Matches, Weighted, scores_of, summed
from papersearch.engine.search.slots import Alternative, Slot
from tests.corpora import SAMPLE


@given(st.sampled_from([1, 7, 8, 9, 1_000, 5_000]), st.floats(0, 1), st.integers(0, 999))
def test_bit_sets_are_the_same_by_arrays(count: int, share: float, seed: int) -> None:
    chance = Random(seed)
    docs = sorted(chance.sample(range(count), int(share * count)))
    codes = bytes(chance.choices(range(1, 256), k=len(docs)))
    column = bits.column_of(docs, codes, count)
    assert arrays.column_of(docs, codes, count) == column
    assert arrays.bits_of(docs, count) == bits.bits_of(docs, count) == sum(1 << doc for doc in docs)
    assert arrays.docs_of(arrays.bits_of(docs, count)) == docs
    most = chance.randint(0, count)
    assert arrays.docs_of(bits.bits_of(docs, count), most) == docs[:most]
    some = sorted(chance.sample(docs, len(docs) // 2))
    raised, expected = bytearray(column), bytearray(column)
    for doc in some:
        expected[doc] = max(expected[doc], 90)
    bits.raise_codes(raised, some, bytes([90]) * len(some))
    arrays.raise_codes(column, some, bytes([90]) * len(some))
    assert raised == column == expected
    least = [60, 100, 1]
    assert arrays.bits_by_code(column, least) == bits.bits_by_code(column, least)
    for code in least:
        assert arrays.bits_at(docs, codes, code, count) == bits.bits_at(docs, codes, code, count)


@given(st.lists(st.sets(st.integers(0, 20)), max_size=9), st.sets(st.integers(0, 20)))
def test_what_rows_have_in_common_with_a_set_is_the_same_by_arrays(rows: list[set[int]], some: set[int]) -> None:
    docs = memoryview(array("I", [doc for row in rows for doc in sorted(row)]))
    given_to_both = docs, [*map(len, rows)], sum(1 << doc for doc in some), 21
    expected = [(number, len(row & some)) for number, row in enumerate(rows) if row & some]
    assert [*arrays.common_to_each(*given_to_both)] == [*bits.common_to_each(*given_to_both)] == expected


@given(st.sampled_from([256, 1_000, 70_000]), st.floats(0, 1), st.integers(0, 999))
def test_documents_in_groups_are_the_same_by_arrays(count: int, share: float, seed: int) -> None:
    docs = sorted(Random(seed).sample(range(count), int(share * count)))
    held = Counter(doc // GROUP for doc in docs)
    counts = array("H", [held[group] for group in range(groups_of(count))])
    data = memoryview(counts.tobytes() + bytes(doc % GROUP for doc in docs))
    assert arrays.ungrouped(data, len(docs)).tolist() == ungrouped(data, len(docs)).tolist() == docs


@given(st.integers(0, 999), st.integers(0, 5), st.floats(0, 1))
def test_scores_and_gains_are_the_same_to_the_bit_by_arrays(seed: int, words: int, share: float) -> None:
    chance, count = Random(seed), 300
    found = [_made_up(chance, count) for _ in range(words)]
    weighted = [Weighted(each, chance.uniform(0.1, 9)) for each in found]
    docs = sorted(chance.sample(range(count), 200))
    needed = [share * sum(weight for _, weight in weighted[: n + 1]) for n in range(words)]
    few = chance.choice([0, 40])
    held = bits.bits_of(docs, count)
    assert scoring_arrays.summed(held, weighted, needed, few) == summed(docs, weighted, needed, few)
    assert scoring_arrays.scores_of(weighted, docs) == summed(docs, weighted, [0.0] * words, 0)[1]
    factors = [(each, factor) for factor in (0.95, 0.6) for each in (*found, NOTHING)]
    for base in (NOTHING, *found):
        some = chance.sample(factors, chance.randint(1, len(factors)))
        most: dict[int, float] = {}
        for other, factor in some:
            for doc, code in zip(other.docs, other.codes, strict=True):
                if (gain := factor * SATURATION[code] - SATURATION[base.code(doc)]) > most.get(doc, 0.0):
                    most[doc] = gain
        gains = scoring_arrays.Gains(base, some)
        assert dict(gains) == most
        assert len(gains) == len(most)
        assert gains.of(np.array(docs, np.intp)).tolist() == [most.get(doc, 0.0) for doc in docs]
        assert [gains.get(doc, 0.0) for doc in docs] == [most.get(doc, 0.0) for doc in docs]
        plain, arrayed = ([Weighted(base.with_more(each, 0, 1.0, int), 2.0)] for each in (most, gains))
        assert scoring_arrays.scores_of(arrayed, docs) == summed(docs, plain, [0.0], 0)[1] == scores_of(plain, docs)
        assert scoring_arrays.summed(held, arrayed, [0.0], 0) == summed(docs, plain, [0.0], 0)


def _made_up(chance: Random, count: int) -> Matches:
    """A word that stands in some of the documents, and in others by another spelling."""
    docs = array("I", sorted(chance.sample(range(count), chance.choice([0, 5, 150]))))
    codes = bytes(chance.choices(range(1, 256), k=len(docs)))
    extra = {doc: chance.random() for doc in chance.sample(range(count), chance.choice([0, 50]))}
    column = partial(bits.column_of, docs, codes, count)
    return Matches(lambda: (docs, codes), extra, 0, 1.0, lambda _: 0, column)


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    """The sample posts in two segments, of which the larger has no post that is not shown."""
    place = tmp_path_factory.mktemp("parted")
    shutil.copytree(SAMPLE, place / "posts")
    later = sorted((place / "posts").glob("*.md"))[1::10]
    for post in later:
        post.rename(post.with_suffix(".later"))
    papersearch.build(str(place / "index"), [str(place / "posts")])
    for post in later:
        post.with_suffix(".later").rename(post)
    whole = papersearch.build(str(place / "index"), [str(place / "posts")])
    assert [len(segment.dead) for segment in IndexReader(whole.path).segments] == [0, 1]
    return whole


@pytest.mark.parametrize("segments", [1, 2])
def test_candidates_are_ranked_the_same_to_the_bit_by_arrays(
    segments: int, index: papersearch.Index, parted: papersearch.Index
) -> None:
    reader = IndexReader((parted if segments > 1 else index).path)
    assert len(reader.segments) == segments
    every = [(segment, doc) for segment in reader.segments for doc in range(segment.count)]
    added: set[float] = set()
    for seed in range(60):
        places = Random(seed).sample(every, Random(seed).randint(1, 40))
        found = []
        for by_arrays in (True, False):
            candidates = [rerank.Candidate(segment, doc, number) for number, (segment, doc) in enumerate(places)]
            found.append(_ranked_again(Random(seed), candidates, reader, by_arrays))
        assert found[0] == found[1]
        added.update(found[0][1])
    assert len(added) > 100


def _ranked_again(
    chance: Random, candidates: list[rerank.Candidate], reader: IndexReader, by_arrays: bool
) -> list[Any]:
    """What pairs of words, feedback and a text add to the candidates."""
    scores = sorted((chance.uniform(0, 9) for _ in candidates), reverse=True)
    weights: dict[rerank.Key, float] = {
        each.segment.term_at(ordinal): chance.random() for each in candidates[:2] for ordinal in each.bag()
    }
    pairs = [_pair_of(chance, candidates) for _ in range(5)]
    rows = None
    if by_arrays:
        by_segment = rerank.by_segment(candidates)
        rows = {
            segment: CandidateRows(segment, [candidates[number].doc for number in numbers])
            for segment, numbers in by_segment.items()
        }
    held = {segment: rerank.packed(pairs, segment) for segment in reader.segments}
    if rows:
        by_pair = rerank.pair_scores_of_rows(held, rows, candidates)
    else:
        by_pair = [rerank.pair_scores(held[each.segment], each) for each in candidates]
    assert any(by_pair)
    best_first = chance.sample(candidates, len(candidates))
    if chance.random() < 0.3:  # all the best are in one segment
        best_first.sort(key=lambda each: each.segment.count)
    more, _ = rerank.feedback_scores(best_first, scores, reader, False, rows)
    likeness, _ = rerank.likeness_scores(best_first, weights, reader, False, rows)
    return [by_pair, more, likeness]


def test_segments_together_rank_as_one_does(index: papersearch.Index, parted: papersearch.Index) -> None:
    plain = str.maketrans('?*"', "   ")
    asked = [" ".join(title.translate(plain).split()[:4]) for title in index.titles()]
    for text in asked:
        found = [each.search(text, limit=40, snippets=False).results for each in (index, parted)]
        first, second = ([(hit.id, hit.score) for hit in hits] for hits in found)
        assert first == second, text


def test_runs_of_words_are_found_the_same_by_arrays(index: papersearch.Index) -> None:
    reader = IndexReader(index.path)
    (segment,) = reader.segments
    chance, found = Random(1), 0
    candidates = [rerank.Candidate(segment, doc) for doc in range(segment.count)]
    runs = [run for _ in range(60) for run in _pair_of(chance, candidates).runs if len(run) > 1]
    for run in [*runs, ("of", "the"), ("the", "the"), ("the", "of", "the")]:
        for field, slop in product((None, "title", "abstract"), (0, 1, 5)):
            counting = [number for number, each in enumerate(FIELDS) if field in (None, each.name)]
            plain = match(Slot("", (Alternative(run),), field=field, slop=slop), segment)
            ordinals = ordinals_of(segment, run)
            assert ordinals is not None
            docs, codes = run_postings(segment, ordinals, bits.docs_of(segment.live), counting, slop)
            assert {doc: SATURATION[code] for doc, code in zip(docs, codes, strict=True)} == plain.extra
            found += len(docs)
    assert found > 600


def _pair_of(chance: Random, candidates: list[rerank.Candidate]) -> rerank.Pair:
    """Two or three words that follow each other in one of the candidates, and what else counts as they."""
    runs = []
    for _ in range(2):
        candidate = chance.choice(candidates)
        _, row = chance.choice([*candidate.fields()])
        start = chance.randrange(len(row))
        runs.append(tuple(candidate.segment.term_at(ordinal) for ordinal in row[start : start + chance.choice([2, 3])]))
    return rerank.Pair("", tuple(runs), chance.uniform(0.1, 9))


def test_a_process_that_stays_comes_to_use_arrays_and_answers_as_before(index: papersearch.Index) -> None:
    asked = ("diffusion models", "*", "title:diffusion", "model -image", '"mixture of experts"', "the of and", "m*l")
    long = "we propose a new method to train large language models with data of images on which we evaluate it"
    before = [papersearch.open(index.path).search(text, limit=60) for text in (*asked, long)]
    docs = list(range(0, 50_000, 2))
    for _ in range(100):  # as much as some hundred queries of a large index
        bits.bits_of(docs, 50_000)
    after = [papersearch.open(index.path).search(text, limit=60) for text in (*asked, long)]
    assert [answer.results for answer in after] == [answer.results for answer in before]
