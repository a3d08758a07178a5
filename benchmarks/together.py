"""Teaches two adapters of the packaged model together, one that reads questions and one that reads papers, so that a
question's vector comes near to that of its paper.

Each step looks at 64 questions and the beginnings of their papers. Papers that are near each other come into the same
batch, as they are the hard ones to tell apart; beside them stand the papers of the last batches, whose vectors are
kept as they were then (He et al., MoCo, CVPR 2020). Papers may not go far from where they were, so that what a query
says still finds what says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy
import optax

from benchmarks import bert

SHARPNESS = 30.0
BATCH, TOGETHER, KEPT = 64, 4, 1024  # questions, neighbours among their papers, papers of the last batches
MOST_OF_QUESTION, MOST_OF_PAPER = 28, 128  # word pieces that are read
STEPS = 560  # each question is seen one and a half times
RATE, RATE_OF_QUESTIONS = 2e-4, 1e-4
STAYS = 2.0  # how much it counts that papers stay where they are
LAST = 102  # the piece that ends a text
_NEIGHBOURS = 30


class Papers(NamedTuple):
    """Word pieces of papers, P x 129 with 0 for none, and their vectors as they are before, P x 384."""

    pieces: Any
    vectors: Any


def learn(
    model: bert.Weights, papers: Papers, asked: Sequence[tuple[Any, int]], adapters: dict[str, bert.Adapter]
) -> dict[str, bert.Adapter]:
    """The adapters of ``questions`` and ``papers``, after they have learned. ``asked`` are the word pieces of each
    question and the place of its paper."""
    chosen = numpy.random.default_rng(7)
    owners = numpy.array([paper for _, paper in asked])
    questions = numpy.zeros((len(asked), MOST_OF_QUESTION), numpy.int32)
    for number, (pieces, _) in enumerate(asked):
        questions[number] = _cut(pieces, MOST_OF_QUESTION)
    optimizer = _optimizer()
    state = optimizer.init(adapters)
    start = chosen.permutation(len(papers.vectors))[:KEPT]
    kept, of = papers.vectors[start].copy(), start.copy()

    @jax.jit
    def step(adapters: Any, state: Any, *batch: Any) -> tuple[Any, Any, Any]:
        slope, vectors = jax.grad(_missed, has_aux=True)(adapters, model, *batch)
        changes, state = optimizer.update(slope, state, adapters)
        return optax.apply_updates(adapters, changes), state, vectors

    for number, some in zip(range(STEPS), _batches(owners, papers.vectors, chosen), strict=False):
        here = owners[some]
        texts = numpy.array([_cut(papers.pieces[paper], MOST_OF_PAPER) for paper in here])
        other = numpy.where(here[:, None] == of[None], -1e9, 0.0).astype(numpy.float32)
        adapters, state, vectors = step(adapters, state, questions[some], texts, kept, other, papers.vectors[here])
        oldest = numpy.arange(number * BATCH, (number + 1) * BATCH) % KEPT
        kept[oldest], of[oldest] = numpy.asarray(vectors), here
        if number % 50 == 0:
            print(f"{number:,} of {STEPS:,} steps together", flush=True)
    return adapters


def rows_of(texts: Sequence[Sequence[int]]) -> Any:
    """The word pieces of some texts, one row each."""
    rows = numpy.zeros((len(texts), MOST_OF_PAPER + 1), numpy.int32)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text[: MOST_OF_PAPER + 1])] = text[: MOST_OF_PAPER + 1]
    return rows


def _missed(
    adapters: dict[str, bert.Adapter],
    model: bert.Weights,
    questions: Any,
    texts: Any,
    kept: Any,
    other: Any,
    before: Any,
) -> tuple[Any, Any]:
    """(how far each question is from its paper among all others, and the other way round; the papers' vectors)."""
    asked, papers = (
        bert.mean(bert.rows(bert.adapted(model, adapters[name]), pieces, held), held)
        for name, pieces in (("questions", questions), ("papers", texts))
        for held in [(pieces != 0).astype(jnp.float32)]
    )
    here, away = SHARPNESS * asked @ papers.T, SHARPNESS * asked @ kept.T + other
    own = jnp.arange(len(here))
    loss = -jax.nn.log_softmax(jnp.concatenate([here, away], 1))[own, own].mean()
    loss -= 0.3 * jax.nn.log_softmax(here.T)[own, own].mean()
    return loss + STAYS * (1 - (papers * before).sum(1)).mean(), papers


def _optimizer() -> Any:
    rates = (
        optax.warmup_cosine_decay_schedule(0, rate, STEPS // 10, STEPS, rate / 50) for rate in (RATE, RATE_OF_QUESTIONS)
    )
    of_papers, of_questions = map(optax.adam, rates)
    kinds = {"papers": "papers", "questions": "questions"}
    return optax.chain(
        optax.clip_by_global_norm(1.0),
        optax.multi_transform({"papers": of_papers, "questions": of_questions}, kinds),
    )


def _batches(owners: Any, vectors: Any, chosen: numpy.random.Generator) -> Iterator[Any]:
    """Numbers of questions, ``BATCH`` at a time, each paper at most once; nearly all questions once before they come
    again."""
    near = _neighbours(numpy.unique(owners), vectors)
    while True:
        left: dict[int, list[int]] = {}
        for number in chosen.permutation(len(owners)).tolist():
            left.setdefault(int(owners[number]), []).append(number)
        found, batch = [], dict[int, int]()
        for first in chosen.permutation(owners).tolist():
            if first in batch or not left[first]:
                continue
            group = [first, *(paper for paper in near[first] if left[paper] and paper not in batch)]
            batch |= {paper: left[paper].pop() for paper in group[: min(TOGETHER, BATCH - len(batch))]}
            if len(batch) == BATCH:
                found.append(numpy.array([*batch.values()]))
                batch = {}
        chosen.shuffle(found)
        yield from found


def _neighbours(papers: Any, vectors: Any) -> dict[int, list[int]]:
    """The nearest papers of each."""
    near = {}
    some = vectors[papers]
    for first in range(0, len(papers), 500):
        likeness = some[first : first + 500] @ some.T
        places = numpy.argsort(-likeness, axis=1)[:, : _NEIGHBOURS + 1]
        near.update(
            {int(papers[first + n]): [int(papers[p]) for p in row if p != first + n] for n, row in enumerate(places)}
        )
    return near


def _cut(pieces: Any, most: int) -> Any:
    """The first word pieces of a text; the last of them ends it."""
    cut = numpy.zeros(most, numpy.int32)
    cut[: len(pieces[:most])] = pieces[:most]
    if len(pieces) > most and pieces[most]:
        cut[-1] = LAST
    return cut
