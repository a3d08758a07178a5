"""Where the words of a query stand in a text.

A *mark* is an occurrence of a wanted term, compounds as well, or of a whole phrase. Only what can hold a wanted term is
taken apart into words: in a fresh process, where no word was seen before, that is most of the cost.
Offsets count code points. Knows nothing of fields, of passages and how anything is printed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate, chain, pairwise

from papersearch.core.caches import cached_if_short
from papersearch.text import words
from papersearch.text.inflection import other_beginnings

# Start, end, term, and whether that is an extra (see ``text.words``).
Span = tuple[int, int, str, bool]
Places = tuple[tuple[int, int], ...]
# Start, end, slot and weight of what stands there, and where its words are.
Mark = tuple[int, int, int, float, Places]
# Slot and weight of each term; a run of terms with its slot and weight.
Terms = Mapping[str, tuple[int, float]]
Phrase = tuple[tuple[str, ...], int, float]


class Wanted:
    """What is looked for: ``terms`` with their slots (which word of the query each stands for) and weights, and
    ``phrases``, runs of terms that count only side by side. Made once for many texts."""

    def __init__(self, terms: Terms, phrases: Sequence[Phrase] = ()) -> None:
        self.terms, self.phrases = terms, phrases
        names = frozenset(terms).union(*(run for run, _, _ in phrases))
        heads = _heads(names)
        self.pairs = {"".join(pair) for head in heads for pair in pairwise(head)}
        # One that begins with another is found with it; in order, that other is the last one kept.
        self.heads: list[str] = []
        for head in heads:
            if not self.heads or not head.startswith(self.heads[-1]):
                self.heads.append(head)
        # What joins the parts of one word; between digits also what stands in numbers.
        self.joints = "-&.," if any(map(str.isdigit, self.pairs)) else "-&."
        self._inner: dict[str, list[tuple[int, int, int, float]]] = {}
        self._known: dict[str, list[Mark]] = {}
        self.by_first: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            self.by_first.setdefault(phrase[0][0], []).append(phrase)

    def look_at(self, texts: Collection[str]) -> None:
        """Find the marks of some texts, which are known then: of all together they cost less than of one by one."""
        plain = [text for text in texts if text.isascii()]  # others are dear, and would make all so
        if len(plain) > 1 and self.heads and not self.phrases:
            ends = accumulate([len(text) + 1 for text in plain])
            self._known = dict(zip(plain, self._marks(" ".join(plain), ends), strict=True))

    def marks(self, text: str) -> list[Mark]:
        """Every mark in ``text``, in order."""
        if (known := self._known.get(text)) is not None:
            return known
        if not self.heads and text.isascii():
            return []
        (found,) = self._marks(text, [len(text) + 1])
        return sorted({*found, *self._phrases(text)}) if self.phrases else found

    def _marks(self, text: str, ends: Iterable[int]) -> list[list[Mark]]:
        """The marks of single terms, in order, in each of the texts that ``text`` is made of, by where the next one
        begins."""
        inner = self._inner
        found: list[list[Mark]] = []
        tokens = self._tokens(text)
        begin = number = 0
        for end in ends:
            marks: list[Mark] = []
            while number < len(tokens) and tokens[number][0] < end:
                start, token = tokens[number]
                number += 1
                start -= begin
                held = inner.get(token)
                if held is None:
                    held = inner[token] = self._inner_of(token)
                for a, b, slot, weight in held:
                    low, high = start + a, start + b
                    marks.append((low, high, slot, weight, ((low, high),)))
            found.append(marks)
            begin = end
        return found

    def _inner_of(self, token: str) -> list[tuple[int, int, int, float]]:
        """Start, end, slot and weight of the marks of a token, in order."""
        return sorted([(a, b, *self.terms[term]) for a, b, term, _ in _of_token(token) if term in self.terms])

    def _tokens(self, text: str) -> list[tuple[int, str]]:
        """(offset, token) of what stands between blanks and may hold a wanted term."""
        lower = text.lower()
        if len(lower) != len(text):  # a dotted capital I becomes two characters
            return [(0, text)]
        tokens: list[tuple[int, str]] = []
        end = 0
        for hit in self._hits(text, lower):
            if hit >= end:
                start = text.rfind(" ", end, hit) + 1 or end
                end = text.find(" ", hit)
                if end < 0:
                    end = len(text)
                tokens.append((start, text[start:end]))
        return tokens

    def _hits(self, text: str, lower: str) -> list[int]:
        """Places in tokens that may hold a wanted term, in order. A word begins with a capital, or where a letter
        follows none."""
        hits: list[int] = []
        find, pairs = lower.find, self.pairs
        for head in self.heads:
            at = find(head)
            while at >= 0:
                if not at or not lower[at - 1].isalpha() or not lower[at].isalpha() or text[at].isupper():
                    hits.append(at)
                at = find(head, at + 1)
        for joint in self.joints:
            at = find(joint)
            while at >= 0:
                # A joint matters only between characters that a wanted term has side by side.
                if lower[at - 1 : at + 2 : 2] in pairs:
                    hits.append(at)
                at = find(joint, at + 1)
        # ``'s`` may drop out of a word, and what is not ASCII may stand for other letters.
        for mark in ("'", *(() if lower.isascii() else (letter for letter in set(lower) if letter > "\x7f"))):
            at = find(mark)
            while at >= 0:
                hits.append(at)
                at = find(mark, at + 1)
        hits.sort()
        return hits

    def _sequence(self, text: str) -> list[Span]:
        """The spans of the terms, nameless ones for what is left out between them."""
        result: list[Span] = []
        end = 0
        for start, token in self._tokens(text):
            if any(map(str.isalnum, text[end:start])):
                result.append((end, start, "", False))
            end = start + len(token)
            result += [(start + a, start + b, term, extra) for a, b, term, extra in _of_token(token) if not extra]
        return result

    def _phrases(self, text: str) -> Iterable[Mark]:
        """The marks of whole phrases."""
        sequence = self._sequence(text)
        for number, (start, _, term, _) in enumerate(sequence):
            for run, slot, weight in self.by_first.get(term, ()):
                found = sequence[number : number + len(run)]
                if tuple(span[2] for span in found) == run:
                    yield start, found[-1][1], slot, weight, tuple((a, b) for a, b, _, _ in found)


# The same words come again and again in the texts of one answer and of the next. A text of Chinese is a single token,
# which takes 150 times its length in memory: only a few of those are kept.
_of_token = cached_if_short(20_000, 100)(cached_if_short(200, 5_000)(words.spans))


def _heads(terms: Iterable[str]) -> list[str]:
    """How the words begin, in lower case, that some terms stand for; none of what is not ASCII.

    A stem is the beginning of its word save for the last letter, where ``studies`` become ``studi`` and ``hoping``
    ``hope``, and save for ``dying`` and its like, irregular plurals and British spellings.
    """
    known = [term.lower() for term in terms if term.isascii()]
    known += [begin for term in known for begin in other_beginnings(term)]
    heads = {term[:-1] if len(term) > 2 else term for term in known}
    heads |= {term[0] + "y" for term in known if len(term) == 3 and term.endswith("ie")}
    return sorted(heads)


def merged(places: Iterable[tuple[int, int]]) -> Places:
    """``places`` in order, those that overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def places_of(marks: Iterable[Mark]) -> Iterable[tuple[int, int]]:
    """Where the words of all marks are."""
    return chain.from_iterable(mark[4] for mark in marks)
