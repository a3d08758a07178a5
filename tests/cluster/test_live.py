"""The same answers from a cluster of three nodes as from a folder: whatever it is asked, and whichever runs made it."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import papersearch
from papersearch.core.frozen import replace
from papersearch.core.records import Hit, Request
from tests.cluster.contents import assert_same_contents, name_of, posts_of
from tests.cluster.nodes import Cluster, Running
from tests.cluster.questions import agree_on_all, agreeing, first_agrees, overlap, requests
from tests.commands import environment
from tests.corpora import REAL_POSTS, SAMPLE, unpack_real_posts, write_post

# --- the same answers ---


def test_three_hundred_questions_are_answered_as_by_the_local_engine(address: str, tmp_path: Path) -> None:
    folder = SAMPLE
    if REAL_POSTS.exists():
        folder = tmp_path / "real"
        folder.mkdir()
        unpack_real_posts(folder)
    local = papersearch.build(str(tmp_path / "index"), [str(folder)])
    remote = papersearch.build(address, [str(folder)])
    agreed: list[bool] = []
    overlaps: dict[Request, float] = {}
    for request in requests(posts_of(folder)[::3], 300):
        both = agreeing(local, remote, request)
        if both is None:
            continue
        here, there = both
        assert here.suggestion == there.suggestion, request
        assert here.expanded.keys() == there.expanded.keys(), request
        agreed.append(first_agrees(here, there))
        overlaps[request] = overlap(here, there)
    assert sum(agreed) >= 0.99 * len(agreed)
    assert sum(overlaps.values()) >= 0.99 * len(overlaps), [each for each in overlaps if overlaps[each] < 1]


def test_a_reader_that_was_open_before_a_run_counts_the_papers_that_it_shows(address: str, tmp_path: Path) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    write_post(folder, "2412.00001", "First paper", "zebra stripes")
    papersearch.index_folder(address, [str(folder)])
    index = papersearch.open(address)
    assert index.search("zebra stripes").total == 1
    write_post(folder, "2412.00002", "Second paper", "zebra stripes")
    papersearch.index_folder(address)
    answer = index.search("zebra stripes")
    assert answer.total == answer.total_all == len(answer.results) == 2


def test_all_that_an_index_can_be_asked_is_answered_as_by_a_folder(address: str, tmp_path: Path) -> None:
    local = papersearch.build(str(tmp_path / "index"), [str(SAMPLE)])
    remote = papersearch.build(address, [str(SAMPLE)])
    agree_on_all(local, remote)


def test_a_phrase_stays_within_an_author_or_a_tag_as_in_a_folder(address: str, tmp_path: Path) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    lists = (
        ("Wei Chen, Li Zhang", "machine learning, theory"),
        ("Chen Li", "learning theory"),
        ("Li Wu, Chen Li", "a"),
    )
    for number, (authors, tags) in enumerate(lists):
        text = f"---\ntitle: Otters\nauthors: [{authors}]\ntags: [{tags}]\n---\nDams.\n"
        (folder / f"n{number}.md").write_text(text)
    local, remote = papersearch.build(str(tmp_path / "index"), [str(folder)]), papersearch.build(address, [str(folder)])
    for query, found in (
        ('"chen li"', ["n1", "n2"]),
        ('"chen li"~100', ["n1", "n2"]),
        ('author:"wu chen"~3', []),
        ('tag:"learning theory"', ["n1"]),
        ('"learning theory"~9', ["n1"]),
        ('otters -"chen li"', ["n0"]),
    ):
        answers = [index.search(query) for index in (local, remote)]
        assert [sorted(hit.id for hit in each.results) for each in answers] == [found, found], query


# --- runs ---


def test_a_year_of_mondays_leaves_what_a_fresh_index_holds(address: str, tmp_path: Path) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    chance = random.Random(7)
    waiting = sorted(SAMPLE.glob("*.md"))
    chance.shuffle(waiting)
    for monday in range(8):
        for path in [waiting.pop() for _ in range(min(len(waiting), 12))]:
            shutil.copy(path, folder)
        here = sorted(folder.glob("*.md"))
        if monday % 2:
            for path in chance.sample(here, 3):
                path.unlink()
            for path in chance.sample(sorted(folder.glob("*.md")), 4):
                path.write_text(path.read_text().replace("the", "some"))
        if monday == 4:  # another post about a paper, which is a newer version of it
            other = folder / "newer.md"
            other.write_text(here[-1].read_text().replace("v1", "v9"))
        if monday == 6:
            (folder / "newer.md").rename(folder / "renamed.md")
        papersearch.index_folder(address, [str(folder)])
        assert_same_contents(address, folder, tmp_path)
    assert papersearch.index_folder(address).unchanged == len(list(folder.glob("*.md")))


def test_a_paper_has_one_hit_and_its_other_posts_come_back_when_the_shown_one_goes(
    address: str, tmp_path: Path
) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    write_post(folder, "2412.00001v1", "Old words of a paper", "zebra")
    newer = write_post(folder, "2412.00001v2", "New words of a paper", "giraffe")
    index = papersearch.build(address, [str(folder)])
    assert [hit.title for hit in index.search("zebra").results] == ["New words of a paper"]
    assert [post.version for post in index.search("giraffe").results[0].other_posts] == [1]
    newer.unlink()
    index.update()
    assert index.search("giraffe").total == 0
    assert index.search("zebra").results[0].version == 1


def test_words_of_older_posts_find_their_paper_as_in_a_folder(
    cluster: Cluster | Running, address: str, tmp_path: Path
) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    write_post(folder, "2412.00001v1", "Old red title", "red apples, mixture of experts (MoE)", name="one")
    write_post(folder, "2412.00001v3", "New blue title", "blue apples", name="three", posted="2024-01-01 00:00:00")
    write_post(folder, "2412.00001v2", "Second title", "green apples", name="two")
    again = write_post(folder, "2412.00001v3", "Newest title", "pears", name="again", posted="2025-01-01 00:00:00")
    write_post(folder, "2412.00002v1", "Apples", "red and rotten")
    write_post(folder, "2412.00002v2", "Pears", "green and ripe")
    write_post(folder, "2412.00003", "Apples and pears", "green ones")
    local = papersearch.build(str(tmp_path / "index"), [str(folder)])
    remote = papersearch.build(address, [str(folder)])
    questions = (
        "red apples",
        "red pears",
        "rotten",
        '"red apples"',
        "appels red",
        "title:red",
        "red year:2024",
        "red since:1999",
        "rotten -apples",
        "moe",
        "2412.00001 red",
        "gre* rotten",
        "nowhere",
        "*",
    )

    def shown(hit: Hit, scored: bool) -> Hit:
        return hit if scored else replace(hit, score=0.0, rank=0)

    def assert_same_answers(scored: bool) -> None:
        for question in questions:
            for options in (
                {},
                {"limit": 1},
                {"offset": 1},
                {"match": "all"},
                {"sort": "newest"},
                {"tags": ("dataset",)},
            ):
                both = agreeing(local, remote, Request(question, **options))
                if both is None:
                    continue
                here, there = both
                assert here.suggestion == there.suggestion, (question, options)
                mine, other = ({shown(hit, scored) for hit in answer.results} for answer in (here, there))
                assert mine == other or ({"limit", "offset"} & options.keys() and not scored), (question, options)
        assert_same_contents(address, folder, tmp_path)

    assert_same_answers(scored=True)
    again.unlink()  # what was not shown is shown now
    write_post(folder, "2412.00002v3", "Plums", "sweet and sour", name="plums")
    write_post(folder, "2412.00004", "Another paper", "red apples elsewhere", name="one")
    for index in (local, remote):
        index.update()
    assert_same_answers(scored=False)  # the cluster counts what was removed until it merges
    (folder / "2412.00002v1.md").write_bytes(b"\xff\xfe\x00")  # no post any more
    (folder / "2412.00002v2.md").unlink()
    for index in (local, remote):
        index.update()
    assert_same_answers(scored=False)

    stray = {"posts": json.dumps({"posts": [{"id": "2412.00003", "path": "/gone.md", "title": "Okapi"}], "run": 0})}
    stray |= {"id": "2412.00003", "path": "/gone.md", "words": "okapi\u00011000"}
    name = f"{next(iter(cluster.call('GET', '/_alias/' + name_of(address))))}.older"
    cluster.call("PUT", f"/{name}/_doc/stray?refresh=true", stray)
    assert papersearch.open(address).search("okapi").total == 0
    assert [problem.path for problem in papersearch.check(address) if "not shown" in problem.reason] == [address]


def test_posts_that_change_their_paper_or_cannot_be_read_leave_nothing_behind(address: str, tmp_path: Path) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    path = write_post(folder, "2412.00001", "One paper", "zebra", name="a")
    write_post(folder, "2412.00002", "Another paper", "giraffe", name="b")
    (folder / "c.md").write_bytes(b"\xff\xfe\x00")
    papersearch.index_folder(address, [str(folder)])
    write_post(folder, "2412.00003", "A third paper", "okapi", name="a")
    assert path.exists()
    summary = papersearch.index_folder(address)
    assert (summary.added, summary.updated, summary.removed) == (0, 1, 0)
    assert_same_contents(address, folder, tmp_path)
    write_post(folder, "2412.00002", "A third paper", "okapi", name="a")  # the same paper as b
    papersearch.index_folder(address)
    assert_same_contents(address, folder, tmp_path)


def test_an_index_is_rebuilt_beside_the_old_one_which_answers_meanwhile(
    cluster: Cluster | Running, address: str
) -> None:
    papersearch.index_folder(address, [str(SAMPLE)])
    index = papersearch.open(address)
    before = index.search("models").total
    seen: list[int] = []
    papersearch.index_folder(address, rebuild=True, progress=lambda *_: seen.append(index.search("models").total))
    assert seen
    assert set(seen) == {before}
    assert index.refresh()
    assert index.search("models").total == before
    name = name_of(address)
    mine = [each for each in cluster.call("GET", "/_alias") if each.startswith(f"{name}.")]
    assert len(mine) == 4  # papers, older posts, words and the lease


def test_who_asks_an_index_that_a_rebuild_has_replaced_is_answered_by_the_new_one(address: str, tmp_path: Path) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    path = write_post(folder, "2412.00001", "First paper", "zebra")
    papersearch.index_folder(address, [str(folder)])
    asked: list[tuple[Callable[[papersearch.Index], object], object]] = [
        (lambda index: index.search("zebra").total, 2),
        (lambda index: [hit.id for hit in index.similar("2412.00001").results], ["2412.00002"]),
        (lambda index: index.facets("year", "zebra"), [("2024", 2)]),
        (lambda index: index.ids(), ["2412.00001", "2412.00002"]),
        (lambda index: index.titles(), ["First paper", "Second paper"]),
        (lambda index: index.stats().papers, 2),
        (lambda index: index.stale(), 0),
        (lambda index: [found.text for found in index.completions("zeb")], ["zebra"]),
        (lambda index: getattr(index.paper(str(path)), "id", None), "2412.00001"),
    ]
    readers = [papersearch.open(address) for _ in asked]
    write_post(folder, "2412.00002", "Second paper", "zebra")
    papersearch.index_folder(address, rebuild=True)
    assert [ask(reader) for (ask, _), reader in zip(asked, readers, strict=True)] == [right for _, right in asked]


def test_new_papers_are_told_from_old_ones_also_after_a_rebuild(address: str, tmp_path: Path) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    write_post(folder, "2412.00001", "First paper", "zebra")
    run = papersearch.build(address, [str(folder)]).run
    write_post(folder, "2412.00002", "Second paper", "zebra")
    papersearch.index_folder(address)
    papersearch.index_folder(address, rebuild=True)
    found = papersearch.open(address).search("zebra", since_run=run)
    assert [hit.id for hit in found.results] == ["2412.00002"]


def test_the_command_line_takes_the_address_of_a_cluster_as_it_takes_a_folder(address: str, tmp_path: Path) -> None:
    address = address.partition("?")[0]

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "papersearch", *words]
        return subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)

    nothing = run("query", "moe", "--index", address)
    assert (nothing.returncode, nothing.stderr.count("\n")) == (3, 1)
    assert run("index", str(SAMPLE), "--index", address).returncode == 0
    assert run("query", "mixture of experts", "--index", address, "-f", "ids").stdout.startswith("2")
    assert run("query", "mixture of experts", "--index", address, "--new", "-f", "ids").returncode == 0
    assert run("query", "mixture of experts", "--index", address, "--new", "-f", "ids").returncode == 1
    assert run("stats", "--index", address, "--json").returncode == 0
    assert run("query", "xyzzyx", "--index", address).returncode == 1
    assert run("check", "--index", address).stderr == ""
