"""The tokenizer: a text in, its terms out, for indexing, for queries and for highlighting alike.

A text is cut into *chunks*, and these into *parts* (see ``chunks``); each part is folded (compatibility forms, case,
accents, Greek letters to their names) into a *word* and stemmed into a *term*. The terms in order are the sequence.
What several parts of one chunk give when written as one word are the extras, which have no position: so ``zero-shot``
and ``ZeroShot`` (zero, shot, extra zeroshot) meet ``zero shot`` by adjacency and ``zeroshot`` by the extra. A part has
extras too if it is more than one word, see ``_twins``.

What stands between white space (a *token*) is looked up in a cache first. Any number of threads may call in. Owns no
knowledge of fields, queries or the index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain

import Stemmer

from papersearch.core.frozen import NamedTuple
from papersearch.text import chunks
from papersearch.text.citations import citing
from papersearch.text.folding import fold, transcribed
from papersearch.text.inflection import TWO, regular
from papersearch.text.stopwords import NO_ACRONYMS, STOP_WORDS

_MAX_JOINED = 5
"""Parts up to which every run of neighbours is joined (chosen); of longer chunks only pairs, triples and the whole."""

_MAX_TOKEN = 100
"""Characters of the longest token that is cached (chosen: longer ones hardly come twice)."""

_TOKENS = 50_000
"""Tokens and words that are cached (chosen: about 20 MB)."""

_MOST_ACRONYMS = 2
"""Words of a query all in capitals that may be acronyms (chosen); more of them are shouted."""

# Plurals of acronyms in lower case, which the stemmer, looking for a vowel, leaves alone: llms, gnns; gpus, pdes.
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxz")
_ONSETS = frozenset(
    "bl br ch cl cr dr dw fl fr gh gl gn gr kh kl kn kr ph phl phr pl pn pr ps rh sc sch schr schl schn schw scr sh"
    " shr sk sl sm sn sp sph spl spr sq st str sv sw th thr tr ts tw wh wr".split()
)


class QueryWord(NamedTuple):
    """One word of a query, as the engine looks for it. ``text`` is what stands from ``start`` to ``end`` (code points
    of the query), ``word`` that folded, ``term`` that stemmed. ``stop``: it tells nothing. ``chunk`` numbers the chunk
    that it is a part of. ``joins`` are the extras that start at this word: (term, how many words it covers)."""

    start: int
    end: int
    text: str
    word: str
    term: str
    stop: bool
    chunk: int
    joins: tuple[tuple[str, int], ...]


# What stands around tokens without ever belonging to one.
_NOT_IN_WORDS = ".,;:!?()[]{}\"'“”‘’…–—"

# ASCII that is part of no word and tells nothing about its neighbours.
_MARKS = b'()[]{}<>"`:;!?/\\|=*~^$%@'
_BLANKS = bytes.maketrans(_MARKS, b" " * len(_MARKS))

# Plain words that may have twins.
_WITH_TWINS = STOP_WORDS | TWO.keys()

# Porter's second English stemmer, by the Snowball project. Its calls hold Python's lock, so threads can share it.
_snowball: Callable[[str], str] = Stemmer.Stemmer("english", 0).stemWord
STEMMER = f"snowball {Stemmer.version()}"
"""The stemmer and its version: another one may stem otherwise."""

TokenParts = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""What stands between white space, taken apart: its terms in order, extras (compounds without a position), and
surfaces, the folded, unstemmed words that can be misspelled: letters only and three or longer, also what the parts of a
chunk give when written as one; nothing of CJK runs."""


class _Places(dict[str, tuple[tuple[int, int, str, bool], ...]]):
    """Chunk -> its spans, counted from its start."""

    def __missing__(self, chunk: str) -> tuple[tuple[int, int, str, bool], ...]:
        parts = chunks.parts(chunk)
        terms = tuple([stem(word) for _, _, word in parts])
        found = [(start, end, term, False) for (start, end, _), term in zip(parts, terms, strict=True)]
        for term, first, count in _joins(chunk, parts, terms):
            found.append((parts[first][0], parts[first + count - 1][1], term, True))
        result = tuple(found)
        if len(chunk) <= chunks.MAX_CHUNK:
            self[chunk] = result
        return result


_places = _Places()


def tokens(text: str) -> list[str]:
    """What stands between blanks. Most marks that belong to no word are blanks too: that leaves far fewer different
    tokens, of the same words."""
    return split(blanked(text).replace(b", ", b" ").replace(b". ", b" "))


def blanked(text: str) -> bytearray:
    """``text`` in UTF-8 with blanks in place of what is part of no word."""
    return bytearray(text.encode("utf-8", "surrogatepass")).translate(_BLANKS)


def split(blanked: bytearray) -> list[str]:
    """What stands between the blanks."""
    return blanked.decode("utf-8", "surrogatepass").split()


def take_apart(token: str) -> TokenParts:
    """What stands between white space, taken apart. Costs about 1 µs for a plain word, 5 µs for a compound."""
    core = token.strip(_NOT_IN_WORDS)
    if core.isascii():
        if core.isalpha():
            if core.islower() or core.istitle() or core.isupper():  # as most are
                word = core.lower()
                also = _twins(core, word) if word in _WITH_TWINS else ()
                return (stem(word[: chunks.MAX_TERM]),), also, (word,) if len(word) > 2 else ()
        elif "-" in core and len(core) <= chunks.MAX_TERM and all(map(_is_plain, parts := core.split("-"))):
            return _plain_compound(core, [part.lower() for part in parts])
    return _take_apart_any(core)


_known = lru_cache(_TOKENS)(take_apart)


def token(text: str) -> TokenParts:
    """As ``take_apart``, at 0.1 µs for what was seen before."""
    return _known(text) if len(text) <= _MAX_TOKEN else take_apart(text)


def analyze(text: str) -> tuple[list[str], list[str]]:
    """The sequence of ``text`` (one term per position) and its extras (compounds without a position, as often as
    they occur)."""
    sequence: list[str] = []
    extras: list[str] = []
    for terms, more, _ in map(token, tokens(text)):
        sequence += terms
        extras += more
    return sequence, extras


def surfaces(text: str) -> list[str]:
    """The words of ``text`` that can be misspelled, see ``TokenParts``."""
    return list(chain.from_iterable(found for _, _, found in map(token, tokens(text))))


def spans(text: str) -> list[tuple[int, int, str, bool]]:
    """(start, end, term, whether it is an extra) of all that ``analyze`` finds, chunk by chunk, the extras after the
    terms of their chunk. Offsets count code points of ``text``; an extra covers all its parts. Costs about 140 µs for
    an abstract whose words were seen before."""
    global _places
    known = _places
    if len(known) > _TOKENS // 4:
        known = _places = _Places()
    core = text.strip(_NOT_IN_WORDS)
    if core.isascii():
        at = text.index(core)
        if core.isalpha() and (core.islower() or core[1:].islower() or core.isupper()):  # a word alone
            word = core.lower()
            if word not in _WITH_TWINS:  # as nearly all
                return [(at, at + len(core), stem(word[: chunks.MAX_TERM]), False)]
            terms, extras, _ = token(core)
            return [(at, at + len(core), term, False) for term in terms] + [
                (at, at + len(core), term, True) for term in extras
            ]
        if core.count("-") == 1 and len(core) <= chunks.MAX_TERM and not core.isupper():  # two words, most compounds
            parts = core.split("-")
            both = [part.lower() for part in parts]
            if all(map(_is_plain, parts)) and _WITH_TWINS.isdisjoint(both):
                (one, two), whole = map(stem, both), joined(both)
                middle, end = at + len(parts[0]), at + len(core)
                found = [(at, middle, one, False), (middle + 1, end, two, False)]
                return found if whole in (one, two) else [*found, (at, end, whole, True)]
    return [
        (start + a, start + b, term, extra) for start, chunk in chunks.find(text) for a, b, term, extra in known[chunk]
    ]


def query_words(text: str) -> list[QueryWord]:
    """The words of a query in order, with everything the engine asks of them."""
    result: list[QueryWord] = []
    loud = text.isupper() and len(text.split()) > _MOST_ACRONYMS
    for number, (start, chunk) in enumerate(chunks.find(text)):
        parts = chunks.parts(chunk)
        terms = tuple([stem(word) for _, _, word in parts])
        joins: dict[int, list[tuple[str, int]]] = {}
        for term, first, count in _joins(chunk, parts, terms):
            joins.setdefault(first, []).append((term, count))
        dotted = len(parts) > 1 and "." in chunk and all(len(word) == 1 for _, _, word in parts)
        whole = "".join([word for _, _, word in parts]) if dotted else ""  # of A.I. and U.S., which are judged whole
        for index, ((a, b, word), term) in enumerate(zip(parts, terms, strict=True)):
            said, written = (whole, chunk) if whole else (word, chunk[a:b])
            stop = said in STOP_WORDS and (loud or not _is_acronym(written, said))
            place, end = start + a, start + b
            result.append(QueryWord(place, end, text[place:end], word, term, stop, number, tuple(joins.get(index, ()))))
    cited = citing([word.word for word in result])
    if not cited:
        return result
    # He et al. is a name, and et tells nothing.
    return [word._replace(stop=n in cited) if n in cited or n + 1 in cited else word for n, word in enumerate(result)]


def folded(text: str) -> list[str]:
    """The folded, unstemmed words of ``text`` in order."""
    return [word for _, chunk in chunks.find(text) for _, _, word in chunks.parts(chunk)]


def joined(words: Sequence[str]) -> str:
    """The term that the folded, unstemmed ``words`` give when they are written as one."""
    return stem("".join(words)[: chunks.MAX_TERM])


@lru_cache(_TOKENS)
def stem(word: str) -> str:
    """The term of a folded word: its English stem, or the word itself where it does not end in an English letter.
    Irregular plurals and British spellings have the term of what they stand for."""
    if len(word) < 3 or not word.isascii() or not word[-1].isalpha() or "&" in word:
        return word
    if word[-1] == "s" and len(word) < 9:
        onset = word[:-2]
        if _CONSONANTS.issuperset(onset):
            if word[-2] in _CONSONANTS and len(word) > 3:
                return word[:-1] if word[-2] != "s" else word
            if word[-2] in "aeiou" and 1 < len(onset) < 5 and onset not in _ONSETS:
                return word[:-1]
    return _snowball(regular(word))


def _is_plain(part: str) -> bool:
    return part.isalpha() and (part.islower() or part.istitle() or part.isupper())


def _plain_compound(token: str, words: list[str]) -> TokenParts:
    """A token of plain English words with hyphens between them, as most compounds are."""
    terms = tuple(map(stem, words))
    if len(words) == 2 and _WITH_TWINS.isdisjoint(words):
        term = stem("".join(words))
        extras: tuple[str, ...] = (term,) if term not in terms else ()
    else:
        extras = tuple(term for term, _, _ in _joins(token, chunks.parts(token), terms))
    words.append("".join(words))
    return terms, extras, tuple([word for word in words if len(word) > 2])


def _take_apart_any(token: str) -> TokenParts:
    """Any token taken apart."""
    sequence: list[str] = []
    extras: list[str] = []
    surfaces: list[str] = []
    whole = token.isascii() and token.isalnum()
    for chunk in [token] if whole else [chunk for _, chunk in chunks.find(token)]:
        parts = chunks.parts(chunk)
        words = [word for _, _, word in parts]
        terms = tuple(map(stem, words))
        sequence += terms
        extras += [term for term, _, _ in _joins(chunk, parts, terms)]
        if not chunks.is_cjk(chunk):
            if len(words) > 1 and len(chunk) <= chunks.MAX_TERM:
                words.append("".join(words))  # LoRA is known as lora, ZeroShot as zeroshot
            surfaces += [word for word in words if len(word) > 2 and chunks.is_of_letters(word)]
    return tuple(sequence), tuple(extras), tuple(surfaces)


def _joins(chunk: str, parts: Sequence[tuple[int, int, str]], terms: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """(term, first part, how many parts) of the extras of a chunk: its words written as one, and their twins."""
    count = len(parts)
    if len(chunk) > chunks.MAX_CHUNK or chunks.is_cjk(chunk):
        return []
    if count == 1:
        ((start, end, word),) = parts
        return [(term, 0, 1) for term in dict.fromkeys(_twins(chunk[start:end], word)) if term not in terms]
    seen = set(terms)
    result = []

    def add(term: str, first: int, length: int) -> None:
        if term not in seen:
            seen.add(term)
            result.append((term, first, length))

    for first, (start, end, word) in enumerate(parts):
        for twin in _twins(chunk[start:end], word):
            add(twin, first, 1)
        for length in range(2, count - first + 1):
            if length > 3 and count > _MAX_JOINED and length < count:
                continue
            together = "".join([word for _, _, word in parts[first : first + length]])[: chunks.MAX_TERM]
            add(stem(together), first, length)
            start, end, _ = parts[first + length - 1]
            if chunk[end - 1] == "s" and _is_plural(chunk[start:end]):
                add(stem(f"{together}s"[: chunks.MAX_TERM]), first, length)
            if length == count and _is_acronym(chunk, together):
                add(together.upper(), first, length)
    return result


def _twins(text: str, word: str) -> tuple[str, ...]:
    """Other terms of a part, which is written as ``text``: without its ``&``, without ``++`` where that follows a name
    (``PointNet++``, but not ``C++``), of each word that it is a plural of, with its umlauts transcribed; in capitals,
    if it is an acronym that folds to a stop word (``WHO``); and of the plural of an acronym what it gives in one case,
    where nobody can tell that it is one (``LMs``, ``lms``)."""
    if word not in _WITH_TWINS and word.isalnum() and text.isascii() and len(text) == len(word):  # as most
        return ()
    found = []
    if _is_plural(text):
        found.append(stem(f"{word}s"[: chunks.MAX_TERM]))
    if "&" in word:
        found.append(stem(word.replace("&", "")))
    if word.endswith("++") and len(word) > len("c++"):
        found.append(stem(word[:-2]))
    if word in TWO:
        found += map(stem, TWO[word][1:])
    if _is_acronym(text, word):
        found.append(word.upper())
    if not text.isascii() and (other := transcribed(text)) is not None:
        found.append(stem(fold(other)[: chunks.MAX_TERM]))
    return tuple(found)


def _is_plural(text: str) -> bool:
    """Whether the word of a part is without the plural s that it is written with: ``LMs``, ``1990s``."""
    return text[-1] == "s" and len(text) > 2 and (text[-2].isupper() or text[-2].isdigit())


def _is_acronym(text: str, word: str) -> bool:
    """Whether a stop word is written as an acronym: ``IT``, ``U.S.``."""
    return word in STOP_WORDS and word not in NO_ACRONYMS and len(word) > 1 and text.isupper()
