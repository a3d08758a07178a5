"""Posts into a segment: words are counted per paper, and postings gathered per word in memory.

Documents come in order, so a dictionary of growing arrays needs no sorting but that of its keys at the end.
A posting is kept as one number, ``document << 24 | weight code << 16 | frequencies``, and taken apart by slicing.
"""

from __future__ import annotations

import datetime
import re
import struct
from array import array
from collections import Counter
from functools import lru_cache
from typing import Any, NamedTuple
from zlib import crc32

from papersearch.records import Post
from papersearch.store import schema
from papersearch.store.container import SectionWriter
from papersearch.store.documents import pack_stored, write_documents
from papersearch.store.terms import CODES, ONES, TermsWriter, key_of
from papersearch.store.weights import norms, pseudo_frequency, to_code
from papersearch.text import acronyms, words

_LIMITS = tuple(((1 << field.bits) - 1, field.shift) for field in schema.FIELDS)
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


def exact_terms(post: Post) -> list[tuple[str, str]]:
    """(field, term) of the values that are looked up whole. The spelling of a tag or author follows its folded form."""
    terms = [(schema.ID, post.paper_id.casefold()), (schema.PATH, post.path)]
    terms += [(schema.TAG, f"{fold(tag)}\0{tag}") for tag in post.tags]
    terms += [(schema.AUTHOR, f"{fold(name)}\0{name}") for name in post.authors]
    for short, long in acronyms.pairs(post.abstract) if "(" in post.abstract else ():
        terms += [(schema.ACRONYM, f"{short}\0{long}"), (schema.LONGFORM, f"{long}\0{short}")]
    return terms


@lru_cache(maxsize=10_000)
def fold(text: str) -> str:
    """Text as exact values are compared: white space and case do not matter."""
    return re.sub(r"\s+", " ", text).strip().casefold()


class Inverter:
    """Gathers documents until ``write`` makes a segment of them."""

    def __init__(self) -> None:
        self.count = 0
        self.size = 0
        self._numbers: dict[str, int] = {}
        self._postings: list[array[int]] = []
        self._exact: dict[tuple[str, str], list[int]] = {}
        self._written: set[str] = set()
        self._stored: list[bytes] = []
        self._tokens: list[array[int]] = []
        self._lengths = {field.name: array("I") for field in schema.FIELDS}
        self._columns = {"published": array("I"), "run": array("I")}

    def add(self, document: Document) -> None:
        """Analyse and count one document."""
        post, doc = document.post, self.count
        self.count += 1
        frequencies: dict[str, int] = {}
        sequence: list[str] = []
        lengths = []
        get = frequencies.get
        for text, (most, shift), counts in zip(field_texts(post), _LIMITS, self._lengths.values(), strict=True):
            if not text:
                lengths.append(0)
                counts.append(0)
                continue
            terms, extras = words.analyze(text)
            lengths.append(len(terms))
            counts.append(len(terms))
            sequence += terms
            counted = Counter(terms + extras if extras else terms)
            for term, count in counted.items():
                frequencies[term] = get(term, 0) + ((count if count < most else most) << shift)
            self._written.update(text.split())
        self._post(doc, frequencies, tuple(lengths))
        self._tokens.append(array("I", map(self._numbers.__getitem__, sequence)))
        for value in set(exact_terms(post)):
            self._exact.setdefault(value, []).append(doc)
        self._stored.append(pack_stored(stored_fields(post)))
        self._columns["published"].append(day_number(post.published or post.posted))
        self._columns["run"].append(document.first_run)
        self.size += len(sequence) + len(frequencies)

    def _post(self, doc: int, frequencies: dict[str, int], lengths: tuple[int, ...]) -> None:
        """Append one posting to each word of a document. Most words share their frequencies with many others."""
        numbers, postings = self._numbers, self._postings
        base = doc << 24
        known = norms(lengths)
        packed = {
            bits: base | to_code(pseudo_frequency(bits, known)) << 16 | bits for bits in set(frequencies.values())
        }
        for term, bits in frequencies.items():
            number = numbers.get(term)
            if number is None:
                numbers[term] = len(postings)
                postings.append(array("Q", (packed[bits],)))
            else:
                postings[number].append(packed[bits])

    def write(self, documents: SectionWriter, terms: SectionWriter) -> None:
        """Write the segment to two containers, and finish them."""
        ordinals = self._write_terms(TermsWriter(terms))
        terms.finish()
        rows = (array("I", map(ordinals.__getitem__, row)).tobytes() for row in self._tokens)
        write_documents(documents, self._stored, rows, self._lengths, self._columns)
        documents.finish()

    def _write_terms(self, writer: TermsWriter) -> array[int]:
        """Write all terms in key order; the ordinal of each word number comes back."""
        ordinals = array("I", bytes(4 * len(self._numbers)))
        keys: list[tuple[bytes, int, list[int]]] = [
            (key_of(field, term), -1, docs) for (field, term), docs in self._exact.items()
        ]
        # What stands between white space is taken apart once, however often it came.
        keys += [(key_of(schema.SURFACE, surface), -1, []) for surface in {*words.surfaces(" ".join(self._written))}]
        keys += [(key_of(schema.WORDS, term), number, []) for term, number in self._numbers.items()]
        keys.sort()
        for key, number, docs in keys:
            if number < 0:
                writer.add(key, array("I", docs).tobytes(), ONES)
                continue
            postings = self._postings[number]
            if len(postings) == 1:  # as most are
                posting = postings[0]
                code = posting >> 16 & 255
                data = _ONE.pack(posting >> 24, code, posting & 0xFFFF)
                ordinals[number] = writer.add_packed(key, data, crc32(data), 1, CODES, 2, code)
            else:
                data = postings.tobytes()
                ordinals[number] = writer.add(key, _docs(data), CODES, data[2::8], _pairs(data), 2)
        writer.finish()
        return ordinals


# A single posting as ``TermsWriter`` packs it: document, weight code, frequencies, padding.
_ONE = struct.Struct("<IBHx")


def _docs(data: bytes) -> bytes:
    """Bytes 3 to 6 of each packed posting: its document number."""
    docs = bytearray(len(data) // 2)
    for i in range(4):
        docs[i::4] = data[3 + i :: 8]
    return bytes(docs)


def _pairs(data: bytes) -> bytes:
    """Bytes 0 and 1 of each packed posting: its frequencies."""
    pairs = bytearray(len(data) // 4)
    pairs[0::2] = data[0::8]
    pairs[1::2] = data[1::8]
    return bytes(pairs)
