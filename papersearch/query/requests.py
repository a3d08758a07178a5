"""Requests from what callers say: a query, and options by their names, checked."""

from __future__ import annotations

import operator

from papersearch.core.errors import UsageError
from papersearch.core.frozen import names_of, replace
from papersearch.core.records import MATCHES, SEVERAL, SORTS, Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

_FIELDS = frozenset(names_of(Request))


def request_of(query: str | Request, given: Mapping[str, Any]) -> Request:
    """A request from a query and keyword options; ``author`` and ``tag`` may stand for one of ``authors`` and ``tags``.

    Raises ``UsageError`` for options that no request has, and for values that none may have.
    """
    options = dict(given)
    for one, many in SEVERAL.items():
        if one in options or many in options:
            options[many] = (*several(options.get(many)), *several(options.pop(one, None)))
    for day in ("since", "until"):
        if options.get(day) is not None and not isinstance(options[day], str):
            options[day] = str(options[day])[:10]  # a year as a number, a `datetime.date` and a `datetime` are as good
    unknown = options.keys() - _FIELDS
    if unknown:
        from papersearch.text.mistyped import nearest

        name = min(unknown)
        near = nearest(name, _FIELDS)
        raise UsageError(f"there is no option {name!r}", f"did you mean {near!r}?" if near else "")
    return _counting(_checked(replace(query, **options) if isinstance(query, Request) else Request(query, **options)))


def several(value: str | Iterable[str] | None) -> tuple[str, ...]:
    """One, several or none as several. Raises ``UsageError`` for what is neither."""
    if isinstance(value, str):
        return (value,)
    try:
        return tuple(value or ())
    except TypeError:
        raise UsageError(f"one string or several are wanted, not {value!r}") from None


def _counting(request: Request) -> Request:
    """A request whose order or purpose is not relevance is about the papers that hold every word, unless it says so."""
    if request.match == "auto" and (request.sort != "relevance" or request.since_run is not None):
        return replace(request, match="all")
    return request


def _checked(request: Request) -> Request:
    """The request itself, with plain numbers. Raises ``UsageError`` for values that no request may have."""
    if not isinstance(request.query, str):
        raise UsageError(f"the query must be a string, not {request.query!r}")
    for name, names in (("authors", request.authors), ("tags", request.tags)):
        if isinstance(names, str) or not all(isinstance(each, str) for each in names):
            raise UsageError(f"{name} must be a tuple of strings, not {names!r}")
    for name, day in (("since", request.since), ("until", request.until)):
        if not isinstance(day, str | None):
            raise UsageError(f"{name} must be a string such as 2024-12-19, not {day!r}")
    for name, value, choices in (("match", request.match, MATCHES), ("sort", request.sort, SORTS)):
        if value not in choices:
            raise UsageError(f"there is no {name} {value!r}", f"choose one of {', '.join(choices)}")
    for name in ("limit", "offset") if request.since_run is None else ("limit", "offset", "since_run"):
        number = getattr(request, name)
        try:
            whole = operator.index(number)  # of numpy's numbers too
        except TypeError:
            raise UsageError(f"{name} must be a whole number, not {number!r}") from None
        if whole is not number:
            request = replace(request, **{name: whole})
    if request.limit < 0 or request.offset < 0:
        raise UsageError("limit and offset cannot be negative")
    if request.since and request.until:
        from papersearch.query.dates import day_bounds

        low, high = day_bounds(request.since, request.until)
        if low > high:
            raise UsageError(f"since {request.since} is after until {request.until}", "turn them round")
    return request
