"""What a digest says, before it is written in any format."""

from __future__ import annotations

import re

from papersearch import library
from papersearch.core.frozen import Frozen
from papersearch.core.records import Hit


class Found(Frozen):
    """What is new for one saved search. ``total`` papers are new, ``results`` are those that are shown, newest first,
    ``others`` the ids of those that are not. ``first``: it was never shown before, so these are its newest papers, and
    the older ones count as seen: none of them is new."""

    name: str
    query: str
    first: bool
    total: int
    results: tuple[Hit, ...] = ()
    others: tuple[str, ...] = ()


class Digest(Frozen):
    """All saved searches of an index. ``indexed_at`` is when its last run ended, as an ISO time."""

    index: str
    indexed_at: str | None
    searches: tuple[Found, ...] = ()

    @property
    def total(self) -> int:
        """How many papers are new, those of several searches counted in each."""
        return sum(found.total for found in self.searches)

    @property
    def papers(self) -> int:
        """How many papers are new, each counted once."""
        shown = {hit.id for found in self.searches for hit in found.results}
        return len(shown.union(*(found.others for found in self.searches)))


def web_address(hit: Hit) -> str | None:
    """The paper's address, if it is a plain one of the web: never a script or anything else that does something."""
    address = library.address_of(hit) or ""
    return address if re.fullmatch(r"https?://[!-~]+", address) else None
