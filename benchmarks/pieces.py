"""Makes a table of word pieces for the packaged model's closer look, of what it gives for them in papers.

    python -m benchmarks.pieces FILE [--papers 6000]

Takes some minutes. It is what ``python -m benchmarks.learn`` begins with. What the table is for, and its layout, is
told in ``papersearch.engine.meaning.pieces``.
"""

from __future__ import annotations

import argparse
import importlib
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy
from tokenizers import BertWordPieceTokenizer

from benchmarks import material
from papersearch.engine.meaning import minilm
from papersearch.engine.meaning.onnx import PACKAGE, VOCABULARY, OnnxModel, Recipe, open_session
from papersearch.engine.meaning.pieces import quantized

DIMENSIONS = 64
FIRST_OF_LETTERS = 1_996  # numbers below are marks of the model, punctuation and single characters
LEAST = 3  # times that a piece must have been seen
MOST_COUNTED = 200  # a piece seen more often counts as this in choosing the dimensions
# A piece's weight is the logarithm of how rare it is, less that of a word in twenty, but at least a little.
COMMON, LEAST_WEIGHT = 3.0, 0.3


def reading(adapter: Mapping[str, Any]) -> OnnxModel:
    """The packaged model with an adapter; with an empty one as it was published."""
    weights = Path(importlib.import_module(PACKAGE).model_path()).read_bytes()
    tokenizer = BertWordPieceTokenizer(VOCABULARY, lowercase=True)
    return OnnxModel("learning", tokenizer, Recipe(), lambda: open_session(minilm.model(weights, adapter)))


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
    weights = numpy.maximum(numpy.log(seen.sum() / (1 + seen)) - COMMON, LEAST_WEIGHT)
    weights[seen < LEAST] = weights[pieces].max()
    weights[:FIRST_OF_LETTERS] = 0
    return {
        "pieces": pieces.astype(numpy.uint16),
        "vectors": quantized(means @ projection),
        "weights": weights.astype(numpy.float16),
        "projection": projection,
        "share": numpy.float32(1),
    }


def main() -> None:
    """Make the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--papers", type=int, default=6_000)
    given = parser.parse_args()
    chosen = random.Random(3).sample(list(material.papers()), given.papers)
    made = table(*sums(reading({}), [f"{paper.title}. {paper.text}" for paper in chosen]))
    numpy.savez_compressed(given.file, **made)
    print(f"{len(made['pieces']):,} pieces, {given.file.stat().st_size:,} bytes in {given.file}")


if __name__ == "__main__":
    main()
