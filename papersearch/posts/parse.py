"""One file to one Post: facts apart from placeholders, and text that reads.

The generator's posts have front matter and known sections (``## abstracts:``); older ones have sections alone, with
bold marks, or all in one line. Anybody else's are notes: their facts stand in the front matter and at their head, and
all that a reader sees is text. Nothing is invented: a fact that a post does not give is None or empty.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from typing import Any

from papersearch.core.frozen import replace
from papersearch.core.records import Post, Problem
from papersearch.posts import byline, facts, faults, front, layout, matter
from papersearch.posts.bounded import fitting
from papersearch.posts.dates import day, only_one, year_at_end, year_at_start
from papersearch.posts.labels import VENUE, kind_of
from papersearch.posts.markup import LONGEST_LINE
from papersearch.posts.people import authors_of
from papersearch.posts.placeholders import PLACEHOLDER_LINE, PLACEHOLDER_TAG, plain, stands_in
from papersearch.posts.reading import MOST_BYTES
from papersearch.posts.sections import Section, is_generated, sections_of
from papersearch.text import clean, code, dialects

# Code and comments of MDX: import and export statements, which begin a line and end at a blank one, and ``{/* */}``.
_MDX = re.compile(
    r"^(?:import [^\n]{1,500} from ['\"][^\n]{1,300}['\"];?[ \t]*$"
    r"|export (?:const|let|default|function) [^\n]{1,1000}(?:\n(?![ \t]*\n)[^\n]{1,1000}){0,200})"
    r"|\{/\*[^*]{0,2000}(?:\*(?!/)[^*]{0,2000}){0,20}\*/\}",
    re.MULTILINE,
)
# Pictures as data URIs, which some editors write into a note: longer than all else in it.
_PICTURE = re.compile(r"data:[\w.+-]{1,40}/[\w.+-]{1,60};base64,[A-Za-z0-9+/=]+")
_TO_ONE_NULL = 1_000  # characters for each NUL, at least, in a text that was damaged; else it is a binary file (chosen)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_FILLERS = frozenset(("et", "al", "and"))  # between names
_ADDRESS = re.compile(r"\b[a-z]{3,5}://\S+")
_COMPONENT = re.compile(r"</?[A-Z][\w.]{0,40}(?:\s[^<>]{0,1000})?/?>")


class Unreadable(Exception):
    """A file that is no post at all; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


def parse(path: str, data: bytes, name: str = "") -> Post:
    """The post in a file; ``name`` is its id if it says none itself, else its file's name is. Raises ``Unreadable``.
    Costs about 0.1 ms for an ordinary post."""
    problems: list[Problem] = []
    text = _decode(path, data, problems)
    if reason := stands_in(text):
        raise Unreadable(Problem(path, 0, reason))
    conflict = faults.of_merge(text)
    if not problems and not conflict and (quick := layout.read(path, text)) is not None:
        return quick
    parts = front.split(text)
    parts = parts._replace(body=clean.without_references(parts.body))
    sections, rest = sections_of(parts.body, parts.lines)
    if parts.wrong:
        problems.append(Problem(path, parts.wrong[0], f"{parts.wrong[1]}; what can be read of it is indexed"))
    damage = problems[0] if problems else None
    found: list[tuple[int, str]] = []
    if is_generated(sections):
        post = _generated(path, parts, sections, rest, name)
        found += faults.of_sections(post, sections)
    else:
        post, found = _note(path, parts, name)
    if not post.title:
        post = replace(post, title=facts.title_of(path))
        found.insert(0, (0, f"no title; the file name gives {post.title}" if post.title else "no title"))
    found += conflict + faults.placed(faults.of_front(post, parts, sections), text, parts.lines)
    problems += [Problem(path, line, reason) for line, reason in found]
    ends = fitting(post.abstract), fitting(post.qa)
    if ends != (len(post.abstract), len(post.qa)):
        post = replace(post, abstract=post.abstract[: ends[0]].rstrip(), qa=post.qa[: ends[1]].rstrip())
        damage = damage or Problem(path, 0, f"data in place of text; only {sum(ends):,} characters of it are indexed")
        problems += [damage] if damage not in problems else []
    if problems:
        post = replace(post, problems=tuple(problems), damage=damage)
    return post


def _decode(path: str, data: bytes, problems: list[Problem]) -> str:
    """The text of a file, with newlines at the ends of lines. What was cut off is added to ``problems``. Raises
    ``Unreadable`` for what is no text in UTF-8 or UTF-16."""
    is_cut = len(data) > MOST_BYTES
    if is_cut:
        problems.append(Problem(path, 0, f"larger than {MOST_BYTES:,} bytes; only the beginning is indexed"))
        data = data[:MOST_BYTES]
    encoding = "UTF-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "UTF-8"
    has_nulls = b"\0" in data
    if has_nulls and encoding == "UTF-8":
        _check_nulls(path, data.count(b"\0"), len(data))
    try:
        if is_cut or encoding == "UTF-16":
            text = getincrementaldecoder(encoding)().decode(data, not is_cut)  # half a character is left out
        else:
            text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(Problem(path, line, f"not {encoding} (byte 0x{data[error.start]:02x})")) from error
    if has_nulls and "\0" in text:
        _check_nulls(path, text.count("\0"), len(text))
        text = text.replace("\0", " ")
    text = text.removeprefix("\ufeff")
    text = _PICTURE.sub("data:", text) if ";" in text and ";base64," in text else text
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _check_nulls(path: str, nulls: int, length: int) -> None:
    """Raise ``Unreadable`` for a file with so many NULs that it is binary."""
    if nulls * _TO_ONE_NULL > length:
        raise Unreadable(Problem(path, 0, "a binary file, not text"))


def _generated(path: str, parts: front.Front, sections: dict[str, Section], rest: str, name: str) -> Post:
    """A post of the generator, of any of its ages. ``rest`` is the text that belongs to no section."""
    values = parts.values
    nothing = Section("", 0)
    heading = sections.get("title", nothing)
    download = sections.get("download", nothing).text
    paper_id, version = facts.identity(plain(sections.get("id", nothing).text), download, path, name)
    abstract = sections.get("abstract", nothing)
    qa = sections.get("qa", nothing)
    stated = values.get("authors")
    people = plain(sections.get("authors", nothing).text)
    people = byline.without_remarks(people.split("\n")) if "\n\n" in people else people
    authors, et_al = authors_of(people or plain(matter.meta_author(values)) or stated)
    text = clean.readable(plain(abstract.text))
    named_by = heading.text if len(heading.text) <= LONGEST_LINE else ""  # a longer one is text
    title = clean.line(front.first(values.get("title"))) or clean.line(plain(named_by))
    published = day(sections.get("published", nothing).text) or day(front.first(values.get("published")))
    url = facts.web_address(download)
    known = " ".join(authors)
    others = [name for name in authors_of(stated)[0] if name not in known] if stated else []
    usual = facts.usual_sections(paper_id, version, authors, et_al, published, url)
    said = f"{title} {known} {paper_id}"
    beside = [rest, parts.beside, *matter.shown(values), *others, *_unsaid(sections, said, usual)]
    extra = clean.readable("\n\n".join(filter(None, beside)))
    return Post(
        path=path,
        id=paper_id,
        version=version,
        title=title,
        authors=authors,
        et_al=et_al,
        published=published,
        posted=matter.posted(values, path),
        tags=facts.clean_tags(front.strings(values.get("tags")), PLACEHOLDER_TAG),
        url=url,
        abstract=f"{text}\n{extra}".strip() if extra else text,
        abstract_line=abstract.line,
        qa=clean.readable(plain(PLACEHOLDER_LINE.sub("", qa.text))),
        qa_line=qa.line,
        title_line=heading.line,
    )


def _unsaid(sections: dict[str, Section], said: str, usual: tuple[str, ...]) -> list[str]:
    """The texts of short sections that hold words which no fact says. ``said`` are the facts, ``usual`` some of them
    as sections usually have them, so that the words of these need not be compared."""
    given = [section.text for name, section in sections.items() if name not in ("abstract", "qa")]
    texts = [text for text in given if text not in usual and text not in said]
    if not texts:  # nearly all posts
        return []
    together = "\n".join(texts)
    if len(together) <= facts.MOST_SAID and _words(together) <= {*_FILLERS, *said.casefold().split()}:
        return []
    known = _FILLERS | _words(said)
    return [
        text
        for text in filter(None, map(plain, texts))
        if len(text) > facts.MOST_SAID or not (_words(text) <= known or _words(clean.line(text)) <= known)
    ]


def _words(text: str) -> set[str]:
    """The words of a text, addresses apart."""
    text = _ADDRESS.sub(" ", text) if "://" in text else text
    return set(_LETTERS.findall(text.casefold()))


def _note(path: str, parts: front.Front, name: str) -> tuple[Post, list[tuple[int, str]]]:
    """Anybody's post, and what in it could not be read."""
    from papersearch.posts import notes

    body = code.opened(parts.body)
    body = _without_mdx(body) if path.endswith(".mdx") else body
    given = matter.read(parts.values, path)
    note = notes.read(body, given.title, given.authors, given.tags, facts.person_named(path))
    if not note.is_named and facts.is_diary(path):  # what somebody read on a day is no note about it
        note = note._replace(known=None, url=None)
    known = given.known or note.known
    paper_id, version = known or facts.named(path, name)
    texts = [*given.abstract, note.abstract, note.text, *given.texts, note.beside, parts.beside]
    line = note.abstract_line if note.abstract and not given.abstract else note.text_line
    title = given.title or note.title
    post = Post(
        path=path,
        id=paper_id[: facts.MOST_ID],
        version=version,
        title=title,
        authors=given.authors or note.authors,
        et_al=given.et_al if given.authors else note.et_al,
        published=_more_exact(given.published, note.published)
        or _year_by_name(path, title)
        or _venue_year(parts.values)
        or year_at_end(given.title),
        posted=given.posted,
        tags=given.tags or note.tags,
        url=(note.url if note.known and not given.known else given.url) or given.url or note.url,
        abstract="\n".join(filter(None, (clean.readable(plain(text)) for text in texts))),
        abstract_line=parts.lines + line + 1,
        title_line=parts.lines + note.title_line + 1 if note.title_line >= 0 else 0,
    )
    found = [(parts.lines + at + 1, reason) for at, reason in note.problems]
    if not post.abstract:
        found.append((0, faults.no_abstract(note.abstract or note.text)))
    return post, found


def _without_mdx(body: str) -> str:
    """A body without MDX's statements and comments, and with what its components show in place of them."""
    parts = code.blocks_of(body)
    return "".join(part if is_code else _COMPONENT.sub(_captions, _MDX.sub("", part)) for part, is_code in parts)


def _year_by_name(path: str, title: str) -> str | None:
    """The year that the title of a note begins with, or that its name has."""
    return (
        year_at_start(title)
        or year_at_start(facts.stem_of(path))
        or facts.year_named(path)
        or facts.year_before(path, title)
    )


def _venue_year(values: dict[str, Any]) -> str | None:
    """The year of the venue that front matter names: ``venue: OTTER 2019``."""
    venues = (front.first(values[key]) for key in values if kind_of(key) == VENUE)
    return next(filter(None, (only_one(text) for text in venues if any(map(str.isalpha, text)))), None)


def _more_exact(date: str | None, other: str | None) -> str | None:
    """A date, or another where that is the same more exactly, or all there is: ``2019`` and ``2019-05-06``."""
    return other if other and other.startswith(date or "") else date


def _captions(component: re.Match[str]) -> str:
    return f" {dialects.captions(component[0])} "
