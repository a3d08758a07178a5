"""How a written word is folded: compatibility forms, case, accents, Greek letters by name, typographic variants.

Strings in, strings out; knows nothing of stems, chunks or fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from papersearch.core.caches import late_pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

# Characters that are typeset differently but meant alike; one for one, so that offsets stay true.
_TYPESET = (
    ("\u2019", "'"), ("\u2018", "'"), ("\u2010", "-"), ("\u2011", "-"), ("\u2013", "-"), ("\u2212", "-"),
    ("\uff0d", "-"), ("\u2014", " "), ("\u201c", '"'), ("\u201d", '"'), ("\u2026", " "), ("\u00a0", " "),
    # The apostrophe within words of Ukrainian, and accents that the text of a PDF has before their letters: Poincar´e.
    ("\u02bc", "'"), ("\u00b4", "'"), ("\u00a8", "'"),
)  # fmt: skip

# Marks that nobody sees: the soft hyphen, joiners and blanks of no width, signs of direction, selectors of variants.
_unseen = late_pattern(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)

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
# Letters that Persian, Urdu and Egyptian keyboards have for those of Arabic, and its digits; without signs of vowels.
_AS_IN_ARABIC = str.maketrans(
    "\u06a9\u06cc\u0649\u0629\u06c1\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669"
    "\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9",
    "\u0643\u064a\u064a\u0647\u064701234567890123456789",
    "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670",
)
_ALIKE = _WITHOUT_ACCENT | _AS_IN_ARABIC
_AT_ONCE = 1_000  # characters that are normalized (chosen): many accents on one letter take the square of their number
_TOGETHER = 10  # values that are folded together (chosen: names of authors then nearly always fit)
_ODD_BLANKS = ("  ", " \0", "\0 ", *"\t\n\v\f\r\x1c\x1d\x1e\x1f")
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


def normalized(form: Form, text: str) -> str:
    """``text`` in a normal form of Unicode's, in linear time; beyond ``_AT_ONCE`` characters nearly so."""
    from unicodedata import normalize  # few queries and passages need it

    if len(text) <= _AT_ONCE:
        return normalize(form, text)
    return "".join([normalize(form, text[at : at + _AT_ONCE]) for at in range(0, len(text), _AT_ONCE)])


def plain_letters(text: str) -> str:
    """``text`` in compatibility forms and lower case, without accents, as titles are sorted and compared."""
    if text.isascii():
        return text.lower()
    folded = normalized("NFKC", text).casefold().translate(_ALIKE)
    return normalized("NFC", normalized("NFD", folded).translate(_no_accents()))


def fold(text: str) -> str:
    """``text`` as a word is folded: compatibility forms, lower case, no accents, Greek letters by name."""
    if text.isascii():
        folded = text.lower()
        return folded if folded.isalnum() else _not_letters().sub("", folded)
    folded = plain_letters(text)
    if not folded.isalnum():
        folded = _not_letters().sub("", folded)
    return _GREEK_NAMES.get(folded, folded)


def visible(text: str) -> str:
    """``text`` without the marks that nobody sees, as come with what is copied from a page or a PDF."""
    return text if text.isascii() else _unseen().sub("", text)


def plain_form(text: str) -> str:
    """``text`` in the one form of all that read alike: composed or not (macOS), in full width, with ligatures and
    typographic marks, or with some that nobody sees."""
    return text if text.isascii() else normalized("NFKC", plain_typography(visible(text)))


def value_key(text: str) -> str:
    """``text`` as values are compared that are looked up whole, which are tags, authors and ids: white space, case, and
    how characters are encoded and typeset do not matter, accents do. Bytes that are no UTF-8 are spelled out, as ids of
    files have them."""
    if text.isascii():
        return " ".join(text.split()).casefold()
    folded = plain_form(text.encode("utf-8", "backslashreplace").decode()).casefold()
    folded = folded.translate(_AS_IN_ARABIC).replace("i\u0307", "i").replace("ı", "i")  # as in İZMİR and IŞIK
    return " ".join(plain_form(folded).split())


def value_keys(texts: Sequence[str]) -> list[str]:
    """The keys of some values, at a tenth of the cost."""
    together = "\0".join(["", *texts, ""])
    if together.count("\0") > len(texts) + 1 or any(each in together for each in _ODD_BLANKS):
        return [*map(value_key, texts)]
    folded = together.casefold().split("\0")[1:-1]
    if together.isascii():
        return folded
    others = _other_keys([text for text in texts if not text.isascii()])
    return [key if text.isascii() else next(others) for key, text in zip(folded, texts, strict=True)]


def _other_keys(texts: Sequence[str]) -> Iterator[str]:
    """The keys of some values that are not ASCII, several at a time; one by one where a normal form might be cut, or
    what stands between them be lost."""
    for first in range(0, len(texts), _TOGETHER):
        some = texts[first : first + _TOGETHER]
        together = "\0".join(some)
        keys = value_key(together) if len(together) <= _AT_ONCE // 4 else ""
        if keys.count("\0") == len(some) - 1 and len(keys) <= _AT_ONCE // 4:  # folding makes four of one at most
            yield from (" ".join(key.split()) for key in keys.split("\0"))
        else:
            yield from map(value_key, some)


def key_prefix(text: str) -> str:
    """What the keys of all values begin with that begin like ``text``, which may end within a word or behind one."""
    return value_key(text) + " " * (text[-1:].isspace() and not text.isspace())


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
    composed = normalized("NFC", text)
    written = composed.translate(_TRANSCRIBED)
    return written if written != composed else None


def without_transcription(word: str) -> str:
    """A folded word as it folds where its umlauts are written: ``muller`` of ``mueller``, but also ``pot`` of
    ``poet``."""
    return re.sub("([aou])e|aa", lambda found: found[1] or "a", word)


def fold_cjk(unit: str) -> str:
    """One written character in its usual form."""
    return normalized("NFKC", unit).casefold()
