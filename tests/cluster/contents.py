"""Posts to index in a cluster, and what an index of them holds."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import papersearch
from papersearch.core.records import Post
from papersearch.posts.parse import parse
from tests.corpora import SAMPLE, write_post


def name_of(address: str) -> str:
    """The name of the index at an address."""
    return address.rpartition("/")[2].partition("?")[0]


def posts_of(folder: Path) -> list[Post]:
    return [parse(str(path), path.read_bytes()) for path in sorted(folder.rglob("*.md"))]


def contents(address: str) -> dict[str, Any]:
    """Every paper of an index, whole."""
    with papersearch.open(address) as index:
        return {paper_id: index.paper(paper_id) for paper_id in index.ids()}


def assert_same_contents(address: str, folder: Path, place: Path) -> None:
    """The index holds what a fresh one in a folder holds, and finds nothing wrong with itself."""
    shutil.rmtree(place / "fresh", ignore_errors=True)
    papersearch.build(str(place / "fresh"), [str(folder)]).close()
    assert contents(address) == contents(str(place / "fresh"))
    reasons = [problem.reason for problem in papersearch.check(address)]
    assert not [reason for reason in reasons if "in the index" in reason]


def large(folder: Path, papers: int, seed: int = 1) -> Path:
    """A folder of posts made of the words of the sample."""
    folder.mkdir(exist_ok=True)
    chance = random.Random(seed)
    vocabulary = " ".join(post.abstract for post in posts_of(SAMPLE)).split()
    for number in range(papers):
        text = " ".join(chance.choices(vocabulary, k=60))
        write_post(
            folder, f"2{chance.randrange(100, 999)}.{number:05}", " ".join(chance.choices(vocabulary, k=6)), text
        )
    return folder
