"""What meaning adds to a selection: how like the question each paper is, and papers that hold none of its words.

Loaded only where there is something to compare (see ``meanings``). Conditions stay conditions: papers are added only
to a query of words side by side (``match`` auto, by relevance), and only those that meet its filters and everything
else that it asks. With a quoted phrase, an operator or a field, and with ``all`` or ``any``, meaning changes the order
alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from papersearch.engine.index.bits import bits_of, flags_of, holds
from papersearch.engine.index.vectors import text_of
from papersearch.engine.meaning.models import Model
from papersearch.engine.search.expression import Expression, Group, evaluate, is_condition
from papersearch.engine.search.hits import find_paper
from papersearch.engine.search.nearest import Likeness, Nearest, mask, vector_of_text
from papersearch.engine.search.ordering import Scored, best_first
from papersearch.engine.search.plan import Plan
from papersearch.engine.search.question import Question
from papersearch.engine.search.selection import Selection, filtered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.index.reader import IndexReader
    from papersearch.engine.index.views import ReaderView

# So many of the nearest papers are ranked with those that the words find (200 and 1,000 did as well).
NEAREST = 400
# Papers without any word of the question are found if one is so like it, then all that are so much like it. Of 20
# questions that 1,711 real posts have nothing about, 12 find nothing; of 120 paraphrases, 119 find the paper meant
# (measured 2026-11-26, all-MiniLM-L6-v2).
LEAST_LIKENESS = 0.35
LEAST_BESIDE = 0.3
_NO_LIKENESS = -2.0  # below all, which are -1 to 1, and above that of a paper without a vector
# So many of the nearest are looked at more closely (measured with 120 questions: with 20, one paper fewer is among the
# first three, with 50 as many are).
_CLOSER = 30


class Near(NamedTuple):
    """A paper, and how like the question it is."""

    likeness: float
    segment: int
    doc: int


class Meant(NamedTuple):
    """``like`` is how like every document is. ``near`` are the papers nearest to the question as it is asked, of those
    that its conditions let through, nearest first. ``counting`` are those nearest to what it says, in no order, and
    ``ends`` the likeness of the first and of the last of them. ``added`` are the bit sets of papers found by meaning
    alone."""

    text: str
    model: Callable[[], Model]
    like: Likeness
    near: list[Near]
    ends: tuple[float, float]
    added: list[int]
    counting: list[tuple[int, int]]

    @property
    def total_added(self) -> int:
        return sum(bits.bit_count() for bits in self.added)

    def likeness(self, segment: int, doc: int) -> float | None:
        """How like what the question says a document is; None if it has no vector."""
        value = float(self.like.said[segment][doc])
        return value if value == value else None


def meant(nearest: Nearest, question: Question, reader: IndexReader, selection: Selection) -> Meant:
    """What a question means for a selection from a reader. Costs a scan of all vectors, 0.1 µs each."""
    like = nearest.likeness(question.text)
    allowed = _conditions(reader, selection) if question.adds else selection.matching
    return weighed(nearest.model, question, like, selection, allowed)


def meant_by_text(nearest: Nearest, text: str, reader: IndexReader, selection: Selection, without: str | None) -> Meant:
    """The same for a whole text; of the paper ``without``, which is left out, the vector is known."""
    found = find_paper(reader, without) if without is not None else None
    vector = nearest.vector_of(*found) if found else None
    if vector is None:
        vector = vector_of_text(nearest.model(), text)
    allowed = [filtered(selection.plan, segment, segment.live) for segment in reader.segments]
    if found:
        allowed[found[0]] &= ~(1 << found[1])
    columns = nearest.to_vector(vector)
    return weighed(nearest.model, Question("", True), Likeness(columns, columns), selection, allowed)


def weighed(
    model: Callable[[], Model],
    question: Question,
    like: Likeness,
    selection: Selection,
    allowed: Sequence[int],
) -> Meant:
    """The same, of likenesses that are known and the papers that conditions let through."""
    masked = _masked(like.asked, allowed)
    least = _least(masked)
    near = _nearest(selection.reader, masked, least)
    added = [0] * len(like.asked)
    if question.adds:
        like_it = near_enough(near)
        for number, matching in enumerate(map(flags_of, selection.matching)):
            docs = sorted(doc for _, segment, doc in like_it if segment == number and not holds(matching, doc))
            added[number] = bits_of(docs, len(like.asked[number]))
    wanted = [bits | more for bits, more in zip(selection.matching, added, strict=True)]
    flags = [*map(flags_of, wanted)]
    asked = [paper for paper in near if holds(flags[paper.segment], paper.doc)]
    if like.said is not like.asked:
        masked = _masked(like.said, allowed)
        least = _least(masked)
    counting = _wanted(masked, least, wanted)
    found = [float(masked[number][doc]) for number, doc in counting] or [1.0]  # then nothing counts for its meaning
    return Meant(question.text, model, like, asked, (max(found), min(found)), added, counting)


def near_enough(near: Sequence[Near]) -> list[Near]:
    """Those of the nearest papers that are like the question."""
    if not near or near[0].likeness < LEAST_LIKENESS:
        return []
    return [paper for paper in near if paper.likeness >= LEAST_BESIDE]


def conditions_of(plan: Plan) -> list[Expression]:
    """What a query asks but its words, filters aside."""
    members: Sequence[Expression] = (plan.expression,)
    if isinstance(plan.expression, Group) and plan.expression.kind == "bag":
        members = plan.expression.members
    return [member for member in members if is_condition(member)]


def _conditions(reader: IndexReader, selection: Selection) -> list[int]:
    """The papers that meet all that a query asks but its words."""
    plan = selection.plan
    needed = conditions_of(plan)
    found = []
    for bits, segment in zip(selection.bits, reader.segments, strict=True):
        allowed = filtered(plan, segment, segment.live)
        for condition in needed:
            allowed &= evaluate(condition, bits, segment, "auto")
        found.append(allowed)
    return found


def _masked(columns: Sequence[Any], allowed: Sequence[int]) -> list[Any]:
    """The likenesses of the papers of some bit sets; of others, and of those without a vector, minus infinity."""
    from papersearch.core.numeric import numpy

    return [
        numpy.where(mask(bits, len(column)) & ~numpy.isnan(column), column, -numpy.inf)
        for bits, column in zip(allowed, columns, strict=True)
    ]


def _least(masked: Sequence[Any]) -> float:
    """The likeness of the paper number ``NEAREST``; of the last if there are fewer."""
    from papersearch.core.numeric import numpy

    together = numpy.concatenate(masked) if masked else numpy.empty(0)
    least = numpy.partition(together, -NEAREST)[-NEAREST] if len(together) > NEAREST else -numpy.inf
    return max(float(least), _NO_LIKENESS)


def _nearest(reader: ReaderView, masked: Sequence[Any], least: float) -> list[Near]:
    """The papers that are so near at least; nearest first, and those that are as near as each other in the order that
    scores have."""
    found = [
        Scored(float(column[doc]), number, int(doc))
        for number, column in enumerate(masked)
        for doc in (column >= least).nonzero()[0]
    ]
    return [Near(*paper) for paper in best_first(reader, found, len(found))]


def _wanted(masked: Sequence[Any], least: float, wanted: Sequence[int]) -> list[tuple[int, int]]:
    """The papers (segment and document) that are so near at least and in some bit sets."""
    return [
        (number, doc)
        for number, (bits, column) in enumerate(zip(wanted, masked, strict=True))
        for doc in ((column >= least) & mask(bits, len(column))).nonzero()[0].tolist()
    ]


def looked_at_closely(meant: Meant, reader: ReaderView) -> tuple[list[Near], float | None]:
    """The papers that are near enough, the first of them in the order that a closer look gives, and how much of the
    question the best says, if the model has such a look; None if not. Costs about 0.1 ms for each that is looked at."""
    found = near_enough(meant.near)
    pieces = meant.model().pieces if meant.text and found else None
    if pieces is None:
        return found, None
    near = found[:_CLOSER]
    texts = [text_of(reader.segments[segment].documents.stored(doc)) for _, segment, doc in near]
    says = [paper.likeness + more for paper, more in zip(near, pieces.likeness(meant.text, texts), strict=True)]
    order = sorted(range(len(near)), key=lambda n: (-says[n], n))
    return [near[n] for n in order] + found[_CLOSER:], max(says)
