"""The grammar of queries: one pass over a text gives its tree. What to do with what does not parse is for ``language``.

    either  = both ("OR" both)*
    both    = bag ("AND" bag)*
    bag     = part+                                     side by side; binds tighter than AND and OR
    part    = ("NOT" | "-" | "+")* [field ":"] atom ["^" weight]
    atom    = word | word "~" [1|2] | "words" ["~" n] | wi?d* | range | id | "(" either ")" | "*"

So ``a AND b c`` asks for ``a`` and for the bag of ``b`` and ``c``. Operators are in capitals; ``-`` and ``+`` count at
the start of a part only, ``?`` only before another character of the word, so that questions are ordinary queries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from papersearch.core.errors import QueryError, UsageError
from papersearch.query import dates, tree
from papersearch.query.ids import as_written, identify
from papersearch.text import chunks

# Bounds on what one query may cost (chosen: far beyond what people type or paste).
MOST_DEEP = 100
MOST_SLOP = 100
MOST_LOOSE = 20  # words with wildcards or ``~``, each of which takes a pass over the whole vocabulary

_TOKEN = re.compile(
    r'\s*(?:(?P<operator>(?:AND|OR|NOT)(?=[\s"()]|\Z))|(?P<sign>[-+]+)|(?P<open>\()|(?P<close>\))'
    r"|(?P<field>[^\W\d]\w*):(?=[^\s)])|(?P<atom>(?=\S)))"
)
_SMILEY = re.compile(r"(?<!\S)[:;]-?[()]+(?!\S)")
# A word may hold parentheses, as ``O(n^2)`` and many a DOI does.
_WORD = re.compile(r'[^\s"()]+(?:\([^\s"():]*\)[^\s"()]*)*')
_NUMBER = r"(\d{1,9}(?:\.\d{1,20})?|\.\d{1,20})"
_WEIGHT = re.compile(rf"\^{_NUMBER}(?!\w|\.\w|\^)")
_PHRASE = re.compile(rf'"([^"]*)"(?:(?:~(\d{{1,9}}))?(?:\^{_NUMBER})?[.,;:!?]*(?=[\s()]|\Z))?')
_AFTER_WORD = re.compile(rf"(.+?)(?:~(\d{{0,9}}))?(?:\^{_NUMBER})?", re.DOTALL)
_WILD = re.compile(r"\*|\?(?=\w)")
# What is no pattern but a name: A*, Sgr A*, C*-algebras.
_STARRED = re.compile(r"[A-Z]\*(?:-\w+)*")
# What is no weight but a power: L^2, R^3.
_POWER = re.compile(r"[A-Z]\^\d{1,2}")
_DATES = ("year", "date", "since", "until")
_YEAR = re.compile(r"(?:19|20)\d\d(?![\w.,:])")
_SIMPLE = re.compile(r"[\w*?][\w*?-]*")
_AROUND = "'‘’[]{}<>.,;:!~"


class BrokenQuery(Exception):
    """What does not parse, as a part of a sentence."""


class _Level:
    """What has been read so far of a parenthesis, or of the whole query."""

    __slots__ = ("bag", "both", "either", "field", "nots", "operator")

    def __init__(self, field: str | None = None) -> None:
        self.field = field
        self.operator = ""  # the last one
        self.either: list[tree.Node] = []
        self.both: list[tree.Node] = []
        self.bag: list[tree.Node] = []
        self.nots: list[int] = []  # where the negations begin that wait for what they negate

    def end_bag(self) -> None:
        """Before an operator and at the end."""
        if self.nots:
            raise BrokenQuery("NOT needs something after it")
        node = tree.joined(tree.Bag, self.bag)
        if node is not None:
            self.both.append(node)
        elif self.operator:
            raise BrokenQuery(f"{self.operator} needs something on both sides")
        self.bag = []

    def end_both(self) -> None:
        node = tree.joined(tree.And, self.both)
        if node is not None:
            self.either.append(node)
        self.both = []


class Parser:
    """One pass over a query with typewriter quotes. ``fields`` are as for ``language.parse``.

    Keeps a stack of levels of its own in place of recursion, so it works however deep its caller's stack already is.
    """

    def __init__(self, text: str, fields: Mapping[str, str]) -> None:
        self.hint: str | None = None
        self._text, self._fields, self._at = text, fields, 0
        self._levels = [_Level()]
        self._deep = self._parts = self._loose = 0

    def parse(self) -> tree.Node | None:
        """The tree, None of an empty query; ``hint`` may say more then. Raises ``BrokenQuery`` and ``QueryError``."""
        while (found := _TOKEN.match(self._text, self._at)) is not None:
            kind = found.lastgroup or ""
            start = found.start(kind)
            self._at = found.end()
            if kind == "operator":
                self._operator(found[kind], start)
            elif kind == "sign":
                self._sign(found[kind], start)
            elif kind == "open":
                self._open(self._levels[-1].field)
            elif kind == "close":
                self._close()
            else:
                self._fielded(found["field"], start)
        if len(self._levels) > 1:
            raise BrokenQuery("a parenthesis is not closed")
        return self._ended()

    def _operator(self, name: str, start: int) -> None:
        level = self._levels[-1]
        if name == "NOT":
            self._deeper()
            level.nots.append(start)
            return
        level.operator = name
        level.end_bag()
        if name == "OR":
            level.end_both()

    def _sign(self, run: str, start: int) -> None:
        """A single ``-`` right before a part negates it; dashes between blanks or in a row are punctuation."""
        before, after = self._text[start - 1 : start], self._text[self._at : self._at + 1]
        begins = not before or before == "(" or before.isspace()
        if run == "-" and begins and after.strip() not in ("", ")"):
            self._operator("NOT", start)

    def _open(self, field: str | None) -> None:
        self._deeper()
        self._levels.append(_Level(field))

    def _close(self) -> None:
        if len(self._levels) == 1:
            raise BrokenQuery("a parenthesis closes that was never opened")
        node = self._ended()
        self._levels.pop()
        self._deep -= 1
        if (found := _WEIGHT.match(self._text, self._at)) is not None:
            self._at = found.end()
            node = tree.weighted(node, float(found[1])) if node is not None else None
        self._add(node)

    def _ended(self) -> tree.Node | None:
        """What the innermost level has come to."""
        level = self._levels[-1]
        level.end_bag()
        level.end_both()
        return tree.joined(tree.Or, level.either)

    def _deeper(self) -> None:
        self._deep += 1
        if self._deep > MOST_DEEP:
            raise BrokenQuery(f"more than {MOST_DEEP} parentheses within each other")

    def _add(self, node: tree.Node | None) -> None:
        """Append a part; None is an empty one, which is left out."""
        level = self._levels[-1]
        if node is None:
            if level.nots:
                raise BrokenQuery("NOT needs something after it")
            return
        for start in reversed(level.nots):
            node = tree.Not(start, self._at, child=node)
        self._deep -= len(level.nots)
        level.nots.clear()
        level.bag.append(node)

    def _fielded(self, name: str | None, start: int) -> None:
        """A part, after its field's name if it has one."""
        field = self._levels[-1].field
        if name is not None:
            field = self._named(name, start, field)
        elif len(self._levels) == 1 and (smiley := _SMILEY.match(self._text, start)):
            self._at = smiley.end()  # punctuation; within parentheses it would be a closing one
            return
        if self._text[self._at] == "(":
            self._at += 1
            self._open(field)
            return
        self._parts += 1
        if self._parts > tree.MOST_PARTS:
            raise BrokenQuery(f"more than {tree.MOST_PARTS:,} parts")
        self._add(self._phrase(field) if self._text[self._at] == '"' else self._word(field))

    def _named(self, name: str, start: int, outer: str | None) -> str | None:
        """The field that a name stands for. Where it stands for none, it is text and will be read again as such."""
        if (known := self._fields.get(name.lower())) is not None:
            return known
        if identify(self._word_at(start)) is None:
            self._check_name(name, start)
        self._at = start
        return outer

    def _word_at(self, start: int) -> str:
        found = _WORD.match(self._text, start)
        return found[0] if found else ""

    def _check_name(self, name: str, start: int) -> None:
        """A name that nearly is a field is a mistake; others, as in ``https://``, are text."""
        after = self._text[self._at]
        if after in ":/":
            return
        from papersearch.text.mistyped import nearest

        # Slips hardly ever hit the first letter, and short names are near to everything (``rate:``, ``bay:``).
        known = [
            field
            for field in self._fields
            if len(field) > 2 and field[0] == name[0].lower() and field not in ("since", "until")
        ]
        if near := nearest(name, known):
            raise QueryError(f"there is no field {name!r}", f"did you mean '{near}:'?", self._text, start)
        if len(name) > 1 and name.isalpha() and name.islower():
            said = f"there is no field {name!r}: searched as words"
            if _YEAR.match(self._text, self._at):  # before:2024, as other programs have it
                self.hint = self.hint or f"{said}; dates are since:2024, until:2024-06, date:2024"
            elif after.isalpha() or after in '"(':
                self.hint = self.hint or said

    def _phrase(self, field: str | None) -> tree.Node | None:
        start = self._at
        found = _PHRASE.match(self._text, start)
        if found is None:
            raise BrokenQuery("a quotation mark is not closed")
        self._at = found.end()
        words, boost = found[1], _weight(found[3])
        if field in _DATES:
            return self._range(words, start + 1, field)
        if not words.strip():
            return None
        if field == "id":
            return self._identifier(words, start, boost)
        return tree.Phrase(start, self._at, field, boost, words, min(int(found[2] or 0), MOST_SLOP))

    def _word(self, field: str | None) -> tree.Node:
        """What stands up to the next blank or bracket: everything, a date or id, a pattern, a fuzzy word, or a plain
        word."""
        start = self._at
        word = self._word_at(start)
        self._at = end = start + len(word)
        if field in _DATES:
            return self._range(word, start, field)
        if word in ("*", "*:*"):
            return tree.Everything(start, end)
        parts = _AFTER_WORD.fullmatch(word) if _POWER.fullmatch(word) is None else None
        base, tilde, weight = (parts[1], parts[2], parts[3]) if parts else (word, None, None)
        boost, whole = _weight(weight), word if weight is None else word[: word.rindex("^")]
        if field == "id":
            return self._identifier(base, start, boost)
        core = _core(base)
        if field is None and (known := identify(whole) or (tilde is not None and identify(core))):
            return tree.Identifier(start, end, None, boost, *known)
        if any(map(str.isalnum, core)) and not set("(^~").intersection(core):
            if _WILD.search(core) and not _STARRED.fullmatch(core):
                if all(map(chunks.is_cjk, stem := core.strip("*"))):  # where no blanks are, any word may go on
                    return tree.Word(start, end, field, boost, stem)
                self._looser()
                return tree.Pattern(start, end, field, boost, core)
            if tilde is not None and not chunks.is_character(core):  # no character is a slip of another
                self._looser()
                return tree.Fuzzy(start, end, field, boost, core, min(2, max(1, int(tilde or 1))))
        name = word[:-1]
        if word[-1] == ":" and name.islower() and len(name) > 1 and name in self._fields and self._text[end:].strip():
            self.hint = self.hint or f"{word} with a blank after it is a word: write none to search the field"
        return tree.Word(start, end, field, boost, whole)

    def _looser(self) -> None:
        self._loose += 1
        if self._loose > MOST_LOOSE:
            raise BrokenQuery(f"more than {MOST_LOOSE} words with *, ? or ~")

    def _identifier(self, text: str, start: int, boost: float) -> tree.Identifier:
        """What stands after ``id:``, where any text is an id."""
        text = text.strip()
        known = identify(text)
        if known is None:
            text = text.rstrip(",;!?") if any(map(str.isalnum, text)) else text
            known = as_written(text)
        return tree.Identifier(start, self._at, "id", boost, *known)

    def _range(self, value: str, start: int, field: str) -> tree.DateRange:
        """What stands after the name of a date, save for the punctuation of a sentence after it."""
        value = value.rstrip(",;:!?") or value
        value = value[:-1] if value[-2:-1].isdigit() and value[-1] == "." else value
        try:
            low, high = dates.interval(value)
        except UsageError as wrong:
            raise QueryError(f"{field}: {wrong.message}", wrong.hint, self._text, start) from wrong
        if field == "until":
            low, high = None, high or low
        elif field == "since":
            low, high = low or high, None
        return tree.DateRange(start, self._at, low=low, high=high)


def _core(word: str) -> str:
    """A wildcard or fuzzy word without the punctuation around it."""
    inner = word.strip(_AROUND).rstrip(_AROUND + "?")
    return inner if _SIMPLE.fullmatch(inner) else word.rstrip(_AROUND + "?")


def _weight(text: str | None) -> float:
    return tree.clamped(float(text)) if text else 1.0
