"""Goes through the lines of a note once, from its title block to its last section, and takes the facts they state."""

from __future__ import annotations

import re

from papersearch.posts import byline, facts, labels, markup, title_page, titles, values
from papersearch.posts.links import bare_address, is_address, names_other_people, without_label_links
from papersearch.posts.outline import HEAD_LINES, Heading, Outline
from papersearch.posts.placeholders import NO_VALUE
from papersearch.posts.remainder import Used, without_blank_lines
from papersearch.posts.statements import Statements
from papersearch.posts.titles import Title
from papersearch.text import clean

_SENTENCE_ENDS = (".", "。", "!", "！")
_FOR_CITATIONS = {*labels.CITATIONS, "formatted bibliography"}
_MOST_OF_HEADING = 3  # words of a heading over facts, such as ``Informazioni sul paper`` (chosen)
_MOST_BESIDE_CITATION = 3  # lines of a section that says how to cite the paper, at most (chosen)
_LINKED = re.compile(r"\[[^\[\]\n]{8,300}\]\([^()\s]{4,500}\)(?=\W{1,4}\w)")  # a title that is a link, before more


class NoteReader:
    """Goes through the lines of a note: facts go to ``stated``, and the lines that they were taken from to ``used``."""

    def __init__(self, outline: Outline, title: Title, stated: Statements, used: Used) -> None:
        self.outline = outline
        self.lines = outline.lines
        self.title = title
        self.stated = stated
        self.used = used
        self.places: dict[str, str] = {}  # what headings such as ``#### URL`` announce
        self.has_other_places = False  # by the same label as before, as in lists of papers

    def read(self) -> str:
        """Take all facts, in the order of the lines; the text of the head comes back."""
        self._read_title_block()
        head = self._read_sections()
        self._read_title_page()
        self._read_citations()
        if not self.stated.authors and (said := byline.within(self.title.text(self.stated))):
            self.stated.authors, self.stated.et_al = said.authors, said.et_al
            self.stated.published = self.stated.published or said.published
        return head

    def _read_title_block(self) -> None:
        """Up to three lines with ``%``, as Pandoc has them: title, authors, date. Indented lines go on."""
        start = 0
        for kind, between in ((labels.TITLE, " "), (labels.AUTHORS, "; "), (labels.PUBLISHED, " ")):
            if start == len(self.lines) or self.lines[start][:2].rstrip() != "%":
                break
            end = start + 1
            while end < len(self.lines) and self.lines[end][:1] in (" ", "\t") and self.lines[end].strip():
                end += 1
            value = between.join(line.strip() for line in (self.lines[start][1:], *self.lines[start + 1 : end])).strip()
            if value:
                self.stated.take(markup.Pair(kind, kind, value), start)
                self.used.take(range(start, end), value)
            start = end

    def _read_title_page(self) -> None:
        """Take the people between the title and the abstract, where these are more than a byline said."""
        heading, abstract = self.title.heading, self.stated.abstract
        start = heading.line + heading.length if heading is not None else self.title.line(self.stated) + 1
        if abstract is None or not 0 < abstract[0] - start <= title_page.MOST_LINES:
            return
        names, at = title_page.people(self.outline.text(range(start, abstract[0])))
        if len(names) > len(self.stated.authors) and {*names}.issuperset(self.stated.authors):
            self.stated.authors = names
            for line, said in at.items():
                self.used.take(range(start + line, start + line + 1), said)

    def _read_citations(self) -> None:
        """Take what call-outs and short sections for citations say of the paper: ``> [!Cite]``, ``## Bibliography``."""
        places = [n + 1 for n, line in enumerate(self.lines[:HEAD_LINES]) if titles.announced_by_call_out(line)]
        headings = enumerate(self.outline.headings)
        spans = (self.outline.below(n) for n, each in headings if labels.unnumbered(each.text) in _FOR_CITATIONS)
        short = (span for span in spans if len(self.outline.written(span)) == 1)
        places += [line for span in short for line in span if self.lines[line].strip()]
        for at in places:
            if at < len(self.lines) and self.lines[at].strip(" >"):
                self.stated.take_own_citation(self.lines[at], self.title.text(self.stated))

    # --- sections

    def _read_sections(self) -> str:
        """Read what stands before the first heading and below each; the text of the head comes back. The head ends at a
        heading that is neither of the title nor of facts; what labels of single facts announce is no part of it."""
        heads: list[str] = []
        in_head, left = True, HEAD_LINES
        for number, heading in enumerate((None, *self.outline.headings), start=-1):
            below, announced, is_of_facts = self.outline.below(number), None, False
            if heading is not None and heading is self.title.heading:
                self.stated.take_heading(heading.line, heading.text)
                in_head = in_head or number == 0
            elif heading is not None and (announced := _announced(heading)) is not None:
                self._read_labelled(announced, heading, number)
            elif heading is not None and (is_of_facts := self._is_of_facts(heading, number)):
                self._read_section_of_facts(heading, below)
            elif heading is not None and in_head:
                self._read_venue(heading, below)
                in_head = heading is self.title.above or self._is_byline_heading(heading, number)
            if in_head and announced is None and not is_of_facts:
                is_below_title = heading is self.title.heading and (heading is not None or bool(self.title.front))
                left -= self._read_lines(below, left, is_below_title)
            if in_head and (announced is None or announced.kind == labels.PAPER):
                heads.append("\n".join(self.outline.text(below)[:HEAD_LINES]))
        return "\n".join(heads)

    def _read_venue(self, heading: Heading, below: range) -> None:
        """Take the year of the one line below a heading for the venue; both stay text."""
        lines = self.outline.written(below)
        found = byline.read(lines[0]) if len(lines) == 1 and labels.kind_of(heading.text) == labels.VENUE else None
        if found is not None and not found.authors:
            self.stated.venue_year = self.stated.venue_year or found.published

    def _is_byline_heading(self, heading: Heading, number: int) -> bool:
        """Whether a small heading right below the title, or the first of a note, names the authors, or goes on with
        them; takes what it says. Where they work may stand between."""
        if (number == 0 and self.title.front) or not self.outline.follows(number):
            return False
        if heading.level <= 2 and not self._is_only_byline(heading, number):
            return False
        if (found := byline.read(heading.text)) is None and self.stated.authors:
            further = self.outline.headings[number + 1 : number + 2]
            return bool(further and self.outline.follows(number + 1) and byline.read(further[0].text))
        if found is None or not (found.authors or self.stated.authors):
            return False
        return self._read_byline(heading.text, heading.line)

    def _is_only_byline(self, heading: Heading, number: int) -> bool:
        """Whether a large heading names people and a date, and no later one as large names any, as in lists."""
        found = byline.read(heading.text)
        if found is None or not (found.authors and found.published):
            return False
        others = (other for other in self.outline.headings[number + 1 :][:HEAD_LINES] if other.level <= heading.level)
        return not any(later.authors for later in map(byline.read, (other.text for other in others)) if later)

    def _is_of_facts(self, heading: Heading, number: int) -> bool:
        """Whether a section is there for facts: as its heading says, or as the one that has them, below the title. A
        longer heading is the title of a paper, in a list where only one is."""
        if labels.unnumbered(heading.text) in labels.OF_FACTS:
            return True
        if self.stated.authors or self.title.heading is None or number == 0:
            return False
        is_next = self.outline.headings[number - 1] is self.title.heading and self.outline.follows(number)
        is_short = len(facts.words_of(heading.text)) <= _MOST_OF_HEADING
        return is_next and is_short and values.are_only_in(self.outline, number)

    def _read_section_of_facts(self, heading: Heading, below: range) -> None:
        """Read a section that is there for facts: where these were all, its heading goes with them."""
        self._read_lines(below, HEAD_LINES)
        lines = self.outline.written(below)
        for line in lines if len(lines) <= _MOST_BESIDE_CITATION else ():
            self.stated.take_own_citation(line, self.title.text(self.stated))
        self.used.sections.append(range(heading.line, below.stop))

    def _read_labelled(self, pair: markup.Pair, heading: Heading, number: int) -> None:
        """What a heading that is a label announces: in its line, or in the lines below it."""
        kind, below = pair.kind, self.outline.below(number)
        if kind == labels.ABSTRACT and self.stated.abstract is None:
            self._read_abstract(pair, heading, self.outline.section(number))
            return
        own = values.until_label(self.lines, below, self.outline.fenced)
        if own != below:
            self._read_lines(range(own.stop, below.stop), HEAD_LINES)
            below = own
        if kind == labels.PAPER and not pair.value:
            self._read_section_of_facts(heading, below)
        elif kind in (labels.TITLE, labels.PAPER) and pair.value:
            self.stated.take_further_heading(pair, heading.line)
            self.used.take(range(heading.line, below.start), pair.value)
            self._read_lines(below, HEAD_LINES, True)
        elif not self._is_text(kind, below):
            self._read_value(pair, heading, below)

    def _is_text(self, kind: str | None, below: range) -> bool:
        """Whether more stands below a heading than the value that it announces may have."""
        most = 12 if kind in (labels.LINK, labels.TAGS) else values.MOST_LINES
        lines = len(self.outline.written(below))
        return lines > most or (
            kind == labels.TITLE and lines > 4 and any(map(self.outline.fenced.__contains__, below))
        )

    def _read_value(self, pair: markup.Pair, heading: Heading, below: range) -> None:
        """Take the value in a heading, whose lines below are read for other facts then, or else that in these lines."""
        kind, lines = pair.kind, self.outline.written(below)
        if kind == labels.TITLE and len(lines) > 1 and all(markup.is_item(line.lstrip()) for line in lines):
            self._read_lines(below, HEAD_LINES)  # a list below ``# Title`` is of facts
            return
        if pair.value and lines:
            self._read_lines(below, HEAD_LINES)
            below = range(below.start, below.start)
        shown = pair.value or "\n".join(map(markup.bare, lines))
        value = pair.value or self._value_below(kind, lines, below)
        if value is None:
            return
        if kind in (labels.LINK, labels.ID) and value:
            self.has_other_places |= self.places.setdefault(labels.normal(pair.label), value) != value
        if self.stated.take(pair._replace(value=value), heading.line):
            self.used.take(range(heading.line, below.stop), shown)

    def _read_abstract(self, pair: markup.Pair, heading: Heading, below: range) -> None:
        """Take all that stands in a section for the abstract."""
        value = without_blank_lines("\n".join([pair.value, *self.outline.text(below)]))
        if value:
            self.stated.abstract = heading.line, value
            self.used.whole.update(range(heading.line, below.stop))

    def _value_below(self, kind: str | None, lines: list[str], below: range) -> str | None:
        """The value that stands in the lines below a heading; ``lines`` are those that are not blank. None where they
        are sentences in place of a title."""
        if kind == labels.AUTHORS:
            return byline.without_remarks(self.outline.text(below))
        if kind == labels.TITLE and any(line.rstrip().endswith(_SENTENCE_ENDS) for line in lines[1:]):
            # Sentences below a title are text.
            return None if lines[0].rstrip().endswith(_SENTENCE_ENDS) else markup.bare(lines[0])
        return "\n".join(map(markup.bare, lines))

    # --- lines

    def _read_lines(self, span: range, most: int, after_title: bool = False) -> int:
        """Read the pairs of some lines; how many lines were looked at."""
        looked, at, bylines, is_below_authors = 0, span.start, 4 if after_title else 0, False
        while at < span.stop and looked < most:
            line, here, at = self.lines[at], at, at + 1
            if not line.replace(">", " ").strip():
                continue
            looked += 1
            if here in self.outline.fenced or len(line) > markup.LONGEST_LINE:
                continue
            found = markup.pairs(line)
            if found and found[0].kind is not None:
                at = self._read_pairs(found, here, span.stop)
                is_below_authors = found[0].kind == labels.AUTHORS
                bylines = 0 if is_below_authors else bylines
                continue
            if (kinds := markup.header(line)) and at + 1 < span.stop:
                at = self._read_table(kinds, here, span.stop)
            elif markup.HASH_TAGS.fullmatch(line.strip()):
                self._read_hash_tags(line, here)
            elif bylines:
                is_one = not names_other_people(self.lines, here) and self._read_byline(line, here)
                bylines = bylines - 1 if is_one or self._goes_on(here) else 0
            elif byline.is_stamp(without_label_links(line)):
                self._read_byline(line, here)
            elif is_below_authors and byline.is_venue(markup.bare(line)):
                self._read_byline(markup.bare(line), here)
            is_below_authors = False
        return looked

    def _read_pairs(self, found: list[markup.Pair], at: int, stop: int) -> int:
        """Take the facts of a line, and of those below that belong to it; the line after comes back."""
        *before, last = found
        whole = values.whole(last, self.lines, at, stop, not before)
        if whole is None:
            return at + 1
        value, end = whole
        found = [*before, last._replace(value=value)]
        taken = [self._take(pair, at) for pair in found]
        if len(found) == 1 and last.kind == labels.ABSTRACT and self.stated.abstract and self.stated.abstract[0] == at:
            self.used.whole.update(range(at, end))
        elif any(taken):
            kept = [pair.value for pair, is_taken in zip(found, taken, strict=True) if is_taken]
            others = [f"{pair.label} {pair.value}" for pair, is_taken in zip(found, taken, strict=True) if not is_taken]
            self.used.take(range(at, end), "\n".join([*kept, *others]))
        return end

    def _take(self, pair: markup.Pair, at: int) -> bool:
        """Take a fact, and behind a link to the paper who wrote it: ``Paper: [Otters](...), Ada Example, 2019``."""
        link = _LINKED.match(pair.value) if pair.kind == labels.PAPER else None
        if link is not None and self.stated.take_byline(pair.value[link.end() :].strip(" ,.;:—–-")):
            pair = pair._replace(value=link[0])
        return self.stated.take(pair, at)

    def _read_table(self, kinds: list[str | None], at: int, stop: int) -> int:
        """A table whose header names facts: its one row has them. With more rows it is about several papers."""
        rows = []
        end = at + 1
        while end < stop and "|" in self.lines[end]:
            if self.lines[end].strip(" |:-\t"):
                rows.append(markup.cells(markup.bare(self.lines[end])))
            end += 1
        if len(rows) == 1:
            cells = [cell for kind, cell in zip(kinds, rows[0], strict=False) if kind not in (None, labels.OTHER)]
            for kind, cell in zip(kinds, rows[0], strict=False):
                if kind is not None:
                    self.stated.take(markup.Pair(kind, kind, cell), at)
            if len(cells) == len(rows[0]):
                self.used.take(range(at, end), "\n".join(cells))
        return end

    def _read_hash_tags(self, line: str, at: int) -> None:
        if not self.stated.tags:
            tags = [tag.rstrip("#") for tag in markup.HASH_TAG.findall(line)]
            self.stated.tags = facts.clean_tags(tags, NO_VALUE)
            self.used.take(range(at, at + 1), " ".join(self.stated.tags))

    def _read_byline(self, line: str, at: int) -> bool:
        """Take the line, or heading, below a title that says who wrote the paper, and where and when; whether it is
        one."""
        if not self.stated.take_byline(line):
            return False
        if len(line) < 600:
            self.used.take(range(at, at + 1), clean.line(markup.bare(line)))
        return True

    def _goes_on(self, at: int) -> bool:
        """Whether a line that names nobody may stand between those that do: pictures, links to the paper, its title in
        full, or affiliations right below its authors."""
        line = self.lines[at].strip()
        if titles.NO_TEXT.fullmatch(line) or (byline.place_and_year(line) and not self.stated.authors):
            return True
        if is_address(line):
            self.stated.bare_url = self.stated.bare_url or bare_address(line)
            return True
        if "](" in line:
            return len(facts.words_of(without_label_links(line))) < 5
        if (line[0] + line[-1]) in ("[]", "**", "__", '""', "“”"):  # the title once more, or in full
            return not self.stated.authors
        return bool(self.stated.authors and at and self.lines[at - 1].strip(" >")) and len(line) < 150


def _announced(heading: Heading) -> markup.Pair | None:
    """The label and value of a heading, if it has one of the table."""
    found = markup.pairs("# " + heading.text)
    if len(found) == 1 and found[0].kind not in (None, labels.OTHER, labels.VENUE):
        return found[0]
    return None
