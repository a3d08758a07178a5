"""A request as the one tree that every engine works from: its query, parsed, and its filters as nodes.

``--since`` and ``--until`` become what ``date:`` becomes; ``--author`` becomes the phrase that
``author:"..."`` becomes. Only ``--tag`` differs on purpose: it means a whole tag, where ``tag:`` means words of tags.
Knows no index.
"""

from __future__ import annotations

import re

from papersearch.core.errors import QueryError
from papersearch.core.fields import query_fields
from papersearch.core.frozen import replace
from papersearch.core.records import Request
from papersearch.query import language
from papersearch.query.tree import DateRange, Everything, FirstSeen, Node, Phrase, Query, Value

_FIELDS = query_fields()


def query_of(request: Request) -> Query:
    """The query of a request with its filters. Raises ``QueryError`` for a query that is a mistake."""
    text = request.query
    query = _parsed(text, request.prefix) if request.syntax else language.plain(text)
    filters = filters_of(request)
    if not text.strip() and (filters or request.sort != "relevance"):
        query = replace(query, node=Everything())  # they say enough
    return replace(query, filters=filters)


def _parsed(text: str, is_typed: bool) -> Query:
    """The query; while it ``is_typed``, a mistake in its last word, as ``2`` is in ``moe year:2``, may be none a moment
    later: the words before it are asked, and what is wrong is a hint."""
    try:
        return language.parse(text, _FIELDS)
    except QueryError as mistake:
        last = len(text) - len(re.split(r"\s", text)[-1])
        if not is_typed or mistake.position < last:
            raise
        rest = language.parse(text[:last], _FIELDS)
        return replace(rest, node=rest.node or Everything(), hint=str(mistake))


def filters_of(request: Request) -> tuple[Node, ...]:
    """The conditions of a request, which all must hold; they score nothing."""
    nodes: list[Node] = []
    if request.since or request.until:
        nodes.append(DateRange(low=request.since, high=request.until))
    if request.since_run is not None:
        nodes.append(FirstSeen(run=request.since_run))
    nodes += (Value(field="tags", text=tag) for tag in request.tags)
    nodes += (Phrase(field="authors", text=author) for author in request.authors)
    return tuple(nodes)
