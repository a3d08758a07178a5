"""Reading papers in the page: the way to one and back, keys, copying, and posts that would run something."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.browser.driving import opened, wait_for


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


def test_nothing_in_a_post_runs(page: Any, address: str) -> None:
    page.goto(address + "?q=wombats")
    page.locator("#view a[data-paper]").first.click()
    page.wait_for_selector("article.paper")
    page.wait_for_timeout(200)
    assert "owned" not in page.title()
    assert page.locator("#view img, #view script").count() == 0


def copied(page: Any) -> None:
    """Wait until the page says so."""
    wait_for(page, "document.querySelector('#announcer').textContent === 'Copied'")
    page.evaluate("document.querySelector('#announcer').textContent = ''")


def test_a_link_of_a_post_that_is_no_address_breaks_nothing(page: Any, address: str) -> None:
    body = """<p id="count" data-said>1 paper</p><h2><a href="./paper/1" data-paper>Otters</a></h2>
    <a href="http://[broken/x" data-web>1</a>"""
    headers = {"x-title": "otters", "content-type": "text/html"}
    page.route("**/part?*", lambda route: route.fulfill(body=body, headers=headers))
    page.locator("#q").fill("otters")
    wait_for(page, "document.querySelector('#announcer').textContent === '1 paper'")
    for which in ("a[data-paper]", "a[data-web]"):
        page.locator(which).focus()
        with page.expect_response("**/part?*"):
            page.evaluate("document.getElementById('search').requestSubmit()")
        wait_for(page, "!document.querySelector('#view.busy')")
        assert page.evaluate(f"document.activeElement === document.querySelector('{which}')")


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


def test_a_key_opens_the_paper_at_hand_on_the_web_from_the_list_too(page: Any, address: str) -> None:
    page.context.route("http://arxiv.org/**", lambda route: route.fulfill(body="a paper"))
    page.goto(address + "?q=mixture+of+experts")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("o")  # of none
    for key, place in (("j", 0), ("j", 1)):
        page.keyboard.press(key)
        with page.context.expect_page() as opened_tab:
            page.keyboard.press("o")
        shown = page.locator("#view .results .id").nth(place).inner_text()
        opened_tab.value.wait_for_url(f"http://arxiv.org/**{shown}*")
        opened_tab.value.close()
    page.keyboard.press("Enter")
    page.wait_for_selector("#view .paper")
    with page.context.expect_page() as opened_tab:
        page.keyboard.press("o")
    opened_tab.value.wait_for_url(f"http://arxiv.org/**{shown}*")
    opened_tab.value.close()
    page.context.unroute_all()


def test_a_button_pressed_twice_says_again_what_it_copies(page: Any, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(address + "paper/2412.15115")
    page.locator("button[data-copy]").dblclick()
    page.wait_for_selector("button[data-copy]:text-is('Copied')")
    page.wait_for_timeout(2_000)  # more than both presses say so
    assert page.locator("button[data-copy]").inner_text() == "Copy id"
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


def test_a_browser_some_years_old_will_do(browser: Any, address: str) -> None:
    """Those of before 2024 lack ``URL.canParse``, or ``:has`` in what scripts look for."""
    lacks = """delete URL.canParse; const closest = Element.prototype.closest;
    Element.prototype.closest = function (which) {
      if (which.includes(":has(")) throw new SyntaxError(which);
      return closest.call(this, which);
    };"""
    with opened(browser, address) as page:
        page.context.route("http://arxiv.org/**", lambda route: route.fulfill(body="a paper"))
        page.add_init_script(lacks)
        page.goto(address + "?q=model")
        page.locator("a[rel=next]").press("Enter")
        wait_for(page, "document.querySelector('#announcer').textContent.startsWith('11-20 of')")
        page.keyboard.press("j")
        with page.context.expect_page() as opened_tab:
            page.keyboard.press("o")
        opened_tab.value.close()
