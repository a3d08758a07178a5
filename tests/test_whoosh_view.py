"""Stock Whoosh on an index of ours: it searches it with its own tools, and cannot write to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from whoosh import fields, index, query
from whoosh.qparser import QueryParser
from whoosh.searching import Searcher
from whoosh.writing import BufferedWriter, IndexingError

import papersearch
from papersearch.core.fields import FIELDS, WORDS
from papersearch.core.records import Post
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.search.expansion import from_words
from papersearch.posts.parse import parse
from papersearch.text import words
from tests.corpora import SAMPLE, write_post
from tests.posted import field_texts


@cache
def every_post() -> list[Post]:
    return [parse(str(path), path.read_bytes()) for path in SAMPLE.glob("*.md")]


@cache
def one_of_each() -> list[Post]:
    """One post of each paper, the highest version."""
    ordered = sorted(every_post(), key=lambda post: (post.version or 0, post.path))
    return list({post.id: post for post in ordered}.values())


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("whoosh")
    papersearch.build(str(folder / "index"), [str(SAMPLE)])
    return str(folder / "index")


def found(folder: str, text: str) -> list[str]:
    """Ids of what Whoosh finds with its own parser, best first."""
    with index.open_dir(folder).searcher() as searcher:
        return found_by(searcher, text)


def found_by(searcher: Searcher, text: str) -> list[str]:
    return [hit["id"] for hit in searcher.search(QueryParser(WORDS, searcher.schema).parse(text), limit=None)]


def test_a_word_finds_the_papers_whose_text_has_it_in_whoosh_and_here(ours: str) -> None:
    here, reader = papersearch.open(ours), IndexReader(ours)
    texts = {post.id: dict(zip(FIELDS, field_texts(post), strict=True)) for post in one_of_each()}
    terms = {
        (paper, field.name): {term for some in words.analyze(text) for term in some}
        for paper, parts in texts.items()
        for field, text in parts.items()
    }
    behind: dict[str, set[str]] = {}  # papers by the terms of their other posts, which are found behind few papers
    for post in every_post():
        for term in {term for text in field_texts(post) for some in words.analyze(text) for term in some}:
            behind.setdefault(term, set()).add(post.id)
    searcher = index.open_dir(ours).searcher()
    tried = compared = 0
    for field in FIELDS:
        written = {word for parts in texts.values() for word in parts[field].lower().split() if word.isalpha()}
        for word in sorted(written)[::5]:
            term = words.query_words(word)[0].term
            papers = {paper for paper, name in terms if name == field.name and term in terms[paper, name]}
            anywhere = {paper for paper, name in terms if term in terms[paper, name]}
            assert set(found_by(searcher, f"{field.name}:{word}")) == papers
            assert set(found_by(searcher, word)) == anywhere
            tried += 1
            if (
                len(from_words(word, reader)[0].alternatives) == 1
            ):  # not, say, ``dataset``, for which ``data set`` does too
                for asked, expected in ((f"{field.name}:{word}", papers), (word, anywhere)):
                    answer = here.search(asked, limit=100, expand=False, match="all")
                    assert expected <= {hit.id for hit in answer.results} <= expected | behind[term], asked
                    compared += 1
    searcher.close()
    assert tried > 250
    assert compared > 400


@pytest.mark.parametrize("field", [WORDS, "abstract"])
def test_phrases_find_words_that_stand_side_by_side_in_one_field(ours: str, field: str) -> None:
    expected = {
        post.id
        for post in one_of_each()
        for text in (field_texts(post) if field == WORDS else [post.abstract])
        if "mixtur of expert" in " ".join(words.analyze(text)[0])
    }
    assert set(found(ours, f'{field}:"mixture of experts"')) == expected != set()
    # The end of a title and the beginning of what follows are no phrase.
    post = next(post for post in one_of_each() if post.id == "2412.15115")
    across = f'{post.title.split()[-1]} {post.authors[0].split()[0]}"'
    assert post.id in found(ours, across[:-1])
    assert post.id not in found(ours, f'{WORDS}:"{across}~50')


def test_operators_prefixes_and_exact_ids_work_with_whooshs_parser(ours: str) -> None:
    some = set(found(ours, "title:diffusion"))
    assert set(found(ours, "title:diffusion AND abstract:video")) == some & set(found(ours, "abstract:video"))
    assert set(found(ours, "title:diffusion OR tags:dataset")) == some | set(found(ours, "tags:dataset"))
    assert set(found(ours, "title:diffusion NOT title:models")) == some - set(found(ours, "title:models"))
    quantizing = {post.id for post in one_of_each() if "quanti" in post.title.casefold()}
    assert set(found(ours, "title:quant*")) == quantizing != set()
    assert found(ours, "id:2412.15115") == ["2412.15115"]
    assert set(found(ours, "authors:qwen")) == {"2412.15115"}
    assert len(found(ours, "title:zeroshot")) >= 3  # the compound, though posts write Zero-Shot and ZeroShot
    assert found(ours, "title:nosuchword") == []
    with index.open_dir(ours).searcher() as searcher:
        assert len(searcher.search(query.Every(), limit=None)) == len(one_of_each())


def test_patterns_of_whooshs_parser_stay_whole(ours: str) -> None:
    assert found(ours, "title:D?ffus") == found(ours, "title:d*us") != []
    assert set(found(ours, "title:d?ffus")) == set(found(ours, "title:diffusion"))


def test_whooshs_highlights_mark_the_words(ours: str) -> None:
    opened = index.open_dir(ours)
    with opened.searcher() as searcher:
        for text, field, expected in (
            ("title:diffusion", "title", ">Diffusion</b>"),
            ('abstract:"mixture of experts"', "abstract", ">mixture</b>"),
            ("title:zeroshot", "title", "Zero"),
            ("tags:dataset", "tags", ">dataset</b>"),
        ):
            hits = [*searcher.search(QueryParser(WORDS, opened.schema).parse(text), limit=3)]
            assert hits, text
            for hit in hits:
                assert expected.casefold() in hit.highlights(field).casefold(), text


def test_whoosh_finds_what_is_like_a_paper_and_what_tells_it_apart(ours: str) -> None:
    with index.open_dir(ours).searcher() as searcher:
        hit = searcher.search(QueryParser("id", searcher.schema).parse("2412.15115"))[0]
        assert "qwen" in [term for term, _ in searcher.key_terms([hit.docnum], "title")]
        assert "qwen" in [term for term, _ in searcher.key_terms_from_text("abstract", hit["abstract"], numterms=10)]
        assert "2411.15124" in [each["id"] for each in hit.more_like_this("abstract", numterms=20)]


def test_whooshs_statistics_are_those_of_the_texts(ours: str) -> None:
    with index.open_dir(ours).reader() as reader:
        assert reader.doc_count() == len(one_of_each())
        assert reader.doc_count_all() == len(every_post())  # of which statistics are, as of deleted ones elsewhere
        sequences = [words.analyze(post.title)[0] for post in every_post()]
        assert reader.field_length("title") == sum(map(len, sequences))
        assert reader.max_field_length("title") == max(map(len, sequences))
        told = {text.decode() for text in reader.lexicon("title")}
        assert told == {term for post in every_post() for some in words.analyze(post.title) for term in some}
        for term in sorted(told)[::20]:
            info = reader.term_info("title", term)
            counts = [words.analyze(post.title)[0].count(term) for post in every_post()]
            if any(counts):  # else a compound, which has no place of its own
                assert info.doc_frequency() == sum(map(bool, counts))
                assert info.max_weight() == max(counts)


def test_of_two_posts_of_one_paper_whoosh_sees_the_one_that_we_show(tmp_path: Path) -> None:
    write_post(tmp_path, "2501.05409v1", "An earlier title", "text", name="one")
    write_post(tmp_path, "2501.05409v2", "A later title", "text", name="two")
    papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    write_post(tmp_path, "2501.00001", "Another title", "text", name="three")
    papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert found(str(tmp_path / "index"), "title:earlier") == []
    assert sorted(found(str(tmp_path / "index"), "title:title")) == ["2501.00001", "2501.05409"]


def buffered(opened: Any) -> None:
    writer = BufferedWriter(opened, period=None, limit=1)
    writer.add_document(title="x")


WRITING: dict[str, Callable[[Any], object]] = {
    "a writer": lambda opened: opened.writer(),
    "many writers": lambda opened: opened.writer(procs=2),
    "a buffered writer": buffered,
    "deleting by a term": lambda opened: opened.delete_by_term("id", "2412.15115"),
    "deleting by a query": lambda opened: opened.delete_by_query(query.Every()),
    "optimizing": lambda opened: opened.optimize(),
    "another field": lambda opened: opened.add_field("venue", fields.ID()),
    "a field less": lambda opened: opened.remove_field("title"),
}


@pytest.mark.parametrize("way", WRITING)
def test_writing_with_whoosh_is_refused_and_harms_nothing(ours: str, way: str) -> None:
    before = {name: Path(ours, name).read_bytes() for name in os.listdir(ours)}
    with pytest.raises(IndexingError, match=r"written by papersearch alone: .* run `papersearch index`"):
        WRITING[way](index.open_dir(ours))
    assert {name: Path(ours, name).read_bytes() for name in os.listdir(ours)} == before
    assert papersearch.index_folder(ours, [str(SAMPLE)], wait=0).unchanged == len(
        list(SAMPLE.glob("*.md"))
    )  # and nothing is locked


def test_an_index_without_papers_cannot_be_written_with_whoosh_either(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    made = papersearch.build(str(tmp_path / "index"), [str(tmp_path / "posts")])
    toc = {name: Path(made.path, name).read_bytes() for name in os.listdir(made.path) if name.endswith(".toc")}
    writer = index.open_dir(made.path).writer()
    writer.add_document(title="x")
    with pytest.raises(IndexingError, match="written by papersearch alone"):
        writer.commit()
    assert {name: Path(made.path, name).read_bytes() for name in toc} == toc
    assert papersearch.open(made.path).stats(look=False).papers == 0


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
