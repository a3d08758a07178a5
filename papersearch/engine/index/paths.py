"""How an index keeps the paths of posts and folders, and by what other paths these may be named.

Paths below the folder beside which the index lies are kept relative to it, so that the whole can be moved. Kept paths
of this kind begin with ``./``; all others are whole. A corpus folder that holds the index is kept as ``./`` and its
whole path: it is where it was, or, if nothing is there any more or it was copied, where the index is now.
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

MARK = "./"
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
    return [MARK + each if each + os.sep == home else stored_path(each, home) for each in folders]


def full_folders(stored: Iterable[str], home: str, posts: Callable[[], Sequence[str]]) -> tuple[str, ...]:
    """Folders of the corpus that the index stores, as they are now. One that held the index has moved with it if it is
    gone from its place, and was copied with it if the ``posts`` of the index, as that stores their paths, lie where it
    is now. Else the index alone may have been moved out of it."""
    found = []
    for each in stored:
        before = each.removeprefix(MARK)
        if before == each or not os.path.isabs(before):
            found.append(full_path(each, home))
        elif before + os.sep == home or (os.path.isdir(before) and not _lie_below(home, posts())):
            found.append(before)
        else:
            found.append(home.rstrip(os.sep))
    return tuple(found)


def _lie_below(home: str, posts: Sequence[str]) -> bool:
    """Whether most of some posts that lay below a folder are below another now, as far as a few of them tell."""
    kept = [each for each in posts if each.startswith(MARK)]
    some = kept[:: len(kept) // MOST_LOOKED_FOR + 1]
    return 2 * sum(os.path.isfile(full_path(each, home)) for each in some) > len(some)


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
