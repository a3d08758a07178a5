"""A small JSON file that is kept from one run to the next, read and updated.

An update is written whole or not at all, and loses nobody else's: processes that update files of one folder wait for
each other, some seconds at most, where the file system lets a folder be locked.
"""

from __future__ import annotations

import errno
import json
import os
import re
import time
from contextlib import contextmanager, suppress

from papersearch.core.opening import DRAFT, NotAFileError, let_go, read_whole, write_whole

try:
    import fcntl
except ImportError:  # not a POSIX system
    fcntl = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_LONGEST_S = 5.0  # seconds that an update waits for others (chosen: a thousand times what one takes)


def read(path: str) -> dict[str, Any]:
    """What a file says; empty if there is none, or it is none of ours. Raises ``OSError`` if it cannot be read."""
    try:
        content = json.loads(read_whole(path))
    except (FileNotFoundError, NotADirectoryError, NotAFileError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def read_if_possible(path: str) -> dict[str, Any]:
    """As ``read``, and empty too where the file cannot be read."""
    try:
        return read(path)
    except OSError:
        return {}


def update(path: str, change: Callable[[dict[str, Any]], None], make_folder: bool = False) -> None:
    """Let ``change`` modify what a file says; ``make_folder`` if its folder is one of the user's own. Raises
    ``OSError``, and then the file is as it was: a file that cannot be read now is not replaced either."""
    folder = os.path.dirname(path)
    if make_folder:
        if not os.path.isabs(folder):
            raise FileNotFoundError(errno.ENOENT, "there is no home folder", folder)
        os.makedirs(folder, mode=0o700, exist_ok=True)
    with _locked(folder) as is_locked:
        if make_folder and is_locked:
            _remove_drafts(folder)
        content = read(path)
        change(content)
        data = json.dumps(content).encode()
        # An index run removes drafts that it finds, and may take ours for one of a dead process.
        for _ in range(2):
            with suppress(FileNotFoundError):
                write_whole(path, data)
                return
        write_whole(path, data)


def _wait_for(handle: int) -> bool:
    """Lock a folder; whether that succeeded. Whoever holds the lock for longer than this waits is suspended, or another
    program."""
    until = time.monotonic() + _LONGEST_S
    while time.monotonic() < until:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.01)
        else:
            return True
    return False


def _remove_drafts(folder: str) -> None:
    """Remove what killed processes have left, from a folder that no index run cleans."""
    for name in os.listdir(folder):
        if re.fullmatch(DRAFT, name):
            with suppress(OSError):
                os.remove(os.path.join(folder, name))


@contextmanager
def _locked(folder: str) -> Iterator[bool]:
    """Within the block nobody else updates files of the folder, if it can be locked: yields whether it is."""
    handle, is_locked = -1, False
    try:
        if fcntl is not None:
            with suppress(OSError):
                handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
                is_locked = _wait_for(handle)
        yield is_locked
    finally:
        if handle >= 0:
            let_go(handle)
