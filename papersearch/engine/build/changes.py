"""What changed in a corpus since the last run, decided from what is known of each file.

A file is unchanged where size, time of change and time of its node are as they were, and that was long enough before
the last run to be certain. Where sizes agree and anything else is in doubt (a time that moved in either direction, a
restored backup, a fresh checkout), its content is read and compared by digest.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from papersearch.engine.build.tasks import Task, digest
from papersearch.engine.index.filetable import NOWHERE, Row, Table
from papersearch.posts.scan import FileState, Listing, read_post
from papersearch.query.ids import names_paper

# File systems keep times as coarsely as two seconds (FAT), so a file changed this shortly before a run may change
# again without its time telling.
DOUBT_NS = 2_000_000_000


class Changes:
    """``kept`` rows stay as they are; ``tasks`` are files to read; ``replaced`` are rows of files that are read again,
    by path; ``removed`` those of files that are gone; ``moved`` maps a new path to the row of its old one."""

    def __init__(self) -> None:
        self.kept: list[Row] = []
        self.tasks: list[Task] = []
        self.replaced: dict[str, Row] = {}
        self.removed: list[Row] = []
        self.moved: dict[str, Row] = {}
        self.touched = False

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
    states = listing.states
    if listing.missing or len(states) != table.count:
        return False
    if not states:
        return True
    paths, sizes, times, ctimes = zip(*states, strict=True)
    return max(times) < started_ns - DOUBT_NS and table.is_of(paths, sizes, times, ctimes)


def compare(
    states: Iterable[FileState], rows: Iterable[Row], started_ns: int, run: int, names: Mapping[str, str] | None = None
) -> Changes:
    """Sort the corpus' files into kept, new, changed, moved and removed. ``started_ns``: when the last run began.

    ``names`` are the ids of posts that name no paper, by path, where the file's name is not the id; a post whose id
    would be another by them is read again.
    """
    names = names or {}
    changes = Changes()
    known = {row.path: row for row in rows}
    new: list[FileState] = []
    changed: list[FileState] = []
    now = time.time_ns()
    for state in states:
        row = known.pop(state.path, None)
        if row is None:
            new.append(state)
            continue
        same = row[: len(state)] == state
        if row.segment != NOWHERE and _is_renamed(row, names.get(state.path, "")):
            changes.replaced[state.path] = row
            changed.append(state)
        elif same and state.mtime_ns < started_ns - DOUBT_NS:
            changes.kept.append(row)
        elif state.size == row.size and _digest_of(state) == row.digest:
            changes.kept.append(row._replace(mtime_ns=state.mtime_ns, ctime_ns=state.ctime_ns))
            changes.touched |= not same or state.mtime_ns < now - DOUBT_NS
        else:
            changes.replaced[state.path] = row
            changed.append(state)
    before = _find_moves(changes, new, changed, known)
    changes.removed = list(known.values())
    changes.tasks = sorted(
        Task(state, run, names.get(state.path, ""), before.get(state.path)) for state in (*new, *changed)
    )
    return changes


def _is_renamed(row: Row, name: str) -> bool:
    """Whether a post that has its id from its file's name or path has another now."""
    if name:
        from papersearch.posts.naming import was_named_by_path

        return row.paper_id != name and was_named_by_path(row.paper_id, row.path)
    return "/" in row.paper_id and row.paper_id[:3] != "10." and row.path.count("/" + row.paper_id + ".") > 0


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
