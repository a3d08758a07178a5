"""How much search by meaning adds: on judged collections, beside bm25s with the same vectors, and to paraphrases.

    python -m benchmarks.meaning [paraphrases cranfield cacm tldr] [--model FOLDER] [--collections DIR] [--papers FILE]
                                 [--posts FILE]

``paraphrases.tsv`` holds 180 questions over the 1,711 real posts, each in other words than those of the paper it is
about. 60 were written before anything was tuned; ``held`` marks the half of them that was not looked at while tuning.
The ``other`` 60 and then 60 more were written by others who knew nothing of the engine; ``more`` marks the half of the
latter that was looked at, ``apart`` the half that was not. Beside each part stands the order by vectors alone, which is
what the model could bring. bm25s is fused with the vectors of papersearch's index by
papersearch's own formula. ``tldr`` takes most of two hours.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import material, peers
from benchmarks.relevance import DEPTH, MEASURES, ask, score, source_of
from papersearch import library
from papersearch.core.records import Summary
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.search.fusion import fused
from papersearch.engine.search.nearest import Nearest, open_nearest

PARAPHRASES = Path(__file__).parent / "paraphrases.tsv"
KINDS = {"words": "--no-meaning", "words and meaning": "--meaning"}
# Papers of either list that are fused, as papersearch does.
CANDIDATES = 400
PLACES = (1, 3, 10)
PARTS = ("tune", "held", "other", "more", "apart")


def build(posts: Path, index: Path, model: str | None) -> Summary:
    """Index posts with the vectors of a model; None means the packaged one."""
    return library.index_folder(str(index), [str(posts)], meaning=True, model=model)


class Bm25WithVectors:
    """bm25s and the vectors of an index, fused as papersearch fuses words and vectors."""

    def __init__(self, papers: list[peers.Paper], index: Path) -> None:
        import bm25s
        import Stemmer

        self._stemmer, self._engine = Stemmer.Stemmer("english"), bm25s
        self._ids = [paper.id for paper in papers]
        self._built = bm25s.BM25(method="lucene")
        self._built.index(self._tokens([paper.words for paper in papers]), show_progress=False)
        reader = IndexReader(str(index))
        nearest = open_nearest(reader, None, False)
        assert nearest is not None
        self._nearest: Nearest = nearest
        self._places = {
            segment.documents.stored(doc)["id"]: (number, doc)
            for number, segment in enumerate(reader.segments)
            for doc in range(segment.count)
        }

    def _tokens(self, texts: Any) -> Any:
        return self._engine.tokenize(texts, stopwords="en", stemmer=self._stemmer, show_progress=False)

    def search(self, question: str, depth: int) -> list[str]:
        """The ids of the best papers."""
        found, scores = self._built.retrieve(
            self._tokens(question), k=min(CANDIDATES, len(self._ids)), show_progress=False
        )
        words = {self._places[self._ids[n]]: float(value) for n, value in zip(found[0], scores[0], strict=True)}
        columns = self._nearest.likeness(question).said
        likeness = {place: float(columns[place[0]][place[1]]) for place in self._places.values()}
        near = sorted(likeness.values(), reverse=True)[:CANDIDATES]
        kept = {place: value for place, value in likeness.items() if place in words or value >= near[-1]}
        ranked = fused(words, kept, (near[0], near[-1]))
        names = {place: paper_id for paper_id, place in self._places.items()}
        return [names[place] for place in sorted(ranked, key=lambda place: (-ranked[place].score, place))[:depth]]


def collection(name: str, collections: Path, everything: Path, model: str | None) -> dict[str, dict[str, float]] | None:
    """The measures with and without meaning on one collection; None where it is not here."""
    source = source_of(name, collections, everything)
    if source is None:
        return None
    asked, judged = material.queries(collections / name)
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        listed = list(material.papers(source))
        material.write_posts(listed, place / "posts")
        build(place / "posts", place / "index", model)
        runs = {
            label: dict(zip(asked, ask(list(asked.values()), place / "index", option), strict=True))
            for label, option in KINDS.items()
        }
        if "bm25s" in peers.available():
            both = Bm25WithVectors(listed, place / "index")
            runs["bm25s and the same vectors"] = {query: both.search(text, DEPTH) for query, text in asked.items()}
    return {label: score(run, judged) for label, run in runs.items()}


def paraphrases(posts: Path, model: str | None) -> dict[str, dict[str, float]] | None:
    """The share of paraphrased questions whose paper is among the first 1, 3 and 10, for each part."""
    if not posts.exists():
        print("paraphrases: the posts are not here, left out")
        return None
    rows = [line.split("\t") for line in PARAPHRASES.read_text(encoding="utf-8").splitlines()[1:]]
    questions = [question for _, _, question in rows]
    results = {}
    with tempfile.TemporaryDirectory() as temporary, material.unpacked(posts) as folder:
        index = Path(temporary) / "index"
        summary = build(folder, index, model)
        print(f"{summary.total:,} posts with {summary.vectors:,} vectors in {summary.seconds:.0f} s")
        runs = {label: ask(questions, index, option, depth=max(PLACES)) for label, option in KINDS.items()}
        runs["meaning alone"] = by_vectors(questions, index, max(PLACES))
    for label, found in runs.items():
        for part in PARTS:
            ids = [(paper_id, run) for (paper_id, of, _), run in zip(rows, found, strict=True) if of == part]
            results[f"{label}, {part}"] = {
                f"first {most}": sum(paper_id in run[:most] for paper_id, run in ids) / len(ids) for most in PLACES
            }
    return results


def by_vectors(questions: list[str], index: Path, depth: int) -> list[list[str]]:
    """The ids of the papers nearest to each question."""
    reader = IndexReader(str(index))
    nearest = open_nearest(reader, None, False)
    assert nearest is not None
    runs = []
    for question in questions:
        columns = nearest.likeness(question).asked
        near = sorted(
            (-float(value), number, doc)
            for number, column in enumerate(columns)
            for doc, value in enumerate(column)
            if value == value
        )
        runs.append([reader.segments[number].documents.stored(doc)["id"] for _, number, doc in near[:depth]])
    return runs


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=["paraphrases", "cranfield", "cacm"])
    parser.add_argument("--model", help="a folder with another model than the packaged one")
    parser.add_argument("--collections", type=Path, default=material.COLLECTIONS)
    parser.add_argument("--papers", type=Path, default=material.PAPERS)
    parser.add_argument("--posts", type=Path, default=material.POSTS)
    given = parser.parse_args()
    results = {}
    for name in given.names:
        if name == "paraphrases":
            found = paraphrases(given.posts, given.model)
        else:
            found = collection(name, given.collections, given.papers, given.model)
        if found is None:
            continue
        results[name] = found
        measures = [f"first {most}" for most in PLACES] if name == "paraphrases" else list(MEASURES)
        print(f"\n{name:28} " + " ".join(f"{measure:>10}" for measure in measures))
        for label, row in found.items():
            print(f"{label:28} " + " ".join(f"{row[measure]:>10.4f}" for measure in measures), flush=True)
    if results:
        label = f"meaning-{Path(given.model).name}" if given.model else "meaning"
        print(f"\nkept in {material.keep(label, {'collections': results})}")


if __name__ == "__main__":
    main()
