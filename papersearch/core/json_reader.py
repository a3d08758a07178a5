"""Reads the JSON that an index keeps, without `json`.

That package loads four modules and compiles six patterns: 5 million instructions of the 180 million of a query from the
shell. What does its reading is the scanner in C that it stands on. Whatever that does not take as a whole goes to
`json`, which the tests hold this against.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class _Context:
    """What the scanner asks of the decoder that it works for: its defaults."""

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
