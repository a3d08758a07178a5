"""Every write, sync, rename and removal made to fail in turn, and the process killed there: old or new state."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.stores import Failing, answers, change, fresh_answers, leftovers, random_post, update

KILLED = """
import os, sys
from tests.stores import Failing, update
from pathlib import Path
update(Path(sys.argv[1]), Path(sys.argv[2]), files=Failing(int(sys.argv[3]), lambda: os._exit(9)))
"""


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """(the posts as they are now, an index of how they were, where more can be put)."""
    place = tmp_path_factory.mktemp("faults")
    posts, index = place / "posts", place / "index"
    posts.mkdir()
    chance = random.Random(7)
    for number in range(25):
        random_post(posts, number, chance)
    update(index, posts)
    change(posts, chance, 8)
    random_post(posts, 99, chance)
    return posts, index, place


def operations(states: tuple[Path, Path, Path], rebuild: bool = False) -> int:
    """How many operations a run takes that nothing disturbs."""
    posts, index, place = states
    copy = shutil.copytree(index, place / "counted")
    files = Failing(0)
    update(copy, posts, files=files, rebuild=rebuild)
    shutil.rmtree(copy)
    return files.count


@pytest.mark.parametrize("rebuild", [False, True])
def test_each_operation_that_fails_leaves_the_old_state_or_the_new_one(
    states: tuple[Path, Path, Path], rebuild: bool
) -> None:
    posts, index, place = states
    old, new = answers(index), fresh_answers(posts, place / f"fresh-{rebuild}")
    assert old != new
    for fatal in range(1, operations(states, rebuild) + 1):
        copy = shutil.copytree(index, place / f"copy-{rebuild}-{fatal}")
        with suppress(OSError):
            update(copy, posts, files=Failing(fatal), rebuild=rebuild)
        assert answers(copy) in (old, new), fatal
        update(copy, posts)
        assert answers(copy) == new, fatal
        assert not leftovers(copy), fatal
        shutil.rmtree(copy)


def test_a_first_run_that_fails_anywhere_leaves_nothing_or_all(states: tuple[Path, Path, Path]) -> None:
    posts, _, place = states
    new = fresh_answers(posts, place / "first-fresh")
    files = Failing(0)
    update(place / "first-counted", posts, files=files)
    for fatal in range(1, files.count + 1):
        index = place / f"first-{fatal}"
        with suppress(OSError):
            update(index, posts, files=Failing(fatal))
        update(index, posts)
        assert answers(index) == new
        assert not leftovers(index)


def test_a_kill_between_any_two_operations_loses_nothing(states: tuple[Path, Path, Path]) -> None:
    posts, index, place = states
    old, new = answers(index), fresh_answers(posts, place / "killed-fresh")
    count = operations(states)
    root = Path(__file__).parent.parent
    for fatal in sorted(
        {1, 2, count // 3, count // 2, count - 6, count - 5, count - 4, count - 3, count - 2, count - 1, count}
    ):
        copy = shutil.copytree(index, place / f"killed-{fatal}")
        run = [sys.executable, "-c", KILLED, str(copy), str(posts), str(fatal)]
        done = subprocess.run(run, cwd=root, env=os.environ | {"PYTHONPATH": str(root)}, check=False)
        assert done.returncode == 9
        assert answers(copy) in (old, new)
        update(copy, posts)
        assert answers(copy) == new
        assert not leftovers(copy)
