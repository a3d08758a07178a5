"""Brings an index in a cluster up to date with its corpus. The only module that writes papers.

A run reads what changed in chunks. Each chunk's papers are written before the rows of its files, and every write says
what shall be: a run that dies leaves an index that is right for its rows, and the next one goes on from there. Readers
see papers when the run is done, at once on each shard. A new index is built beside the old one until the alias moves.
"""

from __future__ import annotations

import datetime
import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from papersearch.core.errors import DamagedIndexError
from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Post, Problem, Summary
from papersearch.engine.build.changes import Changes, compare
from papersearch.engine.build.invert import stored_fields
from papersearch.engine.build.reading import parsed, read_files, row_of
from papersearch.engine.build.tasks import Task, batches, digest, with_first_runs
from papersearch.engine.index.filetable import NOWHERE, Row
from papersearch.engine.opensearch import documents, files, mapping
from papersearch.engine.opensearch.connection import Connection
from papersearch.engine.opensearch.lease import Lease, leased
from papersearch.engine.opensearch.state import STATE_KEY, State, load, resolve, to_json
from papersearch.engine.port import Run
from papersearch.posts.scan import walk

# Posts that are written with one request, and requests on their way at a time (chosen: a megabyte or two each).
CHUNK = 250
_AT_ONCE = 3
# Buckets of files that are written together (chosen).
_BUCKETS = 50
_NO_ROW = Row("", 0, 0, 0, b"")

Action = tuple[dict[str, Any], str | None]


def update(connection: Connection, corpus: Sequence[str], run: Run) -> Summary:
    """Bring the index up to date with the folders of ``corpus`` (absolute paths), or make it; what was done."""
    begin = time.perf_counter()
    connection.check_version()
    with leased(connection, run.wait, run.waiting) as lease:
        summary = _Update(connection, lease, tuple(corpus), run).done()
    return replace(summary, seconds=time.perf_counter() - begin)


class _Read(NamedTuple):
    """A file that was read: what is known of it, and the stored fields of its post (None if it is none)."""

    row: Row
    stored: dict[str, Any] | None


class _Update:
    """One run."""

    def __init__(self, connection: Connection, lease: Lease, corpus: tuple[str, ...], run: Run) -> None:
        self._connection, self._lease, self._corpus, self._run = connection, lease, corpus, run
        self._notes: list[str] = []
        self._unread: list[Problem] = []
        self._vocabulary = documents.Vocabulary()
        self._paths: defaultdict[str, set[str]] = defaultdict(set)  # of the posts of each paper, as far as known

    def done(self) -> Summary:
        """Do all of it."""
        started_ns = time.time_ns()
        current = self._current()
        remembered = self._state(current) if current is not None else State()
        exclude = tuple(remembered.exclude if self._run.exclude is None else self._run.exclude)
        states, problems = walk(self._corpus, exclude)
        index, old, rows = self._index(current, remembered, len(states))
        fresh = index != current
        from papersearch.posts.naming import path_names

        names = path_names((state.path for state in states), self._corpus)
        changes = compare(states, rows, old.started_ns, old.run + 1, names)
        if fresh and remembered.buckets and current is not None:
            changes.tasks = with_first_runs(changes.tasks, self._rows_of_old(current, remembered))
        new = replace(old, folders=self._corpus, exclude=exclude, started_ns=started_ns, complete=True)
        kept = self._write(index, old, rows, changes)
        summary = self._summary(changes, kept, problems)
        if fresh or changes.any or (old.folders, old.exclude) != (self._corpus, exclude):
            changed = summary.added + summary.updated + summary.removed > 0
            self._commit(index, current, replace(new, posts=summary.total, run=old.run + (fresh or changed)))
        self._remove_others(index)
        return summary

    # --- which index ---

    def _current(self) -> str | None:
        try:
            return resolve(self._connection, self._connection.address.name)
        except DamagedIndexError as damage:
            self._notes.append(f"{damage.message}; it is built anew from the corpus")
            found = self._connection.call("GET", f"/_alias/{self._connection.address.name}")
            self._run = self._run._replace(rebuild=True)
            return str(next(iter(found)))

    def _state(self, index: str) -> State:
        try:
            return load(self._connection, index)
        except DamagedIndexError as damage:
            self._notes.append(f"{damage.message}; it is built anew from the corpus")
            self._run = self._run._replace(rebuild=True)
            return State()

    def _index(self, current: str | None, remembered: State, count: int) -> tuple[str, State, list[Row]]:
        """The index to write, its state, and what it knows of files: the one that answers, or one beside it."""
        if current is not None and not self._run.rebuild:
            self._refresh(current)
            return current, remembered, files.load_rows(self._connection, current, remembered.buckets)
        if current is None and not self._run.rebuild and (begun := self._begun()) is not None:
            index, state = begun
            self._refresh(index)
            return index, state, files.load_rows(self._connection, index, state.buckets)
        return self._made(remembered, count)

    def _begun(self) -> tuple[str, State] | None:
        """An index whose first run was cut short."""
        for index in self._others(None):
            try:
                state = load(self._connection, index)
            except DamagedIndexError:
                continue
            if not state.complete and state.folders == self._corpus:
                return index, state
        return None

    def _others(self, index: str | None) -> list[str]:
        """Indices of ours that are not the given one."""
        name = self._connection.address.name
        found = self._connection.find("GET", f"/{name}.*", filter_path="*.mappings._meta") or {}
        ours = (each for each, about in found.items() if "papersearch" in about.get("mappings", {}).get("_meta", {}))
        return [each for each in ours if each != index]

    def _made(self, remembered: State, count: int) -> tuple[str, State, list[Row]]:
        """A new index beside whatever there is."""
        address = self._connection.address
        index = f"{address.name}.{secrets.token_hex(4)}"
        shards = address.shards or mapping.SHARDS
        self._connection.call("PUT", f"/{index}.words", mapping.words_body(address.replicas))
        self._connection.call("PUT", f"/{index}", mapping.papers_body(shards, address.replicas))
        state = State(
            serial=remembered.serial,
            run=remembered.run,
            folders=self._corpus,
            buckets=files.buckets_for(count),
            routings=self._routings(index, shards),
            term=self._lease.term,
        )
        self._connection.bulk([(self._place("index", f"{index}.words", STATE_KEY), to_json(state))])
        return index, state, []

    def _routings(self, index: str, shards: int) -> tuple[str, ...]:
        """A routing for each shard that leads to it."""
        found: dict[int, str] = {}
        number = 0
        while len(found) < shards:
            answer = self._connection.call("GET", f"/{index}/_search_shards", routing=str(number))
            found.setdefault(answer["shards"][0][0]["shard"], str(number))
            number += 1
        return tuple(found[shard] for shard in sorted(found))

    def _rows_of_old(self, index: str, state: State) -> list[Row]:
        """What the index that is made anew knew of files: when a paper was first seen outlives that."""
        return files.load_rows(self._connection, index, state.buckets)

    # --- writing ---

    def _write(self, index: str, old: State, rows: Sequence[Row], changes: Changes) -> list[Row]:
        """Write what changed; all rows of the next state."""
        table = files.Table(old.buckets, rows, changes)
        for row in changes.kept:
            self._belongs(row)
        waiting: list[Future[None]] = []
        done = 0
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for tasks in batches(sorted(changes.tasks, key=table.place), CHUNK):
                self._lease.check()
                read = list(self._read(tasks, changes))
                plain, mixed = self._sorted(tasks, read, changes)
                if mixed:
                    _settle(waiting)
                    self._write_mixed(index, mixed)
                waiting.append(
                    pool.submit(self._connection.bulk, [*self._papers(index, plain), *self._words(index, plain)])
                )
                if len(waiting) >= _AT_ONCE:
                    waiting.pop(0).result()
                table.add(tasks, [each.row for each in read])
                if table.ready >= _BUCKETS:
                    _settle(waiting)
                    self._write_buckets(index, table.complete())
                done += len(tasks)
                if self._run.progress is not None:
                    self._run.progress(done, len(changes.tasks))
            _settle(waiting)
        self._write_buckets(index, table.complete())
        lost = [row for row in (*changes.removed, *changes.moved.values()) if row.segment != NOWHERE]
        self._write_mixed(index, {row.paper_id.casefold(): [] for row in lost})
        self._write_buckets(index, table.rest())
        return table.rows()

    def _belongs(self, row: Row) -> None:
        """Note that the post of a file is one of its paper's."""
        if row.segment != NOWHERE:
            self._paths[row.paper_id.casefold()].add(row.path)

    def _read(self, tasks: Sequence[Task], changes: Changes) -> Iterator[_Read]:
        """What the files of a chunk hold. A post that was indexed and cannot be read now stays as it was."""
        unread: list[Problem] = []
        for task, data in read_files(tasks, unread):
            content = digest(data)
            post: Post | Problem = parsed(task, data)
            if isinstance(post, Problem):
                yield _Read(Row(*task.state, content, line=post.line, reason=post.reason), None)
            else:
                yield _Read(row_of(task, content, post), stored_fields(post) | {"path": post.path})
        for problem in unread:
            self._unread.append(problem)
            before = changes.replaced.pop(problem.path, None) or changes.moved.pop(problem.path, None)
            if before is not None:
                self._belongs(before)
                yield _Read(before, None)

    def _sorted(
        self, tasks: Sequence[Task], read: Sequence[_Read], changes: Changes
    ) -> tuple[list[_Read], dict[str, list[_Read]]]:
        """The posts of papers that have no other post, and by id those of papers that have, or had: what a post was
        about before it was changed, or vanished, is among the latter with nothing new."""
        by_id: dict[str, list[_Read]] = defaultdict(list)
        for each in read:
            if each.stored is not None:
                by_id[each.row.paper_id.casefold()].append(each)
        plain: list[_Read] = []
        mixed: dict[str, list[_Read]] = {}
        for paper_id, posts in by_id.items():
            if len(posts) == 1 and not self._paths[paper_id] - {posts[0].row.path}:
                plain += posts
            else:
                mixed[paper_id] = posts
            self._paths[paper_id].update(each.row.path for each in posts)
        for task in tasks:
            before = changes.replaced.get(task.state.path)
            if before is not None and before.segment != NOWHERE and before.paper_id.casefold() not in by_id:
                mixed[before.paper_id.casefold()] = []
        return plain, mixed

    def _papers(self, index: str, read: Iterable[_Read]) -> Iterator[Action]:
        """What writes papers with one post each."""
        for each in read:
            if each.stored is not None:
                text = documents.document([each.stored], each.row.run)
                yield self._place("index", index, documents.paper_key(each.row.paper_id)), text

    def _words(self, index: str, read: Iterable[_Read]) -> Iterator[Action]:
        """What adds words to the index of words that this run has not added yet."""
        for each in read:
            for entry in self._vocabulary.new(each.stored) if each.stored is not None else ():
                key = documents.key_of(entry.kind, entry.key)
                yield {"create": {"_index": f"{index}.words", "_id": key}}, documents.entry_document(entry)

    def _write_mixed(self, index: str, mixed: dict[str, list[_Read]]) -> None:
        """Write papers of which other posts are in the index, or which lose some: what they have now is fetched."""
        for some in batches(list(mixed), CHUNK):
            keys = [documents.paper_key(paper_id) for paper_id in some]
            found = self._connection.call("POST", f"/{index}/_mget", {"ids": keys})
            actions: list[Action] = []
            for paper_id, key, document in zip(some, keys, found["docs"], strict=True):
                if "error" in document:
                    raise self._connection.incomplete(document["error"])
                posts, run = documents.posts_of(document["_source"]) if document.get("found") else ([], 0)
                new = {each.row.path: each for each in mixed[paper_id] if each.stored is not None}
                stays = [post for post in posts if post["path"] in self._paths[paper_id] and post["path"] not in new]
                merged = documents.first_shown([*stays, *(each.stored for each in new.values() if each.stored)])
                runs = [each.row.run for each in new.values()] + [run] * bool(run and stays)
                if merged:
                    actions.append((self._place("index", index, key), documents.document(merged, min(runs))))
                    actions += self._words(index, [_Read(_NO_ROW, dict(merged[0]))])
                else:
                    actions.append((self._place("delete", index, key), None))
            self._connection.bulk(actions)

    def _write_buckets(self, index: str, buckets: dict[int, list[Row]]) -> None:
        """Write rows of files."""
        self._lease.check()
        for some in batches(sorted(buckets), CHUNK):
            self._connection.bulk(
                (
                    self._place("index", f"{index}.words", files.bucket_key(number)),
                    files.bucket_document(buckets[number]),
                )
                for number in some
            )

    def _place(self, kind: str, index: str, key: str) -> dict[str, Any]:
        """What to do with which document, fenced by the term of our lease."""
        return {kind: {"_index": index, "_id": key, "version": self._lease.term, "version_type": "external_gte"}}

    # --- the end ---

    def _refresh(self, index: str) -> None:
        self._connection.call("POST", f"/{index},{index}.words/_refresh")

    def _commit(self, index: str, current: str | None, state: State) -> None:
        """Let readers see what was written."""
        self._lease.check()
        self._refresh(index)
        now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        done = replace(state, serial=state.serial + 1, indexed_at=now, term=self._lease.term)
        self._connection.bulk([(self._place("index", f"{index}.words", STATE_KEY), to_json(done))])
        if index != current:
            name = self._connection.address.name
            actions = [{"remove": {"index": current, "alias": name}}] if current is not None else []
            self._connection.call(
                "POST", "/_aliases", {"actions": [*actions, {"add": {"index": index, "alias": name}}]}
            )

    def _remove_others(self, index: str) -> None:
        """Remove what runs that were cut short have left, and the index that was replaced."""
        for other in self._others(index):
            self._connection.find("DELETE", f"/{other}")
            self._connection.find("DELETE", f"/{other}.words")

    def _summary(self, changes: Changes, rows: Sequence[Row], problems: Sequence[Problem]) -> Summary:
        before = changes.replaced.keys() | changes.moved.keys()
        fresh = {task.state.path for task in changes.tasks}
        indexed = [row for row in rows if row.segment != NOWHERE]
        written = {row.path for row in indexed if row.path in fresh}
        skipped = [Problem(row.path, row.line, row.reason) for row in rows if row.reason]
        return Summary(
            added=len(written - before),
            updated=len(written & before),
            removed=sum(row.segment != NOWHERE for row in changes.removed),
            unchanged=len(indexed) - len(written),
            skipped=tuple(sorted([*skipped, *self._unread, *problems], key=lambda problem: problem.path)),
            total=len(indexed),
            seconds=0.0,
            notes=tuple(self._notes),
        )


def _settle(waiting: list[Future[None]]) -> None:
    while waiting:
        waiting.pop(0).result()
