"""What the reader tells of a segment, by its shortcuts, against the slow obvious ways."""

from __future__ import annotations

import mmap
import re
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papersearch.core.fields import AUTHOR, SURFACE, TAG, WORDS
from papersearch.core.records import Post
from papersearch.engine.index.bits import bits_of, column_of, docs_of, flags_of, holds
from papersearch.engine.index.container import MOST_MAPPED, Container, SectionWriter, forget_if_much
from papersearch.engine.index.reader import OpenSegment, cache_size
from papersearch.engine.index.runs import by_field
from papersearch.engine.index.terms import key_of
from papersearch.engine.index.weights import norm, norms
from papersearch.posts.facts import clean_tags
from papersearch.text import clean
from tests.corpora import segment_of

COUNT = 5_000


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> OpenSegment:
    random = Random(5)
    vocabulary = ["".join(random.choices("abcd", k=random.randint(2, 6))) for _ in range(600)]
    posts = [
        Post(f"{number}.md", str(number), None, f"common {'often ' * random.randint(0, 3)}", abstract=" ".join(words))
        for number, words in enumerate(random.choices(vocabulary, k=random.randint(3, 30)) for _ in range(400))
    ]
    return segment_of(tmp_path_factory.mktemp("reader"), posts, dead=range(0, 400, 7))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([0, 1, 30, 399, 401, 900, 2_500, COUNT]), st.integers(0, 450), st.integers(0, 10**6))
def test_the_documents_of_a_bit_set_are_those_that_it_was_made_of(size: int, most: int, seed: int) -> None:
    docs = sorted(Random(seed).sample(range(COUNT), size))
    bits = bits_of(docs, COUNT)
    assert bits == sum(1 << doc for doc in docs)
    assert docs_of(bits) == docs
    assert docs_of(bits, most) == docs[:most]


def test_a_column_has_the_code_of_every_document() -> None:
    assert column_of([1, 3], b"\x05\xff", 5) == bytearray([0, 5, 0, 255, 0])
    assert column_of([], b"", 2) == bytearray(2)


@pytest.mark.parametrize("field", [WORDS, SURFACE])
def test_every_key_and_every_beginning_of_one_is_found_and_nothing_else(segment: OpenSegment, field: str) -> None:
    known = set(segment.keys("", field))
    beginnings = {word[:end] for word in known for end in range(len(word) + 1)}
    # Also what stands inside keys, and what one key and the next make together.
    inner = {word[at:] for word in known for at in (1, 2)} | {word + "a" for word in known} | {"zz", "A", "\0"}
    for word in known | beginnings | inner:
        entry = segment.terms.find(key_of(field, word))
        assert (entry is not None) == (word in known)
        if entry is not None:
            assert segment.terms.key_at(entry.ordinal) == key_of(field, word)
        assert segment.terms.has_prefix(key_of(field, word)) == (word in beginnings)


@pytest.mark.parametrize("field", [WORDS, SURFACE])
def test_keys_with_a_beginning_are_found_in_order_the_beginning_itself_among_them(
    segment: OpenSegment, field: str
) -> None:
    known = sorted(segment.keys("", field))
    for word in ("", *known[::25], *(word[:2] for word in known[::50]), "zz"):
        expected = [each for each in known if each.startswith(word)]
        assert [term for term, _ in segment.prefixed(word, field)] == [*segment.keys(word, field)] == expected
        assert expected or word == "zz"


@pytest.mark.parametrize("dead", [(), (0,), (3, 399), (1, 2, 50, 200, 398), range(0, 400, 7), range(400)])
@pytest.mark.parametrize("field", [WORDS, SURFACE, AUTHOR])
def test_a_frequency_counts_live_documents_whether_few_or_many_are_dead(
    segment: OpenSegment, field: str, dead: Sequence[int]
) -> None:
    opened = OpenSegment(segment.segment, dead)
    for word in segment.keys("", field):
        entry = opened.find(word, field)
        assert entry is not None
        assert opened.frequency(entry, field) == len(set(opened.postings(entry).docs) - set(dead))


@pytest.mark.parametrize("word", ["common", "often", "ab", "dad"])
def test_the_tiers_of_a_word_are_its_live_documents_from_each_code_on(segment: OpenSegment, word: str) -> None:
    entry = segment.find(word)
    if entry is None:
        pytest.fail(f"{word} is no word of the segment")
    postings = segment.postings(entry)
    codes = (60, 100)
    expected = [
        sum(
            1 << doc
            for doc, code in zip(postings.docs, postings.codes or (), strict=True)
            if code >= least and doc not in segment.dead
        )
        for least in (*codes, 1)
    ]
    assert list(segment.tiers(entry, codes)) == expected
    assert segment.bits(entry) == expected[-1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=5, max_size=5), st.integers(1, 3))
def test_runs_are_counted_in_the_field_that_they_lie_in(lengths: list[int], width: int) -> None:
    fields = [number for number, length in enumerate(lengths) for _ in range(length)]
    bounds = [0]
    for length in lengths:
        bounds.append(bounds[-1] + length)
    expected: dict[int, int] = {}
    for place in range(len(fields) - width + 1):
        if len(set(fields[place : place + width])) == 1:
            expected[fields[place]] = expected.get(fields[place], 0) + 1
    assert by_field(range(len(fields) - width + 1), bounds, width) == expected


@pytest.mark.parametrize("weights", [None, (5.0, 1.0, 0.0, 2.0, 0.5)])
def test_the_norm_of_one_field_is_that_of_all(weights: tuple[float, ...] | None) -> None:
    lengths = [7, 0, 3, 150, 20]
    expected = norms(lengths, weights)
    assert tuple(norm(place, length, weights) for place, length in enumerate(lengths)) == pytest.approx(expected)


def test_a_large_segment_remembers_fewer_things_than_a_small_one() -> None:
    assert cache_size(256, 87_288) == 256
    assert cache_size(256, 700_000) * 700_000 <= 48_000_000
    assert cache_size(256, 10**9) == 16
    assert cache_size(256, 0) == 256


def test_whether_a_document_is_in_a_bit_set_is_told_beyond_its_last_one_too() -> None:
    docs = [0, 7, 8, 300]
    flags = flags_of(bits_of(docs, 400))
    assert [doc for doc in range(1_000) if holds(flags, doc)] == docs
    assert not any(holds(flags_of(0), doc) for doc in range(20))


def test_values_and_words_of_whole_blocks_are_those_of_their_keys_one_by_one(tmp_path: Path) -> None:
    random = Random(9)
    names = ["".join(random.choices("abÄé字 o'", k=random.randint(1, 9))).strip() or "x" for _ in range(900)]
    names += ["co author", "author", "Coauthor", "\U0001f600 author"]
    posts = [
        Post(f"{number}.md", str(number), None, "title", authors=tuple(names[number * 3 : number * 3 + 3]))
        for number in range(len(names) // 3 + 1)
    ]
    segment = segment_of(tmp_path, posts)
    for field in (AUTHOR, TAG):
        told = [pair for values, counts in segment.written(field) for pair in zip(values, counts, strict=True)]
        by_key = segment.prefixed("", field)
        assert told == [(term.partition("\0")[2], entry.frequency) for term, entry in by_key]
    for prefix in ("", "a", "titl", "zzz"):
        assert list(segment.surfaces(prefix)) == list(segment.keys(prefix, SURFACE))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells what of files is in memory")
def test_what_was_read_of_large_files_does_not_stay_in_memory(tmp_path: Path) -> None:
    def in_memory() -> int:
        return int(Path("/proc/self/statm").read_text().split()[2]) * mmap.PAGESIZE

    path = tmp_path / "large"
    with path.open("wb") as file:
        sections = SectionWriter(file)
        sections.begin("numbers")
        for _ in range(2 * MOST_MAPPED // 2**20):
            sections.write(bytes(2**20))
        sections.finish()
    container, before = Container(str(path)), in_memory()
    container.verify()
    assert in_memory() > before + MOST_MAPPED
    forget_if_much([container])
    assert in_memory() < before + 2**20
    other, half = Container(str(path)), slice(0, MOST_MAPPED // 2, mmap.PAGESIZE)
    assert sum(other.view("numbers")[half]) == 0
    container.verify()
    forget_if_much([container], learn=True)
    others = in_memory()
    assert others > before + MOST_MAPPED // 4
    assert sum(container.view("numbers")[half]) == 0
    forget_if_much([container], learn=True)
    assert in_memory() > others + MOST_MAPPED // 4  # with the other it is much, but not of this one
    container.verify()
    forget_if_much([container], learn=True)
    assert in_memory() < others + 2**20


def test_huge_posts_do_not_stay_in_memory_because_they_were_looked_at(tmp_path: Path) -> None:
    texts = ["a" * 300_000, "otter " * 50_000]
    segment = segment_of(tmp_path, [Post(f"{n}.md", str(n), None, "Huge", abstract=texts[n % 2]) for n in range(30)])
    none = re.compile("x^")

    def look() -> None:
        for doc in range(30):
            assert segment.documents.stored(doc)["abstract"] == texts[doc % 2]
            assert segment.documents.token_row(doc)
            assert clean.line(f"{doc} {texts[0]}")
            assert clean_tags([f"{doc} {texts[0]}", "b"], none)

    tracemalloc.start()
    try:
        look()
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()
