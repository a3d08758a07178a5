"""One whole state of the index, and how the next one takes its place.

Each commit makes a *generation*, a number. Its files:

    _MAIN_N.toc           Whoosh's table of contents; its appearance, by rename, is the commit
    papersearch_N.json    the manifest: this module's view of the same state, with what Whoosh does not keep
    papersearch_N.files   what is known of every file of the corpus (see ``table``)
    MAIN_X.docs, .terms   the segments, shared by generations

A reader takes the highest N that has a table of contents and reads the manifest of that N, never the pickle in the
table of contents. The manifest ends with a line that holds its own checksum.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from zlib import crc32

from papersearch.core.errors import DamagedIndexError, NoIndexError, PapersearchError
from papersearch.core.frozen import Frozen
from papersearch.engine.index.container import FORMAT_VERSION, REBUILD
from papersearch.text import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from papersearch.engine.index.files import Files

INDEX_NAME = "MAIN"
LOCK_FILE = f"{INDEX_NAME}_WRITELOCK"
DOUBT_FILE = "damaged"
_TOC = re.compile(rf"^_{INDEX_NAME}_([0-9]+)\.toc$")
# Changes of analysis or ranking that make postings differ count as a change of format.
ANALYSIS = f"3 {words.STEMMER}"


class SegmentState(Frozen):
    """A segment within a generation. ``deleted`` documents are gone; ``hidden`` ones belong to a paper of which another
    post is shown."""

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
    """A committed state."""

    number: int
    segments: tuple[SegmentState, ...] = ()
    folders: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    run: int = 0
    started_ns: int = 0
    indexed_at: str = ""
    papers: int = 0
    posts: int = 0
    table_size: int = 0
    toc_size: int = 0
    toc_checksum: int = 0
    format: int = FORMAT_VERSION
    analysis: str = ANALYSIS

    def files(self) -> set[str]:
        """Names of all files that belong to this generation."""
        names = {toc_name(self.number), manifest_name(self.number), table_name(self.number)}
        for segment in self.segments:
            names |= {segment.name + ".docs", segment.name + ".terms"}
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
    return max((int(match[1]) for name in names if (match := _TOC.match(name))), default=-1)


def check_owner(folder: str, trust: bool) -> None:
    """Refuse a folder of another user: Whoosh unpickles what it reads, which can run code."""
    if trust or os.environ.get("PAPERSEARCH_TRUST") == "1" or not hasattr(os, "geteuid"):
        return
    owner = os.stat(folder).st_uid
    if owner != os.geteuid():
        raise PapersearchError(
            f"the index {folder} belongs to another user (uid {owner})",
            "if you trust it, pass --trust or set PAPERSEARCH_TRUST=1",
        )


def load(folder: str, trust: bool = False) -> Generation:
    """The newest generation; ``NoIndexError`` where there is none, ``DamagedIndexError`` where it is not whole."""
    number = newest(folder)
    if number < 0:
        raise NoIndexError(f"there is no index in {folder}", "run `papersearch index FOLDER` first")
    check_owner(folder, trust)
    return load_number(folder, number)


def load_number(folder: str, number: int) -> Generation:
    """The generation with that number."""
    try:
        with open(os.path.join(folder, manifest_name(number)), "rb") as file:
            data = file.read()
    except FileNotFoundError as missing:
        raise DamagedIndexError(f"the index is damaged ({manifest_name(number)} is missing)", REBUILD) from missing
    except PermissionError as refused:
        raise PapersearchError(f"the index in {folder} cannot be read", "check its permissions") from refused
    body, _, checksum = data[:-1].rpartition(b"\n")
    if checksum + data[-1:] != b"%08x\n" % crc32(body):
        raise DamagedIndexError(f"the index is damaged ({manifest_name(number)}: its checksum is wrong)", REBUILD)
    raw: dict[str, Any] = json.loads(body)
    if (raw["format"], raw["analysis"]) != (FORMAT_VERSION, ANALYSIS):
        raise DamagedIndexError("the index was made by another version of papersearch", REBUILD)
    raw["segments"] = tuple(
        SegmentState(s["name"], s["count"], tuple(s["sizes"]), tuple(s["deleted"]), tuple(s["hidden"]))
        for s in raw["segments"]
    )
    raw["folders"], raw["exclude"] = tuple(raw["folders"]), tuple(raw["exclude"])
    return Generation(**raw)


def check_toc(folder: str, generation: Generation) -> None:
    """Raise ``DamagedIndexError`` where Whoosh's table of contents is not what was written."""
    name = toc_name(generation.number)
    try:
        with open(os.path.join(folder, name), "rb") as file:
            whole = crc32(file.read()) == generation.toc_checksum
    except OSError:
        whole = False
    if not whole:
        raise DamagedIndexError(f"the index is damaged ({name}: its checksum is wrong)", REBUILD)


def is_in_doubt(folder: str, generation: Generation) -> bool:
    """Whether a segment may not be as it was committed: it was written to after the manifest that names it, or a
    reader came upon damage."""
    if os.path.exists(os.path.join(folder, DOUBT_FILE)):
        return True
    committed = os.stat(os.path.join(folder, manifest_name(generation.number))).st_mtime_ns
    names = (segment.name + ending for segment in generation.segments for ending in (".docs", ".terms"))
    return any(os.stat(os.path.join(folder, name)).st_mtime_ns > committed for name in names)


def note_doubt(folder: str) -> None:
    """Leave word for the next run that the index is damaged somewhere; where that cannot be written, so be it."""
    with suppress(OSError):
        open(os.path.join(folder, DOUBT_FILE), "wb").close()


def remembered_folders(folder: str) -> tuple[str, ...]:
    """The corpus of an index that cannot be opened, as far as any manifest in its folder still tells."""
    try:
        names = sorted((name for name in os.listdir(folder) if re.fullmatch(r"papersearch_\d+\.json", name)), key=len)
    except OSError:
        return ()
    for name in reversed(names):
        try:
            with open(os.path.join(folder, name), "rb") as file:
                body = file.read().rstrip(b"\n").rpartition(b"\n")[0]
            return tuple(str(path) for path in json.loads(body)["folders"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return ()


def manifest_bytes(generation: Generation) -> bytes:
    """The manifest as it is written."""
    from dataclasses import asdict

    body = json.dumps(asdict(generation), ensure_ascii=True).encode()
    return body + b"\n%08x\n" % crc32(body)


def clean(folder: str, keep: Sequence[Generation], files: Files) -> None:
    """Remove what no generation in ``keep`` needs: older generations, and what a run that died left behind."""
    needed = set().union(*(generation.files() for generation in keep)) | {LOCK_FILE, LOCK_FILE + ".pid"}
    for name in os.listdir(folder):
        ours = name.startswith((f"{INDEX_NAME}_", f"_{INDEX_NAME}_", "papersearch_"))
        if ours and name not in needed:
            try:
                files.remove(os.path.join(folder, name))
            except OSError:
                continue  # still open on a system that minds; the next run tries again
