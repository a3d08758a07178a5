"""What dies while an index in a cluster is written or asked: runs and nodes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

import papersearch
from papersearch.core.records import Request
from papersearch.engine.opensearch import indices, mapping
from tests.cluster.contents import assert_same_contents, contents, large, name_of, posts_of
from tests.cluster.nodes import PATIENCE_S, Cluster, Running
from tests.cluster.questions import answer_of, requests
from tests.commands import environment
from tests.corpora import SAMPLE, write_post
from tests.processes import noting


def test_a_run_that_is_killed_is_finished_by_the_next(address: str, tmp_path: Path) -> None:
    folder = large(tmp_path / "posts", 1_500)
    script = (
        "import os, papersearch, signal\n"
        "def stop(done, total):\n"
        "    if done >= 750: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"papersearch.index_folder({address!r}, [{str(folder)!r}], progress=stop)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env=environment(), check=False)
    assert done.returncode == -signal.SIGKILL
    with pytest.raises(papersearch.PapersearchError):
        papersearch.open(address)
    papersearch.index_folder(address, [str(folder)], wait=PATIENCE_S)
    assert_same_contents(address, folder, tmp_path)


def test_what_a_run_wrote_that_was_cut_short_before_its_commit_is_committed_by_the_next(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if that finds all files as the first one left them."""
    folder = large(tmp_path / "posts", 20)
    run = papersearch.build(address, [str(folder)]).run
    reader = papersearch.open(address)
    assert reader.stats().posts == 20
    old = write_post(folder, "2412.00001", "An okapi", "okapi")
    os.utime(old, (1.6e9, 1.6e9))  # as what copies files keeps it
    for path in sorted(folder.glob("*.md"))[-6:]:
        if path != old:
            path.unlink()

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(indices.Indices, "commit", stopped)
        with pytest.raises(KeyboardInterrupt):
            papersearch.index_folder(address)
    left = len(list(folder.glob("*.md")))
    assert papersearch.index_folder(address).unchanged == left
    assert reader.refresh()
    stats = reader.stats()
    assert (stats.posts, stats.papers, stats.run) == (left, left, run + 1)
    papersearch.index_folder(address)
    assert not reader.refresh()


@pytest.mark.parametrize("made", [1, 2])
def test_a_run_that_was_killed_between_the_indices_that_it_made_is_in_nobodys_way(
    made: int, cluster: Cluster | Running, address: str
) -> None:
    index = f"{name_of(address)}.0f0f0f0f"
    cluster.call("PUT", f"/{index}", mapping.papers_body(1))
    if made == 2:
        cluster.call("PUT", f"/{index}.older", mapping.older_body())
    assert papersearch.index_folder(address, [str(SAMPLE)]).added == len(list(SAMPLE.glob("*.md")))
    assert index not in cluster.call("GET", "/_alias")


def test_requests_that_arrive_twice_change_nothing(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those do of which the first answer is lost."""
    opensearchpy = pytest.importorskip("opensearchpy")
    once = opensearchpy.Transport.perform_request

    def twice(*args: object, **options: object) -> object:
        with suppress(opensearchpy.OpenSearchException):
            once(*args, **options)
        return once(*args, **options)

    folder = large(tmp_path / "posts", 20)
    monkeypatch.setattr(opensearchpy.Transport, "perform_request", twice)
    assert papersearch.index_folder(address, [str(folder)], wait=0).added == 20
    next(folder.iterdir()).unlink()
    assert papersearch.index_folder(address, wait=0).removed == 1
    assert papersearch.index_folder(address, wait=0, rebuild=True).total == 19
    assert_same_contents(address, folder, tmp_path)


def test_a_run_that_slept_through_its_lease_is_refused_and_changes_nothing(address: str, tmp_path: Path) -> None:
    folder = large(tmp_path / "posts", 800)
    script = (
        "import os, papersearch, signal\n"
        "stopped = []\n"
        "def stop(done, total):\n"
        "    if done >= 250 and not stopped:\n"
        "        stopped.append(1)\n"
        "        os.kill(os.getpid(), signal.SIGSTOP)\n"
        "try:\n"
        f"    papersearch.index_folder({address!r}, [{str(folder)!r}], progress=stop)\n"
        "except papersearch.PapersearchError as error:\n"
        "    print(error)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], env=environment(), stdout=subprocess.PIPE, text=True
    ) as first:
        os.waitpid(first.pid, os.WUNTRACED)
        papersearch.index_folder(address, [str(folder)], wait=PATIENCE_S)
        before = contents(address)
        os.kill(first.pid, signal.SIGCONT)
        said, _ = first.communicate(timeout=PATIENCE_S)
    assert "lease" in said or "another run has taken over" in said
    assert contents(address) == before
    assert_same_contents(address, folder, tmp_path)


@pytest.mark.parametrize("victim", range(int(os.environ.get("PAPERSEARCH_TEST_KILLS", "2"))))
def test_nothing_is_lost_when_a_node_is_killed_while_indexing(
    nodes: Cluster, address: str, tmp_path: Path, victim: int
) -> None:
    folder = large(tmp_path / "posts", 1_000, seed=victim)
    papersearch.index_folder(address, [str(folder)])
    for path in sorted(folder.glob("*.md"))[:500]:
        path.write_text(path.read_text().replace(" of ", " off "))
    large(folder, 400, seed=100 + victim)
    nodes.wait()
    killed = threading.Event()
    said = ""

    def kill(done: int, total: int) -> None:
        if done >= (victim * 131) % total and not killed.is_set():
            killed.set()
            nodes.kill(victim % nodes.count)

    try:
        papersearch.index_folder(address, progress=kill)
    except papersearch.PapersearchError as error:
        said = str(error)
        nodes.wait("yellow")
        papersearch.index_folder(address, wait=PATIENCE_S)
    assert "\n" not in said
    assert killed.is_set()
    nodes.wait("yellow")
    assert_same_contents(address, folder, tmp_path)


def test_a_first_run_that_was_cut_short_begins_again_where_a_node_took_a_part_of_it_away(
    nodes: Cluster, address: str, tmp_path: Path
) -> None:
    folder = large(tmp_path / "posts", 600)

    def stop(done: int, total: int) -> None:
        if done >= 250:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        papersearch.index_folder(address, [str(folder)], progress=stop)
    name = name_of(address)
    papers = f"{name}.*,-{name}.lease"
    _wait_until_copied(nodes, address)
    nodes.kill(_holders(nodes, papers)[0])
    _wait_until(lambda: _status(nodes, papers) == "red")
    nodes.wait("red")
    assert papersearch.index_folder(address, [str(folder)], wait=PATIENCE_S).added == 600
    assert_same_contents(address, folder, tmp_path)
    _wait_until(lambda: _status(nodes, papers) == "green")


def test_an_index_of_which_somebody_removed_a_part_is_built_anew(cluster: Cluster | Running, address: str) -> None:
    count = len(list(SAMPLE.glob("*.md")))
    papersearch.index_folder(address, [str(SAMPLE)])
    [index] = cluster.call("GET", f"/_alias/{name_of(address)}")
    cluster.call("DELETE", f"/{index}.older")
    said = f"a part of the index {name_of(address)} was removed"
    assert said in [problem.reason for problem in papersearch.check(address)]
    summary = papersearch.index_folder(address)
    assert (summary.added, summary.notes) == (
        count,
        (f"a part of the index {index} was removed; it is built anew from the corpus",),
    )
    assert said not in [problem.reason for problem in papersearch.check(address)]


def test_an_index_of_which_a_part_is_lost_for_good_is_built_anew_if_somebody_says_so(
    nodes: Cluster, address: str
) -> None:
    only = f"{address}&replicas=0"
    papersearch.index_folder(only, [str(SAMPLE)])
    _wait_until_copied(nodes, address)
    [index] = nodes.call("GET", f"/_alias/{name_of(address)}")
    nodes.kill(_holders(nodes, f"{index}.words")[0])
    nodes.wait("red")
    with pytest.raises(papersearch.PapersearchError, match=r"not available now .*--rebuild --prune FOLDER"):
        papersearch.index_folder(only, [str(SAMPLE)], rebuild=True)
    summary = papersearch.index_folder(only, [str(SAMPLE)], rebuild=True, prune=True)
    assert (summary.total, len(summary.notes)) == (len(list(SAMPLE.glob("*.md"))), 1)
    assert papersearch.open(only).search("*").total


def _wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds: the cluster makes lost copies of all its indices in turns."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _status(nodes: Cluster, indices: str) -> str:
    return str(nodes.call("GET", f"/_cluster/health/{indices}")["status"])


def _wait_until_copied(nodes: Cluster, address: str) -> None:
    """Wait until the lease has a copy on another node: a run cannot keep one that is lost with its only node."""
    _wait_until(lambda: _status(nodes, f"{name_of(address)}.lease") == "green")


def _holders(nodes: Cluster, indices: str) -> list[int]:
    """The numbers of the nodes that hold shards of indices, one for each shard."""
    shards = nodes.call("GET", f"/_cat/shards/{indices}?format=json")
    return [int(shard["node"].removeprefix("node")) for shard in shards if shard["state"] == "STARTED"]


def test_a_first_run_goes_on_when_a_node_that_was_killed_comes_back(
    nodes: Cluster, address: str, tmp_path: Path
) -> None:
    folder = large(tmp_path / "posts", 900)
    killed = threading.Event()

    def restart(done: int, total: int) -> None:
        if done >= 500 and not killed.is_set():
            _wait_until_copied(nodes, address)
            killed.set()
            nodes.kill(1)
            nodes.start(1)

    assert papersearch.index_folder(address, [str(folder)], progress=restart).added == 900
    assert killed.is_set()
    nodes.wait()
    assert_same_contents(address, folder, tmp_path)


def test_no_answer_is_wrong_while_a_node_is_killed(nodes: Cluster, address: str) -> None:
    papersearch.index_folder(address, [str(SAMPLE)])
    nodes.wait()
    index = papersearch.open(address)
    questions = requests(posts_of(SAMPLE), 32)
    right = [[hit.id for hit in index.search(request).results] for request in questions]
    wrong: list[object] = []
    answered: list[int] = []
    stop = threading.Event()

    def ask() -> None:
        chance = random.Random()
        while not stop.is_set():
            number = chance.randrange(len(questions))
            try:
                found = [hit.id for hit in index.search(questions[number]).results]
            except papersearch.PapersearchError:
                continue
            answered.append(number)
            if found != right[number]:
                wrong.append((questions[number], found, right[number]))

    askers = [threading.Thread(target=noting(ask, wrong)) for _ in range(4)]
    for thread in askers:
        thread.start()
    try:
        _wait_until(lambda: len(answered) > len(questions))
        nodes.kill(1)
        before = len(answered)
        nodes.wait("yellow")
        _wait_until(lambda: len(answered) > before + len(questions))
    finally:
        stop.set()
        for thread in askers:
            thread.join()
    assert not wrong
    assert [[hit.id for hit in index.search(request).results] for request in questions] == right


def test_an_answer_without_some_shards_is_said_to_be_incomplete(nodes: Cluster, address: str) -> None:
    only = f"{address}&replicas=0"
    papersearch.index_folder(only, [str(SAMPLE)])
    index = papersearch.open(address)
    [name] = nodes.call("GET", f"/_alias/{name_of(address)}")
    _wait_until(lambda: len(set(_holders(nodes, name))) > 1)  # else all is lost with one
    nodes.kill(_holders(nodes, name)[0])
    _wait_until(lambda: isinstance(answer_of(index, Request("*")), str))
    nodes.wait("red")
    said = answer_of(index, Request("*"))
    assert isinstance(said, str)
    assert "shard" in said or "not available" in said
    some = index.search("*", partial=True)
    assert 0 < some.total < len(list(SAMPLE.glob("*.md")))
    assert some.hint is not None
    assert "incomplete" in some.hint
