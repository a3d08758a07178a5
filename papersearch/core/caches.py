"""A cache for functions of one text that huge texts cannot fill the memory with."""

from __future__ import annotations

from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    _Result = TypeVar("_Result")


def cached_if_short(most: int, longest: int = 1_000) -> Callable[[Callable[[str], _Result]], Callable[[str], _Result]]:
    """A decorator: remember what a function returned for the last ``most`` texts of up to ``longest`` characters."""

    def of(function: Callable[[str], _Result]) -> Callable[[str], _Result]:
        cached = lru_cache(most)(function)

        def call(text: str) -> _Result:
            return cached(text) if len(text) <= longest else function(text)

        call.__doc__ = function.__doc__
        return call

    return of
