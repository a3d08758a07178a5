"""What a compiled query looks for, word by word.

A *slot* is one word of the query. Its *alternatives* are terms, or runs of terms that must stand side by side, each
with a factor: what a match by it counts beside a literal one.
"""

from __future__ import annotations

from papersearch.core.frozen import Frozen


class Alternative(Frozen):
    """Terms that stand side by side, and what a match counts. ``note`` says for people why they are tried."""

    terms: tuple[str, ...]
    factor: float = 1.0
    note: str = ""


class Slot(Frozen):
    """One word of a query.

    ``position`` counts the query's words, stop words included; ``lead`` are the terms of the stop words before it;
    ``slop`` is how far the words of a phrase may be apart. One that is not ``wanted`` must not occur: it scores
    nothing, and no paper misses it. ``as_one``: its alternatives are all spellings of it. ``parts`` are the terms of a
    compound that is looked for in one piece alone. The paper whose (folded) id the word is, ``paper_id``, holds it more
    than any other. However common it is, it weighs ``least``.
    """

    word: str
    alternatives: tuple[Alternative, ...]
    position: int = 0
    field: str | None = None
    boost: float = 1.0
    slop: int = 0
    literal: bool = True
    lead: tuple[str, ...] = ()
    wanted: bool = True
    as_one: bool = False
    parts: tuple[str, ...] = ()
    paper_id: str | None = None
    least: float = 0.0

    @property
    def run(self) -> tuple[str, ...]:
        """The terms as they were written, of a word; none of a phrase, a pattern and the like."""
        return self.parts or self.alternatives[0].terms if self.alternatives and self.literal else ()

    @property
    def term(self) -> str | None:
        """The term as it was written, where that is one term."""
        run = self.run
        return run[0] if len(run) == 1 else None

    def follows(self, before: Slot) -> bool:
        """Whether nothing but stop words stands between the slot and another before it."""
        return self.position == before.position + len(self.lead) + max(1, len(before.run))
