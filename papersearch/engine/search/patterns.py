"""Words of a query that stand for many of the vocabulary: those that fit a pattern, those that are spelled alike."""

from __future__ import annotations

import re
from itertools import chain

from papersearch.engine.search import spelling
from papersearch.engine.search.lexicon import Lexicon
from papersearch.engine.search.slots import Alternative, Slot
from papersearch.text import words
from papersearch.text.folding import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.statistics import Statistics


def pattern(text: str, reader: Statistics, field: str | None, boost: float, most: int) -> tuple[Slot, bool]:
    """One slot for the words that a pattern with ``*`` and ``?`` stands for, and whether these are more than ``most``:
    then it is for the first so many of them."""
    lexicon = Lexicon(reader)
    matching = spelling.matching(text, lexicon, most + 1)
    terms = sorted({words.stem(word) for word in matching[:most]})
    numbered: list[str] = []
    if any(map(str.isdigit, text)):
        together = text.replace("-", "")
        # text2image is kept as text2imag, which neither begins nor ends as it does itself.
        begin, end = together.rstrip("*"), re.split("[*?]", together)[-1]
        ends = dict.fromkeys((together, together[: len(together) - len(end)] + words.joined([fold(end)])))
        numbered = list(chain.from_iterable(spelling.matching(each, lexicon, most + 1, numbered=True) for each in ends))
        if begin != together and "*" not in begin and "?" not in begin:
            terms.append(words.joined([fold(begin)]))
    found = dict.fromkeys((*terms, *numbered[:most]))
    alternatives = tuple(Alternative((term,), 1.0, "matches the pattern") for term in found)
    return Slot(text, alternatives, 0, field, boost, literal=False), max(len(matching), len(numbered)) > most


def fuzzy(text: str, distance: int, reader: Statistics, field: str | None, boost: float) -> Slot:
    """One slot for the words within an edit distance; each edit costs a fifth."""
    near = spelling.fuzzy(text, distance, Lexicon(reader))
    factors: dict[str, float] = {}
    for word, edits in near:
        term = words.stem(word)
        factors[term] = max(factors.get(term, 0.0), 1.0 - 0.2 * edits)
    ordered = sorted(factors.items(), key=lambda item: (-item[1], item[0]))
    alternatives = tuple(Alternative((term,), factor, "spelled alike") for term, factor in ordered)
    return Slot(text, alternatives, 0, field, boost, literal=False)
