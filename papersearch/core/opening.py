"""Files opened without being led elsewhere: never through a symbolic link, never waiting on a pipe.

For files in folders that a stranger may have filled: a cloned repository carries links, and so does an archive.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    # What callers may name files and folders by.
    StrPath = str | os.PathLike[str]
    Folders = StrPath | Sequence[StrPath]

_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NOT_WAITING = getattr(os, "O_NONBLOCK", 0)  # opening a pipe would wait for its other end

# What file systems say that have no sync: some in user space, and some of servers.
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}

DRAFT = r"papersearch_[0-9a-f]{32}\.draft"
"""What matches a whole ``draft_name``."""


class NotAFileError(OSError):
    """What should be a file of ours is a link, a folder, a pipe or the like."""


def open_ordinary(path: str, flags: int = os.O_RDONLY) -> int:
    """A handle on a file. Raises ``NotAFileError`` if it is not an ordinary file, ``OSError`` as `os.open` does."""
    try:
        handle = os.open(path, flags | _PLAIN | _NOT_WAITING, 0o666)
    except OSError as refused:
        if _is_ordinary(path):
            raise
        raise NotAFileError(refused.errno, "it is not an ordinary file", path) from refused
    if not stat.S_ISREG(os.fstat(handle).st_mode) or (not hasattr(os, "O_NOFOLLOW") and os.path.islink(path)):
        let_go(handle)
        raise NotAFileError(0, "it is not an ordinary file", path)
    return handle


def _is_ordinary(path: str) -> bool:
    """Whether what could not be opened is an ordinary file or nothing at all."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return True


def let_go(handle: int) -> None:
    """Close a handle by which nothing was written. File systems in user space and those of servers may report an error
    then, which is none of what was read or locked."""
    with suppress(OSError):
        os.close(handle)


def read_whole(path: str) -> bytes:
    """What a file holds; raises as ``open_ordinary`` does."""
    return read_start(path, -1)


def read_start(path: str, most: int) -> bytes:
    """The first ``most`` bytes of a file (-1: all); raises as ``open_ordinary`` does."""
    handle = open_ordinary(path)
    try:
        with open(handle, "rb", closefd=False) as file:
            data: bytes | None = file.read(most)
        if data is None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    except OSError as refused:
        refused.filename = path  # which the system tells only of what cannot be opened
        raise
    finally:
        let_go(handle)
    return data


def create_new(path: str) -> BinaryIO:
    """A new file, opened for writing. Raises ``FileExistsError`` if there is anything of that name, also a link."""
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN, 0o666), "wb")


def sync(file: BinaryIO) -> None:
    """Force what was written to the disk, if its file system can do that. Raises ``OSError`` if it fails."""
    file.flush()
    try:
        os.fsync(file.fileno())
    except OSError as refused:
        if refused.errno not in _NO_SYNC:
            raise


def draft_name() -> str:
    """A name for a file that is being written, which nobody can guess and so nobody can have put a link at."""
    return f"papersearch_{os.urandom(16).hex()}.draft"


def write_whole(path: str, data: bytes) -> None:
    """Replace a file by one with these bytes, atomically. Raises ``OSError``, and then the old one is as it was."""
    draft = os.path.join(os.path.dirname(path), draft_name())
    try:
        with create_new(draft) as file:
            file.write(data)
            sync(file)
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            os.remove(draft)
        raise


def lasting(address: str) -> str:
    """The address of a folder or a server in a form that stays right when the process changes its current folder."""
    if os.path.isabs(address) or "://" in address:
        return address
    try:
        return os.path.join(os.getcwd(), address)
    except OSError:  # the current folder is gone, and what lay there with it
        return address
