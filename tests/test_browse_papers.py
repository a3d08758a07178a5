"""The papers in the full screen: the list, moving in it, and what is done with one."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from papersearch import library
from papersearch.core.errors import PapersearchError
from papersearch.core.frozen import replace
from papersearch.core.records import Hit, OtherPost, Paper, Request

pytest.importorskip("textual")

from textual.widgets import OptionList, Static

from papersearch.apps.browse import drawing
from papersearch.apps.browse.changes import filter_counts
from tests.browsing import Screen, browse, hostile_index


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> library.Index:
    return hostile_index(tmp_path_factory.mktemp("browse"))


def test_arrows_move_while_typing_and_j_and_k_in_the_list(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        await screen.press("down", "down", "up")
        assert (screen.list.highlighted, screen.query) == (1, "model")
        shown = screen.told("paper").splitlines()[0]
        await screen.press("tab", "j", "j", "k")
        assert screen.list.highlighted == 2
        assert screen.told("paper").splitlines()[0] != shown
        await screen.press("slash", "j")
        assert screen.query == "modelj"

    browse(index, act, "model")


def test_another_answer_begins_at_its_first_paper_and_another_size_changes_none(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        await screen.press("down", "down")
        await screen.pilot.resize_terminal(70, 30)
        await screen.settled()
        assert screen.list.highlighted == 2
        screen.query = "models"
        await screen.settled()
        assert screen.list.highlighted == 0
        assert screen.titles()[0].rstrip("…") in screen.told("paper")

    browse(index, act, "model")


def test_j_and_k_scroll_the_paper_and_move_among_filters_where_these_have_the_focus(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        preview = screen.app.query_one("#preview")
        await screen.press("tab", "tab", "j", "j", "k")
        assert (preview.scroll_y, screen.list.highlighted) == (1, 0)
        await screen.press("escape", "j")
        assert (preview.scroll_y, screen.list.highlighted) == (0, 1), "another paper begins at its first line"
        await screen.press("f", "j", "j", "k")
        values = screen.app.screen.query_one("#values", OptionList)
        assert (values.highlighted, screen.list.highlighted) == (1, 1)

    browse(index, act, "model", size=(60, 16))


def test_where_there_are_no_colours_the_bar_that_scrolls_is_told_from_what_it_lies_on(
    index: library.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(screen: Screen) -> None:
        for name in ("#list", "#preview"):
            styles = screen.app.query_one(name).styles
            assert styles.scrollbar_color.get_contrast_text() != styles.scrollbar_background.get_contrast_text()

    monkeypatch.setenv("NO_COLOR", "1")
    browse(index, act, "model", size=(60, 16))


def test_enter_opens_the_paper_wherever_the_focus_is(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        for _ in ("query", "list", "preview"):
            screen.app.query_one("#status", Static).update("")
            await screen.press("enter")
            assert "no web address" in screen.told("status")
            await screen.press("tab")

    browse(index, act, "zebra")


def no_browser() -> None:
    raise webbrowser.Error("could not locate runnable browser")


def test_a_click_shows_a_paper_and_a_double_click_opens_it(
    index: library.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "get", no_browser)

    async def act(screen: Screen) -> None:
        found = screen.told("status")
        await screen.pilot.click("#list", offset=(6, 2))
        await screen.settled()
        assert screen.titles()[1].rstrip("…") in screen.told("paper")
        assert (screen.list.highlighted, screen.told("status")) == (1, found)
        await screen.pilot.double_click("#list", offset=(6, 0))
        await screen.settled()
        assert screen.titles()[0].rstrip("…") in screen.told("paper")
        assert "the address is" in screen.told("status")

    browse(index, act, "mixture of experts", size=(140, 24))


def test_where_no_browser_is_the_address_is_said(index: library.Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "get", no_browser)

    async def act(screen: Screen) -> None:
        await screen.press("enter")
        assert screen.told("status") == "no browser was found: the address is http://arxiv.org/abs/2412.15115v1"

    browse(index, act, "2412.15115", size=(120, 24))


def test_marked_papers_are_returned_in_the_order_in_which_they_were_marked(index: library.Index) -> None:
    wanted = [hit.id for hit in index.search(Request("model", prefix=True)).results]

    async def act(screen: Screen) -> None:
        await screen.press("tab", "j", "space", "space", "k", "space", "k", "k", "k", "space")
        assert screen.told("status").startswith("2 marked · ")
        assert screen.marked()[:3] == [True, True, False]
        await screen.pilot.resize_terminal(70, 24)  # all is drawn anew
        await screen.settled()
        assert screen.marked()[:3] == [True, True, False]
        await screen.pilot.press("q")

    app = browse(index, act, "model")
    assert [hit.id for hit in app.return_value or []] == [wanted[1], wanted[0]]


def test_papers_like_one_and_back(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        before = screen.titles()
        await screen.press("tab", "s")
        assert screen.told("status").startswith("like ")
        assert before[0] not in screen.titles()
        await screen.press("escape")
        assert screen.titles() == before

    browse(index, act, "mixture of experts")


def test_filters_of_papers_like_one_are_those_of_these_papers(index: library.Index) -> None:
    request = Request("diffusion")
    like = index.search("mixture of experts").results[0].id
    found = index.similar(like, limit=1_000).results
    counts = {(kind, value): count for kind, value, count in filter_counts(index, request, like)}
    assert counts["year", "2024"] == sum(hit.published[:4] == "2024" for hit in found if hit.published) > 1
    tag = found[0].tags[0]
    assert counts["tag", tag] == sum(tag in hit.tags for hit in found)
    assert ("author", found[0].authors[0]) in counts
    asked = {(kind, value): count for kind, value, count in filter_counts(index, request, None)}
    assert asked["year", "2024"] > 1
    assert asked != counts


def test_who_types_while_papers_like_one_are_shown_is_asked_for_no_longer(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        await screen.press("tab", "s")
        assert "like" in screen.told("status")
        await screen.press("slash", *" zeb")
        assert "like" not in screen.told("status")

    browse(index, act, "model")


def test_ids_and_bibtex_are_copied(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        await screen.press("tab", "i")
        assert (screen.app.clipboard, screen.told("status")) == ("2412.15115", "copied 2412.15115")
        await screen.press("c")
        assert screen.told("status") == "copied the BibTeX entry of 2412.15115"
        assert screen.app.clipboard.startswith("@misc{")

    browse(index, act, "2412.15115")


def test_whole_words_are_marked_in_a_paper_and_of_several_the_longest() -> None:
    hit = Hit(path="x", id="1", title="zero zero-shot", title_highlights=((0, 4), (5, 14)))
    paper = Paper(path="x", id="1", title="A zero-shot nonzero zero zeros")
    shown = drawing.preview(paper, drawing.words_marked(hit))
    marked = [str(shown)[span.start : span.end] for span in shown.spans if span.style == drawing.MATCH]
    assert marked == ["zero-shot", "zero"]


def test_a_paper_is_shown_whole_and_in_the_list_by_what_tells_it_apart() -> None:
    other = (OtherPost("b.md", 1, "Old", None),)
    facts = {"title": "Otters", "authors": ("Ann Lee",), "published": "2024-12-19", "tags": ("dams",)}
    paper = Paper("a.md", "1", **facts, url="https://otters.example", abstract="They dig.\n", other_posts=other)
    assert str(drawing.preview(paper, [])).split("\n") == [
        "Otters",
        "Ann Lee · 2024-12-19 · 1 · dams",
        "https://otters.example",
        "",
        "Abstract",
        "They dig.",
        "",
        "a.md",
        "",
        "b.md",
    ]
    hit = Hit("a.md", "1", **facts)
    assert str(drawing.entry(hit, True, 80)) == "● Otters\n  Ann Lee · 2024-12-19 · 1"
    assert str(drawing.entry(hit, False, 14)) == "  Otters\n  Ann Lee · 2…"
    long = str(drawing.preview(replace(paper, abstract="word " * drawing.MOST_CHARS), []))
    assert long.endswith("\n\n… the rest: papersearch show 1")


def test_an_address_that_is_none_of_the_web_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "ants.md").write_text("---\ntitle: Ants\nurl: ftp://ants.example/x\n---\nAnts.\n")
    ants = library.build(str(tmp_path / "index"), [str(tmp_path)])
    assert ants.paper("ants").url == "ftp://ants.example/x"

    async def act(screen: Screen) -> None:
        await screen.press("enter")
        assert "gives no web address" in screen.told("status")

    browse(ants, act, "ants")


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

    async def act(screen: Screen) -> None:
        assert len(screen.titles()) == 30
        assert screen.told("status").startswith("1-30 of 70 papers, ")
        await screen.press("tab", "end")
        assert screen.told("status").startswith("1-60 of 70 papers, ")
        with monkeypatch.context() as failing:
            failing.setattr(library.Index, "search", fail)
            await screen.press("end")
            await screen.press("up", "down")
        assert (len(screen.titles()), screen.told("status")) == (60, "no answer")
        await screen.press("up", "down")
        await screen.press("end")
        assert len(set(screen.titles())) == 70
        assert screen.told("status").startswith("70 papers, ")

    browse(many, act, "ants")


def test_lines_of_the_list_are_cut_to_the_room_there_is(index: library.Index) -> None:
    async def act(screen: Screen) -> None:
        def shown() -> str:
            return str(screen.list.get_option_at_index(0).prompt)

        assert "…" in shown()
        await screen.pilot.resize_terminal(300, 40)
        await screen.settled()
        assert "…" not in shown()

    browse(index, act, "experts", size=(24, 24))
