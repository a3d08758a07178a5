"""How a written word is folded: compatibility forms, case, accents, Greek letters by name, typographic variants.

Strings in, strings out; knows nothing of stems, chunks or fields.
"""

from __future__ import annotations

import re
from functools import cache

from papersearch.core.caches import late_pattern

# Characters that are typeset differently but meant alike; one for one, so that offsets stay true.
_TYPESET = (
    ("\u2019", "'"), ("\u2018", "'"), ("\u2010", "-"), ("\u2011", "-"), ("\u2013", "-"), ("\u2212", "-"),
    ("\uff0d", "-"), ("\u2014", " "), ("\u201c", '"'), ("\u201d", '"'), ("\u2026", " "), ("\u00a0", " "),
)  # fmt: skip

CJK = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf\u1000-\u103f\u1100-\u11ff\u1780-\u17d3\u17dc"
    "\u17dd\u2e80-\u2fdf\u3005-\u3007\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7fb"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
"""Scripts that put no blank between words: Thai, Lao, Burmese, Khmer; Chinese, Japanese, Korean."""

# Combining marks and invisible joiners that Python's \w leaves out; whole blocks for the scripts of India.
MARKS = (
    "\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0900-\u0963\u0966-\u0dff\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200d\u2060\u20d0-\u20ff"
    "\ufe00-\ufe0f\ufe20-\ufe2f\ufeff"
)

# Accents of alphabets, the points of Hebrew, and the vowel signs, hamzas and stretching of Arabic.
# As first and last of each range: a pattern of them takes ten times as long to compile as all this does.
_ACCENTS = (
    "\u0300\u036f", "\u0591\u05bd", "\u05bf", "\u05c1\u05c2", "\u05c4\u05c5", "\u05c7", "\u0610\u061a", "\u0640",
    "\u064b\u065f", "\u0670", "\u06d6\u06dc", "\u06df\u06e8", "\u06ea\u06ed",
)  # fmt: skip
# What no word keeps.
_not_letters = late_pattern(f"[^\\w{MARKS}&+#]|[_\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]")
_WITHOUT_ACCENT = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i", "ŧ": "t"}
)
_TRANSCRIBED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
)
_GREEK_NAMES = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho",
    "σ": "sigma", "ς": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip


@cache
def _no_accents() -> dict[int, None]:
    """What ``str.translate`` drops the accents by."""
    return {code: None for ends in _ACCENTS for code in range(ord(ends[0]), ord(ends[-1]) + 1)}


def fold(text: str) -> str:
    """``text`` as a word is folded: compatibility forms, lower case, no accents, Greek letters by name."""
    if text.isascii():
        folded = text.lower()
        return folded if folded.isalnum() else _not_letters().sub("", folded)
    from unicodedata import normalize  # few queries and passages need it

    folded = normalize("NFKC", text).casefold().translate(_WITHOUT_ACCENT)
    folded = normalize("NFC", normalize("NFD", folded).translate(_no_accents()))
    if not folded.isalnum():
        folded = _not_letters().sub("", folded)
    return _GREEK_NAMES.get(folded, folded)


def value_key(text: str) -> str:
    """``text`` as values are compared that are looked up whole: white space and case do not matter."""
    return " ".join(text.split()).casefold()


def toggled(held: tuple[str, ...], value: str) -> tuple[str, ...]:
    """The values with ``value`` among them, or without it if it is there already, however it is written."""
    others = tuple(each for each in held if value_key(each) != value_key(value))
    return others if len(others) < len(held) else (*held, value)


def plain_typography(text: str) -> str:
    """``text`` with typographic quotes, dashes and signs of multiplication as ASCII, one character for one."""
    if not text.isascii():
        for typeset, plain in _TYPESET:
            text = text.replace(typeset, plain)
        if "×" in text:
            text = re.sub(r"(?<=\d)×(?=\d)|(?<!\w)×(?!\w)", "x", text)
    return text


def transcribed(text: str) -> str | None:
    """``text`` with its umlauts as they are written where there are none, ``Mueller`` for ``Müller``; None if it has
    none."""
    from unicodedata import normalize

    composed = normalize("NFC", text)
    written = composed.translate(_TRANSCRIBED)
    return written if written != composed else None


def fold_cjk(unit: str) -> str:
    """One written character in its usual form."""
    from unicodedata import normalize

    return normalize("NFKC", unit).casefold()
