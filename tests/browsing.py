"""The full screen for tests, driven as by a person: keys in, what is shown out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static
from textual.worker import WorkerCancelled

from papersearch import library
from papersearch.apps.browse.app import Browser
from papersearch.core.records import Request
from tests.commands import sample
from tests.processes import LONGEST_S


def hostile_index(folder: Path) -> library.Index:
    """The sample posts, and one that is hostile."""
    home = sample(folder)
    hostile = "---\ntitle: '[bold red]zebra[/] [link=http://e.example]x[/link]'\n---\n"
    hostile += "## Abstract\n\n[@click=app.quit]zebra[/]\n"
    (home / "corpus" / "hostile.md").write_text(hostile)
    return library.build(str(home / "index"), [str(home / "corpus")])


class Screen:
    """What a person sees of a running ``app``, and does by its ``pilot``."""

    def __init__(self, app: Browser, pilot: Pilot[Any]) -> None:
        self.app, self.pilot = app, pilot

    async def settled(self) -> None:
        """Wait until nothing is asked any more."""
        rounds = 0
        while rounds < 3:
            await self.pilot.pause()
            try:
                await self.app.workers.wait_for_complete()
                rounds += 1
            except WorkerCancelled:  # a later question took its place
                rounds = 0
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settled()

    @property
    def list(self) -> OptionList:
        return self.app.query_one("#list", OptionList)

    @property
    def query(self) -> str:
        return self.app.query_one("#query", Input).value

    @query.setter
    def query(self, text: str) -> None:
        self.app.query_one("#query", Input).value = text

    def _entries(self) -> list[str]:
        options = map(self.list.get_option_at_index, range(self.list.option_count))
        return [str(option.prompt).splitlines()[0] for option in options]

    def titles(self) -> list[str]:
        return [entry[2:] for entry in self._entries()]

    def marked(self) -> list[bool]:
        return [entry.startswith("●") for entry in self._entries()]

    def told(self, name: str) -> str:
        return str(self.app.query_one(f"#{name}", Static).content)

    def words_marked(self) -> set[str]:
        drawn = self.app.query_one("#paper", Static).content
        return {str(drawn)[span.start : span.end] for span in drawn.spans if "underline" in str(span.style)}  # type: ignore[union-attr]


Act = Callable[[Screen], Awaitable[None]]


def browse(index: library.Index, act: Act, query: str | Request = "", size: tuple[int, int] = (80, 24)) -> Browser:
    """Browse from a query on; ``act`` presses keys and looks."""
    request = Request(query) if isinstance(query, str) else query

    async def session() -> Browser:
        app = Browser(index, request)
        async with app.run_test(size=size) as pilot:
            screen = Screen(app, pilot)
            await screen.settled()
            await act(screen)
        return app

    return asyncio.run(asyncio.wait_for(session(), 2 * LONGEST_S))
