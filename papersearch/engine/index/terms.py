"""The terms file of a segment: a sorted dictionary of terms, and behind each term its packed postings.

A container with these sections:

    postings      per term: document numbers, then (of words) a weight code each, then a profile number each
    blocks        the dictionary in blocks of 64 terms (see below)
    block_starts  <Q> where each block starts, and one more for the end
    first_keys    the first key of every block, one after the other
    key_starts    <I> where each of them starts, and one more for the end
    frequencies   <I> document frequency of each term, by ordinal
    profiles      <I> frequencies by profile number (see ``weights``), the commonest first
    shares        <I> how many postings have each profile
    count         <QQ> number of terms, and of documents

A key is the field's name, a zero byte, and the term's bytes; keys are unique and sorted. A block is

    <IQHH> crc32 of the rest, where its postings begin, number of terms n, number of entries: n, or 0 if none of its
    terms has postings; <H>*n lengths of the keys, the entries, the keys

and an entry ``<IIIBBBx>``: offset in the block's postings and their checksum, document frequency, 1 if the documents
are grouped, size of a profile number (0 if the term is no word: then there are no codes either), highest weight code.
So a look-up reads one block, and everything it returns was verified. A term's *ordinal* is its position in the
dictionary.

How numbers are kept is told in ``numbers``. Document numbers take as many bytes as the segment's documents need, or
are grouped if that is less. Profile numbers take 1, 2 or 4 bytes, as the term's largest needs.
"""

from __future__ import annotations

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from zlib import crc32

from papersearch.core.caches import cached_method
from papersearch.core.frozen import NamedTuple
from papersearch.engine.index.container import Container
from papersearch.engine.index.numbers import groups_of, ungrouped, unpacked, width_of

# After so many look-ups it pays to have the first keys of all blocks at hand (chosen: one query makes about a hundred).
_MANY = 300
BLOCK = 64
HEAD = struct.Struct("<IQHH")
ENTRY = struct.Struct("<IIIBBBx")
COUNTS = struct.Struct("<QQ")
# Chosen: longer than the longest path. Nothing that long is a word, but posts of any kind must be indexed.
MOST_TERM = 4_096


def key_of(field: str, term: bytes | str) -> bytes:
    """The dictionary key of a field's term; of a longer one than ``MOST_TERM`` bytes its start and its digest."""
    data = term.encode("utf-8", "surrogatepass") if isinstance(term, str) else term
    return field.encode() + b"\0" + (data if len(data) <= MOST_TERM else _shortened(data))


def keys_of(field: str, terms: Iterable[str]) -> list[bytes]:
    """The keys of many terms, in their order."""
    start = field.encode() + b"\0"
    terms = [*terms]
    together = "\n".join(terms)
    if together.count("\n") == len(terms) - 1:  # as nearly always: all are encoded at one go
        encoded = together.encode("utf-8", "surrogatepass").split(b"\n")
    else:
        encoded = [term.encode("utf-8", "surrogatepass") for term in terms]
    keys = [start + term for term in encoded]
    if max(map(len, keys), default=0) - len(start) > MOST_TERM:
        keys = [key_of(field, key[len(start) :]) for key in keys]
    return keys


def _after(prefix: bytes) -> bytes:
    """What follows all keys with a prefix."""
    return prefix[:-1] + bytes([prefix[-1] + 1])


def _ends_of(keys: Sequence[bytes], prefix: bytes) -> tuple[int, int]:
    """Where those of some keys, in order, begin and end that start with ``prefix``."""
    return bisect_left(keys, prefix), bisect_left(keys, _after(prefix))


def _shortened(data: bytes) -> bytes:
    from hashlib import blake2b  # takes longer to load than a look-up takes, and next to no term is that long

    end = MOST_TERM - 32
    while data[end] & 0xC0 == 0x80:  # within a character
        end -= 1
    return data[:end] + blake2b(data, digest_size=16).hexdigest().encode()


class TermEntry(NamedTuple):
    """Where a term's postings are. ``frequency`` counts documents, deleted ones included."""

    ordinal: int
    offset: int
    checksum: int
    frequency: int
    grouped: int
    value_size: int
    top_code: int

    @property
    def is_word(self) -> bool:
        """Whether its postings have codes and frequencies."""
        return self.value_size > 0


class Postings(NamedTuple):
    """A term's postings, ordered by document number. Of terms that are no words ``codes`` is None.

    ``packed`` are the ``numbers`` as they lie in the file, in so many bytes each (``value_size``).
    """

    docs: memoryview
    codes: memoryview | None
    packed: memoryview
    value_size: int
    profiles: Sequence[int]

    @property
    def numbers(self) -> memoryview:
        """The numbers of profiles, which ``frequencies`` looks up. Made when asked for: scores need none, and of a
        word that half of all papers hold they take as long as all the rest."""
        return self.packed if self.value_size <= 1 else unpacked(self.packed, self.value_size)

    def frequencies(self) -> list[int]:
        """How often the word stands in each field, packed as ``weights`` has it, of each posting."""
        return [*map(self.profiles.__getitem__, self.numbers)]


def place_in(docs: Sequence[int], doc: int) -> int | None:
    """Which posting is that of a document, by the documents of a term in order; None if it has none."""
    place = bisect_left(docs, doc)
    return place if place < len(docs) and docs[place] == doc else None


class TermsReader:
    """Looks terms up in a terms file. Safe for many threads; a look-up costs about 10 µs."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self._view_postings, self._view_blocks = container.viewing("postings"), container.viewing("blocks")
        self._block_starts = container.verified("block_starts").cast("Q")
        self._first_keys = container.verified("first_keys")
        self._key_starts = container.verified("key_starts").cast("I")
        self.count, self.documents = COUNTS.unpack(container.verified("count"))
        self.width = width_of(self.documents)
        self._block = cached_method(2_048, self._raw_block)
        self._looked_up = 0

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return len(self._block_starts) - 1

    def _first_key(self, number: int) -> bytes:
        return bytes(self._first_keys[self._key_starts[number] : self._key_starts[number + 1]])

    @cached_property
    def every_first_key(self) -> list[bytes]:
        """The first key of each block."""
        return [self._first_key(number) for number in range(self.blocks)]

    def _block_of(self, key: bytes) -> int:
        """The last block whose first key is not beyond ``key``; 0 if there is none."""
        self._looked_up += 1
        if self._looked_up > _MANY:
            return max(0, bisect_right(self.every_first_key, key) - 1)
        low, high = 0, self.blocks
        while high - low > 1:
            middle = (low + high) // 2
            if self._first_key(middle) <= key:
                low = middle
            else:
                high = middle
        return low

    def _blocks_of(self, prefix: bytes) -> range:
        """The blocks in which keys that start with ``prefix`` may be."""
        return range(self._block_of(prefix), self._block_of(_after(prefix)) + 1) if self.count else range(0)

    def _raw_block(self, number: int) -> tuple[bytes, memoryview, memoryview, int]:
        """The keys of a block in one, their lengths, the entries, and where its postings begin."""
        block = self._view_blocks(self._block_starts[number], self._block_starts[number + 1])
        checksum, offset, n, entries = HEAD.unpack_from(block)
        if crc32(block[4:]) != checksum:
            raise self.container.damaged("a block of its dictionary is wrong")
        entries_at = HEAD.size + 2 * n
        keys_at = entries_at + entries * ENTRY.size
        return bytes(block[keys_at:]), block[HEAD.size : entries_at].cast("H"), block[entries_at:keys_at], offset

    def block(self, number: int) -> tuple[list[bytes], memoryview, int]:
        """The keys of a block, its entries (empty if none of its terms has postings), and where its postings begin."""
        raw, lengths, entries, offset = self._raw_block(number)
        ends = [*accumulate(lengths, initial=0)]
        return [raw[start:end] for start, end in pairwise(ends)], entries, offset

    def _entry(self, number: int, place: int, entries: memoryview, offset: int) -> TermEntry:
        if not entries:
            return TermEntry(number * BLOCK + place, offset, 0, 0, 0, 0, 0)
        at, *rest = ENTRY.unpack_from(entries, place * ENTRY.size)
        return TermEntry(number * BLOCK + place, offset + at, *rest)

    def find(self, key: bytes) -> TermEntry | None:
        """The entry of a key, or None."""
        if not self.count:
            return None
        number = self._block_of(key)
        keys, lengths, entries, offset = self._block(number)
        at = keys.find(key)
        if at < 0:
            return None  # as most spellings that are tried
        starts = [*accumulate(lengths, initial=0)]
        while at >= 0:
            place = bisect_left(starts, at)
            if starts[place] == at and starts[place + 1] == at + len(key):
                return self._entry(number, place, entries, offset)
            at = keys.find(key, at + 1)
        return None

    def has_prefix(self, prefix: bytes) -> bool:
        """Whether a key starts with ``prefix``."""
        if not self.count:
            return False
        number = self._block_of(prefix)
        keys, lengths, _, _ = self._block(number)
        start = 0
        if prefix in keys:
            for length in lengths:
                if length >= len(prefix) and keys.startswith(prefix, start):
                    return True
                start += length
        return number + 1 < self.blocks and self._first_key(number + 1).startswith(prefix)

    def scan(self, start: bytes = b"") -> Iterator[tuple[bytes, TermEntry]]:
        """Keys and entries in order, from the first key that is not below ``start``."""
        if not self.count:
            return
        for number in range(self._block_of(start), self.blocks):
            keys, entries, offset = self.block(number)
            for place, key in enumerate(keys):
                if key >= start:
                    yield key, self._entry(number, place, entries, offset)

    def prefixed(self, prefix: bytes) -> Iterator[tuple[bytes, TermEntry]]:
        """Keys and entries whose key starts with ``prefix``, in order."""
        for key, entry in self.scan(prefix):
            if not key.startswith(prefix):
                return
            yield key, entry

    def keys(self, prefix: bytes, part: bytes = b"") -> Iterator[bytes]:
        """Keys that start with ``prefix`` and have ``part`` in them, in order; costs less than half of ``prefixed``,
        and a tenth of that if hardly a key has the part."""
        for number in self._blocks_of(prefix):
            if part in self._raw_block(number)[0]:
                yield from (key for key in self.block(number)[0] if key.startswith(prefix) and part in key)

    def keys_beside(self, prefix: bytes, parts: Sequence[bytes]) -> Iterator[bytes]:
        """Keys that start with ``prefix``, with one of the ``parts`` or a character beyond ASCII in them, in order."""
        for number in self._blocks_of(prefix):
            raw = self._raw_block(number)[0]
            held = [part for part in parts if part in raw]
            if held or not raw.isascii():
                keys = self.block(number)[0]
                first, last = _ends_of(keys, prefix)
                found = [key for key in keys[first:last] if not key.isascii()]
                found += [key for part in held for key in keys[first:last] if part in key]
                yield from sorted({*found})

    def frequencies_of(self, prefix: bytes) -> Iterator[tuple[list[bytes], memoryview]]:
        """Keys that start with ``prefix``, in order, some at a time, with their document frequencies."""
        for number in self._blocks_of(prefix):
            keys = self.block(number)[0]
            first, last = _ends_of(keys, prefix)
            if first < last:
                yield keys[first:last], self.frequencies[number * BLOCK + first : number * BLOCK + last]

    def parts_of(self, prefix: bytes, part: int) -> Iterator[tuple[list[str], memoryview]]:
        """As ``frequencies_of``, with what follows the zero byte number ``part`` of a key in place of the key. Costs a
        third of it: where all keys of a block start with ``prefix`` they are decoded and split as one."""
        named = len(prefix.partition(b"\0")[0].decode())
        for number in self._blocks_of(prefix):
            raw, lengths, _, _ = self._raw_block(number)
            first, last = 0, len(lengths)
            found = []
            if raw.startswith(prefix) and number + 1 < self.blocks and self._first_key(number + 1).startswith(prefix):
                # Keys follow each other without a mark, so each part but the last ends in the name of the next field.
                found = raw.decode("utf-8", "surrogatepass").split("\0")[part::part]
                found[:-1] = [each[:-named] for each in found[:-1]]
            if len(found) != last:
                keys = self.block(number)[0]
                first, last = _ends_of(keys, prefix)
                ends = [key.split(b"\0", part)[part] for key in keys[first:last]]
                found = [end.decode("utf-8", "surrogatepass") for end in ends]
            if found:
                yield found, self.frequencies[number * BLOCK + first : number * BLOCK + last]

    def key_at(self, ordinal: int) -> bytes:
        """The key with that ordinal. Costs about 3 µs: the block's other keys are not taken apart."""
        keys, lengths, _, _ = self._raw_block(ordinal // BLOCK)
        start = sum(lengths[: ordinal % BLOCK])
        return keys[start : start + lengths[ordinal % BLOCK]]

    @cached_property
    def frequencies(self) -> memoryview:
        """Document frequencies by ordinal, deleted documents included."""
        return self.container.verified("frequencies").cast("I")

    @cached_property
    def profiles(self) -> list[int]:
        """Frequencies by profile number."""
        return self.container.verified("profiles").cast("I").tolist()

    @cached_property
    def shares(self) -> list[int]:
        """How many postings have each profile."""
        return self.container.verified("shares").cast("I").tolist()

    def _docs_size(self, entry: TermEntry) -> int:
        if entry.grouped:
            return 2 * groups_of(self.documents) + entry.frequency
        return self.width * entry.frequency

    def postings(self, entry: TermEntry) -> Postings:
        """The postings of an entry; costs one checksum over their bytes, and some copies of bytes."""
        n = entry.frequency
        codes_at = self._docs_size(entry)
        end = codes_at + n * (1 + entry.value_size if entry.value_size else 0)
        data = self._view_postings(entry.offset, entry.offset + end)
        if crc32(data) != entry.checksum:
            raise self.container.damaged("the postings of a term are wrong")
        docs = ungrouped(data[:codes_at], n) if entry.grouped else unpacked(data[:codes_at], self.width)
        if not entry.value_size:
            return Postings(docs, None, memoryview(b""), 0, ())
        codes, packed = data[codes_at : codes_at + n], data[codes_at + n :]
        return Postings(docs, codes, packed, entry.value_size, self.profiles)
