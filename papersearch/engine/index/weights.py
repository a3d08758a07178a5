"""How much a word says about a paper, before anything is known of the query: the inner sum of BM25F, in one byte.

Robertson, Zaragoza and Taylor 2004, and Robertson and Zaragoza 2009, equation 3.20:

    tf(word, paper) = sum over fields of  weight * frequency / (1 - b + b * length / pivot)

The score of a word is then ``idf * tf / (k1 + tf)``. The paper's pivot is the average length of the field; here it
is a constant of the field table, so that a posting never changes while the corpus around it does, and the same
paper has the same score whatever was indexed or deleted before.

A posting keeps ``tf`` as one of 255 levels, each 3.2 % above the last, which moves no score by more than 1.6 %.
Level 0 is no occurrence at all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from papersearch.core.errors import UsageError
from papersearch.core.fields import BY_NAME, FIELDS, K1, is_weight

LOWEST = 0.02
RATIO = (60.0 / LOWEST) ** (1 / 254)
LEVELS = (0.0, *(LOWEST * RATIO**step for step in range(255)))
BOUNDS = tuple(LOWEST * RATIO ** (step + 0.5) for step in range(254))
"""The bounds between each level and the next: half way by their logarithms."""
SATURATION = tuple(level / (K1 + level) for level in LEVELS)
"""What a posting brings of its word's weight, by its code."""

NORMS = tuple((field.weight, 1 - field.b, field.b / field.pivot) for field in FIELDS)
"""Of each field, in table order: (weight, base, slope) of ``weight / (base + slope * length)``."""
MOST = tuple((1 << field.bits) - 1 for field in FIELDS)
"""How often a word or a run of words counts in each field, at most."""
# The first bit of each field's count in a posting's packed frequencies, in table order.
SHIFTS = tuple(accumulate((field.bits for field in FIELDS), initial=0))[:-1]
MASKS = tuple(most << shift for most, shift in zip(MOST, SHIFTS, strict=True))
_BITS = tuple(zip(range(len(FIELDS)), MASKS, SHIFTS, strict=True))


def norms(lengths: Iterable[int], weights: Sequence[float] | None = None) -> tuple[float, ...]:
    """What one occurrence counts in each field of a paper, from the fields' lengths, in table order.

    ``weights`` in place of those of the table hold for queries alone; an index is made with those of the table.
    """
    found = [weight / (base + slope * length) for (weight, base, slope), length in zip(NORMS, lengths, strict=True)]
    if weights is not None:
        found = [norm * own / usual for norm, own, (usual, _, _) in zip(found, weights, NORMS, strict=True)]
    return tuple(found)


def norm(place: int, length: int, weights: Sequence[float] | None = None) -> float:
    """What one occurrence counts in the field at a place of the table; see ``norms``."""
    weight, base, slope = NORMS[place]
    found = weight / (base + slope * length)
    return found if weights is None else found * weights[place] / weight


def weights_of(changes: Mapping[str, float]) -> tuple[float, ...] | None:
    """The weights of all fields, some of them changed; None if they are those of the table. Raises ``UsageError`` for a
    field that there is not, and for a weight that is not a number from 0 to 100."""
    for name, weight in changes.items():
        if name not in BY_NAME:
            raise UsageError(f"there is no field {name!r} to weigh", f"choose one of {', '.join(BY_NAME)}")
        if not is_weight(weight):
            raise UsageError(f"the weight of {name} is {weight!r}", "it must be a number from 0 to 100")
    changed = tuple(changes.get(field.name, field.weight) for field in FIELDS)
    return None if changed == tuple(field.weight for field in FIELDS) else changed


def pseudo_frequency(frequencies: int, norms: Sequence[float]) -> float:
    """BM25F's tf of a posting from its packed frequencies and the paper's ``norms``."""
    total = 0.0
    for place, mask, shift in _BITS:
        if count := frequencies & mask:
            total += norms[place] * (count >> shift)
    return total


def to_code(tf: float) -> int:
    """The nearest level's number, 1 to 255."""
    return 1 + bisect_right(BOUNDS, tf)


def unpack(frequencies: int) -> tuple[int, ...]:
    """A posting's counts in each field, in table order, from its 16 bits of packed frequencies."""
    return tuple((frequencies & mask) >> shift for mask, shift in zip(MASKS, SHIFTS, strict=True))
