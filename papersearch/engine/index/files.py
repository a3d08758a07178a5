"""The few ways in which the index folder is written: the seam where a test makes every write, sync and rename fail.

Data is synced before anything points to it, and the folder after a rename, so that a power cut finds either state.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO


class Files:
    """Writing in the plain file system."""

    def create(self, path: str) -> BinaryIO:
        """A new file, opened for writing; one of that name is replaced."""
        return open(path, "wb")

    def sync(self, file: BinaryIO) -> None:
        """Force what was written to the disk."""
        file.flush()
        os.fsync(file.fileno())

    def rename(self, old: str, new: str) -> None:
        """Put a file in the place of another, atomically."""
        os.replace(old, new)

    def sync_folder(self, folder: str) -> None:
        """Force renames and new names in a folder to the disk, where a folder can be synced."""
        try:
            handle = os.open(folder, os.O_RDONLY)
        except OSError:
            return
        try:
            with suppress(OSError):
                os.fsync(handle)
        finally:
            os.close(handle)

    def remove(self, path: str) -> None:
        """Remove a file; one that is gone already is fine."""
        with suppress(FileNotFoundError):
            os.remove(path)

    def write_whole(self, path: str, write: Callable[[BinaryIO], object]) -> None:
        """Write and sync a file under a temporary name, then rename it: the name never stands for half a file."""
        temporary = path + ".tmp"
        file = self.create(temporary)
        try:
            write(file)
            self.sync(file)
        except BaseException:
            file.close()
            self.remove(temporary)
            raise
        file.close()
        self.rename(temporary, path)


PLAIN_FILES = Files()
