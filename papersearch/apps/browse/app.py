"""The screen: a query on top, papers below, the paper at hand beside or below them.

Everything that asks the index does so in a thread, and an answer that is no longer wanted is dropped, so that keys
are never waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.driver import Driver
from textual.events import DescendantFocus, Resize
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from papersearch import library
from papersearch.apps.browse import drawing
from papersearch.apps.browse.changes import filter_counts, filtered, likeness_options
from papersearch.apps.browse.driver import drawing_on_standard_error
from papersearch.apps.browse.failures import Enduring, asking
from papersearch.apps.browse.keys import HINT, HINT_IN_QUERY, Keyed
from papersearch.apps.browse.listing import Papers, QueryLine
from papersearch.apps.browse.opening import lent, opened
from papersearch.apps.browse.screens import Filters, Keys
from papersearch.core.errors import PapersearchError, unforeseen
from papersearch.core.frozen import replace
from papersearch.core.hosts import is_web
from papersearch.core.records import SORTS, Answer, Hit, Paper, Request
from papersearch.text.display import one_line

PAGE = 30  # papers fetched at once; the next come when the last is reached
WIDE = 110  # columns from which the paper stands beside the list

Found = TypeVar("Found")


class Browser(Enduring, Keyed):
    """The application; it returns the papers that were marked, in the order in which they were."""

    CSS_PATH = "style.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, index: library.Index, request: Request) -> None:
        """``request`` is what is asked first, with the filters that hold. Passages tell which words are marked."""
        super().__init__()
        self._index = index
        self._request = replace(request, limit=PAGE, offset=0, prefix=True, snippets=True)
        self._like: str | None = None
        self._asked = 0
        self._answer = Answer("", total=0, total_all=0, seconds=0.0)
        self._marked: dict[str, Hit] = {}
        self._fetching = False

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver, or ours in its place."""
        return drawing_on_standard_error(super().get_driver_class())

    def compose(self) -> ComposeResult:
        """Query, list, paper, and below them the lines of status and keys."""
        yield QueryLine(self._request.query)
        with Container(id="middle"):
            yield Papers(self._draw_list)
            with VerticalScroll(id="preview", can_focus=True):
                yield Static(id="paper")
        yield Static(id="status")
        yield Static(id="hint")

    def on_mount(self) -> None:
        """Ask what the command line says."""
        # The terminal's own colours; without any, Textual makes greys of those of its other themes alone.
        self.theme = "textual-dark" if self.no_color else "ansi-dark"
        self.app_resume_signal.subscribe(self, lambda _: self.refresh())  # other programs wrote on the screen
        self._ask()

    def on_resize(self, event: Resize) -> None:
        """The paper stands beside the list where there is room."""
        self.screen_stack[0].query_one("#middle").set_class(event.size.width >= WIDE, "wide")

    def on_descendant_focus(self, _: DescendantFocus) -> None:
        """Below stand the keys that mean something where the focus is."""
        base = self.screen_stack[0]
        hint = HINT_IN_QUERY if base.focused is not None and base.focused.id == "query" else HINT
        base.query_one("#hint", Static).update(Text(hint))

    # --- asking -----------------------------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another query: what is still being asked is no longer wanted."""
        if event.value != self._request.query:
            self._like = None
            self._request = replace(self._request, query=event.value)
            self._ask()

    def on_input_submitted(self, _: Input.Submitted) -> None:
        """Enter in the query opens the paper at hand."""
        self.action_open()

    def _ask(self) -> None:
        self._asked, self._fetching = self._asked + 1, False
        self.call_later(self._ask_at_last, self._asked)

    def _ask_at_last(self, number: int) -> None:
        """Of keys that come at once, as of a text that is pasted, only the last asks."""
        if number == self._asked:
            self._search(number, self._request, self._like)

    @asking(group="search")
    def _search(self, number: int, request: Request, like: str | None) -> None:
        self._answered_by(number, partial(self._find, request, like), self._show)

    @asking(group="more")
    def _search_more(self, number: int, request: Request, like: str | None) -> None:
        self._answered_by(number, partial(self._find, request, like), self._show_more)
        self._fetching = False

    def _find(self, request: Request, like: str | None) -> Answer:
        self._index.refresh()
        if like is not None:
            return self._index.similar(like, **likeness_options(request))
        if not request.query.strip():
            request = replace(request, query="*", sort="newest" if request.sort == "relevance" else request.sort)
        return self._index.search(request)

    def _answered_by(self, number: int, find: Callable[[], Found], show: Callable[[Found], None]) -> None:
        """Run ``find`` in this thread and show what it gives, unless that is no longer wanted."""
        worker = get_current_worker()
        found: Found | PapersearchError
        try:
            found = find()
        except PapersearchError as error:
            found = error
        except Exception as error:
            found = unforeseen(error)
        if not worker.is_cancelled and self.is_running:
            self.call_from_thread(self._take, number, found, show)

    def _take(self, number: int, found: Found | PapersearchError, show: Callable[[Found], None]) -> None:
        if number != self._asked:
            return
        if isinstance(found, PapersearchError):
            self.say(str(found))
        else:
            show(found)

    def _show(self, found: Answer) -> None:
        self._answer = found
        self._draw_list(keep=False)
        self._say_found()
        if not found.results:
            self.query_one("#paper", Static).update("")

    def _show_more(self, found: Answer) -> None:
        self._answer = replace(self._answer, results=self._answer.results + found.results)
        self._list.add_options([self._option(hit) for hit in found.results])
        self._say_found()

    # --- drawing ----------------------------------------------------------------------------------------------------

    @property
    def _list(self) -> OptionList:
        return self.screen_stack[0].query_one("#list", OptionList)

    @property
    def _at_hand(self) -> Hit | None:
        place, hits = self._list.highlighted, self._answer.results
        return hits[place] if place is not None and place < len(hits) else None

    def _option(self, hit: Hit) -> Option:
        return Option(drawing.entry(hit, hit.id in self._marked, self._list.size.width - 4))

    def _draw_list(self, keep: bool = True) -> None:
        options = self._list
        place = options.highlighted if keep else 0
        options.clear_options()
        options.add_options([self._option(hit) for hit in self._answer.results])
        if options.option_count:
            options.highlighted = min(place or 0, options.option_count - 1)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the paper at hand, and fetch more papers near the end."""
        if event.option_list.id != "list" or (hit := self._at_hand) is None:
            return
        self._read(self._asked, hit)
        if event.option_index + 3 > len(self._answer.results) < self._answer.total and not self._fetching:
            self._fetching = True
            self._search_more(self._asked, replace(self._request, offset=len(self._answer.results)), self._like)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter in the list, or a double click."""
        if event.option_list.id == "list":
            self.action_open()

    @asking(group="read")
    def _read(self, number: int, hit: Hit) -> None:
        self._answered_by(number, partial(self._index.paper, hit.id), partial(self._show_paper, hit))

    def _show_paper(self, hit: Hit, paper: Paper) -> None:
        base = self.screen_stack[0]
        base.query_one("#paper", Static).update(drawing.preview(paper, drawing.words_marked(hit)))
        base.query_one("#preview", VerticalScroll).scroll_home(animate=False)

    def say(self, text: str) -> None:
        """A line above the keys."""
        self.screen_stack[0].query_one("#status", Static).update(Text(one_line(text)))

    def _say_found(self) -> None:
        """What was found, and what is marked, in the line above the keys."""
        marked = f"{len(self._marked)} marked · " if self._marked else ""
        like = "" if self._like is None else f"like {self._like}: "
        self.say(marked + like + drawing.status(self._answer, self._request))

    # --- keys -------------------------------------------------------------------------------------------------------

    def action_query(self) -> None:
        """Type."""
        self.screen.set_focus(self.query_one("#query", Input))  # `focus` does so only later

    def action_below(self) -> None:
        """The next paper, or line of the paper if that has the focus."""
        self._step(1)

    def action_above(self) -> None:
        """The one before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        if isinstance(self.screen, Filters):
            self._by(self.screen.query_one("#values", OptionList), by)
        elif self.focused is not None and self.focused.id == "preview":
            self.focused.scroll_relative(y=by, animate=False)
        elif len(self.screen_stack) == 1:
            self._by(self._list, by)

    def _by(self, options: OptionList, by: int) -> None:
        if options.option_count:
            options.highlighted = max(0, min(options.option_count - 1, (options.highlighted or 0) + by))

    def action_open(self) -> None:
        """The paper on the web."""
        if (hit := self._at_hand) is None:
            return
        if (address := library.address_of(hit)) is None or not is_web(address):
            self.say(f"the post of {hit.id} gives no web address; e opens the post")
            return
        self.say(f"opened {address}" if opened(self, address) else f"no browser was found: the address is {address}")

    def action_edit(self) -> None:
        """The post in the editor, which has the terminal meanwhile."""
        from papersearch.apps.cli.papers import edit

        if (hit := self._at_hand) is not None:
            try:
                with lent(self):
                    edit(self._index.paper(hit.id))
            except PapersearchError as error:
                self.say(str(error))

    def action_mark(self) -> None:
        """Mark the paper, or take the mark back, and go to the next."""
        place, hit = self._list.highlighted, self._at_hand
        if place is None or hit is None:
            return
        if self._marked.pop(hit.id, None) is None:
            self._marked[hit.id] = hit
        self._list.replace_option_prompt_at_index(place, self._option(hit).prompt)
        self._say_found()
        self._step(1)

    def action_similar(self) -> None:
        """Papers like the one at hand, until Esc."""
        if (hit := self._at_hand) is not None:
            self._like = hit.id
            self.screen.set_focus(self._list)
            self._ask()

    def action_order(self) -> None:
        """The next order."""
        order = SORTS[(SORTS.index(self._request.sort) + 1) % len(SORTS)]
        self._request = replace(self._request, sort=order)
        self._ask()

    def action_filter(self) -> None:
        """Choose a filter from those that hold and those that the matching papers have."""
        self.say("counting…")
        self._count(self._asked, self._request, self._like)

    @asking(group="filters")
    def _count(self, number: int, request: Request, like: str | None) -> None:
        self._answered_by(number, partial(filter_counts, self._index, request, like), self._show_filters)

    def _show_filters(self, found: list[tuple[str, str, int]]) -> None:
        if len(self.screen_stack) > 1:
            return
        self._say_found()
        self.push_screen(Filters(drawing.filters(self._request), found), self._filtered)

    def _filtered(self, chosen: tuple[str, str] | None) -> None:
        if chosen is not None:
            self._request = filtered(self._request, *chosen)
            self._ask()

    def action_copy_id(self) -> None:
        """The paper's id to the clipboard, by OSC 52, which also works over ssh."""
        if (hit := self._at_hand) is not None:
            self._copy(hit.id, f"copied {hit.id}")

    def action_copy_bibtex(self) -> None:
        """Its BibTeX entry to the clipboard."""
        from papersearch.output.bibtex import entries

        if (hit := self._at_hand) is not None:
            self._copy("\n".join(entries([hit])), f"copied the BibTeX entry of {hit.id}")

    def _copy(self, text: str, said: str) -> None:
        self.copy_to_clipboard(text)
        self.say(said)

    def action_keys(self) -> None:
        """The keys."""
        self.push_screen(Keys())

    def action_suggestion(self) -> None:
        """Ask what was probably meant."""
        if self._answer.suggestion:
            self.query_one("#query", Input).value = self._answer.suggestion

    def action_escape(self) -> None:
        """Close what is open; from papers like one, or the paper, to the list; else clear the query."""
        if len(self.screen_stack) > 1:
            self.screen.dismiss(None)
        elif self._like is not None:
            self._like = None
            self._ask()
        elif self.focused is not None and self.focused.id == "preview":
            self.screen.set_focus(self._list)
        else:
            self.query_one("#query", Input).value = ""
            self.action_query()

    def action_leave(self) -> None:
        """The end: what was marked is returned."""
        self.exit(list(self._marked.values()))
