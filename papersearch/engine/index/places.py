"""Where posts lie, as an index keeps it: those below the folder beside which the index lies are kept relative to it, so
that the whole can be moved. Kept paths of this kind begin with ``./``; all others are whole."""

from __future__ import annotations

import os

MARK = "./"


def home_of(folder: str) -> str:
    """The folder that holds an index folder, with a separator at its end."""
    return os.path.dirname(os.path.realpath(folder)).rstrip(os.sep) + os.sep


def kept(path: str, home: str) -> str:
    """A whole path as the index keeps it."""
    return MARK + path[len(home) :] if home and path.startswith(home) else path


def whole(path: str, home: str) -> str:
    """A path that the index keeps, as it is now."""
    return home + path[len(MARK) :] if path.startswith(MARK) else path
