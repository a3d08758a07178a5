"""The folders of a run that waits for another one, which may have been given more than the index was built from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from papersearch.core.errors import PapersearchError


class Waiting:
    """To be called with the reason when a run begins to wait, which ``tells`` the user. ``remembered`` gives the
    folders that the index was built from."""

    def __init__(self, remembered: Callable[[], Sequence[str]], tells: Callable[[str], None] | None) -> None:
        self._remembered, self._tells = remembered, tells
        self._before: tuple[str, ...] | None = None  # None until the run waits

    def __call__(self, reason: str) -> None:
        self._before = self._folders()
        if self._tells is not None:
            self._tells(reason)

    def corpus(self, given: Sequence[str]) -> Sequence[str]:
        """The folders of the run now that it waits no more: those of the index where it was ``given`` the index's own,
        to which the other run may have added some, that would be taken out again."""
        return self._folders() or given if tuple(given) == self._before else given

    def _folders(self) -> tuple[str, ...]:
        """The index's folders, as far as it tells."""
        with suppress(PapersearchError):
            return tuple(self._remembered())
        return ()
