"""Each rule by which sentences are judged has an example above it, which would be judged otherwise without the rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from papersearch.engine.ask import checking, claims, clauses, deeds, figures, participles, qualifiers, vocabulary
from papersearch.engine.ask.checking import objection

MODULES = (checking, claims, clauses, deeds, figures, participles, qualifiers, vocabulary)
EXAMPLES = re.compile(r"((?:^ *# (?:passage|stands|falls): .*\n)+)(?:def )?(\w+)", re.MULTILINE)
EXAMPLE = re.compile(r"# passage: (.+)\n *# stands: (.+)\n *# falls: (.+)\n")
# Lists that others are made of, which have an example; what is used within a rule; words of an answer only.
PARTS = {"NUMBER", "STOP_WORDS", "SPELLED", "KINDS", "_DOUBTS"}


def rules() -> list[tuple[ModuleType, str, list[tuple[str, str, str]]]]:
    """The rules that have examples: where they are, their names, and passage, what stands and what falls."""
    found = []
    for module in MODULES:
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        for block in EXAMPLES.finditer(text):
            examples = EXAMPLE.findall(block[1])
            assert 3 * len(examples) == block[1].count("\n"), f"not passage, stands, falls: {block[1]}"
            found.append((module, block[2], examples))
    return found


def is_rule(value: Any) -> bool:
    return isinstance(value, (re.Pattern, frozenset, Mapping))


def judged(examples: list[tuple[str, str, str]]) -> list[tuple[bool, bool]]:
    """Of each example, whether the two sentences are let pass."""
    return [tuple(objection(text, f"A study\n{each[0]}") is None for text in each[1:]) for each in examples]


def named(each: Any) -> str | None:
    return each if isinstance(each, str) else getattr(each, "__name__", "").rpartition(".")[2] or None


@pytest.mark.parametrize(("module", "name", "examples"), rules(), ids=named)
def test_the_examples_of_a_rule_are_judged_as_they_say(
    module: ModuleType, name: str, examples: list[tuple[str, str, str]]
) -> None:
    assert judged(examples) == [(True, False)] * len(examples)


@pytest.mark.parametrize(("module", "name", "examples"), rules(), ids=named)
def test_without_a_rule_one_of_its_examples_is_judged_otherwise(
    module: ModuleType, name: str, examples: list[tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = getattr(module, name)
    nothing: Any = re.compile("(?!)") if isinstance(rule, re.Pattern) else lambda *_: None
    if isinstance(rule, (frozenset, Mapping, tuple)):
        nothing = type(rule)()
    for place in MODULES:
        if getattr(place, name, None) is rule:
            monkeypatch.setattr(place, name, nothing)
    assert judged(examples) != [(True, False)] * len(examples)


def test_no_rule_is_without_an_example() -> None:
    known = {name for _, name, _ in rules()} | PARTS
    assert not [
        name
        for each in MODULES
        for name, value in vars(each).items()
        if is_rule(value) and name not in known and not name.startswith("__")
    ]
