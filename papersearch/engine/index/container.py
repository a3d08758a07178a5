"""A file of named sections with checksums: what every file of a segment is made of.

Layout, little-endian:

    magic      8 bytes   b"PSEARCH" and the format version
    sections   each starts at a multiple of 8
    directory  JSON: {name: [offset, length, crc32]}
    trailer    <QII8s>   offset and length of the directory, its crc32, the magic again

A file that was cut short has no trailer, and one with another version another magic, so both are noticed on
opening, at the same cost for any size. A section's checksum is verified by whoever reads all of it, and by
``verify`` for every section. Nothing here knows what a section means.

Manifests are small and no containers: a text, and a line with its checksum (see ``sealed``).
"""

from __future__ import annotations

import errno
import mmap
import os
import struct
import sys
from zlib import crc32

from papersearch.core import json_reader
from papersearch.core.errors import DamagedIndexError, PapersearchError
from papersearch.core.opening import NotAFileError, let_go, open_ordinary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO


FORMAT_VERSION = 7
MAGIC = b"PSEARCH" + bytes([FORMAT_VERSION])
TRAILER = struct.Struct("<QII8s")
# Bytes of mapped files that an index that is open may have in memory, more or less (chosen).
MOST_MAPPED = 192 << 20
_PART = 16 << 20  # bytes that are read of a section at once (chosen)
_POPULATE_READ = 22  # MADV_POPULATE_READ of <linux/mman.h>, which Linux has since 5.14 and Python not yet
_NOT_GIVEN = {errno.EFAULT, getattr(errno, "EHWPOISON", errno.EFAULT)}
REBUILD = "run `papersearch index` to build it again"


def damaged(what: str) -> DamagedIndexError:
    """The error for an index of which something is wrong."""
    return DamagedIndexError(f"the index is damaged ({what})", REBUILD)


def check_processor() -> None:
    """Raise ``PapersearchError`` where the highest byte of a number comes first in memory, as few processors have it
    still: numbers are used as they lie in the files."""
    if sys.byteorder != "little":
        raise PapersearchError(
            "papersearch needs a processor that keeps the lowest byte of a number first", "use another"
        )


def sealed(body: bytes) -> bytes:
    """A small file that is no container: what it says, and a line with its checksum."""
    return body + b"\n%08x\n" % crc32(body)


def unsealed(data: bytes) -> bytes | None:
    """What was ``sealed``; None if that is not as it was written."""
    body, _, checksum = data[:-1].rpartition(b"\n")
    return body if checksum + data[-1:] == b"%08x\n" % crc32(body) else None


def mapped(handle: int) -> mmap.mmap:
    """A whole file, to be looked at in memory. Some file systems in user space refuse (ENODEV) to share it, which
    nobody needs who only reads."""
    if not hasattr(mmap, "MAP_PRIVATE"):
        return mmap.mmap(handle, 0, access=mmap.ACCESS_READ)
    return mmap.mmap(handle, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)


def fetch(data: mmap.mmap, start: int, end: int, path: str) -> None:
    """Have the system read a part of a mapped file. Raises ``OSError`` where its disk does not give that: to look at it
    would end the process (SIGBUS). On systems that cannot tell it does nothing. Takes half a microsecond, and an eighth
    more for each page."""
    if sys.platform != "linux":
        return
    first = start - start % mmap.PAGESIZE
    try:
        data.madvise(_POPULATE_READ, first, end - first)
    except OSError as refused:
        if refused.errno in _NOT_GIVEN:
            raise OSError(errno.EIO, os.strerror(errno.EIO), path) from refused


class SectionWriter:
    """Writes one container. Sections follow each other: ``begin``, any number of ``write``, and the next ``begin``."""

    def __init__(self, file: BinaryIO) -> None:
        check_processor()
        self._file = file
        self._directory: dict[str, list[int]] = {}
        self._name = ""
        self._offset = 0
        self.checksum = 0
        self._put(MAGIC)

    def begin(self, name: str) -> None:
        """Start the section ``name``; what was begun before is complete."""
        if name in self._directory:
            raise ValueError(f"section {name} was written already")
        self._name = ""
        self._put(bytes(-self._offset % 8))
        self._name = name
        self._directory[name] = [self._offset, 0, 0]

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes to the section that was begun last."""
        entry = self._directory[self._name]
        entry[1] += len(data)
        entry[2] = crc32(data, entry[2])
        self._put(data)

    def add(self, name: str, data: bytes | bytearray | memoryview) -> None:
        """A whole section at once."""
        self.begin(name)
        self.write(data)

    def finish(self) -> None:
        """Write directory and trailer. The caller syncs and closes the file. ``checksum`` is then the directory's,
        which holds the checksums of all sections: files with the same one hold the same."""
        self._put(bytes(-self._offset % 8))
        import json  # queries only read

        directory = json.dumps(self._directory).encode()
        self._file.write(directory)
        self.checksum = crc32(directory)
        self._file.write(TRAILER.pack(self._offset, len(directory), self.checksum, MAGIC))

    def _put(self, data: bytes | bytearray | memoryview) -> None:
        self._file.write(data)
        self._offset += len(data)


class Container:
    """A container opened for reading, mapped into memory; nothing but its directory is read until asked for."""

    def __init__(self, path: str, any_format: bool = False) -> None:
        """Raise ``DamagedIndexError`` where the file is missing, cut short or of another version, unless it may be of
        ``any_format``: what sections a file has is the same in all, what is in them is not."""
        self._handle: int | None = None
        check_processor()
        self.path = path
        self.others = 0  # bytes of other files that are known to stay in memory (see ``forget_if_much``)
        try:
            self._handle = open_ordinary(path)
        except (FileNotFoundError, NotADirectoryError, NotAFileError) as missing:
            raise self.damaged("it is missing") from missing
        size = os.fstat(self._handle).st_size
        if size < len(MAGIC) + TRAILER.size:
            raise self.damaged("it was cut short")
        self._map = mapped(self._handle)
        self._view = memoryview(self._map)
        self._directory = self._read_directory(size, any_format)

    def __del__(self) -> None:
        if self._handle is not None:
            let_go(self._handle)

    def _read_directory(self, size: int, any_format: bool) -> dict[str, list[int]]:
        self._fetch(0, len(MAGIC))
        self._fetch(size - TRAILER.size, size)
        offset, length, checksum, magic = TRAILER.unpack_from(self._map, size - TRAILER.size)
        if magic != MAGIC or self._map[: len(MAGIC)] != MAGIC:
            if not self._map[:7] == magic[:7] == MAGIC[:7]:
                raise self.damaged("its first or last bytes are wrong")
            if not any_format:
                raise DamagedIndexError(f"the index is of format {self._map[7]}, not {FORMAT_VERSION}", REBUILD)
        if offset + length + TRAILER.size != size:
            raise self.damaged("its directory is wrong")
        self._fetch(offset, size)
        raw = self._map[offset : offset + length]
        if crc32(raw) != checksum:
            raise self.damaged("its directory is wrong")
        self.checksum, self._end = checksum, offset
        try:
            directory: dict[str, list[int]] = json_reader.loads(raw.decode())
            inside = all(0 <= start <= start + size <= offset for start, size, _ in directory.values())
        except (ValueError, TypeError, AttributeError, RecursionError):
            inside = False
        if not inside:
            raise self.damaged("its directory is wrong")
        return directory

    def damaged(self, what: str) -> DamagedIndexError:
        """The error to raise for this file."""
        return damaged(f"{os.path.basename(self.path)}: {what}")

    def names(self) -> list[str]:
        """The sections' names, in file order."""
        return list(self._directory)

    def view(self, name: str) -> memoryview:
        """The section's bytes, not copied and not verified."""
        try:
            offset, length, _ = self._directory[name]
        except KeyError:
            raise self.damaged(f"it has no section {name}") from None
        return self._view[offset : offset + length]

    def viewing(self, name: str) -> Callable[[int, int], memoryview]:
        """What returns the bytes of a section from one place to before another as ``view`` has them, and raises
        ``OSError`` where the disk does not give them."""
        view, fetch, begin = self.view(name), self._fetch, self._directory[name][0]

        def part(start: int, end: int) -> memoryview:
            if 0 <= start <= end <= len(view):
                fetch(begin + start, begin + end)
            return view[start:end]

        return part

    def _fetch(self, start: int, end: int) -> None:
        """As ``fetch``; raises ``DamagedIndexError`` if the file was cut short since it was opened."""
        try:
            fetch(self._map, start, end, self.path)
        except OSError:
            self.check_length()
            raise

    def reading(self, name: str) -> Callable[[int, int], bytes]:
        """What returns the bytes of a section from one place to before another, not verified; none if these places are
        not in it. It reads them from the file where the system can: for rows scattered over a file that takes a third
        of the time of ``view``, and they do not stay in the memory of the process."""
        view, handle = self.view(name), self._handle
        if handle is None or not hasattr(os, "pread"):
            return lambda start, end: bytes(view[start:end])
        pread, (begin, length, _) = os.pread, self._directory[name]
        return lambda start, end: pread(handle, end - start, begin + start) if 0 <= start <= end <= length else b""

    def verified(self, name: str) -> memoryview:
        """The section's bytes after comparing their checksum; reads the whole section (about 1 GB/s)."""
        view = self.viewing(name)(0, self._directory[name][1])
        if crc32(view) != self._directory[name][2]:
            raise self.damaged(f"the checksum of section {name} is wrong")
        return view

    def check(self, name: str) -> None:
        """Compare a section's checksum, and let go of what was read on the way: it may be most of a large file."""
        view, (_, length, _), checksum = self.viewing(name), self._directory[name], 0
        for start in range(0, length, _PART):
            checksum = crc32(view(start, min(start + _PART, length)), checksum)
            self.forget()
        if checksum != self._directory[name][2]:
            raise self.damaged(f"the checksum of section {name} is wrong")

    def verify(self) -> None:
        """Read every byte; raise ``DamagedIndexError`` at the first that is wrong."""
        end = len(MAGIC)
        for name, (offset, length, _) in self._directory.items():
            self.verified(name)
            if any(self._view[end:offset]):
                raise self.damaged(f"there is something before section {name}")
            end = offset + length
        if any(self._view[end : self._end]):
            raise self.damaged("there is something after its last section")

    def forget(self) -> None:
        """Let go of what was read of the file by ``view``: it counts as memory of the process. The system keeps it in
        its own cache as long as there is room."""
        if hasattr(self._map, "madvise"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def size_bytes(self) -> int:
        """The file's size when it was opened."""
        return len(self._map)

    def check_length(self) -> None:
        """Raise ``DamagedIndexError`` if the file was cut short since it was opened, and ``OSError`` if its disk does
        not answer any more: to look at what is gone would end the process (SIGBUS)."""
        if self._handle is not None and os.fstat(self._handle).st_size < len(self._map):
            raise self.damaged("it was cut short")


def forget_if_much(containers: Sequence[Container], learn: bool = False) -> None:
    """Let go of what was read of some files if the process has over ``MOST_MAPPED`` bytes of files in memory. Files
    that are less than twice as large in all are left alone, without asking the system. To ``learn`` is to note what
    stays in memory then, such as libraries or another index that is open, and to count it no more: else each query
    would let go of everything again."""
    if sum(each.size_bytes() for each in containers) <= 2 * MOST_MAPPED:
        return
    if _mapped_bytes() > MOST_MAPPED + max(each.others for each in containers):
        for each in containers:
            each.forget()
        if learn:
            others = min(_mapped_bytes(), 2 * MOST_MAPPED)
            for each in containers:
                each.others = others


def _mapped_bytes() -> int:
    """What of files is in the memory of this process (Linux; 0 elsewhere). Takes 20 microseconds."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[2]) * mmap.PAGESIZE
    except (OSError, ValueError, IndexError):
        return 0
