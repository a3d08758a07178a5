"""The page of a request: the papers in its order, from its offset on, made into hits."""

from __future__ import annotations

from papersearch.core.frozen import replace
from papersearch.core.records import Contribution, Hit, Request, Snippet
from papersearch.engine.search import hits
from papersearch.engine.search.ordering import Scored, ordered
from papersearch.engine.search.ranking import Ranked, most_relevant
from papersearch.engine.search.selection import Selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from papersearch.engine.search.meaning import Meant


def page(selection: Selection, request: Request, meant: Meant | None = None) -> tuple[Hit, ...]:
    """The hits of the request's page, in order. Only their texts are read."""
    end = request.offset + request.limit
    total = selection.total + (meant.total_added if meant else 0)
    if request.offset >= total or not request.limit:
        return ()
    if meant is not None:
        from papersearch.engine.search.fusion import by_words_and_meaning

        ranked = by_words_and_meaning(selection, meant, end, request.explain)
    elif request.sort != "relevance":
        ranked = Ranked(ordered(selection, request.sort, end), {})
    elif selection.plan.slots:
        ranked = most_relevant(selection, end, request.explain)
    else:
        ranked = Ranked(ordered(selection, "newest", end), {})
    marking = hits.Marking(selection.plan.slots, selection.weights) if request.snippets else None
    papers = ranked.papers[request.offset : end]
    nearest = _nearest_sentences(selection, papers, meant) if meant is not None and marking else {}
    return tuple(
        _hit(
            selection,
            rank,
            paper,
            _missing(selection, paper),
            marking,
            meant.likeness(*paper.place) if meant is not None else None,
            nearest.get(paper.place),
            _explained(selection, paper, ranked.parts.get(paper.place, [])) if request.explain else (),
        )
        for rank, paper in enumerate(papers, request.offset + 1)
    )


def _nearest_sentences(
    selection: Selection, papers: Sequence[Scored], meant: Meant
) -> dict[tuple[int, int], Snippet | None]:
    """What is shown of the papers that no word found."""
    added = [paper.place for paper in papers if meant.text and meant.added[paper.segment] >> paper.doc & 1]
    if not added:
        return {}
    from papersearch.engine.search.nearest_sentences import nearest_sentences

    stored = [selection.reader.segments[segment].documents.stored(doc) for segment, doc in added]
    return dict(zip(added, nearest_sentences(meant.model(), meant.text, stored), strict=True))


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
    likeness: float | None,
    nearest: Snippet | None,
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
    if likeness is not None:
        hit = replace(hit, meaning=min(1.0, max(0.0, likeness)))
    return replace(hit, snippets=(nearest,)) if nearest and hit.snippets else hit


def _explained(selection: Selection, paper: Scored, parts: list[Contribution]) -> tuple[Contribution, ...]:
    """What each word brought, then what was added; they sum up to the score."""
    from papersearch.engine.search.explain import explain_words

    return (*explain_words(selection, paper), *parts)
