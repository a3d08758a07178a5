"""A note about a paper, as people keep them, to facts and text.

The facts stand at its head, in sections that say so (``## Metadata``), or under headings that are labels
(``## Authors``). What of it is not found by a field stays text: nothing that a reader sees is lost.

``outline`` has the lines and headings, and ``titles`` finds which of these is the title. ``note_reader`` goes through
the lines once: ``values`` knows how far the value of a label goes, ``statements`` which of several facts counts. What
no fact says is the ``remainder``.
"""

from __future__ import annotations

import re

from papersearch.posts import dates, facts, titles
from papersearch.posts.note_reader import NoteReader
from papersearch.posts.outline import outline_of
from papersearch.posts.people import people_of_bibtex
from papersearch.posts.remainder import Used, remaining
from papersearch.posts.statements import Note, Statements
from papersearch.posts.titles import Title
from papersearch.query import ids
from papersearch.text import clean

_BIBTEX = re.compile(
    r"@(?:article|inproceedings|conference|misc|book|incollection|techreport|report|(?:phd|masters)?thesis|unpublished"
    r"|online|electronic|inbook|proceedings|preprint)\s{0,5}\{",
    re.IGNORECASE,
)
# The stamp at the edge of the first page of arXiv's papers, which programs that convert them leave in a line:
# ``arXiv:1706.00001v1  [cs.LG]  3 Jun 2017``.
_STAMP = re.compile(
    r"^[ \t>]{0,8}arXiv:(\d{4}\.\d{4,5}(?:v\d{1,3})?|[a-z-]{2,9}/\d{7}(?:v\d{1,3})?)[ \t]{1,4}"
    r"\\?\[[\w.-]{2,20}\\?\][ \t]{1,4}(\d{1,2} [A-Z][a-z]{2} \d{4})[ \t]{0,4}$",
    re.MULTILINE,
)
# The same as programs take it that read a page from top to bottom: it stands upright, one character a line.
_UPRIGHT = re.compile(r"(?:^\S\n\n?){20,80}", re.MULTILINE)
_TOGETHER = re.compile(r"(arXiv:\S{5,20})(\[[\w.-]{2,20}\])(\d{1,2})([A-Z][a-z]{2})(\d{4})")
_MOST_CHARACTERS = 400_000  # of a note in which an entry or a stamp is looked for (chosen)


def read(body: str, title: str = "", authors: tuple[str, ...] = (), tags: tuple[str, ...] = (), name: str = "") -> Note:
    """The facts and the text of a note; all but ``name``, as a person named its file, are those of its front matter."""
    outline, found = titles.find(outline_of(body), title, name)
    stated, used = Statements(body, authors, tags), Used()
    reader = NoteReader(outline, found, stated, used)
    head = reader.read()
    _read_bibtex(stated, found.text(stated) or (name if found.heading else ""))
    _read_stamp(stated)
    known = stated.paper_id(head, found.text(stated))
    if stated.has_other_titles:  # of several papers: all is text where it stands
        if found.line(stated) == stated.titles[0][1]:
            found = Title(title)  # the heading is that of the first of them
        known, stated, used = None, Statements(body, authors, tags), Used()
    elif stated.has_other_people:
        stated.authors, stated.et_al, stated.published = authors, False, None
        used.shown.clear()
    elif reader.has_other_places:
        known, stated.urls = None, []
        used.shown.clear()
    note = _note(found, stated, known)
    rest = remaining(outline, used, note, found.heading)
    return note._replace(text=rest.text, text_line=rest.line, beside=rest.beside)


def _note(title: Title, stated: Statements, known: ids.Known | None) -> Note:
    """The facts of a note."""
    line, abstract = stated.abstract or (-1, "")
    return Note(
        title=title.text(stated),
        title_line=title.line(stated),
        authors=stated.authors,
        et_al=stated.et_al,
        published=stated.published or stated.venue_year,
        tags=stated.tags,
        known=known,
        is_named=stated.is_named,
        url=stated.urls[0] if stated.urls else stated.bare_url,
        abstract=abstract,
        abstract_line=line,
        problems=tuple(stated.problems),
    )


def _read_bibtex(stated: Statements, own: str) -> None:
    """Take the one BibTeX entry of a note, if it is about the paper that the note is about; ``own`` is its title."""
    if "@" not in stated.body:
        return
    found = list(_BIBTEX.finditer(stated.body[:_MOST_CHARACTERS]))
    if len(found) != 1:
        return
    entry = stated.body[found[0].start() : found[0].start() + 20_000]
    title = clean.line(ids.bibtex_field(entry, "title").replace("{", "").replace("}", ""))
    if own and not facts.alike(own.replace("_", " "), title):
        return
    stated.paper_title = stated.paper_title or title
    if not stated.authors:
        stated.authors, stated.et_al = people_of_bibtex(ids.bibtex_field(entry, "author"))
    if stated.published is None:
        stated.published = dates.day(ids.bibtex_field(entry, "year") or ids.bibtex_field(entry, "date"))
    if not stated.is_named and (known := ids.of_bibtex(entry)):
        stated.named.append(known)


def _read_stamp(stated: Statements) -> None:
    """Take the id and the day of the one stamp of arXiv's in a note that names no paper, or that one."""
    text = stated.body[:_MOST_CHARACTERS]
    upright = _UPRIGHT.search(text) if ":\nv\ni\nX\nr\na\n" in text else None
    if upright is not None:
        together = _TOGETHER.search("".join(upright[0].split())[::-1])
        text = " ".join(together.groups()) if together else ""
    found = {stamp.groups() for stamp in _STAMP.finditer(text)} if "arXiv:" in text else set()
    known = ids.identify(next(iter(found))[0]) if len(found) == 1 else None
    named = [paper_id for paper_id, _ in (*stated.named, *stated.heading_ids, *stated.linked)]
    if known is None or (named and known[0] not in named):
        return
    stated.named += [known] if not named else []
    stated.published = stated.published or dates.day(next(iter(found))[1])
