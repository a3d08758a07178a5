"""One line of a batch: its answer, as it is printed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from papersearch.core.errors import PapersearchError, unforeseen
from papersearch.core.frozen import replace
from papersearch.output import formats, json_shapes

if TYPE_CHECKING:
    from papersearch.core.records import Request
    from papersearch.library import Index


class Line(NamedTuple):
    """The answer to one line as it is printed, how many papers were found, and if the line was a mistake."""

    text: str
    total: int
    mistaken: bool


def answered(index: Index, lines: Iterable[str], request: Request) -> Iterator[Line]:
    """The answer to each line, in order; one that is a mistake, or that runs into an error of ours, carries that."""
    for line in lines:
        try:
            data = json_shapes.to_json(index.search(replace(request, query=line)), explain=request.explain)
        except PapersearchError as mistake:
            data = json_shapes.error_json(line, str(mistake))
        except Exception as error:
            data = json_shapes.error_json(line, str(unforeseen(error)))
        yield printed(data)


def printed(data: dict[str, Any]) -> Line:
    """An answer as it is printed."""
    return Line(formats.json_text(data, sys.stdout), data.get("total", 0), "error" in data)
