"""``papersearch serve``: where it listens, who needs a token, and what it does when many ask, hang or break it."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import socket
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

pytest.importorskip("starlette", reason="the server's libraries are not installed")
pytest.importorskip("jinja2", reason="the server's libraries are not installed")

from starlette.testclient import TestClient

import papersearch
from papersearch.apps.current import CurrentIndex
from papersearch.apps.web.server import _address, _names, application, listen, network_address
from tests.commands import ROOT, run, started
from tests.processes import LONGEST_S, wait_for
from tests.servers import serving


def test_agents_are_told_in_one_line_what_their_address_needs(home: Path, tmp_path: Path) -> None:
    import httpx

    (tmp_path / "mcp").mkdir()
    (tmp_path / "mcp" / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'mcp'\", name='mcp')")
    with serving(home, PYTHONPATH=os.pathsep.join((str(tmp_path), str(ROOT)))) as address:
        for ask in (httpx.get, httpx.post):
            answer = ask(address + "mcp", timeout=LONGEST_S, trust_env=False)
            assert answer.status_code == 501
            assert answer.json() == {
                "error": "/mcp needs mcp, which is not installed",
                "hint": "pip install 'mcp>=2.1,<3'",
            }


def test_two_hundred_at_once_all_get_the_right_answer(home: Path) -> None:
    index = papersearch.open(str(home / "index"))
    queries = ["mixture of experts", "diffusion", "retrieval", "agents", "attention"]
    expected = {query: [hit.id for hit in index.search(query).results] for query in queries}
    with serving(home) as address, ThreadPoolExecutor(200) as pool:
        port = urlsplit(address).netloc

        def ask(number: int) -> bool:
            query = queries[number % len(queries)]
            asked = HTTPConnection(port, timeout=LONGEST_S)
            asked.request("GET", "/api/search?" + urlencode({"q": query}))
            answer = json.loads(asked.getresponse().read())
            asked.close()
            return [hit["id"] for hit in answer["results"]] == expected[query]

        assert all(pool.map(ask, range(250)))


def test_a_client_that_hangs_holds_up_nobody(home: Path) -> None:
    import httpx

    with serving(home) as address:
        port = int(address.rstrip("/").rpartition(":")[2])
        hanging = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for each in hanging:
            each.sendall(b"GET /api/search?q=moe HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        assert httpx.get(address + "api/stats", timeout=LONGEST_S, trust_env=False).status_code == 200
        huge = httpx.get(address + "api/search?q=" + "x" * 60_000, timeout=LONGEST_S, trust_env=False)
        assert huge.status_code in (400, 414, 431)
        assert httpx.get(address + "api/stats", timeout=LONGEST_S, trust_env=False).status_code == 200
        for each in hanging:
            each.close()


def test_the_body_of_an_answer_does_not_wait_until_the_client_has_acknowledged_its_head() -> None:
    async def accepted() -> int:
        got: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            got.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(serve, sock=listen("127.0.0.1", 0)) as server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.close()
            return await asyncio.wait_for(got, LONGEST_S)

    assert asyncio.run(accepted())


def test_a_port_can_be_listened_at_again_as_soon_as_a_server_has_ended() -> None:
    """Though its connections, which it ended first, are remembered by the system for a minute."""
    with listen("127.0.0.1", 0) as server:
        place = server.getsockname()
        with socket.create_connection(place, LONGEST_S) as client:
            server.accept()[0].close()
            assert client.recv(1) == b""
    listen(*place).close()


def test_a_port_in_use_is_one_line(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = run(home, "serve", "--port", str(taken.getsockname()[1]))
    assert ran.code == 3
    assert len(ran.err.splitlines()) == 1
    assert "--port" in ran.err


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("192.0.2.1", "not an address of this machine"),
        ("", "--host HOST"),
        ("300.1.1.1", "there is no host '300.1.1.1'"),
        ("a..b", "there is no host 'a..b'"),
        ("x" * 300, "there is no host"),
    ],
)
def test_a_host_that_is_not_this_machine_is_one_line(home: Path, host: str, why: str) -> None:
    ran = run(home, "serve", "--host", host, "--port", "0")
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1
    assert why in ran.err


@pytest.mark.parametrize(
    ("host", "token", "address"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:8765/"),
        ("::1", None, "http://[::1]:8765/"),
        ("paper.lan", "a/b&c", "http://paper.lan:8765/?token=a%2Fb%26c"),
        ("0.0.0.0", "t", "http://127.0.0.1:8765/?token=t"),
        ("::", "t", "http://[::1]:8765/?token=t"),
    ],
)
def test_the_address_that_is_printed_is_one_that_a_browser_finds(host: str, token: str | None, address: str) -> None:
    assert _address(host, 8765, token) == address


@pytest.mark.parametrize("host", ["0.0.0.0", "0"])
def test_where_other_machines_find_it_is_said_if_they_can(host: str, home: Path) -> None:
    import httpx

    with listen(host, 0) as listener:
        own = network_address(listener)
    if own is None:
        pytest.skip("this machine has no network")
    with started(home, "serve", "--port", "0", "--host", host) as server:
        here, others = (server.stderr.readline() for _ in range(2))
        assert others.startswith(f"papersearch: other machines find it at http://{own}:")
        assert others.partition("?")[2].rstrip() == here.partition("?")[2].partition(" ")[0]
        answer = httpx.get(others.rpartition(" ")[2].rstrip(), timeout=LONGEST_S, trust_env=False)
        assert answer.status_code == 200


def test_one_address_alone_is_not_looked_for_on_other_machines() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert network_address(listener) is None


def test_the_page_opens_in_the_browser_where_that_is_asked_for(home: Path, tmp_path: Path) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'printf %s "$1" > {shlex.quote(str(opened))}\n')
    with serving(home, "--open", "--host", "0.0.0.0", BROWSER=f"sh {shlex.quote(str(browser))} %s") as address:
        wait_for("the browser", lambda: opened.exists() and opened.read_text() == address)


@pytest.mark.parametrize("given", ["s3cret", ""])
def test_another_address_than_loopback_asks_for_a_token(given: str, home: Path) -> None:
    import httpx

    with serving(home, "--host", "0.0.0.0", PAPERSEARCH_TOKEN=given) as address:
        page, _, token = address.partition("?token=")
        assert token == given or (not given and len(token) > 20)

        def status(address: str, name: str) -> int:
            answer = httpx.get(address, headers={"host": name}, timeout=LONGEST_S, trust_env=False)
            return answer.status_code

        own = socket.gethostname()
        for name in ("127.0.0.1", "192.0.2.7", own, f"{own}.local"):
            assert status(address, name) == 200
        assert status(address, "evil.example") == 421
        assert status(page, "127.0.0.1") == 403


def test_this_machines_own_address_asks_for_a_token_if_one_is_set(home: Path) -> None:
    """As for a machine that several people use: whoever has an account there reaches that address."""
    import httpx

    with serving(home, PAPERSEARCH_TOKEN="s3cret") as address:
        page, _, token = address.partition("?token=")
        assert token == "s3cret"
        answers = [httpx.get(each, timeout=LONGEST_S, trust_env=False) for each in (address, page, f"{page}api/stats")]
        assert [answer.status_code for answer in answers] == [200, 403, 403]


def test_who_is_asked_for_no_token_reaches_it_by_no_name_that_a_neighbour_could_answer_to() -> None:
    assert _names("127.0.0.1") == ["127.0.0.1"]
    assert f"{socket.gethostname()}.local" in _names("0.0.0.0")


def test_another_spelling_of_every_address_asks_for_a_token_too(home: Path) -> None:
    with serving(home, "--host", "0") as address:
        assert "?token=" in address


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (
            AttributeError("no such thing"),
            "internal error (AttributeError: no such thing): please report it; --debug shows the traceback",
        ),
        (MemoryError(), "there is not enough memory: close other programs or raise the limit (ulimit -v)"),
    ],
)
def test_an_unexpected_error_is_one_line_where_the_server_was_started(
    failure: Exception, told: str, tmp_path: Path
) -> None:
    """The traceback is for --debug, and helps with an error of ours alone."""
    said: list[str] = []

    class Broken(CurrentIndex):
        def index(self) -> papersearch.Index:
            raise failure

    app = application(Broken(str(tmp_path), None, said.append))
    client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
    assert client.get("/api/stats").status_code == 500
    assert said == [told]
