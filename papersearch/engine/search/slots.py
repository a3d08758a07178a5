"""What a compiled query looks for, word by word.

A *slot* is one word of the query. Its *alternatives* are terms, or runs of terms that must stand side by side, each
with a factor: what a match by it counts beside a literal one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from papersearch.core.frozen import Frozen, replace


class Alternative(Frozen):
    """Terms that stand side by side, and what a match counts. ``note`` says for people why they are tried."""

    terms: tuple[str, ...]
    factor: float = 1.0
    note: str = ""


class Slot(Frozen):
    """A scored term of a query: a word, phrase, pattern or id, and what counts as it.

    - ``word``: as people are told of it
    - ``alternatives``: what counts as it; explanations name the first of them that a paper has
    - ``position``: its place among the words of the query, stop words included
    - ``field``: the one in which it is looked for; None: in all
    - ``boost``: what it counts, as in ``moe^2``
    - ``slop``: how far the words of a phrase may be apart
    - ``literal``: it is a word, and no phrase, pattern or id
    - ``written``: its terms as the query has them, or, of a word that is being typed, as it is likely to go on; of a
      compound as a whole one term, unless its words may belong to a long form; none of a pattern
    - ``lead``: the terms of the stop words right before it
    - ``wanted``: if not, it must not occur: it scores nothing, and no paper misses it
    - ``as_one``: all alternatives are spellings of it
    - ``paper_id``: the (folded) id that it is; that paper holds it more than any other
    - ``least``: what it weighs at least, as an idf, however common it is
    """

    word: str
    alternatives: tuple[Alternative, ...]
    position: int = 0
    field: str | None = None
    boost: float = 1.0
    slop: int = 0
    literal: bool = True
    written: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    wanted: bool = True
    as_one: bool = False
    paper_id: str | None = None
    least: float = 0.0

    @property
    def run(self) -> tuple[str, ...]:
        """The terms of a word as they stand beside those of its neighbours; none of a phrase, a pattern or an id."""
        return self.written if self.literal else ()

    @property
    def term(self) -> str | None:
        """The term of such a word, where it is one."""
        run = self.run
        return run[0] if len(run) == 1 else None

    @property
    def is_of_terms(self) -> bool:
        """Whether all that counts as it are single terms."""
        return all(len(each.terms) == 1 for each in self.alternatives)

    def follows(self, before: Slot) -> bool:
        """Whether nothing but stop words stands between the slot and another before it."""
        return self.position == before.position + len(self.lead) + max(1, len(before.run))


def unique(alternatives: Iterable[Alternative]) -> tuple[Alternative, ...]:
    """The alternatives, each run of terms once, with its highest factor."""
    best: dict[tuple[str, ...], Alternative] = {}
    for alternative in alternatives:
        before = best.get(alternative.terms)
        if before is None or before.factor < alternative.factor:
            best[alternative.terms] = alternative
    return tuple(best.values())


def are_letters(slots: Sequence[Slot]) -> bool:
    """Whether no word of some slots has a number or a hyphen, as nearly always."""
    return all(slot.word.isalpha() for slot in slots)


class Gathered:
    """What a query comes to as its parts are compiled one by one: its slots, and what there is to say of them."""

    def __init__(self) -> None:
        self.slots: list[Slot] = []
        self.hint: str | None = None
        self._known: dict[tuple[tuple[Alternative, ...], str | None], int] = {}  # the first wanted slot of each

    def add(self, new: Sequence[Slot]) -> list[int]:
        """Append slots, and give their numbers; a word that occurs twice weighs double."""
        numbers = []
        slots, known = self.slots, self._known
        for slot in new:
            key = (slot.alternatives, slot.field)
            number = known.get(key) if slot.literal else None
            if number is not None:
                slots[number] = replace(slots[number], boost=slots[number].boost + slot.boost)
            else:
                number = len(slots)
                slots.append(slot)
                known.setdefault(key, number)
            numbers.append(number)
        return numbers
