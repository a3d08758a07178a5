"""Text of posts as people read it: no control codes, no LaTeX, no Markdown marks, no HTML.

Strings in, strings out, in time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from papersearch.core.caches import cached_if_short
from papersearch.text import code, dialects, latex, paragraphs
from papersearch.text.symbols import LOWERED, RAISED

MOST_CLEANED = 400_000
"""Characters of a text that are freed of marks (chosen: twice what snippets are taken from, and less than a second at
worst). What follows is found by its words as well, with the marks between them."""

# Control codes, the marks that reorder text, and what cannot be written out as UTF-8. Newlines and tabs stay.
# Those that separate (form feeds, for one) stay as well, until white space becomes blanks.
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u206f\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\ufeff\ud800-\udfff]"
)
_PRINTABLE = bytes(range(32, 127))  # of ASCII
# Names and most titles: nothing in them is a mark of any kind.
_PLAIN_LINE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,;:'()/?!%-]*")
_MARKS = ("--", *"\\$*_`#[<&>|~{")
_LIST = re.compile(r"^\s{0,3}(?:[-+]|\d{1,3}[.)]) ", re.MULTILINE)

_RULE = re.compile(r"^\s{0,3}(?:[-*_=]\s?){3,}$|^[|:=+\-–—\s]{3,}$", re.MULTILINE)
_LINE_MARK = re.compile(r"\s*[`~*_=|:#>+\d-]")
_LINE_START = re.compile(
    r"^(?:(?:[ \t]{0,8}(?:>[ \t]?|[-*+][ \t]+(?:\[[ xX]\][ \t]+)?|\d{1,3}[.)][ \t]+)){1,4}(?:#{1,6}[ \t]+)?"
    r"|[ \t]{0,8}#{1,6}[ \t]+)",
    re.MULTILINE,
)
_HEADING = re.compile(r"^[ \t>*+-]{0,8}#{1,6}[ \t][^\n]*", re.MULTILINE)
# Above it stands the header of a table, below it the rows.
_DELIMITER = re.compile(r"^[ \t>]{0,12}\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?)?[ \t]*$", re.MULTILINE)
_EMPTY_CELLS = re.compile(r"\|(?:[ \t]+\|)+")
# Paragraphs, which nothing that is marked goes beyond, may have lines.
_WITHIN = r"(?:[^{}\n]|\n(?![ \t]{{0,20}}\n))"
_LINK_TEXT = _WITHIN.format(r"\[\]")
_LINK = re.compile(
    rf"!?\[({_LINK_TEXT}{{0,500}}(?:\[[^\[\]\n]{{0,200}}\]{_LINK_TEXT}{{0,200}}){{0,3}})\]\(\s{{0,3}}"
    r"(?:<[^<>\n]{0,2000}>|[^()\s<>]{0,2000}(?:\([^()\s<>]{0,300}\)[^()\s<>]{0,300}){0,3})"
    r"(?:\s+[\"'][^\"'\n]{0,500}[\"'])?\s{0,3}\)"
)
# A link's definition: an address and at most a title. ``[Update]: the code ...`` and footnotes are text.
_DEFINITION = re.compile(
    r"^[ ]{0,3}\[(?!\^)([^\[\]\n]{1,200})\]:[ \t]+<?(?:[a-zA-Z][\w+.-]{1,20}:(?=\S)|www\.|\.{0,2}/|#"
    r"|\{\{[^{}\n]{1,200}\}\}|[\w/-]{1,80}\.(?:md|html?|pdf|png|jpe?g|gif|svg)\b)\S{0,2000}(?!\S)"
    r"(?:[ \t]+(?:\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'|\([^()\n]{0,200}\)))?[ \t]*$",
    re.MULTILINE,
)
_ABOVE_DEFINITION = re.compile(r"#|---|\*\*\*|<| {0,3}\[[^\[\]]+\]:")
_NOTE = re.compile(r"^[ ]{0,3}\[\^([^\[\]\s]{1,100})\]:[ \t]+", re.MULTILINE)
_NOTE_MARK = re.compile(r"\[\^([^\[\]\s]{1,100})\](?!:)")
_REFERENCE = re.compile(r"!?\[((?<=!\[)(?=\]\[[^\]])|[^\[\]\n]{1,500})\]\[([^\[\]\n]{0,200})\]")
_SCRIPT = re.compile(r"(?<=[^\W_])<su(?:b>\s?([^<>\n]{1,40}?)\s?</sub>|p>\s?([^<>\n]{1,40}?)\s?</sup>)", re.IGNORECASE)
_SMALL = re.compile("[₀-₉₊₋₌₍₎⁰¹²³⁴-⁹⁺⁻⁼⁽⁾ⁿ,*†]+")
_AUTOLINK = re.compile(r"<((?:https?|ftp|mailto):[^<>\s]{1,2000}|[\w.+-]{1,64}@[\w.-]{1,200}\.[A-Za-z]{2,20})>")
# Those within a line, those that begin one, and others.
_TAG = re.compile(
    r"</?(?:(?P<within>a|abbr|b|bdi|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|nobr|q|rp|rt|ruby|s|samp|small|span"
    r"|d-(?:abstract|article|cite|code|footnote|math|title)|strike|strong|sub|sup|tt|u|var|wbr)"
    r"|(?P<block>article|aside|blockquote|caption|dd|details|div|dl|dt|figcaption|figure|h[1-6]|hr|li|nav|ol|p|section|summary"
    r"|table|tr|ul)"
    r"|br|button|center|colgroup|iframe|img|noscript|picture|pre|script|style|svg|tbody|td|tfoot|th|thead|video)"
    r"(?:\s+[\w:-]{1,50}\s?=[^<>]{0,1000}|\s+open|\s*)/?>",
    re.IGNORECASE,
)
CELLS = re.compile(r"</t[dh]>\s{0,9}<t[dh](?: [^<>]{0,100})?>", re.IGNORECASE)
# What has attributes is a tag, whatever its name, and so is the same name without: ``<Tab id="a">``, ``</Tab>``.
_ANY_TAG = re.compile(r"<([A-Za-z][\w.:-]{0,40})\s+[\w:-]{1,50}\s?=\s?[\"'{][^<>]{0,1000}>")
_BARE_TAG = re.compile(r"</?([A-Za-z][\w.:-]{0,40})\s*>")
_STRONG = re.compile(r"(\*\*|_(?<!\w_)_|~~)(?=\S)")  # within a word ``__`` is no mark: ``grid__search``
_STRONG_END = {"**": re.compile(r"(?<=\S)\*\*"), "__": re.compile(r"(?<=\S)__(?!\w)"), "~~": re.compile(r"(?<=\S)~~")}
_MOST_STRONG = 600
"""Characters that are marked as strong at once (chosen)."""
_EMPHASIS = re.compile(
    rf"\*(?<![\w*]\*)(?=[^\s*])({_WITHIN.format('*')}{{1,400}}?)(?<=\S)\*(?![\w*])"
    rf"|_(?<!\w_)(?=[^\s_])({_WITHIN.format('_')}{{1,400}}?)(?<=\S)_(?!\w)"
)
_ENTITY = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_NO_CODE = re.compile(r"\\`([^`\\\n]{1,300})\\`(?!\w)")
_ESCAPE = re.compile(r"\\([!\"#$%&'()*+,\-./:;<=>?@\[\]^_`{|}~])")


def readable(text: str) -> str:
    """``text`` as it reads: paragraphs are separated by a newline, other white space is single blanks."""
    if len(text) > MOST_CLEANED:
        return _huge(text)
    printable = _is_printable(text)
    if not printable:
        text = _CONTROL.sub("", text)
    if _has_marks(text):
        text = code.without_marks(without_references(text) if "][" in text else text)
        text = _without_tables(text) if "|" in text and "-" in text and "\n" in text else text
        text = code.unguarded(_without_markdown(latex.to_text(_without_html(dialects.without_marks(text)))))
        printable = _is_printable(text)
        if not printable:  # entities and escapes may have spelled control codes
            text = _CONTROL.sub("", text)
    if printable and "  " not in text:
        return text.strip()  # the only white space in it is single blanks
    if "\n" not in text:
        return " ".join(text.split())
    return paragraphs.joined(text)


def _huge(text: str) -> str:
    """The head of a text as it reads, and the rest with its marks: only searches look there."""
    paragraph, blank = text.rfind("\n\n", 0, MOST_CLEANED), text.rfind(" ", 0, MOST_CLEANED)
    end = max(paragraph, blank)
    between = "\n" if end == paragraph else " "
    if end < MOST_CLEANED // 2:
        end, between = MOST_CLEANED, ""  # one word
    return between.join((readable(text[:end]), paragraphs.joined(_CONTROL.sub("", text[end:])))).strip()


def _is_printable(text: str) -> bool:
    """``text.isprintable()``, at a third of its cost where all is ASCII."""
    return not text.encode().translate(None, _PRINTABLE) if text.isascii() else text.isprintable()


def _has_marks(text: str) -> bool:
    """Whether anything in ``text`` may be a mark. They are looked for one by one, which is done at full speed."""
    for mark in _MARKS:
        if mark in text:
            return True
    if dialects.may_have_marks(text):
        return True
    return bool(_LIST.search(text) if "\n" in text else _LIST.match(text))


def printable(text: str) -> str:
    """``text`` in one line without control codes; its marks are left as they are."""
    return " ".join(_CONTROL.sub("", text).split())


@cached_if_short(4_096)
def line(text: str) -> str:
    """``text`` as it reads, in one line; marks at the start are part of it (``1. Introduction`` stays so)."""
    text = " ".join(text.split())
    if _PLAIN_LINE.fullmatch(text) and "--" not in text:
        return text
    if text[:1] in "#>-*+0123456789":
        return readable("\u2060" + text).replace("\u2060", "").replace("\n", " ").strip()
    return readable(text).replace("\n", " ")


def without_references(text: str) -> str:
    """A whole note with what its links refer to left out, and the marks of its footnotes: ``[text][1]`` is ``text``, if
    the note defines ``1``.

    Nothing of code is touched, and no line is gone."""
    if "]:" not in text or ("][" not in text and "[^" not in text):
        return text
    parts = list(code.parts(text))
    prose = "".join("\n" * part.count("\n") if is_code else part for part, is_code in parts)
    defined = {_label(found[1]) for found in _definitions(prose)}
    notes = set(_NOTE.findall(prose)) if "[^" in prose else set()
    if not defined and not notes:
        return text

    def shown(found: re.Match[str]) -> str:
        return found[1] if _label(found[2] or found[1]) in defined else found[0]

    def unmarked(part: str) -> str:
        return _NOTE_MARK.sub(lambda mark: "" if mark[1] in notes else mark[0], part) if notes else part

    return "".join(part if is_code else _REFERENCE.sub(shown, unmarked(part)) for part, is_code in parts)


def _definitions(text: str) -> Iterator[re.Match[str]]:
    """The definitions of links: those within a paragraph are text, save after others of their kind."""
    last = -1
    for found in _DEFINITION.finditer(text):
        start = found.start()
        above = text[text.rfind("\n", 0, max(0, start - 1)) + 1 : max(0, start - 1)]
        if last == start - 1 or not above.strip() or _ABOVE_DEFINITION.match(above):
            last = found.end()
            yield found


def _without_definitions(text: str) -> str:
    kept, at = [], 0
    for found in _definitions(text):
        kept.append(text[at : found.start()])
        at = found.end()
    return "".join([*kept, text[at:]])


def _label(text: str) -> str:
    return " ".join(text.casefold().split())


def _without_html(text: str) -> str:
    if "\\<" in text:
        text = text.replace("\\<", code.guarded("<")).replace("\\>", code.guarded(">"))
    if "\\`" in text:
        text = _NO_CODE.sub(lambda found: f"{code.guarded('`')}{found[1]}{code.guarded('`')}", text)
    text = dialects.without_hidden(text)
    if "<" in text:
        text = _SCRIPT.sub(_script, text) if "<su" in text else text
        text = CELLS.sub(" | ", text) if "</t" in text.lower() else text
        text = _AUTOLINK.sub(r"\1", _TAG.sub(_shown, text))
        text = _without_any_tags(text) if "<" in text and "=" in text else text
    return text


def _without_any_tags(text: str) -> str:
    """``text`` without tags that have attributes and those of the same names; what they show stays."""
    names = {found[1] for found in _ANY_TAG.finditer(text)}
    if not names:
        return text
    text = _ANY_TAG.sub(lambda tag: f" {dialects.captions(tag[0])} ", text)
    return _BARE_TAG.sub(lambda tag: " " if tag[1] in names else tag[0], text)


def _script(found: re.Match[str]) -> str:
    """What is lowered or raised, in small characters where there are such, else behind its mark, as in formulas."""
    lowered, raised = found[1], found[2]
    small = lowered.translate(LOWERED) if lowered else raised.translate(RAISED)
    if _SMALL.fullmatch(small):
        return small
    if " " in (lowered or raised) or (raised and raised in ("st", "nd", "rd", "th", "TM")):
        return lowered or raised
    return code.guarded("_" if lowered else "^") + (lowered or raised)


def _shown(tag: re.Match[str]) -> str:
    """What stands in place of a tag: nothing within a line, else a blank, or the end of a paragraph."""
    if tag["within"]:
        return ""
    if tag["block"]:
        return "\n\n"
    return f" {dialects.captions(tag[0])} " if tag[0][:4].lower() == "<img" else " "


def _without_strong(text: str) -> str:
    """``text`` without the marks of ``**strong**`` text. Where the next closing mark is, is looked for once for all the
    opening ones before it."""
    kept: list[str] = []
    at = 0
    ends = dict.fromkeys(_STRONG_END, 0)
    search, found = _STRONG.search, _STRONG.search(text)
    while found is not None:
        start, inner = found.span()
        mark = found[1]
        if 0 <= ends[mark] <= inner:
            closing = _STRONG_END[mark].search(text, inner + 1)
            ends[mark] = closing.start() if closing else -1
        end = ends[mark]
        if inner < end <= inner + _MOST_STRONG and not paragraphs.BETWEEN.search(text, inner, end):
            kept += (text[at:start], text[inner:end])
            at = end + len(mark)
            found = search(text, at)
        else:
            found = search(text, start + 1)
    return "".join([*kept, text[at:]]) if kept else text


def _without_tables(text: str) -> str:
    """``text`` with each row of its tables as a line of its own, cells between ``|``."""
    kept: list[str] = []
    at = 0
    for found in _DELIMITER.finditer(text):
        if found.start() < at:
            continue
        begin = max(at, text.rfind("\n", at, max(at, found.start() - 1)) + 1)
        rows, end = [text[begin : found.start()]], found.end()
        while end < len(text):
            below = text.find("\n", end + 1)
            row = text[end + 1 : below if below > 0 else len(text)]
            if "|" not in row:
                break
            rows.append(row)
            end += 1 + len(row)
        kept += (text[at:begin], *map(_row, rows), "\n")
        at = end
    return "\n\n".join([*kept, text[at:]]) if kept else text


def _row(line: str) -> str:
    line = line.lstrip(" \t>").rstrip().removeprefix("|")
    return _EMPTY_CELLS.sub("|", line if line.endswith("\\|") else line.removesuffix("|")).strip("| \t")


def _heading(found: re.Match[str]) -> str:
    """A heading as a line of its own, without the marks that close it."""
    line = found[0].rstrip()
    start = line.rstrip("#")
    return (start if start[-1:].isspace() and start.strip(">*+- \t") else line) + "\n"


def _line_start(found: re.Match[str]) -> str:
    """Headings and items of lists are lines of their own; those of a quotation go on."""
    return "\n" if found[0].strip("> \t") else ""


def _without_markdown(text: str) -> str:
    if "\n" in text or _LINE_MARK.match(text):
        text = _HEADING.sub(_heading, text) if "#" in text else text
        text = _LINE_START.sub(_line_start, _RULE.sub("", text))
    if "[" in text:
        for _ in range(2):  # an image may be the text of a link
            text = _LINK.sub(r"\1", text) if "](" in text else text
        text = _NOTE.sub("\n", _without_definitions(text)) if "]:" in text else text
    for _ in range(2):  # what is struck out may be strong, or the other way round
        if "**" in text or "__" in text or "~~" in text:
            text = _without_strong(text)
    if "*" in text or "_" in text:
        text = _EMPHASIS.sub(lambda found: found[1] or found[2], text)
    if "\\" in text:
        text = text.replace("\\\n", "\n")
        text = _ESCAPE.sub(r"\1", text)
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(entity: re.Match[str]) -> str:
    """What an entity stands for; one that HTML does not know stays, and so does what begins like one, as ``&section=``
    in an address begins like ``&sect;``."""
    from html import entities, unescape  # few texts have any

    return unescape(entity[0]) if entity[0][1] == "#" or entity[0][1:] in entities.html5 else entity[0]
