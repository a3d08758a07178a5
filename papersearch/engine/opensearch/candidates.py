"""The candidates of a query as a segment in memory, so that the local engine's own code scores, ranks and shows them.

The cluster finds a few dozen to a few hundred papers that may come first. Their texts are taken apart as for an index,
and held as ranking sees a segment (``engine.index.views``), while what is known of the whole corpus (frequencies,
number of papers) comes from the cluster.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, chain
from typing import Any, TypeVar

from papersearch.core.fields import FIELDS, ID, WORDS
from papersearch.engine.index.bits import bits_at, bits_of, column_of
from papersearch.engine.index.documents import TITLE_COLUMNS
from papersearch.engine.index.runs import breaks_of, places, within_values
from papersearch.engine.index.weights import norm, norms
from papersearch.engine.opensearch.papers import Paper
from papersearch.engine.search.statistics import Statistics
from papersearch.text.folding import value_key

Result = TypeVar("Result")


class Entry:
    """A term of the segment, as ``TermEntry`` and ``Postings`` in one, put together as far as it is asked for."""

    def __init__(self, ordinal: int, postings: Callable[[], Iterable[tuple[int, int, int]]]) -> None:
        """``postings`` are (document, packed frequencies, code)."""
        self.ordinal, self._postings = ordinal, postings

    @cached_property
    def _columns(self) -> tuple[array[int], array[int], bytearray]:
        docs, profiles, codes = array("I"), array("H"), bytearray()
        for doc, profile, code in self._postings():
            docs.append(doc)
            profiles.append(profile)
            codes.append(code)
        return docs, profiles, codes

    @property
    def docs(self) -> array[int]:
        return self._columns[0]

    @property
    def profiles(self) -> array[int]:
        return self._columns[1]

    @property
    def codes(self) -> bytearray:
        return self._columns[2]

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

    width = 4

    def __init__(self, papers: Sequence[Paper], ordinals: Callable[[], Mapping[str, int]]) -> None:
        self._papers, self._ordinals = papers, ordinals
        self._rows: dict[int, bytes] = {}
        self._columns: dict[str, array[int]] = {}

    def stored(self, doc: int) -> Mapping[str, Any]:
        return self._papers[doc].posts[0]

    def token_row(self, doc: int) -> bytes:
        row = self._rows.get(doc)
        if row is None:
            numbers = self._ordinals()
            fields = self._papers[doc].taken.fields
            row = self._rows[doc] = array("I", [numbers[term] for field in fields for term in field.terms]).tobytes()
        return row

    def token_rows(self, docs: Iterable[int]) -> bytes:
        return b"".join(map(self.token_row, docs))

    raw_rows = token_rows

    @cached_property
    def token_starts(self) -> list[int]:
        return [0, *accumulate(sum(paper.taken.lengths) for paper in self._papers)]

    def places_of(self, run: bytes, docs: Iterable[int]) -> Iterator[tuple[int, list[int]]]:
        for doc in docs:
            if found := within_values(places(self.token_row(doc), run), breaks_of(self, doc), len(run) // 4):
                yield doc, found

    def lengths(self, doc: int) -> list[int]:
        return self._papers[doc].taken.lengths

    @cached_property
    def _breaks(self) -> tuple[list[int], array[int]]:
        found = [paper.taken.breaks() for paper in self._papers]
        return [0, *accumulate(map(len, found))], array("I", chain.from_iterable(found))

    def breaks(self) -> tuple[list[int], array[int]]:
        return self._breaks

    def length(self, field: str) -> array[int]:
        place = next(number for number, each in enumerate(FIELDS) if each.name == field)
        return array("I", [len(paper.taken.fields[place].terms) for paper in self._papers])

    def column(self, name: str) -> array[int]:
        found = self._columns.get(name)
        if found is None:
            if name == "published":
                values = [paper.day for paper in self._papers]
            else:
                place = TITLE_COLUMNS.index(name)
                values = [paper.title[place] for paper in self._papers]
            found = self._columns[name] = array("I", values)
        return found


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
    """Documents in memory: a ``SegmentView``. There are too few of them for a term to be common."""

    dead: frozenset[int] = frozenset()
    weights = None

    def __init__(self, papers: Sequence[Paper], frequency: Callable[[str], int]) -> None:
        """``frequency`` is that of a term in the whole corpus."""
        self._papers = papers
        self.count = len(papers)
        self.live = (1 << self.count) - 1
        self._entries: dict[str, Entry] = {}
        self.documents = _Documents(papers, lambda: self._ordinals)
        self.terms = _Terms(lambda ordinal: frequency(self._names[ordinal]))

    @cached_property
    def _names(self) -> list[str]:
        """All terms, in order."""
        return sorted(set().union(*[paper.taken.frequencies for paper in self._papers]))

    @cached_property
    def _ordinals(self) -> dict[str, int]:
        return {name: ordinal for ordinal, name in enumerate(self._names)}

    def find(self, term: str, field: str = WORDS) -> Entry | None:
        """The entry of a term, or of an id."""
        if field == ID:
            docs = [doc for doc, paper in enumerate(self._papers) if value_key(paper.posts[0]["id"]) == term]
            return Entry(0, lambda: ((doc, 1, 255) for doc in docs)) if docs else None
        ordinal = self._ordinals.get(term)
        if ordinal is None:
            return None
        entry = self._entries.get(term)
        if entry is None:
            entry = self._entries[term] = Entry(ordinal, lambda: self._postings(term))
        return entry

    def _postings(self, term: str) -> Iterator[tuple[int, int, int]]:
        for doc, paper in enumerate(self._papers):
            packed = paper.taken.frequencies.get(term)
            if packed is not None:
                yield doc, packed, paper.codes[packed]

    def postings(self, entry: Entry) -> Entry:
        return entry

    def is_common(self, entry: Entry) -> bool:
        return False

    def column(self, entry: Entry) -> bytearray:
        return column_of(entry.docs, entry.codes, self.count)

    def bits(self, entry: Entry) -> int:
        return bits_of(entry.docs, self.count)

    def tiers(self, entry: Entry, codes: tuple[int, ...]) -> tuple[int, ...]:
        tiers = (bits_at(entry.docs, entry.codes, code, self.count) for code in codes)
        return (*tiers, self.bits(entry))

    def term_at(self, ordinal: int) -> str:
        return self._names[ordinal]

    def norm(self, place: int, length: int) -> float:
        return norm(place, length)

    def norms(self, lengths: Iterable[int]) -> tuple[float, ...]:
        return norms(lengths)

    def lengths(self, doc: int) -> list[int]:
        return self.documents.lengths(doc)

    def cached(self, function: Callable[..., Result], *arguments: Hashable, kind: str = "small") -> Result:
        return function(self, *arguments)


class CandidateReader:
    """One segment of candidates, with the statistics of the whole corpus: a ``ReaderView``."""

    def __init__(self, papers: Sequence[Paper], statistics: Statistics) -> None:
        self._statistics = statistics
        self.segments = (CandidateSegment(papers, self.frequency),)
        self.papers = statistics.papers
        self._others = {value_key(paper.posts[0]["id"]): paper.posts[1:] for paper in papers if len(paper.posts) > 1}

    def frequency(self, term: str, field: str = WORDS) -> int:
        """How many papers of the whole corpus hold a term."""
        return self._statistics.frequency(term, field)

    def asking(self, statistics: Statistics) -> CandidateReader:
        """This reader, from now on with other statistics."""
        self._statistics = statistics
        return self

    def hidden_posts(self, paper_id: str) -> Sequence[Mapping[str, Any]]:
        """The posts about a paper that are not shown."""
        return self._others.get(value_key(paper_id), ())
