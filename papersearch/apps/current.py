"""The index that a program which stays answers from: opened once, following new generations, built first if missing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from papersearch import library
from papersearch.apps.session import announce, folders_to_build
from papersearch.core.errors import DamagedIndexError, NoIndexError, PapersearchError, UsageError, reported, unforeseen

_LOOK_EVERY_S = 0.5  # for a newer generation: one listing of the index folder
_BUILD_AGAIN_S = 30.0  # after a failure: its cause may be put right, or have passed (chosen)
_COMPARE_EVERY_S = 30.0  # the corpus with the index: 5 µs a post


def need_threads() -> None:
    """Raise ``PapersearchError`` if the system starts no thread, without which nothing here is answered."""
    _started(int)


def _started(work: Callable[..., object], *given: object) -> threading.Thread:
    """A thread that does some work. Raises ``PapersearchError`` if the system starts none."""
    thread = threading.Thread(target=work, args=given, daemon=True)
    try:
        thread.start()
    except RuntimeError as refused:
        raise unforeseen(refused) from refused
    return thread


class BuildingError(PapersearchError):
    """The index is being made; ``message`` says how far it is."""


class CurrentIndex:
    """Gives an open index to any number of threads. ``say`` is told what happens, one line each."""

    def __init__(
        self,
        place: str,
        corpus: Sequence[str] | None,
        say: Callable[[str], None],
        *,
        trust: bool = False,
        opening: Mapping[str, Any] | None = None,
        building: Mapping[str, Any] | None = None,
    ) -> None:
        """``opening`` and ``building`` are options of ``library.open`` and ``library.index_folder``, from settings."""
        self.place = place
        self._opening, self._run_options = dict(opening or {}), dict(building or {})
        self._corpus, self._say, self._trust = corpus, say, trust
        self._index: library.Index | None = None
        self._looked = self._compared = -1e9
        self._stale: int | None = None
        self._states = 0  # of the index, that were answered from
        self._lock = threading.Lock()
        self._building: threading.Thread | None = None
        self._done, self._total = 0, 0
        self._failure: PapersearchError | None = None
        self._failed_at = 0.0
        self._said = ""

    def index(self) -> library.Index:
        """The index in its newest state. Raises ``BuildingError`` while it is being made, ``PapersearchError`` if it
        cannot be read."""
        now = time.monotonic()
        with self._lock:
            if self._building is not None:
                raise BuildingError(self._progress(), "wait a moment")
            try:
                if self._index is None:
                    self._index = library.open(self.place, trust=self._trust, **self._opening)
                    self._failure, self._looked = None, now
                    self._forget()
                elif now - self._looked > _LOOK_EVERY_S:
                    if self._index.refresh():
                        self._forget()
                    self._looked = now
            except (NoIndexError, DamagedIndexError) as missing:
                if self._index is not None and isinstance(missing, DamagedIndexError):
                    raise
                if self._index is not None:  # what is gone tells no more what it was built from
                    self._corpus = self._index.corpus
                self._index = None
                raise self._build(missing) from missing
            return self._index

    def _forget(self) -> None:
        """What was told and known of the state before, which is not this one's. Called with the lock held."""
        self._said, self._stale, self._compared = "", None, -1e9
        self._states += 1

    def begin(self) -> None:
        """Open the index, or begin to make it. Raises ``NoIndexError`` or ``DamagedIndexError`` if there is nothing to
        make it from, and ``UsageError``; of what else is wrong those who ask are told, as it may pass."""
        try:
            self.index()
        except (NoIndexError, DamagedIndexError, UsageError):
            raise
        except PapersearchError:
            pass

    def stale(self) -> int | None:
        """How many posts changed since they were indexed, as of half a minute ago at most; None if not known yet. The
        corpus is compared beside the answers, so that no request waits for it."""
        now = time.monotonic()
        with self._lock:
            index = self._index
            if index is not None and now - self._compared > _COMPARE_EVERY_S:
                self._compared = now
                with suppress(PapersearchError):  # answers need no comparison
                    _started(self._compare, index, self._states)
        return self._stale

    def tell(self, failure: Exception) -> None:
        """Say why there is no answer, once until it is another reason or another index."""
        said = str(failure) if isinstance(failure, PapersearchError) else reported(failure)
        if said != self._said:
            self._said = said
            self._say(said)

    def _compare(self, index: library.Index, state: int) -> None:
        found = None
        try:
            found = index.stale()
        except PapersearchError:
            pass
        except Exception as failure:
            self.tell(failure)
        with self._lock:
            if state == self._states:
                self._stale = found

    def _build(self, missing: PapersearchError) -> PapersearchError:
        """Start building the index as ``query`` would, unless that failed a moment ago; what to tell who asked. Called
        with the lock held."""
        if self._failure is not None and time.monotonic() - self._failed_at < _BUILD_AGAIN_S:
            return self._failure
        folders = folders_to_build(missing, self.place, self._corpus, self._trust)
        if not folders:
            return missing
        if self._failure is None:
            announce(missing, folders, self._say)
        self._done = self._total = 0
        self._building = _started(self._run, folders)
        return BuildingError(self._progress(), "wait a moment")

    def _run(self, folders: Sequence[str]) -> None:
        """Build the index, in a thread of its own; how that failed is kept for whoever asks."""
        try:
            summary = library.index_folder(
                self.place,
                folders if self._corpus else None,
                trust=self._trust,
                progress=self._report,
                most_vectors=0,  # the words answer, and minutes later would be too late
                **self._run_options,
            )
            from papersearch.output.plain import count  # only a first build says how many

            self._say(f"{count(summary.total, 'post')} indexed in {summary.seconds:.1f} s")
        except Exception as failure:
            self._failure = failure if isinstance(failure, PapersearchError) else unforeseen(failure)
            self._failed_at = time.monotonic()
            self.tell(self._failure)
        finally:
            with self._lock:
                self._building = None

    def _report(self, done: int, total: int) -> None:
        self._done, self._total = done, total

    def _progress(self) -> str:
        if not self._total:
            return "the index is being made"
        phase = f"{self._done:,} of {self._total:,} posts" if self._done < self._total else "merging"
        return f"the index is being made ({phase})"
