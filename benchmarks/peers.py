"""Other search engines behind one shape: papers in, a function from a query to the ids of the best papers out.

SQLite FTS5 comes with Python; Whoosh as its tutorial shows it, tantivy and bm25s are there where they are installed.
All but bm25s, which has none, make snippets of what they find, as papersearch does.
"""

from __future__ import annotations

import importlib.util
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

find_words = re.compile(r"\w+").findall
Search = Callable[[str, int], list[str]]


class Paper(NamedTuple):
    """What every engine is given."""

    id: str
    title: str
    authors: tuple[str, ...]
    text: str
    tags: tuple[str, ...]

    @property
    def words(self) -> str:
        """All of it but the id as one text, for engines without fields."""
        return f"{self.title} {', '.join(self.authors)} {self.text} {', '.join(self.tags)}"


def fts5(papers: Iterable[Paper], folder: str) -> Search:
    """SQLite's full-text search: Porter stems, any word, BM25 with titles twice, its own snippets."""
    db = sqlite3.connect(f"{folder}/papers.db")
    columns = "id unindexed, title, authors, text, tags, tokenize='porter unicode61'"
    db.execute(f"create virtual table papers using fts5({columns})")
    with db:
        rows = ((p.id, p.title, ", ".join(p.authors), p.text, ", ".join(p.tags)) for p in papers)
        db.executemany("insert into papers values (?, ?, ?, ?, ?)", rows)
    with db:
        db.execute("insert into papers(papers) values ('optimize')")

    def search(query: str, limit: int) -> list[str]:
        any_word = " OR ".join(f'"{word}"' for word in find_words(query))
        wanted = "select id, title, snippet(papers, 3, '[', ']', '...', 24) from papers where papers match ?"
        found = db.execute(f"{wanted} order by bm25(papers, 0, 2, 1, 1, 1) limit ?", (any_word, limit))
        return [row[0] for row in found]

    return search


def whoosh(papers: Iterable[Paper], folder: str) -> Search:
    """Whoosh with a stemming analyzer, four text fields and any word."""
    from whoosh import index
    from whoosh.analysis import StemmingAnalyzer
    from whoosh.fields import ID, TEXT, Schema
    from whoosh.qparser import MultifieldParser, OrGroup

    stems = StemmingAnalyzer()
    text_fields: dict[str, Any] = {name: TEXT(stems, stored=True) for name in ("authors", "text", "tags")}
    schema = Schema(id=ID(unique=True, stored=True), title=TEXT(stems, stored=True, field_boost=2.0), **text_fields)
    built = index.create_in(folder, schema)
    writer = built.writer(limitmb=512)
    for paper in papers:
        writer.add_document(
            id=paper.id,
            title=paper.title,
            authors=", ".join(paper.authors),
            text=paper.text,
            tags=", ".join(paper.tags),
        )
    writer.commit()
    searcher = built.searcher()
    parser = MultifieldParser(["title", "authors", "text", "tags"], schema, group=OrGroup)

    def search(query: str, limit: int) -> list[str]:
        hits = searcher.search(parser.parse(" ".join(find_words(query))), limit=limit)
        for hit in hits[:10]:
            hit.highlights("text")
        return [hit["id"] for hit in hits]

    return search


def tantivy(papers: Iterable[Paper], folder: str) -> Search:
    """tantivy with English stems, titles twice, its own snippets."""
    import tantivy as engine

    fields = ["title", "authors", "text", "tags"]
    builder = engine.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    for field in fields:
        builder.add_text_field(field, stored=True, tokenizer_name="en_stem")
    schema = builder.build()
    built = engine.Index(schema, path=folder)
    writer = built.writer(heap_size=300_000_000)
    for p in papers:
        writer.add_document(
            engine.Document(id=p.id, title=p.title, authors=", ".join(p.authors), text=p.text, tags=", ".join(p.tags))
        )
    writer.commit()
    writer.wait_merging_threads()
    built.reload()
    searcher = built.searcher()

    def search(query: str, limit: int) -> list[str]:
        parsed = built.parse_query(" ".join(find_words(query)), fields, field_boosts={"title": 2.0})
        snippets = engine.SnippetGenerator.create(searcher, parsed, schema, "text")
        found = [searcher.doc(address) for _, address in searcher.search(parsed, limit).hits]
        for document in found[:10]:
            snippets.snippet_from_doc(document).to_html()
        return [document["id"][0] for document in found]

    return search


def bm25s(papers: Iterable[Paper], folder: str) -> Search:
    """bm25s: one bag of words in memory, Snowball stems, its stop words; no snippets."""
    import bm25s as engine
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    listed = list(papers)
    texts = [paper.words for paper in listed]
    built = engine.BM25(method="lucene")
    built.index(engine.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False)

    def search(query: str, limit: int) -> list[str]:
        tokens = engine.tokenize(query, stopwords="en", stemmer=stemmer, show_progress=False)
        found, _ = built.retrieve(tokens, k=min(limit, len(listed)), show_progress=False)
        return [listed[number].id for number in found[0]]

    return search


ENGINES = {"fts5": fts5, "whoosh": whoosh, "tantivy": tantivy, "bm25s": bm25s}


def available() -> Iterator[str]:
    """Names of the engines that can be run here."""
    for name, module in (("fts5", "sqlite3"), ("whoosh", "whoosh"), ("tantivy", "tantivy"), ("bm25s", "bm25s")):
        if importlib.util.find_spec(module):
            yield name
