"""The one table of fields: the index, the query language, the help text and the README are all made from it.

Also the table of ranking parameters that are part of the index, because they are worked into each posting.
"""

from __future__ import annotations

from papersearch.core.frozen import NamedTuple


class Field(NamedTuple):
    """A searchable part of a paper.

    ``weight``, ``b`` and ``pivot`` (a length in words) are those of BM25F; ``shift`` and ``bits`` say where a
    posting's 16 bits keep how often the word stands in this field (more often than fits counts as the most).
    """

    name: str
    aliases: tuple[str, ...]
    weight: float
    b: float
    pivot: int
    shift: int
    bits: int
    help: str

    @property
    def mask(self) -> int:
        """The field's bits within a posting's frequencies."""
        return ((1 << self.bits) - 1) << self.shift


# Weights and b within what the literature reports (Robertson and Zaragoza 2009, section 3.6), pivots about the
# lengths of an ordinary title and abstract; chosen together on Cranfield, CACM and the one-sentence summaries of
# 87,288 papers, in a trial of 2026-11-23 that reached nDCG@10 0.382 and 0.550, MRR@10 0.893 by words alone. A pivot
# of 150 or b 0.75 for the abstract, or averages of the corpus in place of constants, were each lower on at least two
# of the three.
FIELDS = (
    Field("title", ("t", "titles"), 3.0, 0.5, 10, 0, 2, "the paper's title"),
    Field("authors", ("author", "a", "by"), 1.0, 0.5, 10, 2, 1, "names of authors"),
    Field("tags", ("tag",), 1.5, 0.5, 10, 3, 1, "the post's tags"),
    Field("abstract", ("abstracts", "summary"), 1.0, 0.5, 100, 4, 6, "the abstract, or the body of other posts"),
    Field("qa", ("questions",), 0.5, 0.5, 100, 10, 6, "questions and answers about the paper"),
)
BY_NAME = {field.name: field for field in FIELDS}

# BM25F's k1: how soon a repeated word stops to count.
K1 = 1.5

# Names that the query language knows beside the text fields.
SPECIAL = {"id": "id", "year": "year", "date": "date", "published": "date"}

# Names of Whoosh fields: all words of a paper, and the exact values that filters, facets and look-ups need.
WORDS, ID, PATH, TAG, AUTHOR = "words", "id", "path", "tag", "author"
# Acronyms with their long forms, both ways round, and the words as they are written, for spelling and wildcards.
ACRONYM, LONGFORM, SURFACE = "acronym", "longform", "surface"
EXACT = (ID, PATH, TAG, AUTHOR, ACRONYM, LONGFORM)

# What facets can be counted by.
FACETS = ("tag", "author", "year", "month")


def query_fields() -> dict[str, str]:
    """Every name and alias that a query may use, to the canonical name."""
    names = dict(SPECIAL)
    for field in FIELDS:
        names[field.name] = field.name
        names.update(dict.fromkeys(field.aliases, field.name))
    return names
