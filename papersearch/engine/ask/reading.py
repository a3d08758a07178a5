"""What papers say to a question, be it facts or evidence, and how it may be meant if they say nothing."""

from __future__ import annotations

from papersearch.core.frozen import replace
from papersearch.core.records import Reply, Request
from papersearch.engine.ask import credits, definitions, evidence, works
from papersearch.engine.ask.evidence import MOST_QUESTION, Evidence, Passage
from papersearch.query.language import as_read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.port import Engine

MOST_OF_EACH, LEAST_TOLD = 2, 0.4
"""Sentences on each of several things that are compared, and how much each must say what the thing is (chosen)."""


def find(engine: Engine, request: Request, papers: int) -> Reply | Evidence:
    """The facts that a question asks for, else the evidence of ``papers`` at most: no sentence says who wrote its
    paper. What only titles name is told by what those papers are about. Costs a query and reading a dozen papers, and
    some more for names."""
    found = _found(engine, replace(request, query=as_read(request.query)), papers)
    return replace(found, question=request.query) if isinstance(found, Reply) else found


def _found(engine: Engine, request: Request, papers: int) -> Reply | Evidence:
    for facts in (credits.reply, works.reply):
        if (reply := facts(engine, request)) is not None:
            return reply
    found = evidence.find(engine, request, papers)
    if found.reason is None:
        return found
    return credits.gists(engine, request) or _of_each(engine, request, papers) or found


def _of_each(engine: Engine, request: Request, papers: int) -> Evidence | None:
    """Sentences that say what each of the things is that a question compares, where none speaks of all; None if any of
    them is not told."""
    passages: list[Passage] = []
    texts: dict[str, str] = {}
    for name in credits.compared(request.query):
        found = evidence.find(engine, replace(request, query=f"what is {name}"), papers)
        forms = definitions.forms_of(name, {})
        told = [each for each in found.passages if definitions.worth(each.text, forms) >= LEAST_TOLD][:MOST_OF_EACH]
        if found.reason is not None or not told:
            return None
        passages += (each._replace(score=1.0) for each in told)
        texts |= found.texts
    return Evidence(tuple(passages), None, texts) if passages else None


def suggestion(engine: Engine, request: Request, papers: int) -> tuple[str, ...]:
    """How a question that is refused may be meant, if it may be misspelt and papers answer it then. It is left to its
    asker: a word that no paper has is more often right here, as that of a question which none answers, than elsewhere.
    """
    words = replace(request, query=request.query[:MOST_QUESTION], limit=0, offset=0, syntax=False, meaning=False)
    meant = engine.search(words).suggestion
    if meant is None or find(engine, replace(request, query=meant), papers).reason is not None:
        return ()
    return (f"did you mean: {meant}",)
