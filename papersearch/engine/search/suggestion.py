"""The query as it was probably meant, for a query with words that hardly any paper has."""

from __future__ import annotations

from papersearch.engine.search.lexicon import Lexicon
from papersearch.engine.search.selection import Selection
from papersearch.text.words import QueryWord, query_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# In fewer papers than this, a word may be misspelled.
SUSPECT = 3


def suggestion(query: str, selection: Selection, correct: Callable[[str], str | None]) -> str | None:
    """What ``correct`` makes of a query if one of its words is rare; None of others, and of queries with operators."""
    rare = any(
        frequency < SUSPECT and slot.literal and slot.wanted and not slot.slop
        for slot, frequency in zip(selection.plan.slots, selection.frequencies, strict=True)
    )
    if not rare or any(operator in query for operator in '*?~:"'):
        return None
    return correct(query)


def corrected(query: str, lexicon: Lexicon) -> str | None:
    """The query with words as they were probably meant, or None."""
    from papersearch.engine.search import spelling

    found = _spelled(query, lexicon)
    meant = spelling.suggest([word.word for word in found], lexicon)
    if meant is None or meant == [word.word for word in found]:
        return None
    from difflib import SequenceMatcher

    text, at = "", 0
    changes = SequenceMatcher(None, [word.word for word in found], meant, autojunk=False).get_opcodes()
    for kind, first, last, start, end in changes:
        if kind != "equal":
            text += query[at : found[first].start] + " ".join(meant[start:end])
            at = found[last - 1].end
    return text + query[at:]


def _spelled(query: str, lexicon: Lexicon) -> list[QueryWord]:
    """The words of a query that can be misspelled; not the parts of a compound that the corpus knows."""
    chunks: dict[int, list[QueryWord]] = {}
    for word in query_words(query):
        chunks.setdefault(word.chunk, []).append(word)
    return [
        word
        for parts in chunks.values()
        if len(parts) == 1 or not lexicon.frequency("".join(part.word for part in parts))
        for word in parts
        if word.word.isalpha()
    ]
