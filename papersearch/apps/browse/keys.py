"""The keys: what each does, and what is told of them. Those that the page of ``serve`` has too are the same."""

from __future__ import annotations

from typing import Any

from textual.binding import Binding

# With priority: also while a query is typed.
BINDINGS: list[Any] = [
    Binding("slash", "query", show=False),
    Binding("down", "below", show=False, priority=True),
    Binding("up", "above", show=False, priority=True),
    Binding("j", "below", show=False),
    Binding("k", "above", show=False),
    Binding("enter", "open", show=False),
    Binding("o", "open", show=False),
    Binding("e", "edit", show=False),
    Binding("space", "mark", show=False),
    Binding("s", "similar", show=False),
    Binding("f", "filter", show=False),
    Binding("t", "order", show=False),
    Binding("i", "copy_id", show=False),
    Binding("c", "copy_bibtex", show=False),
    Binding("question_mark", "keys", show=False),
    Binding("escape", "escape", show=False, priority=True),
    Binding("ctrl+y", "suggestion", show=False, priority=True),
    Binding("q", "leave", show=False),
    Binding("ctrl+q", "leave", show=False, priority=True),
    Binding("ctrl+z", "suspend_process", show=False, priority=True),
    Binding("ctrl+c", "quit", show=False, priority=True),
]
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
