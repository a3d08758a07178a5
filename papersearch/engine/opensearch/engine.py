"""An index in a cluster as the library sees it: opened, asked, brought up to date. See ``port``."""

from __future__ import annotations

import os
from contextlib import closing
from itertools import chain
from typing import Any, TypeVar

from papersearch.core.caches import Lock
from papersearch.core.errors import NoIndexError, PapersearchError, UsageError
from papersearch.core.fields import AUTHOR, ID, TAG
from papersearch.core.records import Answer, Completion, Paper, Problem, Request, Stats, Summary
from papersearch.engine.opensearch import query_dsl
from papersearch.engine.opensearch.address import Address, parse
from papersearch.engine.opensearch.connection import Connection
from papersearch.engine.opensearch.documents import limited, posts_in
from papersearch.engine.opensearch.failures import UnavailableError
from papersearch.engine.opensearch.meaning import ClusterMeanings
from papersearch.engine.opensearch.search import ClusterSearcher
from papersearch.engine.opensearch.state import State, all_of, opened, remembered
from papersearch.engine.opensearch.statistics import ClusterStatistics
from papersearch.engine.port import Corpus, RunOptions
from papersearch.engine.search import hits
from papersearch.text.folding import key_prefix, plain_letters, value_key
from papersearch.text.words import stem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from papersearch.engine.port import Value

Result = TypeVar("Result")
Opened = tuple[str, State]
"""An index, and its state."""

_PAGE = 5_000  # papers of a list that are fetched at a time (chosen)


class ClusterEngine:
    """An index in a cluster, opened. See ``port.Engine``."""

    def __init__(self, address: Address, trust: bool = False, model: str | None = None) -> None:
        """``model`` is the one that the user named; with ``trust`` any may be on another machine."""
        self._trust, self._model = trust, model
        self._connection = Connection(address)
        self._connection.check_version()
        self._swap = Lock()
        # What is read of it together must be of one state: another thread may switch to the newest at any moment.
        self._opened = opened(self._connection, address.name)
        self._whole: tuple[Opened, ClusterSearcher] | None = None

    @property
    def _index(self) -> str:
        return self._opened[0]

    @property
    def _state(self) -> State:
        return self._opened[1]

    @property
    def _searcher(self) -> ClusterSearcher:
        """What answers from all shards of the current state, made when it is first asked."""
        now, whole = self._opened, self._whole
        if whole is None or whole[0] is not now:
            whole = self._whole = now, self._made(now, self._connection)
        return whole[1]

    def _made(self, now: Opened, connection: Connection) -> ClusterSearcher:
        index, state = now
        papers = connection.count(index)
        statistics = ClusterStatistics(connection, index, f"{index}.words", state.routings, papers)
        meanings = None
        if state.setting:
            meanings = ClusterMeanings(connection, index, state, papers, self._model, self._trust)
        return ClusterSearcher(connection, index, statistics, meanings)

    def _searcher_for(self, request: Request) -> ClusterSearcher:
        """The searcher of the current state. What is known of partial answers is kept apart, and not for long."""
        if request.partial:
            return self._made(self._opened, self._connection.welcoming_partial())
        return self._searcher

    def _followed(self, ask: Callable[[], Result]) -> Result:
        """What ``ask`` gives. A rebuild removes the index that it has replaced, also from under those who ask it: then
        the new one is asked, whichever thread switched to it."""
        now = self._opened
        try:
            return ask()
        except (NoIndexError, UnavailableError):  # the second where it goes while its shards search
            self.refresh()
            if self._opened is now:
                raise
            return ask()

    @property
    def corpus(self) -> tuple[str, ...]:
        """The folders that the index was built from."""
        return self._state.folders

    @property
    def run(self) -> int:
        """The number of the last run that changed anything."""
        return self._state.run

    def search(self, request: Request) -> Answer:
        """One page of results."""
        return self._followed(lambda: self._searcher_for(request).search(request))

    def similar(self, text: str, request: Request, without: str | None) -> Answer:
        """Papers like a text."""
        return self._followed(lambda: self._searcher_for(request).similar(text, request, without))

    def completions(self, text: str, most: int) -> list[Completion]:
        """How a query may go on."""
        return self._followed(lambda: self._searcher.completions(text, most))

    def facets(self, by: str, request: Request) -> dict[str, int]:
        """Counts of values."""
        return self._followed(lambda: self._searcher_for(request).facets(by, request))

    def paper(self, paper_id: str) -> Paper | None:
        """One paper, or None."""
        return hits.paper(self._posts(query_dsl.with_id(value_key(paper_id))))

    def post(self, path: str) -> Paper | None:
        """A paper as one of its posts has it."""
        posts = self._posts({"term": {"path": limited(path)}})
        posts.sort(key=lambda stored: stored["path"] != path)
        return hits.paper(posts) if posts and posts[0]["path"] == path else None

    def _posts(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        """The posts of the paper that a query finds, the shown one first; none if it finds none."""
        body = {"size": 1, "query": query}
        [answer] = self._followed(lambda: self._connection.msearch([(self._index, body)]))
        return [post for hit in answer["hits"]["hits"] for post in posts_in(hit)]

    def values(self, kind: Value, prefix: str = "") -> list[str]:
        """Ids, tags, authors or titles, in order."""
        return self._followed(lambda: self._values(kind, prefix))

    def _values(self, kind: Value, prefix: str) -> list[str]:
        folded = limited(plain_letters(prefix) if kind == "title" else key_prefix(prefix))
        if kind in ("tag", "author"):
            field = TAG if kind == "tag" else AUTHOR
            found = self._connection.values(self._index, field, {"prefix": {field: {"value": folded}}})
            return [value.partition("\0")[2] for value, _ in found if value.startswith(folded)]
        field = ID if kind == "id" else "sort_title"
        papers = self._sorted(field, folded, kind == "title")
        if kind == "id":
            return [paper["sort"][0] for paper in papers]
        titles = {posts_in(paper)[0].get("title", "") for paper in papers}
        return sorted((title for title in titles if title), key=plain_letters)

    def _sorted(self, field: str, prefix: str, whole: bool) -> Iterator[dict[str, Any]]:
        """All papers of which a value starts with ``prefix``, in its order."""
        body = {
            "size": _PAGE,
            "query": {"prefix": {field: {"value": prefix}}},
            "sort": [{field: "asc"}] + ([{ID: "asc"}] if field != ID else []),
            "_source": ["posts"] if whole else False,
        }
        return chain.from_iterable(self._connection.pages(self._index, body))

    def frequencies(self, words: Sequence[str]) -> list[int]:
        """How many papers hold each word."""
        stems = [stem(word) for word in words]
        return self._followed(lambda: self._searcher.statistics.settle(lambda known: [*map(known.frequency, stems)]))

    def stats(self) -> Stats:
        """What the index holds; ``segments`` are shards, and all copies count for the size."""
        return self._followed(self._stats)

    def _stats(self) -> Stats:
        index, state = self._opened
        found = self._connection.call("GET", f"/{all_of(index)}/_stats/store", key="_all")
        words = self._connection.count(f"{index}.words")  # _stats leaves out a shard that moves just now
        return Stats(
            papers=self._searcher.statistics.papers,
            posts=state.posts,
            terms=words - state.buckets - 1,
            segments=len(state.routings),
            size_bytes=found["_all"]["total"].get("store", {}).get("size_in_bytes", 0),
            generation=state.serial,
            indexed_at=state.indexed_at or None,
            corpus=state.folders,
            run=state.run,
            **self._vectors(),
        )

    def _vectors(self) -> dict[str, Any]:
        """What the statistics say of vectors."""
        meanings = self._searcher.meanings
        return {"model": self._state.model, "vectors": meanings.made} if meanings is not None else {}

    def stale(self, most: int | None = None) -> int:
        """Files of the corpus that changed since; also fetches what is known of each."""
        from papersearch.engine.opensearch.files import load_rows
        from papersearch.posts.scan import count_stale

        if most is not None and self._state.posts > most:
            return 0
        if not all(map(os.path.isdir, self._state.folders)):
            return 0  # indexed by another machine
        rows = self._followed(lambda: load_rows(self._connection, self._index, self._state.buckets))
        return count_stale(self._state.folders, self._state.exclude, (row[:4] for row in rows))

    def refresh(self) -> bool:
        """Switch to the state of the newest run; True if it is another one."""
        with self._swap:
            index, state = opened(self._connection, self._connection.address.name)
            if (index, state.serial) == (self._index, self._state.serial):
                return False
            self._opened = index, state
        return True

    def close(self) -> None:
        """Close all connections."""
        self._connection.close()


class ClusterStore:
    """The address of an index in a cluster. See ``port.Store``."""

    def __init__(self, address: str, weights: Mapping[str, float], trust: bool, model: str | None) -> None:
        """Raise ``UsageError`` for what is no address, and for ``weights``: they are part of an index in a cluster."""
        if weights:
            raise UsageError(
                "an index in a cluster ranks by the weights that it was made with",
                "leave [weights] out of papersearch.toml",
            )
        self.address = address
        self._parsed, self._trust, self._model = parse(address), trust, model

    def open(self) -> ClusterEngine:
        """Open the index."""
        return ClusterEngine(self._parsed, self._trust, self._model)

    def update(self, corpus: Sequence[str], run: RunOptions) -> Summary:
        """Bring the index up to date."""
        from papersearch.engine.opensearch.build import update

        with closing(Connection(self._parsed)) as connection:
            return update(connection, corpus, run)

    def corpus(self) -> Corpus:
        """What the index was built from."""
        with closing(Connection(self._parsed)) as connection:
            state = remembered(connection)
        return Corpus(state.folders, state.exclude)

    def check(self) -> list[Problem]:
        """What is wrong with the index: its health, and whether it holds what its rows of files say."""
        from papersearch.engine.opensearch.verify import problems

        with closing(Connection(self._parsed)) as connection:
            try:
                return problems(connection, self.address)
            except PapersearchError as wrong:
                return [Problem(self.address, 0, wrong.message)]
