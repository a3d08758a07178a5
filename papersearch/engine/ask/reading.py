"""What papers say to a question, be it facts or evidence: to the question as it stands, or, if they say nothing to
that, as it was certainly meant."""

from __future__ import annotations

from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Reply, Request
from papersearch.engine.ask import credits, evidence, works
from papersearch.engine.ask.evidence import MOST_QUESTION, Evidence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.port import Engine


class Said(NamedTuple):
    """What is said, to which ``question``, and what its asker should know of that. An answer that is refused says why,
    and evidence that does not suffice."""

    question: str
    by: Reply | Evidence
    notes: tuple[str, ...] = ()


def find(engine: Engine, request: Request, papers: int) -> Said:
    """What is said to a question, by ``papers`` at most. Costs a query and reading a dozen papers, and as much again if
    nothing is said to it and it may be misspelt."""
    said = Said(request.query, _find(engine, request, papers))
    if said.by.reason is None:
        return said
    words = replace(request, query=request.query[:MOST_QUESTION], limit=0, offset=0, syntax=False, meaning=False)
    answer = engine.search(words)
    if answer.suggestion is None:
        return said
    meant = _find(engine, replace(request, query=answer.suggestion), papers)
    if meant.reason is not None:
        return said
    if answer.certain:
        return Said(answer.suggestion, meant, (f"this answers “{answer.suggestion}”",))
    return said._replace(notes=(f"did you mean: {answer.suggestion}",))


def _find(engine: Engine, request: Request, papers: int) -> Reply | Evidence:
    """The facts that are asked for, else the evidence: no sentence says who wrote its paper."""
    for facts in (credits.reply, works.reply):
        if (reply := facts(engine, request)) is not None:
            return reply
    return evidence.find(engine, request, papers)
