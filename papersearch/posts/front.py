"""The front matter of a post, whoever wrote it: YAML, TOML or JSON, read with python-frontmatter.

Posts are untrusted. YAML is read as nothing but text, lists and mappings of text (no tags that run code, no merge
keys that multiply, no numbers that take for ever), and not at all where it is nested deeper than any post needs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import frontmatter
import yaml

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

MOST_CHARACTERS = 200_000
"""Characters of front matter that are read (chosen: a hundred times an ordinary one)."""

# libyaml's loader calls itself for each level and overruns the stack at some ten thousand levels. How deep a text can
# be is bounded by its opening brackets, and by where its lines begin; an ordinary post has a handful of both.
_MOST_BRACKETS = 400
_UNCLOSED = re.compile("found unexpected end of stream")
_DEEP_LINE = re.compile(r"^[ ?:-]{200}", re.MULTILINE)

# What reading a dotted key of TOML costs grows with the square of its parts.
_MOST_DOTS = 200

# Control codes, which YAML does not allow and for which no post is to be lost.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")

# Keys that no post is found or shown by, with all that belongs to them: half the cost of ordinary front matter.
_UNUSED = re.compile(
    r"^(?:cover|layout|theme|featured|keywords|image|images|slug|draft|heroImage):[^\n]*\n(?:[ \t-][^\n]*\n)*",
    re.MULTILINE,
)

# Values are taken from lists and mappings this deep and this many of them (chosen: beyond is no list of tags). Aliases
# make lists of lists of empty lists cheap to write, so what is looked at is bounded as well as what is found.
_MOST_DEEP = 4
_MOST_VALUES = 500
_MOST_LOOKS = 5_000

_HEADING = re.compile(r"^#{1,6}[ \t]+\S", re.MULTILINE)


class Front(NamedTuple):
    """``values`` of the front matter, the ``body`` after it, how many lines stand before that, and what is wrong:
    (line, reason), or None."""

    values: dict[str, Any]
    body: str
    lines: int = 0
    wrong: tuple[int, str] | None = None


class _Yaml(frontmatter.YAMLHandler):  # type: ignore[misc]
    def load(self, fm: str, **kwargs: object) -> Any:
        if fm.count("[") + fm.count("{") > _MOST_BRACKETS or _DEEP_LINE.search(fm):
            raise ValueError("nested too deeply")
        text = _UNPRINTABLE.sub(" ", fm)
        try:
            return yaml.load(_UNUSED.sub("", text), _LOADER)
        except yaml.YAMLError:
            return yaml.load(text, _LOADER)  # so that the error names the right line


class _Toml(frontmatter.default_handlers.BaseHandler):  # type: ignore[misc]
    FM_BOUNDARY = re.compile(r"^\+{3,}\s*$", re.MULTILINE)
    START_DELIMITER = END_DELIMITER = "+++"

    def load(self, fm: str, **kwargs: object) -> Any:
        if any(line.count(".") > _MOST_DOTS for line in fm.split("\n")):
            raise ValueError("nested too deeply")
        return tomllib.loads(fm)


_HANDLERS = (_Yaml(), _Toml(), frontmatter.JSONHandler())


def split(text: str) -> Front:
    """The parts of a post. Of front matter that does not parse, what follows its first heading belongs to the body:
    the line that seemed to end it may be a rule far below."""
    blank = text[: len(text) - len(text.lstrip())].count("\n")
    opened = text.lstrip() if blank else text
    handler = frontmatter.detect_format(opened, _HANDLERS)
    if handler is None:
        return Front({}, text)
    try:
        source, body = handler.split(opened)
    except ValueError:
        return Front({}, text, 0, (blank + 1, "the front matter has no end"))
    start = blank + opened.count("\n", 0, max(opened.find(source.strip("{}")), 0))
    lines = blank + opened.count("\n", 0, len(opened) - len(body))
    wrong = (start + 1, "the front matter is no list of keys and values")
    if len(source) > MOST_CHARACTERS:
        wrong = (start + 1, f"the front matter is longer than {MOST_CHARACTERS} characters")
    else:
        try:
            values = handler.load(source)
            if not values:
                return Front({}, body, lines)
            if isinstance(values, dict):
                return Front({str(key): value for key, value in values.items()}, body, lines)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            wrong = (start + _line_of(error), f"the front matter does not parse: {_reason(error)}")
    if heading := _HEADING.search(source):
        at = opened.find(source.strip("{}")) - (source[0] == "{") + heading.start()
        body, lines = opened[at:], blank + opened.count("\n", 0, at)
    return Front({}, body, lines, wrong)


def _line_of(error: Exception) -> int:
    """The line of the front matter where it went wrong, counted from 1."""
    mark = getattr(error, "context_mark", None) if _UNCLOSED.search(str(error)) else None
    mark = mark or getattr(error, "problem_mark", None)
    if mark is not None:
        return int(mark.line) + 1
    number = getattr(error, "lineno", None)
    if isinstance(number, int):
        return number
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) if found else 1


def _reason(error: Exception) -> str:
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    if problem == "second occurrence":
        problem = "an anchor that was used before"
    return str(problem)[:200] or type(error).__name__


def strings(value: Any) -> list[str]:
    """Every text in a value of any type, in order: of a list its items, of a mapping what its ``name`` says."""
    if isinstance(value, str):  # as most are
        return [text] if (text := _text(value)) else []
    return [text for text in islice(_strings(value, 0), _MOST_LOOKS) if text][:_MOST_VALUES]


def _strings(value: Any, depth: int) -> Iterator[str]:
    """The texts of a value, and nothing (``""``) for each part that holds none."""
    if isinstance(value, (dict, list, tuple)):
        yield ""
        if depth < _MOST_DEEP:
            parts = [value.get("name") or value.get("content")] if isinstance(value, dict) else value[:_MOST_VALUES]
            for part in parts:
                if isinstance(part, str):
                    yield _text(part)
                else:
                    yield from _strings(part, depth + 1)
        return
    try:
        yield "" if value is None else _text(str(value))
    except ValueError:  # a number of too many digits
        yield ""


def _text(value: str) -> str:
    text = value.strip()
    return "" if text.lower() in ("null", "~", "none") else text


def first(value: Any) -> str:
    """The first text in a value, or nothing."""
    found = strings(value)
    return found[0] if found else ""
