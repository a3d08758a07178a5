"""A run that dies, whatever of it dies and by whatever means, leaves no process, no lock and no half-written file."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from papersearch import library
from papersearch.engine.index.folder import LOCK_FILE
from tests.commands import PAPERSEARCH, ROOT, environment, run
from tests.processes import LONGEST_S, children, patience, running, wait_for
from tests.stores import answers, fresh_answers, leftovers, random_posts

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="looks for processes in /proc")
POSTS = 2_000


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus that takes two workers so long that they can be met at work."""
    folder = tmp_path_factory.mktemp("ends") / "posts"
    random_posts(folder, POSTS, random.Random(8))
    return folder


@pytest.fixture(scope="module")
def expected(posts: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an index of all posts answers."""
    return fresh_answers(posts, tmp_path_factory.mktemp("expected") / "index")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """An index of a few posts, so that there is something to lose."""
    few = tmp_path / "few"
    random_posts(few, 5, random.Random(9))
    library.index_folder(str(tmp_path / "index"), [str(few)], jobs=1)
    return tmp_path / "index"


def other_folder(index: Path) -> str:
    """What a run says that indexes another folder than the one of ``index``."""
    return f"papersearch: no longer part of the corpus: {index.parent / 'few'}; to keep it, name all folders\n"


@pytest.fixture
def begin(index: Path, posts: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], list[int]]]]:
    """Starts a run over all posts; (its main process, the ids of its workers) when they are at work."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str) -> tuple[subprocess.Popen[str], list[int]]:
        process = subprocess.Popen(
            [*PAPERSEARCH, "index", str(posts), "--index", str(index), "--jobs", "2", *options],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        wait_for("two workers", lambda: len(children(process.pid)) == 2 or process.poll() is not None)
        time.sleep(0.05)  # into their work
        assert process.poll() is None
        return process, children(process.pid)

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_when_the_main_process_dies_its_workers_die_and_the_lock_is_free(
    how: signal.Signals, index: Path, begin: Callable[..., tuple[subprocess.Popen[str], list[int]]]
) -> None:
    before = answers(index)
    process, workers = begin()
    process.send_signal(how)
    process.wait(LONGEST_S)
    wait_for("the end of the workers", lambda: not running(workers), patience(1))
    assert answers(index) == before
    again = run(index.parent, "index", "--index", str(index), "--wait", "0", "--json")
    assert (again.code, again.json["unchanged"]) == (0, 5)
    assert not leftovers(index)


@pytest.mark.parametrize("when", ["at work", "about to start"])
def test_a_worker_dies_with_its_parent_even_where_the_kernel_does_not_see_to_it(tmp_path: Path, when: str) -> None:
    """Without the kernel's help the pipe must do."""
    program = """
import sys, time
from papersearch.core import pool
pool._PR_SET_PDEATHSIG = 9999  # refused, as by a system that has it not
def start():
    return lambda item, tell: (tell("at work"), time.sleep(60))
if __name__ == "__main__":
    with pool.Pool(2, start) as workers:
        workers.give(0, None)
        while sys.argv[1] == "at work" and not workers.wait():
            pass  # it has only started
        print("ready", flush=True)
        time.sleep(60)
"""
    (tmp_path / "program.py").write_text(program)
    with subprocess.Popen(
        [PAPERSEARCH[0], "program.py", when], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        workers = children(process.pid)
        assert len(workers) == 2
        process.kill()
    wait_for("the end of the workers", lambda: not running(workers), patience(1))


def test_a_script_without_a_main_guard_runs_once_also_where_workers_are_not_forked(tmp_path: Path) -> None:
    random_posts(tmp_path / "posts", 400, random.Random(5))
    (tmp_path / "program.py").write_text(
        "import sys, threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()  # so that nothing is forked\n"
        "import papersearch\n"
        "print('once', flush=True)\n"
        "print(papersearch.build('index', ['posts'], jobs=2).stats(look=False).posts)\n"
        "print(hasattr(sys.modules['__main__'], 'papersearch'))  # as before\n"
    )
    done = subprocess.run(
        [PAPERSEARCH[0], "program.py"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
    )
    assert (done.stdout, done.returncode) == ("once\n400\nTrue\n", 0)


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_run_that_is_told_to_stop_does_so_within_a_second_and_says_how_it_left_the_index(
    how: signal.Signals,
    code: int,
    index: Path,
    begin: Callable[..., tuple[subprocess.Popen[str], list[int]]],
) -> None:
    before = answers(index)
    process, workers = begin()
    told = time.monotonic()
    os.killpg(process.pid, how)
    time.sleep(0.02)
    for _ in range(5):  # a person who presses it again and again
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            break
    out, err = process.communicate(timeout=LONGEST_S)
    assert time.monotonic() - told < patience(2)
    assert (process.returncode, out, err) == (code, "", "papersearch: stopped; the index is as it was\n")
    wait_for("the end of the workers", lambda: not running(workers))
    assert not leftovers(index)
    assert answers(index) == before


def wait_until_locked(index: Path) -> None:
    """Until a run has written who it is into the lock."""
    wait_for("the lock", (index / LOCK_FILE).read_text)


def test_a_run_in_one_process_stops_as_well(index: Path, posts: Path) -> None:
    command = [*PAPERSEARCH, "index", str(posts), "--index", str(index), "--jobs", "1"]
    process = subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True)
    wait_until_locked(index)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=LONGEST_S)
    assert (process.returncode, err) == (130, "papersearch: stopped; the index is as it was\n")
    assert not leftovers(index)


def test_a_signal_that_was_ignored_from_the_start_stays_ignored(index: Path, posts: Path) -> None:
    command = ["nohup", *PAPERSEARCH, "index", str(posts), "--index", str(index), "--json"]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    wait_until_locked(index)
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=LONGEST_S)
    assert process.returncode == 0


def test_a_worker_that_is_killed_is_stood_in_for_by_another(
    index: Path, expected: dict[str, Any], begin: Callable[..., tuple[subprocess.Popen[str], list[int]]]
) -> None:
    process, workers = begin()
    os.kill(workers[0], signal.SIGKILL)
    _, err = process.communicate(timeout=LONGEST_S)
    assert (process.returncode, err) == (0, other_folder(index))
    wait_for("the end of the workers", lambda: not running(workers))
    assert not leftovers(index)
    assert answers(index) == expected


@pytest.mark.parametrize("options", [(), ("--rebuild",)])
def test_a_run_all_of_whose_workers_are_killed_goes_on_with_others(
    options: tuple[str, ...],
    index: Path,
    expected: dict[str, Any],
    begin: Callable[..., tuple[subprocess.Popen[str], list[int]]],
) -> None:
    process, workers = begin(*options)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    _, err = process.communicate(timeout=LONGEST_S)
    assert (process.returncode, err) == (0, other_folder(index))
    assert not leftovers(index)
    assert answers(index) == expected


def test_a_run_whose_workers_are_killed_again_and_again_says_so_and_the_next_one_succeeds(
    index: Path,
    posts: Path,
    expected: dict[str, Any],
    begin: Callable[..., tuple[subprocess.Popen[str], list[int]]],
) -> None:
    before = answers(index)
    process, _ = begin()
    while process.poll() is None:
        for worker in children(process.pid):
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        time.sleep(0.01)
    _, err = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 3
    assert err.startswith("papersearch: the workers were killed")
    assert len(err.splitlines()) == 1
    assert not leftovers(index)
    assert answers(index) == before
    assert run(index.parent, "index", str(posts), "--index", str(index), "--wait", "0").code == 0
    assert answers(index) == expected


def test_an_index_is_built_in_a_worker_of_a_pool_which_may_have_none_of_its_own(tmp_path: Path) -> None:
    random_posts(tmp_path / "posts", 400, random.Random(5))
    with multiprocessing.get_context("spawn").Pool(1) as workers:
        built = workers.apply(library.index_folder, (tmp_path / "index", tmp_path / "posts"), {"jobs": 2})
    assert built.total == 400


def test_kills_of_every_kind_lose_nothing_and_leave_nothing(tmp_path: Path) -> None:
    count = os.environ.get("PAPERSEARCH_KILLS", "16")
    command = [sys.executable, "-m", "tests.kills", count, str(tmp_path), "7"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["slowest_lock_s"] < patience(1)
