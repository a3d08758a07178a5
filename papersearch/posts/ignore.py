"""What is left out of a corpus: patterns of the user, and ``.papersearchignore`` files, in ``.gitignore``'s language.

Loaded only where there are any. The innermost file that names a path decides, and in it the last line, as in git.
What lies below a folder that is left out is never asked for, so that a pattern speaks of what it names itself: ``*``,
``!*/`` and ``!*.md`` leave in all notes.
"""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from itertools import chain, count
from typing import NamedTuple

from pathspec import GitIgnoreSpec

from papersearch.core.caches import late_pattern
from papersearch.core.errors import UsageError
from papersearch.core.records import Problem
from papersearch.text.folding import normalized

# Chosen: more of either is no ignore file.
_MOST_LINES = 2_000
_MOST_CHARACTERS = 500
_MOST_STARS = 6

# How pathspec writes ``*``, ``**/`` where a pattern begins and ``/**`` within it; each with the form that takes as
# little as it can.
_STARS = {"[^/]*": "[^/]*?", "[^/]+": "[^/]+?"}
_FOLDERS = {"(?:.+/)?": "(?:.+?/)??", "(?:/.+)?": "(?:/.+?)??"}
# How it writes the end of a pattern for what has this name, for folders alone, and for what is in a folder; each as its
# older versions do, too.
_ENDS = {
    "(?:(?P<ps_d>/)|$)": r"/?\Z",
    "(?:(?P<ps_d>/).*)?$": r"/?\Z",
    "(?P<ps_d>/)": r"/\Z",
    "(?P<ps_d>/).*$": r"/\Z",
    "/": "/.",
    "/.*$": "/.",
}
_ESCAPED = 0xDC00  # "surrogateescape" adds it to a byte that is no UTF-8
_not_utf8 = late_pattern("[\udc80-\udcff]")
_parts = late_pattern(
    rf"{'|'.join(map(re.escape, _FOLDERS))}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\][*+]?|.",
    re.DOTALL,
)


Patterns = tuple[tuple[re.Pattern[str], bool], ...]
"""Patterns and whether each leaves out, the last line first."""


class Rules(NamedTuple):
    """The patterns that hold below ``folder``, in the order in which they are asked: inner ones first."""

    given: tuple[tuple[str, Patterns], ...]

    def leaves_out(self, path: str, is_folder: bool) -> bool:
        """Whether a file or folder is left out, whose folder is not, below that of the rules."""
        for folder, patterns in self.given:
            below = normalized("NFC", os.path.relpath(path, folder).replace(os.sep, "/"))
            named = below + "/" if is_folder else below
            for pattern, leaves_out in patterns:
                if pattern.search(named):
                    return leaves_out
        return False

    def and_those_of(self, path: str, data: bytes) -> tuple[Rules, list[Problem]]:
        """These rules and those of an ignore file, and its lines that are not patterns."""
        lines, problems = [], []
        given = _decoded(data).splitlines()
        if len(given) > _MOST_LINES:
            problems.append(Problem(path, _MOST_LINES + 1, f"only the first {_MOST_LINES:,} lines are patterns"))
        for number, line in enumerate(given[:_MOST_LINES], 1):
            if wrong := _fault(line):
                problems.append(Problem(path, number, f"not a pattern: {wrong}"))
            else:
                lines.append(line)
        return Rules(((os.path.dirname(path), _patterns(lines)), *self.given)), problems


def _decoded(data: bytes) -> str:
    """The text of an ignore file, in UTF-8 or, as some editors and shells write it, in UTF-16. Bytes that are neither
    stay in it as lone surrogates, so that ``_fault`` can name their line."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")


def rules_of(folder: str, patterns: Iterable[str]) -> Rules:
    """The rules that a user gives for a corpus folder. Raises ``UsageError`` for what is not a pattern."""
    lines = list(patterns)
    for line in lines:
        if wrong := _fault(line):
            raise UsageError(f"{line!r} is not a pattern to exclude ({wrong})", "patterns are those of .gitignore")
    return Rules(((folder, _patterns(lines)),))


def _patterns(lines: list[str]) -> Patterns:
    """The patterns of some lines, composed as names are compared with them: a disk may keep these otherwise (macOS).
    A name costs its length, also where a pattern has several stars."""
    found = []
    for pattern in GitIgnoreSpec.from_lines([normalized("NFC", line) for line in lines]).patterns:
        if pattern.include is not None and pattern.regex is not None:
            regex = _of_itself(pattern.regex.pattern)
            if any(sum(map(regex.count, stars)) > 1 for stars in (_STARS, _FOLDERS)):
                regex = _without_retries(regex)
            found.append((re.compile(regex), pattern.include))
    return tuple(reversed(found))


def _of_itself(regex: str) -> str:
    """A pattern of pathspec's that matches what it names, and not what lies below that; of ``x/**`` what lies there."""
    for written, ends in _ENDS.items():
        if regex.endswith(written):
            return regex.removesuffix(written) + ends
    return regex


def _without_retries(regex: str) -> str:
    """A pattern that matches the same and never looks again for what stands between two stars: the first place where
    that is found is as good as any, since the next star takes in what is before another one. Else each star multiplies
    the time by the length of a name."""
    pieces: list[list[str]] = [[]]
    for part in _parts().findall(regex):
        if part in _FOLDERS:
            pieces.append([])
        pieces[-1].append(part)
    numbers = count()
    for piece in pieces[1:-1]:  # between two stars that stand for folders; it ends with a name
        piece[0] = _FOLDERS[piece[0]]
        piece[:] = _once([*_names(piece, numbers), "(?=/)"], numbers)
    pieces[0], pieces[-1] = _names(pieces[0], numbers), _names(pieces[-1], numbers)
    return "".join(chain.from_iterable(pieces))


def _names(parts: list[str], numbers: Iterator[int]) -> list[str]:
    """The parts of a pattern with what stands between two stars of one name found once."""
    done: list[str] = []
    star = -1  # where the last star of this name is in ``done``
    for part in parts:
        if part in _STARS and star >= 0:
            done[star:] = _once([_STARS[done[star]], *done[star + 1 :]], numbers)
        if part in _STARS or part == "/":
            star = len(done) if part in _STARS else -1
        done.append(part)
    return done


def _once(parts: list[str], numbers: Iterator[int]) -> list[str]:
    """Parts of a pattern that are not tried anew once they are found: Python has a form for that from 3.11 on only, so
    this is the one that the standard ``fnmatch`` writes."""
    name = f"g{next(numbers)}"
    return [f"(?=(?P<{name}>", *parts, f"))(?P={name})"]


def _fault(line: str) -> str:
    """Why a line is not a pattern, or nothing."""
    if len(line) > _MOST_CHARACTERS:
        return f"longer than {_MOST_CHARACTERS} characters"
    if len(re.findall(r"\*+", line)) > _MOST_STARS:
        return f"more than {_MOST_STARS} stars"
    if not line.startswith("#"):  # in a comment both are no harm
        if "\0" in line:
            return "binary data"
        if byte := _not_utf8().search(line):
            return f"not UTF-8 (byte 0x{ord(byte[0]) - _ESCAPED:02x})"
    if "[[:" in line:
        return "classes such as [:digit:] are not understood"
    try:
        GitIgnoreSpec.from_lines([line]).check_file("x")
    except (ValueError, re.error) as error:
        return " ".join(str(error).split())[:100]
    return ""
