"""Who writes an index in a cluster: one run at a time, by a lease that is renewed while the run lives.

The lease is one document. A run that finds it taken waits, and takes it over once it was not renewed for ``LEASE_S`` by
its own clock: clocks of different machines are never compared. Each lease has a *term*, one more than the one before;
papers are written with it as their version, so that a run that lost its lease without noticing is refused by the
cluster (``LostLeaseError``) and writes nothing more. The first term is the time, so that it is later than any before
where somebody removed the document as one removes a lock: papers that they had written could never be written again.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from papersearch.core.errors import PapersearchError
from papersearch.core.frozen import NamedTuple
from papersearch.engine.build.lock import Patience
from papersearch.engine.opensearch import mapping
from papersearch.engine.opensearch.connection import Connection, LostLeaseError
from papersearch.engine.opensearch.state import remembered

LEASE_S = 30.0  # without a sign of life after which a run counts as dead (chosen)
_RENEWED_S = 8.0  # between two such signs (chosen: two may be lost)
_MOST_CUT_SHORT = 1_000  # runs one after the other (chosen)
_PAUSE_S = 0.5  # between two looks at another's lease, and two tries to renew one's own (chosen)


class _Held(NamedTuple):
    """The lease as it was read: its document's place in history, and what it says. ``key`` tells the run that wrote it
    from all others."""

    seq_no: int
    primary_term: int
    term: int
    holder: str
    key: str
    free: bool


def lease_of(name: str) -> str:
    """The index that keeps the lease."""
    return f"{name}.lease"


class Lease:
    """A lease that is held. ``lost`` is set once it could not be renewed in time."""

    def __init__(self, term: int) -> None:
        self.term = term
        self.lost = threading.Event()

    def check(self) -> None:
        """Raise ``LostLeaseError`` if another run may write by now."""
        if self.lost.is_set():
            raise LostLeaseError("this run could not keep its lease of the index", "run again")


@contextmanager
def leased(connection: Connection, wait: float, waiting: Callable[[str], None] | None = None) -> Iterator[Lease]:
    """Hold the lease of an index. ``waiting`` is told once for whom we wait; ``LockedIndexError`` after ``wait``
    seconds."""
    path = f"/{lease_of(connection.address.name)}/_doc/lease"
    place = _gain(connection, path, wait, waiting)
    lease = Lease(place.term)
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(connection, path, place, lease, stop), daemon=True)
    keeper.start()
    try:
        yield lease
    finally:
        stop.set()
        keeper.join()
        if not lease.lost.is_set():
            with suppress(PapersearchError):  # it runs out by itself
                current = _read(connection, path)
                if current is not None and current.key == place.key:
                    _write(connection, path, current, place._replace(free=True))


def _gain(connection: Connection, path: str, wait: float, waiting: Callable[[str], None] | None) -> _Held:
    """The lease, once it is free or nobody has renewed it for ``LEASE_S``. Raises ``LockedIndexError`` after ``wait``
    seconds."""
    patience = Patience(wait, waiting, _PAUSE_S)
    mine = _Held(0, 0, 0, f"{socket.gethostname()}, process {os.getpid()}", secrets.token_hex(8), free=False)
    seen: tuple[int, int] | None = None
    since = time.monotonic()
    while True:
        current = _read(connection, path)
        if current is not None and current.key == mine.key:
            return current  # it was sent twice, and had arrived the first time
        place = (current.seq_no, current.primary_term) if current is not None else None
        if place != seen:
            seen, since = place, time.monotonic()
        if current is None or current.free or time.monotonic() - since >= LEASE_S:
            term = current.term + 1 if current is not None else _first_term(connection)
            gained = _write(connection, path, current, mine._replace(term=term))
            if gained is not None:
                return gained
            continue
        patience.wait_for(current.holder)


def _first_term(connection: Connection) -> int:
    """The term of a lease where there is none, whose index is made. By a clock that went back it is later than that of
    the last run all the same, and of runs since that were cut short."""
    connection.make(lease_of(connection.address.name), mapping.lease_body())
    last = 0
    with suppress(PapersearchError):
        last = remembered(connection).term
    return max(time.time_ns() // 1_000_000, last + _MOST_CUT_SHORT)


def _keep(connection: Connection, path: str, place: _Held, lease: Lease, stop: threading.Event) -> None:
    """Renew the lease until ``stop``."""
    renewed = time.monotonic()
    while not stop.wait(_RENEWED_S if time.monotonic() - renewed < _RENEWED_S else _PAUSE_S):
        try:
            now = time.monotonic()
            current = _read(connection, path)
            if current is None or current.key != place.key:
                lease.lost.set()
                return
            if _write(connection, path, current, place) is not None:
                renewed = now
        except PapersearchError:
            pass
        if time.monotonic() - renewed > LEASE_S - _RENEWED_S:
            lease.lost.set()
            return


def _read(connection: Connection, path: str) -> _Held | None:
    found = connection.find("GET", path)
    if not found or not found.get("found"):
        return None
    data = json.loads(found["_source"]["data"])
    told = data["term"], data["holder"], data.get("key", ""), data["free"]
    return _Held(found["_seq_no"], found["_primary_term"], *told)


def _write(connection: Connection, path: str, current: _Held | None, new: _Held) -> _Held | None:
    """Write what a ``new`` lease says over what was read; None if somebody else was faster."""
    if current is None:
        place: dict[str, Any] = {"op_type": "create"}
    else:
        place = {"if_seq_no": current.seq_no, "if_primary_term": current.primary_term}
    data = {"term": new.term, "holder": new.holder, "key": new.key, "free": new.free}
    done = connection.unless_changed("PUT", path, {"data": json.dumps(data)}, **place)
    return new._replace(seq_no=done["_seq_no"], primary_term=done["_primary_term"]) if done else None
