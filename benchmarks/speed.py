"""How fast everything is, beside other engines, in one run.

    python -m benchmarks.speed [--papers 87288] [--work DIR] [--peers fts5,whoosh,tantivy,bm25s]

Posts are written once to the working folder. papersearch is measured as it is installed beside this Python, through
its command where a command is what users wait for, and through its Python interface where a warm engine is compared.
Whoosh as its tutorial shows it takes part with the first 10,000 papers. Times are medians; short queries are asked in
turns, three rounds; sentences once each.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import papersearch
from benchmarks import material, peers

SHORT = """mixture of experts|large language models|graph neural networks|reinforcement learning from human feedback
diffusion|sparse attention for long context|robot grasping|medical image segmentation|federated learning privacy
speech recognition|neural machine translation|adversarial examples|knowledge graph completion|object detection
bayesian optimization|self-supervised representation learning|question answering|protein structure
time series forecasting|quantization of large language models""".replace("\n", "|").split("|")
TEN_THOUSAND = 10_000
ROUNDS = 11
Numbers = dict[str, Any]


def timed(run: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def call(arguments: Sequence[str]) -> None:
    """Run a program and throw its output away; not finding anything is fine."""
    done = subprocess.run(
        list(arguments), env=material.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{arguments}: {done.stderr.decode()}")


def turns(runs: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """The median of each, measured in turns so that a busy moment hits all alike."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(timed(run))
    return {name: round(statistics.median(taken), 4) for name, taken in times.items()}


def index_posts(posts: Path, index: Path, *more: str) -> tuple[float, int]:
    """(seconds, peak memory in kilobytes of all processes together) of one index run."""
    os.sync()  # else the first fsync of the index waits for whatever was written before
    begin = time.perf_counter()
    run = [*material.command(), "index", str(posts), "--index", str(index), "--quiet", *more]
    process = subprocess.Popen(run, env=material.environment())
    peak = 0
    while process.poll() is None:
        peak = max(peak, _memory_of(process.pid))
        time.sleep(0.02 if peak < 20_000 else 0.4)  # looking at memory slows a process down
    return time.perf_counter() - begin, peak


def _memory_of(process: int) -> int:
    """Proportional memory of a process and its children, so that what they share counts once; 0 where unknown."""
    total = 0
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            # Pages of mapped files can be dropped at any time and do not count.
            if line.startswith(("Pss_Anon:", "Pss_Shmem:")):
                total += int(line.split()[1])
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return total
    return total + sum(_memory_of(int(child)) for child in children)


def measure_indexing(posts: Path, work: Path, sizes: Sequence[int], names: Sequence[str]) -> Numbers:
    """Papers per second of a full index, at several sizes; the peers at ten thousand."""
    found: Numbers = {"papersearch": {}}
    for size in sizes:
        folder = posts if size == max(sizes) else _part(posts, work / f"posts-{size}", size)
        index = work / f"index-{size}"
        shutil.rmtree(index, ignore_errors=True)
        seconds, peak = index_posts(folder, index)
        size_mb = sum(file.stat().st_size for file in index.iterdir()) / 1e6
        found["papersearch"][size] = {
            "seconds": round(seconds, 2),
            "papers_per_second": round(size / seconds),
            "peak_mb": round(peak / 1000),
            "index_mb": round(size_mb, 1),
        }
        print("index", size, found["papersearch"][size], flush=True)
    for name in names:
        given = list(material.papers(limit=TEN_THOUSAND))
        with tempfile.TemporaryDirectory() as place:
            seconds = timed(lambda: peers.ENGINES[name](given, place))  # noqa: B023
        found[name] = {TEN_THOUSAND: {"papers_per_second": round(TEN_THOUSAND / seconds)}}
        print("index", name, found[name], flush=True)
    return found


def _part(posts: Path, folder: Path, size: int) -> Path:
    if not folder.exists():
        folder.mkdir(parents=True)
        for path in sorted(posts.iterdir())[:size]:
            shutil.copy2(path, folder / path.name)
    return folder


def measure_updates(posts: Path, index: Path, work: Path) -> Numbers:
    """A run with nothing to do, beside ``find``; thirty posts more."""
    mark = work / "mark"
    mark.touch()
    nothing = [*material.command(), "index", str(posts), "--index", str(index), "--quiet"]
    time.sleep(3)
    call(nothing)
    found: Numbers = turns(
        {"nothing": lambda: call(nothing), "find": lambda: call(["find", str(posts), "-newer", str(mark)])}, 5
    )
    fresh = [posts / f"fresh-{number}.md" for number in range(30)]
    for number, path in enumerate(fresh):
        text = next(posts.glob("doc*7.md")).read_text(encoding="utf-8")
        path.write_text(text.replace("## paper id\n", f"## paper id\nfresh{number}v1 "), encoding="utf-8")
    found["thirty"] = round(timed(lambda: call(nothing)), 3)
    for path in fresh:
        path.unlink()
    call(nothing)
    return found


def measure_warm(index: Path, queries: dict[str, list[str]], names: Sequence[str], limit: int) -> Numbers:
    """Milliseconds of a warm top ten with snippets, for each kind of query."""
    searches: dict[str, Callable[[str], object]] = {}
    opened = papersearch.open(str(index))
    searches["papersearch"] = lambda query: opened.search(query, limit=10)
    with tempfile.TemporaryDirectory() as place:
        for name in names:
            folder = Path(place) / name
            folder.mkdir()
            search = peers.ENGINES[name](material.papers(limit=limit), str(folder))
            searches[name] = lambda query, search=search: search(query, 10)  # type: ignore[misc]
        found: Numbers = {}
        for kind, asked in queries.items():
            times: dict[str, list[float]] = {name: [] for name in searches}
            for search_one in searches.values():
                search_one(asked[0])
            for _ in range(3 if kind == "short" else 1):
                for query in asked:
                    for name, search_one in searches.items():
                        times[name].append(timed(lambda: search_one(query)))  # noqa: B023
            found[kind] = {
                name: {
                    "median_ms": round(statistics.median(taken) * 1e3, 2),
                    "mean_ms": round(statistics.mean(taken) * 1e3, 2),
                }
                for name, taken in times.items()
            }
            print("warm", limit, kind, found[kind], flush=True)
    return found


def measure_cold(work: Path, large: Path) -> Numbers:
    """Seconds of a query from the shell, over real posts where they are here, beside Whoosh's own command."""
    archive = material.ROOT.parent / "shared" / "corpora" / "posts.tar.xz"
    posts = material.ROOT / "corpus"
    if archive.exists():
        posts = work / "real"
        if not posts.exists():
            with tarfile.open(archive) as packed:
                packed.extractall(posts)
    own, theirs = work / "index-real", work / "whoosh-real"
    index_posts(posts, own)
    shutil.rmtree(theirs, ignore_errors=True)
    shutil.copytree(posts, theirs)
    whoosh = str(Path(sys.executable).with_name("whoosh"))
    call([whoosh, "index", str(theirs)])
    ask = [*material.command(), "query", "mixture of experts", "--index"]
    runs: dict[str, Callable[[], object]] = {
        "papersearch": lambda: call([*ask, str(own)]),
        "whoosh": lambda: call([whoosh, "search", "mixture of experts", str(theirs)]),
        "papersearch, all papers": lambda: call([*ask, str(large)]),
        "python": lambda: call([sys.executable, "-c", "pass"]),
    }
    found = turns(runs)
    print("cold", found, flush=True)
    return found


def main() -> None:
    """Measure everything, print and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=87_288)
    parser.add_argument(
        "--work", type=Path, default=Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "papersearch-bench"
    )
    parser.add_argument("--peers", default=",".join(peers.available()))
    given = parser.parse_args()
    if not material.PAPERS.exists():
        sys.exit(f"{material.PAPERS} is not here: nothing to measure with")
    compileall.compile_dir(str(Path(papersearch.__file__).parent), quiet=1)
    work: Path = given.work.expanduser()
    work.mkdir(parents=True, exist_ok=True)
    posts = work / f"posts-{given.papers}"
    if not posts.exists():
        material.write_posts(material.papers(limit=given.papers), posts)
    names = [name for name in given.peers.split(",") if name]
    sizes = sorted({1_000, TEN_THOUSAND, given.papers})
    data: Numbers = {"papers": given.papers, "indexing": measure_indexing(posts, work, sizes, names)}
    large = work / f"index-{given.papers}"
    data["updates"] = measure_updates(posts, large, work)
    print("updates", data["updates"], flush=True)
    asked, _ = material.queries(material.COLLECTIONS / "tldr")
    queries = {"short": SHORT, "sentence": list(asked.values())[:150]}
    quick = [name for name in names if name != "whoosh"]
    data["warm"] = {
        TEN_THOUSAND: measure_warm(
            work / f"index-{TEN_THOUSAND}", queries, [n for n in names if n == "whoosh"], TEN_THOUSAND
        ),
        given.papers: measure_warm(large, queries, quick, given.papers),
    }
    data["cold"] = measure_cold(work, large)
    print(f"kept in {material.keep('speed', data)}")


if __name__ == "__main__":
    main()
