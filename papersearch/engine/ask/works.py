"""Questions for the papers of somebody, of a time, or the newest of all, which no sentence answers: their titles do,
the newest first, or the oldest where these are asked for. How many papers there are, and who writes about something,
no sentence answers either: that is counted."""

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
_STORED = "(?:index|corpus|collection|library|vault|folder|notes|database)"

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
_AGE = r"(?:latest|newest|most recent|recent|new|(?P<oldest>oldest|earliest))"
_asked_on = late_pattern(
    r"(?:(?:can you )?(?:please )?(?:list|show|find|give|name|tell|what(?:['’]s| is| are)|which (?:is|are))(?: me)? )?"
    rf"(?:the |any )?{_AGE} (?:papers?|articles?|publications?|preprints?) (?:on|about) (?P<name>.+?){_THEN}[\s.?!]*",
    re.IGNORECASE,
)
_ONLY_PAPERS = "(?:papers?|articles?|publications?|preprints?)"
_HERE = r"(?: (?:(?:are|is) )?(?:there|here|(?:do )?(?:you|we|i) have|in (?:the|this|your|my|our) \w+))?"
_asked_all = [
    late_pattern(form.replace("PAPERS", _ONLY_PAPERS) + r"[\s.?!]*", re.IGNORECASE)
    for form in (
        r"(?:(?:can you )?(?:please )?(?:list|show|find|give|name|tell)(?: me)? )?"
        r"(?:(?:what(?:['’]s)?|which|is|are|were|was|there|any|all|the|your|my|our) )*"
        rf"(?:latest|newest|most recent|recent|new|(?P<oldest>oldest|earliest|first)) PAPERS{_HERE}{_THEN}",
        r"(?:(?:can you )?(?:please )?(?:list|show|find|give|name|tell)(?: me)? )?"
        r"(?:(?:what|which|are|there|any|all|the|your|my|our) )*PAPERS"
        rf"(?: (?:are|were|is|was|there|do|you|we|i|have))*{_THEN.removesuffix('?')}",
        rf"what (?:is|was|has been){_THEN.removesuffix('?')}",
    )
]
# What a command tells, and no paper: how many there are (a survey's own number is that of others), who writes about
# something, which tags there are, how to cite one, what is like it; with that command.
_told = [
    (late_pattern(rf"(?:{form.replace('PAPERS', _ONLY_PAPERS)})(?: .*?)?[\s.?!]*", re.IGNORECASE), told)
    for form, told in (
        (
            rf"how many PAPERS (?:(?:are|is|were) (?:there|here|on|about|by|in (?:the|this|your|my|our) {_STORED})"
            r"|(?:do|did) (?:you|we|i) have|exist here"
            r"|(?:on|about|by) .{1,80} (?:are there|are here|(?:do|did) (?:you|we|i) have))",
            "no paper says how many there are: papersearch stats counts them, papersearch query those on a subject",
        ),
        (
            r"(?:who|which (?:people|authors?|researchers?|groups?|teams?)|what authors?) "
            r"(?:(?:is|are|has|have|else|also|all) )*"
            r"(?:wr[io]tes?|written|writing|publish(?:e[sd]|ing)?|work(?:s|ed|ing)?) (?:PAPERS )?(?-i:about|on)",
            "no paper says who else writes about something: papersearch facets WORDS --by author counts them",
        ),
        (
            r"(?:what|which) (?:tags?|topics?|subjects?|authors?|years?) (?:(?:are|is|were) (?:there|here|covered)"
            rf"|(?:do|does) (?:you|we|i|it) (?:have|cover)|(?:are )?in (?:the|this|your|my|our) {_STORED})",
            "no paper says what all of them are about: papersearch facets --by tag, author or year counts them",
        ),
        (
            r"(?:(?:give|show|get|find|what is|print)(?: me)? )?(?:(?:the|a) )?bibtex"
            r"(?: (?:entry|key|citation))? (?:of|for)|(?:how|what) (?:do|can|should|would) (?:i|we|you) cite",
            "no paper says how to cite it: papersearch show ID --format bibtex prints its entry",
        ),
        (
            r"(?:(?:give|show|find|list|are there|any|which|what)(?: me)? )*"
            r"(?:similar PAPERS (?:to|as)|PAPERS (?:are )?(?:like|similar to))",
            "no paper says which are like it: papersearch similar ID lists those",
        ),
    )
]
_DATES = {
    "since": "date:>={0}",
    "after": "date:>{0}",
    "before": "date:<{0}",
    "until": "date:<={0}",
}


class Works(NamedTuple):
    """Whose papers are asked for, or on which subject, as a query from when they are, and in which order; all papers if
    neither is said."""

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
    found = on or next(filter(None, (form().fullmatch(line) for form in (*_asked, *_asked_all))), None)
    if found is None:
        return None
    told = found.groupdict()
    bound, name = told["bound"], told.get("name", "")
    dates = _DATES.get(bound.lower(), "year:{0}").format(told["year"]) if bound else ""
    author, subject = ("", name) if on else (name, "")
    return Works(author, subject, dates, "oldest" if told.get("oldest") else "newest")


def told_by_command(question: str) -> str | None:
    """Why no paper answers what a command does, and which; None for any other question."""
    line = " ".join(without_courtesy(question[: MOST_CHARS + 1]).split())
    if len(line) > MOST_CHARS:
        return None
    return next((told for form, told in _told if form().fullmatch(line)), None)


def reply(engine: Engine, request: Request) -> Reply | None:
    """The titles of the papers that a question asks for; that a command tells what it asks for; None if it asks for
    neither, or nobody is called so."""
    if (reason := told_by_command(request.query)) is not None:
        return Reply(request.query, False, reason=reason)
    works = asked(request.query)
    if works is None:
        return None
    return _on_subject(engine, request, works) if works.subject else _by_age(engine, request, works)


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


def _by_age(engine: Engine, request: Request, works: Works) -> Reply | None:
    """The papers of somebody, or all, by their age; None if nobody is called so, or there is no paper."""
    theirs = replace(
        request,
        query="*",
        authors=(*request.authors, works.author) if works.author else request.authors,
        sort=works.sort,
        limit=MOST_LISTED,
        offset=0,
        syntax=True,
        snippets=False,
    )
    try:
        answer = engine.search(replace(theirs, query=works.dates or "*"))
        if not answer.results and not (works.dates and engine.search(theirs).total):
            return None
    except NotFoundError:
        return None
    named = [hit for hit in answer.results if hit.title and not is_addressed(hit.title)]
    if not named:
        whose = f" by {works.author}" if works.author else ""
        return Reply(request.query, False, reason=f"no paper{whose} is of that time")
    more = answer.total - len(answer.results)
    left = "newer" if works.sort == "oldest" else "older"
    option = "--author" if works.author else f"--sort {works.sort}"
    return _titles(request, named, (f"and {more:,} {left}; papersearch query {option} has all",) if more else ())


def _titles(request: Request, named: Sequence[Hit], notes: tuple[str, ...] = ()) -> Reply:
    return Reply(
        request.query,
        True,
        sentences=tuple(Sentence(hit.title, (hit.id,)) for hit in named),
        papers=tuple(Source(hit.id, hit.title, hit.title) for hit in named),
        notes=notes,
    )
