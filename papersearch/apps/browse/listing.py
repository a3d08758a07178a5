"""The list of papers on the screen of ``browse``, and above it the line in which the query is typed."""

from __future__ import annotations

from collections.abc import Callable

from textual.events import Click, Paste
from textual.widgets import Input, OptionList


class Papers(OptionList):
    """The list. Its lines are cut to its width, so they are drawn anew where that changes."""

    def __init__(self, draw: Callable[[], None]) -> None:
        super().__init__(id="list", markup=False)
        self._draw_lines = draw

    def on_resize(self) -> None:
        """There is more or less room."""
        self._draw_lines()

    def on_click(self, event: Click) -> None:
        """A click brings a paper to hand; Textual would choose it at once, which opens it on the web. Two do."""
        if event.chain == 1:
            event.prevent_default()
            self.highlighted = event.style.meta.get("option", self.highlighted)


class QueryLine(Input):
    """The line. A text of several lines, such as a title out of a PDF, is pasted whole; Textual takes the first."""

    def __init__(self, query: str) -> None:
        super().__init__(query, placeholder="Search papers", id="query", select_on_focus=False)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is a letter of the query; no query begins with a slash or a question mark."""
        return super().check_consume_key(key, character) and (bool(self.value) or character not in ("/", "?"))

    def on_paste(self, event: Paste) -> None:
        """What Textual is to paste, which it does after this."""
        event.text = " ".join(filter(str.strip, event.text.splitlines()))
