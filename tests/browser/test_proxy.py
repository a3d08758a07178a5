"""The page behind a proxy, at a path of another site, whose name the server does not know."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import pytest

from tests.browser.driving import complete, opened, wait_for
from tests.servers import behind

ASKED = "!document.querySelector('#view.busy')"


@pytest.fixture(scope="module")
def site(address: str) -> Iterator[str]:
    with behind(address, "/group/papers") as site:
        yield site


@pytest.fixture
def page(browser: Any, site: str) -> Iterator[Any]:
    with opened(browser, site) as page:
        yield page


def strays(page: Any, site: str) -> list[str]:
    """The links of the page that lead out of its place, to elsewhere on the same site."""
    links = page.evaluate("[...document.querySelectorAll('a[href], link')].map((link) => link.href)")
    host = site[: site.index("/group")]
    return [link for link in links if link.startswith(host) and not link.startswith(site)]


def test_papers_filters_and_pages_are_reached_and_left_below_the_path(page: Any, site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    complete(page, "mod")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for(page, f"location.search.startsWith('?q=mod') && {ASKED}")
    page.locator("#filters a").first.click()
    page.wait_for_selector(".chips")
    assert strays(page, site) == []
    page.locator("#view a[data-paper]").first.click()
    page.wait_for_selector("article.paper h1")
    assert page.url.startswith(f"{site}paper/")
    assert strays(page, site) == []
    page.reload()
    assert strays(page, site) == []
    similar = page.locator(".results a[data-paper]").first.evaluate("link => (link.click(), link.href)")
    wait_for(page, f"{ASKED} && location.href === {similar!r}")
    page.keyboard.press("Escape")
    page.wait_for_selector("#count")
    assert page.url.startswith(f"{site}?q=mod")
    page.go_back()
    page.wait_for_selector("article.paper h1")
    page.locator(".name").click()
    page.wait_for_selector("#count")
    page.locator("a[rel=next]").click()
    wait_for(page, "location.search === '?offset=10'")
    assert asked
    assert [each for each in asked if not each.startswith(site)] == []


def test_a_link_that_is_followed_before_the_next_paper_is_there_leads_to_its_own(page: Any, site: str) -> None:
    page.route("**/part/paper/*", lambda route: None)  # which is never answered
    first, second = (page.locator("#view a[data-paper]").nth(number) for number in range(2))
    wanted = second.evaluate("link => link.href")
    first.click()
    wait_for(page, "location.pathname.includes('/paper/')")
    assert second.evaluate("link => link.href") == wanted
    assert strays(page, site) == []
    page.unroute_all()


@pytest.mark.parametrize("view", ["?q=model", "ask?q=what+is+a+model%3F", "paper/2412.15115?q=model", "api", "a/b/c"])
def test_without_javascript_links_and_the_form_stay_below_the_path(browser: Any, site: str, view: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + view)
    assert page.locator("header").evaluate("header => getComputedStyle(header).display") == "grid"
    assert strays(page, site) == []
    if view != "api":
        page.locator("#q").fill("otters")
        page.keyboard.press("Enter")
        page.wait_for_selector("#count")
        assert page.url.startswith(f"{site}?q=otters")
    context.close()


def test_a_link_from_another_page_is_followed_by_a_click_there_too(browser: Any, site: str, tmp_path: Path) -> None:
    wanted = f"{site}paper/2412.15115?q=model"
    (tmp_path / "elsewhere.html").write_text(f'<a href="{escape(wanted)}">look</a>', encoding="utf-8")
    context = browser.new_context(is_mobile=True, viewport={"width": 360, "height": 500})
    page = context.new_page()
    page.goto((tmp_path / "elsewhere.html").as_uri())
    for status in (403, 200):
        with page.expect_navigation() as shown:
            page.click("a")
        assert shown.value.status == status
        assert page.evaluate("innerWidth") == 360  # in letters that a phone's reader sees
        assert page.url == wanted
    context.close()
