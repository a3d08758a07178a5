"""Papers of which only an older post, which is not shown, has every word of a query.

They are looked for where few papers have every word as they are shown: in a folder in the same segments with the hidden
documents in place of the others, in a cluster in an index of their own. They come behind those few; the rest is asked
for without them then, so that pages are slices of one list.
"""

from __future__ import annotations

from papersearch.core.errors import NotFoundError
from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Hit, Request
from papersearch.engine.search import hits
from papersearch.engine.search.expression import Expression, Filter, Group, Named
from papersearch.text.folding import value_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import Any

    from papersearch.engine.search.plan import Plan

FEW = 10
"""Older posts are looked for if fewer papers have every word as they are shown (chosen: what one page shows)."""

# So many posts are looked at, whatever page is asked for (chosen: a query that more of them answer is as good as none).
MOST_POSTS = 100


class Older(NamedTuple):
    """A paper of which an older post, at ``path``, has every word. The passages of the hit and what explains its score
    are those of the older post, all else is of the one that is shown."""

    hit: Hit
    path: str


class OlderHits(NamedTuple):
    """Such papers, best first, and how many others they come ``behind``. Where no paper matches as it is shown, also
    those of which an older post matches and lacks a word, as one of some between OR."""

    found: Sequence[Older]
    behind: int

    @property
    def filters(self) -> tuple[Expression, ...]:
        """The filters that leave them out."""
        return tuple(Group("not", (Filter(Named(value_key(older.hit.id))),)) for older in self.found)

    def rest_of(self, request: Request) -> Request:
        """The request for the others on a page."""
        places = request.offset, request.offset + request.limit
        start, end = (min(place, max(self.behind, place - len(self.found))) for place in places)
        return replace(request, offset=start, limit=end - start)

    def beside(self, results: Sequence[Hit], request: Request) -> tuple[Hit, ...]:
        """The page of a request: those of them that lie on it among the ``results`` of ``rest_of``."""
        before = max(0, self.behind - request.offset)
        start, end = (max(0, place - self.behind) for place in (request.offset, request.offset + request.limit))
        listed = [*results[:before], *(older.hit for older in self.found[start:end]), *results[before:]]
        return tuple(replace(hit, rank=rank) for rank, hit in enumerate(listed, request.offset + 1))

    @property
    def total_all(self) -> int:
        """How many of them have every word."""
        return sum(not older.hit.missing for older in self.found)

    @property
    def said(self) -> str:
        """What to say of them."""
        told = "; ".join(f"{older.hit.id} ({older.path})" for older in self.found[:3])
        having = "" if any(older.hit.missing for older in self.found[:3]) else " that has every word"
        return f"found by an older post{having}: {told}"


def are_asked(request: Request, plan: Plan, total_all: int) -> bool:
    """Whether older posts are looked for, if so many papers have every word as they are shown. Beside some, only words
    alone ask for them, also for what is new: what another filter or an operator leaves out, no older post brings in,
    and it has no place in another order."""
    if not total_all:
        return True
    conditions = len(plan.filters) - (request.since_run is not None)
    return total_all < FEW and plan.plain and not conditions and request.sort == "relevance"


def older_hits(
    request: Request,
    total: int,
    total_all: int,
    shown: Callable[[Request], Iterable[Hit]],
    ask: Callable[[Request], Iterable[Hit]],
    posts_of: Callable[[Collection[str]], Mapping[str, Sequence[Mapping[str, Any]]]],
) -> OlderHits | None:
    """Papers of which only an older post has every word of a request, None if there are none. ``total`` match as
    they are shown, and ``shown`` searches the ``total_all`` of these that have every word; ``ask`` searches the older
    posts, and ``posts_of`` gives the stored posts of papers by their folded ids, the shown one first. An older post
    that is not, or no longer, among those is left out.
    """
    first: dict[str, Hit] = {}
    try:
        for old in ask(replace(request, offset=0, limit=MOST_POSTS, sort="relevance", prefix=False)):
            if not (total and old.missing):  # OR finds them by one word too
                first.setdefault(value_key(old.id), old)
    except NotFoundError:
        return None
    if first and total_all:
        for hit in shown(replace(request, offset=0, limit=FEW, snippets=False)):
            first.pop(value_key(hit.id), None)
    listed = posts_of(first) if first else {}
    found = []
    for paper_id, old in first.items():
        others = hits.other_posts(listed.get(paper_id, [])[1:])
        if any(post.path == old.path for post in others):
            hit = hits.hit(old.rank, old.score, listed[paper_id][0], old.missing, None, others)
            found.append(Older(replace(hit, snippets=old.snippets, explanation=old.explanation), old.path))
    return OlderHits(found, total_all) if found else None
