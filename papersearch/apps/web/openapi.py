"""The API described by OpenAPI, made from the tables of parameters and the JSON Schema of the answers."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any, NamedTuple

from papersearch import __version__
from papersearch.apps.web import params
from papersearch.output.json_shapes import FORMAT

_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "A paper's id, with or without its version.",
    "schema": {"type": "string"},
}


class Address(NamedTuple):
    """An address of the API: its path, what it gives, its parameters, and the name of its schema."""

    path: str
    summary: str
    parameters: tuple[params.Parameter, ...]
    schema: str


ADDRESSES = (
    Address("/api/search", "Ranked papers with snippets", params.SEARCH, "answer"),
    Address("/api/ask", "An answer in the papers' own sentences", params.ASK, "reply"),
    Address("/api/papers/{id}", "One paper, whole", params.PAPER, "paper"),
    Address("/api/papers/{id}/similar", "Papers like one", params.SIMILAR, "answer"),
    Address("/api/facets", "Counts by tag, author, year or month", params.FACET, "facets"),
    Address("/api/stats", "What the index holds", (), "stats"),
    Address("/api/suggest", "How the word being typed may go on", params.SUGGEST, "completions"),
)
_ERROR = {
    "type": "object",
    "required": ["error", "hint"],
    "properties": {"error": {"type": "string"}, "hint": {"type": "string"}},
}
_COMPLETIONS = {
    "type": "object",
    "required": ["format", "query", "completions"],
    "properties": {
        "format": {"const": FORMAT},
        "query": {"type": "string"},
        "completions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["text", "kind", "papers"],
                "properties": {
                    "text": {"type": "string"},
                    "kind": {"enum": ["word", "author", "tag"]},
                    "papers": {"type": "integer"},
                },
            },
        },
    },
}


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the API."""
    schemas = json.loads(resources.files("papersearch.output").joinpath("schema.json").read_text("utf-8"))["$defs"]
    schemas = _rebased({**schemas, "error": _ERROR, "completions": _COMPLETIONS})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "papersearch",
            "version": __version__,
            "description": "Search research papers on this machine. Read only; the same JSON as the command line.",
        },
        "servers": [{"url": "../"}],  # seen from the document, as a proxy may put a path before the root
        "paths": {address.path: {"get": _operation(address)} for address in ADDRESSES},
        "components": {"schemas": schemas},
    }


def _operation(address: Address) -> dict[str, Any]:
    given = [_ID] if "{id}" in address.path else []
    return {
        "summary": address.summary,
        "operationId": address.path.rpartition("/")[2] if address.schema == "answer" else address.schema,
        "parameters": [*given, *(parameter.schema() for parameter in address.parameters)],
        "responses": {
            "200": _response(address.summary, address.schema),
            "400": _response("A parameter or the query is a mistake", "error"),
            "403": _response("The request comes from another page, or without `Authorization: Bearer TOKEN`", "error"),
            "404": _response("There is no such paper or address", "error"),
            "414": _response("The query is too long", "error"),
            "421": _response("The server does not go by that name", "error"),
            "503": _response("The index cannot be read, or is being made", "error"),
        },
    }


def _response(description: str, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def _rebased(value: Any) -> Any:
    """References within the JSON Schema, as they are within the OpenAPI document."""
    if isinstance(value, dict):
        return {
            key: each.replace("#/$defs/", "#/components/schemas/") if key == "$ref" else _rebased(each)
            for key, each in value.items()
        }
    return [_rebased(each) for each in value] if isinstance(value, list) else value
