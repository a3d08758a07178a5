"""What standard output is as a screen: how large, whether it takes codes, and what is printed to it in a pipe."""

from __future__ import annotations

import os

import pytest

from papersearch.core.records import Problem, Summary
from papersearch.output import page, terminal


def test_a_screen_is_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    page.problems([Problem("corpus/a.md", 3, "no abstract")], terminal.make_screen())
    assert capsys.readouterr() == ("corpus/a.md:3: no abstract\n", "")


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"TERM": "xterm-256color"},
        {"TERM": "dumb", "COLUMNS": "120"},
        {"FORCE_COLOR": "1", "TERM": "dumb", "COLUMNS": "120"},
        {"TERM": "Unknown", "COLUMNS": "120", "LINES": "30"},
        {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "x"},
        {"FORCE_COLOR": "1", "TERM": "xterm", "NO_COLOR": "1"},
        {"FORCE_COLOR": "1", "NO_COLOR": ""},
        {"FORCE_COLOR": "", "COLUMNS": "33"},
        {"TTY_COMPATIBLE": "1", "COLORTERM": "truecolor", "LINES": "7"},
        {"TTY_COMPATIBLE": "0", "FORCE_COLOR": "1"},
    ],
)
@pytest.mark.parametrize("terminal_size", [None, (133, 44), (0, 0)])
def test_a_screen_is_what_rich_takes_it_to_be(
    variables: dict[str, str], terminal_size: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TERM", "COLORTERM", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    def size(handle: int) -> os.terminal_size:
        if terminal_size is None or handle == 0:
            raise OSError("no terminal")
        return os.terminal_size(terminal_size)

    monkeypatch.setattr(os, "get_terminal_size", size)
    ours, theirs = terminal.make_screen(), terminal.make_console()
    assert (ours.width, ours.height) == theirs.size
    assert ours.colours == (theirs.color_system is not None)
    assert terminal.is_terminal(ours.out) == theirs.is_terminal


def test_in_a_pipe_a_page_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.page(lambda console: page.summary(Summary(0, 0, 0, 3, (), 3, 0.2), console))
    assert capsys.readouterr().out == "3 posts indexed: 3 unchanged (0.2 s)\n"
