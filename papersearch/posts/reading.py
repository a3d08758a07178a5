"""Reads post files. Never opens what is not a file."""

from __future__ import annotations

import errno
import os
import stat

from papersearch.core.errors import PapersearchError, what_to_do
from papersearch.core.opening import let_go

MOST_BYTES = 4_000_000
"""Bytes of a post that are read (chosen: a thousand times an ordinary post)."""

# Bytes of a file that are read at once whatever its size is said to be: some file systems say 0 of any (chosen).
_AT_ONCE = 4_096
NO_FILE = "not an ordinary file"
# Errors that say nothing about the file that was to be opened: the machine has run out of something, or a disk or file
# server is broken or gone. Every other error is about one file.
_OUT_OF = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}
_BROKEN = {errno.EIO, errno.ENODEV, errno.ENOTCONN, errno.ECONNABORTED, errno.ECONNRESET, errno.ETIMEDOUT}
_BROKEN |= {getattr(errno, name) for name in ("ESTALE", "EHOSTDOWN", "EREMOTEIO", "ESHUTDOWN") if hasattr(errno, name)}
_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def check_machine(path: str, refused: OSError) -> None:
    """Raise ``PapersearchError`` for what says nothing of the path: this machine has run out of something."""
    if refused.errno in _OUT_OF:
        what = what_to_do(refused, "fix this and run again")
        raise PapersearchError(f"{path} cannot be read ({refused.strerror})", what) from refused


def check_disk(path: str, refused: OSError) -> None:
    """As ``check_machine``, and raise too if it says that the disk is broken or gone."""
    check_machine(path, refused)
    if refused.errno in _BROKEN:
        raise PapersearchError(
            f"{path} cannot be read ({refused.strerror})",
            "check its disk and run again; if it is this one alone, --exclude leaves it out",
        ) from refused


def read_post(path: str) -> bytes:
    """The first ``MOST_BYTES + 1`` bytes of a post: one more than is used, so that the parser can tell.

    Raises ``OSError`` for what is wrong with this file, also if the path has become something that is no file: opening
    a pipe would wait for ever. Raises ``PapersearchError`` for what is wrong with the machine or the disk.
    """
    try:
        return _read(path)
    except OSError as refused:
        check_disk(path, refused)
        raise


def _read(path: str) -> bytes:
    file = os.open(path, _READING)
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, NO_FILE)
        chunks = []
        left = MOST_BYTES + 1
        most = max(status.st_size + 1, _AT_ONCE)
        while left > 0 and (chunk := os.read(file, min(left, most))):
            chunks.append(chunk)
            left -= len(chunk)
    finally:
        let_go(file)
    return b"".join(chunks)
