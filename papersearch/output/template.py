r"""Templates for one line a result, such as ``{id}\t{title}``: which fields there are and how they are filled in.

It looks like `str.format` and is not: a field is a name and maybe a width, so that a template can reach nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from papersearch.core.errors import UsageError
from papersearch.core.fields import FACTS
from papersearch.core.records import Answer, Hit
from papersearch.text import display

Value = str | int | float | None
Part = str | tuple[str, str]


def _fact(name: str) -> Callable[[Answer, Hit], Value]:
    """A fact as a template fills it in: lists are joined."""

    def value(_: Answer, hit: Hit) -> Value:
        fact: Value | tuple[str, ...] = getattr(hit, name)
        return ", ".join(fact) if isinstance(fact, tuple) else fact

    return value


FIELDS: dict[str, Callable[[Answer, Hit], Value]] = {
    "rank": lambda answer, hit: hit.rank,
    "score": lambda answer, hit: round(hit.score, 4),
    **{name: _fact(name) for name in FACTS if name != "et_al"},
    "author": lambda answer, hit: hit.authors[0] if hit.authors else None,
    "authors": lambda answer, hit: ", ".join(hit.authors) + (" et al." if hit.authors and hit.et_al else ""),
    "year": lambda answer, hit: hit.published[:4] if hit.published else None,
    "path": lambda answer, hit: hit.path,
    "missing": lambda answer, hit: ", ".join(hit.missing),
    "snippet": lambda answer, hit: " … ".join(snippet.text for snippet in hit.snippets),
    "line": lambda answer, hit: hit.snippets[0].line if hit.snippets else None,
    "query": lambda answer, hit: answer.query,
    "total": lambda answer, hit: answer.total,
}

_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "0": "\0", "\\": "\\"}
_TOKEN = re.compile(r"\{\{|\}\}|\\(?P<escape>.)|\{(?P<field>[^{}]*)\}|(?P<brace>[{}])|[^{}\\]+|\\", re.DOTALL)
# Alignment, sign, width and precision of at most three digits, and a number's type: nothing nested, nothing huge.
_WIDTH = re.compile(r"(?:.?[<>^])?[+ ]?0?(?P<width>\d{0,3})(?:\.\d{1,3})?[dfgs]?")


def parse(template: str) -> list[Part]:
    r"""The template's parts: text, and (field, width) pairs. ``\t \n \r \0 \\`` and doubled braces are understood.

    Raises UsageError for an unknown field (naming the nearest), a stray brace, or anything more than a width.
    """
    parts: list[Part] = []
    for token in _TOKEN.finditer(template):
        if token["brace"]:
            raise UsageError(f"stray {token['brace']!r} in the template", "double it to print one")
        if token["field"] is not None:
            parts.append(_field(token["field"]))
        elif token["escape"] is not None:
            parts.append(_ESCAPES.get(token["escape"], token[0]))
        else:
            parts.append(token[0][0] if token[0] in ("{{", "}}") else token[0])
    return parts


def _field(inside: str) -> Part:
    name, _, width = inside.partition(":")
    if name not in FIELDS:
        from papersearch.text.mistyped import choice

        raise UsageError(f"no template field {display.one_line(name)!r}", choice(name, FIELDS))
    if _WIDTH.fullmatch(width) is None:
        raise UsageError(f"no such width for {name}: {display.one_line(width)!r}", "as in {title:40} or {rank:>3}")
    number = name in ("rank", "score", "version", "line", "total")
    if width[-1:] in ("d", "f", "g") and not (number and (width[-1] != "d" or name != "score")):
        raise UsageError(f"{name} is not that kind of number", f"{{{name}}} without {width[-1]!r}")
    if width.endswith("s") and number:
        raise UsageError(f"{name} is a number", f"{{{name}}} without 's'")
    return name, width


def fill(parts: list[Part], answer: Answer, hit: Hit, *, exact: bool = False) -> str:
    """The line for one hit, without its end. What is not known is empty; control codes in values are replaced.

    With ``exact`` the path is as the file system has it, for records that end in NUL.
    """
    line = []
    for part in parts:
        if isinstance(part, str):
            line.append(part)
            continue
        name, width = part
        value = FIELDS[name](answer, hit)
        if isinstance(value, str) and not (exact and name == "path"):
            value = display.one_line(value)
        line.append(_set(value, width))
    return "".join(line)


def _set(value: Value, width: str) -> str:
    """The value in its width; what is not known takes the same room as what is."""
    if value is not None:
        return format(value, width)
    found = _WIDTH.fullmatch(width)
    return " " * int(found["width"] or 0) if found else ""
