"""Counted postings as the bytes of a segment's terms file, and back, on whole arrays.

Nothing that answers queries may import this module, since loading numpy costs as much as a query.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

from papersearch.core.numeric import numpy as np
from papersearch.core.numeric import repeat
from papersearch.engine.build.dictionary import ENTRIES, Packed
from papersearch.engine.build.postings import Columns, before, firsts
from papersearch.engine.index.numbers import MOST_GROUPED, groups_of, width_of


class Layout(NamedTuple):
    """How the postings of some terms lie in a file, an array for each of the fields of their entries."""

    starts: np.ndarray
    frequencies: np.ndarray
    grouped: np.ndarray
    value_sizes: np.ndarray


def sizes(layout: Layout, documents: int) -> np.ndarray:
    """How many bytes the postings of each term take."""
    _, counts, grouped, values = layout
    docs = np.where(grouped, 2 * groups_of(documents) + counts, width_of(documents) * counts)
    return docs + counts * np.where(values, 1 + values, 0)


def lay_out(columns: Columns, documents: int) -> tuple[memoryview, Layout, np.ndarray]:
    """The postings of some terms in the format of ``index.terms``, for a segment of so many ``documents``: their bytes,
    how they lie there, and the highest code of each term.

    The ``n`` postings of a term lie in columns of ``n`` bytes, one after the other::

        plain     documents: lowest bytes, next bytes, ...       | codes | numbers: lowest bytes, ...
        grouped   documents: <H> for each group, lowest bytes    | codes | numbers: lowest bytes, ...

    So the byte of posting ``i`` in column ``b`` of plain ones is at ``start + i + b * n``: ``at + b * step``, as
    ``_places`` tells.
    """
    terms, docs, codes, numbers = columns
    first = firsts(terms)
    counts = np.diff(first, append=len(terms))
    width, groups = width_of(documents), groups_of(documents)
    grouped = (width <= MOST_GROUPED) & (counts * (width - 1) > 2 * groups)
    values = np.zeros(len(counts), np.int64)
    if numbers is not None:
        largest = np.maximum.reduceat(numbers, first)
        values = np.where(largest < 1 << 8, 1, np.where(largest < 1 << 16, 2, 4))
    layout = Layout(np.empty(0, np.int64), counts, grouped, values)
    taken = sizes(layout, documents)
    layout = layout._replace(starts=before(taken))
    data = np.zeros(int(taken.sum()), np.uint8)
    at, step, plain = _places(layout)
    here, each, alone = (at, step, docs) if plain is None else (at[plain], step[plain], docs[plain])
    _put(data, here, each, alone, width)
    if plain is not None:
        rest = docs[~plain]
        data[at[~plain] + 2 * groups] = rest & 0xFF
        row = repeat(np.arange(int(grouped.sum())) * groups, counts[grouped])
        in_group = np.bincount(row + (rest >> np.uint32(8)), minlength=int(grouped.sum()) * groups)
        within = np.arange(2 * groups)
        data[layout.starts[grouped][:, None] + within] = in_group.astype("<u2").reshape(-1, groups).view(np.uint8)
    if codes is None or numbers is None:
        return memoryview(data), layout, np.zeros(len(counts), np.uint8)
    at = _after_docs(at, step, plain, documents)
    data[at] = codes
    _put(data, at + step, step, numbers, repeat(values, counts))
    return memoryview(data), layout, np.maximum.reduceat(codes, first)


def _places(layout: Layout) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Of each posting: ``at``, where its byte in the first column is if that is plain; ``step``, how many postings its
    term has, which is how far the next column is; and whether its document is ``plain``, not grouped (None: all are).
    """
    starts, counts, grouped, _ = layout
    total = int(counts.sum())
    plain = repeat(~grouped, counts) if grouped.any() else None
    return repeat(starts - before(counts), counts) + np.arange(total), repeat(counts, counts), plain


def _after_docs(at: np.ndarray, step: np.ndarray, plain: np.ndarray | None, documents: int) -> np.ndarray:
    """Where the code of each posting lies; the arguments are what ``_places`` tells."""
    docs = width_of(documents) * step
    return at + (docs if plain is None else np.where(plain, docs, 2 * groups_of(documents) + step))


def _put(data: np.ndarray, at: np.ndarray, step: np.ndarray, numbers: np.ndarray, widths: int | np.ndarray) -> None:
    """Write numbers of so many bytes each (all of them, or one by one) into ``data``: the lowest byte of each to
    ``at``, and each next one ``step`` further on."""
    for byte in range(int(np.max(widths))):
        has = slice(None) if np.min(widths) > byte else widths > byte
        data[(at + byte * step)[has]] = numbers[has] >> np.uint32(8 * byte) & 0xFF


def _got(data: np.ndarray, at: np.ndarray, step: np.ndarray, widths: int | np.ndarray) -> np.ndarray:
    """The numbers that ``_put`` wrote."""
    numbers = np.zeros(len(at), np.uint32)
    for byte in range(int(np.max(widths))):
        has = slice(None) if np.min(widths) > byte else widths > byte
        numbers[has] |= data[(at + byte * step)[has]].astype(np.uint32) << np.uint32(8 * byte)
    return numbers


def packed(keys: Sequence[bytes], columns: Columns, documents: int) -> Packed:
    """Terms to be written, each of which has postings, in their order."""
    if not len(columns.terms):
        return Packed((), memoryview(b""), np.zeros(1, np.int64), np.empty(0, ENTRIES))
    data, layout, tops = lay_out(columns, documents)
    starts = np.append(layout.starts, len(data))
    entries = np.zeros(len(keys), ENTRIES)
    entries["checksum"] = checksums(data, starts)
    entries["frequency"], entries["grouped"], entries["value_size"] = layout[1:]
    entries["top"] = tops
    return Packed(keys, data, starts, entries)


def checksums(data: memoryview, starts: np.ndarray) -> np.ndarray:
    """The checksum of each of some pieces that follow each other, the end of the last being the last of ``starts``."""
    bounds = starts.tolist()
    return np.fromiter(map(crc32, map(data.__getitem__, map(slice, bounds, bounds[1:]))), np.uint32, len(bounds) - 1)


def read(data: np.ndarray, layout: Layout, documents: int) -> Columns:
    """The postings that ``lay_out`` gave ``data`` for; terms are numbered as the layout has them. All are words or
    none is."""
    starts, counts, grouped, values = layout
    width, groups = width_of(documents), groups_of(documents)
    terms = repeat(np.arange(len(counts), dtype=np.uint32), counts)
    at, step, plain = _places(layout)
    here, each = (at, step) if plain is None else (at[plain], step[plain])
    docs = _got(data, here, each, width)
    if plain is not None:
        alone, docs = docs, np.empty(len(terms), np.uint32)
        docs[plain] = alone
        in_group = data[starts[grouped][:, None] + np.arange(2 * groups)].view("<u2").ravel()
        high = repeat(np.tile(np.arange(groups, dtype=np.uint32), int(grouped.sum())), in_group)
        docs[~plain] = high << np.uint32(8) | data[at[~plain] + 2 * groups]
    if not values.any():
        return Columns(terms, docs)
    at = _after_docs(at, step, plain, documents)
    return Columns(terms, docs, data[at], _got(data, at + step, step, repeat(values, counts)))


def narrowed(numbers: np.ndarray, width: int) -> memoryview:
    """Numbers in ``width`` bytes each, one after the other."""
    return memoryview(numbers.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :width].tobytes())


def widened(data: memoryview, width: int) -> np.ndarray:
    """The numbers that ``narrowed`` made ``data`` of."""
    numbers = np.zeros((len(data) // width, 4), np.uint8)
    numbers[:, :width] = np.frombuffer(data, np.uint8).reshape(-1, width)
    return numbers.view("<u4").ravel()
