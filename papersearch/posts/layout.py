"""The generator's own layout, read by one pattern: for nearly all posts this spares the YAML loader and half the cost.

Only posts that leave no doubt are read here: known keys in their known order, YAML scalars that are plain words or
quoted without escapes but those of single characters, sections without a mark in which another could begin, and facts
as they are usually written. Everything else, and whatever is new, takes the long way through ``front`` and
``sections``, which gives the same post for all that are read here.
"""

from __future__ import annotations

import re

from papersearch.core.records import Post
from papersearch.posts import dates, front
from papersearch.posts.bounded import SMALL
from papersearch.posts.facts import MOST_SAID, clean_tags, linked, stated, usual_sections, web_address
from papersearch.posts.people import authors_of
from papersearch.posts.placeholders import PLACEHOLDER_TAG, plain
from papersearch.text import clean

_POST = re.compile(
    r"---\nauthor: \w[\w.-]*\n(?:cover:\n(?:  [^\n]*\n){1,5})?description: ''\n(?:featured: \w+\n)?"
    r"keywords: key\d(?:, key\d)*\nlayout: [^\n]*\nmeta:\n- content: (?P<byline>[^\n]+(?:\n    [^\n]+)?)\n"
    r"  name: author\n- content: key\d(?:, key\d)*\n"
    r"  name: keywords\npubDate: '(?P<posted>[\d :-]+)'\ntags:\n(?P<tags>(?:- [^\n]+\n){1,50})theme: \w+\n"
    r"title: (?P<title>[^\n]+(?:\n  [^\n]+){0,3})\n---\n\n"
    r"# title: (?P<heading>[^\n#*]*)\n## publish date: ?\n(?P<published>[\d *-]*)\n"
    r"## authors: ?\n(?P<authors>[^\n#*]*)\n"
    r"## paper id\n(?P<id>[^\n#*]*)\n## download\n(?P<download>[^\n#*]*)\n## abstracts:\n"
)
# Between the abstract and the last section, which is one line as well.
_QA = "\n## QA:\n"
# How a character is escaped in double quotes: one beyond ASCII, in a name in twenty-five, a backslash or a quote.
_ESCAPE = r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[\\\"])"
# A plain scalar without anything that means more to YAML than itself; quoted ones have no other quote or escape.
_SCALAR = (
    r"(?:[A-Za-z0-9][^\s:#'\"&*!|>%@`{}\[\],?\\-]*(?:[ -][^\s:#\"&*!|>%@`{}\[\],?\\-]+)*"
    rf"|'[^'\n]*'|\"[^\"\\\n]*(?:{_ESCAPE}[^\"\\\n]*)*\")"
)
_ESCAPED = re.compile(_ESCAPE)
_ONE = re.compile(_SCALAR)
_LIST = re.compile(rf"(?:- {_SCALAR}\n)+")
_FOLD = re.compile(r"\n +")


def read(path: str, text: str) -> Post | None:
    """The post that a file holds, or None where that is not certain: unless every section says just what is known of
    the paper, in the usual form, something in it may be missing, wrong, or text."""
    found = _POST.match(text)
    if found is None:
        return None
    byline, posted, tags, title, *sections = found.groups()
    heading, published, authors, paper_id, download = map(str.strip, sections)
    abstract, mark, qa = text[found.end() :].partition(_QA)
    qa = qa.removesuffix("\n")
    is_strong = "*" in abstract and "**" in abstract
    if not mark or is_strong or "\n" in abstract or "#" in abstract or "\n" in qa or "#" in qa:
        return None
    line = text.count("\n", 0, found.start("heading")) + 1
    front_title, front_tags, known = _scalar(title), _list(tags), stated(plain(paper_id))
    if front_title is None or front_tags is None or known is None or _scalar(byline) is None:
        return None
    names, et_al = authors_of(plain(authors))
    day, moment, url = dates.day(published), dates.moment(posted.strip()), web_address(download)
    *usual, people = usual_sections(*known, names, et_al, day, url)
    if [paper_id, download, published] != usual or (authors != people and not _repeats(authors, names)):
        return None
    # Nine lines below ``# title:`` stands ``## abstracts:``, with the abstract in one line, and then ``## QA:``.
    post = Post(
        path=path,
        id=known[0],
        version=known[1],
        title=clean.line(front.first(front_title)),
        authors=names,
        et_al=et_al,
        published=day,
        posted=moment,
        tags=clean_tags(front.strings(front_tags), PLACEHOLDER_TAG),
        url=url,
        abstract=clean.readable(plain(abstract.strip())),
        abstract_line=line + 9,
        qa=clean.readable(plain(qa.strip())),
        qa_line=line + 11,
        title_line=line,
    )
    same = heading in (post.title, front_title) and len(heading) <= MOST_SAID  # the latter where it has a formula
    complete = same and post.title and names and day and moment and url and post.abstract
    agreed = linked(download) in (None, known) and len(post.tags) == len(front_tags)
    return post if complete and agreed and len(post.abstract) <= SMALL and len(post.qa) <= SMALL else None


def _repeats(authors: str, names: tuple[str, ...]) -> bool:
    """Whether a section says just these names, some again, as whole collections of papers have it."""
    return len(authors) <= MOST_SAID and (*dict.fromkeys(authors.split(", ")),) == names


def _scalar(text: str) -> str | None:
    """The text of a YAML scalar, or None where only YAML itself could tell."""
    folded = _FOLD.sub(" ", text) if "\n" in text else text
    if not folded.isprintable() or _ONE.fullmatch(folded) is None:  # some that are not printable end a line in YAML
        return None
    found = _unquoted(folded)
    return found if found.isprintable() else None


def _list(text: str) -> list[str] | None:
    """The texts of a YAML list of scalars, one a line, or None where only YAML itself could tell."""
    if _LIST.fullmatch(text) is None:
        return None
    items = text[2:-1].split("\n- ")
    found = [*map(_unquoted, items)]
    return found if "".join((*items, *found)).isprintable() else None


def _unquoted(scalar: str) -> str:
    if scalar[0] not in "'\"":
        return scalar
    inner = scalar[1:-1]
    return _ESCAPED.sub(_meant, inner) if scalar[0] == '"' else inner


def _meant(escape: re.Match[str]) -> str:
    """The character that an escape stands for."""
    digits = escape[0][2:]
    return chr(int(digits, 16)) if digits else escape[0][1]
