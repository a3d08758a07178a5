"""What changed in a corpus since the last run, decided from what is known of each file.

A file is unchanged where size, time of change and time of its node are as they were, and that was long enough before
the last run to be certain. Where sizes agree and anything else is in doubt (a time that moved in either direction, a
restored backup, a fresh checkout), its content is read and compared by digest.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress, count
from operator import not_

from papersearch.engine.build.tasks import Tasks, digest
from papersearch.engine.index.filetable import Table
from papersearch.engine.index.rows import Row, Rows
from papersearch.posts.listing import Listing
from papersearch.posts.reading import read_post
from papersearch.posts.states import FileState, States
from papersearch.query.ids import names_paper

# File systems keep times as coarsely as two seconds (FAT), by a clock that may be a tick behind, so a file changed this
# shortly before a run may change again without its time telling.
DOUBT_NS = 2_100_000_000
_SOME = 4_096  # files that are compared at once (chosen)


class Changes:
    """``kept`` rows stay as they are; ``tasks`` are files to read; ``replaced`` are rows of files that are read again,
    by path; ``removed`` those of files that are gone; ``moved`` maps a new path to the row of its old one. ``touched``:
    kept files have other times, which are to be recorded so that no later run reads their content again."""

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
        """Take back that a file is replaced or moved: its row as it was, or None if it was not known."""
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
    places = _places(states.paths.list(), rows.paths.list())
    certain_before, certain_now = started_ns - DOUBT_NS, time.time_ns() - DOUBT_NS
    certain = _certain(states, rows, places, certain_before, names)
    changes.kept = rows.taken([*compress(places, certain)])
    again: list[Row] = []
    new: list[int] = []
    changed: list[int] = []
    for number in compress(count(), map(not_, certain)):
        if places[number] < 0:
            new.append(number)
            continue
        state, row = states[number], rows[places[number]]
        renamed = row.is_indexed and _is_renamed(row, names.get(state.path, ""))
        if renamed or (kept := _unchanged(state, row, certain_before)) is None:
            changes.replaced[state.path] = row
            changed.append(number)
        else:
            again.append(kept)
            changes.touched |= kept != row or certain_before <= state.mtime_ns < certain_now
    changes.keep(again)
    all_there = len(places) - places.count(-1) == len(rows)
    missed = [] if all_there else sorted({*range(len(rows))}.difference(places))
    gone = {row.path: row for row in map(rows.__getitem__, missed)}
    before = _find_moves(changes, [states[n] for n in new], [states[n] for n in changed], gone)
    changes.removed = list(gone.values())
    changes.tasks = Tasks(states, sorted(new + changed), run, names, before.get)
    return changes


def found_again(states: States, rows: Rows) -> tuple[Callable[[str], Row | None], list[Row]]:
    """For files that are all read anew: what finds what was known of a path, of a file that was moved by its content;
    and the rows of files that are gone."""
    find, known = rows.by_path(), {*rows.paths}
    missed = known.difference(states.paths)
    if not missed:
        return find, []
    gone = {row.path: row for row in rows if row.path in missed}
    moved = _by_content((state for state in states if state.path not in known), [*gone.values()])
    for row in moved.values():
        del gone[row.path]
    return (lambda path: find(path) or moved.get(path)), [*gone.values()]


def _places(here: Sequence[str], known: Sequence[str]) -> array[int]:
    """Where each path stands among those that are known; -1: nowhere. Unless folders were moved, both are in order, so
    that long runs of them are the same: to find these costs a fifth of looking each path up."""
    places = array("q", [-1]) * len(here)
    new: list[int] = []
    gone: list[int] = []
    at = other = 0
    while at < len(here) and other < len(known):
        if same := _same(here, at, known, other):
            places[at : at + same] = array("q", range(other, other + same))
            at, other = at + same, other + same
        elif here[at] < known[other]:
            new.append(at)
            at += 1
        else:
            gone.append(other)
            other += 1
    place_of = {known[number]: number for number in chain(gone, range(other, len(known)))}
    for number in chain(new, range(at, len(here))):
        places[number] = place_of.get(here[number], -1)
    return places


def _same(one: Sequence[str], at: int, two: Sequence[str], other: int) -> int:
    """How many texts are the same in two lists from these places on."""
    same, step = 0, 1
    while step:
        some = one[at + same : at + same + step]
        if len(some) == step and some == two[other + same : other + same + step]:
            same, step = same + step, step * 2
        else:
            step //= 2
    return same


def _certain(states: States, rows: Rows, places: array[int], before_ns: int, names: Mapping[str, str]) -> list[bool]:
    """Whether each file need not be looked at: it is as it was, that is long enough ago, and its id cannot be another
    now. This goes over columns, since of a million files hardly one is to be looked at."""
    certain: list[bool] = []
    for first in range(0, len(places), _SOME):
        some, here = places[first : first + _SOME], [column[first : first + _SOME] for column in states.numbers()]
        start, end = some[0], some[0] + len(some)
        there = [column[start:end] for column in rows.times] if start >= 0 else []
        if here == there and max(here[1]) < before_ns and some == array("q", range(start, end)):
            certain += [True] * len(some)
        else:
            certain += _certain_of(zip(some, *here, strict=True), rows, before_ns)
    if names:
        certain = [sure and path not in names for sure, path in zip(certain, states.paths, strict=True)]
    if b"/" in rows.ids.data or b".m" in rows.ids.data.lower():
        from papersearch.posts.naming import may_be_path

        by_path = {number for number, paper_id in enumerate(rows.ids.list()) if may_be_path(paper_id)}
        certain = [sure and place not in by_path for sure, place in zip(certain, places, strict=True)]
    return certain


def _certain_of(files: Iterable[tuple[int, int, int, int]], rows: Rows, before_ns: int) -> Iterator[bool]:
    """Whether files, of which place, size and times are given, are as they were."""
    sizes, times, ctimes = rows.times
    return (
        place >= 0 and time < before_ns and time == times[place] and ctime == ctimes[place] and size == sizes[place]
        for place, size, time, ctime in files
    )


def _unchanged(state: FileState, row: Row, before_ns: int) -> Row | None:
    """The row of a file that holds what it held, with its times of now; None if it holds something else. It is read
    where its times do not tell."""
    if row[: len(state)] == state and state.mtime_ns < before_ns:
        return row
    if state.size != row.size or _digest_of(state) != row.digest:
        return None
    return row._replace(mtime_ns=state.mtime_ns, ctime_ns=state.ctime_ns)


def _is_renamed(row: Row, name: str) -> bool:
    """Whether a post that has its id from its file's name or path has another now."""
    from papersearch.posts.naming import is_end_of, may_be_path, was_named_by_path

    if name:
        return row.paper_id != name and was_named_by_path(row.paper_id, row.path)
    return may_be_path(row.paper_id) and is_end_of(row.path, row.paper_id)


def _find_moves(
    changes: Changes, new: Sequence[FileState], changed: Sequence[FileState], gone: dict[str, Row]
) -> dict[str, Row]:
    """What is known of each file by its content, else by its path. A new file with the content of one that is gone is
    that file under another name; such rows leave ``gone``. A file whose content is elsewhere now holds another post,
    and only an id that names its paper can say that it is about the same."""
    found = _by_content((*new, *changed), [*gone.values(), *changes.replaced.values()])
    for state in new:
        if state.path in found and found[state.path].path in gone:
            changes.moved[state.path] = gone.pop(found[state.path].path)
    elsewhere = {row.path for row in found.values()}
    stayed = {path: row for path, row in changes.replaced.items() if path not in elsewhere or names_paper(row.paper_id)}
    return stayed | found


def _by_content(files: Iterable[FileState], rows: Sequence[Row]) -> dict[str, Row]:
    """For each file, by its path, the first of the rows that has its content and that no file before it has taken."""
    sizes = {row.size for row in rows}
    by_content: dict[bytes, list[Row]] = {}
    for row in reversed(rows):
        by_content.setdefault(row.digest, []).append(row)
    found: dict[str, Row] = {}
    for state in files:
        content = _digest_of(state) if state.size in sizes else None
        if content is not None and by_content.get(content):
            found[state.path] = by_content[content].pop()
    return found


def _digest_of(state: FileState) -> bytes | None:
    try:
        return digest(read_post(state.path))
    except OSError:
        return None
