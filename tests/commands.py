"""The command as people and scripts run it: in a process of its own, on posts that lie in a scratch folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from tests import prepared
from tests.corpora import SAMPLE
from tests.processes import LONGEST_S

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


def run(folder: Path, *arguments: str, stdin: str | bytes = "", **variables: str) -> Ran:
    """Run the command in a folder."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    if prepared.HERE and not any(name.startswith(("PYTHON", "LC_", "LANG")) for name in variables):
        code, out, err = _prepared().run(arguments, folder, environment(**variables), data, LONGEST_S)
    else:  # what Python itself obeys when it starts
        done = subprocess.run(
            [*PAPERSEARCH, *arguments],
            cwd=folder,
            env=environment(**variables),
            input=data,
            capture_output=True,
            timeout=LONGEST_S,
        )
        code, out, err = done.returncode, done.stdout, done.stderr
    return Ran(code, out.decode("utf-8", "surrogateescape"), err.decode())


def run_program(code: str, *arguments: str) -> Ran:
    """Run a program in Python that is a test's own, in the project's folder, as ``python -c`` does."""
    if prepared.HERE:
        code_of_exit, out, err = _prepared().run(["-c", code, *arguments], ROOT, environment(), b"", LONGEST_S)
        return Ran(code_of_exit, out.decode(), err.decode())
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=LONGEST_S)
    return Ran(done.returncode, done.stdout, done.stderr)


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


def follows(name: str, data: Any) -> None:
    """Raise where the data is not as the schema in the package has it."""
    schema = json.loads((ROOT / "papersearch" / "output" / "schema.json").read_text("utf-8"))
    jsonschema.validate(data, {"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]})


CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
