"""What a plan selects of an index: where each of its words stands, which papers match, and what each word weighs."""

from __future__ import annotations

from papersearch.core.frozen import Frozen
from papersearch.engine.index.reader import IndexReader, OpenSegment
from papersearch.engine.search.expression import evaluate
from papersearch.engine.search.matching import match
from papersearch.engine.search.plan import Plan
from papersearch.engine.search.scoring import Matches, Weighted, idf


class Selection(Frozen):
    """What ``select`` gives. Lists by segment, and within them by slot; sets of papers are bit sets by segment.

    ``matching`` papers satisfy query and filters, ``every`` those of them that hold every wanted word; ``total`` and
    ``total_all`` count them. ``order`` are the numbers of the wanted slots, rarest first. ``scored_match``: whatever
    has a score matches.
    """

    reader: IndexReader
    plan: Plan
    matches: list[list[Matches]]
    bits: list[list[int]]
    frequencies: list[int]
    weights: list[float]
    order: list[int]
    matching: list[int]
    every: list[int]
    total: int
    total_all: int
    scored_match: bool

    def weighted(self, segment: int) -> list[Weighted]:
        """The wanted words' matches in a segment with their weights, rarest first."""
        return [Weighted(self.matches[segment][n], self.weights[n]) for n in self.order]


def select(reader: IndexReader, plan: Plan, match_mode: str) -> Selection:
    """Fetch the postings of every slot of a plan; ``match_mode`` is that of the request."""
    slots, segments = plan.slots, reader.segments
    matches = [[match(slot, segment) for slot in slots] for segment in segments]
    bits = [[each.bits for each in row] for row in matches]
    frequencies = [sum(row[n].bit_count() for row in bits) for n in range(len(slots))]
    weights = [
        slot.boost * idf(frequency, reader.papers) if slot.wanted else 0.0
        for slot, frequency in zip(slots, frequencies, strict=True)
    ]
    matching = [_matching(plan, row, segment, match_mode) for row, segment in zip(bits, segments, strict=True)]
    every = [_with_every_word(plan, row, part) for row, part in zip(bits, matching, strict=True)]
    wanted = [n for n, slot in enumerate(slots) if slot.wanted]
    return Selection(
        reader=reader,
        plan=plan,
        matches=matches,
        bits=bits,
        frequencies=frequencies,
        weights=weights,
        order=sorted(wanted, key=lambda n: (frequencies[n], slots[n].word, slots[n].field or "", n)),
        matching=matching,
        every=every,
        total=sum(part.bit_count() for part in matching),
        total_all=sum(part.bit_count() for part in every),
        scored_match=plan.plain and not plan.filters and match_mode != "all",
    )


def _matching(plan: Plan, bits: list[int], segment: OpenSegment, match_mode: str) -> int:
    matching = evaluate(plan.expression, bits, segment, match_mode)
    for condition in plan.filters:
        matching &= evaluate(condition, bits, segment, match_mode)
    return matching


def _with_every_word(plan: Plan, bits: list[int], matching: int) -> int:
    for slot, part in zip(plan.slots, bits, strict=True):
        if slot.wanted:
            matching &= part
    return matching
