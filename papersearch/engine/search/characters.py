"""Words of one character in Chinese, Japanese, Korean and their like: an index has only pairs of characters there."""

from __future__ import annotations

from itertools import islice

from papersearch.core.frozen import replace
from papersearch.engine.search.slots import Alternative, Slot, unique
from papersearch.text.chunks import is_character

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from papersearch.engine.search.statistics import Statistics

# Such words of a query, each of which takes a look at all terms, and the pairs that one stands for (chosen).
_MOST_WORDS, _MOST_PAIRS = 6, 2_000


def with_pairs(slots: Sequence[Slot], reader: Statistics) -> list[Slot]:
    """The slots, those of a single character with all pairs that it is a part of."""
    found = [*slots]
    single = (place for place, slot in enumerate(slots) if slot.alternatives and is_character(slot.word))
    for place in islice(single, _MOST_WORDS):
        slot = slots[place]
        pairs = reader.cached(_pairs_with, slot.alternatives[0].terms[0])
        found[place] = replace(slot, alternatives=unique([*slot.alternatives, *pairs]))
    return found


def _pairs_with(reader: Statistics, character: str) -> tuple[Alternative, ...]:
    """Those that begin with the character first: it begins one wherever it does not end a run of characters."""
    pairs = sorted(reader.words_like(f"*{character}*", numbered=True), key=lambda pair: not pair.startswith(character))
    return tuple(Alternative((pair,), 1.0, "has this character") for pair in pairs[:_MOST_PAIRS])
