"""Brings an index in a cluster up to date with its corpus.

A run reads what changed in chunks. Each chunk's papers are written before the rows of its files, and every write says
what shall be: a run that dies leaves an index that is right for its rows, and the next one goes on from there. Readers
see papers when the run is done, at once on each shard. A new index is built beside the old one until the alias moves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from papersearch.core.errors import DamagedIndexError, NoIndexError, refuse_if_replaced
from papersearch.core.frozen import replace
from papersearch.core.records import Post, Problem, Summary
from papersearch.engine.build.changes import Changes, compare, found_again
from papersearch.engine.build.invert import stored_fields
from papersearch.engine.build.meaning import bring_up_to_date
from papersearch.engine.build.problems import problems_of, to_remember
from papersearch.engine.build.reading import parsed, read_files, row_of
from papersearch.engine.build.tasks import Task, digest
from papersearch.engine.build.vanished import (
    Vanished,
    look_around,
    may_be_spoiled,
    notes_on,
    refuse_spoiled,
    refuse_to_lose,
    refuse_unread,
    sort_out,
)
from papersearch.engine.build.waiting import Waiting
from papersearch.engine.index.rows import Row, Rows
from papersearch.engine.opensearch import files
from papersearch.engine.opensearch.connection import Connection
from papersearch.engine.opensearch.embed import ClusterVectors, Vectors, setting_of
from papersearch.engine.opensearch.failures import UnavailableError
from papersearch.engine.opensearch.indices import Indices
from papersearch.engine.opensearch.lease import Lease, leased
from papersearch.engine.opensearch.state import State, check_name, load, remembered, resolve
from papersearch.engine.opensearch.writing import Read, Writer, chunks, key_of
from papersearch.engine.port import RunOptions
from papersearch.posts.naming import path_names

# Requests on their way at a time, each with a chunk of papers (chosen).
_AT_ONCE = 3
# Buckets of files that are written together (chosen).
_BUCKETS = 50
Told = TypeVar("Told")


def update(connection: Connection, corpus: Sequence[str], run: RunOptions) -> Summary:
    """Bring the index up to date with the folders of ``corpus`` (absolute paths), or make it; what was done."""
    refuse_if_replaced()  # as for a folder
    begin = time.perf_counter()
    connection.check_version()
    check_name(connection)  # before a lease is made
    waiting = Waiting(lambda: remembered(connection).folders, run)
    with leased(connection, run.wait, waiting) as lease:
        summary = _Update(connection, lease, tuple(waiting.corpus(corpus)), run).run()
        summary = replace(summary, seconds=time.perf_counter() - begin)
        return bring_up_to_date(ClusterVectors(connection, lease, run), run, summary)


class _Update:
    """One run, which has looked around when it is made: the index that answers, as it is ``remembered``, and the one to
    write, as its last state was (``old``); what that knows of files (``rows``), and what the one that answers does."""

    def __init__(self, connection: Connection, lease: Lease, corpus: tuple[str, ...], run: RunOptions) -> None:
        self._connection, self._options = connection, run
        self._indices = Indices(connection, lease)
        self._notes: list[str] = []
        self._unread: list[Problem] = []
        self._vanished = Vanished([], [], [])
        self._started_ns = time.time_ns()
        self._current = self._answering()
        self._remembered = self._state(self._current) if self._current is not None else State()
        self._exclude = tuple(self._remembered.exclude if run.exclude is None else run.exclude)
        self._listing, self._corpus = look_around(corpus, self._exclude, self._remembered.folders, run.prune)
        if self._listing.states and corpus != self._remembered.folders:
            self._notes += notes_on(corpus, self._remembered.folders, self._listing)
        self._index, self._old, self._rows = self._to_write(len(self._listing.states))
        self._vectors = self._vectors_kept()
        self._known = self._rows
        if self._takes_place:
            rows = partial(files.load_rows, connection, str(self._current), self._remembered.buckets)
            self._known = self._unless_lost(rows, [])

    @property
    def _is_fresh(self) -> bool:
        """Whether the index to write is not the one that answers."""
        return self._index != self._current

    @property
    def _takes_place(self) -> bool:
        """Whether it is to take the place of one that answers."""
        return self._is_fresh and self._current is not None

    def run(self) -> Summary:
        """Write what changed and commit; what was done, the vectors apart."""
        changes = self._changes()
        if not (self._is_fresh or self._options.prune):
            self._look_ahead(changes)
        if changes.any:
            self._indices.write_state(self._index, replace(self._old, open_run=True))
        kept = self._write(changes)
        lost = self._known if self._is_fresh and not self._options.prune else ()
        refuse_unread(self._listing, len(kept), len(changes.tasks), self._unread, lost)
        if lost:
            refuse_spoiled(self._corpus, Rows.of(lost), lost, [Rows.of(kept)])
        summary = self._summary(changes, kept)
        named = (self._old.folders, self._old.exclude) != (self._corpus, self._exclude)
        unread = to_remember(self._not_read)
        if self._is_fresh or changes.any or named or self._old.open_run or unread != self._old.unread:
            self._commit(summary, unread)
        self._indices.remove_others(self._index)
        return summary

    def _changes(self) -> Changes:
        """What changed since the last state of the index to write. Posts of folders that are gone as a whole are
        kept."""
        states, old = self._listing.states, self._old
        changes = compare(states, self._rows, old.started_ns, old.run + 1, path_names(states.paths, self._corpus))
        if self._takes_place:
            find, missed = found_again(states, Rows.of(self._known))
            changes.tasks = changes.tasks.with_known(find)
            self._sort_out(missed)
            return changes
        self._sort_out(changes.removed)
        changes.removed = self._vanished.gone
        changes.keep(self._vanished.held)
        return changes

    def _sort_out(self, missed: Sequence[Row]) -> None:
        """Which of the posts that were missed are gone. An index that is built anew can hold none: that is refused."""
        known = (row.path for row in self._known)
        prune, excluded = self._options.prune, self._exclude if self._exclude != self._remembered.exclude else ()
        self._vanished = sort_out(missed, known, self._listing, self._corpus, prune=prune, excluded=excluded)
        if self._is_fresh:
            refuse_to_lose(self._vanished)

    def _look_ahead(self, changes: Changes) -> None:
        """Refuse what spoils the corpus before any of it is written: in the index that answers, nothing is taken back.
        Only where so much changed that it may be so are files read twice."""
        known, before = Rows.of(self._known), changes.replaced
        if may_be_spoiled(self._corpus, known, before.values()):
            tasks = [task for task in changes.tasks if task.state.path in before]
            rows = Rows.of(each.row for each in _posts(tasks, [], []))
            refuse_spoiled(self._corpus, known, before.values(), [rows])

    @property
    def _not_read(self) -> list[Problem]:
        """The files that could not be read, or not looked at."""
        return [*self._unread, *self._listing.problems]

    def _commit(self, summary: Summary, unread: tuple[str, ...]) -> None:
        """Let readers see what was written."""
        counted = summary.added + summary.updated + summary.removed > 0
        changed = self._is_fresh or counted or self._old.open_run
        new = replace(
            self._old,
            folders=self._corpus,
            exclude=self._exclude,
            started_ns=self._started_ns,
            complete=True,
            open_run=False,
            posts=summary.total,
            run=self._old.run + changed,
            unread=unread,
        )
        self._indices.commit(self._index, self._current, new)

    # --- which index ---

    def _answering(self) -> str | None:
        """The index that answers, None if there is none."""
        try:
            return resolve(self._connection, self._connection.address.name)
        except DamagedIndexError as damage:
            self._doubt(damage)
            return self._indices.target()

    def _state(self, index: str) -> State:
        try:
            return self._unless_lost(partial(load, self._connection, index), State())
        except DamagedIndexError as damage:
            self._doubt(damage)
            return State()

    def _unless_lost(self, read: Callable[[], Told], nothing: Told) -> Told:
        """What is ``read`` of the index that answers. A part of it may be lost for good: then it can be built anew, but
        not say which posts are out of sight, which somebody must allow."""
        try:
            return read()
        except UnavailableError as lost:
            if not (self._options.rebuild and self._options.prune):
                hint = f"{lost.hint}; one that is lost for good is made anew from the posts by --rebuild --prune FOLDER"
                raise UnavailableError(lost.message, hint) from lost
            self._notes.append(f"{lost.message}; it is built anew from the corpus")
            return nothing

    def _doubt(self, damage: DamagedIndexError) -> None:
        self._notes.append(f"{damage.message}; it is built anew from the corpus")
        self._options = self._options._replace(rebuild=True)

    def _to_write(self, count: int) -> tuple[str, State, list[Row]]:
        """The index to write, its state, and what it knows of files: the one that answers, or one beside it for so many
        files."""
        current, remembered = self._current, self._remembered
        found = (current, remembered) if current is not None else self._indices.begun(self._corpus)
        if found is not None and not self._options.rebuild:
            try:
                self._indices.refresh(found[0])
                return *found, files.load_rows(self._connection, found[0], found[1].buckets)
            except NoIndexError:
                self._doubt(DamagedIndexError(f"a part of the index {found[0]} was removed"))
        self._indices.remove_others(current)  # runs that fail again and again would leave one each
        known = {name: getattr(remembered, name) for name in ("serial", "run", "setting", "model", "dimensions")}
        state = State(folders=self._corpus, **known)
        return *self._indices.make(replace(state, buckets=files.buckets_for(count)), count), []

    def _vectors_kept(self) -> Vectors:
        """The vectors of the papers that are written."""
        setting = setting_of(self._options, self._remembered if self._current is not None else self._old)
        last = (self._remembered if self._remembered.model else self._old) if setting else State()
        index = self._current or self._index
        return Vectors(self._connection, index, last.model, setting, self._options, last.dimensions)

    # --- writing ---

    def _write(self, changes: Changes) -> list[Row]:
        """Write what changed; all rows of the next state."""
        table = files.BucketTable(self._old.buckets, self._rows, changes)
        writer = Writer(self._connection, self._indices, self._index, self._vectors, self._rows)
        for row in changes.kept:
            writer.keep(row)
        waiting: list[Future[None]] = []
        done = 0
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for tasks in chunks(sorted(changes.tasks, key=table.place)):
                read = list(self._read(tasks, changes, writer))
                before = (changes.replaced.get(task.state.path) for task in tasks)
                alone, mixed = writer.sort(read, filter(None, before))
                if mixed:
                    _settle(waiting)
                    writer.write_mixed(mixed)
                waiting.append(pool.submit(self._indices.write, writer.actions(alone)))
                if len(waiting) >= _AT_ONCE:
                    waiting.pop(0).result()
                table.add(tasks, [each.row for each in read])
                if table.ready >= _BUCKETS:
                    _settle(waiting)
                    self._write_buckets(table.complete())
                done += len(tasks)
                if self._options.progress is not None:
                    self._options.progress(done, len(changes.tasks))
            _settle(waiting)
        self._write_buckets(table.complete())
        lost = [row for row in (*changes.removed, *changes.moved.values()) if row.is_indexed]
        writer.write_mixed({key_of(row): [] for row in lost})
        self._write_buckets(table.rest())
        return table.rows()

    def _read(self, tasks: Sequence[Task], changes: Changes, writer: Writer) -> Iterator[Read]:
        """What the files of a chunk hold. A post that was indexed and cannot be read now stays as it was, also if its
        folder is gone since it was listed."""
        unread: list[Problem] = []
        vanished: list[str] = []
        yield from _posts(tasks, unread, vanished)
        self._unread += unread
        stay = [problem.path for problem in unread]
        if vanished:
            self._listing = self._listing.without(set(vanished))
            rows = changes.replaced | changes.moved
            missed = [rows[path]._replace(path=path) for path in vanished if path in rows]
            self._sort_out([*self._vanished.held, *missed])
            stay += [row.path for row in self._vanished.held]
        for path in stay:
            if before := changes.undone(path):
                writer.keep(before)
                yield Read(before, None)

    def _write_buckets(self, buckets: dict[int, list[Row]]) -> None:
        """Write rows of files."""
        for some in chunks(sorted(buckets)):
            self._indices.write(
                (
                    self._indices.place("index", f"{self._index}.words", files.bucket_key(number)),
                    files.bucket_document(buckets[number]),
                )
                for number in some
            )

    # --- the end ---

    def _summary(self, changes: Changes, rows: Sequence[Row]) -> Summary:
        before = changes.replaced.keys() | changes.moved.keys()
        fresh = {task.state.path for task in changes.tasks}
        indexed = [row for row in rows if row.is_indexed]
        written = {row.path for row in indexed if row.path in fresh}
        told = problems_of(rows, self._known, self._not_read, self._old.unread)
        return Summary(
            added=len(written - before),
            updated=len(written & before),
            removed=sum(row.is_indexed for row in changes.removed),
            unchanged=len(indexed) - len(written),
            skipped=told.skipped,
            total=len(indexed),
            seconds=0.0,
            vectors=self._vectors.made or None,
            notes=tuple(self._notes),
            missing=tuple(self._vanished.folders),
            partial=told.partial,
            warnings=told.warnings,
        )


def _posts(tasks: Iterable[Task], unread: list[Problem], vanished: list[str]) -> Iterator[Read]:
    """What files hold; of ``unread`` and ``vanished`` as ``read_files``."""
    for task, data in read_files(tasks, unread, vanished):
        post = parsed(task, data)
        stored = stored_fields(post) | {"path": post.path} if isinstance(post, Post) else None
        yield Read(row_of(task, digest(data), post), stored)


def _settle(waiting: list[Future[None]]) -> None:
    while waiting:
        waiting.pop(0).result()
