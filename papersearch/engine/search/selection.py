"""What a plan selects of an index: where each of its words stands, which papers match, and what each word weighs."""

from __future__ import annotations

from collections.abc import Sequence

from papersearch.core.frozen import Frozen
from papersearch.engine.search.expression import evaluate
from papersearch.engine.search.matching import match as match_slot
from papersearch.engine.search.plan import Plan
from papersearch.engine.search.scoring import Matches, Weighted, idf
from papersearch.engine.search.slots import Slot
from papersearch.query.language import OPENING_QUOTES, as_read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.index.reader import IndexReader, OpenSegment
    from papersearch.engine.index.views import ReaderView

# In fewer papers than this, a word may be misspelled; and where those count too that have its letters in two words, as
# "tran former" (chosen: a line that was broken there, and a few others).
SUSPECT, SUSPECT_APART = 3, 20
# A year among the words weighs this of the heaviest other word at most (measured over 87,288 papers: of 400 surnames
# with year and word of a title 322 have their paper first, 302 with 0.7, 262 with 1 and 229 before; of 50 topics with a
# year over the real posts 18 had a paper first that lacks the topic, and none has).
MOST_OF_YEAR = 0.5


class Selection(Frozen):
    """What ``select`` gives. Lists by segment, and within them by slot; sets of papers are bit sets by segment.

    ``matching`` papers satisfy query and filters, ``every`` those of them that hold every wanted word; ``total`` and
    ``total_all`` count them. ``order`` are the numbers of the wanted slots, rarest first. ``scored_match``: whatever
    has a score matches.
    """

    reader: ReaderView
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

    def is_doubtful(self, query: str) -> bool:
        """Whether a word of the query may be misspelled: one is rare, and there are no operators. Words of a field or a
        phrase are doubted only if nothing is found."""
        return is_doubtful(query, self.plan.slots, self.frequencies, nothing=not self.total)


def is_doubtful(query: str, slots: Sequence[Slot], frequencies: Sequence[int], nothing: bool) -> bool:
    """As ``Selection.is_doubtful``: the slots of a query and how many papers hold each; ``nothing``: none match."""
    query = as_read(query)
    if any(operator in query for operator in ("*~" if nothing else f"*~:{OPENING_QUOTES}")):
        return False
    if any(behind[:1].isalnum() for behind in query.split("?")[1:]):  # at the end of a word it asks
        return False
    return any(
        frequency < _suspect(slot)
        and slot.wanted
        and not slot.slop
        and (slot.literal or (nothing and not slot.paper_id))
        for slot, frequency in zip(slots, frequencies, strict=True)
    )


def _suspect(slot: Slot) -> int:
    """In how many papers a slot's word is beyond doubt."""
    return SUSPECT if slot.is_of_terms else SUSPECT_APART


def select(reader: IndexReader, plan: Plan, match: str) -> Selection:
    """Fetch the postings of every slot of a plan; ``match`` is that of the request."""
    slots, segments = plan.slots, reader.segments
    matches = [[match_slot(slot, segment) for slot in slots] for segment in segments]
    bits = [[each.bits for each in row] for row in matches]
    frequencies = [sum(row[n].papers for row in matches) for n in range(len(slots))]
    matching = [
        filtered(plan, segment, evaluate(plan.expression, row, segment, match))
        for row, segment in zip(bits, segments, strict=True)
    ]
    order = rarest_first(slots, frequencies)
    every = [with_every_word(order, row, part) for row, part in zip(bits, matching, strict=True)]
    return Selection(
        reader=reader,
        plan=plan,
        matches=matches,
        bits=bits,
        frequencies=frequencies,
        weights=weights_of(plan, frequencies, reader.papers),
        order=order,
        matching=matching,
        every=every,
        total=sum(part.bit_count() for part in matching),
        total_all=sum(part.bit_count() for part in every),
        scored_match=plan.plain and not plan.filters and match != "all",
    )


def weights_of(plan: Plan, frequencies: Sequence[int], papers: int) -> list[float]:
    """What each slot weighs: its boost times the idf of what ``frequencies`` of all papers hold; 0 if unwanted. The
    year among the words is rarer than most, and weighs less than what it is asked with: papers of that year are meant,
    which need not name it."""
    weights = [
        slot.boost * max(slot.least, idf(frequency, papers)) if slot.wanted else 0.0
        for slot, frequency in zip(plan.slots, frequencies, strict=True)
    ]
    if plan.year is None:
        return weights
    years = [n for n, slot in enumerate(plan.slots) if slot.word == str(plan.year)]
    if most := MOST_OF_YEAR * max((weight for n, weight in enumerate(weights) if n not in years), default=0.0):
        for n in years:
            weights[n] = min(weights[n], most * plan.slots[n].boost)
    return weights


def rarest_first(slots: Sequence[Slot], frequencies: Sequence[int]) -> list[int]:
    """The numbers of the wanted slots, in an order that is the same wherever they are scored."""
    wanted = [n for n, slot in enumerate(slots) if slot.wanted]
    return sorted(wanted, key=lambda n: (frequencies[n], slots[n].word, slots[n].field or "", n))


def with_every_word(order: Sequence[int], bits: Sequence[int], papers: int) -> int:
    """Those of a bit set of papers that hold every wanted slot. ``bits`` are those of each slot; ``order`` are the
    wanted ones, rarest first, so that soon no paper is left, as of most sentences, and the others cost nothing."""
    for number in order:
        papers &= bits[number]
    return papers


def filtered(plan: Plan, segment: OpenSegment, papers: int) -> int:
    """Those of a bit set of papers that all filters let through. Filters hold no slots, and no words side by side."""
    for condition in plan.filters:
        papers &= evaluate(condition, (), segment, "all")
    return papers
