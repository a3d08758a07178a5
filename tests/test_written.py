"""What is not written whole is an error or, for a reader who went away, at least never remembered as shown."""

from __future__ import annotations

import os
import select
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.commands import PAPERSEARCH, environment, on_terminal, run
from tests.corpora import write_post
from tests.processes import LONGEST_S, wait_for

fcntl, resource = map(pytest.importorskip, ("fcntl", "resource"))

POSTS = 200
NEW = ["query", "--new", "otters", "-f", "json"]
DIGEST = ["digest", "--json"]
MUCH = [NEW, DIGEST]  # each more than a pipe holds
TOO_LARGE = "papersearch: File too large: raise the limit on the size of files (ulimit -f), or write to another disk\n"
BUFFERED = pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of posts that are new to a query and to a saved search which was shown before them."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "corpus").mkdir()
    (folder / "papersearch.toml").write_text('[searches]\notters = "otters"\n')
    write_post(folder / "corpus", "2401.99999", "The first", "Otters.")
    assert run(folder, "index").code == 0
    assert run(folder, "digest").code == 0
    for number in range(POSTS):
        write_post(folder / "corpus", f"2401.{number:05}", f"Otters {number}", "Otters build dams. " * 5)
    assert run(folder, "index").code == 0
    (folder / "many.txt").write_text("otters\n" * 50)
    return folder


@pytest.fixture(autouse=True)
def untouched(home: Path) -> Iterator[Callable[[], bool]]:
    """Whether nothing was remembered since the test began; put back when it has ended."""
    file = home / "index" / "papersearch_asked.json"
    before = file.read_bytes()
    yield lambda: file.read_bytes() == before
    file.write_bytes(before)


def shell(home: Path, command: str, unbuffered: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of bash in which ``papersearch`` is the program."""
    program = f'papersearch() {{ {shlex.join(PAPERSEARCH)} "$@"; }}; {command}'
    return subprocess.run(
        ["bash", "-c", program], cwd=home, env=environment(PYTHONUNBUFFERED=unbuffered), capture_output=True, text=True,
        timeout=LONGEST_S,
    )  # fmt: skip


@BUFFERED
@pytest.mark.parametrize("line", MUCH)
def test_a_reader_that_goes_away_ends_it_quietly_and_nothing_is_remembered(
    home: Path, line: list[str], unbuffered: str, untouched: Callable[[], bool]
) -> None:
    done = shell(home, f"papersearch {' '.join(line)} | head -c 10; exit ${{PIPESTATUS[0]}}", unbuffered)
    assert (done.returncode, done.stderr, len(done.stdout)) == (0, "", 10)
    assert untouched()


@BUFFERED
@pytest.mark.parametrize("line", MUCH)
def test_a_file_that_may_not_grow_is_an_error_and_nothing_is_remembered(
    home: Path, line: list[str], unbuffered: str, untouched: Callable[[], bool]
) -> None:
    done = shell(home, f"ulimit -f 64; papersearch {' '.join(line)} > out.json", unbuffered)
    assert (done.returncode, done.stderr) == (3, TOO_LARGE)
    assert untouched()


@BUFFERED
@pytest.mark.parametrize(
    "line",
    [
        "query otters",
        "query otters -f paths",
        "query --batch many.txt",
        "query --batch many.txt -j 2",
        "similar 2401.00001",
        "show 2401.00001 2401.00002",
        "ask what do otters build",
        "facets --by month",
        "stats",
        "config",
        "schema",
        "--help",
    ],
)
def test_no_command_whose_output_is_cut_ends_as_if_it_were_whole(home: Path, line: str, unbuffered: str) -> None:
    with open(home / "cut", "wb") as file:
        done = subprocess.run(
            [*PAPERSEARCH, *line.split()], cwd=home, env=environment(PYTHONUNBUFFERED=unbuffered), stdout=file,
            stderr=subprocess.PIPE, text=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (9, 9)),
            check=False, timeout=LONGEST_S,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (3, TOO_LARGE)
    assert (home / "cut").stat().st_size == 9


@BUFFERED
@pytest.mark.parametrize("line", [*MUCH, ["query", "--batch", "many.txt"]])
def test_a_pipe_that_does_not_wait_gets_everything(home: Path, line: list[str], unbuffered: str) -> None:
    ours, theirs = os.pipe()
    fcntl.fcntl(theirs, fcntl.F_SETFL, os.O_NONBLOCK)
    with subprocess.Popen(
        [*PAPERSEARCH, *line], cwd=home, env=environment(PYTHONUNBUFFERED=unbuffered), stdout=theirs
    ) as process:
        wait_for("a pipe that is full", lambda: not select.select([], [theirs], [], 0)[1])
        time.sleep(0.1)  # and for what it does then
        os.close(theirs)
        with open(ours, "rb") as pipe:
            told = pipe.read().decode()
    assert process.returncode == 0
    if line in MUCH:
        assert told.count('"id": ') >= POSTS
        assert run(home, *line).code == 1
    else:
        assert told.count("\n") == 50
    assert told.endswith("}\n")


@BUFFERED
@pytest.mark.parametrize("line", MUCH)
def test_a_closed_standard_output_counts_as_nothing_shown(
    home: Path, line: list[str], unbuffered: str, untouched: Callable[[], bool]
) -> None:
    done = shell(home, f"papersearch {' '.join(line)} >&-", unbuffered)
    assert (done.returncode, done.stderr) == (0, "")
    assert untouched()
    assert shell(home, f"papersearch {' '.join(line)} >/dev/null").returncode == 0  # which is somebody's choice
    assert not untouched()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
@pytest.mark.parametrize("line", MUCH)
def test_one_that_is_killed_before_all_is_read_remembers_nothing(
    home: Path, line: list[str], how: signal.Signals, untouched: Callable[[], bool]
) -> None:
    # Without a buffer: that of Python 3.14 takes all that the pipe holds, and what is left may fit into the pipe.
    with subprocess.Popen([*PAPERSEARCH, *line], 0, cwd=home, env=environment(), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read(10)
        process.send_signal(how)
        assert process.wait(LONGEST_S) == -how
    assert untouched()
    assert run(home, *line).out.count('"id": ') >= POSTS


@pytest.mark.parametrize(
    ("pager", "code", "says"),
    [
        ("head -c 10", 0, ""),
        ("sh -c 'exit 4'", 3, "the pager \"sh -c 'exit 4'\" failed with exit code 4: set PAGER, or --no-pager\r\n"),
    ],
)
def test_a_pager_that_is_left_before_the_end_has_not_shown_it(
    home: Path, pager: str, code: int, says: str, untouched: Callable[[], bool]
) -> None:
    told, out = on_terminal(home, ["query", "--new", "otters"], PAGER=pager)
    assert told == code
    assert out.endswith(says)
    assert untouched()


def test_a_pager_that_read_only_some_of_what_the_pipe_holds_has_not_shown_it(
    home: Path, untouched: Callable[[], bool]
) -> None:
    line = ["query", "--new", "otters", "-n", "20"]
    assert len(run(home, *line[:1], *line[2:]).out) < 60_000
    assert on_terminal(home, line, PAGER="sh -c 'read line'") == (0, "")
    assert untouched()


def test_a_pager_that_was_given_everything_has_shown_it(home: Path) -> None:
    told, out = on_terminal(home, ["query", "--new", "otters"], PAGER="grep -c .")
    assert told == 0
    assert int(out) > POSTS
    assert run(home, *NEW).code == 1


def test_on_a_dumb_terminal_nothing_is_paged_unless_a_pager_is_named(home: Path, tmp_path: Path) -> None:
    """There less warns, and waits for a key before it shows anything."""
    pager = tmp_path / "less"
    pager.write_text("#!/bin/sh\nexec grep -c .\n")
    pager.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"

    def shown(**variables: str) -> str:
        return on_terminal(home, ["query", "otters"], PATH=path, **variables)[1]

    assert shown().strip().isdecimal()
    assert shown(TERM="dumb", PAGER="less").strip().isdecimal()
    assert len(shown(TERM="dumb").splitlines()) > 10


def test_an_error_that_cannot_be_said_keeps_its_exit_code(home: Path) -> None:
    for line, code in (("query otters --sort y", 2), ("show nope", 1), ("query otters", 0)):
        assert shell(home, f"papersearch {line} 2>/dev/full").returncode == code


def test_two_that_ask_at_once_while_posts_come_miss_none(own: Path) -> None:
    assert run(own, "index").code == 0
    command, printed = [*PAPERSEARCH, "query", "--new", "experts", "-f", "ids"], set()
    for number in range(4):
        write_post(own / "corpus", f"2405.{number:05}", f"Experts {number}", "Experts.")
        indexing = subprocess.Popen([*PAPERSEARCH, "index", "-q"], cwd=own, env=environment())
        asking = [
            subprocess.Popen(
                [*command, *limit],
                cwd=own,
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for limit in ([], ["-n", "1"], [])
        ]
        for process in asking:
            out, err = process.communicate(timeout=LONGEST_S)
            assert process.returncode in (0, 1), err
            printed |= set(out.split())
        assert indexing.wait(LONGEST_S) == 0
    printed |= set(run(own, *command[len(PAPERSEARCH) :]).lines)
    assert printed == {"2401.00001", *(f"2405.{number:05}" for number in range(4))}
    assert run(own, *command[len(PAPERSEARCH) :]).code == 1
