"""What travels between a run and those that read its posts: files to read, and what became of them."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, overload

from papersearch.core.records import Problem
from papersearch.engine.index.rows import DIGEST, Row, Rows
from papersearch.posts.states import FileState, States
from papersearch.query.ids import names_paper
from papersearch.text.folding import value_key


class Sizes(NamedTuple):
    """How the posts of a run are dealt out; the index it makes does not depend on ``serial``.

    ``piece`` posts become one segment at a time: many enough that merging is cheap, few enough for the memory (about
    15 kB a post, more of longer ones). A piece of long posts ends early, at ``piece_bytes``. The posts of a run become
    one segment, but more than a piece and up to ``two`` of them become two: to merge these would be a fifth of the
    work, and with so few a query has time to look into both. Below ``serial`` posts, starting workers costs more than
    it brings. A run that adds ``staged`` posts or more, and changes none, commits in stages: so queries are answered
    after seconds, and a kill costs the last stage at most, which is half of those before it and a ``stage`` at least.
    """

    piece: int = 4_000
    piece_bytes: int = 20_000_000
    two: int = 10_000
    serial: int = 150
    staged: int = 20_000
    stage: int = 8_000


class Task(NamedTuple):
    """A file to read in a run, the id of a post that names no paper ("": its name), and what was known of the file,
    which may have been another's before it was moved."""

    state: FileState
    run: int
    name: str = ""
    known: Row | None = None

    def first_run(self, content: bytes, paper_id: str) -> int:
        """The run that first saw the paper of which the file holds a post now; ``content`` is its digest. An edited
        post is about the paper it was about, unless it named that, and does no more."""
        known = self.known
        if known is None or not known.run:
            return self.run
        same = content == known.digest or value_key(paper_id) == value_key(known.paper_id)
        return known.run if same or not names_paper(known.paper_id) else self.run


def _nothing(_: str) -> None:
    """The ``known`` of files of which nothing is known."""


class Tasks(Sequence[Task]):
    """The files of a listing, by their ``numbers`` in it, that a run is to read; each task is made when it is asked
    for. ``names`` are the ids of posts by path; ``known`` tells what was known of a file."""

    __slots__ = ("_known", "_names", "_run", "_states", "numbers")

    def __init__(
        self,
        states: States,
        numbers: Sequence[int],
        run: int,
        names: Mapping[str, str] | None = None,
        known: Callable[[str], Row | None] = _nothing,
    ) -> None:
        self._states, self.numbers, self._run = states, numbers, run
        self._names, self._known = names or {}, known

    def with_known(self, known: Callable[[str], Row | None]) -> Tasks:
        """The tasks with what else is known of files by their paths."""
        return Tasks(self._states, self.numbers, self._run, self._names, lambda path: known(path) or self._known(path))

    def sizes(self) -> Iterator[int]:
        """The size of each file."""
        return map(self._states.sizes.__getitem__, self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Task]:
        return map(self._task, self._states.taken(self.numbers))

    def __reduce__(self) -> tuple[type[Tasks], tuple[Any, ...]]:
        """What a worker is sent: of states, names and what is known, what belongs to these files."""
        states, names, known = self._states.taken(self.numbers), self._names, self._known
        paths = states.paths.list() if names or known is not _nothing else []
        if names:
            names = {path: names[path] for path in paths if path in names}
        if known is not _nothing:
            known = {path: known(path) for path in paths}.get
        return Tasks, (states, range(len(states)), self._run, names, known)

    @overload
    def __getitem__(self, number: int) -> Task: ...
    @overload
    def __getitem__(self, number: slice) -> Tasks: ...
    def __getitem__(self, number: int | slice) -> Task | Tasks:
        if isinstance(number, slice):
            return Tasks(self._states, self.numbers[number], self._run, self._names, self._known)
        return self._task(self._states[self.numbers[number]])

    def _task(self, state: FileState) -> Task:
        return Task(state, self._run, self._names.get(state.path, ""), self._known(state.path))


class Part(NamedTuple):
    """What became of some files: a segment (None where no post was readable), rows in order, files left alone, and the
    paths of those that were gone."""

    segment: str | None
    rows: Rows
    unread: list[Problem]
    vanished: list[str]


def digest(data: bytes) -> bytes:
    """What tells whether a file's content changed."""
    return hashlib.blake2b(data, digest_size=DIGEST).digest()


@contextmanager
def no_collection() -> Iterator[None]:
    """Hold back the cyclic garbage collector: it would go through millions of small objects again and again, a fifth of
    the time of a run, and find nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
