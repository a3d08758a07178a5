"""Small HTTP servers of tests, on a free port of this machine. They print nothing, and who does not wait for an answer,
as a browser that goes on to another page, is no error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class Handler(BaseHTTPRequestHandler):
    """What answers one request."""

    def read(self) -> bytes:
        """The body of the request."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def send(self, status: int, body: bytes) -> None:
        """Answer with JSON."""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Answers by a kind of handler from now on, until it is closed."""

    def __init__(self, handler: type[Handler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._thread = Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of an error that is not the loss of who asked."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        """End it."""
        self.shutdown()
        self._thread.join()
        super().server_close()


@contextmanager
def listening(handler: type[Handler]) -> Iterator[str]:
    """``127.0.0.1:port`` of a server, until the block ends."""
    with Server(handler) as server:
        yield f"127.0.0.1:{server.server_port}"
