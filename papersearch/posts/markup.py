"""The labels and values in a line of a note, whatever marks stand around them.

``* **Title**: ...``, ``> 作者：...``, ``| Authors | ... |``, ``authors:: ...``, ``<b>Date:</b> ...``, two in a line
and their like are all pairs of a label and a value: ``pairs`` knows every mark, and ``labels`` every label.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import NamedTuple

from papersearch.posts.labels import AUTHORS, ID, LINK, LONGEST, OTHER, PAPER, PUBLISHED, TAGS, kind_of
from papersearch.text.clean import CELLS

LONGEST_LINE = 4_000
"""Characters of a line in which labels are looked for (chosen: the longest list of authors seen has 2,900)."""

WIKI_LINK = re.compile(r"\[\[(?:[^\[\]|]{0,200}\|)?([^\[\]|]{1,200})\]\]")
"""``[[Ada Example]]`` or ``[[people/ada|Ada Example]]``; its one group is what a reader sees."""

_HASH_TAG = r"#(?:[\w/-]{1,40}(?: [\w/-]{1,40}){1,4}(?=#(?!\w))|[\w/-]{2,60})#?"
HASH_TAG = re.compile(_HASH_TAG)
HASH_TAGS = re.compile(rf"(?:{_HASH_TAG}[ \t,]*)+")
"""A line of nothing but ``#tags``, of which Bear's may have blanks: ``#deep sleep#``."""

# ``19. Dezember 2024`` is no item of a list.
_DAY = (
    r"\d{1,2}\. (?:j[äa]n|feb|m[äa]r|mae|apr|ma[ijy]|jun|jul|aug|sep|o[kc]t|nov|de[zcs])[^\W\d_]{0,7}\.? (?:19|20)\d\d"
)
# What stands before a line's text: quotes, call-outs, bullets, tasks, numbers, headings, org keywords, definitions,
# pictures.
_PREFIX = re.compile(
    rf"(?:[ \t]{{0,12}}(?:>|[-*+•◦▪–](?=[ \t])|(?!(?i:{_DAY}))\d{{1,3}}[.)、](?=[ \t\u3400-\u9fff\uac00-\ud7af])"
    r"|\[![\w-]{1,20}\][+-]?|\[[ xX]\](?=[ \t])"
    r"|#{1,6}(?=[ \t])|#{2,6}(?=[^\W\d_])|#\+|%(?=[ \t])|:(?=[ \t]|\w{1,20}:)"
    r"|[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff][\u200d\ufe0f\U0001f3fb-\U0001f3ff]?))*[ \t]*"
)
MARK_TAG = re.compile(r"<su[pb]>[^<>]{0,40}</su[pb]>", re.IGNORECASE)
_RAISED = re.compile(r"\$\^[^$\n]{1,40}\$")
_BOLD_TAG = re.compile(r"</?(?:b|strong|dt)>", re.IGNORECASE)
_BREAK_TAG = re.compile(r"<br ?/?>|</(?:p|li|div|dd|tr|h[1-6])>", re.IGNORECASE)
# Any tag but ``<sup>`` and ``<sub>``, and those that hold an address.
_TAG = re.compile(r"</?(?!su[bp]\b)[a-zA-Z][\w-]{0,20}(?: (?:(?!://)[^<>]){0,300})?/?>", re.IGNORECASE)
_GENDER = re.compile(r"(\W{0,9}(?:Autor|Verfasser)):(?=in(?:nen)?\b)", re.IGNORECASE)  # a colon within a label
_COLON = re.compile(r"::?|：|(?<=\w) ?= (?=\S)|(?<=[*_]) [-–—] ")
_BEFORE_LABEL = re.compile(r".*(?:[|·•;；\t【「\[（\x00]|\((?!\w{1,2}\))|\s{2,}|\*\*|__|(?<=[.)\]]) )", re.DOTALL)
_PLURAL = re.compile(r"\w\(\w{1,2}\)$")
_MARKS = " \t*_`[]()（）【】「」|·•;；,，<>&\x00\u200b\ufe0f"
_BOLD_LABEL = re.compile(r"(?:\*\*|__)[ \t]?([^*_\n]{1,60}?)[ \t]?(?:\*\*|__)")
_BRACKETS = re.compile(r"[【\[]([^】\[\]\n]{1,40})[】\]][ \t:：]*(?![(\[])")
# ``Authors — Ada Example``: where the value has the form of the fact, as dashes follow such words in sentences too.
_DASHED = re.compile(r"([^\W\d_][\w ()/]{1,30}?) [-–—] (\S.*)")
_FORMS = {
    AUTHORS: re.compile(r"(?!.*(?<!\w)[a-z]{5})[^\W\d_a-z].*"),
    PUBLISHED: re.compile(r".{0,20}\d{4}.{0,12}"),
    LINK: re.compile(r"(?:<?https?://|\[[^\[\]]{1,300}\]\().*"),
    ID: re.compile(r"\S*\d\S*"),
}
_EDGES = " \t|·•;；,，\x00"


class Pair(NamedTuple):
    """``kind`` of fact (None: not in the table), the ``label`` as it is written, and the ``value`` after it, with its
    marks; empty where it stands in the lines below."""

    kind: str | None
    label: str
    value: str


def bare(line: str) -> str:
    """A line without what stands before its text, its HTML as Markdown and its breaks as those of lines."""
    return _bare(line).replace("\0", "\n")


def _bare(line: str) -> str:
    """A bare line with NUL for its breaks."""
    if "<" in line:
        line = line.removesuffix("-->") if line.startswith("<!--") else line
        line = _BREAK_TAG.sub("\0", _BOLD_TAG.sub("**", CELLS.sub(" | ", line)))
        line = _TAG.sub("", line)
    found = _PREFIX.match(line)
    return line[found.end() :].rstrip() if found else line.rstrip()


def without_footnotes(line: str) -> str:
    """A bare line without superscripts and subscripts, which mark footnotes beside names."""
    line = _RAISED.sub("", line) if "$^" in line else line
    return bare(MARK_TAG.sub("", line) if "<s" in line else line)


def without_folders(text: str) -> str:
    """A text with its wiki links as names: ``[[people/Ada Example]]`` too."""
    return WIKI_LINK.sub(lambda link: link[1].rpartition("/")[2], text)


def without_edges(line: str) -> str:
    """A line without the edges that it has as the row of a table."""
    row = line.strip(" \t>")
    return row.strip("| \t") if len(row) > 2 and row[0] == row[-1] == "|" else line


def cells(text: str) -> list[str]:
    """The cells of a row of a table, or nothing if it is not one."""
    if text.count("|") < 1 or (text[0] != "|" and " | " not in text):
        return []
    return [cell.strip().replace("\1", "|") for cell in text.strip("| \t").replace(r"\|", "\1").split("|")]


def pairs(line: str) -> list[Pair]:
    """The pairs of a line, none where it begins with no label of the table: then it is text."""
    text = _bare(line)[:LONGEST_LINE]
    if not text or text[:3] == "```":
        return []
    text = _GENDER.sub(r"\1*", text, count=1) if ":in" in text else text
    rows = [text.replace("\0", "\n")] if text[0] == "|" else text.split("\0")  # breaks within cells, or between rows
    if "|" in text and (found := [pair for row in rows for pair in _of_cells(cells(row))]):
        return found
    found = _with_colons(text)
    found = found if any(pair.kind for pair in found) else _alone(text)
    return [pair._replace(value=pair.value.replace("\0", "\n")) for pair in found]


def _of_cells(row: list[str]) -> list[Pair]:
    """``| Authors | Ada | Year | 2019 |``. Where cells are left over, papers are compared."""
    if len(row) < 2 or (kind := _kind_of_cell(row[0])) is None or any(_kind_of_cell(cell) for cell in row[1:2]):
        return []
    found = [Pair(kind, row[0], row[1])]
    for label, value in zip_longest(row[2::2], row[3::2], fillvalue=""):
        if (kind := _kind_of_cell(label)) is not None:
            found.append(Pair(kind, label, value))
        elif label or value:
            return []
    return found


def _kind_of_cell(cell: str) -> str | None:
    return kind_of(cell) if 0 < len(cell) <= LONGEST and ":" not in cell[:-1].replace(":*", "*") else None


def header(line: str) -> list[str | None]:
    """The kinds of facts that a table's header names, if two of them are known; else nothing."""
    kinds = [_kind_of_cell(cell) for cell in cells(bare(line)[:LONGEST_LINE] or " ")]
    return kinds if sum(kind not in (None, OTHER) for kind in kinds) > 1 else []


def _with_colons(text: str) -> list[Pair]:
    """Labels are what stands before a colon, back to the beginning, a separator or a bold mark."""
    starts: list[tuple[int, int, str | None, str]] = []
    at = 0
    for colon in _COLON.finditer(text):
        if colon.start() < at or text[colon.end() : colon.end() + 2] == "//":
            continue
        start, label = _label_before(text, at, colon.start())
        kind = kind_of(label) if label else None
        is_bold = text[start:].lstrip(" [(").startswith(("**", "__"))
        if kind is None and starts and not is_bold:
            start, label, kind = _words_before(text, at, colon.start())
        if kind is None and not (is_bold and label and len(label) <= 40 and _closes(text, colon)):
            if not starts:
                return []
            continue
        if not starts and text[:start].strip(_MARKS):
            return []
        end = colon.end()
        is_open = text[start : colon.start()].lstrip(" [(")[:1] in ("*", "_") and text[colon.start() - 1] not in "*_"
        while is_open and end < len(text) and text[end] in "*_":  # what closes the label; the value has its own marks
            end += 1
        while end < len(text) and text[end] in " \t" and text[end - 1 : end + 1] != "  ":
            end += 1
        starts.append((start, end, kind, label))
        at = end
    if not starts:
        return []
    ends = [start for start, *_ in starts[1:]] + [len(text)]
    return [
        Pair(kind, label, _value(text[begin:end], text[start:begin]))
        for (start, begin, kind, label), end in zip(starts, ends, strict=True)
    ]


def _closes(text: str, colon: re.Match[str]) -> bool:
    """Whether bold ends at a colon: ``**Venue:**`` or ``**Venue**:``."""
    around = text[colon.start() - 2 : colon.start()] + text[colon.end() : colon.end() + 2]
    return "**" in around or "__" in around


def _label_before(text: str, at: int, end: int) -> tuple[int, str]:
    """(start, label) of what stands before a colon."""
    low = max(at, end - 2 * LONGEST)
    piece = text[low:end].rstrip(_MARKS.replace(")", ""))
    piece = piece if _PLURAL.search(piece) else piece.rstrip(_MARKS)
    found = _BEFORE_LABEL.match(piece)
    start = low + (found.end() if found else 0)
    label = piece[start - low :].strip(_MARKS.replace(")", ""))
    while start > at and text[start - 1] in "*_[(【「":
        start -= 1
    return (start, label) if found or low == at else (start, "")


def _words_before(text: str, at: int, end: int) -> tuple[int, str, str | None]:
    """The one to three capitalised words before a colon that are a label: ``Tags: a, b Date: ...``."""
    low = max(at, end - LONGEST)
    words = list(re.finditer(r"\S+", text[low:end]))[-3:]
    for word in words:
        start = low + word.start()
        label = text[start:end].strip(_MARKS)
        begins = label[:1].isupper() or not label[:1].isascii()
        if begins and (kind := kind_of(label)) is not None:
            return start, label, kind
    return end, "", None


def _value(text: str, label: str) -> str:
    """A value without the marks that its label opened, and without separators."""
    text = text.strip(_EDGES)
    if text[:1] + text[-1:] == "{}" and "=" in label:  # of BibTeX
        text = text[1:-1]
    for mark in ("**", "__", "*", "_"):
        if label.count(mark) % 2 and text.count(mark) % 2:
            text = text.replace(mark, "", 1)
        elif text.count(mark) % 2 and text.startswith(mark):
            text = text[len(mark) :]
    for opening, closing in (("[", "]"), ("(", ")")):
        if label.count(opening) > label.count(closing) and text.count(closing) > text.count(opening):
            text = text.removesuffix(closing)
    return text.strip(_EDGES)


def _alone(text: str) -> list[Pair]:
    """A label that is bold (``**Authors** Ada, Bo``), or all that a line says."""
    if text[:2] in ("**", "__") and (found := _BOLD_LABEL.match(text)):
        kind = kind_of(found[1])
        value = text[found.end() :].strip(_EDGES + "-–—:：")
        if kind is not None and (not value or kind in (AUTHORS, PUBLISHED, TAGS, LINK, ID, PAPER)):
            return [Pair(kind, found[1], value)]
    if text[0] in "【[" and (found := _BRACKETS.match(text)) and (kind := kind_of(found[1])) is not None:
        return [Pair(kind, found[1], text[found.end() :].strip(_EDGES))]
    if len(text) <= LONGEST and text[:1] not in "[!{" and (kind := kind_of(text)) is not None:
        return [Pair(kind, text, "")]
    if (
        (found := _DASHED.fullmatch(text))
        and (form := _FORMS.get(kind_of(found[1]) or ""))
        and form.fullmatch(found[2])
    ):
        return [Pair(kind_of(found[1]), found[1], found[2])]
    return []


def announces(line: str, kind: str, below: list[str]) -> bool:
    """Whether a line that is a label alone says itself that its value follows: bold, with a colon, or before a
    definition. In outlines authors and tags stand as items below theirs."""
    text = bare(line)
    if text.endswith((":", "：", "**", "__")):
        return True
    inner = below[0].lstrip() if below else ""
    is_below = is_item(inner) and len(below[0]) - len(inner) > len(line) - len(line.lstrip())
    return inner.startswith(":") or (is_below and kind in (AUTHORS, TAGS))


def is_item(line: str) -> bool:
    """Whether a line without its indentation is an item of a list with bullets."""
    return line[:2] in ("- ", "* ", "+ ")
