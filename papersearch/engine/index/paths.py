"""How an index keeps the paths of posts and folders, and by what other paths these may be named.

Paths below the folder beside which the index lies are kept relative to it, so that the whole can be moved. Kept paths
of this kind begin with ``./``; all others are whole. A corpus folder that holds the index is kept as ``./``, ``../``
for each folder between the two, and its whole path: it is where it was, or, if it was moved or copied with the index,
as far above that as it was.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress

from papersearch.core.errors import UsageError
from papersearch.text.folding import normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.core.opening import Folders

MARK, UP = "./", "../"
MOST_LOOKED_FOR = 20  # posts of an index that may have been copied (chosen)


def home_of(folder: str) -> str:
    """The folder that holds an index folder, with a separator at its end."""
    return os.path.dirname(os.path.realpath(folder)).rstrip(os.sep) + os.sep


def stored_path(path: str, home: str) -> str:
    """A full path as the index stores it: relative if it lies below ``home``."""
    return MARK + path[len(home) :] if home and path.startswith(home) else path


def full_path(path: str, home: str) -> str:
    """A path that the index stores, as it is now: ``home`` may have been moved."""
    return home + path[len(MARK) :] if path.startswith(MARK) else path


def stored_folders(folders: Iterable[str], home: str) -> list[str]:
    """Folders of the corpus as the index stores them."""
    return [
        MARK + UP * home.count(os.sep, len(each) + 1) + each
        if home.startswith(each + os.sep)
        else stored_path(each, home)
        for each in folders
    ]


def full_folders(stored: Iterable[str], home: str, posts: Callable[[], Sequence[str]]) -> tuple[str, ...]:
    """Folders of the corpus that the index stores, as they are now. One that held the index was moved or copied with it
    if the ``posts`` of the index, as that stores their paths, lie as far above it now as they did. Else the index alone
    may have been moved out of it."""
    found = []
    for each in stored:
        before, now = each.removeprefix(MARK), home.rstrip(os.sep)
        while before.startswith(UP):
            before, now = before.removeprefix(UP), os.path.dirname(now)
        if not each.startswith(MARK) or not os.path.isabs(before):
            found.append(full_path(each, home))
        else:
            found.append(now if before == now or _is_moved(before, now, home, posts()) else before)
    return tuple(found)


def _is_moved(before: str, now: str, home: str, posts: Sequence[str]) -> bool:
    """Whether what was one folder is another now, as far as a few of its posts tell: most, if both are there."""
    kept = [each for each in posts if each.startswith((MARK, before + os.sep))]
    some = kept[:: len(kept) // MOST_LOOKED_FOR + 1]
    places = (full_path(each, home) if each.startswith(MARK) else now + each[len(before) :] for each in some)
    here = sum(map(os.path.isfile, places))
    return 2 * here > len(some) if os.path.isdir(before) else bool(here or not some)


def absolute(folders: Folders) -> list[str]:
    """Folders as absolute paths; a single one is a list of it, and no list of letters. Raises ``UsageError`` for none,
    as of a program's pattern that matched nothing, and for what no folder can be called."""
    named = [os.fspath(each) for each in ((folders,) if isinstance(folders, (str, os.PathLike)) else folders)]
    if not named:
        raise UsageError("the list of folders is empty", "name one, or None for those that the index was built from")
    check_names(named)
    return [os.path.abspath(each) for each in named]


def check_names(places: Iterable[str]) -> None:
    """Raise ``UsageError`` for a folder's name that is blank or that no folder can have."""
    for place in places:
        if not place.strip() or "\0" in place:
            raise UsageError(f"a folder cannot be called {place!r}", "name a folder, or . for this one")


def ways_to(path: str, folders: Sequence[str]) -> Iterator[str]:
    """A path as it is given, then as it is spelled below those of some folders that hold it by another name: where a
    home folder is a link, the current folder has two. Each also with its letters composed and decomposed: a disk may
    keep a name otherwise than it is typed (macOS)."""
    if "\0" in path:
        return  # no file is called so
    for spelled in _spellings(path):
        yield from _ways_to(spelled, folders)


def _spellings(path: str) -> Iterable[str]:
    if path.isascii():
        return (path,)
    folder, name = os.path.split(path)
    names = normalized("NFC", name), normalized("NFD", name)
    wholes = normalized("NFC", path), normalized("NFD", path)
    return dict.fromkeys((path, *(os.path.join(folder, each) for each in names), *wholes))


def _ways_to(path: str, folders: Sequence[str]) -> Iterator[str]:
    yield path
    above, below = os.path.realpath(os.path.dirname(path)), os.path.basename(path)
    while True:
        yield from (os.path.join(folder, below) for folder in folders if is_same(folder, above))
        above, name = os.path.split(above)
        if not name:
            return
        below = os.path.join(name, below)


def is_same(folder: str, place: str) -> bool:
    """Whether a folder is one of another name: spelled in other capitals where these do not matter, or by a link."""
    with suppress(OSError):
        return os.path.samefile(folder, place)
    return False
