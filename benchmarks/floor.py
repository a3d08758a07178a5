"""What no indexer of files can be faster than: one process that reads the posts and does nothing with them.

python -m benchmarks.floor                # the folders that benchmarks.speed has written
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from statistics import median

from benchmarks import material
from benchmarks.processes import timed

ROUNDS = 3


def read(folder: Path) -> None:
    """Read every file of a folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            with open(entry.path, "rb") as post:
                post.read()


def main() -> None:
    """Measure, print and keep it; the first round, which may meet a cold disk, does not count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=material.WORK)
    work: Path = parser.parse_args().work.expanduser()
    seconds: dict[str, list[float]] = {}
    for size in sorted(int(size) for folder in work.glob("posts-*") if (size := folder.name[6:]).isdigit()):
        folder = work / f"posts-{size}"
        read(folder)
        seconds[str(size)] = [round(timed(lambda: read(folder)), 4) for _ in range(ROUNDS)]  # noqa: B023
        print(f"{size:,} posts: {size / median(seconds[str(size)]):,.0f} read a second", flush=True)
    print(f"kept in {material.keep('floor', {'reading': seconds})}")


if __name__ == "__main__":
    main()
