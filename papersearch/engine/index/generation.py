"""One whole state of the index, and how the next one takes its place.

Each commit makes a *generation*, a number. Its files:

    _MAIN_N.toc           Whoosh's table of contents; its appearance, by rename, is the commit
    papersearch_N.json    the manifest: this module's view of the same state, with what Whoosh does not keep
    papersearch_N.files   what is known of every file of the corpus (see ``filetable``)
    MAIN_X.docs, .terms   the segments, shared by generations

A reader takes the highest N that has a table of contents and reads the manifest of that N, never the pickle in the
table of contents. The manifest ends with a line that holds its own checksum.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from zlib import crc32

from papersearch.core import json_reader
from papersearch.core.errors import DamagedIndexError, NoIndexError, PapersearchError
from papersearch.core.fields import FIELDS
from papersearch.core.frozen import Frozen, as_dict, replace
from papersearch.core.opening import NotAFileError, create_new, read_whole
from papersearch.engine.index import folder as folders
from papersearch.engine.index.container import FORMAT_VERSION, REBUILD, Container, damaged, sealed, unsealed
from papersearch.engine.index.folder import DOUBT_FILE, INDEX_NAME, check_owner
from papersearch.engine.index.paths import full_folders, home_of, stored_folders
from papersearch.text import words
from papersearch.text.display import in_prose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from papersearch.engine.index.files import Files

    _Read = TypeVar("_Read")

# Raised by changes of analysis, or of how posts are read, that make postings differ; so do other fields and another
# stemmer. All count as a change of format.
ANALYSIS_VERSION = 21
_TABLE = crc32(repr([(each.name, each.weight, each.b, each.pivot, each.bits) for each in FIELDS]).encode())
ANALYSIS = f"{ANALYSIS_VERSION} {words.STEMMER} {_TABLE:08x}"


class SegmentState(Frozen):
    """A segment within a generation: how many documents it has (``count``), and the ``sizes`` in bytes of its ``.docs``
    and ``.terms`` files. Documents are named by their numbers: ``deleted`` ones are gone; ``hidden`` ones belong to a
    paper of which another post is shown."""

    name: str
    count: int
    sizes: tuple[int, int]
    deleted: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()

    @property
    def live(self) -> int:
        """Documents that are not deleted."""
        return self.count - len(self.deleted)


class Generation(Frozen):
    """A committed state. ``folders`` are the corpus, ``exclude`` the patterns of what was left out of it. ``run`` is
    the number of the last run that changed anything, which began at ``started_ns`` (nanoseconds since 1970) and
    committed at ``indexed_at`` (ISO, local time). ``papers`` counts what is shown, ``posts`` what is not deleted.
    ``planned`` is 0 unless this is a stage of a run (see ``draft.Stages``): then it is how many files the whole run was
    to bring into the index."""

    number: int
    segments: tuple[SegmentState, ...] = ()
    folders: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    run: int = 0
    started_ns: int = 0
    indexed_at: str = ""
    papers: int = 0
    posts: int = 0
    table_checksum: int = 0
    toc_checksum: int = 0
    format: int = FORMAT_VERSION
    analysis: str = ANALYSIS
    planned: int = 0

    @property
    def lack(self) -> str | None:
        """What to tell the user of a stage; None if the state is complete."""
        if not self.planned:
            return None
        done = f"only {self.posts:,} of {self.planned:,} posts are in the index so far"
        return f"{done}; `papersearch index` goes on with the rest"

    def files(self) -> set[str]:
        """Names of all files that belong to this generation."""
        names = {toc_name(self.number), manifest_name(self.number), table_name(self.number)}
        for segment in self.segments:
            names.update(folders.files_of(segment.name))
        return names


def toc_name(number: int) -> str:
    """Whoosh's name for a generation's table of contents."""
    return f"_{INDEX_NAME}_{number}.toc"


def manifest_name(number: int) -> str:
    """The manifest of a generation."""
    return f"papersearch_{number}.json"


def table_name(number: int) -> str:
    """The file table of a generation."""
    return f"papersearch_{number}.files"


def newest(folder: str) -> int:
    """The number of the newest committed generation; -1 where there is none."""
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return -1
    except PermissionError as refused:
        raise PapersearchError(f"the index folder {folder} cannot be read", "check its permissions") from refused
    return max(map(_number_of, names), default=-1)


def _number_of(name: str) -> int:
    """The number of a table of contents; -1 for any other file."""
    number = name.removeprefix(f"_{INDEX_NAME}_").removesuffix(".toc")
    return int(number) if number.isdecimal() and name == toc_name(int(number)) else -1


def newest_state(folder: str) -> tuple[int, ...]:
    """As ``newest``, with what tells the manifest from that of another index that is put in the folder, or built there
    again, and has come to the same number."""
    number = newest(folder)
    return number, *folders.identity_of(os.path.join(folder, manifest_name(number)))


def load(folder: str, trust: bool = False) -> Generation:
    """The newest generation; ``NoIndexError`` where there is none, ``DamagedIndexError`` where it is not whole."""
    number = newest(folder)
    if number < 0:
        if left := folders.numbers_in(folder):
            missing = f"{toc_name(max(left))} is missing"
            raise DamagedIndexError(f"the index is damaged or was never complete ({missing})", REBUILD)
        raise NoIndexError(f"there is no index in {in_prose(folder)}", "run `papersearch index FOLDER` first")
    check_owner(folder, trust)
    return _load_number(folder, number)


def steady(folder: str, attempt: Callable[[], _Read]) -> _Read:
    """What ``attempt`` reads of the newest state. A commit may remove the files of the state that is being read: then
    there is a newer one, and the attempt is made again."""
    state = newest_state(folder)
    while True:
        try:
            return attempt()
        except DamagedIndexError:
            before, state = state, newest_state(folder)
            if state == before:
                raise


def _load_number(folder: str, number: int) -> Generation:
    """The generation with that number."""
    name = manifest_name(number)
    try:
        data = read_whole(os.path.join(folder, name))
    except (FileNotFoundError, NotADirectoryError, NotAFileError) as missing:
        raise damaged(f"{name} is missing") from missing
    except PermissionError as refused:
        raise PapersearchError(f"the index in {folder} cannot be read", "check its permissions") from refused
    body = unsealed(data)
    if body is None:
        raise damaged(f"{name}: its checksum is wrong")
    try:
        generation = _generation(json_reader.loads(body.decode()))
    except (LookupError, TypeError, ValueError, RecursionError) as wrong:
        raise damaged(f"{name} is not a manifest") from wrong
    if generation.number != number:
        raise damaged(f"{name} is that of state {generation.number}")
    stored = generation.folders
    return replace(generation, folders=full_folders(stored, home_of(folder), partial(stored_posts, folder, number)))


def stored_posts(folder: str, number: int) -> list[str]:
    """The paths of all files of the corpus as the table of a state stores them; none if that cannot be read."""
    with suppress(DamagedIndexError, OSError):
        container = Container(os.path.join(folder, table_name(number)), any_format=True)
        return bytes(container.verified("paths")).decode("utf-8", "surrogateescape").split("\0")
    return []


def _generation(raw: dict[str, Any]) -> Generation:
    """A manifest's content as a record. Raises ``LookupError``, ``TypeError`` or ``ValueError`` if it is not one."""
    if (raw["format"], raw["analysis"]) != (FORMAT_VERSION, ANALYSIS):
        raise _of_another_version(raw)
    raw["segments"] = tuple(
        SegmentState(s["name"], s["count"], tuple(s["sizes"]), tuple(s["deleted"]), tuple(s["hidden"]))
        for s in raw["segments"]
    )
    if not all(folders.is_segment(segment.name) for segment in raw["segments"]):
        raise ValueError("a segment lies outside the folder")
    if not (isinstance(raw["folders"], list) and isinstance(raw["exclude"], list)):
        raise TypeError("neither is a list")
    raw["folders"], raw["exclude"] = tuple(raw["folders"]), tuple(raw["exclude"])
    generation = Generation(**raw)
    if not _is_consistent(generation):
        raise ValueError("it says what cannot be")
    return generation


def _of_another_version(raw: dict[str, Any]) -> DamagedIndexError:
    """The error for a manifest of another version. One of a newer version was most likely made after an upgrade, by
    which a program that stays is left behind: it is that program that must be started again."""
    if (int(raw["format"]), int(str(raw["analysis"]).split()[0])) > (FORMAT_VERSION, ANALYSIS_VERSION):
        hint = "start this program again if papersearch was upgraded; `papersearch index` builds it again"
        return DamagedIndexError("the index was made by a newer version of papersearch", hint)
    return DamagedIndexError("the index was made by another version of papersearch", REBUILD)


_NUMBERS = ("number", "run", "started_ns", "papers", "posts", "table_checksum", "toc_checksum", "planned")


def _is_consistent(generation: Generation) -> bool:
    """Whether the values of a manifest are of the right types and ranges, and its counts agree with each other."""
    segments = generation.segments
    numbers = [*(getattr(generation, name) for name in _NUMBERS), *(each.count for each in segments)]
    numbers += [size for each in segments for size in each.sizes]
    texts = (*generation.folders, *generation.exclude, generation.indexed_at)
    if not (_are_numbers(numbers, 1 << 63) and all(isinstance(text, str) and "\0" not in text for text in texts)):
        return False
    if not all(_are_numbers(dead, each.count) for each in segments for dead in (each.deleted, each.hidden)):
        return False
    posts = sum(each.live for each in segments)
    shown = posts - sum(len(each.hidden) for each in segments)
    return generation.run < 1 << 31 and (generation.posts, generation.papers) == (posts, shown)


def _are_numbers(values: Sequence[Any], end: int) -> bool:
    """Whether values are whole numbers from 0 to before ``end``."""
    return {*map(type, values)} <= {int} and (not values or (min(values) >= 0 and max(values) < end))


def check_toc(folder: str, generation: Generation) -> None:
    """Raise ``DamagedIndexError`` where Whoosh's table of contents is not what was written, ``OSError`` where it cannot
    be read now."""
    name = toc_name(generation.number)
    try:
        whole = crc32(read_whole(os.path.join(folder, name))) == generation.toc_checksum
    except (FileNotFoundError, NotADirectoryError, NotAFileError):
        whole = False
    if not whole:
        raise damaged(f"{name}: its checksum is wrong")


def is_in_doubt(folder: str, generation: Generation) -> bool:
    """Whether a segment may not be as it was committed: it was written to after the manifest that names it, or a
    reader found damage."""
    if os.path.lexists(os.path.join(folder, DOUBT_FILE)):
        return True
    committed = os.stat(os.path.join(folder, manifest_name(generation.number))).st_mtime_ns
    names = (name for segment in generation.segments for name in folders.files_of(segment.name))
    return any(os.stat(os.path.join(folder, name)).st_mtime_ns > committed for name in names)


def note_doubt(folder: str) -> None:
    """On damage, mark the index for full verification by the next run; best effort, failure is ignored."""
    with suppress(OSError):
        create_new(os.path.join(folder, DOUBT_FILE)).close()


def dispel_doubt(folder: str, files: Files) -> None:
    """Remove the mark once everything is verified or built anew. If it stays, the next run verifies everything
    again."""
    with suppress(OSError):
        files.remove(os.path.join(folder, DOUBT_FILE))


def manifest_bytes(generation: Generation, folder: str) -> bytes:
    """The manifest as it is written into ``folder``."""
    import json  # queries only read

    home = home_of(folder)
    generation = replace(generation, folders=tuple(stored_folders(generation.folders, home)))
    segments = [as_dict(segment) for segment in generation.segments]
    body = json.dumps(as_dict(generation) | {"segments": segments}, ensure_ascii=True).encode()
    return sealed(body)


def clean(folder: str, keep: Sequence[Generation], files: Files) -> None:
    """Remove what no generation in ``keep`` needs: older generations, and what a run that died left behind."""
    _remove_all_but(set().union(*(generation.files() for generation in keep)), folder, files)


def sweep(folder: str, files: Files) -> None:
    """Remove what runs that died or failed left behind, before a run builds anything and when it fails: on a full disk
    the space is needed. All of the newest state stays, also if it is damaged or of another version. So does what may be
    the only record of the past: every manifest, and every table but those of states after the newest. Where
    what tells of its segments cannot be read now, ``OSError`` is raised and nothing removed."""
    number = newest(folder)
    needed = {toc_name(number)}
    for name in (toc_name(number), manifest_name(number)):
        with suppress(FileNotFoundError, NotADirectoryError, NotAFileError):
            for segment in folders.segments_named(read_whole(os.path.join(folder, name))):
                needed.update(folders.files_of(segment))
    for left in folders.numbers_in(folder):
        needed.add(manifest_name(left))
        if left <= number or number < 0:
            needed.add(table_name(left))
    _remove_all_but(needed, folder, files)


def _remove_all_but(needed: set[str], folder: str, files: Files) -> None:
    with os.scandir(folder) as entries:
        unneeded = [
            entry.path
            for entry in entries
            if folders.is_disposable(entry.name)
            and entry.name not in needed
            and not entry.is_dir(follow_symlinks=False)
        ]
    for path in unneeded:
        # One that is still in use (Windows), say: the next run tries again.
        with suppress(OSError):
            files.remove(path)
