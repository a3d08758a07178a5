"""A part of a long text: from which line, to which or how much of it, and where to go on."""

from __future__ import annotations

import re

from papersearch.core.errors import UsageError
from papersearch.core.frozen import Frozen
from papersearch.text.display import one_line


class Part(Frozen):
    """Lines ``first`` to ``last`` of ``lines``, counted from 1, and the line at which to go on (``next``), None at the
    end of the text. ``cut`` if ``last`` is not whole, being longer than what was asked for."""

    first: int
    last: int
    next: int | None
    lines: int
    cut: bool
    text: str


def part_of(text: str, first: int, last: int | None = None, *, most: int) -> Part:
    """Whole lines from ``first`` on, to ``last`` (None: the end), as many as ``most`` characters hold (0: all).

    Of a line that is longer than ``most`` by itself the start is given. Raises ``UsageError`` if the text is shorter.
    """
    every = text.rstrip("\n").split("\n")
    if not 1 <= first <= len(every):
        raise UsageError(f"there is no line {first:,}", f"the text has lines 1 to {len(every):,}")
    wanted = every[first - 1 : last]
    kept, size = 0, 0
    while kept < len(wanted) and (not most or size + len(wanted[kept]) + 1 <= most):
        size += len(wanted[kept]) + 1
        kept += 1
    cut = kept == 0
    shown = wanted[0][:most] if cut else "\n".join(wanted[:kept])
    end = first + max(kept, 1) - 1
    return Part(first, end, end + 1 if end < len(every) else None, len(every), cut, f"{shown}\n")


def lines_of(given: str, name: str = "--from") -> tuple[int, int | None]:
    """The first and the last line that ``12`` or ``12-40`` means, given as ``name``. Raises ``UsageError``."""
    found = re.fullmatch(r"([1-9][0-9]{0,8})(?:-([1-9][0-9]{0,8}))?", given, re.ASCII)
    if found is None or (found[2] and int(found[2]) < int(found[1])):
        raise UsageError(f"{name} {one_line(given[:80])!r}", "a line or a range of them, such as 12 or 12-40")
    return int(found[1]), int(found[2]) if found[2] else None
