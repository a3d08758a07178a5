"""The vectors of an index: files of their own beside the generations, which they outlive.

    papersearch_<N>.meaning       the state: the model, and which file holds which documents; the highest N holds.
                                  One line of JSON, and a line with its checksum
    papersearch_<hex>.vectors     some documents of one segment

Files of vectors without a state are what is left if it was lost: that is damage. So where vectors are dropped, a state
that names no model takes the place of the last one first, and goes when they are gone.

Segments never change, so a state is right for any generation: what it says of segments that are gone, or that a
reader does not know yet, is passed over. A state takes the place of the one before by a rename. A file of vectors,
little-endian, C documents of D dimensions:

    magic, C, D   8 bytes, <II>    b"PSVECTR" and the format's version
    keys          8 bytes * C      digest of the text: what has the same text has the same vector
    documents     <I>*C            in order
    lengths       <e>*C            length of the vector as it is kept; 0: there is no text, so there is no vector
    vectors       <b>*D*C          scaled so that the largest part is 127
    checksum      <I>              crc32 of all before

That is 398 bytes a document at 384 dimensions. Files are mapped, and verified when they are first read. numpy is
loaded only where vectors are read or written.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from zlib import crc32

from papersearch.core.errors import MeaningError
from papersearch.core.frozen import Frozen, NamedTuple, as_dict, replace
from papersearch.core.opening import NotAFileError, open_ordinary, read_whole
from papersearch.engine.index.container import fetch, mapped, sealed, unsealed
from papersearch.engine.index.files import Files
from papersearch.engine.index.folder import (
    files_of_vectors,
    is_of_vectors,
    newest_vectors,
    vectors_name,
    vectors_numbers,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


FORMAT = 1
MAGIC = b"PSVECTR" + bytes([FORMAT])
HEAD = struct.Struct("<8sII")
CHECKSUM = struct.Struct("<I")
KEY_BYTES = 8
_ROW = KEY_BYTES + 4 + 2  # bytes of a document beside its vector
AGAIN = "run `papersearch index --meaning` to make them again"
# Full scale of a part of a vector.
LARGEST = 127
# Characters of a text that a vector can depend on: more than any model here reads.
_MOST_CHARACTERS = 50_000


def text_of(stored: Mapping[str, Any]) -> str:
    """What of a paper its vector stands for; empty if there is nothing."""
    return f"{stored.get('title', '')}\n{stored.get('abstract', '')}".strip()[:_MOST_CHARACTERS]


class Part(NamedTuple):
    """A file of vectors, and the segment that its documents belong to."""

    segment: str
    file: str
    rows: int
    size: int


class State(Frozen):
    """Which vectors there are. ``setting`` names the model as the user did, ``model`` tells it from all others; without
    a setting, none are kept. ``complete`` is the generation of which every paper is known to have its vector, -1 where
    none is."""

    number: int
    setting: str
    model: str = ""
    dimensions: int = 0
    parts: tuple[Part, ...] = ()
    complete: int = -1


def load(folder: str) -> State | None:
    """The newest state that is as it was written, None if no vectors are kept. Raises ``MeaningError`` if none of them
    is, or if there are vectors and none at all, and ``OSError`` if what may be whole cannot be read now."""
    lost = False
    while names := files_of_vectors(folder):
        numbers = vectors_numbers(names)
        damage: list[MeaningError] = []
        with suppress(FileNotFoundError):  # a newer one has taken its place, or none is kept any more
            for number in numbers:
                try:
                    state = _read_state(folder, number)
                except MeaningError as error:
                    damage.append(error)
                else:
                    return state if state.setting else None
            if damage:
                raise damage[0]
            if lost:  # at a second look: while a list is read, one name may go and another come
                raise _damaged("papersearch_N.meaning", "it is missing")
            lost = True
    return None


def _read_state(folder: str, number: int) -> State:
    try:
        return _parsed(read_whole(os.path.join(folder, vectors_name(number))), number)
    except NotAFileError as wrong:
        raise _damaged(vectors_name(number), "it is not an ordinary file") from wrong


def _parsed(data: bytes, number: int) -> State:
    body = unsealed(data)
    if body is None:
        raise _damaged(vectors_name(number), "its checksum is wrong")
    try:
        raw: dict[str, Any] = json.loads(body)
        if raw.pop("format") != FORMAT:
            raise MeaningError("the index's vectors were made by another version of papersearch", AGAIN)
        raw["parts"] = tuple(Part(*part) for part in raw["parts"])
        state = State(**raw)
        numbers = [state.number, state.dimensions, state.complete, *(n for part in state.parts for n in part[2:])]
        names = [state.setting, state.model, *(name for part in state.parts for name in part[:2])]
        ours = all(type(n) is int for n in numbers) and all(isinstance(name, str) for name in names)
        if not (ours and state.number == number and all(is_of_vectors(part.file) for part in state.parts)):
            raise ValueError("it says what cannot be")
        return state
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as wrong:
        raise _damaged(vectors_name(number), "it is not a list of vectors") from wrong


def write_state(folder: str, state: State, files: Files) -> State:
    """Make a state the newest one. Its parts are on the disk already."""
    state = replace(state, number=newest_vectors(folder) + 1)
    data = sealed(json.dumps(as_dict(state) | {"format": FORMAT}).encode())
    files.sync_folder(folder)
    files.write_whole(os.path.join(folder, vectors_name(state.number)), lambda file: file.write(data))
    files.sync_folder(folder)
    return state


def needed(folder: str) -> set[str]:
    """Names of the files that hold vectors which are still kept. Of a damaged state nothing is known, and all stays."""
    try:
        state = load(folder)
    except (MeaningError, OSError):
        return set(files_of_vectors(folder))
    return {vectors_name(state.number)} | {part.file for part in state.parts} if state else set()


def any_files(folder: str) -> bool:
    """Whether there is any file of vectors, whoever needs it."""
    return any(name.endswith(".vectors") for name in files_of_vectors(folder))


def leftovers(folder: str) -> set[str]:
    """Names of the files of vectors that are not kept any more: old ones, and what a run that died left behind."""
    return set(files_of_vectors(folder)) - needed(folder)


def clean(folder: str, files: Files) -> None:
    """Remove what is left over; the index is locked."""
    _remove(folder, leftovers(folder), files)


def forget(folder: str, files: Files) -> None:
    """Keep no vectors any more."""
    refused: OSError | None = None
    try:
        write_state(folder, State(0, setting=""), files)
    except OSError as error:  # no room even for that
        refused = error
    _remove(folder, files_of_vectors(folder), files)
    if refused is not None and files_of_vectors(folder):
        raise refused


def _remove(folder: str, names: Iterable[str], files: Files) -> None:
    """Remove files of vectors, then states, oldest first; these stay if one of the others is still in use (Windows),
    say, and the next run tries again."""
    states = vectors_numbers(names)
    in_use = False
    for name in (*sorted({*names} - {*map(vectors_name, states)}), *map(vectors_name, reversed(states))):
        if in_use and name.endswith(".meaning"):
            return
        try:
            files.remove(os.path.join(folder, name))
        except FileNotFoundError:
            continue
        except OSError:
            in_use = True


# --- files of vectors ---


class VectorRows(NamedTuple):
    """Vectors of some documents of a segment, as arrays of numpy: keys <u8, documents <u4, lengths <f2, vectors int8
    with a row each."""

    keys: Any
    documents: Any
    lengths: Any
    vectors: Any

    def take(self, places: Any) -> VectorRows:
        """The rows at some places, or where a mask says so."""
        return VectorRows(*(column[places] for column in self))


def rows_of(keys: Sequence[int], documents: Sequence[int], vectors: Sequence[Any], dimensions: int) -> VectorRows:
    """Rows from vectors of unit length; None stands for a text that has none."""
    from papersearch.core.numeric import numpy

    table = numpy.zeros((len(vectors), dimensions), numpy.float32)
    for number, vector in enumerate(vectors):
        if vector is not None:
            table[number] = vector
    largest = numpy.abs(table).max(axis=1, keepdims=True) if len(vectors) else table[:, :1]
    whole = numpy.rint(table * (LARGEST / numpy.where(largest, largest, 1)))
    lengths = numpy.sqrt((whole * whole).sum(axis=1)).astype("<f2")
    return VectorRows(numpy.array(keys, "<u8"), numpy.array(documents, "<u4"), lengths, whole.astype(numpy.int8))


def merged(many: Iterable[VectorRows]) -> VectorRows:
    """All rows of several files, in the order of their documents."""
    from papersearch.core.numeric import numpy

    columns = [numpy.concatenate(column) for column in zip(*many, strict=True)]
    rows = VectorRows(*columns)
    return rows.take(numpy.argsort(rows.documents, kind="stable"))


def write_part(folder: str, segment: str, rows: VectorRows, files: Files) -> Part:
    """Write and sync a file of vectors under a new name; nothing points to it yet."""
    name = f"papersearch_{os.urandom(8).hex()}.vectors"
    count, dimensions = rows.vectors.shape
    pieces = [HEAD.pack(MAGIC, count, dimensions), *(column.tobytes() for column in rows)]
    checksum = 0
    for piece in pieces:
        checksum = crc32(piece, checksum)
    pieces.append(CHECKSUM.pack(checksum))
    files.write_whole(os.path.join(folder, name), lambda file: file.writelines(pieces))
    return Part(segment, name, count, sum(map(len, pieces)))


def read_part(folder: str, part: Part, dimensions: int) -> VectorRows:
    """The rows of a file, mapped and verified; ``MeaningError`` where it is not as it was written."""
    return rows_in(verified(folder, part, dimensions), part, dimensions)


def rows_in(data: mmap.mmap, part: Part, dimensions: int) -> VectorRows:
    """The rows of a file that is mapped."""
    from papersearch.core.numeric import numpy

    columns, at = [], HEAD.size
    for kind, width in (("<u8", 1), ("<u4", 1), ("<f2", 1), ("i1", dimensions)):
        column = numpy.frombuffer(data, kind, part.rows * width, at)
        columns.append(column.reshape(part.rows, width) if width > 1 else column)
        at += column.nbytes
    return VectorRows(*columns)


def verify(folder: str) -> None:
    """Read all files of vectors that are kept (about 1 GB/s, without numpy); raise as ``load`` does, and
    ``MeaningError`` where one is not as it was written."""
    if (state := load(folder)) is not None:
        for part in state.parts:
            verified(folder, part, state.dimensions)


def verified(folder: str, part: Part, dimensions: int) -> mmap.mmap:
    """A file, mapped. Reads all of it (about 1 GB/s) to verify it, without numpy; ``MeaningError`` where it is not as
    it was written, ``OSError`` where it cannot be read now: no run may take that for damage and make all anew."""
    path = os.path.join(folder, part.file)
    try:
        with open(open_ordinary(path), "rb") as file:
            data = mapped(file.fileno())
    except (FileNotFoundError, NotAFileError, ValueError) as missing:  # or empty
        raise _damaged(part.file, "it is missing") from missing
    fetch(data, 0, len(data), path)
    end = len(data) - CHECKSUM.size
    fits = len(data) == part.size and end == HEAD.size + part.rows * (_ROW + dimensions) >= HEAD.size
    if not fits or HEAD.unpack_from(data) != (MAGIC, part.rows, dimensions):
        raise _damaged(part.file, "it is not what was written")
    if crc32(memoryview(data)[:end]) != CHECKSUM.unpack_from(data, end)[0]:
        raise _damaged(part.file, "its checksum is wrong")
    return data


def check_length(data: mmap.mmap, part: Part) -> None:
    """Raise ``MeaningError`` if a file was cut short since it was mapped, and ``OSError`` if its disk does not answer
    any more: to look at what is gone would end the process (SIGBUS)."""
    if data.size() < len(data):
        raise _damaged(part.file, "it was cut short")


def _damaged(file: str, what: str) -> MeaningError:
    return MeaningError(f"the index's vectors are damaged ({file}: {what})", AGAIN)
