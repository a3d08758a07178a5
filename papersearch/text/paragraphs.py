"""Text without marks to paragraphs: the lines of each are one."""

from __future__ import annotations

import re

BETWEEN = re.compile(r"\n\s*\n")
"""What separates paragraphs."""
# A word or compound that is broken at the end of a line, as in text from a PDF; not ``pre- and post-training``.
_BROKEN = re.compile(
    r"(?<=[^\W\d_])([-\xad\u2010])[ \t]{0,20}\n[ \t]{0,20}(?=[^\W\d_])"
    r"(?!(?:and|or|to|vs|of|und|oder|bis|et|ou|y|o|e|en)\s)"
)


def joined(text: str) -> str:
    """``text`` with a newline between its paragraphs, and else single blanks; no blank is within a broken word, whose
    hyphen makes no difference to who looks for it."""
    text = _BROKEN.sub(r"\1", text)
    return "\n".join(filter(None, (" ".join(part.split()) for part in BETWEEN.split(text))))
