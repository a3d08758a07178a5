"""The documents file of a segment: what is known of each document, by document number.

A container with these sections, N documents in each:

    stored          rows of JSON, each compressed by itself (see below)
    stored_starts   <Q>*(N+1)
    stored_checks   <I>*N     crc32 of each row
    tokens          rows of numbers: the ordinals of the document's words in order, all text fields one after the other
    token_starts    <Q>*(N+1) in tokens, not bytes
    token_checks    <I>*N     crc32 of each row
    token_width     <B>       bytes of a token, as many as the largest ordinal needs
    break_starts    <B>, <H> or <I>*(N+1) in breaks
    breaks          <B>, <H> or <I>   where in a row the next of several authors or tags begins
    length.NAME     <B>, <H> or <I>*N   words in the field NAME, as wide as the largest needs
    column.NAME     <I>*N     a number per document, such as ``published`` in days (0: not known); ``title_1`` and
                              ``title_2`` are what the title begins with (see ``title_key``)

A word's position in its field is its position in the row, less the lengths of the fields before. Rows are given, and
asked for, with 4 bytes a word, whatever they take in the file.

A stored row is compressed (raw deflate) with a dictionary of what many posts say, ``phrases.txt``: so a row of a
kilobyte shrinks to two fifths and is read at 10 µs, without the rows around it. Whole blocks of 16 rows without a
dictionary would be about as small, but take ten times as long to read one from; zstd is three times as fast but is in
no standard library before Python 3.14, and importing it costs more than it saves. The dictionary is part of the format:
rows of another one cannot be read.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from operator import gt, itemgetter
from zlib import crc32

from papersearch.core import json_reader
from papersearch.core.caches import cached_method
from papersearch.core.errors import DamagedIndexError
from papersearch.engine.index.container import Container
from papersearch.engine.index.paths import full_path, home_of
from papersearch.engine.index.runs import within_values
from papersearch.text.folding import plain_letters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal


TITLE_COLUMNS = ("title_1", "title_2")

_SHOWN = 256  # documents whose stored fields are remembered (chosen: about a megabyte)
_LARGEST = 16_384  # bytes of what is remembered of a document: of many huge ones it would fill the memory
WIDTHS: dict[Literal["B", "H", "I"], int] = {"B": 1, "H": 2, "I": 4}  # bytes of the numbers of lengths and columns
_ROWS = 1_024  # rows of words that are remembered (chosen: about a megabyte)

# Of zlib's levels the one that is cheapest for what it saves (measured at 87,288: 4 makes the rows 5 % smaller, 3 MB of
# 177, and a run 2 % dearer; 5 makes them 8 % smaller at 5 %). With zlib's most memory, 9 in place of 8, the state that
# is copied for each row is so large that a row costs twice as much.
_LEVEL, _MEMORY = 2, 8


def precedence(version: int | None, posted: str | None, path: str) -> tuple[int, str, int, str]:
    """By what the posts about one paper are sorted: shown is that of the highest version, then that posted last. Of two
    that tell no difference the shorter path counts: what syncs or copies files adds to the name
    (``note.sync-conflict-20250102-...md``), and a site is built in a folder below (``_site/posts/note.md``)."""
    return version or 0, posted or "", -len(path), path


def day_number(date: str | None) -> int:
    """Days since year 1 of an ISO date, 0 where there is none. A year or a month counts as its first day."""
    if not date:
        return 0
    import datetime  # most queries only read such numbers

    try:
        day = date[:10] if len(date) >= 10 else date + "-01-01"[len(date) - 4 :]
        return datetime.date.fromisoformat(day).toordinal()
    except ValueError:
        return 0


def title_key(title: str) -> tuple[int, int]:
    """The first eight bytes of a title as it is sorted, without regard to case and accents, as two numbers: in their
    order come the titles that differ there."""
    start = plain_letters(title[:64]).encode("utf-8", "surrogatepass")[:8].ljust(8, b"\0")
    return int.from_bytes(start[:4], "big"), int.from_bytes(start[4:], "big")


def phrases() -> bytes:
    """The dictionary for stored rows: what many posts say, the commonest last; made by ``benchmarks/phrases.py``."""
    with open(os.path.join(os.path.dirname(__file__), "phrases.txt"), "rb") as file:
        return file.read()


@cache
def _encoder() -> Callable[[Any], str]:
    import json  # queries only read

    return json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@cache
def _compressor() -> zlib._Compress:
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, _MEMORY, zlib.Z_DEFAULT_STRATEGY, phrases())


@cache
def _decompressor() -> zlib._Decompress:
    return zlib.decompressobj(-zlib.MAX_WBITS, phrases())


def pack_stored(fields: Mapping[str, Any]) -> bytes:
    """A stored row. Costs about 50 µs for an ordinary post."""
    compressor = _compressor().copy()
    return compressor.compress(_encoder()(fields).encode("utf-8", "surrogatepass")) + compressor.flush()


def _unpack_stored(row: bytes | memoryview, most: int) -> dict[str, Any]:
    """The fields of a stored row; none if they take more than ``most`` bytes, unless that is 0."""
    decompressor = _decompressor().copy()
    data = decompressor.decompress(row, most)
    if most and not decompressor.eof:
        return {}
    fields: dict[str, Any] = json_reader.loads(data.decode("utf-8", "surrogatepass"))
    return fields


def any_of(found: Iterable[tuple[DocumentsReader, Sequence[int]]]) -> dict[str, Any]:
    """The stored fields of one of the given documents of several files; empty if there are none. Which one it is
    depends on what the documents hold, and not on the order in which they were indexed."""
    some = ((each, docs, map(each._stored_checks.__getitem__, docs)) for each, docs in found if docs)
    least = [(*min(zip(checks, docs, strict=True)), each) for each, docs, checks in some]
    _, doc, file = min(least, key=itemgetter(0), default=(0, 0, None))
    return file.stored(doc) if file is not None else {}


class DocumentsReader:
    """Reads a documents file; every row is verified when it is read. Safe for many threads.

    ``stored_starts`` and ``token_starts`` are where each document's row begins, and where the last ends: in bytes, and
    in words.
    """

    def __init__(self, container: Container) -> None:
        self.container = container
        self._home = home_of(os.path.dirname(container.path))
        self._stored_rows, self._view_stored = container.view("stored"), container.viewing("stored")
        self.stored_starts = container.view("stored_starts").cast("Q")
        self._stored_checks = container.view("stored_checks").cast("I")
        self._tokens, self._read_tokens = container.view("tokens"), container.reading("tokens")
        self.token_starts = container.view("token_starts").cast("Q")
        self._token_checks = container.view("token_checks").cast("I")
        self.width = container.verified("token_width")[0]
        self.count = len(self._stored_checks)
        self._array = cached_method(None, self._read_array)
        self.breaks = cached_method(1, self._read_breaks)
        # The rows of candidates are read again for what is marked in hits, and for the next page or letter typed.
        self._known_row = cached_method(_ROWS, self._token_row)
        # So are the stored fields.
        self._known_fields = cached_method(_SHOWN, self._stored_if_small)

    def check_rows(self) -> None:
        """Raise ``DamagedIndexError`` where rows do not lie one after the other in their section."""
        for starts, checks, size in (
            (self.stored_starts, self._stored_checks, len(self._stored_rows)),
            (self.token_starts, self._token_checks, len(self._tokens) // self.width),
        ):
            fits = len(starts) == self.count + 1 and len(checks) == self.count and (starts[0], starts[-1]) == (0, size)
            if not fits or any(map(gt, starts, starts[1:])):
                raise self.container.damaged("its rows do not follow each other")

    def _stored_row(self, doc: int) -> memoryview:
        row = self._view_stored(self.stored_starts[doc], self.stored_starts[doc + 1])
        if crc32(row) != self._stored_checks[doc]:
            raise self.container.damaged(f"document {doc} is wrong")
        return row

    def stored(self, doc: int) -> dict[str, Any]:
        """The stored fields of a document, which nobody may change."""
        return self._known_fields(doc) or self._stored(doc)

    def _stored_if_small(self, doc: int) -> dict[str, Any]:
        return self._stored(doc, _LARGEST)

    def _stored(self, doc: int, most: int = 0) -> dict[str, Any]:
        fields = _unpack_stored(self._stored_row(doc), most)
        if "path" in fields:
            fields["path"] = full_path(fields["path"], self._home)
        return fields

    def raw_stored(self, first: int, last: int) -> memoryview:
        """The stored rows of the documents from ``first`` to before ``last`` as they are in the file, not verified."""
        return self._stored_rows[self.stored_starts[first] : self.stored_starts[last]]

    def raw_tokens(self, first: int, last: int) -> memoryview:
        """Their words, likewise."""
        return self._tokens[self.token_starts[first] * self.width : self.token_starts[last] * self.width]

    def token_row(self, doc: int) -> bytes:
        """The ordinals of a document's words as bytes, 4 for each."""
        starts = self.token_starts
        return self._known_row(doc) if (starts[doc + 1] - starts[doc]) * 4 <= _LARGEST else self._token_row(doc)

    def _token_row(self, doc: int) -> bytes:
        starts, width = self.token_starts, self.width
        row = self._read_tokens(starts[doc] * width, starts[doc + 1] * width)
        if crc32(row) != self._token_checks[doc]:
            raise self._damaged_words(doc)
        return self._widened(row)

    def token_rows(self, docs: Sequence[int]) -> bytes:
        """The rows of some documents, one after the other."""
        return self._widened(self.raw_rows(docs))

    def raw_rows(self, docs: Sequence[int]) -> bytes:
        """As ``token_rows``, as they are in the file: ``width`` bytes for each word."""
        starts, read, width = self.token_starts, self._read_tokens, self.width
        rows = [read(starts[doc] * width, starts[doc + 1] * width) for doc in docs]
        for doc, row, checksum in zip(docs, map(crc32, rows), map(self._token_checks.__getitem__, docs), strict=True):
            if row != checksum:
                raise self._damaged_words(doc)
        return b"".join(rows)

    def _widened(self, row: bytes) -> bytes:
        width = self.width
        widened = bytearray(4 * (len(row) // width))
        for place in range(width):
            widened[place::4] = row[place::width]
        return bytes(widened)

    def places_of(self, run: bytes, docs: Iterable[int]) -> Iterator[tuple[int, list[int]]]:
        """(document, where in its row a run of words begins that does not go on over a break) of those that have it, in
        words. Costs about a microsecond for each document: rows are searched as they are in the file."""
        read, starts, checks, width = self._read_tokens, self.token_starts, self._token_checks, self.width
        packed, length = b"".join(run[at : at + width] for at in range(0, len(run), 4)), len(run) // 4
        break_starts, breaks = self.breaks()
        for doc in docs:
            row = read(starts[doc] * width, starts[doc + 1] * width)
            if crc32(row) != checks[doc]:
                raise self._damaged_words(doc)
            places = []
            at = row.find(packed)
            while at >= 0:
                if not at % width:
                    places.append(at // width)
                at = row.find(packed, at + 1)
            if not places:
                continue
            first, last = break_starts[doc], break_starts[doc + 1]
            if first < last and places[0] < breaks[last - 1] and places[-1] + length > breaks[first]:
                places = within_values(places, breaks[first:last], length)
            if places:
                yield doc, places

    def _damaged_words(self, doc: int) -> DamagedIndexError:
        return self.container.damaged(f"the words of document {doc} are wrong")

    def length(self, field: str) -> memoryview:
        """Words in the field, by document number."""
        return self._array("length." + field)

    def column(self, name: str) -> memoryview:
        """Numbers by document number."""
        return self._array("column." + name)

    def _read_breaks(self) -> tuple[memoryview, memoryview]:
        """(where those of each document begin, and the last end, breaks): the places in rows where the next value of a
        field begins, into which no run of words goes on from the one before."""
        starts = self._numbers("break_starts", self.count + 1)
        return starts, self._numbers("breaks", starts[-1])

    def _read_array(self, section: str) -> memoryview:
        return self._numbers(section, self.count)

    def _numbers(self, section: str, count: int) -> memoryview:
        """A section of so many numbers."""
        data = self.container.verified(section)
        for kind, width in WIDTHS.items():
            if len(data) == width * count:
                return data.cast(kind)
        raise self.container.damaged(f"its section {section} is of another length")

    def arrays(self, kind: Literal["length", "column"]) -> Iterator[tuple[str, memoryview]]:
        """What ``length`` gives for each field, or ``column`` for each name."""
        for section in self.container.names():
            if section.startswith(f"{kind}."):
                yield section[len(kind) + 1 :], self._array(section)
