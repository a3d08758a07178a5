"""Questions about a paper itself, which no sentence of it answers: who wrote it, when it came out, what it is about.

Its facts do, and for the last its gist. They are quoted of the papers that the question names: by an id, by how a title
begins, by several of its words in a row, or by what the paper is on, if its title has all of those words.
"""

from __future__ import annotations

import re

from papersearch.core.caches import late_pattern
from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Paper, Reply, Request, Sentence, Source
from papersearch.engine.ask.gist import gist
from papersearch.engine.ask.orders import is_addressed
from papersearch.engine.ask.terms import LEAST_STEM, terms_of
from papersearch.query import ids
from papersearch.query.tree import looks_like_name, title_words
from papersearch.text.courtesy import without_courtesy
from papersearch.text.folding import plain_letters
from papersearch.text.phrasing import asked_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.core.records import Answer
    from papersearch.engine.port import Engine

MOST_CHARS = 500  # of such a question (chosen: few titles are as long)
CANDIDATES, MOST_NAMED = 10, 3  # papers that are looked at, and that a name may stand for (chosen)
MANY_WORDS = 3  # that name a paper wherever they stand in its title; fewer may be its subject (chosen)
FEW_WORDS = 2  # that tell what a paper is on, where it is said to be on that (chosen)

_POLITE = r"(?:(?:please )?(?:(?:can|could) you )?(?:tell me|list|name|give me|show me|do you know) )?"
_WROTE = r"(?:wrote|written|authored|co-?authored|published)"
_MADE = r"(?:made|created|built|developed|designed|introduced|proposed|presented|invented|released)"
_OUT = r"(?:published|submitted|posted|written|uploaded)(?: (?:on|to) arxiv)?"
_PAPER = r"(?:paper|article|preprint|publication)"
_WHEN = r"(?:when|(?:in |on )?(?:what|which) (?:year|month|day|date))"
_IS = r"(?:is|are|was|were)"
_IT = r"(?:it|this|that)"
_CAME_OUT = rf"(?:{_IS} {_IT} {_OUT}|did {_IT} come out)"
_PEOPLE = r"(?:the )?(?:authors?|people|persons?|researchers|team|group)"
# The facts that are asked for, and the forms of such questions; NAME is what the paper is called.
_FORMS = {
    "authors": rf"""who (?:(?:has|have) )?{_WROTE} NAME
        (?:which|what) (?:authors|people|researchers) {_WROTE} NAME
        (?:who|by whom) {_IS} NAME {_WROTE}(?: by)?
        (?:(?:who|what|which) {_IS} )?(?:the )?(?:names? of )?(?:all )?(?:the )?authors? of NAME
        (?:who|what|which) {_IS} NAME['’]s? authors?""",
    "first": r"""(?:(?:who|what) (?:is|was) )?(?:the )?(?:name of )?(?:the )?(?:first|lead) author of NAME
        (?:who|what) (?:is|was) NAME['’]s? (?:first|lead) author""",
    "published": rf"""{_WHEN} {_IS} NAME (?:first )?{_OUT}
        {_WHEN} did NAME (?:first )?(?:come out|appear|get {_OUT})(?: on arxiv)?
        {_WHEN} did (?:they|{_PEOPLE}) (?:publish|submit|write) NAME
        (?:what (?:is|was) )?(?:the )?(?:publication )?(?:date|year)(?: of publication)? of NAME""",
    "authors published": rf"""who (?:(?:has|have) )?{_WROTE} NAME,? (?:and|&) {_WHEN}(?: {_CAME_OUT})?
        {_WHEN} {_IS} NAME {_OUT},? (?:and|&) (?:by whom|who {_WROTE} {_IT}|who {_IS} (?:the|its) authors?)
        (?:{_WHEN} and by whom|by whom and {_WHEN}) {_IS} NAME {_OUT}
        (?:what {_IS} )?(?:the )?authors? and (?:the )?(?:publication )?(?:date|year)(?: of publication)? of NAME""",
}
# The forms of questions that sentences may answer as well: who made something, and when.
_LOOSE_FORMS = {
    "authors": rf"""who (?:(?:has|have) )?{_MADE} NAME
        (?:who|by whom) {_IS} NAME {_MADE}(?: by)?
        who (?:{_IS}|stands) (?:{_PEOPLE} )?behind NAME
        NAME(?:['’]s?)? authors?""",
    "published": rf"""{_WHEN} {_IS} NAME (?:first )?{_MADE}
        {_WHEN} (?:is|was) NAME from
        (?:(?:what|which) (?:is|was) )?NAME(?:['’]s?)? publication (?:date|year)""",
    "gist": r"""what (?:is|are|was) NAME (?:all )?about
        what (?:does|do|did) (?:the authors of )?NAME (?:present|propose|introduce|contribute|find|show|do)
        what (?:does|do|did) (?:the authors of )?NAME (?:say|cover|deal with|discuss)
        (?:(?:can|could|would|will) you )?(?:please )?summari[sz]e NAME(?: for me| briefly)?
        (?:(?:what (?:is|was) )?(?:the|an?) )?(?:short |brief |quick )?(?:summary|abstract|gist|overview|tl;?dr) of NAME
        (?:(?:what (?:is|are|was) )?the )?(?:main |key )?(?:contribution|finding|idea|point|result|topic)s? of NAME
        what (?:is|are|was|were) NAME['’]s? (?:main |key )?(?:contribution|finding|idea|point|result|topic|abstract)s?
        tl;?dr:? NAME""",
}
# The forms that ask for the gist or title of papers if they are named by their ids, and for anything if not: of that
# sentences are asked first, and only if they are silent whether papers have such names.
_ID_FORMS = {
    "gist": r"""(?:(?:what (?:is|are)(?: in)?|explain|describe|tell me(?: more)? about|about|compare) )?NAME
        (?:(?:what (?:is|are) )?the )?differences? between NAME
        how (?:does|do) NAME(?: differ)?""",
    "title": r"""(?:what (?:is|was) )?(?:the )?(?:full )?title of NAME
        what (?:is|was) NAME['’]s? title
        what (?:is|was) NAME (?:called|titled|entitled)""",
}
_asked = [
    (late_pattern(_POLITE + form.strip().replace("NAME", "(.+?)") + r"[\s.?!]*", re.IGNORECASE), facts.split(), how)
    for table, how in ((_FORMS, "surely"), (_LOOSE_FORMS, "perhaps"), (_ID_FORMS, "by id"))
    for facts, forms in table.items()
    for form in forms.splitlines()
]
_short_is = late_pattern(r"^(who|what|when)['’]?s\b", re.IGNORECASE)
_around = late_pattern(
    rf"(?:(?:the|that|this) )?(?:{_PAPER}s? (?:(?:called|titled|entitled|named|on|about) )?)?(.+?)(?: {_PAPER})?",
    re.IGNORECASE,
)
# Who wrote about something is asked of no paper.
_subject = late_pattern(
    r"(?:about|on|papers?|articles?|something|anything|more|(?:results|research|work|studies) (?:on|about|into))\b.*",
    re.IGNORECASE,
)
_between = late_pattern(r"\s*[,;&]\s*(?:and )?|\s+(?:and|or|with|to|vs\.?|versus|differ from)\s+", re.IGNORECASE)
_described = late_pattern(rf"(?:(?:the|that|this) )?{_PAPER} (?:on|about) .+|.+ {_PAPER}", re.IGNORECASE)
_BESIDE = frozenset("and as at in is meet meets on or versus vs with".split())
_QUOTES = "\"'“”‘’«».,:;!? "


class Asked(NamedTuple):
    """The facts that a question asks for, what it calls the paper, whether nothing else answers it, and whether the
    paper is described by what it is on. ``gist`` is a fact, too."""

    facts: list[str]
    name: str
    surely: bool
    described: bool


def asked(question: str, by_name: bool = False) -> list[Asked]:
    """What a question may ask of a paper itself; nothing if it is any other. ``Who wrote Where and When`` is read in
    two ways. ``by_name``: what is said of ids may be said of names."""
    line = " ".join(without_courtesy(question[: MOST_CHARS + 1]).split())
    if len(line) > MOST_CHARS:
        return []
    line = _short_is().sub(lambda found: f"{found[1]} is", line)
    matches = ((form().fullmatch(line), facts, how) for form, facts, how in _asked)
    return [
        Asked(facts, name, is_id or how == "surely", bool(_described().fullmatch(found[1])))
        for found, facts, how in matches
        if found and not _subject().fullmatch(found[1])
        for name in [_bare(found[1])]
        if (is_id := bool(_ids_in(name))) or how != "by id" or by_name
    ]


def _bare(name: str) -> str:
    """The name without what says that it is one of a paper."""
    found = _around().fullmatch(name.strip(_QUOTES))
    return found[1].strip(_QUOTES) if found else ""


def _ids_in(name: str) -> list[str]:
    """The ids of papers that a name consists of; nothing if it is any other."""
    parts = _between().split(name)
    found = [ids.known_form(part) for part in parts if " " not in part]
    return [each[0] for each in found if each is not None] if len(found) == len(parts) and None not in found else []


def reply(engine: Engine, request: Request) -> Reply | None:
    """The facts that a question asks for as they stand in the posts of the papers that it names; None if it asks for
    none, or for what sentences may say as well and no paper is named."""
    refused = None
    for about in asked(request.query):
        found = _of_named(engine, request, about)
        if found.answered:
            return found
        refused = found if about.surely else refused
    return refused


def gists(engine: Engine, request: Request) -> Reply | None:
    """What the papers are about after whose names a question asks, such as no sentence says: ``what is OtterSong?``,
    ``compare OtterSong with OtterDam``; None if any of them names no paper."""
    for about in asked(request.query, by_name=True):
        if (found := _of_named(engine, request, about)).answered:
            return found
    return None


def compared(question: str) -> list[str]:
    """The names of what a question compares; nothing if it compares nothing, or what has none."""
    read = [about.name for about in asked(question, by_name=True) if about.facts == ["gist"]]
    parts = [_bare(part) for part in _between().split(min(read, key=len, default=""))]  # with nothing of the asking
    return parts if 1 < len(parts) <= MOST_NAMED and all(_is_name(part.split()) for part in parts) else []


def _of_named(engine: Engine, request: Request, about: Asked) -> Reply:
    named = _named(engine, request, about)
    if len(named) > MOST_NAMED:
        return Reply(request.query, False, reason="many papers are named so")
    found = [
        (paper, said)
        for paper in named
        for fact in about.facts
        for said in _said(paper, fact)
        if said and not is_addressed(said)
    ]
    if not found:
        lacks = "the post does not say" if named else "no paper is named so"
        return Reply(request.query, False, reason=lacks)
    lines = {paper.id: paper.abstract_line if about.facts == ["gist"] else 0 for paper in named}
    passages = {paper.id: Source(paper.id, paper.title, said, lines[paper.id]) for paper, said in reversed(found)}
    return Reply(
        request.query,
        True,
        sentences=tuple(Sentence(said, (paper.id,)) for paper, said in found),
        papers=tuple(passages[paper] for paper in dict.fromkeys(paper.id for paper, _ in found)),
    )


def _said(paper: Paper, fact: str) -> list[str]:
    if fact == "gist":
        return gist(paper.abstract)
    if fact in ("published", "title"):
        return [(paper.published if fact == "published" else paper.title) or ""]
    authors = paper.authors[:1] if fact == "first" else paper.authors
    return [", ".join(authors) + (" et al." if authors and paper.et_al and fact != "first" else "")]


def _named(engine: Engine, request: Request, about: Asked) -> list[Paper]:
    """The papers that are called so, the most likely first."""
    name = about.name
    if known := [paper for each in _ids_in(name) if (paper := engine.paper(each)) is not None]:
        return known
    if not name:
        return []
    return (
        _titled(engine, request, name, about.surely)
        or _each_titled(engine, request, about)
        or _on_subject(engine, request, about)
    )


def _each_titled(engine: Engine, request: Request, about: Asked) -> list[Paper]:
    """The papers that are called by several names; none if one of these names no paper, or more than one."""
    parts = _between().split(about.name)
    if about.facts != ["gist"] or not 1 < len(parts) <= MOST_NAMED:
        return []
    found = [_titled(engine, request, _bare(part), about.surely) for part in parts]
    return [papers[0] for papers in found] if all(len(papers) == 1 for papers in found) else []


def _on_subject(engine: Engine, request: Request, about: Asked) -> list[Paper]:
    """The papers whose titles have all telling words of what they are said to be on, in any order: a week later few
    know more of a title. None if more papers speak of it, or it is told in fewer words than tell a subject from a name.
    """
    sought = {word.term for word in asked_words(about.name) if not word.stop}
    fewest = FEW_WORDS if about.described else MANY_WORDS
    if len(sought) < fewest or not (about.surely or about.described):
        return []
    answer = _with_all_words(engine, request, about.name)
    titles = {hit.id: terms_of(hit.title) for hit in answer.results}
    found = [paper for paper, terms in titles.items() if all(_is_in(term, terms) for term in sought)]
    return [paper for each in found if (paper := engine.paper(each))] if answer.total <= MOST_NAMED else []


def _is_in(term: str, terms: set[str]) -> bool:
    """Whether some terms have one, be it as the beginning or end of another, ``learn`` of ``learningbas``: many titles
    have lost their hyphens."""
    return term in terms or (
        len(term) >= LEAST_STEM and any(each.startswith(term) or each.endswith(term) for each in terms)
    )


def _with_all_words(engine: Engine, request: Request, name: str) -> Answer:
    """The first papers that have all words of a name."""
    return engine.search(
        replace(request, query=name, limit=CANDIDATES, offset=0, match="all", syntax=False, snippets=False)
    )


def _titled(engine: Engine, request: Request, name: str, surely: bool) -> list[Paper]:
    """The papers whose titles have a name, the most likely first."""
    answer = _with_all_words(engine, request, name)
    titles = {hit.id: _from_name_on(hit.title) for hit in answer.results}
    called = _called(_from_name_on(name), titles, surely, answer.total > CANDIDATES)
    return [paper for each in called if (paper := engine.paper(each)) is not None]


def _called(name: str, titles: dict[str, str], surely: bool, is_common: bool) -> list[str]:
    """The ids of those papers that are called so, by their titles; ``is_common``: more papers have the words of the
    name."""
    places = {paper: place for paper, title in titles.items() if (place := _place(name, title)) is not None}
    begun = [paper for paper, place in places.items() if place == 0]
    is_long, length = len(_words(name)) >= MANY_WORDS, len(name.split())
    named = [paper for paper in begun if _is_name(titles[paper].split()[:length])]
    if not surely:  # what many speak of, and what others made as well, as of "ModernBERT or DeBERTa", is not named here
        return [] if is_common else [paper for paper in named if not _is_beside(titles[paper].split()[length:])]
    if is_long:
        return begun or list(places)
    return named if is_common else begun  # what so many speak of is a name only if it looks like one


def _from_name_on(title: str) -> str:
    """A title or name without an article before the name that it begins with: ``The MedPerturb Dataset``."""
    first, *others = title.split() or [""]
    return " ".join(others) if first.lower() in ("a", "an", "the") and _is_name(others[:1]) else title


def _is_name(words: list[str]) -> bool:
    """Whether the first words of a title are a name: with capitals or digits inside, or before a colon."""
    return (bool(words) and words[-1].endswith(":")) or looks_like_name(words)


def _is_beside(words: list[str]) -> bool:
    """Whether what stands before some words of a title is spoken of beside something else there, or as it is used."""
    return bool(words) and words[0].lower() in _BESIDE


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
