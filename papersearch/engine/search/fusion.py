"""One ranking from words and meaning: the only place where the two are weighed.

    score = words + WEIGHT * best * nearness
    nearness = (likeness - floor) / (highest - floor), 0 below the floor

``words`` is what a paper scores by its words, pairs and feedback, 0 without any; ``best`` is the highest of these (1
if no paper has a word), so meaning counts in proportion to what words can bring. ``highest`` and ``floor`` are the
likeness of the nearest paper and of the 400th (of those that all conditions let through). So a sum of contributions
stays one, and a paper that neither list has at its top keeps its place by words.

Where the words hardly match, they were not the right ones: then the nine nearest papers come first, in the order that a
closer look at the 30 nearest gives (``meaning.pieces``), but for the first paper by words if it is the nearest. The
share of what the words weigh together that the best paper by words scores, times the square root of how many words
there are, is below 1.15 there: about two or three words of six, since of a long question no paper holds much. Nothing
is lifted where no paper is like the question (see ``meaning.near_enough``), or not even the nearest says enough of it
by its likeness and the closer look together (0.95), as with the name of an author.

Where the words match well they are right more often than meaning: the first paper by words stays first if it scores
0.6 of what the words of the query weigh together, and 1 % more than the second by words. Names that a paper says once
bring it less: it stays first as well if it scores 10 % more than the second and holds words that weigh 0.8 of that, or
0.5 of that are names of which the model knows only pieces, so that likeness says nothing of them.

What was tried, with its figures, stands in ``benchmarks/meaning.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from papersearch.core.frozen import NamedTuple
from papersearch.core.records import Contribution
from papersearch.engine.index.bits import flags_of, holds
from papersearch.engine.search.meaning import Meant, looked_at_closely
from papersearch.engine.search.ordering import Place, Scored, best_first
from papersearch.engine.search.ranking import Ranked, how_matched, most_relevant
from papersearch.engine.search.scoring import scores_of
from papersearch.engine.search.selection import Selection

# Chosen: the value that both judged collections agree on (see ``benchmarks/meaning.md``).
WEIGHT = 0.85
# Where words match less than this, and the nearest paper says so much of the question, the nearest are lifted.
HARDLY_MATCHED = 1.15
SAYS_ENOUGH = 0.95
# The first by words stays first from this share of the words' weights on, if it is so much ahead of the second (shares
# of its score).
WELL_MATCHED = 0.6
AHEAD = 0.01
# Or if it is so far ahead and holds words, or names that the model does not know, of so much of the weights.
FAR_AHEAD = 0.1
NEARLY_ALL = 0.8
MANY_NAMES = 0.5
# So many of the nearest papers do not fall below their places.
_MOST_LIFTED = 9


class Held(NamedTuple):
    """What the words of a query weigh that a paper holds, and the names among them: words that the model does not know
    as a whole."""

    words: float
    names: float


NOTHING = Held(0.0, 0.0)


class Fused(NamedTuple):
    """A paper's score, and how much of it is for its meaning."""

    score: float
    by_meaning: float


def by_words_and_meaning(selection: Selection, meant: Meant, k: int, explain: bool) -> Ranked:
    """At least the ``k`` most relevant papers, by what their words score and what they mean together."""
    reader = selection.reader
    # A paper that is neither among the k best by words nor near, and so gets nothing for its meaning, comes after these
    # k in either case.
    words = most_relevant(selection, k, explain) if selection.total else Ranked([], {})
    scores = _near_by_words(selection, meant) | {paper.place: paper.score for paper in words.papers}
    likeness = {place: value for place in scores if (value := meant.likeness(*place)) is not None}
    found = fused(scores, likeness, meant.ends)
    papers = best_first(reader, [Scored(each.score, *place) for place, each in found.items()], len(found))
    first, targets = _targets(selection, meant, words.papers)
    lifted = _lifted(papers, targets)
    parts = words.parts
    if explain:
        for place, each in found.items():
            if more := each.by_meaning + lifted.get(place, 0.0):
                notes = [f"likeness {likeness[place]:.3f}"] if place in likeness else []
                notes += ["first by words"] if place == first else []
                added = Contribution("meaning", "any", 1, 0, WEIGHT, more, ", ".join(notes))
                parts.setdefault(place, []).append(added)
    return Ranked(papers, parts)


def _targets(
    selection: Selection, meant: Meant, words: Sequence[Scored]
) -> tuple[Place | None, list[tuple[Place, int]]]:
    """(the first of the papers by ``words``, if it stays first; each paper that must not fall below a rank from 0, with
    that rank)."""
    leading, possible = [paper.score for paper in words[:2]], sum(selection.weights)
    held = _held(selection, meant, words[0]) if words else NOTHING
    first = words[0].place if stays_first(leading, possible, held) else None
    targets = [(first, 0)] if first is not None else []
    matched = how_matched(leading[0] if leading else 0.0, possible, len(selection.order))
    if not meant.near or not hardly_match(matched):
        return first, targets
    closest, says = looked_at_closely(meant, selection.reader)
    is_nearest = bool(words) and not meant.like.asked[words[0].segment][words[0].doc] < meant.near[0].likeness
    places = places_of_nearest(says, first is not None or is_nearest)
    targets += [((near.segment, near.doc), place) for near, place in zip(closest, places, strict=False)]
    return first, targets


def _held(selection: Selection, meant: Meant, paper: Scored) -> Held:
    """What a paper holds of several words of a question; nothing of one, or of a text."""
    if not meant.text or len(selection.order) < 2:
        return NOTHING
    row, pieces = selection.bits[paper.segment], meant.model().pieces
    held = [n for n in selection.order if holds(flags_of(row[n]), paper.doc)]
    names = [n for n in held if pieces is not None and not pieces.is_word(selection.plan.slots[n].word)]
    return Held(*(sum(selection.weights[n] for n in numbers) for numbers in (held, names)))


def _near_by_words(selection: Selection, meant: Meant) -> dict[Place, float]:
    """What the words score of the papers that are nearest to what the question asks or says."""
    scores = {}
    near = sorted({(segment, doc) for _, segment, doc in meant.near}.union(meant.counting))
    for number in range(len(selection.reader.segments)):
        docs = [doc for segment, doc in near if segment == number]
        found = scores_of(selection.weighted(number), docs)
        scores.update({(number, doc): score for doc, score in zip(docs, found, strict=True)})
    return scores


def _lifted(papers: list[Scored], targets: Sequence[tuple[Place, int]]) -> dict[Place, float]:
    """Move each of some of the ``papers``, in place, up to its target if it is below; what each got."""
    lifted = {}
    for place, target in targets:
        at = next(n for n, paper in enumerate(papers) if paper.place == place)
        if at > target:
            more = lift([paper.score for paper in papers], at, target)
            paper = papers.pop(at)
            papers.insert(target, paper._replace(score=paper.score + more))
            lifted[place] = more
    return lifted


def fused(
    words: Mapping[Place, float], likeness: Mapping[Place, float], ends: tuple[float, float]
) -> dict[Place, Fused]:
    """The score of each paper of ``words`` and ``likeness`` (papers without a vector are not in the latter); ``ends``
    are the likeness of the nearest paper and the floor."""
    best = max(words.values(), default=0.0) or 1.0
    highest, floor = ends
    span = highest - floor or 1.0
    found = {}
    for place in words.keys() | likeness.keys():
        nearness = max(0.0, (likeness.get(place, floor) - floor) / span)
        by_meaning = WEIGHT * best * nearness
        found[place] = Fused(words.get(place, 0.0) + by_meaning, by_meaning)
    return found


def hardly_match(matched: float) -> bool:
    """Whether words match so little that the nearest papers may come before what they find."""
    return matched < HARDLY_MATCHED


def places_of_nearest(says: float | None, stays: bool) -> tuple[int, ...]:
    """The places (from 0) below which the papers that are near enough, in order, must not fall where words hardly
    match: by how much of the question the nearest ``says``, if a closer look tells; ``stays`` if the first by words
    stays before them."""
    return tuple(range(stays, stays + _MOST_LIFTED)) if says is None or says >= SAYS_ENOUGH else ()


def stays_first(best_by_words: Sequence[float], possible: float, held: Held) -> bool:
    """Whether the first paper by words stays first, by the scores of the best and what it holds; ``possible`` is what
    all words weigh."""
    if not best_by_words or best_by_words[0] <= 0:
        return False
    first, second = best_by_words[0], best_by_words[1] if len(best_by_words) > 1 else 0.0
    if first >= WELL_MATCHED * possible:
        return first - second >= AHEAD * first
    holds_most = held.words >= NEARLY_ALL * possible or held.names >= MANY_NAMES * possible
    return holds_most and first - second >= FAR_AHEAD * first


def lift(scores: Sequence[float], place: int, target: int) -> float:
    """What a paper at a place of descending ``scores`` is given so as to be at an earlier one: between the scores that
    are its neighbours then, or ``AHEAD`` of the highest."""
    if place <= target:
        return 0.0
    if target == 0:
        return scores[0] * (1 + AHEAD) - scores[place]
    above, below = scores[target - 1], scores[target]
    return (above + below) / 2 - scores[place]
