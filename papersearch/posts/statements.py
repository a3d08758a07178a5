"""What a note says of its paper, fact by fact: which label is worth what, and which of several wins."""

from __future__ import annotations

import re
from functools import partial
from itertools import islice
from typing import NamedTuple

from papersearch.posts import byline, dates, facts, labels, links, markup
from papersearch.posts.placeholders import NO_VALUE
from papersearch.query import ids
from papersearch.text import clean

_WEAK_TAGS = frozenset("category categories subject subjects topic topics".split())
_LEADS_TO_PAPER = (labels.LINK, labels.PAPER, labels.ID)  # kinds of texts of links
_MOST_BEFORE_LINK = 4  # words, as in "Read the paper here:" (chosen)
_IN_FULL = re.compile(r"^[^\n]{4,600}\((?:19|20)\d{2}[a-z]?\)[.:,] \S[^\n]{20}")  # ``Quelle: Otter, Ada (2021): ...``
_BEHIND_ID = re.compile(r"[\s，；、（]+")
_FIRST_LINKS = 4  # addresses of a note among which is that of its paper, where it has many (chosen)
_MANY_LINKS = 30  # addresses, as below an episode of a podcast (chosen)
_LONGEST_TAG = 80  # characters (chosen: keywords of conferences have up to 60); what is longer is a sentence


class Note(NamedTuple):
    """What a note says. Texts have their marks still; lines count from 0 in the body, also in ``problems``."""

    title: str = ""
    title_line: int = -1
    authors: tuple[str, ...] = ()
    et_al: bool = False
    published: str | None = None
    tags: tuple[str, ...] = ()
    known: ids.Known | None = None
    is_named: bool = False  # a label, the heading or a byline says what is known, not only a link
    url: str | None = None
    abstract: str = ""
    abstract_line: int = -1
    text: str = ""
    text_line: int = 0
    beside: str = ""
    problems: tuple[tuple[int, str], ...] = ()


class Statements:
    """The facts that a note has said so far. Of several, the first counts, or the more exact."""

    def __init__(self, body: str, authors: tuple[str, ...], tags: tuple[str, ...]) -> None:
        """``authors`` and ``tags`` are those of the front matter, which come first."""
        self.body = body
        self.titles: list[tuple[str, int, str]] = []  # by labels, each with line and label; the full one comes first
        self.headed: list[tuple[str, int, str]] = []  # by the note's own heading; counts once another has a label too
        self.paper_title = ""  # by a label of the paper, or in BibTeX, for a note without a title
        self.authors = authors
        self.et_al = False
        self.names_cited: tuple[str, ...] = ()  # by how to cite the paper: those behind a label of several count more
        self.author_line = -9  # of the last label that spoke of one author
        self.people: dict[str, tuple[str, ...]] = {}  # by the labels that spoke of several
        self.has_other_people = False  # by the same label as before, as in lists of papers
        self.published: str | None = None
        self.venue_year: str | None = None  # where no date is known
        self.year_above: str | None = None  # above the authors, behind the name of a place
        self.tags = tags
        self.weak_tags = False  # they stood under a label such as "Topics", and give way to those of "Tags"
        self.named: list[ids.Known] = []  # ids by labels of ids, bylines and BibTeX
        self.heading_ids: list[ids.Known] = []  # in the heading that is the title
        self.linked: list[ids.Known] = []  # by links under labels
        self.cited: list[ids.Known] = []  # by how to cite the paper; these count least, so that no id changes
        self.urls: list[str] = []
        self.has_paper_url = False
        self.bare_url: str | None = None  # all that a line below the title says
        self.abstract: tuple[int, str] | None = None  # (line, text)
        self.problems: list[tuple[int, str]] = []  # (line, reason)

    def take(self, pair: markup.Pair, line: int) -> bool:
        """Take a fact; whether its label is one whose value a field may hold."""
        kind, value = pair.kind, pair.value
        is_citation = kind == labels.OTHER and labels.normal(pair.label) in labels.CITATIONS
        may_be = is_citation or (kind in (labels.LINK, labels.PAPER) and _IN_FULL.search(value))
        if may_be and (found := byline.read(value)) and (is_citation or (found.authors and found.published)):
            self._take_byline(found)
            self.names_cited = found.authors
        if kind in (None, labels.OTHER) or NO_VALUE.fullmatch(value[:40]):
            return False
        if kind == labels.TITLE:
            if title := facts.as_in_logseq(clean.line(links.without_label_links(value))):
                label = labels.normal(pair.label)
                self.titles.insert(0 if label == "full title" else len(self.titles), (title, line, label))
            for address in links.addresses_of(value):
                self.take_address(address, self.linked)
        elif kind == labels.AUTHORS:
            self._take_authors(pair.label, line, value)
        elif kind == labels.PUBLISHED:
            if labels.normal(pair.label) == "data" and not _is_date(value):  # in English it is another word
                return False
            self._take_date(line, value)
            self._take_id_beside(value)
        elif kind == labels.VENUE:
            self.venue_year = self.venue_year or dates.only_one(byline.without_ids(value))
            self._take_id_beside(value)
        elif kind == labels.TAGS:
            self._take_tags(pair)
        elif kind == labels.ABSTRACT:
            self.abstract = self.abstract or (line, value)
        else:
            self._take_link(line, pair)
        return True

    def take_heading(self, line: int, text: str) -> None:
        """Take what the heading that is the title says beside it: ids, addresses, tags, a year."""
        title, addresses = links.heading_text(text)
        if (tags := links.TAGS_BEHIND.search(text)) and not self.tags:
            self.tags = facts.clean_tags([tags[0].strip()], NO_VALUE)
        badges = {badge[1] for badge in links.BADGE.finditer(text)}
        for address in addresses:
            if address not in badges or ids.of_address(address) is not None:
                self.take_address(address, self.heading_ids)
        known = ids.named_in(text) or facts.numbered(text)
        if known is not None and not addresses:
            self.heading_ids.append(known)
        said = (labels.normal(pair.label) for pair in markup.pairs("# " + text) if pair.kind == labels.TITLE)
        self.headed += [(clean.line(title), line, label) for label in islice(said, 1)]
        self.venue_year = dates.year_at_end(clean.line(title)) or self.venue_year

    def take_further_heading(self, pair: markup.Pair, line: int) -> None:
        """Take a heading with a label of a title, beside that of the note."""
        self.titles[:0], self.headed = self.headed, []
        self.take(pair, line)

    @property
    def has_other_titles(self) -> bool:
        """Whether one label says different titles: those of several papers. Several say one in short and in full."""
        said = {(label, labels.normal(title)) for title, _, label in self.titles}
        return len(said) > len({label for label, _ in said})

    def _take_authors(self, label: str, line: int, value: str) -> None:
        is_one = labels.single(label)
        names, et_al, year, _ = byline.behind_label(value, is_one)
        self.venue_year = self.venue_year or year
        if not is_one and names:
            before = self.people.setdefault(labels.normal(label), names)
            self.has_other_people |= not set(before) & set(names)
            self.authors = () if self.authors == self.names_cited else self.authors
        if is_one and names and 0 <= line - self.author_line <= 1:  # a label for each author, line by line
            self.authors, self.et_al = tuple(dict.fromkeys((*self.authors, *names))), et_al
            self.author_line = line
        elif names and not self.authors and not (len(names) == 1 and len(names[0].split()) > 8):
            self.authors, self.et_al = names, et_al or labels.normal(label).startswith("first")
            self.author_line = line if is_one else self.author_line

    def _take_date(self, line: int, value: str) -> None:
        date = dates.stated(value) or dates.day(byline.without_ids(value))
        if date is None:
            if plain := clean.line(value)[:40].strip():  # else only a comment stands there
                self.problems.append((line, f"not a date: {plain}"))
        elif self.published is None or (date.startswith(self.published) and len(date) > len(self.published)):
            self.published = date

    def _take_id_beside(self, value: str) -> None:
        """Take the id that is said beside a date or a venue: ``arXiv:2405.04434, 2024-05``."""
        if (known := ids.named_in(value)) is not None:
            self.linked.append(known)

    def _take_tags(self, pair: markup.Pair) -> None:
        is_weak = labels.normal(pair.label) in _WEAK_TAGS
        if not self.tags or (self.weak_tags and not is_weak):
            tags = facts.clean_tags([pair.value.replace("\n", ", ")], NO_VALUE)
            is_text = is_weak and (("\n" in pair.value and "|" in pair.value) or any(map(facts.is_phrase, tags)))
            if not is_text and all(len(tag) <= _LONGEST_TAG for tag in tags):
                self.tags, self.weak_tags = tags, is_weak

    def _take_link(self, line: int, pair: markup.Pair) -> None:
        """Take what a label of a link, a paper or an id says."""
        into = self.named if pair.kind == labels.ID else self.linked
        addresses, plain = links.addresses_of(pair.value), clean.line(pair.value)
        self._take_year_beside(pair.kind, clean.line(pair.value.partition("\n")[0]), bool(addresses))
        for address in addresses:
            self.take_address(address, into)
        if not addresses and (known := _id_in(pair, plain)) is not None:
            into.append(known)
        elif not addresses and pair.kind == labels.ID and plain:
            self.problems.append((line, f"not an id: {plain[:40].strip()}"))
        is_title = pair.kind == labels.PAPER and plain and not plain.startswith("http") and not labels.is_generic(plain)
        if is_title and not self.paper_title:
            self.paper_title = clean.line(links.without_label_links(pair.value))

    def _take_year_beside(self, kind: str | None, plain: str, has_address: bool) -> None:
        """Take when a paper appeared, of a text that says where it is or which."""
        if kind == labels.ID:  # the stamp on arXiv's papers is a day; behind other ids often stands where it appeared
            beside = byline.without_ids(plain)
            date = dates.only_one(beside) or dates.day(beside)
            if date is not None and len(date) > 4:
                self.published = self.published or date
            if plain == date and int(plain[2:4]) <= 12:  # the beginning of an id: ``arXiv: 1801``
                return
        elif kind == labels.LINK and not has_address and len(plain) < 60:  # ``Source: OTTER 2025``
            date = dates.only_one(plain)
        else:
            date = dates.year_at_end(plain)
        self.venue_year = self.venue_year or date

    def take_address(self, address: str, into: list[ids.Known]) -> None:
        """Take a web address, and into a list of ids the one that it names."""
        if (known := ids.of_address(address)) is not None:
            into.append(known)
        if address.isprintable() and links.is_on_the_web(address):
            self.urls.insert(0 if known is not None and not self.has_paper_url else len(self.urls), address)
            self.has_paper_url |= known is not None

    @property
    def is_named(self) -> bool:
        """Whether more than a link says which paper it is."""
        return bool(self.named or self.heading_ids or self.linked)

    def paper_id(self, head: str, title: str) -> ids.Known | None:
        """The id of the one paper that the note is about; its address in the head counts as the note's, if no other."""
        known = self._paper_id(head, title)
        if known is None and len({paper_id for paper_id, _ in self.linked}) > 1:  # of several papers
            self.urls = []
        if known is not None and not self.urls:
            found = [address for address in links.addresses_of(head) if links.leads_to(address, known[0])]
            labelled = {links.unescaped(link[2]) for link in self._labelled_links()}
            self.urls += found[:1] or [*labelled] * (len(labelled) == 1)
        return known

    def _labelled_links(self) -> list[re.Match[str]]:
        """The links of the note whose texts say that they lead to the paper."""
        found = islice(links.LINKED.finditer(self.body), links.MOST_LINKS)
        return [link for link in found if labels.kind_of(link[1]) in _LEADS_TO_PAPER and links.is_on_the_web(link[2])]

    def _paper_id(self, head: str, title: str) -> ids.Known | None:
        """The id of the one paper that the note is about: as it is named, as its heading or its labelled link says, or
        the only one in its head. None where it is about several."""
        for candidates in (self.named, self.heading_ids, self.linked):
            if candidates:
                return links.chosen(candidates)
        labelled = self._labelled_links()
        urls = [links.unescaped(found[2]) for found in labelled]
        known_by = [(found, known) for found, url in zip(labelled, urls, strict=True) if (known := ids.of_address(url))]
        if known_by and all(self._is_within_text(found) for found, _ in known_by) and self._is_about_several():
            return links.chosen(self.cited)
        if known_by and all(self._is_among_others(known[0], _MANY_LINKS) for _, known in known_by):
            return links.chosen(self.cited)
        apart = {url for found, url in zip(labelled, urls, strict=True) if not self._is_within_text(found)} or {*urls}
        by_text = [known for _, known in known_by]
        is_one = len(apart) == 1 and len(set(by_text)) < 2 and len(links.addresses_of(self.body)) <= _MANY_LINKS
        self.urls += apart if is_one else ()
        if by_text or self.cited:
            return links.chosen(by_text if len(set(by_text)) == 1 else self.cited)
        in_head = [known for known in map(ids.of_address, links.addresses_of(head)) if known is not None]
        if not in_head and (known := ids.named_in(head)):
            in_head = [known]
        if len({known[0] for known in in_head}) != 1 or self._is_only_mentioned(in_head[0][0], head, title):
            return None
        return links.chosen(in_head)

    def _is_within_text(self, link: re.Match[str]) -> bool:
        """Whether more than a few words stand before a link in its line: a sentence mentions it."""
        line = self.body.rfind("\n", 0, link.start()) + 1
        before = self.body[line : link.start()]
        return len(before.split()) > _MOST_BEFORE_LINK or facts.length_in_words(before) > 2 * _MOST_BEFORE_LINK

    def _is_only_mentioned(self, paper_id: str, head: str, title: str) -> bool:
        """Whether a paper is only linked in sentences of the head, by another name than the note's, and further papers
        are below, or in an entry of a list, as in surveys, reports and bibliographies; or behind what is said of
        another paper."""
        leads = partial(links.leads_to, paper_id=paper_id)
        lines = [line for line in head.split("\n") if any(map(leads, links.addresses_of(line)))]
        if lines and all(links.is_mention(line, title) for line in lines) and self._is_about_several():
            return True
        if lines and all(links.is_beside_prose(line, head, title) for line in lines):
            return True
        has_other_names = lines and all(links.has_other_names(line, title) for line in lines)
        if has_other_names and self._is_among_others(paper_id, _FIRST_LINKS):
            return True
        return bool(lines) and all(links.is_entry(line, head) for line in lines)

    def _is_about_several(self) -> bool:
        """Whether addresses of more than one paper stand in a note."""
        known = filter(None, map(ids.of_address, links.addresses_of(self.body)))
        return len({paper_id for paper_id, _ in known}) > 1

    def _is_among_others(self, paper_id: str, most: int) -> bool:
        """Whether a paper is linked to behind several other addresses, of which there are more than ``most`` in all."""
        addresses = links.addresses_of(self.body)
        first = (number for number, address in enumerate(addresses) if links.leads_to(address, paper_id))
        return len(addresses) > most and next(first, 0) >= _FIRST_LINKS

    def take_byline(self, line: str) -> bool:
        """Take the line below a title that says who wrote the paper, and where and when; whether it was one."""
        plain = links.without_label_links(line)
        found = byline.read(plain)
        if byline.has_appeared(plain):  # ``Presented in [OTTER 2019](...)``
            for address in links.addresses_of(plain)[:1]:
                self.take_address(address, self.linked)
        if found is None:
            if (date := byline.date_alone(line)) and (self.authors or self._is_month_of_id(date)):
                found = byline.Byline((), False, date, None)
            elif self.venue_year and (name := byline.person(line)):  # right below a title that ends in a year
                found = byline.Byline((name,), False, None, None)
            elif not self.authors:
                self.year_above = byline.place_and_year(line) or self.year_above
        if found is not None:
            self._take_byline(found)
        return found is not None

    def _is_month_of_id(self, date: str) -> bool:
        """Whether a date is in the month that begins the id in the heading: else it may be that of the note."""
        return any(known[0].startswith(f"{date[2:4]}{date[5:7]}.") for known in self.heading_ids)

    def take_own_citation(self, line: str, title: str) -> None:
        """Take what a citation says, with its address, if it is of the paper with that title; it stays text."""
        if len(line) > markup.LONGEST_LINE:
            return
        apart = markup.bare(line).replace("[", " [").replace("，", ", ")  # else a link is a part of the word before it
        shown = clean.line(apart).lstrip("・ ")
        found = byline.read(shown) if facts.cites(shown, title) else None
        if found is not None and found.authors:
            self._take_byline(found._replace(known=None))
            self.cited += [found.known] if found.known is not None else []
            for address in links.addresses_of(line):
                self.take_address(address, self.cited)

    def _take_byline(self, found: byline.Byline) -> None:
        if found.authors and not self.authors:
            self.authors, self.et_al = found.authors, found.et_al
            self.published = self.published or found.published or self.year_above
        if found.known is not None:
            self.named.append(found.known)
        if found.published and found.published.startswith(self.published or ""):  # for the first time, or more exactly
            self.published = found.published


def _id_in(pair: markup.Pair, plain: str) -> ids.Known | None:
    """The id that the value of a label is or says; behind a label of ids its first word may be one, behind some is."""
    known = ids.identify(plain) or ids.named_in(plain)
    if known is None and pair.kind == labels.ID:
        of_kind = "pmid:" if labels.normal(pair.label) in ("pmid", "pubmed id") else ""
        known = ids.identify(of_kind + _BEHIND_ID.split(plain, maxsplit=1)[0] if plain else "")
    return facts.stated(pair.value) if known is None and labels.normal(pair.label) in facts.ANY_ID else known


def _is_date(value: str) -> bool:
    """Whether a value is a date and no more: a month at least, or nothing but numbers."""
    date = dates.day(value) if len(value) < 40 else None
    return date is not None and (len(date) > 4 or not any(map(str.isalpha, value)))
