"""The arithmetic of inverting posts, on whole arrays: from streams of tokens to counted and weighed postings, which
``packing`` writes.

numpy sorts and counts the words of thousands of papers in a tenth of the time that plain Python takes. Loading it costs
as much as a query, so nothing that answers queries may import this module.

Documents and terms are numbers here; a *cell* is one field of one document, ``document * fields + place of the field``,
and a *key* a term in a cell, ``term << 32 | cell``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from itertools import chain
from typing import NamedTuple, TypeVar

from papersearch.core.fields import FIELDS
from papersearch.core.numeric import numpy as np
from papersearch.core.numeric import repeat
from papersearch.engine.index.weights import BOUNDS, MOST, NORMS, SHIFTS

Term = TypeVar("Term")
Run = TypeVar("Run")

_FIELDS = len(FIELDS)
_MOST = np.array(MOST, np.uint32)
_SHIFTS = np.array(SHIFTS, np.uint32)
_HALF = np.uint64(32)
# Numbers whose bits are the same but for the last ``_REST`` differ by 1.6 % at most, bounds by 3.2 %. For each such
# beginning from below the first bound to above the last: the code that it has at least, and the bound that comes next.
_REST = 46
_FIRST, _LAST = (np.array([BOUNDS[0] * 0.9, BOUNDS[-1] * 1.1]).view(np.int64) >> _REST).tolist()
_BEGINNINGS = (np.arange(_FIRST, _LAST + 1, dtype=np.int64) << _REST).view(np.float64)
_CODES = np.searchsorted(BOUNDS, _BEGINNINGS, "right").astype(np.uint8) + 1
_NEXT = np.array([*BOUNDS, np.inf])[_CODES - 1]


class Lists:
    """A list of terms for each token."""

    def __init__(self, lists: Sequence[Sequence[Term]], numbers: Mapping[Term, int]) -> None:
        """``numbers`` gives each term's place in the dictionary, or what stands for it until that is known."""
        self._counts = np.fromiter(map(len, lists), np.int32, len(lists))
        self._starts = before(self._counts)
        terms = map(numbers.__getitem__, chain.from_iterable(lists))
        self._terms = np.fromiter(terms, np.uint32, int(self._counts.sum()))

    def renumbered(self, ordinals: np.ndarray) -> Lists:
        """The same lists; ``ordinals`` are the places in the dictionary of the terms with each number."""
        lists = copy(self)
        lists._terms = ordinals[self._terms]
        return lists

    def has(self, tokens: np.ndarray) -> np.ndarray:
        """Which tokens of a stream have any."""
        return np.flatnonzero((self._counts > 0)[tokens])

    def of(self, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The terms of a stream of tokens by ordinal, in order, and how many each token has."""
        counts = self._counts[tokens]
        places = repeat(self._starts[tokens] - before(counts), counts)
        places += np.arange(len(places), dtype=np.int32)
        return self._terms[places], counts


class Columns(NamedTuple):
    """Postings in order of term and document, a column for each of their parts. Terms that are no words have no
    ``codes`` and no ``numbers``; these are packed frequencies until ``Profiles.numbers`` turns them into the numbers
    of profiles."""

    terms: np.ndarray
    docs: np.ndarray
    codes: np.ndarray | None = None
    numbers: np.ndarray | None = None


class Values(NamedTuple):
    """The values of all cells: a text is one, and so is each of several authors or tags. ``ends`` is where each ends in
    the stream of terms, and ``cells`` are the cells that they are of."""

    ends: np.ndarray
    cells: np.ndarray

    def breaks(self, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(how many there are in each document, where) of the places in its row at which the next value of a cell
        begins, whatever its words."""
        inner = np.flatnonzero(self.cells[1:] == self.cells[:-1])
        docs = self.cells[inner] // _FIELDS
        begin = before(lengths.sum(axis=1, dtype=np.int64))
        return np.bincount(docs, minlength=len(lengths)), (self.ends[inner] - begin[docs]).astype(np.uint32)


def stream(
    tokens: np.ndarray, ends: np.ndarray, cells: np.ndarray, sequences: Lists
) -> tuple[np.ndarray, np.ndarray, Values]:
    """(terms, lengths, values) of a stream of tokens with the end of a value at each of ``ends``, and the cells that
    these are of: the terms of all documents in order, by ordinal, how many there are in each cell, a row for each
    document, and the values."""
    terms, counts = sequences.of(tokens)
    values = Values(np.concatenate(([0], np.cumsum(counts)))[ends], cells)
    until = values.ends[lasts(cells)]
    return terms, np.diff(until, prepend=0).astype(np.uint32).reshape(-1, _FIELDS), values


def lasts(cells: np.ndarray) -> np.ndarray:
    """The last value of each cell."""
    return np.flatnonzero(np.diff(cells, append=-1))


def keys(
    terms: np.ndarray,
    lengths: np.ndarray,
    tokens: np.ndarray,
    ends: np.ndarray,
    compounds: Lists,
    runs: Mapping[int, np.ndarray],
) -> np.ndarray:
    """The keys of a stream's terms, of its compounds, which have no place of their own, and of ``runs``: ordinals, and
    the cells in which each stands."""
    in_order = repeat(np.arange(lengths.size, dtype=np.uint32), lengths.ravel())
    having = compounds.has(tokens)
    more, counts = compounds.of(tokens[having])
    beside = repeat(np.searchsorted(ends, having, "right"), counts).astype(np.uint32)
    more = np.concatenate([more, *(np.full(len(cells), ordinal, np.uint32) for ordinal, cells in runs.items())])
    return np.concatenate((_keys(terms, in_order), _keys(more, np.concatenate([beside, *runs.values()]))))


def standing(terms: np.ndarray, values: Values, runs: Mapping[Run, Sequence[int]]) -> dict[Run, np.ndarray]:
    """The cells in which the words of each of some runs stand side by side in one value, once for each time, of those
    that do."""
    firsts = np.array([run[0] for run in runs.values()], np.uint32)
    begins = np.zeros(1 + max(int(terms.max(initial=0)), int(firsts.max(initial=0))), bool)
    begins[firsts] = True
    any_begins = np.flatnonzero(begins[terms])
    which = terms[any_begins]
    found = {}
    for name, run in runs.items():
        places = any_begins[which == run[0]]
        value = np.searchsorted(values.ends, places, "right")
        within = places + len(run) <= values.ends[value]
        places, value = places[within], value[within]
        for number, word in enumerate(run[1:], 1):
            held = terms[places + number] == word
            places, value = places[held], value[held]
        if len(places):
            found[name] = values.cells[value].astype(np.uint32)
    return found


def _keys(terms: np.ndarray, cells: np.ndarray) -> np.ndarray:
    keys = terms.astype(np.uint64)
    keys <<= _HALF
    keys |= cells
    return keys


def count(keys: np.ndarray, lengths: np.ndarray, most: int = 50_000) -> Iterator[Columns]:
    """The postings of all terms, some terms at a time, from a key for each time that one stands in a cell; sorts
    ``keys``. About ``most`` keys at a time: what is made of so many fits into the processor's cache (chosen)."""
    keys.sort()
    norms = _norms(lengths)
    start = 0
    while start < len(keys):
        end = start + most
        if end < len(keys):  # as far as the term goes that stands there
            end = int(np.searchsorted(keys, (keys[end] >> _HALF) + np.uint64(1) << _HALF))
        yield _counted(keys[start:end], norms)
        start = end


def _counted(keys: np.ndarray, norms: np.ndarray) -> Columns:
    """The postings of sorted keys, a term and a cell each."""
    first = firsts(keys)
    counts = np.diff(first, append=len(keys))
    keys = keys[first]
    docs, fields = np.divmod(keys.astype(np.uint32), np.uint32(_FIELDS))
    counts = np.minimum(counts, _MOST[fields])

    # A posting is what the cells of one document and one term say.
    terms = (keys >> _HALF).astype(np.uint32)
    start = firsts(keys - fields)
    frequencies = np.add.reduceat(counts << _SHIFTS[fields], start).astype(np.uint32)
    posting = repeat(np.arange(len(start)), np.diff(start, append=len(keys)))
    # Added up in the order of the fields, as ``weights.pseudo_frequency`` does.
    tf = np.bincount(posting, norms[docs, fields] * counts)
    return Columns(terms[start], docs[start], codes_of(tf), frequencies)


def codes_of(tf: np.ndarray) -> np.ndarray:
    """The code of each number, as ``weights.to_code`` gives it, at a fifteenth of what a search for each costs: how a
    number begins says between which bounds it lies, but for one that it is compared with."""
    places = np.clip((tf.view(np.int64) >> _REST) - _FIRST, 0, len(_NEXT) - 1)
    codes = _CODES[places]
    codes += tf >= _NEXT[places]
    return codes


class Profiles:
    """The different frequencies of postings, numbered from the commonest on."""

    def __init__(self, values: np.ndarray, shares: np.ndarray) -> None:
        """``values`` with how many postings have each; the same value may come more than once."""
        place = np.argsort(values)
        values = values[place]
        first = firsts(values)
        different = values[first]
        total = np.add.reduceat(shares[place], first) if len(first) else np.empty(0, np.int64)
        order = np.lexsort((different, -total))
        self.table = list(zip(different[order].tolist(), total[order].tolist(), strict=True))
        self._sorted = different
        self._numbers = np.empty(len(order), np.uint32)
        self._numbers[order] = np.arange(len(order), dtype=np.uint32)

    def numbers(self, values: np.ndarray) -> np.ndarray:
        """The numbers of some of the values."""
        return self._numbers[np.searchsorted(self._sorted, values)]


def shares(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different values, in order, and how often each comes."""
    values = np.sort(values)
    first = firsts(values)
    return values[first], np.diff(first, append=len(values))


def firsts(values: np.ndarray) -> np.ndarray:
    """Where each run of equal values begins. ``np.unique`` tells as much, but loads all of ``numpy.ma``."""
    begins = np.ones(len(values), bool)
    begins[1:] = values[1:] != values[:-1]
    return np.flatnonzero(begins)


def before(counts: np.ndarray) -> np.ndarray:
    """How many come before each of some runs of these lengths: their exclusive prefix sums."""
    return np.cumsum(counts, dtype=counts.dtype) - counts


def _norms(lengths: np.ndarray) -> np.ndarray:
    """What one occurrence counts in each cell; as ``weights.norms``."""
    weights, bases, slopes = np.array(NORMS).T
    return weights / (bases + slopes * lengths)
