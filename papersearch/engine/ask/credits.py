"""Questions about a paper itself, which no sentence of it answers: who wrote it, and when it came out.

Its facts do. They are quoted of the papers that the question names: by an id, by how a title begins, or by several of
its words in a row.
"""

from __future__ import annotations

import re

from papersearch.core.caches import late_pattern
from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Paper, Reply, Request, Sentence, Source
from papersearch.engine.ask.orders import is_addressed
from papersearch.query import ids
from papersearch.query.tree import looks_like_name, title_words
from papersearch.text.courtesy import without_courtesy
from papersearch.text.folding import plain_letters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.port import Engine

MOST_CHARS = 500  # of such a question (chosen: few titles are as long)
CANDIDATES, MOST_NAMED = 10, 3  # papers that are looked at, and that a name may stand for (chosen)
MANY_WORDS = 3  # that name a paper wherever they stand in its title; fewer may be its subject (chosen)

_POLITE = r"(?:(?:please )?(?:(?:can|could) you )?(?:tell me|list|name|give me|show me|do you know) )?"
_WROTE = r"(?:wrote|written|authored|co-?authored|published)"
_OUT = r"(?:published|submitted|posted|written|uploaded)(?: (?:on|to) arxiv)?"
_PAPER = r"(?:paper|article|preprint|publication)"
# What is asked, by the form of the question; NAME is what the paper is called.
_FORMS = {
    "authors": rf"""who (?:(?:has|have) )?{_WROTE} NAME
        (?:which|what) (?:authors|people|researchers) {_WROTE} NAME
        (?:who|by whom) (?:was|were|is) NAME {_WROTE}(?: by)?
        (?:(?:who|what|which) (?:is|are|was|were) )?(?:the )?(?:names? of )?(?:all )?(?:the )?authors? of NAME""",
    "first": "(?:(?:who|what) (?:is|was) )?(?:the )?(?:name of )?(?:the )?(?:first|lead) author of NAME",
    "published": rf"""(?:when|(?:in |on )?(?:what|which) (?:year|month|day|date)) (?:was|is) NAME (?:first )?{_OUT}
        (?:when|in (?:what|which) (?:year|month)) did NAME (?:first )?(?:come out|appear)(?: on arxiv)?
        (?:what (?:is|was) )?(?:the )?(?:publication )?(?:date|year)(?: of publication)? of NAME""",
}
_asked = {
    fact: [
        late_pattern(_POLITE + form.strip().replace("NAME", "(.+?)") + r"[\s.?!]*", re.IGNORECASE)
        for form in forms.splitlines()
    ]
    for fact, forms in _FORMS.items()
}
_around = late_pattern(
    rf"(?:the )?(?:{_PAPER} (?:(?:called|titled|entitled|named|on|about) )?)?(.+?)(?: {_PAPER})?", re.IGNORECASE
)
# Who wrote about something is asked of no paper.
_subject = late_pattern(
    r"(?:about|on|papers?|articles?|something|anything|more|(?:results|research|work|studies) (?:on|about|into))\b.*",
    re.IGNORECASE,
)
_QUOTES = "\"'“”‘’«».,:;!? "


class Asked(NamedTuple):
    """The fact that a question asks for, and what it calls the paper."""

    fact: str
    name: str


def asked(question: str) -> Asked | None:
    """What a question asks of a paper itself; None of any other."""
    line = " ".join(without_courtesy(question[: MOST_CHARS + 1]).split())
    if len(line) > MOST_CHARS:
        return None
    for fact, forms in _asked.items():
        for form in forms:
            if (found := form().fullmatch(line)) and not _subject().fullmatch(found[1]):
                return Asked(fact, _bare(found[1]))
    return None


def _bare(name: str) -> str:
    """The name without what says that it is one of a paper."""
    found = _around().fullmatch(name.strip(_QUOTES))
    return found[1].strip(_QUOTES) if found else ""


def reply(engine: Engine, request: Request, about: Asked) -> Reply:
    """The fact as it stands in the posts of the papers that are named."""
    named = _named(engine, request, about.name)
    if len(named) > MOST_NAMED:
        return Reply(request.query, False, reason="many papers are named so")
    found = [(paper, said) for paper in named if (said := _said(paper, about.fact)) and not is_addressed(said)]
    if not found:
        lacks = "the post does not say" if named else "no paper is named so"
        return Reply(request.query, False, reason=lacks)
    return Reply(
        request.query,
        True,
        sentences=tuple(Sentence(said, (paper.id,)) for paper, said in found),
        papers=tuple(Source(paper.id, paper.title, said) for paper, said in found),
    )


def _said(paper: Paper, fact: str) -> str:
    if fact == "published":
        return paper.published or ""
    authors = paper.authors[:1] if fact == "first" else paper.authors
    return ", ".join(authors) + (" et al." if authors and paper.et_al and fact != "first" else "")


def _named(engine: Engine, request: Request, name: str) -> list[Paper]:
    """The papers that are called so, the most likely first."""
    known = ids.known_form(name)
    if known is not None and (paper := engine.paper(known[0])) is not None:
        return [paper]
    if not name:
        return []
    answer = engine.search(
        replace(request, query=name, limit=CANDIDATES, offset=0, match="all", syntax=False, snippets=False)
    )
    places = {hit.id: place for hit in answer.results if (place := _place(name, hit.title)) is not None}
    begun = [paper for paper, place in places.items() if place == 0]
    is_long = len(_words(name)) >= MANY_WORDS
    if not is_long and answer.total > CANDIDATES:  # what so many papers speak of is a name only if it looks like one
        titles = {hit.id: hit.title for hit in answer.results}
        begun = [paper for paper in begun if _is_name(titles[paper].split()[: len(name.split())])]
    wanted = begun or (list(places) if is_long else [])
    return [paper for each in wanted if (paper := engine.paper(each)) is not None]


def _is_name(words: list[str]) -> bool:
    """Whether the first words of a title are a name: with capitals or digits inside, or before a colon."""
    return (bool(words) and words[-1].endswith(":")) or looks_like_name(words)


def _place(name: str, title: str) -> int | None:
    """At which word of a title a name stands, wherever either has blanks and hyphens; None if at none."""
    sought, words = "".join(_words(name)), _words(title)
    return next((first for first in range(len(words)) if sought and _is_at(first, sought, words)), None)


def _is_at(first: int, sought: str, words: list[str]) -> bool:
    """Whether some words from the ``first`` on are, as one, what is sought."""
    run = ""
    for place in range(first, len(words)):
        run += words[place]
        if run == sought or not sought.startswith(run):
            break
    return run == sought


def _words(text: str) -> list[str]:
    return title_words().findall(plain_letters(text))
