"""How fast everything is, beside other engines, in one run.

    python -m benchmarks.speed [--quick] [--papers 87288] [--growth 698304,2705928] [--work DIR] [--peers fts5,...]

The posts are written once, to the working folder. What users wait for (indexing, a query from the shell) is measured
through the command, installed in an environment of its own; a warm engine through the Python interface, in one
process with its peers. ``--quick`` stops at 10,000 papers and repeats less. ``--growth`` then measures so many papers,
real ones and mixed copies, beside the others (see ``benchmarks.growth``): one number, or several after commas.
"""

from __future__ import annotations

import argparse
import gc
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import papersearch
from benchmarks import growth, material, peers, report
from benchmarks.processes import Run, call, call_in_terminal, in_turns, install, timed, watch
from papersearch.core.fields import FACETS

# Short queries of words that many papers hold, as people begin. Each is asked once before it is measured.
SHORT = """mixture of experts|large language model|graph neural network node classification
reinforcement learning from human feedback|diffusion|sparse attention transformer long context|robot grasping
a novel method for image segmentation|Geoffrey Hinton
quantization of large language models post-training""".replace("\n", "|").split("|")
# With rarer words, chosen before anything was measured; measured when they are asked for the first time.
RARER = """mixture of experts|large language models|graph neural networks|reinforcement learning from human feedback
diffusion|sparse attention for long context|robot grasping|medical image segmentation|federated learning privacy
speech recognition|neural machine translation|adversarial examples|knowledge graph completion|object detection
bayesian optimization|self-supervised representation learning|question answering|protein structure
time series forecasting|quantization of large language models|catastrophic forgetting|optical flow|word embeddings
visual question answering|code generation|chain of thought reasoning|domain adaptation|point cloud|LoRA fine-tuning
explainable AI for healthcare|recommender systems cold start|hate speech detection|neural architecture search
variational autoencoder|multi-agent reinforcement learning|low-resource languages|out-of-distribution detection
text-to-image generation|causal inference|vision transformer""".replace("\n", "|").split("|")
# Asked first and not measured, so that nobody pays for the first query of all.
WARMING = """convolutional network|sentiment analysis|generative model|semantic parsing|active learning|image retrieval
dialogue systems|anomaly detection|transfer learning|gradient descent""".replace("\n", "|").split("|")
SENTENCES = 150
AGAIN = 3
SLOW = {"whoosh": 10_000}  # an hour more for numbers that say the same
Search = Callable[[str], object]
Numbers = dict[str, Any]


class Bench:
    """One run: where things are, and how often each is repeated."""

    def __init__(self, work: Path, papers: int, grown: Sequence[int], names: Sequence[str], quick: bool) -> None:
        self.work, self.papers, self.grown, self.names = work, papers, grown, names
        self.builds, self.colds, self.updates = (1, 5, 3) if quick else (3, 15, 7)
        self.sizes = sorted({size for size in (1_000, 10_000, papers) if size <= papers})
        self.programs = install(work / "installed")
        asked, _ = material.queries(material.COLLECTIONS / "tldr")
        self.sentences = list(asked.values())

    def command(self, *arguments: object) -> list[str]:
        """A call of papersearch."""
        return [str(self.programs / "papersearch"), *map(str, arguments)]

    def posts(self, size: int) -> Path:
        """A folder of that many posts, written when it is not there."""
        folder = self.work / f"posts-{size}"
        if not folder.exists():
            begun = self.work / f"posts-{size}.begun"
            shutil.rmtree(begun, ignore_errors=True)
            material.write_posts(material.mixed(size), begun)
            begun.rename(folder)
        return folder

    def index(self, size: int | str) -> Path:
        """Where the index of that many posts is, or belongs."""
        return self.work / f"index-{size}"

    def measure_size(self, size: int) -> tuple[Numbers, Numbers]:
        """(indexing, warm queries) of all engines with the first papers."""
        posts, index = self.posts(size), self.index(size)
        names = [name for name in self.names if size <= SLOW.get(name, size)]
        papers = list(material.papers(limit=size))
        runs: list[Run] = []
        indexing: Numbers = {"papersearch": {}} | {name: {"seconds": [], "cpu_seconds": []} for name in names}
        searches: dict[str, peers.Search] = {}
        with tempfile.TemporaryDirectory(dir=self.work) as place:
            for _ in range(self.builds):
                shutil.rmtree(index, ignore_errors=True)
                runs.append(watch(self.command("index", posts, "--index", index, "--quiet")))
                for name in names:
                    searches.pop(name, None)  # one engine of a kind at a time
                    searches[name] = _build_peer(name, papers, Path(place, name), indexing[name])
            indexing["papersearch"] = _summed_up(runs, index)
            for name in names:
                indexing[name]["index_mb"] = _megabytes(Path(place, name)) or None
            for name, found in indexing.items():
                print(f"index {size}: {name}", found, flush=True)
            opened = papersearch.open(str(index))
            asked: dict[str, Search] = {"papersearch": lambda query: opened.search(query, limit=10)}
            for name, search in searches.items():
                asked[name] = lambda query, search=search: search(query, 10)  # type: ignore[misc]
            return indexing, self.measure_warm(asked)

    def measure_warm(self, searches: dict[str, Search]) -> Numbers:
        """Milliseconds of a top ten with snippets: of sentences and rarer words that were never asked before, and of
        broad queries that were; the engines in turns, and of the last each alone as well."""
        gc.collect()
        gc.freeze()  # the millions of objects that some engine keeps are no burden to another
        for query in (*WARMING, *self.sentences[SENTENCES : SENTENCES + 30]):
            for search_one in searches.values():
                search_one(query)
        found: Numbers = {}
        rounds = {"rarer": RARER, "sentence": self.sentences[:SENTENCES], "first": SHORT, "short": SHORT * AGAIN}
        for kind, asked in rounds.items():
            times: dict[str, list[float]] = {name: [] for name in searches}
            for query in asked:
                for name, search_one in searches.items():
                    times[name].append(round(timed(lambda: search_one(query)) * 1e3, 3))  # noqa: B023
            found[kind] = times
            print(f"warm {kind}", {name: round(median(taken), 2) for name, taken in times.items()}, flush=True)
        # What one engine reads pushes another's data out of the processor's caches; here each is asked on its own.
        found["alone"] = {
            name: [round(timed(lambda: search_one(query)) * 1e3, 3) for query in rounds["short"]]  # noqa: B023
            for name, search_one in searches.items()
        }
        gc.unfreeze()
        return found

    def measure_orders(self, size: int) -> dict[str, list[float]]:
        """Milliseconds of orders and counts of all papers, asked for in turns in a process that stays."""
        opened = papersearch.open(str(self.index(size)))
        asked: dict[str, Callable[[], object]] = {
            "*": lambda: opened.search("*"),
            **{name: lambda name=name: opened.search("*", sort=name) for name in ("newest", "oldest", "title")},  # type: ignore[misc]
            **{f"by {name}": lambda name=name: opened.facets(name) for name in FACETS},  # type: ignore[misc]
        }
        found = {
            name: [round(seconds * 1e3, 3) for seconds in taken] for name, taken in in_turns(asked, self.colds).items()
        }
        print("orders", {name: round(median(taken), 1) for name, taken in found.items()}, flush=True)
        return found

    def measure_first_answer(self, index: Path) -> float:
        """Seconds until a first build answers queries. Waits for its end."""
        command = self.command("index", self.posts(self.papers), "--index", index, "--quiet")
        begin = time.perf_counter()
        seconds = None
        with subprocess.Popen(command) as building:
            while building.poll() is None:
                if seconds is None and any(index.glob("_MAIN_*.toc")):
                    seconds = time.perf_counter() - begin
                time.sleep(0.02)
        if building.returncode:
            raise RuntimeError(f"indexing failed with exit code {building.returncode}")
        return round(seconds or time.perf_counter() - begin, 3)

    def measure_updates(self, size: int, rounds: int) -> Numbers:
        """Seconds of ``find``, of a run with nothing to do, of one with thirty more posts and of the one after."""
        posts, index, mark = self.posts(size), self.index(size), self.work / "mark"
        run = self.command("index", posts, "--index", index, "--quiet")
        mark.touch()
        time.sleep(3)
        call(run)
        found: Numbers = in_turns(
            {"find": lambda: call(["find", posts, "-newer", mark]), "nothing": lambda: call(run)}, rounds
        )
        found |= {"thirty": [], "nothing after thirty": []}
        known = list(material.papers(limit=30 * rounds))
        fresh: list[Path] = []
        try:
            for number in range(rounds):
                given = [
                    paper._replace(id=f"fresh{number}x{place}", title=f"Revisited: {paper.title}")
                    for place, paper in enumerate(known[30 * number : 30 * number + 30])
                ]
                fresh += [posts / f"{paper.id}.md" for paper in given]
                material.write_posts(given, posts)
                for kind in ("thirty", "nothing after thirty"):
                    found[kind].append(round(timed(lambda: call(run)), 5))
        finally:
            for path in fresh:
                path.unlink(missing_ok=True)
        call(run)
        print("updates", found, flush=True)
        return found

    def measure_cold(self) -> Numbers:
        """Seconds of a query from the shell, beside the command that comes with Whoosh."""
        posts = self.real_posts()
        theirs = self.work / "whoosh-real"
        call(self.command("index", posts, "--index", self.index("real"), "--quiet"))
        shutil.rmtree(theirs, ignore_errors=True)
        shutil.copytree(posts, theirs)
        whoosh = self.programs / "whoosh"
        call([whoosh, "index", theirs])
        ask = self.command("query", "mixture of experts", "--index")
        their_ask: list[str | Path] = [whoosh, "search", "mixture of experts", theirs]
        real, large = str(self.index("real")), str(self.index(self.papers))
        runs: dict[str, Callable[[], object]] = {
            "papersearch": lambda: call([*ask, real]),
            "whoosh": lambda: call(their_ask),
            "papersearch, all papers": lambda: call([*ask, large]),
            "papersearch, terminal": lambda: call_in_terminal([*ask, real]),
            "whoosh, terminal": lambda: call_in_terminal(their_ask),
            "python": lambda: call([self.programs / "python", "-c", "pass"]),
        }
        in_turns(runs, 2)
        found: Numbers = in_turns(runs, self.colds)
        print("cold", {name: round(median(taken), 3) for name, taken in found.items()}, flush=True)
        return found | {"posts": sum(1 for _ in posts.rglob("*.md"))}

    def real_posts(self) -> Path:
        """The posts of the real blog where they are here, else the samples of the project."""
        folder = self.work / "posts-real"
        if material.POSTS.exists() and not folder.exists():
            with material.unpacked(material.POSTS) as posts:
                shutil.copytree(posts, folder)
        return folder if folder.exists() else material.ROOT / "corpus"

    def write_sentences(self) -> Path:
        """A file of all sentences, one a line."""
        lines = self.work / "sentences.txt"
        lines.write_text("".join(f"{query}\n" for query in self.sentences), encoding="utf-8")
        return lines

    def measure_batch(self) -> Numbers:
        """Seconds for all sentences in one batch on all cores, start of the program and snippets included."""
        ask = self.command("query", "--batch", self.write_sentences(), "--jobs", 0, "--index", self.index(self.papers))
        found: Numbers = in_turns({"seconds": lambda: call(ask)}, min(self.builds, 3))
        print("batch", found, flush=True)
        return found | {"queries": len(self.sentences)}

    def measure(self) -> Numbers:
        """Everything. What starts programs comes before this process grows."""
        data: Numbers = {"papers": self.papers, "indexing": {}, "warm": {}}
        index = self.index(self.papers)
        shutil.rmtree(index, ignore_errors=True)
        data["first answer"] = self.measure_first_answer(index)
        data["cold"] = self.measure_cold()
        data["updates"] = self.measure_updates(self.papers, self.updates)
        data["batch"] = self.measure_batch()
        for size in self.sizes:
            data["indexing"][str(size)], data["warm"][str(size)] = self.measure_size(size)
        data["orders"] = self.measure_orders(self.papers)
        data["growth"] = [growth.measure(self, size) for size in self.grown]
        return data


def _build_peer(name: str, papers: list[peers.Paper], folder: Path, times: Numbers) -> peers.Search:
    """Another engine over the papers, in a folder that is emptied before; adds what it took to ``times``."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    begin, work_begin = time.perf_counter(), time.process_time()
    search = peers.ENGINES[name](papers, str(folder))
    times["seconds"].append(round(time.perf_counter() - begin, 3))
    times["cpu_seconds"].append(round(time.process_time() - work_begin, 3))
    return search


def _summed_up(runs: Sequence[Run], index: Path) -> Numbers:
    """The times of all runs of papersearch, and the most memory that one took."""
    found: Numbers = {
        "seconds": [run.seconds for run in runs],
        "cpu_seconds": [run.cpu_seconds for run in runs],
        "index_mb": _megabytes(index),
    }
    return found | {kind: max(getattr(run, kind) for run in runs) for kind in growth.MEMORY}


def _megabytes(folder: Path) -> float:
    return round(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6, 1)


def main() -> None:
    """Measure everything, print and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--papers", type=int)
    parser.add_argument("--growth", default="", metavar="PAPERS,...")
    parser.add_argument("--work", type=Path, default=material.WORK)
    parser.add_argument("--peers", default=",".join(peers.available()))
    given = parser.parse_args()
    if not (material.PAPERS.exists() and (material.COLLECTIONS / "tldr").exists()):
        sys.exit(f"{material.PAPERS} and {material.COLLECTIONS / 'tldr'} are not here: nothing to measure with")
    work: Path = given.work.expanduser().resolve()
    work.mkdir(parents=True, exist_ok=True)
    papers = given.papers or (10_000 if given.quick else 87_288)
    begun = material.circumstances()
    names = [name for name in given.peers.split(",") if name]
    grown = [int(size) for size in given.growth.split(",") if size]
    data = Bench(work, papers, grown, names, given.quick).measure()
    data = begun | {"quick": given.quick, "load_after": material.load()} | data
    print("\n" + report.tables(data))
    if not given.quick:
        print(f"kept in {material.keep('speed', data)}")


if __name__ == "__main__":
    main()
