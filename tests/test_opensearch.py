"""An index in a cluster as far as no cluster is needed: addresses, queries, candidates, and what recorded answers mean.

The live suite is in ``tests/cluster``: ``make test-cluster``.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("opensearchpy", reason="the client of OpenSearch is not installed")

import papersearch
from papersearch.core.errors import LockedIndexError, NoIndexError, PapersearchError, UsageError
from papersearch.core.fields import FIELDS
from papersearch.core.frozen import replace
from papersearch.core.records import Post
from papersearch.engine.build.invert import stored_fields
from papersearch.engine.opensearch import address as addresses
from papersearch.engine.opensearch import compile, documents, mapping
from papersearch.engine.opensearch.connection import Connection, LostLeaseError
from papersearch.engine.opensearch.papers import Paper, Papers
from papersearch.engine.opensearch.statistics import ClusterStatistics
from papersearch.posts.parse import parse
from papersearch.query.requests import request_of
from tests.cluster.questions import requests
from tests.commands import ROOT
from tests.corpora import SAMPLE


@cache
def sample_posts() -> list[Post]:
    return [parse(str(path), path.read_bytes()) for path in sorted(SAMPLE.glob("*.md"))]


# --- addresses ---


@pytest.mark.parametrize(
    ("text", "hosts", "name", "tls"),
    [
        ("opensearch://localhost/papers", (("localhost", 9200),), "papers", False),
        ("opensearch://10.0.0.1:9201/my-papers_2", (("10.0.0.1", 9201),), "my-papers_2", False),
        ("opensearchs://search.example.org/p", (("search.example.org", 9200),), "p", True),
        ("opensearch://a:1,b:2,[::1]:3/p", (("a", 1), ("b", 2), ("::1", 3)), "p", False),
    ],
)
def test_an_address_says_hosts_name_and_tls(text: str, hosts: tuple[object, ...], name: str, tls: bool) -> None:
    found = addresses.parse(text)
    assert (found.hosts, found.name, found.tls) == (hosts, name, tls)


def test_an_address_may_say_how_an_index_is_made() -> None:
    found = addresses.parse("opensearch://a/p?shards=6&replicas=0")
    assert (found.shards, found.replicas) == (6, 0)


@pytest.mark.parametrize(
    "text",
    [
        "opensearch://user:secret@host/papers",
        "opensearch://host",
        "opensearch://host/Papers",
        "opensearch://host/a/b",
        "opensearch://host/_all",
        "opensearch://host/papers.words",
        "opensearch://host:99999/papers",
        "opensearch:///papers",
        "opensearch://host/papers?shards=0",
        "opensearch://host/papers?shards=many",
        "opensearch://host/papers?colour=red",
    ],
)
def test_what_is_no_address_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        addresses.parse(text)
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_user_and_password_come_from_the_environment_before_netrc(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine localhost login ann password pencil\ndefault login any password any\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv(addresses.AUTH, raising=False)
    here = addresses.parse("opensearch://localhost/p")
    assert addresses.credentials(here) == ("ann", "pencil")
    assert addresses.credentials(addresses.parse("opensearchs://elsewhere.example.org/p")) is None
    monkeypatch.setenv(addresses.AUTH, "bob:with:colon")
    assert addresses.credentials(here) == ("bob", "with:colon")
    monkeypatch.setenv(addresses.AUTH, "bob")
    with pytest.raises(UsageError):
        addresses.credentials(here)


def test_a_password_never_travels_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(addresses.AUTH, "bob:secret")
    with pytest.raises(UsageError, match="over TLS only"):
        addresses.credentials(addresses.parse("opensearch://search.example.org/p"))
    with pytest.raises(UsageError, match="over TLS only"):
        addresses.credentials(addresses.parse("opensearch://localhost,search.example.org/p"))
    with pytest.raises(UsageError, match="over TLS only"):
        addresses.credentials(addresses.parse("opensearch://127.0.0.1.example.org/p"))
    assert addresses.credentials(addresses.parse("opensearch://[::1]/p")) == ("bob", "secret")
    assert addresses.credentials(addresses.parse("opensearchs://search.example.org/p")) == ("bob", "secret")


def test_an_index_has_one_shard_until_several_pay() -> None:
    posts = (0, 87_288, 249_999, 250_000, 500_000, 10_000_000)
    assert [mapping.shards_for(count) for count in posts] == [1, 1, 1, 2, 3, 3]


# --- documents ---


def test_a_document_gives_its_posts_back_whatever_they_hold() -> None:
    post = {"id": "x", "path": "/tmp/\udcff.md", "title": 'a "quoted" \u2028 title', "abstract": "a\u0001b \ud800"}
    text = documents.document([post], 3)
    text.encode("utf-8")
    assert documents.posts_of(json.loads(text)) == ([post], 3)


def test_every_term_of_a_document_reaches_the_cluster_as_it_is() -> None:
    for post in sample_posts():
        stored = stored_fields(post) | {"path": post.path}
        document = json.loads(documents.document([stored], 1))
        taken = documents.take(stored)
        sent = dict(pair.split(mapping.DELIMITER) for pair in document["words"].split())
        assert sent.keys() == taken.frequencies.keys()
        assert all(int(frequency) > 0 for frequency in sent.values())
        for field, found in zip(FIELDS, taken.fields, strict=True):
            values = document.get(mapping.field_name(field.name), [""])
            assert values[0].split() == found.terms
            assert values[1:] == found.compounds


def test_of_several_posts_the_highest_version_is_shown() -> None:
    posts = [{"id": "a", "path": path, "version": version} for path, version in (("x", 1), ("y", 3), ("z", 2))]
    assert [post["path"] for post in documents.first_shown(posts)] == ["y", "z", "x"]


# --- queries: what is compiled selects what the local engine selects ---


def selects(query: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """Whether a query of the DSL, of the kinds that are compiled to, matches a document: slow and obvious."""
    [(kind, body)] = query.items()
    if kind == "bool":
        should = body.get("should", [])
        least = body.get("minimum_should_match", 0 if body.get("filter") else 1)
        return (
            all(selects(each, document) for each in body.get("filter", []))
            and not any(selects(each, document) for each in body.get("must_not", []))
            and (not should or sum(selects(each, document) for each in should) >= least)
        )
    if kind in ("match_all", "match_none"):
        return bool(kind == "match_all")
    [(field, wanted)] = body.items()
    values = document.get(field, [])
    values = values if isinstance(values, list) else [values]
    if kind == "range":
        tests = {"gte": lambda a, b: a >= b, "lte": lambda a, b: a <= b, "gt": lambda a, b: a > b}
        return any(all(tests[name](value, bound) for name, bound in wanted.items()) for value in values)
    if kind == "prefix":
        return any(str(value).startswith(wanted["value"]) for value in values)
    tokens = [[token.partition(mapping.DELIMITER)[0] for token in str(value).split()] for value in values]
    if field in ("id", "tag", "author"):
        tokens = [[str(value)] for value in values]
    if kind == "term":
        return any(wanted in each for each in tokens)
    if kind == "terms":
        return any(set(wanted) & set(each) for each in tokens)
    if kind == "match_phrase":
        run = wanted["query"].split()
        return any(each[at : at + len(run)] == run for each in tokens for at in range(len(each)))
    assert kind == "intervals"
    rule = wanted["all_of"]
    terms = sorted(each["match"]["query"] for each in rule["intervals"])
    width = len(terms) + rule["max_gaps"]
    return any(_holds(each[at : at + width], terms) for each in tokens for at in range(len(each)))


def _holds(window: Sequence[str], terms: Sequence[str]) -> bool:
    left = list(window)
    for term in terms:
        if term not in left:
            return False
        left.remove(term)
    return True


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    return papersearch.build(str(tmp_path_factory.mktemp("opensearch") / "index"), [str(SAMPLE)])


def test_compiled_queries_select_what_the_local_engine_selects(local: papersearch.Index) -> None:
    from papersearch.engine.search.plan import Compiler
    from papersearch.engine.search.selection import select
    from papersearch.query.filters import query_of

    reader = local._engine._current.reader  # type: ignore[attr-defined]
    shown = {}
    for post in sample_posts():
        shown.setdefault(post.paper_id.casefold(), []).append(stored_fields(post) | {"path": post.path})
    sent = [json.loads(documents.document(documents.first_shown(posts), 1)) for posts in shown.values()]
    for request in (request_of(each, {}) for each in requests(sample_posts(), 200)):
        try:
            plan = Compiler(reader, request.expand).compile(query_of(request))
        except PapersearchError:
            continue
        here = select(reader, plan, request.match)
        matching = compile.matching(plan, request.match)
        every = compile.matching_every(plan, request.match)
        assert sum(selects(matching, document) for document in sent) == here.total, request
        assert sum(selects(every, document) for document in sent) == here.total_all, request


def test_a_query_with_more_parts_than_a_cluster_takes_is_refused(local: papersearch.Index) -> None:
    from papersearch.engine.search.plan import Compiler
    from papersearch.query.language import parse as parse_query

    query = parse_query(" ".join(f'"w{n} x{n}"' for n in range(300)), {})
    plan = Compiler(local._engine._current.reader, True).compile(query)  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match=r"parts, of which a cluster takes"):
        compile.matching(plan, "auto")


# --- candidates ---


def test_candidates_in_memory_score_as_a_segment_does(local: papersearch.Index, tmp_path: Path) -> None:
    from papersearch.engine.index.run_arrays import run_postings
    from papersearch.engine.index.runs import ordinals_of
    from papersearch.engine.opensearch.candidates import CandidateReader
    from papersearch.engine.search.matching import match
    from papersearch.engine.search.plan import Compiler
    from papersearch.query.filters import query_of
    from tests.corpora import segment_of

    reader = local._engine._current.reader  # type: ignore[attr-defined]
    segment = segment_of(tmp_path, sample_posts())
    papers = [Paper([stored_fields(post) | {"path": post.path}], {}) for post in sample_posts()]
    candidates, found = CandidateReader(papers, reader).asking(reader).segments[0], 0
    for request in requests(sample_posts(), 96, seed=5):
        try:
            plan = Compiler(reader, True).compile(query_of(request))
        except PapersearchError:
            continue
        for slot in plan.slots:
            here, there = match(slot, segment), match(slot, candidates)
            assert here.bits == there.bits, slot
            docs = range(len(sample_posts()))
            assert [here.saturation(doc) for doc in docs] == [there.saturation(doc) for doc in docs], slot
            for run in {each.terms for each in slot.alternatives if len(each.terms) > 1}:
                known = [ordinals_of(each, run) for each in (segment, candidates)]
                if all(known):
                    counted = [
                        run_postings(each, ordinals or [], docs, range(len(FIELDS)))
                        for each, ordinals in zip((segment, candidates), known, strict=True)
                    ]
                    assert counted[0] == counted[1]
                    found += len(counted[0][0])
    assert found > 10


def test_candidates_may_be_several_posts_of_a_paper(local: papersearch.Index) -> None:
    from papersearch.engine.opensearch.candidates import CandidateReader

    reader = local._engine._current.reader  # type: ignore[attr-defined]
    papers = [Paper([{"id": "2412.1", "path": f"{name}.md", "title": name}], {}) for name in ("one", "two")]
    segment = CandidateReader(papers, reader).asking(reader).segments[0]
    entry = segment.find("2412.1", "id")
    assert entry is not None
    assert segment.bits(entry) == 0b11


def test_pages_of_candidates_are_those_of_the_local_engine(local: papersearch.Index) -> None:
    from papersearch.engine.opensearch.candidates import CandidateReader
    from papersearch.engine.opensearch.selection import Counted, page_of, selected
    from papersearch.engine.search.hits import with_common_tags
    from papersearch.engine.search.plan import Compiler
    from papersearch.engine.search.selection import select
    from papersearch.query.filters import query_of

    reader = local._engine._current.reader  # type: ignore[attr-defined]
    by_id: dict[str, list[Any]] = {}
    for post in sample_posts():
        by_id.setdefault(post.id.casefold(), []).append(stored_fields(post) | {"path": post.path})
    for request in (request_of(each, {}) for each in requests(sample_posts(), 192, seed=9)):
        try:
            here = local.search(request, explain=True)
            plan = Compiler(reader, request.expand).compile(query_of(request))
        except PapersearchError:
            continue
        if "older post" in (here.hint or ""):  # these are no candidates, but asked for apart
            continue
        found = [by_id[hit.id.casefold()] for hit in local.results(request, offset=0)]
        candidates = CandidateReader([Paper(documents.first_shown(posts), {}) for posts in found], reader)
        whole = select(reader, plan, request.match)
        counted = Counted(list(whole.frequencies), list(whole.weights))
        selection = selected(candidates, plan, counted, whole.total, whole.total_all, (1 << len(found)) - 1)
        there = page_of(selection, candidates.asking(reader), replace(request, explain=True))
        there = with_common_tags(there, reader)
        assert [hit.id for hit in there] == [hit.id for hit in here.results], request
        assert there == here.results, request
        there = with_common_tags(page_of(selection, candidates.asking(reader), request), reader)
        assert there == tuple(replace(hit, explanation=()) for hit in here.results), request  # by arrays


# --- meaning ---


def test_vectors_come_back_from_a_cluster_as_they_lie_in_a_folder(local: papersearch.Index) -> None:
    numpy = pytest.importorskip("numpy")
    from papersearch.engine.index.vectors import rows_of
    from papersearch.engine.opensearch import vectors
    from papersearch.engine.search.nearest import likenesses

    chance = numpy.random.default_rng(3)
    made = [vector / numpy.sqrt(vector @ vector) for vector in chance.normal(size=(20, 48)).astype("f4")]
    here = rows_of(range(21), range(21), [*made, None], 48)
    stored = {"id": "x", "path": "x.md", "title": "x"}
    kept = []
    for vector in vectors.kept("model", range(21), [*made, None], 48):
        fields = json.loads(documents.document([stored], 1, vector))
        wanted = ({name: fields[name]} for name in vectors.FIELDS if name in fields)
        kept.append({name: [value.rstrip("=")] for each in wanted for name, value in each.items()})
    there = vectors.rows(kept, "model", 48)
    for query in made[:3]:
        assert numpy.array_equal(likenesses(here, query), likenesses(there, query), equal_nan=True)
        sent = [ord(each) - 32_768 for each in vectors.asked(query)]
        assert numpy.abs(numpy.array(sent) / 16_000 - query).max() < 1e-4
        vectors.asked(query).encode("utf-8")
    assert not vectors.rows(kept, "another model", 48).lengths.any()


# --- what recorded answers mean ---


class Recorded(ThreadingHTTPServer):
    """Gives the recorded (status, body)s in turn, the last one for ever. ``asked`` are the requests."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, bytes]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.asked.append((self.command, self.path, body))
                status, answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def connection(self, timeout: float = 5) -> Connection:
        return Connection(addresses.parse(f"opensearch://127.0.0.1:{self.server_port}/papers"), timeout)


@pytest.fixture
def recorded() -> Iterator[list[Recorded]]:
    servers: list[Recorded] = []
    yield servers
    for server in servers:
        server.shutdown()
        server.server_close()


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
    class Echo(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # which keeps its sockets

        def do_GET(self) -> None:
            data = json.dumps({"port": self.client_address[1]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    command = [sys.executable, "-c", FORKING, f"opensearch://127.0.0.1:{server.server_port}/papers"]
    try:
        assert subprocess.run(command, cwd=ROOT, timeout=90).returncode == 0
    finally:
        server.shutdown()
        server.server_close()


def _error(kind: str, reason: str, status: int) -> dict[str, Any]:
    cause = {"type": kind, "reason": reason}
    return {"error": {**cause, "root_cause": [cause]}, "status": status}


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


def _hit(paper_id: str, change: int, title: str = "") -> dict[str, Any]:
    hit: dict[str, Any] = {"fields": {"id": [paper_id]}, "_seq_no": change, "_primary_term": 1}
    post = {"id": paper_id, "path": f"{paper_id}.md", "title": title}
    return hit | {"_source": {"posts": json.dumps({"posts": [post], "run": 1})}} if title else hit


def test_a_paper_is_fetched_once_until_it_changes(recorded: list[Recorded]) -> None:
    both = [_hit("a", 1, "Otters"), _hit("b", 2, "Voles")]
    answers = [{"responses": [{"hits": {"hits": hits}}]} for hits in (both, [_hit("b", 5, "Moles")])]
    recorded.append(Recorded((200, answers[0]), (200, answers[1])))
    papers = Papers(recorded[0].connection(), "papers.1", "id", False)

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
    papers = Papers(recorded[0].connection(), "papers.1", "id", False)
    found = papers.of([_hit("a", 1), _hit("b", 2)])
    assert {name: paper.posts[0]["title"] for name, paper in found.items()} == {("a", 1, 1): "Newer"}


_FLOOD = (
    "index [papers.1] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, "
    "index has read-only-allow-delete block];"
)
_BLOCKED = "index [p] blocked by: [FORBIDDEN/8/index write (api)];"


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b"Unauthorized", "refuses the user or password: set PAPERSEARCH_OPENSEARCH_AUTH"),
        (403, _error("security_exception", "no permissions for [indices:data/read/search]", 403), "the user may not"),
        (
            403,
            _error("cluster_block_exception", "index [p] blocked by: [FORBIDDEN/8/index write (api)];", 403),
            "is read-only",
        ),
        (
            429,
            _error("cluster_block_exception", _FLOOD, 429),
            "a node's disk is nearly full: free some space",
        ),
        (404, _error("index_not_found_exception", "no such index [papers]", 404), "there is no index papers"),
        (503, _error("cluster_manager_not_discovered_exception", "", 503), "not available now"),
        (503, _error("search_phase_execution_exception", "all shards failed", 503), "not available now"),
        (200, b"<html>a proxy says hello</html>", "does not parse"),
        (400, _error("mapper_parsing_exception", "failed to parse", 400), "refused"),
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
        ({"distribution": "opensearch", "number": "1.3.14"}, "1.3.14"),
    ],
)
def test_another_server_or_an_old_one_is_refused(recorded: list[Recorded], version: dict[str, str], said: str) -> None:
    recorded.append(Recorded((200, {"version": version})))
    with pytest.raises(PapersearchError, match=re.escape(said)):
        recorded[0].connection().check_version()


def test_nobody_there_and_no_tls_there_are_said(recorded: list[Recorded]) -> None:
    recorded.append(Recorded((200, {})))
    port = recorded[0].server_port
    with pytest.raises(PapersearchError, match=r"TLS with .* failed"):
        Connection(addresses.parse(f"opensearchs://127.0.0.1:{port}/papers"), 5).call("GET", "/")
    recorded[0].shutdown()
    recorded.pop().server_close()
    with pytest.raises(PapersearchError, match=r"does not answer .*check that it runs"):
        Connection(addresses.parse(f"opensearch://127.0.0.1:{port}/papers"), 5).call("GET", "/")


@pytest.mark.parametrize("counted", [{"successful": 2, "failed": 1}, {"successful": 2, "failed": 0}])
def test_an_answer_of_which_a_shard_is_missing_is_an_error_unless_it_is_welcome(
    recorded: list[Recorded], counted: dict[str, int]
) -> None:
    answer = {"_shards": {"total": 3, **counted}, "hits": {"hits": []}}  # none failed: it has no node
    recorded.append(Recorded((200, {"responses": [answer]})))
    connection = recorded[0].connection()
    with pytest.raises(PapersearchError, match=r"1 of 3 shards of the index did not answer.*--partial"):
        connection.msearch([("papers", {})])
    assert connection.msearch([("papers", {})], partial=True) == [answer]


@pytest.mark.parametrize("kind", ["circuit_breaking_exception", "rejected_execution_exception"])
def test_a_search_that_one_shard_had_no_room_for_is_sent_again(recorded: list[Recorded], kind: str) -> None:
    failure = {"shard": 1, "node": "n", "reason": {"type": kind, "reason": "[parent] Data too large"}}
    full = {"_shards": {"total": 3, "successful": 2, "failed": 1, "failures": [failure]}, "hits": {"hits": []}}
    done = {"_shards": {"total": 3, "successful": 3, "failed": 0}, "hits": {"hits": []}}
    recorded.append(Recorded((200, {"responses": [full]}), (200, {"responses": [done]})))
    assert recorded[0].connection().msearch([("papers", {})]) == [done]


def test_what_a_cluster_has_no_room_for_is_sent_again_and_nothing_else(recorded: list[Recorded]) -> None:
    full = {"index": {"status": 429, "error": {"type": "rejected_execution_exception"}}}
    done = {"index": {"status": 201}}
    first = {"errors": True, "items": [done, full, {"create": {"status": 409, "error": {}}}]}
    recorded.append(Recorded((200, first), (200, {"errors": False, "items": [done]})))
    actions = [({"index": {"_id": "a"}}, "1"), ({"index": {"_id": "b"}}, "2"), ({"create": {"_id": "c"}}, "3")]
    recorded[0].connection().bulk(actions)
    assert [body.decode().split("\n") for _, _, body in recorded[0].asked] == [
        ['{"index": {"_id": "a"}}', "1", '{"index": {"_id": "b"}}', "2", '{"create": {"_id": "c"}}', "3", ""],
        ['{"index": {"_id": "b"}}', "2", ""],
    ]


def test_a_write_that_somebody_else_has_overtaken_ends_the_run(recorded: list[Recorded]) -> None:
    overtaken = {"index": {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "newer"}}}
    recorded.append(Recorded((200, {"errors": True, "items": [overtaken]})))
    with pytest.raises(LostLeaseError):
        recorded[0].connection().bulk([({"index": {"_id": "a"}}, "1")])


def test_a_lease_that_is_held_is_waited_for(recorded: list[Recorded]) -> None:
    from papersearch.engine.opensearch.lease import leased

    data = json.dumps({"term": 4, "holder": "other, process 7", "free": False})
    held = {"found": True, "_seq_no": 1, "_primary_term": 1, "_source": {"data": data}}
    recorded.append(Recorded((200, held)))
    with (
        pytest.raises(LockedIndexError, match=r"another run is writing this index \(other, process 7\)"),
        leased(recorded[0].connection(), 0.1),
    ):
        pass


def test_an_index_that_is_not_there_and_one_of_others_are_told_apart(recorded: list[Recorded]) -> None:
    from papersearch.engine.opensearch.state import opened

    recorded.append(Recorded((404, _error("index_not_found_exception", "no such index", 404))))
    with pytest.raises(NoIndexError):
        opened(recorded[0].connection(), "papers")
    recorded.append(Recorded((200, {"papers": {"mappings": {}}})))
    with pytest.raises(PapersearchError, match="not one of papersearch's"):
        opened(recorded[1].connection(), "papers")
    other = {"papers.1": {"mappings": {"_meta": {"papersearch": {"format": 0, "analysis": "0"}}}}}
    recorded.append(Recorded((200, other)))
    with pytest.raises(PapersearchError, match=r"another version of papersearch.*--rebuild"):
        opened(recorded[2].connection(), "papers")


def test_the_client_is_loaded_for_addresses_alone(tmp_path: Path) -> None:
    from tests.commands import run

    ask = "papersearch.build('i', [sys.argv[1]]).search('moe')"
    script = f"import sys, papersearch; {ask}; print('opensearchpy' in sys.modules)"
    import subprocess
    import sys

    from tests.commands import environment

    command = [sys.executable, "-c", script, str(SAMPLE)]
    assert subprocess.check_output(command, cwd=tmp_path, env=environment(), text=True).strip() == "False"
    refused = run(tmp_path, "query", "moe", "--index", "opensearch://user:pw@host/p")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
