"""The JSON API: the records of the library in the shapes of the command line, one function an address.

Read only. Functions are plain: Starlette runs them in threads, and an index may be asked by many at once.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from papersearch.apps.current import BuildingError, CurrentIndex
from papersearch.apps.web import params
from papersearch.core.errors import MeaningError, NotFoundError, PapersearchError, QueryError, UsageError
from papersearch.core.fields import most_telling
from papersearch.output import formats, json_shapes, plain
from papersearch.output.parts import lines_of, part_of


class Api:
    """Answers requests from one index. ``paths``: whether answers name files as they lie on this machine."""

    def __init__(self, current: CurrentIndex, *, paths: bool) -> None:
        self._current, self._paths = current, paths

    def search(self, request: HttpRequest) -> Response:
        """One page of results."""
        values = params.read(request.query_params, params.SEARCH)
        index = self._current.index()
        return self._json(json_shapes.answer_json(index.search(params.request_of(values)), explain=values["explain"]))

    def ask(self, request: HttpRequest) -> Response:
        """An answer to a question in the papers' own sentences: no text is sent to a model's server from here."""
        values = params.read(request.query_params, params.ASK)
        return self._json(json_shapes.reply_json(self._current.index().ask(params.question_of(values))))

    def paper(self, request: HttpRequest) -> Response:
        """One paper, whole, or the part of its text that was asked for."""
        values = params.read(request.query_params, params.PAPER)
        paper = self._current.index().paper(request.path_params["id"])
        first, last = (1, None) if values["from"] == "0" else lines_of(values["from"], "from")
        if (first, last) == (1, None) and not values["max_chars"]:
            return self._json(json_shapes.paper_json(paper))
        part = part_of(plain.paper_text(paper), first, last, most=values["max_chars"])
        return self._json(json_shapes.part_json(paper, part))

    def similar(self, request: HttpRequest) -> Response:
        """Papers like one."""
        values = params.read(request.query_params, params.SIMILAR)
        answer = self._current.index().similar(request.path_params["id"], **values)
        return self._json(json_shapes.answer_json(answer))

    def facets(self, request: HttpRequest) -> Response:
        """Counts by tag, author, year or month, of all papers or of those that match."""
        values = params.read(request.query_params, params.FACET)
        by = values["by"]
        counts = self._current.index().facets(by, params.request_of(values))
        shown = most_telling(counts, by, values["limit"] or params.MOST_RESULTS)
        return self._json(json_shapes.facets_json(shown, by))

    def stats(self, request: HttpRequest) -> Response:
        """What the index holds, and how many posts changed since, as far as that is known already."""
        params.read(request.query_params, ())
        data = json_shapes.stats_json(self._current.index().stats(look=False))
        return self._json({**data, "stale": self._current.stale()})

    def suggest(self, request: HttpRequest) -> Response:
        """How the word being typed may go on, and which authors and tags begin like it."""
        values = params.read(request.query_params, params.SUGGEST)
        found = self._current.index().completions(values["q"], values["limit"])
        data = [{"text": each.text, "kind": each.kind, "papers": each.papers} for each in found]
        return self._json({"format": json_shapes.FORMAT, "query": values["q"], "completions": data})

    def _json(self, data: dict[str, Any]) -> Response:
        if not self._paths:
            data = _without_paths(data, self._current.index().corpus)
        return Response(formats.json_text(data), media_type="application/json")


def _without_paths(data: Any, corpus: Sequence[str]) -> Any:
    """The data with files named as ``folder/post.md``, from the corpus folder on, so that nothing is told of where on
    this machine that lies."""
    if isinstance(data, list):
        return [_without_paths(each, corpus) for each in data]
    if not isinstance(data, dict):
        return data
    return {key: _named(key, value, corpus) for key, value in data.items()}


def _named(key: str, value: Any, corpus: Sequence[str]) -> Any:
    """A value of a record, with the file or the folders that it names as ``_without_paths`` has them."""
    if key == "expanded":
        return value  # its keys are words, of which "corpus" may be one
    if key == "path":
        return below(value, corpus)
    if key == "corpus":
        return [os.path.basename(folder) for folder in value]
    return _without_paths(value, corpus)


def below(path: str, corpus: Sequence[str]) -> str:
    """A post's path from its corpus folder on, that folder's name included."""
    whole = os.path.abspath(path)
    for folder in corpus:
        if whole.startswith(folder.rstrip(os.sep) + os.sep):
            return os.path.relpath(whole, os.path.dirname(folder.rstrip(os.sep)))
    return os.path.basename(path)


def status_of(error: PapersearchError) -> int:
    """400 for what is wrong with the request (meaning that the index cannot search by, too), 404 for what is not there,
    503 for what ails the index."""
    if isinstance(error, NotFoundError):
        return 404
    return 400 if isinstance(error, (UsageError, MeaningError)) else 503


def told(current: CurrentIndex, error: PapersearchError, *, paths: bool) -> PapersearchError:
    """An error as whoever asks is told it. What ails the index names places on this machine: it is said where the
    server was started, and to others only with ``paths``."""
    if status_of(error) != 503 or isinstance(error, BuildingError):
        return error
    current.tell(error)
    return error if paths else PapersearchError("the index cannot be read", "see what the server printed")


def failure(error: PapersearchError) -> JSONResponse:
    """An error as the API answers it."""
    status = status_of(error)
    data: dict[str, Any] = {"error": error.message, "hint": error.hint}
    if isinstance(error, QueryError):
        data["position"] = error.position
    return JSONResponse(data, status, headers={"retry-after": "1"} if status == 503 else None)
