"""The few ways in which files of the index folder are opened: the seam where a test makes each write fail.

Data is synced before anything points to it, and the folder after a rename, so that a power cut finds either state.
The folder may hold links that a stranger put there (a cloned repository carries them), so nothing is opened through
one: what is written is a new file, under a name that nobody can guess until it is whole, and what is read must be an
ordinary file.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress

from papersearch.core.opening import create_new, draft_name, let_go, sync

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO


# What a system says that opens or syncs no folders, or not this one for this user.
_NOT_SYNCED = {errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES, errno.EPERM}


class Files:
    """Writing in the plain file system."""

    def create(self, path: str) -> BinaryIO:
        """A new file, opened for writing; there must be none of that name."""
        return create_new(path)

    def sync(self, file: BinaryIO) -> None:
        """Force what was written to the disk, if its file system can do that."""
        sync(file)

    def rename(self, old: str, new: str) -> None:
        """Put a file in the place of another, atomically. Of a link, the link is replaced and not what it leads to."""
        os.replace(old, new)

    def sync_folder(self, folder: str) -> None:
        """Force renames and new names in a folder to the disk, where a folder can be synced. Raises ``OSError`` if that
        fails, and they may not be on the disk."""
        handle = -1
        try:
            handle = os.open(folder, os.O_RDONLY)
            os.fsync(handle)
        except OSError as refused:
            if refused.errno not in _NOT_SYNCED:
                raise
        finally:
            if handle >= 0:
                let_go(handle)

    def remove(self, path: str) -> None:
        """Remove a file; one that is gone already is fine."""
        with suppress(FileNotFoundError):
            os.remove(path)

    def write_whole(self, path: str, write: Callable[[BinaryIO], object]) -> None:
        """Write and sync a file as a draft, then rename it: the name never stands for half a file."""
        draft = os.path.join(os.path.dirname(path), draft_name())
        file = self.create(draft)
        try:
            try:
                write(file)
                self.sync(file)
            finally:
                file.close()
            self.rename(draft, path)
        except BaseException:
            with suppress(OSError):
                self.remove(draft)
            raise


PLAIN_FILES = Files()
