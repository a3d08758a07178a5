"""Writes the documents file of a segment, which ``index.documents`` describes and reads."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from papersearch.core.numeric import numpy as np
from papersearch.engine.build.packing import checksums
from papersearch.engine.index.container import SectionWriter
from papersearch.engine.index.documents import WIDTHS


class Batch(NamedTuple):
    """The rows of some documents: all in one, and the bytes of each."""

    data: memoryview
    sizes: np.ndarray


class Rows(NamedTuple):
    """The documents' words: ``tokens`` of ``width`` bytes each, the ``lengths`` of the fields, and the ``breaks``: how
    many of these there are in each document, and where."""

    tokens: Iterable[Batch]
    width: int
    lengths: Mapping[str, array[int] | memoryview]
    breaks: tuple[np.ndarray, np.ndarray]


def write_documents(
    sections: SectionWriter, stored: Iterable[Batch], rows: Rows, columns: Mapping[str, array[int]]
) -> None:
    """Write all sections; stored rows and tokens come some at a time, so that nothing is held in memory."""
    _write_rows(sections, "stored", "stored", stored, 1)
    _write_rows(sections, "tokens", "token", rows.tokens, rows.width)
    sections.add("token_width", bytes([rows.width]))
    counts, places = rows.breaks
    sections.add("break_starts", _narrowed(np.concatenate(([0], np.cumsum(counts)))))
    sections.add("breaks", _narrowed(places))
    for name, values in sorted(rows.lengths.items()):
        sections.add("length." + name, _narrowed(np.asarray(values)))
    for name, values in sorted(columns.items()):
        sections.add("column." + name, values.tobytes())


def _narrowed(values: np.ndarray) -> bytes:
    """Some numbers, each in as many bytes as the largest needs."""
    most = int(values.max(initial=0))
    kind = next(kind for kind, width in WIDTHS.items() if most >> 8 * width == 0)
    return bytes(values.astype(kind))


def _write_rows(sections: SectionWriter, name: str, row: str, batches: Iterable[Batch], unit: int) -> None:
    """Write a section of rows, and what is known of each ``row``: where it starts, in units of so many bytes, and its
    checksum."""
    starts, checks = array("Q", [0]), array("I")
    sections.begin(name)
    for data, sizes in batches:
        bounds = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
        sections.write(data)
        checks.frombytes(checksums(data, bounds).tobytes())
        starts.frombytes((bounds[1:] // unit + starts[-1]).astype(np.uint64).tobytes())
    sections.add(row + "_starts", starts.tobytes())
    sections.add(row + "_checks", checks.tobytes())
