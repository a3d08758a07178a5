"""The search page in a real browser, Chromium from the system's packages: typing, keys, filters, back and reload,
without JavaScript, narrow, dark, and for people who do not see it. Makes the pictures of the documentation on demand
(``PICTURES=1``)."""

from __future__ import annotations

import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")
pytest.importorskip("starlette", reason="the server's libraries are not installed")

import papersearch
from tests.commands import ROOT, sample
from tests.corpora import write_post
from tests.servers import serving

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
AXE = next(
    (path for path in (Path(sys.prefix) / "npm/node_modules/axe-core/axe.min.js",) if path.exists()),
    Path(os.environ.get("AXE_CORE", "nowhere")),
)

if not CHROMIUM:
    if os.environ.get("ALL_DOORS"):
        raise RuntimeError("Chromium is not installed")
    pytest.skip("Chromium is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = sample(tmp_path_factory.mktemp("browser"))
    write_post(
        folder / "corpus", "2401.00001", "<script>document.title='owned'</script> Wombats",
        "<img src=x onerror=\"document.title='owned'\"> All about wombats. [link](javascript:document.title='owned')",
    )  # fmt: skip
    write_post(folder / "corpus", "2401.00002", "مراجعة شاملة!", "نعم، بنسبة كبيرة!")
    papersearch.build(str(folder / "index"), [str(folder / "corpus")], jobs=1)
    with serving(folder) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # which takes long to load

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def tab(browser: Any) -> Iterator[Any]:
    """A page of a new browser that tests use one after the other: to make one costs what a whole test does."""
    context = browser.new_context()
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(tab: Any, address: str) -> Iterator[Any]:
    """The search page, which must not complain."""
    tab.set_viewport_size({"width": 1100, "height": 850})
    with uncomplaining(tab):
        tab.goto(address)
        yield tab
        tab.unroute_all()
        tab.goto(address + "static/style.css")  # runs nothing, in the same process
    assert tab.context.cookies() == []  # nothing is left for the next test


@contextmanager
def uncomplaining(page: Any) -> Iterator[None]:
    """Raise in the end if the page has written an error to its console meanwhile, or a script of it has failed."""
    complaints: list[str] = []

    def hear(message: Any) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} {message.location}")

    def fail(error: Any) -> None:
        complaints.append(str(error))

    page.on("console", hear)
    page.on("pageerror", fail)
    yield
    page.remove_listener("console", hear)
    page.remove_listener("pageerror", fail)
    assert complaints == []


@contextmanager
def opened(browser: Any, address: str, **options: Any) -> Iterator[Any]:
    """A page of a new browser that has options of its own, and must not complain."""
    context = browser.new_context(**{"viewport": {"width": 1100, "height": 850}, **options})
    context.set_default_timeout(20_000)
    page = context.new_page()
    with uncomplaining(page):
        page.goto(address)
        yield page
        context.close()


def titles(page: Any) -> list[str]:
    return [text.strip() for text in page.locator("#view a[data-paper]").all_inner_texts()]


def complete(page: Any, typed: str) -> None:
    """Type until completions are there; on a busy machine the first ones may come when the focus has moved on."""
    for _ in range(4):
        page.locator("#q").fill("")
        page.locator("#q").press_sequentially(typed, delay=20)
        for _ in range(100):
            if page.locator("#completions li").count():
                return
            page.wait_for_timeout(50)
    raise AssertionError("no completions")


def wait_for(page: Any, condition: str) -> None:
    """Wait until it holds. Asked from outside: the page's policy lets no text be run as a script within it."""
    for _ in range(400):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(condition)


def test_a_link_from_another_page_is_followed_by_a_click_on_its_address(tab: Any, address: str, tmp_path: Path) -> None:
    wanted = f"{address}?q=wombats&sort=newest"
    (tmp_path / "elsewhere.html").write_text(f'<a href="{escape(wanted)}">look</a>', encoding="utf-8")
    tab.goto((tmp_path / "elsewhere.html").as_uri())
    with tab.expect_navigation() as refused:
        tab.click("a")
    assert refused.value.status == 403
    assert tab.locator("a").inner_text() == wanted
    with tab.expect_navigation() as opened:
        tab.click("a")
    assert opened.value.status == 200
    assert tab.url == wanted


def test_results_come_while_typing_with_the_last_word_as_a_beginning(page: Any) -> None:
    page.locator("#q").press_sequentially("mixture of exp", delay=20)
    wait_for(page, "!!document.querySelector('#view mark') && location.search.includes('exp')")
    assert any(re.search("mixture|moe", title, re.IGNORECASE) for title in titles(page))
    assert page.locator("#announcer").inner_text()
    assert "exp" in page.title()


def facts(page: Any) -> tuple[str, list[str], list[str]]:
    """How many papers there are, which, and what the filters beside them count."""
    filters = page.locator("#filters a").all_inner_texts()
    return page.locator("#count").inner_text().rpartition(",")[0], titles(page), filters


def test_a_word_that_is_not_over_finds_the_same_beside_the_papers_and_after_a_reload(page: Any) -> None:
    page.locator("#q").fill("langu")
    counted = "[...document.querySelectorAll('#filters a')].some((each) => each.href.includes('q=langu'))"
    wait_for(page, f"!document.querySelector('#view.busy') && {counted}")
    found = facts(page)
    page.reload()
    assert facts(page) == found
    page.locator("select[name=sort]").select_option("newest")
    wait_for(page, "location.search.includes('newest') && !document.querySelector('#view.busy')")
    assert facts(page)[0] == found[0]
    year, count = page.locator("#filters a").first.inner_text().split()
    page.locator("#filters a").first.click()
    page.wait_for_selector(".chips")
    assert page.locator("#count").inner_text().split()[0] == count, year
    steps = page.evaluate("history.length")
    page.keyboard.press("/")
    page.keyboard.press("Enter")
    wait_for(page, "!location.search.includes('prefix')")
    assert page.evaluate("history.length") == steps


def test_a_date_that_is_being_typed_is_no_mistake_yet(page: Any) -> None:
    page.locator("#q").fill("model year:202")
    wait_for(page, "document.querySelector('#view').innerText.includes('is not a date')")
    assert titles(page)


def test_an_answer_that_comes_late_never_replaces_a_later_one(page: Any) -> None:
    def slowly(route: Any) -> None:
        if "q=diffusion&" in route.request.url + "&" and "wombats" not in route.request.url:
            page.wait_for_timeout(600)
        route.continue_()

    page.route("**/part?*", slowly)
    page.locator("#q").fill("diffusion")
    page.wait_for_timeout(150)
    page.locator("#q").fill("wombats")
    wait_for(page, "document.querySelector('#view').innerText.includes('Wombats')")
    page.wait_for_timeout(900)
    assert "Wombats" in page.locator("#view").inner_text()


def test_arrows_and_enter_open_a_paper_and_escape_leads_back(page: Any) -> None:
    page.locator("#q").fill("agents")
    wait_for(page, "location.search.includes('agents') && document.querySelectorAll('#view a[data-paper]').length > 0")
    page.keyboard.press("Enter")
    wait_for(page, "!document.querySelector('#view.busy')")
    page.keyboard.press("ArrowDown")
    first = page.evaluate("document.activeElement.innerText")
    page.keyboard.press("Enter")
    page.wait_for_selector("article.paper h1")
    assert page.locator("article.paper h1").inner_text().strip() == first.strip()
    assert "/paper/" in page.url
    page.keyboard.press("Escape")
    page.wait_for_selector("#count")
    assert "q=agents" in page.url
    assert page.locator("#q").input_value() == "agents"


def test_whoever_is_on_a_paper_stays_on_it_when_the_answer_comes_anew(page: Any) -> None:
    page.locator("#q").fill("agents")
    wait_for(page, "location.search.includes('agents') && !document.querySelector('#view.busy')")
    held: list[Any] = []
    let_go = threading.Event()
    page.route("**/part?*", lambda route: route.continue_() if let_go.is_set() else held.append(route))
    page.keyboard.press("Enter")
    wait_for(page, "!!document.querySelector('#view.busy')")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    before = page.evaluate("document.activeElement.href")
    assert "/paper/" in before
    let_go.set()  # a request may come to be held only now
    for route in held:
        route.continue_()
    wait_for(page, "!document.querySelector('#view.busy')")
    assert page.evaluate("document.activeElement.href") == before.replace("&prefix=true", "")  # by Enter


def reading(page: Any, number: int) -> str:
    """Ask about models, open one of the papers by click, and say its address."""
    page.locator("#q").fill("models")
    page.keyboard.press("Enter")
    wait_for(page, "location.search.includes('models') && !document.querySelector('#view.busy')")
    link = page.locator("#view a[data-paper]").nth(number)
    address = str(link.evaluate("link => link.href"))
    link.click()
    page.wait_for_selector("article.paper h1")
    return address


def test_an_opened_paper_begins_below_the_header(page: Any) -> None:
    for width in (1100, 375):
        page.set_viewport_size({"width": width, "height": 600})
        reading(page, 2)
        wait_for(page, "document.activeElement.id === 'view'")
        assert page.evaluate("scrollY") == 0
        page.go_back()
        page.wait_for_selector("#count")


def test_arrows_scroll_a_paper_that_is_read_and_letters_go_to_those_like_it(page: Any) -> None:
    page.set_viewport_size({"width": 1100, "height": 400})
    reading(page, 2)
    wait_for(page, "document.activeElement.id === 'view'")
    page.keyboard.press("ArrowDown")
    wait_for(page, "scrollY > 0")
    assert page.evaluate("document.activeElement.id") == "view"
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    similar = page.locator("#view a[data-paper]").nth(1).evaluate("link => link.href")
    assert page.evaluate("document.activeElement.href") == similar


@pytest.mark.parametrize("way", ["back", "Escape", "link"])
def test_whoever_comes_back_from_a_paper_goes_on_from_it(page: Any, way: str) -> None:
    page.set_viewport_size({"width": 1100, "height": 600})
    paper = reading(page, 5)
    if way == "back":
        page.go_back()
    elif way == "link":
        page.locator("a.back").click()
    else:
        page.keyboard.press("Escape")
    page.wait_for_selector("#count")
    wait_for(page, f"document.activeElement.href === {paper!r}")
    link, header = page.locator("#view a[data-paper]").nth(5).bounding_box(), page.locator("header").bounding_box()
    assert header["y"] + header["height"] <= link["y"] <= 600 - link["height"]


def test_the_field_says_the_query_of_the_paper_that_back_leads_to(page: Any) -> None:
    reading(page, 0)
    page.locator("#q").fill("diffusion")
    wait_for(page, "location.search === '?q=diffusion&prefix=true' && !document.querySelector('#view.busy')")
    page.go_back()
    page.wait_for_selector("article.paper h1")
    assert page.locator("#q").input_value() == "models"


def test_what_is_typed_and_not_asked_yet_does_not_replace_a_paper_opened_after_it(page: Any) -> None:
    reading(page, 0)
    page.go_back()
    page.wait_for_selector("#count")
    page.evaluate(
        "document.getElementById('q').value = 'diffusion';"
        "document.getElementById('q').dispatchEvent(new Event('input'));"
        "document.querySelector('#view a[data-paper]').click()"
    )
    page.wait_for_selector("article.paper h1")
    page.wait_for_timeout(300)  # longer than the page waits after a letter
    assert "/paper/" in page.url


def test_counts_that_come_late_are_not_put_beside_a_paper(page: Any) -> None:
    held: list[Any] = []
    page.route("**/part/facets*", lambda route: held.append(route))
    page.locator("#q").fill("models")
    page.keyboard.press("Enter")
    for _ in range(100):
        if held:
            break
        page.wait_for_timeout(50)
    page.locator("#view a[data-paper]").first.click()
    page.wait_for_selector("article.paper h1")
    with page.expect_response("**/part/facets*"):
        for route in held:
            route.continue_()
    page.wait_for_timeout(100)
    assert page.locator("#filters > *").count() == 0


def test_slash_goes_to_the_field_and_question_mark_shows_the_keys(page: Any) -> None:
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"


def test_completions_are_chosen_by_arrows_while_the_focus_stays(page: Any) -> None:
    complete(page, "mixture of exp")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.id") == "q"
    active = page.locator("#q").get_attribute("aria-activedescendant")
    chosen = page.locator(f"#{active}").get_attribute("data-query")
    assert page.locator("#q").get_attribute("aria-expanded") == "true"
    page.keyboard.press("Enter")
    assert page.locator("#q").input_value() == chosen
    assert page.locator("#completions").is_hidden()


def test_a_filter_is_one_click_and_back_takes_it_off(page: Any, address: str) -> None:
    page.goto(address + "?q=model")
    before = page.locator("#count").inner_text()
    page.locator("#filters a", has_text="2024").first.click()
    page.wait_for_selector(".chips")
    assert "since=2024" in page.url
    assert page.locator("#count").inner_text() != before
    page.reload()
    assert page.locator(".chips").is_visible()
    page.go_back()
    wait_for(page, "!document.querySelector('.chips')")
    assert page.locator("#count").inner_text().split(",")[0] == before.split(",")[0]


def test_a_filter_clicked_before_the_counts_come_keeps_what_was_typed(page: Any) -> None:
    held: list[Any] = []
    page.route("**/part/facets*", lambda route: held.append(route))
    page.locator("#q").fill("moe")
    wait_for(page, "location.search === '?q=moe&prefix=true' && !document.querySelector('#view.busy')")
    page.locator("#filters a", has_text="2024").first.click()
    page.wait_for_selector(".chips")
    assert page.locator("#q").input_value() == "moe"
    assert "q=moe" in page.url


def test_filters_clicked_before_an_answer_comes_all_hold_and_are_all_taken_off(page: Any) -> None:
    page.goto(page.url + "?q=model&sort=newest")
    held: list[Any] = []
    page.route("**/part?*", lambda route: held.append(route))
    page.locator("#filters a", has_text="2024").first.click()
    page.locator("#filters a", has_text="dataset").first.click()
    page.locator(".results .tags a", has_text="dataset").first.click()
    wanted = "q=model&sort=newest&since=2024&until=2024&tag=dataset"
    assert sorted(page.evaluate("location.search")[1:].split("&")) == sorted(wanted.split("&"))
    held[-1].continue_()
    wait_for(page, "document.querySelectorAll('.chips a').length === 2")
    for chip in page.locator(".chips a").all():
        chip.click()
    assert page.evaluate("location.search") == "?q=model&sort=newest"
    held[-1].continue_()
    wait_for(page, "!document.querySelector('.chips')")


def test_who_is_on_a_filter_stays_on_it_and_closed_groups_stay_closed(page: Any) -> None:
    page.locator("#filters summary", has_text="Author").click()
    page.locator("#filters a", has_text="2024").first.focus()
    page.keyboard.press("Enter")
    wait_for(page, "!!document.querySelector('#filters [aria-current]')")
    assert page.evaluate("location.search") == "?since=2024&until=2024"
    assert page.evaluate("document.activeElement.getAttribute('aria-current')") == "true"
    assert page.locator("#filters details:not([open]) summary").all_inner_texts() == ["Author"]


def test_who_goes_on_to_the_next_page_is_above_its_papers(page: Any) -> None:
    page.locator("a[rel=next]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("a[rel=prev]")
    wait_for(page, "document.activeElement.id === 'view' && scrollY === 0")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.href") == page.locator("#view a[data-paper]").first.evaluate(
        "link => link.href"
    )


def test_what_refuses_before_the_page_is_told_in_words(tab: Any, address: str) -> None:
    tab.goto(address)
    said = '{"error": "this server asks for its token", "hint": "open <b>its</b> address"}'
    tab.route("**/part?*", lambda route: route.fulfill(status=403, content_type="application/json", body=said))
    tab.locator("#q").fill("moe")
    tab.wait_for_selector("#view .empty")
    assert tab.locator("#view").inner_text().split("\n\n") == [
        "This server asks for its token",
        "Open <b>its</b> address",
    ]
    wait_for(tab, "document.querySelector('#announcer').textContent === 'This server asks for its token'")
    tab.unroute_all()
    tab.route("**/part?*", lambda route: route.abort())
    tab.locator("#q").fill("experts")
    wait_for(tab, "document.querySelector('#announcer').textContent === 'The server does not answer'")
    tab.unroute_all()


def test_order_and_match_are_in_the_address(page: Any, address: str) -> None:
    page.goto(address + "?q=model")
    page.locator("select[name=sort]").select_option("oldest")
    wait_for(page, "location.search.includes('sort=oldest') && !document.querySelector('#view.busy')")
    dates = page.locator("#view .results time").all_inner_texts()
    assert dates == sorted(dates)
    page.go_back()
    wait_for(page, "!location.search.includes('sort')")
    assert page.locator("select[name=sort]").input_value() == "relevance"


def test_nothing_in_a_post_runs(page: Any, address: str) -> None:
    page.goto(address + "?q=wombats")
    page.locator("#view a[data-paper]").first.click()
    page.wait_for_selector("article.paper")
    page.wait_for_timeout(200)
    assert "owned" not in page.title()
    assert page.locator("#view img, #view script").count() == 0


def test_what_is_written_from_right_to_left_ends_at_the_left(page: Any) -> None:
    page.locator("#q").fill("شاملة")
    wait_for(page, "document.querySelectorAll('#view .results > li').length === 1")
    first, last = page.locator("#view .passage").evaluate(
        """({firstChild: text}) => [0, text.data.trimEnd().length - 1].map((place) => {
          const letter = document.createRange();
          letter.setStart(text, place);
          letter.setEnd(text, place + 1);
          return letter.getBoundingClientRect().x;
        })"""
    )
    assert last < first  # an exclamation mark, which has no direction of its own
    assert page.evaluate("getComputedStyle(document.getElementById('q')).direction") == "rtl"


def copied(page: Any) -> None:
    """Wait until the page says so."""
    wait_for(page, "document.querySelector('#announcer').textContent === 'Copied'")
    page.evaluate("document.querySelector('#announcer').textContent = ''")


def test_bibtex_and_id_are_copied(page: Any, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(address + "paper/2412.15115")
    page.locator("button[data-copy]").click()
    copied(page)
    assert page.evaluate("navigator.clipboard.readText()") == "2412.15115"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("c")
    copied(page)
    assert "eprint" in page.evaluate("navigator.clipboard.readText()")
    page.context.clear_permissions()


def test_bibtex_is_copied_also_where_the_browser_gives_no_clipboard(browser: Any, address: str) -> None:
    with opened(browser, address) as page:
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")  # as without TLS
        page.goto(address + "paper/2412.15115")
        page.locator("button[data-copy-from]").click()
        copied(page)
        assert page.evaluate("document.activeElement.className") == "copy"
        page.locator("#q").focus()
        page.keyboard.press("Control+v")
        assert page.locator("#q").input_value().startswith("@misc{")


def test_on_paper_there_is_what_can_be_read_and_nothing_to_press(page: Any) -> None:
    page.goto(page.url + "?tag=dataset&q=model")
    page.emulate_media(media="print")
    chip, passage = (page.locator(each).first for each in (".chips a", ".passage"))
    colour = "each => getComputedStyle(each).color"
    assert chip.evaluate(colour) == passage.evaluate(colour)  # no grounds are printed, which it has the colour of else
    assert page.locator("select, button, #filters, .pages").locator("visible=true").count() == 0
    page.emulate_media(media="screen")


def test_without_javascript_everything_is_reached_by_form_and_links(browser: Any, address: str) -> None:
    with opened(browser, address, java_script_enabled=False) as page:
        page.locator("#q").fill("wombats")
        page.locator("button[type=submit]").click()
        page.wait_for_url("**/?q=wombats*")
        assert page.locator("#view .results > li").count() == 1
        page.locator("#view .results a").first.click()
        page.wait_for_url("**/paper/2401.00001*")
        page.locator("a.back").click()
        page.wait_for_url("**q=wombats*")


def test_the_button_for_the_keys_is_as_wide_as_its_text(page: Any) -> None:
    page.set_viewport_size({"width": 1900, "height": 700})
    assert page.locator("#keys").bounding_box()["width"] < 100


def test_on_a_phone_what_is_searched_for_hides_the_keyboard(browser: Any, address: str) -> None:
    with opened(browser, address, is_mobile=True, has_touch=True, viewport={"width": 390, "height": 844}) as page:
        page.locator("#q").tap()
        page.keyboard.type("moe")
        assert page.evaluate("document.activeElement.id") == "q"
        page.keyboard.press("Enter")
        wait_for(page, "document.activeElement === document.body")


ANSWERED = "ask?q=what+is+mixture+of+experts%3F"


def test_the_keys_are_read_from_their_first_line_on_a_small_screen(page: Any) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    page.locator("#keys").click()
    assert page.locator("#help").evaluate("each => [each.open, each.scrollTop]") == [True, 0]
    page.keyboard.press("Enter")
    assert not page.locator("#help").evaluate("each => each.open")


@pytest.mark.parametrize("view", ["", "?q=mixture+of+experts", "?q=xyzzyplugh", "paper/2412.15115", ANSWERED, "api"])
def test_nothing_is_wider_than_a_narrow_screen(tab: Any, address: str, view: str) -> None:
    with uncomplaining(tab):
        for width in (320, 768):
            tab.set_viewport_size({"width": width, "height": 700})
            tab.goto(address + view)
            assert tab.evaluate("document.documentElement.scrollWidth") <= width, width


def test_no_word_of_a_heading_is_broken_on_a_narrow_screen(tab: Any, address: str) -> None:
    tab.set_viewport_size({"width": 320, "height": 700})
    tab.goto(address + "api")
    heights = tab.locator("th").evaluate_all("cells => cells.map((cell) => cell.offsetHeight)")
    assert max(heights) < 40  # of two lines


@pytest.fixture(scope="module")
def examined(browser: Any) -> Iterator[Any]:
    """A page in which axe can be run, which its policy would refuse."""
    context = browser.new_context(bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.mark.skipif(not AXE.exists() and not os.environ.get("ALL_DOORS"), reason="axe-core is not installed")
@pytest.mark.parametrize(
    "view",
    ["", "?q=mixture+of+experts&tag=dataset", "?q=xyzzyplugh", "?q=year:abc", "paper/2412.15115", ANSWERED, "api"],
)
def test_axe_finds_nothing(examined: Any, address: str, view: str) -> None:
    examined.goto(address + view)
    for scheme in ("light", "dark"):
        examined.emulate_media(color_scheme=scheme)
        examined.wait_for_timeout(300)
        assert violations(examined) == [], scheme


@pytest.mark.skipif(not AXE.exists() and not os.environ.get("ALL_DOORS"), reason="axe-core is not installed")
def test_axe_finds_nothing_while_completions_and_help_are_open(examined: Any, address: str) -> None:
    examined.emulate_media(color_scheme="light")
    examined.goto(address)
    complete(examined, "mixture of exp")
    examined.keyboard.press("ArrowDown")
    found = violations(examined)
    examined.keyboard.press("Escape")
    examined.locator("#keys").click()
    assert found + violations(examined) == []


def violations(page: Any) -> list[tuple[str, list[Any]]]:
    """What axe objects to: the rule, and the places where it is broken."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]  # others not in all detail
    return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]


@pytest.mark.skipif(not os.environ.get("PICTURES"), reason="PICTURES=1 makes them")
def test_pictures_for_the_documentation(browser: Any, address: str) -> None:
    for scheme in ("light", "dark"):
        with opened(browser, address + "?q=mixture+of+experts", color_scheme=scheme, device_scale_factor=1.5) as page:
            page.wait_for_timeout(500)
            page.screenshot(path=str(ROOT / "docs" / f"page-{scheme}.png"))
