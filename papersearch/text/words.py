"""The tokenizer: a text in, its terms out, for indexing, for queries and for highlighting alike.

A *chunk* is a run of letters and digits with what may stand inside a word (``end-to-end``, ``Qwen2.5``, ``R&D``).
It is split into *parts* at hyphens, camel humps and before digits; each part is folded (compatibility forms, case,
accents, Greek letters to their names) into a *word* and stemmed into a *term*. The terms in order are the sequence.
What several parts of one chunk give when written as one word are the extras, which have no position: so ``zero-shot``
and ``ZeroShot`` (zero, shot, extra zeroshot) meet ``zero shot`` by adjacency and ``zeroshot`` by the extra.
Chinese, Japanese and Korean runs become overlapping pairs of characters.

What stands between white space (a *token*) is looked up in a cache first. The caches are
plain dictionaries, so any number of threads may call in. Owns no knowledge of fields, queries or the index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from papersearch.text import chunks, stemmer
from papersearch.text.stopwords import STOP_WORDS

_MAX_JOINED = 5
"""Parts up to which every run of neighbours is joined (chosen); of longer chunks only pairs, triples and the whole."""

_MAX_TOKEN = 100
"""Characters of the longest token that is cached (chosen: longer ones hardly come twice)."""

_GENERATION = 100_000
"""Tokens in one generation of the cache (chosen: about 20 MB); the generation before is kept as well."""

_SLICE = 20_000
"""Tokens handled at once (chosen), so that one huge text cannot grow the cache without bound."""

# Plurals of acronyms in lower case, which the stemmer, looking for a vowel, leaves alone: llms, gnns; gpus, pdes.
_NO_VOWEL = re.compile("[b-df-hj-np-tv-xz]{3,}s")
_ONE_VOWEL = re.compile("([b-df-hj-np-tv-xz]{2,4})[aeiou]s")
_ONSETS = (
    "bl br ch cl cr dr dw fl fr gh gl gn gr kh kl kn kr ph phl phr pl pn pr ps rh sc sch schr schl schn schw scr sh"
    " shr sk sl sm sn sp sph spl spr sq st str sv sw th thr tr ts tw wh wr"
)


class QueryWord(NamedTuple):
    """One word of a query. ``joins`` are the extras that start at this word: (term, how many words it covers)."""

    start: int
    end: int
    text: str
    word: str
    term: str
    stop: bool
    chunk: int
    joins: tuple[tuple[str, int], ...]


# What stands around tokens without ever belonging to one.
_NOT_IN_WORDS = ".,;:!?()[]{}\"'"


class _Long(Exception):
    """Raised by the caches for a token too long to be kept."""


class _Terms(dict[str, tuple[str, ...]]):
    """Token -> its terms in order, computed when first asked for. ``extras`` holds only the tokens that have some.

    What the generation before knows is taken over when it is asked for again.
    """

    __slots__ = ("extras", "older", "older_extras")

    def __init__(self, older: _Terms | None = None) -> None:
        super().__init__()
        self.extras: dict[str, tuple[str, ...]] = {}
        self.older: dict[str, tuple[str, ...]] = dict(older) if older else {}
        self.older_extras: dict[str, tuple[str, ...]] = older.extras if older else {}

    def __missing__(self, token: str) -> tuple[str, ...]:
        if len(token) > _MAX_TOKEN:
            raise _Long
        core = token.strip(_NOT_IN_WORDS)
        if core[1:].islower() and core[0].isupper() and core.isascii() and core.isalpha():
            core = core.lower()
        terms = self.older.get(token)
        if terms is not None:
            extras = self.older_extras.get(token, ())
        elif core == token:
            terms, extras = _compute(token)
        else:
            terms = self[core]
            extras = self.extras.get(core, ())
        if extras:
            self.extras[token] = extras
        self[token] = terms
        return terms


class _Surfaces(dict[str, tuple[str, ...]]):
    """Token -> its words that can be misspelled."""

    def __missing__(self, token: str) -> tuple[str, ...]:
        if len(token) > _MAX_TOKEN:
            raise _Long
        found = self[token] = _compute_surfaces(token)
        return found


class _Places(dict[str, tuple[tuple[int, int, str, bool], ...]]):
    """Chunk -> its spans, counted from its start."""

    def __missing__(self, chunk: str) -> tuple[tuple[int, int, str, bool], ...]:
        parts = chunks.parts(chunk)
        words = [word for _, _, word in parts]
        terms = tuple(map(stem, words))
        found = [(start, end, term, False) for (start, end, _), term in zip(parts, terms, strict=True)]
        for term, first, count in _joins(chunk, words, terms):
            found.append((parts[first][0], parts[first + count - 1][1], term, True))
        result = tuple(found)
        if len(chunk) <= chunks.MAX_CHUNK:
            self[chunk] = result
        return result


_terms = _Terms()
_surfaces = _Surfaces()
_places = _Places()


def analyze(text: str) -> tuple[list[str], list[str]]:
    """The sequence of ``text`` (one term per position) and its extras (compounds without a position, as often as
    they occur). Costs about 40 µs for an abstract whose words were seen before, 5 to 10 µs for each that was not."""
    global _terms
    sequence: list[str] = []
    extras: list[str] = []
    for tokens in _slices(text):
        terms = _terms
        if len(terms) > _GENERATION:
            terms = _terms = _Terms(terms)
        try:
            found = list(chain.from_iterable(map(terms.__getitem__, tokens)))
        except _Long:
            for token in tokens:
                some, more = _compute(token) if len(token) > _MAX_TOKEN else (terms[token], terms.extras.get(token, ()))
                sequence += some
                extras += more
            continue
        sequence += found
        compound = terms.extras
        for token in filter(compound.__contains__, tokens):
            extras += compound[token]
    return sequence, extras


def surfaces(text: str) -> list[str]:
    """The folded, unstemmed words of ``text`` that are letters only and three or longer, also those that the parts of
    a chunk give when written as one; nothing of CJK runs."""
    global _surfaces
    result: list[str] = []
    for tokens in _slices(text):
        known = _surfaces
        if len(known) > _GENERATION:
            known = _surfaces = _Surfaces()
        try:
            result += list(chain.from_iterable(map(known.__getitem__, tokens)))
        except _Long:
            for token in tokens:
                result += _compute_surfaces(token) if len(token) > _MAX_TOKEN else known[token]
    return result


def spans(text: str) -> list[tuple[int, int, str, bool]]:
    """(start, end, term, whether it is an extra) of all that ``analyze`` finds, chunk by chunk, the extras after the
    terms of their chunk. Offsets count code points of ``text``; an extra covers all its parts. Costs about 140 µs for
    an abstract whose words were seen before."""
    global _places
    known = _places
    if len(known) > _GENERATION // 4:
        known = _places = _Places()
    return [
        (start + a, start + b, term, extra) for start, chunk in chunks.find(text) for a, b, term, extra in known[chunk]
    ]


def query_words(text: str) -> list[QueryWord]:
    """The words of a query in order, with everything the engine asks of them."""
    result: list[QueryWord] = []
    for number, (start, chunk) in enumerate(chunks.find(text)):
        parts = chunks.parts(chunk)
        words = [word for _, _, word in parts]
        terms = tuple(map(stem, words))
        joins: dict[int, list[tuple[str, int]]] = {}
        for term, first, count in _joins(chunk, words, terms):
            joins.setdefault(first, []).append((term, count))
        for index, ((a, b, word), term) in enumerate(zip(parts, terms, strict=True)):
            result.append(
                QueryWord(
                    start + a,
                    start + b,
                    text[start + a : start + b],
                    word,
                    term,
                    word in STOP_WORDS,
                    number,
                    tuple(joins.get(index, ())),
                )
            )
    return result


def forget() -> None:
    """Empties the caches; for measurements and tests of what the first use costs and gives."""
    global _terms, _surfaces, _places
    _terms = _Terms()
    _surfaces = _Surfaces()
    _places = _Places()


def joined(words: Sequence[str]) -> str:
    """The term that the folded, unstemmed ``words`` give when they are written as one."""
    return stem("".join(words)[: chunks.MAX_TERM])


def stem(word: str) -> str:
    """The term of a folded word: its English stem, or the word itself where it does not end in an English letter."""
    if len(word) < 3 or not word.isascii() or not word[-1].isalpha() or "&" in word:
        return word
    if word[-1] == "s" and len(word) < 9:
        if _NO_VOWEL.fullmatch(word):
            return word[:-1] if word[-2] != "s" else word
        onset = _ONE_VOWEL.fullmatch(word)
        if onset and onset[1] not in _ONSETS.split():
            return word[:-1]
    return stemmer.stem(word)


def _slices(text: str) -> Iterator[list[str]]:
    """What stands between white space, a bounded number at a time. No chunk reaches across white space."""
    tokens = text.split()
    if len(tokens) <= _SLICE:
        yield tokens
    else:
        for start in range(0, len(tokens), _SLICE):
            yield tokens[start : start + _SLICE]


def _compute(token: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The terms and the extras of ``token``."""
    if token.isalpha() and token.isascii() and token.islower():
        return (stem(token[: chunks.MAX_TERM]),), ()
    sequence: list[str] = []
    extras: list[str] = []
    for _, chunk in chunks.find(token):
        words = [word for _, _, word in chunks.parts(chunk)]
        terms = tuple(map(stem, words))
        sequence += terms
        extras += (term for term, _, _ in _joins(chunk, words, terms))
    return tuple(sequence), tuple(extras)


def _compute_surfaces(token: str) -> tuple[str, ...]:
    """The words of ``token`` that can be misspelled."""
    core = token.strip(_NOT_IN_WORDS)
    if core.isascii() and core.isalpha() and (core.islower() or core[1:].islower()):  # as most are
        return (core.lower(),) if len(core) > 2 else ()
    found: list[str] = []
    for _, chunk in chunks.find(token):
        if not chunks.is_cjk(chunk):
            parts = [word for _, _, word in chunks.parts(chunk)]
            if len(parts) > 1 and len(chunk) <= chunks.MAX_TERM:
                parts.append("".join(parts))  # LoRA is known as lora, ZeroShot as zeroshot
            found += (word for word in parts if len(word) > 2 and word.isalpha())
    return tuple(found)


def _joins(chunk: str, words: list[str], terms: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """(term, first part, how many parts) of the extras of a chunk: its words written as one."""
    count = len(words)
    if len(chunk) > chunks.MAX_CHUNK or chunks.is_cjk(chunk):
        return []
    if count == 1:
        return [(stem(words[0].replace("&", "")), 0, 1)] if "&" in words[0] else []
    seen = set(terms)
    result = []
    for first in range(count - 1):
        for length in range(2, count - first + 1):
            if length > 3 and count > _MAX_JOINED and length < count:
                continue
            term = joined(words[first : first + length])
            if term not in seen:
                seen.add(term)
                result.append((term, first, length))
    return result
