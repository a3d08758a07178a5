"""Whole numbers in few bytes, as lists of them lie in the files of a segment.

They are kept byte by byte: first the lowest byte of all, then the next of all, and so on, as many as the largest can
need. So a list is put together by a few copies, at a nanosecond or two for each number, without loading numpy.

Sorted document numbers can be *grouped*: <H> how many lie in each ``GROUP`` documents, and then their lowest bytes.
"""

from __future__ import annotations

from operator import mul

from papersearch.engine.index.bits import worth_arrays

GROUP = 256
# Bytes of the largest numbers that are grouped: there are 65,536 groups at most.
MOST_GROUPED = 3
_ONE_BYTE = [bytes([value]) for value in range(256)]


def width_of(count: int) -> int:
    """Bytes that numbers below ``count`` need, at least 1."""
    return max(1, (max(0, count - 1).bit_length() + 7) // 8)


def groups_of(documents: int) -> int:
    """How many groups so many documents make."""
    return -(-documents // GROUP)


def unpacked(data: memoryview, width: int) -> memoryview:
    """The numbers that ``data`` holds in ``width`` bytes each."""
    n = len(data) // width
    numbers = bytearray(4 * n)
    for place in range(width):
        numbers[place::4] = data[place * n : (place + 1) * n]
    return memoryview(numbers).cast("I")


def ungrouped(data: memoryview, n: int) -> memoryview:
    """The ``n`` document numbers that ``data`` holds in groups."""
    if worth_arrays(n):
        from papersearch.engine.index import arrays

        return arrays.ungrouped(data, n)
    counts = data[: len(data) - n].cast("H").tolist()
    numbers = bytearray(4 * n)
    numbers[::4] = data[len(data) - n :]
    numbers[1::4] = b"".join(map(mul, _ONE_BYTE * (len(counts) // 256 + 1), counts))
    if len(counts) > 256:
        larger = [sum(counts[start : start + 256]) for start in range(0, len(counts), 256)]
        numbers[2::4] = b"".join(map(mul, _ONE_BYTE, larger))
    return memoryview(numbers).cast("I")
