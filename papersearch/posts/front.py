"""The front matter of a post, whoever wrote it: YAML, TOML or JSON, read with python-frontmatter.

Where YAML or TOML does not parse as a whole, it is read key by key, and a value that does not parse is the text that
stands there: a broken line costs a line. Keys come out as ``labels.normal`` gives them, whatever their case.

Nothing that stands there is lost: what is not read as keys and values is text, and so is all front matter that has no
end, as it is shown to readers.

Posts are untrusted. YAML is read as nothing but text, lists and mappings of text (no tags that run code, no merge
keys that multiply, no numbers that take for ever), and not at all where it is nested deeper than any post needs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import frontmatter
import yaml

from papersearch.posts.labels import normal

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

# Control codes, and surrogate pairs, as JSON escapes 🦦: YAML allows neither, and no post is to be lost for them.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_PAIRS = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)

# Keys whose values no post is found or shown by, with all that belongs to them: half the cost of ordinary front matter.
_UNUSED = re.compile(
    r"^(cover|layout|theme|featured|image|images|slug|draft|heroImage|keywords(?=: key\d+(?:, ?key\d+)*[ \t]*\n)):"
    r"[^\n]*\n(?:[ \t-][^\n]*\n)*",
    re.MULTILINE,
)

# Values are taken from lists and mappings this deep and this many of them (chosen: beyond is no list of tags). Aliases
# make lists of lists of empty lists cheap to write, so what is looked at is bounded as well as what is found.
_MOST_DEEP = 4
_MOST_VALUES = 500
_MOST_LOOKS = 5_000

_HEADING = re.compile(r"^#{1,6}[ \t]+\S", re.MULTILINE)
# A key at the beginning of a line, and what may belong to its value in the lines below.
_KEY = re.compile(
    r"^(?P<quote>[\"']?)(?P<key>[^\W\d_][\w .()/-]{0,60}?)(?P=quote)[ \t]{0,9}[:=](?=\s|$)[ \t]*", re.MULTILINE
)
# After a blank line, a heading or a line that is neither a key nor part of a value.
_TEXT = re.compile(r"\n[ \t]*\n(?=#{1,6}[ \t]+\S|[^\s#\]}\"'\-])(?![^\W\d_][\w .()/-]{0,60}[ \t]{0,9}[:=](?:\s|$))")
_ITEM = re.compile(r"^[ \t]*-[ \t]+", re.MULTILINE)
# A tag as people write it is a comment to YAML.
_HASH_TAG = re.compile(r"^([ \t]*-[ \t]+|[\w-]{1,20}:[ \t]+)(#\w[^\n\"]*)$", re.MULTILINE)
_MOST_KEYS = 2_000
# Mappings in which generators and people put keys of their own.
NESTED = ("params", "extra", "taxonomies", "paper", "metadata", "reference", "citation", "bib")


class Front(NamedTuple):
    """``values`` of the front matter, the ``body`` after it, how many lines stand before that, and what is wrong:
    (line, reason), or None. ``beside`` is what stands before the body and is text."""

    values: dict[str, Any]
    body: str
    lines: int = 0
    wrong: tuple[int, str] | None = None
    beside: str = ""


class _TooDeep(ValueError):
    """Front matter of which no part may be given to a parser."""


class _Yaml(frontmatter.YAMLHandler):  # type: ignore[misc]
    FM_BOUNDARY = re.compile(r"^(?:-{3,}|\.{3,})[ \t]*$", re.MULTILINE)

    def detect(self, text: str) -> bool:
        return text.startswith("---") and bool(self.FM_BOUNDARY.match(text))

    def load(self, fm: str, **kwargs: object) -> Any:
        if fm.count("[") + fm.count("{") > _MOST_BRACKETS or _DEEP_LINE.search(fm):
            raise _TooDeep("nested too deeply")
        text = _PAIRS.sub(lambda pair: bytes.fromhex(pair[1] + pair[2]).decode("utf-16-be"), _UNPRINTABLE.sub(" ", fm))
        text = _HASH_TAG.sub(r'\1"\2"', text) if " #" in text else text
        used = _UNUSED.split(text)  # with the keys of what is not between the parts: they tell a blog
        try:
            values = _loaded("".join(used[::2]))
        except yaml.YAMLError:
            return _loaded(text)  # so that the error names the right line
        return dict.fromkeys(used[1::2], "") | values if isinstance(values, dict) else values


class _Toml(frontmatter.default_handlers.BaseHandler):  # type: ignore[misc]
    FM_BOUNDARY = re.compile(r"^\+{3,}\s*$", re.MULTILINE)
    START_DELIMITER = END_DELIMITER = "+++"

    def load(self, fm: str, **kwargs: object) -> Any:
        if any(line.count(".") > _MOST_DOTS for line in fm.split("\n")):
            raise _TooDeep("nested too deeply")
        return tomllib.loads(fm)


def _loaded(text: str) -> Any:
    """What YAML says. Of several values of one key the last counts; the others are kept as ``key 2`` and so on."""
    loader = _LOADER(text)
    try:
        node = loader.get_single_node()
        values = loader.construct_document(node) if node is not None else None
        if isinstance(values, dict) and len(values) < len(node.value):
            pairs = [(str(key.value)[:200], value) for key, value in node.value[:_MOST_KEYS]]
            last = dict(pairs)
            lost = [(key, loader.construct_object(node, deep=True)) for key, node in pairs if last[key] is not node]
            _put_beside(values, lost)
        return values
    finally:
        loader.dispose()


def _put_beside(values: dict[str, Any], lost: list[tuple[str, Any]]) -> None:
    """Keep values whose keys others have, as ``key 2``."""
    for number, (key, value) in enumerate(lost, 2):
        values.setdefault(f"{key} {number}", value)


_LANGUAGE = re.compile(r"\s*---[ ]?(json|toml|ya?ml)[ \t]*$", re.MULTILINE)
_END = re.compile(r"^---[ \t]*$", re.MULTILINE)
_HANDLERS = (_Yaml(), _Toml(), frontmatter.JSONHandler())


def split(text: str) -> Front:
    """The parts of a post. Front matter that has no end ends at its first blank line or heading."""
    text = _with_usual_marks(text)
    blank = text[: len(text) - len(text.lstrip())].count("\n")
    opened = text.lstrip() if blank else text
    handler = frontmatter.detect_format(opened, _HANDLERS)
    if handler is None:
        return Front({}, text)
    try:
        source, body = handler.split(opened)
    except ValueError:
        return _endless(text, opened, blank, handler)
    at = max(opened.find(source.strip("{}")), 0)
    start = blank + opened.count("\n", 0, at)
    lines = blank + opened.count("\n", 0, len(opened) - len(body))
    if len(source) > MOST_CHARACTERS:
        wrong = (start + 1, f"the front matter is longer than {MOST_CHARACTERS} characters")
        return _from_heading(opened, source, Front({}, body, lines, wrong), blank)
    try:
        values = handler.load(source)
        values = _by_key(values) if isinstance(values, dict) else values
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        wrong = (start + _line_of(error), f"the front matter does not parse: {_reason(error)}")
        values, beside = ({}, "") if isinstance(error, _TooDeep) else _key_by_key(source, handler)
        if not values:
            return _from_heading(opened, source, Front({}, body, lines, wrong), blank)
        if not isinstance(handler, _Yaml) or (cut := _TEXT.search(source)) is None:
            return Front(values, body, lines, wrong, beside)
        # The line that seemed to end the front matter is a rule of the body.
        at += cut.end()
        values, beside = _key_by_key(source[: cut.end()], handler)
        return Front(values, opened[at:], blank + opened.count("\n", 0, at), wrong, beside)
    if values and not isinstance(values, dict):
        wrong = (start + 1, "the front matter is not a list of keys and values")
        return Front({}, opened[at:].lstrip("\n"), start + (opened[at:][:1] == "\n"), wrong)
    parts = Front(values or {}, body, lines)
    is_text = not values and "\n\n" in source and _HEADING.search(source)  # between two rules
    return _from_heading(opened, source, parts, blank) if is_text else parts


def _with_usual_marks(text: str) -> str:
    """A text whose front matter names its language (``---json``) with that language's own marks, line by line."""
    if (found := _LANGUAGE.match(text)) is None:
        return text
    mark = {"json": "", "toml": "+++"}.get(found[1], "---")
    return "\n" * found[0].count("\n") + mark + _END.sub(mark, text[found.end() :], count=1)


def _from_heading(opened: str, source: str, parts: Front, blank: int) -> Front:
    """The same parts, the body beginning at the first heading within what was taken for front matter; what stands
    before it is text."""
    heading = _HEADING.search(source)
    if heading is None:
        return parts._replace(beside=source)
    at = opened.find(source.strip("{}")) - (source[0] == "{") + heading.start()
    return parts._replace(body=opened[at:], lines=blank + opened.count("\n", 0, at), beside=source[: heading.start()])


def _endless(text: str, opened: str, blank: int, handler: Any) -> Front:
    """Front matter whose end is missing: what can be read of it is, and all of it stays text."""
    wrong = (blank + 1, "the front matter has no end")
    _, _, rest = opened.partition("\n")
    end = re.search(r"^[ \t]*$|^#", rest, re.MULTILINE)
    source = rest[: end.start()] if end else rest
    if isinstance(handler, _Yaml) and len(source) <= MOST_CHARACTERS and _KEY.match(source):
        body = rest[len(source) :]
        return Front(_key_by_key(source, handler)[0], body, blank + 1 + source.count("\n"), wrong, source)
    return Front({}, text, 0, wrong)


def _by_key(values: dict[Any, Any]) -> dict[str, Any]:
    """The values by their keys as ``labels.normal`` gives them. Of two keys that become the same, the one in lower case
    counts; the other's value, if it differs, is kept under ``key 2`` and so on."""
    found: dict[str, Any] = {}
    lost: list[tuple[str, Any]] = []
    nested = [values[key] for key in NESTED if isinstance(values.get(key), dict)]
    for key, value in (*values.items(), *(item for inner in nested for item in islice(inner.items(), _MOST_VALUES))):
        name = normal(str(key)[:200])
        other = found.setdefault(name, value)
        if other != value:
            found[name], other = (value, other) if str(key) == name else (other, value)
            lost.append((name, other))
    _put_beside(found, lost)
    return found


def _key_by_key(source: str, handler: Any) -> tuple[dict[str, Any], str]:
    """What can be read of front matter that does not parse as a whole: each key with the lines that belong to it; and
    the other lines."""
    if not isinstance(handler, (_Yaml, _Toml)):
        return {}, source
    found: dict[str, Any] = {}
    keys = list(islice(_KEY.finditer(source), _MOST_KEYS))
    others = [source[: keys[0].start()] if keys else source]
    for key, after in zip(keys, [*keys[1:], None], strict=False):
        lines = source[key.end() : after.start() if after else len(source)].split("\n")
        belonging = _belonging(lines)
        value = "\n".join(line for line, belongs in zip(lines, belonging, strict=True) if belongs)
        others += [line for line, belongs in zip(lines, belonging, strict=True) if not belongs]
        name = normal(key["key"])
        if name in found:
            others.append(value)
        else:
            found[name] = _value(source[key.start() : key.end()], value, handler)
    return found, "\n".join(others).strip()


def _belonging(lines: list[str]) -> list[bool]:
    """Which of the lines from a key to the next belong to its value: those that are indented, or items and the ends of
    brackets where it begins with none, up to a line that is text."""
    begins = (
        ("", " ", "\t", "-", "]", "}") if lines[0].strip()[:1] in ("", "[", "{", "|", ">", "#") else ("", " ", "\t")
    )
    found, goes_on = [True], True
    for line in lines[1:]:
        belongs = line[:1] in begins
        goes_on = goes_on and (belongs or line[:1] == "#")
        found.append(goes_on and belongs)
    return found


def _value(key: str, value: str, handler: Any) -> Any:
    """A value by itself, or the text that stands there."""
    try:
        loaded = handler.load(key + value.replace("\t", "  "))
        if isinstance(loaded, dict):
            return next(iter(loaded.values()), None)
    except (yaml.YAMLError, ValueError, RecursionError):
        pass
    if _ITEM.match(value.lstrip("\n")):
        return [_unquoted(item) for item in _ITEM.split(value) if item.strip()][:_MOST_VALUES]
    value = " ".join(value.split())
    if value[:1] == "[" and value[-1:] == "]":
        return [_unquoted(item) for item in value[1:-1].split(",")][:_MOST_VALUES]
    return _unquoted(value)


def _unquoted(text: str) -> str:
    text = " ".join(text.split())
    for quote in "\"'":
        if text.startswith(quote) and text.count(quote) <= 2:
            text = text[1:].removesuffix(quote)
    return text


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


def strings(value: Any, whole: bool = False) -> list[str]:
    """Every text in a value of any type, in order: of a list its items; of a mapping its ``name``, or if ``whole`` all
    of its values."""
    if isinstance(value, str):  # as most are
        return [text] if (text := _text(value)) else []
    return [text for text in islice(_strings(value, 0, whole), _MOST_LOOKS) if text][:_MOST_VALUES]


def _strings(value: Any, depth: int, whole: bool) -> Iterator[str]:
    """The texts of a value, and nothing (``""``) for each part that holds none."""
    if not isinstance(value, (dict, list, tuple)):
        try:
            yield "" if value is None else _text(str(value))
        except ValueError:  # a number of too many digits
            yield ""
        return
    yield ""
    for part in _parts_of(value, whole) if depth < _MOST_DEEP else ():
        if isinstance(part, str):
            yield _text(part)
        else:
            yield from _strings(part, depth + 1, whole)


def _parts_of(value: Any, whole: bool) -> Sequence[Any]:
    if not isinstance(value, dict):
        return value[:_MOST_VALUES]  # type: ignore[no-any-return]
    return [*value.values()] if whole else [value.get("name") or value.get("content")]


def _text(value: str) -> str:
    text = value.strip()
    return "" if text.lower() in ("null", "~", "none") else text


def first(value: Any) -> str:
    """The first text in a value, or nothing."""
    return next(iter(strings(value)), "")
