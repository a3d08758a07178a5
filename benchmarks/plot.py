"""Draws the newest results as a picture and prints them as the table of the README.

python -m benchmarks.plot
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.material import RESULTS
from benchmarks.report import LABELS, median

# Okabe and Ito 2008: told apart by everybody.
COLOURS = {"papersearch": "#0072b2", "fts5": "#999999", "tantivy": "#d55e00", "bm25s": "#009e73", "whoosh": "#cc79a7"}

KINDS = {"short": "-", "sentence": "--"}


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
        cells += [f"{median(warm[kind][engine]):.1f} ms" if engine in warm[kind] else "" for kind in KINDS]
        lines.append(f"| {LABELS.get(engine, engine)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def draw(speed: dict[str, Any]) -> Path:
    """The picture, by number of papers: a warm top ten, and papers indexed a second."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
    indexing, grown = speed["indexing"], speed.get("growth", [])
    for name, colour in COLOURS.items():
        sizes = [size for size in indexing if name in indexing[size]]
        more = grown if name == "papersearch" else []
        across = [*map(int, sizes), *(each["papers"] for each in more)]
        look: dict[str, Any] = {"color": colour, "marker": "o", "linewidth": 2.5 if name == "papersearch" else 1.5}
        for kind, style in KINDS.items():
            times = [median(speed["warm"][size][kind][name]) for size in sizes]
            times += [median(each["warm"][kind]["grown"]) for each in more]
            left.plot(across, times, style, **look)
        speeds = [int(size) / median(indexing[size][name]["seconds"]) for size in sizes]
        speeds += [each["papers"] / each["indexing"]["seconds"] for each in more]
        right.plot(across, speeds, label=LABELS.get(name, name), **look)
    left.set_title("Top ten with snippets, ms (dashed: a sentence)", fontsize=11)
    right.set_title("Papers indexed a second", fontsize=11)
    for axes in (left, right):
        axes.set(xscale="log", yscale="log", xlabel="papers")
        axes.grid(True, alpha=0.3)
    right.legend(frameon=False, fontsize=9, loc="lower right")
    path = RESULTS / "speed.png"
    figure.savefig(path, dpi=90)
    pyplot.close(figure)
    return path


def main() -> None:
    """Draw and print."""
    speed, relevance = newest("speed"), newest("relevance")
    print(table(speed, relevance))
    draw(speed)


if __name__ == "__main__":
    main()
