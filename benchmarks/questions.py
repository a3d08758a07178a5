"""Questions in other words than those of the papers that they are about, to learn from.

``questions.tsv`` holds 25,000 questions, each with the paper that it was written about from its abstract; none of these
papers is one that ``paraphrases.tsv``, the questions for answers, or the summaries of ``tldr`` are about.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import material
from papersearch import library
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.index.vectors import text_of

QUESTIONS = Path(__file__).with_name("questions.tsv")


def questions() -> list[tuple[str, str]]:
    """(paper, question) of each."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()[1:]
    return [(paper, question) for paper, _, question in (line.partition("\t") for line in lines)]


def texts(wanted: set[str]) -> dict[str, str]:
    """The texts of papers, by the numbers of ``papers.jsonl.xz``, and of posts, by their ids."""
    papers = ((paper.id.removeprefix(material.PREFIX), paper) for paper in material.papers())
    found = {name: f"{paper.title}\n{paper.text}" for name, paper in papers if name in wanted}
    with tempfile.TemporaryDirectory() as temporary, material.unpacked(material.POSTS) as posts:
        library.index_folder(str(Path(temporary) / "index"), [str(posts)])
        for segment in IndexReader(str(Path(temporary) / "index")).segments:
            stored = map(segment.documents.stored, range(segment.count))
            found.update({each["id"]: text_of(each) for each in stored if each["id"] in wanted})
    return found
