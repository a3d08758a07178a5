"""The index folder: which names in it are papersearch's, whose it may be, and how what it refuses is told.

A name is ours only as a whole. What begins alike (``MAIN_thesis.tex``, ``papersearch_notes.md``) belongs to somebody
else and is never touched. Nothing in the folder is read or written through a symbolic link (see ``files``).

    MAIN_<16 hex>.docs, .terms     segments
    _MAIN_<N>.toc                  table of contents
    papersearch_<N>.json, .files   manifest, file table
    papersearch_<32 hex>.draft     what is being written; renamed when it is whole
    MAIN_WRITELOCK, .pid           the lock
    papersearch_damaged            a note to the next run (see ``generation``)
    papersearch_<N>.meaning        which vectors there are (see ``vectors``)
    papersearch_<16 hex>.vectors   vectors
    papersearch_asked.json         what queries with ``--new`` and saved searches have shown
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from papersearch.core.caches import late_pattern
from papersearch.core.errors import PapersearchError, what_to_do
from papersearch.core.opening import DRAFT
from papersearch.text.display import in_prose

INDEX_NAME = "MAIN"
LOCK_FILE = f"{INDEX_NAME}_WRITELOCK"
DOUBT_FILE = "papersearch_damaged"
ASKED_FILE = "papersearch_asked.json"
_KEPT = frozenset((LOCK_FILE, f"{LOCK_FILE}.pid", DOUBT_FILE, ASKED_FILE))
_NUMBERED = r"_MAIN_(0|[1-9][0-9]*)\.toc|papersearch_(0|[1-9][0-9]*)\.(?:json|files)"
_SEGMENT = r"MAIN_[0-9a-f]{16}"
_disposable = late_pattern(rf"{_NUMBERED}|{_SEGMENT}\.(?:docs|terms)|{DRAFT}")
_HEX = frozenset("0123456789abcdef")
DOCUMENTS, TERMS = ".docs", ".terms"
VECTORS = r"papersearch_(0|[1-9][0-9]*)\.meaning|papersearch_[0-9a-f]{16}\.vectors"


def is_ours(name: str) -> bool:
    """Whether a file of this name in an index folder is papersearch's."""
    return name in _KEPT or is_disposable(name) or is_of_vectors(name)


def is_of_vectors(name: str) -> bool:
    """Whether a file of this name holds vectors or says which there are; these outlive generations."""
    return re.fullmatch(VECTORS, name) is not None


def newest_vectors(folder: str) -> int:
    """The number of the newest file that says which vectors there are; -1 where the index keeps none."""
    return max(vectors_numbers(files_of_vectors(folder)), default=-1)


def vectors_name(number: int) -> str:
    """The file that says which vectors there are, in their state of that number (not a generation's)."""
    return f"papersearch_{number}.meaning"


def identity_of(path: str) -> tuple[int, ...]:
    """What tells a file from another one of its name that took its place; empty where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return ()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def vectors_state(folder: str) -> tuple[int, ...]:
    """As ``newest_vectors``, with what tells the file from that of other vectors which came to the same number: those
    that are made after others were dropped begin anew."""
    number = newest_vectors(folder)
    return number, *identity_of(os.path.join(folder, vectors_name(number)))


def vectors_numbers(names: Iterable[str]) -> list[int]:
    """The numbers of the states of vectors among some file names, newest first. There may be more than one if a run
    died, or if somebody put one there."""
    found = (re.fullmatch(VECTORS, name) for name in names)
    return sorted((int(match[1]) for match in found if match and match[1]), reverse=True)


def files_of_vectors(folder: str) -> list[str]:
    """The names of all files that hold vectors or say which there are."""
    try:
        names = [name for name in os.listdir(folder) if name.endswith((".meaning", ".vectors"))]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [name for name in names if is_of_vectors(name)]  # few queries compile the pattern


def is_disposable(name: str) -> bool:
    """Whether a file of this name may be removed if no state of the index needs it."""
    return _disposable().fullmatch(name) is not None


def is_segment(name: object) -> bool:
    """Whether a manifest may name a segment so: nothing that leads out of the folder."""
    if not isinstance(name, str):
        return False
    begin, _, number = name.partition("_")
    return begin == INDEX_NAME and len(number) == 16 and _HEX.issuperset(number)


def files_of(segment: str) -> tuple[str, str]:
    """The names of a segment's two files."""
    return segment + DOCUMENTS, segment + TERMS


def segments_named(data: bytes) -> set[str]:
    """The segments that a manifest or a table of contents mentions, also one that is damaged or of another version."""
    return {f"{INDEX_NAME}_{name.decode()}" for name in re.findall(rb"(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])", data)}


def state_numbers(names: Iterable[str]) -> list[int]:
    """The number of the state that each of some files is named after, whoever made it; none of other files."""
    found = (re.fullmatch(_NUMBERED, name) for name in names)
    return [int(match[1] or match[2]) for match in found if match]


def numbers_in(folder: str) -> set[int]:
    """The numbers of all states that a file in the folder is named after."""
    try:
        return set(state_numbers(os.listdir(folder)))
    except (FileNotFoundError, NotADirectoryError):
        return set()


@contextmanager
def translating_os_errors(folder: str) -> Iterator[None]:
    """Within the block an ``OSError`` becomes a ``PapersearchError`` that names the index, and the file of it that
    gives nothing, unless it only says that the current folder is gone: that is not the index's fault."""
    try:
        yield
    except OSError as refused:
        if isinstance(refused, FileNotFoundError) and not refused.filename:
            raise
        name = os.path.basename(os.fsdecode(refused.filename or ""))
        which = f": {name}" if isinstance(refused, (PermissionError, BlockingIOError)) and is_ours(name) else ""
        raise PapersearchError(
            f"the index in {folder} cannot be read ({refused.strerror or refused}{which})",
            what_to_do(refused, "fix this and try again"),
        ) from refused


def check_owner(folder: str, trust: bool) -> None:
    """Refuse a folder of another user: Whoosh unpickles what it reads, which can run code."""
    if trust or os.environ.get("PAPERSEARCH_TRUST") == "1" or not hasattr(os, "geteuid"):
        return
    owner = os.stat(folder).st_uid
    if owner != os.geteuid():
        raise PapersearchError(
            f"the index in {in_prose(folder)} belongs to another user (uid {owner})",
            "if you trust it, pass --trust or set PAPERSEARCH_TRUST=1",
        )
