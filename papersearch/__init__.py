"""Local search for research papers: a Whoosh index that ranks, answers and survives like a native engine.

    >>> import papersearch
    >>> index = papersearch.build("index", ["corpus"])      # or papersearch.open("index")
    >>> answer = index.search("mixture of experts", limit=3)

Every name is looked up when it is first used, so importing the package costs nothing.
"""

from __future__ import annotations

__version__ = "0.2.0"

_HOMES = {
    "papersearch.library": ("Index", "build", "check", "index_folder", "open", "search", "watch"),
    "papersearch.core.records": (
        "Answer",
        "Answering",
        "Completion",
        "Contribution",
        "Hit",
        "OtherPost",
        "Paper",
        "Problem",
        "Reply",
        "Request",
        "Sentence",
        "Source",
        "Snippet",
        "Stats",
        "Summary",
    ),
    "papersearch.core.errors": (
        "DamagedIndexError",
        "LockedIndexError",
        "MeaningError",
        "NoIndexError",
        "NotFoundError",
        "PapersearchError",
        "QueryError",
        "ReplacedError",
        "UsageError",
    ),
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}
__all__ = sorted([*_MODULES, "__version__"])  # pyright: ignore[reportUnsupportedDunderAll]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.core.errors import DamagedIndexError as DamagedIndexError
    from papersearch.core.errors import LockedIndexError as LockedIndexError
    from papersearch.core.errors import MeaningError as MeaningError
    from papersearch.core.errors import NoIndexError as NoIndexError
    from papersearch.core.errors import NotFoundError as NotFoundError
    from papersearch.core.errors import PapersearchError as PapersearchError
    from papersearch.core.errors import QueryError as QueryError
    from papersearch.core.errors import ReplacedError as ReplacedError
    from papersearch.core.errors import UsageError as UsageError
    from papersearch.core.records import Answer as Answer
    from papersearch.core.records import Answering as Answering
    from papersearch.core.records import Completion as Completion
    from papersearch.core.records import Contribution as Contribution
    from papersearch.core.records import Hit as Hit
    from papersearch.core.records import OtherPost as OtherPost
    from papersearch.core.records import Paper as Paper
    from papersearch.core.records import Problem as Problem
    from papersearch.core.records import Reply as Reply
    from papersearch.core.records import Request as Request
    from papersearch.core.records import Sentence as Sentence
    from papersearch.core.records import Snippet as Snippet
    from papersearch.core.records import Source as Source
    from papersearch.core.records import Stats as Stats
    from papersearch.core.records import Summary as Summary
    from papersearch.library import Index as Index
    from papersearch.library import build as build
    from papersearch.library import check as check
    from papersearch.library import index_folder as index_folder
    from papersearch.library import open as open
    from papersearch.library import search as search
    from papersearch.library import watch as watch

else:  # type checkers would take any misspelt name for one of these

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module 'papersearch' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(_MODULES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__file__", "__name__", "__path__"]
