"""Goes on indexing while posts come and go: changes are gathered until they pause, errors are survived."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from papersearch.core.errors import PapersearchError
from papersearch.posts.scan import is_post
from papersearch.core.records import Summary

# A generator writes its posts one after the other; a run begins when nothing happened for this long.
QUIET_MS = 400


def watch_folders(
    folders: Sequence[str],
    run: Callable[[], Summary],
    on_summary: Callable[[Summary], None],
    on_error: Callable[[PapersearchError], None],
    stop: threading.Event | None = None,
) -> None:
    """Run once, and again after every burst of changes to posts, until ``stop`` is set or Ctrl-C."""
    try:
        from watchfiles import watch
    except ImportError as missing:
        raise PapersearchError("watching needs the package watchfiles", "pip install 'papersearch[watch]'") from missing

    def once() -> None:
        try:
            on_summary(run())
        except PapersearchError as error:
            on_error(error)

    changes = watch(
        *folders,
        watch_filter=lambda _, path: is_post(path) or "." not in path.rsplit("/", 1)[-1],
        stop_event=stop,
        step=QUIET_MS,
        debounce=5_000,
        rust_timeout=QUIET_MS,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    # The first run comes when the watcher looks already, so that no post slips in between.
    first = True
    for changed in changes:
        if changed or first:
            once()
        first = False
