"""What generators leave where a text is missing."""

from __future__ import annotations

import re

PLACEHOLDER = re.compile(
    r"\W*(?:coming soon|to be (?:added|announced|continued)|tba|tbd|todo|n[/.]?a|none|null|placeholder"
    r"|lorem ipsum.*)\W*",
    re.IGNORECASE | re.DOTALL,
)
NO_VALUE = re.compile(r"\W*(?:unknown|tba|tbd|todo|n[/.]?a|none|null|coming soon)?\W*", re.IGNORECASE)
"""What stands behind a label that has no value yet."""
PLACEHOLDER_TAG = re.compile(r"(?:key|tag)\d+", re.IGNORECASE)
# A placeholder that stands above real text.
PLACEHOLDER_LINE = re.compile(r"\A\W{0,9}(?:coming soon|to be added|tba|tbd|todo)\W{0,9}\n", re.IGNORECASE)


def plain(text: str) -> str:
    """The text, or nothing where it only holds the place of one."""
    return "" if len(text) < 100 and PLACEHOLDER.fullmatch(text) else text
