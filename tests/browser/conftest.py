"""The search page in a real browser, Chromium from the system's packages, and the server that it comes from."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

import papersearch
from tests.browser.driving import uncomplaining
from tests.commands import sample
from tests.corpora import write_post
from tests.servers import serving

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="package")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the sample posts, one that is hostile, and one that is written from right to left."""
    pytest.importorskip("starlette", reason="the server's libraries are not installed")
    folder = sample(tmp_path_factory.mktemp("browser"))
    write_post(
        folder / "corpus", "2401.00001", "<script>document.title='owned'</script> Wombats",
        "<img src=x onerror=\"document.title='owned'\"> All about wombats. [link](javascript:document.title='owned')",
    )  # fmt: skip
    write_post(folder / "corpus", "2401.00002", "مراجعة شاملة!", "نعم، بنسبة كبيرة!")
    papersearch.build(str(folder / "index"), [str(folder / "corpus")], jobs=1)
    with serving(folder) as served:
        yield served


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Chromium; what needs it is left out where it is not installed, unless all is to be tested."""
    if not CHROMIUM and os.environ.get("ALL_DOORS"):
        raise RuntimeError("Chromium is not installed")
    if not CHROMIUM:
        pytest.skip("Chromium is not installed")
    playwright_of = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright_of.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="package")
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
