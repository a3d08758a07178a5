"""What tests of the page in a browser do to it, and wait for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


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
