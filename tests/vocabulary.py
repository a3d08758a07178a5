"""Words in memory, as spelling asks an index for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from papersearch.text import words


class Vocabulary:
    """Words in memory, with how many papers hold them and which pairs stand side by side."""

    def __init__(self, texts: list[str], times: int = 1, names: Sequence[str] = ()) -> None:
        self.names = frozenset(names)
        self.frequencies: Counter[str] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()
        for text in texts:
            surfaces = words.surfaces(text)
            self.frequencies.update(dict.fromkeys(surfaces, times))
            self.pairs.update(dict.fromkeys(pairwise(surfaces), times))

    def frequency(self, word: str) -> int:
        return self.frequencies[word]

    def papers(self, word: str) -> int:
        return max((n for other, n in self.frequencies.items() if words.stem(other) == words.stem(word)), default=0)

    def is_known(self, word: str) -> bool:
        return self.papers(word) > 0

    def is_name(self, word: str) -> bool:
        return word in self.names

    def words_from(self, prefix: str) -> Iterator[str]:
        return (word for word in sorted(self.frequencies) if word.startswith(prefix))

    def words_like(self, pattern: str, numbered: bool) -> Iterator[str]:
        return self.words_from(pattern.partition("*")[0].partition("?")[0])

    def words_near(self, word: str, edits: int, prefix: str = "") -> Iterator[str]:
        return self.words_from(prefix)

    def adjacent(self, first: str, second: str) -> int:
        return self.pairs[first, second]
