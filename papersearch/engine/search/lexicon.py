"""The corpus' own vocabulary, as spelling correction and patterns ask for it."""

from __future__ import annotations

from collections.abc import Iterator

from papersearch.core.caches import cached_method
from papersearch.text import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.statistics import Statistics

# Beyond this many papers that hold both words, counting those where they are adjacent costs too much.
_MOST_CHECKED = 2_000


class Lexicon:
    """Words as they are written, with the number of papers that hold them in any inflection."""

    def __init__(self, reader: Statistics) -> None:
        self._reader = reader
        self.adjacent = cached_method(5_000, self._adjacent)

    def frequency(self, word: str) -> int:
        """Papers that hold the word's stem; 0 where nobody writes the word like this."""
        return self.papers(word) if self._reader.has_surface(word) else 0

    def papers(self, word: str) -> int:
        """Papers that hold the word's stem, also where nobody writes the word like this."""
        return self._reader.frequency(words.stem(word))

    def is_known(self, word: str) -> bool:
        """Whether a paper holds the word in any inflection."""
        return self.papers(word) > 0

    def is_name(self, word: str) -> bool:
        """Whether papers hold the word among their authors and nowhere else."""
        return self._reader.is_name(words.stem(word))

    def words_like(self, pattern: str, numbered: bool = False) -> Iterator[str]:
        """Words in order, among them all that a folded pattern stands for. ``numbered``: terms in place of words, among
        them all with a digit, as ``qwen2.5`` and ``4o``, which have no inflection."""
        return self._reader.words_like(pattern, numbered)

    def words_near(self, word: str, edits: int, prefix: str = "") -> Iterator[str]:
        """Words that start with ``prefix``, among them all that are at most so many edits from ``word``."""
        return self._reader.words_near(word, edits, prefix)

    def _adjacent(self, first: str, second: str) -> int:
        """Papers in which the two words stand side by side."""
        return self._reader.side_by_side((words.stem(first), words.stem(second)), _MOST_CHECKED)
