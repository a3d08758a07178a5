"""Sentences of posts that talk to a model, or to whoever answers, instead of about their subject.

Anybody can write a post, and an abstract may hold orders to a model that reads it. What is searched for are the kinds
of such orders (``cues``), in the text as it stands and as it reads when letters that only look like others, spaces
between letters and digits in place of letters are undone. Recognition is best effort: words can always be found that it
misses. Papers about prompts talk *of* orders and seldom *to* anybody; where one is taken for an order, that paper is
not shown to a model, and nothing else is lost.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from papersearch.engine.ask import cues
from papersearch.text.folding import normalized, visible

MOST_CHARS = 20_000
"""Of a text that are looked at. What is longer and no whole post is no sentence."""

_CARRIED = re.compile("[\U000e0020-\U000e007e]{4,}")  # letters that are not shown at all
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][\s.*_·|~-]){3,}[^\W_](?![^\W_])")
_WORD = re.compile(r"[\w@$!|]+")
_FOR_LETTERS = str.maketrans("013457@$!|", "oieastasii")
_NAMED_LATIN = re.compile(r"(?:LATIN|INDICATOR).* (?:LETTER|CAPITAL) (?:SCRIPT |DOTLESS |OPEN )?([A-Z])(?: WITH .*)?")
_LOOK_ALIKE = str.maketrans(
    "абвгеіјкмнопрстухѕԁԛԝһӏѵьαβγεηικνορτυχωςσաոսօցհ", "abbreijkmhonpctyxsdqwhlvbabyenikvoptuxwsownuoqh"
)


def is_addressed(text: str) -> bool:
    """Whether a text talks to whoever answers, as far as that is recognised, or is too long to tell. Costs about 3 ms
    for each 1,000 characters, twice that if some are not ASCII."""
    if len(text) > MOST_CHARS or _CARRIED.search(text):
        return True
    return any(map(cues.is_found, _readings(text)))


def _readings(text: str) -> Iterator[str]:
    """The text without what is not shown, and if it differs, as it reads to somebody who sees through disguises."""
    shown = text if text.isascii() else normalized("NFKC", visible(text))
    yield shown
    plain = shown if shown.isascii() else _in_latin(shown)
    plain = _SPACED.sub(_joined, plain)
    plain = _WORD.sub(_without_digits, plain)
    if plain != shown:
        yield plain


def _in_latin(text: str) -> str:
    """The text without accents, each letter that looks like a Latin one as that."""
    bare = "".join(each for each in normalized("NFKD", text) if not unicodedata.combining(each))
    return "".join(each if each.isascii() else _latin(each) for each in bare.lower().translate(_LOOK_ALIKE))


@cache
def _latin(letter: str) -> str:
    """The Latin letter that another one is a form of, by its name in Unicode; any other as it is."""
    found = _NAMED_LATIN.fullmatch(unicodedata.name(letter, ""))
    return found[1].lower() if found else letter


def _without_digits(word: re.Match[str]) -> str:
    return word[0] if word[0].isalpha() or word[0].isdecimal() else word[0].translate(_FOR_LETTERS)


def _joined(spaced: re.Match[str]) -> str:
    return "".join(filter(str.isalnum, spaced[0]))
