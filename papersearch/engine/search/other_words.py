"""Other words for those of a query, where these hardly match: papers write *image* where one asks for a picture.

``other_words.txt`` has for a word, by its stem, those that papers use in its place, with the tenths that each counts
if it does not count in full. It was learned from questions and the papers that they are about, and read through (see
``benchmarks.other_words``).

Other words are evidence and nothing else. They add to what a paper scores, as another spelling of the word would; which
papers match, which have every word and which words a paper lacks is told by the words of the query alone. They are
asked for where the words hardly match (see ``ranking.hardly_matches``): who uses the words of the papers gets what
these bring, at no cost.

Measured (2026-11-29): of 630 questions over 1,711 posts from which nothing was learned, 408 have the paper that each is
about first in place of 334, and 558 among the first ten in place of 516; the judged collections gain a little.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache

from papersearch.core.frozen import replace
from papersearch.engine.search.matching import match
from papersearch.engine.search.plan import Plan
from papersearch.engine.search.selection import Selection, weights_of
from papersearch.engine.search.slots import Alternative, Slot, unique

NOTE = "another word for it"


def in_other_words(plan: Plan) -> Plan | None:
    """The plan of a query of several plain words with what papers may say in place of them; None if there is nothing
    else to say."""
    wanted = sum(slot.wanted for slot in plan.slots)
    if not plan.plain or plan.likeness or wanted < 2:
        return None
    slots = [_with_others(slot) for slot in plan.slots]
    changed = any(slot is not before for slot, before in zip(slots, plan.slots, strict=True))
    return replace(plan, slots=slots) if changed else None


def widened(selection: Selection, plan: Plan, frequencies: Sequence[int] | None = None) -> Selection:
    """The same papers, scored by a plan with other words as well. ``frequencies`` are how many papers hold each of its
    slots, if that is more than are selected from."""
    before = selection.plan.slots
    matches = [
        [held if slot is old else match(slot, segment) for slot, old, held in zip(plan.slots, before, row, strict=True)]
        for segment, row in zip(selection.reader.segments, selection.matches, strict=True)
    ]
    if frequencies is None:
        frequencies = [sum(row[n].papers for row in matches) for n in range(len(before))]
    weights = weights_of(plan, frequencies, selection.reader.papers)
    return replace(selection, plan=plan, matches=matches, weights=weights, scored_match=False)


def _with_others(slot: Slot) -> Slot:
    """A slot with the other words for its word, if it is a plain one."""
    others = _table().get(slot.term) if slot.wanted and slot.field is None and slot.term else None
    if others is None:
        return slot
    more = (Alternative((term,), int(tenths or 10) / 10, NOTE) for term, _, tenths in map(_parted, others.split()))
    return replace(slot, alternatives=unique([*slot.alternatives, *more]))


def _parted(other: str) -> tuple[str, str, str]:
    return other.partition("/")


@lru_cache(1)
def _table() -> Mapping[str, str]:
    """The other words for each word, as the file has them."""
    with open(os.path.join(os.path.dirname(__file__), "other_words.txt"), encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(" ", 1) for line in file)
