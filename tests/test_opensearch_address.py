"""The address of an index in a cluster: what it says, who may ask there, and that only an address loads the client."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("opensearchpy", reason="the client of OpenSearch is not installed")

from papersearch.core.errors import UsageError
from papersearch.engine.opensearch import address as addresses
from papersearch.engine.opensearch import mapping
from tests.commands import environment, run
from tests.corpora import SAMPLE


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
    assert addresses.parse(str(found)) == found


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
        "opensearch://host:0/papers",
        "opensearch:///papers",
        "opensearch://a:1,/papers",
        "opensearch://a b/papers",
        "opensearch://::1/papers",
        "opensearch://[::1/papers",
        "opensearch://a:1,[::1/papers",
        "opensearch://]/papers",
        "opensearch://[x]/papers",
        "opensearch://[1::2::3]/papers",
        "opensearch://host/papers#part",
        "opensearch://host?shards=2",
        "opensearch://host/papers?shards=²",
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


def test_the_client_is_loaded_for_addresses_alone(tmp_path: Path) -> None:
    ask = "papersearch.build('i', [sys.argv[1]]).search('moe')"
    script = f"import sys, papersearch; {ask}; print('opensearchpy' in sys.modules)"
    command = [sys.executable, "-c", script, str(SAMPLE)]
    assert subprocess.check_output(command, cwd=tmp_path, env=environment(), text=True).strip() == "False"
    refused = run(tmp_path, "query", "moe", "--index", "opensearch://user:pw@host/p")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
