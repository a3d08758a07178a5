"""What a shell is offered that completes a command line, and how that is set up."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import PAPERSEARCH, environment, run
from tests.corpora import write_post


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("papersearch st", ["stats"]),
        ("papersearch query --so", ["--sort"]),
        ("papersearch query x --sort n", ["newest"]),
        ("papersearch query x --format b", ["bibtex"]),
        ("papersearch query x --format = b", ["bibtex"]),  # as bash splits --format=b
        ("papersearch query x --format = b --sort ol", ["oldest"]),
        ("papersearch query x --sort = n --format = b", ["bibtex"]),
        ("papersearch query x --format =", ["text", "json", "jsonl", "csv", "bibtex", "ids", "paths", "urls"]),
        ('papersearch query x --tag = "all', ["all search terms"]),
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


SHOW = {"COMP_WORDS": "papersearch\nshow\n2412.1", "COMP_CWORD": "2", "_TYPER_COMPLETE_ARGS": "papersearch show 2412.1"}
LISTS, INSERTS = str(ord("?")), str(ord("\t"))  # what bash is at


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("zsh", '"2412.15115":"Qwen25 Technical Report"'),
        ("fish", "2412.15115\tQwen25 Technical Report"),
        ("bash", "2412.15115  Qwen25 Technical Report"),
    ],
)
def test_titles_are_shown_beside_ids(home: Path, shell: str, line: str) -> None:
    more = {"COMP_TYPE": LISTS, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    assert line in run(home, _PAPERSEARCH_COMPLETE=f"complete_{shell}", **SHOW, **more).out


def test_bash_is_offered_ids_alone_where_it_puts_them_on_the_command_line(home: Path) -> None:
    lines = run(home, _PAPERSEARCH_COMPLETE="complete_bash", COMP_TYPE=INSERTS, **SHOW).lines
    assert "2412.15115" in lines
    assert not any("Report" in line for line in lines)
    assert "COMP_TYPE=$COMP_TYPE" in run(home, "--show-completion", "bash").out


def test_a_title_beside_an_id_is_nothing_but_text_to_a_shell(tmp_path: Path) -> None:
    hostile = r"""Otters: \") ; touch made ; ( $(touch made) `touch made` '[/b] *'"""
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "otters", hostile, "dams")
    assert run(tmp_path, "index", "--quiet").code == 0
    for shell in ("zsh", "fish", "bash"):
        more = {**SHOW, "_TYPER_COMPLETE_ARGS": "papersearch show o", "COMP_WORDS": "papersearch\nshow\no"}
        more |= {"COMP_TYPE": LISTS, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
        found = run(tmp_path, _PAPERSEARCH_COMPLETE=f"complete_{shell}", **more).out
        title = found.partition("otters")[2].replace(r"\\:", ":").strip().strip("\":)'")
        assert title.startswith("Otters: ) ; touch made"), found
        assert not set(title) & set("\\\"'$`[]*"), found


# What zsh does with its answer, told with bash: it evaluates that as one line, then what stands between the brackets.
TWICE = r"""_arguments() { local given=${1#"*: :(("}; eval "set -- ${given%"))"}"; printf '%s\n' "$@"; }; eval "$0" """
QUOTED = [
    *("O'Neil Tip", "D''A", 'q"uote', '"a" b', 'a"b" c', "'a' b'", '"; touch made; "', "'; touch made; '"),
    *("$(touch made)'", '`touch made`"', '";touch made;"', "';touch made;'", '"$(touch made)', "'$(touch made)"),
]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")
def test_quotation_marks_in_names_stay_where_zsh_evaluates_them_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from papersearch.apps.cli import help as helping

    monkeypatch.setattr(helping, "_known", lambda *_: [(name, "") for name in QUOTED])
    monkeypatch.setenv("_PAPERSEARCH_COMPLETE", "complete_zsh")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "papersearch query otters --tag ")
    assert helping.completion([]) == 0
    importlib.import_module("rich")  # which completion does without, though nobody else
    line = ["bash", "-c", TWICE, " ".join(capsys.readouterr().out.split("\n"))]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == QUOTED
    assert not any(tmp_path.iterdir())


def test_completion_for_no_shell_that_we_know_is_wrong_usage(home: Path) -> None:
    ran = run(home, "--show-completion", "fihs")
    assert (ran.code, ran.err) == (2, "papersearch: there is no completion for 'fihs': did you mean fish?\n")


FILES = {"bash": (".bashrc", ".bash_completions/papersearch.sh"), "zsh": (".zshrc", ".zfunc/_papersearch")}


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_is_added_once_to_what_the_user_has(home: Path, tmp_path: Path, shell: str) -> None:
    file, script = (tmp_path / name for name in FILES[shell])
    theirs = b"# caf\xe9, \xff\nexport A=1"  # in no encoding that we know, and without an end
    (tmp_path / "dotfiles").write_bytes(theirs)
    file.symlink_to("dotfiles")
    for _ in range(2):
        ran = run(home, "--install-completion", shell, HOME=str(tmp_path))
        assert (ran.code, ran.err) == (0, "")
    assert file.is_symlink()
    had, added = file.read_bytes()[: len(theirs)], file.read_bytes()[len(theirs) :].decode()
    assert had == theirs
    assert added.count("\n") == (2 if shell == "bash" else 3)
    assert added.count("papersearch.sh" if shell == "bash" else "compinit; compinit") == 1
    assert "_PAPERSEARCH_COMPLETE=complete_" + shell in script.read_text()
    if shutil.which(shell):
        assert (
            subprocess.run(
                [shell, "-c", f". {shlex.quote(str(file))}"], env={"HOME": str(tmp_path)}, check=False
            ).returncode
            == 0
        )


def test_completion_is_set_up_where_zsh_and_fish_are_told_to_look(home: Path, tmp_path: Path) -> None:
    (dotfiles := tmp_path / "dotfiles").mkdir()
    elsewhere = {"HOME": str(tmp_path), "ZDOTDIR": str(dotfiles), "XDG_CONFIG_HOME": str(dotfiles)}
    for shell in ("zsh", "fish"):
        assert run(home, "--install-completion", shell, **elsewhere).code == 0
    assert "compinit" in (dotfiles / ".zshrc").read_text()
    assert "complete_fish" in (dotfiles / "fish" / "completions" / "papersearch.fish").read_text()
    assert not (tmp_path / ".zshrc").exists()
    assert not (tmp_path / ".config").exists()


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish on this machine")
def test_fish_is_offered_ids_with_titles_or_else_files_and_asks_once(home: Path, tmp_path: Path) -> None:
    (bin_ := tmp_path / "bin").mkdir()
    script = f'#!/bin/sh\necho asked >> {tmp_path}/log\nexec {shlex.join(PAPERSEARCH)} "$@"\n'
    (bin_ / "papersearch").write_text(script)
    (bin_ / "papersearch").chmod(0o755)
    variables = environment(HOME=str(tmp_path), PATH=f"{bin_}:{os.environ['PATH']}")
    assert run(home, "--install-completion", "fish", HOME=str(tmp_path)).code == 0
    each = {"show 2412.151": "2412.15115\tQwen25 Technical Report", "index cor": "corpus/"}
    each |= {"query x --format=b": "--format=bibtex", "query x --tag=all": "--tag=all search terms"}
    for typed, offered in each.items():
        line = ["fish", "-c", f"complete -C 'papersearch {typed}'"]
        done = subprocess.run(line, cwd=home, env=variables, capture_output=True, text=True, check=True)
        assert offered in done.stdout.splitlines()
    assert (tmp_path / "log").read_text() == "asked\n" * len(each)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh on this machine")
def test_zsh_completes_the_value_of_an_option_alone(home: Path) -> None:
    script = run(home, "--show-completion", "zsh").out
    told = "compdef() { :; }; env() { :; }; compset() { echo $*; }; CURRENT=3; words=(papersearch query --format=b)\n"
    line = ["zsh", "-fc", f"{told}{script}\n_papersearch_completion"]
    assert subprocess.run(line, capture_output=True, text=True, check=True).stdout == "-P --*=\n"


def test_what_completes_a_line_loads_no_rich(home: Path) -> None:
    script = "import os, runpy, sys\ntry: runpy.run_module('papersearch', run_name='__main__')\nfinally: "
    script += "print(sorted(name for name in sys.modules if name.startswith('rich.')), file=sys.stderr)"
    variables = environment(_PAPERSEARCH_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS="papersearch show 2412.1")
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=home, env=variables, capture_output=True, text=True, check=False
    )
    assert "Qwen25 Technical Report" in done.stdout
    assert done.stderr == "[]\n"


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_full_disk_takes_nothing_of_what_the_user_has(tmp_path: Path, shell: str) -> None:
    file = tmp_path / FILES[shell][0]
    # None for the script, none for the lines that load it, or for a part of these.
    for kibibytes, size in ((0, 10), (1, 1_040), (1, 1_010)):
        file.write_bytes(theirs := b"# " + b"x" * (size - 3) + b"\n")
        line = f"ulimit -f {kibibytes}; exec {shlex.join(PAPERSEARCH)} --install-completion {shell}"
        ran = subprocess.run(
            ["bash", "-c", line], env=environment(HOME=str(tmp_path)), capture_output=True, text=True, check=False
        )
        assert ran.returncode == 3
        assert re.search(r"cannot be written \((File too large|No space left on device)\)", ran.stderr)
        assert ran.stderr.count("\n") == 1
        assert file.read_bytes() == theirs


def test_completion_keeps_links_to_scripts_that_the_user_has_elsewhere(home: Path, tmp_path: Path) -> None:
    script = tmp_path / FILES["bash"][1]
    script.parent.mkdir()
    script.symlink_to("../dotfiles.sh")
    assert run(home, "--install-completion", "bash", HOME=str(tmp_path)).code == 0
    assert script.is_symlink()
    assert "_PAPERSEARCH_COMPLETE" in (tmp_path / "dotfiles.sh").read_text()


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_what_is_no_file_is_not_read_for_ever(home: Path, tmp_path: Path, shell: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / FILES[shell][0]).symlink_to("pipe")
    ran = run(home, "--install-completion", shell, HOME=str(tmp_path))
    assert (ran.code, ran.err.count("\n")) == (3, 1)
    assert "(it is not an ordinary file)" in ran.err


def test_completion_leaves_how_zsh_shows_what_is_offered_to_the_user(home: Path, tmp_path: Path) -> None:
    theirs = "zstyle ':completion:*' menu no\n"
    (tmp_path / ".zshrc").write_text(theirs)
    assert run(home, "--install-completion", "zsh", HOME=str(tmp_path)).code == 0
    assert (tmp_path / ".zshrc").read_text() == f"{theirs}fpath+=~/.zfunc; autoload -Uz compinit; compinit\n"


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")
def test_completion_is_loaded_from_a_home_with_a_quotation_mark(home: Path, tmp_path: Path) -> None:
    (user := tmp_path / "o'neil").mkdir()
    assert run(home, "--install-completion", "bash", HOME=str(user)).code == 0
    done = subprocess.run(
        ["bash", "-c", ". ~/.bashrc && complete -p papersearch"],
        env=environment(HOME=str(user)), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("home", ["below", ""])
def test_without_a_home_no_completion_is_set_up_where_one_stands(tmp_path: Path, home: str) -> None:
    ran = run(tmp_path, "--install-completion", "bash", HOME=home)
    assert (ran.code, ran.err) == (3, "papersearch: there is no home folder: set HOME\n")
    assert not any(tmp_path.iterdir())
