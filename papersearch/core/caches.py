"""Caches that stay small: of functions of one string, of methods (without keeping their object alive), and of compiled
patterns; and the lock for what threads share."""

from __future__ import annotations

import os
import re
from _thread import allocate_lock  # `threading` makes no more of it than this, and takes time to load
from _weakref import proxy
from functools import cache, lru_cache, partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    _Result = TypeVar("_Result")


class Lock:
    """A lock for ``with``, which is free in a forked process: the thread that held it is not there to let it go."""

    def __init__(self) -> None:
        self._process, self._lock = os.getpid(), allocate_lock()

    def __enter__(self) -> None:
        if self._process != (process := os.getpid()):
            self._process, self._lock = process, allocate_lock()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


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
    """A cache of the last ``most`` results of a bound method, for its object to keep.

    An ``lru_cache`` of a bound method refers back to its object, which then lives on, with the files that it has open,
    until the cyclic garbage collector runs. So the method is called with a weak proxy of its object, and results that
    refer to the object hold the proxy too, which is valid for as long as somebody has the object. Results must not keep
    a bound method of it: that refers to the object itself.
    """
    bound: Any = method
    return lru_cache(most)(partial(bound.__func__, proxy(bound.__self__)))


def late_pattern(pattern: str, flags: int = 0) -> Callable[[], re.Pattern[str]]:
    """A pattern that is compiled when it is first called for. Only for those that most queries do without: to compile
    one may take longer than to find the papers."""
    return cache(partial(re.compile, pattern, flags))
