"""The page for who hears it: what is said aloud, what landmarks there are, and where the focus goes."""

from __future__ import annotations

import re
from typing import Any

from tests.browser.driving import wait_for


def test_filters_are_no_landmark_where_there_are_none(page: Any, address: str) -> None:
    filters = page.get_by_role("complementary")
    assert filters.count() == 1
    for view in ("?q=xyzzyplugh", "paper/2412.15115"):
        page.goto(address + view)
        assert filters.count() == 0, view


def test_where_one_is_among_the_papers_is_shown_and_said(page: Any) -> None:
    said = "document.querySelector('#announcer').textContent"
    page.locator("a[rel=next]").click()
    wait_for(page, f"{said}.startsWith('11-20 of ')")
    assert page.locator("#count").inner_text() == page.evaluate(said)
    page.locator("a[rel=next]").click()
    wait_for(page, f"{said}.startsWith('21-30 of ')")
    page.locator("select[name=sort]").select_option("title")
    wait_for(page, f"/^[0-9]+ papers, by title$/.test({said})")


def test_what_is_said_aloud_has_what_is_advised_and_not_how_long_it_took(page: Any, address: str) -> None:
    page.locator("#q").fill("mixture of expertz")
    page.keyboard.press("Enter")
    wait_for(page, "document.querySelector('#announcer').textContent.includes('Did you mean')")
    said = page.locator("#announcer").inner_text()
    assert re.fullmatch(r"\d+ papers?(, \d+ with every word)?\. Did you mean mixture of experts\?", said)
    assert page.locator("#count").inner_text().startswith(said.split(".")[0] + ", ")


def test_how_far_an_index_is_is_shown_and_not_said_again_and_again(tab: Any, address: str) -> None:
    asked: list[str] = []

    def tell(route: Any) -> None:
        asked.append(route.request.url)
        said = f"<h1>The index is being made ({len(asked)} of 9 posts)</h1>"
        body = f'<div data-again="50">{said}<progress></progress></div>'
        route.fulfill(status=503, body=body, headers={"x-title": "papersearch", "content-type": "text/html"})

    tab.goto(address)
    tab.route("**/part?*", tell)
    tab.locator("#q").fill("experts")
    for _ in range(100):
        if len(asked) > 3:
            break
        tab.wait_for_timeout(50)
    assert tab.locator("#announcer").inner_text() == "The index is being made (1 of 9 posts)"
    assert "(1 of" not in tab.locator("#view").inner_text()
    tab.unroute_all()
    wait_for(tab, "document.querySelector('#announcer').textContent.includes('paper')")


def test_the_link_past_the_header_leads_to_what_is_there_and_asks_for_nothing(page: Any, address: str) -> None:
    page.goto(address + "?q=model")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_for(page, "location.hash === '#view'")
    page.wait_for_timeout(200)
    assert [each for each in asked if "/part" in each] == []
    assert page.evaluate("document.activeElement.id") == "view"
    page.go_back()
    page.locator("#filters a", has_text="2024").first.click()
    page.wait_for_selector(".chips")


def test_a_tag_that_is_a_filter_says_so_beside_the_paper_too(page: Any, address: str) -> None:
    page.goto(address + "?tag=dataset")
    tags = page.locator(".results .tags a", has_text=re.compile("^dataset$"))
    assert tags.first.get_attribute("aria-current") == "true"
    page.goto(address)
    assert tags.first.get_attribute("aria-current") is None
