"""Questions for the papers of somebody, which no sentence answers: their titles do, the newest first, or the oldest
where these are asked for."""

from __future__ import annotations

import re

from papersearch.core.caches import late_pattern
from papersearch.core.errors import NotFoundError
from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Reply, Request, Sentence, Source
from papersearch.engine.ask.orders import is_addressed
from papersearch.text.courtesy import without_courtesy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.port import Engine

MOST_CHARS = 200  # of such a question (chosen)
MOST_LISTED = 10  # papers (chosen)

_WHICH = "(?:(?:latest|newest|most recent|recent|new|other|(?P<oldest>first|oldest|earliest)) )?"
_PAPERS = rf"{_WHICH}(?:papers?|articles?|publications?|preprints?|works?)"
_THEN = r"(?: (?:published |written )?(?P<bound>since|after|before|until|in|from|of) (?P<year>(?:19|20)\d\d))?"
_asked = [
    late_pattern(form.replace("PAPERS", _PAPERS).replace("NAME", "(?P<name>.+?)") + r"[\s.?!]*", re.IGNORECASE)
    for form in (
        r"(?:(?:can you )?(?:please )?(?:list|show|find|give|name|tell)(?: me)? )?"
        r"(?:(?:which|what|any|all|the|are|there) )*PAPERS(?: (?:are|were|is|exist|there|written|published))*"
        rf" (?:by|of) NAME{_THEN}",
        rf"(?:which|what)(?: PAPERS)? (?:did|has|have) NAME (?:wr[io]te|written|publish|published|authored?){_THEN}",
        rf"(?:(?:list|show|what are)(?: me)? )?NAME['’]s? PAPERS{_THEN}",
    )
]
_DATES = {
    "since": "date:>={0}",
    "after": "date:>{0}",
    "before": "date:<{0}",
    "until": "date:<={0}",
}


class Works(NamedTuple):
    """Whose papers are asked for, as a query from when they are, and in which order."""

    author: str
    dates: str
    sort: str


def asked(question: str) -> Works | None:
    """Whose papers a question asks for; None if it asks for anything else."""
    line = " ".join(without_courtesy(question[: MOST_CHARS + 1]).split())
    if len(line) > MOST_CHARS:
        return None
    found = next(filter(None, (form().fullmatch(line) for form in _asked)), None)
    if found is None:
        return None
    bound, year = found["bound"], found["year"]
    dates = _DATES.get(bound.lower(), "year:{0}").format(year) if bound else ""
    return Works(found["name"], dates, "oldest" if found["oldest"] else "newest")


def reply(engine: Engine, request: Request) -> Reply | None:
    """The titles of the papers that a question asks for; None if it asks for none, or nobody is called so."""
    works = asked(request.query)
    if works is None:
        return None
    theirs = replace(
        request,
        query="",
        authors=(*request.authors, works.author),
        sort=works.sort,
        limit=MOST_LISTED,
        offset=0,
        syntax=True,
        snippets=False,
    )
    try:
        answer = engine.search(replace(theirs, query=works.dates))
        if not answer.results and not (works.dates and engine.search(theirs).total):
            return None
    except NotFoundError:
        return None
    named = [hit for hit in answer.results if hit.title and not is_addressed(hit.title)]
    if not named:
        return Reply(request.query, False, reason=f"no paper by {works.author} is of that time")
    more = answer.total - len(answer.results)
    left = "newer" if works.sort == "oldest" else "older"
    return Reply(
        request.query,
        True,
        sentences=tuple(Sentence(hit.title, (hit.id,)) for hit in named),
        papers=tuple(Source(hit.id, hit.title, hit.title) for hit in named),
        notes=(f"and {more:,} {left}; papersearch query --author has all",) if more else (),
    )
