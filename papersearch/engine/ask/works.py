"""Questions for the papers of somebody, which no sentence answers: their titles do, the newest first, or the oldest
where these are asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from papersearch.core.caches import late_pattern
from papersearch.core.errors import NotFoundError, UsageError
from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Hit, Reply, Request, Sentence, Source
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
_AGE = r"(?:latest|newest|most recent|(?P<oldest>oldest|earliest))"
_asked_on = late_pattern(
    r"(?:(?:can you )?(?:please )?(?:list|show|find|give|name|tell|what(?:['’]s| is| are)|which (?:is|are))(?: me)? )?"
    rf"(?:the )?{_AGE} (?:papers?|articles?|publications?|preprints?) (?:on|about) (?P<name>.+?){_THEN}[\s.?!]*",
    re.IGNORECASE,
)
_DATES = {
    "since": "date:>={0}",
    "after": "date:>{0}",
    "before": "date:<{0}",
    "until": "date:<={0}",
}


class Works(NamedTuple):
    """Whose papers are asked for, or on which subject, as a query from when they are, and in which order."""

    author: str
    subject: str
    dates: str
    sort: str


def asked(question: str) -> Works | None:
    """Whose papers a question asks for, or the newest or oldest on what; None if it asks for anything else."""
    line = " ".join(without_courtesy(question[: MOST_CHARS + 1]).split())
    if len(line) > MOST_CHARS:
        return None
    on = _asked_on().fullmatch(line)
    found = on or next(filter(None, (form().fullmatch(line) for form in _asked)), None)
    if found is None:
        return None
    bound, year = found["bound"], found["year"]
    dates = _DATES.get(bound.lower(), "year:{0}").format(year) if bound else ""
    author, subject = ("", found["name"]) if on else (found["name"], "")
    return Works(author, subject, dates, "oldest" if found["oldest"] else "newest")


def reply(engine: Engine, request: Request) -> Reply | None:
    """The titles of the papers that a question asks for; None if it asks for none, or nobody is called so."""
    works = asked(request.query)
    if works is None:
        return None
    return _on_subject(engine, request, works) if works.subject else _by_author(engine, request, works)


def _on_subject(engine: Engine, request: Request, works: Works) -> Reply | None:
    """The best papers on a subject, by their age; None if none has all of its words, with which sentences may do."""
    query = f"{works.subject} {works.dates}".strip()
    best = replace(request, query=query, limit=MOST_LISTED, offset=0, match="all", snippets=False)
    try:
        answer = engine.search(best)
    except UsageError:
        return None
    found = [hit for hit in answer.results if hit.title and not is_addressed(hit.title)]
    found.sort(key=lambda hit: hit.published or "", reverse=works.sort == "newest")
    more = answer.total > len(answer.results)
    notes = (f"the {MOST_LISTED} of {answer.total:,} that fit best",) if more else ()
    return _titles(request, found, notes) if found else None


def _by_author(engine: Engine, request: Request, works: Works) -> Reply | None:
    """The papers of somebody, by their age; None if nobody is called so."""
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
    return _titles(request, named, (f"and {more:,} {left}; papersearch query --author has all",) if more else ())


def _titles(request: Request, named: Sequence[Hit], notes: tuple[str, ...] = ()) -> Reply:
    return Reply(
        request.query,
        True,
        sentences=tuple(Sentence(hit.title, (hit.id,)) for hit in named),
        papers=tuple(Source(hit.id, hit.title, hit.title) for hit in named),
        notes=notes,
    )
