"""What an index that cannot be opened still tells of its past.

Manifest and file table of a state both say what it was built from and in which run; what is known of each file is in
the table alone. Whatever is still as it was written is believed, of the newest state first.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from papersearch.core.errors import DamagedIndexError
from papersearch.core.opening import read_whole
from papersearch.engine.index.container import unsealed
from papersearch.engine.index.filetable import Table
from papersearch.engine.index.folder import ASKED_FILE, numbers_in
from papersearch.engine.index.generation import manifest_name, newest, stored_posts, table_name
from papersearch.engine.index.paths import full_folders, home_of
from papersearch.engine.index.rows import Rows

# No index has had so many runs: such a number is not ours.
_MOST_RUNS = 1 << 31
# What reading a file may raise that is whole, and yet of somebody else or crafted.
_NOT_OURS = (DamagedIndexError, OSError, LookupError, TypeError, ValueError, RecursionError)


class Past(NamedTuple):
    """The corpus of an index, and the number of its last run: no query was asked after a later one."""

    folders: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    run: int = 0


def past_of(folder: str) -> Past:
    """The past of an index, as far as any file in its folder tells; nothing where there is none."""
    told = [*_told(folder)]
    newest_told = told[0] if told else Past()
    runs = (run for run in (*(each.run for each in told), *_runs_asked(folder)) if 0 < run < _MOST_RUNS)
    return newest_told._replace(run=max(runs, default=0))


def known_rows(folder: str) -> Rows:
    """What is known of each file by the newest table that can still be read: when each paper was first seen outlives a
    rebuild, else all would be new to ``--new``."""
    for number in _newest_first(folder):
        with suppress(*_NOT_OURS):
            return _table(folder, number).rows()
    return Rows.of(())


def _table(folder: str, number: int) -> Table:
    """The table of a state, also one of another format: its columns have been the same since the first."""
    return Table(os.path.join(folder, table_name(number)), any_format=True)


def _newest_first(folder: str) -> list[int]:
    """The numbers of all states that left a file; those that were never committed last."""
    committed = newest(folder)
    return sorted(numbers_in(folder), key=lambda number: (number <= committed, number), reverse=True)


def _told(folder: str) -> Iterator[Past]:
    home = home_of(folder)
    for number in _newest_first(folder):
        posts = partial(stored_posts, folder, number)
        with suppress(*_NOT_OURS):
            body = unsealed(read_whole(os.path.join(folder, manifest_name(number))))
            yield _past(json.loads(body or b""), home, posts)
        with suppress(*_NOT_OURS):
            yield _past(_table(folder, number).state(), home, posts)


def _past(raw: Any, home: str, posts: Callable[[], list[str]]) -> Past:
    # 0.1.0 left nothing out.
    folders, exclude = ([str(each) for each in told] for told in (raw["folders"], raw.get("exclude", ())))
    return Past(full_folders(folders, home, posts), tuple(exclude), int(raw["run"]))


def _runs_asked(folder: str) -> Iterable[int]:
    """The runs after which queries were asked with ``--new`` (see ``apps.since_last``)."""
    try:
        asked = json.loads(read_whole(os.path.join(folder, ASKED_FILE)))
    except (OSError, ValueError, RecursionError):
        return
    for value in asked.values() if isinstance(asked, dict) else ():
        run = value[0] if isinstance(value, list) and value else value
        if isinstance(run, int):
            yield run
