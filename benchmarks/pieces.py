"""Makes the table of word pieces that the packaged model's closer look needs, of what it gives for them in papers.

    python -m benchmarks.pieces [--papers 6000] [--file papersearch/engine/meaning/minilm.pieces.npz]

Takes some minutes. What the table is for, and its layout, is told in ``papersearch.engine.meaning.pieces``.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import Any

import numpy

from benchmarks import material
from papersearch.engine.meaning.onnx import VOCABULARY, OnnxModel, packaged
from papersearch.engine.meaning.pieces import FIRST_OF_LETTERS, TABLE, whole

DIMENSIONS = 64
LEAST = 3  # times that a piece must have been seen
MOST_COUNTED = 200  # a piece seen more often counts as this in choosing the dimensions
# A piece's weight is the logarithm of how rare it is, less that of a word in twenty, but at least a little.
COMMON, LEAST_WEIGHT = 3.0, 0.3


def sums(model: OnnxModel, texts: list[str]) -> tuple[Any, Any]:
    """(sum of what the model gives, as unit vectors, times seen) for each piece of the vocabulary."""
    vocabulary = len(Path(VOCABULARY).read_text(encoding="utf-8").splitlines())
    total = numpy.zeros((vocabulary, model.dimensions))
    seen = numpy.zeros(vocabulary, numpy.int64)
    for done, text in enumerate(texts):
        numbers, rows = model.rows(text)
        numpy.add.at(total, numbers, rows / numpy.linalg.norm(rows, axis=1, keepdims=True))
        numpy.add.at(seen, numbers, 1)
        if done % 500 == 0:
            print(f"{done:,} of {len(texts):,} papers", flush=True)
    return total, seen


def table(total: Any, seen: Any) -> dict[str, Any]:
    """The arrays of the file."""
    pieces = numpy.flatnonzero(seen >= LEAST)
    pieces = pieces[pieces >= FIRST_OF_LETTERS]
    means = total[pieces] / seen[pieces, None]
    means /= numpy.linalg.norm(means, axis=1, keepdims=True)
    counted = means * numpy.sqrt(numpy.minimum(seen[pieces], MOST_COUNTED))[:, None]
    _, _, directions = numpy.linalg.svd(counted.T @ counted)
    projection = directions[:DIMENSIONS].T.astype(numpy.float32)
    weights = numpy.maximum(numpy.log(seen.sum() / (1 + seen[pieces])) - COMMON, LEAST_WEIGHT)
    return {
        "pieces": pieces.astype(numpy.uint16),
        "vectors": whole(means @ projection),
        "weights": weights.astype(numpy.float32),
        "projection": projection,
    }


def main() -> None:
    """Make the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=6_000)
    parser.add_argument("--file", type=Path, default=Path(TABLE))
    given = parser.parse_args()
    chosen = random.Random(3).sample(list(material.papers()), given.papers)
    made = table(*sums(packaged(), [f"{paper.title}. {paper.text}" for paper in chosen]))
    numpy.savez_compressed(given.file, **made)
    print(f"{len(made['pieces']):,} pieces, {given.file.stat().st_size:,} bytes in {given.file}")


if __name__ == "__main__":
    main()
