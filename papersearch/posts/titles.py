"""The title of a note: a heading, a line in bold or a link at its head, or what its labels say."""

from __future__ import annotations

import re

from papersearch.posts import byline, dates, markup
from papersearch.posts.facts import alike, clean_tags, numbered, words_of
from papersearch.posts.labels import AUTHORS, OF_FACTS, PUBLISHED, TITLE, is_generic, normal, unnumbered
from papersearch.posts.links import BADGE, ITEM, TAGS_BEHIND, heading_text, without_label_links
from papersearch.posts.outline import Heading, headings
from papersearch.posts.placeholders import NO_VALUE
from papersearch.posts.statements import Statements
from papersearch.query import ids
from papersearch.text import clean, code

# What a first heading may say over text rather than over the facts of a paper.
_TEXT_HEADINGS = frozenset("summary introduction intro background abstract motivation problem overview".split())
_TITLE_LINE = re.compile(
    r"\*\*(?P<bold>[^*\n]{3,300})\*\*|(?:\*\*)?\[(?P<text>[^\[\]\n]{3,300})\]\([a-z]{3,5}://[^()\s]{5,400}\)(?:\*\*)?"
)
_PLAIN_LINE = re.compile(r"[^\W_a-z][^\n|<>\[\]]{7,198}[^\n|<>\[\].,;:。：]")
# ``[Home](../index.md) | [Next](b.md)``: to other pages of the same place.
_WAYS = re.compile(r"(?:\W{0,5}\[[^\[\]\n]{1,60}\]\((?![a-z]{3,5}://)[^()\s]{1,300}\)){1,8}\W{0,10}")
_MOST_OF_SECTION = 4  # words of a heading that is hardly a paper's title (chosen)
HEAD_LINES = 60  # that a head has at most (chosen)


class Titles:
    """A note's lines and headings, and which of them is its title.

    ``fenced`` are the numbers of the lines within fenced code. ``title_heading`` is the heading, or line, that is the
    title, and ``heading_said`` its text, links to the paper apart; ``name_of_notes`` one above it that is a name of the
    whole note (``# Reading notes``).
    """

    def __init__(self, body: str, title: str, stated: Statements, name: str) -> None:
        """``title`` is that of the front matter, ``name`` what a person named the file; ``stated`` is what the labels
        say."""
        self.body = body
        self.stated = stated
        self.lines = body.split("\n")
        self.fenced = code.fenced_lines(body)
        self.headings = headings(body, self.fenced)
        self.front_title = title
        self.name = name
        self.title_heading: Heading | None = None
        self.heading_said: str | None = None
        self.headed: list[tuple[str, int]] = []  # the title of a heading that says that it is one
        self.name_of_notes: Heading | None = None

    def _read_title_block(self) -> None:
        """Up to three lines with ``%``, as Pandoc has them: title, authors, date. Indented lines go on."""
        start = 0
        for kind, between in ((TITLE, " "), (AUTHORS, "; "), (PUBLISHED, " ")):
            if start == len(self.lines) or self.lines[start][:2].rstrip() != "%":
                break
            end = start + 1
            while end < len(self.lines) and self.lines[end][:1] in (" ", "\t") and self.lines[end].strip():
                end += 1
            value = between.join(line.strip() for line in (self.lines[start][1:], *self.lines[start + 1 : end])).strip()
            if value:
                self.stated.take(markup.Pair(kind, kind, value), start, value)
                self.stated.said.append((range(start, end), value))
            start = end

    def _find_title(self) -> None:
        """The heading that is the title: the first, unless it is one of any note, or text stands before it."""
        for number, heading in enumerate(self.headings[:3]):
            text, _ = heading_text(heading.text)
            same = self.front_title and normal(clean.line(text)) == normal(self.front_title)
            if not same:
                generic = is_generic(text) and not self._is_of_signs(text, heading, number)
                if generic and unnumbered(text) in OF_FACTS:
                    continue
                if generic and not number and heading.level == 1 and normal(text) not in _TEXT_HEADINGS:
                    self.name_of_notes = heading
                    continue
                if generic or (self.front_title and heading.level > 1) or (number and not self._follows(number)):
                    break
                if heading.level > 1 and not self._is_above_text(heading.line):
                    break
            if self._is_one_of_several(heading):
                return
            self.title_heading = heading
            return
        self._find_title_line()

    def _read_title_heading(self, heading: Heading) -> None:
        text, addresses = heading_text(heading.text)
        if (tags := TAGS_BEHIND.search(heading.text)) and not self.stated.tags:
            self.stated.tags = clean_tags([tags[0].strip()], NO_VALUE)
        badges = {badge[1] for badge in BADGE.finditer(heading.text)}
        for address in addresses:
            if address not in badges or ids.of_address(address) is not None:
                self.stated.take_address(address, self.stated.heading_ids)
        known = ids.named_in(heading.text) or numbered(heading.text)
        if known is not None and not addresses:
            self.stated.heading_ids.append(known)
        if any(pair.kind == TITLE for pair in markup.pairs("# " + heading.text)):
            self.headed.append((clean.line(text), heading.line))
        self.stated.venue_year = dates.year_at_end(clean.line(text)) or self.stated.venue_year
        self.heading_said = without_label_links(heading.text)

    def _title_end(self, start: int, stop: int) -> int:
        """The line after a title, which goes on in lines that are indented, as in lists of arXiv's."""
        end = start
        while end < min(stop, start + 2) and self.lines[end][:2].isspace() and (line := self.lines[end].strip()):
            if len(line) > 120 or line[-1] in ".:。：" or markup.bare(line) != line or markup.pairs(line):
                break
            end += 1
        return end

    def _is_of_signs(self, text: str, heading: Heading, number: int) -> bool:
        """Whether a note's own heading has no words, and shows something all the same: ``# ???``, ``# 1984``."""
        return not number and heading.level == 1 and not unnumbered(text) and bool(clean.line(text))

    def _find_title_line(self) -> None:
        """A first line that is nothing but a link, or bold, or above those who wrote the paper, is the title of a note
        that has no heading for one."""
        line = next((n for n, text in enumerate(self.lines) if text.strip() and not _WAYS.fullmatch(text)), -1)
        if any(heading.line == line and self._is_one_of_several(heading) for heading in self.headings[:1]):
            return
        text = markup.bare(self.lines[line].strip()) if line >= 0 else ""
        found = _TITLE_LINE.fullmatch(text) if len(text) < 600 else None
        name = (found["bold"] or found["text"]) if found else text if self._is_above_authors(line) else ""
        if name and not markup.pairs(text) and not is_generic(name):
            self.title_heading = Heading(line, 1, text)
            self.headings.insert(0, self.title_heading)

    def _is_one_of_several(self, heading: Heading) -> bool:
        """Whether it and other headings of its level link to different papers, as in lists of them."""
        if "](" not in heading.text:
            return False
        linked = (heading_text(each.text)[1] for each in self.headings if each.level == heading.level)
        known = ({*filter(None, map(ids.of_address, addresses))} for addresses in linked)
        return len({*map(frozenset, filter(None, known))}) > 1

    def _is_above_authors(self, line: int) -> bool:
        """Whether a line of plain words stands right above a line of names."""
        text = self.lines[line].rstrip() if line >= 0 else ""
        below = next(filter(str.strip, self.lines[line + 1 : line + 3]), "")
        if self.front_title or self.headings or not _PLAIN_LINE.fullmatch(text) or not below:
            return False
        named, own = byline.read(below), byline.read(text)
        return bool(named and named.authors and not (own and own.authors))

    def _is_entry(self, at: int) -> bool:
        """Whether a line is an item of a list in which others name other people: ``* Ada Example. Otters. 2019``."""
        line = self.lines[at]
        mark = ITEM.match(line)
        own = byline.read(line) if mark else None
        if mark is None or own is None or not own.authors:
            return False
        others = (text for text in self.lines[at + 1 : at + HEAD_LINES] if text.startswith(mark[0]) and text != line)
        return any(found.authors for found in map(byline.read, others) if found and found.authors != own.authors)

    def _is_above_text(self, line: int) -> bool:
        above = (text for text in self.lines[:line][:HEAD_LINES] if text.strip() and not _WAYS.fullmatch(text))
        return all(map(markup.pairs, above))

    def _follows(self, number: int) -> bool:
        """Whether a heading comes right after the one before."""
        before, heading = self.headings[number - 1], self.headings[number]
        return not any(line.strip() for line in self.lines[before.line + before.length : heading.line])

    def _goes_on(self, at: int) -> bool:
        """Whether a line that names nobody may stand between those that do: links to the paper, its title in full, or
        affiliations right below its authors."""
        line = self.lines[at].strip()
        if "](" in line:
            return len(words_of(without_label_links(line))) < 5
        if (line[0] + line[-1]) in ("[]", "**", "__", '""', "“”"):  # the title once more, or in full
            return not self.stated.authors
        return bool(self.stated.authors and at and self.lines[at - 1].strip(" >")) and len(line) < 150

    def _without_labels(self, below: range) -> range:
        """The lines below a heading up to the first that is a label and a value itself."""
        known = (n for n in below[:HEAD_LINES] if any(pair.kind for pair in markup.pairs(self.lines[n])))
        return range(below.start, next(known, below.stop))

    def _with_subsections(self, number: int, below: range) -> range:
        """The lines of a section with those of the headings below its own."""
        level, stop = self.headings[number].level, below.stop
        for heading in self.headings[number + 1 :]:
            if heading.level <= level:
                return range(below.start, heading.line)
            stop = len(self.lines)
        return range(below.start, stop)

    def _title(self) -> str:
        if self.front_title:
            return self.front_title
        if self.stated.titles:
            return self.stated.titles[0][0]
        if self.title_heading is not None:
            text, _ = heading_text(self.title_heading.text)
            if (title := clean.line(text)) and not self._is_section(self.title_heading, title):
                return title
        return self.stated.paper_title

    def _is_section(self, heading: Heading, text: str) -> bool:
        """Whether a short heading is one of several of its level and has nothing of what a person named the file: in
        vaults where the name is the title, notes begin with ``# Setup``."""
        most = _MOST_OF_SECTION if " " in self.name else _MOST_OF_SECTION // 2
        if not self.name or len(words_of(text)) > most or alike(self.name, text):
            return False
        return sum(each.level == heading.level for each in self.headings) > 1

    def _title_line(self) -> int:
        """The line at which the title stands, or -1."""
        if self.title_heading is not None:
            return self.title_heading.line
        return self.stated.titles[0][1] if self.stated.titles else -1
