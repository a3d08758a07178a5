"""Requests from what callers say: a query, and options by their names, checked."""

from __future__ import annotations

from papersearch.core.errors import UsageError
from papersearch.core.frozen import names_of, replace
from papersearch.core.records import MATCHES, SORTS, Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_FIELDS = frozenset(names_of(Request))


def request_of(query: str | Request, options: dict[str, Any]) -> Request:
    """A request from a query and keyword options; ``author`` and ``tag`` may stand for one of ``authors`` and ``tags``.

    Raises ``UsageError`` for options that no request has, and for values that none may have.
    """
    for one, many in (("author", "authors"), ("tag", "tags")):
        if one in options or many in options:
            options[many] = (*_several(options.get(many, ())), *_several(options.pop(one, ())))
    for day in ("since", "until"):
        if options.get(day) is not None:
            options[day] = str(options[day])  # a year as a number and a `datetime.date` are as good
    unknown = options.keys() - _FIELDS
    if unknown:
        from papersearch.text.mistyped import nearest

        name = min(unknown)
        near = nearest(name, _FIELDS)
        raise UsageError(f"there is no option {name!r}", f"did you mean {near!r}?" if near else "")
    return _counting(_checked(replace(query, **options) if isinstance(query, Request) else Request(query, **options)))


def _several(value: str | Iterable[str]) -> tuple[str, ...]:
    """One or several as several."""
    return (value,) if isinstance(value, str) else tuple(value)


def _counting(request: Request) -> Request:
    """A request whose order or purpose is not relevance is about the papers that hold every word, unless it says so."""
    if request.match == "auto" and (request.sort != "relevance" or request.since_run is not None):
        return replace(request, match="all")
    return request


def _checked(request: Request) -> Request:
    """The request itself. Raises ``UsageError`` for values that no request may have."""
    for name, value, choices in (("match", request.match, MATCHES), ("sort", request.sort, SORTS)):
        if value not in choices:
            raise UsageError(f"there is no {name} {value!r}", f"choose one of {', '.join(choices)}")
    for name, number in (("limit", request.limit), ("offset", request.offset)):
        if not isinstance(number, int):
            raise UsageError(f"{name} must be a whole number, not {number!r}")
    if request.limit < 0 or request.offset < 0:
        raise UsageError("limit and offset cannot be negative")
    if request.since and request.until:
        from papersearch.query.dates import day_bounds

        low, high = day_bounds(request.since, request.until)
        if low > high:
            raise UsageError(f"since {request.since} is after until {request.until}", "turn them round")
    return request
