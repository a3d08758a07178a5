"""Servers of models with the interface that llama.cpp, ollama, vLLM and others share: an address, and one request.

Spoken to directly: no proxy, no redirect, no other address than the one that was named.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from typing import Any
from urllib.parse import SplitResult, urlsplit

CONNECT_S = 5.0
MOST_WAITS = 10  # silences that a whole answer may last (chosen)

_TOO_LONG = re.compile(r"context|too (long|large)|too many tokens|maximum.{0,20}(length|tokens)|n_ctx", re.IGNORECASE)


class NoAnswer(Exception):
    """A server could not be asked, or broke off; says why in a few words. ``silent`` if it only took too long."""

    def __init__(self, reason: str, silent: bool = False) -> None:
        super().__init__(reason)
        self.silent = silent


def parsed(address: str) -> SplitResult:
    """The parts of a server's address. Raises ``ValueError`` for what is no such address."""
    parts = urlsplit(address)
    valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    if not valid or any(character.isspace() for character in address):
        raise ValueError(f"{address!r} is not a server's address")
    return parts


def is_key(key: str) -> bool:
    """Whether a key can be sent in an HTTP header."""
    return key.isascii() and key.isprintable()


def is_too_long(status: int, told: str) -> bool:
    """Whether a server that answers with such a status says that it was sent more than its model can read."""
    return status == 413 or (400 <= status < 502 and _TOO_LONG.search(told) is not None)


class Patience:
    """The time limits of an answer that streams in: ``seconds`` from one piece of it to the next, whatever else a
    server sends, and ``MOST_WAITS`` times that in all. ``is_over`` once either has passed."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ends = time.monotonic() + MOST_WAITS * seconds
        self.is_over = False
        self._over = threading.Event()
        self.heard()

    @property
    def is_used_up(self) -> bool:
        """Whether the limit for the whole answer has passed, and not only that for a silence."""
        return time.monotonic() >= self.ends

    def heard(self) -> None:
        """Wait anew: something of the answer has come."""
        self._until = min(self.ends, time.monotonic() + self.seconds)

    @contextmanager
    def watching(self, connected: socket.socket) -> Iterator[None]:
        """Within the block, whoever reads from a socket finds its end as soon as the time is up."""
        self.heard()
        watcher = _beside(partial(self._watch, connected))
        try:
            yield
        finally:
            self._over.set()
            watcher.join()

    def _watch(self, connected: socket.socket) -> None:
        while (left := self._until - time.monotonic()) > 0:
            if self._over.wait(left):
                return
        self.is_over = True
        with suppress(OSError):  # it has ended by itself
            socket.socket.shutdown(connected, socket.SHUT_RDWR)  # below TLS, which would wait for the other side


def _beside(work: Callable[[], None]) -> threading.Thread:
    """The thread that does a piece of work. Where the system refuses one it is ``NoAnswer``."""
    thread = threading.Thread(target=work, daemon=True)
    try:
        thread.start()
    except RuntimeError as refused:
        raise NoAnswer(str(refused)) from refused
    return thread


@contextmanager
def posted(
    address: SplitResult, path: str, question: dict[str, Any], key: str, wait: float, patience: Patience | None = None
) -> Iterator[http.client.HTTPResponse]:
    """The response to a question, to be read within the block; whatever goes wrong until its end is ``NoAnswer``.

    ``wait`` is the longest silence in seconds; ``key``, if there is one, is sent as a bearer token. With ``patience``,
    which whoever reads tells what comes, that limits the time whatever is sent.
    """
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(str(address.hostname), address.port, timeout=min(CONNECT_S, wait))
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    headers |= {"Authorization": f"Bearer {key}"} if key else {}
    connected = False
    try:
        connection.connect()
        connected = True
        connection.sock.settimeout(wait)
        with patience.watching(connection.sock) if patience else nullcontext():
            connection.request("POST", path, json.dumps(question).encode(), headers)
            with connection.getresponse() as response:  # which keeps the socket of a server that closes after it
                yield response
    except Exception as broken:
        if patience and patience.is_over:  # what was read up to then may be wrong in any way
            raise NoAnswer("timed out", True) from broken
        # ValueError: an address that cannot be sent, or a piece whose length is below nothing.
        if not isinstance(broken, (OSError, ValueError, http.client.HTTPException)):
            raise
        late = isinstance(broken, TimeoutError)
        reason = getattr(broken, "strerror", None) or ("timed out" if late else type(broken).__name__)
        raise NoAnswer(reason, connected and late) from broken
    finally:
        connection.close()


def answered(
    address: SplitResult, path: str, question: dict[str, Any], key: str, wait: float, most: int
) -> tuple[int, bytes]:
    """The status and the body, of ``most`` bytes, that answer a question. If that takes longer than ``wait`` seconds in
    all, it is ``NoAnswer``, and whatever comes later is not waited for: finding a host's address has no limit of its
    own. An answer in driblets is broken off then, which a process that stays would go on reading."""
    if wait <= 0:
        raise NoAnswer("timed out", silent=True)
    brought: futures.Future[tuple[int, bytes]] = futures.Future()

    def ask() -> None:
        patience = Patience(wait)
        try:
            with posted(address, path, question, key, wait, patience) as response:
                found = response.status, response.read(most)
                if patience.is_over:  # what is broken off looks like the end of the answer
                    raise TimeoutError
            brought.set_result(found)
        except BaseException as error:
            brought.set_exception(error)

    _beside(ask)
    try:
        return brought.result(wait)
    except futures.TimeoutError:
        raise NoAnswer("timed out", silent=True) from None
