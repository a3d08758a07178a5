"""Posts into a segment: words are counted per paper, and postings gathered per word in memory.

Documents come in order, so a list for each word needs no sorting but that of the words at the end. A posting is kept as
one number, ``document << 32 | weight code << 16 | frequencies``, which all words of a paper with the same frequencies
share, and taken apart by slicing.
"""

from __future__ import annotations

import datetime
import struct
from array import array
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from papersearch.records import Post
from papersearch.store import schema
from papersearch.store.container import SectionWriter
from papersearch.store.documents import pack_stored, write_documents
from papersearch.store.terms import CODES, ONES, PackedTerm, TermsWriter, key_of
from papersearch.store.weights import norms, pseudo_frequency, to_code
from papersearch.text import acronyms, words

_STORED = (
    "version title authors et_al published posted tags url path abstract abstract_line qa qa_line title_line".split()
)


class Document(NamedTuple):
    """A post to be indexed, and the number of the run in which its paper was first seen."""

    post: Post
    first_run: int


def field_texts(post: Post) -> tuple[str, ...]:
    """The text of each field, in table order."""
    return (post.title, "\n".join(post.authors), "\n".join(post.tags), post.abstract, post.qa)


def stored_fields(post: Post) -> dict[str, Any]:
    """What is kept of a post to show it."""
    fields: dict[str, Any] = {"id": post.paper_id}
    for name in _STORED:
        if value := getattr(post, name):
            fields[name] = value
    return fields


def day_number(date: str | None) -> int:
    """Days since year 1 of an ISO date, 0 where there is none."""
    if not date:
        return 0
    try:
        return datetime.date.fromisoformat(date[:10]).toordinal()
    except ValueError:
        return 0


def fold(text: str) -> str:
    """Text as exact values are compared: white space and case do not matter."""
    return " ".join(text.split()).casefold()


class _Numbers(dict[str, tuple[int, ...]]):
    """Token (what stands between white space) -> the numbers of its terms, which are given as they come.

    ``extras`` holds those of its compounds for the few tokens that have some, ``surfaces`` all words as written.
    """

    def __init__(self) -> None:
        super().__init__()
        self.terms: defaultdict[str, int] = defaultdict()
        self.terms.default_factory = self.terms.__len__
        self.extras: dict[str, tuple[int, ...]] = {}
        self.surfaces: set[str] = set()

    def __missing__(self, token: str) -> tuple[int, ...]:
        terms, extras, surfaces = words.token(token)
        number = self.terms.__getitem__
        numbers = self[token] = (number(terms[0]),) if len(terms) == 1 else tuple(map(number, terms))
        if extras:
            self.extras[token] = tuple(map(number, extras))
        self.surfaces.update(surfaces)
        return numbers


class _Bits(dict[int, int]):
    """How often a word stands in a field -> the bits of a posting that say so."""

    def __init__(self, field: schema.Field) -> None:
        super().__init__()
        self._most, self._shift = (1 << field.bits) - 1, field.shift

    def __missing__(self, count: int) -> int:
        bits = self[count] = min(count, self._most) << self._shift
        return bits


_BITS = tuple(map(_Bits, schema.FIELDS))


# Bits that say that a word stands in one field alone -> the field's place.
_ALONE = {count << field.shift: n for n, field in enumerate(schema.FIELDS) for count in range(1, 1 << field.bits)}


def _codes(frequencies: Iterable[int], lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(frequencies, weight code) of words, given the lengths of the fields."""
    known: tuple[float, ...] = ()
    for bits in frequencies:
        place = _ALONE.get(bits)
        if place is not None:
            yield bits, _code_alone(bits, place, lengths[place])
        else:
            known = known or norms(lengths)
            yield bits, to_code(pseudo_frequency(bits, known))


@lru_cache(maxsize=20_000)
def _code_alone(bits: int, place: int, length: int) -> int:
    return to_code(pseudo_frequency(bits, norms([length if n == place else 0 for n in range(len(schema.FIELDS))])))


class Inverter:
    """Gathers documents until ``write`` makes a segment of them."""

    def __init__(self) -> None:
        self.count = 0
        self._numbers = _Numbers()
        self._postings: list[list[int]] = []
        self._exact: dict[str, defaultdict[str, list[int]]] = {name: defaultdict(list) for name in schema.EXACT}
        self._stored: list[bytes] = []
        self._tokens: list[array[int]] = []
        self._lengths = {field.name: array("I") for field in schema.FIELDS}
        self._columns = {"published": array("I"), "run": array("I")}

    def add(self, document: Document) -> None:
        """Analyse and count one document."""
        post = document.post
        self._add_words(field_texts(post))
        self._add_exact(post)
        self._stored.append(pack_stored(stored_fields(post)))
        self._columns["published"].append(day_number(post.published or post.posted))
        self._columns["run"].append(document.first_run)
        self.count += 1

    def _add_words(self, texts: Iterable[str]) -> None:
        numbers, compounds = self._numbers, self._numbers.extras
        frequencies: dict[int, int] = {}
        sequence: list[int] = []
        for text, bits, lengths in zip(texts, _BITS, self._lengths.values(), strict=True):
            # Marks at the end of a token mean nothing; without most of them far fewer tokens are different.
            tokens = text.replace(", ", " ").replace(". ", " ").split()
            found = list(chain.from_iterable(map(numbers.__getitem__, tokens)))
            lengths.append(len(found))
            if not found:
                continue
            sequence += found
            for token in filter(compounds.__contains__, tokens):
                found += compounds[token]
            counted: dict[int, int] = Counter(found)
            here = dict(zip(counted, map(bits.__getitem__, counted.values()), strict=True))
            if len(here) > len(frequencies):
                frequencies, here = here, frequencies
            for number, more in here.items():
                frequencies[number] = frequencies.get(number, 0) | more
        self._tokens.append(array("I", sequence))
        self._post(frequencies, [lengths[-1] for lengths in self._lengths.values()])

    def _post(self, frequencies: dict[int, int], lengths: Sequence[int]) -> None:
        """Append one posting to each word of a document. Most words share their frequencies with many others."""
        postings = self._postings
        postings += ([] for _ in range(len(self._numbers.terms) - len(postings)))
        base = self.count << 32
        packed = {bits: base | code << 16 | bits for bits, code in _codes(set(frequencies.values()), lengths)}
        given = map(packed.__getitem__, frequencies.values())
        deque(map(list.append, map(postings.__getitem__, frequencies), given), maxlen=0)  # the quickest loop there is

    def _add_exact(self, post: Post) -> None:
        """The values that are looked up whole. The spelling of a tag or author follows its folded form."""
        doc, exact = self.count, self._exact
        exact[schema.ID][post.paper_id.casefold()].append(doc)
        exact[schema.PATH][post.path].append(doc)
        for name, values in ((schema.TAG, post.tags), (schema.AUTHOR, post.authors)):
            for value in values:
                exact[name][f"{fold(value)}\0{value}"].append(doc)
        for short, long in set(acronyms.pairs(post.abstract)):
            exact[schema.ACRONYM][f"{short}\0{long}"].append(doc)
            exact[schema.LONGFORM][f"{long}\0{short}"].append(doc)

    def write(self, documents: SectionWriter, terms: SectionWriter) -> None:
        """Write the segment to two containers, and finish them."""
        ordinals = self._write_terms(TermsWriter(terms))
        terms.finish()
        rows = (array("I", map(ordinals.__getitem__, row)).tobytes() for row in self._tokens)
        write_documents(documents, self._stored, rows, self._lengths, self._columns)
        documents.finish()

    def _write_terms(self, writer: TermsWriter) -> array[int]:
        """Write all terms in key order; the ordinal of each word number comes back."""
        ordinals = array("I", bytes(4 * len(self._numbers.terms)))
        for name in sorted((*schema.EXACT, schema.SURFACE, schema.WORDS)):
            if name == schema.SURFACE:
                writer.add_bare(sorted(key_of(name, surface) for surface in self._numbers.surfaces))
            elif name == schema.WORDS:
                ordered = sorted((key_of(name, term), number) for term, number in self._numbers.terms.items())
                for ordinal, (_, number) in enumerate(ordered, writer.count):
                    ordinals[number] = ordinal
                writer.add_all(self._packed(ordered))
            else:
                writer.add_all(_packed_exact(name, self._exact[name]))
        writer.finish()
        return ordinals

    def _packed(self, ordered: Iterable[tuple[bytes, int]]) -> Iterator[PackedTerm]:
        for key, number in ordered:
            postings = self._postings[number]
            if len(postings) == 1:  # as most are
                posting = postings[0]
                code = posting >> 16 & 255
                yield key, _ONE.pack(posting >> 32, code, posting & 0xFFFF), 1, CODES, 2, code
                continue
            data = array("Q", postings).tobytes()
            codes = data[2::8]
            packed = array("I", data)[1::2].tobytes() + codes + array("H", data)[::4].tobytes()
            yield key, packed + bytes(-len(packed) & 3), len(postings), CODES, 2, max(codes)


# A single posting as ``TermsWriter`` packs it: document, weight code, frequencies, padding.
_ONE = struct.Struct("<IBHx")


def _packed_exact(name: str, terms: dict[str, list[int]]) -> Iterator[PackedTerm]:
    for key, docs in sorted((key_of(name, term), docs) for term, docs in terms.items()):
        yield key, array("I", docs).tobytes(), len(docs), ONES, 0, 0
