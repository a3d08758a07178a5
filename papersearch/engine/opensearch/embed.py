"""Gives the papers of an index in a cluster their vectors.

A vector lies in the document of its paper, and is written with it (``Vectors``): that of the same text is taken along,
others are made. Papers that were there before are given theirs after the run's words are committed, and their documents
written again. What a run that is stopped has made stays, and the next goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from papersearch.core.errors import MeaningError, Stopped
from papersearch.core.frozen import replace
from papersearch.core.records import Summary
from papersearch.engine.build.embed import text_key
from papersearch.engine.index.vectors import text_of
from papersearch.engine.meaning.models import PACKAGED, Model, may_differ, open_model, open_unless_silent
from papersearch.engine.opensearch import documents, vectors
from papersearch.engine.opensearch.connection import Connection
from papersearch.engine.opensearch.documents import Stored, paper_key
from papersearch.engine.opensearch.indices import Indices
from papersearch.engine.opensearch.lease import Lease
from papersearch.engine.opensearch.state import State, opened
from papersearch.engine.opensearch.vectors import Vector
from papersearch.engine.port import RunOptions

_BLOCK = 64  # papers whose vectors are made, and written, together
STAGE_S = 15.0  # after which what was made is made visible (chosen)


class Vectors:
    """The vectors of the papers that a run writes."""

    def __init__(
        self, connection: Connection, index: str, known: str, setting: str, run: RunOptions, dimensions: int
    ) -> None:
        """``known`` is the model that made those which an index has, with so many ``dimensions``; ``setting`` names the
        one that makes others; empty if there is none."""
        self._connection, self._index, self._known = connection, index, known
        self._setting, self._run = setting if run.meaning.most is None else "", run
        self._dimensions = dimensions
        self._model: Model | None = None
        self.made = 0

    def of(self, posts: Sequence[Stored]) -> list[Vector | None]:
        """The vector of each shown post: that which its paper has, if it is of the same text, else a new one. None
        where that cannot be made: ``bring_up_to_date`` will say why."""
        found = self._carried(posts)
        if not self._setting or not posts:
            return found
        try:
            if self._model is None:
                self._model = open_unless_silent(self._setting, self._run.meaning.trust, self._dimensions)
            model = self._model
            lacking = [n for n, vector in enumerate(found) if vector is None or vector.model != model.name]
            for n, vector in zip(lacking, _made(model, [posts[n] for n in lacking], self._run.jobs), strict=True):
                found[n] = vector
            self.made += len(lacking)
        except MeaningError:
            self._setting = ""
        return found

    def _carried(self, posts: Sequence[Stored]) -> list[Vector | None]:
        if not self._known or not posts:
            return [None] * len(posts)
        keys = [paper_key(post["id"]) for post in posts]
        body = {"size": len(keys), "query": {"ids": {"values": keys}}, "_source": False}
        [answer] = self._connection.msearch([(self._index, body | {"docvalue_fields": vectors.FIELDS})])
        found = {hit["_id"]: vectors.of_fields(hit.get("fields", {}), self._known) for hit in answer["hits"]["hits"]}
        mine = ((found.get(key), str(text_key(text_of(post)))) for key, post in zip(keys, posts, strict=True))
        return [vector if vector is not None and vector.key == key else None for vector, key in mine]


def _made(model: Model, posts: Sequence[Stored], jobs: int) -> list[Vector]:
    """The vectors of shown posts."""
    texts = [text_of(post) for post in posts]
    made = iter(model.passages([text for text in texts if text], jobs))
    found = [next(made) if text else None for text in texts]
    return list(vectors.stored_vectors(model.name, [text_key(text) for text in texts], found, model.dimensions))


def setting_of(run: RunOptions, state: State) -> str:
    """The setting of the model that a run makes vectors with, empty if it makes none."""
    wanted, model, _, _ = run.meaning
    if wanted is False or not (wanted or state.setting):
        return ""
    return model or state.setting or PACKAGED


def bring_up_to_date(connection: Connection, lease: Lease, run: RunOptions, summary: Summary) -> Summary:
    """As ``build.embed.bring_up_to_date``, for a run that holds the lease; it has made the vectors that ``summary``
    counts."""
    wanted, _, trust, most = run.meaning
    index, state = opened(connection, connection.address.name)
    vectorized = _Embedding(connection, lease, run, index, state)
    if wanted is False:
        if not state.setting:
            return summary
        vectorized.drop()
        return replace(summary, notes=(*summary.notes, "the vectors are dropped"))
    setting = setting_of(run, state)
    if not setting:
        return summary
    begin = time.perf_counter()
    try:
        made = (summary.vectors or 0) + vectorized.complete(setting, trust, most, bool(wanted))
        return replace(summary, vectors=made, seconds=summary.seconds + time.perf_counter() - begin)
    except KeyboardInterrupt:
        raise Stopped(complete=True, vectors_missing=True) from None
    except MeaningError as error:
        if wanted:
            raise
        return replace(summary, notes=(*summary.notes, f"no vectors were made: {error}"))


class _Embedding:
    """Vectors on their way into an index."""

    def __init__(self, connection: Connection, lease: Lease, run: RunOptions, index: str, state: State) -> None:
        self._connection, self._lease, self._run, self._index = connection, lease, run, index
        self._state = state
        self._indices = Indices(connection, lease)

    def drop(self) -> None:
        """Remove all vectors; from now on, runs make none."""
        self._commit(setting="", model="", dimensions=0)
        for page in self._pages({"exists": {"field": "model"}}):
            self._write(page, [None] * len(page))
        self._indices.refresh(self._index)

    def complete(self, setting: str, trust: bool, most: int | None, asked: bool) -> int:
        """Compute the vectors that are missing, no more than ``most``; how many. They are ``asked`` for, or kept."""
        state = self._state
        same = setting == state.setting and not may_differ(setting, state.model, asked)
        if most == 0 or (same and not self._count(_without(state.model))):
            return 0
        model = open_model(setting, trust)
        if (setting, model.name, model.dimensions) != (state.setting, state.model, state.dimensions):
            self._commit(setting=setting, model=model.name, dimensions=model.dimensions)
        papers = self._count()
        before = done = papers - self._count(_without(model.name))
        since = time.monotonic()
        try:
            for page in self._pages(_without(model.name)):
                page = page[: None if most is None else before + most - done]
                if not page:
                    break
                self._write(page, _made(model, [posts[0] for posts, _ in page], self._run.jobs))
                done += len(page)
                if self._run.progress is not None:
                    self._run.progress(done, papers)
                if time.monotonic() - since > STAGE_S:
                    self._indices.refresh(self._index)
                    since = time.monotonic()
        finally:
            self._indices.refresh(self._index)
        self._commit()
        return done - before

    def _write(self, page: Sequence[tuple[list[dict[str, Any]], int]], made: Sequence[Vector | None]) -> None:
        """Write the documents of papers again, with their vectors."""
        self._indices.write(
            (
                self._indices.place("index", self._index, paper_key(posts[0]["id"])),
                documents.document(posts, run, vector),
            )
            for (posts, run), vector in zip(page, made, strict=True)
        )

    def _pages(self, query: dict[str, Any]) -> Iterator[list[tuple[list[dict[str, Any]], int]]]:
        """The posts of the papers that a query finds, and the runs that first saw them, some at a time."""
        body = {"size": _BLOCK, "query": query, "_source": ["posts"], "sort": [{"id": "asc"}]}
        for hits in self._connection.pages(self._index, body):
            yield [documents.posts_of(hit["_source"]) for hit in hits]

    def _count(self, query: dict[str, Any] | None = None) -> int:
        return self._connection.count(self._index, query)

    def _commit(self, **changed: Any) -> None:
        """Let readers know."""
        self._state = replace(self._state, serial=self._state.serial + 1, term=self._lease.term, **changed)
        self._indices.write_state(self._index, self._state)


def _without(model: str) -> dict[str, Any]:
    """The papers that a model has not seen."""
    return {"bool": {"must_not": [{"term": {"model": model}}]}}
