"""From a request to its answer: compiled with the cluster's statistics, answered by its shards, ranked by our code.

1. the tree is compiled (``engine.search.plan``) with the statistics that this asks for,
2. the slots are weighed: how many papers hold each,
3. one request names the candidates, says how many match, and which hold every word; the candidates that are not known
   yet are fetched (``papers``),
4. the candidates are scored exactly, ranked again and shown by the code of the local engine,
5. if few papers have every word, the same is asked of the posts that are not shown (``engine.search.older``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import Any

from papersearch.core.errors import UsageError
from papersearch.core.fields import ID
from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Answer, Completion, Hit, Request
from papersearch.engine.opensearch import query_dsl
from papersearch.engine.opensearch.candidates import CandidateReader
from papersearch.engine.opensearch.connection import Connection, lost_shards
from papersearch.engine.opensearch.documents import posts_in
from papersearch.engine.opensearch.failures import UnavailableError
from papersearch.engine.opensearch.mapping import MOST_RESULTS
from papersearch.engine.opensearch.meaning import Asked, ClusterMeanings
from papersearch.engine.opensearch.papers import Paper, Papers
from papersearch.engine.opensearch.selection import (
    DEEP,
    Counted,
    Hits,
    frequency_of,
    is_exact,
    other_words,
    page_of,
    selected,
    together,
)
from papersearch.engine.opensearch.statistics import ClusterStatistics, Guess
from papersearch.engine.search.facets import as_one_value
from papersearch.engine.search.hits import with_common_tags
from papersearch.engine.search.lexicon import Lexicon
from papersearch.engine.search.older import OlderHits, are_asked, older_hits
from papersearch.engine.search.plan import Compiler, Plan
from papersearch.engine.search.ranking import MOST_ALL_WORDS
from papersearch.engine.search.rerank import CANDIDATES
from papersearch.engine.search.searcher import by_meaning, likeness_plan
from papersearch.engine.search.selection import Selection, is_doubtful, weights_of
from papersearch.engine.search.suggestion import AS_IT_IS, Corrected, Slips, corrected, put_right
from papersearch.engine.search.titled import MOST_HOLDING, MOST_READ
from papersearch.query.filters import query_of
from papersearch.query.tree import Query
from papersearch.text.folding import value_key

# What single words score is exact in the cluster; of other queries so many papers are scored again (chosen).
WIDE = 100
_NEWEST = [{"day": {"order": "desc", "missing": "_last"}}, {ID: "asc"}]
_ORDERS = {
    "relevance": [{"_score": "desc"}, *_NEWEST],
    "newest": _NEWEST,
    "oldest": [{"day": {"order": "asc", "missing": "_last"}}, {ID: "asc"}],
    "title": [{"sort_title": "asc"}, {ID: "asc"}],
}


class Found(NamedTuple):
    """What the cluster finds: the candidates by words and the nearest papers, how many papers match, how many of them
    hold every word, and how many shards did not answer (none unless partial answers are welcome)."""

    hits: Hits
    nearest: Hits
    total: int
    total_all: int
    lost: int


class ClusterSearcher:
    """Answers requests from one state of an index. Safe for many threads."""

    def __init__(
        self,
        connection: Connection,
        index: str,
        statistics: ClusterStatistics,
        meanings: ClusterMeanings | None = None,
        field: str = ID,
    ) -> None:
        """``meanings`` where papers have vectors. ``field`` tells documents apart."""
        self._connection, self._index = connection, index
        self.statistics = statistics
        self.meanings = meanings
        self._papers = Papers(connection, index, field)
        self._suggest = lru_cache(maxsize=1_000)(self._corrected)
        self._older = lru_cache(maxsize=1)(self._of_older)

    def search(self, request: Request) -> Answer:
        """The page of results that a request asks for."""
        begin = time.perf_counter()
        query = query_of(request)
        plan = self._plan(query, request)
        slips = self._slips(plan, request)
        asked, said = self._asked(request, lambda meanings: meanings.of_query(query, plan, request, slips))
        answer = self._answer(plan, request, request.match, asked)
        told = None
        if are_asked(request, plan, answer.total_all):
            try:
                answer, told = self._with_older(answer, query, plan, request, slips)
            except UnavailableError:
                if not self._connection.takes_partial:
                    raise
                told = "the answer is incomplete: the index of older posts did not answer"
        hint = answer.hint or query.hint or plan.hint or told or said
        return replace(answer, hint=hint, seconds=time.perf_counter() - begin)

    def _asked(
        self, request: Request, of: Callable[[ClusterMeanings], Asked | None]
    ) -> tuple[Asked | None, str | None]:
        """What is asked for by meaning, nothing deep down, and what the user should know of it."""
        return by_meaning(self.meanings, request, of) if request.offset < DEEP else (None, None)

    def _with_older(
        self, answer: Answer, query: Query, plan: Plan, request: Request, slips: Slips
    ) -> tuple[Answer, str | None]:
        """An answer together with papers of which only an older post has every word, and what to say of them."""
        older = self._older_hits(query, plan, request, answer)
        if older is None:
            return answer, None
        plan = replace(plan, filters=plan.filters + older.filters)
        rest = older.rest_of(request)
        asked, _ = self._asked(rest, lambda meanings: meanings.of_query(query, plan, rest, slips))
        others = self._answer(plan, rest, request.match, asked, suggest=False)
        results = older.beside(others.results, request)
        results = self.statistics.settle(lambda known: with_common_tags(results, known))
        total, total_all = others.total + len(older.found), answer.total_all + older.total_all
        return replace(answer, results=results, total=total, total_all=total_all), older.said

    def _older_hits(self, query: Query, plan: Plan, request: Request, answer: Answer) -> OlderHits | None:
        """Papers of which only an older post has every word, beside an answer from those that are shown."""
        searcher = self._older()
        if searcher is None:
            return None

        def ask(asked: Request) -> Iterable[Hit]:
            found = searcher._plan(query, asked)
            return searcher._answer(found, asked, "all", suggest=False).results if found.slots else ()

        def shown(asked: Request) -> Iterable[Hit]:
            return self._answer(plan, asked, "all", suggest=False).results

        return older_hits(request, answer.total, answer.total_all, shown, ask, self._posts_of)

    def _posts_of(self, paper_ids: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        """The posts of each paper that is there, the shown one first."""
        body = {"size": len(paper_ids), "query": query_dsl.among(paper_ids), "_source": ["posts"]}
        (papers,) = self._msearch(body)
        return {value_key(posts[0]["id"]): posts for posts in map(posts_in, papers["hits"]["hits"])}

    def _of_older(self) -> ClusterSearcher | None:
        """What answers from the posts that are not shown, None if there are none."""
        index = f"{self._index}.older"
        posts = self._connection.count(index)
        if not posts:
            return None
        statistics = self.statistics.of_older(index, posts)
        return ClusterSearcher(self._connection, index, statistics, field="path")

    def similar(self, text: str, request: Request, without: str | None) -> Answer:
        """Papers that share the terms that tell ``text`` apart."""
        begin = time.perf_counter()
        plan = self.statistics.settle(lambda known: likeness_plan(text, known, request, without))
        asked, said = self._asked(request, lambda meanings: meanings.of_text(text, plan, request, without))
        answer = self._answer(plan, request, "any", asked, suggest=False)
        results = tuple(replace(hit, missing=()) for hit in answer.results)
        return replace(answer, results=results, hint=answer.hint or said, seconds=time.perf_counter() - begin)

    def completions(self, text: str, most: int) -> list[Completion]:
        """How a query may go on from its last word."""
        from papersearch.engine.search.completion import completions

        return self.statistics.settle(lambda known: completions(text, known, most))

    def facets(self, by: str, request: Request) -> dict[str, int]:
        """How many matching papers have each value."""
        plan = self._plan(query_of(request), request)
        matching = query_dsl.matching(plan, request.match)
        counts: dict[str, int] = {}
        for key, papers in self._connection.values(self._index, by, matching):
            value = key.rpartition("\0")[2]
            counts[value] = counts.get(value, 0) + papers
        return as_one_value(counts)

    def _plan(self, query: Query, request: Request) -> Plan:
        """How the cluster is asked for a request with that query."""
        return self.statistics.settle(lambda known: Compiler(known, request).compile(query))

    def _answer(
        self, plan: Plan, request: Request, match: str, asked: Asked | None = None, suggest: bool = True
    ) -> Answer:
        """The answer from the posts that this index holds."""
        counted = self._count(plan)
        nearest = self.meanings.search(asked, plan, match) if asked is not None and self.meanings is not None else None
        found = self._find(plan, request, match, counted, nearest)
        selection, reader, papers, near = self._selected(plan, counted, found)
        meant = frequencies = None
        if asked is not None and self.meanings is not None:
            meant = self.meanings.meant(asked, papers, near, selection)
        elif others := self.statistics.settle(lambda known: other_words(selection, reader.asking(known), request)):
            wider = self._count(others)
            frequencies = wider.frequencies
            found = self._with_others(found, others, plan, request, match, wider)
            selection, reader, *_ = self._selected(plan, counted, found)
        results = self.statistics.settle(
            lambda known: page_of(selection, reader.asking(known), request, meant, frequencies)
        )
        suggestion = AS_IT_IS
        if suggest and selection.is_doubtful(request.query):
            suggestion = put_right(self._suggest(request.query), request, found.total, self._finds)
        lost = found.lost
        return Answer(
            query=request.query,
            total=found.total + (meant.total_added if meant else 0),
            total_all=found.total_all,
            seconds=0.0,
            results=self.statistics.settle(lambda known: with_common_tags(results, known)),
            suggestion=suggestion.text,
            certain=suggestion.certain,
            expanded=plan.expanded,
            hint=f"the answer is incomplete: {lost} of the index's shards did not answer" if lost else None,
        )

    def _selected(
        self, plan: Plan, counted: Counted, found: Found
    ) -> tuple[Selection, CandidateReader, list[Paper], list[bool]]:
        """What is selected of what was found, from the papers that were, and which of these are among the nearest."""
        papers, matching, near = self._candidates(found)
        reader = CandidateReader(papers, Guess(lambda _: None, self.statistics.papers))
        return selected(reader, plan, counted, found.total, found.total_all, matching), reader, papers, near

    def _with_others(
        self, found: Found, others: Plan, plan: Plan, request: Request, match: str, counted: Counted
    ) -> Found:
        """What was found, and the papers that match a plan by what the slots of another one score."""
        listing = self._listing(plan, request, match, counted, True)
        listing["query"] = query_dsl.ranked(plan, match, counted.weights, others.slots)
        (more,) = self._msearch(listing | self._papers.named)
        return found._replace(hits=[*found.hits, *more["hits"]["hits"]], lost=max(found.lost, lost_shards(more)))

    def _candidates(self, found: Found) -> tuple[list[Paper], int, list[bool]]:
        """The papers that were found and are still there, the bit set of those that match the words, and which of them
        are among the nearest."""
        by_name, name = self._papers.of([*found.hits, *found.nearest]), self._papers.name
        hits, nearest = (
            {name(hit): hit for hit in some if name(hit) in by_name} for some in (found.hits, found.nearest)
        )
        names, matching, near = together(hits, nearest)
        return [by_name[each] for each in names], matching, near

    def _count(self, plan: Plan) -> Counted:
        """How many papers hold each slot."""

        def count(known: Guess) -> list[int]:
            return [frequency_of(known, slot) for slot in plan.slots]

        frequencies = self.statistics.settle(count)
        return Counted(frequencies, weights_of(plan, frequencies, self.statistics.papers))

    def _find(
        self, plan: Plan, request: Request, match: str, counted: Counted, nearest: dict[str, Any] | None
    ) -> Found:
        """Ask the cluster, also for the ``nearest`` papers. Of a question asked before, papers come by name, as
        most are known. How many match is asked each time, since papers come as they are now; nodes keep such counts."""
        end = request.offset + request.limit
        if end > MOST_RESULTS:
            raise UsageError(
                f"a cluster lists the first {MOST_RESULTS:,} papers", "narrow the query, or leave --offset out"
            )
        matching, every = query_dsl.matching(plan, match), query_dsl.matching_every(plan, match)
        wanted = self._papers.named if self.statistics.counted(matching) is not None else self._papers.whole
        searches: dict[str, dict[str, Any]] = {"total": {"size": 0, "track_total_hits": True, "query": matching}}
        ranks = request.sort == "relevance" and bool(plan.slots)
        if request.limit:
            searches["listing"] = self._listing(plan, request, match, counted, ranks) | wanted
        searches |= self._completing(plan, match, every, ranks and request.limit > 0 and request.offset < DEEP)
        if nearest is not None:
            searches["nearest"] = nearest | wanted
        found = self._msearch(*searches.values())
        answers = dict(zip(searches, found, strict=True))
        total = self.statistics.learn_count(matching, answers["total"])
        total_all = self.statistics.learn_count(every, answers["every"])
        hits = {kind: answer["hits"]["hits"] for kind, answer in answers.items()}
        complete = hits.get("every", []) if total_all <= MOST_ALL_WORDS else []
        complete += hits.get("titled", []) if total_all <= MOST_HOLDING else []
        return Found(
            [*hits.get("listing", []), *complete],
            hits.get("nearest", []),
            total,
            total_all,
            max(map(lost_shards, found), default=0),
        )

    def _completing(self, plan: Plan, match: str, every: query_dsl.Query, reorders: bool) -> dict[str, dict[str, Any]]:
        """The searches for papers that hold ``every`` word, and for those whose title begins as is asked: they are
        candidates where what is listed is ranked again (``reorders``), and else only counted."""
        completes = reorders and sum(slot.wanted for slot in plan.slots) > 1
        size = MOST_ALL_WORDS if completes and (self.statistics.counted(every) or 0) <= MOST_ALL_WORDS else 0
        searches = {"every": {"size": size, "track_total_hits": True, "query": every} | self._papers.named}
        if reorders and plan.titles:
            body = {"size": MOST_READ + 1, "track_total_hits": False, "query": query_dsl.titled_so(plan, match)}
            searches["titled"] = body | self._papers.named
        return searches

    def _listing(self, plan: Plan, request: Request, match: str, counted: Counted, ranks: bool) -> dict[str, Any]:
        """The search for papers in the request's order: for all that may come on a page, deep down for its own."""
        start, size = request.offset, request.limit
        if start < DEEP:
            start, size = 0, start + size
            if ranks:
                size = max(size, CANDIDATES if is_exact(plan) else WIDE)
        order = request.sort if ranks or request.sort != "relevance" else "newest"
        query = query_dsl.ranked(plan, match, counted.weights) if ranks else query_dsl.matching(plan, match)
        return {
            "from": start,
            "size": size,
            "query": query,
            "sort": _ORDERS[order],
            "track_total_hits": False,
        }

    def _msearch(self, *bodies: dict[str, Any]) -> list[dict[str, Any]]:
        return self._connection.msearch([(self._index, body) for body in bodies])

    def _finds(self, request: Request) -> bool:
        """Whether any paper matches a request."""
        matching = query_dsl.matching(self._plan(query_of(request), request), request.match)
        (found,) = self._msearch({"size": 0, "track_total_hits": 1, "query": matching})
        return bool(found["hits"]["total"]["value"])

    def _slips(self, plan: Plan, request: Request) -> Slips:
        """The slips of a query that is compared by meaning, as ``Corrected`` has them."""
        if self.meanings is None or request.meaning is False:
            return ()
        if not is_doubtful(request.query, plan.slots, self._count(plan).frequencies, nothing=False):
            return ()
        return self._suggest(request.query).slips

    def _corrected(self, query: str) -> Corrected:
        return self.statistics.settle(lambda known: corrected(query, Lexicon(known)))
