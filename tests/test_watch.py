"""Watching: posts are indexed as they come, errors are survived, and it ends when it is told to."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from papersearch import library
from papersearch.core.errors import DamagedIndexError, PapersearchError
from papersearch.core.records import Summary
from papersearch.engine.build import watch
from papersearch.engine.index import generation
from papersearch.engine.port import Corpus
from tests.commands import PAPERSEARCH, environment, started
from tests.corpora import write_post
from tests.disturbances import interrupt, refuse
from tests.processes import LONGEST_S, refusing_threads, wait_for

pytest.importorskip("watchfiles")
ROOT = Path(__file__).parent.parent
NOTHING_NEW = Summary(0, 0, 0, 0, (), 0, 0.0)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in this process begins a moment after the last change."""
    monkeypatch.setattr(watch, "QUIET_MS", 50)


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


def test_posts_are_indexed_as_they_come_and_errors_are_survived(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    write_post(posts, "2401.00001v1", "First")
    with watching(library.watch, str(tmp_path / "index"), [str(posts)]) as (summaries, errors):
        for number in range(5):
            write_post(posts, f"2401.0001{number}v1", "More")
        wait_for("the burst", lambda: summaries[-1].total == 6)
        write_post(tmp_path, "2401.00020v1", "Loud").rename(posts / "LOUD.MD")
        wait_for("a post in capitals", lambda: summaries[-1].total == 7)
        posts.rename(tmp_path / "away")
        wait_for("that the folder is missed", lambda: summaries[-1].missing)
        assert summaries[-1].total == 7
        shutil.copytree(tmp_path / "away", tmp_path / "another").rename(posts)  # as what is mounted there
        wait_for("that it is back", lambda: not summaries[-1].missing)
        write_post(posts, "2401.00030v1", "After")
        wait_for("a post in the folder that came back", lambda: summaries[-1].total == 8)
        (posts / "other.md").write_bytes(b"")
        (tmp_path / "index" / "MAIN_WRITELOCK").unlink()
        (tmp_path / "index" / "MAIN_WRITELOCK").mkdir()
        wait_for("an error", lambda: errors)
        (tmp_path / "index" / "MAIN_WRITELOCK").rmdir()
    assert library.Index(str(tmp_path / "index")).stats(look=False).papers == 8


def test_a_run_that_failed_is_tried_again_without_a_change_and_the_same_error_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "AGAIN_S", 0.0)
    runs: list[int] = []

    def run() -> Summary:
        runs.append(len(runs))
        if len(runs) < 5:
            raise PapersearchError("No space left on device" if len(runs) < 4 else "Read-only file system")
        return NOTHING_NEW

    place = str(tmp_path / "index")
    with watching(watch.watch_folders, [str(tmp_path)], run, index=place) as (summaries, errors):
        assert errors == ["No space left on device", "Read-only file system"]
    assert (len(runs), len(summaries)) == (5, 1)


def test_a_run_that_fails_while_no_folder_is_there_ends_a_watcher_only_if_it_is_the_first(tmp_path: Path) -> None:
    posts, runs = tmp_path / "posts", list[int]()
    posts.mkdir()

    def run() -> Summary:
        runs.append(len(runs))
        if not posts.exists():
            raise PapersearchError("there is no folder")
        return NOTHING_NEW

    place = str(tmp_path / "index")
    with watching(watch.watch_folders, [str(posts)], run, index=place) as (summaries, errors):
        posts.rename(tmp_path / "away")
        wait_for("a run that begins without the folder", lambda: len(runs) >= 3)
        (tmp_path / "away").rename(posts)
        wait_for("that it is back", lambda: len(summaries) >= 2)
    assert errors == ["there is no folder"]
    posts.rmdir()
    with pytest.raises(PapersearchError, match="there is no folder"):
        watch.watch_folders([str(posts)], run, summaries.append, lambda _: None, None, place)


@pytest.mark.parametrize("refused", [PermissionError("Permission denied"), RuntimeError("Too many open files")])
def test_where_the_system_tells_of_no_changes_they_are_looked_for_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Exception
) -> None:
    def no_watches(*_: object, **__: object) -> None:
        raise refused

    now, runs, errors = 0.0, list[int](), list[str]()

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        if now > 100:
            interrupt()

    def run() -> Summary:
        runs.append(round(now))
        return NOTHING_NEW

    monkeypatch.setattr("watchfiles.watch", no_watches)
    monkeypatch.setattr(watch, "time", SimpleNamespace(monotonic=lambda: now, sleep=sleep))
    tell = (lambda _: None), (lambda error: errors.append(str(error)))
    with pytest.raises(KeyboardInterrupt):
        watch.watch_folders([str(tmp_path)], run, *tell, None, str(tmp_path / "index"))
    assert runs == [0, 30, 60, 90]
    assert errors == [f"the system does not tell of changes ({refused}): they are looked for every 30 seconds"]


def test_folders_of_which_one_went_as_the_watcher_began_are_watched_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What watches them gives up if it is one of a thousand below, and no later change was noticed."""
    import watchfiles

    monkeypatch.setattr(watch, "AGAIN_S", 0.0)
    watches, begun = watchfiles.watch, list[object]()

    def begins_too_early(*folders: str, **options: Any) -> Any:
        begun.append(folders)
        if len(begun) == 1:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return watches(*folders, **options)

    monkeypatch.setattr(watchfiles, "watch", begins_too_early)
    (tmp_path / "posts").mkdir()
    write_post(tmp_path / "posts", "2401.00001v1", "First")
    with watching(library.watch, str(tmp_path / "index"), [str(tmp_path / "posts")]) as (summaries, errors):
        write_post(tmp_path / "posts", "2401.00002v1", "Second")
        wait_for("the second post", lambda: summaries[-1].total == 2)
        write_post(tmp_path / "posts", "2401.00003v1", "Third")
        wait_for("the third post", lambda: summaries[-1].total == 3)
    assert errors == []
    assert len(begun) == 2


@pytest.mark.parametrize(
    ("how", "options", "said"),
    [
        (signal.SIGINT, ("--quiet", "--json"), ""),
        (signal.SIGTERM, (), "papersearch: watching ./corpus; Ctrl-C ends\n"),
    ],
)
def test_the_command_ends_cleanly_when_told_to(
    how: signal.Signals, options: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001v1", "First")
    run = [sys.executable, "-m", "papersearch", "index", "--watch", *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        run, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith('{"added": 1' if options else "1 post indexed")
    process.send_signal(how)
    _, err = process.communicate(timeout=LONGEST_S)
    assert process.returncode == (130 if how == signal.SIGINT else 0)
    assert err == said


def test_the_command_tells_of_runs_that_found_something_and_of_a_folder_that_goes_and_comes(tmp_path: Path) -> None:
    corpus, away = tmp_path / "corpus", tmp_path / "away"
    corpus.mkdir()
    post = write_post(corpus, "2401.00001v1", "First")
    with started(tmp_path, "index", "--watch") as command:
        assert command.stdout.readline().startswith("1 post indexed: 1 added")
        os.utime(post, (1, 1))
        time.sleep(1)  # a run that finds the same text
        write_post(corpus, "2401.00002v1", "Second")
        assert command.stdout.readline().startswith("2 posts indexed: 1 added")
        for before, after in ((corpus, away), (away, corpus)):
            before.rename(after)
            assert command.stdout.readline().startswith("2 posts indexed: 2 unchanged")
        (corpus / "other.md").write_text("---\ntitle: [\n---\n")
        assert command.stdout.readline().startswith("3 posts indexed: 1 added")
        os.kill(command.process, signal.SIGTERM)
        watching, gone, skipped = command.stderr.read().splitlines()
    assert watching == "papersearch: watching ./corpus; Ctrl-C ends"
    assert gone.startswith(f"papersearch: there is no folder {corpus}; 2 posts stay in the index")
    assert skipped.startswith(f"papersearch: {corpus / 'other.md'}:3: the front matter does not parse")


def test_where_the_system_refuses_a_thread_changes_are_looked_for_too(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001v1", "First")
    with subprocess.Popen(
        [*refusing_threads(), *PAPERSEARCH, "index", "--watch"],
        cwd=tmp_path,
        env=environment(PAPERSEARCH_TRUST="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("1 post indexed")
        process.terminate()
        _, err = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 0
    first, second = err.splitlines()
    assert first.startswith("papersearch: the system does not tell of changes (can't start new thread)")
    assert second.startswith("papersearch: watching")


@pytest.mark.parametrize("link", ["", "index", "posts"])
def test_it_rests_when_the_index_lies_below_the_posts(tmp_path: Path, link: str) -> None:
    posts = tmp_path / "posts"
    (tmp_path / "real").mkdir()
    if link == "posts":
        posts.symlink_to("real")
    else:
        posts.mkdir()
    if link == "index":
        (posts / "real").mkdir()
        (posts / "index").symlink_to("real")
    write_post(posts, "2401.00001v1", "First")
    with watching(library.watch, str(posts / "index"), [str(posts)]) as (summaries, _):
        time.sleep(20 * watch.QUIET_MS / 1_000)  # twenty times as long as it waits for quiet
        runs = len(summaries)
        write_post(posts, "2401.00002v1", "Second")
        wait_for("the second post", lambda: summaries[-1].total == 2)
    # One may come of the index folder itself being made.
    assert runs <= 2


def test_only_the_first_run_of_a_watcher_rebuilds_and_prunes() -> None:
    """Else it would remove the papers of a disk that is unmounted while it watches."""
    given: list[tuple[bool, bool]] = []

    def update(_: object, options: dict[str, Any]) -> Summary:
        given.append((options["rebuild"], options["prune"]))
        return NOTHING_NEW

    run = watch.runner(update, ["/posts"], {"rebuild": True, "prune": True}, lambda: Corpus(("/posts",)))
    for _ in range(3):
        run()
    assert given == [(True, True), (False, False), (False, False)]


def test_a_watcher_goes_on_with_what_it_knew_where_the_index_does_not_tell_what_it_is_made_from(tmp_path: Path) -> None:
    here, there, added = folders = [str(tmp_path / name) for name in ("here", "there", "added")]
    for folder in folders:
        os.mkdir(folder)
    told: list[Corpus | None] = [
        Corpus(),  # after the first run, as it was removed at once
        Corpus((here, added), ("old",)),  # as another run made it, before the second
        None,  # it is damaged
        Corpus(),
        Corpus((here,), ("old",)),
    ]

    def corpus() -> Corpus:
        if (tells := told.pop(0)) is None:
            raise DamagedIndexError("its checksum is wrong")
        return tells

    given: list[tuple[object, ...]] = []

    def update(corpus: Sequence[str], options: dict[str, Any]) -> Summary:
        given.append((list(corpus), [*options["exclude"]], options["jobs"]))
        return NOTHING_NEW

    run = watch.runner(update, [here, there], {"exclude": ["drafts"], "jobs": 1}, corpus)
    for _ in range(4):
        run()
    os.rmdir(there)
    run()
    assert given == [
        ([here, there], ["drafts"], 1),
        ([here, added, there], ["old"], 1),
        ([here, there], ["old"], 1),
        ([here, there], ["old"], 1),
        ([here], ["old"], 1),
    ]


@pytest.mark.parametrize(
    ("path", "matters"),
    [
        ("index/a.md", False),
        ("index", False),
        ("index-old/a.md", True),
        ("b.txt", False),
        (".papersearchignore", True),
        (".a.md.swp", False),
        ("a.md.tmp", False),
        (".cache.d/", False),
        ("2024.12/", True),
    ],
)
def test_changes_of_posts_beside_the_index_matter_and_no_others(path: str, matters: bool, tmp_path: Path) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).mkdir() if path.endswith("/") else (tmp_path / path).touch()
    assert watch._may_matter(str(tmp_path / path), [str(tmp_path / "index")]) == matters


def test_a_folder_with_a_dot_in_its_name_that_is_moved_and_other_patterns_are_noticed(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    (posts / "2024.12").mkdir(parents=True)
    write_post(posts, "2401.00001v1", "First")
    write_post(posts / "2024.12", "2401.00002v1", "Second")
    with watching(library.watch, str(tmp_path / "index"), [str(posts)]) as (summaries, errors):
        (posts / "2024.12").rename(tmp_path / "away.12")
        wait_for("that the folder is gone", lambda: summaries[-1].total == 1)
        (tmp_path / "away.12").rename(posts / "2025.01")
        wait_for("that it is back", lambda: summaries[-1].total == 2)
        (posts / ".papersearchignore").write_text("2025.01/\n")
        wait_for("what is left out", lambda: summaries[-1].total == 1)
    assert errors == []


def test_posts_behind_a_link_that_is_made_while_it_watches_are_watched_too(tmp_path: Path) -> None:
    posts, elsewhere = tmp_path / "posts", tmp_path / "elsewhere"
    posts.mkdir()
    elsewhere.mkdir()
    write_post(posts, "2401.00001v1", "First")
    with watching(library.watch, str(tmp_path / "index"), [str(posts)]) as (summaries, errors):
        (posts / "link").symlink_to(elsewhere)
        wait_for("a run for the link, and one as it is watched", lambda: len(summaries) > 2)
        write_post(elsewhere, "2401.00002v1", "Behind")
        wait_for("the post behind the link", lambda: summaries[-1].total == 2)
    assert errors == []


@pytest.mark.parametrize("how", ["moved", "removed"])
def test_an_index_that_goes_away_is_built_anew_from_the_folders_that_are_watched(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "corpus").mkdir()  # where an index is built from that knows no better
    write_post(tmp_path / "corpus", "2402.00001v1", "Elsewhere")
    posts, index = tmp_path / "posts", tmp_path / "index"
    (posts / "drafts").mkdir(parents=True)
    write_post(posts, "2401.00001v1", "First")
    write_post(posts / "drafts", "2401.00002v1", "Left out")
    monkeypatch.chdir(tmp_path)
    library.index_folder(str(index), [str(posts)], exclude=["drafts"])

    def take_away(runs: int) -> None:
        if runs <= 2:  # at once, while the watcher still tells of it
            shutil.rmtree(index) if how == "removed" else index.rename(tmp_path / f"away{runs}")

    with watching(library.watch, str(index), [str(posts)], then=take_away) as (summaries, errors):
        wait_for("that it is made again, twice", lambda: len(summaries) > 2)
        assert [summary.added for summary in summaries[1:]] == [1, 1]
        assert library.Index(str(index)).ids() == ["2401.00001"]
        write_post(posts, "2401.00003v1", "Later")
        wait_for("another post", lambda: summaries[-1].total == 2)
    assert library.Index(str(index)).corpus == (str(posts),)
    assert errors == []


def test_changes_of_which_the_system_tells_nothing_are_found_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_may_matter", lambda *_: False)  # as on a network disk that another machine writes to
    monkeypatch.setattr(watch, "SELDOM_S", 0.1)
    posts = tmp_path / "posts"
    posts.mkdir()
    write_post(posts, "2401.00001v1", "First")
    with watching(library.watch, str(tmp_path / "index"), [str(posts)]) as (summaries, errors):
        write_post(posts, "2401.00002v1", "Second")
        wait_for("the second post", lambda: summaries[-1].total == 2)
    assert errors == []


def test_when_there_is_a_run_though_no_change_was_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    posts, index, stop = tmp_path / "posts", tmp_path / "index", threading.Event()
    posts.mkdir()
    write_post(posts, "2401.00001v1", "First")
    now, runs, errors, is_full = 1_000.0, list[float](), list[str](), False
    monkeypatch.setattr(watch, "time", SimpleNamespace(monotonic=lambda: now))

    def run() -> Summary:
        runs.append(now)
        if is_full:
            raise PapersearchError("No space left on device")
        return library.index_folder(str(index), [str(posts)], jobs=1)

    def no_changes(*_: object, **__: object) -> Iterator[tuple[()]]:
        """In the place of what watches. Each time it tells that nothing changed, and then how many runs there were."""
        nonlocal now, is_full
        yield ()
        assert len(runs) == 1  # the first
        write_post(posts, "2401.00002v1", "Second")
        assert library.index_folder(str(index), jobs=1).added == 1
        for _ in range(2):
            yield ()
            assert len(runs) == 1, "another's run has looked at the posts"
        shutil.copytree(index, tmp_path / "backup")
        shutil.rmtree(index)
        (tmp_path / "backup").rename(index)
        yield ()
        assert len(runs) == 2, "another index is one with other files, though it has the same number"
        for seconds, expected in ((watch.SELDOM_S, 2), (1, 3), (watch.SELDOM_S, 3)):
            now += seconds
            yield ()
            assert len(runs) == expected, "it is long ago"
        is_full = True
        shutil.rmtree(index)
        yield ()
        for seconds, expected in ((0, 4), (watch.AGAIN_S, 4), (1, 5), (watch.AGAIN_S, 5)):
            now += seconds
            yield ()
            assert len(runs) == expected, "what failed is tried again, but not all the time"
        is_full = False
        now += 1
        yield ()
        for refused in (errno.EIO, errno.EACCES):
            with monkeypatch.context() as broken:
                broken.setattr(os, "listdir", refuse(refused))
                yield ()
            assert len(runs) == 6, "the disk of the index does not answer, and may do so again"
        stop.set()

    monkeypatch.setattr("watchfiles.watch", no_changes)
    watch.watch_folders([str(posts)], run, lambda _: None, lambda error: errors.append(error.message), stop, str(index))
    assert stop.is_set()
    assert errors == ["No space left on device"]


def test_a_backup_that_takes_the_place_of_the_index_is_brought_up_to_date(tmp_path: Path) -> None:
    posts, index, backup = tmp_path / "posts", tmp_path / "index", tmp_path / "backup"
    posts.mkdir()
    write_post(posts, "2401.00001v1", "First")
    library.index_folder(str(index), [str(posts)])
    shutil.copytree(index, backup)
    write_post(posts, "2401.00002v1", "Second")
    with watching(library.watch, str(index), [str(posts)]) as (summaries, errors):
        index.rename(tmp_path / "away")
        backup.rename(index)
        wait_for("a run without a change of posts", lambda: len(summaries) > 1)
        assert (summaries[-1].added, summaries[-1].total) == (1, 2)
        write_post(posts, "2401.00003v1", "Third")
        wait_for("another post", lambda: len(summaries) > 2)
    assert [summary.total for summary in summaries] == [2, 2, 3]  # it does not take its own runs for another's
    assert errors == []


def test_a_watcher_keeps_to_its_folders_whatever_others_build_the_index_from(tmp_path: Path) -> None:
    folders = [str(tmp_path / name) for name in ("here", "there", "added")]
    for number, folder in enumerate(folders):
        os.mkdir(folder)
        write_post(Path(folder), f"2401.0000{number}v1", "Post")
    here, there, added = folders
    index = str(tmp_path / "index")
    with watching(library.watch, index, [here, there]) as (summaries, errors):
        assert library.index_folder(index, [here]).total == 1
        write_post(Path(here), "2401.00010v1", "Later")
        wait_for("both folders", lambda: summaries[-1].total == 3)
        assert library.index_folder(index, folders).total == 4
        write_post(Path(there), "2401.00011v1", "Later still")
        wait_for("what another added, too", lambda: summaries[-1].total == 5)
    assert library.Index(index).corpus == (here, there, added)
    assert errors == []


def test_a_watcher_survives_that_the_disk_of_the_index_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "AGAIN_S", 0.0)
    posts, index = tmp_path / "posts", str(tmp_path / "index")
    posts.mkdir()
    write_post(posts, "2401.00001v1", "First")
    read = generation.read_whole
    with watching(library.watch, index, [str(posts)]) as (summaries, errors):
        monkeypatch.setattr(generation, "read_whole", refuse(errno.EIO))
        write_post(posts, "2401.00002v1", "Second")
        wait_for("that it is told", lambda: errors)
        monkeypatch.setattr(generation, "read_whole", read)
        wait_for("that it goes on", lambda: summaries[-1].total == 2)
    assert errors == [f"the index in {index} cannot be read ({os.strerror(errno.EIO)})"]
