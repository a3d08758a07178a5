"""When a query was last asked with ``--new``: kept in the index folder, and of an index in a cluster, which many people
share, in the user's own folder for such things.

``papersearch_asked.json`` maps a digest of the words and filters to the number of the last index run of which all new
papers were printed, and, if some of later runs were, a list of that number and their ids.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import blake2b
from typing import Any

from papersearch.core.errors import PapersearchError
from papersearch.core.frozen import NamedTuple
from papersearch.core.opening import create_new, read_whole

FILE_NAME = "papersearch_asked.json"  # one of the names that ``engine.index.folder`` lists
_MOST = 10_000  # queries remembered; the longest unasked are forgotten


def last_asked(folder: str, request: str) -> int:
    """The run that a request saw when it was last asked, 0 if it never was."""
    return last_seen(folder, request).run


class Seen(NamedTuple):
    """What a request has shown: every paper up to a run, and the ``printed`` ones of later runs."""

    run: int = 0
    printed: frozenset[str] = frozenset()


def last_seen(folder: str, request: str) -> Seen:
    """What a request has shown so far; nothing if it was never asked."""
    match _load(_place(folder)).get(_key(request)):
        case int(run):
            return Seen(run)
        case [int(run), list(printed)]:
            return Seen(run, frozenset(map(str, printed)))
    return Seen()


def remember(folder: str, request: str, run: int, printed: frozenset[str] = frozenset()) -> None:
    """Note that a request has shown all papers up to a run, and some ``printed`` ones of later runs."""
    folder = _place(folder)
    asked = _load(folder)
    asked.pop(_key(request), None)
    asked[_key(request)] = [run, sorted(printed)] if printed else run
    while len(asked) > _MOST:
        del asked[next(iter(asked))]
    # An index run removes drafts that it finds, and may take ours for one of a dead process.
    for tries_left in (2, 1, 0):
        try:
            os.makedirs(folder, exist_ok=True)
            _write(folder, json.dumps(asked).encode())
            return
        except OSError as refused:
            if not tries_left or not isinstance(refused, FileNotFoundError):
                raise PapersearchError(
                    f"cannot record this query in {folder} ({refused.strerror})", "ask without --new"
                ) from refused


def _place(index: str) -> str:
    """The folder where it is kept for an index."""
    if "://" not in index:
        return index
    home = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(home, "papersearch", _key(index))


def _write(folder: str, data: bytes) -> None:
    draft = os.path.join(folder, f"papersearch_{os.urandom(16).hex()}.draft")
    try:
        with create_new(draft) as file:
            file.write(data)
        os.replace(draft, os.path.join(folder, FILE_NAME))
    except BaseException:
        with suppress(OSError):
            os.remove(draft)
        raise


def _load(folder: str) -> dict[str, Any]:
    try:
        asked = json.loads(read_whole(os.path.join(folder, FILE_NAME)))
    except (OSError, ValueError, RecursionError):
        return {}
    return asked if isinstance(asked, dict) else {}


def _key(request: str) -> str:
    return blake2b(request.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
