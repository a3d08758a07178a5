"""The files of a corpus as the file system knows them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import compress, islice
from operator import eq, ne
from typing import NamedTuple

from papersearch.core.strings import Columns, Strings


class FileState(NamedTuple):
    """A file as the file system knows it; times in nanoseconds."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int


class States(Columns[FileState]):
    """States of files in columns: a hundred bytes a file, a third of what they take one by one."""

    __slots__ = ("ctimes", "paths", "sizes", "times")

    def __init__(self, paths: Strings, sizes: array[int], times: array[int], ctimes: array[int]) -> None:
        self.paths, self.sizes, self.times, self.ctimes = paths, sizes, times, ctimes

    @staticmethod
    def of(states: Iterable[FileState]) -> States:
        """The states, put into columns."""
        if isinstance(states, States):
            return states
        paths, *numbers = zip(*states, strict=True) if (states := [*states]) else ((), (), (), ())
        return States(Strings.of(paths), *(array("q", each) for each in numbers))

    @staticmethod
    def sorted(paths: Sequence[str], *numbers: Sequence[int]) -> States:
        """States in the order of their paths, given as columns; of a path that is given again, the last."""
        order = sorted(range(len(paths)), key=paths.__getitem__)
        in_order = [*map(paths.__getitem__, order)]
        if any(map(eq, in_order, islice(in_order, 1, None))):
            is_last = [*map(ne, in_order, in_order[1:]), True]
            order, in_order = [*compress(order, is_last)], [*compress(in_order, is_last)]
        columns = (array("q", map(each.__getitem__, order)) for each in numbers)
        return States(Strings.of(in_order), *columns)

    def taken(self, wanted: Sequence[int]) -> States:
        """The states at these places, in this order."""
        if not wanted:
            return States.of(())
        first, last = min(wanted), max(wanted) + 1
        if [*wanted] == [*range(first, last)]:
            return States(self.paths.between(first, last), *(column[first:last] for column in self.numbers()))
        paths = self.paths.between(first, last).taken([number - first for number in wanted])
        return States(paths, *(array("q", map(column.__getitem__, wanted)) for column in self.numbers()))

    def without(self, gone: AbstractSet[str]) -> States:
        """The states of all other files."""
        return States.of(state for state in self if state.path not in gone)

    def numbers(self) -> tuple[array[int], array[int], array[int]]:
        """Sizes, mtime_ns and ctime_ns."""
        return self.sizes, self.times, self.ctimes

    def __len__(self) -> int:
        return len(self.sizes)

    def __iter__(self) -> Iterator[FileState]:
        return map(FileState, self.paths, *self.numbers())

    def record(self, number: int) -> FileState:
        """The state of a file."""
        return FileState(self.paths[number], self.sizes[number], self.times[number], self.ctimes[number])
