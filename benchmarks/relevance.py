"""How good the rankings are, beside other engines, on judged collections.

    python -m benchmarks.relevance [cranfield cacm tldr] [--collections DIR] [--papers FILE]

papersearch indexes posts and answers through its real command; the others are given the same titles, authors,
abstracts and keywords. Gains are 2^grade - 1 (Burges et al. 2005). ``tldr`` looks for the one paper of 87,288 that a
sentence was written about, and leaves out stock Whoosh, which needs most of an hour for it.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import tempfile
from pathlib import Path

from benchmarks import material, peers

DEPTH = 100
MEASURES = ("ndcg@10", "map@100", "mrr@10", "recall@100")
Judged = dict[str, dict[str, int]]


def score(runs: dict[str, list[str]], judged: Judged) -> dict[str, float]:
    """The mean of each measure over the queries for which anything is relevant."""
    rows = [_score_one(runs.get(query, []), grades) for query, grades in judged.items() if max(grades.values()) > 0]
    return {name: round(sum(row[number] for row in rows) / len(rows), 4) for number, name in enumerate(MEASURES)}


def _score_one(run: list[str], grades: dict[str, int]) -> tuple[float, float, float, float]:
    good = {paper for paper, grade in grades.items() if grade > 0}
    ranks = [rank for rank, paper in enumerate(run[:DEPTH], 1) if paper in good]
    ideal = _gain(sorted(grades.values(), reverse=True)[:10])
    ndcg = _gain([grades.get(paper, 0) for paper in run[:10]]) / ideal
    precision = sum(number / rank for number, rank in enumerate(ranks, 1)) / len(good)
    return ndcg, precision, 1 / ranks[0] if ranks and ranks[0] <= 10 else 0.0, len(ranks) / len(good)


def _gain(grades: list[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def ask(queries: list[str], index: Path, *options: str, depth: int = DEPTH) -> list[list[str]]:
    """The ids that the real command finds for each query."""
    batch = index.parent / "queries.txt"
    batch.write_text("".join(f"{query}\n" for query in queries), encoding="utf-8")
    options = (*options, "--limit", str(depth), "--no-snippets", "--index", str(index))
    run = [*material.command(), "query", "--batch", str(batch), *options]
    out = subprocess.run(run, stdout=subprocess.PIPE, env=material.environment(), check=False).stdout
    return [[hit["id"] for hit in json.loads(line)["results"]] for line in out.decode().splitlines()]


def ask_papersearch(source: Path, asked: dict[str, str], folder: Path) -> dict[str, list[str]]:
    """The ids that it finds for each query in posts made of the papers."""
    posts, index = folder / "posts", folder / "index"
    material.write_posts(material.papers(source), posts)
    run = [*material.command(), "index", str(posts), "--index", str(index), "--quiet"]
    subprocess.run(run, check=True, env=material.environment())
    return dict(zip(asked, ask(list(asked.values()), index), strict=True))


def source_of(name: str, collections: Path, everything: Path) -> Path | None:
    """The papers of a collection, which are ``everything`` where it has none of its own; None where it is not here."""
    source = collections / name / "corpus.jsonl.xz"
    source = source if source.exists() else everything
    if (collections / name).exists() and source.exists():
        return source
    print(f"{name}: not here, left out")
    return None


def measure(name: str, collections: Path, everything: Path) -> dict[str, dict[str, float]] | None:
    """The measures of each engine on one collection; None where it is not here."""
    source = source_of(name, collections, everything)
    if source is None:
        return None
    asked, judged = material.queries(collections / name)
    results = {}
    with tempfile.TemporaryDirectory() as place:
        results["papersearch"] = score(ask_papersearch(source, asked, Path(place)), judged)
    for engine in peers.available():
        if engine == "whoosh" and source == everything:
            continue
        with tempfile.TemporaryDirectory() as place:
            search = peers.ENGINES[engine](material.papers(source), place)
            results[engine] = score({query: search(text, DEPTH) for query, text in asked.items()}, judged)
    return results


def _lead(found: dict[str, dict[str, float]], measure: str) -> float:
    """Percent that papersearch is over the best of the others."""
    best = max((row[measure] for engine, row in found.items() if engine != "papersearch"), default=math.nan)
    return 100 * (found["papersearch"][measure] / best - 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=["cranfield", "cacm", "tldr"])
    parser.add_argument("--collections", type=Path, default=material.COLLECTIONS)
    parser.add_argument("--papers", type=Path, default=material.PAPERS)
    given = parser.parse_args()
    results = {}
    for name in given.names:
        found = measure(name, given.collections, given.papers)
        if found is None:
            continue
        results[name] = found
        print(f"\n{name:12} " + " ".join(f"{measure:>10}" for measure in MEASURES))
        for engine, row in found.items():
            print(f"{engine:12} " + " ".join(f"{row[measure]:>10.4f}" for measure in MEASURES))
        print(f"{'over best':12} " + " ".join(f"{_lead(found, measure):>+9.1f}%" for measure in MEASURES), flush=True)
    if results:
        print(f"\nkept in {material.keep('relevance', {'collections': results})}")


if __name__ == "__main__":
    main()
