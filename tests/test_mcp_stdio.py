"""What ``papersearch mcp`` says on standard output and standard error, line by line, without a client of the SDK."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.commands import environment, run, sample, started
from tests.servers import BEGIN

for needed in ("mcp", "starlette"):
    if find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed", allow_module_level=True)


def talk(home: Path, *queries: str, **variables: str) -> tuple[list[dict[str, Any]], str]:
    """The messages on standard output when one query after the other is asked, and standard error."""
    requests = [("initialize", BEGIN)]
    requests += [("tools/call", {"name": "search", "arguments": {"query": query}}) for query in queries]
    with started(home, "mcp", **variables) as server:
        messages = []
        for number, (method, params) in enumerate(requests):
            server.stdin.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + "\n")
            server.stdin.flush()
            messages.append(json.loads(server.stdout.readline()))
            if method == "initialize":
                server.stdin.write('{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
        server.stdin.close()
        rest = server.stdout.read()
        said = server.stderr.read()
        assert server.wait() == 0
    assert rest == ""
    assert all(message["jsonrpc"] == "2.0" for message in messages)
    return messages, said


def test_while_the_index_is_built_only_the_protocol_is_on_standard_output(tmp_path: Path) -> None:
    sample(tmp_path)
    # In a fresh process, which takes longer for the index than for the first answer.
    messages, said = talk(tmp_path, *["mixture of experts"] * 150, PYTHONUTF8="1")
    assert "building it" in said
    assert messages[1]["result"]["isError"]
    assert "being made" in messages[1]["result"]["content"][0]["text"]


@pytest.mark.parametrize(
    ("line", "number", "code"),
    [
        ("no message", None, -32700),
        ("[" * 100_000, None, -32700),
        ("[]", None, -32600),
        ('{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": []}', 7, -32600),
        ('{"jsonrpc": "2.0", "id": "\\ud83d"}', "?", -32600),
        ('{"jsonrpc": "2.0", "id": 1.5, "method": "ping"}', None, -32600),
        ('{"jsonrpc": "2.0", "id": null, "method": "ping"}', None, -32600),
    ],
)
def test_a_line_that_is_no_message_is_answered_since_who_sent_it_waits(
    home: Path, line: str, number: int | str | None, code: int
) -> None:
    with started(home, "mcp") as server:
        server.stdin.write(f"\n{line}\n")
        server.stdin.close()
        answer = json.loads(server.stdout.read())
        assert server.wait() == 0
    assert (answer["id"], answer["error"]["code"]) == (number, code)


def test_a_byte_order_mark_before_the_first_message_is_no_part_of_it(home: Path) -> None:
    ping = {"jsonrpc": "2.0", "id": 3, "method": "ping", "params": {"id": "of a notification"}}
    with started(home, "mcp", PYTHONUTF8="1") as server:
        server.stdin.write(f"\ufeff{json.dumps(ping)}\n")
        server.stdin.close()
        answer = json.loads(server.stdout.read())
    assert (answer["id"], "result" in answer) == (3, True)


def test_a_question_cut_within_an_emoji_is_answered(home: Path) -> None:
    messages, _ = talk(home, "mixture of experts \ud83d")
    assert not messages[1]["result"]["isError"]
    assert "experts" in messages[1]["result"]["content"][0]["text"]


def test_a_damaged_index_is_built_anew_and_standard_output_stays_clean(tmp_path: Path) -> None:
    sample(tmp_path)
    assert run(tmp_path, "index").code == 0
    for file in (tmp_path / "index").glob("MAIN_*.*"):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    messages, said = talk(tmp_path, "mixture of experts")
    assert len(messages) == 2
    assert said.startswith("papersearch: ")


def test_of_an_index_that_cannot_be_built_anew_agents_are_told_what_to_do(tmp_path: Path) -> None:
    sample(tmp_path)
    assert run(tmp_path, "index").code == 0
    for file in (tmp_path / "index").iterdir():
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    messages, _ = talk(tmp_path, "mixture of experts")
    assert messages[1]["result"]["isError"]
    assert "name their folder: papersearch index FOLDER" in messages[1]["result"]["content"][0]["text"]


def test_a_warning_and_a_missing_corpus_are_said_on_standard_error(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "papersearch.toml").write_text('index = "/nowhere/else"\n')
    messages, said = talk(tmp_path / "home", "mixture of experts")
    assert "is not used as index" in said
    assert messages[1]["result"]["isError"]
    assert "no index" in messages[1]["result"]["content"][0]["text"]


def test_weights_of_the_settings_hold_for_agents_too(tmp_path: Path) -> None:
    sample(tmp_path)
    assert run(tmp_path, "index").code == 0
    (tmp_path / "papersearch.toml").write_text("[weights]\ntitle = 0\nabstract = 0\nqa = 9\n")
    wanted = run(tmp_path, "query", "diffusion models", "-f", "ids").lines
    told = talk(tmp_path, "diffusion models")[0][1]["result"]["structuredContent"]
    assert [hit["id"] for hit in told["results"]] == wanted[: len(told["results"])] != []


def test_without_the_sdk_one_line_says_what_to_install(home: Path) -> None:
    code = "import sys; sys.modules['mcp'] = None; from papersearch.__main__ import main; main(['mcp'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=home, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (3, "")
    assert "pip install" in done.stderr
    assert len(done.stderr.splitlines()) == 1
