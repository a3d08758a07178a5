"""The query language: text in, a tree out (see ``grammar`` and ``tree``). Knows no engine and no index.

What does not parse is searched as plain words, with a hint; a mistake that this would hide (a wrong date, a field that
nearly is one) is a ``QueryError``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from papersearch.core.errors import QueryError
from papersearch.core.frozen import replace
from papersearch.query.ids import identify
from papersearch.query.tree import MOST_PARTS, Bag, Identifier, Node, Query, Word, joined
from papersearch.text import chunks

MOST_CHARACTERS = 65_536  # chosen: no question is that long, and a paper pasted whole is
MOST_WORDS = MOST_PARTS

_OPERATORS = r'["()*?~^:“”„«»]|(?:^|\s)[-+]|\b(?:AND|OR|NOT)\b'
# A number to the power of a number is no weight, unless it ends a name (``GPT-4^2``) or is a distance (``moe~2^3``).
_POWER = r"(?<![\w.~^])(?<![^\W\d]-)(\d{1,3})\^(?:(\d{1,3})|\{(\d{1,3})\})(?![\w^]|[.,]\d)"
OPENING_QUOTES = '"“„«'  # with which a phrase may begin
_QUOTES = str.maketrans("“”„«»", '"""""')


def plain(text: str) -> Query:
    """The text as words without operators; ids in it are ids. ``node`` is None where there is no word."""
    text, hint = _bounded(text)
    if (whole := _whole(text)) is not None:
        return Query(whole, hint)
    nodes: list[Node] = []
    end = 0
    for word in text.split():
        start = text.index(word, end)
        end = start + len(word)
        known = identify(word)
        nodes.append(Identifier(start, end, None, 1.0, *known) if known else Word(start, end, text=word))
    return Query(joined(Bag, nodes), hint)


def parse(text: str, fields: Mapping[str, str]) -> Query:
    """The tree of a query. ``fields`` maps the names and aliases of fields, in lower case, to their canonical names.

    Raises ``QueryError`` for mistakes that searching for plain words would hide. Time grows with the text's length.
    """
    if "：" in text:  # as keyboards for Chinese and Japanese have it
        text = re.sub(
            r"(?<!\w)(\w{2,20})：", lambda name: f"{name[1]}:" if name[1].lower() in fields else name[0], text
        )
    if not _has_operators(text):
        return plain(text)
    read, hint = _bounded(text)
    bounded = read.translate(_QUOTES)
    if (named := _whole(bounded)) is not None:
        # What is asked for as an id is not looked for as words.
        return Query(replace(named, field="id") if text.lstrip()[:3].lower() == "id:" else named, hint)
    # Most queries have no operators: to compile the grammar's patterns takes longer (3 ms, 2026-11-23) than to answer.
    from papersearch.query.grammar import BrokenQuery, Parser

    parser = Parser(bounded, fields)
    try:
        return Query(parser.parse(), hint or parser.hint)
    except BrokenQuery as broken:
        if hint:  # that it breaks may only be because it ends too early
            return Query(plain(text).node, f"{hint}, and as plain words")
        return Query(plain(text).node, f"{broken}: searched for the plain words")
    except QueryError as mistake:
        mistake.query, mistake.position = text, _written_at(text, read, mistake.position)
        raise


def _has_operators(text: str) -> bool:
    """Whether the text may be more than plain words; the pattern is compiled only where there is more than letters."""
    words = text.split()
    if all(map(str.isalnum, words)) and not {"AND", "OR", "NOT"}.intersection(words):
        return False
    return re.search(_OPERATORS, text) is not None


def _written_at(text: str, read: str, position: int) -> int:
    """Where in a text stands what stands at a position in it as it is ``read``."""
    if text.startswith(read[:position]):
        return position
    if text.endswith(rest := read[position:]):
        return len(text) - len(rest)
    word, at = rest.split(maxsplit=1)[0], 0
    for _ in range(read.count(word, 0, position)):
        at = text.find(word, at) + len(word)
    return max(0, text.find(word, at))


def caret(query: str, position: int) -> str:
    """Two lines: the query, or the 70 columns of it around ``position``, and a caret under that place."""
    from papersearch.text.display import one_line, shorten, width

    left = one_line(query[:position])
    shown = left[-35:]
    while width(shown) > 35:
        shown = shown[1:]
    before = ("…" if len(shown) < len(left) else "") + shown
    return f"{before}{shorten(one_line(query[position : position + 70]), 35)}\n{' ' * width(before)}^"


def _bounded(text: str) -> tuple[str, str | None]:
    """The text as it reads, up to ``MOST_WORDS`` words, as the tokenizer counts them, and a hint where something was
    cut."""
    if len(text) > MOST_CHARACTERS:
        raise QueryError(f"the query is longer than {MOST_CHARACTERS:,} characters", "ask for less")
    text = as_read(text)
    if len(text) <= MOST_WORDS:
        return text, None
    end = len(text)
    for number, found in enumerate(re.finditer(r"\S+", text), 1):
        if number > MOST_WORDS:
            end = found.start()
            break
    end = next(islice(_starts(text[:end]), MOST_WORDS, None), end)
    return text[:end], f"only the first {MOST_WORDS:,} words are searched for" if end < len(text) else None


def as_read(text: str) -> str:
    """A text with its LaTeX as it is printed, unless it cites, without tags of HTML (Zotero has them in titles), with
    blanks where addresses of files have them, words for ``w/`` and ``w/o``, and powers of numbers as papers have them:
    of ``10^6`` neither is a weight."""
    if "\\" in text and "\\cite" not in text:
        from papersearch.text.code import unguarded
        from papersearch.text.latex import to_text  # few queries have any

        text = unguarded(to_text(re.sub(r"\\\s", r"\\ ", text)))  # a backslash before any blank is one before a space
    if "</" in text:
        text = re.sub(r"</?(?:b|i|u|em|strong|su[bp]|scp?|span)>", "", text)
    if "w/" in text:
        text = re.sub(r"(?<!\S)w/(o?)(?!\S)", lambda found: "without" if found[1] else "with", text)
    if "^" in text:
        from papersearch.text.symbols import RAISED

        text = re.sub(_POWER, lambda found: found[1] + (found[2] or found[3]).translate(RAISED), text)
    return text.replace("%20", " ")


def _starts(text: str) -> Iterator[int]:
    """Where the words start that the tokenizer makes of a text."""
    for start, chunk in chunks.find(text):
        for first, _, _ in chunks.parts(chunk):
            yield start + first


def _whole(text: str) -> Identifier | None:
    """A query that is one id and nothing else, even where it holds a blank (``arXiv: 2412.15115``)."""
    known = identify(text, alone=True)
    # A star by itself stands for every paper, and is no mark around the id; what follows ``^`` may be a weight.
    if known is None or "*" in text.split() or "^" in text:
        return None
    return Identifier(len(text) - len(text.lstrip()), len(text.rstrip()), None, 1.0, *known)
