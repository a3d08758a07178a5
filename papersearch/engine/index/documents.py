"""The documents file of a segment: what is known of each document, by document number.

A container with these sections, N documents in each:

    stored          rows of JSON; the first indexes compressed theirs by zlib (these start with 0x78)
    stored_starts   <Q>*(N+1)
    stored_checks   <I>*N     crc32 of each row
    tokens          <I> rows: the ordinals of the document's words in order, all text fields one after the other
    token_starts    <Q>*(N+1) in tokens, not bytes
    token_checks    <I>*N     crc32 of each row
    length.NAME     <I>*N     words in the field NAME
    column.NAME     <I>*N     a number per document, such as ``published`` in days (0: not known)

A word's position in its field is its position in the row, less the lengths of the fields before.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from zlib import crc32

from papersearch.engine.index.container import Container, SectionWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def pack_stored(fields: Mapping[str, Any]) -> bytes:
    """A stored row."""
    return _encode(fields).encode("utf-8", "surrogatepass")


def unpack_stored(row: bytes | memoryview) -> dict[str, Any]:
    """The fields of a stored row."""
    data = zlib.decompress(row) if row[0] == 0x78 else bytes(row)
    fields: dict[str, Any] = json.loads(data.decode("utf-8", "surrogatepass"))
    return fields


def write_documents(
    sections: SectionWriter,
    stored: Iterable[bytes | memoryview],
    tokens: Iterable[bytes | memoryview],
    lengths: Mapping[str, array[int] | memoryview],
    columns: Mapping[str, array[int]],
) -> None:
    """Write all sections; ``stored`` and ``tokens`` are consumed row by row, so nothing is held in memory."""
    _write_rows(sections, "stored", stored, 1)
    _write_rows(sections, "token", tokens, 4)
    for name, values in sorted(lengths.items()):
        sections.add("length." + name, values.tobytes())
    for name, values in sorted(columns.items()):
        sections.add("column." + name, values.tobytes())


def _write_rows(sections: SectionWriter, name: str, rows: Iterable[bytes | memoryview], unit: int) -> None:
    starts, checks, at = array("Q", [0]), array("I"), 0
    sections.begin("tokens" if name == "token" else name)
    for row in rows:
        sections.write(row)
        at += len(row) // unit
        starts.append(at)
        checks.append(crc32(row))
    sections.add(name + "_starts", starts.tobytes())
    sections.add(name + "_checks", checks.tobytes())


class DocumentsReader:
    """Reads a documents file; every row is verified when it is read. Safe for many threads."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self._stored = container.view("stored")
        self._stored_starts = container.view("stored_starts").cast("Q")
        self._stored_checks = container.view("stored_checks").cast("I")
        self._tokens = container.view("tokens")
        self._token_starts = container.view("token_starts").cast("Q")
        self._token_checks = container.view("token_checks").cast("I")
        self.count = len(self._stored_checks)
        self._array = lru_cache(maxsize=None)(self._read_array)

    def stored_row(self, doc: int) -> memoryview:
        """The stored row as it is in the file."""
        row = self._stored[self._stored_starts[doc] : self._stored_starts[doc + 1]]
        if crc32(row) != self._stored_checks[doc]:
            raise self.container.damaged(f"document {doc} is wrong")
        return row

    def stored(self, doc: int) -> dict[str, Any]:
        """The stored fields of a document."""
        return unpack_stored(self.stored_row(doc))

    def token_row(self, doc: int) -> memoryview:
        """The ordinals of a document's words as bytes, 4 for each."""
        row = self._tokens[self._token_starts[doc] * 4 : self._token_starts[doc + 1] * 4]
        if crc32(row) != self._token_checks[doc]:
            raise self.container.damaged(f"the words of document {doc} are wrong")
        return row

    def rows_with(self, run: bytes, docs: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        """(document, row of words) of those whose row holds some bytes. Costs about a microsecond for each document."""
        tokens, starts, checks = self._tokens, self._token_starts, self._token_checks
        for doc in docs:
            row = bytes(tokens[starts[doc] * 4 : starts[doc + 1] * 4])
            if crc32(row) != checks[doc]:
                raise self.container.damaged(f"the words of document {doc} are wrong")
            if run in row:
                yield doc, row

    def length(self, field: str) -> memoryview:
        """Words in the field, by document number."""
        return self._array("length." + field)

    def column(self, name: str) -> memoryview:
        """Numbers by document number."""
        return self._array("column." + name)

    def _read_array(self, section: str) -> memoryview:
        return self.container.verified(section).cast("I")

    def array_names(self, kind: str) -> list[str]:
        """Names of the fields with a ``length`` or of the ``column``s."""
        return [name[len(kind) + 1 :] for name in self.container.names() if name.startswith(kind + ".")]
