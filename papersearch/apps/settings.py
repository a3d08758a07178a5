"""Settings: from the command line, the environment, the nearest ``papersearch.toml`` upwards, or the defaults.

index = "index"               # folders are relative to the file
corpus = ["posts", "drafts"]
exclude = ["templates/", "*.draft.md"]   # in .gitignore's language, relative to each folder of the corpus

[weights]                     # of fields, in place of 3, 1, 1.5, 1 and 0.5
title = 4
abstract = 1.2

[query]
limit = 20
format = "text"
sort = "relevance"
match = "auto"
expand = true
snippets = true
pager = true

A place (folder, model, server) that the file names counts only by the rule of ``trust``. A part of the program with
settings of its own adds its table to ``TABLES`` here, and reads it from ``Settings.tables``; what names a place it gets
from ``place_of``, which asks, says what is not used and gives None for it.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys

from papersearch.core.errors import PapersearchError, UsageError, what_to_do
from papersearch.core.fields import BY_NAME as FIELDS
from papersearch.core.fields import is_weight
from papersearch.core.frozen import NamedTuple
from papersearch.core.records import MATCHES, SORTS
from papersearch.library import DEFAULT_INDEX
from papersearch.output import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from papersearch.apps.trust import Source

FILE_NAME = "papersearch.toml"

# Keys of [query] and the type that each must have.
QUERY_KEYS: dict[str, type] = {
    "limit": int,
    "format": str,
    "sort": str,
    "match": str,
    "expand": bool,
    "snippets": bool,
    "pager": bool,
}
_NAMES = {int: "a whole number", str: "a string", bool: "true or false"}
_CHOICES = {"format": FORMATS, "sort": SORTS, "match": MATCHES}
# Tables of other parts, with their keys as in ``QUERY_KEYS``; None where any key is a name with a string.
TABLES: dict[str, dict[str, type] | None] = {
    "meaning": {"model": str, "name": str},
    "ask": {"server": str, "model": str},
    "searches": None,  # for digest: a name and what is searched for
}
_KEYS = ("index", "corpus", "exclude", "weights", "query")
_MOST_BYTES = 1_000_000  # of a file (chosen: a thousand times an ordinary one)
_MOST_DOTS = 200  # of a key (chosen): tomllib takes the square of their number
# Strings and comments of a file; one that does not end goes on to where it would have to.
_NO_KEY = "|".join(
    (
        r'"""(?:[^"\\]+|\\.|"(?!""))*(?:""")?',
        r"'{3}(?:[^']+|'(?!''))*(?:'{3})?",
        r'"(?:[^"\\\n]+|\\.)*"?',
        r"'[^'\n]*'?",
        r"#[^\n]*",
    )
)
# What says that there is no file, or that this user has none there; any other error says nothing.
_NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL}


class Settings(NamedTuple):
    """What holds. ``sources`` says of each setting where it comes from; ``corpus`` and ``exclude`` None: as the index
    remembers. ``query`` is what the file has of ``QUERY_KEYS``, in their order, ``tables`` what it has of ``TABLES``;
    ``source`` is the file itself."""

    index_path: str
    corpus: tuple[str, ...] | None
    query: dict[str, int | str | bool]
    weights: dict[str, float]
    sources: dict[str, str]
    exclude: tuple[str, ...] | None
    tables: dict[str, dict[str, Any]]
    source: Source | None

    @property
    def file(self) -> str | None:
        """The path of the file."""
        return self.source.path if self.source else None


def settings(index: str | None = None) -> Settings:
    """The settings that hold in the current folder. Raises ``UsageError`` for an invalid file."""
    source = _source()
    table = _parsed(source) if source else {}
    origin = source.path if source else "default"
    sources: dict[str, str] = {}
    if index is not None:
        sources["index"] = "--index"
    elif index := os.environ.get("PAPERSEARCH_INDEX"):
        sources["index"] = "PAPERSEARCH_INDEX"
    elif source and "index" in table and _may_use(source, "index", table["index"]):
        index, sources["index"] = _below(source.path, table["index"]), origin
    else:
        index, sources["index"] = DEFAULT_INDEX, "default"
    corpus = _corpus(source, table.get("corpus", ())) if source else ()
    sources["corpus"] = origin if corpus else "default"
    exclude = table.get("exclude")
    if exclude is not None:
        sources["exclude"] = origin
        exclude = (exclude,) if isinstance(exclude, str) else tuple(exclude)
    given, weights = table.get("query", {}), table.get("weights", {})
    sources.update(dict.fromkeys((*given, *(f"weights.{name}" for name in weights)), origin))
    query = {name: given[name] for name in QUERY_KEYS if name in given}
    tables = {name: table[name] for name in TABLES if name in table}
    return Settings(index, corpus or None, query, weights, sources, exclude, tables, source)


def trust_file() -> str:
    """Remember that the user trusts the file that holds in the current folder, as it is now; its path."""
    source = _source()
    if source is None:
        raise PapersearchError(f"there is no {FILE_NAME} here or above", "go to the folder that it is for")
    from papersearch.apps.trust import trust

    trust(source)
    return source.path


def place_of(found: Settings, key: str) -> str | None:
    """The folder or server that a setting such as ``"meaning.model"`` names; None if it is not set or may not be used.

    A folder is given relative to the current one, an address as it is. A value that stands for something built in
    (the name of a packaged model, say) is for the caller to know, before asking here.
    """
    section, _, name = key.partition(".")
    place = found.tables.get(section, {}).get(name)
    if found.source is None or not isinstance(place, str) or not _may_use(found.source, key, place):
        return None
    return _below(found.source.path, place)


def _corpus(source: Source, corpus: str | list[str]) -> tuple[str, ...]:
    folders = [corpus] if isinstance(corpus, str) else corpus
    return tuple(_below(source.path, each) for each in folders if _may_use(source, "corpus", each))


def _below(file: str, place: str) -> str:
    if "://" in place:
        return place
    return os.path.relpath(os.path.join(os.path.dirname(file), os.path.expanduser(place)))


def _source() -> Source | None:
    """The nearest ``papersearch.toml`` from the current folder upwards."""
    try:
        folder = os.getcwd()
    except OSError:
        return None
    while True:
        path = os.path.join(folder, FILE_NAME)
        if _is_file(path):
            return _load(path)
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def _is_file(path: str) -> bool:
    """Whether there is such a file. Raises ``PapersearchError`` if the disk does not tell: without it another index
    would answer."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError as refused:
        if refused.errno in _NOT_THERE:
            return False
        what = what_to_do(refused, "fix this and try again")
        raise PapersearchError(f"{path} cannot be read ({refused.strerror})", what) from refused


def _may_use(source: Source, key: str, place: str) -> bool:
    from papersearch.apps.trust import may_use  # loaded only where there is a file

    return may_use(source, key, place)


def _load(path: str) -> Source:
    from papersearch.apps.trust import Source

    try:
        with open(path, "rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as refused:
        raise PapersearchError(f"{path} cannot be read ({refused.strerror})", "fix or remove it") from refused
    if len(data) > _MOST_BYTES:
        raise UsageError(f"{path} is larger than {_MOST_BYTES:,} bytes", "fix or remove it")
    return Source(path, data)


def _parsed(source: Source) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        text = source.data.decode("utf-8-sig")
        if text.count(".") > _MOST_DOTS and _has_long_key(text):
            raise RecursionError
        table: dict[str, Any] = tomllib.loads(text)
    except RecursionError as deep:
        raise UsageError(f"{source.path} does not parse (it is nested too deeply)", "fix it") from deep
    except UnicodeDecodeError as wrong:
        raise UsageError(
            f"{source.path} is not UTF-8 (byte 0x{wrong.object[wrong.start]:02x})", "save it as UTF-8"
        ) from wrong
    except ValueError as wrong:  # the parser's own error, numbers of thousands of digits
        raise UsageError(f"{source.path} does not parse ({wrong})", "fix it") from wrong
    _check(source.path, table)
    return table


def _has_long_key(text: str) -> bool:
    """Whether a key of a file may have more dots than keys need. What seems to end a key within a string does not."""
    parts = re.split(r"[=,\[\]{}\n]", re.sub(_NO_KEY, "", text, flags=re.DOTALL))
    return any(part.count(".") > _MOST_DOTS for part in parts)


def _check(path: str, table: dict[str, Any]) -> None:
    for key in table:
        if key not in _KEYS and key not in TABLES:
            raise UsageError(f"{path}: there is no setting {key!r}", _near(key, (*_KEYS, *TABLES)))
    for key, kinds, shown in (
        ("index", str, "a folder"),
        ("corpus", (str, list), "a folder or a list of folders"),
        ("exclude", (str, list), "a pattern or a list of patterns"),
    ):
        if key in table:
            given = table[key] if isinstance(table[key], list) else [table[key]]
            if not isinstance(table[key], kinds) or not all(map(_is_name, given)):
                raise UsageError(f"{path}: {key} must be {shown}")
    _check_weights(path, table.get("weights", {}))
    for name, keys in {"query": QUERY_KEYS, **TABLES}.items():
        _check_table(path, name, table.get(name, {}), keys)
    _check_query(path, table.get("query", {}))


def _is_name(place: object) -> bool:
    """Whether a value can name a file: a string, not blank, without NUL."""
    return isinstance(place, str) and bool(place.strip()) and "\0" not in place


def _check_table(path: str, name: str, table: Any, keys: dict[str, type] | None) -> None:
    if not isinstance(table, dict):
        raise UsageError(f"{path}: {name} must be a table: [{name}]")
    for key, value in table.items():
        if keys is not None and key not in keys:
            raise UsageError(f"{path}: there is no setting {name}.{key}", _near(key, keys))
        kind = str if keys is None else keys[key]
        if type(value) is not kind or (isinstance(value, str) and "\0" in value):
            raise UsageError(f"{path}: {name}.{key} must be {_NAMES[kind]}")


def _check_query(path: str, query: dict[str, Any]) -> None:
    """Refuse here what the command line would refuse later, as only here the message can name the file."""
    for key, choices in _CHOICES.items():
        if key in query and query[key] not in choices:
            raise UsageError(f"{path}: there is no query.{key} {query[key]!r}", _near(query[key], choices))
    if not 0 <= query.get("limit", 0) <= sys.maxsize:
        raise UsageError(f"{path}: query.limit must be a whole number, 0 or more")


def _check_weights(path: str, weights: Any) -> None:
    if not isinstance(weights, dict):
        raise UsageError(f"{path}: weights must be a table: [weights]")
    for name, weight in weights.items():
        if name not in FIELDS:
            raise UsageError(f"{path}: there is no field {name!r} to weigh", _near(name, FIELDS))
        if not is_weight(weight):
            raise UsageError(f"{path}: weights.{name} must be a number from 0 to 100")


def _near(key: str, known: Iterable[str]) -> str:
    from papersearch.text.mistyped import choice

    return choice(key, known)
