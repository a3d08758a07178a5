"""Why a paper has the score it has, in steps that a person can follow and that add up to the score."""

from __future__ import annotations

from papersearch.core.fields import FIELDS
from papersearch.core.records import Contribution
from papersearch.engine.index.terms import place_in
from papersearch.engine.index.weights import unpack
from papersearch.engine.search.ordering import Scored
from papersearch.engine.search.selection import Selection
from papersearch.engine.search.slots import Slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.index.views import SegmentView


def explain_words(selection: Selection, paper: Scored) -> list[Contribution]:
    """Each word's part, spread over the fields it stands in as they share in BM25F's inner sum."""
    segment, matches = selection.reader.segments[paper.segment], selection.matches[paper.segment]
    found: list[Contribution] = []
    for slot, each, weight in zip(selection.plan.slots, matches, selection.weights, strict=True):
        saturation = each.saturation(paper.doc)
        if saturation > 0:
            found += _word(slot, weight, saturation, segment, paper.doc)
    return found


def _word(slot: Slot, weight: float, saturation: float, segment: SegmentView, doc: int) -> list[Contribution]:
    """The part of one word: by fields, if a single term of it stands in the paper, else of the word as a whole."""
    score, shown_weight = weight * saturation, round(weight, 4)
    for alternative in slot.alternatives:
        parts = _by_field(alternative.terms[0], slot.field, segment, doc) if len(alternative.terms) == 1 else []
        if total := sum(share for *_, share in parts):
            term, note = alternative.terms[0], alternative.note
            return [
                Contribution(term, field, count, length, shown_weight, score * share / total, note)
                for field, count, length, share in parts
            ]
    note = next((alternative.note for alternative in slot.alternatives if len(alternative.terms) > 1), "")
    return [Contribution(slot.word, slot.field or "any", 1, 0, shown_weight, score, note or "as a phrase")]


def _by_field(term: str, only: str | None, segment: SegmentView, doc: int) -> list[tuple[str, int, int, float]]:
    """(field, times, length, what that adds to BM25F's inner sum) of each field of a paper that a term stands in; of
    the ``only`` one that is asked for, if any."""
    if (entry := segment.find(term)) is None:
        return []
    postings = segment.postings(entry)
    place = place_in(postings.docs, doc)
    if place is None or postings.codes is None:
        return []
    counts = unpack(postings.profiles[postings.numbers[place]])
    parts = []
    for number, (field, count, length) in enumerate(zip(FIELDS, counts, segment.lengths(doc), strict=True)):
        if count and only in (None, field.name):
            parts.append((field.name, count, length, count * segment.norm(number, length)))
    return parts
