"""Papers of which only an older post, which is not shown, has every word of a query.

They are looked for only where no paper has every word as it is shown, in the same segments with the hidden documents in
place of the others.
"""

from __future__ import annotations

from papersearch.core.errors import NotFoundError
from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Hit, Request
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.search import hits
from papersearch.engine.search.page import page
from papersearch.engine.search.plan import Compiler
from papersearch.engine.search.selection import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from papersearch.query.tree import Query


class Older(NamedTuple):
    """A paper of which an older post, at ``path``, has every word; its shown post is a document of a segment. The
    passages of the hit are those of the older post, all else is of the one that is shown."""

    hit: Hit
    path: str
    segment: int
    doc: int


def older_hits(reader: IndexReader, query: Query, request: Request) -> list[Older]:
    """Papers of which an older post has every word, best first."""
    older = reader.older()
    if older is None:
        return []
    try:
        plan = Compiler(older, request.expand).compile(query)
    except NotFoundError:
        return []
    if not plan.slots:
        return []
    found: dict[str, Older] = {}
    wanted = replace(request, offset=0, sort="relevance", explain=False)
    for old in page(select(older, plan, "all"), wanted):
        place = hits.find_paper(reader, old.id)
        if place is not None and old.id not in found:
            stored = reader.segments[place[0]].documents.stored(place[1])
            shown = hits.hit(old.rank, old.score, stored, (), None, hits.other_posts(reader, old.id), ())
            found[old.id] = Older(replace(shown, snippets=old.snippets), old.path, *place)
    return list(found.values())


def with_older(
    results: tuple[Hit, ...], found: list[Older], matching: Sequence[int], limit: int
) -> tuple[tuple[Hit, ...], int, str]:
    """The first page with such papers before the others, how many papers they add to those that are ``matching`` (a bit
    set for each segment), and what to say of them."""
    ids = {older.hit.id for older in found}
    merged = [*(older.hit for older in found), *(hit for hit in results if hit.id not in ids)][:limit]
    added = sum(not matching[older.segment] >> older.doc & 1 for older in found)
    told = "; ".join(f"{older.hit.id}: {older.path}" for older in found[:3])
    ranked = tuple(replace(hit, rank=rank) for rank, hit in enumerate(merged, 1))
    return ranked, added, f"every word is only in an older post of a paper ({told})"
