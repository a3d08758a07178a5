"""Caches that stay small: of functions of one text, of methods, which do not keep their object, and of patterns."""

from __future__ import annotations

import re
from _weakref import proxy
from functools import cache, lru_cache, partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

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


def cached_method(most: int | None, method: Callable[..., _Result]) -> Callable[..., _Result]:
    """What an object may remember of its own method: the last ``most`` results.

    An ``lru_cache`` of a bound method would keep the object that holds it, and with it the files that are open, until
    garbage is collected. So the method, and results that refer to the object, have a proxy of it, which is good for as
    long as somebody has the object. Results must not keep a bound method of it, which has the object itself.
    """
    bound: Any = method
    return lru_cache(most)(partial(bound.__func__, proxy(bound.__self__)))


def late_pattern(pattern: str, flags: int = 0) -> Callable[[], re.Pattern[str]]:
    """A pattern that is compiled when it is first called for. Only for those that most queries do without: to compile
    one may take longer than to find the papers."""
    return cache(partial(re.compile, pattern, flags))
