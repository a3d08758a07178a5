"""The page of a request: the papers in its order, from its offset on, made into hits."""

from __future__ import annotations

from papersearch.core.records import Contribution, Hit, Request
from papersearch.engine.search import hits
from papersearch.engine.search.ordering import Scored, ordered
from papersearch.engine.search.ranking import Ranked, most_relevant
from papersearch.engine.search.selection import Selection


def page(selection: Selection, request: Request) -> tuple[Hit, ...]:
    """The hits of the request's page, in order. Only their texts are read."""
    end = request.offset + request.limit
    if not selection.total or request.offset >= selection.total or not request.limit:
        return ()
    if request.sort != "relevance":
        ranked = Ranked(ordered(selection, request.sort, end), {})
    elif selection.plan.slots:
        ranked = most_relevant(selection, end, request.explain)
    else:
        ranked = Ranked(ordered(selection, "newest", end), {})
    marking = hits.Marking(selection.plan.slots, selection.weights) if request.snippets else None
    return tuple(
        _hit(
            selection,
            rank,
            paper,
            marking,
            _explained(selection, paper, ranked.parts.get((paper.segment, paper.doc), [])) if request.explain else (),
        )
        for rank, paper in enumerate(ranked.papers[request.offset : end], request.offset + 1)
    )


def _hit(
    selection: Selection,
    rank: int,
    paper: Scored,
    marking: hits.Marking | None,
    explanation: tuple[Contribution, ...],
) -> Hit:
    segment = selection.reader.segments[paper.segment]
    stored = segment.documents.stored(paper.doc)
    missing = (
        slot.word
        for slot, bits in zip(selection.plan.slots, selection.bits[paper.segment], strict=True)
        if slot.wanted and not bits >> paper.doc & 1
    )
    return hits.hit(
        rank,
        paper.score,
        stored,
        tuple(dict.fromkeys(missing)),
        marking.of(segment, paper.doc) if marking else None,
        hits.other_posts(selection.reader, stored["id"]),
        explanation,
    )


def _explained(selection: Selection, paper: Scored, parts: list[Contribution]) -> tuple[Contribution, ...]:
    """What each word brought, then what was added; they sum up to the score."""
    from papersearch.engine.search.explain import explain_words

    return (*explain_words(selection, paper), *parts)
