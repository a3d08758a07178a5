"""Runs that write an index in a cluster, which fails at any request: nothing is lost, doubled or left behind."""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("opensearchpy", reason="the client of OpenSearch is not installed")

import papersearch
from papersearch import library
from papersearch.core.errors import PapersearchError
from papersearch.engine.opensearch import build, connection, writing
from tests.corpora import write_post
from tests.memory_cluster import Held, MemoryCluster


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a cluster, or for a lease that nobody renews, waits for a moment only."""
    monkeypatch.setattr(connection, "_PAUSE_S", 0.001)
    monkeypatch.setattr(connection, "_LONGEST_PAUSE_S", 0.001)
    monkeypatch.setattr(connection, "_PAUSES_S", (0.001,))


@pytest.fixture
def cluster() -> Iterator[MemoryCluster]:
    with MemoryCluster() as cluster:
        yield cluster
        cluster.shutdown()


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """Eight posts about seven papers, and a note that its file names."""
    folder = tmp_path / "posts"
    folder.mkdir()
    for number in range(7):
        write_post(folder, f"2412.0000{number}v1", f"Paper {number}", f"otters and their {number} stones")
    write_post(folder, "2412.00003v2", "Paper 3 again", "otters and voles", name="another")
    (folder / "note.md").write_text("---\ntitle: A note\ndate: 2024-01-02\n---\n\nBadgers are not otters, and dig.\n")
    for path in folder.iterdir():
        os.utime(path, (1.6e9, 1.6e9))
    return folder


def change(folder: Path) -> None:
    """A paper more, one less, one that is another, two whose files have other names, one with a second post, and of one
    with two posts the one that was shown goes and the other one changes."""
    write_post(folder, "2412.00008v1", "An okapi", "okapi", name="eighth")
    (folder / "another.md").unlink()
    write_post(folder, "2412.00006v2", "Paper 6 again", "voles", name="second")
    (folder / "note.md").rename(folder / "another-note.md")
    first, second, third, fourth, fifth, *_ = sorted(folder.glob("2412*"))
    first.unlink()
    fifth.rename(folder / "moved.md")
    second.write_text(second.read_text().replace("otters", "zebras"))
    fourth.write_text(fourth.read_text().replace("otters", "martens"))
    third.write_text(third.read_text().replace("2412.00002", "2412.00009"))
    for path in (folder / "eighth.md", folder / "second.md", second, third, fourth):
        os.utime(path, (1.61e9, 1.61e9))


def rows_of(cluster: MemoryCluster, index: str) -> list[Any]:
    """What is known of files."""
    documents = [json.loads(text) for _, _, text in cluster.indices[f"{index}.words"].documents.values()]
    return [row for found in documents if found["kind"] == "files" for row in json.loads(found["data"])]


def contents(cluster: MemoryCluster, name: str) -> dict[str, Any]:
    """What searches see of an index, and what is known of its files, but for terms and runs."""
    [index] = cluster.led_to(name)

    def held(ending: str) -> list[Any]:
        return sorted(
            (key, json.loads(json.loads(text)["posts"])["posts"])
            for key, (_, _, text) in cluster.indices[index + ending].seen.items()
        )

    words = {key: json.loads(text) for key, (_, _, text) in cluster.indices[f"{index}.words"].documents.items()}
    state = json.loads(words.pop("state")["data"])
    rows = sorted(row[:7] for row in rows_of(cluster, index))
    told = {key: state[key] for key in ("folders", "posts", "complete", "open_run")}
    return {"papers": held(""), "older": held(".older"), "rows": rows, "state": told}


def assert_whole(cluster: MemoryCluster, folder: Path) -> None:
    """The index ``papers`` is as a fresh one, finds nothing wrong with itself, and nothing else is left."""
    papersearch.index_folder(cluster.address("fresh"), [str(folder)])
    assert contents(cluster, "papers") == contents(cluster, "fresh")
    assert papersearch.check(cluster.address("papers"), [str(folder)]) == []
    [index] = cluster.led_to("papers")
    mine = {name for name in cluster.indices if name.startswith("papers")}
    assert mine == {index, f"{index}.older", f"{index}.words", "papers.lease"}
    with papersearch.open(cluster.address("papers")) as opened:
        assert opened.stats().posts == len(list(folder.glob("*.md")))


def run(cluster: MemoryCluster, folder: Path, rebuild: bool = False) -> str:
    """Bring the index ``papers`` up to date; what went wrong, empty if nothing did."""
    try:
        papersearch.index_folder(cluster.address("papers"), [str(folder)], wait=0, rebuild=rebuild)
    except PapersearchError as error:
        return str(error)
    return ""


def let_the_lease_run_out(cluster: MemoryCluster) -> None:
    """As it does where nobody renews it."""
    if (held := cluster.indices.get("papers.lease")) and "lease" in held.documents:
        data = json.loads(json.loads(held.documents["lease"][2])["data"]) | {"free": True}
        held.put("lease", json.dumps({"data": json.dumps(data)}), 1)


def run_that_ends(cluster: MemoryCluster, folder: Path, most: int, rebuild: bool = False) -> str:
    """What is said by a run of which nothing arrives after so many requests; long after it, as nobody has its lease."""
    cluster.asked.clear()

    def broken(number: int) -> bool:
        if number > most:
            raise ConnectionError
        return False

    cluster.disturb = broken
    said = run(cluster, folder, rebuild)
    cluster.disturb = lambda number: False
    let_the_lease_run_out(cluster)
    return said


def first_run(cluster: MemoryCluster, posts: Path) -> bool:
    return False


def update(cluster: MemoryCluster, posts: Path) -> bool:
    run(cluster, posts)
    change(posts)
    return False


def rebuild(cluster: MemoryCluster, posts: Path) -> bool:
    update(cluster, posts)
    return True


kinds = pytest.mark.parametrize("kind", [first_run, update, rebuild])
Kind = Callable[[MemoryCluster, Path], bool]


@kinds
@pytest.mark.parametrize("done", [False, True], ids=["before it is done", "when it is done"])
def test_every_request_may_break_once(kind: Kind, done: bool, cluster: MemoryCluster, posts: Path) -> None:
    anew = kind(cluster, posts)

    def every_second(number: int) -> bool:
        if number % 2 and not done:
            raise ConnectionError
        return bool(number % 2)

    cluster.disturb = every_second
    said = run(cluster, posts, rebuild=anew)
    cluster.disturb = lambda number: False
    assert said == ""
    assert_whole(cluster, posts)


@kinds
def test_a_run_that_ends_at_any_request_is_finished_by_the_next(
    kind: Kind, cluster: MemoryCluster, tmp_path: Path, posts: Path
) -> None:
    ended = 0
    for most in range(2, 100):
        cluster.indices.clear()
        cluster.disturb = lambda number: False
        folder = tmp_path / f"posts{most}"
        shutil.copytree(posts, folder)
        anew = kind(cluster, folder)
        answering = cluster.led_to("papers") if anew else []
        before = contents(cluster, "papers") if anew else {}
        said = run_that_ends(cluster, folder, most, rebuild=anew)
        if anew and cluster.led_to("papers") == answering:
            assert contents(cluster, "papers") == before  # the old index, whole
        assert run(cluster, folder) == ""
        assert_whole(cluster, folder)
        if not said:
            break
        ended += 1
        assert "does not answer" in said or "takes no more documents" in said
    assert ended > 10


def test_an_index_that_another_address_answers_from_is_not_written(cluster: MemoryCluster, posts: Path) -> None:
    assert run(cluster, posts) == ""
    before = contents(cluster, "papers")
    [index] = cluster.led_to("papers")
    cluster.indices[index].aliases.add("live")
    for rebuild in (False, True):
        with pytest.raises(PapersearchError, match="live is another name of the index papers: bring papers"):
            papersearch.index_folder(cluster.address("live"), [str(posts)], rebuild=rebuild)
    assert contents(cluster, "papers") == before
    assert "live.lease" not in cluster.indices
    cluster.indices[index].aliases.remove("papers")  # somebody gave it another name for good
    papersearch.index_folder(cluster.address("live"), [str(posts)])


def test_an_index_of_others_is_not_written(cluster: MemoryCluster, posts: Path) -> None:
    cluster.indices["papers"] = Held({"mappings": {}})
    assert "not one of papersearch's" in run(cluster, posts)
    del cluster.indices["papers"]
    cluster.indices["others"] = Held({"mappings": {}})
    cluster.indices["others"].aliases.add("papers")
    assert "not one of papersearch's" in run(cluster, posts)
    assert cluster.indices.keys() == {"others"}


def test_only_indices_that_are_named_and_marked_as_ours_are_removed(cluster: MemoryCluster, posts: Path) -> None:
    mark: dict[str, Any] = {"mappings": {"_meta": {"papersearch": {"format": 1}}}}
    others = ["papers.archive", "papers.0f0f0f0f-restored", "papers0f.0f0f0f0f", "papers.0f0f0f0f.1", "papers.f0f0f0f0"]
    for name in (*others, "papers.0f0f0f0f"):
        cluster.indices[name] = Held({"mappings": {}} if name == "papers.f0f0f0f0" else mark)
    cluster.indices["papers0f.0f0f0f0f"].aliases.add("papers.live")
    assert run(cluster, posts) == ""
    assert run(cluster, posts, rebuild=True) == ""
    assert cluster.indices.keys() >= {*others}
    for name in others:
        del cluster.indices[name]
    assert_whole(cluster, posts)


def test_a_run_whose_lease_another_one_took_writes_nothing_more(cluster: MemoryCluster, posts: Path) -> None:
    assert run(cluster, posts) == ""
    change(posts)
    before = contents(cluster, "papers")
    [index] = cluster.led_to("papers")

    def take(number: int) -> bool:
        """Another run writes what it would write in its place, with a later term."""
        if "_bulk" in cluster.asked[-1]:
            for held in (cluster.indices[index], cluster.indices[f"{index}.words"]):
                held.documents = {key: (term + 2, *more) for key, (term, *more) in held.documents.items()}
            cluster.disturb = lambda number: False
        return False

    cluster.disturb = take
    assert "another run has taken over the index" in run(cluster, posts)
    after = contents(cluster, "papers")
    assert (after["rows"], after["state"]) == (before["rows"], before["state"])


def test_a_lease_that_is_not_given_back_is_waited_for(cluster: MemoryCluster, posts: Path) -> None:
    assert run(cluster, posts) == ""
    held = cluster.indices["papers.lease"]
    data = json.loads(json.loads(held.documents["lease"][2])["data"])
    assert data["free"]
    held.put("lease", json.dumps({"data": json.dumps(data | {"free": False, "key": "others"})}), 1)
    change(posts)
    assert "another run is writing this index" in run(cluster, posts)
    let_the_lease_run_out(cluster)
    assert run(cluster, posts) == ""
    assert_whole(cluster, posts)


@pytest.mark.parametrize("ending", ["", ".older", ".words"])
def test_an_index_of_which_a_part_was_removed_is_built_anew(ending: str, cluster: MemoryCluster, posts: Path) -> None:
    assert run(cluster, posts) == ""
    [index] = cluster.led_to("papers")
    del cluster.indices[index + ending]
    assert run(cluster, posts) == ""
    if not ending:  # the mark went with it
        for left in (".older", ".words"):
            del cluster.indices[index + left]
    assert_whole(cluster, posts)


@pytest.mark.parametrize("why", ["", "other folders", "another version", "a part is lost"])
def test_a_first_run_that_was_cut_short_is_gone_on_with_where_that_is_possible(
    why: str, cluster: MemoryCluster, posts: Path
) -> None:
    assert run_that_ends(cluster, posts, 20)
    [begun] = [name for name in cluster.indices if f"{name}.words" in cluster.indices]
    if why == "other folders":
        posts = posts.rename(posts.with_name("others"))
        (posts / "another.md").unlink()
    elif why == "another version":
        cluster.indices[begun].body["mappings"]["_meta"]["papersearch"]["format"] = 1
    elif why:
        cluster.status = "red"
    assert run(cluster, posts) == ""
    cluster.status = "green"
    assert (cluster.led_to("papers") == [begun]) == (not why)
    assert_whole(cluster, posts)


def test_runs_that_are_cut_short_again_and_again_leave_one_index_each_of_the_old_and_the_new(
    cluster: MemoryCluster, posts: Path
) -> None:
    assert run(cluster, posts) == ""
    for _ in range(3):
        assert run_that_ends(cluster, posts, 22, rebuild=True)
        assert len(cluster.indices) == 7
    assert run(cluster, posts) == ""
    assert_whole(cluster, posts)


def test_posts_of_one_paper_in_different_requests_meet(
    cluster: MemoryCluster, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of them arrive late."""
    monkeypatch.setattr(writing, "_CHUNK", 1)
    for number in range(3):
        write_post(posts, f"2412.00003v{number + 3}", "Paper 3 once more", "voles", name=f"again{number}")
    cluster.delay = lambda path: time.sleep(0.05 if "_bulk" in path else 0)
    assert run(cluster, posts) == ""
    assert_whole(cluster, posts)


def test_rows_of_files_are_written_after_their_papers(
    cluster: MemoryCluster, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that died in between would leave files that count as read, and papers that nobody finds."""
    monkeypatch.setattr(writing, "_CHUNK", 1)
    monkeypatch.setattr(build, "_BUCKETS", 1)
    chance = random.Random(1)
    early: list[object] = []

    def look(number: int) -> bool:
        for name in [name.removesuffix(".words") for name in cluster.indices if name.endswith(".words")]:
            papers = [*cluster.indices[name].documents.values(), *cluster.indices[f"{name}.older"].documents.values()]
            there = {path for _, _, text in papers for path in json.loads(text)["path"]}
            early.extend(row for row in rows_of(cluster, name) if row[0] not in there)
        return False

    cluster.delay = lambda path: time.sleep(chance.choice((0, 0.05)) if "_bulk" in path else 0)
    cluster.disturb = look
    assert run(cluster, posts) == ""
    assert early == []


def test_what_cannot_be_read_is_told_when_that_comes_and_not_by_every_run(cluster: MemoryCluster, posts: Path) -> None:
    def told() -> list[str]:
        summaries.append(library.index_folder(cluster.address("papers"), [str(posts)]))
        return [Path(each.path).name for each in summaries[-1].warnings]

    summaries: list[Any] = []
    (posts / "dead.md").symlink_to("nowhere")
    assert [told() for _ in range(3)] == [["dead.md"], [], []]
    assert [Path(each.path).name for each in summaries[-1].skipped] == ["dead.md"]
    (posts / "dead.md").unlink()
    assert told() == []
    (posts / "dead.md").symlink_to("nowhere")
    assert [told() for _ in range(2)] == [["dead.md"], []]
