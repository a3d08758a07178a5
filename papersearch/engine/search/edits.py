"""How far two words are apart: in edits, and in how easily the one is typed for the other."""

from __future__ import annotations

from itertools import chain, pairwise

# Rows of an English keyboard; neighbours are the keys beside, above and below.
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_PAIRS = [
    pair
    for row, below in zip(_ROWS, (*_ROWS[1:], ""), strict=True)
    for pair in chain(pairwise(row), zip(row, below, strict=False), zip(row[1:], below, strict=False))
]
_NEIGHBOURS = frozenset(_PAIRS).union((y, x) for x, y in _PAIRS)
_VOWELS = frozenset("aeiouy")

# What an edit costs beside an ordinary one (chosen: slips that are made more often cost less).
_TRANSPOSED = 0.7
_MISSED = 0.8
_DOUBLED = 0.6
_NEAR_KEY = 0.8
_VOWEL = 0.8
_FIRST_LETTER = 0.5


def distance(first: str, second: str, most: int) -> int:
    """Optimal string alignment distance: insertions, deletions, substitutions and transpositions of neighbours.

    Anything above ``most`` is given as ``most + 1``.
    """
    if abs(len(first) - len(second)) > most:
        return most + 1
    start = 0
    shorter = min(len(first), len(second))
    while start < shorter and first[start] == second[start]:
        start += 1
    end = 0
    while end < shorter - start and first[-1 - end] == second[-1 - end]:
        end += 1
    a, b = first[start : len(first) - end], second[start : len(second) - end]
    if not a or not b:
        return len(a) + len(b)
    if min(len(a), len(b)) > 2 * most + 1 and not set(a) & set(b):
        return most + 1
    return _aligned(a, b, most)


def _aligned(a: str, b: str, most: int) -> int:
    """The edits between two words (optimal string alignment, row by row), or ``most + 1`` for any number above
    ``most``."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        earlier, before = before, row
        row = [i]
        for j, y in enumerate(b, 1):
            value = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                value = min(value, earlier[j - 2] + 1)
            row.append(value)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def cost(typed: str, meant: str) -> float:
    """What it costs to type ``typed`` for ``meant``: 1 for an ordinary edit, less for one that is easily made."""
    rows: list[list[float]] = [[float(j) for j in range(len(meant) + 1)]]
    for i, x in enumerate(typed, 1):
        row = [float(i)]
        for j, y in enumerate(meant, 1):
            inserted = rows[i - 1][j] + (_DOUBLED if i > 1 and typed[i - 2] == x else _MISSED)
            omitted = row[j - 1] + (_DOUBLED if j > 1 and meant[j - 2] == y else _MISSED)
            value = min(inserted, omitted, rows[i - 1][j - 1] + _substituted(x, y))
            if i > 1 and j > 1 and x == meant[j - 2] and typed[i - 2] == y and x != y:
                value = min(value, rows[i - 2][j - 2] + _TRANSPOSED)
            row.append(value)
        rows.append(row)
    return rows[-1][-1] + (_FIRST_LETTER if typed[:1] != meant[:1] else 0.0)


def is_beside(x: str, y: str) -> bool:
    """Whether two keys are beside, above or below each other."""
    return (x, y) in _NEIGHBOURS


def _substituted(x: str, y: str) -> float:
    if x == y:
        return 0.0
    if is_beside(x, y):
        return _NEAR_KEY
    return _VOWEL if x in _VOWELS and y in _VOWELS else 1.0
