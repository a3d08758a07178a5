"""How long the search page takes, for one who types and for a crowd: ``python -m benchmarks.serving INDEX [POSTS]``.

A typist's queries are typed letter by letter; each letter asks for the results as the page does, and then, as the page
does after a pause, for the filters with counts. With POSTS (the folder that the index is built from), the same again
while a whole index run goes on. Then 200 clients ask at once, and every answer is compared with the library's.
"""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import papersearch
from tests.servers import serving

QUERIES = (
    "mixture of experts", "retrieval augmented generation", "diffusion models for video", "graph neural networks",
    "reinforcement learning from human feedback", "speculative decoding", "zero-shot segmentation", "protein folding",
    "federated learning privacy", "adversarial robustness", "long context", "causal inference",
)  # fmt: skip
CLIENTS = 200
REQUESTS = 1_000


class Client:
    """One connection to the server, kept open as a browser's."""

    def __init__(self, address: str) -> None:
        self._parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(str(self._parts.hostname), self._parts.port, timeout=120)

    def get(self, path: str, **params: object) -> bytes:
        """The body of an answer; raises if the server refuses."""
        self._connection.request("GET", f"{path}?{urlencode(params)}")
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status} {body[:200]!r}")
        return body


def typed(client: Client, path: str = "/part") -> list[float]:
    """Milliseconds of each request of somebody who types the queries."""
    took = []
    for query in QUERIES:
        for end in range(2, len(query) + 1):
            begin = time.perf_counter()
            client.get(path, q=query[:end], prefix="true")
            took.append(1000 * (time.perf_counter() - begin))
    return took


def crowd(address: str, index: papersearch.Index) -> tuple[list[float], int]:
    """Milliseconds of the requests of 200 clients at once, and how many answers were not the library's."""
    expected = {query: [hit.id for hit in index.search(query).results] for query in QUERIES}
    local = threading.local()

    def ask(number: int) -> tuple[float, bool]:
        if not hasattr(local, "client"):
            local.client = Client(address)
        query = QUERIES[number % len(QUERIES)]
        begin = time.perf_counter()
        data = json.loads(local.client.get("/api/search", q=query))
        took = 1000 * (time.perf_counter() - begin)
        return took, [hit["id"] for hit in data["results"]] != expected[query]

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(ask, range(REQUESTS)))
    return [took for took, _ in answers], sum(wrong for _, wrong in answers)


def report(name: str, took: list[float]) -> None:
    """Median, 95th percentile and worst of some times."""
    ordered = sorted(took)
    share = ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{name}: median {statistics.median(took):.1f} ms, 95 % under {share:.1f} ms, worst {ordered[-1]:.1f} ms")


def main() -> None:
    """Measure the server over an index, and print the figures."""
    place = sys.argv[1]
    posts = sys.argv[2:]
    index = papersearch.open(place)
    print(f"{index.stats(look=False).papers:,} papers")
    with serving(Path.cwd(), "--index", place) as address:
        client = Client(address)
        typed(client)
        report("one typist, warm", typed(client))
        typed(client, "/part/facets")
        report("the filters with counts, warm", typed(client, "/part/facets"))
        if posts:
            run = [sys.executable, "-m", "papersearch", "index", *posts, "--index", place, "--rebuild", "--quiet"]
            process = subprocess.Popen(run)
            report("one typist while an index run goes on", typed(client))
            process.terminate()
            process.wait()
        took, wrong = crowd(address, index)
        report(f"{CLIENTS} clients at once, {REQUESTS} requests", took)
        print(f"wrong answers: {wrong}")


if __name__ == "__main__":
    main()
