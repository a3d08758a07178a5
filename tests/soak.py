"""The long forms of the safety tests, with their figures kept: ``make soak``.

    python -m tests.soak [--kills 2000] [--minutes 5] [--mondays 52]

Kills at random moments (see ``kills``); eight readers and two writers for minutes; a year of Mondays over the real
posts, if here.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.material import circumstances
from papersearch.engine.index import generation
from papersearch.engine.local import folder_size
from tests.corpora import REAL_POSTS, unpack_real_posts, write_post
from tests.kills import kills
from tests.stores import answers, fresh_answers, leftovers, random_posts, update

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
RUN = """
import sys
from pathlib import Path
from tests.stores import update
update(Path(sys.argv[1]), Path(sys.argv[2]))
"""
READ = """
import sys, time
from pathlib import Path
from papersearch import library
end, reads, states = time.time() + float(sys.argv[2]), 0, set()
while time.time() < end:
    opened = library.Index(sys.argv[1])
    numbers = sorted(int(hit.title.split()[-1]) for hit in opened.results("quokka"))
    assert numbers == list(range(len(numbers))), numbers
    assert opened.search("quokka").total == len(numbers)
    reads += 1
    states.add(len(numbers))
print(reads, len(states))
"""


def crowd(minutes: float, place: Path) -> dict[str, Any]:
    """Eight reading processes and two that write; every state holds the papers 0 to n of one word."""
    posts, index = place / "posts", place / "index"
    random_posts(posts, 300, random.Random(7))
    update(index, posts)
    seconds = minutes * 60
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READ, str(index), str(seconds)], cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE
        )
        for _ in range(8)
    ]
    end, number, runs = time.time() + seconds, 0, 0
    while time.time() < end:
        write_post(posts, f"2501.{number:05}v1", f"Quokka {number}", "Quokka.")
        number += 1
        writers = [
            subprocess.Popen([sys.executable, "-c", RUN, str(index), str(posts)], cwd=ROOT, env=ENVIRONMENT)
            for _ in range(2)
        ]
        assert [writer.wait() for writer in writers] == [0, 0]
        runs += 2
    said = [reader.communicate()[0].split() for reader in readers]
    assert all(reader.returncode == 0 for reader in readers)
    assert answers(index) == fresh_answers(posts, place / "fresh")
    reads = sum(int(row[0]) for row in said)
    return {"minutes": minutes, "readers": 8, "writers": 2, "runs": runs, "reads": reads, "errors": 0, "wrong": 0}


def mondays(weeks: int, place: Path) -> dict[str, Any]:
    """Thirty real posts more each week; in some weeks thirty are rewritten as well, or two hundred removed."""
    source, posts, index = place / "source", place / "posts", place / "index"
    source.mkdir(parents=True)
    posts.mkdir()
    waiting = sorted(unpack_real_posts(source).iterdir())
    chance = random.Random(52)
    chance.shuffle(waiting)
    most_segments, slowest = 0, 0.0
    for week in range(weeks):
        for _ in range(30):
            path = waiting.pop()
            shutil.copy(path, posts / path.name)
        here = sorted(posts.iterdir())
        if week % 5 == 4:
            for path in chance.sample(here, 30):
                path.write_text(
                    path.read_text(encoding="utf-8").replace("We ", f"In week {week} we "), encoding="utf-8"
                )
        if week % 13 == 12:
            for path in chance.sample(here, 200):
                path.unlink()
        slowest = max(slowest, update(index, posts).seconds)
        most_segments = max(most_segments, len(generation.load(str(index)).segments))
    fresh = place / "fresh"
    assert answers(index) == fresh_answers(posts, fresh)
    assert not leftovers(index)
    size = folder_size(str(index)) / folder_size(str(fresh))
    return {
        "weeks": weeks,
        "posts": len(list(posts.iterdir())),
        "most_segments": most_segments,
        "slowest_run_s": round(slowest, 2),
        "size_beside_fresh": round(size, 2),
        "equal_to_fresh": True,
    }


def main() -> None:
    """Run all, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=2_000)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--mondays", type=int, default=52)
    given = parser.parse_args()
    found: dict[str, Any] = circumstances()
    with tempfile.TemporaryDirectory() as place:
        if REAL_POSTS.exists():
            found["mondays"] = mondays(given.mondays, Path(place) / "mondays")
            print("mondays", found["mondays"], flush=True)
        found["kills"] = kills(given.kills, Path(place) / "kills")
        print("kills", found["kills"], flush=True)
        found["crowd"] = crowd(given.minutes, Path(place) / "crowd")
        print("crowd", found["crowd"], flush=True)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"soak-{datetime.date.today().isoformat()}.json"
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"kept in {path}")


if __name__ == "__main__":
    main()
