"""The query language: text in, a tree out (see ``tree``). Knows no engine and no index.

    either  = both ("OR" both)*
    both    = bag ("AND" bag)*
    bag     = part+                                     side by side; binds tighter than AND and OR
    part    = ("NOT" | "-" | "+") part | [field ":"] atom ["^" weight]
    atom    = word | word "~" [1|2] | "words" ["~" n] | wi?d* | range | id | "(" either ")" | "*"

Operators are in capitals; ``-`` and ``+`` count at the start of a part only, ``?`` only before another character of
the word, so that questions are ordinary queries. What does not parse is searched as plain words, with a hint; a
mistake that this would hide (a wrong date, a field that nearly is one) is a ``QueryError``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from papersearch.errors import QueryError, UsageError
from papersearch.search import dates
from papersearch.search.tree import (
    And,
    Bag,
    DateRange,
    Everything,
    Fuzzy,
    Identifier,
    Node,
    Not,
    Or,
    Pattern,
    Phrase,
    Query,
    Word,
    to_text,
)

MOST_CHARACTERS = 65_536
MOST_WORDS = 1_000
MOST_DEEP = 100

_OPERATORS = re.compile(r'["()*?~^:“”„]|(?:^|\s)[-+]|\b(?:AND|OR|NOT)\b')
_TOKEN = re.compile(
    r'\s+|(?P<sign>[-+])|(?P<field>[^\W\d]\w*):(?=\S)|"(?P<phrase>[^"]*)"|(?P<paren>[()])|(?P<word>[^\s"()]+)'
)
_WORD = re.compile(r'[^\s"()]+')
_AFTER_PHRASE = re.compile(r"(?:~(\d{1,3}))?(?:\^(\d{1,3}(?:\.\d{1,3})?))?(?=[\s()]|$)")
_AFTER_WORD = re.compile(r"(.+?)(?:~(\d{0,2}))?(?:\^(\d{1,3}(?:\.\d{1,3})?))?")
_WILD = re.compile(r"\*|\?(?=\w)")
_QUOTES = str.maketrans("“”„", '"""')
_COMPARED = re.compile(r"(>=|<=|>|<|)(.*)")

_ID = r"(?P<id>\d{4}\.\d{4,5}|[a-z][a-z-]{1,11}(?:\.[a-z]{2})?/\d{7})(?:v(?P<version>\d{1,4}))?"
_PLACES = (
    r"arxiv\s?:\s?|(?:https?://)?(?:(?:www|export)\.)?(?:arxiv|alphaxiv|ar5iv(?:\.labs\.arxiv)?)\.org/[a-z-]{2,8}/"
    r"|(?:https?://)?huggingface\.co/papers/|(?:doi:|https?://(?:dx\.)?doi\.org/)?10\.48550/arxiv\."
)
_ARXIV = re.compile(rf"[<(\[]*(?:{_PLACES})?{_ID}(?:\.pdf)?[>)\].,;:!?]*", re.IGNORECASE)
_DOI = re.compile(r"[<(]*(?:doi:|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/[^\s<>\"]+?)[>).,;]*", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^/\s]+/(?:abs|pdf)/([^\s/?#]+?)(?:v(\d{1,4}))?(?:\.pdf)?[?#]?", re.IGNORECASE)


class _Broken(Exception):
    """What does not parse."""


def identify(text: str) -> tuple[str, int | None] | None:
    """(paper id, version) of an id in any usual form: bare, after ``arXiv:``, a DOI, the address of a paper's page."""
    text = text.strip()
    if not 7 <= len(text) <= 300:
        return None
    if found := _ARXIV.fullmatch(text):
        return found["id"], int(found["version"]) if found["version"] else None
    if found := _DOI.fullmatch(text):
        return found[1], None
    if found := _ADDRESS.fullmatch(text):
        return found[1], int(found[2]) if found[2] else None
    return None


def plain(text: str) -> Query:
    """The text as words without operators; ids in it are ids."""
    text, hint = _bounded(text)
    nodes: list[Node] = []
    for found in re.finditer(r"\S+", text):
        start, end, word = *found.span(), found[0]
        known = identify(word) if any(map(str.isdigit, word)) else None
        nodes.append(Identifier(start, end, None, 1.0, *known) if known else Word(start, end, text=word))
    return Query(_joined(Bag, nodes), hint)


def parse(text: str, fields: Mapping[str, str]) -> Query:
    """The tree of a query. ``fields`` maps the names and aliases of fields to their canonical names.

    Raises ``QueryError`` for mistakes that searching for plain words would hide.
    """
    if _OPERATORS.search(text) is None:
        return plain(text)
    bounded, hint = _bounded(text)
    try:
        return Query(_Parser(bounded.translate(_QUOTES), fields).parse(), hint)
    except _Broken as broken:
        return Query(plain(text).node, hint or f"{broken}: searched for the plain words")


def caret(query: str, position: int) -> str:
    """Two lines: the query, or the part of it around ``position``, and a caret under that place."""
    from papersearch.text.display import one_line, width

    first = max(0, position - 40)
    shown = one_line(query[first : position + 40])
    before, after = "…" if first else "", "…" if position + 40 < len(query) else ""
    return f"{before}{shown}{after}\n{' ' * width(before + shown[: position - first])}^"


def _bounded(text: str) -> tuple[str, str | None]:
    if len(text) > MOST_CHARACTERS:
        raise QueryError(f"the query is longer than {MOST_CHARACTERS:,} characters", "ask for less")
    if len(text) > 2 * MOST_WORDS:
        for number, found in enumerate(re.finditer(r"\S+", text), 1):
            if number > MOST_WORDS:
                return text[: found.start()], f"only the first {MOST_WORDS:,} words are searched for"
    return text, None


def _joined(kind: type[Bag] | type[And] | type[Or], nodes: list[Node]) -> Node | None:
    """The nodes as one; a single one stands for itself."""
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    return kind(nodes[0].start, nodes[-1].end, children=tuple(nodes))


class _Context(NamedTuple):
    """What a field name or weight before or after a group means for what is in it."""

    field: str | None = None
    depth: int = 0


class _Parser:
    """One run over a query: recursive descent over what ``_TOKEN`` finds."""

    def __init__(self, text: str, fields: Mapping[str, str]) -> None:
        self._text, self._fields, self._at = text, fields, 0

    def parse(self) -> Node | None:
        node = self._either(_Context())
        if self._at < len(self._text):
            raise _Broken("a parenthesis closes that was never opened")
        return node

    def _skip_blanks(self) -> None:
        text = self._text
        while self._at < len(text) and text[self._at].isspace():
            self._at += 1

    def _operator(self, word: str) -> bool:
        """Whether that operator stands here; it is consumed then."""
        self._skip_blanks()
        found = _WORD.match(self._text, self._at)
        if found is None or found[0] != word:
            return False
        self._at = found.end()
        return True

    def _either(self, context: _Context) -> Node | None:
        return self._chain("OR", Or, context)

    def _both(self, context: _Context) -> Node | None:
        return self._chain("AND", And, context)

    def _chain(self, operator: str, kind: type[And] | type[Or], context: _Context) -> Node | None:
        inner = self._both if operator == "OR" else self._bag
        first = inner(context)
        nodes = [first] if first is not None else []
        while self._operator(operator):
            another = inner(context)
            if not nodes or another is None:
                raise _Broken(f"{operator} needs something on both sides")
            nodes.append(another)
        return _joined(kind, nodes)

    def _bag(self, context: _Context) -> Node | None:
        nodes = []
        while (node := self._part(context)) is not None:
            nodes.append(node)
        return _joined(Bag, nodes)

    def _part(self, context: _Context) -> Node | None:
        """The next part, or None where the bag ends."""
        while True:
            self._skip_blanks()
            start = self._at
            found = _TOKEN.match(self._text, start)
            if found is None:
                if start < len(self._text):
                    raise _Broken("a quotation mark is not closed")
                return None
            if found["paren"] == ")":
                if not context.depth:
                    raise _Broken("a parenthesis closes that was never opened")
                return None
            word = _WORD.match(self._text, start)
            if word is not None and word[0] in ("AND", "OR"):
                return None
            if word is not None and word[0] == "NOT":
                self._at = word.end()
                return self._negated(start, context)
            if found["sign"]:
                self._at = found.end()
                if self._at == len(self._text) or self._text[self._at].isspace() or self._text[self._at] in "-+)":
                    # A dash between blanks, or several in a row, is punctuation.
                    self._at += len(self._text[self._at :]) - len(self._text[self._at :].lstrip("-+"))
                    continue
                return self._negated(start, context) if found["sign"] == "-" else self._part(context)
            return self._fielded(context)

    def _negated(self, start: int, context: _Context) -> Node:
        child = self._part(context._replace(depth=self._deeper(context)))
        if child is None:
            raise _Broken("NOT needs something after it")
        return Not(start, child.end, child=child)

    def _deeper(self, context: _Context) -> int:
        if context.depth >= MOST_DEEP:
            raise _Broken(f"more than {MOST_DEEP} parentheses within each other")
        return context.depth + 1

    def _fielded(self, context: _Context) -> Node | None:
        """A part with its field, if it has one."""
        found = _TOKEN.match(self._text, self._at)
        if found is not None and found["field"] and not identify(self._word_here()):
            name = found["field"].lower()
            if name in self._fields:
                self._at = found.end()
                return self._atom(context._replace(field=self._fields[name]))
            self._check_name(found["field"], found.end())
        return self._atom(context)

    def _word_here(self) -> str:
        found = _WORD.match(self._text, self._at)
        return found[0] if found else ""

    def _check_name(self, name: str, end: int) -> None:
        """A name that nearly is a field is a mistake; others, as in ``https://``, are text."""
        if self._text[end] in ":/":
            return
        from difflib import get_close_matches

        near = get_close_matches(name.lower(), self._fields, 1, 0.7)
        if near:
            hint = f"did you mean {near[0]}:{self._text[end : end + 20].split()[0]}?"
            raise QueryError(f"there is no field {name!r}", hint, self._text, self._at)

    def _atom(self, context: _Context) -> Node | None:
        start, text = self._at, self._text
        if start == len(text) or text[start].isspace():
            raise _Broken("a field needs something after it")
        if text[start] == "(":
            return self._group(context)
        if text[start] == '"':
            return self._phrase(context)
        found = _WORD.match(text, start)
        if found is None:
            raise _Broken("a parenthesis closes that was never opened")
        self._at = found.end()
        return self._word(found[0], start, context)

    def _group(self, context: _Context) -> Node | None:
        self._at += 1
        node = self._either(context._replace(depth=self._deeper(context)))
        self._skip_blanks()
        if self._at == len(self._text) or self._text[self._at] != ")":
            raise _Broken("a parenthesis is not closed")
        self._at += 1
        after = re.compile(r"\^(\d{1,3}(?:\.\d{1,3})?)").match(self._text, self._at)
        if after is not None:
            self._at = after.end()
            node = _weighted(node, float(after[1])) if node is not None else None
        return node if node is not None else self._part(context)

    def _phrase(self, context: _Context) -> Node:
        start = self._at
        end = self._text.find('"', start + 1)
        if end < 0:
            raise _Broken("a quotation mark is not closed")
        self._at = end + 1
        slop, boost = 0, 1.0
        after = _AFTER_PHRASE.match(self._text, self._at)
        if after is not None:
            self._at = after.end()
            slop, boost = int(after[1] or 0), _weight(after[2])
        words = self._text[start + 1 : end]
        if context.field in ("year", "date"):
            return self._range(words, start + 1, context.field)
        if context.field == "id":
            return self._identifier(words, start, "id", boost)
        return Phrase(start, self._at, context.field, boost, words, min(slop, 100))

    def _word(self, word: str, start: int, context: _Context) -> Node:
        end, field = self._at, context.field
        if field in ("year", "date"):
            return self._range(word, start, field)
        if word in ("*", "*:*"):
            return Everything(start, end)
        known = identify(word) if field is None and any(map(str.isdigit, word)) else None
        if known:
            return Identifier(start, end, None, 1.0, *known)
        parts = _AFTER_WORD.fullmatch(word)
        base, tilde, weight = (parts[1], parts[2], parts[3]) if parts else (word, None, None)
        boost = _weight(weight)
        if field == "id":
            return self._identifier(base, start, field, boost)
        has_letter = any(map(str.isalnum, base))
        if has_letter and _WILD.search(base):
            return Pattern(start, end, field, boost, base.rstrip("?.,;:!"))
        if has_letter and tilde is not None:
            return Fuzzy(start, end, field, boost, base, min(2, max(1, int(tilde or 1))))
        return Word(start, end, field, boost, base if weight is not None else word)

    def _identifier(self, text: str, start: int, field: str, boost: float) -> Identifier:
        known = identify(text)
        if known is None:
            found = re.fullmatch(r"(.+?)v(\d{1,4})", text.strip())
            known = (found[1], int(found[2])) if found else (text.strip(), None)
        return Identifier(start, self._at, field, boost, *known)

    def _range(self, value: str, start: int, field: str) -> DateRange:
        low, dots, high = value.partition("..")
        try:
            if not dots:
                low, high = _compared(value)
            for bound in (low, high):
                if bound:
                    dates.bounds(bound)
            if not low and not high:
                dates.bounds(value)
        except UsageError as wrong:
            raise QueryError(f"{field}: {wrong.message}", wrong.hint, self._text, start) from wrong
        if low and high and dates.bounds(low)[0] > dates.bounds(high)[1]:
            raise QueryError(f"{field}: the range ends before it starts", "turn it round", self._text, start)
        return DateRange(start, self._at, low=low or None, high=high or None)


def _compared(value: str) -> tuple[str, str]:
    """(low, high) of ``2024``, ``>=2024-12`` and the like; an empty one is open."""
    found = _COMPARED.fullmatch(value)
    sign, day = (found[1], found[2]) if found else ("", value)
    first, last = dates.bounds(day)
    if sign == ">=":
        return day, ""
    if sign == "<=":
        return "", day
    if sign == ">":
        return dates.day_after(last), ""
    if sign == "<":
        return "", dates.day_after(first, -1)
    return day, day


def _weight(text: str | None) -> float:
    """A weight within what makes sense."""
    return min(100.0, max(0.01, float(text))) if text else 1.0


def _weighted(node: Node, weight: float) -> Node:
    """The tree with the weights of all its leaves multiplied."""
    from dataclasses import replace

    if isinstance(node, (Bag, And, Or)):
        return replace(node, children=tuple(_weighted(child, weight) for child in node.children))
    if isinstance(node, Not):
        return node
    return replace(node, boost=min(100.0, max(0.01, node.boost * weight)))


__all__ = [
    "And", "Bag", "DateRange", "Everything", "Fuzzy", "Identifier", "Node", "Not", "Or", "Pattern", "Phrase", "Query",
    "Word", "caret", "identify", "parse", "plain", "to_text",
]  # fmt: skip
