"""From a request to its answer, on one generation of an index: parse, compile, select, rank, show."""

from __future__ import annotations

import time

from papersearch.core.caches import cached_method
from papersearch.core.errors import MeaningError
from papersearch.core.frozen import replace
from papersearch.core.records import Answer, Completion, Hit, Request
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.search.expression import Filter, Group, Leaf, Named
from papersearch.engine.search.hits import posts_of, with_common_tags
from papersearch.engine.search.lexicon import Lexicon
from papersearch.engine.search.page import page
from papersearch.engine.search.plan import Compiler, Plan
from papersearch.engine.search.selection import Selection, select
from papersearch.query.filters import filters_of, query_of
from papersearch.text.folding import value_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Protocol, TypeVar

    from papersearch.engine.search.meanings import Meanings
    from papersearch.engine.search.older import OlderHits
    from papersearch.engine.search.statistics import Statistics
    from papersearch.engine.search.suggestion import Corrected
    from papersearch.query.tree import Query

    class Vectors(Protocol):
        """Those of an index; ``said`` is what the user should know of them."""

        @property
        def said(self) -> str | None: ...

    V = TypeVar("V", bound=Vectors)
    Compared = TypeVar("Compared")


class Searcher:
    """Answers requests from one generation of an index. Safe for many threads."""

    def __init__(self, reader: IndexReader, meanings: Meanings | None) -> None:
        """``meanings`` where the index keeps vectors."""
        self.reader = reader
        self._meanings = meanings
        self._lexicon = Lexicon(reader)
        self._suggest = cached_method(1_000, self._corrected)

    def search(self, request: Request) -> Answer:
        """The page of results that a request asks for. Raises ``QueryError`` and ``NotFoundError``."""
        begin = time.perf_counter()
        query = query_of(request)
        plan = Compiler(self.reader, request).compile(query)
        selection = select(self.reader, plan, request.match)
        put_right = self._put_right(request, selection)
        rest, older = request, self._older_hits(query, request, selection)
        if older is not None:
            plan = replace(plan, filters=plan.filters + older.filters)
            rest = older.rest_of(request)
            selection = select(self.reader, plan, request.match)
        slips = put_right.slips if put_right else ()
        meant, said = by_meaning(self._meanings, rest, lambda each: each.of_query(query, rest, selection, slips))
        results = page(selection, rest, meant)
        added = meant.total_added if meant else 0
        if older is not None:
            results, said, added = older.beside(results, request), older.said, added + len(older.found)
        return Answer(
            query=request.query,
            total=selection.total + added,
            total_all=selection.total_all + (older.total_all if older else 0),
            results=with_common_tags(results, self.reader),
            suggestion=put_right.text if put_right else None,
            certain=put_right.certain if put_right else False,
            seconds=time.perf_counter() - begin,
            expanded=plan.expanded,
            hint=query.hint or plan.hint or said,
        )

    def _older_hits(self, query: Query, request: Request, selection: Selection) -> OlderHits | None:
        """Papers of which only a post that is not shown has every word, if few are selected that have them."""
        if not any(state.hidden for state in self.reader.generation.segments):
            return None
        from papersearch.engine.search.older import are_asked, older_hits

        plan = selection.plan
        older = self.reader.older() if are_asked(request, plan, selection.total_all) else None
        if older is None:
            return None

        def ask(asked: Request) -> Iterable[Hit]:
            found = Compiler(older, asked).compile(query)
            return page(select(older, found, "all"), asked) if found.slots else ()

        def shown(asked: Request) -> Iterable[Hit]:
            return page(select(self.reader, plan, "all"), asked)

        return older_hits(
            request,
            selection.total,
            selection.total_all,
            shown,
            ask,
            lambda ids: {each: posts_of(self.reader, each) for each in ids},
        )

    def _put_right(self, request: Request, selection: Selection) -> Corrected | None:
        """The query as it was probably meant, if a word of it is in doubt and what was meant is found."""
        if not selection.is_doubtful(request.query):
            return None
        from papersearch.engine.search.suggestion import put_right

        def finds(asked: Request) -> bool:
            plan = Compiler(self.reader, asked).compile(query_of(asked))
            return select(self.reader, plan, asked.match).total > 0

        return put_right(self._suggest(request.query), request, selection.total, finds)

    def _corrected(self, query: str) -> Corrected:
        """A query as it was probably meant."""
        from papersearch.engine.search.suggestion import corrected  # most queries are not in doubt

        return corrected(query, self._lexicon)

    def similar(self, text: str, request: Request, without: str | None) -> Answer:
        """Papers that share the terms that tell ``text`` apart; the paper ``without`` is left out."""
        begin = time.perf_counter()
        plan = likeness_plan(text, self.reader, request, without)
        selection = select(self.reader, plan, "any")
        meant, said = by_meaning(
            self._meanings, request, lambda meanings: meanings.of_text(text, request, selection, without)
        )
        return Answer(
            query=request.query,
            total=selection.total + (meant.total_added if meant else 0),
            total_all=selection.total_all,
            seconds=time.perf_counter() - begin,
            results=with_common_tags(
                tuple(replace(hit, missing=()) for hit in page(selection, request, meant)), self.reader
            ),
            expanded=plan.expanded,
            hint=said,
        )

    def completions(self, text: str, most: int) -> list[Completion]:
        """How a query may go on from its last word."""
        from papersearch.engine.search.completion import completions

        return completions(text, self.reader, most)

    def facets(self, by: str, request: Request) -> dict[str, int]:
        """How many matching papers have each value."""
        from papersearch.engine.search.facets import as_one_of_many, count_facets

        plan = Compiler(self.reader, request).compile(query_of(request))
        counts = count_facets(by, self.reader, select(self.reader, plan, request.match).matching)
        return as_one_of_many(counts, by, self.reader)


def by_meaning(
    vectors: V | None, request: Request, compare: Callable[[V], Compared | None]
) -> tuple[Compared | None, str | None]:
    """What ``compare`` gives of the vectors of an index, if it keeps any, and what the user should know of it. Raises
    ``MeaningError`` only if the request asks for meaning in so many words: else words alone answer."""
    if request.meaning is False or (vectors is None and not request.meaning):
        return None, None
    if vectors is None:
        raise MeaningError("the index keeps no vectors to search by meaning", "papersearch index --meaning")
    try:
        return compare(vectors), vectors.said
    except MeaningError as error:
        if request.meaning:
            raise
        return None, f"by words alone: {error}"


def likeness_plan(text: str, statistics: Statistics, request: Request, without: str | None) -> Plan:
    """What is asked for papers that are like a text, save for the paper with the id ``without``."""
    from papersearch.engine.search.likeness import likeness_of

    # What only the paper itself says finds no other.
    likeness = likeness_of(text, statistics, least=1 if without is None else 2)
    expression = Group("or", tuple(Leaf(number) for number in range(len(likeness.slots))))
    if without is not None:
        expression = Group("and", (expression, Group("not", (Filter(Named(value_key(without))),))))
    filters = Compiler(statistics, request).filters(filters_of(request))
    return Plan(likeness.slots, expression, filters, plain=without is None, likeness=likeness)
