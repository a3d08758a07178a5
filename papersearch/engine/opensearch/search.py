"""From a request to its answer: compiled with the cluster's statistics, answered by its shards, ranked by our code.

1. the tree is compiled (``engine.search.plan``) with the statistics that this asks for,
2. the slots are weighed: how many papers hold each,
3. one request of three searches: the candidates, how many match, and which hold every word,
4. the candidates are scored exactly, ranked again and shown by the code of the local engine,
5. if no paper has every word, the same is asked of the posts that are not shown (``engine.search.older``).
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from papersearch.core.errors import NotFoundError, UsageError
from papersearch.core.fields import ID, WORDS
from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Answer, Completion, Hit, Request
from papersearch.engine.opensearch import compile
from papersearch.engine.opensearch.candidates import CandidateReader
from papersearch.engine.opensearch.connection import Connection, UnavailableError
from papersearch.engine.opensearch.documents import paper_key, posts_of
from papersearch.engine.opensearch.mapping import MOST_RESULTS
from papersearch.engine.opensearch.statistics import ClusterStatistics, Guess
from papersearch.engine.search.hits import other_posts, with_common_tags
from papersearch.engine.search.lexicon import Lexicon
from papersearch.engine.search.matching import match
from papersearch.engine.search.older import Older, looked_for, shown_as, with_older
from papersearch.engine.search.page import page
from papersearch.engine.search.plan import Compiler, Plan
from papersearch.engine.search.ranking import MOST_ALL_WORDS
from papersearch.engine.search.rerank import CANDIDATES
from papersearch.engine.search.searcher import is_being_typed, likeness_plan
from papersearch.engine.search.selection import Selection, rarest_first, weights_of, with_every_word
from papersearch.engine.search.suggestion import AS_IT_IS, Corrected, corrected, suggestion
from papersearch.query.filters import query_of
from papersearch.query.tree import Query

# What single words score is exact in the cluster; of other queries so many papers are scored again (chosen).
WIDE = 100
# From this place on, results come as the cluster orders them: nothing that is ranked again reaches so far.
DEEP = 1_000
_ORDERS = {
    "relevance": [{"_score": "desc"}, {"day": {"order": "desc", "missing": "_last"}}, {ID: "asc"}],
    "newest": [{"day": {"order": "desc", "missing": "_last"}}, {ID: "asc"}],
    "oldest": [{"day": {"order": "asc", "missing": "_last"}}, {ID: "asc"}],
    "title": [{"sort_title": "asc"}, {ID: "asc"}],
}

Papers = list[list[dict[str, Any]]]


class Counted(NamedTuple):
    """What the cluster says of a plan: how many papers hold each slot, and what each weighs."""

    frequencies: list[int]
    weights: list[float]


class ClusterSearcher:
    """Answers requests from one state of an index. Safe for many threads."""

    def __init__(self, connection: Connection, index: str, statistics: ClusterStatistics, partial: bool) -> None:
        """``partial`` answers are welcome if a shard is lost."""
        self._connection, self._index, self._partial = connection, index, partial
        self.statistics = statistics
        self._suggest = lru_cache(maxsize=1_000)(self._corrected)
        self._older = lru_cache(maxsize=1)(self._of_older)

    def search(self, request: Request) -> Answer:
        """The page of results that a request asks for."""
        begin = time.perf_counter()
        query = query_of(request)
        plan = self._plan(query, request, is_being_typed(request))
        answer = self._answer(plan, request, request.match)
        told = None
        if not answer.total_all and not request.offset and request.limit:
            try:
                answer, told = self._with_older(answer, query, plan, request)
            except UnavailableError:
                if not self._partial:
                    raise
                told = "the answer is incomplete: the index of older posts did not answer"
        hint = answer.hint or query.hint or plan.hint or told
        return replace(answer, hint=hint, seconds=time.perf_counter() - begin)

    def _with_older(self, answer: Answer, query: Query, plan: Plan, request: Request) -> tuple[Answer, str | None]:
        """An answer together with papers of which an older post has every word, and what to say of them."""
        found = self._older_hits(query, plan, request)
        if not found:
            return answer, None
        results, added, told = with_older(answer.results, found, request.limit)
        results = self.statistics.settle(lambda known: with_common_tags(results, known))
        return replace(answer, results=results, total=answer.total + added, total_all=len(found)), told

    def _older_hits(self, query: Query, plan: Plan, request: Request) -> list[Older]:
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
        posts = searcher._answer(older_plan, looked_for(request), "all", suggest=False).results
        first: dict[str, Hit] = {}
        for old in posts:
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
        shown = {posts[0]["id"].casefold(): posts for posts in map(_posts_of, papers["hits"]["hits"])}
        matches = {hit["_id"] for hit in matching["hits"]["hits"]}
        found = []
        for paper_id, old in first.items():
            others = other_posts(shown.get(paper_id, [])[1:])
            if any(post.path == old.path for post in others):
                hit = shown_as(old, shown[paper_id][0], others)
                found.append(Older(hit, old.path, paper_key(paper_id) in matches))
        return found

    def _of_older(self) -> ClusterSearcher | None:
        """What answers from the posts that are not shown, None if there are none."""
        index = f"{self._index}.older"
        [answer] = self._connection.msearch([(index, {"size": 0, "track_total_hits": True})], self._partial)
        posts = answer["hits"]["total"]["value"]
        if not posts:
            return None
        return ClusterSearcher(self._connection, index, self.statistics.of_older(index, posts), self._partial)

    def similar(self, text: str, request: Request, without: str | None) -> Answer:
        """Papers that share the terms that tell ``text`` apart."""
        begin = time.perf_counter()
        plan = self.statistics.settle(lambda known: likeness_plan(text, known, request, without))
        answer = self._answer(plan, request, "any", suggest=False)
        results = tuple(replace(hit, missing=()) for hit in answer.results)
        return replace(answer, results=results, seconds=time.perf_counter() - begin)

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

    def _answer(self, plan: Plan, request: Request, mode: str, suggest: bool = True) -> Answer:
        counted = self._count(plan)
        ranks = request.sort == "relevance" and bool(plan.slots)
        papers, total, total_all, lost = self._find(plan, request, mode, counted, ranks)
        reader = CandidateReader(papers, Guess(lambda _: None, self.statistics.papers))
        selection = _selection(reader, plan, counted, total, total_all)
        results = self.statistics.settle(lambda known: _page(selection, reader.asking(known), request))
        put_right = suggestion(request.query, selection, self._suggest) if suggest else AS_IT_IS
        return Answer(
            query=request.query,
            total=total,
            total_all=total_all,
            seconds=0.0,
            results=self.statistics.settle(lambda known: with_common_tags(results, known)),
            suggestion=put_right.text,
            certain=put_right.certain,
            expanded=plan.expanded,
            hint=f"the answer is incomplete: {lost} of the index's shards did not answer" if lost else None,
        )

    def _count(self, plan: Plan) -> Counted:
        """How many papers hold each slot."""

        def count(known: Guess) -> list[int]:
            return [_frequency(known, slot) for slot in plan.slots]

        frequencies = self.statistics.settle(count)
        return Counted(frequencies, weights_of(plan.slots, frequencies, self.statistics.papers))

    def _find(
        self, plan: Plan, request: Request, mode: str, counted: Counted, ranks: bool
    ) -> tuple[Papers, int, int, int]:
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
            size = max(end, CANDIDATES if _is_exact(plan) else WIDE) if ranks else end
            bodies.append(self._listing(plan, request, mode, counted, ranks, 0, size))
        answers = self._msearch(*bodies)
        total, total_all = (answer["hits"]["total"]["value"] for answer in answers[:2])
        complete = [hit["_id"] for hit in answers[1]["hits"]["hits"]] if total_all <= MOST_ALL_WORDS else []
        hits = answers[2]["hits"]["hits"] if size else []
        if request.limit and request.offset >= DEEP:
            body = self._listing(plan, request, mode, counted, ranks, request.offset, request.limit)
            hits = self._msearch(body)[0]["hits"]["hits"]
        elif missing := set(complete) - {hit["_id"] for hit in hits}:
            body = {"size": len(missing), "query": {"ids": {"values": sorted(missing)}}, "_source": ["posts"]}
            hits = hits + self._msearch(body)[0]["hits"]["hits"]
        lost = max(answer["_shards"]["failed"] for answer in answers)
        return [_posts_of(hit) for hit in hits], total, total_all, lost

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
            "_source": ["posts"],
        }

    def _msearch(self, *bodies: dict[str, Any]) -> list[dict[str, Any]]:
        return self._connection.msearch([(self._index, body) for body in bodies], self._partial)

    def _corrected(self, query: str) -> Corrected:
        return self.statistics.settle(lambda known: corrected(query, Lexicon(known)))


def _posts_of(hit: Mapping[str, Any]) -> list[dict[str, Any]]:
    return posts_of(hit["_source"])[0]


def _is_exact(plan: Plan) -> bool:
    """Whether the cluster scores a plan as exactly as we do: single terms, in whatever field."""
    return all(
        slot.field is None and not slot.slop and all(len(each.terms) == 1 for each in slot.alternatives)
        for slot in plan.slots
    )


def _frequency(known: Guess, slot: Any) -> int:
    """How many papers hold a slot; of a single term its frequency, else they are counted."""
    single = len(slot.alternatives) == 1 and len(slot.alternatives[0].terms) == 1
    if single and slot.paper_id is None and slot.field in (None, ID):
        return known.frequency(slot.alternatives[0].terms[0], slot.field or WORDS)
    return known.count(json.dumps(compile.holds(slot), sort_keys=True))


def _selection(reader: CandidateReader, plan: Plan, counted: Counted, total: int, total_all: int) -> Selection:
    """The candidates as what the local engine selects. All of them match: the cluster has seen to that."""
    known = reader.asking(Guess(lambda _: None, reader.papers))
    segment = known.segments[0]
    matches = [match(slot, segment) for slot in plan.slots]
    bits = [each.bits for each in matches]
    return Selection(
        reader=known,
        plan=plan,
        matches=[matches],
        bits=[bits],
        frequencies=counted.frequencies,
        weights=counted.weights,
        order=rarest_first(plan.slots, counted.frequencies),
        matching=[segment.live],
        every=[with_every_word(plan.slots, bits, segment.live)],
        total=total,
        total_all=total_all,
        scored_match=True,
    )


def _page(selection: Selection, reader: Any, request: Request) -> tuple[Hit, ...]:
    """The hits of the page, whose candidates start at its offset where that is deep."""
    if request.offset < DEEP:
        return page(replace(selection, reader=reader), request)
    hits: Sequence[Hit] = page(replace(selection, reader=reader), replace(request, offset=0))
    return tuple(replace(hit, rank=hit.rank + request.offset) for hit in hits)
