"""Posts that are gone, and posts that are only out of sight: an unmounted disk is not an empty folder.

What is gone is removed from the index. It stays if nobody can tell: below a folder that could not be listed, behind a
link that leads nowhere, and if so much of a corpus folder is gone at once that it is rather the folder that is missing.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from papersearch.core.errors import PapersearchError
from papersearch.core.records import Problem
from papersearch.engine.index.paths import is_same
from papersearch.engine.index.rows import Row, Rows
from papersearch.posts.listing import Listing, is_below
from papersearch.posts.scan import look

# Of a corpus folder with this many posts, more than three quarters gone at once are a lost part of it (a mount below
# it, say) and no clearing up; of a smaller one only all. Chosen: people do delete half of their posts.
LARGE = 100
LEAST_LEFT = 0.25


class Vanished(NamedTuple):
    """Posts that are not where they were: ``gone`` ones, ``held`` ones that stay in the index, and the corpus
    ``folders`` that are missing as a whole."""

    gone: list[Row]
    held: list[Row]
    folders: list[Problem]


def look_around(
    corpus: Sequence[str], exclude: Sequence[str], remembered: Sequence[str], prune: bool
) -> tuple[Listing, tuple[str, ...]]:
    """What lies in the corpus, and its folders; with ``prune``, what is out of sight now is forgotten. A folder that is
    missing must be one of those ``remembered``, that the index was built from: of another, the name is wrong."""
    listing = look(corpus, exclude)
    for place, error in listing.missing.items():
        if place not in remembered:
            raise error
    if not prune:
        return listing, tuple(corpus)
    return listing.pruned(), tuple(place for place in corpus if place not in listing.missing) or tuple(corpus)


def notes_on(corpus: Sequence[str], before: Sequence[str], listing: Listing) -> list[str]:
    """What to say where other folders are named than before: of new ones that hold no posts, which may be misspelled,
    and of those that are not named again, for whoever names a new one may have meant to add it."""
    new = [folder for folder in corpus if folder not in before]
    empty = [folder for folder in new if not any(is_below(path, [folder]) for path in listing.states.paths)]
    notes = [f"there are no posts in {folder}" for folder in empty]
    dropped = (folder for folder in before if not is_below(folder, corpus))
    left = [folder for folder in dropped if not any(is_same(folder, place) for place in corpus)]
    if left:
        notes.append(f"no longer part of the corpus: {', '.join(left)}; to keep it, name all folders")
    return notes


def sort_out(
    removed: Sequence[Row],
    known: Iterable[str],
    listing: Listing,
    corpus: Sequence[str],
    *,
    prune: bool,
    excluded: Sequence[str],
) -> Vanished:
    """Which of the ``removed`` posts are gone; ``known`` are the paths of all posts of the last state. If posts are to
    be pruned, it is no wonder that a folder holds fewer. Raises ``PapersearchError`` if posts would be gone because
    folders were named that hold none, or because of patterns that were not ``excluded`` before."""
    if not removed and not listing.missing and not listing.lost:
        return Vanished([], [], [])
    away = [row for row in removed if is_below(row.path, listing.lost)]
    before = _count(corpus, known)
    here = _count(corpus, chain(listing.states.paths, (row.path for row in away)))
    missing = {folder: error.message for folder, error in listing.missing.items()}
    for folder in () if prune else corpus:
        if folder not in missing and here[folder] < _least(before[folder]):
            missing[folder] = _shrunk(folder, before[folder], here[folder], excluded)
    missing |= {folder: f"the folder {folder} went away while it was being read" for folder in listing.lost}
    out_of_sight = (*missing, *listing.unlisted)
    held = [row for row in removed if is_below(row.path, out_of_sight)]
    stay = _count(tuple(missing), (row.path for row in held))
    folders = [Problem(folder, 0, f"{reason}{_staying(stay[folder])}") for folder, reason in missing.items()]
    kept = {row.path for row in held}
    gone = [row for row in removed if row.path not in kept]
    if not listing.states and not prune and any(row.is_indexed for row in gone):
        raise PapersearchError(
            f"there are no posts in {', '.join(corpus)}; those that are indexed stay",
            "name the folder that holds the posts, or remove them from the index with --prune",
        )
    return Vanished(gone, held, folders)


def refuse_to_lose(vanished: Vanished) -> None:
    """Raise ``PapersearchError`` if anything is out of sight: an index that is built anew would keep nothing of it."""
    for folder in vanished.folders:
        prune = ", or remove its posts with --prune" if vanished.held else ""
        raise PapersearchError(folder.reason, f"bring it back and run again{prune}")
    for row in vanished.held:
        raise PapersearchError(f"{row.path} is out of sight", "papersearch check says why; --prune removes such posts")


def refuse_unread(listing: Listing, rows: int, tasks: int, unread: Sequence[Problem], lost: Sequence[Row]) -> None:
    """Raise ``PapersearchError`` if there were posts to read (``tasks``) and none could be, so that no ``rows`` are
    left: that is no empty corpus. Raise it too if posts could not be read that are indexed, and that an index which is
    built anew would lose (``lost``)."""
    if tasks and (not rows or len(unread) == len(listing.states) > 0):
        reason = unread[0].reason if unread else "gone meanwhile"
        raise PapersearchError(f"not one of {tasks:,} posts could be read ({reason})", "run again")
    indexed = {row.path for row in lost if row.is_indexed} if unread else set()
    if missed := sorted((problem.path, problem.reason) for problem in unread if problem.path in indexed):
        path, reason = missed[0]
        raise PapersearchError(
            f"{len(missed):,} of {len(indexed):,} posts that are in the index cannot be read ({path}: {reason})",
            "make them readable and run again, or go on without them with --prune",
        )


def refuse_spoiled(corpus: Sequence[str], known: Rows, before: Iterable[Row], read: Iterable[Rows]) -> None:
    """Raise ``PapersearchError`` if so many posts of a corpus folder became files that are none, or empty, that it is
    rather the folder which is locked (as git-crypt does), not fetched (Git LFS), or was cut off by a disk. ``known`` is
    what the index knows of all files, ``before`` of those that were ``read`` again."""
    no_posts = [row for rows in read for row in rows.without_text()]
    indexed = {row.path for row in before if row.is_indexed and row.size} if no_posts else ()
    spoiled = [row for row in no_posts if row.path in indexed]
    if (found := _mostly(corpus, known, [row.path for row in spoiled])) is None:
        return
    folder, count, posts = found
    first = next(row for row in spoiled if is_below(row.path, [folder]))
    raise PapersearchError(
        f"{count:,} of {posts:,} posts in {folder} that are indexed are none any more ({first.path}: "
        f"{first.reason or 'an empty file'}); nothing was changed",
        "bring them back and run again, or remove them from the index with --prune",
    )


def may_be_spoiled(corpus: Sequence[str], known: Rows, before: Iterable[Row]) -> bool:
    """Whether so many files are to be read again that ``refuse_spoiled`` may raise."""
    return _mostly(corpus, known, [row.path for row in before if row.is_indexed]) is not None


def _mostly(corpus: Sequence[str], known: Rows, lost: Sequence[str]) -> tuple[str, int, int] | None:
    """The first folder of which too few posts would be left without those that are ``lost``, how many these are, and
    of how many."""
    if not lost:
        return None
    posts, without = _count(corpus, (row.path for row in known if row.is_indexed)), _count(corpus, lost)
    found = (folder for folder in corpus if without[folder] and posts[folder] - without[folder] < _least(posts[folder]))
    return next(((folder, without[folder], posts[folder]) for folder in found), None)


def _shrunk(folder: str, before: int, left: int, excluded: Sequence[str]) -> str:
    """What to say of a corpus folder that holds so few posts that a part of it must be missing. Raises
    ``PapersearchError`` if that is because of patterns."""
    if excluded:
        raise PapersearchError(
            f"excluding {', '.join(excluded)} would leave {left:,} of {before:,} posts in {folder}; "
            "nothing was changed",
            "exclude less, or remove what is excluded from the index with --prune",
        )
    return f"the folder {folder} holds {f'only {left:,} of {before:,} posts' if left else 'no posts any more'}"


def _staying(count: int) -> str:
    return f"; {count:,} {'post stays' if count == 1 else 'posts stay'} in the index" if count else ""


def _least(before: int) -> float:
    """How many posts a folder must hold at least that held so many before; 0 if it held none."""
    return LEAST_LEFT * before if before >= LARGE else min(1, before)


def _count(corpus: Sequence[str], paths: Iterable[str]) -> Counter[str]:
    """How many of the paths lie in each folder; in the innermost, if folders lie in each other."""
    inner_first = sorted(
        ((folder.rstrip(os.sep) + os.sep, folder) for folder in corpus), key=lambda pair: -len(pair[0])
    )
    return Counter(next((name for begin, name in inner_first if path.startswith(begin)), "") for path in paths)
