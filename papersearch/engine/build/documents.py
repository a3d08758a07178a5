"""Writes the documents file of a segment, which ``index.documents`` describes and reads."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from papersearch.core.numeric import numpy as np
from papersearch.engine.build.packing import checksums
from papersearch.engine.index.container import SectionWriter
from papersearch.engine.index.documents import WIDTHS


class Batch(NamedTuple):
    """The rows of some documents: all in one, and the bytes of each."""

    data: memoryview
    sizes: np.ndarray


def write_documents(
    sections: SectionWriter,
    stored: Iterable[Batch],
    tokens: Iterable[Batch],
    width: int,
    lengths: Mapping[str, array[int] | memoryview],
    columns: Mapping[str, array[int]],
) -> None:
    """Write all sections; ``stored`` and ``tokens`` (of ``width`` bytes each) come some at a time, so that nothing is
    held in memory."""
    _write_rows(sections, "stored", "stored", stored, 1)
    _write_rows(sections, "tokens", "token", tokens, width)
    sections.add("token_width", bytes([width]))
    for name, values in sorted(lengths.items()):
        sections.add("length." + name, array(_narrowest(values), values).tobytes())
    for name, values in sorted(columns.items()):
        sections.add("column." + name, values.tobytes())


def _narrowest(values: array[int] | memoryview) -> Literal["B", "H", "I"]:
    """The kind of numbers that holds all of some."""
    most = max(values, default=0)
    return next(kind for kind, width in WIDTHS.items() if most >> 8 * width == 0)


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
