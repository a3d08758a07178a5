"""The command as people and scripts run it: in a process of its own, on posts that lie in a scratch folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import IO, Any

import jsonschema
import pytest

from tests import prepared
from tests.corpora import SAMPLE
from tests.processes import LONGEST_S, refusing_threads, running, wait_for

PAPERSEARCH = [sys.executable, "-m", "papersearch"]
ROOT = Path(__file__).parent.parent


@dataclass
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def environment(**changes: str) -> dict[str, str]:
    """The environment of a user without settings: no variable of ours, UTF-8, no terminal."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PAPERSEARCH_", "COMP_", "_PAPERSEARCH", "LC_", "LANG")) and name not in ("NO_COLOR",)
    }
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **changes}


@cache
def _prepared() -> prepared.Prepared:
    return prepared.Prepared(environment())


def _may_be_forked(variables: Iterable[str]) -> bool:
    """Whether none of the variables is one that Python itself obeys when it starts."""
    return prepared.HERE and not any(name.startswith(("PYTHON", "LC_", "LANG")) for name in variables)


def _fresh(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, *arguments] if arguments[:1] == ("-c",) else [*PAPERSEARCH, *arguments]


def run(folder: Path, *arguments: str, stdin: str | bytes = "", **variables: str) -> Ran:
    """Run the command in a folder, or a program as ``python -c`` does."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    if _may_be_forked(variables):
        code, out, err = _prepared().run(arguments, folder, environment(**variables), data, LONGEST_S)
    else:
        done = subprocess.run(
            _fresh(arguments),
            cwd=folder,
            env=environment(**variables),
            input=data,
            capture_output=True,
            timeout=LONGEST_S,
        )
        code, out, err = done.returncode, done.stdout, done.stderr
    return Ran(code, out.decode("utf-8", "surrogateescape"), err.decode())


def on_terminal(home: Path, line: list[str], **variables: str) -> tuple[int, str]:
    """The exit code of a command on a terminal of its own, and what is on that in the end."""
    ours, theirs = os.openpty()
    variables = {"TERM": "xterm", "COLUMNS": "80", "LINES": "25", **variables}
    process = subprocess.Popen(
        [*PAPERSEARCH, *line], cwd=home, env=environment(**variables), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    with open(ours, "rb", buffering=0) as screen, suppress(OSError):  # EIO when the last who had it is gone
        while part := screen.read(65_536):
            shown += part
    return process.wait(LONGEST_S), shown.decode()


def run_without_threads(folder: Path, *arguments: str, **variables: str) -> Ran:
    """Run the command where the system refuses it a thread; the test is skipped where that cannot be."""
    done = subprocess.run(
        [*refusing_threads(), *PAPERSEARCH, *arguments],
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


permissions_bind = pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None, reason="permissions do not bind root"
)


def run_bound(folder: Path, *arguments: str, **variables: str) -> Ran:
    """Run the command without root's right to read and write everything."""
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*drop, *PAPERSEARCH, *arguments],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def run_program(code: str, *arguments: str) -> Ran:
    """Run a program in Python that is a test's own, in the project's folder, as ``python -c`` does."""
    return run(ROOT, "-c", code, *arguments)


@dataclass
class Started:
    """A command that runs, and its streams."""

    process: int
    stdin: IO[str]
    stdout: IO[str]
    stderr: IO[str]
    ended: Callable[[], int]

    def wait(self) -> int:
        """Its exit code, negative for a signal. Raises ``AssertionError`` if it does not end."""
        wait_for("the end of a command", lambda: not running([self.process]))
        return self.ended()


@contextmanager
def started(folder: Path, *arguments: str, **variables: str) -> Iterator[Started]:
    """The command in a process of its own, which is told to end when the block does."""
    pipes = [os.pipe() for _ in range(3)]
    theirs = [pipes[0][0], pipes[1][1], pipes[2][1]]
    if _may_be_forked(variables):
        process = _prepared().start(arguments, folder, environment(**variables), theirs)
        ended = partial(_prepared().wait, process)
    else:
        fresh = subprocess.Popen(_fresh(arguments), 0, None, *theirs, cwd=folder, env=environment(**variables))
        for handle in theirs:
            os.close(handle)
        process, ended = fresh.pid, fresh.wait
    with open(pipes[0][1], "w") as stdin, open(pipes[1][0]) as stdout, open(pipes[2][0]) as stderr:
        command = Started(process, stdin, stdout, stderr, cache(ended))
        try:
            yield command
        finally:
            if running([process]):
                os.kill(process, signal.SIGTERM)
            command.wait()


@contextmanager
def answering(folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A batch in a process and group of its own, which has answered its first line and waits for the next."""
    with subprocess.Popen(
        [*PAPERSEARCH, "query", "--batch", "-", *options],
        cwd=folder,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"moe\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["query"] == "moe"
        yield process


def sample(folder: Path) -> Path:
    """A folder with a copy of the sample posts and no index."""
    shutil.copytree(SAMPLE, folder / "corpus")
    return folder


def is_one_error(ran: Ran) -> bool:
    """Whether standard error holds one line that says what is wrong (and under it maybe where in the query)."""
    first, *rest = ran.err.splitlines() or [""]
    return first.startswith("papersearch: ") and all(line.startswith("  ") for line in rest) and len(rest) in (0, 2)


@cache
def _validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((ROOT / "papersearch" / "output" / "schema.json").read_text("utf-8"))
    part = {"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]}
    jsonschema.Draft202012Validator.check_schema(part)
    return jsonschema.Draft202012Validator(part)


def follows(name: str, data: Any) -> None:
    """Raise where the data is not as the schema in the package has it."""
    _validator(name).validate(data)


CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
