"""The arithmetic of an inversion on whole arrays: streams of tokens to counted, weighed and packed postings.

The only module that loads numpy, which sorts and counts the words of thousands of papers in a tenth of the time that
plain Python takes. Loading it costs as much as a query, so nothing that answers queries may import this module.

Documents and terms are numbers here; a *cell* is one field of one document, ``document * fields + place of the field``,
and a *key* a term in a cell, ``term << 32 | cell``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

# No linear algebra is done here, and the threads for it would double the cost of loading.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from papersearch.core.fields import FIELDS
from papersearch.engine.index.weights import BOUNDS, SHIFTS

_FIELDS = len(FIELDS)
_MOST = np.array([(1 << field.bits) - 1 for field in FIELDS], np.uint16)
_SHIFTS = np.array(SHIFTS, np.uint16)
_HALF = np.uint64(32)
# Keys that are counted at once: what is made of them fits into the processor's cache (chosen).
_AT_ONCE = 50_000


class Lists:
    """A list of terms for each token."""

    def __init__(self, lists: Sequence[Sequence[int]], ordinals: np.ndarray) -> None:
        """``ordinals`` gives each term's place in the dictionary by the number that it has in ``lists``."""
        self._counts = np.fromiter(map(len, lists), np.int32, len(lists))
        self._starts = _before(self._counts)
        self._terms = ordinals[np.fromiter(chain.from_iterable(lists), np.int32, int(self._counts.sum()))]

    def has(self, tokens: np.ndarray) -> np.ndarray:
        """Which tokens of a stream have any."""
        return np.flatnonzero((self._counts > 0)[tokens])

    def of(self, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The terms of a stream of tokens by ordinal, in order, and how many each token has."""
        counts = self._counts[tokens]
        places = np.repeat(self._starts[tokens] - _before(counts), counts)
        places += np.arange(len(places), dtype=np.int32)
        return self._terms[places], counts


class Packed(NamedTuple):
    """The postings of some terms, as ``terms`` lays them out: of the n-th ``data[starts[n]:starts[n + 1]]``."""

    data: memoryview
    starts: list[int]
    frequencies: list[int]
    tops: list[int]


class _Postings(NamedTuple):
    """Postings in order of term and document, a column for each of their parts."""

    terms: np.ndarray
    docs: np.ndarray
    codes: np.ndarray
    frequencies: np.ndarray


def ordinals(order: Sequence[int], first: int) -> np.ndarray:
    """The ordinal of each term number, when ``order`` has the numbers in dictionary order, from ``first`` on."""
    places = np.empty(len(order), np.uint32)
    places[order] = np.arange(first, first + len(order), dtype=np.uint32)
    return places


def stream(tokens: np.ndarray, ends: np.ndarray, sequences: Lists) -> tuple[np.ndarray, np.ndarray]:
    """(terms, lengths) of a stream of tokens that has the cells' ends at ``ends``: the terms of all documents in order,
    by ordinal, and how many there are in each cell, a row for each document."""
    terms, counts = sequences.of(tokens)
    until = np.concatenate(([0], np.cumsum(counts)))[ends]
    return terms, np.diff(until, prepend=0).astype(np.uint32).reshape(-1, _FIELDS)


def keys(terms: np.ndarray, lengths: np.ndarray, tokens: np.ndarray, ends: np.ndarray, compounds: Lists) -> np.ndarray:
    """The keys of a stream's terms, and of its compounds, which have no place of their own."""
    in_order = np.repeat(np.arange(lengths.size, dtype=np.uint32), lengths.ravel())
    having = compounds.has(tokens)
    more, counts = compounds.of(tokens[having])
    beside = np.repeat(np.searchsorted(ends, having, "right"), counts)
    return np.concatenate((_keys(terms, in_order), _keys(more, beside.astype(np.uint32))))


def _keys(terms: np.ndarray, cells: np.ndarray) -> np.ndarray:
    keys = terms.astype(np.uint64)
    keys <<= _HALF
    keys |= cells
    return keys


def pack(keys: np.ndarray, lengths: np.ndarray) -> Iterator[Packed]:
    """The postings of all terms, some terms at a time, from a key for each time that one stands in a cell; sorts
    ``keys``."""
    keys.sort()
    norms = _norms(lengths)
    start = 0
    while start < len(keys):
        end = start + _AT_ONCE
        if end < len(keys):  # as far as the term goes that stands there
            end = int(np.searchsorted(keys, (keys[end] >> _HALF) + np.uint64(1) << _HALF))
        yield _laid_out(_counted(keys[start:end], norms))
        start = end


def _counted(keys: np.ndarray, norms: np.ndarray) -> _Postings:
    """The postings of sorted keys, a term and a cell each."""
    first = _firsts(keys)
    counts = np.diff(first, append=len(keys))
    keys = keys[first]
    docs, fields = np.divmod(keys.astype(np.uint32), np.uint32(_FIELDS))
    counts = np.minimum(counts, _MOST[fields])

    # A posting is what the cells of one document and one term say.
    terms = (keys >> _HALF).astype(np.uint32)
    start = _firsts(keys - fields)
    frequencies = np.add.reduceat(counts << _SHIFTS[fields], start).astype(np.uint16)
    posting = np.repeat(np.arange(len(start)), np.diff(start, append=len(keys)))
    # Added up in the order of the fields, as ``weights.pseudo_frequency`` does.
    tf = np.bincount(posting, norms[docs, fields] * counts)
    codes = (np.searchsorted(BOUNDS, tf, "right") + 1).astype(np.uint8)
    return _Postings(terms[start], docs[start], codes, frequencies)


def _firsts(values: np.ndarray) -> np.ndarray:
    """Where each run of equal values begins."""
    return np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))


def _before(counts: np.ndarray) -> np.ndarray:
    """How many come before each of some runs of these lengths."""
    return np.cumsum(counts, dtype=counts.dtype) - counts


def _norms(lengths: np.ndarray) -> np.ndarray:
    """What one occurrence counts in each cell; as ``weights.norms``."""
    weights, bases, slopes = np.array([(field.weight, 1 - field.b, field.b / field.pivot) for field in FIELDS]).T
    return weights / (bases + slopes * lengths)


def _laid_out(postings: _Postings) -> Packed:
    """Postings as bytes: for each term documents, codes and frequencies, padded to 4 bytes."""
    first = _firsts(postings.terms)
    counts = np.diff(first, append=len(postings.terms))
    sizes = (7 * counts + 3) // 4 * 4
    starts = _before(sizes)
    place = np.arange(len(postings.terms))
    data = np.zeros(int(sizes.sum()), np.uint8)
    data.view("<u4")[np.repeat(starts // 4 - first, counts) + place] = postings.docs
    data[np.repeat(starts + 4 * counts - first, counts) + place] = postings.codes
    values = np.repeat(starts + 5 * counts - 2 * first, counts) + 2 * place
    data[values] = postings.frequencies & 0xFF
    data[values + 1] = postings.frequencies >> 8
    tops = np.maximum.reduceat(postings.codes, first)
    return Packed(memoryview(data), [*starts.tolist(), len(data)], counts.tolist(), tops.tolist())
