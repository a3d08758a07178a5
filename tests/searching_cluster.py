"""A cluster in memory that also finds, in place of OpenSearch: slow and obvious.

It scores single words as a cluster does. Of phrases and the like all matches are candidates in an index so small, so
that nothing rests on their scores.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from papersearch.core.fields import K1
from papersearch.engine.opensearch.mapping import DELIMITER, UNIT
from tests.memory_cluster import Held, MemoryCluster

Document = Mapping[str, Any]


def selects(query: Mapping[str, Any], document: Document) -> bool:
    """Whether a query of the DSL, of the kinds that are compiled to, matches a document."""
    [(kind, body)] = query.items()
    if kind == "bool":
        should = body.get("should", [])
        least = body.get("minimum_should_match", 0 if body.get("filter") else 1)
        return (
            all(selects(each, document) for each in body.get("filter", []))
            and not any(selects(each, document) for each in body.get("must_not", []))
            and (not should or sum(selects(each, document) for each in should) >= least)
        )
    if kind in ("match_all", "match_none"):
        return bool(kind == "match_all")
    if kind == "constant_score":
        return selects(body["filter"], document)
    if kind == "dis_max":
        return any(selects(each, document) for each in body["queries"])
    if kind == "ids":
        return document["_id"] in body["values"]
    [(field, wanted)] = body.items()
    return _matches(kind, _values(document, field), _terms(document, field), wanted)


def score(query: Mapping[str, Any], document: Document) -> float:
    """What a query of the DSL gives a document that it matches; see ``mapping`` for the formula."""
    if not selects(query, document):
        return 0.0
    [(kind, body)] = query.items()
    if kind == "bool":
        return sum(score(each, document) for each in body.get("should", []))
    if kind == "dis_max":
        return max(score(each, document) for each in body["queries"])
    if kind == "term" and "words" in body:
        wanted = body["words"]
        [frequency] = re.findall(rf"(?<!\S){re.escape(wanted['value'])}{DELIMITER}(\d+)", document["words"])
        tf = int(frequency) / UNIT
        return float(wanted["boost"] * tf / (K1 + tf))
    return float(body.get("boost", 1.0))


def _values(document: Document, field: str) -> list[Any]:
    value = document.get(field, [])
    return value if isinstance(value, list) else [value]


def _terms(document: Document, field: str) -> list[list[str]]:
    """The terms of each value of a field, in order."""
    if field == "words" or field.startswith("text_"):
        return [*map(_split, _values(document, field))]
    return [[str(value)] for value in _values(document, field)]


@cache
def _split(value: str) -> list[str]:
    return [each.partition(DELIMITER)[0] for each in value.split()]


def _matches(kind: str, values: Sequence[Any], terms: Sequence[Sequence[str]], wanted: Any) -> bool:
    """Whether a query of a kind matches a field by its values, or by their terms."""
    sought = wanted.get("value") if isinstance(wanted, dict) else wanted
    if kind == "range":
        tests: dict[str, Callable[[Any, Any], bool]] = {
            "gte": lambda a, b: a >= b,
            "lte": lambda a, b: a <= b,
            "gt": lambda a, b: a > b,
        }
        return any(all(tests[name](value, bound) for name, bound in wanted.items()) for value in values)
    if kind == "prefix":
        return any(str(value).startswith(sought) for value in values)
    if kind == "wildcard":
        parts = re.findall(r"\\(.)|([*?])|([^\\*?]+)", sought, re.DOTALL)
        pattern = "".join(
            {"*": ".*", "?": "."}.get(star) or re.escape(escaped or plain) for escaped, star, plain in parts
        )
        return any(re.fullmatch(pattern, value, re.DOTALL) for value in values)
    if kind == "fuzzy":
        begin = wanted["prefix_length"]
        return any(
            value[:begin] == sought[:begin] and _edits(value[begin:], sought[begin:]) <= wanted["fuzziness"]
            for value in values
        )
    if kind == "term":
        return any(sought in each for each in terms)
    if kind == "terms":
        return any(set(wanted) & set(each) for each in terms)
    if kind == "match_phrase":
        run = wanted["query"].split()
        return any(each[at : at + len(run)] == run for each in terms for at in range(len(each)))
    assert kind == "intervals"
    rule = wanted["all_of"]
    near = sorted(each["match"]["query"] for each in rule["intervals"])
    width = len(near) + rule["max_gaps"]
    return any(_holds(each[at : at + width], near) for each in terms for at in range(len(each)))


def _holds(window: Sequence[str], terms: Sequence[str]) -> bool:
    left = list(window)
    for term in terms:
        if term not in left:
            return False
        left.remove(term)
    return True


def _edits(one: str, other: str) -> int:
    """How many letters are missing, too much, another, or changed with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        last, before, row = before, row, [place]
        for at, wanted in enumerate(other, 1):
            fewest = min(before[at] + 1, row[-1] + 1, before[at - 1] + (letter != wanted))
            if place > 1 and at > 1 and (letter, one[place - 2]) == (other[at - 2], wanted):
                fewest = min(fewest, last[at - 2] + 1)
            row.append(fewest)
    return row[-1]


class SearchingCluster(MemoryCluster):
    """See ``MemoryCluster``."""

    def _done(self, method: str, parts: list[str], body: str, options: dict[str, str]) -> Any:
        if parts == ["_mtermvectors"]:
            return {"docs": [self._frequencies(each) for each in json.loads(body)["docs"]]}
        return super()._done(method, parts, body, options)

    def _frequencies(self, asked: dict[str, Any]) -> dict[str, Any]:
        """In how many documents the terms of one that nobody wrote are."""
        documents = _documents(self._one(asked["_index"]))
        counted: dict[str, Any] = {}
        for field in asked["fields"]:
            sought = {term for value in _terms(asked["doc"], field) for term in value}
            numbers = {term: sum(selects({"term": {field: term}}, each) for each in documents) for term in sought}
            counted[field] = {"terms": {term: {"doc_freq": number} for term, number in numbers.items() if number}}
        return {"term_vectors": counted}

    @staticmethod
    def _found(index: Held, asked: dict[str, Any]) -> dict[str, Any]:
        found = [each for each in _documents(index) if selects(asked["query"], each)]
        answer: dict[str, Any] = {"hits": {"hits": [], "total": {"value": len(found)}}}
        if "aggs" in asked:
            answer["aggregations"] = _aggregated(asked["aggs"], found)
        for order in reversed(asked.get("sort", [])):
            [(field, way)] = order.items()
            if field == "_score":
                found.sort(key=lambda each: -score(asked["query"], each))
            else:
                found = _sorted(found, field, way)
        shown = [_hit(each, asked) for each in found]
        begin = asked.get("from", 0)
        if "search_after" in asked:
            begin = [hit["sort"] for hit in shown].index(asked["search_after"]) + 1
        answer["hits"]["hits"] = shown[begin : begin + asked.get("size", 10)]
        return answer


def _documents(index: Held) -> list[dict[str, Any]]:
    return [_document(key, place, text) for key, (_, place, text) in sorted(index.seen.items())]


@cache
def _document(key: str, place: int, text: str) -> dict[str, Any]:
    return {**json.loads(text), "_id": key, "_seq_no": place}


def _sorted(documents: Iterable[dict[str, Any]], field: str, way: Any) -> list[dict[str, Any]]:
    """In the order of a field; those that have none come last."""
    order = way["order"] if isinstance(way, dict) else way
    documents = list(documents)
    having = [each for each in documents if _values(each, field)]
    having.sort(key=lambda each: min(_values(each, field)), reverse=order == "desc")
    return having + [each for each in documents if not _values(each, field)]


def _hit(document: Document, asked: dict[str, Any]) -> dict[str, Any]:
    hit = {"_id": document["_id"], "_seq_no": document["_seq_no"], "_primary_term": 1}
    wanted = asked.get("_source", "stored_fields" not in asked)
    if wanted:
        hit["_source"] = {name: document[name] for name in (document if wanted is True else wanted)}
    if "docvalue_fields" in asked:
        hit["fields"] = {name: _values(document, name) for name in asked["docvalue_fields"] if name in document}
    fields = [field for order in asked.get("sort", []) for field in order]
    hit["sort"] = [min(_values(document, field), default=None) for field in fields]
    return hit


def _aggregated(aggs: dict[str, Any], documents: Sequence[Document]) -> dict[str, Any]:
    return {name: _aggregate(asked, documents) for name, asked in aggs.items()}


def _aggregate(asked: dict[str, Any], documents: Sequence[Document]) -> dict[str, Any]:
    """The documents of a filter taken together, or how many have each value of a field."""
    if "filter" in asked:
        return _aggregated(asked["aggs"], [each for each in documents if selects(asked["filter"], each)])
    if "composite" in asked:
        [source] = asked["composite"]["sources"]
        counts = _counts(source["value"]["terms"]["field"], documents)
        return {"buckets": [{"key": {"value": value}, "doc_count": counts[value]} for value in sorted(counts)]}
    terms = asked["terms"]
    counts, include = _counts(terms["field"], documents), terms.get("include", ".*")
    kept = [
        value
        for value in sorted(counts)
        if (value in include if isinstance(include, list) else re.fullmatch(include, value, re.DOTALL))
    ]
    return {"buckets": [{"key": value, "doc_count": counts[value]} for value in kept[: terms["size"]]]}


def _counts(field: str, documents: Sequence[Document]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for document in documents:
        for value in {*_values(document, field)}:
            counts[value] = counts.get(value, 0) + 1
    return counts
