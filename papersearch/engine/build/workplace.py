"""The index folder of a run: where there may be one, made if need be, held while the run works, and left tidy after."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from papersearch.core.errors import PapersearchError, Stopped, what_to_do
from papersearch.engine.build.lock import locked
from papersearch.engine.index import generation as generations
from papersearch.engine.index.files import Files
from papersearch.engine.index.folder import LOCK_FILE, check_owner, is_disposable, is_ours, state_numbers
from papersearch.engine.index.paths import check_names


def check_place(folder: str, corpus: Sequence[str], trust: bool) -> None:
    """Raise ``PapersearchError`` unless an index may be made or brought up to date in a folder.

    It may if the folder is absent, empty (a ``.gitignore`` aside) or an index already, belongs to this user, and
    neither is nor holds a folder of the corpus. Reads names, and changes nothing.
    """
    check_names((folder, *corpus))
    real = os.path.realpath(folder)
    for posts in corpus:
        if _lies_in(os.path.realpath(posts), real):
            raise PapersearchError(
                f"the index cannot be made in {folder}: the posts in {posts} lie there",
                "name another folder with --index; it can lie below the posts",
            )
    try:
        with os.scandir(folder) as entries:
            names = {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as refused:
        raise PapersearchError(
            f"the index folder {folder} cannot be read ({refused.strerror})",
            what_to_do(refused, "fix this and run again"),
        ) from refused
    check_owner(folder, trust)
    foreign = sorted(name for name in names if name != ".gitignore" and not is_ours(name))
    if foreign and not _is_index(names):
        raise PapersearchError(
            f"{folder} is not an index and holds other files ({foreign[0]})",
            "name a new or an empty folder with --index",
        )


def _lies_in(path: str, folder: str) -> bool:
    try:
        return os.path.commonpath([path, folder]) == folder
    except ValueError:  # on another drive
        return False


def _is_index(names: dict[str, bool]) -> bool:
    """Whether names, and whether each is an ordinary file, are those of an index: a table of contents together with
    what belongs to its number, which no other program writes."""
    numbers = state_numbers(name for name, ordinary in names.items() if ordinary)
    return len(set(numbers)) < len(numbers)


@contextmanager
def occupied(folder: str, wait: float, waiting: Callable[[str], None] | None, notes: list[str]) -> Iterator[None]:
    """The folder, made if need be, with its lock. A run that fails leaves no folder that holds no index. Raises
    ``Stopped`` for a run that was interrupted."""
    made = _make_folder(folder)
    with locked(folder, wait, waiting, notes):
        before = after = generations.newest(folder)
        try:
            _check_file_system(folder)
            yield
        except BaseException as reason:
            with suppress(OSError, PapersearchError):
                after = generations.newest(folder)
                if after < 0:
                    _unmake(folder, made)
            if isinstance(reason, KeyboardInterrupt):
                stage = _stage(folder) if after != before else None
                raise Stopped(after != before and stage is None, stage=stage) from None
            raise


def _check_file_system(folder: str) -> None:
    """Raise ``PapersearchError`` if files get other names than they are given: some network drives and options of
    mounts make all letters small, and no state would be found again under its name."""
    if LOCK_FILE not in os.listdir(folder):
        raise PapersearchError(
            f"the disk of {folder} changes the names of files", "choose a folder on another disk with --index"
        )


@contextmanager
def tidied(folder: str, files: Files) -> Iterator[None]:
    """The folder while something is built in it: cleared of what earlier runs left, and if this one fails, of what it
    wrote. To be entered only once it is certain that the index can be built: until then, a damaged state may be all
    that there is."""
    generations.sweep(folder, files)
    try:
        yield
    except BaseException:
        with suppress(OSError, PapersearchError):
            generations.sweep(folder, files)
        raise


def _stage(folder: str) -> tuple[int, int] | None:
    """How far the index is, (posts, posts that were to be in it), if it is a stage of a run."""
    with suppress(OSError, PapersearchError):
        generation = generations.load(folder, True)
        return (generation.posts, generation.planned) if generation.planned else None
    return None


def _make_folder(folder: str) -> list[str]:
    """Make a folder; those that were made for it, the innermost first."""
    made = []
    path = os.path.abspath(folder)
    while not os.path.lexists(path):
        made.append(path)
        path = os.path.dirname(path)
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as refused:
        raise PapersearchError(
            f"the index folder {folder} cannot be made ({refused.strerror})", "choose another with --index"
        ) from refused
    return made


def _unmake(folder: str, made: Sequence[str]) -> None:
    """Remove the lock of a folder without an index, and the folders that were made for it if they are empty."""
    with suppress(OSError):
        if any(map(is_disposable, os.listdir(folder))):
            return  # it holds what is left of one
        os.remove(os.path.join(folder, LOCK_FILE))
        for path in made:
            os.rmdir(path)
