"""One file to one Post: facts apart from placeholders, and text that reads.

The generator's posts have front matter and known sections (``## abstracts:``); older ones have sections alone, with
bold marks, or all in one line. Of other posts the title, tags and date come from the front matter, and the body is
the abstract. Nothing is invented: a fact that a post does not give is None or empty.
"""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF8
from typing import Any, NamedTuple

from papersearch.core.records import Post, Problem
from papersearch.posts import front, layout
from papersearch.posts.facts import authors_of, clean_tags, day, identity, linked, moment, web_address
from papersearch.posts.layout import Section
from papersearch.posts.scan import MOST_BYTES
from papersearch.text import clean

_SECTIONS = {
    "title": "title", "publish date": "published", "published date": "published", "published": "published",
    "author": "authors", "authors": "authors", "paper id": "id", "download": "download",
    "abstract": "abstract", "abstracts": "abstract", "qa": "qa", "q&a": "qa",
}  # fmt: skip
_NAMES = "|".join(sorted(_SECTIONS, key=len, reverse=True))
# A heading begins with one of these, with nothing but a blank before it; they are found at full speed.
_HEADING_START = re.compile(r"[#*](?<!\S.)", re.DOTALL)
_HEADING = re.compile(
    r"(?:(?P<hashes>#{1,6})[ \t]{0,9}(?P<bold>\*\*|)[ \t]?(?P<marked>" + _NAMES + r")\b"
    r"(?P<end>[ \t]{0,9}\**[ \t]{0,9}:?[ \t]{0,9}(?:\*\*(?=\s|$))?)|\*\*(?P<plain>" + _NAMES + r"):?\*\*:?)",
    re.IGNORECASE | re.MULTILINE,
)
_ANY_HEADING = re.compile(r"^#{1,6}[ \t]", re.MULTILINE)
# What can follow the name of a section in the same line without a colon between.
_BARE = {"id": re.compile(r"[ \t]*\S"), "download": re.compile(r"[ \t]*(?:\[|<?https?:|\d)")}
_FIRST_HEADING = re.compile(r"\A#[ \t]+([^\n]{1,500})(?:\n|\Z)|\A([^\n#]{1,500})\n=+[ \t]*(?:\n|\Z)")

# What generators leave where a text is missing.
_PLACEHOLDER = re.compile(
    r"\W*(?:coming soon|to be (?:added|announced|continued)|tba|tbd|todo|n/?a|none|null|placeholder|lorem ipsum.*)\W*",
    re.IGNORECASE | re.DOTALL,
)
_POSTED = ("pubDate", "pubDatetime", "posted", "date", "publishDate", "pubdate")
_PLACEHOLDER_TAG = re.compile(r"(?:key|tag)\d+", re.IGNORECASE)


class Unreadable(Exception):
    """A file that is no post at all; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


def parse(path: str, data: bytes) -> Post:
    """The post in a file. Raises ``Unreadable``. Costs about 0.1 ms for an ordinary post."""
    problems: list[Problem] = []
    text = _decode(path, data, problems)
    parts, sections = _read(text)
    if parts.wrong:
        problems.append(Problem(path, parts.wrong[0], f"{parts.wrong[1]}; only the body is indexed"))
    known = ("abstract" in sections and len(sections) > 1) or "id" in sections
    damage = problems[0] if problems else None
    post = _generated(path, parts, sections) if known else _foreign(path, parts)
    problems += [Problem(path, line, reason) for line, reason in _faults(post, sections, parts.values)]
    if problems:
        post = post._replace(problems=tuple(problems), damage=damage)
    return post.record()


def _read(text: str) -> tuple[front.Front, dict[str, Section]]:
    """Front matter and sections, the quick way where the layout is the usual one."""
    quick = layout.read(text)
    if quick is not None:
        return front.Front(quick.values, ""), quick.sections
    parts = front.split(text)
    return parts, _sections(parts.body, parts.lines)


def _decode(path: str, data: bytes, problems: list[Problem]) -> str:
    if b"\0" in data:
        raise Unreadable(Problem(path, 0, "a binary file, no text"))
    if len(data) > MOST_BYTES:
        problems.append(Problem(path, 0, f"larger than {MOST_BYTES:,} bytes; only the beginning is indexed"))
        data = data[:MOST_BYTES]
        while data and data[-1] & 0xC0 == 0x80:  # not in the middle of a character
            data = data[:-1]
        data = data[:-1] if data and data[-1] >= 0xC0 else data
    data = data.removeprefix(BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(Problem(path, line, f"not UTF-8 (byte 0x{data[error.start]:02x})")) from error
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _sections(body: str, lines: int) -> dict[str, Section]:
    """The known sections of a body, the first of each; ``line`` is that of the heading in the file.

    Abstract, and questions and answers, may have headings of their own below theirs; other sections end at any heading.
    """
    found: dict[str, Section] = {}
    headings: list[tuple[str, re.Match[str]]] = []
    text_level = 6
    for start in _HEADING_START.finditer(body):
        match = _HEADING.match(body, start.start())
        if match is None:
            continue
        name = _SECTIONS[(match["marked"] or match["plain"]).lower()]
        level = len(match["hashes"] or "")
        if name in found or level > text_level or not _is_heading(name, match, body):
            continue
        text_level = level if level and name in ("abstract", "qa") else 6
        found[name] = Section("", 0)
        headings.append((name, match))
        if len(found) == len(set(_SECTIONS.values())):
            break
    line, counted = lines + 1, 0
    for number, (name, match) in enumerate(headings):
        line += body.count("\n", counted, match.start())
        counted = match.start()
        end = headings[number + 1][1].start() if number + 1 < len(headings) else len(body)
        text = body[match.end() : end].strip()
        if name not in ("abstract", "qa"):
            text = _ANY_HEADING.split(text, maxsplit=1)[0].rstrip()
        if match["bold"] and "*" not in match["end"]:
            text = text.replace("**", "", 1)  # the mark that closes the one before the name
        found[name] = Section(text, line)
    return found


def _is_heading(name: str, match: re.Match[str], body: str) -> bool:
    """Whether a known name is a section's: marked as one, or all that its line says."""
    if match["plain"] or ":" in match["end"] or "*" in match["end"]:
        return True
    after = body[match.end() : match.end() + 100].partition("\n")[0]
    return not after.strip() or (name in _BARE and bool(_BARE[name].match(after)))


class _Draft(NamedTuple):
    """A post while it is made; the same names as ``Post``."""

    path: str
    paper_id: str
    version: int | None
    title: str
    authors: tuple[str, ...]
    et_al: bool
    published: str | None
    posted: str | None
    tags: tuple[str, ...]
    url: str | None
    abstract: str
    abstract_line: int
    qa: str = ""
    qa_line: int = 0
    title_line: int = 0
    problems: tuple[Problem, ...] = ()
    damage: Problem | None = None

    def record(self) -> Post:
        """The post as it travels."""
        return Post(*self)


def _generated(path: str, parts: front.Front, sections: dict[str, Section]) -> _Draft:
    """A post of the generator, of any of its ages."""
    values = parts.values
    nothing = Section("", 0)
    heading = sections.get("title", nothing)
    download = sections.get("download", nothing).text
    paper_id, version = identity(_plain(sections.get("id", nothing).text), download, path)
    abstract = sections.get("abstract", nothing)
    qa = sections.get("qa", nothing)
    authors, et_al = authors_of(
        _plain(sections.get("authors", nothing).text) or _plain(_meta(values, "author")) or values.get("authors")
    )
    return _Draft(
        path,
        paper_id,
        version,
        clean.line(front.first(values.get("title"))) or clean.line(_plain(heading.text)),
        authors,
        et_al,
        day(sections.get("published", nothing).text) or day(front.first(values.get("published"))),
        _posted(values, path),
        clean_tags(front.strings(values.get("tags")), _PLACEHOLDER_TAG),
        web_address(download),
        clean.readable(_plain(abstract.text)) or clean.readable(_plain(front.first(values.get("description")))),
        abstract.line,
        clean.readable(_plain(qa.text)),
        qa.line,
        heading.line,
    )


def _foreign(path: str, parts: front.Front) -> _Draft:
    """A post of another generator: its body is the abstract."""
    values, body, line = parts.values, parts.body, parts.lines + 1
    title = clean.line(front.first(values.get("title")))
    blank = len(body) - len(body.lstrip())
    line += body.count("\n", 0, blank)
    body = body[blank:]
    heading = _FIRST_HEADING.match(body)
    if heading and (not title or clean.line(heading[1] or heading[2]) == title):
        title = title or clean.line(heading[1] or heading[2])
        line += body.count("\n", 0, heading.end())
        body = body[heading.end() :]
        line += body.count("\n", 0, len(body) - len(body.lstrip()))
    given = next((front.first(values[key]) for key in ("arxiv", "arxiv_id", "paper_id", "doi") if values.get(key)), "")
    paper_id, version = identity(given, "", path)
    authors, et_al = authors_of(_meta(values, "author") or values.get("authors"))
    keys = ("description", "summary", "excerpt")
    described = next((front.first(values[key]) for key in keys if values.get(key)), "")
    links = [front.first(values.get(key)) for key in ("link", "url", "paper", "paper_url", "arxiv")]
    return _Draft(
        path,
        paper_id,
        version,
        title,
        authors,
        et_al,
        day(front.first(values.get("published"))),
        _posted(values, path),
        clean_tags(front.strings(values.get("tags")), _PLACEHOLDER_TAG),
        web_address(" ".join(link for link in links if link.startswith(("http://", "https://")))),
        clean.readable(_plain(body)) or clean.readable(_plain(described)),
        line,
    )


def _plain(text: str) -> str:
    """The text, or nothing where it only holds the place of one."""
    return "" if len(text) < 100 and _PLACEHOLDER.fullmatch(text) else text


def _meta(values: dict[str, Any], name: str) -> str:
    """The content of an entry of ``meta``."""
    meta = values.get("meta")
    for entry in meta[:100] if isinstance(meta, list) else ():
        if isinstance(entry, dict) and entry.get("name") == name:
            return front.first(entry.get("content"))
    return ""


def _posted(values: dict[str, Any], path: str) -> str | None:
    for key in _POSTED:
        if found := moment(front.first(values.get(key))):
            return found
    return day(os.path.basename(path)[:10])


def _faults(post: _Draft, sections: dict[str, Section], values: dict[str, Any]) -> list[tuple[int, str]]:
    """(line, reason) of what a post should say and does not: nothing of this keeps it from being found."""
    faults: list[tuple[int, str]] = []
    if not post.title:
        faults.append((0, "no title"))
    if not post.abstract:
        section = sections.get("abstract")
        faults.append(
            (
                section.line if section else 0,
                "a placeholder for an abstract" if section and section.text else "no abstract",
            )
        )
    given = sections.get("id")
    if given is None or not _plain(given.text):
        if sections:
            faults.append((given.line if given else 0, f"no paper id; the file name gives {post.paper_id}"))
    else:
        faults += _other_ids(post, sections)
    faults += _bad_dates(post, sections, values)
    faults += [
        (0, f"a placeholder for a tag: {tag}")
        for tag in front.strings(values.get("tags"))
        if _PLACEHOLDER_TAG.fullmatch(tag)
    ]
    return faults


def _other_ids(post: _Draft, sections: dict[str, Section]) -> list[tuple[int, str]]:
    """The address in a post's download section must be of the same paper."""
    download = sections.get("download")
    other = linked(download.text) if download else None
    if download and other and (other[0] != post.paper_id or other[1] not in (None, post.version)):
        version = f"v{other[1]}" if other[1] else ""
        own = f"v{post.version}" if post.version else ""
        return [(download.line, f"two ids: {post.paper_id}{own} and {other[0]}{version}")]
    return []


def _bad_dates(post: _Draft, sections: dict[str, Section], values: dict[str, Any]) -> list[tuple[int, str]]:
    published = sections.get("published")
    if published and not post.published:
        shown = clean.line(published.text)[:40].strip()
        return [(published.line, f"not a date: {shown}" if shown else "no publish date")]
    shown = next((front.first(values[key])[:40] for key in _POSTED if values.get(key)), "")
    if shown and not post.posted:
        return [(0, f"not a date: {clean.line(shown)}")]
    return [] if post.published or post.posted else [(0, "no date")]
