"""How like a query each paper is in meaning: exact, over all vectors of an index. numpy is loaded here, on first use.

Vectors and queries are whole numbers, and so are all sums of their products, which float32 holds exactly while they
stay below 2^24: every library of linear algebra gives the same likeness, in whatever order it adds, and wherever in a
file a vector stands. Some hundred rows at a time are made floats, which stay in the processor's cache: 9 ms of one core
for 87,288 vectors of 384 dimensions, a tenth of a second for a million (measured 2026-11-25). Beyond some millions, a
graph of neighbours (hnswlib, usearch) would begin to pay.
"""

from __future__ import annotations

from functools import lru_cache, partial

from papersearch.core.caches import cached_method
from papersearch.core.cores import available_cores
from papersearch.core.errors import MeaningError, what_to_do
from papersearch.core.frozen import NamedTuple
from papersearch.engine.index import vectors
from papersearch.engine.index.folder import vectors_state
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.meaning.models import Model, open_model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ROWS = 512
# Rows that take longer than starting a thread does (1.5 ms; chosen).
_WORTH_A_THREAD = 16_384
_EXACT = float(1 << 24)
# Likenesses of so many queries are kept: the pages of one answer share them.
_KEPT = 4


class Nearest:
    """The vectors of an index as it is open, and the model that made them. Safe for many threads."""

    def __init__(self, reader: IndexReader, state: vectors.State, trusted: bool) -> None:
        """Raise ``MeaningError`` where a file of vectors is not as it was written."""
        numbers = {segment.name: number for number, segment in enumerate(reader.generation.segments)}
        self._counts = [segment.count for segment in reader.segments]
        self._files = [
            (part, vectors.verified(reader.folder, part, state.dimensions))
            for part in state.parts
            if part.segment in numbers
        ]
        self._parts = []
        for part, data in self._files:
            number, rows = numbers[part.segment], vectors.rows_in(data, part, state.dimensions)
            self._parts.append((number, _within(rows, self._counts[number])))
        self.state, self._trusted = state, trusted
        self._model: Model | None = None
        self.likeness = cached_method(_KEPT, self._likeness)

    def model(self) -> Model:
        """The model, loaded. Raises ``MeaningError`` where it is not the one that made the vectors."""
        if self._model is None:
            state = self.state
            self._model = maker_of(state.setting, state.model, state.dimensions, self._trusted)
        return self._model

    def _likeness(self, text: str) -> Likeness:
        """How like a question every document is."""
        return Likeness.of(self.to_vector(vectors_of(self.model(), text)))

    def to_vector(self, query: Any) -> list[Any]:
        """For each segment the likeness of every document to a vector of unit length, or to each of a few (one a
        column): -1 to 1, NaN for one without a vector."""
        from papersearch.core.numeric import numpy

        self._check_lengths()
        found = [numpy.full((count, *query.shape[1:]), numpy.nan, numpy.float32) for count in self._counts]
        for number, rows in self._parts:
            if len(rows.documents) == self._counts[number]:  # a row for every document: nothing is to be moved
                found[number] = likenesses(rows, query)
            else:
                found[number][rows.documents] = likenesses(rows, query)
        return found

    def vector_of(self, number: int, doc: int) -> Any:
        """The vector of a document, of unit length; None where it has none."""
        from papersearch.core.numeric import numpy

        self._check_lengths()
        for segment, rows in self._parts:
            if segment == number:
                place = int(numpy.searchsorted(rows.documents, doc))
                if place < len(rows.documents) and rows.documents[place] == doc and rows.lengths[place]:
                    return unit(rows.vectors[place])
        return None

    def _check_lengths(self) -> None:
        """Raise if a file cannot be looked at any more."""
        for part, data in self._files:
            vectors.check_length(data, part)

    def count(self, live: list[int]) -> int:
        """How many documents of the segments' bit sets have a vector."""
        from papersearch.core.numeric import numpy

        total = 0
        for number, (bits, count) in enumerate(zip(live, self._counts, strict=True)):
            has = numpy.zeros(count, bool)
            for segment, rows in self._parts:
                if segment == number:
                    has[rows.documents] = rows.lengths != 0
            total += int((has & mask(bits, count)).sum())
        return total


class Likeness(NamedTuple):
    """How like a question every document is, a column for each segment: like what it says, which counts beside words,
    and like a paper that answers it in other words (see ``Model.asked``)."""

    said: list[Any]
    asked: list[Any]

    @staticmethod
    def of(columns: list[Any]) -> Likeness:
        """Of what the ``vectors_of`` a question are like."""
        said = [column[:, 0].copy() for column in columns]
        if all(column.shape[1] == 1 for column in columns):
            return Likeness(said, said)
        return Likeness(said, [column[:, 1].copy() for column in columns])


def vector_of_text(model: Model, text: str) -> Any:
    """The vector of a text that papers are to be like. Raises ``MeaningError`` where the model knows no word of it."""
    vector = next(iter(model.passages([text])))
    if vector is None:
        raise MeaningError("the model knows no word of the text", "papersearch similar --no-meaning")
    return vector


@lru_cache(maxsize=16)
def vectors_of(model: Model, question: str) -> Any:
    """The vectors of a question that papers are compared with, a column each: what it says, and as it is asked if the
    model reads that otherwise."""
    from papersearch.core.numeric import numpy

    if model.asked is None:
        return model.query(question)[:, None]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:  # at the same time, where there is more than one core
        try:
            asked = pool.submit(model.asked, question).result
        except RuntimeError:  # the system refuses a thread
            asked = partial(model.asked, question)
        return numpy.stack([model.query(question), asked()], axis=1)


def _within(rows: vectors.VectorRows, count: int) -> vectors.VectorRows:
    """The rows of documents that a segment of so many has; what a file says of others is passed over."""
    inside = rows.documents < count
    return rows if inside.all() else rows.take(inside)


def likenesses(rows: vectors.VectorRows, query: Any) -> Any:
    """How like a vector of unit length each row is, or each of a few (one a column); NaN for one without a vector."""
    from papersearch.core.numeric import numpy

    scale = _EXACT / (vectors.LARGEST * len(query) ** 0.5)
    whole = numpy.rint(query * numpy.float32(scale)).astype(numpy.float32)
    length = numpy.sqrt((whole.astype(numpy.float64) ** 2).sum(axis=0)).astype(numpy.float32)
    lengths = rows.lengths.astype(numpy.float32)
    lengths[lengths == 0] = numpy.nan
    return _products(rows.vectors, whole) / numpy.multiply.outer(lengths, length)


def unit(whole: Any) -> Any:
    """A vector of whole numbers, with unit length."""
    from papersearch.core.numeric import numpy

    vector = whole.astype(numpy.float32)
    return vector / numpy.sqrt((vector * vector).sum())


def mask(bits: int, count: int) -> Any:
    """A bit set as an array of bools."""
    from papersearch.core.numeric import numpy

    packed = numpy.frombuffer(bits.to_bytes(count // 8 + 1, "little"), numpy.uint8)
    return numpy.unpackbits(packed, count=count, bitorder="little").astype(bool)


def _products(rows: Any, query: Any) -> Any:
    """The scalar product of each row of int8 with a query, or with the columns of some; many rows are shared out to the
    cores."""
    from papersearch.core.numeric import numpy

    found = numpy.empty((len(rows), *query.shape[1:]), numpy.float32)
    threads = len(rows) // _WORTH_A_THREAD
    threads = min(threads, available_cores()) if threads > 1 else 1
    if threads < 2:
        _multiply(rows, query, found)
        return found
    from concurrent.futures import ThreadPoolExecutor

    step = -(-len(rows) // threads)
    parts = [slice(start, start + step) for start in range(0, len(rows), step)]
    try:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda part: _multiply(rows[part], query, found[part]), parts))  # told what fails
    except RuntimeError:  # the system refuses threads
        _multiply(rows, query, found)
    return found


def _multiply(rows: Any, query: Any, found: Any) -> None:
    from papersearch.core.numeric import numpy

    floats = numpy.empty((min(_ROWS, len(rows)), len(query)), numpy.float32)
    for start in range(0, len(rows), _ROWS):
        some = rows[start : start + _ROWS]
        part = floats[: len(some)]
        part[...] = some
        numpy.dot(part, query, out=found[start : start + len(some)])


def maker_of(setting: str, name: str, dimensions: int, trusted: bool) -> Model:
    """The model that made the vectors of an index, which keeps its ``setting``, ``name`` and ``dimensions``. Raises
    ``MeaningError`` where the setting leads to another one by now."""
    model = open_model(setting, trusted, dimensions)
    if (model.name, model.dimensions) != (name, dimensions):
        raise MeaningError(f"the index's vectors were made by another model ({name})", vectors.AGAIN)
    return model


def open_nearest(reader: IndexReader, model: str | None, trust: bool) -> Nearest | None:
    """The vectors of an open index; None where it keeps none. ``model`` is the setting that the user named: a model on
    another machine is only used if it is that one, or with ``trust``."""
    while True:
        begun = vectors_state(reader.folder)
        try:
            state = vectors.load(reader.folder)
            return None if state is None else Nearest(reader, state, trust or state.setting == model)
        except OSError as refused:
            raise MeaningError(
                f"the index's vectors cannot be read ({refused.strerror})",
                what_to_do(refused, "fix this and ask again"),
            ) from refused
        except MeaningError:
            if vectors_state(reader.folder) == begun:
                raise  # else another state took its place while this one's files were opened
