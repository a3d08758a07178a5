"""The parameters of a request, by one table: names and kinds, what they mean, and the OpenAPI schema of each.

What is unknown or malformed is refused with a hint and never ignored. The names are those of ``query``'s options.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from starlette.datastructures import QueryParams

from papersearch.core.errors import UsageError
from papersearch.core.fields import FACETS
from papersearch.core.records import MATCHES, SEVERAL, SORTS, Request
from papersearch.text.display import one_line
from papersearch.text.mistyped import unknown

MOST_RESULTS = 100
MOST_VALUES = 100  # of one parameter that may be repeated (chosen): the page has a link without each of them
FURTHEST = 100_000
LAST_RUN = 999_999_999  # numbers have nine digits at most


class Parameter(NamedTuple):
    """``kind`` is text, many (may be repeated), number, lines or switch; ``most`` bounds a number."""

    name: str
    kind: str
    help: str
    default: Any = None
    choices: tuple[str, ...] = ()
    most: int = 0

    def schema(self) -> dict[str, Any]:
        """The parameter as OpenAPI describes it."""
        text: dict[str, Any] = {"type": "string"}
        if self.choices:
            text["enum"] = list(self.choices)
        kinds = {
            "text": text,
            "many": {"type": "array", "items": text},
            "lines": {"type": "string", "pattern": "^[0-9]+(-[0-9]+)?$"},
            "number": {"type": "integer", "minimum": 0, "maximum": self.most},
            "switch": {"type": "boolean"},
        }
        schema = kinds[self.kind]
        if self.default not in (None, ()):
            schema["default"] = self.default
        return {"name": self.name, "in": "query", "description": self.help, "required": False, "schema": schema}


QUERY = Parameter("q", "text", "What to search for, in the query language; * or nothing means every paper.", "")
LIMIT = Parameter("limit", "number", f"How many results, {MOST_RESULTS} at most.", 10, most=MOST_RESULTS)
VALUES = Parameter(
    "limit", "number", f"How many values, {MOST_RESULTS} at most; 0 means as many.", 20, most=MOST_RESULTS
)
OFFSET = Parameter("offset", "number", "How many results to leave out before them.", 0, most=FURTHEST)
FILTERS = (
    Parameter("author", "many", "Only papers by this author; all that are given must hold.", ()),
    Parameter("tag", "many", "Only papers with this tag; all that are given must hold.", ()),
    Parameter("since", "text", "Published on this day, month or year (2024-12-19, 2024-12, 2024) or later."),
    Parameter("until", "text", "Published on this day, month or year or earlier."),
    Parameter("match", "text", "Whether every word must occur.", "auto", MATCHES),
    Parameter("syntax", "switch", "Whether operators are understood.", True),
    Parameter("expand", "switch", "Whether acronyms' long forms count, and others for words that hardly match.", True),
    Parameter("prefix", "switch", "Whether the last word is still being typed.", False),
)
SEARCH = (
    QUERY,
    LIMIT,
    OFFSET,
    Parameter("sort", "text", "The order.", "relevance", SORTS),
    *FILTERS,
    Parameter("snippets", "switch", "Whether passages are shown.", True),
    Parameter("meaning", "switch", "Whether papers are ranked by words and meaning together.", None),
    Parameter("explain", "switch", "Why each paper ranks where it does.", False),
    Parameter(
        "since_run",
        "number",
        "Only papers first seen after that run of the index; /api/stats has its last.",
        most=LAST_RUN,
    ),
)
FACET = (QUERY, Parameter("by", "text", "What to count by.", "tag", FACETS), VALUES, *FILTERS)
ASK = (Parameter("q", "text", "What you want to know.", ""), *FILTERS[:4])
SIMILAR = (LIMIT, OFFSET)
SUGGEST = (Parameter("q", "text", "What has been typed so far.", ""), LIMIT)
PAPER = (
    Parameter("from", "lines", "The first line of the text to give, counted from 1, or a range such as 12-40.", "1"),
    Parameter("max_chars", "number", "How much text to give at most; 0 means all.", 0, most=10_000_000),
)


def read(params: QueryParams, table: tuple[Parameter, ...]) -> dict[str, Any]:
    """The values of the parameters in ``table``, defaults filled in. Raises ``UsageError``."""
    known = {parameter.name: parameter for parameter in table}
    values = {parameter.name: parameter.default for parameter in table}
    for name in dict.fromkeys(params.keys()):
        if name == "token":
            continue
        if name not in known:
            raise unknown("there is no parameter", name, known)
        given = params.getlist(name)
        if len(given) > 1 and known[name].kind != "many":
            raise UsageError(f"{name} was given {len(given)} times", "give it once")
        values[name] = _value(known[name], given)
    return values


def _value(parameter: Parameter, given: list[str]) -> Any:
    name, text = parameter.name, given[-1]
    if parameter.kind == "many":
        several = tuple(dict.fromkeys(each for each in given if each.strip()))
        if len(several) > MOST_VALUES:
            raise UsageError(f"{name} was given {len(several):,} times", f"give it {MOST_VALUES} times at most")
        return several
    if parameter.kind == "switch":
        if text.lower() not in ("1", "0", "true", "false", "yes", "no"):
            raise UsageError(f"{name} {one_line(text[:80])!r}", "true or false")
        return text.lower() in ("1", "true", "yes")
    if parameter.kind == "number":
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= parameter.most):
            raise UsageError(f"{name} {one_line(text[:80])!r}", f"a whole number from 0 to {parameter.most:,}")
        return int(text)
    if parameter.choices and text not in parameter.choices:
        raise unknown(f"there is no {name}", text, parameter.choices)
    return text if text or parameter.default is not None else None


def request_of(values: dict[str, Any]) -> Request:
    """The request that the values describe; a parameter that its table does not have is at the request's default."""
    options = {SEVERAL.get(name, name): value for name, value in values.items() if name not in ("q", "by")}
    return Request(values["q"] if values["q"].strip() else "*", **options)


def question_of(values: dict[str, Any]) -> Request:
    """The request for an answer to a question; one without words has no answer."""
    return Request(
        values["q"], authors=values["author"], tags=values["tag"], since=values["since"], until=values["until"]
    )
