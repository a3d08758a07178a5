"""Where the words of a text are: runs of characters (chunks) and the parts that they are made of.

A *chunk* is a run of letters and digits with what may stand inside a word (``end-to-end``, ``Qwen2.5``, ``R&D``,
``U.S``, ``node.js``), or a run of a script without blanks, such as Chinese or Thai. It is split into *parts* at
hyphens, camel humps, before digits, versions (``YOLO|v|8``) and units (``5|GHz``), such a run into overlapping pairs of
characters. Offsets count code points. Knows nothing of stems and caches.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from papersearch.core.caches import late_pattern
from papersearch.text.folding import CJK, MARKS, fold, fold_cjk, plain_typography

MAX_TERM = 64
"""Characters of the longest term (chosen); the rest of a longer word is ignored."""

MAX_CHUNK = 80
"""Characters of the longest chunk that is joined and cached (chosen: longer ones are data, not words)."""

# What names of programs and places on the web end in, behind a dot.
_DOMAINS = "js|ts|net|ai|io|py|jl|rs|cpp|org|com"
# What may stand between two word characters. The first look-ahead is there for speed alone.
_JOINT = (
    r"(?=[-'.,&])(?:[-']|(?<=\d)[.,](?=\d)|(?<=\b[A-Za-z])&(?=[A-Za-z]\b)"
    r"|(?<=\b[A-Z])\.(?=[A-Z]\b)|(?<=\b[a-z])\.(?=[a-z]\b)"
    rf"|(?<=[A-Za-z])\.(?=(?:(?i:{_DOMAINS}))\b))"
)
_SUFFIX = r"(?:\+\+(?<=[A-Za-z]\+\+)|#(?<=\b[A-Za-z]#))?"
_PLAIN_CHUNK = re.compile(rf"[^\W_]+(?:{_JOINT}[^\W_]+)*{_SUFFIX}")
_alphabetic_chunk = late_pattern(rf"[^\W_]+(?:[{MARKS}]+[^\W_]*|{_JOINT}[^\W_]+)*{_SUFFIX}")
_LETTER = rf"[^\W_{CJK}]"
_any_chunk = late_pattern(rf"{_LETTER}+(?:[{MARKS}]+{_LETTER}*|{_JOINT}{_LETTER}+)*{_SUFFIX}|[{CJK}]+")
_CYRILLIC_MARK = "\u0483"  # before it are the accents of Latin and Greek, and the soft hyphen
_EARLY_CJK = "[\u0e01-\u11ff\u1780-\u17dd]"
_GREEK = "\u0370"
_CJK_START = "\u0e01"
_CJK_REST = "\u2e80"

# Units of measure are parts of their own, glued to digits or alone, whatever their case: 5GHz, GHz, 10ms.
_ALONE = "[kmgt]?hz|[kmgtp]i?b|[kmgt]bps|[kmgtpe]?flops?|[kmg]wh?|[kmgt]ev|dbm?"
_GLUED = f"{_ALONE}|[mnuµμ]s|sec|min|[kcmnµμ]m|[mkµμ]g|ml|[mk]v|m?ah|ev|[kmg]pa|px|fps|rpm|pp[mb]|dpi|tops"
# How those end that stand alone, so that the pattern, which takes a while to compile, is left out for other words.
_UNIT_ENDS = frozenset("hz kb mb gb tb pb ib ps op kw mw gw wh ev db bm".split())
_UNIT = rf"(?i:(?<![^\W_])(?:{_ALONE})(?![^\W_])|(?<=\d)(?:{_GLUED})(?![^\W_]))"
# A version glued to a name (YOLOv8, SAMv2, yolov5), save where the v ends a word (conv1, Univ3).
_VERSION = (
    r"(?:(?<=[A-Z]{2})v|(?<=\d)v|(?<=[A-Za-z]{3})[vV])(?=\d)"
    r"(?<!conv)(?<!Conv)(?<!CONV)(?<!arxiv)(?<!arXiv)(?<!univ)(?<!Univ)(?<!deriv)(?<!equiv)(?<!serv)(?<!improv)"
)
# Whatever of ASCII is no letter, in lower case, is a blank.
_LETTERS_ALONE = "".join([chr(code) if 97 <= code <= 122 else " " for code in range(128)])
_TIMES = r"(?<=\d)[xX](?=\d)"
_special = late_pattern(f"(?P<version>{_VERSION}|{_TIMES})|{_UNIT}")
# A chunk is split by its shape: U upper case, L lower case or without case, s that letter, D digit, G Greek,
# M unit of measure, V version or times.
_ASCII_SHAPE = str.maketrans(
    dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "U")
    | dict.fromkeys("abcdefghijklmnopqrtuvwxyz", "L")
    | dict.fromkeys("0123456789", "D")
    | {",": "."}
)
_PART = re.compile(
    r"[ULs]&[ULs]"  # R&D
    r"|[ULs]+\+\+|[ULs]\#"  # C++, C#
    r"|DD+s(?![ULsDGVM])"  # 1990s, H100s
    r"|D+(?:\.D+)*(?:U+s(?![Ls])|U*(?=U[Ls])|U+|[Ls]+)?"  # 2.5, 3D, 4o; 3D|Gaussian
    r"|U{2,}s(?![Ls])"  # LLMs
    r"|U+(?=U[Ls])"  # LLM|Based
    r"|U?[Ls]+|U+|G+|M+|V"
)
_possessive = late_pattern("'s(?![ULsDG])")
_inner_apostrophe = late_pattern("(?<=[ULs][Ls])'(?=[Ls])")
_piece = late_pattern(f"[^-]{{1,{MAX_TERM}}}")
# One written character: a base with its marks, or a syllable block spelled in single jamo.
_CJK_MARKS = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3\u17dd"
_cjk_unit = late_pattern(
    f"[\u1100-\u115f][\u1160-\u11a7][\u11a8-\u11ff]?|.[\u3099\u309a\uff9e\uff9f]?[{_CJK_MARKS}]*", re.DOTALL
)


def find(text: str) -> Iterator[tuple[int, str]]:
    """(offset, chunk) of every chunk of ``text``."""
    text = plain_typography(text)
    for match in _pattern(text).finditer(text):
        yield match.start(), match.group()


def is_cjk(chunk: str) -> bool:
    """Whether ``chunk`` is a run of a script without blanks between words, such as Chinese, Korean or Thai."""
    first = chunk[0]
    if first < _CJK_START:
        return False
    starts, ends = _cjk_ranges()
    return first <= ends[bisect_right(starts, first) - 1]


def is_character(text: str) -> bool:
    """Whether ``text`` is one written character of such a script, which a run has pairs of."""
    return text != "" and is_cjk(text) and _cjk_unit().fullmatch(text) is not None


def _pattern(text: str) -> re.Pattern[str]:
    """The cheapest of the patterns that all find the same chunks in ``text``."""
    if text.isascii():
        return _PLAIN_CHUNK
    highest = max(text)
    if highest < _CYRILLIC_MARK and not any(c == "\u00ad" or "\u0300" <= c <= "\u036f" for c in text):
        return _PLAIN_CHUNK
    if highest < _CJK_START or (highest < _CJK_REST and not re.search(_EARLY_CJK, text)):
        return _alphabetic_chunk()
    # To compile the third takes longer than the rest of a query, and what is high may be a ligature or an emoji.
    return _any_chunk() if any(map(is_cjk, text)) else _alphabetic_chunk()


@cache
def _cjk_ranges() -> tuple[list[str], list[str]]:
    """(first characters, last characters) of the ranges, in order."""
    ranges = re.findall("(.)-(.)|(.)", CJK)
    return [low or alone for low, _, alone in ranges], [high or alone for _, high, alone in ranges]


def parts(chunk: str) -> list[tuple[int, int, str]]:
    """(start, end, folded word) of the parts of ``chunk``, which has typographic variants replaced already."""
    if chunk.isascii() and chunk.isalnum():
        rest = chunk[1:]
        if chunk.isdigit() or (chunk.isalpha() and (not rest or rest.islower() or chunk.isupper())):
            return [(0, len(chunk), chunk.lower()[:MAX_TERM])]
    elif is_cjk(chunk):
        return _pairs(chunk)
    elif chunk.isalpha() and chunk[1:].islower() and max(chunk) < _GREEK and "µ" not in chunk:
        return [(0, len(chunk), fold(chunk)[:MAX_TERM])]
    if len(chunk) <= MAX_CHUNK:
        return _split(chunk, 0)
    return [part for piece in _piece().finditer(chunk) for part in _split(piece.group(), piece.start())]


def _split(chunk: str, offset: int) -> list[tuple[int, int, str]]:
    """The parts of a chunk of letters, which starts at ``offset`` of its text."""
    shape = chunk.translate(_ASCII_SHAPE) if chunk.isascii() else _shape(chunk)
    if "D" in shape or (shape[-1:] in "ULs" and len(shape) < 7):
        shape = _with_units(chunk, shape)
    if shape.endswith("'s") and shape.count("'") == 1:  # as most with an apostrophe are
        shape = f"{shape[:-2]}--"
    elif "'" in shape:
        shape = _inner_apostrophe().sub("L", _possessive().sub("--", shape))
    result = []
    for match in _PART.finditer(shape):
        start, end = match.span()
        plural = shape[end - 1] == "s" and end - start > 2 and shape[end - 2] in "UD"  # LLMs, 1990s
        word = fold(chunk[start : end - plural])[:MAX_TERM]
        if word:
            result.append((offset + start, offset + end, word))
    return result


def _with_units(chunk: str, shape: str) -> str:
    """The shape of a chunk with its units, versions and signs of multiplication."""
    if chunk.isascii() and not _may_have_units(chunk.lower(), shape):
        return shape
    for found in _special().finditer(chunk):
        start, end = found.span()
        shape = shape[:start] + ("V" if found["version"] else "M" * (end - start)) + shape[end:]
    return shape


def _may_have_units(lower: str, shape: str) -> bool:
    """Whether there may be units, versions or signs of multiplication in a chunk of ASCII."""
    if "D" in shape and ("v" in lower or "DL" in shape or "DU" in shape or "Ds" in shape):
        return True
    return not _UNIT_ENDS.isdisjoint([word[-2:] for word in lower.translate(_LETTERS_ALONE).split()])


def _shape(chunk: str) -> str:
    """One letter for each character of ``chunk``; a combining mark is like the character before it."""
    from unicodedata import normalize  # few queries and passages need it

    shape: list[str] = []
    for char in chunk:
        if char < "\x80":
            kind = char.translate(_ASCII_SHAPE)
        else:
            plain = normalize("NFKC", char)[:1]
            if "\u0370" <= plain <= "\u03ff" or "\u1f00" <= plain <= "\u1fff":
                kind = "G"
            elif plain.isnumeric():
                kind = "D"
            elif plain.isalpha():
                kind = "U" if plain.isupper() or plain.istitle() else "L"
            else:
                kind = shape[-1] if shape and shape[-1] in "ULsDG" else "L"
        shape.append(kind)
    return "".join(shape)


def _pairs(run: str) -> list[tuple[int, int, str]]:
    """Overlapping pairs of the characters of a CJK run; of a single character, itself."""
    units = [(unit.start(), unit.end(), fold_cjk(unit.group())) for unit in _cjk_unit().finditer(run)]
    if len(units) == 1:
        return units
    return [(a[0], b[1], a[2] + b[2]) for a, b in pairwise(units)]


def is_of_letters(word: str) -> bool:
    """Whether a word is of letters and of marks that folding keeps, as the vowels of Hindi are."""
    if word.isascii() or word.isalpha():
        return word.isalpha()
    from unicodedata import category

    return all(each.isalpha() or category(each)[0] == "M" for each in word)
