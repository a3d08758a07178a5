"""How an index lies in a cluster: its fields and how they score, its indices, and what marks it as ours.

For an index ``papers`` there are, with a random ending:

    papers                 an alias, which readers and runs follow
    papers.lease           who writes, see ``lease``
    papers.3f9a12c0        one document for each paper, with all its posts: so a change of a paper is seen whole
    papers.3f9a12c0.older  one document for each post that is not the shown one of its paper, to be searched alone
    papers.3f9a12c0.words  the words as they are written, pairs of acronyms, rows of files, and the state after each run

The cluster takes no text apart. A field gets its terms in order with blanks between them, those of each of several
authors or tags far behind the one before, and compounds, which have no position, last. ``words`` holds every term of a
paper once, with BM25F's tf as the frequency that the cluster scores by: ``tf * UNIT`` as a whole number, so that its
score is that of ``engine.search.scoring``, whatever the shard.
"""

from __future__ import annotations

from typing import Any

from papersearch.core.fields import AUTHOR, FIELDS, ID, K1, TAG, WORDS, Field
from papersearch.engine.index.generation import ANALYSIS

FORMAT = 4
UNIT = 10_000
# Posts for which another shard pays, up to so many shards unless more are asked for (chosen). Each costs every search
# some time: of 87,288 papers, one shard answers in half the time of three (measured).
_POSTS_EACH, _MOST_SHARDS = 250_000, 3
# Between a term and its frequency: a character that no term holds.
DELIMITER = "\u0001"
# Positions between one author or tag and the next, and between the words of a field and each of its compounds: more
# than any phrase with its slop spans.
GAP = 2_000
# An index gets its copies when it is complete: files are copied for half of what it costs to index twice.
NO_COPIES = {"number_of_replicas": 0}
MOST_RESULTS = 100_000
_KEPT = {"type": "keyword", "index": False, "doc_values": False}  # a field that is only kept


def field_name(name: str) -> str:
    """The field of the cluster that has the words of one of ours, in order."""
    return f"text_{name}"


def shards_for(posts: int) -> int:
    """Into how many shards an index of so many posts is divided."""
    return min(_MOST_SHARDS, 1 + posts // _POSTS_EACH)


def papers_body(shards: int) -> dict[str, Any]:
    """Settings and mappings of the index of papers."""
    return {
        "settings": {
            **_settings(shards),
            "similarity": {
                "weighed": _saturated(f"doc.freq / {UNIT}.0"),
                **{field.name: _saturated(_tf_of(field)) for field in FIELDS},
            },
            "analysis": {
                "filter": {"frequency": {"type": "delimited_term_freq", "delimiter": DELIMITER}},
                "analyzer": {"counted": {"type": "custom", "tokenizer": "whitespace", "filter": ["frequency"]}},
            },
        },
        "mappings": {
            "dynamic": "strict",
            "_meta": {"papersearch": {"format": FORMAT, "analysis": ANALYSIS}},
            # What is only searched is not kept as it was sent.
            "_source": {"includes": ["posts"]},
            "properties": _properties(),
        },
    }


def _properties() -> dict[str, Any]:
    """The fields of a paper's document."""
    words = {"type": "text", "analyzer": "counted", "search_analyzer": "whitespace", "similarity": "weighed"}
    text = {"type": "text", "analyzer": "whitespace", "position_increment_gap": GAP}
    keywords = (ID, "path", TAG, AUTHOR, "acronym", "longform", "year", "month", "sort_title", "model")
    return {
        WORDS: {**words, "index_options": "freqs", "norms": False},
        **{field_name(field.name): {**text, "similarity": field.name} for field in FIELDS},
        **{name: {"type": "keyword"} for name in keywords},
        "day": {"type": "integer"},
        "run": {"type": "integer"},
        "posts": _KEPT,
        "vector_key": {"type": "keyword", "index": False},
        "vector": {"type": "binary", "doc_values": True},
    }


def older_body() -> dict[str, Any]:
    """Settings and mappings of the index of posts that are not shown: as of papers, in one shard, without a mark, as
    it belongs to theirs."""
    body = papers_body(1)
    del body["mappings"]["_meta"]
    return body


def words_body() -> dict[str, Any]:
    """Settings and mappings of the index of words."""
    keywords = ("kind", "key", "first", "heads")
    return {
        "settings": _settings(1),
        "mappings": {
            "dynamic": "strict",
            "properties": {
                **{name: {"type": "keyword"} for name in keywords},
                "data": _KEPT,
            },
        },
    }


def lease_body() -> dict[str, Any]:
    """Settings and mappings of the index of the lease."""
    return {
        "settings": {"number_of_shards": 1, **copies(None)},
        "mappings": {"dynamic": "strict", "properties": {"data": _KEPT}},
    }


def _settings(shards: int) -> dict[str, Any]:
    """The settings of each of our indices. Nothing is refreshed in time: runs say when what they wrote is seen."""
    return {
        "number_of_shards": shards,
        **NO_COPIES,
        "refresh_interval": "-1",
        "max_result_window": MOST_RESULTS,
    }


def copies(replicas: int | None) -> dict[str, Any]:
    """How many copies of each shard there are beside it: one if there is another node, unless it is said."""
    if replicas is None:
        return {"auto_expand_replicas": "0-1"}
    return {"number_of_replicas": replicas}


def _tf_of(field: Field) -> str:
    return f"{field.weight} * doc.freq / ({1 - field.b} + {field.b / field.pivot} * doc.length)"


def _saturated(tf: str) -> dict[str, Any]:
    """A similarity by a tf of BM25F's, given as an expression."""
    source = f"double tf = {tf}; return query.boost * tf / ({K1} + tf);"
    return {"type": "scripted", "script": {"source": source}}
