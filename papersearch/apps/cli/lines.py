"""One line of a batch: its answer, as it is printed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from papersearch.core.errors import PapersearchError, unforeseen
from papersearch.core.frozen import replace
from papersearch.output import formats, json_shapes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.core.records import Answer, Request
    from papersearch.library import Index

_LOOK_EVERY_S = 0.5  # for a newer state, as programs that stay do: one listing of the index folder


class Newest:
    """Answers from the newest state of an index: who asks by a pipe that stays open may go on for weeks."""

    def __init__(self, index: Index) -> None:
        self._index, self._looked = index, time.monotonic()

    def search(self, request: Request) -> Answer:
        """One page of results. Raises ``PapersearchError`` also if the index is gone by now."""
        now = time.monotonic()
        if now - self._looked > _LOOK_EVERY_S:
            self._index.refresh()
            self._looked = now
        return self._index.search(request)


class Line(NamedTuple):
    """The answer to one line as it is printed, how many papers were found, and what went wrong, with its exit code."""

    text: str
    total: int
    wrong: str = ""
    code: int = 0


def answered(search: Callable[[Request], Answer], lines: Iterable[str], request: Request) -> Iterator[Line]:
    """The answer to each line, in order; one that is a mistake, or that runs into an error of ours, carries that."""
    for line in lines:
        try:
            data = json_shapes.answer_json(search(replace(request, query=line)), explain=request.explain)
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
