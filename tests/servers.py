"""A server of the search page over an index made for it: on a free port in a process of its own, or in this one; and a
proxy before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.commands import started
from tests.listening import Handler, listening
from tests.processes import LONGEST_S

if TYPE_CHECKING:
    from starlette.testclient import TestClient

# What the first message to an MCP server says of the client.
BEGIN: dict[str, Any] = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


@contextmanager
def serving(folder: Path, *options: str, **variables: str) -> Iterator[str]:
    """The address of ``papersearch serve`` in a folder, until the block ends."""
    with started(folder, "serve", "--port", "0", *options, **variables) as server:
        server.stdin.close()
        said = ""
        for said in server.stderr:
            if found := re.search(r" at (http://\S+)", said):
                yield found[1]
                break
        else:
            raise AssertionError(f"the server did not start: {said}")


def asked(folder: Path, **options: Any) -> TestClient:
    """What asks the application in this process, of which no error is raised here."""
    from starlette.testclient import TestClient

    from papersearch.apps.current import CurrentIndex
    from papersearch.apps.web.server import application

    current = CurrentIndex(str(folder / "index"), [str(folder / "corpus")], lambda _: None)
    return TestClient(application(current, **options), base_url="http://127.0.0.1", raise_server_exceptions=False)


@contextmanager
def behind(address: str, prefix: str) -> Iterator[str]:
    """The address of a reverse proxy before a server: it takes a path off, and asks by the server's own name."""

    class Proxy(Handler):
        def do_GET(self) -> None:
            asked = HTTPConnection(urlsplit(address).netloc, timeout=LONGEST_S)
            headers = {
                name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")
            }
            asked.request(
                "GET", self.path.removeprefix(prefix) if self.path.startswith(f"{prefix}/") else "*", None, headers
            )
            answer = asked.getresponse()
            body = answer.read()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            asked.close()

    with listening(Proxy) as place:
        yield f"http://{place}{prefix}/"
