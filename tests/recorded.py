"""A server that gives recorded answers, in place of a cluster."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.listening import Handler, Server

if TYPE_CHECKING:
    from papersearch.engine.opensearch.connection import Connection


class Recorded(Server):
    """Gives the recorded (status, body)s in turn, the last one for ever. ``asked`` are the requests."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, bytes]] = []
        server = self

        class Answering(Handler):
            def _answer(self) -> None:
                server.asked.append((self.command, self.path, self.read()))
                status, answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                self.send(status, answer if isinstance(answer, bytes) else json.dumps(answer).encode())

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer

        super().__init__(Answering)

    def connection(self, timeout: float = 5) -> Connection:
        from papersearch.engine.opensearch import address as addresses
        from papersearch.engine.opensearch.connection import Connection

        return Connection(addresses.parse(f"opensearch://127.0.0.1:{self.server_port}/papers"), timeout)


def error(kind: str, reason: str, status: int) -> dict[str, Any]:
    """The body of an error, as a cluster tells it."""
    cause = {"type": kind, "reason": reason}
    return {"error": {**cause, "root_cause": [cause]}, "status": status}
