"""The index behind the server: it is not there yet, changes, goes away, comes back, or is damaged."""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the server's libraries are not installed")
pytest.importorskip("jinja2", reason="the server's libraries are not installed")

from starlette.testclient import TestClient

import papersearch
from papersearch import library
from papersearch.apps.current import BuildingError, CurrentIndex
from papersearch.apps.web.server import application
from papersearch.core.errors import DamagedIndexError, PapersearchError, UsageError
from papersearch.core.records import Summary
from papersearch.engine.index import generation
from tests.commands import sample
from tests.corpora import SAMPLE, write_post
from tests.disturbances import refuse
from tests.processes import LONGEST_S, wait_for
from tests.servers import asked


def has_wombats(current: CurrentIndex) -> bool:
    """Whether the index is there, with the one post on wombats."""
    with suppress(BuildingError):
        return current.index().search("wombats").total == 1
    return False


def test_a_missing_index_is_built_and_said_until_it_is_there(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "corpus")
    client = asked(tmp_path)
    first = client.get("/api/search?q=moe")
    assert first.status_code == 503
    assert "being made" in first.json()["error"]
    wait_for("the index", lambda: client.get("/api/search?q=moe").status_code == 200)
    assert client.get("/api/search?q=moe").json()["total"] > 0


def test_an_address_that_no_index_can_have_ends_the_server_at_once() -> None:
    """Of what may pass, such as a cluster that does not answer, those who ask are told."""
    with pytest.raises(UsageError, match="does not begin with http://"):
        CurrentIndex("http://127.0.0.1:9200/papers", None, print).begin()


@pytest.mark.parametrize("address", ["opensearch:/localhost:9200/papers", "opensearchs:papers"])
def test_an_address_that_lost_a_slash_is_no_folder(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="two slashes"):
        CurrentIndex(address, None, print).begin()


def test_whoever_asks_while_the_index_is_made_hears_how_far_it_is_and_starts_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "corpus").mkdir()
    asked, goes_on, said = Queue[tuple[int, int]](), Queue[None](), list[str]()

    def slow(*_: object, progress: Callable[[int, int], None], **__: object) -> Summary:
        while done := asked.get(timeout=LONGEST_S):
            progress(*done)
            goes_on.put(None)
        raise PapersearchError("the disk is full")

    monkeypatch.setattr(library, "index_folder", slow)
    current = CurrentIndex(str(tmp_path / "index"), [str(tmp_path / "corpus")], said.append)
    for done, told in (((0, 0), "made"), ((30, 2_000), "made (30 of 2,000 posts)"), ((2_000, 2_000), "made (merging)")):
        with pytest.raises(BuildingError, match="is being made"):
            current.index()
        asked.put(done)
        goes_on.get(timeout=LONGEST_S)
        with pytest.raises(BuildingError) as building:
            current.index()
        assert building.value.message == f"the index is being {told}"
    assert len(said) == 1
    asked.put(())  # type: ignore[arg-type]

    def told_now() -> str:
        with pytest.raises(PapersearchError) as error:
            current.index()
        return error.value.message

    wait_for("the end", lambda: told_now() == "the disk is full")
    assert said[1:] == ["the disk is full"]
    monkeypatch.setattr("papersearch.apps.current._BUILD_AGAIN_S", 0.0)
    assert told_now() == "the index is being made"  # and not how far it was the last time
    asked.put(())  # type: ignore[arg-type]


@pytest.mark.parametrize("pause_s", [0.0, 0.1])
def test_a_new_generation_is_followed_whether_or_not_requests_pause(tmp_path: Path, pause_s: float) -> None:
    sample(tmp_path)
    papersearch.build(str(tmp_path / "index"), [str(tmp_path / "corpus")], jobs=1)
    client = asked(tmp_path)
    assert client.get("/api/search?q=numbat").json()["total"] == 0
    write_post(tmp_path / "corpus", "2401.00002", "The numbat", "All about numbats.")
    papersearch.build(str(tmp_path / "index"), [str(tmp_path / "corpus")], jobs=1)
    end = time.monotonic() + LONGEST_S
    while client.get("/api/search?q=numbat").json()["total"] != 1:
        assert time.monotonic() < end
        time.sleep(pause_s)


def test_an_index_that_is_removed_while_serving_is_built_again(tmp_path: Path) -> None:
    sample(tmp_path)
    papersearch.build(str(tmp_path / "index"), [str(tmp_path / "corpus")], jobs=1)
    client = asked(tmp_path)
    assert client.get("/api/search?q=moe").status_code == 200
    shutil.rmtree(tmp_path / "index")
    statuses = set()

    def is_answered() -> bool:
        statuses.add(client.get("/api/search?q=moe").status_code)
        return (tmp_path / "index").exists() and client.get("/api/search?q=moe").status_code == 200

    wait_for("another index", is_answered)
    assert statuses <= {200, 503}
    assert client.get("/api/search?q=moe").status_code == 200


@pytest.fixture
def beside_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder has an index of ``posts``, and others in ``corpus``."""
    for name, paper in (("posts", "2401.00001"), ("corpus", "2401.00002")):
        (tmp_path / name).mkdir()
        write_post(tmp_path / name, paper, "Wombats")
    monkeypatch.chdir(tmp_path)
    papersearch.build("index", ["posts"], jobs=1)


@pytest.mark.usefixtures("beside_others")
def test_an_index_that_is_removed_while_serving_is_built_from_its_own_posts() -> None:
    said: list[str] = []
    current = CurrentIndex("index", None, said.append)
    current.begin()
    shutil.rmtree("index")

    def is_built() -> bool:
        built = any(line.startswith("1 post indexed in") for line in said)
        with suppress(BuildingError):  # also for a moment after that was said
            current.index()
            return built
        return False

    wait_for("another index", is_built)
    assert current.index().ids() == ["2401.00001"]


@pytest.mark.parametrize("instead", ["nothing", "file", "empty folder"])
def test_an_index_that_is_removed_for_good_is_told_in_one_line_and_nothing_falls_over(
    instead: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where no ./corpus is, nor later the posts
    (tmp_path / "posts").mkdir()
    write_post(tmp_path / "posts", "2401.00001", "Wombats", "Burrows.")
    papersearch.build(str(tmp_path / "index"), [str(tmp_path / "posts")], jobs=1)
    said: list[str] = []
    current = CurrentIndex(str(tmp_path / "index"), None, said.append)
    client = TestClient(application(current), base_url="http://127.0.0.1")  # an error of ours would be raised here
    pages = ["/", "/?q=wombats", "/ask?q=wombats", "/paper/2401.00001", "/part/facets"]
    questions = ["search?q=w", "ask?q=wombats", "papers/2401.00001", "facets", "stats", "suggest?q=w"]
    addresses = [*pages, *(f"/api/{each}" for each in questions)]
    assert client.get("/api/search?q=wombats").status_code == 200
    shutil.rmtree(tmp_path / "index")
    shutil.rmtree(tmp_path / "posts")
    if instead == "file":
        (tmp_path / "index").touch()
    elif instead == "empty folder":
        (tmp_path / "index").mkdir()
    assert {client.get(address).status_code for address in addresses} <= {200, 503}
    wait_for("that it is noticed", lambda: "cannot be read" in client.get("/api/stats").text)
    for _ in range(2):
        assert {client.get(address).status_code for address in addresses} == {503}
    assert client.get("/api/stats").json() == {
        "error": "the index cannot be read",
        "hint": "see what the server printed",
    }
    assert said == [f"there is no index in {tmp_path / 'index'}: run `papersearch index FOLDER` first"]


def test_a_build_that_failed_once_is_tried_again_when_the_index_is_removed_again(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001", "Wombats", "Burrows.")
    (tmp_path / "index").touch()
    client = asked(tmp_path)

    def until(error: str) -> None:
        wait_for(error, lambda: error in client.get("/api/search?q=wombats").text)

    until("cannot be read")
    (tmp_path / "index").unlink()
    papersearch.build(str(tmp_path / "index"), [str(tmp_path / "corpus")], jobs=1)
    until('"total": 1')
    shutil.rmtree(tmp_path / "index")
    until("being made")
    until('"total": 1')


def test_what_the_system_refuses_while_an_index_is_read_is_an_error_of_papersearch(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limit of open files")
    (tmp_path / "posts").mkdir()
    write_post(tmp_path / "posts", "2401.00001", "Wombats", "Burrows.")
    with papersearch.build(str(tmp_path / "index"), [str(tmp_path / "posts")], jobs=1) as index:
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
        try:
            for ask in (index.stats, index.refresh, index.stale, index.update):
                with pytest.raises(PapersearchError, match="cannot be read \\(Too many open files\\)"):
                    ask()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        assert index.stats().papers == 1


def test_a_disk_that_does_not_answer_is_told_to_whoever_asks_until_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "posts").mkdir()
    write_post(tmp_path / "posts", "2401.00001", "Wombats", "Burrows.")
    index = str(tmp_path / "index")
    papersearch.build(index, [str(tmp_path / "posts")], jobs=1)
    said: list[str] = []
    current = CurrentIndex(index, None, said.append)
    with monkeypatch.context() as broken:
        broken.setattr(generation, "read_whole", refuse(errno.EIO))
        current.begin()
        client = TestClient(application(current), base_url="http://127.0.0.1")
        assert client.get("/api/search?q=wombats").status_code == 503
        with pytest.raises(PapersearchError) as refused:
            papersearch.open(index)
    assert client.get("/api/search?q=wombats").json()["total"] == 1
    assert said == [f"the index in {index} cannot be read ({os.strerror(errno.EIO)}): check the disk"]
    assert str(refused.value) == said[0]


def test_a_build_that_failed_is_tried_again_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "posts").mkdir()
    write_post(tmp_path / "posts", "2401.00001", "Wombats", "Burrows.")
    build, tried, said = library.index_folder, list[object](), list[str]()

    def on_a_full_disk(*folders: Any, **options: Any) -> Summary:
        tried.append(folders)
        if len(tried) < 3:
            raise PapersearchError("the disk is full")
        return build(*folders, **options)

    monkeypatch.setattr(library, "index_folder", on_a_full_disk)
    current = CurrentIndex(str(tmp_path / "index"), [str(tmp_path / "posts")], said.append)

    def answer() -> str:
        try:
            return str(current.index().search("wombats").total)
        except PapersearchError as error:
            return error.message

    wait_for("that it fails", lambda: answer() == "the disk is full")
    assert answer() == "the disk is full"
    assert len(tried) == 1
    monkeypatch.setattr("papersearch.apps.current._BUILD_AGAIN_S", 0.0)
    wait_for("an answer", lambda: answer() == "1")
    assert len(said) == 3  # what is made, why not, and that it is there


def test_where_a_thread_is_refused_for_a_while_the_index_is_built_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "posts").mkdir()
    write_post(tmp_path / "posts", "2401.00001", "Wombats", "Burrows.")
    current = CurrentIndex(str(tmp_path / "index"), [str(tmp_path / "posts")], lambda _: None)

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as short:
        short.setattr(threading.Thread, "start", refuse)
        with pytest.raises(PapersearchError, match="the system refuses a thread"):
            current.index()
    with pytest.raises(BuildingError):
        current.index()

    wait_for("the index", lambda: has_wombats(current))
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert current.stale() is None


def test_what_is_refused_while_an_index_is_built_is_told_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "posts").mkdir()
    said: list[str] = []

    def refused(*_: object, **__: object) -> Summary:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), "engine")  # as the import of a module

    monkeypatch.setattr(library, "index_folder", refused)
    current = CurrentIndex(str(tmp_path / "index"), [str(tmp_path / "posts")], said.append)
    told = f"{os.strerror(errno.EMFILE)} (engine): raise the limit on open files (ulimit -n)"

    def failure() -> str:
        with pytest.raises(PapersearchError) as error:
            current.index()
        return str(error.value)

    wait_for("the failure", lambda: failure() == told)
    assert said[1:] == [told]


@pytest.mark.usefixtures("beside_others")
def test_an_index_that_is_removed_while_it_is_open_is_built_again_from_its_own_posts() -> None:
    with papersearch.open("index") as index:
        shutil.rmtree("index")
        index.update(jobs=1)
        assert index.ids() == ["2401.00001"]


def test_a_damaged_index_is_built_anew_from_the_folders_that_it_remembers(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    write_post(tmp_path / "posts", "2401.00001", "Wombats", "Burrows.")
    papersearch.build(str(tmp_path / "index"), [str(tmp_path / "posts")], jobs=1)
    for file in (tmp_path / "index").glob("*.terms"):
        file.write_bytes(b"damaged")
    current = CurrentIndex(str(tmp_path / "index"), None, lambda _: None)
    with pytest.raises(BuildingError):
        current.index()
    wait_for("a new index", lambda: has_wombats(current))


def test_an_index_that_is_damaged_while_it_is_open_is_left_to_whoever_builds_it_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one that nothing can be opened of there is nothing to lose."""
    monkeypatch.setattr("papersearch.apps.current._LOOK_EVERY_S", 0.0)
    (tmp_path / "posts").mkdir()
    write_post(tmp_path / "posts", "2401.00001", "Wombats", "Burrows.")
    build = partial(papersearch.build, str(tmp_path / "index"), [str(tmp_path / "posts")], jobs=1)
    build()
    said: list[str] = []
    current = CurrentIndex(str(tmp_path / "index"), None, said.append)
    assert has_wombats(current)
    write_post(tmp_path / "posts", "2401.00002", "Numbats", "Termites.")
    build()
    for file in (tmp_path / "index").glob("*.terms"):
        file.write_bytes(b"damaged")
    for _ in range(2):
        with pytest.raises(DamagedIndexError):
            current.index()
    build()
    assert current.index().ids() == ["2401.00001", "2401.00002"]
    assert said == []


def test_a_damaged_index_that_does_not_tell_where_its_posts_are_ends_the_server_at_once(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    papersearch.build(str(tmp_path / "index"), [str(tmp_path / "posts")], jobs=1)
    for file in (tmp_path / "index").iterdir():
        file.write_bytes(b"damaged")
    with pytest.raises(DamagedIndexError, match="name their folder"):
        CurrentIndex(str(tmp_path / "index"), None, print).begin()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this system has no users")
def test_an_index_in_another_users_folder_is_opened_and_built_anew_only_if_it_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "posts").mkdir()
    write_post(tmp_path / "posts", "2401.00001", "Wombats", "Burrows.")
    index = str(tmp_path / "index")
    papersearch.build(index, [str(tmp_path / "posts")], jobs=1)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(PapersearchError, match="--trust"):
        CurrentIndex(index, None, print).index()
    assert has_wombats(CurrentIndex(index, None, print, trust=True))
    for file in (tmp_path / "index").glob("*.terms"):
        file.write_bytes(b"damaged")
    current = CurrentIndex(index, None, print, trust=True)
    wait_for("a new index", lambda: has_wombats(current))
