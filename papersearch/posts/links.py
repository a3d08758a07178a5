"""The links of a note: which addresses it holds, and which paper they name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from papersearch.posts import byline, facts, markup
from papersearch.posts.labels import ID, LINK, OTHER, PAPER, TITLE, kind_of, normal
from papersearch.posts.outline import HEAD_LINES
from papersearch.query import ids
from papersearch.query.ids import Known
from papersearch.text.citations import is_arxiv

MOST_LINKS = 400
"""Links that are looked at (chosen)."""

LINKED = re.compile(
    r"\[((?:[^\[\]\n]|\[[^\[\]\n]{0,200}\]){0,300})\]\(\s?<?([a-z]{3,5}://[^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:(?:https?|ftp)://|(?<![\w./:@-])arxiv\.org/(?=abs/|pdf/))[^\s<>\"'\]|，。）]+", re.IGNORECASE
)
_DOI_ALONE = re.compile(r"https?://(10\.\d{4,9}/\S{2,400})")
_ESCAPE = re.compile(r"\\([~_*&#()-])")
_THROUGH = re.compile(
    r"https?://(?:www\.google\.[a-z.]{2,6}/url|link\.(?:zhihu\.com|csdn\.net|juejin\.cn)/?)\?(?:[^=&\s]{1,20}=[^&\s]{0,200}&){0,15}?"
    r"(?:q|url|target)=(https?(?::|%3A)[^&\s]{1,2000})",
    re.IGNORECASE,
)
_HEADING_LINK = re.compile(r"\(?\[{0,2}\[([^\[\]\n]{1,40})\]{1,2}\([^()\s]{0,500}\)\]{0,2}\)?")
BADGE = re.compile(r"\[!\[[^\[\]\n]{0,200}\]\([^()\s]{0,1000}\)\]\(([^()\s]{1,1000})\)")
"""An image that is a link; its one group is the address."""
TAGS_BEHIND = re.compile(r"(?:\s#[^\W\d_][\w/-]{1,60})+\s*\Z")
"""Tags after a title: ``Otters #paper #rl``."""
_BARE = re.compile(r"[ \t>]{0,8}<?(https?://[^\s<>\"]{4,500})>?[ \t]{0,4}", re.IGNORECASE)
_OF_NO_PAPER = re.compile(
    r"//(?:[\w-]{1,20}\.)?(?:github|gitlab|huggingface|youtube|youtu|twitter|x|bilibili|google)\.\w{2,4}/|\bblog\b",
    re.IGNORECASE,
)  # code, films, remarks
_ITEM = re.compile(r"[ \t]{0,12}(?:[-*+]|\d{1,3}[.)])[ \t]+")
_NUMBERED = re.compile(r"\d{1,3}[.)][ \t]")
_THE_PAPER = re.compile(
    r"\b(?:papers?|preprint|article|here|link|arxiv|openreview|pdf|doi)\b|препринт|статья|论文|論文|논문", re.IGNORECASE
)
_WHOLE_LINK = re.compile(r"\[[^\[\]\n]{0,300}\]\([^()\s]{0,1000}\)|[a-z]{3,5}://\S+", re.IGNORECASE)
_MOST_BESIDE_LINKS = 5  # words (chosen)
_MOST_ABOVE_LINK = 20  # words (chosen: of 10,000 notes those with more had 7 links to other papers, and 6 to theirs)
_LABELLED_END = re.compile(
    r"(?:\.(?= \(arxiv:\S+ \[))?[\s\-–—:|(\[]*(?:\[|\()?\s*(?:arxiv|doi)[:\s](?=\S*\d)\S+?(?: \[[a-z.-]{2,18}\])?"
    r"[\])]*\s*$",
    re.IGNORECASE,
)
"""An id behind a title, also as arXiv's feeds have it: ``Otters. (arXiv:1706.00001v2 [cs.LG])``."""


def chosen(candidates: list[Known]) -> Known | None:
    """The paper that several ids name: arXiv's before a DOI before others. None where two of a kind differ."""
    for is_kind in (is_arxiv, lambda known: known.startswith("10."), lambda known: True):
        found = [known for known in candidates if is_kind(known[0])]
        if found:
            return max(found, key=lambda known: known[1] or 0) if len({known[0] for known in found}) == 1 else None
    return None


def other_items(line: str, lines: Iterable[str]) -> list[str]:
    """Those of some lines that are items of a list as a line is, with the same mark; none if it is no item."""
    mark = _ITEM.match(line)
    if mark is not None and mark[0].strip()[0].isdigit():
        return [each for each in lines if _NUMBERED.match(each) and each != line]
    return [each for each in lines if each.startswith(mark[0]) and each != line] if mark else []


def addresses_of(text: str) -> list[str]:
    """The different web addresses of a text, in order."""
    linked = [found[2] for found in LINKED.finditer(text)]
    bare = [_balanced(found[0].rstrip(".,;:!?*_`")) for found in _ADDRESS.finditer(LINKED.sub(" ", text))]
    return list(dict.fromkeys(map(unescaped, (linked + bare)[:MOST_LINKS])))


def unescaped(address: str) -> str:
    """An address without the marks that Markdown's editors put before its own (``\\_``, ``\\~``), and the one that a
    site which counts clicks leads to."""
    address = _ESCAPE.sub(r"\1", address) if "\\" in address else address
    address = address if "://" in address else f"https://{address}"
    if "//10." in address and (doi := _DOI_ALONE.match(address)):
        return f"https://doi.org/{doi[1]}"
    if "=http" in address and (found := _THROUGH.match(address)):
        return quote(unquote(found[1]), safe=":/?#[]@!$&'()*+,;=%~") if "%" in found[1] else found[1]
    return address


def _balanced(address: str) -> str:
    """An address without the brackets at its end that it did not open: also those of BibTeX, ``url={https://...}}``."""
    for opening, closing in ("()", "{}"):
        while address.endswith(closing) and address.count(opening) < address.count(closing):
            address = address[:-1]
    return address


def without_label_links(text: str) -> str:
    """A heading without the links that only name where the paper is: ``[[arXiv](...)]``, ``[pdf](...)``. Behind a title
    those in brackets are any others: ``[[my post](...)]``."""
    if "](" not in text:
        return text
    return _HEADING_LINK.sub(lambda found: "" if _is_place(found[1]) or _is_behind(found) else found[0], text)


def _is_behind(found: re.Match[str]) -> bool:
    """Whether a link has brackets around it, and stands behind words."""
    return found[0].startswith("[[") and any(map(str.isalnum, found.string[: found.start()]))


def _is_place(text: str) -> bool:
    return kind_of(text) in (LINK, PAPER, ID, OTHER) or normal(text) in ("here", "paper", "acl", "nips", "neurips")


def heading_text(raw: str) -> tuple[str, list[str]]:
    """(the title that a heading says, the addresses that it links to)."""
    addresses = addresses_of(raw)
    raw = TAGS_BEHIND.sub("", raw) if " #" in raw else raw
    text = without_label_links(BADGE.sub("", raw) if "[![" in raw else raw).removeprefix("!")
    found = markup.pairs("# " + text)
    if len(found) == 1 and found[0].kind in (TITLE, PAPER) and found[0].value:
        text = found[0].value
    if "arxiv" in text.lower() or "doi" in text.lower():
        text = _LABELLED_END.sub("", text)
    return text.strip(" -–—|" if text == raw else " -–—|:,;/") or raw, addresses


def is_mention(line: str, title: str) -> bool:
    """Whether a line says more than a few words beside its links, and these have names that are not like a title."""
    return has_other_names(line, title) and _has_words(line)


def has_other_names(line: str, title: str) -> bool:
    """Whether the links of a line have names, and none that is like a title or says that it leads to the paper."""
    names = [link[1] for link in LINKED.finditer(line)]
    return bool(names) and not any(facts.alike(title, name) or _THE_PAPER.search(name) for name in names)


def _has_words(line: str) -> bool:
    return facts.length_in_words(_WHOLE_LINK.sub(" ", line)) > _MOST_BESIDE_LINKS


def is_beside_prose(line: str, head: str, title: str) -> bool:
    """Whether a line stands behind sentences, and does not say that it leads to the paper of which they speak; an
    address alone at the end does, if nothing stands right above it."""
    before, _, behind = head.partition(line)
    above = before.split("\n")
    text = (_WHOLE_LINK.sub(" ", each) for each in above if not (each[:1] in ("#", "|", "!") or markup.pairs(each)))
    if sum(map(facts.length_in_words, text)) <= _MOST_ABOVE_LINK or _THE_PAPER.search(_WHOLE_LINK.sub(" ", line)):
        return False
    names = (link[1] for link in LINKED.finditer(line) if "://" not in link[1])
    if any(_THE_PAPER.search(name) or facts.alike(title, name) for name in names):
        return False
    return not (is_address(line) and not behind.strip() and not "".join(above[-2:]).strip())


def is_entry(line: str, head: str) -> bool:
    """Whether a line is one of three items or more that each say something and link somewhere."""
    others = other_items(line, head.split("\n")) if _has_words(line) else []
    return sum(bool(addresses_of(text)) and _has_words(text) for text in others) > 1


def names_other_people(lines: list[str], at: int) -> bool:
    """Whether a line is an item of a list in which others name other people: ``* Ada Example. Otters. 2019``."""
    others = other_items(lines[at], lines[at + 1 : at + HEAD_LINES])
    own = byline.read(lines[at]) if others else None
    if own is None or not own.authors:
        return False
    return any(found.authors for found in map(byline.read, others) if found and found.authors != own.authors)


def is_on_the_web(address: str) -> bool:
    """Whether an address is no file's on this machine, nor one of a program's own."""
    return address[:4].lower() in ("http", "ftp:")


def is_address(line: str) -> bool:
    """Whether a line is an address alone."""
    return _BARE.fullmatch(line) is not None


def bare_address(line: str) -> str | None:
    """The address that a line is, if it may be that of a paper which has no id: not of code, films or a blog."""
    found = _BARE.fullmatch(line)
    if found is None or _OF_NO_PAPER.search(found[1]) or not found[1].isprintable():
        return None
    return unescaped(found[1]) if ids.of_address(found[1]) is None else None


def leads_to(address: str, paper_id: str) -> bool:
    """Whether an address is that of a paper."""
    known = ids.of_address(address)
    return known is not None and known[0] == paper_id
