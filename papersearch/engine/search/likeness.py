"""The terms that tell a text apart from the rest of the corpus, as the words of a query: what ``similar`` asks."""

from __future__ import annotations

from collections import Counter

from papersearch.core.fields import K1
from papersearch.engine.search.compounds import by_chunk, is_unit
from papersearch.engine.search.expansion import Alternative, Slot
from papersearch.engine.search.rerank import stop_terms
from papersearch.engine.search.scoring import idf
from papersearch.text import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.statistics import Statistics

# More terms find hardly anything else, and each costs a look at its postings (chosen).
MOST_TERMS = 25


def distinctive(text: str, reader: Statistics, least: int = 1) -> list[Slot]:
    """Slots for the terms of highest ``tf / (k1 + tf) * idf`` that ``least`` papers hold, weighted by the former."""
    found = words.query_words(text)
    counts: Counter[str] = Counter()
    for parts in by_chunk(found).values():
        terms = [words.joined([part.word for part in parts])] if is_unit(parts) else [part.term for part in parts]
        counts.update(terms)
    rated = []
    for term, count in counts.items():
        frequency = reader.frequency(term)
        if frequency >= least and term not in stop_terms() and not term.isdigit():
            saturation = count / (K1 + count)
            rated.append((saturation * idf(frequency, reader.papers), term, saturation))
    rated.sort(key=lambda item: (-item[0], item[1]))
    written = {words.stem(surface): surface for surface in reversed(words.surfaces(text))}
    return [
        Slot(written.get(term, term), (Alternative((term,)),), 10 * place, boost=saturation)
        for place, (_, term, saturation) in enumerate(rated[:MOST_TERMS])
    ]
