"""Names of people as they are asked for: ``LeCun, Yann``, ``Y. LeCun``, ``LeCun Y`` are ``Yann LeCun``.

A name fits another if each of its words is one of the other's, or an initial of it, or the other way round; at least
one word must be the same. So what is asked may leave out middle names, and the order does not matter. Initials that are
written as one word (``Turing AM``, as PubMed has it) are also read one by one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import product

from papersearch.core.fields import AUTHOR
from papersearch.text import words
from papersearch.text.folding import fold, transcribed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.statistics import Statistics

MOST_NAMES = 50  # authors that one name stands for (chosen)
# Not those that a short family name may be as well, which many write in capitals: LI, HE, YAN, NG.
_INITIALS_AS_ONE = re.compile(r"\b(?!(?:AN|NG|OH)\b)[A-Z][B-DF-HJ-NP-TV-XZ]{1,2}\b")

Forms = frozenset[str]
Readings = list[list[Forms]]


def fitting(reader: Statistics, name: str) -> tuple[str, ...]:
    """The authors of the index that a name fits, as they are written, in order; the first ``MOST_NAMES``. Looks at all
    authors, some 0.3 µs each."""
    asked = readings_of(name)
    whole = [form for forms in asked[0] for form in forms if len(form) > 1]
    if not whole:
        return ()
    found = []
    for term in reader.terms("", AUTHOR):
        if term.isascii() and not any(form in term for form in whole):
            continue  # none of the words can be the same
        author = term.partition("\0")[2]
        if any(fits(one, other) for one, other in _compared(asked, readings_of(author))):
            found.append(author)
            if len(found) == MOST_NAMES:
                break
    return tuple(found)


def readings_of(name: str) -> Readings:
    """The words of a name, and those that it has if a short one in capitals is initials."""
    apart = _INITIALS_AS_ONE.sub(lambda glued: " ".join(glued[0]), name)
    return [forms_of(name)] if apart == name or name.isupper() else [forms_of(name), forms_of(apart)]


def _compared(asked: Readings, name: Readings) -> Iterable[tuple[list[Forms], list[Forms]]]:
    """The readings to compare, alike ones where both names have two: ``Turing AX`` is not ``Turing AM``."""
    return zip(asked, name, strict=True) if len(asked) == len(name) else product(asked, name)


def forms_of(name: str) -> list[Forms]:
    """The words of a name, each folded and as it is transcribed; of an initial, one letter (``Ö`` is no ``oe``)."""
    parts = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", name))
    return [
        frozenset({fold(part), fold(transcribed(part) or part)} if len(part) > 1 else {fold(part)[:1]})
        for part in parts
    ]


def fits(asked: list[Forms], name: list[Forms]) -> bool:
    """Whether a name that is asked for may be that name."""
    left = list(name)
    same = False
    # Whole words first, so that an initial does not take the place of one.
    for forms in sorted(asked, key=lambda forms: -max(map(len, forms))):
        match = next((other for other in left if forms & other), None)
        same = same or (match is not None and max(map(len, forms)) > 1)
        if match is None:
            match = next((other for other in left if _is_initial(forms, other) or _is_initial(other, forms)), None)
        if match is None:
            return False
        left.remove(match)
    return same


def _is_initial(short: Forms, long: Forms) -> bool:
    return any(form[:1] in short for form in long)


def runs_of(reader: Statistics, name: str) -> list[tuple[str, ...]]:
    """The runs of terms of the authors that a name fits."""
    found: tuple[str, ...] = reader.cached(fitting, name)
    return [tuple(word.term for word in words.query_words(author)) for author in found]
