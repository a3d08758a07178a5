"""The index folder while a run works in it: made if need be, held, and left tidy however the run ends."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from papersearch.core.errors import PapersearchError, Stopped
from papersearch.engine.build.lock import locked
from papersearch.engine.index import generation as generations
from papersearch.engine.index.files import Files
from papersearch.engine.index.folder import LOCK_FILE


@contextmanager
def occupied(
    folder: str, files: Files, wait: float, waiting: Callable[[str], None] | None, notes: list[str]
) -> Iterator[None]:
    """The folder, made if need be, with its lock, and without what earlier runs left. A run that fails leaves nothing
    either: no draft or segment that is not part of a state, and no folder that holds no index. Raises ``Stopped`` for
    a run that was interrupted."""
    made = _make_folder(folder)
    with locked(folder, wait, waiting, notes):
        before = after = generations.newest(folder)
        generations.sweep(folder, files)
        try:
            yield
        except BaseException as reason:
            with suppress(OSError, PapersearchError):
                generations.sweep(folder, files)
                after = generations.newest(folder)
                if after < 0:
                    _unmake(folder, made)
            if isinstance(reason, KeyboardInterrupt):
                raise Stopped(complete=after != before) from None
            raise


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
        os.remove(os.path.join(folder, LOCK_FILE))
        for path in made:
            os.rmdir(path)
