"""A model behind ``/v1/embeddings``, the interface that llama.cpp, ollama, vLLM and others share.

A server on another machine is used only where the user trusts it, since it is sent the text of every paper. The key it
may want is taken from ``PAPERSEARCH_MEANING_KEY``.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult

from papersearch.core.errors import MeaningError
from papersearch.core.hosts import is_loopback
from papersearch.engine import servers
from papersearch.engine.meaning.onnx import unit
from papersearch.engine.meaning.pieces import Pieces

ENDPOINT = "/v1/embeddings"
_PROBE = "dimensions"  # what a server is asked to see what it answers
BATCH = 16
FIRST_S = 30.0  # for the first word while indexing: it may load a large model
PATIENCE_S = 120.0  # for some papers while indexing: what a large model takes for them without a graphics card
QUESTION_S = 1.2  # for a question: whoever typed it waits no longer (chosen)
SENTENCES_S = 0.8  # then for the sentences that are shown (chosen)
REST_S = 30.0  # for which a server that kept silent is not asked such again (chosen)
_MOST_CHARACTERS = 8_000  # of a text: about 2,000 tokens, what the usual models read
_LEAST_CHARACTERS = 200  # of a text that is made shorter, as its server cannot read it whole (chosen)
_MOST_BYTES = 16_000_000  # of an answer: as many numbers as 16 vectors of 30,000 dimensions are written with
_AWAY = "check that it runs, and its address"
_PAUSE_S = 1.0  # before a server that is busy is asked again, and twice as long each time after it (chosen)


class _FailedError(MeaningError):
    """A server answers, but not with vectors of these texts; ``too_long`` if it says that they are."""

    too_long = False


class _BusyError(MeaningError):
    """A server says that it will answer later: it loads its model, or was asked too often."""


class ServerModel:
    """A model of a server, for papers; the first request tells its dimensions."""

    pieces: Pieces | None = None
    asked: Callable[[str], Any] | None = None

    def __init__(self, setting: str, trust: bool = False, dimensions: int = 0) -> None:
        address, _, self._model = setting.partition(" ")
        self._model = self._model.strip()
        try:
            self._address = parts = servers.parsed(address)
        except ValueError as wrong:
            raise MeaningError(f"{address!r} is not a server's address", "http://127.0.0.1:11434 MODEL") from wrong
        if not self._model:
            raise MeaningError(f"{setting!r} names no model", "http://127.0.0.1:11434 MODEL")
        if not trust and not is_loopback(parts.hostname or ""):
            raise MeaningError(
                f"the model server {parts.hostname} is another machine, and would be sent the text of every paper",
                "if you trust it, pass --trust or set PAPERSEARCH_TRUST=1",
            )
        self._path = _path(parts)
        self.name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{self._path} {self._model}"
        self.dimensions = dimensions
        if not dimensions:
            self.dimensions = len(self._ask([_PROBE], FIRST_S)[0])

    def passages(self, texts: Sequence[str], jobs: int = 0) -> Iterator[Any]:
        """The vector of each text, in order."""
        for start in range(0, len(texts), BATCH):
            yield from self._read(texts[start : start + BATCH])

    def query(self, text: str) -> Any:
        """The vector of a query."""
        return self._ask([text], PATIENCE_S)[0]

    def _read(self, texts: Sequence[str]) -> list[Any]:
        """The vectors of texts; of one that is too long for the server, of as much of it as that reads: llama.cpp and
        vLLM cut nothing off themselves. None for one that it fails at before and after it answers another one: for
        texts that have nothing odd about them, models of ollama give NaN, which is an error there."""
        try:
            return self._ask(texts, PATIENCE_S)
        except _FailedError as failed:
            if len(texts) > 1:
                return [self._read([text])[0] for text in texts]
            if failed.too_long and len(texts[0]) > _LEAST_CHARACTERS:
                return self._read([texts[0][: min(len(texts[0]), _MOST_CHARACTERS) // 2]])
        self._ask([_PROBE], PATIENCE_S)  # raises if it is the server that fails
        with suppress(_FailedError):
            return self._ask(texts, PATIENCE_S)
        return [None]

    def _ask(self, texts: Sequence[str], wait: float) -> list[Any]:
        end, pause = time.monotonic() + wait, _PAUSE_S
        while True:
            try:
                return self._answer(texts, end - time.monotonic())
            except servers.NoAnswer as broken:
                raise self._away(broken) from broken
            except _BusyError:
                if time.monotonic() + pause > end:
                    raise
                time.sleep(pause)
                pause *= 2

    def _away(self, why: object) -> MeaningError:
        return MeaningError(f"the model server {self._address.hostname} does not answer ({why})", _AWAY)

    def _answer(self, texts: Sequence[str], wait: float) -> list[Any]:
        """The vectors of texts, if they come within so many seconds."""
        question = {"model": self._model, "input": [text[:_MOST_CHARACTERS] for text in texts]}
        key = os.environ.get("PAPERSEARCH_MEANING_KEY", "").strip()
        if not servers.is_key(key):
            raise MeaningError("the key cannot be sent", "set PAPERSEARCH_MEANING_KEY")
        status, data = servers.answered(self._address, self._path, question, key, wait, _MOST_BYTES)
        if status != 200:
            raise self._refusal(status, " ".join(data[:200].decode("utf-8", "replace").split()))
        return self._vectors(data, len(texts))

    def _refusal(self, status: int, said: str) -> MeaningError:
        told = f"the model server answered {status} ({said})"
        if status in (429, 503):
            return _BusyError(told, "try again later")
        hint = "set PAPERSEARCH_MEANING_KEY" if status in (401, 403) else f"check {self.name}"
        failure = _FailedError(told, hint)
        failure.too_long = servers.is_too_long(status, said)
        return failure

    def _vectors(self, data: bytes, count: int) -> list[Any]:
        """The vectors in an answer, in the order of the texts, after looking whether they are any."""
        try:
            listed = sorted(json.loads(data)["data"], key=lambda each: each["index"])
            if [each["index"] for each in listed] != list(range(count)):
                raise ValueError("not one vector for each text")
            vectors = [unit(each["embedding"]) for each in listed]
        except MeaningError as no_vector:
            raise _FailedError(no_vector.message, no_vector.hint) from no_vector
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as nonsense:
            raise MeaningError("the model server's answer holds no vectors", f"check {self.name}") from nonsense
        if any(len(vector) != (self.dimensions or len(vectors[0])) for vector in vectors):
            raise MeaningError("the model server's vectors are not all of one length", f"check {self.name}")
        return vectors


class QuestionModel(ServerModel):
    """The same for whoever waits for an answer: asked for a moment only, and not again for a while if it kept silent.

    Of sentences that take too long only sentences are not asked: the next question still is.
    """

    def __init__(self, setting: str, trust: bool, dimensions: int) -> None:
        """``dimensions`` are those of the vectors that questions are compared with; others are refused."""
        super().__init__(setting, trust, dimensions)
        self._silent: dict[str, tuple[float, str]] = {}

    def passages(self, texts: Sequence[str], jobs: int = 0) -> Iterator[Any]:
        """The vector of each text, in order, as long as they come in time: the limit is one for all."""
        end = time.monotonic() + SENTENCES_S
        for start in range(0, len(texts), BATCH):
            yield from self._soon("passages", texts[start : start + BATCH], end - time.monotonic())

    def query(self, text: str) -> Any:
        """The vector of a query."""
        return self._soon("query", [text], QUESTION_S)[0]

    def _soon(self, kind: str, texts: Sequence[str], wait: float) -> list[Any]:
        since, why = self._silent.get(kind, (float("-inf"), ""))
        if time.monotonic() - since < REST_S:
            raise self._away(why)
        try:
            return self._answer(texts, wait)
        except servers.NoAnswer as broken:
            self._silent[kind] = time.monotonic(), str(broken)
            raise self._away(broken) from broken


def _path(parts: SplitResult) -> str:
    """Where embeddings are asked for: the base address, with or without ``/v1``, will do."""
    path = parts.path.rstrip("/")
    return path if path.endswith("/embeddings") else path.removesuffix("/v1") + ENDPOINT
