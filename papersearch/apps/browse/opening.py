"""Other programs that show a paper: browsers and editors. Standard output is none of theirs, since it may be a file
that waits for the marked papers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from textual.app import App


@contextmanager
def lent(app: App[Any]) -> Iterator[None]:
    """The terminal, for a program that needs it. It is taken back whatever that raises, which Textual (8.2) does not;
    ``test_an_editor_that_cannot_be_started_is_told_on_the_screen`` sees to it."""
    failure: Exception | None = None
    with _output_to(2), app.suspend():
        try:
            yield
        except Exception as error:
            failure = error
    if failure is not None:
        raise failure


def opened(app: App[Any], address: str) -> bool:
    """Whether a browser took the address. One of the terminal (w3m, lynx), as on a server, has that until it ends."""
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if type(browser) in (webbrowser.GenericBrowser, webbrowser.Elinks):
        with lent(app):
            return browser.open(address)
    with open(os.devnull, "wb") as nowhere, _output_to(nowhere.fileno()):
        return browser.open(address)


@contextmanager
def _output_to(place: int) -> Iterator[None]:
    """What is started meanwhile has another standard output."""
    ours = os.dup(1)
    os.dup2(place, 1)
    try:
        yield
    finally:
        os.dup2(ours, 1)
        os.close(ours)
