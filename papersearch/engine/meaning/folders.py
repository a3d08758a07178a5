"""Models in a folder of this machine, in the layout of sentence-transformers or of model2vec.

ONNX files are run here; other weights by the library that made the folder, if it is installed.
"""

from __future__ import annotations

import glob
import hashlib
import importlib.util
import json
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from papersearch.core.errors import MeaningError
from papersearch.engine.meaning.onnx import OnnxModel, Recipe, open_session, required, told, unit
from papersearch.engine.meaning.pieces import Pieces

# Where an ONNX file is looked for, in this order; then any other of the folder ``onnx``, where published models keep a
# quantized file for each kind of processor, of which a user takes one.
_ONNX = ("model.onnx", "onnx/model.onnx", "onnx/model_quantized.onnx", "onnx/model_int8.onnx")
_WEIGHTS = (".onnx", ".safetensors", ".bin", ".model", ".json", ".txt")
_ENDS = 65_536  # bytes from either end of a file that go into its model's name


def open_folder(folder: str) -> OnnxModel | _LibraryModel:
    """The model in a folder. Raises ``MeaningError`` where there is none that can be used."""
    try:
        name = f"{os.path.basename(os.path.abspath(folder))} {_digest(folder)}"
    except OSError as missing:  # a link of a cache to what is there no more, say
        reason = f"{missing.filename}: {missing.strerror}" if missing.filename else missing
        raise MeaningError(f"the model {folder} cannot be read ({reason})", "save it again") from missing
    if _is_model2vec(folder):  # also where it has an ONNX file, which wants more than a text's word pieces
        library = required("model2vec", "pip install model2vec")
        return _loaded(name, folder, library.StaticModel.from_pretrained, Recipe())
    onnx = _onnx(folder)
    if onnx is not None:
        tokenizer = os.path.join(folder, "tokenizer.json")
        if not os.path.isfile(tokenizer):
            raise MeaningError(f"the model {folder} has no tokenizer.json", "save it with its tokenizer")
        try:
            words = required("tokenizers").Tokenizer.from_file(tokenizer)
        except MeaningError:
            raise
        except Exception as wrong:
            raise MeaningError(f"{tokenizer} cannot be read", "save the model with its tokenizer again") from wrong
        return OnnxModel(name, words, _recipe(folder), lambda: open_session(onnx))
    if os.path.isfile(os.path.join(folder, "modules.json")):
        _check_modules(folder)
        library = required("sentence_transformers", "pip install sentence-transformers, or export the model to ONNX")
        return _loaded(name, folder, library.SentenceTransformer, _recipe(folder))
    raise MeaningError(
        f"the folder {folder} holds no model", "it needs model.onnx and tokenizer.json, modules.json, or model2vec's"
    )


def _is_model2vec(folder: str) -> bool:
    """Whether a folder is one of model2vec: what it distils says so, and what it makes of vectors or trains is a table
    of words (which sentence-transformers may run too, if that is what is installed)."""
    if _json(folder, "config.json").get("model_type") == "model2vec":
        return True
    is_table = not os.path.isfile(os.path.join(folder, "config_sentence_transformers.json")) and (
        (_parts(folder) or [])[:1] == ["sentence_transformers.models.StaticEmbedding"]
    )
    return is_table and importlib.util.find_spec("model2vec") is not None


def _onnx(folder: str) -> str | None:
    """The ONNX file to run; None where there is none."""
    others = sorted(glob.glob(os.path.join(glob.escape(folder), "onnx", "*.onnx")))
    return next(filter(os.path.isfile, [*(os.path.join(folder, each) for each in _ONNX), *others]), None)


def _check_modules(folder: str) -> None:
    """Raise ``MeaningError`` unless all parts of a model are sentence-transformers' own: any other would be code that
    the folder brings with it, and run."""
    parts = _parts(folder)
    if parts is None or not all(isinstance(each, str) and each.startswith("sentence_transformers.") for each in parts):
        raise MeaningError(
            f"the model {folder} brings code of its own", "export it to ONNX: model.onnx and tokenizer.json"
        )


def _parts(folder: str) -> list[Any] | None:
    """The kinds of a model's parts as ``modules.json`` tells them; None where it cannot be read."""
    try:
        with open(os.path.join(folder, "modules.json"), "rb") as file:
            return [module["type"] for module in json.load(file)]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _recipe(folder: str) -> Recipe:
    """How sentence-transformers' own files say that the model is used."""
    most = _json(folder, "sentence_bert_config.json").get("max_seq_length", Recipe().most_tokens)
    pooling = "cls" if _json(folder, "1_Pooling/config.json").get("pooling_mode_cls_token") else "mean"
    prompts = _json(folder, "config_sentence_transformers.json").get("prompts")
    prompts = prompts if isinstance(prompts, dict) else {}
    return Recipe(
        most if isinstance(most, int) and most > 2 else Recipe().most_tokens,
        pooling,
        str(prompts.get("document") or prompts.get("passage") or ""),
        str(prompts.get("query") or ""),
    )


def _json(folder: str, name: str) -> dict[str, Any]:
    """A file's table; an empty one where there is no such file."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            table = json.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as wrong:
        raise MeaningError(f"{os.path.join(folder, name)} cannot be read", "save the model again") from wrong
    return table if isinstance(table, dict) else {}


def _digest(folder: str) -> str:
    """What changes when the model does: names, sizes, and both ends of all its files (weights can be gigabytes)."""
    digest = hashlib.blake2b(digest_size=8)
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if not name.endswith(_WEIGHTS):
                continue
            path = os.path.join(place, name)
            size = os.path.getsize(path)
            digest.update(f"{os.path.relpath(path, folder)} {size}\n".encode("utf-8", "surrogateescape"))
            with open(path, "rb") as file:
                digest.update(file.read(_ENDS))
                file.seek(max(0, size - _ENDS))
                digest.update(file.read(_ENDS))
    return digest.hexdigest()


class _LibraryModel:
    """A model that its own library runs."""

    pieces: Pieces | None = None
    asked: Callable[[str], Any] | None = None

    def __init__(self, name: str, model: Any, recipe: Recipe) -> None:
        self.name, self._model, self._recipe = name, model, recipe
        self.dimensions = len(self.query("dimensions"))

    def passages(self, texts: Sequence[str], jobs: int = 0) -> Iterator[Any]:
        """The vector of each text, in order."""
        for text in texts:
            vector = self._model.encode([self._recipe.passage_prefix + text])[0]
            yield unit(vector) if vector.any() else None

    def query(self, text: str) -> Any:
        """The vector of a query."""
        return unit(self._model.encode([self._recipe.query_prefix + text])[0])


def _loaded(name: str, folder: str, load: Any, recipe: Recipe) -> _LibraryModel:
    try:
        return _LibraryModel(name, load(folder), recipe)
    except MeaningError:
        raise
    except Exception as refused:  # whatever a library raises for a folder it does not like
        raise MeaningError(f"the model {folder} cannot be loaded ({told(refused)})", "check the folder") from refused
