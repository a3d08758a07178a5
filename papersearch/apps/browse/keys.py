"""The keys: what each does, when, and what is told of them. Those that the page of ``serve`` has too are the same."""

from __future__ import annotations

from textual.app import App
from textual.binding import Binding
from textual.widgets import Input

from papersearch.core.records import Hit

_LETTERS = {
    "slash": "query", "j": "below", "k": "above", "o": "open", "e": "edit", "space": "mark", "s": "similar",
    "f": "filter", "t": "order", "i": "copy_id", "c": "copy_bibtex", "question_mark": "keys", "q": "leave",
}  # fmt: skip
_OTHERS = {
    "down": "below", "up": "above", "tab": "focus_next", "shift+tab": "focus_previous", "escape": "escape",
    "ctrl+y": "suggestion", "ctrl+q": "leave", "ctrl+z": "suspend_process", "ctrl+c": "quit",
}  # fmt: skip


def _binding(key: str, action: str) -> Binding:
    """A key that the application takes itself, before what has the focus: of several that come at once, as over a slow
    line, each then finds what the one before has done."""
    return Binding(key, action, show=False, priority=True)


class Keyed(App[list[Hit]]):
    """An application in which letters are keys, unless they are typed."""

    BINDINGS = [  # noqa: RUF012  # as Textual has it
        *(_binding(key, f"letter('{action}')") for key, action in _LETTERS.items()),
        *(_binding(key, action) for key, action in _OTHERS.items()),
        Binding("enter", "open", show=False),  # where it chooses nothing
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key is one just now: not a letter of the query, and not what is for the screen above."""
        if action not in ("letter", "focus_next", "focus_previous"):
            return True
        is_typed = False
        if action == "letter" and isinstance(self.focused, Input):
            is_typed = bool(self.focused.value) or parameters[0] not in ("query", "keys")
        return len(self.screen_stack) == 1 and not is_typed

    async def action_letter(self, action: str) -> None:
        """What a letter stands for."""
        await self.run_action(action)


KEYS = (
    ("/", "type a query"),
    ("Tab", "from the query to the list, and to the paper"),
    ("down up, j k", "next and previous paper"),
    ("Enter, o", "open the paper on the web"),
    ("e", "open its post in $EDITOR"),
    ("Space", "mark it: printed when you leave"),
    ("s", "papers like it"),
    ("f", "filter by tag, author or year"),
    ("t", "another order"),
    ("i, c", "copy its id, its BibTeX entry"),
    ("PgUp PgDn", "scroll: the list, or the paper"),
    ("Esc", "back, or clear the query"),
    ("q, ctrl+q", "leave"),
    ("ctrl+c", "leave, and print nothing"),
)
# The line below, in the list and in the query, where a letter is only a letter.
HINT = "/ type  Enter open  Space mark  s similar  f filter  c BibTeX  ? keys  q leave"
HINT_IN_QUERY = "Enter open  Tab to the list and its keys  Ctrl-Q leave  Esc clear"
