"""all-MiniLM-L6-v2 of the packaged weights, put together so that it multiplies whole numbers.

The package's file holds int8 weights, and a graph that makes them floats. Here the same weights go into a graph that
multiplies bytes by bytes: what comes into a layer is quantized as it comes, with one scale for all of a text (dynamic
quantization; Zafrir et al., Q8BERT, 2019, section 3). A text of 250 tokens takes 24 ms of one core instead of 70, a
question 1.5 ms instead of 6, loading 0.05 s instead of 0.2 (measured 2026-11-26). Vectors are at 0.996 of the others'
direction, and find what those find (see ``benchmarks/meaning.md``).

Papers are read by a model that learned from 25,000 questions about papers, and so are queries as far as what they say
counts; questions also by one that learned, together with it, to read them as they are asked. Each has beside every
matrix an adapter of two narrow ones (Hu et al., LoRA, 2022), which ``python -m benchmarks.learn`` made. They lie in
``minilm.papers.npz`` and ``minilm.questions.npz``, float16, under the name of the matrix with ``.down`` and ``.up``,
and cost a tenth of the time.

The model is a BERT of six layers (Devlin et al., 2019) without the part for pairs of texts. A text is run alone, so
there is no padding that would have to be masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from papersearch.core.frozen import NamedTuple
from papersearch.engine.meaning.protobuf import TYPES, Graph, constants

SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
# Vectors that another adapter for papers made are of another model; so the adapter has a number.
NAME = f"all-MiniLM-L6-v2 int8 by int8, adapter 1 {SHA256[:16]}"
_LAYERS, _HEADS, _WIDTH = 6, 12, 384
_EPSILON = 1e-12
_FLOAT = TYPES["float32"]
_PIECES = "input_ids"  # what goes in: the numbers of the word pieces


def model(packaged: bytes, adapter: Mapping[str, Any]) -> bytes:
    """The ONNX file to run, made of the ``packaged`` one: from ``input_ids`` to one row for each word piece. The
    ``adapter`` holds what is added to some matrices, each as a tall matrix (``.down``) times a wide one (``.up``)."""
    return _Bert(constants(packaged), adapter).written()


class _Rows(NamedTuple):
    """What goes into a layer: rows of floats, and as whole numbers from 0 to 255, their scale, and which is zero."""

    floats: str
    whole: str
    scale: str
    zero: str


class _Bert:
    """Builds the graph."""

    def __init__(self, weights: dict[str, Any], adapter: Mapping[str, Any]) -> None:
        self._weights, self._adapter, self._graph = weights, adapter, Graph()
        # Matrices have numbers for names and lie in the order of use: query, key, value, output, and two wide ones.
        self._matrices = iter([name[:-2] for name in weights if name.startswith("val_") and name.endswith("_q")])

    def written(self) -> bytes:
        hidden = self._embedded()
        for number in range(_LAYERS):
            hidden = self._layer(f"inner.encoder.layer.{number}.", hidden)
        return self._graph.model(_PIECES, hidden)

    def _embedded(self) -> str:
        """Vectors of word pieces and of their places."""
        from papersearch.core.numeric import numpy

        graph, weights = self._graph, self._weights
        word, place = "inner.embeddings.word_embeddings.weight", "inner.embeddings.position_embeddings.weight"
        rows = graph.node("Gather", graph.constant(weights[word + "_q"]), _PIECES)
        scales = graph.node("Gather", graph.constant(weights[word + "_scale"]), _PIECES)
        words = graph.node("Mul", graph.node("Cast", rows, to=_FLOAT), scales)
        places = weights[place + "_q"].astype(numpy.float32) * weights[place + "_scale"]
        places += weights["inner.embeddings.token_type_embeddings.weight"][0]
        length = graph.node("Shape", _PIECES, start=1, end=2)
        zero = graph.constant(numpy.array([0], numpy.int64))
        here = graph.node("Slice", graph.constant(places), zero, length, zero)
        return self._normal(graph.node("Add", words, here), "inner.embeddings.LayerNorm")

    def _layer(self, name: str, hidden: str) -> str:
        graph = self._graph
        mixed = self._attention(name + "attention.self.", hidden)
        mixed = self._dense(self._quantized(mixed), name + "attention.output.dense")
        hidden = self._normal(graph.node("Add", mixed, hidden), name + "attention.output.LayerNorm")
        wide = self._gelu(self._dense(self._quantized(hidden), name + "intermediate.dense"))
        narrow = self._dense(self._quantized(wide), name + "output.dense")
        return self._normal(graph.node("Add", narrow, hidden), name + "output.LayerNorm")

    def _attention(self, name: str, hidden: str) -> str:
        """Each piece's mean of all pieces' values, weighted by how well its query meets their keys."""
        from papersearch.core.numeric import numpy

        graph, split = self._graph, self._shape(0, 0, _HEADS, _WIDTH // _HEADS)
        whole = self._quantized(hidden)
        query, key, value = (
            graph.node("Transpose", graph.node("Reshape", self._dense(whole, name + part), split), perm=order)
            for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3]))
        )
        scale = graph.constant(numpy.array((_WIDTH // _HEADS) ** -0.5, numpy.float32))
        met = graph.node("Softmax", graph.node("Mul", graph.node("MatMul", query, key), scale), axis=-1)
        mixed = graph.node("Transpose", graph.node("MatMul", met, value), perm=[0, 2, 1, 3])
        return graph.node("Reshape", mixed, self._shape(0, 0, _WIDTH))

    def _quantized(self, floats: str) -> _Rows:
        return _Rows(floats, *self._graph.nodes("DynamicQuantizeLinear", 3, floats))

    def _dense(self, rows: _Rows, name: str) -> str:
        """The next matrix, one scale a column, times what was quantized, its bias, and what the adapter adds."""
        from papersearch.core.numeric import numpy

        graph, matrix = self._graph, next(self._matrices)
        # From 0 to 255, where 128 is zero. Processors with AVX2 but no VNNI multiply int8 so that sums of two products
        # overflow 16 bits; onnxruntime 1.23, the last for Python 3.10, has no other way for them.
        whole = graph.constant(self._weights[matrix + "_q"].view(numpy.uint8) ^ numpy.uint8(128))
        zero = graph.constant(numpy.array(128, numpy.uint8))
        product = graph.node("MatMulInteger", rows.whole, whole, rows.zero, zero)
        scales = graph.node("Mul", rows.scale, graph.constant(self._weights[matrix + "_scale"].ravel()))
        floats = graph.node("Mul", graph.node("Cast", product, to=_FLOAT), scales)
        sums = graph.node("Add", floats, graph.constant(self._weights[name + ".bias"]))
        if name + ".down" not in self._adapter:
            return sums
        down, up = (graph.constant(self._adapter[name + part]) for part in (".down", ".up"))
        return graph.node("Add", sums, graph.node("MatMul", graph.node("MatMul", rows.floats, down), up))

    def _normal(self, floats: str, name: str) -> str:
        weight, bias = (self._graph.constant(self._weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self._graph.node("LayerNormalization", floats, weight, bias, axis=-1, epsilon=_EPSILON)

    def _gelu(self, floats: str) -> str:
        """x (1 + erf(x / √2)) / 2."""
        from papersearch.core.numeric import numpy

        graph = self._graph
        root, one, half = (graph.constant(numpy.array(value, numpy.float32)) for value in (2**0.5, 1, 0.5))
        inner = graph.node("Add", graph.node("Erf", graph.node("Div", floats, root)), one)
        return graph.node("Mul", graph.node("Mul", floats, inner), half)

    def _shape(self, *sizes: int) -> str:
        """A shape for ``Reshape``, where 0 keeps a dimension as it is."""
        from papersearch.core.numeric import numpy

        return self._graph.constant(numpy.array(sizes, numpy.int64))
