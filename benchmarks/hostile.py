"""What queries and posts cost that are made to hurt: ``python -m benchmarks.hostile [POSTS...]``.

Each kind is repeated to a length and to twice that length. Seconds are processor time: those of a query on an index of
the given posts (else of the corpus of the project), those of a post from its bytes to its segment. Exits with 1 if a
query takes more than a second, a post more than two, or twice the length more than three times as long.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import papersearch
from benchmarks.material import ROOT
from papersearch.engine.build.tasks import Task
from papersearch.engine.build.workers import build_part
from papersearch.posts.reading import MOST_BYTES
from papersearch.posts.scan import FileState

MOST_SECONDS = {"query": 1.0, "post": 2.0}
QUERY_CHARACTERS = 65_000
HEAD = "---\ntitle: A title\ndate: 2024-01-01\n---\n\n"
SECTIONS = "# title: X\n## paper id\n2412.15115\n## abstracts:\n"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

QUERIES = (
    "a- a: title: a~ a~2_ a^2 a^2_ *a*_ a*_ a*b *e*_*i*_ ?a_ ? * *_ ( () a( -a_ NOT_ a_AND_ a_OR_"
    " id:a_ year:2024_ x:y_ :)_"
    ' aB a1 a\' 1. 中 中é the_of_ zero-shot- LLM_ LoRA_ [ " "a_b"_ "a_b"~9_ 10.1234/a_ http://'
).split()
POSTS = (
    r"\( \[ _**a **a** __a_ (AB) (_ [a]:_ [a]( ![ ` $ $\a$_ \(a\) ${ ^{ \frac{ \sqrt{ \href{ \cite{ "
    r"{\' \'a &# &amp; < <a_ <!-- # "
    r"#_a¶ ¶#_ ¶-_ ¶|_ ¶=_ ¶¶ a- aB a. 1# 中 中é é” (AB_ ~a -- ¶a_b"
).split()


def written(unit: str) -> str:
    """A unit as it stands in a text: ``_`` is a blank and ``¶`` a line break."""
    return unit.replace("_", " ").replace("¶", "\n")


def repeated(unit: str) -> Callable[[int], str]:
    """Texts of so many bytes that are nothing but a unit."""
    return lambda size: unit * (size // len(unit.encode()))


def random_words(length: int, between: str) -> Callable[[int], str]:
    """Texts of so many bytes, of words that are all different."""
    chance = random.Random(1)
    return lambda size: between.join(
        "".join(chance.choices(LETTERS, k=length)) for _ in range(size // (length + len(between)))
    )


def after(head: str, make: Callable[[int], str]) -> Callable[[int], str]:
    """Posts that begin with a head."""
    return lambda size: head + make(size)


def seconds(work: Callable[[], object]) -> float:
    """Processor time."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def ask(index: papersearch.Index, query: str) -> None:
    """Ask; a query that is refused has its answer too."""
    with suppress(papersearch.PapersearchError):  # one line for the user
        index.search(query, syntax=True)


def query_seconds(index: papersearch.Index, text: str) -> float:
    """What a query costs that was never asked before."""
    return seconds(lambda: ask(index, text))


def post_seconds(folder: str, text: str) -> float:
    """What a post costs, from its file to its segment."""
    path = os.path.join(folder, "post.md")
    Path(path).write_text(text, "utf-8")
    status = os.stat(path)
    state = FileState(path, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return seconds(lambda: build_part(folder, [Task(state, 1)]))


def measure(kind: str, cost: Callable[[str], float], made: Mapping[str, Callable[[int], str]], size: int) -> bool:
    """Print a line for each text of a kind, slowest first; whether all are within bounds."""
    rows = []
    for name, make in made.items():
        half, whole = cost(make(size // 2)), cost(make(size))
        rows.append((whole, half, name))
    rows.sort(reverse=True)
    fine = True
    print(f"\n{kind:5} {'bytes':>10} {'half':>7} {'whole':>7}  repeated")
    for whole, half, name in rows:
        within = whole <= MOST_SECONDS[kind] and whole <= 3 * half + 0.1
        fine &= within
        print(f"{kind:5} {size:10,} {half:6.2f}s {whole:6.2f}s  {name!r}{'' if within else '  TOO SLOW'}")
    return fine


def main(folders: list[str]) -> int:
    """Measure everything; 0 if all of it is within bounds."""
    texts = {unit: repeated(written(unit)) for unit in POSTS}
    for length, between in ((4, " "), (6, " "), (76, "\n"), (5, "-")):
        texts[f"random words of {length} with {between!r}"] = random_words(length, between)
    posts = {name: after(HEAD, make) for name, make in texts.items()}
    posts |= {f"{name} in an abstract": after(SECTIONS, make) for name, make in texts.items()}
    queries = {unit: repeated(written(unit)) for unit in QUERIES}
    with tempfile.TemporaryDirectory() as folder:
        index = papersearch.build(os.path.join(folder, "index"), folders or [str(ROOT / "corpus")])
        print(f"{index.stats().posts:,} posts")
        fine = measure("query", lambda text: query_seconds(index, text), queries, QUERY_CHARACTERS)
        fine &= measure("post", lambda text: post_seconds(folder, text), posts, MOST_BYTES - 1_000)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
