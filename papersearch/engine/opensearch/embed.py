"""Gives the papers of an index in a cluster their vectors.

A vector lies in the document of its paper, and is written with it (``Vectors``): that of the same text is taken along,
others are made. Papers that were there before are given theirs after the run's words are committed, and their documents
written again. What a run that is stopped has made stays, and the next goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from papersearch.core.errors import MeaningError
from papersearch.core.frozen import replace
from papersearch.engine.build.embed import text_key
from papersearch.engine.build.meaning import model_for
from papersearch.engine.index.vectors import text_of
from papersearch.engine.meaning.models import PACKAGED, Model, may_differ, open_unless_silent
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
        where that cannot be made: the end of the run will say why."""
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
    wanted = run.meaning.wanted
    if wanted is False or not (wanted or state.setting):
        return ""
    return run.meaning.model or state.setting or PACKAGED


class ClusterVectors:
    """The vectors of an index in a cluster, for a run that holds the lease. See ``build.meaning.Kept``."""

    def __init__(self, connection: Connection, lease: Lease, run: RunOptions) -> None:
        self._connection, self._run = connection, run
        self._index, self._state = opened(connection, connection.address.name)
        self._indices = Indices(connection, lease)

    @property
    def setting(self) -> str | None:
        """The setting of their model."""
        return self._state.setting or None

    def drop(self) -> bool:
        """Remove all vectors."""
        if not self._state.setting:
            return False
        self._commit(setting="", model="", dimensions=0)
        for page in self._pages({"exists": {"field": "model"}}):
            self._write(page, [None] * len(page))
        self._indices.refresh(self._index)
        return True

    def clear_up(self) -> None:
        """Nothing is left over: vectors lie in the documents of papers."""

    def is_complete(self, setting: str) -> bool:
        """Whether no paper lacks its vector."""
        return self._is_of(setting, False) and not self._count(_without(self._state.model))

    def _is_of(self, setting: str, asked: bool) -> bool:
        """Whether vectors are those of the model that a setting names; they are ``asked`` for, or kept."""
        return setting == self._state.setting and not may_differ(setting, self._state.model, asked)

    def complete(self, setting: str) -> int:
        """Make what is missing."""
        state, most = self._state, self._run.meaning.most
        if most == 0 or (self._is_of(setting, bool(self._run.meaning.wanted)) and self.is_complete(setting)):
            return 0
        model = model_for(self._run, setting, state.dimensions if setting == state.setting else 0)
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
        self._state = replace(self._state, serial=self._state.serial + 1, **changed)
        self._indices.write_state(self._index, self._state)


def _without(model: str) -> dict[str, Any]:
    """The papers that a model has not seen."""
    return {"bool": {"must_not": [{"term": {"model": model}}]}}
