"""Post files into new segments, spread over the cores. The result does not depend on how many there are."""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

from papersearch.posts.parse import Unreadable, parse
from papersearch.posts.scan import FileState, read_post
from papersearch.records import Post, Problem
from papersearch.store.container import SectionWriter
from papersearch.store.files import PLAIN_FILES, Files
from papersearch.store.inversion import Document, Inverter
from papersearch.store.segment import DOCUMENTS, TERMS
from papersearch.store.table import Row

# A part is what one worker turns into one segment at a time: large enough that merging is cheap, small enough for
# the memory (about 12 kB a post). Below SERIAL posts, starting workers costs more than it brings.
PART = 4_000
SERIAL = 150


class Task(NamedTuple):
    """A file to read, and the run that first saw its paper."""

    state: FileState
    first_run: int


class Part(NamedTuple):
    """What became of some files: a segment (None where no post was readable), rows in order, and files left alone."""

    segment: str | None
    rows: list[Row]
    unread: list[Problem]


def new_name() -> str:
    """A segment name that Whoosh accepts and nobody has used."""
    return "MAIN_" + os.urandom(8).hex()


@contextmanager
def segment_files(folder: str, name: str, files: Files) -> Iterator[tuple[SectionWriter, SectionWriter]]:
    """Both containers of a new segment, synced at the end; removed where that fails."""
    paths = [os.path.join(folder, name + ending) for ending in (DOCUMENTS, TERMS)]
    opened = []
    try:
        for path in paths:
            opened.append(files.create(path))
        yield SectionWriter(opened[0]), SectionWriter(opened[1])
        for file in opened:
            files.sync(file)
    except BaseException:
        for file in opened:
            file.close()
        for path in paths:
            files.remove(path)
        raise
    for file in opened:
        file.close()


@contextmanager
def no_collection() -> Iterator[None]:
    """Hold back the cyclic garbage collector: it would go through millions of small objects again and again, a fifth of
    the time of a run, and find nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@no_collection()
def build_part(
    folder: str, tasks: Sequence[Task], files: Files = PLAIN_FILES, tick: Callable[[int], None] | None = None
) -> Part:
    """Read, parse and index some files into one new segment."""
    inverter = Inverter()
    rows, unread = [], []
    for number, (state, first_run) in enumerate(tasks, 1):
        try:
            data = read_post(state.path)
        except FileNotFoundError:
            continue  # it vanished since the folder was listed
        except OSError as refused:
            unread.append(Problem(state.path, 0, refused.strerror or "cannot be read"))
            continue
        row = Row(state.path, state.size, state.mtime_ns, state.ctime_ns, digest(data))
        try:
            post = parse(state.path, data)
        except Unreadable as reason:
            rows.append(row._replace(line=reason.problem.line, reason=reason.problem.reason))
            continue
        rows.append(_row_of(row, post, inverter.count, first_run))
        inverter.add(Document(post, first_run))
        if tick is not None and number % 50 == 0:
            tick(50)
    if not inverter.count:
        return Part(None, rows, unread)
    name = new_name()
    with segment_files(folder, name, files) as (documents, terms):
        inverter.write(documents, terms)
    return Part(name, rows, unread)


def _row_of(row: Row, post: Post, document: int, first_run: int) -> Row:
    damage = post.damage
    return row._replace(
        line=damage.line if damage else 0,
        reason=damage.reason if damage else "",
        segment=0,
        document=document,
        paper_id=post.paper_id,
        version=post.version or 0,
        posted=post.posted or "",
        run=first_run,
    )


def digest(data: bytes) -> bytes:
    """What tells whether a file's content changed."""
    return hashlib.blake2b(data, digest_size=16).digest()


def build_parts(
    folder: str, tasks: Sequence[Task], jobs: int, files: Files, progress: Callable[[int, int], None] | None
) -> list[Part]:
    """Index files into as many segments as there are parts, in the order of the files. ``jobs`` 0 means all cores."""
    jobs = jobs or available_cores()
    total = len(tasks)
    report = _Progress(total, progress)
    if jobs == 1 or total < SERIAL:
        parts = []
        for start in range(0, total, PART):
            parts.append(build_part(folder, tasks[start : start + PART], files, report.add))
        report.done(total)
        return parts
    size = max(SERIAL, min(PART, -(-total // (jobs * max(1, round(total / jobs / PART))))))
    chunks = [tasks[start : start + size] for start in range(0, total, size)]
    with ProcessPoolExecutor(jobs, mp_context=_context()) as pool:
        futures: list[Future[Part]] = [pool.submit(build_part, folder, chunk) for chunk in chunks]
        parts = []
        for future, chunk in zip(futures, chunks, strict=True):
            parts.append(future.result())
            report.add(len(chunk))
    return parts


class _Progress:
    """Adds up what is done and reports it."""

    def __init__(self, total: int, progress: Callable[[int, int], None] | None) -> None:
        self._total, self._progress, self._done = total, progress, 0

    def add(self, count: int) -> None:
        self.done(self._done + count)

    def done(self, count: int) -> None:
        self._done = count
        if self._progress is not None:
            self._progress(min(count, self._total), self._total)


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _context() -> multiprocessing.context.BaseContext:
    """Forking is cheapest and safe where no threads run; elsewhere a fresh interpreter is started."""
    import threading

    forks = sys.platform.startswith("linux") and threading.active_count() == 1
    return multiprocessing.get_context("fork" if forks else "spawn")
