"""The house: imports lead downwards, nothing goes round in a circle, and no module is too large to read at once."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import papersearch

ROOT = Path(papersearch.__file__).parent
# From the bottom up; a room may import itself and those before it, save for what ``BESIDE`` says.
ROOMS = ("core", "text", "query", "posts", "engine", "library", "output", "apps", "")
# Rooms that do not know each other, although one stands before the other.
BESIDE = {
    "output": {"posts", "query", "engine", "library"},
    "apps": {"posts", "query", "engine"},
}
MOST_ENTRIES = 10
MOST_LINES = 350
FILES = sorted(ROOT.rglob("*.py"))


def module_of(path: Path) -> str:
    """The dotted name of a file's module, without that of a package's ``__init__``."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in FILES}


def _statements(tree: ast.AST, for_types: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """All nodes of a module, each with whether it is for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        is_for_types = for_types or (isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"))
        yield node, is_for_types
        yield from _statements(node, is_for_types)


@cache
def _all_imports(module: str) -> frozenset[tuple[str, bool]]:
    """Whatever a module imports, also within functions, each with whether that is for type checkers alone."""
    found = set()
    for node, for_types in _statements(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {(alias.name, for_types) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add((inner if inner in MODULES else node.module, for_types))
        elif isinstance(node, ast.ImportFrom):
            raise AssertionError(f"{module}: imports are written in full")
    return frozenset(found)


def imports(module: str, types: bool = True) -> set[str]:
    """The modules of the package that a module imports, also within functions; with ``types``, for annotations too."""
    return {each for each, for_types in _all_imports(module) if types or not for_types} & MODULES.keys() - {module}


def room_of(module: str) -> str:
    """The room that a module is in; "" of those that start the program."""
    room = module.removeprefix("papersearch").removeprefix(".").partition(".")[0]
    return "" if room == "__main__" else room


def test_the_root_is_a_plan_of_the_house() -> None:
    entries = {path.name for path in ROOT.iterdir()} - {"__pycache__", "py.typed"}
    assert len(entries) <= MOST_ENTRIES
    assert {name.removesuffix(".py") for name in entries} == {*ROOMS, "__init__", "__main__"} - {""}


@pytest.mark.parametrize("room", ROOMS)
def test_imports_lead_downwards(room: str) -> None:
    below = set(ROOMS[: ROOMS.index(room) + 1]) - BESIDE.get(room, set())
    version = {"papersearch"} if room == "apps" else set()  # which is all that the package's own module holds
    modules = [module for module in sorted(MODULES) if room_of(module) == room]
    assert modules
    assert [(each, up) for each in modules for up in imports(each) - version if room_of(up) not in below] == []


def test_the_parts_of_the_engine_lead_downwards_too() -> None:
    floors = ("index", "search", "build", "opensearch", "local", "stores")
    wrong = []
    for module in MODULES:
        floor = module.removeprefix("papersearch.engine.").partition(".")[0]
        if module.startswith("papersearch.engine.") and floor in floors:
            above = floors[floors.index(floor) + 1 :]
            wrong += [
                (module, each) for each in imports(module) if each.split(".")[2:3] and each.split(".")[2] in above
            ]
    assert wrong == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Neither at the top nor within functions, where a circle would only be hidden."""
    done: set[str] = set()
    path: list[str] = []
    circles: list[list[str]] = []

    def follow(module: str) -> None:
        if module in path:
            circles.append([*path[path.index(module) :], module])
        elif module not in done:
            path.append(module)
            for each in sorted(imports(module, types=False) - {"papersearch"}):
                follow(each)
            done.add(path.pop())

    for module in sorted(MODULES.keys() - {"papersearch"}):
        follow(module)
    assert circles == []


def test_a_module_can_be_read_at_once() -> None:
    lines = {module_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {module: count for module, count in lines.items() if count > MOST_LINES} == {}


def test_numpy_is_loaded_in_one_place() -> None:
    """Which sees to it that there is room for it, and that it starts no threads."""
    loading = {module for module in MODULES if any(each.split(".")[0] == "numpy" for each, _ in _all_imports(module))}
    assert loading == {"papersearch.core.numeric"}


def test_the_style_of_every_module_is_checked() -> None:
    asked = [sys.executable, "-m", "ruff", "check", "--show-files", "."]
    shown = subprocess.run(asked, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True).stdout
    checked = {Path(line).relative_to(Path(__file__).parents[1]) for line in shown.splitlines()}
    assert checked >= {path.relative_to(ROOT.parent) for path in FILES}
