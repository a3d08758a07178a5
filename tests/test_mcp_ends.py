"""How ``papersearch mcp`` ends: on Ctrl-C, with its input, when nobody reads it any more, where it cannot begin."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.commands import PAPERSEARCH, environment, run
from tests.processes import LONGEST_S
from tests.servers import BEGIN

for needed in ("mcp", "starlette"):
    if find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed", allow_module_level=True)


def request(number: int, method: str, params: dict[str, Any]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"


def search(number: int) -> bytes:
    return request(number, "tools/call", {"name": "search", "arguments": {"query": f"mixture of experts {number}"}})


@contextmanager
def started(home: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server that a command starts."""
    with subprocess.Popen(
        command,
        cwd=home,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    ) as server:
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def answering(home: Path, *by: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server, started ``by`` another program, that has answered its first request and waits for the next."""
    with started(home, *by, *PAPERSEARCH, "mcp") as server:
        send(server, request(0, "initialize", BEGIN))
        assert server.stdout is not None
        assert json.loads(server.stdout.readline())["id"] == 0
        yield server


def send(server: subprocess.Popen[bytes], data: bytes) -> None:
    assert server.stdin is not None
    server.stdin.write(data)


def said(server: subprocess.Popen[bytes]) -> str:
    assert server.stderr is not None
    return server.stderr.read().decode()


@pytest.mark.parametrize("busy", [False, True])
def test_control_c_ends_it_at_once_and_quietly_while_its_input_is_open(home: Path, busy: bool) -> None:
    with answering(home) as server:
        if busy:
            send(server, search(1))
        server.send_signal(signal.SIGINT)
        assert server.wait(LONGEST_S) == 130
        assert said(server) == ""


def test_control_c_that_was_ignored_from_the_start_stays_ignored(home: Path) -> None:
    with answering(home, "bash", "-c", 'trap "" INT; exec "$@"', "-") as server:
        server.send_signal(signal.SIGINT)
        send(server, search(1))
        assert server.stdout is not None
        assert json.loads(server.stdout.readline())["id"] == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_end_it_too(home: Path, number: signal.Signals) -> None:
    with answering(home) as server:
        server.send_signal(number)
        assert server.wait(LONGEST_S) == -number
        assert said(server) == ""


def test_all_that_was_asked_before_the_input_ended_is_answered(home: Path) -> None:
    asked = b"".join(map(search, range(1, 51)))
    ran = run(home, "mcp", stdin=request(0, "initialize", BEGIN) + asked)
    assert (ran.code, ran.err) == (0, "")
    answers = [json.loads(line) for line in ran.lines]
    assert {answer["id"] for answer in answers} == set(range(51))
    assert all("result" in answer for answer in answers)


@pytest.mark.parametrize(
    "last",
    [
        b"",
        b'{"jsonrpc": "2.0", "id": 9, "method": 3}\n',
        search(1) + b'{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}\n',
    ],
    ids=["nothing", "no request", "one that was taken back"],
)
def test_the_end_of_the_input_waits_for_no_answer_that_never_comes(home: Path, last: bytes) -> None:
    with answering(home) as server:
        send(server, last)
        assert server.stdin is not None
        server.stdin.close()
        assert server.wait(20) == 0  # less than it would wait for an answer
        assert said(server) == ""


def test_the_end_of_the_input_waits_a_while_for_a_reader_who_takes_nothing(home: Path) -> None:
    impatient = "import papersearch.apps.mcp.stdio as stdio; stdio.LONGEST_ANSWER_S = 0.5\n"
    with started(
        home, sys.executable, "-c", f"{impatient}from papersearch.__main__ import main; main(['mcp'])"
    ) as server:
        more_than_a_pipe_holds = b"".join(map(search, range(1, 101)))
        send(server, request(0, "initialize", BEGIN) + more_than_a_pipe_holds)
        assert server.stdin is not None
        server.stdin.close()
        assert server.wait(LONGEST_S) == 0
        assert said(server) == ""


def test_input_without_a_request_is_its_end(home: Path) -> None:
    assert run(home, "mcp").code == 0


def test_a_reader_that_goes_away_is_no_error(home: Path) -> None:
    with answering(home) as server:
        assert server.stdout is not None
        server.stdout.close()
        send(server, search(1))
        assert server.wait(LONGEST_S) == 0
        assert said(server) == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full device")
def test_an_answer_that_cannot_be_written_is_one_line(home: Path) -> None:
    with (
        open("/dev/full", "wb") as full,
        subprocess.Popen(
            [*PAPERSEARCH, "mcp"],
            cwd=home,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=full,
            stderr=subprocess.PIPE,
            bufsize=0,
        ) as server,
    ):
        send(server, request(0, "initialize", BEGIN))
        assert server.wait(LONGEST_S) == 3
        assert re.fullmatch("papersearch: No space left on device: .+\n", said(server))


def test_what_else_is_printed_never_comes_between_the_messages(home: Path) -> None:
    program = (
        "import os, sys; from papersearch.__main__ import main\n"
        "sys.addaudithook(lambda event, given: event == 'open' and given[0] == os.devnull and print('stray'))\n"
        "main(['mcp'])"
    )
    ran = run(home, "-c", program, stdin=request(0, "initialize", BEGIN) + search(1))
    assert (ran.code, set(ran.err.split())) == (0, {"stray"})
    assert [json.loads(line)["id"] for line in ran.lines] == [0, 1]
