"""How much of a question a text says, word by word: a closer look than one vector for all of a paper can be.

Each word piece of the question, as the model gives it in its context, is compared with all pieces of the text, and the
likeness of the best counts, the more the rarer the piece is (late interaction: Khattab and Zaharia, ColBERT, SIGIR
2020). In their context the pieces of a text would be some 200 vectors a paper, to be kept or to be computed anew. So
of a piece of the text a table has one vector, of 64 dimensions. It began as the mean of what the model gives for the
piece all over the papers of arXiv (``python -m benchmarks.pieces``), and learned from questions, together with how much
each piece of a question counts (``python -m benchmarks.learn``). What it brings stands in ``benchmarks/meaning.md``.

The table, ``minilm.pieces.npz``, of P pieces of a vocabulary of V:

    pieces      P ascending numbers of word pieces
    vectors     P x 64, int8: of unit length, times 127
    weights     V, float16: how much a piece of a question counts
    projection  384 x 64, float32: what makes such a vector of what the model gives
    share       how much the closer look counts beside the likeness of vectors

Products are sums of whole numbers, exact in float32.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import Any

from papersearch.core.errors import MeaningError

TABLE = os.path.join(os.path.dirname(__file__), "minilm.pieces.npz")
# Characters of a text that are compared: more than ordinary abstracts have.
_MOST_CHARACTERS = 5_000
_FULL = 127
_MOST_KNOWN, _LONGEST_KNOWN = 50_000, 40  # words that are remembered, and their letters: ten megabytes at most
_WORD = re.compile(r"\w+")

Rows = Callable[[str], tuple[Sequence[int], Any]]
"""The numbers of a text's word pieces, and what the model gives for each."""


class Pieces:
    """The table of one model."""

    def __init__(self, tokenizer: Any, rows: Rows) -> None:
        self._tokenizer, self._rows = tokenizer, rows
        self._table = Table()
        self._known: dict[str, tuple[int, ...]] = {}

    def likeness(self, question: str, texts: Sequence[str]) -> list[float]:
        """How much of a question each text says, as a share of what the likeness of vectors says (about -1 to 1). Costs
        about 0.1 ms for an abstract."""
        from papersearch.core.numeric import numpy

        table = self._table
        numbers, rows = self._rows(question)
        weights = table.weights[list(numbers)]
        total = weights.sum() * _FULL * _FULL / table.share
        if not total:
            return [0.0] * len(texts)
        places = [self._places_of(text) for text in texts]
        all_places, where = numpy.unique(numpy.concatenate([*places, [0]]), return_inverse=True)
        products = (table.vectors[all_places].astype(numpy.float32) @ table.projected(rows).T)[where]
        found, start = [], 0
        for each in places:
            best = products[start : start + len(each)].max(axis=0) if len(each) else numpy.zeros(len(numbers))
            found.append(float((best * weights).sum() / total))
            start += len(each)
        return found

    def is_word(self, word: str) -> bool:
        """Whether the model knows a word as a whole, not only as pieces."""
        return len(self._tokenizer.encode(word, add_special_tokens=False).ids) == 1

    def _places_of(self, text: str) -> Any:
        from papersearch.core.numeric import numpy

        known, found = self._known, set[int]()
        for word in set(_WORD.findall(text[:_MOST_CHARACTERS].lower())):
            places = known.get(word)
            found.update(self._find(word) if places is None else places)
        return numpy.array(list(found), numpy.int64)

    def _find(self, word: str) -> tuple[int, ...]:
        """The rows of a word's pieces, of those that the table has. Words are remembered, as most come again."""
        numbers = self._tokenizer.encode(word, add_special_tokens=False).ids
        places = tuple(place for place in self._table.places[numbers].tolist() if place >= 0)
        if len(self._known) < _MOST_KNOWN and len(word) <= _LONGEST_KNOWN:
            self._known[word] = places
        return places


class Table:
    """The file, loaded: ``places`` gives the row of each piece of the vocabulary, or -1, ``weights`` its weight."""

    def __init__(self) -> None:
        from papersearch.core.numeric import numpy

        file = arrays_of(TABLE)
        self.vectors, self._projection = file["vectors"], file["projection"]
        self.weights, self.share = file["weights"].astype(numpy.float64), float(file["share"])
        self.places = numpy.full(len(self.weights), -1, numpy.int64)
        self.places[file["pieces"]] = numpy.arange(len(file["pieces"]))

    def projected(self, rows: Any) -> Any:
        """What the model gives for pieces, made comparable with the table: whole numbers."""
        from papersearch.core.numeric import numpy

        return quantized(rows @ self._projection).astype(numpy.float32)


def arrays_of(path: str) -> dict[str, Any]:
    """The arrays of a file that comes with papersearch. Raises ``MeaningError`` where it is missing or damaged."""
    from papersearch.core.numeric import numpy

    try:
        with numpy.load(path) as file:
            return {name: file[name] for name in file.files}
    except Exception as wrong:  # of the zip, of zlib and of numpy there are a dozen
        raise MeaningError(f"{path}, a part of papersearch, cannot be read", "install papersearch again") from wrong


def quantized(rows: Any) -> Any:
    """Rows of unit length, times 127, as whole numbers; a row of zeros stays one."""
    from papersearch.core.numeric import numpy

    lengths = numpy.sqrt((rows * rows).sum(axis=1, keepdims=True))
    return numpy.rint(rows / numpy.maximum(lengths, 1e-9) * _FULL).astype(numpy.int8)
