"""The packed codec beside Whoosh's own: the same documents in, the same index out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import fields, index, query, scoring
from whoosh.analysis import SimpleAnalyzer
from whoosh.codec import default_codec
from whoosh.qparser import QueryParser

import papersearch
from papersearch.core.errors import DamagedIndexError
from papersearch.engine.build.invert import field_texts
from papersearch.engine.index.container import FORMAT_VERSION
from papersearch.engine.index.generation import ANALYSIS
from papersearch.engine.index.whoosh_view import PackedCodec
from papersearch.posts.parse import parse
from papersearch.text import words
from tests.corpora import SAMPLE, write_post

WORDS = ["red", "blue", "gray", "pink", "gold", "語言", "naïve", "x" * 200]

texts = st.lists(st.sampled_from(WORDS), max_size=300 // 20).map(" ".join)
keywords = st.lists(st.sampled_from(["a b", "c", "é", "D"]), max_size=3).map(",".join)
KINDS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "text": (lambda stored: fields.TEXT(analyzer=SimpleAnalyzer(), stored=stored), texts),
    "plain": (lambda stored: fields.TEXT(analyzer=SimpleAnalyzer(), phrase=False, stored=stored), texts),
    "boosted": (lambda stored: fields.TEXT(analyzer=SimpleAnalyzer(), field_boost=2.5, stored=stored), texts),
    "marked": (lambda stored: fields.TEXT(analyzer=SimpleAnalyzer(), chars=True, stored=stored), texts),
    "keyword": (lambda stored: fields.KEYWORD(commas=True, scorable=True, stored=stored), keywords),
    "exact": (lambda stored: fields.ID(stored=stored), st.sampled_from(["one", "two", "Zwei", "三"])),
    "number": (lambda stored: fields.NUMERIC(stored=stored), st.integers(-1_000, 1_000)),
    "note": (lambda stored: fields.STORED(), st.sampled_from(["kept", 7, None, ["a", 1.5], {"k": "ü"}])),
}


@st.composite
def histories(draw: st.DrawFn) -> tuple[fields.Schema, list[tuple[list[dict[str, Any]], list[int], bool]]]:
    """A schema, and runs: documents to add, documents to delete afterwards, and whether to merge everything."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4, unique=True))
    schema = fields.Schema(key=fields.ID(unique=True, stored=True))
    for kind in kinds:
        schema.add(kind, KINDS[kind][0](draw(st.booleans())))
    runs = []
    for _ in range(draw(st.integers(1, 3))):
        some = []
        for _ in range(draw(st.integers(0, 8))):
            chosen = draw(st.lists(st.sampled_from(kinds), unique=True, max_size=4))
            some.append({kind: draw(KINDS[kind][1]) for kind in chosen})
        runs.append((some, draw(st.lists(st.integers(0, 23), max_size=4)), draw(st.booleans())))
    return schema, runs


def written(folder: str, schema: fields.Schema, runs: Any, codec: Any) -> Any:
    made = index.create_in(folder, schema)
    count = 0
    for some, deleted, merge in runs:
        writer = made.writer(codec=codec)
        for document in some:
            writer.add_document(key=f"k{count}", **document)
            count += 1
        writer.commit(merge=False)
        writer = made.writer(codec=codec)
        for number in deleted:
            writer.delete_by_term("key", f"k{number}")
        writer.commit(optimize=merge, merge=merge)
    return made


def contents(made: Any, schema: fields.Schema) -> list[Any]:
    """All that a reader tells of an index."""
    told: list[Any] = []
    with made.reader() as reader:
        told.append((reader.doc_count(), reader.doc_count_all(), sorted(reader.indexed_field_names())))
        told.append([reader.is_deleted(doc) for doc in range(reader.doc_count_all())])
        told.append([reader.stored_fields(doc) for doc in range(reader.doc_count_all()) if not reader.is_deleted(doc)])
        for field, text in reader.all_terms():
            info = reader.term_info(field, text)
            told.append((field, text, reader.doc_frequency(field, text), reader.frequency(field, text)))
            told.append((info.weight(), info.doc_frequency(), info.max_weight(), info.min_id(), info.max_id()))
            matcher = reader.postings(field, text)
            while matcher.is_active():
                here: list[Any] = [matcher.id(), matcher.weight()]
                for what in ("frequency", "positions", "characters"):
                    if matcher.supports(what):
                        here.append((what, matcher.value_as(what)))
                told.append(here)
                matcher.next()
        for name in schema.names():
            told.append(list(reader.lexicon(name)) if schema[name].indexed else [])
            if schema[name].scorable:
                told.append([bool(reader.doc_field_length(doc, name)) for doc in range(reader.doc_count_all())])
    return told


@settings(max_examples=60, deadline=None)
@given(history=histories())
def test_the_packed_codec_keeps_what_whooshs_own_keeps(history: tuple[fields.Schema, Any]) -> None:
    schema, runs = history
    with TemporaryDirectory() as ours, TemporaryDirectory() as theirs:
        packed = written(ours, schema, runs, PackedCodec())
        stock = written(theirs, schema, runs, default_codec())
        assert contents(packed, schema) == contents(stock, schema)
        assert list(Path(ours).glob("*.terms")) or not any(some for some, _, _ in runs)
        again = index.open_dir(ours)
        assert contents(again, schema) == contents(stock, schema)


@settings(max_examples=30, deadline=None)
@given(history=histories(), asked=st.lists(st.sampled_from(WORDS[:5]), min_size=1, max_size=2), data=st.data())
def test_whooshs_queries_find_the_same_in_both(
    history: tuple[fields.Schema, Any], asked: list[str], data: st.DataObject
) -> None:
    schema, runs = history
    name = data.draw(st.sampled_from(schema.names()))
    if not schema[name].indexed or name == "number":
        return
    queries = [
        query.Or([query.Term(name, word) for word in asked]),
        query.And([query.Term(name, word) for word in asked]),
        query.Prefix(name, asked[0][:1]),
        query.Every(),
        query.Not(query.Term(name, asked[0])),
    ]
    if name in ("text", "boosted"):
        queries.append(query.Phrase(name, asked))
    with TemporaryDirectory() as ours, TemporaryDirectory() as theirs:
        found = []
        for folder, codec in ((ours, PackedCodec()), (theirs, default_codec())):
            with written(folder, schema, runs, codec).searcher(weighting=scoring.Frequency()) as searcher:
                deleted = searcher.reader().is_deleted
                # With its own codec Whoosh's Not may bring up deleted documents.
                found.append(
                    [
                        [
                            (hit["key"], hit.score)
                            for hit in searcher.search(each, limit=None)
                            if not deleted(hit.docnum)
                        ]
                        for each in queries
                    ]
                )
    assert found[0] == found[1]


# --- Whoosh's tools on an index of ours ---


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("codec")
    papersearch.build(str(folder / "index"), [str(SAMPLE)])
    return str(folder / "index")


def test_whoosh_opens_and_searches_an_index_of_ours(ours: str) -> None:
    opened = index.open_dir(ours)
    assert opened.doc_count() == len(list(SAMPLE.glob("*.md")))
    with opened.searcher() as searcher:
        for text in (
            "diffusion",
            "mixture AND experts",
            "text-to-image NOT driving",
            "quantiz*",
            "model OR (video AND image)",
        ):
            parsed = QueryParser("words", opened.schema).parse(text)
            assert len(searcher.search(parsed, limit=None)) > 0, text
        hits = searcher.search(QueryParser("words", opened.schema).parse("diffusion"), limit=None)
        expected = {
            str(path)
            for path in SAMPLE.glob("*.md")
            if any("diffus" in words.analyze(text)[0] for text in field_texts(parse(str(path), path.read_bytes())))
        }
        assert {hit["path"] for hit in hits} == expected
        assert {hit["id"] for hit in searcher.search(query.Term("id", "2412.15115"))} == {"2412.15115"}


def test_whooshs_counts_of_an_index_of_ours_are_those_of_the_texts(ours: str) -> None:
    posts = [parse(str(path), path.read_bytes()) for path in sorted(SAMPLE.glob("*.md"))]
    with index.open_dir(ours).reader() as reader:
        by_path = {reader.stored_fields(doc)["path"]: doc for doc in reader.all_doc_ids()}
        total = 0
        for post in posts:
            sequence = [term for text in field_texts(post) for term in words.analyze(text)[0]]
            total += len(sequence)
            assert reader.doc_field_length(by_path[post.path], "words") == len(sequence)
            for term in set(sequence[:40]):
                matcher = reader.postings("words", term)
                matcher.skip_to(by_path[post.path])
                assert matcher.id() == by_path[post.path]
                assert matcher.weight() > 0
        assert reader.field_length("words") == total
        frequency = sum(any("diffus" in words.analyze(text)[0] for text in field_texts(post)) for post in posts)
        assert reader.doc_frequency("words", "diffus") == frequency
        assert [text for field, text in reader.all_terms() if field == "id"] == sorted(
            {post.paper_id.casefold().encode() for post in posts}
        )


# --- formats that were released ---

FORMAT_1 = Path(__file__).parent / "data" / "index-format-1"


def write_three(folder: Path) -> None:
    """The posts that the kept index was made of."""
    write_post(folder, "2412.15115v1", "Qwen25 Technical Report", "A mixture of experts (MoE) and more.", author="Qwen")
    write_post(
        folder, "2501.09636v2", "LLMBased Routing in Mixture of Experts", "A router picks experts.", tags=["trading"]
    )
    write_post(folder, "语言", "语言模型 and naïve nets", "Zero-shot use of U-Net.", published="2023-05-01")


def test_an_index_of_format_1_opens_or_says_how_to_build_it_anew(tmp_path: Path) -> None:
    kept = tmp_path / "index"
    shutil.copytree(FORMAT_1, kept)
    manifest = json.loads((kept / "papersearch_0.json").read_bytes().splitlines()[0])
    if (manifest["format"], manifest["analysis"]) != (FORMAT_VERSION, ANALYSIS):
        with pytest.raises(DamagedIndexError, match="papersearch index") as refusal:
            papersearch.open(str(kept))
        assert refusal.value.exit_code == 3
        return
    opened = papersearch.open(str(kept))
    assert index.open_dir(str(kept)).doc_count() == 3
    write_three(tmp_path)
    fresh = papersearch.build(str(tmp_path / "fresh"), [str(tmp_path)])
    assert opened.stats(look=False).papers == 3
    for asked in ("mixture of experts", "MoE", '"zero shot"', "语言", "tag:trading", "author:qwen", "year:2023", "*"):
        old, new = (
            [(hit.id, hit.version, hit.score, hit.title, hit.snippets) for hit in each.search(asked).results]
            for each in (opened, fresh)
        )
        assert old == new
        assert old


def test_an_index_of_another_format_names_the_command_that_builds_it_anew(tmp_path: Path) -> None:
    write_three(tmp_path)
    for ending in (".terms", ".docs"):
        folder = tmp_path / f"index{ending}"
        papersearch.build(str(folder), [str(tmp_path)])
        (path,) = folder.glob("*" + ending)
        data = bytearray(path.read_bytes())
        data[7] = data[-1] = 99
        path.write_bytes(data)
        with pytest.raises(DamagedIndexError, match="format 99") as refusal:
            papersearch.open(str(folder))
        assert "papersearch index" in refusal.value.hint
        assert papersearch.build(str(folder), [str(tmp_path)]).search("experts").total == 2


def test_terms_of_any_length_are_kept_apart(tmp_path: Path) -> None:
    long = "語" * 30_000
    write_post(tmp_path, "a" + long, "First", "text", name="one", author="y" * 70_000)
    write_post(tmp_path, "b" + long, "Second", "text", name="two", tags=["x" * 70_000])
    write_post(tmp_path, "c", "Third", "text " + "x" * 70_000)
    opened = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert opened.search("text").total == 3
    assert opened.paper(opened.ids("b")[0]).title == "Second"
    assert [tag[:7] for tag in opened.tags()] == ["dataset", "xxxxxxx"]
    assert [count for _, count in opened.facets("author")] == [2, 1]
    with index.open_dir(opened.path).reader() as reader:
        assert len([text for field, text in reader.all_terms() if field == "id"]) == 3
