"""The words that a merge loses: those that stood in deleted documents alone.

Their spellings have no postings, which would tell that nobody writes them any more: kept, they would grow with every
post that ever was. A spelling of a word that others spell otherwise stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import Any

from papersearch.core.fields import FIELDS, WORDS
from papersearch.engine.index.segment import Segment
from papersearch.engine.index.terms import key_of
from papersearch.text import words


def lost_words(inputs: Sequence[tuple[Segment, Collection[int]]]) -> frozenset[str]:
    """The terms that no document is left with, of segments each without its deleted documents. Costs as much as
    indexing the texts of these anew, without counting."""
    gone: Counter[str] = Counter()
    for segment, deleted in inputs:
        gone.update(chain.from_iterable(_terms_of(segment.documents.stored(doc)) for doc in sorted(deleted)))
    entries = ((term, segment.terms.find(key_of(WORDS, term))) for term in gone for segment, _ in inputs)
    there: Counter[str] = Counter()
    for term, entry in entries:
        there[term] += entry.frequency if entry is not None else 0
    return frozenset(term for term, count in gone.items() if there[term] <= count)


def _terms_of(stored: dict[str, Any]) -> set[str]:
    """The different terms of a document, given as it is stored."""
    texts = (stored.get(field.name, "") for field in FIELDS)
    each = chain.from_iterable([text] if isinstance(text, str) else text for text in texts)
    return set(chain.from_iterable(map(_terms_in, each)))


def _terms_in(text: str) -> Iterable[str]:
    return chain.from_iterable(words.analyze(text))
