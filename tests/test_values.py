"""A run of words stands in one author or one tag: none goes on into the next, whoever looks for it and however."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from whoosh import index as whoosh
from whoosh.qparser import QueryParser

import papersearch
from papersearch.core.fields import FIELDS
from papersearch.core.records import Post
from papersearch.engine.build.invert import stored_fields
from papersearch.engine.index.bits import docs_of
from papersearch.engine.index.reader import IndexReader, OpenSegment
from papersearch.engine.index.run_arrays import run_postings
from papersearch.engine.index.runs import ordinals_of
from papersearch.engine.index.weights import SATURATION
from papersearch.engine.index.whoosh_postings import GAP
from papersearch.engine.opensearch.candidates import CandidateReader
from papersearch.engine.opensearch.papers import Paper
from papersearch.engine.search.matching import match
from papersearch.engine.search.slots import Alternative, Slot
from papersearch.text.words import stem
from tests.corpora import segment_of

# Authors and tags of each post; what none of the queries below finds by its text.
POSTS = {
    "apart": (("Wei Chen", "Li Zhang"), ("machine learning", "theory", "state of the", "art", "zero", "shot learners")),
    "name": (("Chen Li",), ("learning theory",)),
    "early": (("Ann Li", "Bo Chen", "Li Wu"), ("theory", "a", "learning", "state of the art")),
    "long": (("Chen van der Li",), ("learning of a theory", "zero-shot")),
}


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    folder = tmp_path_factory.mktemp("values")
    (folder / "posts").mkdir()
    for name, (authors, tags) in POSTS.items():
        text = f"---\ntitle: Otters\nauthors: [{', '.join(authors)}]\ntags: [{', '.join(tags)}]\n---\nDams.\n"
        (folder / "posts" / f"{name}.md").write_text(text)
    return papersearch.build(str(folder / "index"), [str(folder / "posts")])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"chen li"', {"name"}),
        ('author:"chen li"', {"name", "long"}),  # a small word may stand between
        ('"chen li"~1', {"name"}),
        ('"li chen"~2', {"name", "long"}),
        ('author:"chen li"~100', {"name", "long"}),
        ('otters -"chen li"', {"apart", "early", "long"}),
        ('"learning theory"', {"name"}),
        ('tag:"learning theory"', {"name"}),
        ('tag:"theory learning"~2', {"name", "long"}),
        ('tag:"learning theory"~100 AND otters', {"name", "long"}),
        ('"state of the art"', {"early"}),
        ('tag:"state of the art"', {"early"}),
        ('"zero shot"', {"long"}),
        ("tag:zero-shot", {"long"}),
        ('"otters chen"~9', set()),
    ],
)
def test_a_phrase_stays_within_an_author_or_a_tag(values: papersearch.Index, query: str, found: set[str]) -> None:
    answer = values.search(query, explain=True)
    assert {hit.id for hit in answer.results} == found
    for hit in answer.results:
        assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score, abs=1e-6)


def test_words_are_counted_side_by_side_within_an_author_or_a_tag(values: papersearch.Index) -> None:
    reader = IndexReader(values.path)
    assert [reader.side_by_side(run) for run in (("chen", "li"), ("li", "chen"), ("zero", "shot"))] == [1, 0, 1]
    assert reader.written_apart("zeroshot", ("zero", "shot"), 9)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('authors:"chen li"', {"name"}),
        ('authors:"chen li"~50', {"name", "long"}),
        ('words:"chen li"~50', {"name", "long"}),
        ('tags:"learning theory"', {"name"}),
        ('words:"learning theory"', {"name"}),
        ('words:"learning theory"~50', {"name", "long"}),
    ],
)
def test_whooshs_phrases_stay_within_an_author_or_a_tag(values: papersearch.Index, query: str, found: set[str]) -> None:
    opened = whoosh.open_dir(values.path)
    with opened.searcher() as searcher:
        assert {hit["id"] for hit in searcher.search(QueryParser("words", opened.schema).parse(query))} == found


def test_whooshs_positions_begin_with_the_field_and_leave_a_gap_before_the_next_value(
    values: papersearch.Index,
) -> None:
    found = {}
    with whoosh.open_dir(values.path).reader() as reader:
        matcher = reader.postings("tags", stem("theory"))
        while matcher.is_active():
            found[reader.stored_fields(matcher.id())["id"]] = matcher.value_as("positions")
            matcher.next()
    assert found == {"apart": [2 + GAP], "name": [1], "early": [0], "long": [3]}


def some_values(chance: Random) -> tuple[str, ...]:
    return tuple(" ".join(chance.choices("aab", k=chance.randrange(4))) for _ in range(chance.randrange(6)))


CHANCE = Random(5)
HUNDREDS = [
    Post(f"{n}.md", f"p{n}", title="a b"[: n % 4], authors=some_values(CHANCE), tags=some_values(CHANCE))
    for n in range(600)
]


@pytest.fixture(scope="module")
def hundreds(tmp_path_factory: pytest.TempPathFactory) -> OpenSegment:
    return segment_of(tmp_path_factory.mktemp("hundreds"), HUNDREDS)


def has(post: Post, run: tuple[str, ...], field: str | None, slop: int) -> bool:
    """Whether a value of a post has a run of words."""
    values = [("title", post.title), *(("authors", each) for each in post.authors), *(("tags", t) for t in post.tags)]
    for name, value in values:
        words = value.split()
        windows = [words[at : at + len(run) + slop] for at in range(len(words))] if field in (None, name) else []
        if any(not Counter(run) - Counter(window) if slop else tuple(window) == run for window in windows):
            return True
    return False


@pytest.mark.parametrize("run", [("a", "b"), ("b", "a"), ("b", "b"), ("a", "b", "a")])
@pytest.mark.parametrize("slop", [0, 1, 3])
def test_arrays_find_the_runs_that_lie_within_values(hundreds: OpenSegment, run: tuple[str, ...], slop: int) -> None:
    ordinals = ordinals_of(hundreds, run)
    assert ordinals is not None
    for field in (None, "authors", "tags"):
        counting = [number for number, each in enumerate(FIELDS) if field in (None, each.name)]
        docs, codes = run_postings(hundreds, ordinals, docs_of(hundreds.live), counting, slop)
        plain = match(Slot("", (Alternative(run),), field=field, slop=slop), hundreds)
        expected = [doc for doc, post in enumerate(HUNDREDS) if has(post, run, field, slop)]
        assert docs == docs_of(plain.bits) == expected
        assert [plain.saturation(doc) for doc in docs] == [SATURATION[code] for code in codes]


@pytest.mark.parametrize("run", [("a", "b"), ("b", "a", "a")])
@pytest.mark.parametrize("slop", [0, 2])
def test_candidates_of_a_cluster_have_the_runs_that_lie_within_values(
    values: papersearch.Index, run: tuple[str, ...], slop: int
) -> None:
    papers = [Paper([stored_fields(post)], {}) for post in HUNDREDS[:100]]
    candidates = CandidateReader(papers, IndexReader(values.path)).segments[0]
    ordinals = ordinals_of(candidates, run)
    assert ordinals is not None
    expected = [doc for doc, post in enumerate(HUNDREDS[:100]) if has(post, run, None, slop)]
    assert docs_of(match(Slot("", (Alternative(run),), slop=slop), candidates).bits) == expected
    assert run_postings(candidates, ordinals, range(100), range(len(FIELDS)), slop)[0] == expected
