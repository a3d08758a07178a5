"""A watcher in a thread of its own, for tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from papersearch.core.records import Summary
from tests.processes import LONGEST_S, wait_for


@contextmanager
def watching(
    watcher: Callable[..., None], *arguments: object, then: Callable[[int], object] = lambda _: None, **more: object
) -> Iterator[tuple[list[Summary], list[str]]]:
    """A watcher in a thread of its own, from its first run until the block ends: what it tells of its runs, and of
    errors. After each run ``then`` is called with how many there were. Raises ``AssertionError`` if it does not end."""
    summaries: list[Summary] = []
    errors: list[str] = []
    stop = threading.Event()

    def told(summary: Summary) -> None:
        summaries.append(summary)
        then(len(summaries))

    tell = {"on_summary": told, "on_error": lambda error: errors.append(error.message), "stop": stop}
    thread = threading.Thread(target=watcher, args=arguments, kwargs={**tell, **more}, daemon=True)
    thread.start()
    try:
        wait_for("a first run", lambda: summaries)
        yield summaries, errors
    finally:
        stop.set()
        thread.join(LONGEST_S)
    assert not thread.is_alive()
