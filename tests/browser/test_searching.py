"""Searching in the page: typing, keys, completions, filters, orders, back and reload."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

import pytest

from tests.browser.driving import complete, opened, titles, wait_for


def test_a_link_from_another_page_is_followed_by_a_click_on_its_address(tab: Any, address: str, tmp_path: Path) -> None:
    wanted = f"{address}?q=wombats&sort=newest"
    (tmp_path / "elsewhere.html").write_text(f'<a href="{escape(wanted)}">look</a>', encoding="utf-8")
    tab.goto((tmp_path / "elsewhere.html").as_uri())
    with tab.expect_navigation() as refused:
        tab.click("a")
    assert refused.value.status == 403
    assert tab.locator("a").inner_text() == "/?q=wombats&sort=newest"
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


def test_back_leads_to_what_was_read_before_another_word_was_typed(page: Any) -> None:
    page.locator("#q").press_sequentially("model")
    wait_for(page, "location.search.includes('q=model&')")
    page.wait_for_timeout(2_000)  # a pause of reading
    page.locator("#q").press_sequentially(" ")
    page.wait_for_timeout(300)  # in which the blank alone is asked
    page.locator("#q").press_sequentially("language")
    wait_for(page, "location.search.includes('q=model+language')")
    page.go_back()
    wait_for(page, "location.search.includes('q=model&')")
    assert page.locator("#q").input_value() == "model"


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


def test_slash_goes_to_the_field_and_question_mark_shows_the_keys(page: Any) -> None:
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    page.locator("#q").press("/")
    page.keyboard.type("a/?")
    assert page.locator("#q").input_value() == "a/?"


def test_letters_are_no_keys_for_whom_has_switched_them_off(page: Any, address: str) -> None:
    page.locator("#keys").click()
    page.locator("#letters").uncheck()
    page.keyboard.press("Enter")
    assert not page.locator("#help").is_visible()
    page.goto(address + "?q=model")  # another time
    for key in ("j", "?", "/"):
        page.keyboard.press(key)
    assert page.evaluate("[document.activeElement.tagName, document.getElementById('help').open]") == ["BODY", False]
    page.keyboard.press("ArrowDown")
    assert page.evaluate("'paper' in document.activeElement.dataset")
    page.locator("#keys").click()
    page.locator("#letters").check()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("[document.activeElement.id, localStorage.length]") == ["q", 0]


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


@pytest.mark.parametrize(
    ("status", "said"), [(200, "The server did not answer with a page"), (414, "The query is too long")]
)
def test_a_page_of_a_proxy_is_not_taken_for_one_of_papers(status: int, said: str, tab: Any, address: str) -> None:
    body = "<form>Your password</form>"
    tab.goto(address)
    tab.route("**/part?*", lambda route: route.fulfill(status=status, content_type="text/html", body=body))
    tab.locator("#q").fill("moe")
    wait_for(tab, f"document.querySelector('#announcer').textContent === {said!r}")
    assert tab.locator("form").count() == 2  # the search, and that of the keys
    tab.unroute_all()


@pytest.mark.parametrize("by_proxy", [False, True])
def test_what_was_asked_of_a_server_that_starts_again_is_shown_as_soon_as_it_answers(
    by_proxy: bool, tab: Any, address: str
) -> None:
    def fail(route: Any) -> None:
        if by_proxy:
            route.fulfill(status=502, content_type="text/html", body="<h1>502 Bad Gateway</h1>")
        else:
            route.abort()

    tab.goto(address)
    tab.route("**/part?*", fail)
    tab.locator("#q").fill("experts")
    wait_for(tab, "document.querySelector('#announcer').textContent === 'The server does not answer'")
    tab.unroute_all()
    tab.wait_for_selector("#filters a")
    assert "experts" in tab.locator("#view").inner_text().lower()


@pytest.mark.parametrize("body", ["<h1>502 Bad Gateway</h1>", '{"error": "no answer", "hint": ""}'])
def test_completions_of_an_older_text_do_not_stand_over_what_is_said_of_a_server_that_does_not_answer(
    body: str, tab: Any, address: str
) -> None:
    tab.goto(address)
    complete(tab, "mixture of exp")
    tab.route("**/api/suggest?*", lambda route: route.fulfill(status=502, body=body))
    tab.locator("#q").press_sequentially("z")
    wait_for(tab, "document.querySelector('#completions').hidden")
    assert tab.evaluate("document.activeElement.id") == "q"
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


def test_a_list_is_aligned_as_its_words_are_where_the_browser_aligns_it_as_the_page(page: Any, address: str) -> None:
    page.goto(address + "?q=شاملة")
    page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(":where(li) { text-align: left }"); // which match-parent is in Firefox and Safari
          document.adoptedStyleSheets = [sheet];
        }"""
    )
    for which in (".results h2", ".passage"):
        to_its_right = page.locator(which).first.evaluate(
            """each => {
              const text = document.createRange();
              text.selectNodeContents(each);
              return each.getBoundingClientRect().right - text.getBoundingClientRect().right;
            }"""
        )
        assert to_its_right < 2, which


def test_the_start_page_takes_letters_also_where_its_address_brings_a_token(page: Any, address: str) -> None:
    for query, focused in (("", "q"), ("?token=abc", "q"), ("?q=model&token=abc", "")):
        page.goto(address + query)
        wait_for(page, f"document.activeElement.id === {focused!r} && document.documentElement.className === 'live'")


def test_arrows_with_shift_select_text_and_leave_the_focus_where_it_is(page: Any, address: str) -> None:
    page.goto(address + "?q=model")
    page.locator("#q").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowDown")
    assert page.evaluate("[document.activeElement.id, document.activeElement.selectionEnd]") == ["q", len("model")]
    page.locator(".passage").first.evaluate(
        """({firstChild: text}) => {
          document.activeElement.blur();
          getSelection().setBaseAndExtent(text, 0, text, 1);
        }"""
    )
    page.keyboard.press("Shift+ArrowDown")
    wait_for(page, "getSelection().toString().length > 10")
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_the_key_that_ends_a_composition_is_none_of_the_page(page: Any) -> None:
    complete(page, "mixture of exp")
    page.keyboard.press("ArrowDown")
    for key in ("Enter", "Escape"):  # Safari sends them after the end of the composition, as of no key
        page.evaluate(
            f"""document.getElementById("q").dispatchEvent(
              new KeyboardEvent("keydown", {{key: "{key}", keyCode: 229, bubbles: true, cancelable: true}}))"""
        )
        assert page.locator("#q").input_value() == "mixture of exp"
        assert page.locator("#completions").is_visible()


def test_who_reads_results_keeps_them_while_the_index_cannot_be_read(browser: Any, address: str) -> None:
    with opened(browser, "about:blank") as page:
        page.clock.install()
        page.goto(address + "?q=experts")
        asked: list[str] = []
        page.route("**/part?*", lambda route: asked.append(route.request.url))
        page.route("**/api/stats", lambda route: route.fulfill(json={"error": "the index is being made", "hint": ""}))
        for _ in range(2):  # what is asked for at the first look is seen at the next
            with page.expect_response("**/api/stats"):
                page.clock.fast_forward(31_000)
        assert asked == []
        page.route("**/api/stats", lambda route: route.fulfill(json={"generation": 1_000_000}))
        with page.expect_request("**/part?*"):
            page.clock.fast_forward(31_000)
        page.unroute_all(behavior="ignoreErrors")
