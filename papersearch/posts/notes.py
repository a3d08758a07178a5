"""A note about a paper, as people keep them, to facts and text.

The facts stand at its head, in sections that say so (``## Metadata``), or under headings that are labels
(``## Authors``). What of it is not found by a field stays text: nothing that a reader sees is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from papersearch.posts import byline, dates, facts, markup
from papersearch.posts.labels import (
    ABSTRACT,
    AUTHORS,
    LINK,
    OF_FACTS,
    OTHER,
    PAPER,
    TAGS,
    TITLE,
    VENUE,
    normal,
    unnumbered,
)
from papersearch.posts.outline import Heading
from papersearch.posts.people import authors_of
from papersearch.posts.placeholders import NO_VALUE
from papersearch.posts.statements import Note, Statements
from papersearch.posts.titles import HEAD_LINES, Titles
from papersearch.query import ids
from papersearch.text import clean, code

_VALUE_LINES = 60  # of a value that goes on below its label, at most (chosen)
_GOES_ON = (",", ";", "、", "，", " and", "&")
_BIBTEX = re.compile(
    r"@(?:article|inproceedings|conference|misc|book|incollection|techreport|phdthesis|mastersthesis|unpublished|online|inbook|proceedings|preprint)\s{0,5}\{",
    re.IGNORECASE,
)
_HASH_TAGS = re.compile(r"(?:#[\w/-]{2,60}#?[ \t,]*)+")


def read(body: str, title: str = "", authors: tuple[str, ...] = (), tags: tuple[str, ...] = (), name: str = "") -> Note:
    """The facts and the text of a note; all but ``name``, as a person named its file, are those of its front matter."""
    return _Reader(body, title, authors, tags, name).read()


class _Reader(Titles):
    """One note while it is read. What its lines state goes to ``stated``; ``gone`` are the lines that the facts say all
    of, and ``emptied`` sections that are left out, heading included, if nothing remains of them."""

    def __init__(self, body: str, title: str, authors: tuple[str, ...], tags: tuple[str, ...], name: str) -> None:
        super().__init__(body, title, Statements(body, authors, tags), name)
        self.gone: set[int] = set()
        self.emptied: list[range] = []

    def read(self) -> Note:
        """Facts first, then what of the text they have said."""
        given = self.stated.authors, self.stated.tags
        self._read_title_block()
        self._find_title()
        head = self._read_sections()
        self._read_bibtex()
        known = self.stated.paper_id(head, self._title())
        titles = {normal(found) for found, _ in self.stated.titles}
        if len(titles) > 1:  # of several papers: all is text where it stands
            if self.title_heading is not None and self.title_heading.line == self.stated.titles[0][1]:
                self.title_heading = None  # that of the first of them
            known, self.stated = None, Statements(self.body, *given)
            self.gone, self.emptied = set(), []
        elif self.stated.has_other_people:
            self.stated.authors, self.stated.et_al, self.stated.published = given[0], False, None
            self.stated.said = []
        note = Note(
            title=self._title(),
            title_line=self._title_line(),
            authors=self.stated.authors,
            et_al=self.stated.et_al,
            published=self.stated.published or self.stated.venue_year,
            tags=self.stated.tags,
            known=known,
            is_named=self.stated.is_named,
            url=self.stated.urls[0] if self.stated.urls else None,
            problems=tuple(self.stated.problems),
        )
        return self._with_texts(note)

    # --- sections

    def _read_sections(self) -> str:
        """Read what stands before, between and after headings; the text of the head comes back."""
        heads: list[str] = []
        in_head, left = True, HEAD_LINES
        for number in range(-1, len(self.headings)):
            heading = self.headings[number] if number >= 0 else None
            start = heading.line + heading.length if heading else 0
            end = self.headings[number + 1].line if number + 1 < len(self.headings) else len(self.lines)
            if heading is not None and heading is self.title_heading:
                self._read_title_heading(heading)
                in_head = number == 0 or in_head
            elif heading is not None:
                announced = self._announced(heading)
                if announced is not None:
                    self._read_labelled(announced, heading, range(start, end), number)
                    if announced.kind == PAPER and in_head:
                        heads.append("\n".join(self.lines[start:end][:HEAD_LINES]))
                    continue
                text = unnumbered(heading.text)
                if text in OF_FACTS:
                    self._read_lines(range(start, end), HEAD_LINES)
                    self.emptied.append(range(heading.line, end))
                    if in_head:
                        heads.append("\n".join(self.lines[start:end][:HEAD_LINES]))
                    continue
                is_byline = in_head and heading.level > 2 and self._is_byline_heading(heading, number)
                in_head = is_byline or (in_head and heading is self.name_of_notes)
            if in_head:
                is_below = heading is self.title_heading and (heading is not None or bool(self.front_title))
                left -= self._read_lines(range(start, end), left, is_below)
                heads.append("\n".join(self.lines[start:end][:HEAD_LINES]))
        return "\n".join(heads)

    def _is_byline_heading(self, heading: Heading, number: int) -> bool:
        """Whether a small heading right below the title names the authors, or goes on with them."""
        if number == 0 or not self._follows(number):
            return False
        if (found := byline.read(heading.text)) is None or not (found.authors or self.stated.authors):
            return False
        return self.stated.read_byline(heading.text, heading.line)

    def _announced(self, heading: Heading) -> markup.Pair | None:
        """The label and value of a heading, if it has one of the table."""
        found = markup.pairs("# " + heading.text)
        if len(found) == 1 and found[0].kind not in (None, OTHER, VENUE):
            return found[0]
        return None

    def _read_labelled(self, pair: markup.Pair, heading: Heading, below: range, number: int) -> None:
        """What a heading that is a label announces: in its line, or in the lines below it."""
        kind = pair.kind
        if kind == ABSTRACT and self.stated.abstract is None:
            below = self._with_subsections(number, below)
            value = _without_blank_lines("\n".join([pair.value, *self.lines[below.start : below.stop]]))
            if value:
                self.stated.abstract = heading.line, value
                self.gone.update(range(heading.line, below.stop))
            return
        own = self._without_labels(below)
        if own != below:
            self._read_lines(range(own.stop, below.stop), HEAD_LINES)
            below = own
        lines = [line for line in self.lines[below.start : below.stop] if line.strip()]
        if kind == PAPER and not pair.value:
            self._read_lines(below, HEAD_LINES)
            self.emptied.append(range(heading.line, below.stop))
            return
        if kind in (TITLE, PAPER) and pair.value:
            self.stated.titles[:0], self.headed = self.headed, []
            self.stated.take(pair, heading.line, pair.value)
            self.stated.said.append((range(heading.line, below.start), pair.value))
            self._read_lines(below, HEAD_LINES, True)
            return
        if len(lines) > _VALUE_LINES or (kind in (LINK, TAGS) and len(lines) > 12):
            return
        value = pair.value or "\n".join(markup.bare(line) for line in lines)
        if pair.value and lines and kind != AUTHORS:
            self._read_lines(below, HEAD_LINES)
            below = range(below.start, below.start)
        if self.stated.take(pair, heading.line, value):
            self.stated.said.append((range(heading.line, below.stop), value))

    # --- lines

    def _read_lines(self, span: range, most: int, after_title: bool = False) -> int:
        """Read the pairs of some lines; how many lines were looked at."""
        looked, at, bylines = 0, span.start, 4 if after_title else 0
        while at < span.stop and looked < most:
            line = self.lines[at]
            at += 1
            if not line.strip():
                continue
            looked += 1
            if at - 1 in self.fenced or len(line) > markup.LONGEST_LINE:
                continue
            found = markup.pairs(line)
            if found and found[0].kind is not None:
                at = self._read_pairs(found, at - 1, span.stop)
                bylines = 0 if found[0].kind == AUTHORS else bylines
            elif (kinds := markup.header(line)) and at + 1 < span.stop:
                at = self._read_table(kinds, at - 1, span.stop)
            elif _HASH_TAGS.fullmatch(line.strip()):
                self._read_hash_tags(line, at - 1)
            elif bylines:
                is_one = not self._is_entry(at - 1) and self.stated.read_byline(line, at - 1)
                bylines = bylines - 1 if is_one or self._goes_on(at - 1) else 0
        return looked

    def _read_pairs(self, found: list[markup.Pair], at: int, stop: int) -> int:
        """Take the facts of a line, and of those below that belong to it; the line after comes back."""
        *before, last = found
        if not last.value and last.kind is not None:
            below = self._below(at + 1, stop)
            if not before and not markup.announces(self.lines[at], last.kind, below):
                return at + 1
            if last.kind == ABSTRACT:
                below = self.lines[at + 1 : self._paragraph_end(at + 1, stop)]
            value, end = "\n".join(map(markup.bare, below)).strip(), at + 1 + len(below)
        else:
            value, end = self._continued(last, at + 1, stop)
        found = [*before, last._replace(value=value)]
        taken = [self.stated.take(pair, at, pair.value) for pair in found]
        if len(found) == 1 and last.kind == ABSTRACT and self.stated.abstract and self.stated.abstract[0] == at:
            self.gone.update(range(at, end))
        elif any(taken):
            kept = [pair.value for pair, is_taken in zip(found, taken, strict=True) if is_taken]
            others = [f"{pair.label} {pair.value}" for pair, is_taken in zip(found, taken, strict=True) if not is_taken]
            self.stated.said.append((range(at, end), "\n".join([*kept, *others])))
        return end

    def _continued(self, pair: markup.Pair, end: int, stop: int) -> tuple[str, int]:
        """The value of a pair with the lines, from ``end`` on, in which it goes on, and the line after these."""
        value, start = pair.value, end
        if pair.kind in (AUTHORS, TAGS):
            while end < stop and self.lines[end - 1].rstrip().endswith(_GOES_ON) and self.lines[end].strip():
                if markup.pairs(self.lines[end]):
                    break
                value = f"{value}, {markup.bare(self.lines[end])}"
                end += 1
        elif pair.kind == TITLE:
            end = self._title_end(end, stop)
            value = " ".join([value, *map(str.strip, self.lines[start:end])])
        elif pair.kind == ABSTRACT:
            end = self._paragraph_end(end, stop)
            value = "\n".join([value, *self.lines[start:end]])
        return value, end

    def _below(self, start: int, stop: int) -> list[str]:
        """The lines below a label that are its value: up to a blank line or the next label."""
        begin = start + 1 if start < stop and not self.lines[start].strip() else start
        end = begin
        while (
            end < stop and end - begin < _VALUE_LINES and self.lines[end].strip() and not markup.pairs(self.lines[end])
        ):
            end += 1
        return self.lines[start:end] if end > begin else []

    def _paragraph_end(self, start: int, stop: int) -> int:
        """The line after a paragraph, which ends at a label too if that is not far down."""
        begin = start + 1 if start < stop and not self.lines[start].strip() else start
        end = begin
        while end < stop and self.lines[end].strip():
            if end - begin < _VALUE_LINES and markup.pairs(self.lines[end]):
                break
            end += 1
        return end if end > begin else start

    def _read_table(self, kinds: list[str | None], at: int, stop: int) -> int:
        """A table whose header names facts: its one row has them. With more rows it is about several papers."""
        rows = []
        end = at + 1
        while end < stop and "|" in self.lines[end]:
            if self.lines[end].strip(" |:-\t"):
                rows.append(markup.cells(markup.bare(self.lines[end])))
            end += 1
        if len(rows) == 1:
            values = [cell for kind, cell in zip(kinds, rows[0], strict=False) if kind not in (None, OTHER)]
            for kind, cell in zip(kinds, rows[0], strict=False):
                if kind is not None:
                    self.stated.take(markup.Pair(kind, kind, cell), at, cell)
            if len(values) == len(rows[0]):
                self.stated.said.append((range(at, end), "\n".join(values)))
        return end

    def _read_hash_tags(self, line: str, at: int) -> None:
        if not self.stated.tags:
            tags = " ".join(tag.rstrip("#") for tag in line.replace(",", " ").split())
            self.stated.tags = facts.clean_tags(facts.split_tags(tags), NO_VALUE)
            self.stated.said.append((range(at, at + 1), " ".join(self.stated.tags)))

    def _read_bibtex(self) -> None:
        """The one BibTeX entry of a note, if it is about the paper that the note is about."""
        if "@" not in self.body:
            return
        found = list(_BIBTEX.finditer(self.body[:400_000]))
        if len(found) != 1:
            return
        entry = self.body[found[0].start() : found[0].start() + 20_000]
        title = clean.line(ids.bibtex_field(entry, "title").replace("{", "").replace("}", ""))
        own = self._title() or (self.name if self.title_heading else "")
        if own and not facts.alike(own, title):
            return
        self.stated.paper_title = self.stated.paper_title or title
        if not self.stated.authors:
            self.stated.authors, self.stated.et_al = authors_of(" ".join(ids.bibtex_field(entry, "author").split()))
        if self.stated.published is None and (year := dates.day(ids.bibtex_field(entry, "year"))):
            self.stated.published = year
        if not self.stated.is_named and (known := ids.of_bibtex(entry)):
            self.stated.named.append(known)

    # --- texts

    def _with_texts(self, note: Note) -> Note:
        """The note with all text that its facts do not say: nothing that a reader sees is left out."""
        words = set(facts.words_of(" ".join((note.title, *note.authors, *note.tags))))
        if note.authors:
            words |= facts.BETWEEN_NAMES
        names = " ".join(filter(None, (note.url, note.known[0] if note.known else "")))
        beside: list[str] = []
        if self.title_heading is not None and self.heading_said is not None:
            said = clean.line(self.heading_said)
            if words.issuperset(facts.words_of(said)):
                self.gone.update(range(self.title_heading.line, self.title_heading.line + self.title_heading.length))
        for span, value in self.stated.said:
            if not self.gone.isdisjoint(span):
                continue
            self.gone.update(span)
            shown, unmarked = clean.line(value), clean.line(markup.MARK_TAG.sub("", value))
            if shown in names or any(words.issuperset(facts.words_of(text)) for text in (shown, unmarked)):
                continue
            beside.append("\n".join(map(markup.without_edges, self.lines[span.start : span.stop])))
        for span in self.emptied:
            if all(n in self.gone or not self.lines[n].strip() for n in span[1:]):
                self.gone.update(span)
        first = next((n for n, line in enumerate(self.lines) if n not in self.gone and line.strip()), len(self.lines))
        text = "\n".join(self._kept()) if self.gone else self.body
        return note._replace(
            abstract=self.stated.abstract[1] if self.stated.abstract else "",
            abstract_line=self.stated.abstract[0] if self.stated.abstract else -1,
            text=_without_blank_lines(text),
            text_line=min(first, len(self.lines) - 1),
            beside="\n\n".join(beside),
        )

    def _kept(self) -> Iterator[str]:
        """The lines that stay in the text. What belonged to one that is gone begins anew, lest it be taken for code."""
        is_below, in_code = False, None
        for n, line in enumerate(self.lines):
            if n in self.gone:
                is_below = True
                continue
            if is_below and line[:1] in (" ", "\t") and line.strip():
                in_code = code.code_lines(self.body) if in_code is None else in_code
                line = line if n in in_code else line.lstrip()
            is_below = is_below and not line.strip()
            yield line


def _without_blank_lines(text: str) -> str:
    """``text`` without blank lines around it; how far its first line is indented stays, as that may make it code."""
    return text.rstrip().lstrip("\n")
