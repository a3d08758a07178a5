"""The full screen, driven as by a person: keys in, what is shown out. ``test_browse_terminal`` has a terminal."""

from __future__ import annotations

import asyncio
import threading
import time
import webbrowser
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from papersearch import library
from papersearch.core.errors import PapersearchError
from papersearch.core.records import Answer, Hit, Paper, Request
from tests.commands import sample
from tests.processes import LONGEST_S

pytest.importorskip("textual")

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from papersearch.apps.browse import drawing
from papersearch.apps.browse.app import Browser
from papersearch.apps.browse.changes import filter_counts, filtered
from papersearch.apps.browse.screens import Filters, Keys


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> library.Index:
    """The sample posts, and one that is hostile."""
    home = sample(tmp_path_factory.mktemp("browse"))
    hostile = "---\ntitle: '[bold red]zebra[/] [link=http://e.example]x[/link]'\n---\n"
    hostile += "## Abstract\n\n[@click=app.quit]zebra[/]\n"
    (home / "corpus" / "hostile.md").write_text(hostile)
    return library.build(str(home / "index"), [str(home / "corpus")])


Act = Callable[[Browser, "Pilot[Any]"], Awaitable[None]]


def browse(index: library.Index, act: Act, query: str | Request = "", size: tuple[int, int] = (80, 24)) -> Browser:
    """Browse from a query on; ``act`` presses keys and looks."""
    request = Request(query) if isinstance(query, str) else query

    async def session() -> Browser:
        app = Browser(index, request)
        async with app.run_test(size=size) as pilot:
            await settled(app, pilot)
            await act(app, pilot)
        return app

    return asyncio.run(asyncio.wait_for(session(), 2 * LONGEST_S))


async def settled(app: Browser, pilot: Pilot[Any]) -> None:
    """Wait until nothing is asked any more."""
    for _ in range(3):
        await pilot.pause()
        await app.workers.wait_for_complete()
    await pilot.pause()


async def press(app: Browser, pilot: Pilot[Any], *keys: str) -> None:
    await pilot.press(*keys)
    await settled(app, pilot)


def titles(app: Browser) -> list[str]:
    options = app.query_one("#list", OptionList)
    return [str(options.get_option_at_index(n).prompt).splitlines()[0][2:] for n in range(options.option_count)]


def told(app: Browser, name: str) -> str:
    return str(app.query_one(f"#{name}", Static).content)


def test_results_change_as_one_types_with_the_last_word_as_a_prefix(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        everything = len(titles(app))
        await press(app, pilot, *"zeb")
        assert titles(app) == ["[bold red]zebra[/] [link=http://e.example]x[/link]"]
        assert everything > 1
        await press(app, pilot, *["backspace"] * 3)
        assert len(titles(app)) == everything

    browse(index, act)


def words_marked(app: Browser) -> set[str]:
    drawn = app.query_one("#paper", Static).content
    return {str(drawn)[span.start : span.end] for span in drawn.spans if "underline" in str(span.style)}  # type: ignore[union-attr]


def test_a_filter_is_taken_off_however_it_is_written() -> None:
    asked = Request("otters", tags=("dams", "rivers"))
    assert filtered(asked, "tag", "Dams").tags == ("rivers",)
    assert filtered(asked, "tag", "lakes").tags == ("dams", "rivers", "lakes")


def test_markup_in_posts_is_shown_as_it_is(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        assert "[@click=app.quit]zebra[/]" in told(app, "paper")
        assert words_marked(app) == {"zebra"}

    browse(index, act, "zebra")


def test_words_are_marked_in_the_text_whatever_is_printed_in_the_end(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        assert words_marked(app) == {"hosted"}

    browse(index, act, Request("id:2412.15115 hosted", snippets=False))


class Slow(library.Index):
    """An index that answers one query only when it is let go."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.asked, self.go = threading.Event(), threading.Event()

    def search(self, query: str | Request, **options: Any) -> Answer:
        if isinstance(query, Request) and query.query == "zeb":
            self.asked.set()
            assert self.go.wait(LONGEST_S)
        return super().search(query, **options)


def test_a_slow_query_holds_up_nothing_and_its_late_answer_is_dropped(index: library.Index) -> None:
    slow = Slow(index.path)

    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        await pilot.press(*"zeb")
        assert await asyncio.to_thread(slow.asked.wait, LONGEST_S)
        app.query_one("#query", Input).value = "diffusion"
        end = time.monotonic() + LONGEST_S
        while not (titles(app) and "iffusion" in titles(app)[0]) and time.monotonic() < end:
            await pilot.pause(0.02)
        before = titles(app)
        assert any("iffusion" in title for title in before)
        assert app.query_one("#query", Input).value == "diffusion"
        slow.go.set()
        await pilot.pause(0.3)
        await settled(app, pilot)
        assert titles(app) == before

    try:
        browse(slow, act)
    finally:
        slow.go.set()


def test_arrows_move_while_typing_and_j_and_k_in_the_list(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        options = app.query_one("#list", OptionList)
        await press(app, pilot, "down", "down", "up")
        assert (options.highlighted, app.query_one("#query", Input).value) == (1, "model")
        shown = told(app, "paper").splitlines()[0]
        await press(app, pilot, "tab", "j", "j", "k")
        assert options.highlighted == 2
        assert told(app, "paper").splitlines()[0] != shown
        await press(app, pilot, "slash", "j")
        assert app.query_one("#query", Input).value == "modelj"

    browse(index, act, "model")


def test_keys_that_come_at_once_act_one_after_the_other(index: library.Index) -> None:
    """As over a slow line, or while the screen is drawn."""
    keys = [("tab", "\t"), ("j", "j"), ("space", " "), ("down", None), ("space", " "), ("slash", "/"), ("s", "s")]

    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        for key, character in keys:
            app.post_message(events.Key(key, character))
        await settled(app, pilot)
        assert app.query_one("#query", Input).value == "models"
        assert "like" not in told(app, "status")
        await press(app, pilot, "ctrl+q")

    wanted = [hit.id for hit in index.search(Request("model", prefix=True)).results]
    app = browse(index, act, "model")
    assert [hit.id for hit in app.return_value or []] == [wanted[1], wanted[3]]


def test_a_text_that_comes_as_keys_is_asked_for_as_a_whole(
    index: library.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A paste where the terminal does not mark it as one: each letter asked, and ten thousand took minutes."""
    text = "mixture of experts " * 10
    begun: list[str] = []
    search = Browser._search

    def counted(app: Browser, number: int, request: Request, like: str | None) -> Any:
        begun.append(request.query)
        return search(app, number, request, like)

    monkeypatch.setattr(Browser, "_search", counted)

    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        begun.clear()
        for letter in text:
            app.post_message(events.Key("space" if letter == " " else letter, letter))
        await settled(app, pilot)
        assert begun[-1] == text
        assert len(begun) < len(text) / 2
        assert titles(app)

    browse(index, act)


@pytest.mark.parametrize("pasted", ["mixture of\r\nexperts", "\n\nmixture of\n\nexperts\n"])
def test_a_text_of_several_lines_is_pasted_whole(index: library.Index, pasted: str) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        app.post_message(events.Paste(pasted))
        await settled(app, pilot)
        assert app.query_one("#query", Input).value == "the mixture of experts"

    browse(index, act, "the ")


def test_enter_opens_the_paper_wherever_the_focus_is(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        for _ in ("query", "list", "preview"):
            app.query_one("#status", Static).update("")
            await press(app, pilot, "enter")
            assert "no web address" in told(app, "status")
            await press(app, pilot, "tab")

    browse(index, act, "zebra")


def no_browser() -> None:
    raise webbrowser.Error("could not locate runnable browser")


def test_a_click_shows_a_paper_and_a_double_click_opens_it(
    index: library.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "get", no_browser)

    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        found = told(app, "status")
        await pilot.click("#list", offset=(6, 2))
        await settled(app, pilot)
        assert titles(app)[1].rstrip("…") in told(app, "paper")
        assert (app.query_one("#list", OptionList).highlighted, told(app, "status")) == (1, found)
        await pilot.double_click("#list", offset=(6, 0))
        await settled(app, pilot)
        assert titles(app)[0].rstrip("…") in told(app, "paper")
        assert "the address is" in told(app, "status")

    browse(index, act, "mixture of experts", size=(140, 24))


def test_where_no_browser_is_the_address_is_said(index: library.Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "get", no_browser)

    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        await press(app, pilot, "enter")
        assert told(app, "status") == "no browser was found: the address is http://arxiv.org/abs/2412.15115v1"

    browse(index, act, "2412.15115", size=(120, 24))


def test_marked_papers_are_returned_in_the_order_in_which_they_were_marked(index: library.Index) -> None:
    wanted = [hit.id for hit in index.search(Request("model", prefix=True)).results]

    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        await press(app, pilot, "tab", "j", "space", "space", "k", "space", "k", "k", "k", "space")
        assert "2 marked" in told(app, "status")
        await pilot.press("q")

    app = browse(index, act, "model")
    assert [hit.id for hit in app.return_value or []] == [wanted[1], wanted[0]]


def test_a_filter_is_set_and_taken_back(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        everything = titles(app)
        await press(app, pilot, "tab", "f")
        assert isinstance(app.screen, Filters)
        await press(app, pilot, "enter")
        assert "since: 20" in told(app, "status")
        assert 0 < len(titles(app)) < len(everything)
        for _ in range(2):  # both ends of the year
            await press(app, pilot, "f")
            await press(app, pilot, "enter")
        assert titles(app) == everything

    browse(index, act, "model")


def test_papers_like_one_and_back(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        before = titles(app)
        await press(app, pilot, "tab", "s")
        assert told(app, "status").startswith("like ")
        assert before[0] not in titles(app)
        await press(app, pilot, "escape")
        assert titles(app) == before

    browse(index, act, "mixture of experts")


def test_filters_of_papers_like_one_are_those_of_these_papers(index: library.Index) -> None:
    request = Request("zebra")
    like = index.search("mixture of experts").results[0].id
    found = index.similar(like, limit=1_000).results
    counts = {(kind, value): count for kind, value, count in filter_counts(index, request, like)}
    assert counts["year", "2024"] == sum(hit.published[:4] == "2024" for hit in found if hit.published) > 1
    tag = found[0].tags[0]
    assert counts["tag", tag] == sum(tag in hit.tags for hit in found)
    assert ("author", found[0].authors[0]) in counts
    assert counts != {(kind, value): count for kind, value, count in filter_counts(index, request, None)}


def test_ids_and_bibtex_are_copied(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        await press(app, pilot, "tab", "i")
        assert app.clipboard == "2412.15115"
        await press(app, pilot, "c")
        assert app.clipboard.startswith("@misc{")

    browse(index, act, "2412.15115")


def test_orders_the_keys_and_a_mistake_are_shown(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        await press(app, pilot, "tab", "t")
        assert "newest" in told(app, "status")
        await press(app, pilot, "question_mark")
        assert isinstance(app.screen, Keys)
        await press(app, pilot, "escape")
        shown = titles(app)
        for mistaken in ("model year:2", "year:abc model"):  # the first may go on
            app.query_one("#query", Input).value = mistaken
            await settled(app, pilot)
            assert "year: " in told(app, "status")
            assert titles(app) == shown
        app.query_one("#query", Input).value = "zzqqxx"
        await settled(app, pilot)
        assert (titles(app), told(app, "paper")) == ([], "")
        await press(app, pilot, "enter", "down", "tab", "space", "e", "s", "i", "c")

    browse(index, act, "model")


def test_without_a_query_the_newest_come_first_or_the_order_that_was_chosen(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        newest = titles(app)
        await press(app, pilot, "tab", "t", "t")
        assert "oldest" in told(app, "status")
        assert titles(app) != newest
        first = index.search("*", sort="oldest", limit=1).results[0].title
        assert titles(app)[0].rstrip("…") in first

    browse(index, act)


def test_who_types_while_papers_like_one_are_shown_is_asked_for_no_longer(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        await press(app, pilot, "tab", "s")
        assert "like" in told(app, "status")
        await press(app, pilot, "slash", *" zeb")
        assert "like" not in told(app, "status")

    browse(index, act, "model")


def test_whole_words_are_marked_in_a_paper_and_of_several_the_longest() -> None:
    hit = Hit(path="x", id="1", title="zero zero-shot", title_highlights=((0, 4), (5, 14)))
    paper = Paper(path="x", id="1", title="A zero-shot nonzero zero zeros")
    shown = drawing.preview(paper, drawing.words_marked(hit))
    marked = [str(shown)[span.start : span.end] for span in shown.spans if span.style == drawing.MATCH]
    assert marked == ["zero-shot", "zero"]


def test_an_address_that_is_none_of_the_web_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "ants.md").write_text("---\ntitle: Ants\nurl: ftp://ants.example/x\n---\nAnts.\n")
    ants = library.build(str(tmp_path / "index"), [str(tmp_path)])
    assert ants.paper("ants").url == "ftp://ants.example/x"

    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        await press(app, pilot, "enter")
        assert "gives no web address" in told(app, "status")

    browse(ants, act, "ants")


def test_the_line_of_keys_says_what_they_do_where_the_focus_is(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        assert "Tab" in told(app, "hint")
        assert "Space" not in told(app, "hint")
        await press(app, pilot, "tab")
        assert "Space mark" in told(app, "hint")
        await press(app, pilot, "slash")
        assert "Space" not in told(app, "hint")

    browse(index, act, "model")


def test_a_suggestion_is_taken_by_a_key(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        app.query_one("#query", Input).value = "mixtrue of exprets "
        await settled(app, pilot)
        assert "did you mean" in told(app, "status")
        await press(app, pilot, "ctrl+y")
        assert app.query_one("#query", Input).value.strip() == "mixture of experts"

    browse(index, act)


@pytest.mark.parametrize("size", [(80, 24), (20, 8), (200, 60)])
def test_any_size_shows_query_list_and_paper(index: library.Index, size: tuple[int, int]) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        assert titles(app)
        assert app.query_one("#preview").has_class("wide") is False
        assert app.query_one("#middle").has_class("wide") is (size[0] >= 110)
        assert app.query_one("#list").size.height > 0

    browse(index, act, "model", size)


def test_more_papers_come_at_the_end_of_the_list_or_it_is_said_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "corpus").mkdir()
    for number in range(70):
        (tmp_path / "corpus" / f"2401.{number:05}.md").write_text(
            f"---\ntitle: Ants {number}\n---\n## Abstract\n\nAnts.\n"
        )
    many = library.build(str(tmp_path / "index"), [str(tmp_path / "corpus")])

    def fail(*_: object) -> None:
        raise PapersearchError("no answer")

    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        assert len(titles(app)) == 30
        assert told(app, "status").startswith("1-30 of 70 papers, ")
        await press(app, pilot, "tab", "end")
        assert told(app, "status").startswith("1-60 of 70 papers, ")
        with monkeypatch.context() as failing:
            failing.setattr(library.Index, "search", fail)
            await press(app, pilot, "end")
            await press(app, pilot, "up", "down")
        assert (len(titles(app)), told(app, "status")) == (60, "no answer")
        await press(app, pilot, "up", "down")
        await press(app, pilot, "end")
        assert len(set(titles(app))) == 70
        assert told(app, "status").startswith("70 papers, ")

    browse(many, act, "ants")


def test_a_thread_that_is_refused_is_told_and_ends_nothing(
    index: library.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        with monkeypatch.context() as short:
            short.setattr(ThreadPoolExecutor, "submit", refuse)
            await pilot.press("z")
            await pilot.pause()
            end = time.monotonic() + LONGEST_S
            while "refuses a thread" not in told(app, "status") and time.monotonic() < end:
                await pilot.pause(0.01)
        assert told(app, "status").startswith("the system refuses a thread (can't start new thread)")
        await press(app, pilot, *"eb")
        assert len(titles(app)) == 1

    browse(index, act)


def test_lines_of_the_list_are_cut_to_the_room_there_is(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        def shown() -> str:
            options = app.query_one("#list", OptionList)
            return str(options.get_option_at_index(0).prompt)

        assert "…" in shown()
        await pilot.resize_terminal(300, 40)
        await settled(app, pilot)
        assert "…" not in shown()

    browse(index, act, "experts", size=(24, 24))


def test_where_no_paper_has_every_word_the_order_and_the_filters_say_so(index: library.Index) -> None:
    async def act(app: Browser, pilot: Pilot[Any]) -> None:
        await press(app, pilot, "tab", "f")
        told = str(app.screen.query(Static).first().content)
        assert told == "No paper has every word: none to count"
        await press(app, pilot, "escape", "t")

    app = browse(index, act, "diffusion xylophone")
    assert "this order asks for every word" in drawing.status(Answer("x", 0, 0, 0.1), app._request)
    assert "every word" not in drawing.status(Answer("x", 0, 0, 0.1), Request("diffusion xylophone"))
