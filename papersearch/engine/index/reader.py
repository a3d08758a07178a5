"""One generation of an index opened for reading: what the search asks of it, and nothing about scores.

Sets of documents are *bit sets*: whole numbers of which bit d stands for document d of a segment. They cost an eighth
of a byte a document, and intersecting, uniting and counting them is one operation each.
A reader sees one state for as long as it lives, whatever is committed meanwhile. Safe for many threads.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from papersearch.core.caches import cached_method
from papersearch.core.fields import ACRONYM, AUTHOR, FIELDS, ID, SURFACE, WORDS
from papersearch.engine.index import generation as generations
from papersearch.engine.index.bits import bits_at, bits_by_code, bits_of, column_of, uses_arrays
from papersearch.engine.index.container import forget_if_much
from papersearch.engine.index.documents import any_of
from papersearch.engine.index.runs import have_run, run_bits
from papersearch.engine.index.segment import Segment, committed
from papersearch.engine.index.terms import Postings, TermEntry, key_of, place_in
from papersearch.engine.index.weights import norm, norms, unpack
from papersearch.text.folding import value_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, AnyStr, TypeVar

    from papersearch.engine.index.container import Container

    _Result = TypeVar("_Result")

# If at most one document in so many is dead, each of the dead is looked for in the postings (chosen: a term's bit set
# costs as much as a hundred such look-ups at 1,711 documents, and as thousands at 87,288).
_FEW_DEAD = 64

# A term is common, and its codes are kept by document, if at least one in so many documents holds it (chosen: below, a
# binary search for each document that is still in the race costs less).
COMMON = 50

_MANY = 16_384  # of a term with more postings only what is made of them is remembered (chosen: they take 64 kB)
# Bytes of each kind of what a segment remembers (chosen: together some 250 MB for 700,000 papers, a gigabyte before).
_MOST_BYTES = 48_000_000
_LOOKED_AT = 200  # papers of a term, to see what fields it stands in (chosen: a word of texts shows sooner)
_SKIP = len(key_of(WORDS, ""))


def cache_size(usual: int, size: int) -> int:
    """How many entries of ``size`` bytes each a cache of a segment may hold: the usual number, fewer if they are large,
    and 16 at least."""
    return max(16, min(usual, _MOST_BYTES // max(1, size)))


class OpenSegment:
    """A segment within a generation: documents that are deleted or hidden are left out of ``live``."""

    def __init__(self, segment: Segment, dead: Iterable[int], weights: Sequence[float] | None = None) -> None:
        """``weights`` of the fields, in table order, where they are not those that the index was made with."""
        self.weights = weights
        self.documents = segment.documents
        self.terms = segment.terms
        self.segment = segment
        self.count = segment.count
        everything = (1 << self.count) - 1
        self.dead = frozenset(dead)
        self.live = everything & ~bits_of(sorted(self.dead), self.count) if self.dead else everything
        self._find = cached_method(20_000, self._find_uncached)
        self._postings = lru_cache(cache_size(1_024, 4 * min(self.count, _MANY)))(segment.terms.postings)
        self.term_at: Callable[[int], str] = cached_method(50_000, self._term_at)
        # Worth it where ``is_common``.
        self.column: Callable[[TermEntry], bytearray] = cached_method(cache_size(1_024, self.count // 2), self._column)
        self.tiers: Callable[[TermEntry, tuple[int, ...]], tuple[int, ...]] = cached_method(
            cache_size(2_048, 3 * self.count // 8), self._tiers
        )
        self.bits: Callable[[TermEntry], int] = cached_method(cache_size(4_096, self.count // 8), self._bits)
        self._lengths = lru_cache(1)(lambda: [segment.documents.length(field.name) for field in FIELDS])
        self._small = cached_method(4_096, self._call)
        self._sets = cached_method(cache_size(2_048, self.count // 8), self._call)
        self._large = cached_method(cache_size(256, self.count), self._call)

    def _call(self, function: Callable[..., _Result], *arguments: Hashable) -> _Result:
        return function(self, *arguments)

    def cached(self, function: Callable[..., _Result], *arguments: Hashable, kind: str = "small") -> _Result:
        """``function`` of this segment and some arguments, remembered as long as the segment is open. Of ``sets`` of
        documents fewer are kept than of ``small`` results, and of ``large`` ones, of hundreds of kilobytes, fewest."""
        kept = {"small": self._small, "sets": self._sets, "large": self._large}[kind]
        found: _Result = kept(function, *arguments)
        return found

    def _find_uncached(self, field: str, term: str) -> TermEntry | None:
        return self.terms.find(key_of(field, term))

    def find(self, term: str, field: str = WORDS) -> TermEntry | None:
        """The dictionary's entry of a term, or None."""
        return self._find(field, term)

    def postings(self, entry: TermEntry) -> Postings:
        """The postings of an entry, dead documents included."""
        return self._postings(entry) if entry.frequency <= _MANY else self.terms.postings(entry)

    def _column(self, entry: TermEntry) -> bytearray:
        """The weight code of every document, 0 where the term does not stand."""
        postings = self.postings(entry)
        return column_of(postings.docs, postings.codes or b"", self.count)

    def _bits(self, entry: TermEntry) -> int:
        """The live documents of an entry."""
        if self.is_common(entry):
            return self._living(bits_by_code(self.column(entry), (1,))[0])
        return self._living(bits_of(self.postings(entry).docs, self.count))

    def _living(self, bits: int) -> int:
        return bits & self.live if self.dead else bits  # one copy less of a long number

    def _tiers(self, entry: TermEntry, codes: tuple[int, ...]) -> tuple[int, ...]:
        """The live documents of an entry whose weight code is ``code`` or higher, for each of ``codes``, and all."""
        if not self.is_common(entry):
            postings = self.postings(entry)
            tiers = [bits_at(postings.docs, postings.codes or b"", code, self.count) for code in codes]
        elif uses_arrays():  # each costs the same, alone as well
            tiers = bits_by_code(self.column(entry), codes)
        else:
            return tuple(map(self._living, bits_by_code(self.column(entry), (*codes, 1))))
        return (*map(self._living, tiers), self.bits(entry))

    def is_common(self, entry: TermEntry) -> bool:
        """Whether a term's codes are worth keeping by document."""
        return entry.is_word and entry.frequency * COMMON > self.count

    def frequency(self, entry: TermEntry, field: str) -> int:
        """How many live documents an entry of a field has. Where many documents are dead, a word's bit set is made for
        this, since the query needs it anyway; bit sets of tags, which nearly all documents may have, are hardly ever
        needed."""
        if not self.dead:
            return entry.frequency
        many = len(self.dead) * _FEW_DEAD > self.count
        if many and field == WORDS:
            return self.bits(entry).bit_count()
        postings = self.postings(entry)
        if many:
            return entry.frequency - len(self.dead.intersection(postings.docs))
        return entry.frequency - sum(place_in(postings.docs, doc) is not None for doc in self.dead)

    def prefixed(self, prefix: str, field: str) -> Iterator[tuple[str, TermEntry]]:
        """Terms of a field that start with ``prefix``, in order, with their entries."""
        skip = len(field.encode()) + 1
        for key, entry in self.terms.prefixed(key_of(field, prefix)):
            yield key[skip:].decode("utf-8", "surrogatepass"), entry

    def keys(self, prefix: str, field: str, part: str = "") -> Iterator[str]:
        """Terms of a field that start with ``prefix`` and have ``part`` in them, in order."""
        skip = len(field.encode()) + 1
        for key in self.terms.keys(key_of(field, prefix), part.encode("utf-8", "surrogatepass")):
            yield key[skip:].decode("utf-8", "surrogatepass")

    def surfaces(self, prefix: str) -> Iterator[str]:
        """As ``keys`` of the words as they are written, at a third of the cost."""
        for words, _ in self.terms.parts_of(key_of(SURFACE, prefix), 1):
            yield from words

    def written(self, field: str) -> Iterator[tuple[list[str], memoryview]]:
        """The tags or authors as they are written, some at a time, and how many documents have each, dead ones
        included. Costs 0.2 µs each."""
        return self.terms.parts_of(key_of(field, ""), 2)  # of the field, the folded and the written form

    def counted(self, prefix: str) -> Iterator[tuple[list[str], memoryview]]:
        """The words' terms that start with ``prefix``, some at a time, with their document frequencies."""
        for keys, frequencies in self.terms.frequencies_of(key_of(WORDS, prefix)):
            yield [key[_SKIP:].decode("utf-8", "surrogatepass") for key in keys], frequencies

    def _term_at(self, ordinal: int) -> str:
        """The word's term with that ordinal."""
        return self.terms.key_at(ordinal)[_SKIP:].decode("utf-8", "surrogatepass")

    def norm(self, place: int, length: int) -> float:
        """What one occurrence counts in the field at ``place`` in the table, if that has ``length`` words."""
        return norm(place, length, self.weights)

    def norms(self, lengths: Iterable[int]) -> tuple[float, ...]:
        """What one occurrence counts in each field, from the fields' lengths."""
        return norms(lengths, self.weights)

    def lengths(self, doc: int) -> list[int]:
        """Words in each text field of a document, in table order, which is the order of the fields in its row."""
        return [length[doc] for length in self._lengths()]


class IndexReader:
    """All segments of the newest generation. It is the ``Statistics`` that queries are compiled with."""

    def __init__(self, folder: str, trust: bool = False, weights: Sequence[float] | None = None) -> None:
        """Raise ``NoIndexError`` where there is no index and ``DamagedIndexError`` where it is not whole."""
        self._begin(folder, *generations.steady(folder, lambda: _open(folder, trust, weights)))

    def _begin(self, folder: str, generation: generations.Generation, segments: tuple[OpenSegment, ...]) -> None:
        self.folder = folder
        self.generation, self.segments = generation, segments
        self._identity = generations.newest_state(folder)
        self.papers = generation.papers
        self._older: IndexReader | None = None
        self.frequency = cached_method(50_000, self._frequency)
        self.has_prefix = cached_method(20_000, self._has_prefix)
        self._cached = cached_method(1_024, self._call)

    def _call(self, function: Callable[..., _Result], *arguments: Hashable) -> _Result:
        return function(self, *arguments)

    def cached(self, function: Callable[..., _Result], *arguments: Hashable) -> _Result:
        """``function`` of this reader and some arguments, remembered as long as the reader is open."""
        found: _Result = self._cached(function, *arguments)
        return found

    def _frequency(self, term: str, field: str = WORDS) -> int:
        total = 0
        for segment in self.segments:
            if entry := segment.find(term, field):
                total += segment.frequency(entry, field)
        return total

    def _has_prefix(self, prefix: str, field: str) -> bool:
        """Whether a term of a field starts with ``prefix``."""
        return any(segment.terms.has_prefix(key_of(field, prefix)) for segment in self.segments)

    def has_surface(self, word: str) -> bool:
        """Whether a word stands in the corpus in exactly this spelling (folded)."""
        return any(segment.find(word, SURFACE) is not None for segment in self.segments)

    def is_name(self, term: str) -> bool:
        """Whether papers hold a term among their authors and nowhere else; the first ``_LOOKED_AT`` are looked at."""
        found = False
        for segment in self.segments:
            entry = segment.find(term)
            for frequencies in segment.postings(entry).frequencies()[:_LOOKED_AT] if entry is not None else ():
                found = True
                if any(n for n, field in zip(unpack(frequencies), FIELDS, strict=True) if field.name != "authors"):
                    return False
        return found

    def surfaces(self, prefix: str) -> Iterator[str]:
        """Words as they are written (folded), that start with ``prefix``, in order."""
        return _unique(segment.surfaces(prefix) for segment in self.segments)

    def terms(self, prefix: str, field: str) -> Iterator[str]:
        """Terms of a field that start with ``prefix``, in order."""
        return _unique(segment.keys(prefix, field) for segment in self.segments)

    def authors(self, start: str, words: Sequence[str]) -> Iterator[str]:
        """Authors whose folded name starts with ``start``, and has one of the words or letters beyond ASCII."""
        parts = [word.encode() for word in words if word.isascii()]
        keys = _unique(segment.terms.keys_beside(key_of(AUTHOR, start), parts) for segment in self.segments)
        return (key.decode("utf-8", "surrogatepass").partition("\0")[2] for key in keys)

    def commonest(self, prefix: str, most: int) -> list[str] | None:
        """The terms that start with ``prefix`` and that most papers hold, dead documents counted; most first."""
        found: dict[str, int] = {}
        for segment in self.segments:
            for terms, frequencies in segment.counted(prefix):
                for term, frequency in zip(terms, frequencies, strict=True):
                    found[term] = found.get(term, 0) + frequency
        return sorted(found, key=lambda term: (-found[term], term))[:most]

    def words_like(self, pattern: str, numbered: bool = False) -> Iterator[str]:
        """Words, or if ``numbered`` terms, that begin as a pattern does before the first of its ``*`` and ``?``, and
        have the longest of what stands between these in them."""
        parts = pattern.replace("?", "*").split("*")
        field, longest = WORDS if numbered else SURFACE, max(parts, key=len)
        return _unique(segment.keys(parts[0], field, longest) for segment in self.segments)

    def words_near(self, word: str, edits: int, prefix: str) -> Iterator[str]:
        """All words that start with ``prefix``; the caller measures the edits. A cluster, where each word costs a
        transfer, narrows them down by ``word`` and ``edits``."""
        return self.surfaces(prefix)

    def side_by_side(self, run: Sequence[str], most: int | None = None) -> int:
        """How many papers have the terms side by side. Only the first ``most`` of a segment that have all of them are
        looked at."""
        return sum(run_bits(segment, run, most).bit_count() for segment in self.segments)

    def written_apart(self, whole: str, run: Sequence[str], most: int) -> bool:
        """Whether a paper that holds the term ``whole`` has the terms of ``run`` side by side; ``most`` as above."""
        return any(have_run(segment, run, whole, most) for segment in self.segments)

    def explained(self, short: str, form: str) -> str:
        """The abstract of a paper that explains an acronym by that long form; empty if there is none."""
        entries = ((segment, segment.find(f"{short}\0{form}", ACRONYM)) for segment in self.segments)
        posts = ((each, each.postings(entry).docs) for each, entry in entries if entry is not None)
        found = ((each.documents, [doc for doc in docs if doc not in each.dead]) for each, docs in posts)
        return str(any_of(found).get("abstract", ""))

    def older(self) -> IndexReader | None:
        """A reader of the hidden documents in place of those that are shown; None if there are none."""
        states = self.generation.segments
        if self._older is None and any(state.hidden for state in states):
            segments = tuple(
                OpenSegment(each.segment, {*range(each.count)} - {*state.hidden}, each.weights)
                for each, state in zip(self.segments, states, strict=True)
            )
            older = IndexReader.__new__(IndexReader)
            older._begin(self.folder, self.generation, segments)
            # There may be more of them than papers, and none is held by more than there are.
            older.papers = max(self.papers, sum(len(state.hidden) for state in states))
            self._older = older
        return self._older

    def hidden_posts(self, paper_id: str) -> Iterator[dict[str, Any]]:
        """The stored fields of the posts about a paper that are not shown, in no order."""
        for segment, state in zip(self.segments, self.generation.segments, strict=True):
            entry = segment.find(value_key(paper_id), ID) if state.hidden else None
            hidden = frozenset(state.hidden) if entry is not None else ()
            for doc in segment.postings(entry).docs if entry is not None else ():
                if doc in hidden:
                    yield segment.documents.stored(doc)

    def check_lengths(self) -> None:
        """Raise if a file cannot be looked at any more; see ``container``. Takes half a microsecond for each."""
        for each in self._containers():
            each.check_length()

    def forget_if_much(self) -> None:
        """Let go of what was read of the files if it is much; see ``container``."""
        forget_if_much(self._containers(), learn=True)

    def _containers(self) -> list[Container]:
        return [container for each in self.segments for container in each.segment.containers]

    def is_current(self) -> bool:
        """Whether no newer generation was committed, and no other index lies in the folder by now."""
        return self._identity[0] == self.generation.number and generations.newest_state(self.folder) == self._identity


def _unique(streams: Iterable[Iterator[AnyStr]]) -> Iterator[AnyStr]:
    """The terms of several sorted streams as one sorted stream, each once."""
    opened = list(streams)
    if len(opened) == 1:
        return opened[0]
    from heapq import merge  # queries need it of prefixes alone

    return (term for term, _ in groupby(merge(*opened)))


def _open(
    folder: str, trust: bool, weights: Sequence[float] | None
) -> tuple[generations.Generation, tuple[OpenSegment, ...]]:
    generation = generations.load(folder, trust)
    segments = tuple(
        OpenSegment(committed(folder, state), {*state.deleted, *state.hidden}, weights) for state in generation.segments
    )
    return generation, segments
