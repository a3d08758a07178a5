"""The recipes in the documents do what is said of them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from tests.corpora import write_post
from tests.pages import DOCS, blocks, run, section, text_of

AUTOMATION, EDITORS = DOCS / "automation.md", DOCS / "editors.md"


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_git_hook_indexes_what_a_merge_brings(tmp_path: Path, shell: dict[str, str]) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    write_post(posts, "2412.00001", "First paper", "about zebras")
    (tmp_path / ".gitignore").write_text("index\n", encoding="utf-8")
    start = "git init -q && git add . && git commit -qm one && papersearch index posts && git checkout -qb more"
    assert run(start, tmp_path, shell).returncode == 0
    write_post(posts, "2412.00002", "Second paper", "about yaks")
    assert run("git add . && git commit -qm two && git checkout -q -", tmp_path, shell).returncode == 0
    hook = tmp_path / ".git" / "hooks" / "post-merge"
    hook.write_text(section(AUTOMATION, "A git hook", "sh")[0], encoding="utf-8")
    hook.chmod(0o755)
    assert run("papersearch query yaks --format ids", tmp_path, shell).returncode == 1
    merged = run("git merge -q more", tmp_path, shell)
    assert (merged.returncode, merged.stdout, merged.stderr) == (0, "", "")
    assert run("papersearch query yaks --format ids", tmp_path, shell).stdout == "2412.00002\n"


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("kind", ["sh", "yaml"])
def test_a_commit_of_a_post_with_problems_is_refused(kind: str, tmp_path: Path, shell: dict[str, str]) -> None:
    recipe = section(AUTOMATION, "Before each commit", kind)[0]
    assert run("git init -q", tmp_path, shell).returncode == 0
    if kind == "sh":
        hook = tmp_path / ".git" / "hooks" / "pre-commit"
        hook.write_text(recipe, encoding="utf-8")
        hook.chmod(0o755)
    elif shutil.which("pre-commit"):
        (tmp_path / ".pre-commit-config.yaml").write_text(recipe, encoding="utf-8")
        assert run("git add . && pre-commit install", tmp_path, shell).returncode == 0
    else:
        pytest.skip("needs pre-commit")
    (posts := tmp_path / "posts").mkdir()
    write_post(posts, "2412.00001", "First paper", "about zebras")
    commit = "git add . && git commit -qm more"
    assert run(commit, tmp_path, shell).returncode == 0
    (posts / "second.md").write_text("# Second paper\n\nabout yaks\n", encoding="utf-8")
    refused = run(commit, tmp_path, shell)
    assert refused.returncode == 1
    assert "posts/second.md:1: no date" in refused.stdout + refused.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_accepts_the_units(tmp_path: Path, shell: dict[str, str]) -> None:
    text = text_of(AUTOMATION)
    units = re.findall(r"`~/.config/systemd/user/(\S+?)`:\n\n```ini\n(.*?)```", text, re.DOTALL)
    assert [name for name, _ in units] == ["papersearch.service", "papersearch.timer", "papersearch-watch.service"]
    (tmp_path / "blog").mkdir()
    program = Path(shell["HOME"]) / ".local" / "bin" / "papersearch"
    for name, unit in units:
        unit = unit.replace("%h/.local/bin/papersearch", str(program)).replace("%h", str(tmp_path))
        (tmp_path / name).write_text(unit, encoding="utf-8")
    files = " ".join(name for name, _ in units)
    checked = run(f"systemd-analyze verify --user --man=no ./{files.replace(' ', ' ./')}", tmp_path, shell)
    wrong = [line for line in checked.stderr.splitlines() if "papersearch" in line]
    assert wrong == []
    assert run("systemd-analyze calendar 'Mon 07:05'", tmp_path, shell).returncode == 0


def test_the_steps_of_the_workflow_refuse_a_post_with_problems(tmp_path: Path, shell: dict[str, str]) -> None:
    workflow = yaml.safe_load(section(AUTOMATION, "A GitHub Action", "yaml")[0])
    (job,) = workflow["jobs"].values()
    steps = [step["run"] for step in job["steps"] if step.get("run", "").startswith("papersearch")]
    assert steps == ["papersearch index posts", "papersearch check"]
    posts = tmp_path / "posts"
    posts.mkdir()
    write_post(posts, "2412.00001", "First paper", "about zebras")
    assert [run(step, tmp_path, shell).returncode for step in steps] == [0, 0]
    post = write_post(posts, "2412.00002", "Second paper")
    os.utime(post, (1, 1))
    assert [run(step, tmp_path, shell).returncode for step in steps] == [0, 1]


def cron_lines() -> list[str]:
    lines = [line for block in blocks(AUTOMATION, "text") for line in block.splitlines() if line[:1].isdigit()]
    return [re.sub(r"^(?:\S+ ){5} ", "", line) for line in lines]


def test_cron_lines_work_in_a_bare_environment(shell: dict[str, str]) -> None:
    blog = Path(shell["HOME"]) / "blog"
    (blog / "posts").mkdir(parents=True)
    write_post(blog / "posts", "2412.00001", "A mixture of experts", "routing")
    assert run("papersearch index posts", blog, shell).returncode == 0
    bare = {"HOME": shell["HOME"], "PATH": "/usr/bin:/bin"}
    index, new = cron_lines()
    assert "%" not in index + new  # a newline, to cron
    assert run(index, blog, bare).returncode == 0
    assert run(new, blog, bare).stdout.startswith("A mixture of experts\n")
    write_post(blog / "posts", "2412.00002", "Another mixture of experts", "routing")
    done = [run(index, blog, bare), run(new, blog, bare), run(new, blog, bare)]
    assert [each.returncode for each in done] == [0, 0, 1]
    assert [each.stdout.partition("\n")[0] for each in done] == ["", "Another mixture of experts", ""]
    script = section(AUTOMATION, "What is new on Mondays", "sh")[0]
    assert run(script, blog, shell).stdout == ""  # the same words were asked already
    write_post(blog / "posts", "2412.00003", "A third mixture of experts", "routing")
    assert len(run(script, blog, shell).stdout.splitlines()) == 1
    assert run(script, blog, shell).stdout == ""


@pytest.mark.skipif(shutil.which("vim") is None, reason="needs vim")
def test_the_vim_command_fills_the_quickfix_list(home: Path, tmp_path: Path, shell: dict[str, str]) -> None:
    (tmp_path / "papers.vim").write_text(section(EDITORS, "Vim", "vim")[0], encoding="utf-8")
    listed = tmp_path / "listed"
    steps = [
        "Papers mixture of experts",
        "call writefile(map(getqflist(), {_, each -> bufname(each.bufnr) . ' ' . each.lnum . ' ' . each.text}),"
        f" '{listed}')",
        "qall!",
    ]
    arguments = " ".join(f"-c {shlex.quote(step)}" for step in steps)
    run(f"vim -Nu {shlex.quote(str(tmp_path))}/papers.vim -es {arguments}", home, shell)
    first = listed.read_text(encoding="utf-8").splitlines()[0]
    assert re.fullmatch(r"corpus/LLMBased_\S+\.md 33 LLMBased Routing .* \(2025\)", first)


@pytest.mark.skipif(shutil.which("emacs") is None, reason="needs emacs")
def test_the_emacs_command_lists_papers_and_goes_to_their_passages(
    home: Path, tmp_path: Path, shell: dict[str, str]
) -> None:
    (tmp_path / "init.el").write_text(section(EDITORS, "Emacs", "elisp")[0], encoding="utf-8")
    steps = """(papers "mixture of experts")
        (while (get-buffer-process "*grep*") (accept-process-output nil 0.1))
        (next-error)
        (with-current-buffer (window-buffer) (message "at %s %d" (buffer-name) (line-number-at-pos)))"""
    done = run(f"emacs --batch -Q -l {tmp_path}/init.el --eval {shlex.quote(f'(progn {steps})')}", home, shell)
    assert re.search(r"^at LLMBased_\S+\.md [1-9]\d*$", done.stderr, re.MULTILINE), done.stderr


def test_the_task_of_vs_code_prints_what_its_pattern_matches(home: Path, shell: dict[str, str]) -> None:
    (task,) = json.loads(section(EDITORS, "VS Code", "json")[0])["tasks"]
    arguments = [argument.replace("${input:words}", "mixture of experts") for argument in task["args"]]
    done = run(shlex.join([task["command"], *arguments]), home, shell)
    found = [re.match(task["problemMatcher"]["pattern"]["regexp"], line) for line in done.stdout.splitlines()]
    assert found
    for match in found:
        assert match is not None
        assert (home / match[1]).exists()
        assert int(match[2])
