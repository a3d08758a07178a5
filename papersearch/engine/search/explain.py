"""Why a paper has the score it has, in steps that a person can follow and that add up to the score."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from papersearch.core.fields import FIELDS
from papersearch.core.records import Contribution
from papersearch.engine.index.reader import OpenSegment
from papersearch.engine.index.weights import unpack
from papersearch.engine.search.ordering import Scored
from papersearch.engine.search.selection import Selection
from papersearch.engine.search.slots import Slot


def explain_words(selection: Selection, paper: Scored) -> list[Contribution]:
    """Each word's part, spread over the fields it stands in as they share in BM25F's inner sum."""
    segment, matches = selection.reader.segments[paper.segment], selection.matches[paper.segment]
    found: list[Contribution] = []
    for slot, each, weight in zip(selection.plan.slots, matches, selection.weights, strict=True):
        saturation = each.saturation(paper.doc)
        if saturation > 0:
            found += _word(slot, weight, saturation, segment, paper.doc)
    return found


def _word(slot: Slot, weight: float, saturation: float, segment: OpenSegment, doc: int) -> list[Contribution]:
    score = weight * saturation
    best: list[Contribution] = []
    for alternative in slot.alternatives:
        if len(alternative.terms) != 1 or (entry := segment.find(alternative.terms[0])) is None:
            continue
        postings = segment.postings(entry)
        place = _place(postings.docs, doc)
        if place is None or postings.codes is None:
            continue
        parts = []
        for field, count in zip(FIELDS, unpack(postings.profiles[postings.numbers[place]]), strict=True):
            if count and slot.field in (None, field.name):
                length = segment.documents.length(field.name)[doc]
                share = field.weight * count / (1 - field.b + field.b * length / field.pivot)
                parts.append((field.name, count, length, share))
        total = sum(part[3] for part in parts)
        if total:
            best = [
                Contribution(
                    alternative.terms[0], name, count, length, round(weight, 4), score * share / total, alternative.note
                )
                for name, count, length, share in parts
            ]
            break
    if best:
        return best
    note = next((alternative.note for alternative in slot.alternatives if len(alternative.terms) > 1), "")
    return [Contribution(slot.word, slot.field or "any", 1, 0, round(weight, 4), score, note or "as a phrase")]


def _place(docs: Sequence[int], doc: int) -> int | None:
    place = bisect_left(docs, doc)
    return place if place < len(docs) and docs[place] == doc else None
