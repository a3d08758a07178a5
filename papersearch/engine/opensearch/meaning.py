"""What meaning adds to the answers of a cluster: it finds the nearest papers, our code says how near and ranks them.

The cluster compares every vector of the papers that conditions let through with the question's (a script of its own,
which every distribution has), so nothing but the nearest few hundred is fetched, however many papers there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from papersearch.core.frozen import NamedTuple
from papersearch.core.records import Request
from papersearch.engine.meaning.models import Model
from papersearch.engine.opensearch import query_dsl, vectors
from papersearch.engine.opensearch.connection import Connection
from papersearch.engine.opensearch.documents import paper_key
from papersearch.engine.opensearch.papers import Paper
from papersearch.engine.opensearch.state import State
from papersearch.engine.search.meaning import NEAREST, Meant, weighed
from papersearch.engine.search.meanings import ENOUGH, unfinished
from papersearch.engine.search.nearest import Likeness, likenesses, maker_of, unit, vector_of_text, vectors_of
from papersearch.engine.search.plan import Plan
from papersearch.engine.search.question import Question, question_of, without_slips
from papersearch.engine.search.selection import Selection
from papersearch.engine.search.suggestion import Slips
from papersearch.query.tree import Query

Hit = Mapping[str, Any]


class Asked(NamedTuple):
    """A question, its vectors (see ``vectors_of``), and which papers may be near it (a query to the cluster)."""

    question: Question
    vectors: Any
    allowed: query_dsl.Query


class ClusterMeanings:
    """The vectors of one state of an index. Safe for many threads."""

    def __init__(
        self, connection: Connection, index: str, state: State, papers: int, setting: str | None, trust: bool
    ) -> None:
        """``setting`` is the model that the user named; with ``trust`` any may be on another machine."""
        self._connection, self._index, self._state, self._papers = connection, index, state, papers
        self._trust = trust or state.setting == setting
        self._made: int | None = None

    @property
    def made(self) -> int:
        """How many papers the model has seen."""
        if self._made is None:
            seen = {"term": {"model": self._state.model}}
            self._made = self._connection.count(self._index, seen)
        return self._made

    @property
    def suffices(self) -> bool:
        """Whether there are enough vectors to rank by."""
        return self.made >= ENOUGH * self._papers

    @property
    def said(self) -> str | None:
        """What of the vectors is not complete."""
        return unfinished(self.made, self._papers) if self.made < self._papers else None

    def model(self) -> Model:
        """The model, loaded. Raises ``MeaningError`` where it is not the one that made the vectors."""
        return maker_of(self._state.setting, self._state.model, self._state.dimensions, self._trust)

    def of_query(self, query: Query, plan: Plan, request: Request, slips: Slips) -> Asked | None:
        """What a query, its ``slips`` put right, asks for by its meaning; None if words alone answer it."""
        question = question_of(query, plan.slots, request)
        if question is None or not (self.suffices or request.meaning):
            return None
        allowed = query_dsl.conditions(plan) if question.adds else query_dsl.matching(plan, request.match)
        question = without_slips(question, slips, self.model)
        return Asked(question, vectors_of(self.model(), question.text), allowed)

    def of_text(self, text: str, plan: Plan, request: Request, without: str | None) -> Asked | None:
        """The same for a whole text; of the paper ``without``, which is left out, the vector is known."""
        if request.sort != "relevance" or not (self.suffices or request.meaning):
            return None
        vector = self._vector_of(without) if without is not None else None
        if vector is None:
            vector = vector_of_text(self.model(), text)
        allowed = query_dsl.others_that_pass(plan, without)
        return Asked(Question("", True), vector[:, None], allowed)

    def _vector_of(self, paper_id: str) -> Any:
        which = [{"ids": {"values": [paper_key(paper_id)]}}, {"term": {"model": self._state.model}}]
        body = {"size": 1, "query": {"bool": {"filter": which}}, "_source": False, "docvalue_fields": vectors.FIELDS}
        [answer] = self._connection.msearch([(self._index, body)])
        found = [hit.get("fields", {}) for hit in answer["hits"]["hits"]]
        rows = vectors.rows(found, self._state.model, self._state.dimensions)
        return unit(rows.vectors[0]) if len(rows.lengths) and rows.lengths[0] else None

    def search(self, asked: Asked, plan: Plan, match: str) -> dict[str, Any]:
        """The search for the nearest papers; those that match the words as well are told by ``matches_words``."""
        query = query_dsl.nearest(
            self._state.model, vectors.asked(asked.vectors[:, -1]), asked.allowed, query_dsl.matching(plan, match)
        )
        return {"size": NEAREST, "query": query}

    def meant(self, asked: Asked, papers: Sequence[Paper], near: Sequence[bool], selection: Selection) -> Meant:
        """What meaning adds to a selection of candidates, which are ``papers``; ``near`` says which of them are among
        the nearest."""
        rows = vectors.rows([paper.vector for paper in papers], self._state.model, self._state.dimensions)
        like = Likeness.of([likenesses(rows, asked.vectors)])
        allowed = sum(1 << doc for doc, is_near in enumerate(near) if is_near)
        return weighed(self.model, asked.question, like, selection, [allowed])


def matches_words(hit: Hit) -> bool:
    """Whether one of the nearest papers matches the words."""
    return bool(hit.get("matched_queries"))
