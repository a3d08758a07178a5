"""The front matter of a post, whoever wrote it, in any of the ``languages`` for it.

Where YAML or TOML does not parse as a whole, it is read key by key, and a value that does not parse is the text that
stands there: a broken line costs a line. Keys come out as ``labels.normal`` gives them, whatever their case.

Nothing that stands there is lost: what is not read as keys and values is text, and so is all front matter that has no
end, as it is shown to readers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import frontmatter
import yaml

from papersearch.posts.labels import normal
from papersearch.posts.languages import HANDLERS, MOST_CHARACTERS, MOST_KEYS, Toml, TooDeep, Yaml, put_beside

_UNCLOSED = re.compile("found unexpected end of stream")
_LANGUAGE = re.compile(r"\s*---[ ]?(json|toml|ya?ml)[ \t]*$", re.MULTILINE)
_END = re.compile(r"^---[ \t]*$", re.MULTILINE)
# A no-break space behind a key or a dash, as it is typed on a Mac without noticing, or copied from a page.
_NO_BREAK = re.compile(r"^([ \t]*(?:-|[\w -]{1,40}:))\u00a0", re.MULTILINE)
# As Joplin stores notes: a title, the text, and properties in the last lines, which nobody sees.
_JOPLIN = re.compile(
    r"\n\n(?P<values>id: [0-9a-f]{32}\n(?:[a-z_]{2,40}:(?: [^\n]{0,2000})?\n){3,60})type_: 1\s*\Z", re.ASCII
)
_MOST_OF_JOPLIN = 8_000  # characters of these (chosen)

# Values are taken from lists and mappings this deep and this many of them (chosen: beyond is no list of tags). Aliases
# make lists of lists of empty lists cheap to write, so what is looked at is bounded as well as what is found.
_MOST_DEEP = 4
_MOST_VALUES = 500
_MOST_LOOKS = 5_000

_HEADING = re.compile(r"^#{1,6}[ \t]+\S", re.MULTILINE)
# A key at the beginning of a line, and what may belong to its value in the lines below. The blank after it is often
# left out before a bracket or a quotation mark.
_KEY = re.compile(
    r"^(?P<quote>[\"']?)(?P<key>[^\W\d_][\w .()/-]{0,60}?)(?P=quote)[ \t]{0,9}[:=](?=[\s\[\"']|$)[ \t]*", re.MULTILINE
)
# After a blank line, a heading or a line that is neither a key nor part of a value.
_TEXT = re.compile(r"\n[ \t]*\n(?=#{1,6}[ \t]+\S|[^\s#\]}\"'\-])(?![^\W\d_][\w .()/-]{0,60}[ \t]{0,9}[:=](?:\s|$))")
_ITEM = re.compile(r"^[ \t]*-[ \t]+", re.MULTILINE)
# Mappings in which generators and people put keys of their own.
NESTED = ("params", "extra", "taxonomies", "paper", "metadata", "reference", "citation", "bib", "parts")
_OF_THE_PAPER = ("paper", "reference", "citation", "bib")  # of these, those whose date is the paper's
_DATES = ("date", "publishedat", "published at", "pubdate")
# What a mapping stands for: of people, HTML's meta tags, tags of Docusaurus, dates of MkDocs Material.
_TELLING = ("name", "content", "label", "created")


class Front(NamedTuple):
    """``values`` of the front matter, the ``body`` after it, how many lines stand before that, and what is wrong:
    (line, reason), or None. ``beside`` is what stands before the body and is text."""

    values: dict[str, Any]
    body: str
    lines: int = 0
    wrong: tuple[int, str] | None = None
    beside: str = ""


def split(text: str) -> Front:
    """The parts of a post. Front matter that has no end ends at its first blank line or heading."""
    if "type_: 1" in text[-20:] and (found := _JOPLIN.search(text, max(len(text) - _MOST_OF_JOPLIN, 0))):
        return _of_joplin(text[: found.start()], found["values"])
    text = _with_usual_marks(text)
    blank = text[: len(text) - len(text.lstrip())].count("\n")
    opened = text.lstrip() if blank else text
    handler = frontmatter.detect_format(opened, HANDLERS)
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
        wrong = (start + 1, f"the front matter is longer than {MOST_CHARACTERS:,} characters")
        return _from_heading(opened, source, Front({}, body, lines, wrong), blank)
    try:
        values = handler.load(_NO_BREAK.sub(r"\1 ", source) if "\u00a0" in source else source)
        values = _by_key(values) if isinstance(values, dict) else values
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        wrong = (start + _line_of(error), f"the front matter does not parse: {_reason(error)}")
        values, beside = ({}, "") if isinstance(error, TooDeep) else _key_by_key(source, handler)
        if not values:
            return _from_heading(opened, source, Front({}, body, lines, wrong), blank)
        if not isinstance(handler, Yaml) or (cut := _TEXT.search(source)) is None:
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


def _of_joplin(text: str, properties: str) -> Front:
    """The parts of a note of Joplin's: of its properties those that say where it is from, and when it was made."""
    said = dict(line.partition(": ")[::2] for line in properties.split("\n"))
    title, _, body = text.partition("\n")
    created = said.get("user_created_time") or said.get("created_time", "")
    return Front({"title": title.strip(), "source": said.get("source_url", ""), "created": created}, body, 1)


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
    """Front matter whose end is missing: what can be read of it is, and all of it stays text. A rule above a blank line
    begins none, unless keys follow."""
    wrong = (blank + 1, "the front matter has no end")
    _, _, rest = opened.partition("\n")
    end = re.search(r"^[ \t]*$|^#", rest, re.MULTILINE)
    source = rest[: end.start()] if end else rest
    if isinstance(handler, Yaml) and len(source) <= MOST_CHARACTERS and _KEY.match(source):
        body = rest[len(source) :]
        return Front(_key_by_key(source, handler)[0], body, blank + 1 + source.count("\n"), wrong, source)
    is_rule = not source.strip() and not _KEY.match(rest.lstrip())
    return Front({}, text, 0, None if is_rule else wrong)


def _by_key(values: dict[Any, Any]) -> dict[str, Any]:
    """The values by their keys as ``labels.normal`` gives them. Of two keys that become the same, the one in lower case
    counts; the other's value, if it differs, is kept under ``key 2`` and so on."""
    found: dict[str, Any] = {}
    lost: list[tuple[str, Any]] = []
    within = values["params"] if isinstance(values.get("params"), dict) else {}
    nested = [(key, each[key]) for each in (values, within) for key in NESTED if isinstance(each.get(key), dict)]
    inner = [(of, item) for of, each in nested for item in islice(each.items(), _MOST_VALUES)]
    dated = [("paper date" if of in _OF_THE_PAPER and normal(str(key)) in _DATES else key, v) for of, (key, v) in inner]
    for key, value in (*values.items(), *dated):
        name = normal(str(key)[:200])
        other = found.setdefault(name, value)
        if other != value:
            found[name], other = (value, other) if str(key) == name else (other, value)
            lost.append((name, other))
    put_beside(found, lost)
    return found


def _key_by_key(source: str, handler: Any) -> tuple[dict[str, Any], str]:
    """What can be read of front matter that does not parse as a whole: each key with the lines that belong to it; and
    the other lines."""
    if not isinstance(handler, (Yaml, Toml)):
        return {}, source
    found: dict[str, Any] = {}
    keys = list(islice(_KEY.finditer(source), MOST_KEYS))
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
    """A text without the quotation marks around it, or the one before it whose end is missing."""
    text = " ".join(text.split())
    for quote in "\"'":
        if text.startswith(quote) and text.count(quote) == 1 + (text.endswith(quote) and len(text) > 1):
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
    if isinstance(error, RecursionError):
        return "nested too deeply"
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    if problem == "second occurrence":
        problem = "an anchor that was used before"
    return str(problem)[:200] or type(error).__name__


def strings(value: Any, whole: bool = False) -> list[str]:
    """Every text in a value of any type, in order: of a list its items; of a mapping its ``name`` or the like, or if
    ``whole`` all of its values."""
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
    return [*value.values()] if whole else [next(filter(None, map(value.get, _TELLING)), None)]


def _text(value: str) -> str:
    text = value.strip()
    return "" if text.lower() in ("null", "~", "none") else text


def first(value: Any) -> str:
    """The first text in a value, or nothing."""
    return next(iter(strings(value)), "")


def date_in(value: Any) -> str:
    """The text of a date, also of one in parts as CSL has it: ``{date-parts: [[2014, 9, 1]]}``, ``{year: 2014}``."""
    parts = strings(value, whole=True) if not isinstance(value, str) else []
    return "-".join(parts) if 0 < len(parts) < 4 and all(map(str.isdecimal, parts)) else first(value)
