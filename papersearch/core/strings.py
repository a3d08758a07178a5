"""Texts and records of a million files, kept in a few long strings and arrays rather than in small objects."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate, count
from operator import add
from typing import TypeVar, overload

_SOME = 4_096  # texts that are made at once while all are gone through (chosen)
_Item = TypeVar("_Item")


def repeated(texts: Collection[str]) -> set[str]:
    """The texts that occur more than once."""
    if len({*texts}) == len(texts):  # the usual case, in two thirds of the time
        return set()
    seen: set[str] = set()
    return {text for text in texts if text in seen or seen.add(text)}  # type: ignore[func-returns-value]


class Columns(Sequence[_Item]):
    """Records that are kept in columns and made when one is looked at, by ``record``."""

    __slots__ = ()

    def record(self, number: int) -> _Item:
        """The record at ``number``, which is from 0 to below ``len(self)``."""
        raise NotImplementedError

    @overload
    def __getitem__(self, number: int) -> _Item: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[_Item]: ...
    def __getitem__(self, number: int | slice) -> _Item | Sequence[_Item]:
        if isinstance(number, slice):
            return [self.record(each) for each in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(number)
        return self.record(number % len(self))


class Strings(Sequence[str]):
    """Texts that hold no zero byte, as UTF-8, with a zero byte between each two. A text costs one byte beside its own;
    as an object, fifty and a pointer. File names that are not UTF-8 stay what they are."""

    __slots__ = ("_count", "_known", "data")

    def __init__(self, data: bytes, count: int) -> None:
        self.data, self._count = data, count
        self._known: array[int] | None = None

    @staticmethod
    def of(texts: Sequence[str]) -> Strings:
        """Texts put together."""
        return Strings("\0".join(texts).encode("utf-8", "surrogateescape"), len(texts))

    @staticmethod
    def joined(parts: Iterable[Strings]) -> Strings:
        """The texts of all parts, one part after the other."""
        having = [part for part in parts if len(part)]
        return Strings(b"\0".join([part.data for part in having]), sum(map(len, having)))

    def list(self) -> list[str]:
        """All of them as objects: the quickest way to look at each."""
        return self.data.decode("utf-8", "surrogateescape").split("\0") if self._count else []

    def taken(self, numbers: Iterable[int]) -> Strings:
        """The texts at these places, in this order."""
        return Strings.of([*map(self.list().__getitem__, numbers)])

    def between(self, first: int, last: int) -> Strings:
        """Those from ``first`` to before ``last``, at least one."""
        return Strings(self.data[self._starts[first] : self._starts[last] - 1], last - first)

    @property
    def _starts(self) -> array[int]:
        """Where each text begins in ``data``, and where one after the last would."""
        if self._known is None:
            sizes = map(len, self.data.split(b"\0")) if self._count else ()
            self._known = array("Q", map(add, accumulate(sizes, initial=0), count()))
        return self._known

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        for first in range(0, self._count, _SOME):
            yield from self[first : first + _SOME]

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[str]: ...
    def __getitem__(self, number: int | slice) -> str | Sequence[str]:
        if isinstance(number, slice):
            first, last, step = number.indices(self._count)
            if step != 1:
                return self.list()[number]
            return self._between(first, last).split("\0") if first < last else []
        if not -self._count <= number < self._count:
            raise IndexError(number)
        number %= self._count
        return self._between(number, number + 1)

    def _between(self, first: int, last: int) -> str:
        starts = self._starts
        return self.data[starts[first] : starts[last] - 1].decode("utf-8", "surrogateescape")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Strings):
            return NotImplemented
        return (self._count, self.data) == (other._count, other.data)

    def __hash__(self) -> int:
        return hash((self._count, self.data))

    def __reduce__(self) -> tuple[type[Strings], tuple[bytes, int]]:
        return Strings, (self.data, self._count)
