"""Counting and laying out on whole arrays against doing so one by one; and merging what comes of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papersearch.core.fields import FIELDS
from papersearch.core.records import Post
from papersearch.engine.build import merge, packing, postings
from papersearch.engine.build.invert import tokens_of
from papersearch.engine.build.postings import Columns, Profiles
from papersearch.engine.index.files import PLAIN_FILES
from papersearch.engine.index.numbers import groups_of, ungrouped, unpacked, width_of
from papersearch.engine.index.reader import OpenSegment
from papersearch.engine.index.segment import Segment, new_name, segment_files
from papersearch.engine.index.weights import BOUNDS, LEVELS, MOST, SHIFTS, norms, pseudo_frequency, to_code, unpack
from papersearch.text import words
from tests.corpora import segment_of

# What each of six tokens is made of: some of nothing, some of several terms; and the compounds of some.
SEQUENCES = [(0,), (1,), (), (2, 0), (3, 3, 1), (4,)]
COMPOUNDS = [(), (), (), (5,), (6, 5), ()]
# Runs of terms that are counted as terms of their own, the second one of itself too.
RUNS = {7: (3, 3, 1), 8: (3, 3), 9: (1, 4), 10: (2, 0, 0)}
TERMS = 11

values = st.lists(st.integers(0, 5), max_size=6) | st.lists(st.sampled_from([0, 3]), min_size=60, max_size=140)
cells = st.lists(values, min_size=1, max_size=3)
documents = st.lists(st.lists(cells, min_size=len(FIELDS), max_size=len(FIELDS)), min_size=1, max_size=6)


def pack(counts: Iterable[int]) -> int:
    """A posting's packed frequencies, of which more than fit count as the most."""
    return sum(min(count, most) << shift for count, most, shift in zip(counts, MOST, SHIFTS, strict=True))


def counted_one_by_one(given: Sequence[Sequence[Sequence[Sequence[int]]]]) -> dict[int, list[tuple[int, int, int]]]:
    """(document, weight code, frequencies) of each term."""
    postings: dict[int, list[tuple[int, int, int]]] = {}
    for doc, fields in enumerate(given):
        lengths = [sum(len(SEQUENCES[token]) for value in cell for token in value) for cell in fields]
        counts = [
            Counter(term for value in cell for token in value for term in (*SEQUENCES[token], *COMPOUNDS[token]))
            for cell in fields
        ]
        for count, cell in zip(counts, fields, strict=True):
            sequences = [[term for token in value for term in SEQUENCES[token]] for value in cell]
            for term, run in RUNS.items():
                count[term] = sum(
                    tuple(each[at : at + len(run)]) == run for each in sequences for at in range(len(each))
                )
        for term in {term for count in counts for term in count if count[term]}:
            frequencies = pack(count[term] for count in counts)
            code = to_code(pseudo_frequency(frequencies, norms(lengths)))
            postings.setdefault(term, []).append((doc, code, frequencies))
    return postings


def breaks_between(fields: Sequence[Sequence[int]]) -> list[int]:
    """Where in a row the next value of a field begins, by how many words each has."""
    found, end = [], 0
    for field in fields:
        for number, length in enumerate(field, 1):
            end += length
            if number < len(field):
                found.append(end)
    return found


@settings(max_examples=30)
@given(documents, st.permutations(range(TERMS)), st.sampled_from([1, 7, 50_000]))
def test_postings_are_those_of_counting_one_by_one(
    given: list[list[list[list[int]]]], order: list[int], most: int
) -> None:
    in_order = [cell for fields in given for cell in fields]
    tokens = np.array([token for cell in in_order for value in cell for token in value], np.uint32)
    ends = np.cumsum([len(value) for cell in in_order for value in cell])
    of = np.repeat(np.arange(len(in_order)), [*map(len, in_order)])
    ordinals = {term: ordinal for ordinal, term in enumerate(order)}
    terms, lengths, values = postings.stream(tokens, ends, of, postings.Lists(SEQUENCES, ordinals))
    sequence = [term for cell in in_order for value in cell for token in value for term in SEQUENCES[token]]
    assert [order[ordinal] for ordinal in terms] == sequence
    long = [[[sum(len(SEQUENCES[token]) for token in value) for value in cell] for cell in fields] for fields in given]
    assert lengths.tolist() == [[*map(sum, fields)] for fields in long]
    counts, breaks = values.breaks(lengths)
    assert counts.tolist() == [sum(len(cell) - 1 for cell in fields) for fields in given]
    assert breaks.tolist() == [place for fields in long for place in breaks_between(fields)]

    expected = counted_one_by_one(given)
    runs = postings.standing(terms, values, {name: [ordinals[term] for term in run] for name, run in RUNS.items()})
    in_runs = {ordinals[name]: cells for name, cells in runs.items()}
    compounds = postings.Lists(COMPOUNDS, ordinals)
    keys = postings.keys(terms, lengths, tokens, ends[postings.lasts(of)], compounds, in_runs)
    found: dict[int, list[tuple[int, int, int]]] = {}
    for some in postings.count(keys, lengths, most):
        assert some.codes is not None
        for term, *posting in zip(*(column.tolist() for column in some), strict=True):
            found.setdefault(order[term], []).append(tuple(posting))
    assert found == expected
    assert [*found] == [term for term in order if term in expected]


@given(st.tuples(*(st.integers(0, 100) for _ in FIELDS)))
def test_frequencies_of_a_posting_are_kept_up_to_what_fits(counts: tuple[int, ...]) -> None:
    assert unpack(pack(counts)) == tuple(map(min, counts, ((1 << field.bits) - 1 for field in FIELDS)))


@given(st.lists(st.sampled_from([*"aZ7é,.;- \n", "., ", ", ", ". ", "U.S. ", "1,000", "\ud800", "中"])).map("".join))
def test_tokens_that_are_counted_have_the_words_of_tokens_that_are_searched(text: str) -> None:
    counted, searched = (
        [found for token in tokens for found in zip(*words.take_apart(token), strict=False)]
        for tokens in (tokens_of(text), words.tokens(text))
    )
    assert counted == searched


def test_texts_stay_apart_that_hold_what_ends_a_text(tmp_path: Path) -> None:
    posts = [Post("a.md", "a", title="otters\0build\0", abstract="dams"), Post("b.md", "b", abstract="\0 \0")]
    documents = segment_of(tmp_path, posts).documents
    lengths = {field.name: documents.length(field.name).tolist() for field in FIELDS}
    assert lengths == {field.name: [0, 0] for field in FIELDS} | {"title": [2, 0], "abstract": [1, 0]}


def test_levels_meet_half_way_between_each_other() -> None:
    assert [to_code(level) for level in LEVELS[1:]] == list(range(1, 256))
    assert [to_code(bound * 0.9999) for bound in BOUNDS] == list(range(1, 255))
    assert [to_code(bound * 1.0001) for bound in BOUNDS] == list(range(2, 256))


@given(st.lists(st.floats(0, 1e9) | st.floats(0.01, 70) | st.sampled_from(BOUNDS), min_size=1))
def test_codes_of_many_are_those_of_one_by_one(values: list[float]) -> None:
    near = [*values, *BOUNDS, *np.nextafter(BOUNDS, 0).tolist(), *np.nextafter(BOUNDS, 99).tolist()]
    assert postings.codes_of(np.array(near)).tolist() == [*map(to_code, near)]


@given(st.lists(st.sampled_from([0, 7, 7, 7, 9, 1 << 20, 1 << 31]), min_size=1), st.data())
def test_profiles_are_numbered_by_how_often_they_come(values: list[int], data: st.DataObject) -> None:
    whole = Profiles(np.array(values, np.uint32), np.ones(len(values), np.int64))
    counts = Counter(values)
    assert whole.table == sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    numbers = whole.numbers(np.array(values, np.uint32)).tolist()
    assert [whole.table[number][0] for number in numbers] == values
    cut = data.draw(st.integers(0, len(values)))
    parts = [*Counter(values[:cut]).items(), *Counter(values[cut:]).items()]
    again = Profiles(np.array([v for v, _ in parts], np.uint32), np.array([n for _, n in parts], np.int64))
    assert again.table == whole.table


@pytest.mark.parametrize("count", [1, 200, 256, 257, 5_000, 70_000, 200_000])
@pytest.mark.parametrize("words", [True, False])
def test_what_is_laid_out_is_read_again_by_arrays_and_by_plain_python(count: int, words: bool) -> None:
    chance = random.Random(count)
    shares = (1 / count, 0.002, 0.05, 0.9, 1.0)
    docs = [sorted(chance.sample(range(count), max(1, int(share * count)))) for share in shares]
    sizes = [*map(len, docs)]
    terms = np.repeat(np.arange(len(docs)), sizes)
    most = [1, 255, 256, 65_536, 3]  # profile numbers of one, two and four bytes
    codes = chance.choices(range(1, 256), k=sum(sizes))
    numbers = [number for n, size in enumerate(sizes) for number in chance.choices(range(most[n] + 1), k=size)]
    numbers[sum(sizes[:3])] = most[3]
    columns = Columns(terms, np.concatenate(docs).astype(np.uint32))
    if words:
        columns = Columns(terms, columns.docs, np.array(codes, np.uint8), np.array(numbers, np.uint32))
    data, layout, tops = packing.lay_out(columns, count)
    again = packing.read(np.frombuffer(data, np.uint8), layout, count)
    for column, other in zip(columns, again, strict=True):
        assert (column is None and other is None) or column.tolist() == other.tolist()

    at = 0
    ends = (layout.starts + packing.sizes(layout, count)).tolist()
    for n, (start, end) in enumerate(zip(layout.starts.tolist(), ends, strict=True)):
        piece, size = data[start:end], sizes[n]
        taken = 2 * groups_of(count) + size if layout.grouped[n] else width_of(count) * size
        assert taken <= width_of(count) * size
        read = ungrouped(piece[:taken], size) if layout.grouped[n] else unpacked(piece[:taken], width_of(count))
        assert read.tolist() == docs[n]
        if words:
            assert list(piece[taken : taken + size]) == codes[at : at + size]
            assert max(codes[at : at + size]) == tops[n]
            assert unpacked(piece[taken + size :], int(layout.value_sizes[n])).tolist() == numbers[at : at + size]
        at += size


@given(st.lists(st.integers(0, (1 << 24) - 1)))
def test_numbers_in_three_bytes_are_widened_to_what_they_were(numbers: list[int]) -> None:
    narrow = packing.narrowed(np.array(numbers, np.uint32), 3)
    assert len(narrow) == 3 * len(numbers)
    assert packing.widened(narrow, 3).tolist() == numbers


# --- merging ---

VOCABULARY = [f"w{n:03}" for n in range(400)]


def posts_of(chance: random.Random, count: int) -> list[Post]:
    texts = [chance.choices(VOCABULARY, weights=range(400, 0, -1), k=chance.randint(0, 60)) for _ in range(count)]
    return [
        Post(f"{n}.md", f"id{n}", n % 3, " ".join(text[:4]), tags=tuple(text[4:9]), abstract=" ".join(text[9:]))
        for n, text in enumerate(texts)
    ]


def contents(segment: OpenSegment) -> list[object]:
    """All that a segment tells, with terms in place of ordinals."""
    told: list[object] = []
    keys = []
    for key, entry in segment.terms.scan():
        keys.append(key)
        if entry.frequency:
            found = segment.terms.postings(entry)
            codes = bytes(found.codes) if found.codes is not None else None
            told.append((key, list(found.docs), codes, found.frequencies() if codes else None, entry.top_code))
        else:
            told.append(key)
    documents = segment.documents
    for doc in range(segment.count):
        row = memoryview(documents.token_row(doc)).cast("I")
        told.append((documents.stored(doc), [keys[ordinal] for ordinal in row]))
    told += [(name, list(values)) for name, values in documents.arrays("length")]
    told += [(name, list(values)) for name, values in documents.arrays("column")]
    told += map(list, documents.breaks())
    return told


def merged(folder: Path, inputs: Iterable[tuple[OpenSegment, Iterable[int]]]) -> OpenSegment:
    name = new_name()
    with segment_files(str(folder), name, PLAIN_FILES) as (docs, terms):
        merge.merge([merge.Input(each.segment, frozenset(deleted)) for each, deleted in inputs], docs, terms)
    return OpenSegment(Segment(str(folder), name), ())


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 150), min_size=1, max_size=4), st.integers(0, 999))
def test_merged_segments_are_byte_for_byte_the_segment_of_all_their_posts(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    posts = posts_of(random.Random(seed), sum(sizes) + 1)
    ends = [sum(sizes[: n + 1]) for n in range(len(sizes))] + [len(posts)]
    parts = [segment_of(folder, posts[start:end]) for start, end in zip([0, *ends], ends, strict=False) if start < end]
    one, whole = merged(folder, [(part, ()) for part in parts]), segment_of(folder, posts)
    for ending in (".docs", ".terms"):
        files = [(folder / (each.segment.name + ending)).read_bytes() for each in (one, whole)]
        assert files[0] == files[1]


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 150), st.sets(st.integers(0, 299), max_size=200), st.integers(0, 999))
def test_what_is_deleted_is_left_out_when_segments_are_merged(
    tmp_path_factory: pytest.TempPathFactory, count: int, deleted: set[int], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    posts = posts_of(random.Random(seed), 300)
    first, second = segment_of(folder, posts[:count]), segment_of(folder, posts[count:])
    gone = [[doc for doc in deleted if doc < count], [doc - count for doc in deleted if doc >= count]]
    one = merged(folder, [(first, gone[0]), (second, gone[1])])
    fresh = segment_of(folder, [post for n, post in enumerate(posts) if n not in deleted])
    told, expected = contents(one), contents(fresh)
    # Spellings that only deleted papers had stay until the next rebuild.
    assert with_postings(told) == with_postings(expected)


def with_postings(told: list[object]) -> list[object]:
    return [each for each in told if not isinstance(each, bytes)]
