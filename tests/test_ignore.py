"""Patterns of what is left out: as ``.gitignore`` has them, and none makes a name cost more than its length."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from papersearch.posts.ignore import Rules, rules_of
from papersearch.posts.scan import walk

_NAMES = st.lists(st.sampled_from(["a", "b", "*", "?", "[ab]", r"\*", ".", "[*a]"]), min_size=1, max_size=6)
_PATTERNS = st.builds(
    lambda before, names, after: before + "/".join(names) + after,
    st.sampled_from(["", "!", "/"]),
    st.lists(st.just("**") | _NAMES.map("".join), min_size=1, max_size=5),
    st.sampled_from(["", "/", "/**"]),
)


def left_in(rules: Rules, folder: Path) -> set[str]:
    """The posts below a folder that rules leave in, as a walk finds them: nothing is asked below what is left out."""
    found = set()
    for entry in os.scandir(folder):
        if entry.name[0] != "." and not rules.leaves_out(entry.path, entry.is_dir()):
            found |= left_in(rules, Path(entry.path)) if entry.is_dir() else {entry.path}
    return found


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with folders and posts, none of which it has taken in."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    folder = tmp_path_factory.mktemp("tree")
    for path in ("a", "ab", "b.a", "aa/a", "aa/b", "aa/ab/a", "aa/ab/ba/b", "ba/aa/a", "ba/b", "ba/a.b/ab", "keep/a"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{path}.md").touch()
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


def agrees_with_git(tree: Path, patterns: list[str]) -> bool:
    (tree / ".git" / "info" / "exclude").write_text("\n".join(patterns) + "\n")
    command = ["git", "ls-files", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=tree, check=True, capture_output=True, text=True).stdout
    return left_in(rules_of(str(tree), patterns), tree) == {str(tree / path) for path in listed.split("\0") if path}


@given(st.lists(_PATTERNS, min_size=1, max_size=4))
def test_patterns_leave_out_what_git_does(tree: Path, patterns: list[str]) -> None:
    assume(all(len(re.findall(r"\*+", pattern)) <= 6 for pattern in patterns))
    # What nobody writes: pathspec takes ``a/**/`` for the folder too, and git ``a**/**`` for files.
    assume(not any(pattern.endswith("/**/") or re.search(r"[^/!]\*\*|\*\*[^/]", pattern) for pattern in patterns))
    assert agrees_with_git(tree, patterns)


@pytest.mark.parametrize(
    "patterns",
    [
        ["*", "!*/", "!*.md"],
        ["*", "!*/", "!/keep/**"],
        ["*", "!/keep/", "!/keep/*"],
        ["/*", "!/aa/", "/aa/*", "!/aa/ab/"],
        ["aa/**", "!aa/b.md"],
        ["a.md", "!*/"],
        ["a*", "!a*/"],
    ],
)
def test_what_is_left_in_again_is_what_git_leaves_in(tree: Path, patterns: list[str]) -> None:
    assert agrees_with_git(tree, patterns)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a*a*a*a*a*b", "a" * 251),
        ("*[ab]*a?*[ab]*a*.?", "a" * 251),
        ("**/*a*a/**/*a/b", "/".join(["a" * 250] * 16)),
        ("**/a/**/a/**/a/**/a/**/a/**/b", "/".join(["a"] * 2_000)),
    ],
)
def test_a_name_costs_its_length_whatever_a_pattern_repeats(pattern: str, path: str) -> None:
    """Each star multiplied the time by the length of the name: one of 251 letters took a minute."""
    rules = rules_of("/notes", [pattern])
    began = time.process_time()
    assert not rules.leaves_out(f"/notes/{path}.md", False)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_an_ignore_file_may_be_in_any_encoding_that_a_post_may_be_in(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "Entwürfe").mkdir()
    for name in ("a.md", "Entwürfe/b.md"):
        (tmp_path / name).write_text("Otters.")
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    (tmp_path / ".papersearchignore").write_bytes(f"{mark}Entwürfe/\r\n".encode(encoding))
    found, problems = walk([str(tmp_path)])
    assert [os.path.basename(state.path) for state in found] == ["a.md"]
    assert problems == []


def test_a_line_of_an_ignore_file_that_is_no_text_is_reported_and_the_others_hold(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text("Otters.")
    wide = "x\ny".encode("utf-16-le")
    lines = b"# \xfc does no harm here\n" + "Entwürfe/\n".encode("latin-1") + b"b.md\n" + wide
    (tmp_path / ".papersearchignore").write_bytes(lines)
    found, problems = walk([str(tmp_path)])
    assert [os.path.basename(state.path) for state in found] == ["a.md"]
    assert [(problem.line, problem.reason) for problem in problems] == [
        (2, "not a pattern: not UTF-8 (byte 0xfc)"),
        (4, "not a pattern: binary data"),
        (5, "not a pattern: binary data"),
    ]
