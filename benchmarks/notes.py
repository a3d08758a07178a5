"""How many facts of real notes about papers are read, of 60 notes whose facts a person wrote down.

    python -m benchmarks.notes [FOLDER]      # the folder with the notes, or the archive of them

``notes.json`` has of each note what it states: title, id (null: none), authors and year where it names them. Every
second note was kept apart while the reading was worked on; both halves are reported.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.material import NOTES, unpacked
from papersearch.posts.facts import named
from papersearch.posts.parse import parse

TRUTH = Path(__file__).with_name("notes.json")
FACTS = ("title", "id", "authors", "year")


def read(path: Path) -> dict[str, Any]:
    """What papersearch reads of a note; an id that is only the name of the file is none."""
    post = parse(str(path), path.read_bytes())
    return {
        "title": post.title.replace("–", "--"),  # as it is written
        "id": None if post.id == named(str(path))[0] else post.id,
        "authors": list(post.authors) or None,
        "year": post.published[:4] if post.published else None,
    }


def score(folder: Path, truth: list[dict[str, Any]]) -> tuple[dict[str, tuple[int, int]], int, int, list[str]]:
    """(right and stated by fact, facts given, facts given that are wrong, what is wrong) of some notes."""
    right: Counter[str] = Counter()
    stated: Counter[str] = Counter()
    given = wrong = 0
    said: list[str] = []
    for note in truth:
        found = read(folder / note["path"])
        for fact in FACTS:
            expected = note.get(fact)
            stated[fact] += expected is not None
            right[fact] += expected is not None and found[fact] == expected
            given += found[fact] is not None
            wrong += found[fact] is not None and found[fact] != expected
            if found[fact] != expected:
                said.append(f"{note['path']}: {fact}: {found[fact]!r}, not {expected!r}")
    return {fact: (right[fact], stated[fact]) for fact in FACTS}, given, wrong, said


def halves() -> dict[str, list[dict[str, Any]]]:
    """The notes with their facts, and which half they belong to."""
    truth: list[dict[str, Any]] = json.loads(TRUTH.read_text(encoding="utf-8"))
    return {"worked on": truth[::2], "kept apart": truth[1::2]}


def report(folder: Path) -> None:
    """Print the share of each fact that is read, and of facts that are wrong."""
    for name, truth in halves().items():
        counts, given, wrong, said = score(folder, truth)
        shares = ", ".join(f"{fact} {right}/{stated}" for fact, (right, stated) in counts.items())
        print(f"{name}: {len(truth)} notes: {shares}; wrong {wrong} of {given} facts")
        for line in said:
            print(f"  {line}")


def main() -> None:
    """Report on the notes in the folder or archive that is named, or those beside the collections."""
    with unpacked(Path(sys.argv[1]) if sys.argv[1:] else NOTES) as place:
        report(next(folder for folder in (place, place / "notes") if (folder / "aleju").is_dir()))


if __name__ == "__main__":
    main()
