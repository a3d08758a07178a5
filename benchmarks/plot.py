"""Draws the newest results as a picture and prints them as the table of the README.

python -m benchmarks.plot
"""

from __future__ import annotations

import json
from typing import Any

from benchmarks.material import RESULTS

COLOURS = {"papersearch": "#0072b2", "fts5": "#999999", "tantivy": "#d55e00", "bm25s": "#009e73", "whoosh": "#cc79a7"}
LABELS = {"fts5": "SQLite FTS5", "whoosh": "Whoosh as it comes"}


def newest(name: str) -> dict[str, Any]:
    """The last result file of that name."""
    data: dict[str, Any] = json.loads(max(RESULTS.glob(f"{name}-*.json")).read_text(encoding="utf-8"))
    return data


def table(speed: dict[str, Any], relevance: dict[str, Any]) -> str:
    """One row an engine: relevance, then the times of a warm top ten with snippets."""
    warm = speed["warm"][str(speed["papers"])]
    collections = relevance["collections"]
    measures = [("cranfield", "ndcg@10"), ("cacm", "ndcg@10"), ("tldr", "mrr@10")]
    measures = [(name, measure) for name, measure in measures if name in collections]
    lines = [
        "| | " + " | ".join(f"{name} {measure}" for name, measure in measures) + " | short query | one sentence |",
        "|---|" + "---|" * (len(measures) + 2),
    ]
    for engine in ("papersearch", "fts5", "tantivy", "bm25s", "whoosh"):
        cells = [
            f"{collections[name][engine][measure]:.3f}" if engine in collections[name] else ""
            for name, measure in measures
        ]
        cells += [f"{warm[kind][engine]['median_ms']:.1f} ms" if engine in warm[kind] else "" for kind in warm]
        lines.append(f"| {LABELS.get(engine, engine)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def draw(speed: dict[str, Any]) -> None:
    """Warm queries by engine, and how papersearch grows with the corpus."""
    import matplotlib.pyplot as plt

    warm = speed["warm"][str(speed["papers"])]
    figure, (bars, growth) = plt.subplots(1, 2, figsize=(9, 3.2), constrained_layout=True)
    for number, kind in enumerate(warm):
        for place, (engine, row) in enumerate(warm[kind].items()):
            label = LABELS.get(engine, engine) if not number else None
            bars.bar(number * 5 + place, row["median_ms"], color=COLOURS[engine], label=label)
    bars.set_yscale("log")
    bars.set_xticks([1.5, 6.5], ["short query", "one sentence"])
    bars.set_ylabel("ms, median, warm, top 10")
    bars.set_title(f"{speed['papers']:,} papers", fontsize=10)
    bars.legend(fontsize=8, frameon=False)
    sizes = sorted(map(int, speed["warm"]))
    for kind, style in (("short", "o-"), ("sentence", "s--")):
        times = [speed["warm"][str(size)][kind]["papersearch"]["median_ms"] for size in sizes]
        growth.plot(sizes, times, style, color=COLOURS["papersearch"], label=kind)
    growth.set_xscale("log")
    growth.set_ylim(0)
    growth.set_xlabel("papers")
    growth.set_ylabel("ms, median")
    growth.set_title("papersearch, by size of the corpus", fontsize=10)
    growth.legend(fontsize=8, frameon=False)
    figure.savefig(RESULTS / "speed.png", dpi=110)


def main() -> None:
    """Draw and print."""
    speed, relevance = newest("speed"), newest("relevance")
    print(table(speed, relevance))
    draw(speed)


if __name__ == "__main__":
    main()
