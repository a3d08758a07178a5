"""The page for everybody: printed, without JavaScript, narrow, on a phone, dark, and for people who do not see it.

Makes the picture of the documentation on demand (``PICTURES=1``)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.driving import complete, opened, uncomplaining, wait_for
from tests.commands import ROOT

AXE = next(
    (path for path in (Path(sys.prefix) / "npm/node_modules/axe-core/axe.min.js",) if path.exists()),
    Path(os.environ.get("AXE_CORE", "nowhere")),
)
ANSWERED = "ask?q=what+is+mixture+of+experts%3F"


def test_on_paper_there_is_what_can_be_read_and_nothing_to_press(page: Any) -> None:
    page.goto(page.url + "?tag=dataset&q=model")
    page.emulate_media(media="print")
    chip, passage = (page.locator(each).first for each in (".chips a", ".passage"))
    colour = "each => getComputedStyle(each).color"
    assert chip.evaluate(colour) == passage.evaluate(colour)  # no grounds are printed, which it has the colour of else
    assert page.locator("select, button, #filters, .pages").locator("visible=true").count() == 0
    page.emulate_media(media="screen")


def test_on_paper_no_end_of_a_bibtex_entry_is_missing(page: Any, address: str) -> None:
    page.goto(address + "paper/2412.15115")
    page.set_viewport_size({"width": 300, "height": 700})
    page.emulate_media(media="print")
    assert page.locator("#bibtex").evaluate("each => each.scrollWidth <= each.clientWidth")
    page.emulate_media(media="screen")


def test_letters_are_as_large_as_the_reader_has_set_in_the_browser(browser: Any, address: str) -> None:
    flags = [*FLAGS, "--blink-settings=defaultFontSize=32"]
    with browser.browser_type.launch(executable_path=CHROMIUM, args=flags) as set_to_large:
        page = set_to_large.new_page()
        page.goto(address + "?q=model")
        assert page.locator(".passage").first.evaluate("each => getComputedStyle(each).fontSize") == "32px"
        filters, papers = (page.locator(which).bounding_box() for which in ("#filters", "#view"))
        assert filters["y"] > papers["y"]  # below, since the lines beside it would be short


def test_tab_goes_on_as_the_screen_is_read_also_where_it_becomes_narrow(page: Any, address: str) -> None:
    page.goto(address + "?q=model")
    page.locator("#filters a").first.focus()
    for width, wanted in ((1100, ["filters", "view"]), (400, ["view", "filters"]), (1100, ["filters", "view"])):
        page.set_viewport_size({"width": width, "height": 700})
        page.locator("#{} ~ #{}".format(*wanted)).wait_for(state="attached")  # the page hears of its width with a frame
        first, then = (page.locator(f"#{each}").bounding_box() for each in wanted)
        assert first["x"] < then["x"] or first["y"] < then["y"], width
        assert page.evaluate("document.getElementById('filters').contains(document.activeElement)"), width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edges_of_fields_and_buttons_are_seen(page: Any, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    colours = """each => [each, document.body].map((at, which) => {
      const style = getComputedStyle(at);
      return (which ? style.backgroundColor : style.borderTopColor).match(/[0-9]+/g).map(Number);
    })"""
    for which in ("#q", "select", "button"):
        edge, ground = map(luminance, page.locator(which).first.evaluate(colours))
        assert (max(edge, ground) + 0.05) / (min(edge, ground) + 0.05) >= 3, which
    page.emulate_media(color_scheme="null")


def luminance(colour: list[int]) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


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


def test_letters_twice_as_large_break_no_name_on_a_narrow_screen(tab: Any, address: str) -> None:
    tab.set_viewport_size({"width": 320, "height": 700})
    tab.goto(address)
    tab.evaluate("document.documentElement.style.fontSize = '32px'")
    for which in (".name", "#keys"):
        lines = tab.locator(which).evaluate(
            """each => {
              const text = document.createRange();
              text.selectNodeContents(each);
              return new Set([...text.getClientRects()].map(({bottom}) => Math.round(bottom / 32))).size;
            }"""
        )
        assert lines == 1, which
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320


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


@pytest.mark.skipif(not os.environ.get("PICTURES"), reason="PICTURES=1 makes it")
def test_picture_for_the_documentation(browser: Any, address: str) -> None:
    with opened(browser, address + "?q=mixture+of+experts", color_scheme="light", device_scale_factor=1.5) as page:
        page.reload()  # the first query, whose time it shows, takes longer than any other
        page.wait_for_timeout(500)
        page.screenshot(path=str(ROOT / "docs" / "page.png"))
