"""The list of papers on the screen of ``browse``."""

from __future__ import annotations

from collections.abc import Callable

from textual.widgets import OptionList


class Papers(OptionList):
    """The list. Its lines are cut to its width, so they are drawn anew where that changes."""

    def __init__(self, draw: Callable[[], None]) -> None:
        super().__init__(id="list", markup=False)
        self._draw_lines = draw

    def on_resize(self) -> None:
        """There is more or less room."""
        self._draw_lines()
