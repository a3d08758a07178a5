"""A language model behind an OpenAI-compatible server (llama.cpp, ollama, vLLM), asked for text, which streams in.

Nothing is followed elsewhere: no redirects, no proxies, and only the address that the user named. A server on another
machine is the caller's to allow (``is_here``).
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from papersearch.core.errors import PapersearchError, UsageError
from papersearch.core.frozen import NamedTuple
from papersearch.text.display import one_line

CONNECT_S = 5.0
MOST_BYTES = 1_000_000  # of one answer
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ModelError(PapersearchError):
    """The model could not be asked, or did not answer. ``refused`` is true if it refused the form of the question."""

    refused = False


class Model(NamedTuple):
    """A model of a server. ``wait`` is the longest silence in seconds; ``key`` is sent as a bearer token."""

    server: str
    name: str
    key: str = ""
    wait: float = 60.0

    def ask(self, messages: list[dict[str, str]], schema: dict[str, Any] | None = None) -> Iterator[str]:
        """The answer, piece by piece. With ``schema`` the server is asked to keep to it. Raises ``ModelError``."""
        question: dict[str, Any] = {"model": self.name, "messages": messages, "stream": True, "temperature": 0}
        if schema is not None:
            form = {"name": "answer", "strict": True, "schema": schema}
            question["response_format"] = {"type": "json_schema", "json_schema": form}
        connection, path = self._connection()
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        try:
            connection.request("POST", path, json.dumps(question).encode(), headers)
            if connection.sock is not None:
                connection.sock.settimeout(self.wait)
            response = connection.getresponse()
            if response.status != 200:
                raise self._refusal(response)
            yield from _pieces(response)
        except TimeoutError as late:
            raise ModelError(f"the model at {self.server} did not answer in time", "try a smaller one") from late
        except (OSError, http.client.HTTPException) as broken:
            hint = "start it, or name another with --server"
            raise ModelError(f"the model's server {self.server} does not answer", hint) from broken
        finally:
            connection.close()

    def _connection(self) -> tuple[http.client.HTTPConnection, str]:
        parts = _parts(self.server)
        path = parts.path.rstrip("/") + "/chat/completions"
        if parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(
                str(parts.hostname), parts.port, timeout=CONNECT_S, context=context
            ), path
        return http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=CONNECT_S), path

    def _refusal(self, response: http.client.HTTPResponse) -> ModelError:
        told = one_line(response.read(2_000).decode("utf-8", "replace"))
        try:
            error = json.loads(told)["error"]
            told = one_line(str(error.get("message", error) if isinstance(error, dict) else error))
        except (ValueError, KeyError, TypeError):
            pass
        if response.status in (401, 403):
            return ModelError(f"the model's server refused the key ({response.status})", "set PAPERSEARCH_ASK_KEY")
        if response.status == 404:
            return ModelError(f"the server has no model {self.name!r} ({told[:100]})", "name another with --model")
        failure = ModelError(f"the model's server answered {response.status} ({told[:100]})", "see its log")
        failure.refused = response.status in (400, 422, 501)
        return failure


def is_here(server: str) -> bool:
    """Whether a server's address is on this machine."""
    host = _parts(server).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _parts(server: str) -> Any:
    parts = urlsplit(server)
    try:
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise UsageError(f"{one_line(server)!r} is no server's address", "such as http://127.0.0.1:11434/v1")
    return parts


def _pieces(response: http.client.HTTPResponse) -> Iterator[str]:
    """The text of an answer as it comes, whether the server streams or sends it whole."""
    if "event-stream" not in (response.getheader("Content-Type") or ""):
        yield _content(response.read(MOST_BYTES), "message")
        return
    seen = 0
    while line := response.readline(MOST_BYTES):
        seen += len(line)
        if seen > MOST_BYTES:
            return
        if line.startswith(b"data:"):
            data = line[5:].strip()
            if data == b"[DONE]":
                return
            yield _content(data, "delta")


def _content(data: bytes, part: str) -> str:
    try:
        told = json.loads(data)
        if "error" in told:
            raise ModelError(f"the model's server stopped ({one_line(str(told['error']))[:100]})", "see its log")
        choices = told["choices"]
        return str((choices[0].get(part) or {}).get("content") or "") if choices else ""
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as nonsense:
        raise ModelError("the model's server answered nonsense", "is it an OpenAI-compatible one?") from nonsense
