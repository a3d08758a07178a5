"""What each command may load: what a script asks a hundred times an hour must not wait for what it does not use."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.commands import environment

HEAVY = {
    "whoosh",
    "rich",
    "typer",
    "click",
    "yaml",
    "frontmatter",
    "pydantic",
    "numpy",
    "multiprocessing",
    "asyncio",
    "logging",
}

_SAY = """
import sys
from papersearch.__main__ import main
try:
    main()
finally:
    sys.stderr.write("\\n" + " ".join(sorted(sys.modules)))
"""


# What of the standard library takes longer to load than a look-up in the index.
SLOW = {"dataclasses", "inspect", "typing", "hashlib", "datetime", "threading", "subprocess", "difflib", "tempfile"}


@cache
def parts(home: Path, line: str) -> frozenset[str]:
    """All modules that are loaded after a command line, which changes nothing."""
    done = subprocess.run(
        [sys.executable, "-c", _SAY, *line.split()], cwd=home, env=environment(), capture_output=True, text=True
    )
    return frozenset(done.stderr.splitlines()[-1].split())


def loaded(home: Path, line: str, heavy: set[str] = HEAVY) -> set[str]:
    """The heavy modules that are loaded after a command line."""
    return heavy & parts(home, line)


@pytest.mark.parametrize(
    "line",
    [
        "query moe",
        "mixture of experts",
        "query moe --json",
        "query moe -f csv",
        "query moe -f bibtex",
        "query moe -f ids --since 2024 --tag dataset",
        "query qwne",
        "query moe --template {id}",
        "query moe --explain",
        "query --batch /dev/null",
        "show 2412.15115",
        "similar 2412.15115",
        "facets",
        "stats --json",
        "open 2412.15115 --print",
        "config",
        "schema",
        "--version",
    ],
)
def test_what_reads_loads_nothing_heavy(home: Path, line: str) -> None:
    assert loaded(home, line) == set()


@pytest.mark.parametrize("line", ["query moe", "query moe --json", "moe -f ids", "facets --by author", "--version"])
def test_a_plain_query_loads_nothing_slow_of_the_standard_library(home: Path, line: str) -> None:
    assert loaded(home, line, SLOW) == set()


@pytest.mark.parametrize(
    "line", ["query moe", "moe -f ids", "similar 2412.15115 -f urls", "query moe --json", "moe -f jsonl"]
)
def test_a_plain_query_reads_and_writes_json_without_the_package(home: Path, line: str) -> None:
    assert loaded(home, line, {"json", "_json"}) == {"_json"}


def test_indexing_where_nothing_changed_loads_nothing_heavy(home: Path) -> None:
    assert loaded(home, "index") == set()
    assert loaded(home, "query moe --refresh") == set()


def test_checking_loads_what_reads_posts(home: Path) -> None:
    assert loaded(home, "check") <= {"yaml", "frontmatter"}


@pytest.mark.parametrize("line", ["--help", "query --help", "query x --bogus"])
def test_help_loads_no_search(home: Path, line: str) -> None:
    assert not loaded(home, line) & {"whoosh", "rich", "yaml", "frontmatter"}


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
@pytest.mark.parametrize("line", ["query moe", "similar 2412.15115", "show 2412.15115", "facets", "stats"])
def test_a_terminal_is_drawn_on_without_rich(home: Path, line: str) -> None:
    ours, theirs = os.openpty()
    done = subprocess.Popen(
        [sys.executable, "-c", _SAY, *line.split()],
        cwd=home,
        env=environment(TERM="xterm", PAGER="cat"),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # how Linux says that the other side is closed
        while some := os.read(ours, 65_536):
            shown += some
    os.close(ours)
    _, said = done.communicate()
    assert b"\x1b[" in shown
    assert not HEAVY & set(said.splitlines()[-1].split())


@pytest.mark.parametrize("line", ["query moe", "similar 2412.15115", "show 2412.15115", "facets", "stats", "index"])
def test_no_other_command_loads_what_answers_questions(home: Path, line: str) -> None:
    assert not [
        name for name in parts(home, line) if name.startswith(("papersearch.engine.ask", "papersearch.apps.ask"))
    ]


def test_a_question_without_a_model_loads_no_network(home: Path) -> None:
    loaded_parts = parts(home, "ask what does Qwen2.5 cost compared to GPT-4o?")
    assert "papersearch.engine.ask.answering" in loaded_parts
    network = {"papersearch.engine.ask.model", "papersearch.engine.servers", "http.client", "ssl", "socket"}
    assert not loaded_parts & {*network, *HEAVY}


def test_a_plain_query_loads_nothing_of_trust_and_models_without_a_file_of_settings(home: Path) -> None:
    names = parts(home, "query moe --json")
    assert "papersearch.apps.settings" in names
    assert not names & {"papersearch.apps.trust", "papersearch.apps.models", "tomllib", "tomli"}


def test_numpy_is_loaded_with_one_thread_and_leaves_the_environment_as_it_was() -> None:
    program = (
        "import os; before = dict(os.environ); import papersearch.core.numeric; assert dict(os.environ) == before; "
        "print(len(os.listdir('/proc/self/task')) if os.path.isdir('/proc/self/task') else 1)"
    )
    variables = {name: value for name, value in environment().items() if name != "OPENBLAS_NUM_THREADS"}
    ran = subprocess.run([sys.executable, "-c", program], env=variables, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("1\n", "")
