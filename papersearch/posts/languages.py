"""The languages of front matter, each read safely with python-frontmatter: YAML, TOML and JSON.

Posts are untrusted. YAML is read as nothing but text, lists and mappings of text (no tags that run code, no merge
keys that multiply, no numbers that take for ever), and not at all where it is nested deeper than any post needs.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import frontmatter
import yaml

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MOST_CHARACTERS = 200_000
"""Characters of front matter that are read (chosen: a hundred times an ordinary one)."""

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

# libyaml's loader calls itself for each level and overruns the stack at some ten thousand levels. How deep a text can
# be is bounded by its opening brackets, and by where its lines begin; an ordinary post has a handful of both.
_MOST_BRACKETS = 400
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

# JSON that begins in the line of its bracket.
_JSON_IN_ONE = re.compile(r'\{[ \t]*"')

# A tag as people write it is a comment to YAML.
_HASH_TAG = re.compile(r"^([ \t]*-[ \t]+|[\w-]{1,20}:[ \t]+)(#\w[^\n\"]*)$", re.MULTILINE)
# So are those behind others, as Logseq has them: ``tags: otters, [[rivers]], #paper``.
_FURTHER_TAGS = re.compile(
    r"^((?:tags?|keywords|topics):[ \t]+)(?=[^\n\"\\]*$)([^\s\[{'|>#][^\n]*[ \t,]#\w[^\n]*)$", re.MULTILINE
)
MOST_KEYS = 2_000
"""Keys that are read of what has more (chosen)."""


class TooDeep(ValueError):
    """Front matter of which no part may be given to a parser."""


class Yaml(frontmatter.YAMLHandler):  # type: ignore[misc]
    FM_BOUNDARY = re.compile(r"^(?:-{3,}|\.{3,})[ \t]*$", re.MULTILINE)

    def detect(self, text: str) -> bool:
        return text.startswith("---") and bool(self.FM_BOUNDARY.match(text))

    def load(self, fm: str, **kwargs: object) -> Any:
        if fm.count("[") + fm.count("{") > _MOST_BRACKETS or _DEEP_LINE.search(fm):
            raise TooDeep("nested too deeply")
        text = _PAIRS.sub(lambda pair: bytes.fromhex(pair[1] + pair[2]).decode("utf-16-be"), _UNPRINTABLE.sub(" ", fm))
        text = _FURTHER_TAGS.sub(r'\1"\2"', _HASH_TAG.sub(r'\1"\2"', text)) if " #" in text else text
        used = _UNUSED.split(text)  # with the keys of what is not between the parts: they tell a blog
        try:
            values = _loaded("".join(used[::2]))
        except yaml.YAMLError:
            return _loaded(text)  # so that the error names the right line
        values = {} if values is None and len(used) > 1 else values  # comments beside them
        return dict.fromkeys(used[1::2], "") | values if isinstance(values, dict) else values


class Toml(frontmatter.default_handlers.BaseHandler):  # type: ignore[misc]
    FM_BOUNDARY = re.compile(r"^\+{3,}\s*$", re.MULTILINE)
    START_DELIMITER = END_DELIMITER = "+++"

    def load(self, fm: str, **kwargs: object) -> Any:
        if any(line.count(".") > _MOST_DOTS for line in fm.split("\n")):
            raise TooDeep("nested too deeply")
        return tomllib.loads(fm)


class Json(frontmatter.JSONHandler):  # type: ignore[misc]
    def detect(self, text: str) -> bool:
        return super().detect(text) or _JSON_IN_ONE.match(text[:100]) is not None

    def split(self, text: str) -> tuple[str, str]:
        """The JSON and the body after it. Its brackets stand in lines of their own, or it is as programs write it."""
        if not _JSON_IN_ONE.match(text[:100]):
            parts: tuple[str, str] = super().split(text)
            return parts
        try:
            _, end = json.JSONDecoder().raw_decode(text[:MOST_CHARACTERS])
        except RecursionError as error:
            raise TooDeep("nested too deeply") from error
        rest, _, body = text[end:].partition("\n")
        if rest.strip():
            raise ValueError("text stands behind the JSON")
        return text[:end], body


def _loaded(text: str) -> Any:
    """What YAML says. Of several values of one key the last counts; the others are kept as ``key 2`` and so on."""
    loader = _LOADER(text)
    try:
        node = loader.get_single_node()
        values = loader.construct_document(node) if node is not None else None
        if isinstance(values, dict) and len(values) < len(node.value):
            pairs = [(str(key.value)[:200], value) for key, value in node.value[:MOST_KEYS]]
            last = dict(pairs)
            lost = [(key, loader.construct_object(node, deep=True)) for key, node in pairs if last[key] is not node]
            put_beside(values, lost)
        return values
    finally:
        loader.dispose()


def put_beside(values: dict[str, Any], lost: list[tuple[str, Any]]) -> None:
    """Keep values whose keys others have, as ``key 2``."""
    for number, (key, value) in enumerate(lost, 2):
        values.setdefault(f"{key} {number}", value)


HANDLERS = (Yaml(), Toml(), Json())
