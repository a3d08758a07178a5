"""The front matter of a post, whoever wrote it: YAML, TOML or JSON, read with python-frontmatter.

Posts are untrusted. YAML is read as nothing but text, lists and mappings of text (no tags that run code, no merge
keys that multiply, no numbers that take for ever), and not at all where it is nested deeper than any post needs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
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
_DEEP_LINE = re.compile(r"^[ ?:-]{200}", re.MULTILINE)

# Control codes, which YAML does not allow and for which no post is to be lost.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")

# Values are taken from lists and mappings this deep and this many of them (chosen: beyond is no list of tags).
_MOST_DEEP = 3
_MOST_VALUES = 500


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
        return yaml.load(_UNPRINTABLE.sub(" ", fm), _LOADER)


class _Toml(frontmatter.default_handlers.BaseHandler):  # type: ignore[misc]
    FM_BOUNDARY = re.compile(r"^\+{3,}\s*$", re.MULTILINE)
    START_DELIMITER = END_DELIMITER = "+++"

    def load(self, fm: str, **kwargs: object) -> Any:
        return tomllib.loads(fm)


_HANDLERS = (_Yaml(), _Toml(), frontmatter.JSONHandler())


def split(text: str) -> Front:
    """The parts of a post."""
    handler = frontmatter.detect_format(text, _HANDLERS)
    if handler is None:
        return Front({}, text)
    try:
        source, body = handler.split(text)
    except ValueError:
        return Front({}, text, 0, (1, "the front matter has no end"))
    lines = text.count("\n", 0, len(text) - len(body))
    if len(source) > MOST_CHARACTERS:
        return Front({}, body, lines, (1, f"the front matter is longer than {MOST_CHARACTERS} characters"))
    try:
        values = handler.load(source)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return Front({}, body, lines, (_line_of(error), f"the front matter does not parse: {_reason(error)}"))
    if values is None or values == "":
        return Front({}, body, lines)
    if not isinstance(values, dict):
        return Front({}, body, lines, (1, "the front matter is no list of keys and values"))
    return Front({str(key): value for key, value in values.items()}, body, lines)


def _line_of(error: Exception) -> int:
    """The line of the file where it went wrong; front matter starts on its second line, or TOML and JSON say."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return int(mark.line) + 2 if mark.line or mark.column else 2
    number = getattr(error, "lineno", None)
    if isinstance(number, int):
        return number + 1
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) + 1 if found else 1


def _reason(error: Exception) -> str:
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    return str(problem)[:200] or type(error).__name__


def strings(value: Any) -> list[str]:
    """Every text in a value of any type, in order: of a list its items, of a mapping what its ``name`` says."""
    found: list[str] = []
    for text in _strings(value, 0):
        found.append(text)
        if len(found) == _MOST_VALUES:
            break
    return found


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _strings(value.get("name") or value.get("content"), depth + 1)
    elif isinstance(value, (list, tuple)):
        if depth < _MOST_DEEP:
            for item in value[:_MOST_VALUES]:
                yield from _strings(item, depth + 1)
    elif value is not None:
        text = str(value).strip()
        if text and text.lower() not in ("null", "~", "none"):
            yield text


def first(value: Any) -> str:
    """The first text in a value, or nothing."""
    found = strings(value)
    return found[0] if found else ""
