"""The engine for an index in a folder of this machine: answers from it."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress

from papersearch.core.caches import Lock
from papersearch.core.errors import DamagedIndexError, MeaningError, PapersearchError
from papersearch.core.fields import AUTHOR, ID, PATH, TAG
from papersearch.core.frozen import replace
from papersearch.core.opening import lasting
from papersearch.core.records import Answer, Completion, Paper, Request, Stats
from papersearch.engine.index import generation as generations
from papersearch.engine.index.bits import docs_of
from papersearch.engine.index.folder import files_of_vectors, translating_os_errors, vectors_state
from papersearch.engine.index.paths import home_of, stored_path
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.index.weights import weights_of
from papersearch.engine.search import hits
from papersearch.engine.search.searcher import Searcher
from papersearch.text.folding import key_prefix, plain_letters
from papersearch.text.words import stem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from papersearch.engine.index.filetable import Table
    from papersearch.engine.port import Value


class LocalEngine:
    """An index in a folder, opened. See ``port.Engine``."""

    def __init__(self, folder: str, trust: bool, weights: Mapping[str, float], model: str | None) -> None:
        self._folder, self._trust, self._model = folder, trust, model
        self._weights = weights_of(weights)
        self._swap = Lock()
        with translating_os_errors(folder):
            self._current = self._opened()  # what is wrong is told of the folder as it was named
        self._folder = self._current.reader.folder = lasting(folder)

    def _opened(self) -> Searcher:
        reader = IndexReader(self._folder, self._trust, self._weights)
        self._vectors_read = vectors_state(self._folder)
        meanings = None
        if files_of_vectors(self._folder):
            from papersearch.engine.search.meanings import Meanings

            meanings = Meanings(reader, self._model, self._trust)
        return Searcher(reader, meanings)

    @contextmanager
    def _state(self) -> Iterator[Searcher]:
        """The current state. On damage, the index is marked for full verification by the next run; so it is after an
        unexpected error, if anything in the index turns out to be impossible."""
        try:
            with translating_os_errors(self._folder):
                state = self._current
                state.reader.check_lengths()
                yield state
                state.reader.forget_if_much()
        except DamagedIndexError:
            generations.note_doubt(self._folder)
            raise
        except PapersearchError:
            raise
        except Exception:
            from papersearch.engine.index.audit import suspect

            suspect(self._folder)
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
            return _with_lack(state.search(request), state)

    def similar(self, text: str, request: Request, without: str | None) -> Answer:
        """Papers like a text."""
        with self._state() as state:
            return _with_lack(state.similar(text, request, without), state)

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
            return hits.paper(hits.posts_of(state.reader, paper_id))

    def post(self, path: str) -> Paper | None:
        """A paper as one of its posts has it."""
        key = stored_path(path, home_of(self._folder))
        with self._state() as state:
            stored = _stored(state.reader, key)
            if stored is None and (older := state.reader.older()) is not None:
                stored = _stored(older, key)
            return hits.post(state.reader, stored) if stored is not None else None

    def values(self, kind: Value, prefix: str = "") -> list[str]:
        """Ids, tags, authors or titles, in order."""
        with self._state() as state:
            reader = state.reader
            if kind != "title":
                terms = _live_terms(reader, key_prefix(prefix), {"id": ID, "tag": TAG, "author": AUTHOR}[kind])
                return terms if kind == "id" else [term.partition("\0")[2] for term in terms]
            titles = {
                segment.documents.stored(doc).get("title", "")
                for segment in reader.segments
                for doc in docs_of(segment.live)
            }
            folded = plain_letters(prefix)
            begun = (title for title in titles if title and plain_letters(title).startswith(folded))
            return sorted(begun, key=plain_letters)

    def frequencies(self, words: Sequence[str]) -> list[int]:
        """How many papers hold each word."""
        with self._state() as state:
            return [state.reader.frequency(stem(word)) for word in words]

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
                planned=generation.planned or None,
                **self._vectors(state.reader),
            )

    def _vectors(self, reader: IndexReader) -> dict[str, Any]:
        """What the statistics say of vectors. They are only read if some are missing."""
        if not files_of_vectors(self._folder):
            return {}
        from papersearch.engine.index import vectors
        from papersearch.engine.search.nearest import open_nearest

        try:
            state = vectors.load(self._folder)
            if state is None:
                return {}
            if state.complete == reader.generation.number:
                return {"model": state.model, "vectors": reader.generation.papers}
            nearest = open_nearest(reader, self._model, self._trust)
            live = [segment.live for segment in reader.segments]
            return {"model": state.model, "vectors": nearest.count(live) if nearest else 0}
        except (MeaningError, OSError):
            return {"model": "damaged", "vectors": 0}

    def stale(self, most: int | None = None) -> int:
        """Files of the corpus that changed since; 5 µs for each file."""
        from papersearch.posts.scan import count_stale

        generation = self._current.reader.generation
        if most is not None and generation.posts > most:
            return 0
        with self._state():
            known = self._table(generation).states()
            return count_stale(generation.folders, generation.exclude, known)

    def _table(self, generation: generations.Generation) -> Table:
        """The file table of a generation, or of a newer one if a commit has removed it meanwhile."""
        from papersearch.engine.index.filetable import table_of

        folder, trust = self._folder, self._trust
        try:
            return table_of(folder, generation)
        except DamagedIndexError:
            return generations.steady(folder, lambda: table_of(folder, generations.load(folder, trust)))

    def refresh(self) -> bool:
        """Switch to the newest commit; True if it changed."""
        with self._swap, translating_os_errors(self._folder):
            if self._current.reader.is_current() and vectors_state(self._folder) == self._vectors_read:
                return False
            self._current = self._opened()
        return True

    def close(self) -> None:
        """Nothing to do: files are unmapped and closed as soon as nothing refers to them."""


def _with_lack(answer: Answer, state: Searcher) -> Answer:
    """An answer; that the index it is from is not complete stands first in its hint."""
    lack = state.reader.generation.lack
    return answer if lack is None else replace(answer, hint=f"{lack}; {answer.hint}" if answer.hint else lack)


def folder_size(path: str) -> int:
    """Bytes of all files in a folder; they, or all of it, may be removed meanwhile."""
    total = 0
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(path) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False):
                    total += entry.stat(follow_symlinks=False).st_size
    return total


def _stored(reader: IndexReader, path: str) -> dict[str, Any] | None:
    """The stored fields of the post at a path."""
    for segment in reader.segments:
        entry = segment.find(path, PATH)
        for doc in docs_of(segment.bits(entry)) if entry is not None else ():
            return segment.documents.stored(doc)
    return None


def _live_terms(reader: IndexReader, prefix: str, field: str) -> list[str]:
    """The terms of a field that start with ``prefix`` and that a live document has, in order. Deleted documents stay in
    their segment until it is merged; while it has any, each term costs a look at its postings."""
    found: set[str] = set()
    for segment in reader.segments:
        if segment.dead:
            found.update(term for term, entry in segment.prefixed(prefix, field) if segment.frequency(entry, field))
        else:
            found.update(segment.keys(prefix, field))
    return sorted(found)
