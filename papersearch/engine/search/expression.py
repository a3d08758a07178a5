"""Which papers match, as an expression over the slots of a plan; evaluated segment by segment to bit sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_, or_

from papersearch.core.frozen import Frozen
from papersearch.engine.index.reader import OpenSegment
from papersearch.engine.search.matching import date_bits, exact_bits, exact_id, since_run_bits
from papersearch.engine.search.matching import match as match_slot
from papersearch.engine.search.slots import Slot


class Leaf(Frozen):
    """A slot by its number; ``needed`` if a bag must not do without it."""

    number: int
    needed: bool = False


class Dated(Frozen):
    """Published between two day numbers, both included."""

    low: int
    high: int


class Valued(Frozen):
    """With a value of an exact field that starts with ``prefix``."""

    field: str
    prefix: str


class SeenAfter(Frozen):
    """First seen after the run with that number."""

    run: int


class Named(Frozen):
    """With that (folded) id."""

    paper_id: str


class Holding(Frozen):
    """With the words of a slot, which score nothing."""

    slot: Slot


Condition = Dated | Valued | SeenAfter | Named | Holding


class Filter(Frozen):
    """A condition within an expression; like a filter clause in Lucene, it scores nothing."""

    condition: Condition


class Group(Frozen):
    """``kind`` is and, or, not, bag or everything; an ``or`` of nothing matches nothing."""

    kind: str
    members: tuple[Expression, ...] = ()


Expression = Leaf | Filter | Group
# What is left of a word without a letter: it neither matches nor keeps anything else from matching.
NOTHING = Group("or")


def group(kind: str, members: Sequence[Expression]) -> Expression:
    """The members together, without those that say nothing."""
    telling = tuple(member for member in members if member is not NOTHING)
    return Group(kind, telling) if telling else NOTHING


def replaced(expression: Expression, leaf: Callable[[Leaf], Expression]) -> Expression:
    """The expression with another one in place of each leaf."""
    if isinstance(expression, Leaf):
        return leaf(expression)
    if isinstance(expression, Group):
        return Group(expression.kind, tuple(replaced(member, leaf) for member in expression.members))
    return expression


def _condition_bits(condition: Condition, segment: OpenSegment) -> int:
    """The bit set of live documents that meet a condition."""
    match condition:
        case Dated(low=low, high=high):
            return date_bits(segment, low, high)
        case Valued(field=field, prefix=prefix):
            return exact_bits(segment, field, prefix)
        case SeenAfter(run=run):
            return since_run_bits(segment, run)
        case Named(paper_id=paper_id):
            return exact_id(segment, paper_id)
        case Holding(slot=slot):
            return match_slot(slot, segment).bits
    raise TypeError(f"no such condition: {condition!r}")


def evaluate(expression: Expression, bits: Sequence[int], segment: OpenSegment, match: str) -> int:
    """The bit set of live documents that match; ``bits`` are those of each slot."""
    if isinstance(expression, Leaf):
        return bits[expression.number]
    if isinstance(expression, Filter):
        return _condition_bits(expression.condition, segment)
    if expression.kind == "everything":
        return segment.live
    if expression.kind == "not":
        return segment.live & ~evaluate(expression.members[0], bits, segment, match)
    if expression.kind == "bag":
        return _evaluate_bag(expression, bits, segment, match)
    parts = (evaluate(member, bits, segment, match) for member in expression.members)
    return reduce(and_, parts, segment.live) if expression.kind == "and" else reduce(or_, parts, 0)


def _evaluate_bag(bag: Group, bits: Sequence[int], segment: OpenSegment, match: str) -> int:
    needed, optional = segment.live, None
    for member in bag.members:
        part = evaluate(member, bits, segment, match)
        if match == "all" or is_condition(member):
            needed &= part
        else:
            optional = part if optional is None else optional | part
    return needed if optional is None else needed & optional


def is_condition(expression: Expression) -> bool:
    """Whether a part of a bag must hold: it says nothing but what a paper has to be or must not be."""
    if isinstance(expression, Leaf):
        return expression.needed
    if isinstance(expression, Filter) or expression.kind == "not":
        return True
    return expression.kind != "everything" and all(map(is_condition, expression.members))
