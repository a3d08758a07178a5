"""Whether what a segment says is possible, even though each checksum is right: whoever forges a file can forge its
checksums too.

Readers trust numbers whose checksum is right; to validate each as it is read would slow down every query. So everything
is validated only when there is reason to: by ``papersearch check``, by a run that finds the index in doubt, and when an
answer fails with an unexpected error. That error is damage if anything here is wrong, and else a bug of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from operator import le, lt

from papersearch.core.errors import DamagedIndexError, NoIndexError, PapersearchError
from papersearch.core.fields import FIELDS, WORDS, Texts
from papersearch.core.frozen import hints_of
from papersearch.engine.index import generation as generations
from papersearch.engine.index.container import Container, damaged
from papersearch.engine.index.documents import TITLE_COLUMNS, DocumentsReader
from papersearch.engine.index.filetable import Table, table_of
from papersearch.engine.index.generation import Generation
from papersearch.engine.index.segment import Segment, committed
from papersearch.engine.index.terms import BLOCK, TermEntry, TermsReader, key_of
from papersearch.query.dates import ALWAYS

_VALUE_SIZES = (0, 1, 2, 4)


def audit(folder: str) -> None:
    """Read and validate all of the newest state; raise ``DamagedIndexError`` at the first thing that is impossible.
    Costs about a fifth of a millisecond for each document."""
    generation = generations.load(folder, trust=True)
    for state in generation.segments:
        audit_segment(committed(folder, state))
    _audit_table(table_of(folder, generation), generation)


def suspect(folder: str) -> None:
    """After an unexpected error: raise ``DamagedIndexError`` if the index is to blame, and mark it for full
    verification by the next run. One that is not there, as in a first run, is not."""
    try:
        audit(folder)
    except NoIndexError:
        return
    except DamagedIndexError:
        generations.note_doubt(folder)
        raise


def audit_segment(segment: Segment) -> None:
    """Read and validate all of a segment; raise ``DamagedIndexError`` at the first thing that is impossible."""
    segment.verify()
    with _reading(segment.terms.container):
        words = _audited_terms(segment.terms, segment.count)
    with _reading(segment.documents.container):
        _audit_documents(segment.documents, words)


def _audit_table(table: Table, generation: Generation) -> None:
    """Raise ``DamagedIndexError`` unless every document that is not deleted is that of one file."""
    table.verify()
    places = [(row.segment, row.document) for row in table.rows() if row.is_indexed]
    live = {(n, doc) for n, each in enumerate(generation.segments) for doc in {*range(each.count)} - {*each.deleted}}
    if len(places) != len(live) or {*places} != live:
        raise damaged("its file table is of other documents")


@contextmanager
def _reading(container: Container) -> Iterator[None]:
    """Within the block, an unexpected error while a file is read is the fault of the file, as nobody else touches
    it."""
    try:
        yield
    except (PapersearchError, OSError):
        raise
    except Exception as wrong:
        raise container.damaged("it says what cannot be") from wrong


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError


def _audited_terms(terms: TermsReader, documents: int) -> range:
    """The ordinals of words. Raises for any block or posting that is impossible."""
    _require(terms.documents == documents and len(terms.frequencies) == terms.count)
    _require(len(terms.profiles) == len(terms.shares))
    found = [*terms.scan()]
    _require(len(found) == terms.count and all(map(lt, found, found[1:])))
    _require(terms.every_first_key == [key for key, _ in found[::BLOCK]])
    _require([entry.ordinal for _, entry in found] == [*range(terms.count)])
    for key, entry in found:
        _require(b"\0" in key and entry.frequency == terms.frequencies[entry.ordinal])
        key.decode("utf-8", "surrogatepass")
        _audit_postings(terms, entry)
    words = [entry.ordinal for key, entry in found if key.startswith(key_of(WORDS, ""))]
    return range(words[0], words[-1] + 1) if words else range(0)


def _audit_postings(terms: TermsReader, entry: TermEntry) -> None:
    postings = terms.postings(entry)
    docs = [*postings.docs]
    _require(entry.value_size in _VALUE_SIZES and len(docs) == entry.frequency == len(postings.codes or docs))
    _require(all(map(lt, docs, docs[1:])) and (not docs or docs[-1] < terms.documents))
    _require(len(postings.frequencies()) == len(postings.codes or b""))
    _require(max(postings.codes or b"", default=entry.top_code) == entry.top_code)


def _audit_documents(documents: DocumentsReader, words: range) -> None:
    """Raise for any row, length or column that is impossible."""
    count, starts = documents.count, documents.token_starts
    documents.check_rows()
    break_starts, breaks = documents.breaks()
    _require(break_starts[0] == 0 and _in_order([*break_starts]))
    lengths = [documents.length(field.name) for field in FIELDS]
    columns = [documents.column(name) for name in ("published", "run", *TITLE_COLUMNS)]
    _require(all(len(column) == count for column in (*lengths, *columns)))
    _require(max(columns[0], default=0) <= ALWAYS[1])
    for doc in range(count):
        row = memoryview(documents.token_row(doc)).cast("I")
        _require(starts[doc + 1] - starts[doc] == len(row) == sum(length[doc] for length in lengths))
        _require(not row or (min(row) in words and max(row) in words))
        _require(_in_order([0, *breaks[break_starts[doc] : break_starts[doc + 1]], len(row)]))
        stored = documents.stored(doc)
        _require("path" in stored and "id" in stored)
        _require(all(_fits(value, _HINTS[name]) for name, value in stored.items()))


def _in_order(numbers: list[int]) -> bool:
    return all(map(le, numbers, numbers[1:]))


_HINTS = hints_of(Texts)


def _fits(value: object, hint: str) -> bool:
    """Whether a stored value is of a fact's type; lists stand for tuples."""
    if hint.startswith("tuple"):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return type(value).__name__.replace("NoneType", "None") in hint.split(" | ")
