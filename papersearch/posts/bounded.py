"""How much of a post is indexed. Texts whose words are all different, as data in place of text has them, cost far more
than any that people write, and nobody finds anything by them."""

from __future__ import annotations

import re

SMALL = 150_000
"""Characters up to which a text is indexed whole, without a look at its words (chosen)."""

MOST_DIFFERENT = 800_000
"""Letters that the different words of a text may have together; a word that is not plain letters counts four times
(chosen: what takes a second; all abstracts of two thousand papers together have half of it)."""

_AROUND = ".,;:!?()[]{}\"'“”‘’…–—`*_"
_TOKEN = re.compile(r"\S+")


def fitting(text: str) -> int:
    """How many characters of a text can be indexed: all, or as many as its different words allow."""
    if len(text) <= SMALL:
        return len(text)
    seen: set[str] = set()
    left = MOST_DIFFERENT
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token in seen:
            continue
        seen.add(token)
        core = token.strip(_AROUND)
        weight = 1 if core.isascii() and core.isalpha() else 4
        left -= len(core) * weight
        if left < 0:
            return found.start() if len(token) < SMALL else found.end() + left // weight
    return len(text)
