"""How requests change while one browses, and the filters that there are to change them by."""

from __future__ import annotations

from collections import Counter
from typing import Any

from papersearch import library
from papersearch.core.frozen import names_of, replace
from papersearch.core.records import SEVERAL, Request
from papersearch.text.folding import toggled

_KINDS = ("year", "tag", "author")
_MOST_VALUES = 30  # of a kind
_MOST_LIKE = 1_000  # papers like one that are counted: the nearest (chosen for the time)


def filtered(request: Request, kind: str, value: str) -> Request:
    """The request with a filter more, or without it if it holds already; a year stands for both ends."""
    if kind == "year":
        return replace(request, since=value, until=value)
    if kind in ("since", "until"):
        return replace(request, **{kind: None})
    several = SEVERAL[kind]
    return replace(request, **{several: toggled(getattr(request, several), value)})


def likeness_options(request: Request) -> dict[str, Any]:
    """What a request for similar papers takes of another: all but its words and its order."""
    return {name: getattr(request, name) for name in names_of(Request) if name not in ("query", "sort")}


def filter_counts(index: library.Index, request: Request, like: str | None) -> list[tuple[str, str, int]]:
    """Years, tags and authors of the papers that match, or that are ``like`` one, each with the number of papers."""
    if like is None:
        asked = replace(request, query=request.query.strip() or "*")
        return [(by, value, count) for by in _KINDS for value, count in index.facets(by, asked)[:_MOST_VALUES]]
    options = {**likeness_options(request), "limit": _MOST_LIKE, "snippets": False}
    counts: dict[str, Counter[str]] = {by: Counter() for by in _KINDS}
    for hit in index.similar(like, **options).results:
        counts["year"].update([hit.published[:4]] if hit.published else [])
        counts["tag"].update(hit.tags)
        counts["author"].update(hit.authors)
    return [(by, value, count) for by in _KINDS for value, count in counts[by].most_common(_MOST_VALUES)]
