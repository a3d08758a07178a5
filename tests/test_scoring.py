"""The fast ways to the best papers against slow obvious ones: same papers in the same order, same scores."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from math import log
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import papersearch
from papersearch.core.fields import FIELDS, K1
from papersearch.core.records import Post
from papersearch.engine.build.invert import field_values
from papersearch.engine.index.bits import bits_of
from papersearch.engine.index.reader import OpenSegment
from papersearch.engine.index.weights import LEVELS, SATURATION, to_code
from papersearch.engine.search.compounds import SPELLING_FACTOR
from papersearch.engine.search.matching import match
from papersearch.engine.search.scoring import TIER_TOPS, Weighted, best, idf, scores_of
from papersearch.engine.search.slots import Alternative, Slot
from papersearch.text import words
from tests.corpora import SAMPLE, segment_of
from tests.posted import date_of, sample_posts

VOCABULARY = "red blue gray pink gold teal lime plum ruby jade".split()


def plain_idf(frequency: int, papers: int) -> float:
    return log(1 + (papers - frequency + 0.5) / (frequency + 0.5))


def plain_level(tf: float) -> float:
    """The level of the table that is nearest on a scale of ratios."""
    return min(LEVELS[1:], key=lambda level: abs(log(level / tf)))


def plain_tf(post: Post, terms: tuple[str, ...], only: str | None) -> float:
    """BM25F's inner sum for a term, or for terms that stand side by side, from the texts themselves."""
    total = 0.0
    for field, values in zip(FIELDS, field_values(post), strict=True):
        taken = [words.analyze(value) for value in values]
        if len(terms) == 1:
            count = sum((sequence + extras).count(terms[0]) for sequence, extras in taken)
        else:
            count = sum(
                tuple(sequence[at : at + len(terms)]) == terms for sequence, _ in taken for at in range(len(sequence))
            )
        count, length = min(count, (1 << field.bits) - 1), sum(len(sequence) for sequence, _ in taken)
        if only in (None, field.name):
            total += field.weight * count / (1 - field.b + field.b * length / field.pivot)
    return total


def plain_saturation(post: Post, slot: Slot) -> float:
    """The best of the slot's alternatives."""
    found = [0.0]
    for alternative in slot.alternatives:
        tf = plain_tf(post, alternative.terms, slot.field)
        if tf:
            level = plain_level(tf)
            found.append(alternative.factor * level / (K1 + level))
    return max(found)


def plain_scores(posts: list[Post], dead: set[int], slots: list[Slot], weights: list[float]) -> dict[int, float]:
    scores = {}
    for doc, post in enumerate(posts):
        parts = [plain_saturation(post, slot) for slot in slots]
        if doc not in dead and any(parts):
            scores[doc] = sum(weight * part for weight, part in zip(weights, parts, strict=True))
    return scores


def first(scores: dict[int, float], k: int) -> list[int]:
    """The ``k`` best and all that tie with the last, best first, then by number."""
    rounded = {doc: round(score, 9) for doc, score in scores.items()}
    ordered = sorted(rounded, key=lambda doc: (-rounded[doc], doc))
    return [doc for doc in ordered if rounded[doc] >= rounded[ordered[:k][-1]]]


def agree(fast: dict[int, float], slow: dict[int, float], k: int) -> None:
    expected = first(slow, k)
    assert first(fast, k) == expected
    assert [fast[doc] for doc in expected] == pytest.approx([slow[doc] for doc in expected], abs=1e-6)


def weighted(slots: list[Slot], weights: list[float], segment: OpenSegment) -> list[Weighted]:
    return [Weighted(match(slot, segment), weight) for slot, weight in zip(slots, weights, strict=True)]


texts = st.lists(st.sampled_from(VOCABULARY), max_size=12).map(" ".join)
posts = st.builds(
    Post,
    st.just("p.md"),
    st.just("p"),
    title=texts,
    authors=st.lists(texts, max_size=2).map(tuple),
    tags=st.lists(texts, max_size=2).map(tuple),
    abstract=st.lists(texts, max_size=4).map(". ".join),
    qa=texts,
)
runs = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=3).map(tuple)
alternatives = st.builds(Alternative, runs, st.sampled_from([1.0, 1.0, 0.95, 0.6]))
slots = st.builds(
    lambda alternatives, field: Slot("w", tuple({a.terms: a for a in alternatives}.values()), field=field),
    st.lists(alternatives, min_size=1, max_size=3),
    st.sampled_from([None, None, *(field.name for field in FIELDS)]),
)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_the_best_of_random_posts_are_those_of_scoring_every_post(data: st.DataObject) -> None:
    some = data.draw(st.lists(posts, min_size=1, max_size=25))
    some *= data.draw(st.integers(1, 3))  # papers that tie
    dead = data.draw(st.sets(st.integers(0, len(some) - 1), max_size=len(some)))
    asked = data.draw(st.lists(slots, min_size=1, max_size=5))
    weights = data.draw(st.lists(st.sampled_from([0.0, 0.3, 1.0, 2.5]), min_size=len(asked), max_size=len(asked)))
    k = data.draw(st.integers(1, 12))
    slow = plain_scores(some, dead, asked, weights)
    with TemporaryDirectory() as folder:
        segment = segment_of(Path(folder), some, dead)
        found = best(weighted(asked, weights, segment), k, None)
        agree(found, slow, k)
        assert scores_of(weighted(asked, weights, segment), list(found)) == list(found.values())
        allowed = data.draw(st.sets(st.integers(0, len(some) - 1)))
        kept = {doc: score for doc, score in slow.items() if doc in allowed}
        agree(best(weighted(asked, weights, segment), k, bits_of(sorted(allowed), len(some))), kept, k)
        for doc in range(len(some)):
            for slot, word in zip(asked, weighted(asked, weights, segment), strict=True):
                expected = plain_saturation(some[doc], slot)
                assert word.matches.saturation(doc) == pytest.approx(expected, abs=1e-9) or doc in dead
                assert bool(word.matches.bits >> doc & 1) == (doc not in dead and expected > 0)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_what_other_segments_reached_loses_no_paper_that_reaches_it_as_well(data: st.DataObject) -> None:
    some = data.draw(st.lists(posts, min_size=1, max_size=25))
    asked = data.draw(st.lists(slots, min_size=1, max_size=4))
    weights = [1.0] * len(asked)
    slow = plain_scores(some, set(), asked, weights)
    floor = data.draw(st.sampled_from([0.0, *slow.values()]))
    with TemporaryDirectory() as folder:
        segment = segment_of(Path(folder), some)  # which its matches do not keep
        found = best(weighted(asked, weights, segment), 3, None, floor)
    assert {doc for doc in first(slow, 3) if slow[doc] >= floor} <= found.keys()


def many_posts(count: int) -> list[Post]:
    """Posts of which words are common, rare, and everything between; short, so that many tie."""
    random = Random(7)
    result = []
    for number in range(count):
        chosen = [word for rank, word in enumerate(VOCABULARY) if random.random() < 0.6**rank]
        random.shuffle(chosen)
        text = " ".join(word for word in chosen for _ in range(random.choice([1, 1, 1, 2, 5])))
        result.append(Post(f"{number}.md", str(number), None, " ".join(chosen[:2]), abstract=text))
    return result


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Post], OpenSegment, set[int]]:
    some, dead = many_posts(5_000), set(range(0, 5_000, 7))
    return some, segment_of(tmp_path_factory.mktemp("many"), some, dead), dead


@pytest.mark.parametrize("k", [1, 30, 400])
@pytest.mark.parametrize(
    "query", ["red", "jade", "jade red", "jade ruby plum", "red blue gray pink gold", "red blue", "lime gray red jade"]
)
def test_pruning_keeps_the_best_of_thousands(
    many: tuple[list[Post], OpenSegment, set[int]], query: str, k: int
) -> None:
    some, segment, dead = many
    asked = [Slot(word, (Alternative((words.stem(word),)),)) for word in query.split()]
    found = weighted(asked, [1.0] * len(asked), segment)
    weights = [idf(word.matches.bits.bit_count(), len(some)) for word in found]
    slow: dict[int, float] = {}
    for word, weight in zip(asked, weights, strict=True):
        entry = segment.find(word.alternatives[0].terms[0])
        assert entry is not None
        postings = segment.postings(entry)
        assert postings.codes is not None
        for doc, code in zip(postings.docs, postings.codes, strict=True):
            if doc not in dead:
                slow[doc] = slow.get(doc, 0.0) + weight * LEVELS[code] / (K1 + LEVELS[code])
    fast = best(weighted(asked, weights, segment), k, None)
    agree(fast, slow, k)
    for doc in first(slow, k)[:20]:
        assert fast[doc] == pytest.approx(plain_scores([some[doc]], set(), asked, weights)[0], abs=1e-6)
    odd = bits_of(range(1, 5_000, 2), 5_000)
    agree(best(weighted(asked, weights, segment), k, odd), {doc: slow[doc] for doc in slow if doc % 2}, k)


# --- the whole way, on the sample posts ---


@pytest.fixture(scope="module", params=["one segment", "many segments"])
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    """The sample posts, indexed at once; or in seven runs, with others that came and went."""
    folder = tmp_path_factory.mktemp("sample")
    if request.param == "one segment":
        return papersearch.build(str(folder / "index"), [str(SAMPLE)])
    corpus = folder / "corpus"
    corpus.mkdir()
    paths = sorted(SAMPLE.glob("*.md"))
    for start, size in ((0, 40), (40, 12), (52, 4), (56, 2), (58, 2)):
        for path in paths[start : start + size]:
            (corpus / path.name).write_bytes(path.read_bytes())
        (corpus / f"gone{start}.md").write_text(f"# model language image\n\nlearning network data {start}\n")
        (corpus / f"gone{start - 1}.md").unlink(missing_ok=True)
        index = papersearch.build(str(folder / "index"), [str(corpus)])
    for path in corpus.glob("gone*.md"):
        path.unlink()
    index.update()
    assert index.stats(look=False).segments > 1
    return index


def expected_order(scores: dict[int, float], all_posts: list[Post]) -> list[str]:
    def key(doc: int) -> tuple[float, int, str]:
        date = date_of(all_posts[doc])
        day = datetime.date.fromisoformat(date).toordinal() if date else 0
        return (-round(scores[doc], 9), -day, all_posts[doc].id)

    return [all_posts[doc].id for doc in sorted(scores, key=key)]


@pytest.mark.parametrize(
    "word", ["model", "diffusion", "learning", "quantization", "dataset", "Qwen", "driving", "retrieval"]
)
@pytest.mark.parametrize("field", ["", "title:", "abstract:", "tag:", "author:"])
def test_a_word_ranks_the_sample_posts_as_the_formula_says(sample: papersearch.Index, word: str, field: str) -> None:
    everyone = sample_posts()
    only = {"": None, "tag:": "tags", "author:": "authors"}.get(field, field[:-1])
    alternatives = [Alternative((words.stem(word.lower()),))]
    if field and word == "dataset":  # after a field a word is held in any spelling, and some posts have data sets
        alternatives.append(Alternative(("data", "set"), SPELLING_FACTOR))
    slot = Slot(word, tuple(alternatives), field=only)
    frequency = sum(plain_saturation(post, slot) > 0 for post in everyone)
    scores = plain_scores(everyone, set(), [slot], [plain_idf(frequency, len(everyone))])
    filters: list[tuple[dict[str, str], Callable[[Post], bool]]] = [
        ({}, lambda post: True),
        ({"since": "2024-10"}, lambda post: date_of(post) >= "2024-10"),
        (
            {"until": "2024-12-19", "tag": "Dataset"},
            lambda post: "" < date_of(post) <= "2024-12-19" and "dataset" in post.tags,
        ),
    ]
    for options, passes in filters:
        answer = sample.search(field + word, limit=100, expand=False, snippets=False, **options)
        kept = {doc: score for doc, score in scores.items() if passes(everyone[doc])}
        assert [hit.id for hit in answer.results] == expected_order(kept, everyone)
        by_id = {everyone[doc].id: score for doc, score in kept.items()}
        for hit in answer.results:
            assert hit.score == pytest.approx(by_id[hit.id], abs=1e-6)


# --- the table of numbers ---


@settings(max_examples=40, deadline=None)
@given(st.lists(posts, min_size=1, max_size=25), slots, st.sampled_from(range(len(TIER_TOPS))))
def test_a_tier_of_a_word_and_its_other_forms_holds_what_any_of_them_lifts_there_and_no_more(
    some: list[Post], slot: Slot, number: int
) -> None:
    with TemporaryDirectory() as folder:
        segment = segment_of(Path(folder), some)
        found = match(slot, segment)
        for doc in range(len(some)):
            if abs(above := found.saturation(doc) - TIER_TOPS[number]) > 1e-9:
                assert found.tier(number) >> doc & 1 == (above > 0), (doc, above)


def test_rarer_words_weigh_more_and_none_weighs_nothing() -> None:
    weights = [idf(frequency, 1_000) for frequency in range(1_001)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0
    assert weights[10] == pytest.approx(plain_idf(10, 1_000))


def test_levels_are_near_what_they_stand_for() -> None:
    for step in range(1, 5_000):
        tf = step / 100
        level = LEVELS[to_code(tf)]
        if tf >= LEVELS[1]:
            assert abs(level / tf - 1) < 0.016
            assert abs(SATURATION[to_code(tf)] - tf / (K1 + tf)) < 0.004
    assert (to_code(1e-9), to_code(1e9)) == (1, 255)
