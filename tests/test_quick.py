"""The quick way in beside Typer: where both understand a command line, they understand the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papersearch import __main__
from papersearch.apps.cli import dispatch, help, parse
from papersearch.apps.cli.flags import BY_NAME, COMMANDS, Command, Option
from papersearch.core.errors import UsageError

WORDS = st.sampled_from(
    ["moe", "", "mixture of experts", "-video", "--", "-", "-n", "-1", "year:2024", '"a b"', "é", "2412.15115"]
)


def _values(option: Option) -> st.SearchStrategy[str]:
    if option.choices:
        return st.sampled_from([*option.choices, f"={option.choices[0]}", "nope"])
    if option.kind in ("int", "float"):
        return st.sampled_from(["0", "3", "=4", "-2", "x", " 7", "1_0", "٣", "2.5", ""])
    return st.sampled_from(["a", "-", "-x", "--json", "a=b", "", "é b"])


@st.composite
def command_lines(draw: st.DrawFn) -> tuple[Command, list[str]]:
    """A command and arguments made from its options in every way of writing them."""
    command = draw(st.sampled_from(COMMANDS))
    line: list[str] = []
    for _ in range(draw(st.integers(0, 5))):
        if draw(st.booleans()) or not command.options:
            line.append(draw(WORDS))
            continue
        option = draw(st.sampled_from(command.options))
        flag = draw(st.sampled_from(option.flags))
        if option.kind in ("flag", "switch"):
            line.append(flag)
            continue
        value = draw(_values(option))
        joined = f"{flag}={value}" if flag.startswith("--") else f"{flag}{value}"
        line += [joined] if draw(st.booleans()) else [flag, value]
    return command, line


def _typed(command: Command, line: list[str]) -> tuple[list[str], dict[str, Any]] | None:
    """What Typer makes of a command line; None where it says that it is mistaken."""
    understood: list[tuple[list[str], dict[str, Any]]] = []

    def run(name: str, arguments: list[str], values: dict[str, Any]) -> int:
        assert name == command.name
        understood.append((arguments, values))
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(help, "run", run)
        try:
            help.main([command.name, *__main__._protect_negated(line, command)])
        except UsageError:
            return None
    return understood[0] if understood else None


@given(command_lines())
@settings(deadline=None, max_examples=400)
def test_where_both_understand_a_command_line_they_understand_the_same(made: tuple[Command, list[str]]) -> None:
    command, line = made
    fast = parse.parse(line, command)
    if fast is None:
        return
    slow = _typed(command, line)
    assert slow is not None
    assert sorted(slow[0]) == sorted(fast[0])  # words that must not occur may have come last
    assert slow[1] == fast[1]
    if not any(parse.is_negated_word(word, command) for word in line):
        assert slow[0] == fast[0]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_option_of_every_command_is_understood_quickly(command: Command) -> None:
    words = ["x"] * (command.argument.least if command.argument else 0)
    for option in command.options:
        value = [] if option.kind in ("flag", "switch") else [option.choices[0] if option.choices else "3"]
        for flag in option.flags:
            line = [*words, flag, *value]
            assert parse.parse(line, command) == _typed(command, line) != None  # noqa: E711


@pytest.mark.parametrize(
    ("line", "words", "options"),
    [
        (["moe", "-n3"], ["moe"], {"limit": 3}),
        (["moe", "-n=3"], ["moe"], {"limit": 3}),
        (["diffusion", "-video", "-nlp"], ["diffusion", "-video", "-nlp"], {}),
        (["-fids", "moe"], ["moe"], {"format": "ids"}),
        (["-fulltext", "moe"], ["-fulltext", "moe"], {}),
        (["--", "-n3"], ["-n3"], {}),
        (["x", "--author", "A", "--author=B"], ["x"], {"author": ("A", "B")}),
        (["x", "--no-syntax", "--no-snippets"], ["x"], {"syntax": False, "snippets": False}),
    ],
)
def test_what_command_lines_mean(line: list[str], words: list[str], options: dict[str, Any]) -> None:
    parsed = parse.parse(line)
    assert parsed is not None
    defaults = {option.name: option.default for option in BY_NAME["query"].options}
    assert parsed == (words, defaults | options)


@pytest.mark.parametrize(
    "line", [["x", "--help"], ["x", "-h"], ["x", "--nope"], ["x", "-n"], ["x", "-n", "y"], ["--json=1"]]
)
def test_help_and_mistakes_are_left_to_typer(line: list[str]) -> None:
    assert parse.parse(line) is None


@pytest.mark.parametrize(
    ("line", "command", "words"),
    [
        (["moe"], "query", ["moe"]),
        (["mixture of experts"], "query", ["mixture of experts"]),
        (["state", "space"], "query", ["state", "space"]),
        (["-n", "3", "moe"], "query", ["moe"]),
        (["index"], "index", []),
        (["similar", "2412.15115"], "similar", ["2412.15115"]),
    ],
)
def test_a_query_needs_no_command(
    line: list[str], command: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(dispatch, "run", lambda name, arguments, values: done.append((name, arguments)) or 0)
    assert __main__._dispatch(line) == 0
    assert done == [(command, words)]
