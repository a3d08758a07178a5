"""Papers as the cluster keeps them: from posts to one document for each paper, and back.

A document's ``posts`` is JSON in a string: the stored fields of every post about the paper, the shown one first, with
the run that first saw it. All other fields are made from the one that is shown, for searching alone.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain
from typing import Any

from papersearch.core.fields import AUTHOR, FIELDS, ID, TAG, WORDS
from papersearch.core.frozen import NamedTuple
from papersearch.engine.index.documents import day_number, precedence
from papersearch.engine.index.weights import LEVELS, MASKS, SHIFTS, norms, pseudo_frequency, to_code
from papersearch.engine.opensearch.mapping import DELIMITER, UNIT, field_name
from papersearch.engine.opensearch.vectors import Vector
from papersearch.text import acronyms, words
from papersearch.text.chunks import is_cjk
from papersearch.text.folding import plain_letters, value_key

Stored = Mapping[str, Any]

# Bytes of a value that is looked up whole; Lucene takes no more than 32,766 (chosen: no name is as long).
MOST_BYTES = 8_000
_MOST_TOKENS = 1_000_000  # that a run remembers (chosen: some 100 MB)
_LONGEST_KEY = 400  # bytes of a key that serves as a document's id, which may have 512
# What stands in a document of a tf level.
_FREQUENCIES = tuple(f"{DELIMITER}{round(level * UNIT)}" for level in LEVELS)
_encode = json.JSONEncoder(separators=(",", ":")).encode


class FieldWords(NamedTuple):
    """What one field of a post says: the terms of its values in order, and its compounds, which have no position. A
    text is one value, and so is each of several authors or tags."""

    values: list[list[str]]
    compounds: list[str]

    @property
    def terms(self) -> list[str]:
        """Those of all values."""
        return self.values[0] if len(self.values) == 1 else [*chain.from_iterable(self.values)]


class PostTerms(NamedTuple):
    """A post taken apart: the words of each field in table order, and how often each term stands in each field, packed
    as in a posting (see ``weights.unpack``)."""

    fields: tuple[FieldWords, ...]
    frequencies: dict[str, int]

    @property
    def lengths(self) -> list[int]:
        """Words in each field."""
        return [sum(map(len, field.values)) for field in self.fields]

    def breaks(self) -> list[int]:
        """The places in a row of all fields' terms at which the next value of a field begins."""
        ends = [*accumulate(len(value) for field in self.fields for value in field.values)]
        lasts = {*accumulate(len(field.values) for field in self.fields)}
        return [end for number, end in enumerate(ends, 1) if number not in lasts]

    def codes(self) -> Codes:
        """What a posting's packed frequencies come to."""
        return Codes(self.lengths)


class Codes(dict[int, int]):
    """Packed frequencies to the level of BM25F's tf, for fields of some lengths; few different ones occur in a post."""

    def __init__(self, lengths: Sequence[int]) -> None:
        super().__init__()
        self._norms = norms(lengths)

    def __missing__(self, packed: int) -> int:
        code = self[packed] = to_code(pseudo_frequency(packed, self._norms))
        return code


def values_of(stored: Stored, name: str) -> Sequence[str]:
    """The values of a field of a post: a text is one."""
    value = stored.get(name, "")
    return [value] if isinstance(value, str) else value


def take(stored: Stored) -> PostTerms:
    """A post taken apart, about 0.1 ms."""
    fields = tuple(_field_words(values_of(stored, field.name)) for field in FIELDS)
    frequencies: dict[str, int] = {}
    get = frequencies.get
    for field, mask, shift in zip(fields, MASKS, SHIFTS, strict=True):
        for term, count in Counter(field.terms + field.compounds).items():
            packed = count << shift
            frequencies[term] = get(term, 0) + (packed if packed < mask else mask)
    return PostTerms(fields, frequencies)


def _field_words(values: Sequence[str]) -> FieldWords:
    taken = [words.analyze(value) for value in values]
    return FieldWords([terms for terms, _ in taken], [each for _, compounds in taken for each in compounds])


def day_of(stored: Stored) -> int:
    """Days since year 1 of when a paper was published, or else posted; 0 if neither is known."""
    return day_number(stored.get("published") or stored.get("posted"))


def first_shown(posts: Iterable[Stored]) -> list[Stored]:
    """Posts about one paper, the one that is shown first."""
    return sorted(
        posts, key=lambda post: precedence(post.get("version"), post.get("posted"), post["path"]), reverse=True
    )


def document(posts: Sequence[Stored], run: int, vector: Vector | None = None) -> str:
    """The document of a paper as JSON. ``posts`` as ``first_shown`` gives them; ``run`` first saw the paper."""
    shown = posts[0]
    taken = take(shown)
    codes = taken.codes()
    fields: dict[str, Any] = {
        "posts": _encode({"posts": posts, "run": run}),
        ID: limited(value_key(shown["id"])),
        "path": [limited(post["path"]) for post in posts],
        "run": run,
        "sort_title": limited(plain_letters(shown.get("title", ""))),
        TAG: [limited(f"{value_key(tag)}\0{tag}") for tag in shown.get("tags", ())],
        AUTHOR: [limited(f"{value_key(author)}\0{author}") for author in shown.get("authors", ())],
        WORDS: " ".join([term + _FREQUENCIES[codes[packed]] for term, packed in taken.frequencies.items()]),
    }
    pairs = set(acronyms.pairs(shown.get("abstract", "")))
    fields["acronym"] = sorted(limited(f"{short}\0{long}") for short, long in pairs)
    fields["longform"] = sorted(limited(f"{long}\0{short}") for short, long in pairs)
    if day := day_of(shown):
        date = datetime.date.fromordinal(day).isoformat()
        fields |= {"day": day, "year": date[:4], "month": date[:7]}
    for field, found in zip(FIELDS, taken.fields, strict=True):
        if found.terms or found.compounds:
            fields[field_name(field.name)] = [*map(" ".join, found.values), *found.compounds]
    if vector is not None:
        fields |= vector.fields()
    return _encode(fields)


def posts_of(source: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """The posts of a document, the shown one first, and the run that first saw the paper."""
    found = json.loads(source["posts"])
    return found["posts"], found["run"]


def posts_in(hit: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The posts of a document that was found, the shown one first."""
    return posts_of(hit["_source"])[0]


class WordEntry(NamedTuple):
    """An entry of the index of words; ``first`` and ``heads`` are what pairs of acronyms are asked for."""

    kind: str
    key: str
    first: str = ""
    heads: tuple[str, ...] = ()


class Vocabulary:
    """What a run has added to the index of words, so that hardly anything is added twice: what grows too large is
    forgotten."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()
        self._entries: set[WordEntry] = set()

    def new(self, stored: Stored) -> set[WordEntry]:
        """What a shown post adds: words as they are written, terms with digits or of scripts without blanks, and
        acronyms."""
        texts = ("\n".join(values_of(stored, field.name)) for field in FIELDS)
        tokens = {token for text in texts for token in words.tokens(text)} - self._tokens
        if len(self._tokens) > _MOST_TOKENS:
            self._tokens.clear()
            self._entries.clear()
        self._tokens |= tokens
        found: set[WordEntry] = set()
        for token in tokens:
            terms, compounds, surfaces = words.token(token)
            found.update([WordEntry("surface", surface) for surface in surfaces])
            if not (token.isalpha() and token.isascii()):
                found.update(WordEntry("number", term) for term in (*terms, *compounds) if _is_unwritten(term))
        for short, long in acronyms.pairs(stored.get("abstract", "")):
            forms = long.split(" ")
            heads = tuple(" ".join(forms[:count]) for count in range(1, len(forms)))
            found.add(WordEntry("acronym", f"{short}\0{long}", short))
            found.add(WordEntry("longform", f"{long}\0{short}", long, heads))
        found -= self._entries
        self._entries |= found
        return found


def _is_unwritten(term: str) -> bool:
    """Whether a term is none of the words as they are written (``surface``), and may be asked for by a pattern."""
    return any(map(str.isdigit, term)) or is_cjk(term)


def entry_document(entry: WordEntry) -> str:
    """An entry as JSON."""
    fields: dict[str, Any] = {"kind": entry.kind, "key": limited(entry.key)}
    if entry.first:
        fields["first"] = limited(entry.first)
    if entry.heads:
        fields["heads"] = [limited(head) for head in entry.heads]
    return _encode(fields)


def limited(text: str) -> str:
    """A value that is looked up whole, without what UTF-8 has no form for, and cut where it is endless."""
    data = text.encode("utf-8", "replace")
    return data[:MOST_BYTES].decode("utf-8", "ignore") if len(data) > MOST_BYTES else data.decode("utf-8")


def document_key(kind: str, text: str) -> str:
    """The id of a document: the text itself, of a long one its digest."""
    data = f"{kind}:{text}".encode("utf-8", "surrogatepass")
    if len(data) <= _LONGEST_KEY:
        return data.decode("utf-8", "replace")
    return f"{kind}#{hashlib.blake2b(data, digest_size=16).hexdigest()}"


def post_key(path: str) -> str:
    """The id of the document of a post that is not shown."""
    return document_key("post", path)


def paper_key(paper_id: str) -> str:
    """The id of a paper's document."""
    return document_key("paper", value_key(paper_id))
