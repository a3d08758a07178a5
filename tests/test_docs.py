"""Documents that say what the code says: generated pages, examples that run, links that lead somewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from papersearch.options import BY_NAME, COMMANDS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted(DOCS.glob("*.md"))]
CONTRACT = {
    "index": ["--rebuild", "--watch", "--jobs", "--quiet", "--json", "--index"],
    "query": [
        *("--limit", "--offset", "--match", "--author", "--tag", "--since", "--until", "--sort", "--format", "--json"),
        *("--batch", "--syntax", "--explain", "--no-snippets", "--refresh", "--index"),
    ],
    "show": ["--format"],
    "similar": ["--format", "--limit", "--offset"],
    "facets": ["--by"],
    "stats": ["--json"],
    "check": ["--json"],
    "open": ["--post"],
}


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["commands.md", "papersearch.1", "query-language.md"])
def test_generated_pages_are_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == generator().pages()[name], "python docs/generate.py"


def test_the_picture_shows_what_the_command_finds_now() -> None:
    def words(svg: str) -> str:
        return re.sub(r"&#160;|\s+", " ", " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg)))

    shown = words((DOCS / "terminal.svg").read_text(encoding="utf-8"))
    assert shown == words(generator().picture())
    assert "Qwen" in shown or "Mixture" in shown


@pytest.mark.parametrize(("command", "options"), CONTRACT.items())
def test_what_is_promised_is_there(command: str, options: list[str]) -> None:
    known = {flag for option in BY_NAME[command].options for flag in option.flags}
    assert set(options) <= known


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    monkeypatch.chdir(tmp_path)
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), {})


def command_lines(page: Path) -> list[str]:
    found = []
    for block in [*blocks(page, "sh"), *blocks(page, "console")]:
        for line in block.splitlines():
            line = line.removeprefix("$ ").partition("  #")[0].split("|")[-1 if "--text -" in line else 0]
            if line.startswith("papersearch ") and "$1" not in line:
                found.append(line.partition(" > ")[0].partition(" >> ")[0])
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_command_lines_name_commands_and_options_that_there_are(page: Path) -> None:
    for line in command_lines(page):
        words = shlex.split(line)
        if words[1] not in BY_NAME:
            assert " " in words[1] or words[1].startswith("-"), line
            continue
        known = {flag for option in BY_NAME[words[1]].options for flag in option.flags} | {"--help"}
        for word in words[2:]:
            if word.startswith("--"):
                assert word.partition("=")[0] in known, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|\{)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_command_has_an_example() -> None:
    assert all(command.examples for command in COMMANDS)


def test_the_architecture_names_every_module() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    modules = {path.stem for path in (ROOT / "papersearch").rglob("*.py")} - {"__init__"}
    assert [name for name in sorted(modules) if f"`{name}`" not in text] == []


def outcome(text: str) -> list[str]:
    """Lines without the time that something took."""
    return [re.sub(r"\d+ ms|[\d.]+ s", "TIME", line).rstrip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_pages_show_is_what_the_command_prints(page: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for block in blocks(page, "console"):
        for shown in block.split("$ ")[1:]:
            line, _, expected = shown.partition("\n")
            command = [sys.executable, "-m", *shlex.split(line)]
            done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
            printed = [text for text in outcome(done.stdout + done.stderr) if "building it from" not in text]
            assert sorted(printed) == sorted(outcome(expected)), line  # which of the two comes first is not said
