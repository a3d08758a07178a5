"""What is wrong with posts and index, as ``papersearch check`` reports it. Reads everything, changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from papersearch.core.errors import DamagedIndexError, MeaningError, NoIndexError, PapersearchError
from papersearch.core.records import Problem
from papersearch.engine.build.reading import parsed
from papersearch.engine.build.tasks import Task
from papersearch.engine.index import generation as generations
from papersearch.engine.index import vectors
from papersearch.engine.index.audit import audit_segment
from papersearch.engine.index.filetable import Table, table_of
from papersearch.engine.index.folder import vectors_state
from papersearch.engine.index.segment import Segment, committed
from papersearch.posts.naming import path_names
from papersearch.posts.reading import read_post
from papersearch.posts.scan import walk


def check_all(folders: Sequence[str], exclude: Sequence[str], of_index: Sequence[Problem]) -> list[Problem]:
    """Problems of the posts, then those ``of_index``. Raises ``PapersearchError`` where the posts are not there, unless
    the index is damaged too: that may be the reason, for it remembers where they are."""
    try:
        return [*check_posts(folders, exclude), *of_index]
    except PapersearchError as error:
        if not of_index:
            raise
        return [*of_index, Problem(folders[0], 0, error.message)]


def check_posts(folders: Sequence[str], exclude: Sequence[str] = ()) -> Iterator[Problem]:
    """Problems of the posts themselves, file by file."""
    states, problems = walk(folders, exclude)
    yield from problems
    if not states and not problems:  # nothing to check is rather a wrong name than all in order
        yield from (Problem(folder, 0, "there are no posts in this folder") for folder in folders)
    names = path_names((state.path for state in states), folders)
    for state in states:
        try:
            data = read_post(state.path)
        except OSError as refused:
            yield Problem(state.path, 0, refused.strerror or "cannot be read")
            continue
        post = parsed(Task(state, 0, names.get(state.path, "")), data)
        yield from [post] if isinstance(post, Problem) else post.problems


def check_index(path: str, trust: bool) -> list[Problem]:
    """Problems of the index: wrong checksums, documents without a post, posts without a document. A run may remove the
    files of the state that is just being looked at: then there is a newer one, and that is looked at."""
    while True:
        begun = _states(path)
        problems = [*_problems_of(path, trust)]
        if not problems or _states(path) == begun:
            return problems


def _states(path: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The newest states, of the index and of its vectors."""
    return generations.newest_state(path), vectors_state(path)


def _problems_of(path: str, trust: bool) -> Iterator[Problem]:
    """What is wrong with the files of an index, from those that name others to those that are named."""
    try:
        generation = generations.load(path, trust)
    except NoIndexError:
        return
    except DamagedIndexError as damage:
        yield Problem(path, 0, str(damage))
        return
    whole: list[Segment] = []
    for state in generation.segments:
        try:
            segment = committed(path, state)
            audit_segment(segment)
            whole.append(segment)
        except DamagedIndexError as damage:
            yield Problem(path, 0, damage.message)
    try:
        generations.check_toc(path, generation)
    except DamagedIndexError as damage:
        yield Problem(path, 0, damage.message)
    try:
        table = table_of(path, generation)
        table.verify()
    except DamagedIndexError as damage:
        yield Problem(path, 0, damage.message)
        return
    if len(whole) == len(generation.segments):
        yield from _check_rows(path, generation, whole, table)
    yield from _check_vectors(path)


def _check_vectors(path: str) -> Iterator[Problem]:
    """What is wrong with vectors, if the index keeps any. That some are not made yet is not wrong."""
    try:
        vectors.verify(path)
    except MeaningError as damage:
        yield Problem(path, 0, str(damage))


def _check_rows(
    path: str, generation: generations.Generation, segments: Sequence[Segment], table: Table
) -> Iterator[Problem]:
    """Whether posts and documents belong together, one to one."""
    rows = table.rows()
    known = {(row.segment, row.document): row for row in rows if row.is_indexed}
    for number, (state, segment) in enumerate(zip(generation.segments, segments, strict=True)):
        deleted = set(state.deleted)
        documents = segment.documents
        for document in range(state.count):
            row = known.pop((number, document), None)
            if row is None and document not in deleted:
                yield Problem(path, 0, f"document {document} of {state.name} belongs to no post")
            elif row is not None and documents.stored(document).get("path") != row.path:
                yield Problem(row.path, 0, "the index has another post in its place")
    for row in known.values():
        yield Problem(row.path, 0, "the index has no document for this post")
