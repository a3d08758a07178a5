"""The seam: a request in, a page of answers out. Read only; knows neither the terminal nor how an index is made."""

from __future__ import annotations

import time
from collections import Counter
from functools import lru_cache

from papersearch.core.errors import UsageError
from papersearch.core.fields import query_fields
from papersearch.core.frozen import replace
from papersearch.core.records import Answer, Request
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.search.lexicon import Lexicon
from papersearch.engine.search.matching import exact_id
from papersearch.engine.search.plan import Compiler, Group, Leaf, Plan, Test
from papersearch.engine.search.ranking import Asked
from papersearch.query import language
from papersearch.text.words import QueryWord, query_words

MATCHES = ("auto", "all", "any")
SORTS = ("relevance", "newest", "oldest", "title")
# Below this many papers with a word, it may be a slip of the pen.
SUSPECT = 3


class Engine:
    """Answers requests from one generation of an index. Safe for many threads."""

    def __init__(self, reader: IndexReader) -> None:
        self.reader = reader
        self._lexicon = Lexicon(reader)
        self._fields = query_fields()
        self._suggest = lru_cache(maxsize=1_000)(self._suggest_uncached)

    def search(self, request: Request) -> Answer:
        """The page of results that a request asks for. Raises ``QueryError`` and ``UsageError``."""
        begin = time.perf_counter()
        _check(request)
        query = language.parse(request.query, self._fields) if request.syntax else language.plain(request.query)
        plan = Compiler(self.reader, request.expand).compile(query.node)
        ask = Asked(self.reader, request, plan)
        results = ask.page()
        suggestion = self._suggestion(request.query, plan, ask)
        return Answer(
            query=request.query,
            total=ask.total,
            total_all=ask.total_all,
            seconds=time.perf_counter() - begin,
            results=results,
            suggestion=suggestion,
            expanded=plan.expanded,
            hint=query.hint,
        )

    def similar(self, content: str, request: Request, without: str | None) -> Answer:
        """Papers that share the terms that tell ``content`` apart; the paper ``without`` is left out."""
        from papersearch.engine.search.likeness import distinctive

        begin = time.perf_counter()
        _check(request)
        # What only the paper itself says finds no other.
        plan = Plan(slots=distinctive(content, self.reader, least=1 if without is None else 2))
        plan.expression = Group("or", tuple(Leaf(number) for number in range(len(plan.slots))))
        if without is not None:
            key = without.casefold()
            test = Group("not", (Test(lambda segment: exact_id(segment, key)),))
            plan.expression = Group("and", (plan.expression, test))
            plan.plain = False
        ask = Asked(self.reader, replace(request, match="any"), plan)
        results = tuple(replace(hit, missing=()) for hit in ask.page())
        return Answer(
            request.query, ask.total, ask.total_all, time.perf_counter() - begin, results, expanded=plan.expanded
        )

    def facets(self, by: str, request: Request) -> Counter[str]:
        """How many matching papers have each value."""
        from papersearch.engine.search.facets import count_facets

        _check(request)
        query = language.parse(request.query, self._fields) if request.syntax else language.plain(request.query)
        plan = Compiler(self.reader, request.expand).compile(query.node)
        return count_facets(by, self.reader, Asked(self.reader, request, plan).matching)

    def _suggestion(self, query: str, plan: Plan, ask: Asked) -> str | None:
        plain = [
            (slot, n)
            for slot, n in zip(plan.slots, ask.frequencies, strict=True)
            if slot.literal and slot.wanted and not slot.slop
        ]
        if not any(n < SUSPECT for _, n in plain) or any(operator in query for operator in '*?~:"'):
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


def _check(request: Request) -> None:
    """Raise ``UsageError`` for options that make no sense."""
    for name, value, known in (("match", request.match, MATCHES), ("sort", request.sort, SORTS)):
        if value not in known:
            raise UsageError(f"there is no {name} {value!r}", f"choose one of {', '.join(known)}")
    if request.limit < 0 or request.offset < 0:
        raise UsageError("limit and offset cannot be negative")
