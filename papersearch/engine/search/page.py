"""The page of a request: the papers in its order, from its offset on, made into hits."""

from __future__ import annotations

from papersearch.core.frozen import replace
from papersearch.core.records import Hit, Request
from papersearch.engine.search import hits
from papersearch.engine.search.ordering import Scored, ordered
from papersearch.engine.search.ranking import Ranked, hardly_matches, most_relevant
from papersearch.engine.search.selection import Selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from papersearch.engine.search.meaning import Meant

# Papers whose texts are looked through together (chosen: most pages).
_TOGETHER = 20


def page(
    selection: Selection, request: Request, meant: Meant | None = None, frequencies: Sequence[int] | None = None
) -> tuple[Hit, ...]:
    """The hits of the request's page, in order. Only their texts are read. ``frequencies`` are those of other words
    (see ``other_words``), if these hold in more papers than are selected from."""
    end = request.offset + request.limit
    total = selection.total + (meant.total_added if meant else 0)
    if request.offset >= total or not request.limit:
        return ()
    scored, ranked = _ranked(selection, request, meant, end, frequencies)
    papers = ranked.papers[request.offset : end]
    marking = hits.Marking(scored.plan.slots, scored.weights) if request.snippets else None
    shown: list[Hit] = []
    for first in range(0, len(papers), _TOGETHER):
        shown += _hits(selection, request.offset + first + 1, papers[first : first + _TOGETHER], marking)
    if meant is not None:
        shown = _with_meaning(shown, papers, selection, meant)
    if request.explain:
        from papersearch.engine.search.explain import explain_words

        # What each word brought, then what was added; they sum up to the score.
        parts = [(*explain_words(scored, paper), *ranked.parts.get(paper.place, ())) for paper in papers]
        shown = [replace(hit, explanation=added) for hit, added in zip(shown, parts, strict=True)]
    return tuple(shown)


def _ranked(
    selection: Selection, request: Request, meant: Meant | None, end: int, frequencies: Sequence[int] | None
) -> tuple[Selection, Ranked]:
    """What is scored, and at least the first ``end`` papers in the request's order."""
    if meant is not None:
        from papersearch.engine.search.fusion import by_words_and_meaning

        return selection, by_words_and_meaning(selection, meant, end, request.explain)
    if request.sort != "relevance":
        return selection, Ranked(ordered(selection, request.sort, end), {})
    if selection.plan.slots:
        return _by_words(selection, request, end, frequencies)
    return selection, Ranked(ordered(selection, "newest", end), {})


def _by_words(
    selection: Selection, request: Request, end: int, frequencies: Sequence[int] | None
) -> tuple[Selection, Ranked]:
    """What is scored, and the most relevant papers; by other words as well where those of the query hardly match."""
    ranked = most_relevant(selection, end, request.explain)
    if not request.expand or not hardly_matches(selection, ranked):
        return selection, ranked
    from papersearch.engine.search.other_words import in_other_words, widened

    plan = in_other_words(selection.plan)
    if plan is None:
        return selection, ranked
    scored = widened(selection, plan, frequencies)
    return scored, most_relevant(scored, end, request.explain)


def _hits(selection: Selection, rank: int, papers: Sequence[Scored], marking: hits.Marking | None) -> list[Hit]:
    """Some papers as they are shown, by their words alone; ``rank`` is that of the first."""
    segments = [selection.reader.segments[paper.segment] for paper in papers]
    rows = [segment.documents.stored(paper.doc) for segment, paper in zip(segments, papers, strict=True)]
    docs = [paper.doc for paper in papers]
    wanted = marking.of(zip(segments, docs, rows, strict=True)) if marking else [None] * len(papers)
    return [
        hits.hit(
            number,
            paper.score,
            stored,
            _missing(selection, paper, stored),
            each,
            hits.other_posts(selection.reader.hidden_posts(stored["id"])),
        )
        for number, (paper, stored, each) in enumerate(zip(papers, rows, wanted, strict=True), rank)
    ]


def _missing(selection: Selection, paper: Scored, stored: Mapping[str, Any]) -> tuple[str, ...]:
    """The words of the query that a paper lacks."""
    slots = zip(selection.plan.slots, selection.matches[paper.segment], strict=True)
    missing = dict.fromkeys([slot.word for slot, found in slots if slot.wanted and not found.holds(paper.doc)])
    if (year := selection.plan.year) is not None and (stored.get("published") or "").startswith(str(year)):
        missing.pop(str(year), None)
    return tuple(missing)


def _with_meaning(shown: Sequence[Hit], papers: Sequence[Scored], selection: Selection, meant: Meant) -> list[Hit]:
    """The hits of some papers with their likeness. Those that no word found show the nearest sentence, if snippets are
    shown at all."""
    found = []
    for hit, paper in zip(shown, papers, strict=True):
        likeness = meant.likeness(*paper.place)
        found.append(hit if likeness is None else replace(hit, meaning=min(1.0, max(0.0, likeness))))
    added = [n for n, paper in enumerate(papers) if meant.added[paper.segment] >> paper.doc & 1 and shown[n].snippets]
    if added and meant.text:
        from papersearch.engine.search.nearest_sentences import nearest_sentences

        stored = [selection.reader.segments[papers[n].segment].documents.stored(papers[n].doc) for n in added]
        for n, nearest in zip(added, nearest_sentences(meant.model(), meant.text, stored), strict=True):
            if nearest is not None:
                found[n] = replace(found[n], snippets=(nearest,))
    return found
