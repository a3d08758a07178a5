"""The papers that searches find, fetched and taken apart when they are first met, and kept for the next question.

A question that was asked before gets names alone, which the cluster has at hand in columns: the value of a field that
tells documents apart, and the place of the document in the history of its shard, which is another one after each
change. Texts are fetched only of papers that are not known as they are now.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from papersearch.core.caches import Lock
from papersearch.engine.index.documents import title_key
from papersearch.engine.opensearch import vectors
from papersearch.engine.opensearch.connection import Connection
from papersearch.engine.opensearch.documents import Stored, day_of, posts_in, take

Hit = Mapping[str, Any]
Name = tuple[str, int, int]

_MOST_KEPT = 4_000  # papers (measured: 5 to 8 kB each)
_LONGEST_KEPT = 32_000  # characters of a document that is kept (chosen: far more than a paper's usual 2,000)
_MOST_FETCHED = 2_000  # papers that one search fetches (chosen: some megabytes)


class Paper:
    """A paper taken apart. ``posts`` are its posts, the shown one first; ``vector`` the fields that keep its vector."""

    __slots__ = ("codes", "day", "posts", "taken", "title", "vector")

    def __init__(self, posts: Sequence[Stored], vector: Mapping[str, Any]) -> None:
        self.posts, self.vector = posts, vector
        self.taken = take(posts[0])
        self.codes = self.taken.codes()
        self.day = day_of(posts[0])
        self.title = title_key(posts[0].get("title", ""))


class Papers:
    """Those of one index. Safe for many threads."""

    def __init__(self, connection: Connection, index: str, field: str) -> None:
        """``field`` tells documents apart."""
        self._connection, self._index, self._field = connection, index, field
        self._kept: OrderedDict[Name, Paper] = OrderedDict()
        self._lock = Lock()

    @property
    def named(self) -> dict[str, Any]:
        """What a search is told so that its hits have names."""
        return {"stored_fields": "_none_", "docvalue_fields": [self._field], "seq_no_primary_term": True}

    @property
    def whole(self) -> dict[str, Any]:
        """What a search is told so that its hits have names and all that a paper is made of."""
        fields = [self._field, *vectors.FIELDS]
        return {"_source": ["posts"], "docvalue_fields": fields, "seq_no_primary_term": True}

    def name(self, hit: Hit) -> Name:
        """The name of what was found."""
        return hit["fields"][self._field][0], hit["_seq_no"], hit["_primary_term"]

    def of(self, hits: Iterable[Hit]) -> dict[Name, Paper]:
        """The papers that were found, by name. What has changed since is there as it is now, what is gone is not."""
        named = {self.name(hit): hit for hit in hits}
        with self._lock:
            found = {name: self._kept[name] for name in named if name in self._kept}
            for name in found:
                self._kept.move_to_end(name)
        unknown = [hit for name, hit in named.items() if name not in found]
        found |= self._made([hit for hit in unknown if "_source" in hit])
        names = iter([self.name(hit) for hit in unknown if "_source" not in hit])
        while some := list(islice(names, _MOST_FETCHED)):
            found |= self._fetched(some)
        return found

    def _fetched(self, names: Sequence[Name]) -> dict[Name, Paper]:
        """Those of some papers that are there, by the names that they had."""
        body = {
            "size": 2 * len(names),  # values that differ only in what UTF-8 has no form for are the same to a cluster
            "query": {"terms": {self._field: list({value for value, _, _ in names})}},
            "track_total_hits": False,
            **self.whole,
        }
        [answer] = self._connection.msearch([(self._index, body)])
        now = self._made(answer["hits"]["hits"])
        newest = {name[0]: paper for name, paper in now.items()}
        return {name: now.get(name, newest[name[0]]) for name in names if name[0] in newest}

    def _made(self, hits: Sequence[Hit]) -> dict[Name, Paper]:
        """The papers of whole hits, which are kept."""
        made = {self.name(hit): self._paper(hit) for hit in hits}
        kept = {self.name(hit) for hit in hits if len(hit["_source"]["posts"]) <= _LONGEST_KEPT}
        with self._lock:
            self._kept.update((name, paper) for name, paper in made.items() if name in kept)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return made

    def _paper(self, hit: Hit) -> Paper:
        return Paper(posts_in(hit), {field: hit["fields"][field] for field in vectors.FIELDS if field in hit["fields"]})
