"""Names with nothing but marks of footnotes between them, as they are copied from the first page of a paper."""

from __future__ import annotations

import re

_MARKS = r"[*∗†‡§¶\d]{1,4}(?:,\s?[*∗†‡§¶\d]{1,4}){0,9}"
_BETWEEN = re.compile(rf"(?<=[^\W\d_]{{2}}){_MARKS}(?:[ \t]+(?=[^\W\d_a-z])|\s*\Z)")
_NAME = re.compile(r"[^\W\d_a-z][\w.'’-]{0,30}(?: [^\W\d_a-z][\w.'’-]{0,30}){1,3}(?<!\d)")
_LONGEST = 600  # characters of a line (chosen)


def is_marked(line: str) -> bool:
    """Whether a line is nothing but such names: ``Ada Example1* Bo Sample1,2 Cy Pattern``."""
    parts = _BETWEEN.split(line.strip()) if len(line) <= _LONGEST else []
    return len(parts) > 1 and all(_NAME.fullmatch(part) for part in parts if part)


def apart(text: str) -> str:
    """A text whose lines of such names have commas between these."""
    if not any(map(str.isdigit, text)) and not any(mark in text for mark in "*∗†‡§¶"):
        return text
    return "\n".join(_BETWEEN.sub(", ", line) if is_marked(line) else line for line in text.split("\n"))
