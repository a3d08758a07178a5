"""What a run of ``benchmarks.speed`` found, beside what was aimed at.

python -m benchmarks.report benchmarks/results/speed-DATE.json
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from statistics import mean, median
from typing import Any, NamedTuple

Numbers = dict[str, Any]
KINDS = {"short": "short", "sentence": "a sentence", "rarer": "rarer words never asked"}
FASTER = {"short": 8, "sentence": 14, "rarer": 5}  # than SQLite FTS5, at least
ASKED_OF_GROWTH = 698_304  # papers; what becomes of still more is told as it is
LABELS = {"fts5": "SQLite FTS5", "whoosh": "Whoosh as it comes"}


class Row(NamedTuple):
    """One figure: what it was, what it should be."""

    what: str
    measured: str
    value: float
    at_least: float
    aim: float
    higher_is_better: bool = False

    @property
    def verdict(self) -> str:
        """How far it got; nothing if nothing was aimed at."""
        if math.isinf(self.aim):
            return ""
        sign = -1 if self.higher_is_better else 1
        if sign * self.value <= sign * self.aim:
            return "aim"
        if math.isinf(self.at_least):
            return "short of the aim"
        return "held" if sign * self.value <= sign * self.at_least else "MISSED"


def rows(data: Numbers) -> list[Row]:
    """Every figure that has a target and was measured in this run."""
    largest, ten = str(data["papers"]), "10000"
    found = [*_indexing(data["indexing"], largest, ten), *_warm(data["warm"], largest, ten), *_cold(data["cold"])]
    found += [
        _nothing_to_do(data["updates"], "nothing to do", 3),
        _thirty_more(data["updates"], "thirty more posts", 3, 1.5, 0.5),
    ]
    for kind, taken in data.get("orders", {}).items():
        what = f"all papers, {kind}" if kind == "*" or kind.startswith("by") else f"all papers, {kind} first"
        found.append(Row(f"{what}: ms", f"{median(taken):.1f} ms", median(taken), 100, 50))
    if first := data.get("first answer"):
        found.append(Row("first build: seconds until queries are answered", f"{first:.1f} s", first, 10, 5))
    for grown in data.get("growth", []):
        measured = _growth(grown, data)
        if grown["papers"] != ASKED_OF_GROWTH:
            measured = [row._replace(at_least=math.inf, aim=math.inf) for row in measured]
        found += measured
    rate = data["batch"]["queries"] / median(data["batch"]["seconds"])
    found.append(Row("batch of sentences: queries a second", f"{rate:,.0f}/s", rate, 120, 200, True))
    return found


def _indexing(indexing: Numbers, largest: str, ten: str) -> list[Row]:
    found = []
    if "whoosh" in indexing.get(ten, {}):
        own, theirs = (int(ten) / median(indexing[ten][name]["seconds"]) for name in ("papersearch", "whoosh"))
        what = "full index, 10,000 posts: times stock Whoosh"
        found.append(Row(what, f"{own:,.0f}/s / {theirs:,.0f}/s", own / theirs, 5, 7, True))
    own = indexing[largest]["papersearch"]
    cpu = median(own["cpu_seconds"]) / int(largest) * 1e3
    found.append(Row("full index: ms of processor time a post", f"{cpu:.2f} ms", cpu, 0.40, 0.35))
    if "fts5" in indexing[largest]:
        ours, theirs = own["index_mb"], indexing[largest]["fts5"]["index_mb"]
        found.append(Row("index size: of FTS5's", f"{ours:.0f} MB / {theirs:.0f} MB", ours / theirs, 1, 0.5))
    for kind, what in (
        ("first_process_mb", "MB, first process"),
        ("all_processes_mb", "MB, all processes, shared memory counted for each"),
        ("proportional_mb", "MB, all processes, shared memory counted once, without mapped files"),
    ):
        found.append(Row(f"peak memory, {int(largest):,} posts: {what}", f"{own[kind]:.0f} MB", own[kind], 500, 300))
    return found


def _warm(warm: Numbers, largest: str, ten: str) -> list[Row]:
    found = []
    for kind, told in KINDS.items():
        all_times = {name: median(taken) for name, taken in warm[largest][kind].items()}
        own = all_times["papersearch"]
        if "fts5" in all_times:
            measured = f"{own:.2f} ms / {all_times['fts5']:.2f} ms"
            found.append(
                Row(f"warm top 10, {told}: times FTS5", measured, all_times["fts5"] / own, FASTER[kind], 15, True)
            )
        if "tantivy" in all_times:
            measured = f"{own:.2f} ms / {all_times['tantivy']:.2f} ms"
            found.append(Row(f"warm top 10, {told}: of tantivy", measured, own / all_times["tantivy"], math.inf, 3))
        if ten in warm and ten != largest:
            small = median(warm[ten][kind]["papersearch"])
            what = f"warm top 10, {told}: of that with 10,000"
            found.append(Row(what, f"{own:.2f} ms / {small:.2f} ms", own / small, 5, 3))
    alone = {name: median(taken) for name, taken in warm[largest].get("alone", {}).items()}
    if "fts5" in alone:
        own, other = alone["papersearch"], alone["fts5"]
        what = "warm top 10, short, each engine asked alone: times FTS5"
        found.append(Row(what, f"{own:.2f} ms / {other:.2f} ms", other / own, math.inf, math.inf, True))
    return found


def _cold(cold: Numbers) -> list[Row]:
    found = []
    taken = {name: median(times) for name, times in cold.items() if isinstance(times, list)}
    for kind in ("", ", terminal"):
        ours, theirs = taken[f"papersearch{kind}"], taken[f"whoosh{kind}"]
        what = f"cold query, {cold['posts']:,} posts{kind}: of `whoosh search`"
        found.append(Row(what, f"{ours:.3f} s / {theirs:.3f} s", ours / theirs, 1.0, 0.5))
    large, small = taken["papersearch, all papers"], taken["papersearch"]
    found.append(
        Row("cold query, all posts: of the smaller", f"{large:.3f} s / {small:.3f} s", large / small, 1.5, 1.2)
    )
    return found


def _nothing_to_do(updates: Numbers, what: str, digits: int) -> Row:
    find, nothing = median(updates["find"]), median(updates["nothing"])
    measured = f"{nothing:.{digits}f} s / {find:.{digits}f} s"
    return Row(f"{what}: of `find -newer`", measured, nothing / find, 3, 2)


def _thirty_more(updates: Numbers, what: str, digits: int, at_least: float, aim: float) -> Row:
    nothing, thirty = median(updates["nothing"]), median(updates["thirty"])
    measured = f"{thirty:.{digits}f} s - {nothing:.{digits}f} s"
    return Row(f"{what}: seconds over nothing to do", measured, thirty - nothing, at_least, aim)


def _growth(grown: Numbers, data: Numbers) -> list[Row]:
    """Of so many more papers, against those of the rest of the run."""
    papers, base = grown["papers"], data["papers"]
    of = f"{papers:,} papers"
    found = [
        *_growth_warm(grown["warm"], of, base),
        *_growth_indexing(grown, of, base, data["indexing"][str(base)]["papersearch"]),
        _nothing_to_do(grown["updates"], f"{of}, nothing to do", 2),
        _thirty_more(grown["updates"], f"{of}, thirty more posts", 2, 2, 1),
    ]
    ours, before = (median(grown["cold"][name]) for name in ("grown", "base"))
    found.append(Row(f"{of}, cold query: of {base:,}", f"{ours:.3f} s / {before:.3f} s", ours / before, 1.3, 1.1))
    for kind, taken in grown["orders"].items():
        found.append(Row(f"{of}, all, {kind}: ms", f"{median(taken):.0f} ms", median(taken), 600, 300))
    return found


def _growth_warm(warm: Numbers, of: str, base: int) -> list[Row]:
    found = []
    for kind, told, pick, at_least, aim in (
        ("short", "short", median, 1.5, 1.2),
        ("sentence", "a sentence", median, 2, 1.5),
        ("sentence", "the slowest sentence", max, 4, 4),
        ("rarer", "rarer words never asked", median, 2, 1.5),
    ):
        ours, before = (pick(warm[kind][name]) for name in ("grown", "base"))
        found.append(
            Row(f"{of}, {told}: of {base:,}", f"{ours:.1f} ms / {before:.1f} ms", ours / before, at_least, aim)
        )
    return found


def _growth_indexing(grown: Numbers, of: str, base: int, small: Numbers) -> list[Row]:
    """Of a run, and the memory of a run and of a reader."""
    found = []
    run = grown["indexing"]
    for kind, told in (("cpu_seconds", "processor time a post"), ("seconds", "time a post")):
        ours, before = run[kind] / grown["papers"] * 1e3, median(small[kind]) / base * 1e3
        found.append(
            Row(f"{of}, indexing: {told}, of {base:,}", f"{ours:.3f} ms / {before:.3f} ms", ours / before, 1.2, 1)
        )
    for kind, told, most in (
        ("first_process_mb", "MB of the first process", 700),
        ("proportional_mb", "MB of all, shared memory counted once, without mapped files", 1_000),
    ):
        found.append(Row(f"{of}, memory of a run: {told}", f"{run[kind]:.0f} MB", run[kind], most, most / 2))
    for kind, told in (("first_process_mb", "with mapped files"), ("proportional_mb", "without mapped files")):
        reader = grown["reader"][kind]
        found.append(Row(f"{of}, memory of a reader: MB, {told}", f"{reader:.0f} MB", reader, 600, 300))
    return found


def tables(data: Numbers) -> str:
    """Markdown: targets, then every engine at every size."""
    lines = ["| what | measured | ratio | at least | aim | |", "|---|---|---|---|---|---|"]
    for row in rows(data):
        limit, aim = ("" if math.isinf(asked) else f"{asked:.3g}" for asked in (row.at_least, row.aim))
        lines.append(f"| {row.what} | {row.measured} | {row.value:.3g} | {limit} | {aim} | {row.verdict} |")
    lines += [
        "",
        "| papers | engine | indexed/s | CPU ms a paper | index MB | short ms | sentence ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for size, engines in data["indexing"].items():
        for name, found in engines.items():
            speed = int(size) / median(found["seconds"])
            stored = f"{found['index_mb']:.1f}" if found["index_mb"] else "in memory"
            times = [
                f"{median(data['warm'][size][kind][name]):.2f} ({mean(data['warm'][size][kind][name]):.2f})"
                for kind in ("short", "sentence")
            ]
            cells = [f"{int(size):,}", LABELS.get(name, name), f"{speed:,.0f}"]
            cells += [f"{median(found['cpu_seconds']) / int(size) * 1e3:.2f}", stored, *times]
            lines.append(f"| {' | '.join(cells)} |")
    batch = data["batch"]
    rate = batch["queries"] / median(batch["seconds"])
    lines += ["", f"Batch of {batch['queries']} sentences over {data['papers']:,} papers: {rate:,.0f} queries/s."]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the tables of a result file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    print(tables(json.loads(given.file.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
