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
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from papersearch import library
from papersearch.core.errors import DamagedIndexError, PapersearchError, ReplacedError
from papersearch.core.records import Summary
from papersearch.engine.build import watch
from papersearch.engine.port import Corpus
from tests.commands import PAPERSEARCH, environment, started
from tests.corpora import write_post
from tests.disturbances import interrupt
from tests.processes import LONGEST_S, refusing_threads, wait_for
from tests.watchers import watching

pytest.importorskip("watchfiles")
pytestmark = pytest.mark.usefixtures("soon")
ROOT = Path(__file__).parent.parent
NOTHING_NEW = Summary(0, 0, 0, 0, (), 0, 0.0)


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
    post, stop = write_post(tmp_path, "2401.00001v1", "First"), threading.Event()
    for none in posts, post:
        with pytest.raises(PapersearchError, match="there is no folder"):
            watch.watch_folders([str(none)], run, summaries.append, lambda _: stop.set(), stop, place)


def test_a_watcher_whose_program_was_replaced_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SELDOM_S", 0.0)
    runs, stop = [NOTHING_NEW], threading.Event()

    def run() -> Summary:
        if not runs:
            raise ReplacedError("papersearch was replaced while this program ran", "start it again")
        return runs.pop()

    tell = (lambda _: None), (lambda _: stop.set())
    with pytest.raises(ReplacedError):
        watch.watch_folders([str(tmp_path)], run, *tell, stop, str(tmp_path / "index"))


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


def test_the_command_names_what_it_cannot_read_when_it_comes_and_once(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    write_post(corpus, "2401.00001v1", "First")
    (corpus / "away.md").symlink_to("nowhere.md")
    with started(tmp_path, "index", "--watch") as command:
        assert command.stdout.readline().startswith("1 post indexed: 1 added, 1 skipped")
        (corpus / "latin.md").write_bytes("Café".encode("latin-1"))
        assert command.stdout.readline().startswith("1 post indexed: 1 unchanged, 2 skipped")
        write_post(corpus, "2401.00002v1", "Second")
        assert command.stdout.readline().startswith("2 posts indexed: 1 added, 1 unchanged, 2 skipped")
        os.kill(command.process, signal.SIGTERM)
        _, *skipped = command.stderr.read().splitlines()
    away, latin = (line.split(": ")[1] for line in skipped)
    assert (away, latin) == (f"skipped {corpus / 'away.md'}", f"skipped {corpus / 'latin.md'}:1")


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
