"""A cluster's documents, queries and candidates, without one (see tests/cluster): as the local engine's."""

from __future__ import annotations

import datetime
import json
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("opensearchpy", reason="the client of OpenSearch is not installed")

import papersearch
from papersearch.core.errors import PapersearchError, UsageError
from papersearch.core.fields import AUTHOR, FIELDS, ID, TAG
from papersearch.core.frozen import replace
from papersearch.core.records import Post, Request
from papersearch.engine.build.invert import stored_fields
from papersearch.engine.index.documents import day_number
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.opensearch import documents, mapping, query_dsl
from papersearch.engine.opensearch.papers import Paper
from papersearch.posts.parse import parse
from papersearch.query.requests import request_of
from tests.cluster.questions import requests
from tests.corpora import SAMPLE, index_of_texts
from tests.searching_cluster import selects


@cache
def sample_posts() -> list[Post]:
    return [parse(str(path), path.read_bytes()) for path in sorted(SAMPLE.glob("*.md"))]


# --- documents ---


def test_a_document_gives_its_posts_back_whatever_they_hold() -> None:
    post = {"id": "x", "path": "/tmp/\udcff.md", "title": 'a "quoted" \u2028 title', "abstract": "a\u0001b \ud800"}
    text = documents.document([post], 3)
    text.encode("utf-8")
    assert documents.posts_of(json.loads(text)) == ([post], 3)


def test_every_term_of_a_document_reaches_the_cluster_as_it_is() -> None:
    for post in sample_posts():
        stored = stored_fields(post) | {"path": post.path}
        document = json.loads(documents.document([stored], 1))
        taken = documents.take(stored)
        sent = dict(pair.split(mapping.DELIMITER) for pair in document["words"].split())
        assert sent.keys() == taken.frequencies.keys()
        assert all(int(frequency) > 0 for frequency in sent.values())
        for field, found in zip(FIELDS, taken.fields, strict=True):
            values = document.get(mapping.field_name(field.name), [""])
            assert [*map(str.split, values[: len(found.values)])] == found.values
            assert values[len(found.values) :] == found.compounds


def test_values_have_the_keys_that_they_have_in_a_folder(tmp_path: Path) -> None:
    note = "---\ntitle: Otters\nauthors: [Jose\u0301, Ｊｏ]\ntags: [ge\u0301o, ＡＩ, a\u00adb]\n---\nOtters.\n"
    path = tmp_path / "Cafe\u0301 Notes.md"
    path.write_text(note, encoding="utf-8")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    post = parse(str(path), path.read_bytes())
    document = json.loads(documents.document([stored_fields(post) | {"path": post.path}], 1))
    reader = IndexReader(index.path)
    assert document[ID] == next(reader.terms("", ID)) == "café notes"
    for field in (TAG, AUTHOR):
        assert sorted(document[field]) == [*reader.terms("", field)]


@pytest.mark.parametrize(
    ("published", "day"), [("2019", "2019-01-01"), ("2019-05", "2019-05-01"), ("2019-05-07", "2019-05-07")]
)
def test_a_year_or_a_month_is_the_day_that_it_is_in_a_folder(published: str, day: str) -> None:
    document = json.loads(documents.document([{"id": "a", "path": "/a.md", "published": published}], 1))
    assert document["day"] == day_number(published) == datetime.date.fromisoformat(day).toordinal()
    assert (document["year"], document["month"]) == (day[:4], day[:7])


def test_of_several_posts_the_highest_version_is_shown() -> None:
    posts = [{"id": "a", "path": path, "version": version} for path, version in (("x", 1), ("y", 3), ("z", 2))]
    assert [post["path"] for post in documents.first_shown(posts)] == ["y", "z", "x"]


# --- queries: what is compiled selects what the local engine selects ---


OPERANDS = (
    "learning -real-time", "models AND zero-shot", "title:EndtoEnd", "-large-language", "models OR fine-tuning^2",
    "author:Qwen-Team", "(multi-modal models) AND driving", "GPT-4o AND -video", "language id:2412.15115", "end-to-end",
    "language 2412.15115", "video OR 2412.15115v1",
)  # fmt: skip


def test_compiled_queries_select_what_the_local_engine_selects(index: papersearch.Index) -> None:
    from papersearch.engine.search.plan import Compiler
    from papersearch.engine.search.selection import select
    from papersearch.query.filters import query_of

    reader = index._engine._current.reader  # type: ignore[attr-defined]
    shown = {}
    for post in sample_posts():
        shown.setdefault(post.id.casefold(), []).append(stored_fields(post) | {"path": post.path})
    sent = [json.loads(documents.document(documents.first_shown(posts), 1)) for posts in shown.values()]
    operands = [Request(query, match=match) for query in OPERANDS for match in ("auto", "all")]
    for request in (request_of(each, {}) for each in (*requests(sample_posts(), 200), *operands)):
        try:
            plan = Compiler(reader, request).compile(query_of(request))
        except PapersearchError:
            continue
        here = select(reader, plan, request.match)
        matching = query_dsl.matching(plan, request.match)
        every = query_dsl.matching_every(plan, request.match)
        assert sum(selects(matching, document) for document in sent) == here.total, request
        assert sum(selects(every, document) for document in sent) == here.total_all, request
        if plan.slots:
            ranked = query_dsl.ranked(plan, request.match, here.weights)
            assert [selects(ranked, each) for each in sent] == [selects(matching, each) for each in sent], request


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('author:"Li Wei"', [1, 2]),
        ('author:"Wei, L."', [1, 2]),
        ('"Li Wei"', [1]),
        ('"Li Wei"~9', [1, 2]),
        ('author:"Li Wei"~9', [1, 2]),
        ('tag:"sea otters"', [2]),
        ('"sea otters"~9', [1, 2]),
    ],
)
def test_a_phrase_in_the_cluster_stays_within_an_author_or_a_tag(query: str, found: list[int], tmp_path: Path) -> None:
    from papersearch.engine.search.plan import Compiler
    from papersearch.query.filters import query_of

    lists = (["Kun Li", "Wei Wang"], ["Li Wei"], ["Wei Li", "Kun Li"])
    tags = (["the sea", "otters"], ["otters", "otters at sea"], ["b", "sea otters"])
    for number, (names, some) in enumerate(zip(lists, tags, strict=True)):
        facts = f"title: Paper\nauthors: [{', '.join(names)}]\ntags: [{', '.join(some)}]"
        (tmp_path / f"n{number}.md").write_text(f"---\n{facts}\n---\nText.\n")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    posts = [
        {"id": f"n{number}", "path": "/a.md", "authors": names, "tags": some}
        for number, (names, some) in enumerate(zip(lists, tags, strict=True))
    ]
    sent = [json.loads(documents.document([post], 1)) for post in posts]
    request = request_of(query, {})
    plan = Compiler(index._engine._current.reader, request).compile(query_of(request))  # type: ignore[attr-defined]
    for compiled in (query_dsl.matching(plan, "auto"), query_dsl.ranked(plan, "auto", [1.0] * len(plan.slots))):
        assert [number for number, document in enumerate(sent) if selects(compiled, document)] == found
    assert sorted(hit.id for hit in index.search(query).results) == [f"n{number}" for number in found]


@pytest.mark.parametrize("query", ["milo", "the MiLo paper", "qwen25 2024", "what is MiLo?", "qwen25 technical"])
def test_the_cluster_is_asked_for_all_papers_that_are_titled_so(index: papersearch.Index, query: str) -> None:
    from papersearch.engine.search.plan import Compiler
    from papersearch.engine.search.ranking import titled_so
    from papersearch.engine.search.selection import select
    from papersearch.query.filters import query_of

    reader, request = index._engine._current.reader, request_of(query, {})  # type: ignore[attr-defined]
    plan = Compiler(reader, request).compile(query_of(request))
    titled = titled_so(select(reader, plan, request.match))
    stored = [reader.segments[segment].documents.stored(doc) for segment, doc in titled]
    assert stored
    for post in stored:
        sent = json.loads(documents.document([{**post, "path": "/a.md"}], 1))
        assert selects(query_dsl.titled_so(plan, request.match), sent)


def test_a_query_with_more_parts_than_a_cluster_takes_is_refused(index: papersearch.Index) -> None:
    from papersearch.engine.search.plan import Compiler
    from papersearch.query.language import parse as parse_query

    query = parse_query(" ".join(f'"w{n} x{n}"' for n in range(300)), {})
    plan = Compiler(index._engine._current.reader, Request("")).compile(query)  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match=r"parts, of which a cluster takes"):
        query_dsl.matching(plan, "auto")


@pytest.mark.parametrize("query", ["quark*", "quarkb* quarkd* quarkf* quarkg* quarkk* quarkm* quarkn* quarkp* quarkr*"])
def test_patterns_of_more_words_than_a_cluster_takes_are_asked_for_as_sets(query: str, tmp_path: Path) -> None:
    from papersearch.engine.search.plan import Compiler
    from papersearch.query.language import parse as parse_query

    words = ["quark" + "".join(letters) for letters in product("bdfgkmnpr", "bdfghkmnprtvz", "bdfgkmnprt")]
    assert len(words) > query_dsl.MOST_CLAUSES
    reader = index_of_texts(tmp_path, " ".join(words))._engine._current.reader  # type: ignore[attr-defined]
    plan = Compiler(reader, Request("")).compile(parse_query(query, {}))
    ranked = query_dsl.ranked(plan, "auto", [1.0] * len(plan.slots))
    assert selects(ranked, {"words": words[-1]})
    assert not selects(ranked, {"words": "quartz"})


# --- candidates ---


def test_candidates_in_memory_score_as_a_segment_does(index: papersearch.Index, tmp_path: Path) -> None:
    from papersearch.engine.index.run_arrays import run_postings
    from papersearch.engine.index.runs import ordinals_of
    from papersearch.engine.opensearch.candidates import CandidateReader
    from papersearch.engine.search.matching import match
    from papersearch.engine.search.plan import Compiler
    from papersearch.query.filters import query_of
    from tests.corpora import segment_of

    reader = index._engine._current.reader  # type: ignore[attr-defined]
    segment = segment_of(tmp_path, sample_posts())
    papers = [Paper([stored_fields(post) | {"path": post.path}], {}) for post in sample_posts()]
    candidates, found = CandidateReader(papers, reader).asking(reader).segments[0], 0
    for request in requests(sample_posts(), 96, seed=5):
        try:
            plan = Compiler(reader, request).compile(query_of(request))
        except PapersearchError:
            continue
        for slot in plan.slots:
            here, there = match(slot, segment), match(slot, candidates)
            assert here.bits == there.bits, slot
            docs = range(len(sample_posts()))
            assert [here.saturation(doc) for doc in docs] == [there.saturation(doc) for doc in docs], slot
            for run in {each.terms for each in slot.alternatives if len(each.terms) > 1}:
                known = [ordinals_of(each, run) for each in (segment, candidates)]
                for slop in (0, 2) if all(known) else ():
                    counted = [
                        run_postings(each, ordinals or [], docs, range(len(FIELDS)), slop)
                        for each, ordinals in zip((segment, candidates), known, strict=True)
                    ]
                    assert counted[0] == counted[1]
                    found += len(counted[0][0])
    assert found > 10


def test_candidates_may_be_several_posts_of_a_paper(index: papersearch.Index) -> None:
    from papersearch.engine.opensearch.candidates import CandidateReader

    reader = index._engine._current.reader  # type: ignore[attr-defined]
    papers = [Paper([{"id": "2412.1", "path": f"{name}.md", "title": name}], {}) for name in ("one", "two")]
    segment = CandidateReader(papers, reader).asking(reader).segments[0]
    entry = segment.find("2412.1", "id")
    assert entry is not None
    assert segment.bits(entry) == 0b11


def test_pages_of_candidates_are_those_of_the_local_engine(index: papersearch.Index) -> None:
    from papersearch.engine.opensearch.candidates import CandidateReader
    from papersearch.engine.opensearch.selection import Counted, page_of, selected
    from papersearch.engine.search.hits import with_common_tags
    from papersearch.engine.search.other_words import in_other_words
    from papersearch.engine.search.plan import Compiler
    from papersearch.engine.search.selection import select
    from papersearch.query.filters import query_of

    reader = index._engine._current.reader  # type: ignore[attr-defined]
    by_id: dict[str, list[Any]] = {}
    for post in sample_posts():
        by_id.setdefault(post.id.casefold(), []).append(stored_fields(post) | {"path": post.path})
    for request in (request_of(each, {}) for each in requests(sample_posts(), 192, seed=9)):
        try:
            here = index.search(request, explain=True)
            plan = Compiler(reader, request).compile(query_of(request))
        except PapersearchError:
            continue
        if "older post" in (here.hint or ""):  # these are no candidates, but asked for apart
            continue
        found = [by_id[hit.id.casefold()] for hit in index.results(request, offset=0)]
        candidates = CandidateReader([Paper(documents.first_shown(posts), {}) for posts in found], reader)
        whole = select(reader, plan, request.match)
        counted = Counted(list(whole.frequencies), list(whole.weights))
        selection = selected(candidates, plan, counted, whole.total, whole.total_all, (1 << len(found)) - 1)
        others = in_other_words(plan)
        frequencies = select(reader, others, request.match).frequencies if others is not None else None
        there = page_of(selection, candidates.asking(reader), replace(request, explain=True), None, frequencies)
        there = with_common_tags(there, reader)
        assert [hit.id for hit in there] == [hit.id for hit in here.results], request
        assert there == here.results, request
        there = page_of(selection, candidates.asking(reader), request, None, frequencies)
        there = with_common_tags(there, reader)
        assert there == tuple(replace(hit, explanation=()) for hit in here.results), request  # by arrays


# --- meaning ---


def test_vectors_come_back_from_a_cluster_as_they_lie_in_a_folder() -> None:
    numpy = pytest.importorskip("numpy")
    from papersearch.engine.index.vectors import rows_of
    from papersearch.engine.opensearch import vectors
    from papersearch.engine.search.nearest import likenesses

    chance = numpy.random.default_rng(3)
    made = [vector / numpy.sqrt(vector @ vector) for vector in chance.normal(size=(20, 48)).astype("f4")]
    here = rows_of(range(21), range(21), [*made, None], 48)
    stored = {"id": "x", "path": "x.md", "title": "x"}
    kept = []
    for vector in vectors.stored_vectors("model", range(21), [*made, None], 48):
        fields = json.loads(documents.document([stored], 1, vector))
        wanted = ({name: fields[name]} for name in vectors.FIELDS if name in fields)
        kept.append({name: [value.rstrip("=")] for each in wanted for name, value in each.items()})
    there = vectors.rows(kept, "model", 48)
    for query in made[:3]:
        assert numpy.array_equal(likenesses(here, query), likenesses(there, query), equal_nan=True)
        sent = [ord(each) - 32_768 for each in vectors.asked(query)]
        assert numpy.abs(numpy.array(sent) / 16_000 - query).max() < 1e-4
        vectors.asked(query).encode("utf-8")
    assert not vectors.rows(kept, "another model", 48).lengths.any()
