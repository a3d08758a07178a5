"""What a model of meaning is, and how the text of a setting names one.

    minilm                                  the packaged all-MiniLM-L6-v2
    models/bge-small                        a folder: sentence-transformers (ONNX or not) or model2vec
    http://127.0.0.1:11434 nomic-embed-text a server with /v1/embeddings, and the name of its model

Texts go to no other address than the one that is named, and to another machine only where the user trusts it. Nothing
is downloaded. Every error is a ``MeaningError``: a query by words still answers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from papersearch.core.errors import MeaningError
from papersearch.core.hosts import is_web
from papersearch.engine.meaning.pieces import Pieces

PACKAGED = "minilm"
# Loaded models by name: a process that answers many queries loads each once.
_opened: dict[tuple[str, bool, int], Model] = {}


class Model(Protocol):
    """Texts to vectors of unit length: float32 arrays of numpy. Of the same text always the same vector."""

    name: str
    """Tells it apart from every model with other vectors; of weights on this machine it holds their digest."""

    dimensions: int
    pieces: Pieces | None
    """What looks closer at how much of a question a text says; None if the model has nothing for that."""

    asked: Callable[[str], Any] | None
    """The vector of a question that papers answer in other words; None if the model reads all alike."""

    def passages(self, texts: Sequence[str], jobs: int = 0) -> Iterator[Any]:
        """The vector of each text that is to be found, in order, as they are made; None for one of which a table of
        words knows none. ``jobs`` 0 means all cores."""

    def query(self, text: str) -> Any:
        """The vector of a text that is looked for."""

    def __hash__(self) -> int: ...


def open_model(setting: str, trust: bool = False, dimensions: int = 0) -> Model:
    """The model that a setting names. Raises ``MeaningError`` where it cannot be used. With the ``dimensions`` of the
    vectors that questions are compared with, it is for questions alone: a server is then not waited for (see
    ``server.QuestionModel``)."""
    key = setting, trust, dimensions if is_web(setting) else 0
    if key not in _opened:
        _opened[key] = _open(*key)
    return _opened[key]


def open_unless_silent(setting: str, trust: bool, dimensions: int) -> Model:
    """As ``open_model``, to make vectors with while somebody waits. A server whose earlier vectors have ``dimensions``
    is asked one short question first: if it does not answer that at once, ``MeaningError`` is raised."""
    if dimensions and is_web(setting):
        open_model(setting, trust, dimensions).query("dimensions")
    return open_model(setting, trust)


def _open(setting: str, trust: bool, dimensions: int) -> Model:
    if setting == PACKAGED:
        from papersearch.engine.meaning.onnx import packaged

        return packaged()
    if is_web(setting):
        from papersearch.engine.meaning.server import QuestionModel, ServerModel

        return QuestionModel(setting, trust, dimensions) if dimensions else ServerModel(setting, trust)
    if os.path.isdir(setting):
        from papersearch.engine.meaning.folders import open_folder

        return open_folder(setting)
    raise MeaningError(
        f"there is no model {setting!r}", f"name a folder, the address of a server and its model, or {PACKAGED}"
    )


def may_differ(setting: str, name: str, asked: bool) -> bool:
    """Whether a setting may name another model now than the one with that name. Of the packaged model that is known; of
    a folder only once it is read, which is worth while where vectors are ``asked`` for."""
    if setting == PACKAGED:
        from papersearch.engine.meaning import minilm

        return name != minilm.NAME
    return asked and os.path.isdir(setting)
