"""What the summary of a run says of files that something is wrong with."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice

from papersearch.core.frozen import NamedTuple
from papersearch.core.records import Problem
from papersearch.engine.index.rows import Row

MOST_REMEMBERED = 1_000  # files that cannot be read, of which a state remembers that they were told (chosen)


class Problems(NamedTuple):
    """``skipped`` files are not in the index, ``partial`` ones in part; ``warnings`` are of both, as far as no run
    before has told them. Each is in the order of paths."""

    skipped: tuple[Problem, ...]
    partial: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def problems_of(
    rows: Iterable[Row], known: Iterable[Row], unread: Iterable[Problem], told_of: Collection[str] = ()
) -> Problems:
    """The problems of ``rows`` that have a reason, of which those of ``known`` rows were told before, together with the
    files that were ``unread``, which have no row: what was told of them is as ``to_remember`` gives it."""
    told = {(row.path, row.reason, row.digest) for row in known if row.reason}
    wrong = [(row, Problem(row.path, row.line, row.reason)) for row in rows if row.reason]
    unread = [*unread]
    news = [problem for problem in unread if _as_told(problem) not in told_of]
    return Problems(
        by_path([*(problem for row, problem in wrong if not row.is_indexed), *unread]),
        by_path(problem for row, problem in wrong if row.is_indexed),
        by_path([*(problem for row, problem in wrong if (row.path, row.reason, row.digest) not in told), *news]),
    )


def to_remember(unread: Iterable[Problem]) -> tuple[str, ...]:
    """What the next state remembers of files that could not be read, so that no later run tells the same again."""
    return (*islice(sorted({*map(_as_told, unread)}), MOST_REMEMBERED),)


def _as_told(problem: Problem) -> str:
    return f"{problem.path}: {problem.reason}"


def by_path(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems in the order of their paths."""
    return tuple(sorted(problems, key=lambda problem: problem.path))
