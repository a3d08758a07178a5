"""The folders of a run that waits for another one, which may have been given more than the index was built from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from papersearch.core.errors import PapersearchError
from papersearch.engine.port import RunOptions


class Waiting:
    """To be called with the reason when a ``run`` begins to wait, which tells the user. ``remembered`` gives the
    folders that the index was built from."""

    def __init__(self, remembered: Callable[[], Sequence[str]], run: RunOptions) -> None:
        self._remembered, self._tells, self._named = remembered, run.waiting, run.named
        self._before: tuple[str, ...] | None = None  # None until the run waits

    def __call__(self, reason: str) -> None:
        self._before = self._folders()
        if self._tells is not None:
            self._tells(reason)

    def corpus(self, given: Sequence[str]) -> Sequence[str]:
        """The folders of the run now that it waits no more: those of the index where it was ``given`` the index's own,
        to which the other run may have added some, that would be taken out again; or where nobody named any, as of a
        query that found no index, which the other run has made."""
        own = self._before is not None and (not self._named or tuple(given) == self._before)
        return self._folders() or given if own else given

    def _folders(self) -> tuple[str, ...]:
        """The index's folders, as far as it tells."""
        with suppress(PapersearchError):
            return tuple(self._remembered())
        return ()
