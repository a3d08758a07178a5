"""What becomes of an index that is many times as large: the same rows side by side, of real papers and of mixed copies.

Part of ``benchmarks.speed``, with ``--growth``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import papersearch
from benchmarks.processes import call, in_turns, watch

if TYPE_CHECKING:
    from benchmarks.speed import Bench

Numbers = dict[str, Any]
ROUNDS = 3  # of runs that take ten seconds and more
MEMORY = ("first_process_mb", "all_processes_mb", "proportional_mb")


def measure(bench: Bench, size: int) -> Numbers:
    """Indexing once, updates, queries of all kinds and memory with ``size`` papers, beside those of the run."""
    posts, index = bench.posts(size), bench.index(size)
    shutil.rmtree(index, ignore_errors=True)
    for post in posts.iterdir():  # so that they are in the system's cache, as those are that were indexed several times
        post.read_bytes()
    found: Numbers = {
        "papers": size,
        "indexing": watch(bench.command("index", posts, "--index", index, "--quiet"))._asdict(),
    }
    print("growth: indexing", found["indexing"], flush=True)
    ask = bench.command("query", "mixture of experts", "--index")
    places: dict[str, Callable[[], object]] = {
        "base": lambda: call([*ask, str(bench.index(bench.papers))]),
        "grown": lambda: call([*ask, str(index)]),
    }
    in_turns(places, 2)
    found["cold"] = in_turns(places, bench.colds)
    found["updates"] = bench.measure_updates(size, ROUNDS)
    lines = bench.write_sentences()
    reading = bench.command("query", "--batch", lines, "--jobs", 1, "--index", index)
    found["reader"] = {kind: number for kind, number in watch(reading)._asdict().items() if kind in MEMORY}
    print("growth: reader", found["reader"], flush=True)
    base, grown = papersearch.open(str(bench.index(bench.papers))), papersearch.open(str(index))
    searches: dict[str, Callable[[str], object]] = {
        "base": lambda query: base.search(query, limit=10),
        "grown": lambda query: grown.search(query, limit=10),
    }
    found["warm"] = bench.measure_warm(searches)
    found["orders"] = bench.measure_orders(size)
    return found
