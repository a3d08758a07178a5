"""The tools over the Model Context Protocol, by its official SDK; nothing else loads that.

Over standard input and output nothing but the protocol may be printed, so what is there to say goes to standard
error. Over HTTP the server is a route of ``papersearch serve``, behind its guard.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TextIO

import anyio
import anyio.to_thread
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import CallToolResult, ListToolsResult, TextContent, ToolAnnotations
from mcp_types import Tool as ToolType
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from papersearch import __version__
from papersearch.apps.current import CurrentIndex
from papersearch.apps.interrupts import end_on_the_spot
from papersearch.apps.mcp import tools
from papersearch.apps.mcp.stdio import Answers, Requests, claimed
from papersearch.core.errors import PapersearchError, ReplacedError, unforeseen
from papersearch.output.streams import Output

# An error as whoever asks is told it.
Told = Callable[[PapersearchError], PapersearchError]

_READ_ONLY = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)


class _Server(Server[Any]):
    """The SDK's server. Its instructions are made when a client asks for them: one that stays for months, or that was
    started before there was an index, holds other papers by then."""

    def __init__(self, current: CurrentIndex, told: Told, **given: Any) -> None:
        self._current, self._told = current, told
        super().__init__("papersearch", version=__version__, **given)

    @property
    def instructions(self) -> str:
        """What an agent should know before it asks."""
        try:
            return tools.instructions(self._current.index())
        except PapersearchError as error:
            return f"Search over research papers. At present, {self._told(error).message}."

    @instructions.setter
    def instructions(self, _: str | None) -> None:
        """The SDK sets what it was given, which is nothing."""


def make_server(current: CurrentIndex, say: Callable[[str], None], told: Told = lambda error: error) -> Server[Any]:
    """The protocol's server over an index. ``told`` may keep back what is for this machine's user alone."""

    async def list_tools(*_: Any) -> ListToolsResult:
        listed = [
            ToolType(name=tool.name, description=tool.help, input_schema=tool.schema(), annotations=_READ_ONLY)
            for tool in tools.TOOLS
        ]
        return ListToolsResult(tools=listed)

    async def call_tool(_: Any, params: Any) -> CallToolResult:
        return await anyio.to_thread.run_sync(_answer, current, params.name, params.arguments or {}, say, told)

    return _Server(current, told, on_list_tools=list_tools, on_call_tool=call_tool)


def _answer(
    current: CurrentIndex, name: str, given: dict[str, Any], say: Callable[[str], None], told: Told
) -> CallToolResult:
    """A tool's answer; what is wrong is an answer too, so that the agent can correct its question."""
    try:
        reply = tools.call(current.index(), name, given, current.stale())
    except PapersearchError as error:
        return _failed(told(error))
    except Exception as error:
        say(f"{name}: {type(error).__name__}: {error}")
        wrong = unforeseen(error)
        return _failed(wrong if isinstance(wrong, ReplacedError) else PapersearchError("internal error"))
    return _result(reply)


def _failed(error: PapersearchError) -> CallToolResult:
    return _result(tools.Reply(str(error), {"error": error.message, "hint": error.hint}), failed=True)


def _result(reply: tools.Reply, failed: bool = False) -> CallToolResult:
    data = json.loads(json.dumps(reply.data))
    return CallToolResult(content=[TextContent(text=reply.text)], structured_content=data, is_error=failed)


def run(current: CurrentIndex, say: Callable[[str], None]) -> None:
    """Serve over standard input and output until the input ends, nobody reads the output or Ctrl-C. Raises
    ``OSError`` for what prevents an answer (``ReaderGone``)."""

    async def serve(source: TextIO, out: Output) -> None:
        server = make_server(current, say)
        answers = Answers(out)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(answers.failure)
            await server.run(Requests(source, answers), answers, server.create_initialization_options())
            tasks.cancel_scope.cancel()

    _say_in_lines(say)
    end_on_the_spot()
    with claimed() as streams:
        try:
            anyio.run(serve, *streams)
        except Exception as error:
            raise _cause(error) from error


def _cause(error: Exception) -> Exception:
    """What went wrong first in tasks that ended together."""
    while inner := getattr(error, "exceptions", ()):
        error = inner[0]
    return error


class _InLines(logging.Handler):
    """What the SDK logs of errors, each in one line. That a client hung up before it had said all is no error."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, ClientDisconnect):
            self._say(record.getMessage() + (f": {unforeseen(error)}" if isinstance(error, Exception) else ""))


def _say_in_lines(say: Callable[[str], None]) -> None:
    """Have the SDK's own errors told in lines, which it would print with tracebacks."""
    logger = logging.getLogger("mcp")
    logger.handlers, logger.propagate = [_InLines(say)], False


def routes(
    current: CurrentIndex, say: Callable[[str], None], told: Told
) -> tuple[list[BaseRoute], Callable[[Any], AbstractAsyncContextManager[None]]]:
    """The route ``/mcp`` for the web server, and what must run beside it. Sessions are stateless, so that a stream of
    what the server says unasked (GET) would be empty and endless; the guard of the web server has checked ``Host`` and
    ``Origin`` before, so the SDK's own check of them is off."""
    _say_in_lines(say)
    manager = StreamableHTTPSessionManager(
        app=make_server(current, say, told),
        stateless=True,
        json_response=True,
        security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )

    class Endpoint:
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await manager.handle_request(scope, receive, send)

    @asynccontextmanager
    async def beside(_: Any) -> AsyncIterator[None]:
        async with manager.run():
            yield

    return [Route("/mcp", Endpoint(), methods=["POST"])], beside
