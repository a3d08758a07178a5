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
from papersearch.engine.opensearch.connection import Connection
from papersearch.engine.opensearch.failures import LostLeaseError
from papersearch.engine.opensearch.state import remembered

LEASE_S = 30.0  # without a sign of life after which a run counts as dead (chosen)
_RENEWED_S = 8.0  # between two such signs (chosen: two may be lost)
_MOST_CUT_SHORT = 1_000  # runs one after the other (chosen)
_PAUSE_S = 0.5  # between two looks at another's lease, and two tries to renew one's own (chosen)
_CLOCK = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))


class _Held(NamedTuple):
    """The lease as it was read: its document's place in history, and what it says. ``key`` tells the run that wrote it
    from all others."""

    seq_no: int
    primary_term: int
    term: int
    holder: str
    key: str
    free: bool


def _lease_of(name: str) -> str:
    """The index that keeps the lease."""
    return f"{name}.lease"


class Lease:
    """A lease that is held."""

    def __init__(self, connection: Connection, path: str, place: _Held) -> None:
        self._connection, self._path, self._place = connection, path, place
        self.term = place.term
        self.lost = False
        self._renewed = _now()
        self._lock = threading.Lock()

    @property
    def age(self) -> float:
        """Seconds since it was renewed."""
        return _now() - self._renewed

    def check(self) -> None:
        """Raise ``LostLeaseError`` if another run may write by now, as one may where this machine slept."""
        for _ in range(2):  # where it was sent twice, the first try does not tell
            if self.age > LEASE_S - _RENEWED_S:
                with suppress(PapersearchError):
                    self.renew()
        if self.lost or self.age > LEASE_S - _RENEWED_S:
            raise LostLeaseError("this run could not keep its lease of the index", "run again")

    def renew(self) -> None:
        """Say that the run lives, unless another one has taken the lease."""
        with self._lock:
            now, current = _now(), _read(self._connection, self._path)
            if current is None or current.key != self._place.key:
                self.lost = True
            elif _write(self._connection, self._path, current, self._place) is not None:
                self._renewed = now

    def release(self) -> None:
        """Let the next run have it, if it is still held."""
        current = _read(self._connection, self._path)
        if current is not None and current.key == self._place.key:
            _write(self._connection, self._path, current, self._place._replace(free=True))


@contextmanager
def leased(connection: Connection, wait: float, waiting: Callable[[str], None] | None = None) -> Iterator[Lease]:
    """Hold the lease of an index. ``waiting`` is told once for whom we wait; ``LockedIndexError`` after ``wait``
    seconds."""
    path = f"/{_lease_of(connection.address.name)}/_doc/lease"
    lease = Lease(connection, path, _gain(connection, path, wait, waiting))
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(lease, stop), daemon=True)
    keeper.start()
    try:
        yield lease
    finally:
        stop.set()
        keeper.join()
        if not lease.lost:
            with suppress(PapersearchError):  # it runs out by itself
                lease.release()


def _keep(lease: Lease, stop: threading.Event) -> None:
    """Renew the lease until ``stop``."""
    while not (lease.lost or stop.wait(_RENEWED_S if lease.age < _RENEWED_S else _PAUSE_S)):
        with suppress(PapersearchError):
            lease.renew()


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
    connection.make(_lease_of(connection.address.name), mapping.lease_body())
    last = 0
    with suppress(PapersearchError):
        last = remembered(connection).term
    return max(time.time_ns() // 1_000_000, last + _MOST_CUT_SHORT)


def _now() -> float:
    """Seconds by a clock that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(_CLOCK) if _CLOCK is not None else time.monotonic()


def _read(connection: Connection, path: str) -> _Held | None:
    found = connection.document(path)
    if found is None:
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
