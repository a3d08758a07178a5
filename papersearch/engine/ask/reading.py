"""What papers say to a question, be it facts or evidence, and how it may be meant if they say nothing."""

from __future__ import annotations

from papersearch.core.frozen import replace
from papersearch.core.records import Reply, Request
from papersearch.engine.ask import credits, evidence, works
from papersearch.engine.ask.evidence import MOST_QUESTION, Evidence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.port import Engine


def find(engine: Engine, request: Request, papers: int) -> Reply | Evidence:
    """The facts that a question asks for, else the evidence of ``papers`` at most: no sentence says who wrote its
    paper. Costs a query and reading a dozen papers."""
    for facts in (credits.reply, works.reply):
        if (reply := facts(engine, request)) is not None:
            return reply
    return evidence.find(engine, request, papers)


def suggestion(engine: Engine, request: Request, papers: int) -> tuple[str, ...]:
    """How a question that is refused may be meant, if it may be misspelt and papers answer it then. It is left to its
    asker: a word that no paper has is more often right here, as that of a question which none answers, than elsewhere.
    """
    words = replace(request, query=request.query[:MOST_QUESTION], limit=0, offset=0, syntax=False, meaning=False)
    meant = engine.search(words).suggestion
    if meant is None or find(engine, replace(request, query=meant), papers).reason is not None:
        return ()
    return (f"did you mean: {meant}",)
