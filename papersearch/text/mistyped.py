"""What was probably meant by a mistyped name: the one "did you mean" for options, commands, fields, ids, tags, keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from papersearch.core.errors import UsageError
from papersearch.text.display import one_line

# How alike a name must be (the share of letters in common, twice as many as match over both lengths): a slip in a name
# of four letters is 0.75 alike, and what is less so is more often another word (chosen).
ALIKE = 0.75
_MOST_TOLD = 80  # characters of a name that is told back (chosen)


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that is most like a mistyped one, case aside; None if none is near."""
    folded = {name.casefold(): name for name in names}
    word = word.casefold()
    near = [name for name in folded if _may_be(word, name)]
    if not near:
        return None
    from difflib import get_close_matches  # takes longer to load than a query, which may ask for this

    close = get_close_matches(word, near, 1, ALIKE)
    return folded[close[0]] if close else None


def suggestion(word: str, names: Iterable[str]) -> str:
    """A hint that asks for the nearest name; empty if none is near."""
    near = nearest(word, names)
    return f"did you mean {near}?" if near else ""


def choice(word: str, names: Iterable[str]) -> str:
    """A hint that asks for the nearest name, or else lists them all."""
    names = list(names)
    return suggestion(word, names) or f"one of {', '.join(names)}"


def unknown(said: str, given: str, names: Collection[str]) -> UsageError:
    """The error for a name that is none of some: what is ``said`` before it, and of a long one its beginning."""
    given = given[:_MOST_TOLD]
    return UsageError(f"{said} {one_line(given)!r}", choice(given, names) if names else "it takes none")


def _may_be(word: str, name: str) -> bool:
    """Whether two words are alike enough if the order of letters does not count; cheap, and never wrongly False."""
    if 2 * min(len(word), len(name)) < ALIKE * (len(word) + len(name)):  # of a pasted text letters are many
        return False
    common = sum(min(word.count(letter), name.count(letter)) for letter in set(word))
    return 2 * common >= ALIKE * (len(word) + len(name))
