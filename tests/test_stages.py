"""A long first build commits in stages: what is there is found, and a kill costs the last stage only."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

import papersearch
from papersearch.core.errors import NoIndexError
from papersearch.engine.build import update as building
from papersearch.engine.build.tasks import Sizes
from tests.commands import ROOT
from tests.stores import Failing, answers, fresh_answers, leftovers, random_post

SIZES = Sizes(piece=20, two=20, serial=10, staged=100, stage=40)
KILLED = """
import os, sys
from papersearch.engine.build import update as building
from tests.test_stages import Failing, SIZES
files = Failing(int(sys.argv[3]), lambda: os._exit(9))
building.update(sys.argv[1], [sys.argv[2]], building.Options(jobs=1, sizes=SIZES, files=files))
"""


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stages")
    chance = random.Random(3)
    for number in range(230):
        random_post(folder, number, chance)
    return folder


@pytest.fixture(scope="module")
def expected(posts: Path, tmp_path_factory: pytest.TempPathFactory) -> object:
    return fresh_answers(posts, tmp_path_factory.mktemp("fresh") / "index")


def build(index: Path, posts: Path, progress: Callable[[int, int], None] | None = None, jobs: int = 1) -> None:
    building.update(str(index), [str(posts)], building.Options(jobs=jobs, sizes=SIZES, progress=progress))


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
        building.update(str(folder), [str(posts)], building.Options(jobs=1, sizes=sizes))
        made.append([path.read_bytes() for ending in ("docs", "terms") for path in folder.glob(f"*.{ending}")])
    assert made[0] == made[1]


def test_a_kill_costs_the_last_stage_only(posts: Path, expected: object, tmp_path: Path) -> None:
    counted = Failing(0)
    building.update(str(tmp_path / "counted"), [str(posts)], building.Options(jobs=1, sizes=SIZES, files=counted))
    kept = []
    for operation in (counted.count * place // 5 for place in range(1, 5)):
        index = tmp_path / f"index-{operation}"
        command = [sys.executable, "-c", KILLED, str(index), str(posts), str(operation)]
        killed = subprocess.run(command, check=False, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
        assert killed.returncode == 9
        kept.append(papersearch.open(str(index)).stats(look=False).posts)
        build(index, posts)
        assert answers(index) == expected
        assert leftovers(index) == set()
    assert kept == sorted(kept)
    assert len(set(kept)) > 2
