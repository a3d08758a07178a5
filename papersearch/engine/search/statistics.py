"""What a query is compiled with: the words of the index, and how many papers hold them.

``IndexReader`` is one for a folder. An engine that keeps its index elsewhere brings its own.
"""

from __future__ import annotations

from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence
    from typing import Protocol, TypeVar

    _Result = TypeVar("_Result")
else:
    Protocol = object


class Statistics(Protocol):
    """Words are folded and as they are written; terms are what the index holds of them (see ``text.words``).

    ``field`` is one of those of ``core.fields`` that hold terms or exact values.
    """

    @property
    def papers(self) -> int:
        """How many papers there are."""

    @property
    def frequency(self) -> Callable[..., int]:
        """How many papers hold a term; a second argument is its field, if that is not ``WORDS``."""

    @property
    def has_prefix(self) -> Callable[[str, str], bool]:
        """Whether a term of a field starts with a prefix."""

    def has_surface(self, word: str) -> bool:
        """Whether a word stands in the corpus in exactly this spelling."""

    def is_name(self, term: str) -> bool:
        """Whether papers hold a term among their authors and nowhere else."""

    def surfaces(self, prefix: str) -> Iterator[str]:
        """Words that start with ``prefix``, in order."""

    def terms(self, prefix: str, field: str) -> Iterator[str]:
        """Terms of a field that start with ``prefix``, in order."""

    def authors(self, start: str, words: Sequence[str]) -> Iterator[str]:
        """Authors (folded, a NUL, as written) whose folded name starts with ``start``, in order; among them all that
        have one of the ``words``, or letters beyond ASCII, in their names."""

    def commonest(self, prefix: str, most: int) -> list[str] | None:
        """The terms that start with ``prefix`` and that most papers hold, most first; None if each would have to be
        asked for."""

    def words_like(self, pattern: str, numbered: bool = False) -> Iterator[str]:
        """Words in order, among them all that a folded pattern with ``*`` and ``?`` stands for; ``numbered``: terms in
        place of words, among them all with a digit and all of scripts without blanks."""

    def words_near(self, word: str, edits: int, prefix: str) -> Iterator[str]:
        """Words that start with ``prefix``, among them all that are at most so many edits from ``word``."""

    def side_by_side(self, run: Sequence[str], most: int | None = None) -> int:
        """How many papers have the terms side by side; beyond ``most``, a lower bound."""

    def written_apart(self, whole: str, run: Sequence[str], most: int) -> bool:
        """Whether a paper that holds the term ``whole`` has the terms of ``run`` side by side."""

    def explained(self, short: str, form: str) -> str:
        """The abstract of a paper that explains an acronym by that long form; empty if there is none."""

    def cached(self, function: Callable[..., _Result], *arguments: Hashable) -> _Result:
        """``function`` of this object and some arguments, remembered as long as the state is the same."""


def second_halves(reader: Statistics, field: str, prefix: str, most: int | None = None) -> list[tuple[int, str]]:
    """(papers, second half) of the pairs of a field that start with ``prefix`` and that some paper has, those of most
    papers first; of the first ``most`` in order."""
    terms = islice(reader.terms(prefix, field), most)
    found = [(papers, term.partition("\0")[2]) for term in terms if (papers := reader.frequency(term, field))]
    return sorted(found, key=lambda each: (-each[0], each[1]))
