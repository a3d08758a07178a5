"""Brings an index up to date with its corpus. The only module that changes an index folder.

A run reads what changed into new segments, merges small ones, and commits all of it at once by renaming one file
(see ``generation``). Killed at any moment it leaves the old state; the next run removes what was left behind.

Merge policy: a new segment, unless it is a large one, is merged with the next larger one while that is at most twice as
large; one of which more than a fifth is deleted is written anew; and never more than ``MOST_SEGMENTS`` are left. So a
document is rewritten about as often as the corpus doubles: thirty posts a week cost a fraction of a second each week.
"""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from zlib import crc32

from papersearch.core.errors import DamagedIndexError, NoIndexError, PapersearchError
from papersearch.core.records import Problem, Summary
from papersearch.engine.build import embed
from papersearch.engine.build.changes import Changes, compare, nothing_changed
from papersearch.engine.build.tasks import Part, Sizes, Task, no_collection
from papersearch.engine.build.vanished import Vanished, sort_out
from papersearch.engine.build.workplace import occupied
from papersearch.engine.index import generation as generations
from papersearch.engine.index.container import REBUILD
from papersearch.engine.index.files import PLAIN_FILES, Files
from papersearch.engine.index.filetable import NOWHERE, Row, Table, table_of, write_table
from papersearch.engine.index.folder import DOUBT_FILE, check_place, next_number
from papersearch.engine.index.generation import Generation, SegmentState
from papersearch.engine.index.segment import DOCUMENTS, TERMS, Segment, new_name, segment_files
from papersearch.posts.scan import Listing, look

MOST_SEGMENTS = 6
MOST_DELETED = 0.2


@dataclass
class Options:
    """How a run is done. ``wait`` in seconds; ``jobs`` 0 means all cores; ``exclude`` None: as the index remembers;
    ``prune`` removes posts even if their whole folder is gone."""

    rebuild: bool = False
    jobs: int = 0
    wait: float = 60.0
    trust: bool = False
    progress: Callable[[int, int], None] | None = None
    waiting: Callable[[str], None] | None = None
    files: Files = field(default_factory=lambda: PLAIN_FILES)
    exclude: Sequence[str] | None = None
    prune: bool = False
    sizes: Sizes = field(default_factory=Sizes)


def update(folder: str, corpus: Sequence[str], options: Options | None = None) -> Summary:
    """Bring the index in ``folder`` up to date with the folders of ``corpus`` (absolute paths); what was done."""
    options = options or Options()
    begin = time.perf_counter()
    notes: list[str] = []
    check_place(folder, corpus, options.trust)
    with occupied(folder, options, notes), no_collection():
        old, table = _last_state(folder, options, notes)
        started_ns = time.time_ns()
        exclude = tuple(old.exclude if options.exclude is None else options.exclude)
        listing = _look(folder, corpus, exclude, old)
        states, problems = listing.states, listing.problems
        vanished = Vanished([], [], [])
        if options.prune:
            corpus = [place for place in corpus if place not in listing.missing] or corpus
        same = table is not None and (tuple(corpus), exclude) == (old.folders, old.exclude)
        if table is not None and same and not listing.missing and nothing_changed(states, table, old.started_ns):
            generations.clean(folder, [old], options.files)
            unread = list(problems)
            skipped = _skipped(table)
            unchanged = total = old.posts
            added = updated = removed = 0
        else:
            known = table.rows() if table else _known_rows(folder)
            changes = compare(states, known if table else (), old.started_ns, old.run + 1)
            if table is None:
                changes.tasks = _with_first_runs(changes.tasks, known)
                paths = {state.path for state in states}
                missed = [row for row in known if row.path not in paths]
            else:
                missed = changes.removed
            if not options.prune:
                vanished = sort_out(missed, known, listing, corpus, excluded=exclude != old.exclude)
                if table is None:
                    _refuse_to_lose(vanished)
                else:
                    changes.removed = vanished.gone
                    changes.kept += vanished.held
            parts = _build(folder, changes.tasks, options) if changes.tasks else []
            rows, unread = _settle(changes, parts)
            fresh = {row.path for part in parts for row in part.rows if row.segment != NOWHERE}
            before = set(changes.replaced) | set(changes.moved)
            added, updated = len(fresh - before), len(fresh & before)
            removed = sum(row.segment != NOWHERE for row in changes.removed)
            total = sum(row.segment != NOWHERE for row in rows)
            unchanged = total - len(fresh)
            skipped = [Problem(row.path, row.line, row.reason) for row in rows if row.reason]
            unread += problems
            if changes.any or not same:
                draft = _Draft(folder, old if table else Generation(old.number), options.files, options.sizes.piece)
                draft.take(changes, parts, rows)
                draft.commit(tuple(corpus), exclude, old.run + bool(fresh or removed or table is None), started_ns)
    return Summary(
        added=added,
        updated=updated,
        removed=removed,
        unchanged=unchanged,
        skipped=tuple(sorted([*skipped, *unread], key=lambda problem: problem.path)),
        total=total,
        seconds=time.perf_counter() - begin,
        notes=tuple(notes),
        missing=tuple(vanished.folders),
    )


def _look(folder: str, corpus: Sequence[str], exclude: Sequence[str], old: Generation) -> Listing:
    """What lies in the corpus. A folder that is missing must be one that the index was built from: of another, the
    name is wrong."""
    listing = look(corpus, exclude)
    remembered = old.folders or generations.remembered_folders(folder)
    for place, error in listing.missing.items():
        if place not in remembered:
            raise error
    return listing


def _refuse_to_lose(vanished: Vanished) -> None:
    """An index that is built anew keeps nothing of what is out of sight."""
    for folder in vanished.folders:
        raise PapersearchError(folder.reason, "bring the folder back, or remove its posts with --prune")
    for row in vanished.held:
        raise PapersearchError(f"{row.path} is out of sight", "papersearch check says why; --prune removes such posts")


def _build(folder: str, tasks: Sequence[Task], options: Options) -> list[Part]:
    # Loads the parsers, numpy and what starts workers, which a run with nothing to read need not.
    from papersearch.engine.build.workers import build_parts

    return build_parts(folder, tasks, options.jobs, options.files, options.progress, options.sizes)


def _last_state(folder: str, options: Options, notes: list[str]) -> tuple[Generation, Table | None]:
    """The state to build on; without a table where everything is to be read anew."""
    number = generations.newest(folder)
    try:
        old = generations.load(folder, options.trust)
        if options.rebuild:
            return old, None
        table = table_of(folder, old)
        table.verify()
        generations.check_toc(folder, old)
        _verify_segments(folder, old)
    except NoIndexError:
        return Generation(number), None
    except DamagedIndexError as damage:
        notes.append(f"{damage.message}; it is built anew from the corpus")
        return Generation(number, run=max((row.run for row in _known_rows(folder)), default=0)), None
    return old, table


def _known_rows(folder: str) -> list[Row]:
    """What the last state knew of files, as far as that can still be read: when each paper was first seen outlives a
    rebuild, else all would be new to ``--new``."""
    try:
        return Table(os.path.join(folder, generations.table_name(generations.newest(folder)))).rows()
    except (DamagedIndexError, LookupError, TypeError, ValueError):  # whole, and yet not a table
        return []


def _with_first_runs(tasks: Sequence[Task], rows: Iterable[Row]) -> list[Task]:
    known = {row.path: row.run for row in rows if row.run}
    return [task._replace(first_run=known.get(task.state.path, task.first_run)) for task in tasks]


def _verify_segments(folder: str, old: Generation) -> None:
    """Raise ``DamagedIndexError`` where a segment is not as it was committed. All of it is read only where that is in
    doubt: a quarter of a second for 87,288 papers, which a run with nothing to do need not spend."""
    for state in old.segments:
        if not all(os.path.exists(os.path.join(folder, state.name + ending)) for ending in (DOCUMENTS, TERMS)):
            raise DamagedIndexError(f"the index is damaged (a file of {state.name} is missing)", REBUILD)
    doubt = generations.is_in_doubt(folder, old)
    for state in old.segments:
        segment = Segment(folder, state.name)
        if doubt:
            segment.verify()
        else:
            segment.verify_quickly()
    with suppress(OSError):
        os.remove(os.path.join(folder, DOUBT_FILE))


def _skipped(table: Table) -> list[Problem]:
    reasons = table.reasons()
    paths = table.paths() if reasons else []
    return [Problem(paths[number], line, reason) for number, (line, reason) in reasons.items()]


def _settle(changes: Changes, parts: Iterable[Part]) -> tuple[list[Row], list[Problem]]:
    """All rows of the next state, and the files that could not be read at all. A post that was indexed and cannot be
    read now (no permission, say) stays as it was."""
    rows, unread = list(changes.kept), []
    for part in parts:
        rows += part.rows
        for problem in part.unread:
            unread.append(problem)
            before = changes.replaced.pop(problem.path, None) or changes.moved.pop(problem.path, None)
            if before is not None:
                rows.append(before)
    return rows, unread


class _Draft:
    """The next state while it is made: rows of files, and segments whose documents the rows point to."""

    def __init__(self, folder: str, old: Generation, files: Files, piece: int) -> None:
        self._piece = piece
        self._folder, self._files, self._old = folder, files, old
        self._names = [segment.name for segment in old.segments]
        self._counts = [segment.count for segment in old.segments]
        self._deleted = [set(segment.deleted) for segment in old.segments]
        self._rows: list[Row] = []

    def take(self, changes: Changes, parts: Sequence[Part], rows: Sequence[Row]) -> None:
        """Delete what was replaced or removed, add the new segments, merge what the policy says."""
        for row in [*changes.replaced.values(), *changes.moved.values(), *changes.removed]:
            if row.segment != NOWHERE:
                self._deleted[row.segment].add(row.document)
        places: dict[str, int] = {}
        for part in parts:
            if part.segment is not None:
                for row in part.rows:
                    if row.segment != NOWHERE:
                        places[row.path] = len(self._names)
                self._names.append(part.segment)
                self._counts.append(sum(row.segment != NOWHERE for row in part.rows))
                self._deleted.append(set())
        self._rows = [row._replace(segment=places[row.path]) if row.path in places else row for row in rows]
        new = range(len(self._names) - sum(part.segment is not None for part in parts), len(self._names))
        chosen = self._choose(set(new))
        if len(chosen) > 1 or any(self._deleted[number] for number in chosen):
            self._merge(chosen)

    def _live(self, number: int) -> int:
        return self._counts[number] - len(self._deleted[number])

    def _choose(self, new: set[int]) -> list[int]:
        """Numbers of the segments to merge into one, in order."""
        chosen = {n for n in new if self._live(n) < self._piece // 4}
        chosen |= {n for n in range(len(self._names)) if len(self._deleted[n]) > MOST_DELETED * self._counts[n]}
        rest = sorted(set(range(len(self._names))) - chosen, key=self._live)
        total = sum(map(self._live, chosen))
        while rest and (self._live(rest[0]) <= 2 * total or len(rest) + bool(chosen) > MOST_SEGMENTS):
            total += self._live(rest[0])
            chosen.add(rest.pop(0))
        return sorted(chosen)

    def _merge(self, chosen: Sequence[int]) -> None:
        from papersearch.engine.build.merge import Input, merge  # loads numpy

        name = new_name()
        inputs = [
            Input(Segment(self._folder, self._names[number]), frozenset(self._deleted[number])) for number in chosen
        ]
        with no_collection(), segment_files(self._folder, name, self._files) as (documents, terms):
            count = merge(inputs, documents, terms)
        places: dict[tuple[int, int], int] = {}
        for number in chosen:
            for document in range(self._counts[number]):
                if document not in self._deleted[number]:
                    places[number, document] = len(places)
        others = [number for number in range(len(self._names)) if number not in set(chosen)]
        renumbered = {number: place for place, number in enumerate(others)}
        self._names = [self._names[number] for number in others] + [name] * bool(count)
        self._counts = [self._counts[number] for number in others] + [count] * bool(count)
        self._deleted = [self._deleted[number] for number in others] + [set() for _ in range(bool(count))]
        self._rows = [
            row
            if row.segment == NOWHERE
            else row._replace(segment=renumbered[row.segment])
            if row.segment in renumbered
            else row._replace(segment=len(others), document=places[row.segment, row.document])
            for row in self._rows
        ]

    def _hidden(self) -> list[set[int]]:
        """Documents of papers of which another post is shown: the highest version, then the one posted last."""
        shown: dict[str, Row] = {}
        hidden: list[set[int]] = [set() for _ in self._names]
        for row in self._rows:
            if row.segment == NOWHERE:
                continue
            key = row.paper_id.casefold()
            other = shown.get(key)
            if other is None:
                shown[key] = row
                continue
            better, worse = sorted((row, other), key=lambda r: (r.version, r.posted, r.path), reverse=True)
            shown[key] = better
            hidden[worse.segment].add(worse.document)
        return hidden

    def commit(self, corpus: tuple[str, ...], exclude: tuple[str, ...], run: int, started_ns: int) -> None:
        """Write table and manifest, sync, and make the new generation the current one by one rename."""
        number = max(self._old.number + 1, next_number(self._folder))
        try:
            self._write_state(number, corpus, exclude, run, started_ns)
        except BaseException:
            with suppress(OSError, PapersearchError):
                if generations.newest(self._folder) != number:
                    self._files.remove(os.path.join(self._folder, generations.manifest_name(number)))
            raise

    def _write_state(
        self, number: int, corpus: tuple[str, ...], exclude: tuple[str, ...], run: int, started_ns: int
    ) -> None:
        files, folder = self._files, self._folder
        hidden = self._hidden()
        segments = tuple(
            SegmentState(name, count, self._sizes(name), tuple(sorted(deleted)), tuple(sorted(hides)))
            for name, count, deleted, hides in zip(self._names, self._counts, self._deleted, hidden, strict=True)
        )
        table = os.path.join(folder, generations.table_name(number))
        checksums: list[int] = []
        files.write_whole(table, lambda file: checksums.append(write_table(self._rows, file)))
        posts = sum(segment.live for segment in segments)
        # Loads Whoosh, which a run that changes nothing need not.
        from papersearch.engine.index.whoosh_view import toc_bytes

        embed.carry(folder, segments, files)
        toc = toc_bytes(number, segments)
        new = Generation(
            number=number,
            segments=segments,
            folders=corpus,
            exclude=exclude,
            run=run,
            started_ns=started_ns,
            indexed_at=datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
            papers=posts - sum(map(len, hidden)),
            posts=posts,
            table_checksum=checksums[0],
            toc_checksum=crc32(toc),
        )
        manifest = generations.manifest_bytes(new)
        files.write_whole(os.path.join(folder, generations.manifest_name(number)), lambda file: file.write(manifest))
        files.sync_folder(folder)
        files.write_whole(os.path.join(folder, generations.toc_name(number)), lambda file: file.write(toc))
        files.sync_folder(folder)
        generations.clean(folder, [new], files)
        with suppress(OSError):
            files.remove(os.path.join(folder, DOUBT_FILE))

    def _sizes(self, name: str) -> tuple[int, int]:
        first, second = (os.path.getsize(os.path.join(self._folder, name + ending)) for ending in (DOCUMENTS, TERMS))
        return first, second
