"""The candidates of a query as a segment in memory, so that the local engine's own code scores, ranks and shows them.

The cluster finds a few dozen to a few hundred papers that may come first. Their texts are taken apart as for an index,
and held so that ``engine.search`` reads them as one of its segments (``OpenSegment``), while what is known of the whole
corpus (frequencies, number of papers) comes from the cluster.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

from papersearch.core.fields import FIELDS, ID, WORDS
from papersearch.engine.index.bits import bits_at, bits_of, column_of
from papersearch.engine.index.documents import TITLE_COLUMNS, title_key
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.index.runs import places
from papersearch.engine.index.weights import norm, norms
from papersearch.engine.opensearch.documents import Taken, day_number, take_texts, texts_of
from papersearch.engine.search.statistics import Statistics

Result = TypeVar("Result")

# Posts that are taken apart are kept for the next question (chosen: some 30 MB).
_taken = lru_cache(maxsize=2_000)(take_texts)


class Entry:
    """A term of the segment, as ``TermEntry`` and ``Postings`` in one."""

    kind = 0

    def __init__(self, ordinal: int) -> None:
        self.ordinal = ordinal
        self.docs = array("I")
        self.profiles = array("H")
        self.codes = bytearray()

    @property
    def numbers(self) -> range:
        return range(len(self.profiles))

    def frequencies(self) -> list[int]:
        return self.profiles.tolist()

    @property
    def frequency(self) -> int:
        return len(self.docs)

    @property
    def top_code(self) -> int:
        return max(self.codes, default=0)


class _Documents:
    """What is kept of each document; rows are made when they are first read."""

    def __init__(self, posts: Sequence[Mapping[str, Any]], taken: Sequence[Taken], ordinals: Mapping[str, int]) -> None:
        self._posts, self._taken, self._ordinals = posts, taken, ordinals
        self._rows: dict[int, bytes] = {}
        self._lengths = {
            field.name: array("I", [len(each.fields[number].terms) for each in taken])
            for number, field in enumerate(FIELDS)
        }
        keys = [title_key(post.get("title", "")) for post in posts]
        self._columns = {name: array("I", [key[place] for key in keys]) for place, name in enumerate(TITLE_COLUMNS)}
        self._columns["published"] = array("I", map(day_number, posts))

    def stored(self, doc: int) -> Mapping[str, Any]:
        return self._posts[doc]

    def token_row(self, doc: int) -> bytes:
        row = self._rows.get(doc)
        if row is None:
            numbers = self._ordinals
            terms = (term for field in self._taken[doc].fields for term in field.terms)
            row = self._rows[doc] = array("I", [numbers[term] for term in terms]).tobytes()
        return row

    def places_of(self, run: bytes, docs: Iterable[int]) -> Iterator[tuple[int, list[int]]]:
        for doc in docs:
            if found := places(self.token_row(doc), run):
                yield doc, found

    def length(self, field: str) -> array[int]:
        return self._lengths[field]

    def column(self, name: str) -> array[int]:
        return self._columns[name]


class _Terms:
    """The terms' frequencies in the whole corpus, by ordinal."""

    def __init__(self, frequency: Callable[[int], int]) -> None:
        self._frequency = frequency

    @property
    def frequencies(self) -> _Terms:
        return self

    def __getitem__(self, ordinal: int) -> int:
        return self._frequency(ordinal)


class CandidateSegment:
    """Documents in memory; see ``OpenSegment`` for what the methods mean."""

    dead: frozenset[int] = frozenset()
    weights = None

    def __init__(self, posts: Sequence[Mapping[str, Any]], frequency: Callable[[str], int]) -> None:
        """``frequency`` is that of a term in the whole corpus."""
        self._taken = [_taken(texts_of(post)) for post in posts]
        self.count = len(posts)
        self.live = (1 << self.count) - 1
        self._holding: dict[str, list[int]] = {}
        for number, each in enumerate(self._taken):
            for term in each.frequencies:
                self._holding.setdefault(term, []).append(number)
        self._names = sorted(self._holding)
        self._ordinals = {name: ordinal for ordinal, name in enumerate(self._names)}
        self._entries: dict[str, Entry] = {}
        self._ids: dict[str, list[int]] = {}
        for number, post in enumerate(posts):
            self._ids.setdefault(post["id"].casefold(), []).append(number)
        self._codes = [each.codes() for each in self._taken]
        self.documents = _Documents(posts, self._taken, self._ordinals)
        self.terms = _Terms(lambda ordinal: frequency(self._names[ordinal]))

    def find(self, term: str, field: str = WORDS) -> Entry | None:
        """The entry of a term, or of an id."""
        if field != ID:
            return self._entry(term) if term in self._ordinals else None
        if term not in self._ids:
            return None
        entry = Entry(0)
        for doc in self._ids[term]:
            entry.docs.append(doc)
            entry.profiles.append(1)
            entry.codes.append(255)
        return entry

    def _entry(self, term: str) -> Entry:
        entry = self._entries.get(term)
        if entry is None:
            entry = self._entries[term] = Entry(self._ordinals[term])
            for doc in self._holding[term]:
                packed = self._taken[doc].frequencies[term]
                entry.docs.append(doc)
                entry.profiles.append(packed)
                entry.codes.append(self._codes[doc][packed])
        return entry

    def postings(self, entry: Entry) -> Entry:
        return entry

    def is_common(self, entry: Entry) -> bool:
        return False

    def bits(self, entry: Entry) -> int:
        return bits_of(entry.docs, self.count)

    def tiers(self, entry: Entry, codes: tuple[int, ...]) -> tuple[int, ...]:
        tiers = (bits_at(entry.docs, entry.codes, code, self.count) for code in codes)
        return (*tiers, self.bits(entry))

    def column(self, entry: Entry) -> bytearray:
        return column_of(entry.docs, entry.codes, self.count)

    def term_at(self, ordinal: int) -> str:
        return self._names[ordinal]

    def norm(self, place: int, length: int) -> float:
        return norm(place, length)

    def norms(self, lengths: Iterable[int]) -> tuple[float, ...]:
        return norms(lengths)

    def lengths(self, doc: int) -> list[int]:
        return [self.documents.length(field.name)[doc] for field in FIELDS]

    def cached(self, function: Callable[..., Result], *arguments: Hashable, large: bool = False) -> Result:
        return function(self, *arguments)


class CandidateReader:
    """One segment of candidates, with the statistics of the whole corpus; see ``IndexReader``."""

    def __init__(self, papers: Sequence[Sequence[Mapping[str, Any]]], statistics: Statistics) -> None:
        """``papers`` are the posts of each, the shown one first."""
        self._statistics = statistics
        self.segments = (CandidateSegment([posts[0] for posts in papers], self.frequency),)
        self.papers = statistics.papers
        self._others = {posts[0]["id"].casefold(): posts[1:] for posts in papers if len(posts) > 1}

    def frequency(self, term: str, field: str = WORDS) -> int:
        """How many papers of the whole corpus hold a term."""
        return self._statistics.frequency(term, field)

    def asking(self, statistics: Statistics) -> IndexReader:
        """The reader itself, from now on with other statistics, as what the local engine's code takes it for."""
        self._statistics = statistics
        return cast(IndexReader, self)

    def hidden_posts(self, paper_id: str) -> Sequence[Mapping[str, Any]]:
        """The posts about a paper that are not shown."""
        return self._others.get(paper_id.casefold(), ())
