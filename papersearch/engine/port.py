"""What the library needs of an engine, whatever keeps the index: a folder on this machine, or a cluster.

Two small interfaces. A ``Store`` is the address of an index, whether there is one yet or not; an ``Engine`` answers
from an index that exists. Records go in and come out (``core.records``); which kinds of engine there are is known to
``engine.stores`` alone. An engine never prints, and knows neither programs nor terminals.
"""

from __future__ import annotations

from papersearch.core.frozen import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Literal, Protocol

    from papersearch.core.records import Answer, Completion, Paper, Problem, Request, Stats, Summary

    Value = Literal["id", "tag", "author", "title"]
else:
    Protocol = object


class VectorOptions(NamedTuple):
    """What a run does about vectors. ``wanted``: each paper gets one (True), all are dropped (False), or it goes on as
    before (None). ``model`` names what makes them (see ``engine.meaning.models``), None for the one that made those of
    the index, else the packaged one; ``trust`` lets it be on another machine. No more than ``most`` are made in this
    run."""

    wanted: bool | None = None
    model: str | None = None
    trust: bool = False
    most: int | None = None


class RunOptions(NamedTuple):
    """How an index run is done. ``jobs`` 0 means one process for each core; ``wait`` is how many seconds it waits for
    another run that holds the lock.

    ``progress`` is called with (posts done, posts to do), ``waiting`` with the reason why the run is held up.
    ``exclude`` are patterns of ``.gitignore`` for what is left out of the corpus; None means those of the last run.
    ``prune`` removes posts even if their whole folder is gone or cannot be listed; else those stay. The corpus was
    ``named``, or else it is what the index was built from, or a default.
    """

    rebuild: bool = False
    jobs: int = 0
    wait: float = 60.0
    progress: Callable[[int, int], None] | None = None
    waiting: Callable[[str], None] | None = None
    exclude: Sequence[str] | None = None
    meaning: VectorOptions = VectorOptions()
    prune: bool = False
    named: bool = True


class Corpus(NamedTuple):
    """What an index was built from: folders as absolute paths, and the patterns of what was left out of them."""

    folders: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class Engine(Protocol):
    """An open index. It answers from one committed state until ``refresh``, and may be used by many threads at once.

    Requests are valid (``library`` checks them), save for what only the index or the query language can tell: every
    method that takes one raises ``QueryError``, ``UsageError`` or ``NotFoundError`` for that. All of them raise
    ``DamagedIndexError`` if the index turns out to be damaged.
    """

    @property
    def corpus(self) -> tuple[str, ...]:
        """The folders that the index was built from, as absolute paths."""

    @property
    def run(self) -> int:
        """The number of the last index run that changed anything."""

    def search(self, request: Request) -> Answer:
        """The page of results that a request asks for."""

    def similar(self, text: str, request: Request, without: str | None) -> Answer:
        """Papers that share the terms that tell ``text`` apart, save for the paper with the id ``without``.

        The request's query is only a label; its filters, order and page count.
        """

    def completions(self, text: str, most: int) -> list[Completion]:
        """How the last word of a query may go on, commonest first, then authors and tags that begin like it."""

    def facets(self, by: str, request: Request) -> dict[str, int]:
        """How many matching papers have each value; ``by`` is one of ``core.fields.FACETS``. In no order."""

    def paper(self, paper_id: str) -> Paper | None:
        """One paper by its id without version, case aside; None if there is no such paper."""

    def post(self, path: str) -> Paper | None:
        """The paper that the post at an absolute path is about, as that post has it; None if it is not indexed."""

    def values(self, kind: Value, prefix: str = "") -> list[str]:
        """The ids, tags, authors or titles of the index that start with ``prefix``, case aside, as they are written;
        in order of their folded forms. Ids are given folded."""

    def frequencies(self, words: Sequence[str]) -> list[int]:
        """How many papers hold each word, in any inflection."""

    def stats(self) -> Stats:
        """What the index holds; ``stale`` is None."""

    def stale(self, most: int | None = None) -> int:
        """How many files of the corpus are new, changed or gone since they were indexed. Looks at every file; with
        ``most``, 0 without looking if the index holds more posts than that."""

    def refresh(self) -> bool:
        """Switch to the newest committed state; True if it is another one."""

    def close(self) -> None:
        """Release files and connections. The engine is not used afterwards."""


class Store(Protocol):
    """The address of an index. Making one costs nothing and looks at nothing."""

    address: str

    def open(self) -> Engine:
        """Open the index. Raises ``NoIndexError`` if there is none, ``DamagedIndexError`` if it is damaged or of
        another version, else ``PapersearchError``."""

    def update(self, corpus: Sequence[str], run: RunOptions) -> Summary:
        """Bring the index up to date with the folders of ``corpus`` (absolute paths), or make it. Engines that are
        open go on with what they have. Raises ``LockedIndexError`` if another run does not finish in time."""

    def corpus(self) -> Corpus:
        """What the index was built from, as far as that can still be read; empty if there is no index. Raises
        ``DamagedIndexError`` if it is damaged and nothing tells: no other corpus may take the place of its own."""

    def check(self) -> list[Problem]:
        """Everything that is wrong with the index; nothing is wrong if there is none."""
