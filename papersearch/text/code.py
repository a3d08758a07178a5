"""Code in Markdown: where it stands, and how it is kept from whatever reads marks.

What stands in code is no mark of anything: ``table[row][column]`` is no link there, ``<!-- x -->`` no comment.
"""

from __future__ import annotations

import re
import string
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

MOST_LOOKED_AT = 200_000
"""Characters of a text in which blocks of code are looked for (chosen: two seconds at worst, for 50,000 items)."""

MOST_LOOKED_THROUGH = 3
"""How often, on average, lines may be looked through in vain for the end of a quotation, beside a thousand in all
(chosen: a text as long as is looked at takes two seconds at worst)."""

# Guarded punctuation is written as Unicode's 32 noncharacters, which are reserved for use within a program.
_GUARD = {ord(mark): chr(0xFDD0 + number) for number, mark in enumerate(string.punctuation)}
_SIGNS = {guard: chr(mark) for mark, guard in _GUARD.items()}
_GUARDED = re.compile("[\ufdd0-\ufdef]")
_GUARDS_BEGIN = b"\xef\xb7"  # in UTF-8

_FENCE = re.compile(r"(?:\A|\n)[ \t>*+.)\d-]{0,100}(?:```|~~~)")  # behind marks of lists and quotations at most
_INDENTED = re.compile(r"(?:\A|\n)[ >]*(?: {4}|\t)")
_ABOVE_CODE = re.compile(r"[ \t>]*(?:\n|#|---|\*\*\*|___|===)")  # a blank line, a heading or a rule
_BEHIND_MARK = re.compile(r"[-*+.)] {5}\S")
_CAPTION = re.compile(r"=[ ]?\"([^\"]{1,300})\"|=[ ]?'([^']{1,300})'|\A[ ]?[\w+#-]{1,30}:(\S{1,300})")
# MyST's blocks of text that stand between fences as code does, and what stands before code that is none of it.
_DIRECTIVE = re.compile(
    r"\{(?P<name>admonition|attention|caution|danger|dropdown|epigraph|error|exercise|figure(?:-md)?|glossary|hint|image"
    r"|important|list-table|margin|math|note|prf:[a-z]{3,20}|seealso|sidebar|solution|table|tip|topic|warning)\}"
    r"[ \t]*(?P<title>.*)"
)
# The same as a plug-in of Obsidian's has them: ``ad-note``, and below it ``title: On dams``.
_ADMONITION = re.compile(r"ad-[\w-]{2,30}")
_ADMONITION_OPTION = re.compile(r"[ \t]*(title|collapse|icon|color):[ \t]*(.*)", re.IGNORECASE)
# Between fences as well, but shown is what a query finds, a list of pages or of references, a button.
_ELSEWHERE = frozenset(
    "dataview dataviewjs query tasks button {bibliography} {toctree} {tableofcontents} {contents}".split()
)
_OPTION = re.compile(r"\A(?:\s*:[\w-]{1,40}:[^\n]*\n?)+")
_OF_FILES = ("figure", "figure-md", "image", "list-table", "math", "table")
_SHOWN_OPTION = re.compile(r":(?:alt|caption|title):[ \t]*([^\n]+)")
_ROLE = re.compile(r"(?<![\w\\])\{([a-z][a-z:+-]{0,40})\}\Z")
_ROLE_TARGET = re.compile(r"(?<=\S)\s*<[^<>]*>\Z")
# A line that is no more in the paragraph of the line before it.
_BREAK = re.compile(r"\n(?=[ \t]*(?:\n|[-*+>#|]|\d{1,9}[.)]|:::|```|~~~))")
_RUN = re.compile(r"`+")
# A list that somebody indented too far for Markdown is still meant as one, and a picture within it as GitBook has them.
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s|\s*<figure>")
# Before indented lines that are text of something else than Markdown's own: footnotes, admonitions, definitions.
_CONTAINER = re.compile(r" {0,3}(?:\[\^[^\[\]\n]{1,100}\]:|!!!|\?\?\?|===|:)")
# Quotation marks as LaTeX has them. A backtick after the end closes code: ``x = ''``.
_QUOTED = (re.compile(r"`[^`'\n]{1,200}'(?![\w`'])"), re.compile(r"``[^`'\"\n]{1,300}(?:''|\")(?!`)"))
_OPENING = " \t\n([{—–-"


def guarded(text: str) -> str:
    """``text`` with its punctuation as characters that mean nothing to anybody, until ``unguarded``."""
    return text.translate(_GUARD)


def unguarded(text: str) -> str:
    """``text`` as it was before ``guarded``."""
    if text.isascii() or _GUARDS_BEGIN not in text.encode("utf-8", "surrogatepass"):  # as most, told at full speed
        return text
    return _GUARDED.sub(lambda found: _SIGNS[found[0]], text)


def without_marks(text: str) -> str:
    """``text`` without the marks of its code; what stands between them is guarded."""
    if _may_have_blocks(text):
        text = _without_fences(text.replace("\r\n", "\n").replace("\r", "\n"))
    return _without_backticks(text) if "`" in text else text


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """The parts of a text, each with whether it is code, marks and all; together they are the text."""
    for part, is_block in blocks_of(text):
        if is_block or "`" not in part:
            yield part, is_block
            continue
        at = 0
        for start, _, _, end in _spans(part):
            yield part[at:start], False
            yield part[start:end], True
            at = end
        yield part[at:], False


def fenced_lines(text: str) -> frozenset[int]:
    """The numbers, from 0, of the lines of a text that are code between fences, fences included."""
    if not _may_have_fences(text):
        return frozenset()
    return frozenset(n for token in _blocks(text) if token.type == "fence" for n in range(*_lines_of(token)))


def code_lines(text: str) -> frozenset[int]:
    """As ``fenced_lines``, with indented blocks of code as well."""
    return frozenset(n for token in _blocks(text) for n in range(*_lines_of(token)))


def blocks_of(text: str) -> Iterator[tuple[str, bool]]:
    """The parts of a text between blocks of code, and these blocks; each with whether it is code."""
    if not _may_have_blocks(text):
        yield text, False
        return
    lines = text.split("\n")
    at = 0
    for token in _blocks(text):
        start, end = _lines_of(token)
        yield "\n".join([*lines[at:start], ""]), False
        yield "\n".join([*lines[start:end], ""] if end < len(lines) else lines[start:end]), True
        at = end
    yield "\n".join(lines[at:]), False


def _may_have_blocks(text: str) -> bool:
    """Whether anything may begin a block of code. Most texts have none, and plain searches tell that at full speed."""
    return _may_have_fences(text) or (("    " in text or "\t" in text) and _may_have_indented(text))


def _may_have_fences(text: str) -> bool:
    return ("```" in text or "~~~" in text) and _FENCE.search(text) is not None


def _may_have_indented(text: str) -> bool:
    """Whether lines are indented enough where no paragraph goes on, or text is behind the mark of a list."""
    for found in _INDENTED.finditer(text):
        at = found.start()
        if at == 0 or _ABOVE_CODE.match(text, text.rfind("\n", 0, at) + 1):
            return True
    return "     " in text and _BEHIND_MARK.search(text) is not None


def _without_fences(text: str) -> str:
    lines = text.split("\n")
    kept: list[str] = []
    at = 0
    for token in _blocks(text):
        start, end = _lines_of(token)
        shown = _shown(token)
        kept += (
            *lines[at:start],
            "",
            guarded(f"{_caption(token.info)}\n{token.content}") if shown is None else shown,
            "",
        )
        at = end
    return "\n".join([*kept, *lines[at:]]) if at else text


def opened(text: str) -> str:
    """``text`` with admonitions as lines that stand in no block, so that facts are read in them; no line is gone."""
    if not any(f"```{info}" in text for info in ("ad-", " ad-", "{", " {")):
        return text
    lines = text.split("\n")
    for token in _blocks(text):
        start, end = _lines_of(token)
        if token.level == 0 and (shown := _admonition(token)) is not None:
            title, content = shown
            lines[start:end] = [title, *content, ""][: end - start]
    return "\n".join(lines)


def _admonition(token: Token) -> tuple[str, list[str]] | None:
    """The title of an admonition, in bold, and the lines in it, where those of its options are blank."""
    content = token.content.removesuffix("\n").split("\n")
    if _ADMONITION.fullmatch(token.info):
        title = ""
        for number, line in enumerate(content):
            if (option := _ADMONITION_OPTION.fullmatch(line)) is None:
                break
            title, content[number] = option[2].strip() if option[1].lower() == "title" else title, ""
    elif (found := _DIRECTIVE.match(token.info)) and found["name"] not in _OF_FILES:
        title = found["title"].strip()
        for number, line in enumerate(content):
            if _OPTION.fullmatch(line) is None:
                break
            content[number] = ""
    else:
        return None
    return f"**{title}**" if title else "", content


def _shown(token: Token) -> str | None:
    """The text of a block, or None where it is code."""
    if token.info in _ELSEWHERE:
        return ""
    if token.info[:3] == "ad-" and (admonition := _admonition(token)) is not None:
        return "\n".join([admonition[0], "", *admonition[1]])
    return _directive(token) if token.info[:1] in ("{", "m") else None


def _directive(token: Token) -> str | None:
    """The text of one of MyST's blocks: its title, what its options show, what stands in it. None where it is code."""
    if token.info == "math":
        return f"$$\n{token.content}\n$$"
    found = _DIRECTIVE.match(token.info)
    if found is None:
        return None
    options = _OPTION.match(token.content)
    content = token.content[options.end() :] if options else token.content
    if found["name"] == "math":
        return f"$$\n{content}\n$$"
    shown = _SHOWN_OPTION.findall(options[0]) if options else []
    title = "" if found["name"] in ("figure", "image") else found["title"]  # of these, a file
    return "\n\n".join(filter(None, (title, *shown, content)))


def _caption(info: str) -> str:
    """What generators show above code: ``python title="train.py"``, ``{r, fig.cap="Otters"}``, ``python:train.py``."""
    return " ".join(text for found in _CAPTION.findall(info) for text in found if text)


def _blocks(text: str) -> Iterator[Token]:
    """The blocks of code of a text, in order."""
    lines = text.split("\n")
    end = text.find("\n", MOST_LOOKED_AT)  # the whole of its line, of which a block has all or nothing
    for token in _parser().parse(text if end < 0 else text[:end]):
        if token.type == "fence" or (token.type == "code_block" and not _is_text(token, lines)):
            token.info = token.info.strip()
            yield token


def _lines_of(token: Token) -> tuple[int, int]:
    start, end = token.map or (0, 0)
    return start, end


@cache
def _parser() -> MarkdownIt:
    """CommonMark's blocks, without what is written in them."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])
    parser.block.ruler.disable(["reference"])
    parser.block.ruler.at("blockquote", _quotation, {"alt": ["paragraph", "blockquote", "list"]})
    return parser


def _quotation(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """CommonMark's quotation. Lines up to a blank one may go on in it without a mark, and the library looks through
    them all, again for each quotation that only one of them is in, as behind a heading: the square of their number. So
    it looks at no more than ``MOST_LOOKED_THROUGH`` allows, and at lines with the mark then."""
    from markdown_it.rules_block import blockquote

    if silent or not _is_quoted(state, start):
        return blockquote(state, start, end, silent)
    left = state.env.setdefault("left", 1_000 + MOST_LOOKED_THROUGH * state.lineMax)
    ahead = next((line for line in range(start, min(end, start + left)) if state.isEmpty(line)), min(end, start + left))
    if ahead < end and not state.isEmpty(ahead):  # more than are left
        end = next((line for line in range(start, end) if not _is_quoted(state, line)), end)
    is_one = blockquote(state, start, end, silent)
    state.env["left"] = max(0, left - max(0, ahead - state.line))
    return is_one


def _is_quoted(state: StateBlock, line: int) -> bool:
    return state.src.startswith(">", state.bMarks[line] + state.tShift[line])


def _is_text(token: Token, lines: list[str]) -> bool:
    """Whether indented lines are a list, or belong to a footnote or the like: the last line above that is not
    indented."""
    if _ITEM.match(token.content):
        return True
    start, _ = _lines_of(token)
    for number in range(start - 1, max(-1, start - 200), -1):
        above = lines[number]
        if above.strip() and not above.startswith(("    ", "\t")):
            return _CONTAINER.match(above) is not None
    return False


def _without_backticks(text: str) -> str:
    kept: list[str] = []
    at = 0
    for start, begin, stop, end in _spans(text):
        before, shown = text[at:start], text[begin:stop]
        if before[-1:] == "$" and text[end : end + 1] == "$":  # a formula, as GitHub has them
            kept += (before, shown)
            at = end
            continue
        if before[-1:] == "}" and (role := _ROLE.search(before[-45:])):
            before = before[: -len(role[0])]
            shown = "" if role[1].startswith("cite") else _ROLE_TARGET.sub("", shown)
        kept += (before, guarded(shown))
        at = end
    return "".join([*kept, text[at:]])


def _spans(text: str) -> Iterator[tuple[int, int, int, int]]:
    """Where code between backticks is: (start, start without marks, end without marks, end)."""
    at = 0
    for end in (*(found.start() for found in _BREAK.finditer(text)), len(text)):
        if text.find("`", at, end) >= 0:
            yield from _spans_within(text, at, end)
        at = end


def _spans_within(text: str, at: int, stop: int) -> Iterator[tuple[int, int, int, int]]:
    """The same within one paragraph. One pass, however many backticks there are."""
    runs = [found.span() for found in _RUN.finditer(text, at, stop)]
    by_length: dict[int, list[int]] = {}
    for start, end in runs:
        by_length.setdefault(end - start, []).append(start)
    for start, end in runs:
        if start < at:
            continue
        start += _is_escaped(text, start)
        same = by_length.get(end - start, [])
        after = bisect_right(same, start)
        if start == end or after == len(same):
            continue
        closing = same[after]
        if not _is_quotation(text, start, end, closing):
            at = closing + end - start
            yield start, end, closing, at


def _is_escaped(text: str, at: int) -> bool:
    before = text[max(0, at - 50) : at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _is_quotation(text: str, start: int, end: int, closing: int) -> bool:
    """Whether backticks begin a quotation in LaTeX's way rather than code that others end."""
    if end - start > 2 or text[closing - 1] not in _OPENING:
        return False
    return _QUOTED[end - start - 1].match(text, start) is not None
