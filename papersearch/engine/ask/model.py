"""A language model behind an OpenAI-compatible server (llama.cpp, ollama, vLLM), asked for text, which streams in.

A server on another machine is the caller's to allow (``is_here``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress

from papersearch.core.errors import ModelError, UsageError
from papersearch.core.frozen import NamedTuple
from papersearch.core.hosts import is_loopback
from papersearch.engine import servers
from papersearch.text.display import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from http.client import HTTPResponse
    from typing import Any
    from urllib.parse import SplitResult

MOST_BYTES = 1_000_000  # of one answer


class Model(NamedTuple):
    """A model of a server. ``wait`` is the longest silence in seconds, a tenth of the longest answer; ``key`` is sent
    as a bearer token."""

    server: str
    name: str
    key: str = ""
    wait: float = 120.0

    def ask(self, messages: list[dict[str, str]], schema: dict[str, Any] | None = None) -> Iterator[str]:
        """The answer, piece by piece. With ``schema`` the server is asked to keep to it. Raises ``ModelError``."""
        question: dict[str, Any] = {"model": self.name, "messages": messages, "stream": True, "temperature": 0}
        if schema is not None:
            form = {"name": "answer", "strict": True, "schema": schema}
            question["response_format"] = {"type": "json_schema", "json_schema": form}
        address = _parsed(self.server)
        path = (address.path.rstrip("/") or "/v1") + "/chat/completions"
        key = self.key.strip()
        if not servers.is_key(key):
            raise ModelError("the key cannot be sent", "set PAPERSEARCH_ASK_KEY")
        patience = servers.Patience(self.wait)
        try:
            with servers.posted(address, path, question, key, self.wait, patience) as response:
                if response.status != 200:
                    raise self._refusal(response)
                yield from _pieces(response, patience.heard)
        except servers.NoAnswer as broken:
            if broken.silent:
                was = f"took more than {servers.MOST_WAITS} times" if patience.is_used_up else "was silent for"
                wrong = f"the model at {self.server} {was} {self.wait:g} s"
                raise ModelError(wrong, "--timeout waits longer") from broken
            hint = "check that it runs, and its address, or name another with --server"
            raise ModelError(f"the model's server {self.server} does not answer ({broken})", hint) from broken

    def _refusal(self, response: HTTPResponse) -> ModelError:
        told = one_line(response.read(2_000).decode("utf-8", "replace"))
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            told = _said_of(json.loads(told)["error"])
        if response.status in (401, 403):
            return ModelError(f"the model's server refused the key ({response.status})", "set PAPERSEARCH_ASK_KEY")
        said = f" ({told[:100]})" if told else ""
        if response.status == 404 and "model" in told.lower():
            return ModelError(f"the server has no model {self.name!r}{said}", "name another with --model")
        if response.status in (301, 302, 303, 307, 308, 404):
            hint = "name another address with --server, such as http://127.0.0.1:11434/v1"
            leads = one_line(response.getheader("Location") or "")[:100]
            where = f"leads to {leads}" if leads else f"is none that it answers at ({response.status})"
            return ModelError(f"the address {self.server} of the model's server {where}", hint)
        failure = ModelError(f"the model's server answered {response.status}{said}", "see its log")
        failure.refused = response.status in (400, 422, 501)
        failure.too_long = servers.is_too_long(response.status, told)
        return failure


def is_here(server: str) -> bool:
    """Whether a server's address is on this machine."""
    return is_loopback(_parsed(server).hostname or "")


def _parsed(server: str) -> SplitResult:
    try:
        parts = servers.parsed(server)
    except ValueError as wrong:
        hint = "such as http://127.0.0.1:11434/v1"
        raise UsageError(f"{one_line(server)!r} is not a server's address", hint) from wrong
    if parts.username is not None:
        raise UsageError("a server's address holds no user and password", "set PAPERSEARCH_ASK_KEY")
    return parts


def _said_of(error: Any) -> str:
    """What a server says of an error, in one line."""
    return one_line(str(error.get("message", error) if isinstance(error, dict) else error))


def _pieces(response: HTTPResponse, heard: Callable[[], None]) -> Iterator[str]:
    """The text of an answer as it comes. Raises ``ModelError`` if the model did not even begin: one whose thoughts fill
    all the room that it has, say, has not said that there is no answer."""
    said, why = False, ""
    for piece, end in _events(response, heard):
        said, why = said or bool(piece), end or why
        yield piece
    if not said and why not in ("", "stop"):
        told = f"the model ended before it wrote anything ({one_line(why)[:40]})"
        raise ModelError(told, "give it a larger context, or name another with --model")


def _events(response: HTTPResponse, heard: Callable[[], None]) -> Iterator[tuple[str, str]]:
    """The pieces of an answer, whether the server streams or sends it whole, each with why the model ends there, empty
    if it does not. Only text, or what a model thinks before it writes, is ``heard``: not a server's comments that keep
    a connection open."""
    kind = response.getheader("Content-Type") or ""
    # What peeks beyond an empty body waits for what comes after it.
    streams = response.length != 0 and response.peek(5).startswith(b"data:")
    if "event-stream" not in kind.lower() and not streams:
        yield _content(response.read(MOST_BYTES), "message")
        return
    room = MOST_BYTES
    ended = False
    while room > 0 and (line := response.readline(room)):
        room -= len(line)
        if line.startswith(b"data:"):
            data = line[5:].strip()
            if data == b"[DONE]":
                return
            piece, end = _content(data, "delta")
            ended = ended or bool(end)
            if piece or b'"reasoning' in data:
                heard()
            yield piece, end
    if not ended:
        raise ModelError("the model's answer broke off" if room > 0 else "the model's answer has no end", "see its log")


def _content(data: bytes, part: str) -> tuple[str, str]:
    """The text in an event, and why the model ends there, empty if it does not."""
    try:
        told = json.loads(data)
        if error := told.get("error"):
            raise ModelError(f"the model's server stopped ({_said_of(error)[:100]})", "see its log")
        choices = told["choices"]
        if not choices and part == "delta":  # a stream may end in what it cost
            return "", ""
        content = (choices[0].get(part) or {}).get("content") or ""
        return _text_of(content), str(choices[0].get("finish_reason") or "")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as nonsense:
        raise ModelError("the model's server answered nonsense", "is it an OpenAI-compatible one?") from nonsense


def _text_of(content: Any) -> str:
    """The text of a content, which may come in parts: those that are thoughts have no text of their own."""
    return "".join(part.get("text") or "" for part in content) if isinstance(content, list) else str(content)
