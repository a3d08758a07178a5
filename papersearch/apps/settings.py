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
"""

from __future__ import annotations

import os
import sys

from papersearch.core.errors import PapersearchError, UsageError
from papersearch.core.fields import BY_NAME as FIELDS
from papersearch.core.frozen import NamedTuple
from papersearch.library import DEFAULT_INDEX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


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
_KEYS = ("index", "corpus", "exclude", "weights", "query")


class Settings(NamedTuple):
    """What holds. ``sources`` says of each setting where it comes from; ``corpus`` and
    ``exclude`` None: as the index remembers."""

    index_path: str
    corpus: tuple[str, ...] | None
    query: dict[str, Any]
    weights: dict[str, float]
    sources: dict[str, str]
    file: str | None
    exclude: tuple[str, ...] | None = None


def settings(index: str | None = None) -> Settings:
    """The settings that hold in the current folder. Raises ``UsageError`` for a file that is mistaken."""
    file = find_file()
    table = _read(file) if file else {}
    folder = os.path.dirname(file) if file else ""
    sources: dict[str, str] = {}
    place = table.get("index")
    if index is not None:
        sources["index"] = "--index"
    elif index := os.environ.get("PAPERSEARCH_INDEX"):
        sources["index"] = "PAPERSEARCH_INDEX"
    elif place is not None:
        index, sources["index"] = _below(folder, place), str(file)
    else:
        index, sources["index"] = DEFAULT_INDEX, "default"
    corpus = table.get("corpus")
    if isinstance(corpus, str):
        corpus = [corpus]
    sources["corpus"] = str(file) if corpus else "default"
    exclude = table.get("exclude")
    if exclude is not None:
        sources["exclude"] = str(file)
    query = table.get("query", {})
    weights = table.get("weights", {})
    sources.update(dict.fromkeys((*query, *(f"weights.{name}" for name in weights)), str(file)))
    return Settings(
        index,
        tuple(_below(folder, each) for each in corpus) if corpus else None,
        query,
        weights,
        sources,
        file,
        None if exclude is None else tuple([exclude] if isinstance(exclude, str) else exclude),
    )


def _below(folder: str, path: str) -> str:
    return os.path.relpath(os.path.join(folder, os.path.expanduser(path)))


def find_file() -> str | None:
    """The nearest ``papersearch.toml`` from the current folder upwards."""
    try:
        folder = os.getcwd()
    except OSError:
        return None
    while True:
        path = os.path.join(folder, FILE_NAME)
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def _read(path: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        with open(path, "rb") as file:
            table: dict[str, Any] = tomllib.load(file)
    except OSError as refused:
        raise PapersearchError(f"{path} cannot be read ({refused.strerror})", "mend or remove it") from refused
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise UsageError(f"{path} does not parse ({wrong})", "mend it") from wrong
    _check(path, table)
    return table


def _check(path: str, table: dict[str, Any]) -> None:
    for key in table:
        if key not in _KEYS:
            raise UsageError(f"{path}: there is no setting {key!r}", _near(key, _KEYS))
    for key, kinds, shown in (
        ("index", str, "a folder"),
        ("corpus", (str, list), "a folder or a list of folders"),
        ("exclude", (str, list), "a pattern or a list of patterns"),
    ):
        given = table.get(key, "")
        if not isinstance(given, kinds) or not all(isinstance(each, str) for each in given):
            raise UsageError(f"{path}: {key} must be {shown}")
    _check_weights(path, table.get("weights", {}))
    query = table.get("query", {})
    if not isinstance(query, dict):
        raise UsageError(f"{path}: query must be a table: [query]")
    for key, value in query.items():
        if key not in QUERY_KEYS:
            raise UsageError(f"{path}: there is no setting query.{key}", _near(key, QUERY_KEYS))
        if type(value) is not QUERY_KEYS[key]:
            raise UsageError(f"{path}: query.{key} must be {_NAMES[QUERY_KEYS[key]]}")


def _check_weights(path: str, weights: Any) -> None:
    if not isinstance(weights, dict):
        raise UsageError(f"{path}: weights must be a table: [weights]")
    for name, weight in weights.items():
        if name not in FIELDS:
            raise UsageError(f"{path}: there is no field {name!r} to weigh", _near(name, FIELDS))
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight <= 100:
            raise UsageError(f"{path}: weights.{name} must be a number from 0 to 100")


_NAMES = {int: "a whole number", str: "a text", bool: "true or false"}


def _near(key: str, known: Any) -> str:
    from papersearch.text.display import nearest

    return nearest(key, known)
