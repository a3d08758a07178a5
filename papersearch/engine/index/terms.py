"""The terms file of a segment: a sorted dictionary of terms, and behind each term its packed postings.

A container with these sections:

    postings      per term: document numbers <I>*n, then weights, then values, padded to 4 bytes
    blocks        the dictionary in blocks of 64 terms (see below)
    block_starts  <Q> where each block starts, and one more for the end
    first_keys    the first key of every block, one after the other
    key_starts    <I> where each of them starts, and one more for the end
    frequencies   <I> document frequency of each term, by ordinal
    count         <Q> number of terms

A key is the field's name, a zero byte, and the term's bytes; keys are unique and sorted. A block is

    <I> crc32 of the rest, <H> number of terms, <H>*n lengths of the keys, ENTRY*n, the keys

and an entry ``<QIIBBBx>``: offset and checksum of the postings, document frequency, kind of weights, size of a value,
highest weight code. So a look-up reads one block, and everything it returns was verified.

Weights: kind ``ONES`` keeps nothing, ``COUNTS`` one byte a posting (whole numbers up to 255), ``CODES`` one byte
(levels of ``weights.LEVELS``), ``FLOATS`` ``<d>``. Values: a fixed size,
or ``VARIABLE``: ``<I>*(n+1)`` starts and the bytes.
A term's *ordinal* is its position in the dictionary.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, islice, repeat
from zlib import crc32

from papersearch.core.frozen import NamedTuple
from papersearch.engine.index.container import Container, SectionWriter
from papersearch.engine.index.weights import LEVELS

# After so many look-ups it pays to have the first keys of all blocks at hand (chosen: one query makes about a hundred).
_MANY = 300
BLOCK = 64
ENTRY = struct.Struct("<QIIBBBx")
ONES, COUNTS, CODES, FLOATS = range(4)
VARIABLE = 255
# Chosen: longer than the longest path. Nothing that long is a word, but posts of any kind must be indexed.
MOST_TERM = 4_096
WEIGHT_SIZE = {ONES: 0, COUNTS: 1, CODES: 1, FLOATS: 8}


def key_of(field: str, term: bytes | str) -> bytes:
    """The dictionary key of a field's term; of a longer one than ``MOST_TERM`` bytes its start and its digest."""
    data = term.encode("utf-8", "surrogatepass") if isinstance(term, str) else term
    return field.encode() + b"\0" + (data if len(data) <= MOST_TERM else _shortened(data))


def keys_of(field: str, terms: Iterable[str]) -> list[bytes]:
    """The keys of many terms, in their order."""
    start = field.encode() + b"\0"
    keys = [start + term.encode("utf-8", "surrogatepass") for term in terms]
    if max(map(len, keys), default=0) - len(start) > MOST_TERM:
        keys = [key_of(field, key[len(start) :]) for key in keys]
    return keys


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
    kind: int
    value_size: int
    top_code: int


class Postings(NamedTuple):
    """A term's postings as arrays over the mapped file, all of the same length and ordered by document number.

    ``weights`` is None for ``ONES``; ``values`` holds 2-byte values as numbers, is None where there are none, and
    ``blobs`` holds values of other sizes.
    """

    docs: memoryview
    kind: int
    weights: memoryview | None
    values: memoryview | None
    blobs: list[bytes] | None

    def weight_at(self, place: int) -> float:
        """The weight of the posting at a place."""
        if self.weights is None:
            return 1.0
        return LEVELS[self.weights[place]] if self.kind == CODES else float(self.weights[place])


# A term to be written: key, packed postings, how many, kind of weights, size of a value, highest weight code.
PackedTerm = tuple[bytes, bytes | memoryview, int, int, int, int]


def packed_term(
    key: bytes, docs: bytes, kind: int = ONES, weights: bytes = b"", values: bytes = b"", value_size: int = 0
) -> PackedTerm:
    """A term with its postings, packed and padded."""
    data = docs + weights + values
    top = max(weights) if kind in (COUNTS, CODES) and weights else 0
    return key, data + bytes(-len(data) & 3), len(docs) >> 2, kind, value_size, top


class TermsWriter:
    """Writes a terms file; terms must come sorted by key."""

    def __init__(self, sections: SectionWriter) -> None:
        self._sections = sections
        self.count = 0
        self._offset = 0
        self._keys: list[bytes] = []
        self._entries: list[bytes] = []
        self._pending: list[bytes | memoryview] = []
        self._frequencies = array("I")
        self._blocks = bytearray()
        self._block_starts = array("Q", [0])
        self._first_keys = bytearray()
        self._key_starts = array("I", [0])
        sections.begin("postings")

    def add_all(self, terms: Iterable[PackedTerm]) -> None:
        """Append terms whose postings are packed and padded already."""
        terms = iter(terms)
        while some := list(islice(terms, BLOCK - len(self._keys))):
            keys, data, frequencies, kinds, value_sizes, tops = zip(*some, strict=True)
            ends = list(accumulate(map(len, data), initial=self._offset))
            self._offset = ends.pop()
            entries = map(ENTRY.pack, ends, map(crc32, data), frequencies, kinds, value_sizes, tops)
            self._append(keys, entries, frequencies, data)

    def add_bare(self, keys: Iterable[bytes]) -> None:
        """Append terms without postings."""
        entry = ENTRY.pack(self._offset, 0, 0, ONES, 0, 0)
        rest = iter(keys)
        while some := list(islice(rest, BLOCK - len(self._keys))):
            self._append(some, repeat(entry, len(some)), repeat(0, len(some)), ())

    def _append(
        self,
        keys: Sequence[bytes],
        entries: Iterable[bytes],
        frequencies: Iterable[int],
        data: Sequence[bytes | memoryview],
    ) -> None:
        """Append terms that fit into the block."""
        self._keys += keys
        self._entries += entries
        self._frequencies.extend(frequencies)
        self._pending += data
        self.count += len(keys)
        if len(self._keys) == BLOCK:
            self._end_block()

    def _end_block(self) -> None:
        keys = self._keys
        n = len(keys)
        body = struct.pack(f"<H{n}H", n, *map(len, keys)) + b"".join(self._entries) + b"".join(keys)
        self._blocks += struct.pack("<I", crc32(body)) + body
        self._block_starts.append(len(self._blocks))
        self._first_keys += keys[0]
        self._key_starts.append(len(self._first_keys))
        self._sections.write(b"".join(self._pending))
        for taken in (keys, self._entries, self._pending):
            taken.clear()

    def finish(self) -> None:
        """Write the dictionary; the container is finished by the caller."""
        if self._keys:
            self._end_block()
        self._sections.add("blocks", self._blocks)
        self._sections.add("block_starts", self._block_starts.tobytes())
        self._sections.add("first_keys", self._first_keys)
        self._sections.add("key_starts", self._key_starts.tobytes())
        self._sections.add("frequencies", self._frequencies.tobytes())
        self._sections.add("count", struct.pack("<Q", self.count))


class TermsReader:
    """Looks terms up in a terms file. Safe for many threads; a look-up costs about 10 µs."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self._postings = container.view("postings")
        self._blocks = container.view("blocks")
        self._block_starts = container.verified("block_starts").cast("Q")
        self._first_keys = container.verified("first_keys")
        self._key_starts = container.verified("key_starts").cast("I")
        (self.count,) = struct.unpack("<Q", container.verified("count"))
        self._block = lru_cache(maxsize=512)(self._raw_block)
        self._looked_up = 0

    def _first_key(self, number: int) -> bytes:
        return bytes(self._first_keys[self._key_starts[number] : self._key_starts[number + 1]])

    @cached_property
    def _every_first_key(self) -> list[bytes]:
        return [self._first_key(number) for number in range(len(self._key_starts) - 1)]

    def _block_of(self, key: bytes) -> int:
        """The last block whose first key is not beyond ``key``; 0 if there is none."""
        self._looked_up += 1
        if self._looked_up > _MANY:
            return max(0, bisect_right(self._every_first_key, key) - 1)
        low, high = 0, len(self._key_starts) - 1
        while high - low > 1:
            middle = (low + high) // 2
            if self._first_key(middle) <= key:
                low = middle
            else:
                high = middle
        return low

    def _verified_block(self, number: int) -> memoryview:
        block = self._blocks[self._block_starts[number] : self._block_starts[number + 1]]
        (checksum,) = struct.unpack_from("<I", block)
        if crc32(block[4:]) != checksum:
            raise self.container.damaged("a block of its dictionary is wrong")
        return block

    def _raw_block(self, number: int) -> tuple[bytes, memoryview, memoryview]:
        """The keys of a block in one, their lengths, and the entries."""
        block = self._verified_block(number)
        (n,) = struct.unpack_from("<H", block, 4)
        entries_at = 6 + 2 * n
        keys_at = entries_at + n * ENTRY.size
        return bytes(block[keys_at:]), block[6:entries_at].cast("H"), block[entries_at:keys_at]

    def _read_block(self, number: int) -> tuple[list[bytes], memoryview]:
        block = self._verified_block(number)
        (n,) = struct.unpack_from("<H", block, 4)
        lengths = struct.unpack_from(f"<{n}H", block, 6)
        entries_at = 6 + 2 * n
        at = entries_at + n * ENTRY.size
        raw = bytes(block[at:])
        keys, start = [], 0
        for length in lengths:
            keys.append(raw[start : start + length])
            start += length
        return keys, block[entries_at:at]

    def find(self, key: bytes) -> TermEntry | None:
        """The entry of a key, or None."""
        if not self.count:
            return None
        number = self._block_of(key)
        keys, lengths, entries = self._block(number)
        at = keys.find(key)
        if at < 0:
            return None  # as most spellings that are tried
        place = start = 0
        for place, length in enumerate(lengths):
            if start >= at and length == len(key) and keys.startswith(key, start):
                return TermEntry(number * BLOCK + place, *ENTRY.unpack_from(entries, place * ENTRY.size))
            start += length
        return None

    def has_prefix(self, prefix: bytes) -> bool:
        """Whether a key starts with ``prefix``."""
        if not self.count:
            return False
        number = self._block_of(prefix)
        keys, lengths, _ = self._block(number)
        start = 0
        if prefix in keys:
            for length in lengths:
                if length >= len(prefix) and keys.startswith(prefix, start):
                    return True
                start += length
        return number + 2 < len(self._key_starts) and self._first_key(number + 1).startswith(prefix)

    def scan(self, start: bytes = b"") -> Iterator[tuple[bytes, TermEntry]]:
        """Keys and entries in order, from the first key that is not below ``start``."""
        if not self.count:
            return
        number = self._block_of(start)
        for block in range(number, len(self._block_starts) - 1):
            keys, entries = self._read_block(block)
            for place, key in enumerate(keys):
                if key >= start:
                    yield key, TermEntry(block * BLOCK + place, *ENTRY.unpack_from(entries, place * ENTRY.size))

    def items(self) -> Iterator[tuple[bytes, TermEntry]]:
        """All keys with their entries, in order, as plain tuples; for merging, where every microsecond counts."""
        for block in range(len(self._block_starts) - 1):
            keys, entries = self._read_block(block)
            for ordinal, (key, entry) in enumerate(zip(keys, ENTRY.iter_unpack(entries), strict=True), block * BLOCK):
                yield key, TermEntry(ordinal, *entry)

    def prefixed(self, prefix: bytes) -> Iterator[tuple[bytes, TermEntry]]:
        """Keys and entries whose key starts with ``prefix``, in order."""
        for key, entry in self.scan(prefix):
            if not key.startswith(prefix):
                return
            yield key, entry

    def keys(self, prefix: bytes) -> Iterator[bytes]:
        """Keys that start with ``prefix``, in order; costs less than half of ``prefixed``."""
        if not self.count:
            return
        for block in range(self._block_of(prefix), len(self._block_starts) - 1):
            keys = self._read_block(block)[0]
            if keys[0].startswith(prefix) and keys[-1].startswith(prefix):
                yield from keys
                continue
            yield from (key for key in keys if key.startswith(prefix))
            if keys[-1] > prefix and not keys[-1].startswith(prefix):
                return

    def key_at(self, ordinal: int) -> bytes:
        """The key with that ordinal. Costs about 3 µs: the block's other keys are not taken apart."""
        block = self._verified_block(ordinal // BLOCK)
        (n,) = struct.unpack_from("<H", block, 4)
        lengths = block[6 : 6 + 2 * n].cast("H")
        place = ordinal % BLOCK
        start = 6 + 2 * n + n * ENTRY.size + sum(lengths[:place])
        return bytes(block[start : start + lengths[place]])

    @cached_property
    def frequencies(self) -> memoryview:
        """Document frequencies by ordinal, deleted documents included."""
        return self.container.verified("frequencies").cast("I")

    def size_of(self, entry: TermEntry) -> int:
        """Bytes of the docs, weights and fixed-size values of an entry."""
        size = entry.frequency * (4 + WEIGHT_SIZE[entry.kind])
        return size if entry.value_size == VARIABLE else size + entry.frequency * entry.value_size

    def raw(self, entry: TermEntry) -> memoryview:
        """The verified bytes of an entry's postings, padding included."""
        size = self.size_of(entry)
        if entry.value_size == VARIABLE:
            starts = self._postings[entry.offset + size : entry.offset + size + 4 * (entry.frequency + 1)]
            size += len(starts) + (starts.cast("I")[-1] if len(starts) else 0)
        data = self._postings[entry.offset : entry.offset + size + -size % 4]
        if crc32(data) != entry.checksum:
            raise self.container.damaged("the postings of a term are wrong")
        return data

    def postings(self, entry: TermEntry) -> Postings:
        """The postings of an entry; costs one checksum over their bytes."""
        return split_postings(self.raw(entry), entry)


def split_postings(data: memoryview, entry: TermEntry) -> Postings:
    """Arrays over the bytes of an entry's postings."""
    n = entry.frequency
    docs_end = 4 * n
    weights_end = docs_end + n * WEIGHT_SIZE[entry.kind]
    weights: memoryview | None = None
    if entry.kind != ONES:
        weights = data[docs_end:weights_end]
        if entry.kind == FLOATS:
            weights = weights.cast("d")  # type: ignore[assignment]
    docs = data[:docs_end].cast("I")
    if entry.value_size == 2:
        return Postings(docs, entry.kind, weights, data[weights_end : weights_end + 2 * n].cast("H"), None)
    blobs: list[bytes] | None = None
    if entry.value_size == VARIABLE:
        starts = data[weights_end : weights_end + 4 * (n + 1)].cast("I")
        body = weights_end + 4 * (n + 1)
        blobs = [bytes(data[body + starts[i] : body + starts[i + 1]]) for i in range(n)]
    elif entry.value_size:
        size = entry.value_size
        blobs = [bytes(data[weights_end + i * size : weights_end + (i + 1) * size]) for i in range(n)]
    return Postings(docs, entry.kind, weights, None, blobs)
