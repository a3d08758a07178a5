"""What a shell is offered that completes a command line, and how that is set up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import run


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("papersearch st", ["stats"]),
        ("papersearch query --so", ["--sort"]),
        ("papersearch query x --sort n", ["newest"]),
        ("papersearch query x --format b", ["bibtex"]),
        ("papersearch show 2412.151", ["2412.15115"]),
        ("papersearch query x --tag all", [r"all\ search\ terms"]),
        (r"papersearch query x --tag all\ se", [r"all\ search\ terms"]),
        ('papersearch query x --tag "all', ["all search terms"]),
        ("papersearch query x --author Qw", ["Qwen"]),
        ("papersearch query --index nowhere --author Qw", []),
    ],
)
def test_bash_is_offered_commands_options_choices_ids_and_tags(home: Path, typed: str, offered: list[str]) -> None:
    words = typed.replace(r"\ ", "\0").split(" ")
    variables = {"COMP_WORDS": "\n".join(words).replace("\0", r"\ "), "COMP_CWORD": str(len(words) - 1)}
    ran = run(home, _PAPERSEARCH_COMPLETE="complete_bash", **variables)
    assert (ran.code, ran.err) == (0, "")
    assert [line for line in ran.lines if line] == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_shown_for_each_shell_and_answers_it(home: Path, shell: str) -> None:
    assert "_PAPERSEARCH_COMPLETE=complete_" + shell in run(home, "--show-completion", shell).out
    ran = run(
        home,
        _PAPERSEARCH_COMPLETE=f"complete_{shell}",
        _TYPER_COMPLETE_ARGS="papersearch show 2412.151",
        _TYPER_COMPLETE_FISH_ACTION="get-args",
        COMP_WORDS="papersearch\nshow\n2412.151",
        COMP_CWORD="2",
    )
    assert "2412.15115" in ran.out


def test_completion_for_no_shell_that_we_know_is_wrong_usage(home: Path) -> None:
    ran = run(home, "--show-completion", "fihs")
    assert (ran.code, ran.err) == (2, "papersearch: there is no completion for 'fihs': did you mean fish?\n")


def test_completion_is_installed_in_the_home_folder(home: Path, tmp_path: Path) -> None:
    ran = run(home, "--install-completion", "bash", HOME=str(tmp_path))
    assert ran.code == 0
    assert "papersearch" in (tmp_path / ".bashrc").read_text()
