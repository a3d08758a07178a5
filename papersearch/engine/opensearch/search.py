"""From a request to its answer: compiled with the cluster's statistics, answered by its shards, ranked by our code.

1. the tree is compiled (``engine.search.plan``) with the statistics that this asks for,
2. the slots are weighed: how many papers hold each,
3. one request of three searches: the candidates, how many match, and which hold every word,
4. the candidates are scored exactly, ranked again and shown by the code of the local engine,
5. if no paper has every word, the same is asked of the posts that are not shown (``engine.search.older``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any

from papersearch.core.errors import MeaningError, NotFoundError, UsageError
from papersearch.core.fields import ID
from papersearch.core.frozen import replace
from papersearch.core.records import Answer, Completion, Hit, Request
from papersearch.engine.index.reader import docs_of
from papersearch.engine.opensearch import compile, vectors
from papersearch.engine.opensearch.candidates import CandidateReader
from papersearch.engine.opensearch.connection import Connection, UnavailableError, lost_shards
from papersearch.engine.opensearch.documents import paper_key
from papersearch.engine.opensearch.mapping import MOST_RESULTS
from papersearch.engine.opensearch.meaning import Asked, ClusterMeanings
from papersearch.engine.opensearch.selection import (
    DEEP,
    Counted,
    Hits,
    frequency_of,
    is_exact,
    page_of,
    posts_in,
    selected,
    together,
)
from papersearch.engine.opensearch.statistics import ClusterStatistics, Guess
from papersearch.engine.search.hits import other_posts, with_common_tags
from papersearch.engine.search.lexicon import Lexicon
from papersearch.engine.search.older import Older, looked_for, shown_as, with_older
from papersearch.engine.search.plan import Compiler, Plan
from papersearch.engine.search.ranking import MOST_ALL_WORDS
from papersearch.engine.search.rerank import CANDIDATES
from papersearch.engine.search.searcher import is_being_typed, likeness_plan
from papersearch.engine.search.selection import weights_of
from papersearch.engine.search.suggestion import AS_IT_IS, Corrected, corrected, suggestion
from papersearch.query.filters import query_of
from papersearch.query.tree import Query

# What single words score is exact in the cluster; of other queries so many papers are scored again (chosen).
WIDE = 100
_ORDERS = {
    "relevance": [{"_score": "desc"}, {"day": {"order": "desc", "missing": "_last"}}, {ID: "asc"}],
    "newest": [{"day": {"order": "desc", "missing": "_last"}}, {ID: "asc"}],
    "oldest": [{"day": {"order": "asc", "missing": "_last"}}, {ID: "asc"}],
    "title": [{"sort_title": "asc"}, {ID: "asc"}],
}

_FETCHED = {"_source": ["posts"], "docvalue_fields": vectors.FIELDS}


class ClusterSearcher:
    """Answers requests from one state of an index. Safe for many threads."""

    def __init__(
        self,
        connection: Connection,
        index: str,
        statistics: ClusterStatistics,
        partial: bool,
        meanings: ClusterMeanings | None = None,
    ) -> None:
        """``partial`` answers are welcome if a shard is lost; ``meanings`` where papers have vectors."""
        self._connection, self._index, self._partial = connection, index, partial
        self.statistics = statistics
        self.meanings = meanings
        self._suggest = lru_cache(maxsize=1_000)(self._corrected)
        self._older = lru_cache(maxsize=1)(self._of_older)

    def search(self, request: Request) -> Answer:
        """The page of results that a request asks for."""
        begin = time.perf_counter()
        query = query_of(request)
        plan = self._plan(query, request, is_being_typed(request))
        asked, said = self._asked(request, lambda meanings: meanings.of_query(query, plan, request))
        answer, added = self._answer(plan, request, request.match, asked)
        told = None
        if not answer.total_all and not request.offset and request.limit:
            try:
                answer, told = self._with_older(answer, query, plan, request, added)
            except UnavailableError:
                if not self._partial:
                    raise
                told = "the answer is incomplete: the index of older posts did not answer"
        hint = answer.hint or query.hint or plan.hint or told or said
        return replace(answer, hint=hint, seconds=time.perf_counter() - begin)

    def _asked(
        self, request: Request, of: Callable[[ClusterMeanings], Asked | None]
    ) -> tuple[Asked | None, str | None]:
        """What is asked for by meaning, and what the user should know of it; as ``Searcher`` does."""
        if request.meaning is False or (self.meanings is None and not request.meaning) or request.offset >= DEEP:
            return None, None
        if self.meanings is None:
            raise MeaningError("the index keeps no vectors to search by meaning", "papersearch index --meaning")
        try:
            return of(self.meanings), self.meanings.said
        except MeaningError as error:
            if request.meaning:
                raise
            return None, f"by words alone: {error}"

    def _with_older(
        self, answer: Answer, query: Query, plan: Plan, request: Request, added: Collection[str]
    ) -> tuple[Answer, str | None]:
        """An answer together with papers of which an older post has every word, and what to say of them; ``added`` are
        the ids of the papers in it that meaning alone has found."""
        found = self._older_hits(query, plan, request, added)
        if not found:
            return answer, None
        results, more, told = with_older(answer.results, found, request.limit)
        results = self.statistics.settle(lambda known: with_common_tags(results, known))
        return replace(answer, results=results, total=answer.total + more, total_all=len(found)), told

    def _older_hits(self, query: Query, plan: Plan, request: Request, added: Collection[str]) -> list[Older]:
        """As ``older.older_hits``. Posts that are not, or no longer, listed with a paper as it is seen are left out."""
        searcher = self._older()
        if searcher is None:
            return []
        try:
            older_plan = searcher._plan(query, request)
        except NotFoundError:
            return []
        if not older_plan.slots:
            return []
        posts, _ = searcher._answer(older_plan, looked_for(request), "all", suggest=False)
        first: dict[str, Hit] = {}
        for old in posts.results:
            first.setdefault(old.id.casefold(), old)
        if not first:
            return []
        papers, matching = self._msearch(
            {"size": len(first), "query": compile.among(first), "_source": ["posts"]},
            {
                "size": len(first),
                "query": compile.among(first, compile.matching(plan, request.match)),
                "_source": False,
            },
        )
        shown = {posts[0]["id"].casefold(): posts for posts in map(posts_in, papers["hits"]["hits"])}
        matches = {hit["_id"] for hit in matching["hits"]["hits"]}
        found = []
        for paper_id, old in first.items():
            others = other_posts(shown.get(paper_id, [])[1:])
            if any(post.path == old.path for post in others):
                hit = shown_as(old, shown[paper_id][0], others)
                found.append(Older(hit, old.path, paper_key(paper_id) in matches or paper_id in added))
        return found

    def _of_older(self) -> ClusterSearcher | None:
        """What answers from the posts that are not shown, None if there are none."""
        index = f"{self._index}.older"
        posts = self._connection.count(index, partial=self._partial)
        if not posts:
            return None
        return ClusterSearcher(self._connection, index, self.statistics.of_older(index, posts), self._partial)

    def similar(self, text: str, request: Request, without: str | None) -> Answer:
        """Papers that share the terms that tell ``text`` apart."""
        begin = time.perf_counter()
        plan = self.statistics.settle(lambda known: likeness_plan(text, known, request, without))
        asked, said = self._asked(request, lambda meanings: meanings.of_text(text, plan, request, without))
        answer, _ = self._answer(plan, request, "any", asked, suggest=False)
        results = tuple(replace(hit, missing=()) for hit in answer.results)
        return replace(answer, results=results, hint=answer.hint or said, seconds=time.perf_counter() - begin)

    def completions(self, text: str, most: int) -> list[Completion]:
        """How a query may go on from its last word."""
        from papersearch.engine.search.completion import completions

        return self.statistics.settle(lambda known: completions(text, known, most))

    def facets(self, by: str, request: Request) -> dict[str, int]:
        """How many matching papers have each value."""
        plan = self._plan(query_of(request), request, is_being_typed(request))
        matching = compile.matching(plan, request.match)
        counts: dict[str, int] = {}
        for key, papers in self._connection.values(self._index, by, matching, self._partial):
            value = key.rpartition("\0")[2]
            counts[value] = counts.get(value, 0) + papers
        return counts

    def _plan(self, query: Query, request: Request, typed: bool = False) -> Plan:
        """How the cluster is asked for a query, of which the last word may be ``typed`` still."""
        return self.statistics.settle(lambda known: Compiler(known, request.expand, typed).compile(query))

    def _answer(
        self, plan: Plan, request: Request, mode: str, asked: Asked | None = None, suggest: bool = True
    ) -> tuple[Answer, frozenset[str]]:
        """The answer, and the folded ids of the papers that meaning alone has found."""
        counted = self._count(plan)
        ranks = request.sort == "relevance" and bool(plan.slots)
        hits, total, total_all, lost = self._find(plan, request, mode, counted, ranks)
        matching = (1 << len(hits)) - 1
        near: list[bool] = []
        if asked is not None and self.meanings is not None:
            [nearest] = self._msearch(self.meanings.search(asked, plan, mode))
            lost = max(lost, lost_shards(nearest))
            hits, matching, near = together(hits, nearest["hits"]["hits"])
        papers = [posts_in(hit) for hit in hits]
        reader = CandidateReader(papers, Guess(lambda _: None, self.statistics.papers))
        selection = selected(reader, plan, counted, total, total_all, matching)
        meant = None
        if asked is not None and self.meanings is not None:
            meant = self.meanings.meant(asked, hits, near, selection)
        results = self.statistics.settle(lambda known: page_of(selection, reader.asking(known), request, meant))
        put_right = suggestion(request.query, selection, self._suggest) if suggest else AS_IT_IS
        added = docs_of(meant.added[0]) if meant else ()
        answer = Answer(
            query=request.query,
            total=total + (meant.total_added if meant else 0),
            total_all=total_all,
            seconds=0.0,
            results=self.statistics.settle(lambda known: with_common_tags(results, known)),
            suggestion=put_right.text,
            certain=put_right.certain,
            expanded=plan.expanded,
            hint=f"the answer is incomplete: {lost} of the index's shards did not answer" if lost else None,
        )
        return answer, frozenset(papers[doc][0]["id"].casefold() for doc in added)

    def _count(self, plan: Plan) -> Counted:
        """How many papers hold each slot."""

        def count(known: Guess) -> list[int]:
            return [frequency_of(known, slot) for slot in plan.slots]

        frequencies = self.statistics.settle(count)
        return Counted(frequencies, weights_of(plan.slots, frequencies, self.statistics.papers))

    def _find(
        self, plan: Plan, request: Request, mode: str, counted: Counted, ranks: bool
    ) -> tuple[Hits, int, int, int]:
        """The candidates, how many papers match, how many of them hold every word, and how many shards did not answer
        (none unless partial answers are welcome)."""
        end = request.offset + request.limit
        if end > MOST_RESULTS:
            raise UsageError(
                f"a cluster lists the first {MOST_RESULTS:,} papers", "narrow the query, or leave --offset out"
            )
        several = sum(slot.wanted for slot in plan.slots) > 1
        every = compile.matching_every(plan, mode)
        bodies: list[dict[str, Any]] = [
            {"size": 0, "track_total_hits": True, "query": compile.matching(plan, mode)},
            {"size": MOST_ALL_WORDS + 1 if ranks and several else 0, "track_total_hits": True, "query": every,
             "_source": False},
        ]  # fmt: skip
        size = 0
        if request.limit and request.offset < DEEP:
            size = max(end, CANDIDATES if is_exact(plan) else WIDE) if ranks else end
            bodies.append(self._listing(plan, request, mode, counted, ranks, 0, size))
        answers = self._msearch(*bodies)
        total, total_all = (answer["hits"]["total"]["value"] for answer in answers[:2])
        complete = [hit["_id"] for hit in answers[1]["hits"]["hits"]] if total_all <= MOST_ALL_WORDS else []
        hits = answers[2]["hits"]["hits"] if size else []
        if request.limit and request.offset >= DEEP:
            body = self._listing(plan, request, mode, counted, ranks, request.offset, request.limit)
            hits = self._msearch(body)[0]["hits"]["hits"]
        elif missing := set(complete) - {hit["_id"] for hit in hits}:
            body = {"size": len(missing), "query": {"ids": {"values": sorted(missing)}}, **_FETCHED}
            hits = hits + self._msearch(body)[0]["hits"]["hits"]
        lost = max(map(lost_shards, answers))
        return hits, total, total_all, lost

    def _listing(
        self, plan: Plan, request: Request, mode: str, counted: Counted, ranks: bool, start: int, size: int
    ) -> dict[str, Any]:
        """The search for papers in the request's order."""
        order = request.sort if ranks or request.sort != "relevance" else "newest"
        query = compile.ranked(plan, mode, counted.weights) if ranks else compile.matching(plan, mode)
        return {
            "from": start,
            "size": size,
            "query": query,
            "sort": _ORDERS[order],
            "track_total_hits": False,
            **_FETCHED,
        }

    def _msearch(self, *bodies: dict[str, Any]) -> list[dict[str, Any]]:
        return self._connection.msearch([(self._index, body) for body in bodies], self._partial)

    def _corrected(self, query: str) -> Corrected:
        return self.statistics.settle(lambda known: corrected(query, Lexicon(known)))
