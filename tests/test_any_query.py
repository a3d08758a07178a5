"""Any query at all, made at random, finds what a reading of the posts themselves says it should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import papersearch
from papersearch.core.records import Post
from papersearch.engine.build.invert import field_values
from papersearch.posts.parse import parse
from papersearch.text import words
from tests.corpora import write_post
from tests.posted import date_of, holds, ids

WORDS = "red blue gray pink gold teal lime plum".split()
Ask = tuple[str, Callable[[Post], bool]]


def word_query(word: str) -> Ask:
    return word, lambda post: holds(post, word)


def field_query(field: str, word: str) -> Ask:
    return f"{field}:{word}", lambda post: holds(post, word, field)


def phrase_query(first: str, second: str) -> Ask:
    return f'"{first} {second}"', lambda post: any((first, second) in pairwise(terms) for terms in values_of(post))


def near_query(first: str, second: str, slop: int) -> Ask:
    def passes(post: Post) -> bool:
        windows = (terms[at : at + 2 + slop] for terms in values_of(post) for at in range(len(terms)))
        return any(not Counter([first, second]) - Counter(window) for window in windows)

    return f'"{first} {second}"~{slop}', passes


def values_of(post: Post) -> list[list[str]]:
    """The terms of each text of a post, of each of its authors and of each of its tags."""
    return [words.analyze(value)[0] for values in field_values(post) for value in values]


def year_query(year: int) -> Ask:
    return f"year:{year}", lambda post: date_of(post)[:4] == str(year)


def not_query(ask: Ask) -> Ask:
    return f"(NOT {ask[0]})", lambda post: not ask[1](post)


def and_query(asks: list[Ask]) -> Ask:
    return "(" + " AND ".join(ask[0] for ask in asks) + ")", lambda post: all(ask[1](post) for ask in asks)


def or_query(asks: list[Ask]) -> Ask:
    return "(" + " OR ".join(ask[0] for ask in asks) + ")", lambda post: any(ask[1](post) for ask in asks)


a_word = st.sampled_from(WORDS)
asks: st.SearchStrategy[Ask] = st.recursive(
    st.one_of(
        a_word.map(word_query),
        st.builds(field_query, st.sampled_from(["title", "abstract"]), a_word),
        st.builds(phrase_query, a_word, a_word),
        st.builds(near_query, a_word, a_word, st.integers(1, 3)),
        st.sampled_from([2023, 2024, 2025]).map(year_query),
    ),
    lambda inner: st.one_of(
        inner.map(not_query),
        st.lists(inner, min_size=2, max_size=3).map(and_query),
        st.lists(inner, min_size=2, max_size=3).map(or_query),
    ),
    max_leaves=6,
)
bags = st.lists(a_word, min_size=1, max_size=4)


@pytest.fixture(scope="module")
def colours() -> Iterator[tuple[papersearch.Index, dict[str, Post]]]:
    """Two hundred papers of eight words, in two segments, some deleted."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(0, 240):
            if number == 220:
                papersearch.build(str(folder / "index"), [name])
            chosen = [word for place, word in enumerate(WORDS) if number * 2654435761 % 4093 >> place & 1]
            title, abstract = " ".join(chosen[::2]), " ".join(chosen) + " " + " ".join(chosen[::3] * (number % 4))
            tags = [" ".join(chosen[at : at + 2]) for at in range(number % 3, len(chosen), 2)][::-1]
            write_post(folder, f"p{number}", title, abstract, published=f"{2023 + number % 3}-05-05", tags=tags)
        for number in range(0, 240, 6):
            (folder / f"p{number}.md").unlink()
        index = papersearch.build(str(folder / "index"), [name])
        assert index.stats(look=False).segments == 2
        yield index, {path.stem: parse(str(path), path.read_bytes()) for path in folder.glob("*.md")}


@settings(max_examples=80, deadline=None)
@given(ask=asks)
def test_what_is_found_is_what_the_query_says(colours: tuple[papersearch.Index, dict[str, Post]], ask: Ask) -> None:
    index, posts = colours
    query, passes = ask
    answer = index.search(query, limit=1_000, snippets=False, explain=True)
    assert sorted(ids(answer)) == sorted(key for key, post in posts.items() if passes(post))
    assert answer.total == len(answer.results)
    scores = [hit.score for hit in answer.results]
    assert scores == sorted(scores, reverse=True)
    for hit in answer.results:
        assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(bag=bags, forbidden=a_word, match=st.sampled_from(["auto", "all", "any"]), data=st.data())
def test_words_side_by_side_match_as_the_request_says(
    colours: tuple[papersearch.Index, dict[str, Post]],
    bag: list[str],
    forbidden: str,
    match: str,
    data: st.DataObject,
) -> None:
    index, posts = colours
    query = " ".join([*bag, "-" + forbidden])
    answer = index.search(query, limit=1_000, snippets=False, match=match)
    which = all if match == "all" else any
    expected = {
        key for key, post in posts.items() if which(holds(post, word) for word in bag) and not holds(post, forbidden)
    }
    assert set(ids(answer)) == expected
    every = {key for key in expected if all(holds(posts[key], word) for word in bag)}
    assert answer.total_all == len(every)
    for hit in answer.results:
        assert hit.missing == tuple(dict.fromkeys(word for word in bag if not holds(posts[hit.id], word)))
    offset, limit = data.draw(st.integers(0, 60)), data.draw(st.integers(1, 40))
    page = index.search(query, limit=limit, offset=offset, snippets=False, match=match)
    assert [(hit.id, hit.score) for hit in page.results] == [
        (hit.id, hit.score) for hit in answer.results[offset : offset + limit]
    ]


def test_segments_together_answer_as_one_does(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number in range(400):
        if number == 370:
            papersearch.build(str(tmp_path / "two"), [str(corpus)])
        text = " ".join(word for place, word in enumerate(WORDS) if number * 2654435761 % 4093 >> place & 1)
        write_post(corpus, f"p{number}", f"Paper {text[: number % 9]}", f"{text} {text[: number % 40]}")
    one = papersearch.build(str(tmp_path / "one"), [str(corpus)])
    two = papersearch.build(str(tmp_path / "two"), [str(corpus)])
    assert [index.stats(look=False).segments for index in (one, two)] == [1, 2]
    for query in ("red", "red blue", "lime plum gray", "title:red", '"red blue"', "pink -gold", "teal OR lime"):
        first, second = (
            [(hit.id, hit.score) for hit in index.search(query, snippets=False).results] for index in (one, two)
        )
        assert first == second
        assert first
