"""What recorded answers of a cluster mean: what is asked or sent again, what is refused, and what is said then."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest

pytest.importorskip("opensearchpy", reason="the client of OpenSearch is not installed")

from papersearch.core.errors import DamagedIndexError, NoIndexError, PapersearchError
from papersearch.engine.opensearch import address as addresses
from papersearch.engine.opensearch import state as states
from papersearch.engine.opensearch.connection import Connection, lost_shards
from papersearch.engine.opensearch.files import load_rows
from papersearch.engine.opensearch.papers import Papers
from papersearch.engine.opensearch.statistics import ClusterStatistics, Guess
from tests.commands import ROOT
from tests.listening import Handler, listening
from tests.recorded import Recorded, error

FORKING = """
import os, sys
from papersearch.engine.opensearch.address import parse
from papersearch.engine.opensearch.connection import Connection

connection = Connection(parse(sys.argv[1]))
before = connection.call("GET", "/")["port"]
assert connection.call("GET", "/")["port"] == before  # sockets are kept
child = os.fork()
if child == 0:
    os._exit(connection.call("GET", "/")["port"] == before)
sys.exit(os.waitpid(child, 0)[1] != 0 or connection.call("GET", "/")["port"] != before)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
def test_a_forked_process_asks_on_sockets_of_its_own() -> None:
    class Echo(Handler):
        protocol_version = "HTTP/1.1"  # which keeps its sockets

        def do_GET(self) -> None:
            self.send(200, json.dumps({"port": self.client_address[1]}).encode())

    with listening(Echo) as place:
        command = [sys.executable, "-c", FORKING, f"opensearch://{place}/papers"]
        assert subprocess.run(command, cwd=ROOT, timeout=90).returncode == 0


def test_frequencies_that_a_copy_in_the_making_cannot_tell_are_asked_of_the_first_one(recorded: list[Recorded]) -> None:
    recovering = {"error": {"root_cause": [{"type": "illegal_index_shard_state_exception", "reason": "RECOVERING"}]}}
    known = {"term_vectors": {"title": {"terms": {"otter": {"doc_freq": 3}}}}}
    recorded.append(Recorded((200, {"docs": [known, recovering]}), (200, {"docs": [known, known]}), (200, {})))
    statistics = ClusterStatistics(recorded[0].connection(), "papers.1", "papers.1.words", ("0", "1"), 9)
    assert statistics.settle(lambda guess: guess.frequency("otter", "title")) == 6
    assert ["preference=_primary" in path for _, path, _ in recorded[0].asked if "_mtermvectors" in path] == [
        False,
        True,
    ]


def test_frequencies_that_no_copy_tells_are_missing_only_where_partial_answers_are_welcome(
    recorded: list[Recorded],
) -> None:
    gone = {"error": {"root_cause": [{"type": "no_shard_available_action_exception", "reason": "gone"}]}}
    known = {"term_vectors": {"title": {"terms": {"otter": {"doc_freq": 3}}}}}
    recorded.append(Recorded((200, {"docs": [known, gone]})))
    connection = recorded[0].connection()
    whole = ClusterStatistics(connection, "papers.1", "papers.1.words", ("0", "1"), 9)
    with pytest.raises(PapersearchError):
        whole.settle(lambda guess: guess.frequency("otter", "title"))
    recorded[0].answers = [(200, {"docs": [known, gone]}), (200, {"docs": [known, gone]}), (200, {"responses": []})]
    partial = ClusterStatistics(connection.welcoming_partial(), "papers.1", "papers.1.words", ("0", "1"), 9)
    assert partial.settle(lambda guess: guess.frequency("otter", "title")) == 3


def _hit(paper_id: str, change: int, title: str = "") -> dict[str, Any]:
    hit: dict[str, Any] = {"fields": {"id": [paper_id]}, "_seq_no": change, "_primary_term": 1}
    post = {"id": paper_id, "path": f"{paper_id}.md", "title": title}
    return hit | {"_source": {"posts": json.dumps({"posts": [post], "run": 1})}} if title else hit


def test_a_paper_is_fetched_once_until_it_changes(recorded: list[Recorded]) -> None:
    both = [_hit("a", 1, "Otters"), _hit("b", 2, "Voles")]
    answers = [{"responses": [{"hits": {"hits": hits}}]} for hits in (both, [_hit("b", 5, "Moles")])]
    recorded.append(Recorded((200, answers[0]), (200, answers[1])))
    papers = Papers(recorded[0].connection(), "papers.1", "id")

    def titles(*hits: dict[str, Any]) -> list[str]:
        return sorted(paper.posts[0]["title"] for paper in papers.of(hits).values())

    assert titles(_hit("a", 1), _hit("b", 2)) == ["Otters", "Voles"]
    assert titles(_hit("b", 2), _hit("a", 1)) == ["Otters", "Voles"]
    assert len(recorded[0].asked) == 1
    assert titles(_hit("b", 5), _hit("a", 1)) == ["Moles", "Otters"]
    assert titles(_hit("c", 9, "Otters")) == ["Otters"]  # which came with its text
    assert ['"b"' in body.decode() and '"a"' not in body.decode() for _, _, body in recorded[0].asked] == [False, True]


def test_a_paper_that_changes_while_it_is_found_is_shown_as_it_is_then_and_one_that_goes_is_not(
    recorded: list[Recorded],
) -> None:
    recorded.append(Recorded((200, {"responses": [{"hits": {"hits": [_hit("a", 7, "Newer")]}}]})))
    papers = Papers(recorded[0].connection(), "papers.1", "id")
    found = papers.of([_hit("a", 1), _hit("b", 2)])
    assert {name: paper.posts[0]["title"] for name, paper in found.items()} == {("a", 1, 1): "Newer"}


_FLOOD = (
    "index [papers.1] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, "
    "index has read-only-allow-delete block];"
)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b"Unauthorized", "refuses the user or password: set PAPERSEARCH_OPENSEARCH_AUTH"),
        (403, error("security_exception", "no permissions for [indices:data/read/search]", 403), "the user may not"),
        (
            403,
            error("cluster_block_exception", "index [p] blocked by: [FORBIDDEN/8/index write (api)];", 403),
            "is read-only",
        ),
        (
            429,
            error("cluster_block_exception", _FLOOD, 429),
            "a node's disk is nearly full: free some space",
        ),
        (
            403,
            error(
                "index_create_block_exception", "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];", 403
            ),
            "takes no new index: free some space",
        ),
        (400, error("index_closed_exception", "closed", 400), "is closed (closed): open it"),
        (404, error("index_not_found_exception", "no such index [papers]", 404), "there is no index papers"),
        (503, error("cluster_manager_not_discovered_exception", "", 503), "not available now"),
        (503, error("search_phase_execution_exception", "all shards failed", 503), "not available now"),
        (200, b"<html>a proxy says hello</html>", "is not OpenSearch"),
        (400, error("mapper_parsing_exception", "failed to parse", 400), "refused"),
    ],
)
def test_each_thing_that_goes_wrong_is_one_line(recorded: list[Recorded], status: int, body: Any, said: str) -> None:
    recorded.append(Recorded((status, body)))
    with pytest.raises(PapersearchError) as wrong:
        recorded[0].connection().call("GET", "/papers")["x"]
    assert said in str(wrong.value)
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ({"number": "7.17.9", "build_flavor": "default"}, "not OpenSearch"),
        ({"distribution": "opensearch", "number": "1.3.14"}, "is OpenSearch 1.3.14: 2.10 or newer is needed"),
        ({"distribution": "opensearch", "number": "2.9.0"}, "2.9.0"),
        ("3.3.3", "not OpenSearch (3.3.3)"),
    ],
)
def test_another_server_or_an_old_one_is_refused(recorded: list[Recorded], version: object, said: str) -> None:
    recorded.append(Recorded((200, {"version": version})))
    with pytest.raises(PapersearchError, match=re.escape(said)):
        recorded[0].connection().check_version()


@pytest.mark.parametrize("number", ["2.10.0", "2.19.6-SNAPSHOT", "3.0.0", "10.0"])
def test_newer_versions_are_not_refused(recorded: list[Recorded], number: str) -> None:
    recorded.append(Recorded((200, {"version": {"distribution": "opensearch", "number": number}})))
    recorded[0].connection().check_version()


@pytest.mark.parametrize("said", [{"message": "no route"}, {"error": "there is no such page", "hint": "/"}])
def test_a_server_that_finds_nothing_by_the_cluster_s_own_address_is_another(
    recorded: list[Recorded], said: dict[str, str]
) -> None:
    recorded.append(Recorded((404, said)))
    with pytest.raises(PapersearchError, match="is not OpenSearch") as refused:
        recorded[0].connection().check_version()
    assert not isinstance(refused.value, NoIndexError)


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>log in</html>"),
        (404, b"<html>not found</html>"),
        (200, []),
        (200, b""),
        (200, b"null"),
        (200, b'{"a": ' + b"[" * 100_000),
    ],
    ids=["a page", "no page", "a list", "nothing", "null", "brackets"],
)
def test_what_is_not_the_cluster_s_own_answer_is_said_to_be_another_s(
    answer: tuple[int, Any], recorded: list[Recorded]
) -> None:
    recorded.append(Recorded(answer))
    connection = recorded[0].connection()
    for ask in (connection.check_version, lambda: connection.find("GET", "/papers")):
        with pytest.raises(PapersearchError, match=r"what answers at .* is not OpenSearch \(.*\)") as refused:
            ask()
        assert not isinstance(refused.value, NoIndexError)
        assert "<" not in str(refused.value) or answer[0] == 200


@pytest.mark.parametrize("answer", [{}, {"message": "log in"}], ids=["an empty object", "a message"])
def test_an_answer_that_lacks_what_the_cluster_s_own_has_is_another_s(answer: Any, recorded: list[Recorded]) -> None:
    recorded.append(Recorded((200, answer)))
    connection = recorded[0].connection()
    for ask in (
        lambda: connection.msearch([("papers", {})]),
        lambda: connection.bulk([({"index": {"_id": "a"}}, "1")], lambda: None),
        lambda: connection.unless_changed("PUT", "/papers", {}),
        lambda: states.load(connection, "papers"),
        lambda: states.health_of(connection, "papers"),
        *([lambda: states.resolve(connection, "papers"), lambda: load_rows(connection, "papers", 1)] if answer else []),
    ):
        with pytest.raises(PapersearchError, match="is not OpenSearch") as refused:
            ask()
        assert not isinstance(refused.value, DamagedIndexError)


def test_what_a_busy_cluster_refuses_is_asked_again(recorded: list[Recorded]) -> None:
    busy = (429, error("rejected_execution_exception", "queue is full", 429))
    recorded.append(Recorded(busy, busy, (200, {"status": "green"})))
    assert recorded[0].connection().call("GET", "/_cluster/health") == {"status": "green"}


def test_what_is_too_large_for_a_proxy_is_sent_in_parts(recorded: list[Recorded]) -> None:
    too_large, taken = (413, b"<html>too large</html>"), (200, {"errors": False})
    recorded.append(Recorded(too_large, taken, taken))
    actions = [({"index": {"_id": name}}, f'"{name}"') for name in "abc"]
    recorded[0].connection().bulk(actions, lambda: None)
    assert [body.count(b"index") for _, _, body in recorded[0].asked] == [3, 1, 2]
    recorded.append(Recorded(too_large))
    with pytest.raises(PapersearchError, match="takes no document of this size"):
        recorded[1].connection().bulk(actions, lambda: None)


def test_nobody_there_and_no_tls_there_are_said(recorded: list[Recorded]) -> None:
    recorded.append(Recorded((200, {})))
    port = recorded[0].server_port
    with pytest.raises(PapersearchError, match=r"TLS with .* failed"):
        Connection(addresses.parse(f"opensearchs://127.0.0.1:{port}/papers"), 5).call("GET", "/")
    recorded.pop().server_close()
    nobody = Connection(addresses.parse(f"opensearch://127.0.0.1:{port},localhost:{port}/papers"), 5)
    said = set()
    for _ in range(4):
        with pytest.raises(PapersearchError, match=r"does not answer .*check that it runs") as wrong:
            nobody.call("GET", "/")
        said.add(str(wrong.value))
    assert len(said) == 1  # whichever node was asked last


def test_a_word_that_no_paper_has_is_the_name_of_nobody() -> None:
    papers = {("frequency", ("words", "otterson")): 2}
    known = Guess(lambda question: papers.get(question, 0), 9)
    assert known.is_name("otterson")
    assert not known.is_name("appel")


@pytest.mark.parametrize(
    ("counted", "is_late"),
    [({"successful": 2, "failed": 1}, False), ({"successful": 2, "failed": 0}, False), ({"successful": 3}, True)],
    ids=["failed", "without a node", "out of time"],
)
def test_an_answer_of_which_a_shard_is_missing_is_an_error_unless_it_is_welcome(
    recorded: list[Recorded], counted: dict[str, int], is_late: bool
) -> None:
    answer = {"timed_out": is_late, "_shards": {"total": 3, **counted}, "hits": {"hits": []}}
    recorded.append(Recorded((200, {"responses": [answer]})))
    connection = recorded[0].connection()
    with pytest.raises(PapersearchError, match=r"1 of 3 shards of the index did not answer.*--partial"):
        connection.msearch([("papers", {})])
    assert connection.welcoming_partial().msearch([("papers", {})]) == [answer]
    assert lost_shards(answer) == 1
    assert not connection.takes_partial
    answer |= {"_shards": {"total": 3, "successful": 0, "failed": 3}}
    recorded[0].answers = [(200, {"responses": [answer]})]
    with pytest.raises(PapersearchError, match="3 of 3 shards"):
        connection.welcoming_partial().msearch([("papers", {})])


def test_values_come_in_pages(recorded: list[Recorded]) -> None:
    pages = [{"buckets": [{"key": {"value": value}, "doc_count": 2}]} for value in "abc"]
    for page, last in zip(pages[:2], "ab", strict=True):
        page["after_key"] = {"value": last}
    answers = ({"responses": [{"hits": {}, "aggregations": {"values": page}}]} for page in pages)
    recorded.append(Recorded(*((200, answer) for answer in answers)))
    assert [*recorded[0].connection().values("papers.1", "tag")] == [("a", 2), ("b", 2), ("c", 2)]
    asked = [json.loads(body.splitlines()[1])["aggs"]["values"]["composite"] for _, _, body in recorded[0].asked]
    assert [each.get("after") for each in asked] == [None, {"value": "a"}, {"value": "b"}]


@pytest.mark.parametrize("kind", ["circuit_breaking_exception", "rejected_execution_exception"])
def test_a_search_that_one_shard_had_no_room_for_is_sent_again(recorded: list[Recorded], kind: str) -> None:
    failure = {"shard": 1, "node": "n", "reason": {"type": kind, "reason": "[parent] Data too large"}}
    gone = {"shard": 2, "reason": {"type": "no_shard_available_action_exception"}}
    full = {"_shards": {"total": 3, "successful": 1, "failed": 2, "failures": [gone, failure]}, "hits": {"hits": []}}
    done = {"_shards": {"total": 3, "successful": 3, "failed": 0}, "hits": {"hits": []}}
    recorded.append(Recorded((200, {"responses": [full]}), (200, {"responses": [done]})))
    assert recorded[0].connection().msearch([("papers", {})]) == [done]


def test_what_a_cluster_has_no_room_for_is_sent_again_and_nothing_else(recorded: list[Recorded]) -> None:
    full = {"index": {"status": 429, "error": {"type": "rejected_execution_exception"}}}
    done = {"index": {"status": 201}}
    first = {"errors": True, "items": [done, full, {"create": {"status": 409, "error": {}}}]}
    recorded.append(Recorded((200, first), (200, {"errors": False, "items": [done]})))
    actions = [({"index": {"_id": "a"}}, "1"), ({"index": {"_id": "b"}}, "2"), ({"create": {"_id": "c"}}, "3")]
    recorded[0].connection().bulk(actions, lambda: None)
    assert [body.decode().split("\n") for _, _, body in recorded[0].asked] == [
        ['{"index": {"_id": "a"}}', "1", '{"index": {"_id": "b"}}', "2", '{"create": {"_id": "c"}}', "3", ""],
        ['{"index": {"_id": "b"}}', "2", ""],
    ]


@pytest.mark.parametrize("kind", ["circuit_breaking_exception", "translog_exception"])
def test_a_shard_that_does_not_show_what_was_written_is_asked_again_and_else_ends_the_run(
    recorded: list[Recorded], kind: str
) -> None:
    failure = {"shard": 1, "index": "papers.1", "status": "INTERNAL_SERVER_ERROR", "reason": {"type": kind}}
    failed = {"_shards": {"total": 6, "successful": 5, "failed": 1, "failures": [failure]}}
    without_copies = {"_shards": {"total": 6, "successful": 3, "failed": 0}}
    recorded.append(Recorded((200, failed), (200, without_copies)))
    connection = recorded[0].connection()
    if kind == "translog_exception":
        with pytest.raises(PapersearchError, match=r"1 of 6 shards do not show yet what was written: run again"):
            connection.refresh("papers.1")
    connection.refresh("papers.1")
    assert len(recorded[0].asked) == 2
