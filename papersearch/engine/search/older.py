"""Papers of which only an older post, which is not shown, has every word of a query.

They are looked for only where no paper has every word as it is shown, in the same segments with the hidden documents in
place of the others.
"""

from __future__ import annotations

from papersearch.core.errors import NotFoundError
from papersearch.core.frozen import replace
from papersearch.core.records import Hit, Request
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.search import hits
from papersearch.engine.search.page import page
from papersearch.engine.search.plan import Compiler
from papersearch.engine.search.selection import Selection, select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.query.tree import Query


def older_hits(reader: IndexReader, query: Query, request: Request) -> list[tuple[Hit, str]]:
    """Papers of which an older post has every word, best first, each with the path of that post. The passages are those
    of the older post, all else is of the one that is shown."""
    older = reader.older()
    if older is None:
        return []
    try:
        plan = Compiler(older, request.expand).compile(query)
    except NotFoundError:
        return []
    if not plan.slots:
        return []
    found: dict[str, tuple[Hit, str]] = {}
    wanted = replace(request, offset=0, sort="relevance", explain=False)
    for old in page(select(older, plan, "all"), wanted):
        place = hits.find_paper(reader, old.id)
        if place is not None and old.id not in found:
            stored = place[0].documents.stored(place[1])
            shown = hits.hit(old.rank, old.score, stored, (), None, hits.other_posts(reader, old.id), ())
            found[old.id] = replace(shown, snippets=old.snippets), old.path
    return list(found.values())


def with_older(
    results: tuple[Hit, ...], found: list[tuple[Hit, str]], selection: Selection, limit: int
) -> tuple[tuple[Hit, ...], int, str]:
    """The first page with such papers before the others, how many papers they add to those that match, and what to say
    of them."""
    ids = {hit.id for hit, _ in found}
    merged = [*(hit for hit, _ in found), *(hit for hit in results if hit.id not in ids)][:limit]
    added = 0
    for paper_id in ids:
        place = hits.find_paper(selection.reader, paper_id)
        number = selection.reader.segments.index(place[0]) if place else 0
        added += place is not None and not selection.matching[number] >> place[1] & 1
    told = "; ".join(f"{hit.id}: {path}" for hit, path in found[:3])
    ranked = tuple(replace(hit, rank=rank) for rank, hit in enumerate(merged, 1))
    return ranked, added, f"every word is only in an older post of a paper ({told})"
