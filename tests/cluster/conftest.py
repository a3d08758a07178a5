"""The cluster of the live suite: three nodes started for it, or the one whose ``host:port`` is given.

``PAPERSEARCH_TEST_OPENSEARCH`` is another version of OpenSearch for the nodes, ``PAPERSEARCH_TEST_JAVA`` the home of a
Java for them (version 3 needs 21 or newer).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count

import pytest

from tests.cluster.nodes import Cluster, Running, has_java

GIVEN = "PAPERSEARCH_TEST_CLUSTER"
_numbers = count(1)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster | Running]:
    """Every test of a real cluster takes this, and is left out unless one is asked for."""
    given = os.environ.get(GIVEN)
    if not given:
        pytest.skip(f"no cluster is asked for ({GIVEN}=nodes, or host:port): make test-cluster")
    if given != "nodes":
        yield Running(given)
        return
    if not has_java():
        pytest.skip("Java and Maven are not here, which three nodes need")
    version, home = os.environ.get("PAPERSEARCH_TEST_OPENSEARCH"), os.environ.get("PAPERSEARCH_TEST_JAVA")
    with Cluster(version=version, home=home) as started:
        yield started


@pytest.fixture
def nodes(cluster: Cluster | Running) -> Iterator[Cluster]:
    """Nodes that a test may kill; all of them are up again after it."""
    if not isinstance(cluster, Cluster):
        pytest.skip("a cluster that somebody else runs is not broken")
    yield cluster
    cluster.start_all()


@pytest.fixture
def address(cluster: Cluster | Running) -> Iterator[str]:
    """The address of an index that there is not yet, which is divided as a large one is. It is removed after the test:
    a node that comes back would copy those of all tests before."""
    name = f"test{os.getpid()}-{next(_numbers)}"
    yield f"{cluster.address(name)}?shards=3"
    for index in cluster.call("GET", "/_alias"):
        if index == name or index.startswith(f"{name}."):
            cluster.call("DELETE", f"/{index}")
