"""From a request to an answer; read only."""

from __future__ import annotations

import sys
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Callable(ModuleType):
    """``papersearch.search`` is a public function too; importing this package would otherwise hide it."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        from papersearch.library import search

        return search(*arguments, **options)


sys.modules[__name__].__class__ = _Callable
