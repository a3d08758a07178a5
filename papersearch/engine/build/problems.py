"""What the summary of a run says of files that something is wrong with."""

from __future__ import annotations

from collections.abc import Iterable

from papersearch.core.frozen import NamedTuple
from papersearch.core.records import Problem
from papersearch.engine.index.rows import Row


class Problems(NamedTuple):
    """``skipped`` files are not in the index, ``partial`` ones in part; ``warnings`` are of both, as far as no run
    before has told them. Each is in the order of paths."""

    skipped: tuple[Problem, ...]
    partial: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def problems_of(rows: Iterable[Row], known: Iterable[Row], unread: Iterable[Problem]) -> Problems:
    """The problems of ``rows`` that have a reason, of which those of ``known`` rows were told before, together with the
    files that were ``unread``, which are told each time."""
    told = {(row.path, row.reason, row.digest) for row in known if row.reason}
    wrong = [(row, Problem(row.path, row.line, row.reason)) for row in rows if row.reason]
    unread = [*unread]
    return Problems(
        by_path([*(problem for row, problem in wrong if not row.is_indexed), *unread]),
        by_path(problem for row, problem in wrong if row.is_indexed),
        by_path([*(problem for row, problem in wrong if (row.path, row.reason, row.digest) not in told), *unread]),
    )


def by_path(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems in the order of their paths."""
    return tuple(sorted(problems, key=lambda problem: problem.path))
