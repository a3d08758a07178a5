"""The tools as an agent's client uses them: over standard input and output, and over HTTP; bounds and refusals."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.commands import PAPERSEARCH, ROOT, environment, run, sample
from tests.processes import LONGEST_S, wait_for
from tests.servers import BEGIN, serving

for needed in ("mcp", "uvicorn", "starlette", "jinja2"):
    if find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed", allow_module_level=True)

from papersearch.apps.mcp import tools  # noqa: E402  # not before it is known that the SDK is there

TOOLS = {"search", "read", "similar", "facets", "status"}
LONG = " ".join(f"word{number} of a long note\n" for number in range(10_000))  # over 200,000 characters


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample posts, a long note, one by hundreds of authors, and papers with long titles, tags and passages."""
    folder = sample(tmp_path_factory.mktemp("mcp"))
    corpus = folder / "corpus"
    (corpus / "long.md").write_text(f"---\ntitle: A long note\n---\n{LONG}\n")
    names = ", ".join(f"Author{number} Surname{number}" for number in range(400))
    (corpus / "many.md").write_text(
        f"---\ntitle: Crowd\nauthors: [{names}]\n---\n## Abstract\n\nCrowdsourced physics.\n"
    )
    for number in range(40):
        tags = ", ".join(f"{'x' * 90}{number}{each}" for each in range(5))
        long = f'"{"bulky " * 400}"'
        text = f"---\ntitle: {long}\ntags: [{tags}]\n---\n## Abstract\n\n" + f"Bulky {'é“<' * 300} {number}. " * 3
        (corpus / f"bulky{number}.md").write_text(text, "utf-8")
    assert run(folder, "index").code == 0
    return folder


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with serving(home) as found:
        yield found


def stdio(home: Path) -> Any:
    import mcp  # takes longer to load than the other tests together

    program, *line = PAPERSEARCH
    return mcp.StdioServerParameters(command=program, args=[*line, "mcp"], cwd=home, env=environment())


Ask = Callable[..., Awaitable[Any]]


def session(server: Any, act: Callable[[Any], Awaitable[Any]]) -> Any:
    """What ``act`` gives with a client of the SDK."""
    import mcp

    async def all_of_it() -> Any:
        async with mcp.Client(server) as client:
            return await act(client)

    return asyncio.run(asyncio.wait_for(all_of_it(), 2 * LONGEST_S))


def call(server: Any, name: str, **given: Any) -> Any:
    """The result of one call."""
    return session(server, lambda client: client.call_tool(name, given))


@pytest.fixture(params=["stdio", "http"])
def server(request: pytest.FixtureRequest, home: Path, address: str) -> Any:
    """What a client connects to."""
    return stdio(home) if request.param == "stdio" else f"{address}mcp"


def test_every_tool_answers_the_same_as_text_and_as_data(server: Any) -> None:
    async def act(client: Any) -> None:
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(listed) == TOOLS
        assert all(tool.annotations.read_only_hint for tool in listed.values())
        assert "papers" in client.instructions
        found = await client.call_tool("search", {"query": "mixture of experts", "limit": 3})
        assert not found.is_error
        assert [hit["id"] for hit in found.structured_content["results"]] == re.findall(
            r"^\d+\. \[(.+?)\]", found.content[0].text, re.MULTILINE
        )
        assert found.structured_content["next_offset"] == 3
        first = found.structured_content["results"][0]
        assert first["passages"][0]["line"] > 0
        read = await client.call_tool("read", {"id": first["id"]})
        assert read.structured_content["text"] in read.content[0].text
        assert first["title"] in read.structured_content["text"]
        like = await client.call_tool("similar", {"id": first["id"], "limit": 2})
        assert len(like.structured_content["results"]) == 2
        counts = await client.call_tool("facets", {"by": "year"})
        assert f"{counts.structured_content['counts'][0]['value']}: " in counts.content[0].text
        newest = await client.call_tool("facets", {"by": "year", "limit": 1})
        assert newest.structured_content["counts"] == counts.structured_content["counts"][-1:]
        status = await client.call_tool("status", {})
        assert str(status.structured_content["papers"]) in status.content[0].text

    session(server, act)


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("search", {"query": "moe", "qurey": "x"}, "qurey"),
        ("search", {}, "query"),
        ("search", {"query": None}, "search needs query"),
        ("search", {"query": 3}, "string"),
        ("search", {"query": " ", "since": "2024"}, "* for every paper"),
        ("search", {"query": "moe", "qurey": ""}, "qurey"),
        ("search", {"query": "moe", "limit": "many"}, "whole number"),
        ("search", {"query": "moe", "limit": -1}, "whole number"),
        ("search", {"query": "moe", "limit": True}, "whole number"),
        ("search", {"query": "moe", "limit": 2.5}, "whole number"),
        ("search", {"query": "year:abc"}, "year"),
        ("search", {"query": "moe", "sort": "best"}, "best"),
        ("search", {"query": "moe", "since": "2024-13"}, "2024-13"),
        ("search", {"query": "moe", "tag": [1]}, "strings"),
        ("read", {"id": "no-such-paper"}, "no-such-paper"),
        ("read", {"id": "long", "start": 99_999_999}, "beyond"),
        ("read", {"id": None}, "read needs id"),
        ("similar", {"id": "no-such-paper"}, "no-such-paper"),
        ("facets", {"by": "colour"}, "colour"),
        ("facets", {}, "facets needs by: tag, author, year, month"),
        ("status", {"x": 1}, "x"),
        ("serach", {"query": "moe"}, "search"),
    ],
)
def test_what_is_unknown_or_mistaken_is_refused_with_a_hint(
    address: str, name: str, given: dict[str, Any], said: str
) -> None:
    result = call(f"{address}mcp", name, **given)
    assert result.is_error
    assert said in result.content[0].text
    assert set(result.structured_content) == {"error", "hint"}


def test_a_long_note_read_part_by_part_is_the_whole(server: Any) -> None:
    async def act(client: Any) -> tuple[str, int]:
        start, text, total = 0, "", 0
        while start is not None:
            told = await client.call_tool("read", {"id": "long", "start": start, "max_chars": 11_000})
            assert len(told.content[0].text) <= tools.MOST_CHARS
            data = told.structured_content
            if data["next_start"] is not None:
                assert f"start={data['next_start']}" in told.content[0].text
            text, start, total = text + data["text"], data["next_start"], data["total_chars"]
        return text, total

    text, total = session(server, act)
    assert len(text) == total > 200_000
    assert re.findall(r"word\d+", text) == re.findall(r"word\d+", LONG)


def test_no_answer_is_longer_than_its_bound_without_saying_where_to_go_on(address: str) -> None:
    async def act(client: Any) -> None:
        asked = [
            ("search", {"query": "bulky", "limit": 30}),
            ("search", {"query": "*", "limit": 1000}),
            ("similar", {"id": "bulky1", "limit": 30}),
            ("facets", {"by": "tag", "limit": 100}),
            ("facets", {"by": "author", "limit": 100}),
            ("read", {"id": "long", "max_chars": 10_000_000}),
            ("search", {"query": "x" * 5_000}),
        ]
        for name, given in asked:
            told = await client.call_tool(name, given)
            text, data = told.content[0].text, json.dumps(told.structured_content, ensure_ascii=False)
            assert max(len(text), len(data)) <= tools.MOST_CHARS, (name, given)
        found = (await client.call_tool("search", {"query": "bulky", "limit": 30})).structured_content
        seen, offset = [], 0
        while offset is not None:
            told = await client.call_tool("search", {"query": "bulky", "limit": 30, "offset": offset})
            seen += [hit["id"] for hit in told.structured_content["results"]]
            offset = told.structured_content["next_offset"]
        assert len(seen) == len(set(seen)) == found["total"] == 40

    session(f"{address}mcp", act)


def test_who_finds_nothing_in_an_order_of_dates_is_told_that_it_asks_for_every_word(address: str) -> None:
    async def act(client: Any) -> None:
        asked = {"query": "newest papers on mixture of experts walruses", "sort": "newest"}
        others = {"match": "any"}, {"sort": "relevance"}, {"query": "walruses"}
        for more, said in (({}, True), *((other, False) for other in others)):
            found = await client.call_tool("search", asked | more)
            assert ("match=any" in found.content[0].text) is said
            assert ("match=any" in (found.structured_content["hint"] or "")) is said

    session(f"{address}mcp", act)


def test_who_asks_in_words_that_papers_lack_is_told_to_use_theirs(address: str) -> None:
    async def act(client: Any) -> None:
        for query, said in (
            ("experts walruses herons gnats", True),
            ("experts walruses", False),
            ("walruses herons gnats moths", False),
        ):
            found = await client.call_tool("search", {"query": query})
            assert ("a paper would use" in found.content[0].text) is said
            assert ("a paper would use" in (found.structured_content["hint"] or "")) is said

    session(f"{address}mcp", act)


def test_of_hundreds_of_authors_five_are_named(address: str) -> None:
    told = call(f"{address}mcp", "search", query="crowdsourced physics").structured_content["results"][0]
    assert (len(told["authors"]), told["et_al"]) == (5, True)
    assert "Surname399" not in call(f"{address}mcp", "read", id="many").content[0].text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:8765"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({}, 200),
    ],
)
def test_a_foreign_host_or_origin_is_refused(address: str, headers: dict[str, str], status: int) -> None:
    where = urlsplit(address)
    asked = http.client.HTTPConnection(where.hostname or "", where.port or 0, timeout=LONGEST_S)
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": BEGIN})
    usual = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    asked.request("POST", "/mcp", body, {**usual, **headers})
    answer = asked.getresponse()
    assert answer.status == status
    assert (b"result" in answer.read()) is (status == 200)


def test_a_server_that_stays_tells_new_clients_what_the_index_holds_by_now(tmp_path: Path) -> None:
    home = sample(tmp_path)
    assert run(home, "index").code == 0
    with serving(home) as address:

        async def told(client: Any) -> str:
            return str(client.instructions)

        before = session(f"{address}mcp", told)
        assert "59 research papers" in before
        (home / "corpus" / "dam.md").write_text("---\ntitle: Dams\n---\nOtters.\n")
        assert run(home, "index").code == 0
        wait_for("the new paper", lambda: "60 research papers" in session(f"{address}mcp", told))


@pytest.mark.parametrize("paths", [(), ("--paths",)])
def test_over_http_no_place_on_this_machine_is_told_unless_it_is_asked_for(
    paths: tuple[str, ...], tmp_path: Path
) -> None:
    home = sample(tmp_path / "home")
    assert run(home, "index").code == 0
    with serving(tmp_path, "--index", str(home / "index"), *paths) as address:
        shutil.rmtree(home)

        async def told(client: Any) -> str:
            return f"{client.instructions} {await client.call_tool('status', {})}"

        wait_for(
            "the end of the index",
            lambda: "no index" in (text := session(f"{address}mcp", told)) or "cannot be" in text,
        )
        assert (str(tmp_path) in session(f"{address}mcp", told)) is bool(paths)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_nothing_is_held_open_that_would_never_say_anything(address: str, method: str) -> None:
    where = urlsplit(address)
    asked = http.client.HTTPConnection(where.hostname or "", where.port or 0, timeout=LONGEST_S)
    asked.request(method, "/mcp", headers={"Accept": "text/event-stream"})
    answer = asked.getresponse()
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


def inspector() -> list[str] | None:
    """The command of the protocol's inspector, if Node and it are there."""
    place = Path(os.environ.get("PAPERSEARCH_TEST_NPM", Path(sys.prefix) / "npm"))
    program = place / "node_modules" / ".bin" / "mcp-inspector"
    return [str(program), "--cli"] if program.exists() and shutil.which("node") else None


@pytest.mark.skipif(
    inspector() is None and not os.environ.get("ALL_DOORS"),
    reason="the MCP inspector is not in npm/ of this Python's environment",
)
def test_the_inspector_lists_and_calls_the_tools(home: Path, address: str) -> None:
    command = inspector()
    assert command is not None, "the MCP inspector is not installed"

    def inspected(*arguments: str) -> Any:
        asked = [*command, *arguments, "--connect-timeout", f"{LONGEST_S * 1000:.0f}"]
        done = subprocess.run(asked, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=2 * LONGEST_S)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    listed = inspected(*PAPERSEARCH, "mcp", "--index", str(home / "index"), "--method", "tools/list")
    assert {tool["name"] for tool in listed["tools"]} == TOOLS
    call = ("--method", "tools/call", "--tool-name", "search", "--tool-arg", "query=mixture of experts")
    told = inspected(f"{address}mcp", "--transport", "http", *call)
    assert told["structuredContent"]["total"] > 0
