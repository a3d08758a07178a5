"""Records to text. Knows nothing of an index. This module is the one table of output formats; it loads nothing.

Each has its writer in ``formats`` (of answers) or is written by ``show`` (of one paper).
"""

from __future__ import annotations

from papersearch.core.frozen import Frozen


class Format(Frozen):
    """What an answer can be printed as. ``snippets``: whether it has the passages, which cost time to find."""

    name: str
    help: str
    snippets: bool = False


TABLE = (
    Format("text", "for people: a heading and the passages of each paper", True),
    Format("json", "one document with everything", True),
    Format("jsonl", "one JSON object a line for each paper", True),
    Format("csv", "a table with a header line", True),
    Format("bibtex", "an entry for each paper"),
    Format("ids", "paper ids, one a line"),
    Format("paths", "paths of posts, one a line"),
    Format("urls", "web addresses, one a line"),
)
BY_NAME = {each.name: each for each in TABLE}
FORMATS = tuple(BY_NAME)
PAPER_FORMATS = ("json", "markdown", "bibtex")
