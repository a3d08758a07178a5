"""Writes papers to an index in a cluster: what the posts of each are together.

A paper whose only post was read just now is written as it is. Where other posts of it are in the index, or were before
this run, what the index has of it is fetched, and written together with what is new.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from papersearch.core.frozen import NamedTuple
from papersearch.engine.index.rows import Row
from papersearch.engine.opensearch import documents
from papersearch.engine.opensearch.connection import Action, Connection
from papersearch.engine.opensearch.documents import Stored
from papersearch.engine.opensearch.embed import Vectors
from papersearch.engine.opensearch.indices import Indices
from papersearch.text.folding import value_key

# Papers that are asked for and written with one request (chosen: a megabyte or two).
_CHUNK = 250

Item = TypeVar("Item")


class Read(NamedTuple):
    """A file that was read: what is known of it, and the stored fields of its post (None if it holds none)."""

    row: Row
    stored: Stored | None


class Writer:
    """Writes the papers of ``index``, whose files were known as ``rows`` before this run."""

    def __init__(
        self, connection: Connection, indices: Indices, index: str, vectors: Vectors, rows: Iterable[Row]
    ) -> None:
        self._connection, self._indices, self._index, self._vectors = connection, indices, index, vectors
        self._vocabulary = documents.Vocabulary()
        self._paths: defaultdict[str, set[str]] = defaultdict(set)  # of the posts that each has, as far as known
        posts = Counter(key_of(row) for row in rows if row.is_indexed)
        self._several = {paper for paper, count in posts.items() if count > 1}  # before this run

    def keep(self, row: Row) -> None:
        """The post of a file stays one of its paper's."""
        if row.is_indexed:
            self._paths[key_of(row)].add(row.path)

    def sort(self, read: Iterable[Read], before: Iterable[Row]) -> tuple[list[Read], dict[str, list[Read]]]:
        """The posts of papers that have no other post, and by paper those of papers that have, or had: what the files
        were about ``before`` they were read is among the latter, with nothing new."""
        by_paper: dict[str, list[Read]] = defaultdict(list)
        for each in read:
            if each.stored is not None:
                by_paper[key_of(each.row)].append(each)
        alone: list[Read] = []
        mixed: dict[str, list[Read]] = {}
        for paper, posts in by_paper.items():
            others = self._paths[paper] - {posts[0].row.path}
            if len(posts) == 1 and not others and paper not in self._several:
                alone += posts
            else:
                mixed[paper] = posts
            self._paths[paper].update(each.row.path for each in posts)
        left = (key_of(row) for row in before if row.is_indexed)
        return alone, mixed | {paper: [] for paper in left if paper not in by_paper}

    def actions(self, alone: Sequence[Read]) -> list[Action]:
        """What writes papers with one post each."""
        posts = [(each.row, each.stored) for each in alone if each.stored is not None]
        vectors = self._vectors.of([stored for _, stored in posts])
        actions: list[Action] = []
        for (row, stored), vector in zip(posts, vectors, strict=True):
            text = documents.document([stored], row.run, vector)
            actions.append((self._place("index", documents.paper_key(row.paper_id)), text))
        return [*actions, *self._words(stored for _, stored in posts)]

    def write_mixed(self, mixed: dict[str, list[Read]]) -> None:
        """Write papers of which other posts are in the index, or which lose some. A paper tells which of its posts are
        not shown, so these are written before it is."""
        for some in chunks(list(mixed)):
            keys = [documents.paper_key(paper) for paper in some]
            found = self._connection.call("POST", f"/{self._index}/_mget", {"ids": keys}, "docs")
            actions: list[Action] = []
            older: list[Action] = []
            for paper, key, document in zip(some, keys, found["docs"], strict=True):
                if "error" in document:
                    raise self._connection.incomplete(document["error"])
                posts, run = documents.posts_of(document["_source"]) if document.get("found") else ([], 0)
                merged, first_run = self._merged(paper, mixed[paper], posts, run)
                older += self._older(posts, merged)
                if merged:
                    text = documents.document(merged, first_run, self._vectors.of(merged[:1])[0])
                    actions.append((self._place("index", key), text))
                    actions += self._words(merged)
                else:
                    actions.append((self._place("delete", key), None))
            self._indices.write(older)
            self._indices.write(actions)

    def _merged(self, paper: str, read: Sequence[Read], posts: Sequence[Stored], run: int) -> tuple[list[Stored], int]:
        """The posts that a paper has now, the one that is shown first, and the run that first saw one of them: of
        those that the index has since ``run``, and of new ones."""
        new = {each.row.path: each for each in read if each.stored is not None}
        stays = [post for post in posts if post["path"] in self._paths[paper] and post["path"] not in new]
        merged = documents.first_shown([*stays, *(each.stored for each in new.values() if each.stored)])
        runs = [each.row.run for each in new.values()] + [run] * bool(run and stays)
        return merged, min(runs, default=0)

    def _older(self, before: Sequence[Stored], posts: Sequence[Stored]) -> Iterator[Action]:
        """What writes the posts of a paper that are not shown, the first being the one that is, and removes those of
        ``before`` that are no longer."""
        hidden = {str(post["path"]): post for post in posts[1:]}
        for path, post in hidden.items():
            text = documents.document([post], 0)
            yield self._place("index", documents.post_key(path), ".older"), text
        for path in {str(post["path"]) for post in before[1:]} - hidden.keys():
            yield self._place("delete", documents.post_key(path), ".older"), None

    def _words(self, posts: Iterable[Stored]) -> Iterator[Action]:
        """What adds words to the index of words that this run has not added yet."""
        for entry in (entry for post in posts for entry in self._vocabulary.new(post)):
            key = documents.document_key(entry.kind, entry.key)
            yield {"create": {"_index": f"{self._index}.words", "_id": key}}, documents.entry_document(entry)

    def _place(self, action: str, key: str, kind: str = "") -> dict[str, Any]:
        return self._indices.place(action, self._index + kind, key)


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items, as many at a time as one request takes."""
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


def key_of(row: Row) -> str:
    """What all posts of a paper have in common."""
    return value_key(row.paper_id)
