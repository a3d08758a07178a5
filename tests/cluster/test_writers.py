"""Who writes an index in a cluster: one run at a time, and nobody what belongs to somebody else."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import papersearch
from papersearch.engine.opensearch import mapping
from tests.cluster.contents import assert_same_contents, large, name_of
from tests.cluster.nodes import PATIENCE_S, Cluster, Running
from tests.corpora import SAMPLE, write_post
from tests.processes import noting


def test_a_second_run_waits_or_says_who_writes(address: str, tmp_path: Path) -> None:
    folder = large(tmp_path / "posts", 600)
    said: list[str] = []
    started, waited_for = threading.Event(), threading.Event()

    def hold(done: int, total: int) -> None:
        started.set()
        waited_for.wait(PATIENCE_S)

    def wait(reason: str) -> None:
        said.append(reason)
        waited_for.set()

    first = threading.Thread(target=papersearch.index_folder, args=(address, [str(folder)]), kwargs={"progress": hold})
    first.start()
    try:
        assert started.wait(PATIENCE_S)
        with pytest.raises(papersearch.PapersearchError, match=r"another run is writing this index .*process"):
            papersearch.index_folder(address, [str(folder)], wait=0.2)
        summary = papersearch.index_folder(address, [str(folder)], wait=PATIENCE_S, waiting=wait)
    finally:
        waited_for.set()
        first.join()
    assert "waiting for another run" in said[0]
    assert summary.unchanged == 600


def test_twenty_readers_and_two_writers_see_whole_posts_only(address: str, tmp_path: Path) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    for number in range(60):
        write_post(folder, f"2412.{number:05}", "version zero of it", "version zero of it all")
    papersearch.index_folder(address, [str(folder)])
    wrong: list[object] = []
    stop = threading.Event()

    def read() -> None:
        index = papersearch.open(address)
        while not stop.is_set():
            index.refresh()
            for hit in index.search("version", limit=60).results:
                if hit.title.split()[1] != hit.snippets[0].text.split()[1]:
                    wrong.append(hit)

    def write(name: str) -> None:
        made = tmp_path / name  # moved into place whole: the other writer reads at the same time
        made.mkdir()
        for number in range(60):
            post = write_post(made, f"2412.{number:05}", f"version {name} of it", f"version {name} of it all")
            post.replace(folder / post.name)
        papersearch.index_folder(address, wait=PATIENCE_S)

    readers = [threading.Thread(target=noting(read, wrong)) for _ in range(20)]
    for thread in readers:
        thread.start()
    for one, two in (("one", "two"), ("three", "four")):
        writers = [threading.Thread(target=noting(lambda name=name: write(name), wrong)) for name in (one, two)]
        for thread in writers:
            thread.start()
        for thread in writers:
            thread.join()
    stop.set()
    for thread in readers:
        thread.join()
    assert not wrong
    papersearch.index_folder(address)
    assert_same_contents(address, folder, tmp_path)


def test_an_index_of_somebody_else_is_left_alone(cluster: Cluster | Running, address: str) -> None:
    name = name_of(address)
    cluster.call("PUT", f"/{name}", {"mappings": {"properties": {"text": {"type": "text"}}}})
    with pytest.raises(papersearch.PapersearchError, match="not one of papersearch's"):
        papersearch.index_folder(address, [str(SAMPLE)])
    assert cluster.call("GET", f"/{name}/_mapping")[name]["mappings"] == {"properties": {"text": {"type": "text"}}}
    assert f"{name}.lease" not in cluster.call("GET", "/_alias")


def test_an_index_that_another_address_answers_from_is_read_and_not_written(
    cluster: Cluster | Running, address: str, tmp_path: Path
) -> None:
    name, other = name_of(address), f"{name_of(address)}-live"
    live = cluster.address(other)
    papersearch.index_folder(address, [str(SAMPLE)])
    [index] = cluster.call("GET", f"/_alias/{name}")
    cluster.call("POST", "/_aliases", {"actions": [{"add": {"index": index, "alias": other}}]})
    folder = large(tmp_path / "posts", 5)
    for rebuild in (False, True):
        with pytest.raises(papersearch.PapersearchError, match=f"{other} is another name of the index {name}:"):
            papersearch.index_folder(live, [str(folder)], rebuild=rebuild)
    assert papersearch.open(live).search("*").total == papersearch.open(address).search("*").total > 5
    assert f"{other}.lease" not in cluster.call("GET", "/_alias")
    assert papersearch.index_folder(address).removed == 0


def test_indices_of_similar_names_are_left_alone(cluster: Cluster | Running, address: str) -> None:
    name = name_of(address)
    papersearch.index_folder(address, [str(SAMPLE)])
    [index] = cluster.call("GET", f"/_alias/{name}")
    mark = mapping.papers_body(1)["mappings"]["_meta"]
    others = [f"{name}.archive", f"{name}.0f0f0f0f-restored", f"{name}0f.0f0f0f0f"]
    try:
        for other in others:
            cluster.call("PUT", f"/{other}", {"mappings": {"_meta": mark}})
        cluster.call("POST", "/_aliases", {"actions": [{"add": {"index": others[2], "alias": f"{name}.live"}}]})
        papersearch.index_folder(address, rebuild=True)
        here = cluster.call("GET", "/_alias")
        assert index not in here
        assert not {*others} - {*here}
    finally:
        for other in others:
            cluster.call("DELETE", f"/{other}")


def test_a_rebuild_that_is_refused_again_and_again_leaves_no_more_than_one_index(
    cluster: Cluster | Running, address: str, tmp_path: Path
) -> None:
    folder = large(tmp_path / "posts", 5)
    papersearch.index_folder(address, [str(folder)])
    folder.rename(tmp_path / "away")
    for _ in range(3):
        with pytest.raises(papersearch.PapersearchError, match="no folder"):
            papersearch.index_folder(address, rebuild=True)
    name = name_of(address)
    assert len([each for each in cluster.call("GET", "/_alias") if each.startswith(f"{name}.")]) <= 7
    (tmp_path / "away").rename(folder)
    papersearch.index_folder(address)
    assert len([each for each in cluster.call("GET", "/_alias") if each.startswith(f"{name}.")]) == 4


def test_an_index_that_is_read_only_says_so_in_one_line(
    cluster: Cluster | Running, address: str, tmp_path: Path
) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    write_post(folder, "2412.00001", "First paper", "zebra")
    papersearch.index_folder(address, [str(folder)])
    name = name_of(address)
    write_post(folder, "2412.00002", "Second paper", "zebra")
    cluster.call("PUT", f"/{name}/_settings", {"index.blocks.read_only_allow_delete": True})
    with pytest.raises(papersearch.PapersearchError, match="is read-only: a node's disk is nearly full") as refused:
        papersearch.index_folder(address)
    assert "\n" not in str(refused.value)
    cluster.call("PUT", f"/{name}/_settings", {"index.blocks.read_only_allow_delete": None})
    papersearch.index_folder(address)
    assert papersearch.open(address).search("zebra").total == 2
