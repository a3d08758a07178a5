"""Which hosts are this machine."""

from __future__ import annotations

import pytest

from papersearch.core.hosts import is_loopback


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.4", False), ("papers.example", False),
     ("[::1]", True), ("LOCALHOST", True), ("127.0.0.1.example.org", False), ("", False)],
)  # fmt: skip
def test_only_this_machine_itself_is_loopback(host: str, here: bool) -> None:
    assert is_loopback(host) is here
