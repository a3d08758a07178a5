"""Merges several segments into one, without documents that were deleted.

The result depends on the documents and their order alone, not on how they were spread over the inputs: terms are
sorted, postings are ordered by document, profiles are numbered by how many postings of the inputs have them, and a
token is its term's ordinal. Everything streams through on whole arrays, a range of keys or some documents at a time.
Memory: one number for each term of each input, the dictionary of the result, and some megabytes of postings.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Literal, NamedTuple

from papersearch.core.fields import SURFACE, WORDS
from papersearch.core.numeric import numpy as np
from papersearch.core.numeric import repeat
from papersearch.engine.build import packing
from papersearch.engine.build.dictionary import ENTRIES, Packed, TermsWriter
from papersearch.engine.build.documents import Batch, Rows, write_documents
from papersearch.engine.build.lost_words import lost_words
from papersearch.engine.build.postings import Columns, Profiles, firsts
from papersearch.engine.index.container import SectionWriter
from papersearch.engine.index.numbers import width_of
from papersearch.engine.index.segment import Segment
from papersearch.engine.index.terms import BLOCK, key_of
from papersearch.text.words import stem

GONE = 0xFFFFFFFF
_SKIP = len(key_of(SURFACE, ""))
# Blocks of terms that are read at once: of all inputs together, of each at least and at most; and documents whose words
# are (chosen: some megabytes each).
_BLOCKS, _LEAST_BLOCKS, _MOST_BLOCKS = 1_024, 16, 128
_DOCUMENTS = 1_000
# Postings that are held at once, those of one term apart (chosen: a hundred megabytes with all that is made of them).
_POSTINGS = 1_000_000


class Input(NamedTuple):
    """A segment to merge, and which of its documents to leave out."""

    segment: Segment
    deleted: frozenset[int] = frozenset()


class _Terms(NamedTuple):
    """Terms of an input that follow each other. ``first`` is the ordinal of the first, ``offsets`` are absolute."""

    first: int
    keys: list[bytes]
    entries: np.ndarray
    offsets: np.ndarray

    def followed_by(self, more: _Terms) -> _Terms:
        """Those and the ones that come next."""
        if not self.keys:
            return more
        entries, offsets = (
            np.concatenate(pair) for pair in ((self.entries, more.entries), (self.offsets, more.offsets))
        )
        return _Terms(self.first, self.keys + more.keys, entries, offsets)

    def split(self, place: int) -> tuple[_Terms, _Terms]:
        """Those before a place, and the rest."""
        first, keys, entries, offsets = self
        return (
            _Terms(first, keys[:place], entries[:place], offsets[:place]),
            _Terms(first + place, keys[place:], entries[place:], offsets[place:]),
        )


class _Source:
    """An input with where its documents, terms and profiles go. Terms are read in order, once."""

    def __init__(self, given: Input, base: int, profiles: Profiles, blocks: int) -> None:
        self._blocks = blocks
        self.segment = given.segment
        for container, sections in zip(self.segment.containers, (("stored", "tokens"), ("postings",)), strict=True):
            for name in sections:  # all at once, at a fifth of the cost of each row's and term's own checksum
                container.check(name)
        self.base = base
        gone = np.zeros(given.segment.count, bool)
        gone[sorted(given.deleted)] = True
        self.kept = np.flatnonzero(~gone)
        self.places: np.ndarray | None = None
        if given.deleted:
            self.places = np.full(given.segment.count, GONE, np.uint32)
            self.places[self.kept] = np.arange(base, base + len(self.kept), dtype=np.uint32)
        self.ordinals = np.full(given.segment.terms.count, GONE, np.uint32)
        self.profiles = profiles.numbers(np.array(given.segment.terms.profiles, np.uint32))
        self._block = 0
        self.ahead = _Terms(0, [], np.empty(0, ENTRIES), np.empty(0, np.int64))

    def look_ahead(self) -> bool:
        """Read more terms unless enough are at hand; whether there are any after those. Half of what is read at once is
        enough: if only inputs without any terms at hand read more, each range would end where one of them does, and
        there would be as many ranges as pieces of all inputs."""
        terms = self.segment.terms
        if len(self.ahead.keys) * 2 < self._blocks * BLOCK and self._block < terms.blocks:
            first, last = self._block, min(self._block + self._blocks, terms.blocks)
            keys, entries, offsets = zip(*map(terms.block, range(first, last)), strict=True)
            sizes = [*map(len, keys)]
            here = b"".join(some or bytes(size * ENTRIES.itemsize) for some, size in zip(entries, sizes, strict=True))
            read = np.frombuffer(here, ENTRIES)
            starts = np.repeat(np.array(offsets, np.int64), sizes) + read["offset"]
            self.ahead = self.ahead.followed_by(_Terms(first * BLOCK, [*chain.from_iterable(keys)], read, starts))
            self._block = last
            terms.container.forget()
        return self._block < terms.blocks

    def take(self, until: bytes) -> _Terms:
        """The terms at hand up to and including a key."""
        taken, self.ahead = self.ahead.split(bisect_right(self.ahead.keys, until))
        return taken

    def postings(self, terms: _Terms, numbers: np.ndarray) -> Columns:
        """The postings of some terms, which get ``numbers``, with documents and profiles as they are in the result."""
        given = self.segment.terms
        having = np.flatnonzero(terms.entries["frequency"])
        entries = terms.entries[having]
        if not len(having):
            return Columns(np.empty(0, np.uint32), np.empty(0, np.uint32))
        starts, start = terms.offsets[having], int(terms.offsets[having[0]])
        layout = packing.Layout(
            starts - start,
            entries["frequency"].astype(np.int64),
            entries["grouped"].astype(bool),
            entries["value_size"].astype(np.int64),
        )
        end = int((starts + packing.sizes(layout, given.documents))[-1])
        data = given.container.view("postings")[start:end]
        found = packing.read(np.frombuffer(data, np.uint8), layout, given.documents)
        docs = found.docs + np.uint32(self.base) if self.places is None else self.places[found.docs]
        profiles = None if found.numbers is None else self.profiles[found.numbers]
        columns = Columns(numbers[having][found.terms], docs, found.codes, profiles)
        return columns if self.places is None else _chosen(columns, docs != GONE)

    def number(self, terms: _Terms, ordinals: np.ndarray) -> None:
        """Note the ordinals of some terms in the result."""
        self.ordinals[terms.first : terms.first + len(terms.keys)] = ordinals

    def _batches(self) -> Iterator[slice]:
        """Documents that are in the result, some that follow each other at a time."""
        for run in np.split(self.kept, np.flatnonzero(np.diff(self.kept) != 1) + 1):
            for first in range(0, len(run), _DOCUMENTS):
                yield slice(int(run[first]), int(run[first]) + len(run[first : first + _DOCUMENTS]))

    def tokens(self, width: int) -> Iterator[Batch]:
        """The words of the documents as the result has them."""
        documents = self.segment.documents
        counts = np.diff(np.frombuffer(documents.token_starts, np.uint64).astype(np.int64))
        for docs in self._batches():
            given = packing.widened(documents.raw_tokens(docs.start, docs.stop), documents.width)
            yield Batch(packing.narrowed(self.ordinals[given], width), counts[docs] * width)

    def breaks(self) -> tuple[np.ndarray, np.ndarray]:
        """How many breaks there are in each document that is in the result, and where."""
        starts, places = self.segment.documents.breaks()
        counts = np.diff(np.asarray(starts, np.int64))
        kept = np.zeros(len(counts), bool)
        kept[self.kept] = True
        return counts[kept], np.asarray(places)[repeat(kept, counts)]

    def stored(self) -> Iterator[Batch]:
        """The stored rows."""
        documents = self.segment.documents
        sizes = np.diff(np.frombuffer(documents.stored_starts, np.uint64).astype(np.int64))
        for docs in self._batches():
            yield Batch(documents.raw_stored(docs.start, docs.stop), sizes[docs])


def merge(inputs: Sequence[Input], documents: SectionWriter, terms: SectionWriter) -> int:
    """Write the merged segment to two containers (finished here); the number of documents comes back."""
    read = [given.segment.terms for given in inputs]
    values = np.array([*chain.from_iterable(each.profiles for each in read)], np.uint32)
    profiles = Profiles(values, np.array([*chain.from_iterable(each.shares for each in read)], np.int64))
    sources: list[_Source] = []
    count = 0
    blocks = min(_MOST_BLOCKS, max(_LEAST_BLOCKS, _BLOCKS // max(1, len(inputs))))
    for given in inputs:
        sources.append(_Source(given, count, profiles, blocks))
        count += len(sources[-1].kept)
    writer = TermsWriter(terms, count)
    lost = lost_words(inputs)
    for taken in _ranges(sources):
        _merge_terms(sources, taken, writer, count, lost)
    writer.finish(profiles.table)
    terms.finish()
    width = width_of(writer.count)
    write_documents(
        documents,
        _streamed(sources, [source.stored() for source in sources]),
        Rows(
            _streamed(sources, [source.tokens(width) for source in sources]),
            width,
            _merged_arrays(sources, "length"),
            _merged_breaks(sources),
        ),
        _merged_arrays(sources, "column"),
    )
    documents.finish()
    return count


def _ranges(sources: Sequence[_Source]) -> Iterator[list[_Terms]]:
    """The terms of all sources in ranges of keys: in each range, every source's."""
    word = key_of(WORDS, "")
    while True:
        more = [source.look_ahead() for source in sources]
        # As far as every source has been read. Words begin a range of their own: only they have codes.
        until = min(
            (source.ahead.keys[-1] for source, rest in zip(sources, more, strict=True) if rest), default=b"\xff"
        )
        if any(source.ahead.keys and source.ahead.keys[0] < word for source in sources):
            until = min(until, word)
        until = _nearer(sources, until)
        taken = [source.take(until) for source in sources]
        if not any(terms.keys for terms in taken):
            return
        yield taken


def _nearer(sources: Sequence[_Source], until: bytes) -> bytes:
    """The key up to which to go at once: ``until``, or less far if there are too many postings before it."""
    while True:
        places = [bisect_right(source.ahead.keys, until) for source in sources]
        pairs = zip(sources, places, strict=True)
        most = max(places, default=0)
        if most < 2 or sum(int(source.ahead.entries["frequency"][:place].sum()) for source, place in pairs) < _POSTINGS:
            return until
        until = sources[places.index(most)].ahead.keys[most // 2 - 1]


def _merge_terms(
    sources: Sequence[_Source], taken: Sequence[_Terms], writer: TermsWriter, documents: int, lost: frozenset[str]
) -> None:
    """Write the terms of a range, and tell the sources the new ordinals of theirs. Spellings of words that are
    ``lost`` are left out."""
    keys = sorted(set().union(*(terms.keys for terms in taken)))
    place_of = dict(zip(keys, range(len(keys)), strict=True)).__getitem__
    places = [np.fromiter(map(place_of, terms.keys), np.uint32, len(terms.keys)) for terms in taken]
    kept = np.zeros(len(keys), bool)
    for terms, numbers in zip(taken, places, strict=True):
        kept[numbers[terms.entries["frequency"] == 0]] = True  # known for their spelling alone
    if lost:
        kept[[number for number in np.flatnonzero(kept).tolist() if _term_of(keys[number]) in lost]] = False
    parts = [source.postings(terms, n) for source, terms, n in zip(sources, taken, places, strict=True)]
    columns = _joined([part for part in parts if len(part.terms)])
    kept[columns.terms] = True
    ordinals = np.where(kept, np.cumsum(kept) + (writer.count - 1), GONE).astype(np.uint32)
    for source, terms, numbers in zip(sources, taken, places, strict=True):
        source.number(terms, ordinals[numbers])
    having = columns.terms[firsts(columns.terms)]
    packed = packing.packed([keys[number] for number in having.tolist()], columns, documents)
    among_kept = ordinals[having].astype(np.int64) - writer.count
    writer.add(_with_bare([key for key, keeps in zip(keys, kept, strict=True) if keeps], among_kept, packed))


def _term_of(spelling: bytes) -> str:
    """The term of a word, given the key of one of its spellings."""
    return stem(spelling[_SKIP:].decode("utf-8", "surrogatepass"))


def _with_bare(keys: Sequence[bytes], places: np.ndarray, packed: Packed) -> Packed:
    """Terms to be written, of which those at some places have the postings of ``packed``, and the others none."""
    if len(places) == len(keys):
        return packed
    entries = np.zeros(len(keys), ENTRIES)
    entries[places] = packed.entries
    sizes = np.zeros(len(keys) + 1, np.int64)
    sizes[places + 1] = np.diff(packed.starts)
    return Packed(keys, packed.data, np.cumsum(sizes), entries)


def _joined(parts: Sequence[Columns]) -> Columns:
    """The postings of several sources, whose documents follow each other, in order of term and document."""
    if not parts:
        return Columns(np.empty(0, np.uint32), np.empty(0, np.uint32))
    if len(parts) == 1:
        return parts[0]
    columns = (None if each[0] is None else np.concatenate(each) for each in zip(*parts, strict=True))
    whole = Columns(*columns)
    return _chosen(whole, np.argsort(whole.terms, kind="stable"))


def _chosen(columns: Columns, which: np.ndarray) -> Columns:
    return Columns(*(None if column is None else column[which] for column in columns))


def _streamed(sources: Sequence[_Source], rows: Iterable[Iterator[Batch]]) -> Iterator[Batch]:
    """The rows of all sources; what was read of each is let go: it counts as memory of the process."""
    for source, some in zip(sources, rows, strict=True):
        yield from some
        source.segment.documents.container.forget()


def _merged_breaks(sources: Sequence[_Source]) -> tuple[np.ndarray, np.ndarray]:
    counts, places = zip(*(source.breaks() for source in sources), strict=True)
    return np.concatenate(counts), np.concatenate(places)


def _merged_arrays(sources: Sequence[_Source], kind: Literal["length", "column"]) -> dict[str, array[int]]:
    merged: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
    for source in sources:
        for name, values in source.segment.documents.arrays(kind):
            merged[name].frombytes(np.asarray(values)[source.kept].astype(np.uint32).tobytes())
    return merged
