"""Patterns of what is left out: as ``.gitignore`` has them, and none makes a name cost more than its length."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from papersearch.posts.ignore import rules_of

_NAMES = st.lists(st.sampled_from(["a", "b", "*", "?", "[ab]", r"\*", ".", "[*a]"]), min_size=1, max_size=6)
_PATTERNS = st.builds(
    lambda before, names, after: before + "/".join(names) + after,
    st.sampled_from(["", "!", "/"]),
    st.lists(st.just("**") | _NAMES.map("".join), min_size=1, max_size=5),
    st.sampled_from(["", "/", "/**"]),
)
_FILES = st.text("ab*.", min_size=1, max_size=6).filter(lambda name: name not in (".", ".."))
_PATHS = st.lists(_FILES, min_size=1, max_size=6).map("/".join)


@given(st.lists(_PATTERNS, min_size=1, max_size=3), _PATHS, st.booleans())
def test_patterns_leave_out_what_git_would(patterns: list[str], path: str, is_folder: bool) -> None:
    assume(all(len(re.findall(r"\*+", pattern)) <= 6 for pattern in patterns))
    known = GitIgnoreSpec.from_lines(patterns).check_file(path + "/" if is_folder else path).include
    assert rules_of("/notes", patterns).leaves_out(f"/notes/{path}", is_folder) == bool(known)


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
