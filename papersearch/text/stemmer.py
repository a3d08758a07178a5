"""The English Snowball stemmer: one folded word in, its stem out.

The algorithm is that of M. F. Porter's second English stemmer ("Porter2", 2001) with the changes of the Snowball
project's release 3; the tests compare it word by word with the project's own C library. It is written out here,
because the implementations at hand cost more to import than everything else a query needs, and know older rules.
Owns nothing but the rules: folding, caching and the treatment of acronyms belong to ``words``.
"""

from __future__ import annotations

import re

_WHOLE = {
    "skis": "ski", "skies": "sky", "idly": "idl", "gently": "gentl", "ugly": "ugli", "early": "earli",
    "only": "onli", "singly": "singl",
    "sky": "sky", "news": "news", "howe": "howe", "atlas": "atlas", "cosmos": "cosmos", "bias": "bias",
    "andes": "andes",
}  # fmt: skip
"""Words that the rules would harm: word -> stem."""

_HEADS = ("arsen", "commun", "emerg", "gener", "inter", "later", "organ", "past", "univers")
"""Beginnings after which the first region starts at once, so that ``general`` and ``generate`` stay apart."""

# A region starts after the first consonant that follows a vowel; the second one is found in the first in the same way.
_REGION = re.compile("[^aeiouy]*[aeiouy]+[^aeiouy]").match
_REGIONS = re.compile("[^aeiouy]*[aeiouy]+[^aeiouy]()(?:[^aeiouy]*[aeiouy]+[^aeiouy]())?").match
_VOWEL = re.compile("[aeiouy]").search
_SHORT_END = re.compile("(?:[^aeiouy][aeiouy][^aeiouywxY]|^[aeiouy][^aeiouy]|^past)$").search
_CONSONANT_Y = re.compile("(^|[aeiouy])y")

_KEEP_ING = frozenset({"inn", "out", "cann", "herr", "earr", "even"})
_KEEP_EED = frozenset({"proc", "exc", "succ"})
_DOUBLES = frozenset({"bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt"})

_STEP2 = {
    "ational": "ate", "tional": "tion", "ization": "ize", "ation": "ate", "ator": "ate", "izer": "ize",
    "enci": "ence", "anci": "ance", "abli": "able", "entli": "ent", "alism": "al", "aliti": "al", "alli": "al",
    "fulness": "ful", "fulli": "ful", "ousli": "ous", "ousness": "ous", "iveness": "ive", "iviti": "ive",
    "biliti": "ble", "bli": "ble", "ogist": "og", "ogi": "og", "lessli": "less", "li": "",
}  # fmt: skip
_STEP3 = {
    "ational": "ate", "tional": "tion", "alize": "al", "icate": "ic", "iciti": "ic", "ical": "ic", "ful": "",
    "ness": "", "ative": "",
}  # fmt: skip
_STEP4 = dict.fromkeys(
    ("al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ism", "ate", "iti", "ous",
     "ive", "ize", "ion"), "",
)  # fmt: skip


def _longest_first(rules: dict[str, str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """``rules`` by the last two letters of the suffix, longest suffix first."""
    by_end: dict[str, list[tuple[str, str]]] = {}
    for suffix in sorted(rules, key=len, reverse=True):
        by_end.setdefault(suffix[-2:], []).append((suffix, rules[suffix]))
    return {end: tuple(found) for end, found in by_end.items()}


# How words end that any rule could change.
_ENDS = {suffix[-2:] for rules in (_STEP2, _STEP3, _STEP4) for suffix in rules} | {"ed", "ng", "ll"}
_LAST = "eisy"

_STEP2_BY_END = _longest_first(_STEP2)
_STEP3_BY_END = _longest_first(_STEP3)
_STEP4_BY_END = _longest_first(_STEP4)


def stem(word: str) -> str:
    """The stem of ``word``, which is folded (lower case) already. Words of one or two letters are their own stem."""
    if len(word) < 3:
        return word
    whole = _WHOLE.get(word)
    if whole is not None:
        return whole
    if "'" in word:
        word = _without_possessive(word)
        if len(word) < 3:
            return word
    if word[-1] not in _LAST and word[-2:] not in _ENDS:
        return word
    if "y" in word:
        word = _CONSONANT_Y.sub(r"\1Y", word)
    first, second = _regions(word)
    word = _step1a(word)
    word = _step1b(word, first)
    if word[-1] in "yY" and len(word) > 2 and word[-2] not in "aeiouy":
        word = word[:-1] + "i"
    word = _step2(word, first)
    word = _step3(word, first, second)
    word = _step4(word, second)
    word = _step5(word, first, second)
    return word.replace("Y", "y")


def _without_possessive(word: str) -> str:
    """``word`` without an apostrophe in front and without ``'``, ``'s`` or ``'s'`` behind."""
    word = word.removeprefix("'")
    for ending in ("'s'", "'s", "'"):
        if word.endswith(ending):
            return word[: -len(ending)]
    return word


def _regions(word: str) -> tuple[int, int]:
    """Where the regions R1 and R2 of ``word`` start: after the first consonant that follows a vowel, and again."""
    if word.startswith(_HEADS):
        first = next(len(head) for head in _HEADS if word.startswith(head))
        found = _REGION(word, first)
        return first, found.end() if found else len(word)
    found = _REGIONS(word)
    if found is None:
        return len(word), len(word)
    return found.end(1), found.end(2) if found.lastindex == 2 else len(word)


def _step1a(word: str) -> str:
    """Plurals."""
    if word[-1] == "s":
        if word.endswith("sses"):
            return word[:-2]
        if word.endswith("ies"):
            return word[:-2] if len(word) > 4 else word[:-1]
        if word[-2] not in "us" and _VOWEL(word, 0, len(word) - 2):
            return word[:-1]
    elif word.endswith("ied"):
        return word[:-2] if len(word) > 4 else word[:-1]
    return word


def _step1b(word: str, first: int) -> str:
    """Past tenses and participles."""
    base = word[:-2] if word.endswith("ly") else word
    if base.endswith("eed"):
        if len(base) - 3 >= first and base[:-3] not in _KEEP_EED:
            return base[:-1]
        return word
    if base.endswith("ing"):
        rest = base[:-3]
        if base is word:
            if rest in _KEEP_ING:
                return word
            if len(rest) == 2 and rest[1] in "yY" and rest[0] not in "aeiouy":
                return rest[0] + "ie"
    elif base.endswith("ed"):
        rest = base[:-2]
    else:
        return word
    if not _VOWEL(rest):
        return word
    end = rest[-2:]
    if end in ("at", "bl", "iz"):
        return rest + "e"
    if end in _DOUBLES:
        return rest if len(rest) == 3 and rest[0] in "aeo" else rest[:-1]
    if len(rest) <= first and _SHORT_END(rest):
        return rest + "e"
    return rest


def _step2(word: str, first: int) -> str:
    """The first half of a double suffix (``-ization``), in R1."""
    for suffix, instead in _STEP2_BY_END.get(word[-2:], ()):
        if word.endswith(suffix):
            start = len(word) - len(suffix)
            if start < first:
                return word
            if suffix == "li":
                return word[:start] if word[start - 1] in "cdeghkmnrt" else word
            if suffix == "ogi" and word[start - 1] != "l":
                return word
            return word[:start] + instead
    return word


def _step3(word: str, first: int, second: int) -> str:
    """More suffixes (``-icate``, ``-ness``), in R1."""
    for suffix, instead in _STEP3_BY_END.get(word[-2:], ()):
        if word.endswith(suffix):
            start = len(word) - len(suffix)
            if start < first or (suffix == "ative" and start < second):
                return word
            return word[:start] + instead
    return word


def _step4(word: str, second: int) -> str:
    """The last suffixes (``-ance``, ``-ion``), in R2."""
    for suffix, _ in _STEP4_BY_END.get(word[-2:], ()):
        if word.endswith(suffix):
            start = len(word) - len(suffix)
            if start < second or (suffix == "ion" and word[start - 1] not in "st"):
                return word
            return word[:start]
    return word


def _step5(word: str, first: int, second: int) -> str:
    """A silent ``e`` and a doubled ``l``."""
    last = len(word) - 1
    if word[last] == "e":
        if last >= second or (last >= first and not _SHORT_END(word[:last])):
            return word[:last]
    elif word[last] == "l" and last >= second and word[last - 1] == "l":
        return word[:last]
    return word
