"""Papers, judged queries, posts made of papers, and what a result file says about the machine."""

from __future__ import annotations

import datetime
import json
import lzma
import os
import platform
import re
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import papersearch
from benchmarks.peers import Paper

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"
COLLECTIONS = ROOT.parent / "shared" / "ir"
PAPERS = ROOT.parent / "shared" / "corpora" / "papers.jsonl.xz"
POSTS = PAPERS.with_name("posts.tar.xz")
NOTES = PAPERS.with_name("notes.tar.xz")
WORK = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "papersearch-bench")  # posts and indexes
PREFIX = "doc"  # before the ids of collections, so that a bare number is no id

_POST = """---
author: blogger
description: ''
keywords: key1, key2, key3
layout: ../../layouts/MarkdownPost.astro
meta:
- content: {byline}
  name: author
- content: key3, key4
  name: keywords
pubDate: '{posted} 08:00:00'
tags:
{tags}
theme: light
title: {quoted}
---

# title: {title}
## publish date:
**{published}**
## authors:
  {authors}
## paper id
{id}v1
## download
[{id}v1](http://papers.example.org/abs/{id}v1)
## abstracts:
{text}
## QA:
coming soon
"""


def papers(path: Path = PAPERS, limit: int | None = None) -> Iterator[Paper]:
    """The papers of a collection: lines of JSON, packed with xz."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number == limit:
                return
            raw = json.loads(line)
            title, text = " ".join(raw["title"].split()), " ".join(raw["text"].split())
            yield Paper(
                PREFIX + raw["_id"], title, tuple(raw.get("authors") or ()), text, tuple(raw.get("keywords") or ())
            )


def mixed(limit: int) -> Iterator[Paper]:
    """So many papers: the real ones, then copies of them, each with the title, the authors and the two halves of the
    abstract of four different papers. So they have the words and lengths of real ones, and each is another one."""
    real = list(papers(limit=limit))
    yield from real
    for number in range(len(real), limit):
        copy, place = divmod(number, len(real))
        title, named, first, second = (
            real[(place + step * copy) % len(real)] for step in (0, 7_919, 104_729, 15_485_863)
        )
        half, rest = first.text[: len(first.text) // 2], second.text[len(second.text) // 2 :]
        text = half.rpartition(" ")[0] + rest[rest.find(" ") :]
        yield Paper(f"{title.id}x{copy}", title.title, named.authors, text, first.tags)


def write_posts(given: Iterable[Paper], folder: Path) -> int:
    """One post for each paper, as the blog's generator writes them; how many."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for paper in given:
        count += 1
        digits = int(re.sub(r"\D", "", paper.id) or 0)
        day = datetime.date(2000, 1, 1) + datetime.timedelta(days=digits % 9_000)
        authors = paper.authors or ("Anonymous",)
        post = _POST.format(
            byline=json.dumps(authors[0] + " et.al.", ensure_ascii=False),
            posted=day + datetime.timedelta(days=4),
            tags="\n".join("- " + json.dumps(tag, ensure_ascii=False) for tag in paper.tags or ("paper",)),
            quoted=json.dumps(paper.title, ensure_ascii=False),
            title=paper.title,
            published=day,
            authors=", ".join(authors),
            id=paper.id,
            text=paper.text,
        )
        (folder / f"{paper.id}.md").write_text(post, encoding="utf-8")
    return count


def queries(folder: Path) -> tuple[dict[str, str], dict[str, dict[str, int]]]:
    """Queries by their id, and the grades of papers for each."""
    with (folder / "queries.jsonl").open(encoding="utf-8") as lines:
        asked = {raw["_id"]: " ".join(raw["text"].split()) for raw in map(json.loads, lines)}
    judged: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, paper, grade = line.split("\t")
        judged.setdefault(query, {})[PREFIX + paper] = int(grade)
    return asked, judged


@contextmanager
def unpacked(place: Path) -> Iterator[Path]:
    """A folder as it is; of an archive its content, in a folder for the time of the block."""
    if place.is_dir():
        yield place
        return
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(place) as archive:
            archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Debian's Python 3.11 has none
            archive.extractall(folder)
        yield Path(folder)


def circumstances() -> dict[str, Any]:
    """Commit, date, machine and versions."""
    versions = {}
    for name in ("whoosh3", "tantivy", "bm25s", "PyStemmer", "numpy", "rich", "typer"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "--short", "HEAD"),
        "changed": bool(_git("status", "--porcelain", "--", "papersearch", "benchmarks/*.py")),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_mb": _memory_mb(),
        "load": load(),
        "versions": {"papersearch": papersearch.__version__} | versions | {"sqlite": sqlite3.sqlite_version},
    }


def load() -> list[float]:
    """Processes that ran or waited in the last 1, 5 and 15 minutes."""
    return [round(load, 2) for load in os.getloadavg()]


def _git(*arguments: str) -> str:
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def _memory_mb() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def keep(name: str, data: dict[str, Any]) -> Path:
    """Write raw numbers to ``results/NAME-DATE.json``."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}-{datetime.date.today().isoformat()}.json"
    text = json.dumps(circumstances() | data, indent=1)
    text = re.sub(r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()), text)  # lists of numbers on one line
    path.write_text(text + "\n", encoding="utf-8")
    return path


def command() -> list[str]:
    """How the command under test is started."""
    beside = Path(sys.executable).with_name("papersearch")
    return [str(beside)] if beside.exists() else [sys.executable, "-m", "papersearch"]


def environment() -> dict[str, str]:
    """The environment without what would keep Python from using compiled modules."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")}
