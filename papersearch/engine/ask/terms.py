"""The terms of a text and the names in it, by which evidence is found and sentences are compared."""

from __future__ import annotations

import re

from papersearch.text import words
from papersearch.text.stopwords import STOP_WORDS

MOST_WORDS = 60  # of a question, or of a sentence in which names are looked for: longer ones are cut (chosen)
_WITH_NUMBER = re.compile(r"(?!top)[a-z]{3,}-?\d")  # gpt-4, resnet50, also where nothing is in capitals
_TOKEN = re.compile(r"\w[\w.&'’-]*(?:(?:\+\+|#)(?!\w))?")  # C++ and C# too


def terms_of(text: str) -> set[str]:
    """The terms of a text as the index has them, joined forms included."""
    whole, joined = words.analyze(text)
    return {*whole, *joined}


def names_of(text: str) -> tuple[str, ...]:
    """The terms of the names in a text: what has a capital letter that does not begin it, or is a word with a
    number. A name of several parts (``GPT-5``, ``TimeSuite``) is the term that they give as one; a number right after
    one belongs to it (``AlphaFold 3``)."""
    found: dict[str, None] = {}
    if text.isupper():
        return ()
    is_name = False
    for number, token in enumerate(_TOKEN.findall(text)[:MOST_WORDS]):
        bare = token.strip(".'’-")
        was_name, is_name = is_name, bare[1:] != bare[1:].lower() or bool(_WITH_NUMBER.match(bare))
        is_name = is_name or (number > 0 and bare[:1] != bare[:1].lower()) or (was_name and bare.isdecimal())
        if is_name:
            sequence, joined = words.analyze(bare.removesuffix("'s").removesuffix("’s"))
            if sequence and bare.lower() not in STOP_WORDS:
                whole = joined and ("-" not in bare or any(map(str.isdigit, bare)))
                found[max(joined, key=len) if whole else sequence[0]] = None
    return tuple(found)
