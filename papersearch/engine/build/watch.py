"""Keeps running and re-indexes when posts change: changes are gathered until they pause, errors are survived."""

from __future__ import annotations

import math
import os
import stat
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from papersearch.core.errors import DamagedIndexError, PapersearchError, ReplacedError, without_library
from papersearch.core.records import Summary
from papersearch.engine.index.generation import newest_state
from papersearch.engine.port import Corpus
from papersearch.posts.scan import IGNORE_FILE, is_post
from papersearch.query.requests import several

# A generator writes its posts one after the other; a run begins when nothing happened for this long.
QUIET_MS = 400
# After a run that failed, what was wrong may be put right without a change to any post; and where the system tells of
# no changes, they are looked for (chosen).
AGAIN_S = 30.0
# Of some changes the system tells nothing: those of another machine on a network disk, and of more than it keeps at
# once. So there is a run now and then, which costs 5 µs a post (chosen).
SELDOM_S = 600.0
_UNTOLD = (("", ""),)  # a change that the system did not tell


def watch_folders(
    folders: Sequence[str],
    run: Callable[[], Summary],
    on_summary: Callable[[Summary], None],
    on_error: Callable[[PapersearchError], None],
    stop: threading.Event | None,
    index: str,
) -> None:
    """Run once, and again after every burst of changes to posts, until ``stop`` is set or Ctrl-C. What happens in the
    folder ``index``, which may lie below the posts, is our own doing, save that it is removed or a backup takes its
    place: then there is a run. After a run that failed it is tried again every ``AGAIN_S`` seconds, and the same error
    is told once; after one that did not, there is another in ``SELDOM_S`` seconds at the latest. Raises what the first
    run raises if none of the folders is there: that is a wrong name, and not a folder that has gone."""
    try:
        from watchfiles import watch
    except ImportError as missing:
        raise PapersearchError(*without_library("watching", missing, "pip install 'watchfiles>=1.0,<2'")) from missing

    runs = _Runs(run, on_summary, on_error, index)
    own = os.path.abspath(index), os.path.realpath(index)
    while not (stop is not None and stop.is_set()):
        watched = _identities(folders)
        # The first run comes when the watcher looks already, so that no post slips in between.
        first = True
        for changed in _changes(watch, watched, own, on_error, stop):
            if changed or first or runs.is_due():
                runs.once(may_fail=bool(watched))
            first = False
            if _identities(folders) != watched or _is_link_to_folder(changed):
                break  # one has gone or come back, or its posts lie elsewhere, and is to be watched anew


class _Runs:
    """The runs of a watcher, and what the last of them left."""

    def __init__(
        self,
        run: Callable[[], Summary],
        on_summary: Callable[[Summary], None],
        on_error: Callable[[PapersearchError], None],
        index: str,
    ) -> None:
        self._run, self._on_summary, self._on_error, self._index = run, on_summary, on_error, index
        self._begun = False
        self._state: tuple[int, ...] = ()
        self._failure, self._again_at = "", math.inf

    def is_due(self) -> bool:
        """Whether a run is to come though no change was told: the index was removed, an older one put in its place, or
        the last run failed or is long ago. A newer state is what another run has made, which looked at the posts."""
        state = self._newest()
        if state[:1] > self._state[:1]:
            self._state = state
        return state != self._state or time.monotonic() > self._again_at

    def _newest(self) -> tuple[int, ...]:
        """The newest state of the index; the last that is known if its disk does not answer."""
        try:
            return newest_state(self._index)
        except (OSError, PapersearchError):
            return self._state

    def once(self, may_fail: bool) -> None:
        """Run, and tell the end of it. Raises what the first run raises if it may not fail, and ``ReplacedError``: no
        later run could succeed, and whoever starts programs again can do so."""
        before, self._failure = self._failure, ""
        try:
            summary = self._run()
            self._state = self._newest()  # before it is told: who hears that it is there may remove it
            self._again_at = time.monotonic() + SELDOM_S
            self._on_summary(summary)
        except ReplacedError:
            raise
        except PapersearchError as error:
            if not self._begun and not may_fail:
                raise
            self._state = self._newest()
            self._failure, self._again_at = str(error), time.monotonic() + AGAIN_S
            if self._failure != before:
                self._on_error(error)
        self._begun = True


def _identities(folders: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Which of the folders are there, and which ones they are: what is mounted on a folder is another one."""
    found = {}
    for folder in folders:
        with suppress(OSError):
            status = os.stat(folder)
            if stat.S_ISDIR(status.st_mode):
                found[folder] = (status.st_dev, status.st_ino)
    return found


def _is_link_to_folder(changed: Iterable[tuple[object, str]]) -> bool:
    """Whether a link to a folder is among what changed: a watcher looks behind those alone that it found at first."""
    return any(os.path.islink(path) and os.path.isdir(path) for _, path in changed)


def _changes(
    watch: Any,
    folders: Iterable[str],
    own: Sequence[str],
    on_error: Callable[[PapersearchError], None],
    stop: threading.Event | None,
) -> Iterator[Collection[tuple[object, str]]]:
    """Yields what changed and how, again and again, and something empty where nothing did for a while. Without a folder
    to watch it is always empty. Where folders cannot be watched, a change is assumed every ``AGAIN_S`` seconds. Ends
    after as long where one went while the watcher began, which then tells of none: they are to be watched anew."""
    went = False
    try:
        threading.Thread(target=int).start()  # watchfiles needs one, and kills the process if the system refuses it
        yield from watch(
            *folders,
            watch_filter=lambda _, path: _may_matter(path, own),
            stop_event=stop,
            step=QUIET_MS,
            debounce=5_000,
            rust_timeout=QUIET_MS,
            yield_on_timeout=True,
            raise_interrupt=True,
        )
    except FileNotFoundError:  # perhaps only one of those below
        went = True
        yield ()
    except (OSError, RuntimeError) as refused:  # a folder below may not be read, or there are no more watches
        wrong = f"the system does not tell of changes ({refused})"
        on_error(PapersearchError(wrong, f"they are looked for every {AGAIN_S:g} seconds"))
        yield ()
    looked = time.monotonic()
    while not (stop is not None and stop.is_set()):
        time.sleep(QUIET_MS / 1_000)
        if due := time.monotonic() - looked > AGAIN_S:
            if went:
                return
            looked = time.monotonic()
        yield _UNTOLD if due else ()


def _may_matter(path: str, own: Sequence[str]) -> bool:
    """Whether a change at a path can be one of posts: of a post, of what says which to leave out, of a folder, or of
    what is gone and may have been a folder (``2024.12``), outside our own folder."""
    if any(path == folder or path.startswith(folder + os.sep) for folder in own):
        return False
    name = os.path.basename(path)
    if is_post(path) or name == IGNORE_FILE or "." not in name:
        return True
    return not name.startswith(".") and (os.path.isdir(path) or not os.path.lexists(path))


def runner(
    update: Callable[[Sequence[str], dict[str, Any]], Summary],
    folders: Sequence[str],
    options: Mapping[str, Any],
    corpus: Callable[[], Corpus],
) -> Callable[[], Summary]:
    """A function that runs ``update``. Until that has succeeded once it is given ``folders`` and ``options``; from then
    on the corpus of that run as the index remembers it, and what other runs have added to it. Folders that other runs
    took out of it come back."""
    begun, known = False, Corpus(tuple(folders), several(options.get("exclude")))

    def told() -> Corpus:
        try:
            return corpus()
        except DamagedIndexError:
            return Corpus()

    def run() -> Summary:
        nonlocal begun, known
        if begun:
            wanted = _joined(told(), known)
            known = known._replace(exclude=wanted.exclude)
            later = {"rebuild": False, "prune": False, "exclude": wanted.exclude}
            return update(wanted.folders, {**options, **later})
        summary = update(folders, dict(options))
        now = told()
        begun, known = True, now if now.folders else known
        return summary

    return run


def _joined(told: Corpus, watched: Corpus) -> Corpus:
    """The corpus of a run: what the index was last ``told`` to be made from, and what is ``watched`` beside it. An
    index that is gone or damaged may tell nothing; a folder that only the watcher knows counts if it is there."""
    if not told.folders:
        return watched
    ours = (folder for folder in watched.folders if folder not in told.folders and os.path.isdir(folder))
    return told._replace(folders=(*told.folders, *ours))
