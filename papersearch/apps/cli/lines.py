"""One line of a batch: its answer, as it is printed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from papersearch.core.errors import PapersearchError, unforeseen
from papersearch.core.frozen import replace
from papersearch.output import formats, json_shapes

if TYPE_CHECKING:
    from papersearch.core.records import Request
    from papersearch.library import Index


class Line(NamedTuple):
    """The answer to one line as it is printed, how many papers were found, and what went wrong, with its exit code."""

    text: str
    total: int
    wrong: str = ""
    code: int = 0


def answered(index: Index, lines: Iterable[str], request: Request) -> Iterator[Line]:
    """The answer to each line, in order; one that is a mistake, or that runs into an error of ours, carries that."""
    for line in lines:
        try:
            data = json_shapes.answer_json(index.search(replace(request, query=line)), explain=request.explain)
        except PapersearchError as mistake:
            yield failed(line, mistake)
        except Exception as error:
            yield failed(line, unforeseen(error))
        else:
            yield Line(formats.json_text(data, sys.stdout), data["total"])


def failed(line: str, error: PapersearchError) -> Line:
    """What is printed of a line that has no answer."""
    data = json_shapes.error_json(line, str(error))
    return Line(formats.json_text(data, sys.stdout), 0, str(error), error.exit_code)
