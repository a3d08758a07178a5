"""What nobody foresaw while the screen is up: a failure to ask is told on it, and whatever else ends the program in one
line. Textual alone would end it over both, and print a traceback with all that it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec

from textual import work
from textual.app import App
from textual.worker import Worker, WorkerState

from papersearch.core.errors import unforeseen
from papersearch.core.records import Hit

_Given = ParamSpec("_Given")


def asking(group: str) -> Callable[[Callable[_Given, None]], Callable[_Given, Worker[Any]]]:
    """Makes a method that asks the index one that runs in a thread; of a group only the last is wanted."""
    return work(thread=True, exclusive=True, exit_on_error=False, group=group)


class Enduring(App[list[Hit]]):
    """An application that tells of failures as the whole program does."""

    @property
    def failure(self) -> Exception | None:
        """What ended it, if anything did."""
        return self._exception

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tell why nothing was asked: the system refused a thread, say."""
        if event.state is WorkerState.ERROR and isinstance(event.worker.error, Exception):
            self.say(str(unforeseen(event.worker.error)))

    def say(self, text: str) -> None:
        """Show a line."""
        raise NotImplementedError

    def _fatal_error(self) -> None:
        """End, without a traceback: who runs this tells of the ``failure``. (Of Textual 8.2;
        ``test_what_nobody_foresaw_ends_in_one_line`` sees that it is still asked.)"""
        self._close_messages_no_wait()
