"""Makes new segments of post files, spread over the cores. The result does not depend on how many there are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import accumulate, chain, islice

from papersearch.core.cores import available_cores
from papersearch.core.errors import PapersearchError
from papersearch.core.pool import DONE, FAILED, TOLD, Pool
from papersearch.core.records import Post, Problem
from papersearch.engine.build.invert import Document, Inverter
from papersearch.engine.build.merge import Input, merge
from papersearch.engine.build.reading import parsed, read_files, row_of, unexpected
from papersearch.engine.build.tasks import Part, Sizes, Task, Tasks, digest, no_collection
from papersearch.engine.index.files import PLAIN_FILES, Files
from papersearch.engine.index.folder import files_of
from papersearch.engine.index.paths import home_of
from papersearch.engine.index.rows import Row, Rows
from papersearch.engine.index.segment import Segment, new_name, segment_files

BATCH, BATCH_BYTES = 512, 2_000_000  # of posts for which each step is done at once (chosen)


@no_collection()
def build_part(
    folder: str, tasks: Sequence[Task], files: Files = PLAIN_FILES, tick: Callable[[int], None] | None = None
) -> Part:
    """Read, parse and index some files into one new segment."""
    refused: dict[str, Problem] = {}
    while True:
        inverter = Inverter(home_of(folder))
        try:
            rows, unread, vanished = _invert(inverter, tasks, refused, tick)
        except _RefusedError as found:  # never seen: all begins anew without the posts that cannot be indexed
            refused.update(found.problems)
            continue
        if not inverter.count:
            return Part(None, Rows.of(rows), unread, vanished)
        name = new_name()
        with segment_files(folder, name, files) as (documents_file, terms_file):
            inverter.write(documents_file, terms_file)
        return Part(name, Rows.of(rows), unread, vanished)


class _RefusedError(Exception):
    """Some posts cannot be indexed."""

    def __init__(self, problems: dict[str, Problem]) -> None:
        super().__init__()
        self.problems = problems


def _invert(
    inverter: Inverter, tasks: Sequence[Task], refused: dict[str, Problem], tick: Callable[[int], None] | None
) -> tuple[list[Row], list[Problem], list[str]]:
    """Add the posts of some files, save for those that are ``refused``; (a row for each file, files not read, paths of
    files that are gone)."""
    rows: list[Row] = []
    unread: list[Problem] = []
    vanished: list[str] = []
    for some in _batches(tasks):
        read = list(read_files(some, unread, vanished))
        digests = [digest(data) for _, data in read]
        posts = [refused.get(task.state.path) or parsed(task, data) for task, data in read]
        documents: list[Document] = []
        for (task, _), content, post in zip(read, digests, posts, strict=True):
            rows.append(row_of(task, content, post, inverter.count + len(documents)))
            if isinstance(post, Post):
                documents.append(Document(post, rows[-1].run))
        try:
            inverter.add(documents)
        except Exception as error:
            if problems := dict(_culprits(documents)):
                raise _RefusedError(problems) from error
            raise
        if tick is not None:
            tick(len(some))
    return rows, unread, vanished


def _culprits(documents: Sequence[Document]) -> Iterator[tuple[str, Problem]]:
    for document in documents:
        try:
            Inverter().add([document])
        except Exception as error:
            yield document.post.path, unexpected(document.post.path, error)


def _batches(tasks: Sequence[Task]) -> Iterator[Sequence[Task]]:
    """Tasks some at a time. Each step is done for all of a batch: a tenth faster than post by post, because what a step
    works with stays in the processor's caches."""
    start = size = 0
    for end, task in enumerate(tasks, 1):
        size += task.state.size
        if end - start == BATCH or size > BATCH_BYTES or end == len(tasks):
            yield tasks[start:end]
            start, size = end, 0


def build_parts(
    folder: str,
    tasks: Tasks,
    jobs: int,
    files: Files,
    progress: Callable[[int, int], None] | None,
    sizes: Sizes,
    built_so_far: Callable[[Sequence[Part]], None] | None,
) -> list[Part]:
    """Index files into one or two segments. ``jobs`` 0 means all cores.

    ``built_so_far``, if given, is told of the pieces that are ready each time that there are more; then their segments
    are not removed after they were merged.
    """
    jobs = jobs or available_cores()
    alone = jobs == 1 or len(tasks) < sizes.serial
    most = sizes.piece if alone else max(sizes.serial, -(-len(tasks) // jobs))
    spans = [[*pieces_of(span, most, sizes)] for span in _spans(tasks, sizes)]
    pieces = [*chain.from_iterable(spans)]
    report = _Progress(len(tasks), progress)
    parts: dict[int, Part] = {}

    def ready(number: int, part: Part) -> None:
        parts[number] = part
        if built_so_far is not None:
            built_so_far([parts[number] for number in sorted(parts)])

    with nullcontext() if alone else Pool(min(jobs, len(pieces)), partial, (_work, folder)) as pool:
        if pool is not None and pool.alive:
            _build_side_by_side(pool, pieces, report, ready)
        else:  # also where the system allows no process beside this one
            for number, piece in enumerate(pieces):
                ready(number, build_part(folder, [*piece], files, report.add))
    report.done()
    # Merging takes memory: workers have given theirs back.
    in_order = iter([parts[number] for number in range(len(pieces))])
    return [join(folder, [*islice(in_order, len(span))], files, keep=built_so_far is not None) for span in spans]


def _spans(tasks: Tasks, sizes: Sizes) -> list[Tasks]:
    """What becomes one segment each; does not depend on the number of jobs. Two are dealt out in turns: files that
    lie together are alike, and half of a folder can cost a third more than the other."""
    return [tasks[::2], tasks[1::2]] if sizes.piece < len(tasks) <= sizes.two else [tasks]


def pieces_of(tasks: Tasks, most: int, sizes: Sizes) -> Iterator[Tasks]:
    """Tasks in pieces of the same number, about ``most``, that fit into memory."""
    number = max(1, round(len(tasks) / min(most, sizes.piece)))
    start = size = 0
    for end, more in enumerate(tasks.sizes()):
        if size > sizes.piece_bytes or (end - start) * number >= len(tasks):
            yield tasks[start:end]
            start, size = end, 0
        size += more
    if start < len(tasks):
        yield tasks[start:]


def _build_side_by_side(
    pool: Pool, pieces: Sequence[Tasks], report: _Progress, ready: Callable[[int, Part], None]
) -> None:
    """Have workers build the pieces; ``ready`` is told the number of each, and what became of it."""
    waiting, left = [*range(len(pieces))][::-1], len(pieces)
    while left:
        while waiting and pool.idle and pool.give(waiting[-1], pieces[waiting[-1]]):
            waiting.pop()
        if not pool.alive:
            raise PapersearchError(
                "the workers were killed again and again, possibly out of memory",
                "what was indexed before is intact; run again, or with --jobs 1",
            )
        import papersearch.engine.index.whoosh_view  # noqa: F401  # Whoosh, for the commit, while the workers are at it

        for news in pool.wait():
            if news.kind == TOLD:
                report.add(news.value)
            elif news.kind == DONE:
                left -= 1
                ready(news.number, news.value)
            elif news.kind == FAILED:
                raise news.value
            else:  # another one takes over
                waiting.append(news.number)


def _work(folder: str, piece: Tasks, tell: Callable[[int], None]) -> Part:
    return build_part(folder, [*piece], PLAIN_FILES, tell)


@no_collection()
def join(folder: str, pieces: Sequence[Part], files: Files, keep: bool = False) -> Part:
    """Merge the segments of pieces into one, and remove them unless they are to be kept."""
    unread = [*chain.from_iterable(piece.unread for piece in pieces)]
    vanished = [*chain.from_iterable(piece.vanished for piece in pieces)]
    names = [piece.segment for piece in pieces if piece.segment is not None]
    name = names[0] if names else None
    if len(names) > 1:
        name = new_name()
        with segment_files(folder, name, files) as (documents, terms):
            merge([Input(Segment(folder, merged)) for merged in names], documents, terms)
        for merged in () if keep else names:
            for file in files_of(merged):
                files.remove(os.path.join(folder, file))
    bases = accumulate((piece.rows.indexed for piece in pieces), initial=0)
    return Part(name, Rows.joined(map(_moved, (piece.rows for piece in pieces), bases)), unread, vanished)


def _moved(rows: Rows, base: int) -> Rows:
    """Rows of documents that come after so many others."""
    return rows.placed(lambda segment, document: (segment, document + base), {0}) if base else rows


class _Progress:
    """Adds up what is done and reports it."""

    def __init__(self, total: int, progress: Callable[[int, int], None] | None) -> None:
        self._total, self._progress, self._done = total, progress, 0

    def add(self, count: int) -> None:
        self._report(self._done + count)

    def done(self) -> None:
        self._report(self._total)

    def _report(self, done: int) -> None:
        self._done = done
        if self._progress is not None:
            self._progress(min(done, self._total), self._total)
