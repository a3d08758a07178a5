"""How well ``similar`` finds papers of the same rare topic.

    python -m benchmarks.similar [--half visible|held-out] [--papers FILE]

The topics are the authors' own keywords; papers that share one are taken as like each other. The index holds the 7,875
papers that have keywords, without the keywords. Topics are *rare*, of 2 to 5 papers, or *small*, of 6 to 30; a
conference's list of areas (``Data Mining: Theory``) is none. Half of the papers are there to look at while something is
changed, the others are held out.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from zlib import crc32

import papersearch
from benchmarks import material
from benchmarks.peers import Paper

TOPICS = {"rare": range(2, 6), "small": range(6, 31)}
DEPTH = 10
MOST = 800  # papers asked about of each kind


def alike(papers: list[Paper], sizes: range) -> dict[str, set[str]]:
    """The other papers of a paper's topics, for each that has a topic of such a size."""
    topics: dict[str, set[str]] = {}
    for paper in papers:
        for tag in (tag for tag in paper.tags if ":" not in tag):
            topics.setdefault(" ".join(tag.casefold().replace("-", " ").split()), set()).add(paper.id)
    truth: dict[str, set[str]] = {}
    for members in topics.values():
        if len(members) in sizes:
            for member in members:
                truth.setdefault(member, set()).update(members - {member})
    return truth


def measured(index: papersearch.Index, truth: dict[str, set[str]]) -> dict[str, float]:
    """The means over all papers that are asked about."""
    recalls, ranks, took = [], [], []
    for paper, others in truth.items():
        begin = time.process_time()
        found = [hit.id for hit in index.similar(paper, limit=DEPTH, snippets=False).results]
        took.append(1000 * (time.process_time() - begin))
        recalls.append(len(others.intersection(found)) / min(DEPTH, len(others)))
        ranks.append(next((1 / rank for rank, each in enumerate(found, 1) if each in others), 0.0))
    return {
        f"recall@{DEPTH}": statistics.mean(recalls),
        f"mrr@{DEPTH}": statistics.mean(ranks),
        "ms": statistics.median(took),
    }


def main() -> None:
    """Index, ask, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("visible", "held-out"), default="visible")
    parser.add_argument("--papers", type=Path, default=material.PAPERS)
    given = parser.parse_args()
    papers = [paper for paper in material.papers(given.papers) if paper.tags]
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        material.write_posts((paper._replace(tags=()) for paper in papers), place / "posts")
        index = papersearch.build(str(place / "index"), [str(place / "posts")])
        print(f"{len(papers):,} papers, the {given.half} half")
        for name, sizes in TOPICS.items():
            truth = {
                paper: others
                for paper, others in alike(papers, sizes).items()
                if bool(crc32(paper.encode()) & 1) == (given.half == "held-out")
            }
            chosen = dict(sorted(truth.items(), key=lambda each: crc32(each[0].encode()))[:MOST])
            row = measured(index, chosen)
            print(f"{name:6} {len(chosen):5} papers  " + "  ".join(f"{key} {value:.4f}" for key, value in row.items()))


if __name__ == "__main__":
    main()
