"""A long first build commits in stages: what is there is found, and a kill costs the last stage only."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

import papersearch
from papersearch.core.errors import NoIndexError, Stopped
from papersearch.engine.build import update as building
from papersearch.engine.build.tasks import Sizes
from papersearch.engine.port import RunOptions
from papersearch.output import json_shapes, plain
from tests.commands import ROOT, run_program
from tests.disturbances import interrupt
from tests.stores import Failing, answers, fresh_answers, leftovers, random_posts

SIZES = Sizes(piece=20, two=20, serial=10, staged=100, stage=40)
KILLED = """
import os, sys
from papersearch.engine.build import update as building
from tests.test_stages import Failing, RunOptions, SIZES
files = Failing(int(sys.argv[3]), lambda: os._exit(9))
building.update(sys.argv[1], [sys.argv[2]], building.Options(RunOptions(jobs=1), sizes=SIZES, files=files))
"""
STOPPED = """
import os, signal, sys
from papersearch.apps.session import told_when_stopped
from tests.test_stages import build, stopping
with told_when_stopped():
    build(sys.argv[1], sys.argv[2], stopping(int(sys.argv[3]), lambda: os.kill(os.getpid(), signal.SIGTERM)))
"""


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stages")
    random_posts(folder, 230, random.Random(3))
    return folder


@pytest.fixture(scope="module")
def expected(posts: Path, tmp_path_factory: pytest.TempPathFactory) -> object:
    return fresh_answers(posts, tmp_path_factory.mktemp("fresh") / "index")


def build(
    index: Path | str, posts: Path | str, progress: Callable[[int, int], None] | None = None, jobs: int = 1
) -> None:
    building.update(str(index), [str(posts)], building.Options(RunOptions(jobs=jobs, progress=progress), sizes=SIZES))


def rewritten(path: Path) -> None:
    path.write_text(path.read_text() + "More.\n")


def stopping(after: int, stop: Callable[[], None] = interrupt) -> Callable[[int, int], None]:
    """What stops a run that reports its progress when so many posts are done."""
    return lambda done, total: stop() if done >= after else None


@pytest.mark.parametrize("jobs", [1, 2])
def test_papers_are_found_while_the_rest_is_indexed(posts: Path, expected: object, tmp_path: Path, jobs: int) -> None:
    index = tmp_path / "index"
    seen: list[int] = []

    def look(done: int, total: int) -> None:
        try:
            seen.append(papersearch.open(str(index)).search("*", limit=1).total if done < total else -1)
        except NoIndexError:
            seen.append(0)

    build(index, posts, look, jobs)
    stages = sorted(set(seen) - {-1})
    assert stages[0] == 0  # nothing is there at first
    assert len(stages) > 3  # and then more and more
    assert answers(index) == expected
    assert len(papersearch.open(str(index)).stats(look=False).corpus) == 1
    assert papersearch.open(str(index)).stats(look=False).segments == 1
    assert leftovers(index) == set()


def test_each_stage_waits_for_half_as_much_as_is_there_and_for_a_stage_at_least(posts: Path, tmp_path: Path) -> None:
    """Else commits would take the time that indexing should."""
    index, seen = tmp_path / "index", set[int]()

    def look(done: int, total: int) -> None:
        with suppress(NoIndexError):
            seen.add(papersearch.open(str(index)).stats(look=False).posts)

    build(index, posts, look)
    stages = sorted(seen - {230})
    assert len(stages) > 2
    assert all(later - before >= max(SIZES.stage, before // 2) for before, later in pairwise(stages)), stages


def test_what_follows_a_stage_is_new_to_who_asked_during_it(posts: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    asked: list[tuple[int, set[str]]] = []

    def found(**options: int) -> set[str]:
        return {hit.id for hit in papersearch.open(str(index)).search("*", limit=1_000, **options).results}

    def ask(done: int, total: int) -> None:
        with suppress(NoIndexError):
            asked.append((papersearch.open(str(index)).run, found()))

    build(index, posts, ask)
    assert len({len(ids) for _, ids in asked}) > 2
    for run, ids in asked:
        assert found() - ids <= found(since_run=run)


def test_an_index_made_in_stages_is_byte_for_byte_one_made_at_once(posts: Path, tmp_path: Path) -> None:
    made = []
    for name, sizes in (("staged", SIZES), ("at once", SIZES._replace(staged=1_000))):
        folder = tmp_path / name
        building.update(str(folder), [str(posts)], building.Options(RunOptions(jobs=1), sizes=sizes))
        made.append([path.read_bytes() for ending in ("docs", "terms") for path in folder.glob(f"*.{ending}")])
    assert made[0] == made[1]


def test_a_stage_is_whole_until_the_next_state_takes_its_place(posts: Path, tmp_path: Path) -> None:
    index, seen = tmp_path / "index", list[int]()

    class Watching(Failing):
        def rename(self, old: str, new: str) -> None:
            if [*index.glob("*.toc")]:
                seen.append(answers(index)["posts"])
            super().rename(old, new)

    options = building.Options(RunOptions(jobs=1), sizes=SIZES, files=Watching(0))
    building.update(str(index), [str(posts)], options)
    assert seen == sorted(seen)
    assert len({*seen}) > 2


def test_a_kill_costs_the_last_stage_only(posts: Path, expected: object, tmp_path: Path) -> None:
    counted = Failing(0)
    building.update(
        str(tmp_path / "counted"), [str(posts)], building.Options(RunOptions(jobs=1), sizes=SIZES, files=counted)
    )
    kept = []
    for operation in (counted.count * place // 5 for place in range(1, 5)):
        index = tmp_path / f"index-{operation}"
        assert run_program(KILLED, str(index), str(posts), str(operation)).code == 9
        kept.append(papersearch.open(str(index)).stats(look=False).posts)
        build(index, posts)
        assert answers(index) == expected
        assert leftovers(index) == set()
    assert kept == sorted(kept)
    assert len(set(kept)) > 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_index_that_a_stopped_run_left_says_how_much_is_in_it(
    posts: Path, expected: object, tmp_path: Path, jobs: int
) -> None:
    with pytest.raises(Stopped) as stopped:
        build(tmp_path / "index", posts, stopping(120), jobs)
    assert not stopped.value.complete
    assert stopped.value.stage is not None
    done, planned = stopped.value.stage
    assert 0 < done < planned == 230
    assert {Path(name).suffix for name in leftovers(tmp_path / "index")} <= {".json", ".files"}  # they tell of the past
    index = papersearch.open(str(tmp_path / "index"))
    said = f"only {done} of 230 posts are in the index so far; `papersearch index` goes on with the rest"
    assert index.search("sparse routing").hint == said
    assert index.similar(index.ids()[0]).hint == said
    assert str(index.search("id:9999.99999").hint).startswith(f"{said}; ")
    assert (index.stats().posts, index.stats().planned) == (done, 230)
    assert f"only {done} of 230 posts" in plain.stats(index.stats())
    assert json_shapes.stats_json(index.stats())["planned"] == 230
    build(tmp_path / "index", posts)
    index.refresh()
    assert index.search("sparse routing").hint is None
    assert index.stats().planned is None
    assert answers(tmp_path / "index") == expected


def test_a_run_that_is_told_to_stop_says_how_many_posts_are_in_the_index(posts: Path, tmp_path: Path) -> None:
    for after, said in ((1, "the index is as it was"), (120, " of 230 posts are in the index; the next run goes on")):
        command = [sys.executable, "-c", STOPPED, str(tmp_path / "index"), str(posts), str(after)]
        ran = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
        assert ran.stderr.startswith("papersearch: stopped; ")
        assert said in ran.stderr.splitlines()[0]


def test_an_index_is_complete_once_all_that_was_missing_is_gone(posts: Path, tmp_path: Path) -> None:
    mine, index = shutil.copytree(posts, tmp_path / "posts"), tmp_path / "index"
    with pytest.raises(Stopped):
        build(index, mine, stopping(120))
    indexed = {hit.path for hit in papersearch.open(str(index)).results("*")}
    indexed |= {other.path for hit in papersearch.open(str(index)).results("*") for other in hit.other_posts}
    for path in mine.iterdir():
        if str(path) not in indexed:
            path.unlink()
    building.update(str(index), [str(mine)], building.Options(RunOptions(jobs=1, prune=True), sizes=SIZES))
    opened = papersearch.open(str(index))
    assert opened.stats().planned is None
    assert opened.search("*", since_run=opened.run).total == 0  # what was asked now was shown all there is
    assert answers(index) == fresh_answers(mine, tmp_path / "fresh")


@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.rename(path.with_name("x.md")), rewritten])
def test_a_run_that_does_more_than_add_is_found_only_when_it_is_complete(
    change: Callable[[Path], object], posts: Path, tmp_path: Path
) -> None:
    mine, index = tmp_path / "posts", tmp_path / "index"
    random_posts(mine, 5, random.Random(4))
    build(index, mine)
    change(next(mine.iterdir()))
    for path in posts.iterdir():
        shutil.copy(path, mine / f"more-{path.name}")
    before, during = answers(index), []
    build(index, mine, lambda done, total: during.append(answers(index)) if done < total else None)
    assert len(during) > 2
    assert all(each == before for each in during)
    assert answers(index) == fresh_answers(mine, tmp_path / "fresh")


def test_a_rebuild_is_found_only_when_it_is_complete(posts: Path, tmp_path: Path) -> None:
    index, seen = tmp_path / "index", set[int]()
    build(index, posts)
    how = RunOptions(
        jobs=1, rebuild=True, progress=lambda done, _: seen.add(papersearch.open(str(index)).stats(look=False).posts)
    )
    building.update(str(index), [str(posts)], building.Options(how, sizes=SIZES))
    assert seen == {230}
