"""Brings an index up to date with its corpus.

A run reads what changed into new segments, merges small ones, and commits all of it at once by renaming one file
(see ``draft``). Killed at any moment it leaves the old state; the next run removes what was left behind.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from papersearch.core.errors import DamagedIndexError, NoIndexError
from papersearch.core.records import Problem, Summary
from papersearch.engine.build.changes import Changes, compare, nothing_changed
from papersearch.engine.build.draft import Draft, Stages
from papersearch.engine.build.tasks import Part, Sizes, Task, no_collection, with_first_runs
from papersearch.engine.build.vanished import Vanished, refuse_to_lose, sort_out
from papersearch.engine.build.workplace import occupied
from papersearch.engine.index import generation as generations
from papersearch.engine.index.container import REBUILD
from papersearch.engine.index.files import PLAIN_FILES, Files
from papersearch.engine.index.filetable import NOWHERE, Row, Table, table_of
from papersearch.engine.index.folder import DOUBT_FILE, check_place
from papersearch.engine.index.generation import Generation
from papersearch.engine.index.segment import DOCUMENTS, TERMS, Segment
from papersearch.posts.scan import Listing, look


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
            skipped, partial = _left_out(table)
            warnings = unread
            unchanged = total = old.posts
            added = updated = removed = 0
        else:
            from papersearch.posts.naming import path_names

            known = table.rows() if table else _known_rows(folder)
            names = path_names((state.path for state in states), corpus)
            changes = compare(states, known if table else (), old.started_ns, old.run + 1, names)
            if table is None:
                changes.tasks = with_first_runs(changes.tasks, known)
                paths = {state.path for state in states}
                missed = [row for row in known if row.path not in paths]
            else:
                missed = changes.removed
            if not options.prune:
                vanished = sort_out(missed, known, listing, corpus, excluded=exclude != old.exclude)
                if table is None:
                    refuse_to_lose(vanished)
                else:
                    changes.removed = vanished.gone
                    changes.kept += vanished.held
            run = old.run + 1

            def draft_of_old() -> Draft:
                return Draft(folder, old if table else Generation(old.number), options.files, options.sizes.piece)

            def commit_stage(draft: Draft) -> None:
                draft.commit(tuple(corpus), exclude, run, started_ns, clean=False)

            staged = changes.only_adds and len(changes.tasks) >= options.sizes.staged and (table or old.number < 0)
            stages = Stages(draft_of_old, changes.kept, options.sizes, commit_stage) if staged else None
            parts = _build(folder, changes.tasks, options, stages) if changes.tasks else []
            rows, unread = _settle(changes, parts)
            fresh = {row.path for part in parts for row in part.rows if row.segment != NOWHERE}
            before = set(changes.replaced) | set(changes.moved)
            added, updated = len(fresh - before), len(fresh & before)
            removed = sum(row.segment != NOWHERE for row in changes.removed)
            total = sum(row.segment != NOWHERE for row in rows)
            unchanged = total - len(fresh)
            skipped = [_problem(row) for row in rows if row.reason and row.segment == NOWHERE]
            partial = [_problem(row) for row in rows if row.reason and row.segment != NOWHERE]
            unread += problems
            said = {(row.path, row.reason, row.digest) for row in known if row.reason}
            news = [_problem(row) for row in rows if row.reason and (row.path, row.reason, row.digest) not in said]
            warnings = [*news, *unread]
            if changes.any or not same:
                draft = draft_of_old()
                draft.take(changes, parts, rows)
                draft.commit(tuple(corpus), exclude, old.run + bool(fresh or removed or table is None), started_ns)
    return Summary(
        added=added,
        updated=updated,
        removed=removed,
        unchanged=unchanged,
        skipped=tuple(sorted([*skipped, *unread], key=lambda problem: problem.path)),
        partial=tuple(partial),
        warnings=tuple(sorted(warnings, key=lambda problem: problem.path)),
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


def _build(folder: str, tasks: Sequence[Task], options: Options, stages: Stages | None) -> list[Part]:
    # Loads the parsers, numpy and what starts workers, which a run with nothing to read need not.
    from papersearch.engine.build.workers import build_parts

    tell = stages.built if stages else None
    return build_parts(folder, tasks, options.jobs, options.files, options.progress, options.sizes, tell)


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


def _problem(row: Row) -> Problem:
    return Problem(row.path, row.line, row.reason)


def _left_out(table: Table) -> tuple[list[Problem], list[Problem]]:
    """What is known to be wrong with files: (those that are not indexed, those that are in part)."""
    left_out: tuple[list[Problem], list[Problem]] = [], []
    reasons = table.reasons()
    paths, indexed = (table.paths(), table.indexed()) if reasons else ([], [])
    for number, (line, reason) in reasons.items():
        left_out[indexed[number]].append(Problem(paths[number], line, reason))
    return left_out


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
