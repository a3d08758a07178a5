"""What the program does with its streams: full, closed, of another encoding; and with signals."""

from __future__ import annotations

import os
import select
import shlex
import signal
import subprocess
from contextlib import nullcontext
from pathlib import Path

import pytest

from papersearch.output.streams import Output, ReaderGone
from tests.commands import CONTROLS, PAPERSEARCH, answering, environment, run
from tests.corpora import write_post
from tests.processes import LONGEST_S


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
@pytest.mark.parametrize("line", ["query moe", "query moe --json", "stats", "--version"])
def test_what_cannot_be_written_is_an_error(home: Path, line: str) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PAPERSEARCH, *line.split()],
            cwd=home,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=LONGEST_S,
        )
    assert done.returncode == 3
    assert done.stderr.decode() == "papersearch: No space left on device: free some space\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_change_no_exit_code_and_the_index_is_built(closed: str, own: Path) -> None:
    for line, code in (
        ("index", 0), ("query attention", 0), ("query zzqqxx", 1), ("query x --sort y", 2), ("index no-such-folder", 3),
        ("query --batch -", 1), ("show 2401.00001", 0), ("--version", 0), ("--help", 0),
    ):  # fmt: skip
        command = f"{shlex.join(PAPERSEARCH)} {line} {closed}"
        done = subprocess.run(["bash", "-c", command], cwd=own, env=environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=LONGEST_S)  # fmt: skip
        assert done.returncode == code, (line, done.stderr)
        assert "Traceback" not in done.stderr
    assert run(own, "stats", "--json").json["posts"] == 2


def test_a_program_that_ends_at_once_has_written_everything(home: Path) -> None:
    ran = run(home, "query", "*", "-n", "1000", "--json")
    assert ran.code == 0
    assert len(ran.json["results"]) == ran.json["total"] > 10
    assert run(home, "query", "zzqqxx", "-f", "ids").code == 1
    assert run(home, "query", "year:abc").code == 2


@pytest.mark.parametrize(
    "line",
    [
        "query '*' -n 999 --json",
        "query '*' -n 999",
        "query --batch many.txt",
        "facets --by author -n 0",
        "show 2412.15115 2501.05450",
        "--help",
    ],
)
def test_a_closed_pipe_ends_it_quietly(home: Path, line: str) -> None:
    (home / "many.txt").write_text("mixture of experts\n" * 300)
    command = f"{shlex.join(PAPERSEARCH)} {line} | head -c 10 >/dev/null; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=home, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("line", ["query '*'", "--help", "query --help"])
def test_a_reader_that_is_gone_before_anything_is_printed_is_no_error(home: Path, line: str) -> None:
    command = f"{{ sleep 0.05; {shlex.join(PAPERSEARCH)} {line}; }} | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=home, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_control_c_exits_with_130_and_says_nothing(home: Path) -> None:
    with answering(home) as process:
        process.send_signal(signal.SIGINT)
        assert process.wait(LONGEST_S) == 130
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_control_c_ends_watching(own: Path) -> None:
    with subprocess.Popen(
        [*PAPERSEARCH, "index", "--watch"],
        cwd=own,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("2 posts indexed: 2 added")
        for number in range(60):  # until one comes after the watching has begun
            write_post(own / "corpus", "2403.00003", "More experts", f"Experts again, {number}.")
            if select.select([process.stdout], [], [], 1)[0]:
                break
        assert process.stdout.readline().startswith("3 posts indexed: 1 added")
        process.send_signal(signal.SIGINT)
        assert process.wait(LONGEST_S) == 130
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_what_cannot_be_encoded_is_escaped(own: Path) -> None:
    write_post(own / "corpus", "2403.00003", "Bézier 专家", "Größe \N{RIGHT-TO-LEFT OVERRIDE}abc", author="Begüm Özbay")
    run(own, "index")
    bare = {"LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for arguments in (
        ["query", "bezier"],
        *(["query", "bezier", "-f", form] for form in ("json", "jsonl", "csv", "bibtex")),
        ["query", "bezier", "--template", "{title} {authors}"],
        ["query", "bezier", "--explain"],
        ["show", "2403.00003"],
        ["show", "2403.00003", "--json"],
        ["facets", "--by", "author"],
        ["similar", "2403.00003"],
        ["query", "专家"],
        ["query", "--tag", "专", "x"],
    ):
        ran = run(own, *arguments, **bare)
        assert ran.code in (0, 1), ran.err
        assert (ran.out + ran.err).isascii()
        assert "Traceback" not in ran.err
    assert run(own, "query", "bezier", "--json", **bare).json["results"][0]["title"] == "Bézier 专家"


def test_nothing_in_a_post_reaches_the_terminal_as_a_control_code(own: Path) -> None:
    write_post(own / "corpus", "2403.00003", "Evil \x1b[31mred\x07", "Abstract \x1b]0;title\x07 evil.", tags=["=cmd()"])
    run(own, "index")
    for form in ("text", "json", "jsonl", "csv", "bibtex", "ids", "paths", "urls"):
        ran = run(own, "query", "evil", "-f", form, NO_COLOR="1")
        assert ran.code == 0
        assert not CONTROLS.search(ran.out.replace("\r\n", "\n")), form
    for arguments in (["show", "2403.00003"], ["facets"], ["facets", "--by", "author"], ["similar", "2401.00001"]):
        assert not CONTROLS.search(run(own, *arguments).out)


def test_it_runs_from_a_folder_that_is_gone(own: Path) -> None:
    run(own, "index")
    (own / "gone").mkdir()
    command = f'cd gone && rmdir "$PWD" && {shlex.join(PAPERSEARCH)} query experts -f ids --index "$OLDPWD/index"'
    done = subprocess.run(["bash", "-c", command], cwd=own, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2401.00001\n", "")


def test_what_needs_the_current_folder_says_so_where_it_is_gone(own: Path) -> None:
    (own / "gone").mkdir()
    command = f'cd gone && rmdir "$PWD" && {shlex.join(PAPERSEARCH)} index'
    ran = subprocess.run(command, shell=True, cwd=own, capture_output=True, text=True, check=False, env=environment())
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr == ("papersearch: No such file or directory: if the current folder is gone, go to another one\n")


def test_many_at_once_give_the_same_answer(home: Path) -> None:
    command = f"yes diffusion | head -12 | xargs -P4 -n1 {shlex.join(PAPERSEARCH)} query -f ids -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=home, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 12
    assert len(set(done.stdout.splitlines())) == 1


def test_whoever_stops_reading_complaints_stops_nothing_else() -> None:
    for quiet in (True, False):
        reading, writing = os.pipe()
        os.close(reading)
        out = Output(writing, quiet=quiet)
        with nullcontext() if quiet else pytest.raises(ReaderGone):
            out.write(b"text")
        assert out.lost
        assert out.write(b"text") == 4  # what comes later is dropped
        os.close(writing)
