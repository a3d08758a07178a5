"""Batches: answers in order, as they come; each line is on its own, whatever its length, its bytes, and the fate of the
process that answers it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.commands import PAPERSEARCH, answering, environment, follows, is_one_error, run, sample
from tests.processes import LONGEST_S, children, refusing_threads, running, wait_for

BATCH = "mixture of experts\n\n2412.15115\nzzqqxx\ndiffusion -video\nyear:abc\n\xe9\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = sample(tmp_path_factory.mktemp("batch"))
    assert run(folder, "index").code == 0
    return folder


def _timeless(text: str) -> list[object]:
    return [{key: value for key, value in json.loads(line).items() if key != "seconds"} for line in text.splitlines()]


def test_a_batch_answers_each_line_in_order(home: Path) -> None:
    ran = run(home, "query", "--batch", "-", "-n", "3", stdin=BATCH)
    answers = [json.loads(line) for line in ran.lines]
    assert [answer["query"] for answer in answers] == BATCH.split("\n")[:-1]
    for answer in answers:
        follows("answer", answer)
    assert answers[0]["results"][0]["id"] == "2501.09636"
    assert answers[2]["results"][0]["id"] == "2412.15115"
    assert answers[4]["total"] > 0
    assert not any("error" in answer for answer in answers)  # without --syntax a line is words, whatever it says
    assert ran.code == 0
    (home / "lines.txt").write_text(BATCH)
    assert _timeless(run(home, "query", "--batch", "lines.txt", "-n", "3").out) == _timeless(ran.out)
    two = run(home, "query", "--batch", "-", "-n", "3", "--jobs", "2", stdin=BATCH)
    assert _timeless(two.out) == _timeless(ran.out)
    assert (two.code, two.err) == (ran.code, ran.err)


def test_what_an_editor_puts_around_lines_is_no_part_of_them(home: Path) -> None:
    (home / "marked.txt").write_bytes(b"\xef\xbb\xbfzzqqxx\r\nyyqqxx\r\n\r\n")
    asked = [json.loads(line)["query"] for line in run(home, "query", "--batch", "marked.txt").lines]
    assert asked == ["zzqqxx", "yyqqxx", ""]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_lines_may_be_in_utf_16_as_powershell_writes_a_file(home: Path, encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    lines = ["zzqqxx 日本", "y" * 300_000, "yyqqxx"]
    data = (mark + "\r\n".join(lines)).encode(encoding)
    (home / "wide.txt").write_bytes(data)
    asked = [json.loads(line)["query"] for line in run(home, "query", "--batch", "wide.txt").lines]
    assert (asked[0], asked[2]) == (lines[0], lines[2])
    assert len(asked) == len(lines)
    with (home / "wide.txt").open("rb") as piped:
        ran = subprocess.run(
            [*PAPERSEARCH, "query", "--batch", "-"], cwd=home, stdin=piped, capture_output=True, env=environment()
        )
    assert [json.loads(line)["query"] for line in ran.stdout.splitlines()] == asked


def test_a_line_that_is_a_mistake_carries_its_error_and_the_rest_go_on(home: Path) -> None:
    ran = run(home, "query", "--batch", "-", "--syntax", "-n", "1", stdin="moe\nyear:abc\n\nmoe\n")
    answers = [json.loads(line) for line in ran.lines]
    assert [("error" in answer, bool(answer["results"])) for answer in answers] == [
        (False, True), (True, False), (False, False), (False, True),
    ]  # fmt: skip
    assert "'abc' is not a date" in answers[1]["error"]
    assert ran.code == 2


@pytest.mark.parametrize("options", [["--since", "soon"], ["--since", "2025", "--until", "2024"]])
@pytest.mark.parametrize("lines", [b"moe\nrouting\n", b""])
def test_a_mistake_of_the_options_is_no_mistake_of_each_line(lines: bytes, options: list[str], home: Path) -> None:
    (home / "lines").write_bytes(lines)
    ran = run(home, "query", "--batch", "lines", *options)
    assert (ran.code, ran.out) == (2, "")
    assert is_one_error(ran)


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize(("name", "code"), [("nowhere", 2), ("corpus", 2), ("/proc/self/mem", 3)])
def test_lines_that_cannot_be_read_are_one_error(name: str, code: int, jobs: str, home: Path) -> None:
    if not (name == "nowhere" or (home / name).exists()):
        pytest.skip("this system has no such file")
    ran = run(home, "query", "--batch", name, "--jobs", jobs)
    assert (ran.code, ran.out) == (code, "")
    assert is_one_error(ran)


def test_a_batch_exits_with_0_if_anything_was_found_else_with_1(home: Path) -> None:
    assert run(home, "query", "--batch", "-", stdin="zzqqxx\nmoe\n").code == 0
    assert run(home, "query", "--batch", "-", "--match", "all", stdin="zzqqxx\n").code == 1
    assert run(home, "query", "--batch", "-", stdin="").code == 1


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_batch_answers_before_the_next_line_is_written(home: Path, jobs: str) -> None:
    command = [*PAPERSEARCH, "query", "--batch", "-", "-n", "1", "--jobs", jobs]
    with subprocess.Popen(
        command, cwd=home, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for query in ("mixture of experts", "", "diffusion"):
            process.stdin.write(query + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["query"] == query
        process.stdin.close()
        assert process.wait(LONGEST_S) in (0, 2)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_pipe_that_stays_open_is_answered_from_the_newest_state(jobs: str, tmp_path: Path) -> None:
    home = sample(tmp_path)
    assert run(home, "index").code == 0
    command = [*PAPERSEARCH, "query", "--batch", "-", "--jobs", jobs]
    with subprocess.Popen(
        command, cwd=home, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def found(query: str) -> int:
            stdin.write(query + "\n")
            stdin.flush()
            return int(json.loads(stdout.readline())["total"])

        assert found("zzotterdam") == 0
        post = home / "corpus" / "dam.md"
        post.write_text("---\ntitle: Zzotterdam\n---\nDams of otters.\n")
        assert run(home, "index").code == 0
        wait_for("the post that was added", lambda: found("zzotterdam") == 1)
        post.unlink()
        assert run(home, "index").code == 0
        wait_for("the post to go", lambda: found("zzotterdam") == 0)
        stdin.close()
        assert process.wait(LONGEST_S) == 0


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_line_of_any_length_is_one_line(jobs: str, home: Path) -> None:
    lines = ["moe", "x" * 262_144, "y" * 262_146, "z" * 1_000_000, "é" * 131_073, "last words"]
    ran = run(home, "query", "--batch", "-", "-n", "1", "--jobs", jobs, stdin="\n".join(lines))
    answers = [json.loads(line) for line in ran.lines]
    assert [answer["query"][:4] for answer in answers] == [line[:4] for line in lines]
    assert ["error" in answer for answer in answers] == [False, True, True, True, True, False]


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="looks for processes in /proc")
@pytest.mark.parametrize("killed", [1, 2])
def test_lines_of_a_worker_that_is_killed_are_answered_all_the_same(killed: int, home: Path) -> None:
    """One worker takes over from another, or from all of them one that is started since."""
    with answering(home, "-n", "1", "--jobs", "2") as process:
        assert process.stdin is not None
        workers = children(process.pid)
        assert len(workers) == 2
        for number in range(200):
            process.stdin.write(f"model {number}\n".encode())
        process.stdin.flush()
        for worker in workers[:killed]:
            os.kill(worker, signal.SIGKILL)
        out, _ = process.communicate(timeout=LONGEST_S)
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["query"] for answer in answers] == [f"model {number}" for number in range(200)]
    assert all(answer["results"] for answer in answers)
    assert process.returncode == 0
    wait_for("the end of the workers", lambda: not running(workers))


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="looks for processes in /proc")
@pytest.mark.parametrize("first", [0, 1])
def test_a_line_is_not_handed_from_a_worker_that_is_killed_to_one_that_is_about_to_be(first: int, home: Path) -> None:
    """Both stand still, so neither answers; which of them holds the line is not said, so each is killed first once."""
    with answering(home, "-n", "1", "--jobs", "2") as process:
        workers = children(process.pid)
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        assert process.stdin is not None
        process.stdin.write(b"model\n")
        process.stdin.flush()
        time.sleep(0.2)  # for the line to be handed out, and again below; too short a time could only hide a fault
        for worker in (workers[first], workers[1 - first]):
            os.kill(worker, signal.SIGKILL)
            wait_for("the end of a worker", lambda ended=worker: not running([ended]))  # type: ignore[misc]
            time.sleep(0.2)
        out, err = process.communicate(timeout=LONGEST_S)
    (answer,) = (json.loads(line) for line in out.splitlines())
    assert "error" not in answer
    assert answer["results"]
    assert (process.returncode, err) == (0, b"")


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="looks for processes in /proc")
def test_where_no_worker_can_take_over_the_process_itself_answers(tmp_path: Path) -> None:
    """A new one would open the index, which is gone; the process has it open, until it looks for a newer state and says
    that there is none."""
    home = sample(tmp_path)
    assert run(home, "index").code == 0
    with answering(home, "-n", "1", "--jobs", "2") as process:
        shutil.rmtree(home / "index")
        for worker in children(process.pid):
            os.kill(worker, signal.SIGKILL)
        out, err = process.communicate(b"model 0\nmodel 1\nmodel 2\n", timeout=LONGEST_S)
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["query"] for answer in answers] == ["model 0", "model 1", "model 2"]
    assert all(answer["results"] or "there is no index" in answer["error"] for answer in answers)
    assert process.returncode == (3 if err else 0)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_line_that_runs_into_damage_carries_that_error_and_the_rest_go_on(jobs: str, tmp_path: Path) -> None:
    home = sample(tmp_path)
    assert run(home, "index").code == 0
    (documents,) = (home / "index").glob("*.docs")
    data = bytearray(documents.read_bytes())
    for place in range(100, len(data) // 2, 200):  # what is stored of the posts comes first
        data[place] ^= 0xFF
    documents.write_bytes(data)
    ran = run(home, "query", "--batch", "-", "--jobs", jobs, stdin="moe\nzzqqxx\nmodel\n")
    answers = [json.loads(line) for line in ran.lines]
    assert ["error" in answer for answer in answers] == [True, False, True]
    assert "damaged" in answers[0]["error"]
    assert ran.code == 3  # which is no mistake of the line's
    assert ran.err == f"papersearch: {answers[0]['error']}\n"


def test_where_no_process_can_be_started_one_does_the_work(home: Path) -> None:
    """The system's limit on processes does not count for root, who must be another user for this."""
    limited = ["bash", "-c", 'ulimit -u 1; exec "$@"', "bash"] if os.geteuid() else refusing_threads()
    command = [*limited, *PAPERSEARCH, "query", "--batch", "-", "--jobs", "2", "--trust"]
    done = subprocess.run(command, cwd=home, env=environment(), input=b"moe\n", capture_output=True)
    assert done.returncode == 0


def test_stopping_a_batch_is_quiet_and_leaves_no_process(home: Path) -> None:
    with answering(home, "--jobs", "2") as process:
        workers = children(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(LONGEST_S) == 130
        assert process.stderr is not None
        assert process.stderr.read() == b""
    wait_for("the end of the workers", lambda: not running(workers))


def test_a_long_file_of_queries_gets_the_answers_of_a_short_one(home: Path) -> None:
    asked = ["mixture of experts", "diffusion models for images", "what is the best way to train language models?"]
    text = "".join(line.ljust(65) + "\n" for line in asked)  # together more bytes than one process answers
    (home / "short.txt").write_text(text)
    (home / "long.txt").write_text(text * 55)  # and more lines than two processes are handed ahead
    short = _timeless(run(home, "query", "--batch", "short.txt", "-n", "2").out)
    for jobs in ((), ("--jobs", "1"), ("--jobs", "2")):  # without, as many as there are cores
        assert _timeless(run(home, "query", "--batch", "long.txt", "-n", "2", *jobs).out) == short * 55
