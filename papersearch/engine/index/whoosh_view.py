"""The segment format as a Whoosh codec, so that the folder is a Whoosh index that Whoosh's own tools read and write.

papersearch itself reads the same files through ``segment`` without loading Whoosh. The codec works for any schema
with text, keyword, id and number fields; it keeps exact field lengths and weights (Whoosh's own codec rounds
lengths to a byte), and does not keep columns or vectors. Stored values must be what JSON can hold. It reads from
folders only, because files are mapped into memory.

Whoosh's table of contents pickles codec and segment objects, so the paths of the classes here are part of the format.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from whoosh import fields, formats
from whoosh.analysis import Analyzer, Token
from whoosh.codec import base
from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo

from papersearch.core import fields as table
from papersearch.core.errors import DamagedIndexError
from papersearch.engine.build.merge import pack_rows, value_at
from papersearch.engine.index.container import Container, SectionWriter
from papersearch.engine.index.documents import DocumentsReader, pack_stored, write_documents
from papersearch.engine.index.generation import INDEX_NAME, SegmentState
from papersearch.engine.index.segment import DOCUMENTS, TERMS
from papersearch.engine.index.terms import TermEntry, TermsReader, TermsWriter, key_of
from papersearch.engine.index.weights import unpack
from papersearch.text import words


class PackedCodec(base.Codec):
    """Whoosh's plug-in point: where writers and readers of a segment come from."""

    def per_document_writer(self, storage: Any, segment: PackedSegment) -> PackedDocumentWriter:
        return PackedDocumentWriter(storage, segment)

    def field_writer(self, storage: Any, segment: PackedSegment) -> PackedFieldWriter:
        return PackedFieldWriter(storage, segment)

    def per_document_reader(self, storage: Any, segment: PackedSegment) -> PackedDocumentReader:
        return PackedDocumentReader(storage, segment)

    def terms_reader(self, storage: Any, segment: PackedSegment) -> PackedTermsReader:
        return PackedTermsReader(storage, segment)

    def new_segment(self, storage: Any, indexname: str) -> PackedSegment:
        return PackedSegment(indexname)


class PackedSegment(base.Segment):
    """What the table of contents keeps of a segment."""

    def __init__(self, indexname: str, segid: str | None = None, count: int = 0, deleted: Iterable[int] = ()) -> None:
        super().__init__(indexname)
        if segid is not None:
            self.segid = segid
        self.count = count
        self.deleted = set(deleted)

    def codec(self, **_: Any) -> PackedCodec:
        return PackedCodec()

    def should_assemble(self) -> bool:
        return False

    def set_doc_count(self, count: int) -> None:
        self.count = count

    def doc_count_all(self) -> int:
        return self.count

    def deleted_count(self) -> int:
        return len(self.deleted)

    def deleted_docs(self) -> Iterator[int]:
        return iter(sorted(self.deleted))

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        if delete:
            self.deleted.add(docnum)
        else:
            self.deleted.discard(docnum)

    def is_deleted(self, docnum: int) -> bool:
        return docnum in self.deleted


class PackedDocumentWriter(base.PerDocumentWriter):
    """Gathers documents and writes the documents file when closed."""

    def __init__(self, storage: Any, segment: PackedSegment) -> None:
        self._file = segment.create_file(storage, DOCUMENTS)
        self._stored: list[bytes] = []
        self._lengths: dict[str, array[int]] = {}
        self._fields: dict[str, Any] = {}
        self._now: dict[str, int] = {}
        self.is_closed = False

    def start_doc(self, docnum: int) -> None:
        if docnum != len(self._stored):
            raise ValueError(f"document {docnum} cannot follow document {len(self._stored) - 1}")
        self._fields, self._now = {}, {}

    def add_field(self, fieldname: str, fieldobj: Any, value: Any, length: int | None) -> None:
        if value is not None:
            self._fields[fieldname] = value
        if length:
            self._now[fieldname] = length

    def finish_doc(self) -> None:
        for name in self._now.keys() - self._lengths.keys():
            self._lengths[name] = array("I", bytes(4 * len(self._stored)))
        for name, lengths in self._lengths.items():
            lengths.append(self._now.get(name, 0))
        self._stored.append(pack_stored(self._fields))

    def cancel_doc(self) -> None:
        self._fields, self._now = {}, {}

    def close(self) -> None:
        sections = SectionWriter(self._file)
        write_documents(sections, self._stored, [b""] * len(self._stored), self._lengths, {})
        sections.finish()
        self._file.close()
        self.is_closed = True


class PackedFieldWriter(base.FieldWriter):
    """Writes the terms file; Whoosh hands postings over sorted by field and term."""

    def __init__(self, storage: Any, segment: PackedSegment) -> None:
        self._file = segment.create_file(storage, TERMS)
        self._sections = SectionWriter(self._file)
        self._writer = TermsWriter(self._sections)
        self._field = ""
        self._key = b""
        self._rows: list[tuple[int, float, bytes]] = []
        self.is_closed = False

    def start_field(self, fieldname: str, fieldobj: Any) -> None:
        self._field = fieldname

    def start_term(self, text: bytes) -> None:
        self._key, self._rows = key_of(self._field, text), []

    def add(self, docnum: int, weight: float, vbytes: bytes, length: int) -> None:
        self._rows.append((docnum, weight, bytes(vbytes)))

    def finish_term(self) -> None:
        self._writer.add_all([pack_rows(self._key, self._rows)])

    def close(self) -> None:
        self._writer.finish()
        self._sections.finish()
        self._file.close()
        self.is_closed = True


def _path(storage: Any, name: str) -> str:
    folder = getattr(storage, "folder", None)
    if folder is None:
        raise DamagedIndexError("a packed segment can only be read from a folder")
    return os.path.join(folder, name)


class PackedDocumentReader(base.PerDocumentReader):
    """Whoosh's view of a documents file."""

    def __init__(self, storage: Any, segment: PackedSegment) -> None:
        self._segment = segment
        self._reader = DocumentsReader(Container(_path(storage, segment.make_filename(DOCUMENTS))))
        self._named = set(self._reader.array_names("length"))
        self._text_fields = [field.name for field in table.FIELDS]

    def doc_count(self) -> int:
        return self._segment.doc_count()

    def doc_count_all(self) -> int:
        return self._segment.doc_count_all()

    def has_deletions(self) -> bool:
        return self._segment.has_deletions()

    def is_deleted(self, docnum: int) -> bool:
        return self._segment.is_deleted(docnum)

    def deleted_docs(self) -> Iterator[int]:
        return self._segment.deleted_docs()

    def _lengths(self, fieldname: str) -> Sequence[int]:
        if fieldname in self._named:
            return self._reader.length(fieldname)
        if fieldname == table.WORDS and self._named:
            columns = [self._reader.length(name) for name in self._text_fields]
            return [sum(row) for row in zip(*columns, strict=True)]
        return ()

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        if fieldname in self._named:
            return self._reader.length(fieldname)[docnum]
        if fieldname == table.WORDS and self._named:
            return sum(self._reader.length(name)[docnum] for name in self._text_fields)
        return default

    def field_length(self, fieldname: str) -> int:
        return sum(self._lengths(fieldname))

    def min_field_length(self, fieldname: str) -> int:
        return min(self._lengths(fieldname), default=0)

    def max_field_length(self, fieldname: str) -> int:
        return max(self._lengths(fieldname), default=0)

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return self._reader.stored(docnum)


class PackedTermInfo(TermInfo):
    """A term's statistics, from its postings."""

    def __init__(self, reader: TermsReader, entry: TermEntry, length_of: Callable[[int], int]) -> None:
        postings = reader.postings(entry)
        weights = [postings.weight_at(place) for place in range(entry.frequency)]
        lengths = [length_of(doc) for doc in postings.docs]
        super().__init__(
            weight=sum(weights),
            df=entry.frequency,
            minlength=min(lengths, default=0),
            maxlength=max(lengths, default=0),
            maxweight=max(weights, default=0.0),
            minid=postings.docs[0] if weights else None,
            maxid=postings.docs[-1] if weights else None,
        )


class PackedTermsReader(base.TermsReader):
    """Whoosh's view of a terms file. Words kept for spelling alone have no postings and are not shown."""

    def __init__(self, storage: Any, segment: PackedSegment) -> None:
        self._reader = TermsReader(Container(_path(storage, segment.make_filename(TERMS))))
        self._documents = PackedDocumentReader(storage, segment)

    def _entry(self, fieldname: str, text: bytes) -> TermEntry | None:
        entry = self._reader.find(key_of(fieldname, text))
        return entry if entry is not None and entry.frequency else None

    def _items(self, start: bytes) -> Iterator[tuple[tuple[str, bytes], TermEntry]]:
        for key, entry in self._reader.scan(start):
            if entry.frequency:
                field, _, text = key.partition(b"\0")
                yield (field.decode(), text), entry

    def _info(self, fieldname: str, entry: TermEntry) -> PackedTermInfo:
        return PackedTermInfo(self._reader, entry, lambda doc: self._documents.doc_field_length(doc, fieldname))

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._entry(*term) is not None

    def indexed_field_names(self) -> list[str]:
        names, start = [], b""
        while item := next(self._items(start), None):
            names.append(item[0][0])
            start = names[-1].encode() + b"\x01"
        return names

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return (term for term, _ in self._items(b""))

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        return (term for term, _ in self._items(key_of(fieldname, prefix)))

    def items(self) -> Iterator[tuple[tuple[str, bytes], PackedTermInfo]]:
        return ((term, self._info(term[0], entry)) for term, entry in self._items(b""))

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], PackedTermInfo]]:
        return ((term, self._info(term[0], entry)) for term, entry in self._items(key_of(fieldname, prefix)))

    def term_info(self, fieldname: str, text: bytes) -> PackedTermInfo:
        entry = self._entry(fieldname, text)
        if entry is None:
            raise KeyError(f"no term {fieldname}:{text!r}")
        return self._info(fieldname, entry)

    def frequency(self, fieldname: str, text: bytes) -> float:
        return float(self.term_info(fieldname, text).weight())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        entry = self._entry(fieldname, text)
        return entry.frequency if entry is not None else 0

    def cursor(self, fieldname: str, fieldobj: Any) -> PackedCursor:
        return PackedCursor(self, fieldname, fieldobj)

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        entry = self._entry(fieldname, text)
        if entry is None:
            raise KeyError(f"no term {fieldname}:{text!r}")
        postings = self._reader.postings(entry)
        places = range(entry.frequency)
        return ListMatcher(
            list(postings.docs),
            [postings.weight_at(place) for place in places],
            [value_at(postings, place) for place in places],
            format_,
            scorer=scorer,
            term=(fieldname, text),
            terminfo=self._info(fieldname, entry),
        )


class PackedCursor(base.FieldCursor):
    """Walks the terms of one field."""

    def __init__(self, reader: PackedTermsReader, fieldname: str, fieldobj: Any) -> None:
        self._reader, self._fieldname, self._fieldobj = reader, fieldname, fieldobj
        self._terms: Iterator[tuple[str, bytes]] = iter(())
        self._text: Any = None
        self.first()

    def first(self) -> Any:
        return self.find(b"")

    def find(self, term: Any) -> Any:
        start = term if isinstance(term, bytes) else self._fieldobj.to_bytes(term)
        self._terms = self._reader.terms_from(self._fieldname, start)
        return self.next()

    def next(self) -> Any:
        found = next(self._terms, None)
        here = found is not None and found[0] == self._fieldname
        self._text = self._fieldobj.from_bytes(found[1]) if found is not None and here else None
        return self._text

    def text(self) -> Any:
        return self._text

    def term_info(self) -> PackedTermInfo:
        return self._reader.term_info(self._fieldname, self._fieldobj.to_bytes(self._text))

    def is_valid(self) -> bool:
        return self._text is not None


class PaperAnalyzer(Analyzer):
    """The tokenizer of ``text.words`` for Whoosh's query parser."""

    def __call__(self, value: str, **_: Any) -> Iterator[Token]:
        token = Token()
        for position, term in enumerate(words.analyze(value)[0]):
            token.text, token.pos, token.boost, token.stopped = term, position, 1.0, False
            yield token


class FieldFrequencies(formats.Format):
    """A posting's value: how often the word stands in each field, in 16 bits (see ``schema``)."""

    posting_size = 2

    def word_values(self, value: Any, analyzer: Any, **_: Any) -> Iterable[tuple[bytes, int, float, bytes]]:
        raise NotImplementedError("this field is written by papersearch itself")

    def decode_frequency(self, value: bytes) -> int:
        return sum(unpack(int.from_bytes(value, "little")))

    def decode_weight(self, value: bytes) -> float:
        return float(self.decode_frequency(value))


class PaperWords(fields.TEXT):
    """The field that holds all words of a paper, with BM25F's weighted frequency as the weight of a posting."""

    def __init__(self) -> None:
        super().__init__(analyzer=PaperAnalyzer(), phrase=False)
        self.format = FieldFrequencies()


def whoosh_schema() -> fields.Schema:
    """The schema that Whoosh sees."""
    names = {name: fields.ID(stored=False) for name in (table.ID, table.PATH, table.TAG, table.AUTHOR)}
    stored = {field.name: fields.STORED() for field in table.FIELDS}
    terms = {table.ACRONYM: fields.ID(), table.LONGFORM: fields.ID()}
    return fields.Schema(words=PaperWords(), **names, **terms, **stored)


def toc_bytes(number: int, segments: Sequence[SegmentState]) -> bytes:
    """Whoosh's table of contents for a generation."""
    packed = [
        PackedSegment(INDEX_NAME, segment.name.removeprefix(INDEX_NAME + "_"), segment.count, segment.deleted)
        for segment in segments
    ]
    storage = RamStorage()
    TOC(whoosh_schema(), packed, number).write(storage, INDEX_NAME)
    data: bytes = storage.files[TOC._filename(INDEX_NAME, number)]
    return data
