"""The dictionary that stored rows are compressed with: runs of words that many posts have in common.

    python -m benchmarks.phrases FOLDER_OF_POSTS... > papersearch/engine/index/phrases.txt

Runs are taken by how much they save, a run's length times the posts that have it, until 30 kB are full: deflate sees
no further than 32 kB back. The commonest come last, where they are cheapest to point at, and then the frame of a row.
The dictionary is part of the format of an index: another one is another ``FORMAT_VERSION``.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from papersearch.posts.parse import Unreadable, parse

SIZE = 30_000
LONGEST = 6
# A run is worth its place if one in so many posts has it; pointing at one costs about two bytes.
RARE, POINTER = 400, 2.2
WORD = re.compile(r"[A-Za-z]+(-[a-z]+)*[,.]?")
FRAME = (
    '","et_al":true,"published":"2024-12-19","posted":"2024-12-23T11:35:38","tags":["all search terms","dataset"],'
    '"url":"http://arxiv.org/abs/2412.15115v1","abstract":"We propose","abstract_line":33,"qa":"","qa_line":35,'
    '"title_line":24}{"path":"/corpus/","id":"2412.15115","version":1,"title":"","authors":["'
)


def runs(text: str) -> set[str]:
    """The runs of plain words in a text, each with a blank at its end."""
    words = text.split()
    plain = [WORD.fullmatch(word) is not None for word in words]
    found = set()
    for first in range(len(words)):
        for last in range(first, min(first + LONGEST, len(words))):
            if not plain[last]:
                break
            found.add(" ".join(words[first : last + 1]) + " ")
    return found


def chosen(texts: Iterable[str]) -> str:
    """The runs that save most, the best last."""
    counts: Counter[str] = Counter()
    posts = 0
    for text in texts:
        counts.update(runs(text))
        posts += 1
    rated = [(count * (len(run) - POINTER), run) for run, count in counts.items() if count * RARE >= posts]
    kept: list[str] = []
    known = " "
    for _, run in sorted(rated, reverse=True):
        if len(run) > 4 and " " + run not in known:
            kept.append(run)
            known += run
        if len(known) > SIZE:
            break
    return " " + "".join(reversed(kept))


def abstracts(folders: Iterable[str]) -> Iterable[str]:
    """The abstracts of all posts."""
    for folder in folders:
        for path in sorted(Path(folder).rglob("*.md")):
            try:
                yield parse(str(path), path.read_bytes()).abstract
            except Unreadable:
                continue


if __name__ == "__main__":
    sys.stdout.write(chosen(abstracts(sys.argv[1:])) + FRAME)
