"""What is typed in the full screen and what that shows. ``test_browse_terminal`` has a terminal."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from papersearch import library
from papersearch.core.frozen import replace
from papersearch.core.records import SORTS, Answer, Request
from tests.corpora import write_post
from tests.processes import LONGEST_S

pytest.importorskip("textual")

from textual import events
from textual.widgets import Input, Static

from papersearch.apps.browse import drawing
from papersearch.apps.browse.app import Browser
from papersearch.apps.browse.changes import filtered
from papersearch.apps.browse.screens import Filters, Keys
from tests.browsing import Screen, browse, hostile_index


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> library.Index:
    return hostile_index(tmp_path_factory.mktemp("browse"))


def test_results_change_as_one_types_with_the_last_word_as_a_prefix(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        everything = len(screen.titles())
        await screen.press(*"zeb")
        assert screen.titles() == ["[bold red]zebra[/] [link=http://e.example]x[/link]"]
        assert everything > 1
        await screen.press(*["backspace"] * 3)
        assert len(screen.titles()) == everything

    browse(index, act)


def test_a_filter_is_taken_off_however_it_is_written() -> None:
    asked = Request("otters", tags=("dams", "rivers"))
    assert filtered(asked, "tag", "Dams").tags == ("rivers",)
    assert filtered(asked, "tag", "lakes").tags == ("dams", "rivers", "lakes")


def test_a_year_stands_for_both_ends_and_each_end_is_taken_off_alone() -> None:
    asked = filtered(filtered(Request("otters"), "year", "2024"), "author", "Ann Lee")
    assert (asked.since, asked.until, asked.authors) == ("2024", "2024", ("Ann Lee",))
    assert drawing.filters(asked) == [("author", "Ann Lee"), ("since", "2024"), ("until", "2024")]
    assert drawing.filters(filtered(asked, "since", "2024")) == [("author", "Ann Lee"), ("until", "2024")]
    assert drawing.filters(filtered(filtered(asked, "until", "2024"), "author", "ann lee")) == [("since", "2024")]


def test_the_line_above_the_papers_says_what_was_found_and_how() -> None:
    answer = Answer("otterz", 3, 2, 0.004, suggestion="otters")
    asked = Request("otterz", sort="newest", tags=("dams",))
    assert drawing.status(answer, asked) == (
        "3 papers, 2 with every word, 4 ms · newest · tag: dams · did you mean: otters (ctrl+y)"
    )
    assert drawing.status(replace(answer, hint="a hint"), Request("otterz")) == (
        "3 papers, 2 with every word, 4 ms · a hint"
    )


def test_markup_in_posts_is_shown_as_it_is(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        assert "[@click=app.quit]zebra[/]" in screen.told("paper")
        assert screen.words_marked() == {"zebra"}

    browse(index, act, "zebra")


def test_words_are_marked_in_the_text_whatever_is_printed_in_the_end(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        assert screen.words_marked() == {"hosted"}

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

    async def act(screen: Screen) -> None:
        await screen.pilot.press(*"zeb")
        assert await asyncio.to_thread(slow.asked.wait, LONGEST_S)
        screen.query = "diffusion"
        end = time.monotonic() + LONGEST_S
        while not (screen.titles() and "iffusion" in screen.titles()[0]) and time.monotonic() < end:
            await screen.pilot.pause(0.02)
        before = screen.titles()
        assert any("iffusion" in title for title in before)
        assert screen.query == "diffusion"
        slow.go.set()
        await screen.pilot.pause(0.3)
        await screen.settled()
        assert screen.titles() == before

    try:
        browse(slow, act)
    finally:
        slow.go.set()


def test_keys_that_come_at_once_act_one_after_the_other(index: library.Index) -> None:
    """As over a slow line, or while the screen is drawn."""
    keys = [("tab", "\t"), ("j", "j"), ("space", " "), ("down", None), ("space", " "), ("slash", "/"), ("s", "s")]

    async def act(screen: Screen) -> None:
        for key, character in keys:
            screen.app.post_message(events.Key(key, character))
        await screen.settled()
        assert screen.query == "models"
        assert "like" not in screen.told("status")
        await screen.press("ctrl+q")

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

    async def act(screen: Screen) -> None:
        begun.clear()
        for letter in text:
            screen.app.post_message(events.Key("space" if letter == " " else letter, letter))
        await screen.settled()
        assert begun[-1] == text
        assert len(begun) < len(text) / 2
        assert screen.titles()

    browse(index, act)


@pytest.mark.parametrize("pasted", ["mixture of\r\nexperts", "\n\nmixture of\n\nexperts\n"])
def test_a_text_of_several_lines_is_pasted_whole(index: library.Index, pasted: str) -> None:
    async def act(screen: Screen) -> None:
        screen.app.post_message(events.Paste(pasted))
        await screen.settled()
        assert screen.query == "the mixture of experts"

    browse(index, act, "the ")


def test_a_filter_is_set_and_taken_back(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        everything = screen.titles()
        await screen.press("tab", "f")
        assert isinstance(screen.app.screen, Filters)
        await screen.press("enter")
        assert "since: 20" in screen.told("status")
        assert 0 < len(screen.titles()) < len(everything)
        for _ in range(2):  # both ends of the year
            await screen.press("f")
            await screen.press("enter")
        assert screen.titles() == everything

    browse(index, act, "model")


def test_orders_the_keys_and_a_mistake_are_shown(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        await screen.press("tab", "t")
        assert "newest" in screen.told("status")
        await screen.press("question_mark")
        assert isinstance(screen.app.screen, Keys)
        await screen.press("escape")
        shown = screen.titles()
        for mistaken in ("model year:2", "year:abc model"):  # the first may go on
            screen.query = mistaken
            await screen.settled()
            assert "year: " in screen.told("status")
            assert screen.titles() == shown
        screen.query = "zzqqxx"
        await screen.settled()
        assert (screen.titles(), screen.told("paper")) == ([], "")
        await screen.press("enter", "down", "tab", "space", "e", "s", "i", "c")

    browse(index, act, "model")


def test_without_a_query_the_newest_come_first_or_the_order_that_was_chosen(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        await screen.press("tab")
        for order in (*SORTS, "relevance"):
            assert (order in screen.told("status")) == (order != "relevance")
            [first] = index.search("*", sort="newest" if order == "relevance" else order, limit=1).results
            assert screen.titles()[0].rstrip("…") in first.title
            await screen.press("t")

    browse(index, act)


def test_the_line_of_keys_says_what_they_do_where_the_focus_is(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        assert "Tab" in screen.told("hint")
        assert "Space" not in screen.told("hint")
        await screen.press("tab")
        assert "Space mark" in screen.told("hint")
        await screen.press("slash")
        assert "Space" not in screen.told("hint")

    browse(index, act, "model")


def test_escape_leads_from_the_paper_to_the_list_and_from_there_to_an_empty_query(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        await screen.press("tab", "tab")
        for focused, query in (("preview", "model"), ("list", "model"), ("query", "")):
            assert (screen.app.focused and screen.app.focused.id, screen.query) == (focused, query)
            await screen.press("escape")
        await screen.press(*"zeb", "tab", "f", "escape", "question_mark", "escape")
        assert (len(screen.titles()), screen.query, "zebra" in screen.told("paper")) == (1, "zeb", True)

    browse(index, act, "model")


def test_a_suggestion_is_taken_by_a_key(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        screen.query = "mixtrue of exprets "
        await screen.settled()
        assert "did you mean" in screen.told("status")
        await screen.press("ctrl+y")
        assert screen.query.strip() == "mixture of experts"

    browse(index, act)


@pytest.mark.parametrize("size", [(109, 24), (20, 8), (110, 60)])
def test_any_size_shows_query_list_and_paper(index: library.Index, size: tuple[int, int]) -> None:
    async def act(screen: Screen) -> None:
        assert screen.titles()
        assert screen.app.query_one("#preview").has_class("wide") is False
        assert screen.app.query_one("#middle").has_class("wide") is (size[0] >= 110)
        assert screen.app.query_one("#list").size.height > 0

    browse(index, act, "model", size)


def test_a_thread_that_is_refused_is_told_and_ends_nothing(
    index: library.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    async def act(screen: Screen) -> None:
        with monkeypatch.context() as short:
            short.setattr(ThreadPoolExecutor, "submit", refuse)
            await screen.pilot.press("z")
            await screen.pilot.pause()
            end = time.monotonic() + LONGEST_S
            while "refuses a thread" not in screen.told("status") and time.monotonic() < end:
                await screen.pilot.pause(0.01)
        assert screen.told("status").startswith("the system refuses a thread (can't start new thread)")
        await screen.press(*"eb")
        assert len(screen.titles()) == 1

    browse(index, act)


def test_a_failure_that_nobody_foresaw_is_told_and_ends_nothing(
    index: library.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(screen: Screen) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(library.Index, "search", lambda *_: 1 / 0)
            await screen.press("z")
        assert screen.told("status").startswith(
            "internal error (ZeroDivisionError: division by zero): please report it"
        )
        await screen.press(*"eb")
        assert len(screen.titles()) == 1

    browse(index, act)


def test_papers_that_are_indexed_meanwhile_are_found(tmp_path: Path) -> None:
    write_post(tmp_path, "2401.00001", "Wombats")
    index = library.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)

    async def act(screen: Screen) -> None:
        assert screen.titles() == []
        write_post(tmp_path, "2401.00002", "Numbats")
        library.index_folder(index.path, jobs=1)
        await screen.press("s")
        assert screen.titles() == ["Numbats"]

    browse(index, act, "numbat")


def test_a_line_that_is_too_long_is_shown_as_far_as_there_is_room(index: library.Index) -> None:
    """And not as far as the last blank before that: of a post that is gone nothing but "the post" was shown."""

    async def act(screen: Screen) -> None:
        for name in ("status", "hint"):
            line = screen.app.query_one(f"#{name}", Static)
            screen.app.say("the post " + "/a" * 100)
            await screen.pilot.pause()
            shown = line.render_line(0).text.rstrip()
            assert shown.startswith("the post /a/a" if name == "status" else "Enter open  Tab to"), shown
            assert shown.endswith("…"), shown

    browse(index, act, size=(27, 24))


def test_where_no_paper_has_every_word_the_order_and_the_filters_say_so(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        await screen.press("tab", "f")
        told = str(screen.app.screen.query(Static).first().content)
        assert told == "No paper has every word: none to count"
        await screen.press("escape", "t")

    app = browse(index, act, "diffusion xylophone")
    assert "this order asks for every word" in drawing.status(Answer("x", 0, 0, 0.1), app._request)
    assert "every word" not in drawing.status(Answer("x", 0, 0, 0.1), Request("diffusion xylophone"))


def test_a_question_of_which_papers_have_few_words_is_told_so(index: library.Index) -> None:
    for query, said in (
        ("diffusion xylophone celesta marimba", True),
        ("what is a diffusion xylophone celesta marimba?", True),
        ("diffusion xylophone", False),
        ("diffusion OR xylophone OR celesta OR marimba", False),
        ('diffusion "xylophone celesta" marimba glockenspiel', False),
        ("diffusion xylophone celesta -marimba glockenspiel", False),
    ):
        assert ("half of the words" in drawing.status(index.search(query), Request(query))) is said


def test_slash_and_question_mark_are_keys_in_an_empty_query_too(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        field = screen.app.query_one("#query", Input)
        await screen.press("slash", *"ab", "slash", "question_mark")
        assert field.value == "ab/?"
        await screen.press("escape", "question_mark")
        assert isinstance(screen.app.screen, Keys)

    browse(index, act)
