"""Papers of which only an older post, which is not shown, has every word of a query.

They are looked for only where no paper has every word as it is shown: in a folder in the same segments with the hidden
documents in place of the others, in a cluster in an index of their own.
"""

from __future__ import annotations

from papersearch.core.errors import NotFoundError
from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Hit, OtherPost, Request
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.search import hits
from papersearch.engine.search.page import page
from papersearch.engine.search.plan import Compiler
from papersearch.engine.search.selection import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from papersearch.query.tree import Query


class Older(NamedTuple):
    """A paper of which an older post, at ``path``, has every word; ``matches`` if the one that is shown matches too.
    The passages of the hit are those of the older post, all else is of the one that is shown."""

    hit: Hit
    path: str
    matches: bool


def older_hits(reader: IndexReader, query: Query, request: Request, matching: Sequence[int]) -> list[Older]:
    """Papers of which an older post has every word, best first; ``matching`` (a bit set for each segment) are those
    that match as they are shown."""
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
            shown = shown_as(old, stored, hits.other_posts(reader.hidden_posts(old.id)))
            found[old.id] = Older(shown, old.path, bool(matching[segment] >> doc & 1))
    return list(found.values())


def looked_for(request: Request) -> Request:
    """The request that is put to older posts: its first page by relevance, as it stands, without explanations."""
    return replace(request, offset=0, sort="relevance", explain=False, prefix=False)


def shown_as(old: Hit, stored: Mapping[str, Any], others: tuple[OtherPost, ...]) -> Hit:
    """The hit of the post that is shown of a paper (``stored``), with the passages of the hit of an older one."""
    return replace(hits.hit(old.rank, old.score, stored, (), None, others), snippets=old.snippets)


def with_older(results: tuple[Hit, ...], found: Sequence[Older], limit: int) -> tuple[tuple[Hit, ...], int, str]:
    """The first page with such papers before the others, how many papers they add, and what to say of them."""
    ids = {older.hit.id for older in found}
    merged = [*(older.hit for older in found), *(hit for hit in results if hit.id not in ids)][:limit]
    added = sum(not older.matches for older in found)
    told = "; ".join(f"{older.hit.id}: {older.path}" for older in found[:3])
    ranked = tuple(replace(hit, rank=rank) for rank, hit in enumerate(merged, 1))
    return ranked, added, f"every word is only in an older post of a paper ({told})"
