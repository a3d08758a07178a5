"""Small words on which the truth of a sentence turns: may, can, if, only, some, up to. Each speaks of the words after
it, a condition also of those before, and must neither be dropped nor added."""

from __future__ import annotations

import re
from collections import Counter

from papersearch.engine.ask import vocabulary
from papersearch.text import words

# passage: Small nets need less data and more time.
# stands: Small nets need less data.
# falls: Small nets need more data.
# passage: Half of the models are robust.
# stands: Half of the models are robust in the study.
# falls: Models are robust.
# passage: Pruning may save memory.
# stands: Pruning may save memory.
# falls: Pruning saves memory.
_KIND = {word: kind for kind, listed in vocabulary.KINDS.items() for word in listed.split()}
_DOUBTS = frozenset(("may", "can", "should", "seems", "aims", "believed"))

# passage: Methods face limits when applied to law.
# stands: Methods face limits when applied to law.
# falls: Methods face limits.
_CONDITIONS = frozenset(("if", "whether", "when", "only where"))

# Of several words; a bound only where a number follows.
# passage: The set has up to 500 images.
# stands: The set has up to 500 images.
# falls: The set has 500 images.
# passage: BERT outperforms GPT only on short texts.
# stands: BERT outperforms GPT only on texts.
# falls: BERT outperforms GPT.
# passage: OtterBench is the second largest of the sets.
# stands: OtterBench is the second largest.
# falls: OtterBench is the largest of the sets.
_JOINED = tuple(
    (re.compile(rf"\b(?:{pattern})", re.IGNORECASE), joined)
    for pattern, joined in (
        (r"even (?:if|when)\b", "even"),
        (r"(?<!not )only (?=(?:when|if|where|in|on|for|under|at|after|with|by)\b)", "onlywhere "),
        (r"(?:second|third|fourth|fifth)[\s-]+(?=best|worst|most|largest|highest|smallest|lowest)", "nth "),
        (r"up to\b|as (?:much|many|high|low|large) as\b", "upto"),
        (r"at least\b", "atleast"),
        (r"at (?:the )?most\b", "atmost"),
        (r"one of (?:the |our |these |its )?\b", "oneof "),
        (r"on average\b", "onaverage"),
        (r"promises? to\b", "promiseto"),
        (r"(?:more than|over|above|exceeding|greater than)(?=\s+[~$]?\d)", "morethan"),
        (r"(?:less than|fewer than|under|below)(?=\s+[~$]?\d)", "lessthan"),
    )
)

# passage: We test mini, and when pruned, it solves puzzles.
# stands: We test mini.
# falls: It solves puzzles.
_APART = re.compile(r"(?:[;:]|\band|\bbut)\s*$")
REACH = 2
"""Weighty words that a qualifier speaks of (chosen)."""
_FAR = 5  # within which a word that a sentence qualifies must stand in the passage


class Qualifiers:
    """Where the qualifiers of a sentence stand among its weighty terms, numbers among them."""

    def __init__(self, text: str) -> None:
        for pattern, joined in _JOINED:
            text = pattern.sub(joined, text)
        self.terms: list[str] = []
        self.at: dict[str, list[int]] = {}
        self._back: set[int] = set()  # where a condition speaks of what stands before it too
        for word in words.query_words(text):
            if kind := _KIND.get(word.word):
                self.at.setdefault(kind, []).append(len(self.terms))
                if kind in _CONDITIONS and not _APART.search(text, 0, word.start):
                    self._back.add(len(self.terms))
            elif not word.stop:
                self.terms.append(word.term)

    def reached(self, kind: str) -> list[int]:
        """The places of the terms that a kind speaks of."""
        found = {
            place
            for at in self.at.get(kind, ())
            for place in range(at - (REACH if kind in _CONDITIONS and at in self._back else 0), at + REACH)
        }
        return [place for place in sorted(found) if 0 <= place < len(self.terms)]

    def always(self, kind: str) -> set[str]:
        """The terms that stand nowhere but where a kind speaks of them."""
        counts = Counter(self.terms)
        reached = Counter(self.terms[place] for place in self.reached(kind))
        return {term for term, count in reached.items() if count == counts[term]}


def changed(ours: str, theirs: str) -> str | None:
    """How a sentence is surer, or less sure, than the passage's sentence of the same words; None if it is not."""
    told, given = Qualifiers(ours), Qualifiers(theirs)
    for kind in given.at:
        near = {told.terms[place] for place in told.reached(kind)}
        if given.always(kind) & set(told.terms) - near:
            return "the passage is less sure" if kind in _DOUBTS else f"the passage says {kind!r} of that"
    for kind, spots in told.at.items():
        for at in spots:
            following = told.terms[at : at + 1]
            allowed = {term for spot in given.at.get(kind, ()) for term in given.terms[spot : spot + _FAR]}
            if kind not in given.at or (following and following[0] in given.terms and following[0] not in allowed):
                return f"the passage does not say {kind!r} of that"
    return None
