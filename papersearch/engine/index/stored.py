"""The stored row of a document: its facts and texts as JSON, compressed by itself.

Each row is compressed (raw deflate) with a dictionary of what many posts say, ``phrases.txt``: so a row of a kilobyte
shrinks to two fifths and is read at 10 µs, without the rows around it. Whole blocks of 16 rows without a dictionary
would be about as small, but take ten times as long to read one from; zstd is three times as fast but is in no standard
library before Python 3.14, and importing it costs more than it saves. The dictionary is part of the format: rows of
another one cannot be read.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Of zlib's levels the one where a smaller row begins to cost more than it saves (measured at 87,288: 2 makes the rows
# 5 % larger at four fifths of the time, 5 makes them 3 % smaller at a third more). With zlib's most memory, 9 in place
# of 8, the state that is copied for each row is so large that a row costs twice as much.
_LEVEL, _MEMORY = 4, 8
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def phrases() -> bytes:
    """What many posts say, the commonest last; made by ``benchmarks/phrases.py``."""
    with open(os.path.join(os.path.dirname(__file__), "phrases.txt"), "rb") as file:
        return file.read()


@cache
def _compressor() -> zlib._Compress:
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, _MEMORY, zlib.Z_DEFAULT_STRATEGY, phrases())


@cache
def _decompressor() -> zlib._Decompress:
    return zlib.decompressobj(-zlib.MAX_WBITS, phrases())


def pack_stored(fields: Mapping[str, Any]) -> bytes:
    """A stored row. Costs about 50 µs for an ordinary post."""
    compressor = _compressor().copy()
    return compressor.compress(_encode(fields).encode("utf-8", "surrogatepass")) + compressor.flush()


def unpack_stored(row: bytes | memoryview) -> dict[str, Any]:
    """The fields of a stored row."""
    data = _decompressor().copy().decompress(row)
    fields: dict[str, Any] = json.loads(data.decode("utf-8", "surrogatepass"))
    return fields
