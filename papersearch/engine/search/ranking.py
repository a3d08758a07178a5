"""The most relevant of the selected papers: the best by their words, then the first of them ranked again.

``rerank`` has the formulas for pairs of words and for feedback; this module decides which papers get what of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice, pairwise

from papersearch.core.frozen import Frozen
from papersearch.core.records import Contribution
from papersearch.engine.index.bits import docs_of, flags_of, holds
from papersearch.engine.search import rerank
from papersearch.engine.search.compounds import PARTICLES
from papersearch.engine.search.ordering import Place, Scored, best_first, newest, score_of
from papersearch.engine.search.plan import Plan
from papersearch.engine.search.scoring import best
from papersearch.engine.search.selection import Selection
from papersearch.engine.search.slots import Slot
from papersearch.engine.search.titled import titled_so

# A paper that holds every word gets this share of the words' weights more (chosen: enough for a long abstract with all
# words to stay above short ones that repeat some; 0 to 0.3 made 0.005 on CACM, 0.001 on Cranfield), and up to this many
# such papers are looked at however low their words rank.
ALL_WORDS_WEIGHT = 0.1
MOST_ALL_WORDS = 100
# A paper that is titled so gets such a share more (chosen: more than any other gains by repeating the words).
TITLE_WEIGHT = 0.5
# A paper that names the year which stands among the words, or was published then, gets such a share more, one of the
# year before the second: conferences print what was to be read before (measured over 87,288 papers, 2026-11-27: of 299
# citations with a word of the title 107 had another paper first, now 29; of 25 topics with a year over the real posts
# 51 in 100 of the first ten were of both, now 84; names with a year, as WMT 2014, are found as before).
YEAR_WEIGHTS = (0.35, 0.17)
# Terms (measured with 325 queries, by how near the first papers are in meaning: others, as via and using, do harm).
_LEADING = PARTICLES | {"best", "known", "whole"}
SHOWN_TERMS = 5  # terms of feedback that an explanation names
# Words that match less than this hardly match (measured: asked again in other words up to 1.5, the more queries are so
# the better, while of 200 in the papers' own words, short ones and sentences, 6 are; from 1.7 on half of the short).
HARDLY_MATCHED = 1.5


class Ranked(Frozen):
    """Papers, best first; ``parts`` says what but their words added to the scores of some."""

    papers: list[Scored]
    parts: dict[Place, list[Contribution]]


def most_relevant(selection: Selection, k: int, explain: bool) -> Ranked:
    """At least the ``k`` most relevant papers; ``parts`` are empty unless they are to be explained."""
    reader = selection.reader
    k = max(k, rerank.CANDIDATES)
    papers = _best_by_words(selection, k)
    if len(papers) < k:
        papers += newest(reader, _without_words(selection), k)
    papers = best_first(reader, papers, k)
    head, tail = papers[: rerank.CANDIDATES], papers[rerank.CANDIDATES :]
    titled = titled_so(selection)
    extra = _with_every_word(selection, head, titled)
    ranked = _reranked(selection, head + extra, titled, explain)
    if not tail:  # as on the first pages
        return ranked
    known = {paper.place for paper in extra}
    tail = [paper for paper in tail if paper.place not in known]
    return Ranked(best_first(reader, ranked.papers + tail, max(k, len(ranked.papers))), ranked.parts)


def how_matched(best: float, possible: float, words: int) -> float:
    """How well the words of a query match: ``best`` is the highest score by ``words``, ``possible`` what these weigh
    together. Of a long question no paper holds much, so it grows with the square root of their number: two or three
    words of six are 1.15."""
    return best / possible * words**0.5 if possible else 0.0


def hardly_matches(selection: Selection, ranked: Ranked) -> bool:
    """Whether the words of a query match so little that they were not the right ones; not where no paper has any, nor
    where the best has them all."""
    if not ranked.papers or _complete(selection, ranked.papers[:1]):
        return False
    return how_matched(ranked.papers[0].score, sum(selection.weights), len(selection.order)) < HARDLY_MATCHED


def _best_by_words(selection: Selection, k: int) -> list[Scored]:
    """The ``k`` best and more, in no order, from segment to segment with the k-th score so far as the floor."""
    papers: list[Scored] = []
    floor = 0.0
    for number, matching in enumerate(selection.matching):
        if len(papers) >= k:
            papers = best_first(selection.reader, papers, k)
            floor = papers[-1].score
        allowed = None if selection.scored_match else matching
        scores = best(selection.weighted(number), k, allowed, floor)
        papers += [Scored(score, number, doc) for doc, score in scores.items()]
    return papers


def _without_words(selection: Selection) -> list[int]:
    """The bit sets of papers that match without holding any word: by their date, say, or by what they lack."""
    found = []
    for bits, row in zip(selection.matching, selection.bits, strict=True):
        for n in selection.order:
            bits &= ~row[n]
        found.append(bits)
    return found


def _with_every_word(selection: Selection, head: Sequence[Scored], titled: Collection[Place]) -> list[Scored]:
    """Papers that hold every word and did not get among the candidates by their score: all, or those that are titled
    so."""
    wanted: Iterable[Place] = titled
    if len(selection.order) > 1 and selection.total_all <= MOST_ALL_WORDS:
        wanted = [(number, doc) for number, bits in enumerate(selection.every) for doc in docs_of(bits)]
    known = {paper.place for paper in head}
    missing = sorted(place for place in wanted if place not in known)
    weighted = {number: selection.weighted(number) for number, _ in missing}
    return [Scored(score_of(weighted[number], doc), number, doc) for number, doc in missing]


def _reranked(selection: Selection, head: Sequence[Scored], titled: Collection[Place], explain: bool) -> Ranked:
    """The candidates with what pairs, their titles and years, completeness and feedback add, best first."""
    reader, plan = selection.reader, selection.plan
    pairs = plan.likeness.pairs if plan.likeness else pairs_of(plan, selection.weights)
    held = {segment: rerank.packed(pairs, segment) for segment in reader.segments}
    weight = sum(selection.weights)
    merits = _Merits(selection, head, titled)
    candidates = [rerank.Candidate(reader.segments[segment], doc, n) for n, (_, segment, doc) in enumerate(head)]
    rows = None if explain else rerank.rows_of(candidates)
    if rows is not None:
        by_pair = rerank.pair_scores_of_rows(held, rows, candidates)
    else:
        by_pair = [rerank.pair_scores(held[each.segment], each) for each in candidates]
    parts: dict[Place, list[Contribution]] = {}
    scored = []
    for (score, segment, doc), brought in zip(head, by_pair, strict=True):
        added: list[Contribution] = []
        for pair, more in brought:
            score += more
            if explain:
                added.append(Contribution(pair.words, "pair", 1, 0, round(pair.weight, 4), more, "side by side"))
        for share, term, field, note in merits.of(segment, doc):
            score += share * weight
            if explain:
                added.append(Contribution(term, field, 1, 0, 0.0, share * weight, note))
        parts[segment, doc] = added
        scored.append(Scored(score, segment, doc))
    scored = best_first(reader, scored, len(scored))
    if not (plan.likeness or _takes_feedback(plan)):
        return Ranked(scored, parts)
    by_place = {paper.place: each for paper, each in zip(head, candidates, strict=True)}
    return _with_more_terms(selection, scored, [by_place[paper.place] for paper in scored], rows, parts, explain)


class _Merits:
    """What papers get beside their words, as shares of the words' weights."""

    def __init__(self, selection: Selection, head: Sequence[Scored], titled: Collection[Place]) -> None:
        plan, segments = selection.plan, selection.reader.segments
        self._titled = titled
        several = sum(slot.wanted for slot in plan.slots) > 1 and any(selection.weights)
        self._complete = _complete(selection, head) if several else frozenset()
        self._years = _shares_of_years(plan.year)
        self._published = [segment.documents.column("published") for segment in segments]
        named = [number for number, slot in enumerate(plan.slots) if self._years and slot.word == str(plan.year)]
        self._naming = [[row[number] for number in named] for row in selection.matches]

    def of(self, segment: int, doc: int) -> Iterator[tuple[float, str, str, str]]:
        """(share, and the term, the field and the note that explain it) of each that a paper gets."""
        if (segment, doc) in self._complete:
            yield ALL_WORDS_WEIGHT, "all words", "any", "holds every word"
        if (segment, doc) in self._titled:
            yield TITLE_WEIGHT, "title", "title", "begins with what is asked"
        if any(found.holds(doc) for found in self._naming[segment]):
            yield YEAR_WEIGHTS[0], "year", "any", "names the year that is asked"
        else:
            for share, (first, last) in self._years:
                if first <= self._published[segment][doc] <= last:
                    yield share, "year", "published", "of the year that is asked, or just before"


def _shares_of_years(year: int | None) -> list[tuple[float, tuple[int, int]]]:
    """(share, first and last day) of the year that is asked and of the one before; nothing if none is."""
    if year is None:
        return []
    from papersearch.query.dates import day_bounds  # few queries name a year

    years = str(year), str(year - 1)
    return [(share, day_bounds(each, each)) for share, each in zip(YEAR_WEIGHTS, years, strict=True)]


def _with_more_terms(
    selection: Selection,
    scored: Sequence[Scored],
    candidates: Sequence[rerank.Candidate],
    rows: rerank.Rows | None,
    parts: dict[Place, list[Contribution]],
    explain: bool,
) -> Ranked:
    """The candidates with what other terms add: a text's, or those of the best papers, where the first stays first."""
    reader, likeness = selection.reader, selection.plan.likeness
    if likeness:
        name, note = "other words", "like the text"
        added, by_term = rerank.likeness_scores(candidates, likeness.rest, reader, explain, rows)
    else:
        name, note = "feedback", "like the best papers"
        added, by_term = rerank.feedback_scores(candidates, [paper.score for paper in scored], reader, explain, rows)
    again = [Scored(paper.score + more, paper.segment, paper.doc) for paper, more in zip(scored, added, strict=True)]
    if explain:
        for paper, more, terms in zip(scored, added, by_term or [{}] * len(scored), strict=True):
            parts[paper.place] += _parts_of(name, note, more, terms)
    return Ranked(best_first(reader, again, len(again)), parts)


def _parts_of(name: str, note: str, more: float, terms: dict[str, float]) -> list[Contribution]:
    """What some terms added, by those that brought most of it."""
    first = [Contribution(term, "any", 1, 0, 0.0, part, note) for term, part in islice(terms.items(), SHOWN_TERMS)]
    rest = more - sum(each.score for each in first)
    if rest > 1e-9:
        first.append(Contribution(name, "any", 1, 0, 0.0, rest, f"{note}, other words"))
    return first


def _complete(selection: Selection, head: Sequence[Scored]) -> Collection[Place]:
    """Those that hold every word."""
    if not selection.total_all:  # as for most sentences
        return frozenset()
    every = [flags_of(bits) for bits in selection.every]
    return {(number, doc) for _, number, doc in head if holds(every[number], doc)}


def _takes_feedback(plan: Plan) -> bool:
    words = [slot for slot in plan.slots if slot.field is None and slot.literal]
    return plan.plain and len(words) == len(plan.slots) >= rerank.FEEDBACK_WORDS


def pairs_of(plan: Plan, weights: Sequence[float]) -> list[rerank.Pair]:
    """The neighbouring words of a plain query, with all the runs of terms that count as the two side by side: with the
    stop words between them, if there are any, since ``text to image`` is not about images of text."""
    pairs = list(_beginnings(plan.slots, weights)) if plan.plain else []
    for n, (first, second) in enumerate(pairwise(plan.slots)):
        if not (first.run and second.run and first.field == second.field and plan.plain):
            continue
        joined = {a.terms for a in first.alternatives if a.note == "written as one"}
        joined &= {a.terms for a in second.alternatives}
        between = second.lead if second.follows(first) else ()
        runs = [(*first.run, *between, *second.run), *sorted(joined)]
        pairs.append(rerank.Pair(f"{first.word} {second.word}", tuple(runs), max(weights[n], weights[n + 1])))
    return pairs


def _beginnings(slots: Sequence[Slot], weights: Sequence[float]) -> Iterator[rerank.Pair]:
    """The first word of a query with a stop word before it that says what is meant by it, as ``on device``."""
    for slot in slots[:1]:
        if slot.run and slot.lead and slot.lead[-1] in _LEADING:
            yield rerank.Pair(f"{slot.lead[-1]} {slot.word}", ((slot.lead[-1], *slot.run),), weights[0])
