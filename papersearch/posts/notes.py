"""A note about a paper, as people keep them, to facts and text.

The facts stand at its head, in sections that say so (``## Metadata``), or under headings that are labels
(``## Authors``). What of it is not found by a field stays text: nothing that a reader sees is lost.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from papersearch.posts import byline, dates, facts, markup
from papersearch.posts.labels import (
    ABSTRACT,
    AUTHORS,
    ID,
    LINK,
    OF_FACTS,
    OTHER,
    PAPER,
    PUBLISHED,
    TAGS,
    TITLE,
    VENUE,
    is_generic,
    kind_of,
    normal,
    unnumbered,
)
from papersearch.posts.links import (
    LINKED,
    MOST_LINKS,
    Known,
    addresses_of,
    chosen,
    heading_text,
    without_label_links,
)
from papersearch.posts.outline import Heading, headings
from papersearch.posts.people import authors_of
from papersearch.query import ids
from papersearch.text import clean

# Lines that a head has at most, and those of a value that goes on below its label (chosen).
_HEAD_LINES = 60
_VALUE_LINES = 60

# What a first heading may say over text rather than over the facts of a paper.
_TEXT_HEADINGS = frozenset("summary introduction intro background abstract motivation problem overview".split())
_GOES_ON = (",", ";", "、", "，", " and", "&")
_WEAK_TAGS = frozenset("category categories subject subjects topic topics".split())
_CITATIONS = frozenset("citation cite reference references how to cite".split()) | {"how to cite"}
_TITLE_LINE = re.compile(
    r"\*\*(?P<bold>[^*\n]{3,300})\*\*|(?:\*\*)?\[(?P<text>[^\[\]\n]{3,300})\]\([^()\s]{5,400}\)(?:\*\*)?"
)
_YEAR_END = re.compile(r"[(\[（](?:[^()\[\]（）]{0,40}[\s,'])?'?((?:19|20)\d{2})[)\]）]\s*$")
_BIBTEX = re.compile(
    r"@(?:article|inproceedings|conference|misc|book|incollection|techreport|phdthesis|mastersthesis|unpublished|online|inbook|proceedings|preprint)\s{0,5}\{",
    re.I,
)
_HASH_TAGS = re.compile(r"(?:#[\w/-]{2,60}[ \t,]*)+")
_WORD = re.compile(r"\w+")
_PLACEHOLDER = re.compile(r"\W*(?:unknown|tba|tbd|todo|n/?a|none|null|coming soon)?\W*", re.I)


class Note(NamedTuple):
    """What a note says. Texts have their marks still; lines count from 0 in the body, also in ``problems``."""

    title: str = ""
    title_line: int = -1
    authors: tuple[str, ...] = ()
    et_al: bool = False
    published: str | None = None
    tags: tuple[str, ...] = ()
    known: Known | None = None
    url: str | None = None
    abstract: str = ""
    abstract_line: int = -1
    text: str = ""
    text_line: int = 0
    beside: str = ""
    problems: tuple[tuple[int, str], ...] = ()


def read(body: str, title: str = "", authors: tuple[str, ...] = (), tags: tuple[str, ...] = ()) -> Note:
    """The facts and the text of a note; ``title``, ``authors`` and ``tags`` are those of its front matter."""
    reader = _Reader(body, title)
    reader.authors, reader.tags = authors, tags
    return reader.read()


class _Reader:
    """One note while it is read: lines, what they say, and which of them are said by then."""

    def __init__(self, body: str, title: str) -> None:
        self.body, self.front_title = body, title
        self.lines = body.split("\n")
        self.headings = headings(body)
        self.titles: list[tuple[str, int]] = []
        self.paper_title = ""
        self.title_heading: Heading | None = None
        self.name_of_notes: Heading | None = None
        self.authors: tuple[str, ...] = ()
        self.et_al = False
        self.published: str | None = None
        self.venue_year: str | None = None
        self.tags: tuple[str, ...] = ()
        self.weak_tags = False
        self.named: list[Known] = []
        self.heading_ids: list[Known] = []
        self.linked: list[Known] = []
        self.urls: list[str] = []
        self.has_paper_url = False
        self.abstract: tuple[int, str] | None = None
        self.said: list[tuple[range, str]] = []
        self.heading_said: str | None = None
        self.gone: set[int] = set()
        self.emptied: list[range] = []
        self.problems: list[tuple[int, str]] = []

    def read(self) -> Note:
        """Facts first, then what of the text they have said."""
        given = self.authors
        self._read_title_block()
        self._find_title()
        head = self._read_sections()
        self._read_bibtex()
        title = self._title()
        several = len({normal(found) for found, _ in self.titles}) > 1
        if several:
            self.published, self.venue_year = None, None
            self.authors, self.et_al = given, False
        known = None if several else self._id(head)
        note = Note(
            title=title,
            title_line=self.title_heading.line if self.title_heading else self.titles[0][1] if self.titles else -1,
            authors=self.authors,
            et_al=self.et_al,
            published=self.published or self.venue_year,
            tags=self.tags,
            known=known,
            url=self.urls[0] if self.urls and not several else None,
            problems=tuple(self.problems),
        )
        return self._with_texts(note)

    # --- titles

    def _read_title_block(self) -> None:
        """Up to three lines with ``%``, as Pandoc has them: title, authors, date."""
        kinds = (TITLE, AUTHORS, PUBLISHED)
        for number, (kind, line) in enumerate(zip(kinds, self.lines, strict=False)):
            if line[:2] != "% ":
                break
            self._take(markup.Pair(kind, kind, line[2:]), number, line[2:])
            self.said.append((range(number, number + 1), line[2:]))

    def _find_title(self) -> None:
        """The heading that is the title: the first, unless it is one of any note, or text stands before it."""
        for number, heading in enumerate(self.headings[:3]):
            text, _ = heading_text(heading.text)
            same = self.front_title and normal(clean.line(text)) == normal(self.front_title)
            if not same:
                if (generic := is_generic(text)) and unnumbered(text) in OF_FACTS:
                    continue
                if generic and not number and heading.level == 1 and normal(text) not in _TEXT_HEADINGS:
                    self.name_of_notes = heading
                    continue
                if generic or (self.front_title and heading.level > 1) or (number and not self._follows(number)):
                    break
                if heading.level > 1 and not self._is_above_text(heading.line):
                    break
            self.title_heading = heading
            return
        if not self.headings or self.title_heading is None:
            self._find_title_line()

    def _find_title_line(self) -> None:
        """A first line that is nothing but a link, or bold, is the title of a note that has no heading for one."""
        line = next((n for n, text in enumerate(self.lines) if text.strip()), -1)
        text = markup.bare(self.lines[line].strip()) if line >= 0 else ""
        found = _TITLE_LINE.fullmatch(text) if len(text) < 600 else None
        if found and not markup.pairs(text) and not is_generic(found["bold"] or found["text"]):
            self.title_heading = Heading(line, 1, text)
            self.headings.insert(0, self.title_heading)

    def _is_above_text(self, line: int) -> bool:
        return not any(text.strip() and not markup.pairs(text) for text in self.lines[:line][:_HEAD_LINES])

    def _follows(self, number: int) -> bool:
        """Whether a heading comes right after the one before."""
        before, heading = self.headings[number - 1], self.headings[number]
        return not any(line.strip() for line in self.lines[before.line + before.length : heading.line])

    def _title(self) -> str:
        if self.front_title:
            return self.front_title
        if self.titles:
            return self.titles[0][0]
        if self.title_heading is not None:
            text, _ = heading_text(self.title_heading.text)
            if title := clean.line(text):
                return title
        return self.paper_title

    # --- sections

    def _read_sections(self) -> str:
        """Read what stands before, between and after headings; the text of the head comes back."""
        heads: list[str] = []
        in_head, left = True, _HEAD_LINES
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
                        heads.append("\n".join(self.lines[start:end][:_HEAD_LINES]))
                    continue
                text = unnumbered(heading.text)
                if text in OF_FACTS:
                    self._read_lines(range(start, end), _HEAD_LINES)
                    self.emptied.append(range(heading.line, end))
                    if in_head:
                        heads.append("\n".join(self.lines[start:end][:_HEAD_LINES]))
                    continue
                is_byline = in_head and heading.level > 2 and self._is_byline_heading(heading, number)
                in_head = is_byline or (in_head and heading is self.name_of_notes)
            if in_head:
                left -= self._read_lines(range(start, end), left, heading is self.title_heading and heading is not None)
                heads.append("\n".join(self.lines[start:end][:_HEAD_LINES]))
        return "\n".join(heads)

    def _is_byline_heading(self, heading: Heading, number: int) -> bool:
        """Whether a small heading right below the title names the authors, or goes on with them."""
        if number == 0 or not self._follows(number):
            return False
        if (found := byline.read(heading.text)) is None or not (found.authors or self.authors):
            return False
        return self._read_byline(heading.text, heading.line)

    def _announced(self, heading: Heading) -> markup.Pair | None:
        """The label and value of a heading, if it has one of the table."""
        if len(heading.text) > markup.LONGEST_LINE:
            return None
        found = markup.pairs("# " + heading.text)
        if len(found) == 1 and found[0].kind not in (None, OTHER, VENUE):
            return found[0]
        return None

    def _read_title_heading(self, heading: Heading) -> None:
        text, addresses = heading_text(heading.text)
        for address in addresses:
            self._address(address, self.heading_ids)
        if (known := ids.named_in(heading.text)) is not None and not addresses:
            self.heading_ids.append(known)
        if year := _YEAR_END.search(clean.line(text)):
            self.venue_year = year[1]
        self.heading_said = without_label_links(heading.text)

    def _read_labelled(self, pair: markup.Pair, heading: Heading, below: range, number: int) -> None:
        """What a heading that is a label announces: in its line, or in the lines below it."""
        kind = pair.kind
        if kind == ABSTRACT and self.abstract is None:
            below = self._with_subsections(number, below)
            value = "\n".join([pair.value, *self.lines[below.start : below.stop]]).strip()
            if value:
                self.abstract = heading.line, value
                self.gone.update(range(heading.line, below.stop))
            return
        lines = [line for line in self.lines[below.start : below.stop] if line.strip()]
        if kind == PAPER and not pair.value:
            self._read_lines(below, _HEAD_LINES)
            self.emptied.append(range(heading.line, below.stop))
            return
        if kind in (TITLE, PAPER) and pair.value:
            self._take(pair, heading.line, pair.value)
            self.said.append((range(heading.line, below.start), pair.value))
            self._read_lines(below, _HEAD_LINES, True)
            return
        if len(lines) > _VALUE_LINES or (kind in (LINK, TAGS) and len(lines) > 12):
            return
        value = pair.value or "\n".join(markup.bare(line) for line in lines)
        if pair.value and lines and kind != AUTHORS:
            self._read_lines(below, _HEAD_LINES)
            below = range(below.start, below.start)
        if self._take(pair, heading.line, value):
            self.said.append((range(heading.line, below.stop), value))

    def _with_subsections(self, number: int, below: range) -> range:
        """The lines of a section with those of the headings below its own."""
        level, stop = self.headings[number].level, below.stop
        for heading in self.headings[number + 1 :]:
            if heading.level <= level:
                return range(below.start, heading.line)
            stop = len(self.lines)
        return range(below.start, stop)

    # --- lines

    def _read_lines(self, span: range, most: int, after_title: bool = False) -> int:
        """Read the pairs of some lines; how many lines were looked at."""
        looked, at, bylines = 0, span.start, 3 if after_title else 0
        in_code = False
        while at < span.stop and looked < most:
            line = self.lines[at]
            at += 1
            if not line.strip():
                continue
            looked += 1
            if line.lstrip().startswith(("```", "~~~")):
                in_code = not in_code
            if in_code or len(line) > markup.LONGEST_LINE:
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
                bylines = bylines - 1 if self._read_byline(line, at - 1) else 0
        return looked

    def _read_pairs(self, found: list[markup.Pair], at: int, stop: int) -> int:
        """Take the facts of a line, and of those below that belong to it; the line after comes back."""
        end = at + 1
        last = found[-1]
        if not last.value and last.kind is not None:
            below = self._below(end, stop)
            if (
                len(found) == 1
                and not markup.is_label_alone(self.lines[at])
                and not (below and below[0].lstrip().startswith(":"))
            ):
                return end
            if last.kind == ABSTRACT:
                below = self.lines[end : self._paragraph_end(end, stop)]
            end = at + 1 + len(below)
            found = [*found[:-1], last._replace(value="\n".join(map(markup.bare, below)).strip())]
        elif last.kind in (AUTHORS, TAGS):
            while end < stop and self.lines[end - 1].rstrip().endswith(_GOES_ON) and self.lines[end].strip():
                if markup.pairs(self.lines[end]):
                    break
                last = last._replace(value=f"{last.value}, {markup.bare(self.lines[end])}")
                end += 1
            found = [*found[:-1], last]
        elif last.kind == ABSTRACT:
            end = self._paragraph_end(end, stop)
            found = [*found[:-1], last._replace(value="\n".join([last.value, *self.lines[at + 1 : end]]))]
        taken = [self._take(pair, at, pair.value) for pair in found]
        if (
            any(pair.kind == ABSTRACT and self.abstract and self.abstract[0] == at for pair in found)
            and len(found) == 1
        ):
            self.gone.update(range(at, end))
        elif any(taken):
            kept = [pair.value for pair, is_taken in zip(found, taken, strict=True) if is_taken]
            others = [f"{pair.label} {pair.value}" for pair, is_taken in zip(found, taken, strict=True) if not is_taken]
            self.said.append((range(at, end), "\n".join([*kept, *others])))
        return end

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
                    self._take(markup.Pair(kind, kind, cell), at, cell)
            if len(values) == len(rows[0]):
                self.said.append((range(at, end), "\n".join(values)))
        return end

    def _read_hash_tags(self, line: str, at: int) -> None:
        if not self.tags:
            self.tags = facts.clean_tags(facts.split_tags(line.replace(",", " ").strip()), _PLACEHOLDER)
            self.said.append((range(at, at + 1), " ".join(self.tags)))

    def _read_byline(self, line: str, at: int, is_line: bool = True) -> bool:
        """The line below a title that says who wrote the paper, and where and when; whether it was one."""
        found = byline.read(line)
        if found is None:
            return False
        if found.authors and not self.authors:
            self.authors, self.et_al = found.authors, found.et_al
        if found.known is not None:
            self.named.append(found.known)
        self.published = self.published or found.published
        if len(line) < 600 and is_line:
            self.said.append((range(at, at + 1), clean.line(markup.bare(line))))
        return True

    # --- facts

    def _take(self, pair: markup.Pair, line: int, value: str) -> bool:
        """Take a fact; whether its label is one whose value a field may hold."""
        kind = pair.kind
        if kind == OTHER and normal(pair.label) in _CITATIONS:
            self._read_byline(value, line, False)
        if kind in (None, OTHER) or _PLACEHOLDER.fullmatch(value[:40]):
            return False
        if kind == TITLE:
            if title := clean.line(without_label_links(value)):
                self.titles.append((title, line))
        elif kind == AUTHORS:
            names, et_al = authors_of(value, markup.single(pair.label))
            if names and not self.authors and not (len(names) == 1 and len(names[0].split()) > 8):
                self.authors, self.et_al = names, et_al or normal(pair.label).startswith("first")
        elif kind == PUBLISHED:
            self._date(pair, line, value)
        elif kind == VENUE:
            years = dates.years_in(value)
            if len(years) == 1 and self.venue_year is None:
                self.venue_year = years[0]
        elif kind == TAGS:
            if not self.tags or (self.weak_tags and normal(pair.label) not in _WEAK_TAGS):
                self.tags = facts.clean_tags([value.replace("\n", ", ")], _PLACEHOLDER)
                self.weak_tags = normal(pair.label) in _WEAK_TAGS
        elif kind == ABSTRACT:
            if self.abstract is None:
                self.abstract = line, value
        else:
            self._link(pair, value)
        return True

    def _date(self, pair: markup.Pair, line: int, value: str) -> None:
        date = dates.day(value)
        if date is None:
            self.problems.append((line, f"not a date: {clean.line(value)[:40].strip()}"))
        elif self.published is None or (date.startswith(self.published) and len(date) > len(self.published)):
            self.published = date

    def _link(self, pair: markup.Pair, value: str) -> None:
        """What a label of a link or an id says."""
        into = self.named if pair.kind == ID else self.linked
        addresses = addresses_of(value)
        plain = clean.line(value)
        if pair.kind == ID and self.published is None:  # the stamp on arXiv's papers
            date = dates.day(byline.without_ids(plain))
            self.published = date if date is not None and len(date) == 10 else None
        for address in addresses:
            self._address(address, into)
        if pair.kind == ID or normal(pair.label) in ("paper id", "paperid"):
            known = ids.identify(plain) or ids.named_in(plain) or ids.identify(plain.split()[0] if plain else "")
            if known is None and normal(pair.label) in ("paper id", "paperid"):
                known = facts.stated(value)
            if known is not None and not addresses:
                self.named.append(known)
        elif not addresses and (known := ids.identify(plain) or ids.named_in(plain)):
            into.append(known)
        if (
            pair.kind == PAPER
            and plain
            and not plain.startswith("http")
            and not is_generic(plain)
            and not self.paper_title
        ):
            self.paper_title = clean.line(without_label_links(value))

    def _address(self, address: str, into: list[Known]) -> None:
        if (known := ids.of_address(address)) is not None:
            into.append(known)
        if address.isprintable() and address[:4].lower() in ("http", "ftp:"):
            self.urls.insert(0 if known is not None and not self.has_paper_url else len(self.urls), address)
            self.has_paper_url |= known is not None

    def _id(self, head: str) -> Known | None:
        """The id of the one paper that the note is about: as it is named, as its heading or its labelled link says, or
        the only one in its head. None where it is about several."""
        for candidates in (self.named, self.heading_ids, self.linked):
            if candidates:
                return chosen(candidates)
        by_text: list[Known] = []
        urls: list[str] = []
        for number, found in enumerate(LINKED.finditer(self.body)):
            if number == MOST_LINKS:
                break
            if kind_of(found[1]) in (LINK, PAPER, ID):
                urls.append(found[2])
                if (known := ids.of_address(found[2])) is not None:
                    by_text.append(known)
        if len(set(urls)) == 1:
            self.urls.append(urls[0])
        if by_text:
            return chosen(by_text) if len(set(by_text)) == 1 else None
        addresses = addresses_of(head)
        in_head = [known for known in map(ids.of_address, addresses) if known is not None]
        if not in_head and (known := ids.named_in(head)):
            in_head = [known]
        if len({known[0] for known in in_head}) == 1:
            self.urls += [address for address in addresses if ids.of_address(address) is not None][:1]
            return chosen(in_head)
        return None

    def _read_bibtex(self) -> None:
        """The one BibTeX entry of a note, if it is about the paper that the note is about."""
        if "@" not in self.body:
            return
        found = list(_BIBTEX.finditer(self.body[:400_000]))
        if len(found) != 1:
            return
        entry = self.body[found[0].start() : found[0].start() + 20_000]
        title = clean.line(ids.field_of(entry, "title").replace("{", "").replace("}", ""))
        own = self._title()
        if own and not _alike(own, title):
            return
        self.paper_title = self.paper_title or title
        if not self.authors:
            self.authors, self.et_al = authors_of(" ".join(ids.field_of(entry, "author").split()))
        if self.published is None and (year := dates.day(ids.field_of(entry, "year"))):
            self.published = year
        if not (self.named or self.heading_ids or self.linked) and (known := ids.pasted(entry)):
            self.named.append(known)

    # --- texts

    def _with_texts(self, note: Note) -> Note:
        """The note with all text that its facts do not say: nothing that a reader sees is left out."""
        words = set(_words(" ".join((note.title, *note.authors, *note.tags))))
        if note.authors:
            words.update(("and", "und", "et", "y", "al"))
        names = " ".join(filter(None, (note.url, note.known[0] if note.known else "")))
        beside: list[str] = []
        if self.title_heading is not None and self.heading_said is not None:
            said = clean.line(self.heading_said)
            if set(_words(said)) <= words:
                self.gone.update(range(self.title_heading.line, self.title_heading.line + self.title_heading.length))
        for span, value in self.said:
            if not self.gone.isdisjoint(span):
                continue
            self.gone.update(span)
            shown = clean.line(value)
            if shown in names or set(_words(shown)) <= words:
                continue
            beside.append("\n".join(self.lines[span.start : span.stop]))
        for span in self.emptied:
            if all(n in self.gone or not self.lines[n].strip() for n in span[1:]):
                self.gone.update(span)
        first = next((n for n, line in enumerate(self.lines) if n not in self.gone and line.strip()), len(self.lines))
        text = (
            self.body if not self.gone else "\n".join(line for n, line in enumerate(self.lines) if n not in self.gone)
        )
        return note._replace(
            abstract=self.abstract[1] if self.abstract else "",
            abstract_line=self.abstract[0] if self.abstract else -1,
            text=text.strip(),
            text_line=min(first, len(self.lines) - 1),
            beside="\n\n".join(beside),
        )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _alike(one: str, other: str) -> bool:
    first, second = set(_words(one)), set(_words(other))
    return len(first & second) * 2 >= min(len(first), len(second)) > 0
