"""What lies in the folders of a corpus, as far as it could be looked at."""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from papersearch.core.errors import PapersearchError
from papersearch.core.records import Problem
from papersearch.posts.states import States


class Listing(NamedTuple):
    """The posts of a corpus in the order of their paths, and ``problems``: what could not be looked at.

    ``unlisted`` are folders that could not be listed, and links and files that could not be followed: of posts there,
    nothing is known. ``missing`` are folders of the corpus that are not there at all, each with what to say about it.
    ``folders`` are those that were listed, by device and inode; ``lost`` ones went away since.
    """

    states: States
    problems: list[Problem]
    unlisted: list[str]
    missing: dict[str, PapersearchError]
    folders: dict[str, tuple[int, int]]
    lost: list[str]

    def pruned(self) -> Listing:
        """The listing for a run with ``--prune``: what is out of sight from the start counts as gone."""
        return self._replace(missing={}, unlisted=[])

    def without(self, gone: AbstractSet[str]) -> Listing:
        """The listing as it is now that paths in it turned out to be ``gone``: without these files, and with the
        folders that went away with them. Of what is there again nothing is known."""
        if not gone:
            return self
        above = {folder: self.lost_above(folder) for folder in set(map(os.path.dirname, gone))}
        back = [path for path in gone if not above[os.path.dirname(path)] and os.path.lexists(path)]
        return self._replace(
            states=self.states.without(gone),
            problems=self.problems + [Problem(path, 0, "it was gone for a moment: run again") for path in back],
            unlisted=self.unlisted + back,
            lost=sorted({*self.lost, *filter(None, above.values())}),
        )

    def lost_above(self, folder: str) -> str:
        """The outermost of a folder and those above it that is not any more the one that was listed: it was moved, or
        another one is mounted in its place. Empty if there is none."""
        lost = ""
        while folder in self.folders:
            if not _is_still(folder, self.folders[folder]):
                lost = folder
            folder, below = os.path.dirname(folder), folder
            if folder == below:
                break
        return lost


def is_below(path: str, places: Iterable[str]) -> bool:
    """Whether a path is one of some places or lies below one."""
    return any(path == place or path.startswith(place.rstrip(os.sep) + os.sep) for place in places)


def identity(status: os.stat_result) -> tuple[int, int]:
    """What tells a folder from others, as long as it is there."""
    return status.st_dev, status.st_ino


def _is_still(folder: str, known: tuple[int, int]) -> bool:
    """Whether a folder is there, and the one that it was."""
    try:
        return identity(os.stat(folder)) == known
    except OSError:
        return False
