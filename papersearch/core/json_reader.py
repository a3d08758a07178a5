"""Reads the JSON that an index keeps, without importing `json`.

That import loads four modules and compiles six patterns: 5 of the 180 million instructions of a query from the shell.
So the scanner in C that `json` is built on is called directly. Whatever it does not parse as a whole goes to `json`,
which raises the error; the tests compare the two.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class _Context:
    """The options that the scanner reads from its decoder: those of `json` by default."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float = parse_constant = float
    parse_int = int


try:
    from _json import make_scanner

    _scan: Callable[[str, int], tuple[Any, int]] = make_scanner(_Context)  # type: ignore[arg-type]
except (ImportError, AttributeError):  # not CPython, or one whose scanner asks for more
    from json import JSONDecoder

    _scan = JSONDecoder().raw_decode


def loads(text: str) -> Any:
    """The value that a JSON document stands for. Raises what `json.loads` raises."""
    try:
        value, end = _scan(text, 0)
        if end == len(text):
            return value
    except (StopIteration, ValueError):
        pass
    import json

    return json.loads(text)
