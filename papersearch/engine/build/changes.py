"""What changed in a corpus since the last run, decided from what is known of each file.

A file is unchanged where size, time of change and time of its node are as they were, and that was long enough before
the last run to be certain. Where sizes agree and anything else is in doubt (a time that moved in either direction, a
restored backup, a fresh checkout), its content is read and compared by digest.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, compress, count
from operator import not_

from papersearch.engine.build.tasks import Tasks, digest
from papersearch.engine.index.filetable import Table
from papersearch.engine.index.rows import NOWHERE, Row, Rows
from papersearch.posts.scan import Listing, read_post
from papersearch.posts.states import FileState, States
from papersearch.query.ids import names_paper

# File systems keep times as coarsely as two seconds (FAT), so a file changed this shortly before a run may change
# again without its time telling.
DOUBT_NS = 2_000_000_000


class Changes:
    """``kept`` rows stay as they are; ``tasks`` are files to read; ``replaced`` are rows of files that are read again,
    by path; ``removed`` those of files that are gone; ``moved`` maps a new path to the row of its old one."""

    def __init__(self) -> None:
        self.kept = Rows.of(())
        self.tasks = Tasks(States.of(()), (), 0)
        self.replaced: dict[str, Row] = {}
        self.removed: list[Row] = []
        self.moved: dict[str, Row] = {}
        self.touched = False

    def keep(self, rows: Iterable[Row]) -> None:
        """Let some more rows stay as they are."""
        self.kept = Rows.joined((self.kept, Rows.of(rows)))

    def undone(self, path: str) -> Row | None:
        """The row of a file as it was, which is not replaced now; None for one that was not known."""
        return self.replaced.pop(path, None) or self.moved.pop(path, None)

    @property
    def any(self) -> bool:
        """Whether anything is to be committed."""
        return bool(self.tasks or self.removed or self.touched)

    @property
    def only_adds(self) -> bool:
        """Whether all that was known stays."""
        return not (self.replaced or self.removed or self.moved)


def nothing_changed(listing: Listing, table: Table, started_ns: int) -> bool:
    """The quick answer for the run that finds everything as it was: no row is built, no file is read."""
    if listing.missing or len(listing.states) != table.count:
        return False
    return max(listing.states.times, default=0) < started_ns - DOUBT_NS and table.is_of(listing.states)


def compare(
    states: Iterable[FileState], rows: Iterable[Row], started_ns: int, run: int, names: Mapping[str, str] | None = None
) -> Changes:
    """Sort the corpus' files into kept, new, changed, moved and removed. ``started_ns``: when the last run began.

    ``names`` are the ids of posts that name no paper, by path, where the file's name is not the id; a post whose id
    would be another by them is read again.
    """
    states, rows, names = States.of(states), Rows.of(rows), names or {}
    changes = Changes()
    if not len(rows):
        changes.tasks = Tasks(states, range(len(states)), run, names)
        return changes
    place_of = dict(zip(rows.paths.list(), count()))
    places = array("q", [place_of.get(path, -1) for path in states.paths.list()])
    certain = _certain(states, rows, places, started_ns - DOUBT_NS, names)
    changes.kept = rows.taken([*compress(places, certain)])
    again: list[Row] = []
    to_read: dict[bool, list[int]] = {False: [], True: []}  # by whether the file was known
    now = time.time_ns()
    for number in compress(count(), map(not_, certain)):
        state = states[number]
        if places[number] < 0:
            to_read[False].append(number)
            continue
        row = rows[places[number]]
        same = row[: len(state)] == state
        renamed = row.segment != NOWHERE and _is_renamed(row, names.get(state.path, ""))
        if not renamed and same and state.mtime_ns < started_ns - DOUBT_NS:
            again.append(row)
        elif not renamed and state.size == row.size and _digest_of(state) == row.digest:
            again.append(row._replace(mtime_ns=state.mtime_ns, ctime_ns=state.ctime_ns))
            changes.touched |= not same or state.mtime_ns < now - DOUBT_NS
        else:
            changes.replaced[state.path] = row
            to_read[True].append(number)
    changes.keep(again)
    all_there = len(places) - places.count(-1) == len(rows)
    missed = [] if all_there else sorted({*range(len(rows))}.difference(places))
    gone = {row.path: row for row in map(rows.__getitem__, missed)}
    new, changed = (list(map(states.__getitem__, numbers)) for numbers in to_read.values())
    before = _find_moves(changes, new, changed, gone)
    changes.removed = list(gone.values())
    changes.tasks = Tasks(states, sorted(chain(*to_read.values())), run, names, before.get)
    return changes


def _certain(states: States, rows: Rows, places: Sequence[int], before_ns: int, names: Mapping[str, str]) -> list[bool]:
    """Whether each file need not be looked at: it is as it was, that is long enough ago, and its id cannot be another
    now. This goes over columns, since of a million files hardly one is to be looked at."""
    sizes, times, ctimes = rows.times
    certain = [
        place >= 0 and time < before_ns and time == times[place] and ctime == ctimes[place] and size == sizes[place]
        for place, size, time, ctime in zip(places, *states.numbers(), strict=True)
    ]
    if names:
        certain = [sure and path not in names for sure, path in zip(certain, states.paths, strict=True)]
    if b"/" in rows.ids.data:
        by_path = {number for number, paper_id in enumerate(rows.ids.list()) if _may_be_path(paper_id)}
        certain = [sure and place not in by_path for sure, place in zip(certain, places, strict=True)]
    return certain


def _may_be_path(paper_id: str) -> bool:
    return "/" in paper_id and paper_id[:3] != "10."


def _is_renamed(row: Row, name: str) -> bool:
    """Whether a post that has its id from its file's name or path has another now."""
    from papersearch.posts.naming import is_end_of, was_named_by_path

    if name:
        return row.paper_id != name and was_named_by_path(row.paper_id, row.path)
    return _may_be_path(row.paper_id) and is_end_of(row.path, row.paper_id)


def _find_moves(
    changes: Changes, new: Sequence[FileState], changed: Sequence[FileState], gone: dict[str, Row]
) -> dict[str, Row]:
    """What is known of each file by its content, else by its path. A new file with the content of one that is gone is
    that file under another name; such rows leave ``gone``. A file whose content is elsewhere now holds another post,
    and only an id that names its paper can say that it is about the same."""
    rows = [*gone.values(), *changes.replaced.values()]
    sizes = {row.size for row in rows}
    by_content: dict[bytes, list[Row]] = {}
    for row in reversed(rows):
        by_content.setdefault(row.digest, []).append(row)
    found: dict[str, Row] = {}
    for state in (*new, *changed):
        content = _digest_of(state) if state.size in sizes else None
        if content is not None and by_content.get(content):
            found[state.path] = by_content[content].pop()
    for state in new:
        if state.path in found and found[state.path].path in gone:
            changes.moved[state.path] = gone.pop(found[state.path].path)
    elsewhere = {row.path for row in found.values()}
    stayed = {path: row for path, row in changes.replaced.items() if path not in elsewhere or names_paper(row.paper_id)}
    return stayed | found


def _digest_of(state: FileState) -> bytes | None:
    try:
        return digest(read_post(state.path))
    except OSError:
        return None
