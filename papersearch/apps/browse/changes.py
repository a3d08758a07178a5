"""How requests change while one browses, and the filters that there are to change them by."""

from __future__ import annotations

from typing import Any

from papersearch import library
from papersearch.core.frozen import names_of, replace
from papersearch.core.records import Request
from papersearch.text.folding import value_key


def filtered(request: Request, kind: str, value: str) -> Request:
    """The request with a filter more, or without it if it holds already; a year stands for both ends."""
    if kind == "year":
        return replace(request, since=value, until=value)
    if kind in ("since", "until"):
        return replace(request, **{kind: None})
    name = f"{kind}s"
    held: tuple[str, ...] = getattr(request, name)
    others = tuple(each for each in held if value_key(each) != value_key(value))
    return replace(request, **{name: others if len(others) < len(held) else (*held, value)})


def likeness_options(request: Request) -> dict[str, Any]:
    """What a request for similar papers takes of another: all but its words and its order."""
    return {name: getattr(request, name) for name in names_of(Request) if name not in ("query", "sort")}


def filter_counts(index: library.Index, request: Request) -> list[tuple[str, str, int]]:
    """Years, tags and authors of the papers that match, each with the number of papers."""
    asked = replace(request, query=request.query.strip() or "*")
    return [(by, value, count) for by in ("year", "tag", "author") for value, count in index.facets(by, asked)[:30]]
