"""The terms of a text and the names in it, by which evidence is found and sentences are compared."""

from __future__ import annotations

import re
from collections.abc import Container
from itertools import islice

from papersearch.text import sentences, words
from papersearch.text.stopwords import STOP_WORDS

MOST_WORDS = 60  # of a question, or of a sentence in which names are looked for: longer ones are cut (chosen)
FEWEST_IN_A_TITLE = 4  # words with capitals, and none without, of a question that is set like one (chosen)
# Of stems whose words have one origin: accurate and accuracy, private and privacy, detect and detector, estimate and
# estimator, analyse and analysis, diagnose and diagnosis, sparse and sparsity, stable and stability.
_ENDINGS = (
    ("", "aci"),
    ("t", "ci"),
    ("", "or"),
    ("", "ator"),
    ("", "er"),
    ("z", "si"),
    ("", "i"),
    ("", "iti"),
    ("l", "il"),
)
LEAST_STEM = 5  # letters of each (chosen: factor is not of fact)
_WITH_NUMBER = re.compile(r"(?!top)[a-z]{3,}-?\d")  # gpt-4, resnet50, also where nothing is in capitals
_TOKEN = re.compile(r"\w[\w.&'’-]*(?:(?:\+\+|#)(?!\w))?")  # C++ and C# too


def terms_of(text: str) -> set[str]:
    """The terms of a text as the index has them, joined forms included."""
    whole, joined = words.analyze(text)
    return {*whole, *joined}


def akin(term: str) -> list[str]:
    """The terms that words of the same origin give, ``detector`` for ``detect``; most are those of no word."""
    pairs = (*_ENDINGS, *((theirs, ours) for ours, theirs in _ENDINGS))
    found = [term.removesuffix(ours) + theirs for ours, theirs in pairs if term.endswith(ours)]
    return [each for each in found if min(len(each), len(term)) >= LEAST_STEM]


def names_of(text: str, plain: Container[int] = ()) -> tuple[str, ...]:
    """The terms of the names in a text: what has a capital letter that does not begin it, or is a word with a
    number. A name of several parts (``GPT-5``, ``TimeSuite``) is the term that they give as one; a number right after
    one belongs to it (``AlphaFold 3``). At the ``plain`` places a capital that begins a word tells nothing either."""
    found: dict[str, None] = {}
    if text.isupper():
        return ()
    is_name = False
    for number, (start, token) in enumerate(_tokens(text)):
        bare = token.strip(".'’-")
        was_name, is_name = is_name, bare[1:] != bare[1:].lower() or bool(_WITH_NUMBER.match(bare))
        is_capital = number > 0 and start not in plain and bare[:1] != bare[:1].lower()
        is_name = is_name or is_capital or (was_name and bare.isdecimal())
        if is_name:
            sequence, joined = words.analyze(bare.removesuffix("'s").removesuffix("’s"))
            if sequence and bare.lower() not in STOP_WORDS:
                whole = joined and ("-" not in bare or any(map(str.isdigit, bare)))
                found[max(joined, key=len) if whole else sequence[0]] = None
    return tuple(found)


def plain_capitals(text: str) -> set[int]:
    """Where words begin whose first letter is a capital whatever they are: those that begin a sentence, and all of a
    question that is set like a title."""
    tokens = _tokens(text)
    told = [token for _, token in tokens if token.lower() not in STOP_WORDS]
    if len(told) >= FEWEST_IN_A_TITLE and not any(token[:1].islower() for token in told):
        return {start for start, _ in tokens}
    begun = sentences.find(text).starts if text.strip() else []
    return {min((start for start, _ in tokens if start >= begin), default=0) for begin in begun}


def _tokens(text: str) -> list[tuple[int, str]]:
    """Where the first words of a text begin, and they themselves."""
    return [(found.start(), found.group()) for found in islice(_TOKEN.finditer(text), MOST_WORDS)]
