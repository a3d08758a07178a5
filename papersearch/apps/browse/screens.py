"""What opens above the results: the keys, and the filters with their counts."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from papersearch.apps.browse.keys import KEYS
from papersearch.text.display import one_line


class Keys(ModalScreen[None]):
    """The keys, until any is pressed."""

    def compose(self) -> ComposeResult:
        width = max(len(key) for key, _ in KEYS)
        text = Text("\n").join(Text.assemble((key.ljust(width + 2), "bold"), meaning) for key, meaning in KEYS)
        yield Static(text, id="keys")

    def on_key(self, event: Any) -> None:
        """Any key closes it."""
        event.stop()
        self.dismiss()


Value = tuple[str, str]


class Filters(ModalScreen["Value | None"]):
    """Values to filter by, with the number of papers of each; those that hold come first, to be taken back."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("escape,f,q", "dismiss(None)", "back", show=False),
        Binding("j", "app.below", show=False),
        Binding("k", "app.above", show=False),
    ]

    def __init__(self, held: list[Value], counts: list[tuple[str, str, int]]) -> None:
        super().__init__()
        self._told = "Enter sets or takes back a filter" if counts else "No paper has every word: none to count"
        self._rows = [(kind, value, f"✓ {kind}: {value}") for kind, value in held]
        self._rows += [
            (kind, value, f"  {kind}: {value} ({count:,})")
            for kind, value, count in counts
            if (kind, value) not in held
        ]

    def compose(self) -> ComposeResult:
        with Vertical(id="filters"):
            yield Static(Text(self._told, "dim"))
            options = [Option(Text(one_line(shown), no_wrap=True, overflow="ellipsis")) for _, _, shown in self._rows]
            yield OptionList(*options, id="values", markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A value was chosen."""
        kind, value, _ = self._rows[event.option_index]
        self.dismiss((kind, value))
