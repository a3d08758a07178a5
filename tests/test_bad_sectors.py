"""What a disk does not give of a mapped file is an error: to look at it would end the process (SIGBUS)."""

from __future__ import annotations

import errno
import mmap
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

import pytest

from papersearch import library
from papersearch.core.errors import DamagedIndexError, PapersearchError
from papersearch.engine.index import container, vectors
from papersearch.engine.index.container import Container, SectionWriter
from tests.stores import answers, leftovers, update

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")

Ask = Callable[[Path], object]


@contextmanager
def disk_that_gives(most: int, code: int = errno.EFAULT) -> Iterator[list[int]]:
    """Of mapped files only so many parts are given, then the system refuses; yields how often each was asked for."""
    asked = [0]

    class Mapped(mmap.mmap):
        def madvise(self, option: int, *span: int) -> None:
            if option != mmap.MADV_DONTNEED:
                asked[0] += 1
                if asked[0] > most:
                    raise OSError(code, os.strerror(code))
            super().madvise(option, *span)

    def mapped(handle: int) -> mmap.mmap:
        return Mapped(handle, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)

    with pytest.MonkeyPatch.context() as system:
        system.setattr(container, "mapped", mapped)
        system.setattr(vectors, "mapped", mapped)
        yield asked


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda index: library.open(str(index)).search("robot"), id="search"),
        pytest.param(lambda index: library.open(str(index)).stats(look=False), id="stats"),
        pytest.param(lambda index: library.open(str(index)).tags(), id="tags"),
        pytest.param(lambda index: library.check(str(index)), id="check"),
        pytest.param(lambda index: library.index_folder(str(index)), id="run"),
    ],
)
def test_whichever_part_of_an_index_its_disk_does_not_give_is_told(ask: Ask, nested: Path, outdated: Path) -> None:
    update(outdated, nested)
    before = answers(outdated)
    with disk_that_gives(sys.maxsize) as asked:
        ask(outdated)
    assert asked[0] > 5
    for most in range(asked[0]):
        with disk_that_gives(most), pytest.raises(PapersearchError) as told:
            ask(outdated)
        assert told.value.message.startswith(f"the index in {outdated} c")
        assert told.value.message.endswith(f" ({os.strerror(errno.EIO)})")
        assert not isinstance(told.value, DamagedIndexError)
    assert (leftovers(outdated), answers(outdated)) == (set(), before)
    with disk_that_gives(0):
        assert update(outdated, nested, rebuild=True).total == 9


def test_a_system_that_cannot_tell_is_not_asked_for_more(nested: Path, outdated: Path) -> None:
    """As Linux before 5.14."""
    update(outdated, nested)
    with disk_that_gives(0, errno.EINVAL):
        assert library.open(str(outdated)).search("robot").total == 9
        assert update(outdated, nested).unchanged == 9


def test_a_part_that_is_gone_as_the_file_was_cut_short_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        sections = SectionWriter(file)
        sections.add("numbers", bytes(3 * mmap.PAGESIZE))
        sections.finish()
    view = Container(str(path)).viewing("numbers")
    assert view(5, 7) == bytes(2)
    assert view(1 << 62, 1 << 63) == b""  # as a crafted file may have it
    os.truncate(path, mmap.PAGESIZE)
    with pytest.raises(DamagedIndexError, match="file: it was cut short"):
        view(2 * mmap.PAGESIZE, 2 * mmap.PAGESIZE + 1)


def test_vectors_that_a_disk_does_not_give_are_not_looked_at(tmp_path: Path) -> None:
    body = vectors.HEAD.pack(vectors.MAGIC, 1, 4) + bytes(8 + 4 + 2 + 4)  # of one paper
    data = body + vectors.CHECKSUM.pack(crc32(body))
    (tmp_path / "x.vectors").write_bytes(data)
    part = vectors.Part("MAIN_x", "x.vectors", 1, len(data))
    assert bytes(vectors.verified(str(tmp_path), part, 4)) == data
    with disk_that_gives(0), pytest.raises(OSError, match=os.strerror(errno.EIO)):
        vectors.verified(str(tmp_path), part, 4)
