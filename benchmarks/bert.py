"""The packaged model once more, in JAX, so that it can learn: a BERT of six layers and an adapter beside its matrices.

An adapter adds a product of two narrow matrices to each matrix of a layer, and only these two learn (Hu et al., LoRA,
ICLR 2022): 0.7 million numbers at rank 16 in place of 10.6 million. ``engine.meaning.minilm`` runs the same, with whole
numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy

from papersearch.engine.meaning.protobuf import constants

LAYERS, HEADS, WIDTH = 6, 12, 384
_PARTS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
MATRICES = [f"inner.encoder.layer.{layer}.{part}" for layer in range(LAYERS) for part in _PARTS]

Weights = dict[str, Any]
Adapter = dict[str, tuple[Any, Any]]
"""The narrow matrices of each matrix: what goes down to a few numbers, and up again."""


def weights(model: Path) -> Weights:
    """The weights of the packaged file, as floats."""
    packed = constants(model.read_bytes())
    matrices = [name[:-2] for name in packed if name.startswith("val_") and name.endswith("_q")]
    found = {name: value for name, value in packed.items() if value.dtype == numpy.float32}
    for name, matrix in zip(MATRICES, matrices, strict=True):
        found[name] = packed[matrix + "_q"].astype(numpy.float32) * packed[matrix + "_scale"].reshape(1, -1)
    for kind in ("word", "position"):
        name = f"inner.embeddings.{kind}_embeddings.weight"
        found[name] = packed[name + "_q"].astype(numpy.float32) * packed[name + "_scale"]
    return {name: jnp.asarray(value) for name, value in found.items()}


def new_adapter(model: Weights, rank: int, key: Any) -> Adapter:
    """An adapter that adds nothing yet."""
    adapter = {}
    for name in MATRICES:
        key, own = jax.random.split(key)
        height, width = model[name].shape
        adapter[name] = (jax.random.normal(own, (height, rank)) * 0.02, jnp.zeros((rank, width)))
    return adapter


def adapted(model: Weights, adapter: Adapter) -> Weights:
    """The weights with what the adapter adds."""
    return {**model, **{name: model[name] + down @ up for name, (down, up) in adapter.items()}}


def rows(model: Weights, pieces: Any, held: Any) -> Any:
    """What the model gives for each of B x T word pieces: B x T x 384. ``held`` is 1 where there is one, else 0."""
    length = pieces.shape[1]
    embedded = model["inner.embeddings.word_embeddings.weight"][pieces]
    embedded += model["inner.embeddings.position_embeddings.weight"][:length]
    embedded += model["inner.embeddings.token_type_embeddings.weight"][0]
    hidden = _normal(model, embedded, "inner.embeddings.LayerNorm")
    nothing = (1 - held)[:, None, None, :] * -1e9
    for layer in range(LAYERS):
        hidden = _layer(model, f"inner.encoder.layer.{layer}.", hidden, nothing)
    return hidden


def _layer(model: Weights, name: str, hidden: Any, nothing: Any) -> Any:
    size = (*hidden.shape[:2], HEADS, WIDTH // HEADS)
    query, key, value = (
        _dense(model, hidden, f"{name}attention.self.{part}").reshape(size).transpose(0, 2, 1, 3)
        for part in ("query", "key", "value")
    )
    met = jax.nn.softmax(query @ key.transpose(0, 1, 3, 2) / (WIDTH // HEADS) ** 0.5 + nothing, -1)
    mixed = (met @ value).transpose(0, 2, 1, 3).reshape(hidden.shape)
    mixed = _dense(model, mixed, name + "attention.output.dense")
    hidden = _normal(model, hidden + mixed, name + "attention.output.LayerNorm")
    wide = jax.nn.gelu(_dense(model, hidden, name + "intermediate.dense"), approximate=False)
    return _normal(model, hidden + _dense(model, wide, name + "output.dense"), name + "output.LayerNorm")


def _dense(model: Weights, hidden: Any, name: str) -> Any:
    return hidden @ model[name] + model[name + ".bias"]


def _normal(model: Weights, hidden: Any, name: str) -> Any:
    centred = hidden - hidden.mean(-1, keepdims=True)
    spread = jnp.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
    return centred / spread * model[name + ".weight"] + model[name + ".bias"]


def unit(vectors: Any) -> Any:
    """Vectors of length 1 in the same directions."""
    return vectors / jnp.sqrt((vectors * vectors).sum(-1, keepdims=True) + 1e-12)


def mean(hidden: Any, held: Any) -> Any:
    """One vector for each text, of its rows: B x 384."""
    return unit((hidden * held[..., None]).sum(1) / held.sum(1, keepdims=True))
