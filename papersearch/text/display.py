"""Text made fit for showing: nothing in it steers a terminal, and its width in columns is known.

Every replacement is one code point for one, so that offsets into a text stay true.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from papersearch.core.caches import late_pattern

REPLACEMENT = "\ufffd"

# Control codes (C0, DEL, C1), line and paragraph separators, the bidirectional embeddings, overrides and isolates with
# which text can be shown in another order than it is read, and the surrogates that stand for undecodable bytes of file
# names. The marks U+200E, U+200F and U+061C stay: they belong in Arabic and Hebrew titles and reorder nothing by force.
_steering = late_pattern(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ud800-\udfff]")
_BREAKS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")

# A line may end after any wide character, save that brackets and punctuation stay with what they open or close.
_WIDE = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003fffd"
_WIDE_STARTS, _WIDE_ENDS = _WIDE[::3], _WIDE[2::3]
_OPEN, _CLOSE = "（【《「『〈〔", "、。，．：；！？）】》」』〉〕”’"

_any_pieces = late_pattern(
    rf"(?P<blank>[^\S\u00a0\u202f]+)|[{_OPEN}]*(?:(?:[\u00a0\u202f]|[^\s{_WIDE}])+|[{_WIDE}])[{_CLOSE}]*"
)
_narrow_pieces = late_pattern(r"(?P<blank>[^\S\u00a0\u202f]+)|[\S\u00a0\u202f]+")


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where the pieces of a text that stay together start and end: without wide characters, what stands between white
    space. If that is blanks alone, as in most texts, no pattern is needed; the one for wide characters takes longer to
    compile than a page of results to find."""
    wide = max(text, default="") >= _WIDE[0] and any(map(_is_wide, set(text)))
    if text.isprintable() and not wide:
        start = 0
        for piece in text.split(" "):
            if piece:
                yield start, start + len(piece)
            start += len(piece) + 1
    else:
        for found in (_any_pieces() if wide else _narrow_pieces()).finditer(text):
            if not found["blank"]:
                yield found.span()


def _is_wide(character: str) -> bool:
    place = bisect_right(_WIDE_STARTS, character)
    return place > 0 and character <= _WIDE_ENDS[place - 1]


def one_line(text: str) -> str:
    """The text without anything that steers a terminal: breaks and tabs are blanks, other control codes U+FFFD."""
    if text.isprintable() or _steering().search(text) is None:  # what steers is never printable
        return text
    return _steering().sub(lambda found: " " if found[0] in _BREAKS else REPLACEMENT, text)


def lines(text: str) -> str:
    """As `one_line`, but newlines and tabs stay."""
    return _steering().sub(lambda found: found[0] if found[0] in "\n\t" else one_line(found[0]), text)


@lru_cache(maxsize=4096)
def _columns(character: str) -> int:
    if (character < "\u0300" and character != "\u00ad") or "\u2010" <= character <= "\u2027":
        return 1  # letters with accents, dashes, quotation marks, the ellipsis
    from unicodedata import category, east_asian_width

    if category(character) in ("Mn", "Me", "Cf") or "\u1160" <= character <= "\u11ff":
        return 0  # also vowels and finals of Korean syllables in single letters, as macOS keeps them
    return 2 if east_asian_width(character) in "WF" else 1


def width(text: str) -> int:
    """How many columns the text takes: none for combining and invisible characters, two for East Asian wide ones."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def pad(text: str, columns: int) -> str:
    """The text with blanks after it up to so many columns; longer text is left as it is."""
    return text + " " * (columns - width(text))


def shorten(text: str, columns: int) -> str:
    """The text cut to so many columns, with an ellipsis where something was cut."""
    if width(text) <= columns:
        return text
    kept, used = [], 0
    for character in text:
        used += _columns(character)
        if used > columns - 1:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def breaks(text: str, columns: int) -> list[tuple[int, int]]:
    """Where the lines of at most so many columns start and end in the text, blanks at their ends left out.

    Lines break at blanks (not at no-break spaces) and between wide characters. A single word that is longer (an
    address, say) gets a line of its own and is not cut, so that it can be copied.
    """
    result: list[tuple[int, int]] = []
    start = end = -1  # of the line so far
    used = 0  # columns taken
    for first, last in _pieces(text):
        taken = width(text[first:last])
        between = width(text[end:first]) if start >= 0 else 0
        if start >= 0 and used + between + taken > columns:
            result.append((start, end))
            start = -1
        if start < 0:
            start, used, between = first, 0, 0
        end, used = last, used + between + taken
    if start >= 0:
        result.append((start, end))
    return result


def wrap(text: str, columns: int) -> list[str]:
    """The text, made safe, in lines of at most so many columns; see `breaks`."""
    safe = one_line(text)
    return [safe[start:end] for start, end in breaks(safe, columns)]


def local_path(path: str) -> str:
    """A path as it is reached from the current folder: relative if it lies below."""
    try:
        here = os.getcwd()
    except OSError:
        return path
    prefix = here if here.endswith(os.sep) else here + os.sep
    return path.removeprefix(prefix)


def in_prose(*paths: str) -> str:
    """Paths as a message names them, joined by commas: ``./index``, since ``index`` alone reads like a word of it."""
    return ", ".join(path if os.path.dirname(path) else os.path.join(os.curdir, path) for path in paths)
