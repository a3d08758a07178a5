"""The page of a request: the papers in its order, from its offset on, made into hits."""

from __future__ import annotations

from papersearch.core.records import Contribution, Hit, Request
from papersearch.engine.search import hits
from papersearch.engine.search.ordering import Scored, ordered
from papersearch.engine.search.ranking import Ranked, by_words_and_meaning, most_relevant
from papersearch.engine.search.selection import Selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.meaning import Meant


def page(selection: Selection, request: Request, meant: Meant | None = None) -> tuple[Hit, ...]:
    """The hits of the request's page, in order. Only their texts are read."""
    end = request.offset + request.limit
    total = selection.total + (meant.total_added if meant else 0)
    if request.offset >= total or not request.limit:
        return ()
    if meant is not None:
        ranked = by_words_and_meaning(selection, meant, end, request.explain)
    elif request.sort != "relevance":
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
            _missing(selection, paper),
            marking,
            meant,
            _explained(selection, paper, ranked.parts.get(paper.place, [])) if request.explain else (),
        )
        for rank, paper in enumerate(ranked.papers[request.offset : end], request.offset + 1)
    )


def _missing(selection: Selection, paper: Scored) -> tuple[str, ...]:
    """The wanted words that a paper lacks."""
    slots = zip(selection.plan.slots, selection.matches[paper.segment], strict=True)
    return tuple(dict.fromkeys([slot.word for slot, found in slots if slot.wanted and not found.holds(paper.doc)]))


def _hit(
    selection: Selection,
    rank: int,
    paper: Scored,
    missing: tuple[str, ...],
    marking: hits.Marking | None,
    meant: Meant | None,
    explanation: tuple[Contribution, ...],
) -> Hit:
    segment = selection.reader.segments[paper.segment]
    stored = segment.documents.stored(paper.doc)
    hit = hits.hit(
        rank,
        paper.score,
        stored,
        missing,
        marking.of(segment, paper.doc) if marking else None,
        hits.other_posts(selection.reader.hidden_posts(stored["id"])),
        explanation,
    )
    if meant is None:
        return hit
    from papersearch.engine.search.meaning import with_meaning

    return with_meaning(hit, meant, paper.segment, paper.doc, stored)


def _explained(selection: Selection, paper: Scored, parts: list[Contribution]) -> tuple[Contribution, ...]:
    """What each word brought, then what was added; they sum up to the score."""
    from papersearch.engine.search.explain import explain_words

    return (*explain_words(selection, paper), *parts)
