"""The engine for an index in a folder of this machine: answers from it, and has it brought up to date."""

from __future__ import annotations

import os
import time
from _thread import allocate_lock  # `threading` makes no more of it than this, and takes time to load
from contextlib import contextmanager
from functools import lru_cache

from papersearch.core.errors import DamagedIndexError, NoIndexError, PapersearchError
from papersearch.core.fields import AUTHOR, ID, PATH, TAG, query_fields
from papersearch.core.frozen import replace
from papersearch.core.records import Answer, Completion, Paper, Request, Stats
from papersearch.engine.index import generation as generations
from papersearch.engine.index.reader import IndexReader, docs_of
from papersearch.engine.index.weights import weights_of
from papersearch.engine.port import Corpus
from papersearch.engine.search import hits
from papersearch.engine.search.lexicon import Lexicon
from papersearch.engine.search.matching import exact_id
from papersearch.engine.search.plan import Compiler, Group, Leaf, Plan, Test
from papersearch.engine.search.ranking import Asked
from papersearch.query import language
from papersearch.text.words import QueryWord, query_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from papersearch.core.records import Problem, Summary
    from papersearch.engine.port import Run, Value

# In fewer papers than this, a word may be misspelled.
SUSPECT = 3


class Search:
    """Answers requests from one generation of an index. Safe for many threads."""

    def __init__(self, reader: IndexReader) -> None:
        self.reader = reader
        self._lexicon = Lexicon(reader)
        self._fields = query_fields()
        self._suggest = lru_cache(maxsize=1_000)(self._suggest_uncached)

    def search(self, request: Request) -> Answer:
        """The page of results that a request asks for. Raises ``QueryError`` and ``NotFoundError``."""
        begin = time.perf_counter()
        query = language.parse(request.query, self._fields) if request.syntax else language.plain(request.query)
        plan = Compiler(self.reader, request.expand, _is_being_typed(request)).compile(query.node)
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
        ask = Asked(self.reader, replace(request, match="any"), plan)
        results = tuple(replace(hit, missing=()) for hit in ask.page())
        return Answer(
            request.query, ask.total, ask.total_all, time.perf_counter() - begin, results, expanded=plan.expanded
        )

    def completions(self, text: str, most: int) -> list[Completion]:
        """How a query may go on from its last word."""
        from papersearch.engine.search.completion import completions

        return completions(text, self.reader, most)

    def facets(self, by: str, request: Request) -> dict[str, int]:
        """How many matching papers have each value."""
        from papersearch.engine.search.facets import count_facets

        query = language.parse(request.query, self._fields) if request.syntax else language.plain(request.query)
        plan = Compiler(self.reader, request.expand, _is_being_typed(request)).compile(query.node)
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


def _is_being_typed(request: Request) -> bool:
    return request.prefix and request.query[-1:].isalnum()


class LocalEngine:
    """An index in a folder, opened. See ``port.Engine``."""

    def __init__(self, folder: str, trust: bool, weights: Mapping[str, float]) -> None:
        self._folder, self._trust = folder, trust
        self._weights = weights_of(weights)
        self._swap = allocate_lock()
        self._current = self._opened()

    def _opened(self) -> Search:
        return Search(IndexReader(self._folder, self._trust, self._weights))

    @contextmanager
    def _state(self) -> Iterator[Search]:
        """The current state. On damage, the index is marked for full verification by the next run."""
        try:
            yield self._current
        except DamagedIndexError:
            generations.note_doubt(self._folder)
            raise

    @property
    def corpus(self) -> tuple[str, ...]:
        """The folders that the index was built from."""
        return self._current.reader.generation.folders

    @property
    def run(self) -> int:
        """The number of the last run that changed anything."""
        return self._current.reader.generation.run

    def search(self, request: Request) -> Answer:
        """One page of results."""
        with self._state() as state:
            return state.search(request)

    def similar(self, text: str, request: Request, without: str | None) -> Answer:
        """Papers like a text."""
        with self._state() as state:
            return state.similar(text, request, without)

    def completions(self, text: str, most: int) -> list[Completion]:
        """How a query may go on."""
        with self._state() as state:
            return state.completions(text, most)

    def facets(self, by: str, request: Request) -> dict[str, int]:
        """Counts of values."""
        with self._state() as state:
            return state.facets(by, request)

    def paper(self, paper_id: str) -> Paper | None:
        """One paper, or None."""
        with self._state() as state:
            found = hits.find_paper(state.reader, paper_id)
            if found is None:
                return None
            segment, doc = found
            stored = segment.documents.stored(doc)
            return hits.paper(stored, hits.other_posts(state.reader, stored["id"]))

    def id_at(self, path: str) -> str | None:
        """The paper of a post."""
        with self._state() as state:
            for segment in state.reader.segments:
                entry = segment.find(path, PATH)
                for doc in segment.postings(entry).docs if entry is not None else ():
                    paper_id: str = segment.documents.stored(doc)["id"]
                    return paper_id
        return None

    def values(self, kind: Value, prefix: str = "") -> list[str]:
        """Ids, tags, authors or titles, in order."""
        folded = prefix.casefold()
        with self._state() as state:
            reader = state.reader
            if kind == "id":
                return list(reader.terms(folded, ID))
            if kind != "title":
                field = {"tag": TAG, "author": AUTHOR}[kind]
                return [term.partition("\0")[2] for term in reader.terms(folded, field)]
            titles = {
                segment.documents.stored(doc).get("title", "")
                for segment in reader.segments
                for doc in docs_of(segment.live)
            }
            return sorted(
                (title for title in titles if title and title.casefold().startswith(folded)), key=str.casefold
            )

    def stats(self) -> Stats:
        """What the index holds."""
        with self._state() as state:
            generation, segments = state.reader.generation, state.reader.segments
            return Stats(
                papers=generation.papers,
                posts=generation.posts,
                terms=sum(segment.terms.count for segment in segments),
                segments=len(segments),
                size_bytes=folder_size(self._folder),
                generation=generation.number,
                indexed_at=generation.indexed_at or None,
                corpus=generation.folders,
                run=generation.run,
            )

    def stale(self, most: int | None = None) -> int:
        """Files of the corpus that changed since; 5 µs for each file."""
        from papersearch.engine.index.filetable import Table, count_stale
        from papersearch.posts.scan import walk

        generation = self._current.reader.generation
        if most is not None and generation.posts > most:
            return 0
        states, _ = walk(generation.folders, generation.exclude)
        return count_stale(states, Table(os.path.join(self._folder, generations.table_name(generation.number))))

    def refresh(self) -> bool:
        """Switch to the newest commit; True if it changed."""
        with self._swap:
            if self._current.reader.is_current():
                return False
            self._current = self._opened()
        return True

    def close(self) -> None:
        """Nothing to do: files are mapped into memory, and unmapped when nothing refers to them."""


class FolderStore:
    """A folder that holds an index, or will. See ``port.Store``."""

    def __init__(self, address: str, trust: bool, weights: Mapping[str, float]) -> None:
        self.address = address
        self._trust, self._weights = trust, weights

    def open(self) -> LocalEngine:
        """Open the index."""
        return LocalEngine(self.address, self._trust, self._weights)

    def update(self, corpus: Sequence[str], run: Run) -> Summary:
        """Bring the index up to date."""
        from papersearch.engine.build import update

        options = update.Options(**run._asdict(), trust=self._trust)
        try:
            return update.update(self.address, corpus, options)
        except OSError as refused:
            raise PapersearchError(
                f"the index in {self.address} could not be written ({refused.strerror or refused})",
                "the previous index is intact; fix this and run again",
            ) from refused

    def corpus(self) -> Corpus:
        """What the index was built from."""
        try:
            generation = generations.load(self.address, self._trust)
        except NoIndexError:
            return Corpus()
        except PapersearchError:
            return Corpus(generations.remembered_folders(self.address))
        return Corpus(generation.folders, generation.exclude)

    def check(self) -> list[Problem]:
        """What is wrong with the index."""
        from papersearch.engine.build.verify import check_index

        return list(check_index(self.address, self._trust))


def folder_size(path: str) -> int:
    """Bytes of all files in a folder."""
    with os.scandir(path) as entries:
        return sum(entry.stat().st_size for entry in entries if entry.is_file())
