"""One connection as uvicorn has it, with what that leaves open: how many there may be, how long one may say or take
nothing, an address in plain UTF-8, and errors as JSON."""

from __future__ import annotations

import asyncio
import errno
import json
import re
import socket
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from papersearch.core.errors import is_out_of_memory, unforeseen

MOST_CONNECTIONS = 500
MOST_HEAD = 32_768  # bytes of a request's address and headers
AT_ONCE = 8  # connections that are taken before any of them is looked at
MOST_WAITING = 512  # connections that are not taken yet
SAY_EVERY_S = 60.0
WHOLE_WITHIN = 3  # times as long as it may be silent: how long a client may take to say a request (chosen)


@cache
def _most_connections() -> int:
    """How many connections there may be: half of the files that the process may open, as an index needs some too."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MOST_CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_CONNECTIONS if files == resource.RLIM_INFINITY else files // 2 - AT_ONCE
    return max(1, min(MOST_CONNECTIONS, most))


class Connection(H11Protocol):
    """One connection. It is closed when it said nothing, or took nothing of an answer, for the time that one is kept
    alive between requests, or goes on for long with one request. What was asked before the client closed its own side
    (``nc -N``) is answered, and what follows a head that cannot be read is passed over: a client that says all of its
    megabytes before it looks for an answer would find the connection reset."""

    _stuck: asyncio.TimerHandle | None = None
    _late: asyncio.TimerHandle | None = None
    _asked_all = False
    _passes_over = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > _most_connections():
            self._refuse(503, "there are too many connections", "close some, or wait a moment")
            self.transport.close()
        self._expect_more()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._no_longer_late()

    def data_received(self, data: bytes) -> None:
        if self._passes_over:
            return
        super().data_received(data if data.isascii() else self._quoted(data))
        self._expect_more()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Whether the connection stays open to be written to."""
        self._asked_all = True
        return self._is_answering()

    def on_response_complete(self) -> None:
        super().on_response_complete()  # which begins the next answer if two were asked for at once
        if self._asked_all and not self._is_answering():
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        was_answering = self._is_answering()
        self._refuse(400, "this request cannot be read", f"HTTP/1.1, at most {MOST_HEAD:,} bytes of headers")
        if was_answering:
            self.transport.close()
        else:
            self._passes_over = True
            self.transport.write_eof()
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck = self.loop.call_later(self.timeout_keep_alive, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stuck is not None:
            self._stuck.cancel()

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection; what is written may be taken for as long again."""
        self.transport.close()
        self.loop.call_later(self.timeout_keep_alive, self.transport.abort)

    def _expect_more(self) -> None:
        """Close the connection if a request neither begins nor goes on in time, or does not end in time."""
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._no_longer_late()
        elif not self.transport.is_closing():
            later, close = self.loop.call_later, self.timeout_keep_alive_handler
            if self.timeout_keep_alive_task is None:
                self.timeout_keep_alive_task = later(self.timeout_keep_alive, close)
            if self._late is None:
                self._late = later(self.timeout_keep_alive * WHOLE_WITHIN, close)

    def _no_longer_late(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _is_answering(self) -> bool:
        """Whether an answer to a whole request is not written yet."""
        whole = self.conn.their_state is not h11.SEND_BODY
        return whole and self.cycle is not None and not self.cycle.response_complete

    def _quoted(self, data: bytes) -> bytes:
        """The data with the address of a request as browsers send it: what is not ASCII by its bytes' numbers."""
        before, _ = self.conn.trailing_data
        if self.conn.their_state is not h11.IDLE or b"\n" in before:
            return data
        line, end, rest = data.partition(b"\n")
        return re.sub(rb"[\x80-\xff]", lambda byte: b"%%%02X" % byte[0][0], line) + end + rest

    def _refuse(self, status: int, error: str, hint: str) -> None:
        """Answer without the application."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = json.dumps({"error": error, "hint": hint}).encode()
            headers = [
                ("content-type", "application/json"),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ]
            for event in (
                h11.Response(status_code=status, headers=headers, reason=STATUS_PHRASES[status]),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")


class Exhausted:
    """What a loop does with errors that nobody awaits: that no connection can be taken, or there is no memory to read
    from one, is told now and then, as it is tried again all the time; others as always."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._said = say, -SAY_EVERY_S

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS):
            told = f"no connection can be taken ({error.strerror}): raise the limit on open files (ulimit -n)"
        elif isinstance(error, Exception) and is_out_of_memory(error):
            told = str(unforeseen(error))
        else:
            loop.default_exception_handler(context)
            return
        if time.monotonic() - self._said > SAY_EVERY_S:
            self._said = time.monotonic()
            self._say(told)


class Server(uvicorn.Server):
    """The server over sockets that are bound, of each of which so many connections may wait."""

    def __init__(self, config: uvicorn.Config, say: Callable[[str], None]) -> None:
        super().__init__(config)
        self._say = say

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve. asyncio takes as many connections at once as may wait at the time."""
        asyncio.get_running_loop().set_exception_handler(Exhausted(self._say))
        await super().startup(sockets)
        for each in sockets or ():
            each.listen(MOST_WAITING)
