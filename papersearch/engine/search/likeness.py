"""Papers like a text: the terms that tell it apart from the corpus find them, and all its terms rank the best again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise

from papersearch.core.fields import K1
from papersearch.core.frozen import Frozen
from papersearch.engine.search.rerank import Key, Pair, stop_terms
from papersearch.engine.search.scoring import idf
from papersearch.engine.search.slots import Alternative, Slot
from papersearch.text import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.statistics import Statistics

# More terms find hardly anything else, and each costs a look at its postings (chosen).
MOST_TERMS = 25
# What the terms that were not looked for count beside those that were, and a pair of words of the title beside one of
# a query. Chosen by benchmarks/similar.py (recall@10 and MRR@10 of rare topics, tuned half): neither 0.199 0.176; this
# 0.214 0.208; 0.5 and 4.0 0.216 0.211, where ten ordinary words outweigh a telling one in small corpora.
REST_WEIGHT = 0.25
TITLE_PAIR_WEIGHT = 3.0


class LikenessQuery(Frozen):
    """What is asked for papers like a text. ``slots`` are looked for, those that tell it apart most first; ``rest`` has
    the weights of its other terms, and ``pairs`` stand side by side its title, within no word."""

    slots: list[Slot]
    rest: dict[Key, float]
    pairs: list[Pair]


def likeness_of(text: str, reader: Statistics, least: int) -> LikenessQuery:
    """Terms are weighed by ``tf / (k1 + tf) * idf``; fewer papers than ``least`` hold those that are left out. The
    first line of a text is its title."""
    counts = Counter(chain.from_iterable(_by_token(text)))
    rarity = {
        term: idf(frequency, reader.papers)
        for term in counts
        if term not in stop_terms() and not term.isdigit() and (frequency := reader.frequency(term)) >= least
    }
    saturation = {term: counts[term] / (K1 + counts[term]) for term in rarity}
    rated = sorted(rarity, key=lambda term: (-saturation[term] * rarity[term], term))
    written = {words.stem(surface): surface for surface in reversed(words.surfaces(text))}
    return LikenessQuery(
        slots=[
            # Ten positions apart, so that no two count as neighbours.
            Slot(written.get(term, term), (Alternative((term,)),), 10 * place, boost=saturation[term], written=(term,))
            for place, term in enumerate(rated[:MOST_TERMS])
        ],
        rest={term: REST_WEIGHT * saturation[term] * rarity[term] for term in rated[MOST_TERMS:]},
        pairs=[
            Pair(f"{first} {second}", ((first, second),), TITLE_PAIR_WEIGHT * max(rarity[first], rarity[second]))
            for first, second in dict.fromkeys((a[-1], b[0]) for a, b in pairwise(_by_token(text.partition("\n")[0])))
            if first in rarity and second in rarity
        ],
    )


def _by_token(text: str) -> list[Sequence[str]]:
    """The terms of each token of a text. Of a name with letters and digits (GPT-4o), whose parts mean nothing alone,
    that is the whole."""
    found: list[Sequence[str]] = []
    for terms, extras, _ in map(words.token, words.tokens(text)):
        whole = len(terms) > 1 and extras and any(len(term) < 3 and term not in stop_terms() for term in terms)
        if terms:
            found.append((max(extras, key=len),) if whole else terms)
    return found
