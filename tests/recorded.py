"""A server that gives recorded answers, in place of a cluster."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from papersearch.engine.opensearch.connection import Connection


class Recorded(ThreadingHTTPServer):
    """Gives the recorded (status, body)s in turn, the last one for ever. ``asked`` are the requests."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, bytes]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.asked.append((self.command, self.path, body))
                status, answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def connection(self, timeout: float = 5) -> Connection:
        from papersearch.engine.opensearch import address as addresses
        from papersearch.engine.opensearch.connection import Connection

        return Connection(addresses.parse(f"opensearch://127.0.0.1:{self.server_port}/papers"), timeout)


def error(kind: str, reason: str, status: int) -> dict[str, Any]:
    """The body of an error, as a cluster tells it."""
    cause = {"type": kind, "reason": reason}
    return {"error": {**cause, "root_cause": [cause]}, "status": status}
