"""What is known of an index in a cluster as a whole: where its alias leads, and its state after each run."""

from __future__ import annotations

import json
from typing import Any

from papersearch.core.errors import DamagedIndexError, NoIndexError, PapersearchError
from papersearch.core.frozen import Frozen, names_of
from papersearch.engine.index.generation import ANALYSIS
from papersearch.engine.opensearch.connection import Connection
from papersearch.engine.opensearch.failures import of_others
from papersearch.engine.opensearch.mapping import FORMAT

STATE_KEY = "state"


class State(Frozen):
    """``serial`` grows with every run that changed anything. ``exclude`` as in ``port.Corpus``; ``buckets`` is into how
    many documents the rows of files are divided, ``routings`` lead to each shard. ``term`` is that of the lease that
    wrote it. An index that is not ``complete`` is still being built for the first time; ``open_run``: a run writes to
    it, or was cut short while it did, and has not committed that. ``setting`` names the model of its vectors as the
    user did, empty if it keeps none; ``model`` tells it from all others. ``unread`` is what was told of files that
    could not be read."""

    serial: int = 0
    run: int = 0
    folders: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    started_ns: int = 0
    indexed_at: str = ""
    posts: int = 0
    buckets: int = 0
    routings: tuple[str, ...] = ()
    term: int = 0
    complete: bool = False
    open_run: bool = False
    setting: str = ""
    model: str = ""
    dimensions: int = 0
    unread: tuple[str, ...] = ()


def all_of(index: str) -> str:
    """An index of papers and those that belong to it, as the path of a request names them together."""
    return f"{index},{index}.older,{index}.words"


def to_json(state: State) -> str:
    """A state as the document that keeps it."""
    data = {name: getattr(state, name) for name in names_of(State)}
    return json.dumps({"kind": STATE_KEY, "key": STATE_KEY, "data": json.dumps(data)})


def resolve(connection: Connection, name: str, *, of_any_version: bool = False) -> str | None:
    """The index that an alias leads to, None if there is none. Raises ``DamagedIndexError`` for one of another version
    and ``PapersearchError`` if the name is not an alias but an index, which somebody else has made."""
    found = connection.find("GET", f"/{name}", filter_path="*.mappings._meta,*.aliases")
    if not found:
        return None
    [(index, description)] = list(found.items())[:1]
    if not isinstance(description, dict):
        raise of_others(connection.address, found)
    meta = mark_of(description)
    if index == name or not isinstance(meta, dict):
        raise PapersearchError(f"the index {name} is not one of papersearch's", "choose another name")
    if not (of_any_version or is_readable(meta)):
        hint = "papersearch index --rebuild makes it anew from the posts"
        raise DamagedIndexError(f"the index {name} was made by another version of papersearch", hint)
    return str(index)


def mark_of(description: dict[str, Any]) -> Any:
    """What marks an index as one of ours, by the ``description`` of it that a cluster gives; None if nothing does."""
    return description.get("mappings", {}).get("_meta", {}).get("papersearch")


def is_readable(mark: dict[str, Any]) -> bool:
    """Whether the index with that mark was made by this version of papersearch, or one that makes the same."""
    return (mark.get("format"), mark.get("analysis")) == (FORMAT, ANALYSIS)


def check_name(connection: Connection) -> None:
    """Raise ``PapersearchError`` if the name of a connection's address is that of an index which somebody else made, or
    leads to one that another address of ours answers from: its posts would be taken for some that are gone, and the
    terms of our lease would have its own runs refused."""
    name = connection.address.name
    index = resolve(connection, name, of_any_version=True)
    owner = index.rpartition(".")[0] if index is not None else name
    if owner != name and owner in connection.call("GET", f"/{index}/_alias").get(index, {}).get("aliases", {}):
        hint = f"bring {owner} up to date, or choose another name"
        raise PapersearchError(f"{name} is another name of the index {owner}", hint)


def opened(connection: Connection, name: str) -> tuple[str, State]:
    """The index that an alias leads to, and its state. Raises ``NoIndexError`` and ``DamagedIndexError``."""
    index = resolve(connection, name)
    if index is None:
        raise NoIndexError(
            f"there is no index {connection.address}", f"papersearch index FOLDER --index {connection.address}"
        )
    try:
        return index, load(connection, index)
    except DamagedIndexError:
        if resolve(connection, name) == index:
            raise
    return opened(connection, name)  # a rebuild has just put another one in its place


def load(connection: Connection, index: str) -> State:
    """The state of an index, as it was written last."""
    found = connection.document(f"/{index}.words/_doc/{STATE_KEY}")
    hint = "papersearch index --rebuild FOLDER makes it anew from the posts there"  # it cannot tell its folders
    if found is None:
        raise DamagedIndexError(f"the index {index} is not whole (its state is missing)", hint)
    try:
        return _of_json(found["_source"]["data"])
    except (ValueError, AttributeError) as wrong:
        raise DamagedIndexError(f"the state of the index {index} cannot be read", hint) from wrong


def _of_json(text: str) -> State:
    """A state as ``to_json`` keeps it, of any version. Raises ``ValueError`` or ``AttributeError`` for what is none."""
    known: dict[str, Any] = {name: value for name, value in json.loads(text).items() if name in names_of(State)}
    for name, value in known.items():
        known[name] = tuple(value) if isinstance(value, list) else value
        texts = known[name] if isinstance(value, list) else ()
        if type(known[name]) is not type(getattr(State(), name)) or any(type(text) is not str for text in texts):
            raise ValueError(name)
    return State(**known)


def health_of(connection: Connection, index: str) -> dict[str, Any]:
    """How the cluster sees an index. Raises ``UnavailableError`` if a part of it was removed."""
    path = f"/_cluster/health/{all_of(index)}?timeout=1s"  # in the path: the client takes a parameter of this name
    return dict(connection.call("GET", path, key="status"))


def remembered(connection: Connection) -> State:
    """The state of the index at a connection's address, whatever version made it; an empty one if there is none."""
    try:
        index = resolve(connection, connection.address.name, of_any_version=True)
        return load(connection, index) if index is not None else State()
    except NoIndexError:
        return State()
