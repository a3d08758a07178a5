"""From a request to its answer, on one generation of an index: parse, compile, select, rank, show."""

from __future__ import annotations

import time
from functools import lru_cache

from papersearch.core.frozen import replace
from papersearch.core.records import Answer, Completion, Request
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.search.expression import Group, Leaf, Test
from papersearch.engine.search.lexicon import Lexicon
from papersearch.engine.search.matching import exact_id
from papersearch.engine.search.page import page
from papersearch.engine.search.plan import Compiler, Plan
from papersearch.engine.search.selection import Selection, select
from papersearch.query.filters import filters_of, query_of
from papersearch.text.words import QueryWord, query_words

# In fewer papers than this, a word may be misspelled.
SUSPECT = 3


class Searcher:
    """Answers requests from one generation of an index. Safe for many threads."""

    def __init__(self, reader: IndexReader) -> None:
        self.reader = reader
        self._lexicon = Lexicon(reader)
        self._suggest = lru_cache(maxsize=1_000)(self._suggest_uncached)

    def search(self, request: Request) -> Answer:
        """The page of results that a request asks for. Raises ``QueryError`` and ``NotFoundError``."""
        begin = time.perf_counter()
        query = query_of(request)
        plan = Compiler(self.reader, request.expand, _is_being_typed(request)).compile(query)
        selection = select(self.reader, plan, request.match)
        results = page(selection, request)
        suggestion = self._suggestion(request.query, selection)
        return Answer(
            query=request.query,
            total=selection.total,
            total_all=selection.total_all,
            seconds=time.perf_counter() - begin,
            results=results,
            suggestion=suggestion,
            expanded=plan.expanded,
            hint=query.hint,
        )

    def similar(self, text: str, request: Request, without: str | None) -> Answer:
        """Papers that share the terms that tell ``text`` apart; the paper ``without`` is left out."""
        from papersearch.engine.search.likeness import distinctive

        begin = time.perf_counter()
        # What only the paper itself says finds no other.
        plan = Plan(slots=distinctive(text, self.reader, least=1 if without is None else 2))
        plan.expression = Group("or", tuple(Leaf(number) for number in range(len(plan.slots))))
        if without is not None:
            key = without.casefold()
            test = Group("not", (Test(lambda segment: exact_id(segment, key)),))
            plan.expression = Group("and", (plan.expression, test))
            plan.plain = False
        plan.filters = Compiler(self.reader, expand=False).filters(filters_of(request))
        selection = select(self.reader, plan, "any")
        return Answer(
            query=request.query,
            total=selection.total,
            total_all=selection.total_all,
            seconds=time.perf_counter() - begin,
            results=tuple(replace(hit, missing=()) for hit in page(selection, request)),
            expanded=plan.expanded,
        )

    def completions(self, text: str, most: int) -> list[Completion]:
        """How a query may go on from its last word."""
        from papersearch.engine.search.completion import completions

        return completions(text, self.reader, most)

    def facets(self, by: str, request: Request) -> dict[str, int]:
        """How many matching papers have each value."""
        from papersearch.engine.search.facets import count_facets

        plan = Compiler(self.reader, request.expand, _is_being_typed(request)).compile(query_of(request))
        return count_facets(by, self.reader, select(self.reader, plan, request.match).matching)

    def _suggestion(self, query: str, selection: Selection) -> str | None:
        rare = any(
            frequency < SUSPECT and slot.literal and slot.wanted and not slot.slop
            for slot, frequency in zip(selection.plan.slots, selection.frequencies, strict=True)
        )
        if not rare or any(operator in query for operator in '*?~:"'):
            return None
        return self._suggest(query)

    def _spelled(self, query: str) -> list[QueryWord]:
        """The words of a query that can be misspelled; not the parts of a compound that the corpus knows."""
        chunks: dict[int, list[QueryWord]] = {}
        for word in query_words(query):
            chunks.setdefault(word.chunk, []).append(word)
        return [
            word
            for parts in chunks.values()
            if len(parts) == 1 or not self._lexicon.frequency("".join(part.word for part in parts))
            for word in parts
            if word.word.isalpha()
        ]

    def _suggest_uncached(self, query: str) -> str | None:
        """The query with words as they were probably meant, or None."""
        from papersearch.engine.search import spelling

        found = self._spelled(query)
        corrected = spelling.suggest([word.word for word in found], self._lexicon)
        if corrected is None or corrected == [word.word for word in found]:
            return None
        from difflib import SequenceMatcher

        text, at = "", 0
        changes = SequenceMatcher(None, [word.word for word in found], corrected, autojunk=False).get_opcodes()
        for kind, first, last, start, end in changes:
            if kind != "equal":
                text += query[at : found[first].start] + " ".join(corrected[start:end])
                at = found[last - 1].end
        return text + query[at:]


def _is_being_typed(request: Request) -> bool:
    return request.prefix and request.query[-1:].isalnum()
