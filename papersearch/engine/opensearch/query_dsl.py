"""Plans compiled to OpenSearch's query DSL.

For each slot there are two queries: one that says which papers match, and one that scores. A single term scores
exactly what the local engine gives it; phrases, fields and patterns score about that, and the candidates are scored
exactly afterwards (see ``candidates``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from papersearch.core.errors import UsageError
from papersearch.core.fields import FIELDS, ID, WORDS
from papersearch.engine.opensearch import vectors
from papersearch.engine.opensearch.documents import limited
from papersearch.engine.opensearch.mapping import field_name
from papersearch.engine.search.expression import (
    Condition,
    Dated,
    Expression,
    Filter,
    Holding,
    Leaf,
    Named,
    SeenAfter,
    Valued,
    is_condition,
)
from papersearch.engine.search.meaning import conditions_of
from papersearch.engine.search.plan import Plan
from papersearch.engine.search.slots import Alternative, Slot
from papersearch.text.folding import value_key
from papersearch.text.stopwords import is_about_papers

Query = dict[str, Any]

MOST_CLAUSES = 1_000  # of the 1,024 that a cluster takes unless it is told otherwise
# Where a query has too many clauses, slots of more terms than this are asked for as sets, which score all alike.
_SET = 12
_MIDDLE, _LOW = 0.5, 0.1  # saturated frequencies that stand for what is not known yet
EVERYTHING: Query = {"match_all": {}}
NOTHING: Query = {"match_none": {}}


def matching(plan: Plan, match: str) -> Query:
    """Which papers match a plan and its filters."""
    conditions = [_expression(each, plan.slots, match) for each in (plan.expression, *plan.filters)]
    return _checked(_all(conditions))


def matching_every(plan: Plan, match: str) -> Query:
    """Which of these papers hold every word."""
    wanted = [holds(slot) for slot in plan.slots if slot.wanted]
    return _checked(_all([matching(plan, match), *wanted]))


def titled_so(plan: Plan, match: str) -> Query:
    """Papers whose title may begin with what a plan asks, by its first letters, and that hold the words of it."""
    words = [holds(slot) for slot in plan.slots if slot.wanted and not is_about_papers(slot.word)]
    begin = [{"prefix": {"sort_title": {"value": title[0][:8]}}} for title in plan.titles]
    return _checked(_all([matching(plan, match), *words, _any(begin)]))


def conditions(plan: Plan) -> Query:
    """The papers that meet all that a query asks but its words; see ``search.meaning``."""
    parts = (*conditions_of(plan), *plan.filters)
    return _checked(_all([_expression(each, plan.slots, "auto") for each in parts]))


def others_that_pass(plan: Plan, without: str | None) -> Query:
    """The papers that a plan's filters let through, but for one by its id."""
    passing = _all([_expression(each, plan.slots, "all") for each in plan.filters])
    if without is None:
        return passing
    return {"bool": {"filter": [passing], "must_not": [with_id(value_key(without))]}}


def nearest(model: str, vector: str, allowed: Query, words: Query) -> Query:
    """The papers with a vector by a model that are nearest to another (see ``vectors.asked``), of the ``allowed`` ones.
    Those that ``words`` finds as well are marked."""
    having = [{"term": {"model": model}}, {"exists": {"field": "vector"}}]
    inner = {"bool": {"filter": [allowed, *having], "should": [{"bool": {"filter": [words], "_name": "words"}}]}}
    script = {"source": vectors.SCRIPT, "params": {"query": vector}}
    return _checked({"script_score": {"query": inner, "script": script}})


def with_id(paper_id: str) -> Query:
    """The paper of a folded id."""
    return {"term": {ID: limited(paper_id)}}


def among(paper_ids: Iterable[str]) -> Query:
    """The papers of some folded ids."""
    return {"terms": {ID: [limited(paper_id) for paper_id in paper_ids]}}


def ranked(plan: Plan, match: str, weights: Sequence[float], scored: Sequence[Slot] | None = None) -> Query:
    """The papers that match, with the sum of what their words score, or slots in place of these that hold more."""
    query = _ranked(plan, match, weights, scored, MOST_CLAUSES)
    if _clauses(query) > MOST_CLAUSES:
        query = _ranked(plan, match, weights, scored, _SET)
    return _checked(query)


def _ranked(plan: Plan, match: str, weights: Sequence[float], scored: Sequence[Slot] | None, most: int) -> Query:
    """``ranked`` where up to ``most`` terms of a slot are scored one by one."""
    slots = plan.slots if scored is None else scored
    scores = [_scored(slot, weight, most) for slot, weight in zip(slots, weights, strict=True) if slot.wanted]
    query: Query = {"should": scores}
    if plan.plain and not plan.filters and match != "all" and scores and scored is None:
        query["minimum_should_match"] = 1
    else:
        query["filter"] = [matching(plan, match)]
    return {"bool": query}


def holds(slot: Slot) -> Query:
    """Papers that a slot matches, whatever it scores."""
    if slot.field == ID:
        return with_id(slot.written[0])
    single = sorted({each.terms[0] for each in slot.alternatives if len(each.terms) == 1})
    queries: list[Query] = []
    if len(single) == 1:
        queries.append({"term": {_field(slot): single[0]}})
    elif single:
        queries.append({"terms": {_field(slot): single}})
    for each in slot.alternatives:
        if len(each.terms) > 1:
            queries += _runs(each, slot)
    if slot.paper_id is not None:
        queries.append(with_id(slot.paper_id))
    return _any(queries)


def side_by_side(run: Sequence[str]) -> Query:
    """Papers that have some terms side by side in a field."""
    return _any([_phrase(field.name, run) for field in FIELDS])


def _scored(slot: Slot, weight: float, most: int) -> Query:
    """What a slot scores: the best of its alternatives."""
    if slot.field == ID:
        return _constant(holds(slot), weight)
    single = [each for each in slot.alternatives if len(each.terms) == 1]
    queries: list[Query] = []
    if len(single) > most:
        queries.append(
            _constant({"terms": {_field(slot): sorted({each.terms[0] for each in single})}}, weight * _MIDDLE)
        )
        single = [each for each in single if each.factor == 1.0 and slot.literal]
    queries += ({"term": {_field(slot): {"value": each.terms[0], "boost": weight * each.factor}}} for each in single)
    for each in slot.alternatives:
        if len(each.terms) > 1:
            queries += _scored_runs(each, slot, weight * each.factor)
    if slot.paper_id is not None:
        queries.append(_constant(with_id(slot.paper_id), weight))
    return queries[0] if len(queries) == 1 else {"dis_max": {"queries": queries or [NOTHING]}}


def _scored_runs(alternative: Alternative, slot: Slot, weight: float) -> list[Query]:
    # The cluster scores each term of a phrase as if it were the phrase, and adds that up.
    phrase = {"query": " ".join(alternative.terms), "boost": weight / len(alternative.terms), "slop": slot.slop}
    queries: list[Query] = [{"match_phrase": {field_name(name): phrase}} for name in _names(slot)]
    if slot.slop:  # in any order, which the cluster's own phrases with slop do not always see
        queries += (_constant(query, weight * _LOW) for query in _runs(alternative, slot))
    return queries


def _field(slot: Slot) -> str:
    return WORDS if slot.field is None else field_name(slot.field)


def _runs(alternative: Alternative, slot: Slot) -> list[Query]:
    if slot.slop:
        return [_near(name, alternative.terms, slot.slop) for name in _names(slot)]
    return [_phrase(name, alternative.terms) for name in _names(slot)]


def _names(slot: Slot) -> list[str]:
    """The fields in which a slot is looked for."""
    return [field.name for field in FIELDS if slot.field in (None, field.name)]


def _phrase(name: str, terms: Sequence[str]) -> Query:
    return {"match_phrase": {field_name(name): {"query": " ".join(terms)}}}


def _near(name: str, terms: Sequence[str], slop: int) -> Query:
    """All terms within ``slop`` words more than they take, in any order."""
    rule = {"ordered": False, "max_gaps": slop, "intervals": [{"match": {"query": term}} for term in terms]}
    return {"intervals": {field_name(name): {"all_of": rule}}}


def _constant(query: Query, boost: float) -> Query:
    return {"constant_score": {"filter": query, "boost": boost}}


def _expression(expression: Expression, slots: Sequence[Slot], match: str) -> Query:
    """Which papers an expression lets through; as ``expression.evaluate`` does it."""
    if isinstance(expression, Leaf):
        return holds(slots[expression.number])
    if isinstance(expression, Filter):
        return _condition(expression.condition)
    members = [_expression(member, slots, match) for member in expression.members]
    if expression.kind == "everything":
        return EVERYTHING
    if expression.kind == "not":
        return {"bool": {"must_not": members}}
    if expression.kind == "and":
        return _all(members)
    if expression.kind == "or":
        return _any(members)
    needed = [match == "all" or is_condition(member) for member in expression.members]
    optional = [query for query, must in zip(members, needed, strict=True) if not must]
    required = [query for query, must in zip(members, needed, strict=True) if must]
    return _all([*required, _any(optional)] if optional else required)


def _condition(condition: Condition) -> Query:
    match condition:
        case Dated(low=low, high=high):
            return {"range": {"day": {"gte": low, "lte": high}}}
        case Valued(field=field, prefix=prefix):
            return {"prefix": {field: {"value": prefix}}}
        case SeenAfter(run=run):
            return {"range": {"run": {"gt": run}}}
        case Named(paper_id=paper_id):
            return with_id(paper_id)
        case Holding(slot=slot):
            return holds(slot)
    raise TypeError(f"no such condition: {condition!r}")


def _all(queries: Sequence[Query]) -> Query:
    telling = [query for query in queries if query is not EVERYTHING]
    if len(telling) == 1:
        return telling[0]
    return {"bool": {"filter": telling}} if telling else EVERYTHING


def _any(queries: Sequence[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return {"bool": {"should": list(queries), "minimum_should_match": 1}} if queries else NOTHING


def _checked(query: Query) -> Query:
    """The query itself. Raises ``UsageError`` for one with more clauses than a cluster takes."""
    clauses = _clauses(query)
    if clauses > MOST_CLAUSES:
        raise UsageError(
            f"the query has {clauses:,} parts, of which a cluster takes {MOST_CLAUSES:,}", "ask for fewer words at once"
        )
    return query


def _clauses(query: Any) -> int:
    if isinstance(query, list):
        return sum(map(_clauses, query))
    if isinstance(query, dict):
        leaf = any(kind in query for kind in ("term", "terms", "match_phrase", "range", "prefix", "ids"))
        if "intervals" in query:
            return 1
        return 1 if leaf else sum(map(_clauses, query.values()))
    return 0
