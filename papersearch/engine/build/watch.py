"""Goes on indexing while posts come and go: changes are gathered until they pause, errors are survived."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence

from papersearch.core.errors import PapersearchError
from papersearch.core.records import Summary
from papersearch.posts.scan import is_post

# A generator writes its posts one after the other; a run begins when nothing happened for this long.
QUIET_MS = 400


def watch_folders(
    folders: Sequence[str],
    run: Callable[[], Summary],
    on_summary: Callable[[Summary], None],
    on_error: Callable[[PapersearchError], None],
    stop: threading.Event | None = None,
    index: str = "",
) -> None:
    """Run once, and again after every burst of changes to posts, until ``stop`` is set or Ctrl-C. What happens in the
    folder ``index``, which may lie below the posts, is our own doing."""
    try:
        from watchfiles import watch
    except ImportError as missing:
        raise PapersearchError("watching needs the package watchfiles", "pip install watchfiles") from missing

    def once() -> None:
        try:
            on_summary(run())
        except PapersearchError as error:
            on_error(error)

    own = (os.path.abspath(index), os.path.realpath(index)) if index else ()
    changes = watch(
        *folders,
        watch_filter=lambda _, path: _may_matter(path, own),
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


def _may_matter(path: str, own: Sequence[str]) -> bool:
    """Whether a change at a path can be one of posts: of a post, or of what may be a folder, outside our own folder."""
    if any(path == folder or path.startswith(folder + os.sep) for folder in own):
        return False
    return is_post(path) or "." not in os.path.basename(path)
