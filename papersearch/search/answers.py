"""From a document found to a hit that can be shown: its facts, its snippets, and why it ranks where it does."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from papersearch.frozen import NamedTuple
from papersearch.records import Contribution, Hit, OtherPost, Paper, Snippet
from papersearch.search import snippets
from papersearch.search.slots import Slot
from papersearch.store.reader import IndexReader, OpenSegment, docs_of
from papersearch.store.schema import ID
from papersearch.text.stopwords import STOP_WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


MOST_MARKED = 500


class Marks(NamedTuple):
    """What is to be marked in a text: terms, and runs of terms, with their slot's number and weight."""

    terms: Mapping[str, tuple[int, float]]
    runs: Sequence[tuple[tuple[str, ...], int, float]]


def marks(slots: Sequence[Slot], weights: Sequence[float], field: str) -> Marks:
    """What the slots mark in a field."""
    terms: dict[str, tuple[int, float]] = {}
    runs: list[tuple[tuple[str, ...], int, float]] = []
    for number, (slot, weight) in enumerate(zip(slots, weights, strict=True)):
        if slot.field not in (None, field) or not slot.wanted:
            continue
        for alternative in slot.alternatives[:MOST_MARKED]:
            if len(alternative.terms) > 1 and slot.slop:
                for term in alternative.terms:
                    if term not in STOP_WORDS:
                        terms.setdefault(term, (number, weight))
            elif len(alternative.terms) > 1:
                runs.append((alternative.terms, number, weight * alternative.factor))
            elif alternative.terms[0] not in terms:
                terms[alternative.terms[0]] = (number, weight * alternative.factor)
    return Marks(terms, runs)


def local_path(path: str) -> str:
    """A path as it is reached from the current folder: relative where that leads downwards."""
    try:
        here = os.getcwd()
    except OSError:
        return path
    prefix = here if here.endswith(os.sep) else here + os.sep
    return path[len(prefix) :] if path.startswith(prefix) else path


def snippets_of(stored: Mapping[str, Any], slots: Sequence[Slot], weights: Sequence[float]) -> tuple[Snippet, ...]:
    """The passages that show the words, from the abstract, or from questions and answers where only they have them."""
    found: list[Snippet] = []
    for field, line in (("abstract", "abstract_line"), ("qa", "qa_line")):
        text = stored.get(field, "")
        if not text:
            continue
        wanted = marks(slots, weights, field)
        for passage in snippets.passages(text, wanted.terms, phrases=wanted.runs):
            found.append(Snippet(field, stored.get(line, 0), passage.text, tuple(passage.highlights)))
        if found and found[0].highlights:
            return tuple(found)
    marked = [snippet for snippet in found if snippet.highlights]
    return tuple(marked or found[:1])


def hit(
    rank: int,
    score: float,
    stored: Mapping[str, Any],
    missing: tuple[str, ...],
    slots: Sequence[Slot],
    weights: Sequence[float],
    with_snippets: bool,
    other_posts: tuple[OtherPost, ...],
    explanation: tuple[Contribution, ...],
) -> Hit:
    """One hit."""
    title = stored.get("title", "")
    wanted = marks(slots, weights, "title")
    return Hit(
        rank=rank,
        score=round(score, 6),
        id=stored["id"],
        version=stored.get("version"),
        missing=missing,
        title=title,
        title_highlights=tuple(snippets.highlights(title, wanted.terms, wanted.runs)) if with_snippets else (),
        authors=tuple(stored.get("authors", ())),
        et_al=stored.get("et_al", False),
        published=stored.get("published"),
        posted=stored.get("posted"),
        tags=tuple(stored.get("tags", ())),
        url=stored.get("url"),
        path=local_path(stored["path"]),
        other_posts=other_posts,
        snippets=snippets_of(stored, slots, weights) if with_snippets else (),
        explanation=explanation,
    )


def paper(stored: Mapping[str, Any], other_posts: tuple[OtherPost, ...]) -> Paper:
    """A paper, whole."""
    return Paper(
        id=stored["id"],
        version=stored.get("version"),
        title=stored.get("title", ""),
        authors=tuple(stored.get("authors", ())),
        et_al=stored.get("et_al", False),
        published=stored.get("published"),
        posted=stored.get("posted"),
        tags=tuple(stored.get("tags", ())),
        url=stored.get("url"),
        path=local_path(stored["path"]),
        abstract=stored.get("abstract", ""),
        abstract_line=stored.get("abstract_line", 0),
        qa=stored.get("qa", ""),
        qa_line=stored.get("qa_line", 0),
        other_posts=other_posts,
    )


def other_posts(reader: IndexReader, paper_id: str) -> tuple[OtherPost, ...]:
    """The hidden posts about a paper, newest version first."""
    found = []
    for segment, state in zip(reader.segments, reader.generation.segments, strict=True):
        if not state.hidden:
            continue
        entry = segment.find(paper_id.casefold(), ID)
        hidden = frozenset(state.hidden)
        for doc in segment.postings(entry).docs if entry is not None else ():
            if doc in hidden:
                stored = segment.documents.stored(doc)
                found.append(
                    OtherPost(
                        local_path(stored["path"]), stored.get("version"), stored.get("title", ""), stored.get("posted")
                    )
                )
    return tuple(sorted(found, key=lambda post: (post.version or 0, post.posted or "", post.path), reverse=True))


def find_paper(reader: IndexReader, paper_id: str) -> tuple[OpenSegment, int] | None:
    """Where the post of a paper is that is shown."""
    for segment in reader.segments:
        entry = segment.find(paper_id.casefold(), ID)
        if entry is not None:
            for doc in docs_of(segment.bits(entry)):
                return segment, doc
    return None
