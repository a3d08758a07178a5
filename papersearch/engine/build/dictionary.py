"""Writes the terms file of a segment, which ``index.terms`` describes and reads."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple
from zlib import crc32

from papersearch.engine.index.container import SectionWriter
from papersearch.engine.index.terms import BLOCK, COUNTS, ENTRY


class Packed(NamedTuple):
    """Terms to be written: keys, postings of each, and the fields of their entries."""

    keys: Sequence[bytes]
    data: Sequence[bytes | memoryview]
    frequencies: Sequence[int]
    grouped: Sequence[int]
    value_sizes: Sequence[int]
    tops: Sequence[int]

    def part(self, start: int, end: int) -> Packed:
        """Some of the terms."""
        keys, data, frequencies, grouped, value_sizes, tops = self
        here = slice(start, end)
        return Packed(keys[here], data[here], frequencies[here], grouped[here], value_sizes[here], tops[here])


class TermsWriter:
    """Writes a terms file; terms must come sorted by key."""

    def __init__(self, sections: SectionWriter, documents: int) -> None:
        self._sections = sections
        self._documents = documents
        self.count = 0
        self._offset = self._block_offset = 0
        self._keys: list[bytes] = []
        self._entries: list[bytes] = []
        self._pending: list[bytes | memoryview] = []
        self._frequencies = array("I")
        self._blocks = bytearray()
        self._block_starts = array("Q", [0])
        self._first_keys = bytearray()
        self._key_starts = array("I", [0])
        sections.begin("postings")

    def add(self, terms: Packed) -> None:
        """Append terms."""
        place = 0
        while place < len(terms.keys):
            end = place + BLOCK - len(self._keys)
            keys, data, frequencies, grouped, value_sizes, tops = terms.part(place, end)
            place = end
            offsets = [*accumulate(map(len, data), initial=self._offset - self._block_offset)]
            self._offset = self._block_offset + offsets.pop()
            self._entries += map(ENTRY.pack, offsets, map(crc32, data), frequencies, grouped, value_sizes, tops)
            self._keys += keys
            self._pending += data
            self._frequencies.extend(frequencies)
            self.count += len(keys)
            if len(self._keys) == BLOCK:
                self._end_block()

    def add_bare(self, keys: Sequence[bytes]) -> None:
        """Append terms without postings."""
        none = [0] * len(keys)
        self.add(Packed(keys, [b""] * len(keys), none, none, none, none))

    def _end_block(self) -> None:
        keys = self._keys
        n = len(keys)
        entries = b"".join(self._entries) if any(self._frequencies[-n:]) else b""
        head = struct.pack(f"<QHH{n}H", self._block_offset, n, len(entries) // ENTRY.size, *map(len, keys))
        body = head + entries + b"".join(keys)
        self._blocks += struct.pack("<I", crc32(body)) + body
        self._block_starts.append(len(self._blocks))
        self._first_keys += keys[0]
        self._key_starts.append(len(self._first_keys))
        self._sections.write(b"".join(self._pending))
        self._block_offset = self._offset
        for taken in (keys, self._entries, self._pending):
            taken.clear()

    def finish(self, profiles: Sequence[tuple[int, int]]) -> None:
        """Write the dictionary and (frequencies, share) of all profiles; the container is finished by the caller."""
        if self._keys:
            self._end_block()
        self._sections.add("blocks", self._blocks)
        self._sections.add("block_starts", self._block_starts.tobytes())
        self._sections.add("first_keys", self._first_keys)
        self._sections.add("key_starts", self._key_starts.tobytes())
        self._sections.add("frequencies", self._frequencies.tobytes())
        self._sections.add("profiles", array("I", [profile for profile, _ in profiles]).tobytes())
        self._sections.add("shares", array("I", [share for _, share in profiles]).tobytes())
        self._sections.add("count", COUNTS.pack(self.count, self._documents))
