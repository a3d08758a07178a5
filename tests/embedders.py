"""A server of embeddings for tests: a real one, on this machine, whose vectors are made of the words of a text.

Words are thrown into a few dimensions by their digests, so texts that share words are alike. It can be told to answer
nonsense, and it counts what it was asked.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.listening import Handler, listening

DIMENSIONS = 32
# Two subjects, for real models.
BACKDOOR = "Backdoor attacks plant a hidden trigger in the training data of a neural network."
BREAD = "We bake bread with rye flour and sourdough."


def embedding(text: str) -> list[float]:
    """The vector of a text; not of unit length."""
    vector = [0.0] * DIMENSIONS
    for word in re.findall(r"\w+", text.casefold()):
        digest = hashlib.blake2b(word.encode(), digest_size=2).digest()
        vector[digest[0] % DIMENSIONS] += 1 if digest[1] & 1 else -1
    return vector if any(vector) else [1.0] + [0.0] * (DIMENSIONS - 1)


class Server:
    """``setting`` names it; ``texts``, ``paths`` and ``keys`` are all that it was sent; ``answer`` makes (status, body)
    of some texts."""

    def __init__(self, setting: str) -> None:
        self.setting = setting
        self.texts: list[str] = []
        self.paths: list[str] = []
        self.keys: list[str | None] = []
        self.answer: Callable[[list[str]], tuple[int, bytes]] = good


def good(texts: list[str]) -> tuple[int, bytes]:
    """What such servers answer; the order is told by ``index`` alone."""
    data = [{"object": "embedding", "index": n, "embedding": embedding(text)} for n, text in enumerate(texts)]
    return 200, json.dumps({"object": "list", "data": data[::-1], "model": "words"}).encode()


@contextmanager
def serving() -> Iterator[Server]:
    """A server for the time of the block."""

    class Embedder(Handler):
        def do_POST(self) -> None:
            asked = json.loads(self.read())
            server.texts += asked["input"]
            server.paths.append(self.path)
            server.keys.append(self.headers.get("Authorization"))
            self.send(*server.answer(asked["input"]))

    with listening(Embedder) as place:
        server = Server(f"http://{place} words")
        yield server


def as_model2vec(folder: Path, monkeypatch: pytest.MonkeyPatch, told: str = "config") -> None:
    """Make a folder one of model2vec, as ``config.json`` or ``modules.json`` tells it, and a stand-in for its library,
    which knows two words."""
    import numpy

    class Table:
        def encode(self, texts: list[str]) -> Any:
            return numpy.array([[3.0, 4.0] if re.search("known|dimensions", text) else [0.0, 0.0] for text in texts])

    loads = SimpleNamespace(from_pretrained=lambda _: Table())
    monkeypatch.setitem(sys.modules, "model2vec", SimpleNamespace(StaticModel=loads, __spec__="here"))
    kinds = [{"idx": 0, "path": ".", "type": "sentence_transformers.models.StaticEmbedding"}]
    (folder / "config.json").write_text('{"model_type": "model2vec"}' if told == "config" else '{"normalize": false}')
    (folder / "modules.json").write_text(json.dumps(kinds))
