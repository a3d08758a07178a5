"""Draws the newest results as a picture and prints the figures of the table in the README.

python -m benchmarks.plot
"""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.material import RESULTS
from benchmarks.report import LABELS

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


def draw(speed: dict[str, Any], floor: dict[str, Any]) -> Path:
    """The picture, by number of papers: a warm top ten, papers indexed a second, and a query from the shell."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 3, figsize=(14, 4), sharex=True, layout="constrained")
    indexing, grown = speed["indexing"], speed.get("growth", [])
    for name, colour in COLOURS.items():
        sizes = [size for size in indexing if name in indexing[size]]
        more = grown if name == "papersearch" else []
        across = [*map(int, sizes), *(each["papers"] for each in more)]
        look: dict[str, Any] = {"color": colour, "marker": "o", "linewidth": 2.5 if name == "papersearch" else 1.5}
        for kind, style in KINDS.items():
            times = [median(speed["warm"][size][kind][name]) for size in sizes]
            times += [median(each["warm"][kind]["grown"]) for each in more]
            panels[0].plot(across, times, style, **look)
        speeds = [int(size) / median(indexing[size][name]["seconds"]) for size in sizes]
        speeds += [each["papers"] / each["indexing"]["seconds"] for each in more]
        panels[1].plot(across, speeds, label=LABELS.get(name, name), **look)
    read = {int(size): int(size) / median(seconds) for size, seconds in floor["reading"].items()}
    panels[1].plot([*read], [*read.values()], ":", color="black", label="reading the posts, no more")
    _draw_cold(panels[2], speed)
    titles = ("Top ten with snippets, ms (dashed: a sentence)", "Papers indexed a second", "A query from the shell, ms")
    for axes, title in zip(panels, titles, strict=True):
        axes.set_title(title, fontsize=11)
        axes.set(xscale="log", yscale="log", xlabel="papers")
        axes.grid(True, alpha=0.3)
    panels[1].set_ylim(bottom=80)  # room for the legend
    panels[2].set_ylim(5, 200)
    for axes in panels[1:]:
        axes.legend(frameon=False, fontsize=9)
    path = RESULTS / "speed.png"
    figure.savefig(path, dpi=90)
    pyplot.close(figure)
    return path


def _draw_cold(axes: Any, speed: dict[str, Any]) -> None:
    """Whole processes, Python's start included, and an empty Python, which nothing written in it can be faster than."""
    cold, grown = speed["cold"], speed.get("growth", [])
    own = {cold["posts"]: cold["papersearch"], speed["papers"]: cold["papersearch, all papers"]}
    own |= {each["papers"]: each["cold"]["grown"] for each in grown}
    look: dict[str, Any] = {"marker": "o", "linewidth": 2.5}
    times = [1e3 * median(taken) for taken in own.values()]
    axes.plot([*own], times, label="papersearch", color=COLOURS["papersearch"], **look)
    axes.plot(cold["posts"], 1e3 * median(cold["whoosh"]), "o", label="whoosh search", color=COLOURS["whoosh"])
    axes.axhline(1e3 * median(cold["python"]), linestyle=":", color="black", label="an empty Python")


def main() -> None:
    """Draw and print."""
    speed, relevance = newest("speed"), newest("relevance")
    print(table(speed, relevance))
    draw(speed, newest("floor"))


if __name__ == "__main__":
    main()
