"""The server's connections: too many, silent, broken off, not HTTP; and where it cannot begin."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("uvicorn", reason="the server's libraries are not installed")
pytest.importorskip("jinja2", reason="the server's libraries are not installed")

import uvicorn
from starlette.testclient import TestClient

from papersearch import Index
from papersearch.apps.current import CurrentIndex
from papersearch.apps.web.connections import WHOLE_WITHIN, Connection, Exhausted
from papersearch.apps.web.server import application
from tests.commands import PAPERSEARCH, Started, environment, is_one_error, run, run_without_threads, started
from tests.processes import LONGEST_S, patience, wait_for


def port_of(server: Started | subprocess.Popen[str]) -> int:
    """The port of a server that has just been started."""
    assert server.stderr is not None
    said = server.stderr.readline()
    found = re.search(r" at http://127\.0\.0\.1:(\d+)/", said)
    assert found, said
    return int(found[1])


@pytest.fixture
def server(home: Path) -> Iterator[Started]:
    with started(home, "serve", "--port", "0") as command:
        yield command


def connected(port: int, sent: bytes = b"") -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), LONGEST_S)
    client.sendall(sent)
    return client


def answer(port: int, sent: bytes) -> tuple[int, dict[str, Any]]:
    """The status and the JSON that is answered to these bytes."""
    with connected(port, sent) as client, client.makefile("rb") as file:
        status = int(file.readline().split()[1])
        length = 0
        while line := file.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, json.loads(file.read(length))


def get(port: int, address: str) -> tuple[int, dict[str, Any]]:
    return answer(port, f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())


def test_an_address_in_plain_utf_8_is_the_address_that_a_browser_would_send(server: Started) -> None:
    port = port_of(server)
    status, plain = get(port, "/api/search?q=Schrödinger")
    assert (status, plain["query"]) == (200, "Schrödinger")
    assert plain["results"] == get(port, "/api/search?q=Schr%C3%B6dinger")[1]["results"]


def test_a_body_that_comes_after_its_head_is_left_as_it_is() -> None:
    """Its first line looks as if it were one with an address."""
    body, read = "Schrödinger HTTP/1.1\r\n".encode(), bytearray()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] == "http.request":
            read.extend(message["body"])

    head = b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n"
    assert asyncio.run(left_open(app, head, patience(10), body)) == 0
    assert bytes(read[: len(body)]) == body


def test_an_address_that_comes_in_parts_is_read_as_a_whole(server: Started) -> None:
    request = "GET /api/search?q=Schrödinger HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    with connected(port_of(server)) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in range(len(request)):
            client.sendall(request[place : place + 1])
        assert client.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_client_that_closes_its_own_side_at_once_is_answered(server: Started, version: str) -> None:
    port = port_of(server)
    request = f"GET /api/search?q=otters HTTP/{version}\r\nHost: 127.0.0.1\r\n\r\n".encode()
    for asked, answers in ((request, 1), (request * 2, 2 if version == "1.1" else 1), (request[:-2], 0), (b"", 0)):
        with connected(port, asked) as client, client.makefile("rb") as file:
            client.shutdown(socket.SHUT_WR)
            assert file.read().count(b"HTTP/1.1 200 ") == answers


@pytest.mark.parametrize(
    "sent",
    [
        b"Good morning\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 40_000,
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nNäme: x\r\n\r\n".encode(),
    ],
    ids=["no HTTP", "headers without end", "a header's name that is none"],
)
def test_what_is_no_request_is_told_as_any_other_mistake(server: Started, sent: bytes) -> None:
    status, told = answer(port_of(server), sent)
    assert status == 400
    assert set(told) == {"error", "hint"}
    assert all(told.values())


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /api/search?q=%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: %s\r\n\r\n",
    ],
    ids=["query", "header"],
)
def test_who_says_ten_megabytes_before_looking_for_an_answer_finds_one(server: Started, sent: bytes) -> None:
    assert answer(port_of(server), sent % (b"x" * 10_000_000))[0] == 400


@pytest.mark.parametrize(
    ("headers", "body", "hangs_up"),
    [
        (b"Content-Length: 100\r\n", b'{"json', True),
        (b"Transfer-Encoding: chunked\r\n", b"no number\r\n", False),
        (b"Transfer-Encoding: chunked\r\n", b'5\r\n{"jso\r\nno number\r\n', False),
    ],
    ids=["hung up", "malformed chunk", "malformed second chunk"],
)
def test_a_request_that_breaks_off_is_nothing_to_talk_about(
    server: Started, headers: bytes, body: bytes, hangs_up: bool
) -> None:
    pytest.importorskip("mcp")
    port = port_of(server)
    head = b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
    with connected(port, head + headers + b"\r\n" + body) as client:
        if not hangs_up:
            assert client.recv(100).startswith(b"HTTP/1.1 400")
    assert get(port, "/api/stats")[0] == 200
    os.kill(server.process, 15)
    assert server.stderr.read() == ""


def test_who_ends_it_does_not_wait_for_what_a_client_has_still_to_say(server: Started) -> None:
    pytest.importorskip("mcp")
    port = port_of(server)
    head = b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    with connected(port, head + b'{"json'):
        assert get(port, "/api/stats")[0] == 200
        begun = time.monotonic()
        os.kill(server.process, signal.SIGINT)
        assert server.wait() == 130
        assert time.monotonic() - begun < patience(8)
    assert server.stderr.read() == ""


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="there is no prlimit")
def test_with_few_open_files_many_connections_leave_it_quiet_and_answering(home: Path) -> None:
    with subprocess.Popen(
        ["prlimit", "--nofile=64", *PAPERSEARCH, "serve", "--port", "0"],
        cwd=home,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as few:
        port = port_of(few)
        hanging = [connected(port, b"GET /api/sea") for _ in range(100)]
        for client in hanging[-10:]:  # as room is kept for the first ones, the last find none
            with suppress(ConnectionResetError):
                assert b" 503 " in client.recv(100)
        for client in hanging:
            client.close()
        wait_for("an answer", lambda: get(port, "/api/stats")[0] == 200)
        few.terminate()
        assert few.stderr is not None
        assert few.stderr.read() == ""


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (
            OSError(errno.EMFILE, "Too many open files"),
            "(Too many open files): raise the limit on open files (ulimit -n)",
        ),
        (OSError(errno.ENFILE, "Too many open files in system"), "(Too many open files in system): raise the limit"),
        (OSError(errno.ENOBUFS, "No buffer space available"), "(No buffer space available): raise the limit"),
        (MemoryError(), "ulimit -v"),
    ],
)
def test_that_a_connection_cannot_be_taken_or_read_is_said_once_in_a_while(
    failure: Exception, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, now = list[str](), 0.0
    monkeypatch.setattr("papersearch.apps.web.connections.time", SimpleNamespace(monotonic=lambda: now))
    loop = asyncio.new_event_loop()
    monkeypatch.setattr(loop, "default_exception_handler", lambda context: said.append(f"a traceback of {context}"))
    loop.set_exception_handler(Exhausted(said.append))
    for moment in (1.0, *[2.0] * 1_000, 61.0, 61.5, 62.0):
        now = moment
        loop.call_exception_handler({"message": "accept", "exception": failure})
    assert len(said) == 2
    assert all(told in each for each in said)
    for error in (OSError(errno.EBADF, "Bad file descriptor"), ValueError("of ours")):
        said.clear()
        for _ in range(2):
            loop.call_exception_handler({"message": "accept", "exception": error})
        assert ["traceback" in each for each in said] == [True, True]
    loop.close()


async def left_open(app: Any, sent: bytes, seconds: float, *more: bytes) -> int:
    """How many connections a server has after a client said this, goes on saying ``more`` in turn, and takes nothing of
    what is answered; each may say or take nothing for a second."""
    config = uvicorn.Config(app, http=Connection, timeout_keep_alive=1, lifespan="off", log_config=None)
    config.load()
    state, parts = uvicorn.server.ServerState(), cycle(more)
    with socket.socket() as listener, socket.socket() as client:
        for each, buffer in (listener, socket.SO_SNDBUF), (client, socket.SO_RCVBUF):
            each.setsockopt(socket.SOL_SOCKET, buffer, 4_096)
        listener.bind(("127.0.0.1", 0))
        loop = asyncio.get_running_loop()
        async with await loop.create_server(lambda: Connection(config, state, {}), sock=listener):
            client.connect(listener.getsockname())
            client.sendall(sent)
            end = loop.time() + seconds
            while not state.connections:
                await asyncio.sleep(0.01)
            while state.connections and loop.time() < end:
                await asyncio.sleep(0.05)
                with suppress(ConnectionError):
                    client.sendall(next(parts, b""))
            return len(state.connections)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /api/sea",
        b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{",
        b"Good morning\r\n\r\n",
    ],
    ids=["nothing", "half of a head", "half of a body", "no HTTP"],
)
def test_a_connection_that_says_nothing_more_is_closed_in_time(sent: bytes) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    assert asyncio.run(left_open(app, sent, patience(10))) == 0


def test_a_connection_that_goes_on_with_one_request_without_end_is_closed() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    for sent in (b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n", b"Good morning\r\n\r\n"):
        assert asyncio.run(left_open(app, sent, patience(10), b"x")) == 0


def test_a_connection_that_asks_one_thing_after_another_stays_open() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    asked = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    parts = asked[:5], asked[5:20], asked[20:]  # one that came in parts is whole in the end, and no longer late
    assert asyncio.run(left_open(app, asked, 1.3 * WHOLE_WITHIN, *parts)) == 1


@pytest.mark.parametrize("length", [50_000, 5_000_000])
def test_a_connection_that_takes_nothing_of_an_answer_is_closed_in_time(length: int) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for more in True, False:
            await send({"type": "http.response.body", "body": bytes(length // 2), "more_body": more})

    asked = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    assert asyncio.run(left_open(app, asked, patience(10))) == 0


def test_who_took_an_answer_so_far_may_wait_for_the_rest_of_it() -> None:
    """Its part that came at once was more than the connection holds, and waited to be taken for a moment."""
    length, keep_alive_s = 1_000_000, 2

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": bytes(length), "more_body": True})
        await asyncio.sleep(1.2 * keep_alive_s)
        await send({"type": "http.response.body", "body": bytes(length)})

    async def taken() -> int:
        config = uvicorn.Config(app, http=Connection, timeout_keep_alive=keep_alive_s, lifespan="off", log_config=None)
        config.load()
        state, loop = uvicorn.server.ServerState(), asyncio.get_running_loop()
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        async with await loop.create_server(lambda: Connection(config, state, {}), sock=listener):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            _, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
            writer.close()
            return body.count(0)

    assert asyncio.run(taken()) == 2 * length


def test_with_neither_an_index_nor_a_corpus_it_does_not_begin(tmp_path: Path) -> None:
    ran = run(tmp_path, "serve", "--port", "0")
    assert ran.code == 3
    assert is_one_error(ran)
    assert "there is no index" in ran.err


@pytest.mark.parametrize("door", ["serve", "mcp"])
def test_where_no_thread_can_be_started_one_line_says_so(home: Path, door: str) -> None:
    ran = run_without_threads(home, door, *(("--port", "0") if door == "serve" else ()))
    assert (ran.code, ran.out) == (3, "")
    assert re.fullmatch(r"papersearch: the system refuses a thread .+ulimit -u.+\n", ran.err)


def test_an_error_is_told_without_a_thread_since_there_may_be_none(tmp_path: Path) -> None:
    told_by: list[str] = []

    class Broken(CurrentIndex):
        def index(self) -> Index:
            raise RuntimeError("can't start new thread")

    current = Broken(str(tmp_path), None, lambda _: told_by.append(threading.current_thread().name))
    client = TestClient(application(current), base_url="http://127.0.0.1", raise_server_exceptions=False)
    assert client.get("/api/stats").status_code == 500
    assert len(told_by) == 1
    assert not told_by[0].startswith("AnyIO worker thread")
