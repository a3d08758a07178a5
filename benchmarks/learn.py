"""Teaches the packaged model to read questions as people ask them, by questions that name a paper in other words.

    python -m benchmarks.learn START [--work DIR] [--rank 16] [--epochs 2]

``START`` is the table of ``python -m benchmarks.pieces START``, the questions are those of ``benchmarks.questions``.
Needs ``pip install jax optax`` and the papers. Takes two hours, once the papers have their vectors (ten minutes, kept
in ``DIR``).

First an adapter of the model for questions learns, and the table of word pieces with its weights, by which the nearest
papers are looked at more closely (see ``engine.meaning.pieces``). Each question's paper is to be likelier than all
others by its vector, and likelier than the nearest others by vector and closer look together (softmax over likenesses
times ``SHARPNESS``; Karpukhin et al., DPR, EMNLP 2020). Then this adapter and one for papers learn together (see
``together``), and at last the table once more, for the vectors that papers have by then.
"""

from __future__ import annotations

import argparse
import importlib
import random
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy
import optax

from benchmarks import bert, together
from benchmarks.pieces import FIRST_OF_LETTERS, reading
from benchmarks.questions import questions, texts
from papersearch.engine.meaning.onnx import PACKAGE, PAPERS, QUESTIONS, OnnxModel, adapter
from papersearch.engine.meaning.pieces import TABLE, quantized

SHARPNESS = 30.0
HARD = 24  # of the nearest papers that are looked at more closely while learning
BATCH = 32
MOST_PIECES, MOST_OF_PAPER = 32, 180  # of a question, and different ones of a paper
RATE, RATE_OF_TABLE = 3e-4, 2e-3
KEPT_OF_PAPERS = 0.5
HELD_OUT, HELD_OUT_OF = 700, 19_813  # papers, and of how many questions, the first


class Papers(NamedTuple):
    """``vectors`` of papers, P x 384, and rows of the table for the pieces of each, P x 180, -1 for none."""

    vectors: Any
    pieces: Any


class Questions(NamedTuple):
    """Word pieces of questions, Q x 32, 1 where there is one, and the place of the paper that each is about."""

    pieces: Any
    held: Any
    papers: Any

    def some(self, places: Any) -> Questions:
        """The questions at some places."""
        return Questions(*(each[places] for each in self))


def vectors_of(names: Sequence[str], given: dict[str, str], model: OnnxModel, kept: Path) -> Any:
    """The vector of each paper, computed once."""
    known = dict(numpy.load(kept)) if kept.exists() else {}
    missing = [name for name in names if name not in known]
    for done, (name, vector) in enumerate(
        zip(missing, model.passages([given[name] for name in missing]), strict=True), 1
    ):
        known[name] = vector.astype(numpy.float16)
        if done % 1_000 == 0:
            print(f"{done:,} of {len(missing):,} papers", flush=True)
    if missing:
        numpy.savez(kept, **known)
    found = numpy.array([known[name] for name in names], numpy.float32)
    return found / numpy.linalg.norm(found, axis=1, keepdims=True)


def pieces_of(given: Sequence[str], tokenizer: Any, places: Any) -> Any:
    """The rows of the table for the pieces of each text."""
    found = numpy.full((len(given), MOST_OF_PAPER), -1, numpy.int32)
    for number, text in enumerate(given):
        rows = sorted({place for place in places[tokenizer.encode(text).ids].tolist() if place >= 0})[:MOST_OF_PAPER]
        found[number, : len(rows)] = rows
    return found


def questions_of(asked: Sequence[tuple[int, str]], tokenizer: Any) -> Questions:
    """Questions as the model reads them."""
    pieces = numpy.zeros((len(asked), MOST_PIECES), numpy.int32)
    held = numpy.zeros((len(asked), MOST_PIECES), numpy.float32)
    for number, (_, question) in enumerate(asked):
        ids = tokenizer.encode(question).ids[:MOST_PIECES]
        pieces[number, : len(ids)], held[number, : len(ids)] = ids, 1
    return Questions(pieces, held, numpy.array([paper for paper, _ in asked], numpy.int32))


# --- what learns ---


def beginning(model: bert.Weights, start: Any, rank: int) -> dict[str, Any]:
    """What is to learn, as it is before: an adapter that adds nothing, and the table. Of weights the roots learn, so
    that none becomes negative."""
    return {
        "adapter": bert.new_adapter(model, rank, jax.random.PRNGKey(0)),
        "vectors": jnp.asarray(start["vectors"].astype(numpy.float32) / 127),
        "projection": jnp.asarray(start["projection"]),
        "roots": jnp.asarray(numpy.sqrt(start["weights"].astype(numpy.float32))),
        "share": jnp.asarray(float(start["share"])),
    }


def read(model: bert.Weights, learned: dict[str, Any], asked: Questions) -> tuple[Any, Any]:
    """(vectors of questions, their pieces made comparable with the table)."""
    hidden = bert.rows(bert.adapted(model, learned["adapter"]), asked.pieces, asked.held)
    return bert.mean(hidden, asked.held), bert.unit(hidden @ learned["projection"])


def closer(learned: dict[str, Any], asked: Questions, projected: Any, pieces: Any) -> Any:
    """How much of each question each of its papers says: B x N, for ``pieces`` of B x N x 180."""
    weights = learned["roots"][asked.pieces] ** 2
    products = jnp.einsum("btd,bnpd->bntp", projected, bert.unit(learned["vectors"])[pieces])
    best = jnp.where((pieces >= 0)[:, :, None, :], products, -1.0).max(-1)
    return learned["share"] * (best * weights[:, None, :]).sum(-1) / (weights.sum(-1)[:, None] + 1e-6)


def missed(model: bert.Weights, papers: Papers, learned: dict[str, Any], asked: Questions) -> Any:
    """The loss: how far each question's paper is from being the likeliest."""
    vectors, projected = read(model, learned, asked)
    likeness = vectors @ papers.vectors.T
    own = asked.papers[:, None]
    loss = -jax.nn.log_softmax(SHARPNESS * likeness)[jnp.arange(len(own)), asked.papers].mean()
    others = jnp.where(jnp.arange(likeness.shape[1])[None] == own, -9, jax.lax.stop_gradient(likeness))
    compared = jnp.concatenate([own, jax.lax.top_k(others, HARD)[1]], 1)
    both = jnp.take_along_axis(likeness, compared, 1)
    both += closer(learned, asked, projected, papers.pieces[compared])
    return loss - jax.nn.log_softmax(SHARPNESS * both)[:, 0].mean()


def found_first(model: bert.Weights, papers: Papers, learned: dict[str, Any], asked: Questions, places: int) -> float:
    """The share of questions whose paper is among the first, of the 20 nearest in the order of the closer look."""

    @jax.jit
    def ranks(learned: dict[str, Any], some: Questions) -> Any:
        vectors, projected = read(model, learned, some)
        likeness, near = jax.lax.top_k(vectors @ papers.vectors.T, 20)
        both = likeness + closer(learned, some, projected, papers.pieces[near])
        own = near == some.papers[:, None]
        return jnp.where(own.any(1), (both > jnp.where(own, both, -9).max(1, keepdims=True)).sum(1), 20)

    parts = [asked.some(slice(at, at + 50)) for at in range(0, len(asked.papers), 50)]
    return float(numpy.concatenate([ranks(learned, part) < places for part in parts]).mean())


def learn(
    model: bert.Weights, papers: Papers, asked: Questions, learned: dict[str, Any], epochs: int, alone: bool = False
) -> dict[str, Any]:
    """What has learned, after each question was seen so often; the table ``alone``, or the adapter too."""
    steps = epochs * (len(asked.papers) // BATCH)
    chosen = numpy.random.default_rng(5)

    def optimizer(rate: float) -> Any:
        rates = optax.warmup_cosine_decay_schedule(0, rate, steps // 10, steps, rate / 50)
        return optax.chain(optax.clip_by_global_norm(1.0), optax.adam(rates))

    kinds = {"adapter": "model", "projection": "model", "vectors": "table", "roots": "table", "share": "table"}
    if alone:
        kinds |= {"adapter": "still", "projection": "table"}
    rate = RATE_OF_TABLE / 2 if alone else RATE_OF_TABLE
    kinds_of = {"model": optimizer(RATE), "table": optimizer(rate), "still": optax.set_to_zero()}
    both = optax.multi_transform(kinds_of, kinds)
    state = both.init(learned)

    @jax.jit
    def step(learned: dict[str, Any], state: Any, some: Questions) -> tuple[dict[str, Any], Any, Any]:
        loss, slope = jax.value_and_grad(partial(missed, model, papers))(learned, some)
        changes, state = both.update(slope, state, learned)
        return optax.apply_updates(learned, changes), state, loss

    for number in range(steps):
        if number % (len(asked.papers) // BATCH) == 0:
            order = chosen.permutation(len(asked.papers))
        at = number % (len(asked.papers) // BATCH) * BATCH
        learned, state, loss = step(learned, state, asked.some(order[at : at + BATCH]))
        if number % 50 == 0:
            print(f"{number:,} of {steps:,} steps, loss {float(loss):.2f}", flush=True)
    return learned


def write_adapter(path: str, adapter: bert.Adapter) -> None:
    """A file of an adapter that search reads."""
    parts = {
        f"{name}.{part}": numpy.asarray(matrix, numpy.float16)
        for name, pair in adapter.items()
        for part, matrix in zip(("down", "up"), pair, strict=True)
    }
    numpy.savez_compressed(path, **parts)


def write_table(learned: dict[str, Any], start: Any) -> None:
    """The file of the table that search reads."""
    table = {
        "pieces": start["pieces"],
        "vectors": quantized(numpy.asarray(learned["vectors"])),
        "weights": numpy.asarray(learned["roots"] ** 2, numpy.float16),
        "projection": numpy.asarray(learned["projection"], numpy.float32),
        "share": numpy.float32(learned["share"]),
    }
    table["weights"][:FIRST_OF_LETTERS] = 0
    numpy.savez_compressed(TABLE, **table)


def main() -> None:
    """Learn, and write the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("start", type=Path)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=2)
    given = parser.parse_args()
    lines = questions()
    names = sorted({name for name, _ in lines})
    known = texts(set(names))
    place = {name: number for number, name in enumerate(names)}
    published, start = reading({}), dict(numpy.load(given.start))
    tokenizer = published.tokenizer
    floats = bert.weights(Path(importlib.import_module(PACKAGE).model_path()))
    rows = numpy.full(tokenizer.get_vocab_size(), -1, numpy.int64)
    rows[start["pieces"]] = numpy.arange(len(start["pieces"]))
    vectors = vectors_of(names, known, published, given.work / "vectors.npz")
    papers = Papers(jnp.asarray(vectors), jnp.asarray(pieces_of([known[name] for name in names], tokenizer, rows)))
    apart = set(random.Random(1).sample(sorted({name for name, _ in lines[:HELD_OUT_OF]}), HELD_OUT))
    held_out = questions_of([(place[name], text) for name, text in lines if name in apart], tokenizer)
    learning = [(place[name], text) for name, text in lines if name not in apart]
    asked = questions_of(learning, tokenizer)

    def tell(when: str) -> None:
        shares = [found_first(floats, papers, learned, held_out, places) for places in (1, 3, 10)]
        print(f"{when}: {len(held_out.papers)} held out, first 1, 3, 10:", *(f"{share:.3f}" for share in shares))

    learned = beginning(floats, start, given.rank)
    tell("before")
    learned = learn(floats, papers, asked, learned, given.epochs)
    tell("questions alone")
    adapters = together.learn(
        floats,
        together.Papers(together.rows_of([tokenizer.encode(known[name]).ids for name in names]), vectors),
        [(numpy.array(tokenizer.encode(text).ids), paper) for paper, text in learning],
        {"questions": learned["adapter"], "papers": bert.new_adapter(floats, given.rank, jax.random.PRNGKey(1))},
    )
    learned["adapter"] = adapters["questions"]
    write_adapter(QUESTIONS, adapters["questions"])
    # Of what papers learned a part is enough: beside words they were better as they were (``meaning.md``).
    write_adapter(PAPERS, {name: (down, up * KEPT_OF_PAPERS) for name, (down, up) in adapters["papers"].items()})
    again = vectors_of(names, known, reading(adapter(PAPERS)), given.work / "again.npz")
    papers = papers._replace(vectors=jnp.asarray(again))
    tell("together")
    learned = learn(floats, papers, asked, learned, 1, alone=True)
    tell("after")
    write_table(learned, start)


if __name__ == "__main__":
    main()
