"""Brings an index up to date with its corpus.

A run reads what changed into new segments, merges small ones, and commits all of it at once by renaming one file
(see ``draft``). Killed at any moment it leaves the old state; the next run removes what was left behind.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from itertools import chain
from typing import NamedTuple

from papersearch.core.errors import DamagedIndexError, NoIndexError, PapersearchError, UsageError, refuse_if_replaced
from papersearch.core.frozen import replace
from papersearch.core.records import Problem, Summary
from papersearch.engine.build.changes import Changes, compare, found_again, nothing_changed
from papersearch.engine.build.draft import Draft, Stages
from papersearch.engine.build.problems import by_path, problems_of, to_remember
from papersearch.engine.build.tasks import Part, Sizes, no_collection
from papersearch.engine.build.vanished import (
    Vanished,
    look_around,
    notes_on,
    refuse_spoiled,
    refuse_to_lose,
    refuse_unread,
    sort_out,
)
from papersearch.engine.build.waiting import Waiting
from papersearch.engine.build.workplace import check_place, occupied, tidied
from papersearch.engine.index import generation as generations
from papersearch.engine.index.files import PLAIN_FILES, Files
from papersearch.engine.index.filetable import Table, table_of
from papersearch.engine.index.folder import translating_os_errors
from papersearch.engine.index.generation import Generation
from papersearch.engine.index.remembered import known_rows, past_of
from papersearch.engine.index.rows import NOWHERE, Row, Rows
from papersearch.engine.index.segment import committed
from papersearch.engine.port import RunOptions
from papersearch.posts.listing import Listing


class Options(NamedTuple):
    """How a run is done: ``how`` it was asked for (vectors are made after it, see ``embed``), and whether an index that
    belongs to another user is brought up to date (``trust``)."""

    how: RunOptions = RunOptions()
    trust: bool = False
    files: Files = PLAIN_FILES
    sizes: Sizes = Sizes()


class _Run(NamedTuple):
    """A run that has looked around: the state to build on (without a table, everything is read anew), the corpus as the
    index will remember it, what lies there, what was ``known`` of its files, and what was ``told_of`` those that could
    not be read."""

    folder: str
    options: Options
    old: Generation
    table: Table | None
    corpus: tuple[str, ...]
    exclude: tuple[str, ...]
    started_ns: int
    listing: Listing
    known: Rows = Rows.of(())
    told_of: tuple[str, ...] = ()

    @property
    def goes_on(self) -> bool:
        """Whether the last state is a complete one of the same corpus."""
        same = (self.corpus, self.exclude) == (self.old.folders, self.old.exclude)
        return self.table is not None and not self.old.planned and same

    def draft(self) -> Draft:
        """The next state, as the last one is."""
        old = self.old if self.table is not None else Generation(self.old.number)
        return Draft(self.folder, old, self.options.files, self.options.sizes.piece)

    def state(self, number: int, planned: int = 0) -> Generation:
        """What the next state is known to be: that of the run with this number; one of so many ``planned`` files if it
        is a stage."""
        return Generation(-1, (), self.corpus, self.exclude, number, self.started_ns, planned=planned)


def update(folder: str, corpus: Sequence[str], options: Options | None = None) -> Summary:
    """Bring the index in ``folder`` up to date with the folders of ``corpus`` (absolute paths); what was done."""
    refuse_if_replaced()  # parts of two versions must not write one index
    options = options or Options()
    begin = time.perf_counter()
    notes: list[str] = []
    check_place(folder, corpus, options.trust)
    waiting = Waiting(lambda: generations.load(folder, options.trust).folders, options.how)
    with occupied(folder, options.how.wait, waiting, notes), no_collection():
        corpus = waiting.corpus(corpus)
        summary = None
        try:
            summary = _run_once(folder, corpus, options, notes)
        except DamagedIndexError:  # found while segments were merged
            generations.note_doubt(folder)
        if summary is None:  # all is verified now, and built anew
            summary = _run_once(folder, corpus, options, notes)
    return replace(summary, seconds=time.perf_counter() - begin, notes=tuple(notes))


def _run_once(folder: str, corpus: Sequence[str], options: Options, notes: list[str]) -> Summary:
    """Look around, read what changed and commit; what was done. All that the run knew of files is freed on return,
    while the garbage collector is still off, which would go through it."""
    old, table, damage = _last_state(folder, options)
    started_ns = max(0, time.time_ns())  # a clock without a battery may begin in 1904 or 1901
    exclude = tuple(old.exclude if options.how.exclude is None else options.how.exclude)
    with _naming(damage):
        listing, here = look_around(corpus, exclude, old.folders, options.how.prune)
    if listing.states and tuple(corpus) != old.folders:
        notes += notes_on(corpus, old.folders, listing)
    told_of = table.unread() if table is not None else ()
    run = _Run(folder, options, old, table, here, exclude, started_ns, listing, told_of=told_of)
    is_told = to_remember(listing.problems) == told_of
    if table is not None and run.goes_on and is_told and nothing_changed(listing, table, old.started_ns):
        generations.clean(folder, [old], options.files)
        return _nothing_done(old, table, listing.problems)
    run = run._replace(known=table.rows() if table is not None else known_rows(folder))
    with _naming(damage):
        changes, vanished = _changes(run)
        with tidied(folder, options.files):
            summary = _bring_up_to_date(run, changes, vanished)
    if damage is not None:
        notes.append(f"{damage.message}; it is built anew from the corpus")
    return summary


def _nothing_done(old: Generation, table: Table, unread: Sequence[Problem]) -> Summary:
    """What a run has done that found nothing to do."""
    skipped, in_part = _left_out(table)
    return Summary(
        added=0,
        updated=0,
        removed=0,
        unchanged=old.posts,
        skipped=by_path([*skipped, *unread]),
        partial=tuple(in_part),
        total=old.posts,
        seconds=0.0,
    )


def _bring_up_to_date(run: _Run, changes: Changes, vanished: Vanished) -> Summary:
    """Read what is new or changed, and commit the next state; what was done."""
    parts = _build(run, changes) if changes.tasks else []
    if gone := {path for part in parts for path in part.vanished}:
        run = run._replace(listing=run.listing.without(gone))
        vanished = _changes_without(gone, run, changes, vanished)
    unread = [problem for part in parts for problem in part.unread]
    # A post that was indexed and cannot be read now (no permission, say) stays as it was.
    changes.keep(filter(None, [changes.undone(problem.path) for problem in unread]))
    rows = [changes.kept, *(part.rows for part in parts)]
    _refuse_losses(run, changes, rows, unread)
    fresh = sum(part.rows.indexed for part in parts)
    updated = _indexed_again(changes, parts)
    removed = sum(row.is_indexed for row in changes.removed)
    unread += run.listing.problems
    if changes.any or not run.goes_on or to_remember(unread) != run.told_of:
        draft = run.draft()
        draft.take(changes, parts)
        draft.commit(run.state(run.old.run + bool(fresh or removed or run.old.planned)), to_remember(unread))
    else:
        generations.clean(run.folder, [run.old], run.options.files)
    total = sum(each.indexed for each in rows)
    wrong = chain.from_iterable(each.with_reason() for each in rows)
    problems = problems_of(wrong, run.known.with_reason(), unread, run.told_of)
    return Summary(
        added=fresh - updated,
        updated=updated,
        removed=removed,
        unchanged=total - fresh,
        skipped=problems.skipped,
        partial=problems.partial,
        warnings=problems.warnings,
        total=total,
        seconds=0.0,
        missing=tuple(vanished.folders),
    )


def _refuse_losses(run: _Run, changes: Changes, rows: Sequence[Rows], unread: Sequence[Problem]) -> None:
    """Raise ``PapersearchError`` if posts would be lost that could not be read, or that are none any more. ``rows`` are
    what the next state would know of files: first those that are kept, then those that were read."""
    anew, prune = run.table is None, run.options.how.prune
    refuse_unread(run.listing, sum(map(len, rows)), len(changes.tasks), unread, run.known if anew and not prune else ())
    if not prune:
        refuse_spoiled(run.corpus, run.known, run.known if anew else changes.replaced.values(), rows[1:])


def _indexed_again(changes: Changes, parts: Sequence[Part]) -> int:
    """How many of the posts that were indexed are known files, changed or moved."""
    before = changes.replaced.keys() | changes.moved.keys()
    if not before:
        return 0
    places = (zip(part.rows.paths, part.rows.segments, strict=True) for part in parts)
    return sum(segment != NOWHERE and path in before for each in places for path, segment in each)


def _changes(run: _Run) -> tuple[Changes, Vanished]:
    """What changed since the last state, and what is not where it was."""
    from papersearch.posts.naming import path_names

    anew, old, states = run.table is None, run.old, run.listing.states
    names = path_names(states.paths, run.corpus)
    changes = compare(states, () if anew else run.known, old.started_ns, old.run + 1, names)
    if anew:
        find, gone = found_again(states, run.known)
        changes.tasks = changes.tasks.with_known(find)
        return changes, _vanished(run, gone)
    vanished = _vanished(run, changes.removed)
    changes.removed = vanished.gone
    changes.keep(vanished.held)
    return changes, vanished


def _changes_without(gone: AbstractSet[str], run: _Run, changes: Changes, before: Vanished) -> Vanished:
    """Take files out of the changes that were ``gone`` when they were to be read: removed like those that were not
    listed, or held if their folder went with them. Returns the vanished posts, those that were held ``before`` among
    them."""
    moved = {path: row._replace(path=path) for path, row in changes.moved.items()}
    find = run.known.by_path()
    rows = (moved.get(path) or find(path) for path in gone)
    vanished = _vanished(run, [*before.held, *filter(None, rows)])
    changes.removed += filter(None, (changes.undone(row.path) for row in vanished.gone))
    changes.keep(filter(None, (changes.undone(row.path) for row in vanished.held)))
    return vanished


def _vanished(run: _Run, missed: Sequence[Row]) -> Vanished:
    """Which of the posts that were missed are gone. An index that is built anew cannot hold any: that is refused."""
    prune, excluded = run.options.how.prune, run.exclude if run.exclude != run.old.exclude else ()
    vanished = sort_out(missed, run.known.paths, run.listing, run.corpus, prune=prune, excluded=excluded)
    if run.table is None:
        refuse_to_lose(vanished)
    return vanished


def _build(run: _Run, changes: Changes) -> list[Part]:
    """Index the files that are to be read; a long run that only adds commits what is ready now and then."""
    # Loads the parsers, numpy and what starts workers, which a run with nothing to read need not.
    from papersearch.engine.build.workers import build_parts

    options, tasks, old = run.options, changes.tasks, run.old
    tell = None
    if changes.only_adds and len(tasks) >= options.sizes.staged and (run.table is not None or old.number < 0):
        # Under the number of the run before: what is added after a stage must count as new to who asked during it.
        state = run.state(old.run, planned=len(changes.kept) + len(tasks))
        tell = Stages(run.draft, changes, options.sizes, state).built
    how, files, sizes = options.how, options.files, options.sizes
    return build_parts(run.folder, tasks, how.jobs, files, how.progress, sizes, tell)


@contextmanager
def _naming(damage: DamagedIndexError | None) -> Iterator[None]:
    """Within the block, an error that keeps a damaged index from being built anew names the damage as well."""
    try:
        yield
    except UsageError:
        raise
    except PapersearchError as error:
        if damage is None:
            raise
        raise PapersearchError(f"{damage.message} and cannot be built anew: {error.message}", error.hint) from error


def _last_state(folder: str, options: Options) -> tuple[Generation, Table | None, DamagedIndexError | None]:
    """The state to build on, without a table where everything is to be read anew; and what is damaged. Of a state that
    is not whole, all that is still told stays: its corpus, and how many runs there were."""
    number = generations.newest(folder)
    damage = None
    try:
        old = generations.load(folder, options.trust)
        if options.how.rebuild:
            return old, None, None
        with translating_os_errors(folder):
            table = table_of(folder, old)
            table.verify()
            generations.check_toc(folder, old)
            _verify_segments(folder, old)
        return old, table, None
    except NoIndexError:
        pass
    except DamagedIndexError as found:
        damage = found
    past = past_of(folder)
    return Generation(number, folders=past.folders, exclude=past.exclude, run=past.run), None, damage


def _verify_segments(folder: str, old: Generation) -> None:
    """Raise ``DamagedIndexError`` where a segment is not as it was committed. All of it is read only where that is in
    doubt: a quarter of a second for 87,288 papers, which a run with nothing to do need not spend."""
    segments = [committed(folder, state) for state in old.segments]
    if generations.is_in_doubt(folder, old):
        from papersearch.engine.index.audit import audit

        audit(folder)
    else:
        for segment in segments:
            segment.verify_quickly()
    generations.dispel_doubt(folder, PLAIN_FILES)


def _left_out(table: Table) -> tuple[list[Problem], list[Problem]]:
    """What is known to be wrong with files: (those that are not indexed, those that are in part)."""
    left_out: tuple[list[Problem], list[Problem]] = [], []
    reasons = table.reasons()
    paths, indexed = (table.paths(), table.indexed()) if reasons else ([], [])
    for number, (line, reason) in reasons.items():
        left_out[indexed[number]].append(Problem(paths[number], line, reason))
    return left_out
