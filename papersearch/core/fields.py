"""The one table of fields: what a post says of its paper, and which of that is searched.

The index, the query language, records, JSON and its schema, CSV, templates, help text and the pages are all made from
it. To add a field, declare it as a fact (or, if it is shown only with the whole paper, as a text), add a line to
``FIELDS`` if its words are to be found, fill it where posts are read, and run ``python -m docs.generate``.

Also the ranking parameters that are part of the index, because they are worked into each posting.
"""

from __future__ import annotations

from papersearch.core.frozen import Frozen, NamedTuple, names_of


class Facts(Frozen):
    """What a post says of its paper, in the order in which it is shown; ``path`` is the post's.

    Dates are ISO strings (``2024-12-19``, ``2024-12-23T11:35:38``); a fact that is not known is None or empty.
    """

    path: str
    id: str
    version: int | None = None
    title: str = ""
    authors: tuple[str, ...] = ()
    et_al: bool = False
    published: str | None = None
    posted: str | None = None
    tags: tuple[str, ...] = ()
    url: str | None = None


class Texts(Facts):
    """All of a post, with the texts that only the whole paper shows, and the lines (from 1, 0 where there is none) at
    which its sections start."""

    abstract: str = ""
    abstract_line: int = 0
    qa: str = ""
    qa_line: int = 0
    title_line: int = 0


FACTS = tuple(name for name in names_of(Facts) if name != "path")
TEXTS = tuple(name for name in names_of(Texts) if name != "path")


class Field(NamedTuple):
    """A fact whose words are found. Texts and lists of texts can be.

    ``weight``, ``b`` and ``pivot`` (a length in words) are those of BM25F. A posting keeps how often its word stands in
    this field in ``bits`` bits (more often than fits counts as the most). Snippets come from ``long`` fields.
    """

    name: str
    aliases: tuple[str, ...]
    weight: float
    b: float
    pivot: int
    bits: int
    help: str
    long: bool = False


# Weights and b within what the literature reports (Robertson and Zaragoza 2009, section 3.6), pivots about the
# lengths of an ordinary title and abstract; chosen together on Cranfield, CACM and the one-sentence summaries of
# 87,288 papers, in a trial of 2026-11-23 that reached nDCG@10 0.382 and 0.550, MRR@10 0.893 by words alone. A pivot
# of 150 or b 0.75 for the abstract, or averages of the corpus in place of constants, were each lower on at least two
# of the three.
FIELDS = (
    Field("title", ("t", "titles"), 3.0, 0.5, 10, 2, "the paper's title"),
    Field("authors", ("author", "a", "by"), 1.0, 0.5, 10, 1, "names of authors"),
    Field("tags", ("tag",), 1.5, 0.5, 10, 1, "the post's tags"),
    Field(
        "abstract", ("abstracts", "summary"), 1.0, 0.5, 100, 6, "the abstract, or the body of other posts", long=True
    ),
    Field("qa", ("questions",), 0.5, 0.5, 100, 6, "questions and answers about the paper", long=True),
)
BY_NAME = {field.name: field for field in FIELDS}

# BM25F's k1: how soon more occurrences of a word stop counting.
K1 = 1.5

# Names that the query language knows beside the text fields.
SPECIAL = {"id": "id", "year": "year", "date": "date", "published": "date", "since": "since", "until": "until"}

# Fields of the dictionary, of which Whoosh sees the first three: all words of a paper, and the exact values that
# filters, facets and look-ups need.
WORDS, ID, PATH, TAG, AUTHOR = "words", "id", "path", "tag", "author"
# Acronyms with their long forms, both ways round, and the words as they are written, for spelling and wildcards.
ACRONYM, LONGFORM, SURFACE = "acronym", "longform", "surface"
# Runs of words that are looked up as one word would be. The name sorts right behind ``WORDS``, since of all fields only
# these two have postings with weight codes.
RUN = "words_run"
EXACT = (ID, PATH, TAG, AUTHOR, ACRONYM, LONGFORM)

# What facets can be counted by: times in their order, the newest last; the others with most papers first.
TIMES = ("year", "month")
FACETS = ("tag", "author", *TIMES)


def most_telling(counts: list[tuple[str, int]], by: str, limit: int) -> list[tuple[str, int]]:
    """At most ``limit`` of the counts, in their order: those of the most papers, or the newest; 0 means all."""
    if not limit:
        return counts
    return counts[-limit:] if by in TIMES else counts[:limit]


def is_weight(value: object) -> bool:
    """Whether a value may be the weight of a field: a number from 0 to 100."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 100


def query_fields() -> dict[str, str]:
    """Every name and alias that a query may use, to the canonical name."""
    names = dict(SPECIAL)
    for field in FIELDS:
        names[field.name] = field.name
        names.update(dict.fromkeys(field.aliases, field.name))
    return names
