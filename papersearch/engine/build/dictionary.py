"""Writes the terms file of a segment, which ``index.terms`` describes and reads."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

from papersearch.core.numeric import numpy as np
from papersearch.engine.index.container import SectionWriter
from papersearch.engine.index.terms import BLOCK, COUNTS, ENTRY

ENTRIES = np.dtype(
    [
        ("offset", "<u4"),
        ("checksum", "<u4"),
        ("frequency", "<u4"),
        ("grouped", "u1"),
        ("value_size", "u1"),
        ("top", "u1"),
        ("none", "u1"),
    ]
)
"""An array of entries has the bytes of as many ``ENTRY``."""


class Packed(NamedTuple):
    """Terms to be written: keys; the postings of all in one; where those of each begin, and the last end; and entries,
    whose offsets ``TermsWriter`` fills in. Terms without postings have an entry of zeros."""

    keys: Sequence[bytes]
    data: memoryview
    starts: np.ndarray
    entries: np.ndarray


class TermsWriter:
    """Writes a terms file; terms must come sorted by key."""

    def __init__(self, sections: SectionWriter, documents: int) -> None:
        self._sections = sections
        self._documents = documents
        self.count = 0
        self._offset = self._block_offset = 0
        self._keys: list[bytes] = []
        self._entries = b""
        self._frequencies = array("I")
        self._blocks = bytearray()
        self._block_starts = array("Q", [0])
        self._first_keys = bytearray()
        self._key_starts = array("I", [0])
        sections.begin("postings")

    def add(self, terms: Packed) -> None:
        """Append terms."""
        keys, data, starts, entries = terms
        begun = len(self._keys)
        # Offsets count from where the postings of the block begin, which may have been before these.
        numbers = np.arange(len(keys))
        offsets = starts[:-1] - starts[np.maximum(numbers - (numbers + begun) % BLOCK, 0)]
        offsets[: BLOCK - begun] += self._offset - self._block_offset
        entries["offset"] = offsets
        self._frequencies.frombytes(entries["frequency"].tobytes())
        written, place = entries.tobytes(), 0
        while place < len(keys):
            end = min(len(keys), place + BLOCK - len(self._keys))
            self._keys += keys[place:end]
            self._entries += written[place * ENTRY.size : end * ENTRY.size]
            first, last = int(starts[place]), int(starts[end])
            self._sections.write(data[first:last])
            self._offset += last - first
            place = end
            if len(self._keys) == BLOCK:
                self._end_block()
        self.count += len(keys)

    def add_bare(self, keys: Sequence[bytes]) -> None:
        """Append terms without postings."""
        none = np.zeros(len(keys) + 1, np.int64)
        self.add(Packed(keys, memoryview(b""), none, np.zeros(len(keys), ENTRIES)))

    def _end_block(self) -> None:
        keys = self._keys
        n = len(keys)
        entries = self._entries if self._entries != bytes(len(self._entries)) else b""  # none has postings
        head = struct.pack(f"<QHH{n}H", self._block_offset, n, len(entries) // ENTRY.size, *map(len, keys))
        body = head + entries + b"".join(keys)
        self._blocks += struct.pack("<I", crc32(body)) + body
        self._block_starts.append(len(self._blocks))
        self._first_keys += keys[0]
        self._key_starts.append(len(self._first_keys))
        self._block_offset, self._entries = self._offset, b""
        keys.clear()

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
