"""What may be given by name to the functions of the library, for type checkers and editors; nothing loads it.

``Options`` are the fields of ``records.Request``, in the forms that callers have them in; ``BuildOptions`` those of
``library.index_folder``. Tests hold them against both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, SupportsIndex, TypedDict

if TYPE_CHECKING:
    from typing_extensions import Unpack as Unpack


class Options(TypedDict, total=False):
    """How a query is answered."""

    limit: SupportsIndex
    offset: SupportsIndex
    match: str
    author: str | Iterable[str] | None
    authors: str | Iterable[str] | None
    tag: str | Iterable[str] | None
    tags: str | Iterable[str] | None
    since: str | int | date | None
    until: str | int | date | None
    sort: str
    syntax: bool
    expand: bool
    snippets: bool
    explain: bool
    since_run: int | None
    prefix: bool
    meaning: bool | None
    partial: bool


class IndexOptions(TypedDict, total=False):
    """How an index is brought up to date."""

    rebuild: bool
    jobs: int
    wait: float
    progress: Callable[[int, int], None] | None
    waiting: Callable[[str], None] | None
    exclude: Sequence[str] | None
    meaning: bool | None
    model: str | None
    trust_model: bool
    most_vectors: int | None
    prune: bool


class BuildOptions(IndexOptions, total=False):
    """How an index is built that may belong to another user."""

    trust: bool
