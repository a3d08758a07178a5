"""The vectors of one generation, opened when a query first has a part that can be compared with papers.

All that compares is loaded then: a query that words alone answer takes no longer because an index keeps vectors.
"""

from __future__ import annotations

from papersearch.core.errors import MeaningError
from papersearch.engine.search.question import question_of, without_slips

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.core.records import Request
    from papersearch.engine.index.reader import IndexReader
    from papersearch.engine.search.meaning import Meant
    from papersearch.engine.search.nearest import Nearest
    from papersearch.engine.search.selection import Selection
    from papersearch.engine.search.suggestion import Slips
    from papersearch.query.tree import Query

# While fewer than this share of the papers have their vector, meaning ranks only if it is asked for: it would put the
# nearest of the few, near or not, above papers that the words find (chosen).
ENOUGH = 0.9


class Meanings:
    """What a searcher has of the vectors of its index."""

    def __init__(self, reader: IndexReader, model: str | None, trust: bool) -> None:
        """``model`` is the setting that the user named; with ``trust`` any model may be on another machine. Once the
        vectors were opened, ``said`` is what to tell the user of those that are missing."""
        self._reader, self._model, self._trust = reader, model, trust
        self._nearest: Nearest | None = None
        self.said: str | None = None
        self._suffices = True

    def _opened(self, request: Request) -> Nearest | None:
        """What compares; None where too few papers have their vector, unless the request asks for meaning."""
        if self._nearest is None:
            from papersearch.engine.search.nearest import open_nearest

            reader = self._reader
            nearest = open_nearest(reader, self._model, self._trust)
            if nearest is None:
                raise MeaningError("the index keeps no vectors any more", "papersearch index --meaning")
            papers = reader.papers
            if nearest.state.complete != reader.generation.number:
                made = nearest.count([segment.live for segment in reader.segments])
                self._suffices = made >= ENOUGH * papers
                if made < papers:
                    self.said = unfinished(made, papers)
            self._nearest = nearest
        return self._nearest if self._suffices or request.meaning else None

    def of_query(self, query: Query, request: Request, selection: Selection, slips: Slips) -> Meant | None:
        """What a query means for a selection, its ``slips`` put right; None if words alone answer it."""
        question = question_of(query, selection.plan.slots, request)
        nearest = self._opened(request) if question is not None else None
        if question is None or nearest is None:
            return None
        from papersearch.engine.search.meaning import meant

        return meant(nearest, without_slips(question, slips, nearest.model), self._reader, selection)

    def of_text(self, text: str, request: Request, selection: Selection, without: str | None) -> Meant | None:
        """The same for a whole text; of the paper ``without``, which is left out, the vector is known."""
        if request.sort != "relevance":
            return None
        nearest = self._opened(request)
        if nearest is None:
            return None
        from papersearch.engine.search.meaning import meant_by_text

        return meant_by_text(nearest, text, self._reader, selection, without)


def unfinished(made: int, papers: int) -> str:
    """What to say where not all papers have their vector."""
    alone = "" if made >= ENOUGH * papers else "; until then words rank alone"
    return f"{made:,} of {papers:,} papers have their vector: papersearch index makes the others{alone}"
