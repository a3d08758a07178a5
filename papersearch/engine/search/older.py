"""Papers of which only an older post, which is not shown, has every word of a query.

They are looked for only where no paper has every word as it is shown: in a folder in the same segments with the hidden
documents in place of the others, in a cluster in an index of their own. They come before what is found as it is shown,
which is asked for without them then, so that pages are slices of one list.
"""

from __future__ import annotations

from papersearch.core.errors import NotFoundError
from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Hit, OtherPost, Request
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.search import hits
from papersearch.engine.search.expression import Expression, Filter, Group, Named
from papersearch.engine.search.page import page
from papersearch.engine.search.plan import Compiler
from papersearch.engine.search.selection import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from papersearch.query.tree import Query

# So many posts are looked at, whatever page is asked for (chosen: a query that more of them answer is as good as none).
MOST_POSTS = 100


class Older(NamedTuple):
    """A paper of which an older post, at ``path``, has every word. The passages of the hit and what explains its score
    are those of the older post, all else is of the one that is shown."""

    hit: Hit
    path: str


def older_hits(reader: IndexReader, query: Query, request: Request) -> list[Older]:
    """Papers of which an older post has every word, best first."""
    older = reader.older()
    if older is None:
        return []
    asked = looked_for(request)
    try:
        plan = Compiler(older, asked).compile(query)
    except NotFoundError:
        return []
    if not plan.slots:
        return []
    found: dict[str, Older] = {}
    for old in page(select(older, plan, "all"), asked):
        place = hits.find_paper(reader, old.id)
        if place is not None and old.id not in found:
            segment, doc = place
            stored = reader.segments[segment].documents.stored(doc)
            found[old.id] = Older(shown_as(old, stored, hits.other_posts(reader.hidden_posts(old.id))), old.path)
    return list(found.values())


def looked_for(request: Request) -> Request:
    """The request that is put to older posts: all of them by relevance, as it stands."""
    return replace(request, offset=0, limit=MOST_POSTS, sort="relevance", prefix=False)


def shown_as(old: Hit, stored: Mapping[str, Any], others: tuple[OtherPost, ...]) -> Hit:
    """The hit of the post that is shown of a paper (``stored``), with what the hit ``old`` shows of an older one."""
    shown = hits.hit(old.rank, old.score, stored, (), None, others)
    return replace(shown, snippets=old.snippets, explanation=old.explanation)


def filters_without(found: Iterable[Older]) -> tuple[Expression, ...]:
    """The filters that leave such papers out."""
    return tuple(Group("not", (Filter(Named(older.hit.id.casefold())),)) for older in found)


def rest_of(request: Request, found: Sequence[Older]) -> Request:
    """The request for what follows such papers on a page."""
    start, end = (max(0, place - len(found)) for place in (request.offset, request.offset + request.limit))
    return replace(request, offset=start, limit=end - start)


def with_older(results: Sequence[Hit], found: Sequence[Older], request: Request) -> tuple[Hit, ...]:
    """The page of a request: those of such papers that lie on it, and the ``results`` of the rest."""
    first = [older.hit for older in found[request.offset : request.offset + request.limit]]
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate([*first, *results], request.offset + 1))


def said_of(found: Sequence[Older]) -> str:
    """What to say of such papers."""
    told = "; ".join(f"{older.hit.id}: {older.path}" for older in found[:3])
    return f"every word is only in an older post of a paper ({told})"
