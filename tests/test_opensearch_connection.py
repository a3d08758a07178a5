"""The connection to a cluster: whom it trusts, how long it waits, and what of a bulk request ends a run."""

from __future__ import annotations

import base64
import json
import re
import shutil
import socket
import ssl
import subprocess
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("opensearchpy", reason="the client of OpenSearch is not installed")

from papersearch.core.errors import PapersearchError
from papersearch.engine.opensearch import address as addresses
from papersearch.engine.opensearch import connection as connections
from papersearch.engine.opensearch.connection import Connection
from papersearch.engine.opensearch.failures import BusyError, UnavailableError
from tests.listening import Handler, Server
from tests.recorded import Recorded, error

ACTIONS = [({"index": {"_id": "a"}}, "1")]
FULL = {"index": {"status": 429, "error": {"type": "rejected_execution_exception"}}}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make a certificate with")
def test_a_password_is_told_only_to_whom_an_authority_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str | None] = []

    class Secret(Handler):
        def do_GET(self) -> None:
            told.append(self.headers["Authorization"])
            self.send(200, b"{}")

    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *made.split(), *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    monkeypatch.setenv(addresses.AUTH, "bob:secret")
    monkeypatch.delenv(addresses.AUTHORITIES, raising=False)
    with Server(Secret) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        place = addresses.parse(f"opensearchs://127.0.0.1:{server.server_port}/papers")
        with pytest.raises(PapersearchError, match=r"TLS with .* failed .*PAPERSEARCH_OPENSEARCH_CA=file"):
            Connection(place, 30).call("GET", "/")
        assert told == []
        monkeypatch.setenv(addresses.AUTHORITIES, str(certificate))
        assert Connection(place, 30).call("GET", "/") == {}
    assert told == [f"Basic {base64.b64encode(b'bob:secret').decode()}"]


def test_who_takes_a_connection_and_never_answers_is_not_waited_for_without_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = addresses.parse(f"opensearch://127.0.0.1:{silent.getsockname()[1]}/papers")
        with pytest.raises(UnavailableError, match="did not answer in time: try again"):
            Connection(place, 0.1).call("GET", "/")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it waited each time: not at all, in a test."""
    waited: list[float] = []
    monkeypatch.setattr(connections, "time", SimpleNamespace(sleep=waited.append))
    return waited


def test_a_cluster_that_stays_too_busy_to_answer_is_left_alone_after_some_tries(
    recorded: list[Recorded], pauses: list[float]
) -> None:
    recorded.append(Recorded((429, error("rejected_execution_exception", "queue is full", 429))))
    with pytest.raises(BusyError, match="is too busy"):
        recorded[0].connection().call("GET", "/")
    assert len(recorded[0].asked) == len(pauses) + 1 == 4
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, (0.1, 0.3, 1.0), strict=True))


def test_a_cluster_that_stays_full_is_sent_less_and_less_often_and_only_by_who_may(
    recorded: list[Recorded], pauses: list[float]
) -> None:
    checks: list[int] = []
    recorded.append(Recorded((200, {"errors": True, "items": [FULL]})))
    with pytest.raises(UnavailableError, match="takes no more documents now: run again"):
        recorded[0].connection().bulk(ACTIONS, lambda: checks.append(len(recorded[0].asked)))
    assert checks == [*range(12)]
    most = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, *[5.0] * 6)
    assert all(longest / 2 <= pause <= longest for pause, longest in zip(pauses, most, strict=True))


@pytest.mark.parametrize(
    ("kind", "status", "told", "said"),
    [
        ("index", 429, {"type": "cluster_block_exception", "reason": "flood"}, "a node's disk is nearly full"),
        ("index", 400, {"type": "mapper_parsing_exception", "reason": "no date"}, "refused _bulk (400: "),
        ("index", 404, {"type": "index_not_found_exception", "reason": "gone"}, "there is no index papers"),
        ("create", 400, {"type": "mapper_parsing_exception", "reason": "no date"}, "refused _bulk (400: "),
        ("delete", 404, None, None),
        ("delete", 403, {"type": "security_exception", "reason": "no right"}, "the user may not do this"),
    ],
)
def test_a_document_that_is_refused_for_good_ends_a_run_at_once(
    recorded: list[Recorded], pauses: list[float], kind: str, status: int, told: dict[str, Any] | None, said: str | None
) -> None:
    result = {"status": status} | ({"error": told} if told else {})
    recorded.append(Recorded((200, {"errors": True, "items": [{kind: result}]})))
    with nullcontext() if said is None else pytest.raises(PapersearchError, match=re.escape(said)):
        recorded[0].connection().bulk([({kind: {"_id": "a"}}, None)], lambda: None)
    assert len(recorded[0].asked) == 1
    assert pauses == []
    assert json.loads(recorded[0].asked[0][2]) == {kind: {"_id": "a"}}  # and no line of its own for what is not there
