"""Ids of posts that name no paper, where posts of different folders have the same name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from papersearch.core.strings import repeated
from papersearch.posts.facts import linked, named, stem_of


def path_names(paths: Iterable[str], folders: Sequence[str]) -> dict[str, str]:
    """The paths from their corpus folder, without ending, of posts whose names posts of other folders have as well, by
    path. A name that is an id of arXiv's is the same paper in any folder. Costs about a microsecond a post, and a fifth
    of that if all lie in one folder."""
    paths = [*paths]
    if len({path[: path.rfind(os.sep)] for path in paths}) < 2:
        return {}
    names = [stem_of(path).casefold() for path in paths]
    several = repeated(names)
    by_name: dict[str, list[str]] = {}
    for name, path in zip(names, paths, strict=True):
        if name in several:
            by_name.setdefault(name, []).append(path)
    found: dict[str, str] = {}
    for name, same in by_name.items():
        if len({os.path.dirname(path) for path in same}) > 1 and linked(name) is None:
            found.update((path, _below(path, folders)) for path in same)
    clashing = repeated(found.values())
    for path, name in found.items():
        if name in clashing:
            found[path] = f"{os.path.basename(_folder_of(path, folders))}/{name}"
    return found


def was_named_by_path(paper_id: str, path: str) -> bool:
    """Whether a post has its id from its path: its name, or its path from some folder."""
    return paper_id == named(path)[0] or is_end_of(path, paper_id)


def is_end_of(path: str, name: str) -> bool:
    """Whether a name is a path from some folder, without its ending."""
    return _spelled(path).endswith("/" + name)


def _folder_of(path: str, folders: Sequence[str]) -> str:
    return max((folder for folder in folders if path.startswith(folder.rstrip(os.sep) + os.sep)), key=len, default="")


def _below(path: str, folders: Sequence[str]) -> str:
    folder = _folder_of(path, folders)
    below = os.path.relpath(path, folder) if folder else path.lstrip(os.sep)
    return _spelled(below)


def _spelled(path: str) -> str:
    """A path without its ending as an id may be written: no byte that is no UTF-8, no control code."""
    spelled = os.path.splitext(path)[0].replace(os.sep, "/").encode("utf-8", "backslashreplace").decode()
    return "".join(character for character in spelled if character.isprintable())
