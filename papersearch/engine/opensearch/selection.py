"""What the cluster has found as what the local engine selects, so that its code ranks and shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from papersearch.core.fields import ID, WORDS
from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Hit, Request
from papersearch.engine.opensearch import query_dsl
from papersearch.engine.opensearch.candidates import CandidateReader
from papersearch.engine.opensearch.meaning import matches_words
from papersearch.engine.opensearch.papers import Name
from papersearch.engine.opensearch.statistics import Guess
from papersearch.engine.search.matching import match
from papersearch.engine.search.meaning import Meant
from papersearch.engine.search.other_words import in_other_words
from papersearch.engine.search.page import page
from papersearch.engine.search.plan import Plan
from papersearch.engine.search.ranking import hardly_matches, most_relevant
from papersearch.engine.search.rerank import CANDIDATES
from papersearch.engine.search.selection import Selection, rarest_first, with_every_word
from papersearch.engine.search.slots import Slot

# From this place on, results come as the cluster orders them: nothing that is ranked again reaches so far.
DEEP = 1_000

Hits = list[dict[str, Any]]


class Counted(NamedTuple):
    """What the cluster says of a plan: how many papers hold each slot, and what each weighs."""

    frequencies: list[int]
    weights: list[float]


def is_exact(plan: Plan) -> bool:
    """Whether the cluster scores a plan as exactly as we do: single terms, in whatever field."""
    return all(slot.field is None and not slot.slop and slot.is_of_terms for slot in plan.slots)


def frequency_of(known: Guess, slot: Slot) -> int:
    """How many papers hold a slot; of a single term its frequency, else they are counted."""
    single = len(slot.alternatives) == 1 and slot.is_of_terms
    if single and slot.paper_id is None and slot.field in (None, ID):
        return known.frequency(slot.alternatives[0].terms[0], slot.field or WORDS)
    return known.count(query_dsl.holds(slot))


def together(
    hits: Mapping[Name, Mapping[str, Any]], nearest: Mapping[Name, Mapping[str, Any]]
) -> tuple[list[Name], int, list[bool]]:
    """The candidates by words together with the nearest papers, the bit set of those that match the words, and which of
    them are among the nearest."""
    names = list({**hits, **nearest})
    matching = sum(1 << doc for doc, name in enumerate(names) if name in hits or matches_words(nearest[name]))
    return names, matching, [name in nearest for name in names]


def selected(
    reader: CandidateReader, plan: Plan, counted: Counted, total: int, total_all: int, matching: int
) -> Selection:
    """The candidates as what the local engine selects. Which of them match is known of the cluster."""
    segment = reader.segments[0]
    matches = [match(slot, segment) for slot in plan.slots]
    bits = [each.bits for each in matches]
    order = rarest_first(plan.slots, counted.frequencies)
    return Selection(
        reader=reader,
        plan=plan,
        matches=[matches],
        bits=[bits],
        frequencies=counted.frequencies,
        weights=counted.weights,
        order=order,
        matching=[matching],
        every=[with_every_word(order, bits, matching)],
        total=total,
        total_all=total_all,
        scored_match=matching == segment.live,
    )


def other_words(selection: Selection, reader: CandidateReader, request: Request) -> Plan | None:
    """The plan with other words, if a request asks for the most relevant papers and its own hardly match."""
    if not request.expand or not request.limit or request.sort != "relevance" or request.offset >= DEEP:
        return None
    plan = in_other_words(selection.plan)
    if plan is None or not selection.total:
        return None
    ranked = most_relevant(replace(selection, reader=reader), CANDIDATES, False)
    return plan if hardly_matches(selection, ranked) else None


def page_of(
    selection: Selection,
    reader: CandidateReader,
    request: Request,
    meant: Meant | None = None,
    frequencies: Sequence[int] | None = None,
) -> tuple[Hit, ...]:
    """The hits of the request's page; ``frequencies`` are those of other words, as far as they are asked for. From
    ``DEEP`` on, the candidates are those of the page itself, so it starts at the first of them."""
    if request.offset < DEEP:
        return page(replace(selection, reader=reader), request, meant, frequencies)
    hits: Sequence[Hit] = page(replace(selection, reader=reader), replace(request, offset=0, expand=False))
    return tuple(replace(hit, rank=hit.rank + request.offset) for hit in hits)
