"""Sets of documents as whole numbers of which bit d stands for document d; from them to lists, and back.

Large ones are made by ``arrays``, once a process has done so much of this that loading numpy pays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import accumulate, compress, pairwise
from math import inf
from sys import modules

_ONE_BIT = {1 << place: place for place in range(8)}
# Up to so many documents of a set are found byte by byte, more of them digit by digit (measured at 87,288).
_SPARSE = 400
# Of a bit set as text, which bytes are the digits 0 and 1.
_DIGITS = bytes(48) + bytes([0, 1]) + bytes(206)
# Below this many documents, setting bits one by one is cheaper than by way of a byte each (measured at 87,288).
_FEW = 2_000
# numpy is loaded once so many documents were handled one by one: at 40 ns each, that took as long as loading it takes.
_PATIENCE = 2_000_000
# Up to so many documents numpy is no faster than doing without.
_WORTH_IT = 400
_done = 0.0  # documents handled one by one so far; -inf if numpy cannot be loaded


@cache
def _at_least(code: int) -> bytes:
    """The table that turns codes into 1 where they are at least so high, else 0."""
    return bytes(code) + b"\1" * (256 - code)


def worth_arrays(work: int) -> bool:
    """Whether work on so many documents is better done by ``arrays``, which then is loaded. Where numpy is loaded
    already it costs no patience."""
    global _done
    if _done < _PATIENCE:
        _done += _PATIENCE if "numpy" in modules else work
        if _done >= _PATIENCE and not _arrays_load():
            _done = -inf
    return work > _WORTH_IT and _done >= _PATIENCE


def _arrays_load() -> bool:
    """Whether ``arrays`` can be loaded: where there is no room for numpy, all goes on without it."""
    try:
        import papersearch.engine.index.arrays  # noqa: F401
    except (ImportError, MemoryError, OSError):
        return False
    return True


def uses_arrays() -> bool:
    """Whether what is worth it is done by ``arrays`` by now."""
    return _done >= _PATIENCE


def bits_of(docs: Sequence[int], count: int) -> int:
    """The bit set of document numbers below ``count``."""
    if worth_arrays(len(docs)):
        from papersearch.engine.index import arrays

        return arrays.bits_of(docs, count)
    if len(docs) < _FEW:
        packed = bytearray(count // 8 + 1)
        for doc in docs:
            packed[doc >> 3] |= 1 << (doc & 7)
        return int.from_bytes(packed, "little")
    flags = bytearray(count)
    for doc in docs:
        flags[doc] = 1
    return _bits_of_flags(flags)


def _bits_of_flags(flags: bytearray) -> int:
    """The bit set of a 0 or 1 for each document: every eighth byte is a number whose bits are eight apart."""
    bits = 0
    for place in range(8):
        bits |= int.from_bytes(flags[place::8], "little") << place
    return bits


def bits_by_code(column: bytearray, codes: Sequence[int]) -> list[int]:
    """The bit sets of the documents from each of a few codes on: as ``_bits_of_flags``, for all of them at once."""
    if worth_arrays(len(column) // 64):
        from papersearch.engine.index import arrays

        return arrays.bits_by_code(column, codes)
    flags_of = _flags_by_code(tuple(codes))
    ones = int.from_bytes(b"\1" * (len(column) // 8 + 1), "little")
    bits = [0] * len(codes)
    for place in range(8):
        flags = int.from_bytes(column[place::8].translate(flags_of), "little")
        for number in range(len(codes)):
            bits[number] |= (flags >> number & ones) << place
    return bits


@lru_cache(maxsize=16)
def _flags_by_code(codes: tuple[int, ...]) -> bytes:
    """For each code a byte whose bit n says whether it is ``codes[n]`` or higher."""
    flags = sum(int.from_bytes(_at_least(least), "little") << number for number, least in enumerate(codes))
    return flags.to_bytes(256, "little")


def bits_at(docs: Sequence[int], codes: Sequence[int], code: int, count: int) -> int:
    """The bit set of the documents whose code is ``code`` or higher."""
    if worth_arrays(len(docs)):
        from papersearch.engine.index import arrays

        return arrays.bits_at(docs, bytes(codes), code, count)
    return bits_of(list(compress(docs, bytes(codes).translate(_at_least(code)))), count)


def column_of(docs: Sequence[int], codes: Sequence[int], count: int) -> bytearray:
    """The code of each of ``count`` documents, 0 of those that are not among ``docs``. Costs 40 ns for each that is."""
    if worth_arrays(len(docs)):
        from papersearch.engine.index import arrays

        return arrays.column_of(docs, bytes(codes), count)
    column = bytearray(count)
    for doc, code in zip(docs, bytes(codes), strict=True):
        column[doc] = code
    return column


def raise_codes(column: bytearray, docs: Sequence[int], codes: Sequence[int]) -> None:
    """Raise the codes of some documents in a column to ``codes``, where these are higher."""
    if worth_arrays(len(docs)):
        from papersearch.engine.index import arrays

        return arrays.raise_codes(column, docs, bytes(codes))
    for doc, code in zip(docs, bytes(codes), strict=True):
        if column[doc] < code:
            column[doc] = code
    return None


def common_to_each(docs: memoryview, sizes: Sequence[int], bits: int, count: int) -> Iterable[tuple[int, int]]:
    """(row, number of its documents that are in ``bits``) of the rows that have any; ``docs`` are those of all rows,
    one row after the other, so many of each, below ``count``. Costs 50 ns a document."""
    if worth_arrays(len(docs)):
        from papersearch.engine.index import arrays

        return arrays.common_to_each(docs, sizes, bits, count)
    held = bytearray(count)
    for doc in docs_of(bits):
        held[doc] = 1
    found = bytes(map(held.__getitem__, docs))
    ends = [*accumulate(sizes, initial=0)]
    counts = (found.count(1, start, end) for start, end in pairwise(ends))
    return [(row, number) for row, number in enumerate(counts) if number]


def flags_of(bits: int) -> bytes:
    """A bit set as ``holds`` wants it: to ask the number itself for one document costs as much as to copy it."""
    return bits.to_bytes(bits.bit_length() // 8 + 1, "little")


def holds(flags: bytes, doc: int) -> int:
    """1 if a document is in the bit set, else 0."""
    return flags[doc >> 3] >> (doc & 7) & 1 if doc >> 3 < len(flags) else 0


def docs_of(bits: int, most: int | None = None) -> list[int]:
    """The document numbers of a bit set, in order; only the first ``most`` if that is given."""
    size = bits.bit_length()
    is_large = uses_arrays() and size > 64 * _WORTH_IT  # to count its documents would cost as much as to list some
    count = 0 if is_large else bits.bit_count()
    if is_large or worth_arrays(max(count if most is None else min(count, most), size // 64)):
        from papersearch.engine.index import arrays

        return arrays.docs_of(bits, most)
    if most is None and count > _SPARSE:
        return _many_docs_of(bits, count)
    docs: list[int] = []
    data = bits.to_bytes((size + 7) // 8, "little")
    find = data.translate(_at_least(1)).find
    at = find(1)
    while at >= 0 and (most is None or len(docs) < most):
        byte, first = data[at], at * 8
        if byte in _ONE_BIT:
            docs.append(first + _ONE_BIT[byte])
        else:
            docs += (first + place for place in range(8) if byte >> place & 1)
        at = find(1, at + 1)
    return docs[:most]


def _many_docs_of(bits: int, count: int) -> list[int]:
    text = bin(bits)  # from the last document to the first
    if count * 8 > len(text):
        return list(compress(range(len(text)), text[:1:-1].encode().translate(_DIGITS)))
    docs = []
    last = len(text) - 1
    at = text.rfind("1", 2)
    while at >= 0:
        docs.append(last - at)
        at = text.rfind("1", 2, at)
    return docs
