"""An open index for a command; built first if there is none and a corpus can be found."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import islice

from papersearch import library
from papersearch.apps import settings as config
from papersearch.core.errors import DamagedIndexError, NoIndexError, NotFoundError, PapersearchError
from papersearch.core.frozen import replace
from papersearch.output.streams import say
from papersearch.text.display import in_prose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import Any

    from papersearch.core.errors import Stopped
    from papersearch.core.records import Paper, Summary

# Vectors that a query with --refresh makes first: about five seconds. The others are for `papersearch index`.
_MOST_WAITED_FOR = 100
_MOST_NAMED = 20  # posts that were skipped (chosen)
_MOST_LOOKED_AT = 500  # names in a folder that may be meant (chosen)


def open_index(settings: config.Settings, *, trust: bool, refresh: bool = False) -> library.Index:
    """The index of the settings, brought up to date first if ``refresh``.

    If there is none, or it is damaged or of another version, it is built from the corpus first, and that is said.
    """
    try:
        index = _opened(settings, trust)
        if refresh:
            from papersearch.apps.models import run_options

            with told_when_stopped():
                report_skipped(index.update(waiting=say, most_vectors=_MOST_WAITED_FOR, **run_options(settings)))
        return index
    except (NoIndexError, DamagedIndexError) as missing:
        folders = folders_to_build(missing, settings.index_path, settings.corpus, trust)
        if not folders:
            hint = "go to a folder with posts in ./corpus, or name it: papersearch index FOLDER"
            raise _nothing_here(settings, _index_above(settings) or _posts_below() or hint) from missing
        announce(missing, folders, say)
        return _build(settings, folders, trust, said=missing.message)


def _nothing_here(settings: config.Settings, hint: str) -> NoIndexError:
    place = in_prose(settings.index_path)
    return NoIndexError(f"there is no index in {place}, and no corpus to build one from", hint)


def check_above(settings: config.Settings, folders: Sequence[str]) -> None:
    """Raise ``NoIndexError`` where none are named and nothing is here, but a folder above has an index: who is told to
    name a folder there makes a second index, among the posts; or posts lie here, which must be named the first time."""
    if folders or settings.corpus or os.path.isdir(library.DEFAULT_CORPUS) or is_indexed(settings.index_path):
        return
    if known := _index_above(settings) or _posts_below():
        raise _nothing_here(settings, known)


def is_indexed(place: str) -> bool:
    """Whether there is an index, be it damaged."""
    try:
        return bool(library.remembered(place).folders)
    except PapersearchError:
        return True


def exclude_of(settings: config.Settings, folders: Sequence[str] | None, trust: bool) -> tuple[str, ...] | None:
    """What the settings leave out of these folders, None being those of the index; None: what the index remembers."""
    if settings.source is None or settings.exclude is None:
        return None
    from papersearch.apps.trust import may_exclude  # loaded only where there is a file

    try:
        corpus = library.corpus_of(settings.index_path, folders, trust, settings.corpus)
    except DamagedIndexError:  # there is nothing to leave anything out of; whoever needs the folders says so
        return None
    return settings.exclude if may_exclude(settings.source, settings.exclude, corpus) else None


def folders_to_build(missing: PapersearchError, path: str, corpus: Sequence[str] | None, trust: bool) -> list[str]:
    """What an index that is ``missing`` (``NoIndexError``) or damaged is made from: all folders that it was built
    from, also those that are gone (then the run refuses, and nothing is lost); of one that there never was,
    those of the settings, else ``corpus``, or nothing if none of them is there. Raises ``missing`` for a damaged index
    in a cluster: who only asks does not make it anew for all who use it, perhaps with another version than theirs."""
    if isinstance(missing, DamagedIndexError) and "://" in path:
        raise missing
    try:
        folders = library.corpus_of(path, None, trust, corpus)
    except FileNotFoundError:  # the current folder itself is gone
        return []
    return folders if isinstance(missing, DamagedIndexError) or any(map(os.path.isdir, folders)) else []


def announce(missing: PapersearchError, folders: Sequence[str], say: Callable[[str], None]) -> None:
    """Say what an index is made from, and why; unless a folder is gone, of which the run itself speaks."""
    if all(map(os.path.isdir, folders)):
        how = "; building it anew" if isinstance(missing, DamagedIndexError) else " yet; building it"
        say(f"{missing.message}{how} from {in_prose(*map(library.local_path, folders))}")


def _index_above(settings: config.Settings) -> str:
    """What to type where an index lies in a folder above the current one; empty if none does, or another was named."""
    if settings.sources["index"] != "default":
        return ""
    try:
        folder = os.getcwd()
    except OSError:
        return ""
    while folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
        place = os.path.relpath(os.path.join(folder, library.DEFAULT_INDEX))
        try:
            if library.remembered(place).folders:
                return f"there is one above: --index {place}"
        except PapersearchError:
            pass
    return ""


def _posts_below() -> str:
    """What to type where the current folder has posts, or one or several in it do; empty if none has."""
    with suppress(OSError):
        with os.scandir() as entries:
            here = sorted(islice((each.name for each in entries if not each.name.startswith(".")), _MOST_LOOKED_AT))
        if any(map(_is_post, here)):
            return "for the posts in this folder: papersearch index ."
        if found := [each for each in here if os.path.isdir(each) and _has_posts(each)]:
            import shlex

            folder = shlex.quote(found[0]) if len(found) == 1 else "."
            return f"for the posts in {in_prose(*found[:3])}: papersearch index {folder}"
    return ""


def _has_posts(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(_is_post(each.name) for each in islice(entries, _MOST_LOOKED_AT))
    except OSError:
        return False


def _is_post(name: str) -> bool:
    return name.lower().endswith((".md", ".markdown", ".mdx")) and name.lower() != "readme.md"


def _build(settings: config.Settings, folders: Sequence[str], trust: bool, said: str) -> library.Index:
    from papersearch.apps.models import run_options

    exclude = exclude_of(settings, folders, trust)
    # Vectors of thousands of papers take minutes: the words answer, and `papersearch index` makes those.
    options = {"exclude": exclude, "most_vectors": 0, **run_options(settings)}
    summary = update(settings.index_path, folders if settings.corpus else None, trust=trust, **options)
    report_skipped(replace(summary, notes=tuple(note for note in summary.notes if not note.startswith(said))))
    return _opened(settings, trust)


def _opened(settings: config.Settings, trust: bool) -> library.Index:
    model = None
    if "meaning" in settings.tables:
        from papersearch.apps.models import model_of

        model = model_of(settings)
    return library.Index(settings.index_path, trust=trust, weights=settings.weights, model=model)


def update(path: str, folders: Sequence[str] | None, *, quiet: bool = False, **options: Any) -> Summary:
    """An index run, with the options of ``library.index_folder``; with a progress bar on a terminal, and a line if it
    waits for another run, unless ``quiet``."""
    run = partial(library.index_folder, path, folders, waiting=None if quiet else say, **options)
    with told_when_stopped():
        if quiet or not sys.stderr.isatty():
            return run()
        with _progress() as report:
            return run(progress=report)


def told_when_stopped() -> AbstractContextManager[None]:
    """A run that ends cleanly when it is told to, and says how it left the index."""
    from papersearch.apps.interrupts import stoppable

    return stoppable(lambda end: say(f"stopped; {_left(end)}"))


def _left(end: Stopped) -> str:
    """How a run that was stopped left the index."""
    if end.stage is not None:
        posts, planned = end.stage
        return f"{posts:,} of {planned:,} posts are in the index; the next run goes on with the rest"
    if end.vectors_missing:
        return "the words are indexed; the next run makes the vectors that are missing"
    return f"the index is {'complete already' if end.complete else 'as it was'}"


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """What reports progress by a bar; Rich is loaded only when there is enough to show. Vectors follow posts, and
    each is followed by a phase in which what was made is written."""
    with ExitStack() as stack:
        draw: Callable[[int, int], None] | None = None
        before, label, last = 0, "indexing", "merging"

        def report(done: int, total: int) -> None:
            nonlocal draw, before, label, last
            if done < before:
                stack.close()
                draw, label, last = None, "vectors", "writing"
            before = done
            if draw is None and total >= 100:
                from papersearch.output.terminal import progress

                draw = stack.enter_context(progress(label, last=last))
            if draw is not None:
                draw(done, total)

        yield report


def report_skipped(summary: Summary) -> None:
    """What was skipped for the first time, and what else is worth knowing, on standard error."""
    from papersearch.output import plain

    for note in summary.notes:
        say(note)
    for folder in summary.missing:
        now = "if it was moved, name all folders as they are now (papersearch index FOLDER...); "
        moved = "" if os.path.lexists(folder.path) else now
        say(f"{folder.reason}; {moved}index --prune removes what is gone for good")
    partial = {problem.path for problem in summary.partial}
    for problem in summary.warnings[:_MOST_NAMED]:
        text = plain.problem(problem).rstrip()
        say(text if problem.path in partial else f"skipped {text}")
    if len(summary.warnings) > _MOST_NAMED:
        say(f"and {len(summary.warnings) - _MOST_NAMED} more; papersearch check names them all")


def paper_of(index: library.Index, named: str) -> Paper:
    """The paper that a command line names. Raises ``NotFoundError`` saying what to do, by what the name may be: a post
    that is not indexed, or words."""
    try:
        return index.paper(named)
    except NotFoundError as unknown:
        import shlex

        message, hint = unknown.message, unknown.hint
        if os.path.isfile(named):
            message, hint = f"{named} is not indexed", "papersearch index, if it lies in the corpus"
        elif not hint and not library.names_paper(library.normal_id(named)):
            hint = f"to search for it: {shlex.join(('papersearch', 'query', named))}"
        raise NotFoundError(message, hint) from unknown


def hint_at_empty(index: library.Index) -> None:
    """Say that nothing can be found in an index without papers."""
    if not index.stats(look=False).papers:
        say("there are no papers in the index: papersearch index FOLDER")


def hint_at_stale(index: library.Index) -> None:
    """Say what is not indexed yet; on a terminal only, and only if looking is quick."""
    if not sys.stderr.isatty():
        return
    try:
        stale = index.stale(quick=True)
    except PapersearchError as error:
        say(f"{error.message}; the answer is from what was indexed")
        return
    if stale:
        from papersearch.output.plain import count

        say(f"{count(stale, 'post')} changed since the last index run: papersearch index, or --refresh")
