"""The vector of a paper as its document keeps it, and what of a query is compared with it in the cluster.

The vector is that of ``engine.index.vectors``: whole numbers from -127 to 127, each a byte, and behind them the sum of
their squares (4 bytes, big-endian), of which the cluster needs the root. It compares whole numbers too, which only tell
which papers are nearest: how near they are is computed from the bytes by the code of the local engine.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from papersearch.core.frozen import NamedTuple
from papersearch.engine.index.vectors import VectorRows, rows_of

FIELDS = ["model", "vector", "vector_key"]  # that are fetched of a document
_SUM = struct.Struct(">I")
# A part of a query's vector of unit length is sent as a character: times this, from the middle of those that are not
# surrogates. Sums of products stay below 2^31 up to 10,000 dimensions.
_SCALE, _MIDDLE = 16_000, 32_768


class Vector(NamedTuple):
    """``model`` tells what made it, ``key`` the text that it stands for; ``data`` is empty if there is no text."""

    model: str
    key: str
    data: bytes

    def fields(self) -> dict[str, str]:
        """The fields of a document that keep it."""
        fields = {"model": self.model, "vector_key": self.key}
        return fields | {"vector": base64.b64encode(self.data).decode()} if self.data else fields


def stored_vectors(model: str, keys: Sequence[int], made: Sequence[Any], dimensions: int) -> Iterator[Vector]:
    """Vectors of unit length as they are kept; None stands for a text that has none."""
    rows = rows_of(keys, range(len(keys)), made, dimensions)
    for key, vector, row in zip(keys, made, rows.vectors, strict=True):
        numbers = row.astype("i8")
        data = row.tobytes() + _SUM.pack(int((numbers * numbers).sum())) if vector is not None else b""
        yield Vector(model, str(key), data)


def of_fields(fields: Mapping[str, Any], model: str) -> Vector:
    """What a document, of which the ``FIELDS`` were fetched, keeps of the vector by a model."""
    if fields.get("model") != [model]:
        return Vector(model, "", b"")
    text = fields.get("vector", [""])[0].replace("-", "+").replace("_", "/")  # either alphabet, without padding
    return Vector(model, fields["vector_key"][0], base64.b64decode(text + "=" * (-len(text) % 4)))


def rows(documents: Iterable[Mapping[str, Any]], model: str, dimensions: int) -> VectorRows:
    """What some documents keep, of which the ``FIELDS`` were fetched, as rows that are numbered; one without a vector
    has the length 0."""
    from papersearch.core.numeric import numpy

    empty = bytes(dimensions + _SUM.size)
    data = (of_fields(fields, model).data for fields in documents)
    whole = [each if len(each) == len(empty) else empty for each in data]
    table = numpy.frombuffer(b"".join(whole), numpy.int8).reshape(len(whole), len(empty))[:, :dimensions]
    sums = [_SUM.unpack_from(each, dimensions)[0] for each in whole]
    lengths = numpy.sqrt(numpy.array(sums, numpy.float64)).astype("<f2")
    count = len(whole)
    return VectorRows(numpy.zeros(count, "<u8"), numpy.arange(count, dtype="<u4"), lengths, table)


def asked(query: Any) -> str:
    """A vector of unit length as the cluster is sent it."""
    from papersearch.core.numeric import numpy

    return "".join(map(chr, (numpy.rint(query * _SCALE).astype(int) + _MIDDLE).tolist()))


# The cosine and 1, since a score must not be negative. `params.query` is what ``asked`` gives.
SCRIPT = f"""
String query = params.query; BytesRef kept = doc['vector'].value; byte[] bytes = kept.bytes;
int at = kept.offset; int size = query.length(); int sum = 0; double length = 0;
for (int n = 0; n < size; n++) {{ sum += bytes[at + n] * ((int) query.charAt(n) - {_MIDDLE}); }}
for (int n = 0; n < {_SUM.size}; n++) {{ length = 256 * length + (bytes[at + size + n] & 255); }}
return Math.max(0.0, 1.0 + sum / (Math.sqrt(length) * {_SCALE}.0));
"""
