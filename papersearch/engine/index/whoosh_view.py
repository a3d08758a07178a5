"""The index as Whoosh sees it: a codec that reads, so that Whoosh's own tools can search the folder.

papersearch itself reads the same files through ``segment``. Only a commit loads this module, for the table of
contents, and whoever opens the folder with Whoosh: importing Whoosh costs more than a query.

Whoosh sees one field of positions for each field of the table, made from the postings and rows of words, and
``words``, which is all of them one after the other (with a gap, so that no phrase reaches from one field into the
next); ``id`` and ``path`` are exact. Documents of a paper of which another post is shown count as deleted. A compound
such as ``zeroshot`` of ``zero-shot`` is a term without a position.

Writing is refused (``refuse``), at the latest where Whoosh would replace the table of contents: papersearch would undo
in silence what it does not know of. Whoosh's writer counts the documents of each segment before it does anything;
nothing else of Whoosh's asks a segment for that.
Whoosh's table of contents pickles schema and segments, so the paths of the classes here are part of the format.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn

from whoosh import fields, formats
from whoosh.analysis import Analyzer, Token
from whoosh.codec import base
from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo
from whoosh.writing import IndexingError

from papersearch.core import fields as table
from papersearch.engine.index.documents import DocumentsReader
from papersearch.engine.index.folder import INDEX_NAME
from papersearch.engine.index.generation import SegmentState
from papersearch.engine.index.segment import Segment
from papersearch.engine.index.terms import key_of
from papersearch.engine.index.whoosh_postings import PLACES, FieldPostings
from papersearch.text import words

EXACT = (table.ID, table.PATH)


def refuse(*_: Any, **__: Any) -> NoReturn:
    """What every attempt to write ends in."""
    raise IndexingError("this index is written by papersearch alone: change the posts and run `papersearch index`")


# --- what the table of contents keeps ---


class PackedSegment(base.Segment):
    """A segment. ``deleted`` holds deleted and hidden documents."""

    def __init__(self, name: str, count: int, deleted: Iterable[int]) -> None:
        super().__init__(INDEX_NAME)
        self.segid = name.removeprefix(INDEX_NAME + "_")
        self.count = count
        self.deleted = frozenset(deleted)

    def codec(self, **_: Any) -> PackedCodec:
        return PackedCodec()

    def deleted_count(self) -> int:
        return len(self.deleted)

    def deleted_docs(self) -> Iterator[int]:
        return iter(sorted(self.deleted))

    def is_deleted(self, docnum: int) -> bool:
        return docnum in self.deleted

    doc_count_all = delete_document = set_doc_count = refuse


class PaperAnalyzer(Analyzer):
    """The tokenizer of ``text.words`` for Whoosh's query parser, and with compounds for its highlights.

    What the parser does not want taken apart is a prefix, which is one of stems too, or a pattern (``te?t``).
    """

    def __call__(self, value: str, chars: bool = False, tokenize: bool = True, **_: Any) -> Iterator[Token]:
        if not tokenize and any(mark in value for mark in "*?"):
            yield Token(text=value.casefold(), pos=0, boost=1.0, stopped=False)
        elif not chars:
            for position, term in enumerate(words.analyze(value)[0]):
                yield Token(text=term, pos=position, boost=1.0, stopped=False)
        else:
            position = 0
            for start, end, term, extra in words.spans(value):
                yield Token(text=term, pos=position, startchar=start, endchar=end, boost=1.0, stopped=False)
                position += not extra


class Positions(formats.Format):
    """A posting's value: how often the word stands in the field, and at which positions."""

    def word_values(self, value: str, analyzer: Analyzer, **_: Any) -> Iterator[tuple[str, int, float, bytes]]:
        """The words of a text and how often they stand there, by which Whoosh finds what is like it. There is no value:
        nothing of Whoosh's is written here."""
        counted = Counter(token.text for token in analyzer(value))
        return ((term, count, float(count), b"") for term, count in counted.items())

    def decode_frequency(self, value: tuple[int, list[int]]) -> int:
        return value[0]

    def decode_weight(self, value: tuple[int, list[int]]) -> float:
        return float(value[0])

    def decode_positions(self, value: tuple[int, list[int]]) -> list[int]:
        return value[1]


class PaperText(fields.TEXT):
    """A text field of the table, or all of them."""

    def __init__(self, stored: bool) -> None:
        super().__init__(analyzer=PaperAnalyzer(), stored=stored)
        self.format = Positions()


class PaperValue(fields.ID):
    """A field that is looked up whole."""

    index = refuse


class PaperSchema(fields.Schema):
    """The fields that Whoosh sees. Whoosh cleans a schema right before it writes a table of contents."""

    add = remove = clean = refuse


class _NewSchema(fields.Schema):
    """The same while papersearch writes a table of contents of its own."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _schema, ()


def _schema(kind: type[fields.Schema] = PaperSchema) -> fields.Schema:
    schema = kind()
    schema._fields = {table.WORDS: PaperText(stored=False)}
    schema._fields |= {name: PaperValue(stored=True) for name in EXACT}
    schema._fields |= {field.name: PaperText(stored=True) for field in table.FIELDS}
    return schema


def toc_bytes(number: int, segments: Sequence[SegmentState]) -> bytes:
    """Whoosh's table of contents for a generation."""
    packed = [PackedSegment(each.name, each.count, {*each.deleted, *each.hidden}) for each in segments]
    storage = RamStorage()
    TOC(_schema(_NewSchema), packed, number).write(storage, INDEX_NAME)
    data: bytes = storage.files[TOC._filename(INDEX_NAME, number)]
    return data


# --- reading ---


class PackedCodec(base.Codec):
    """Whoosh's plug-in point: where readers of a segment come from."""

    def per_document_reader(self, storage: Any, segment: PackedSegment) -> PackedDocuments:
        return PackedDocuments(_opened(storage, segment), segment)

    def terms_reader(self, storage: Any, segment: PackedSegment) -> PackedTerms:
        return PackedTerms(_opened(storage, segment))

    per_document_writer = field_writer = postings_writer = new_segment = refuse


def _opened(storage: Any, segment: PackedSegment) -> Segment:
    return Segment(storage.folder, segment.segment_id())


def _columns(documents: DocumentsReader, fieldname: str) -> list[memoryview]:
    """The lengths of a field; of all of them for ``words``, none for what is no text."""
    names = PLACES if fieldname == table.WORDS else [fieldname] if fieldname in PLACES else []
    return [documents.length(name) for name in names]


class PackedDocuments(base.PerDocumentReader):
    """Whoosh's view of a documents file."""

    def __init__(self, segment: Segment, state: PackedSegment) -> None:
        self._documents, self._state = segment.documents, state

    def doc_count(self) -> int:
        return self._state.count - self._state.deleted_count()

    def doc_count_all(self) -> int:
        return self._state.count

    def has_deletions(self) -> bool:
        return self._state.has_deletions()

    def is_deleted(self, docnum: int) -> bool:
        return self._state.is_deleted(docnum)

    def deleted_docs(self) -> Iterator[int]:
        return self._state.deleted_docs()

    def _lengths(self, fieldname: str) -> Sequence[int]:
        return [*map(sum, zip(*_columns(self._documents, fieldname), strict=True))]

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        columns = _columns(self._documents, fieldname)
        return sum(column[docnum] for column in columns) if columns else default

    def field_length(self, fieldname: str) -> int:
        return sum(self._lengths(fieldname))

    def min_field_length(self, fieldname: str) -> int:
        return min(self._lengths(fieldname), default=0)

    def max_field_length(self, fieldname: str) -> int:
        return max(self._lengths(fieldname), default=0)

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The stored facts; authors and tags as text, which Whoosh's highlights need."""
        stored = self._documents.stored(docnum)
        return {name: ", ".join(value) if isinstance(value, list) else value for name, value in stored.items()}


class PackedTerms(base.TermsReader):
    """Whoosh's view of a terms file. Terms of a text field are those of ``words`` with a posting that stands in it."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._documents = segment.documents

    def _found(self, fieldname: str, text: bytes) -> FieldPostings | None:
        key = key_of(fieldname if fieldname in EXACT else table.WORDS, text)
        entry = self._segment.terms.find(key) if fieldname in self.indexed_field_names() else None
        found = FieldPostings(self._segment, fieldname, entry) if entry is not None else None
        return found or None

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._found(*term) is not None

    def indexed_field_names(self) -> list[str]:
        return sorted((table.WORDS, *EXACT, *PLACES))

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return self.terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        for name in self.indexed_field_names():
            if name >= fieldname:
                yield from self._terms_of(name, prefix if name == fieldname else b"")

    def _terms_of(self, fieldname: str, start: bytes) -> Iterator[tuple[str, bytes]]:
        name = fieldname if fieldname in EXACT else table.WORDS
        for key, entry in self._segment.terms.scan(key_of(name, start)):
            if not key.startswith(key_of(name, b"")):
                return
            if name == fieldname or FieldPostings(self._segment, fieldname, entry):
                yield fieldname, key[len(name) + 1 :]

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return self.items_from("", b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def _required(self, fieldname: str, text: bytes) -> FieldPostings:
        found = self._found(fieldname, text)
        if found is None:
            raise KeyError(f"no term {fieldname}:{text!r}")
        return found

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        return self._info(fieldname, self._required(fieldname, text))

    def _info(self, fieldname: str, found: FieldPostings) -> TermInfo:
        columns = _columns(self._documents, fieldname)
        lengths = [sum(column[doc] for column in columns) for doc in found.docs]
        return TermInfo(
            weight=sum(found.weights),
            df=len(found),
            minlength=min(lengths),
            maxlength=max(lengths),
            maxweight=max(found.weights),
            minid=found.docs[0],
            maxid=found.docs[-1],
        )

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        found = self._required(fieldname, text)
        info = self._info(fieldname, found)
        return ListMatcher(found.docs, found.weights, found, format_, scorer, term=(fieldname, text), terminfo=info)

    def cursor(self, fieldname: str, fieldobj: Any) -> PackedCursor:
        return PackedCursor(self, fieldname, fieldobj)


class PackedCursor(base.FieldCursor):
    """Walks the terms of one field."""

    def __init__(self, terms: PackedTerms, fieldname: str, fieldobj: Any) -> None:
        self._reader, self._fieldname, self._fieldobj = terms, fieldname, fieldobj
        self._text: Any = None
        self.first()

    def first(self) -> Any:
        return self.find(b"")

    def find(self, term: Any) -> Any:
        start = term if isinstance(term, bytes) else self._fieldobj.to_bytes(term)
        self._terms = self._reader._terms_of(self._fieldname, start)
        return self.next()

    def next(self) -> Any:
        found = next(self._terms, None)
        self._text = self._fieldobj.from_bytes(found[1]) if found is not None else None
        return self._text

    def text(self) -> Any:
        return self._text

    def term_info(self) -> TermInfo:
        return self._reader.term_info(self._fieldname, self._fieldobj.to_bytes(self._text))

    def is_valid(self) -> bool:
        return self._text is not None
