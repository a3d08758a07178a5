"""Whether a ``papersearch.toml`` may send papersearch elsewhere: such a file can come with whatever was downloaded.

What a file says of how things are shown and searched always counts. A *place* that it names (an index, a corpus, a
model, a server) counts if it lies below the file's own folder, links resolved, or is a server on this machine; any
other only if the user trusts the file: by ``papersearch config --trust``, or when asked, once, on a terminal. So does
what it leaves out of a corpus: whoever may write posts below a folder may leave them out, but nobody else's.

Kept in ``papersearch/trusted.json`` in the user's own folder of settings, by path and content: a file that changes
is asked about anew. Nothing else of papersearch is kept there, and nothing that a corpus holds can write it.
"""

from __future__ import annotations

import os

from papersearch.apps.user_folders import settings_folder
from papersearch.core import json_file
from papersearch.core.errors import PapersearchError, what_to_do
from papersearch.core.frozen import NamedTuple
from papersearch.output.streams import agreed, can_ask, say
from papersearch.text.display import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Source(NamedTuple):
    """A ``papersearch.toml``: its absolute path and the bytes that were read from it."""

    path: str
    data: bytes


_answers: dict[tuple[Source, str], bool] = {}


def may_use(source: Source, key: str, place: str) -> bool:
    """Whether the place (folder, file or server's address) that ``key`` of the file names may be used.

    On a terminal the user is asked if they have not said yet. One line on standard error says what is not used.
    Costs a few microseconds for a place below the file's folder.
    """
    wrong = f"{place!r} is not used as {key}: {source.path} may only name what lies below its folder"
    return is_own(source.path, place) or _is_trusted(source, key, place, wrong)


def may_exclude(source: Source, patterns: Sequence[str], folders: Iterable[str]) -> bool:
    """Whether posts in these folders (absolute paths) may be left out because the file says so, told as ``may_use``
    does."""
    for folder in folders:
        if not is_own(source.path, folder):
            wrong = f"the exclude of {source.path} is not used: {folder} does not lie below its folder"
            return _is_trusted(source, "exclude", ", ".join(patterns), wrong)
    return True


def _is_trusted(source: Source, key: str, value: str, wrong: str) -> bool:
    asked = source, key
    if asked not in _answers:
        trusted = _known(source)
        if trusted is None and can_ask():
            trusted = _ask(source, key, value)
        _answers[asked] = trusted is True
        if not trusted:
            say(f"{wrong}, unless you trust that file: papersearch config --trust")
    return _answers[asked]


def is_own(file: str, place: str) -> bool:
    """Whether a place lies in the folder of a file, links resolved, or is a server on this machine."""
    if "://" in place:
        return _is_this_machine(place)
    home = os.path.realpath(os.path.dirname(file))
    try:
        real = os.path.realpath(os.path.join(home, os.path.expanduser(place)))
        return os.path.commonpath([home, real]) == home
    except ValueError:  # another drive, or a name that no file can have
        return False


def _is_this_machine(address: str) -> bool:
    """Whether an address is certain to be one of this machine's: what two programs may read in two ways is not."""
    from urllib.parse import urlsplit

    from papersearch.core.hosts import is_loopback

    if not address.isprintable() or any(character in address for character in "\\@ "):
        return False
    try:
        return is_loopback(urlsplit(address).hostname or "")
    except ValueError:
        return False


def trust(source: Source, trusted: bool = True) -> None:
    """Remember that the user trusts a file with this content, or that they do not."""
    path, entry = _store(), {"digest": _digest(source), "trusted": trusted}
    try:
        json_file.update(path, lambda known: known.update({os.path.realpath(source.path): entry}), make_folder=True)
    except OSError as refused:
        what = what_to_do(refused, "fix this and run again")
        raise PapersearchError(f"{path} cannot be written ({refused.strerror})", what) from refused


def _known(source: Source) -> bool | None:
    """Whether the user trusts the file with this content; None if they have not said."""
    entry = json_file.read_if_possible(_store()).get(os.path.realpath(source.path))
    if not isinstance(entry, dict) or entry.get("digest") != _digest(source):
        return None
    return entry.get("trusted") is True


def _ask(source: Source, key: str, value: str) -> bool:
    trusted = agreed(f"papersearch: {one_line(source.path)} sets {key} to {one_line(value)!r}. Trust this file?")
    try:
        trust(source, trusted)
    except PapersearchError as error:
        say(str(error))
    return trusted


def _digest(source: Source) -> str:
    from hashlib import sha256

    return sha256(source.data).hexdigest()


def _store() -> str:
    """The file of what the user trusts: where a link of theirs leads, if it is one."""
    path = os.path.join(settings_folder(), "trusted.json")
    return os.path.realpath(path) if os.path.islink(path) else path
