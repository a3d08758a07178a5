"""Ids of posts that name no paper, where several posts have the same name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from papersearch.core.strings import Strings, repeated
from papersearch.posts.facts import BUNDLES, linked, named, stem_of
from papersearch.posts.scan import ENDINGS, is_post
from papersearch.text.folding import value_key

_LONGEST_FIRST = sorted(ENDINGS, key=len, reverse=True)


def path_names(paths: Iterable[str], folders: Sequence[str]) -> dict[str, str]:
    """The ids of posts whose names other posts have as well, case aside, by path: where they lie in different folders
    their paths from their corpus folder without ending (``x/notes``), where they lie in one, with it (``x/a.markdown``,
    ``x/README.md``). A name that is an id of arXiv's is the same paper in any file. Costs about a microsecond a post,
    a third of that if all lie in one folder, and a twentieth if also all are in small letters, as ids are."""
    paths = paths if isinstance(paths, Strings) else Strings.of([*paths])
    if _all_differ(paths):
        return {}
    paths = paths.list()
    names = [value_key(stem_of(path)) for path in paths]
    several = repeated(names)
    by_name: dict[str, list[str]] = {}
    for name, path in zip(names, paths, strict=True):
        if name in several:
            by_name.setdefault(name, []).append(path)
    found: dict[str, str] = {}
    for name, same in by_name.items():
        if linked(name) is None:
            crowded = repeated([os.path.dirname(path) for path in same])
            found.update((path, _below(path, folders, os.path.dirname(path) in crowded)) for path in same)
    places = {(value_key(name), _folder_of(path, folders)) for path, name in found.items()}
    clashing = repeated([name for name, _ in places])
    for path, name in found.items():
        if value_key(name) in clashing:
            found[path] = f"{os.path.basename(_folder_of(path, folders))}/{name}"
    return _numbered(found)


def _all_differ(paths: Strings) -> bool:
    """Whether it is plain that no two posts have the same name: they lie in one folder, in which none is called
    ``index`` or ``README`` and thus by the folder."""
    text = f"\0{paths.data.decode('utf-8', 'surrogateescape')}\0"
    folder = text[1 : text.find("\0", 1)].rpartition(os.sep)[0] + os.sep
    names = text.replace(f"\0{folder}", "\0")
    if os.sep in names:
        return False
    if not names.isascii() or len(names.split(None, 1)) > 1:  # their keys are not just they in small letters
        return False
    stems = names.casefold()
    if any(f"\0{name}." in stems for name in BUNDLES):
        return False
    if stems.count(".md\0") == len(paths):  # they differ with their ending if they do without it
        if stems == names:  # as files do
            return True
    else:
        for ending in _LONGEST_FIRST:
            stems = stems.replace(f"{ending}\0", "\0")
    return len({*stems.split("\0")}) > len(paths)


def _numbered(found: dict[str, str]) -> dict[str, str]:
    """The names with a number where they differ by case alone, from the second on in the order of their paths."""
    folded = [value_key(name) for name in found.values()]
    clashing, taken = repeated(folded), {*folded}
    seen: set[str] = set()
    for path in sorted(path for path, name in found.items() if value_key(name) in clashing):
        name, key = found[path], value_key(found[path])
        if key in seen:
            start, ending = os.path.splitext(name) if is_post(name) else (name, "")
            number = 2
            while value_key(f"{start}-{number}{ending}") in taken:
                number += 1
            found[path] = f"{start}-{number}{ending}"
            taken.add(value_key(found[path]))
        seen.add(key)
    return found


def was_named_by_path(paper_id: str, path: str) -> bool:
    """Whether a post has its id from its path: its name, or its path from some folder."""
    return paper_id == named(path)[0] or is_end_of(path, paper_id)


def may_be_path(paper_id: str) -> bool:
    """Whether an id may be one that ``path_names`` gives: quick, for all those of an index."""
    return ("/" in paper_id and paper_id[:3] != "10.") or is_post(paper_id)


def is_end_of(path: str, name: str) -> bool:
    """Whether a name is a path from some folder as ``path_names`` spells it."""
    spelled, ending = _spelled(path), os.path.splitext(path)[1]
    if ending and name.endswith(ending):
        name = name[: -len(ending)]
    unnumbered, _, number = name.rpartition("-")
    ends = (f"/{name}", f"/{unnumbered}") if unnumbered and number.isdecimal() else (f"/{name}",)
    return f"/{spelled}".endswith(ends)


def _folder_of(path: str, folders: Sequence[str]) -> str:
    """The outermost corpus folder that holds a post, so that naming one of its subfolders beside it changes no id."""
    return min((folder for folder in folders if path.startswith(folder.rstrip(os.sep) + os.sep)), key=len, default="")


def _below(path: str, folders: Sequence[str], ending: bool) -> str:
    folder = _folder_of(path, folders)
    below = _spelled(os.path.relpath(path, folder) if folder else path.lstrip(os.sep))
    # ``index`` alone would be the name of x/index/README.md too.
    return below + os.path.splitext(path)[1] if ending or below.casefold() in BUNDLES else below


def _spelled(path: str) -> str:
    """A path without its ending, as an id may be written: bytes that are not UTF-8 escaped, control codes left out."""
    spelled = os.path.splitext(path)[0].replace(os.sep, "/").encode("utf-8", "backslashreplace").decode()
    return "".join(character for character in spelled if character.isprintable())
