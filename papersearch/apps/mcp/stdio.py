"""The protocol over standard input and output: a line is a message.

The SDK has such a transport. Its thread that waits for a line is waited for when the program is to end, and it gives
up what is not answered yet when the input ends. Here nobody waits for the thread, and all that was asked is answered.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

import anyio
import anyio.to_thread
import mcp_types
from mcp.shared.message import ServerMessageMetadata, SessionMessage

from papersearch.output.streams import Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

LONGEST_ANSWER_S = 30.0  # that the end of the input waits for
_LOOK_S = 0.01  # how often it looks if all is answered


class _Stream:
    """What the SDK asks of either direction beside the messages."""

    async def aclose(self) -> None:
        """Nothing is closed: the process is about to end."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return None


class Answers(_Stream):
    """Where the server's messages go. ``due`` is how many requests are to be answered yet."""

    def __init__(self, out: Output) -> None:
        self.due = 0
        self._out, self._turn = out, anyio.Lock()
        self._failed = anyio.Event()
        self._failure = OSError()

    async def send(self, item: SessionMessage, /) -> None:
        """Write a message. Raises ``BrokenResourceError`` if it cannot be; ``failure`` tells why."""
        line = item.message.model_dump_json(by_alias=True, exclude_unset=True) + "\n"
        try:
            async with self._turn:
                await anyio.to_thread.run_sync(self._out.write, line.encode())
        except OSError as failure:
            self._failure = failure
            self._failed.set()
            raise anyio.BrokenResourceError from failure
        if isinstance(item.message, (mcp_types.JSONRPCResponse, mcp_types.JSONRPCError)):
            self.due -= 1

    async def failure(self) -> None:
        """Wait until a message cannot be written. Raises ``ReaderGone`` if nobody reads any more, ``OSError`` for what
        else prevents it."""
        await self._failed.wait()
        raise self._failure

    async def dropped(self) -> None:
        """A request will not be answered: the client took it back."""
        self.due -= 1


def _whole(line: str) -> bytes:
    """The JSON of a line with a question mark for half a character, as where a client cuts a text within an emoji:
    pydantic does not read that. Raises ``ValueError``, or ``RecursionError`` for what is nested without end."""
    return json.dumps(json.loads(line), ensure_ascii=False).encode("utf-8", "replace")


def _message(line: str) -> mcp_types.JSONRPCMessage:
    """The message of a line. Raises as ``_whole``, also for a request whose id is of no kind that one may have: without
    that it would be a notification, which nobody answers."""
    try:
        message = mcp_types.jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValueError:
        message = mcp_types.jsonrpc_message_adapter.validate_json(_whole(line), by_name=False)
    if isinstance(message, mcp_types.JSONRPCNotification) and '"id"' in line and "id" in json.loads(line):
        raise ValueError("a request with another id than a string or a whole number")
    return message


def _refusal(line: str) -> mcp_types.JSONRPCError:
    """What to answer to a line that is no message, with its id if that can be read: who asked waits for it."""
    try:
        code, told, given = mcp_types.INVALID_REQUEST, "Invalid request", json.loads(_whole(line))
    except (ValueError, RecursionError):
        code, told, given = mcp_types.PARSE_ERROR, "Parse error", None
    found = given.get("id") if isinstance(given, dict) else None
    known = isinstance(found, (int, str)) and not isinstance(found, bool)
    return mcp_types.JSONRPCError(
        jsonrpc="2.0", id=found if known else None, error=mcp_types.ErrorData(code=code, message=told)
    )


class Requests(_Stream):
    """The client's messages; a line that is not one is answered by an error that says so. The end comes only once
    ``answers`` has all of the answers."""

    def __init__(self, file: TextIO, answers: Answers) -> None:
        self._answers = answers
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        threading.Thread(target=self._read, args=(file, asyncio.get_running_loop()), daemon=True).start()

    def _read(self, file: TextIO, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError):  # the loop has ended before the input
            with suppress(OSError):  # what cannot be read has ended
                for line in file:
                    loop.call_soon_threadsafe(self._lines.put_nowait, line)
            loop.call_soon_threadsafe(self._lines.put_nowait, "")

    async def receive(self) -> SessionMessage | Exception:
        """The next message. Raises ``EndOfStream``."""
        line = await self._lines.get()
        if not line:
            self._lines.put_nowait("")  # whoever asks again is told the same
            with anyio.move_on_after(LONGEST_ANSWER_S) as waiting:
                while self._answers.due > 0:
                    await anyio.sleep(_LOOK_S)
            if waiting.cancelled_caught:
                os._exit(0)  # else a thread is waited for that waits for a reader who takes nothing, or for a disk
            raise anyio.EndOfStream
        try:
            message = _message(line)
        except (ValueError, RecursionError) as mistake:
            if line.strip():
                self._answers.due += 1
                await self._answers.send(SessionMessage(_refusal(line)))
            return mistake
        if not isinstance(message, mcp_types.JSONRPCRequest):
            return SessionMessage(message)
        self._answers.due += 1
        return SessionMessage(message, ServerMessageMetadata(on_request_unanswered=self._answers.dropped))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None


@contextmanager
def claimed() -> Iterator[tuple[TextIO, Output]]:
    """Standard input and output for the protocol alone: meanwhile what else reads finds nothing, and what else prints
    goes to standard error."""
    ours = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    try:
        # Not closed: the thread that waits for a line may still hold it when the process ends.
        yield open(ours[0], encoding="utf-8-sig", errors="replace", closefd=False), Output(ours[1])  # noqa: SIM115
    finally:
        sys.stdout.flush()  # what else was printed is not to come after the last message
        for number, kept in enumerate(ours):
            os.dup2(kept, number)
