"""What a ``papersearch.toml`` that came with a download may do: show and search otherwise, but lead nowhere else."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from papersearch.apps import settings, trust
from papersearch.core.errors import UsageError
from tests.commands import PAPERSEARCH, environment, is_one_error, run
from tests.corpora import write_post
from tests.processes import LONGEST_S


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A downloaded folder with posts, beside a folder of the user's."""
    (tmp_path / "victim").mkdir()
    folder = tmp_path / "clone"
    (folder / "corpus").mkdir(parents=True)
    write_post(folder / "corpus", "2401.00001v1", "Sparse experts")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("PAPERSEARCH_INDEX", raising=False)
    monkeypatch.chdir(folder)
    return folder


def write(clone: Path, text: str) -> settings.Settings:
    (clone / "papersearch.toml").write_text(text)
    return settings.settings()


@pytest.mark.parametrize(
    "place", ["../victim", "/tmp", "~/x", "sub/../../victim", "../clone-of-it", "link/x", "opensearch://example.org/x"]
)
def test_an_index_outside_the_folder_of_the_file_is_not_used(
    clone: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (clone / "link").symlink_to("../victim")
    found = write(clone, f'index = "{place}"\ncorpus = ["{place}", "corpus"]\n')
    assert (found.index_path, found.corpus) == ("index", ("corpus",))
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert all(place in line and "config --trust" in line for line in said)


def test_a_query_in_such_a_folder_leaves_other_folders_as_they_are(clone: Path, tmp_path: Path) -> None:
    (clone / "papersearch.toml").write_text('index = "../victim"\n')
    ran = run(clone, "query", "experts", "-f", "ids")
    assert (ran.code, ran.lines) == (0, ["2401.00001"])
    assert "config --trust" in ran.err
    assert not list((tmp_path / "victim").iterdir())


def test_a_file_leaves_out_no_posts_but_those_below_its_folder_unless_it_is_trusted(
    clone: Path, tmp_path: Path
) -> None:
    for number in range(3):
        write_post(tmp_path / "victim", f"2401.0001{number}v1", "Otters")
    own = str(tmp_path / "own")
    assert run(clone, "index", "../victim", "--index", own, "--json").json["total"] == 3
    (clone / "papersearch.toml").write_text('exclude = "*.00010*"\n')
    for path in (tmp_path / "victim").glob("*10*.md"):
        path.rename(path.with_name("x.00010.md"))
    for options in ((), ("../victim",), ("--rebuild",)):
        ran = run(clone, "index", *options, "--index", own, "--json")
        assert (ran.code, ran.json["total"], ran.json["removed"]) == (0, 3, 0)
        (line,) = ran.err.splitlines()
        assert str(tmp_path / "victim") in line
        assert "config --trust" in line
    assert run(clone, "query", "otters", "--index", own, "--refresh", "--json").json["total"] == 3
    assert run(clone, "config", "--trust").code == 0
    assert run(clone, "index", "--index", own, "--json").json["removed"] == 1


def test_a_file_may_leave_out_posts_below_its_own_folder(clone: Path) -> None:
    (clone / "papersearch.toml").write_text('exclude = "drafts/"\n')
    (clone / "corpus" / "drafts").mkdir()
    write_post(clone / "corpus" / "drafts", "2401.00009v1", "Draft")
    ran = run(clone, "index", "--json")
    assert (ran.code, ran.json["total"], ran.err) == (0, 1, "")


def test_trust_holds_for_the_file_as_it_was(clone: Path) -> None:
    (clone / "papersearch.toml").write_text('index = "../victim"\n')
    ran = run(clone, "config", "--trust", "--json")
    assert (ran.code, ran.json["settings"]["index"]) == (0, "../victim")
    assert run(clone, "config", "--json").json["settings"]["index"] == "../victim"
    (clone / "papersearch.toml").write_text('index = "../victim/x"\n')
    assert run(clone, "config", "--json").json["settings"]["index"] == "index"


def test_config_shows_no_server_that_is_not_used(clone: Path) -> None:
    (clone / "papersearch.toml").write_text(
        '[ask]\nserver = "http://ask.example/v1"\nmodel = "x"\n[meaning]\nmodel = "../model"\n'
    )
    shown = run(clone, "config", "--json")
    assert (shown.json["settings"]["ask"], shown.json["settings"]["meaning"]) == ({"model": "x"}, {})
    assert len(shown.err.splitlines()) == 2
    assert "ask.example" not in run(clone, "config").out
    run(clone, "config", "--trust")
    assert "http://ask.example/v1" in run(clone, "config").out
    (clone / "papersearch.toml").write_text('[meaning]\nmodel = "minilm"\n')
    assert run(clone, "config", "--json").json["settings"]["meaning"] == {"model": "minilm"}


def test_there_must_be_a_file_to_trust(clone: Path) -> None:
    ran = run(clone, "config", "--trust")
    assert ran.code == 3
    assert is_one_error(ran)
    assert "no papersearch.toml" in ran.err


def test_several_files_are_trusted_in_the_users_own_folder(clone: Path, tmp_path: Path) -> None:
    def config(folder: Path, *arguments: str) -> dict[str, str]:
        found: dict[str, str] = run(
            folder, "config", "--json", *arguments, HOME=str(tmp_path), XDG_CONFIG_HOME="not/absolute"
        ).json["settings"]
        return found

    (tmp_path / "other").mkdir()
    for folder in (clone, tmp_path / "other"):
        (folder / "papersearch.toml").write_text('index = "../victim"\n')
        assert config(folder)["index"] == "index"
        config(folder, "--trust")
    assert config(clone)["index"] == config(tmp_path / "other")["index"] == "../victim"
    assert (tmp_path / ".config" / "papersearch").stat().st_mode & 0o077 == 0
    assert not (clone / "not").exists()


def test_trust_that_cannot_be_remembered_is_an_error(clone: Path, tmp_path: Path) -> None:
    (clone / "papersearch.toml").write_text('index = "../victim"\n')
    (tmp_path / "config" / "papersearch" / "trusted.json").mkdir(parents=True)
    ran = run(clone, "config", "--trust")
    assert ran.code == 3
    assert is_one_error(ran)
    assert "trusted.json cannot be written" in ran.err
    assert len([*(tmp_path / "config" / "papersearch").iterdir()]) == 1
    assert run(clone, "config", "--json").json["settings"]["index"] == "index"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
@pytest.mark.parametrize(("answer", "index"), [(b"y\n", "../victim"), (b"\n", "index")])
def test_on_a_terminal_it_is_asked_once(clone: Path, answer: bytes, index: str) -> None:
    (clone / "papersearch.toml").write_text('index = "../victim"\n')
    ours, theirs = os.openpty()
    variables = environment(XDG_CONFIG_HOME=os.environ["XDG_CONFIG_HOME"])
    asked = []
    for _ in range(2):
        process = subprocess.Popen(
            [*PAPERSEARCH, "config", "--json"],
            cwd=clone,
            env=variables,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
        os.write(ours, answer)
        out, _ = process.communicate(timeout=LONGEST_S)
        assert f'"index": "{index}"'.encode() in out.replace(b'":"', b'": "')
        os.set_blocking(ours, False)
        said = b""
        with contextlib.suppress(BlockingIOError):
            while some := os.read(ours, 4096):
                said += some
        asked.append(b"[y/N]" in said)
        assert (b"config --trust" in said) == (index == "index")  # each time
    assert asked == [True, False]
    os.close(ours)
    os.close(theirs)


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_nobody_is_asked_who_could_not_see_or_answer_it(clone: Path) -> None:
    (clone / "papersearch.toml").write_text('index = "../victim"\n')
    command = ["sh", "-c", '"$@" <&-', "sh", *PAPERSEARCH, "config", "--json"]
    variables = environment(XDG_CONFIG_HOME=os.environ["XDG_CONFIG_HOME"])
    ran = subprocess.run(command, cwd=clone, env=variables, capture_output=True, text=True, timeout=LONGEST_S)
    assert (ran.returncode, len(ran.stderr.splitlines())) == (0, 1)
    assert "config --trust" in ran.stderr


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
@pytest.mark.parametrize("typed", [False, True])
def test_what_comes_through_a_pipe_is_no_answer_and_what_goes_into_one_no_question(clone: Path, typed: bool) -> None:
    """A list of queries that comes with a download may begin with ``y``."""
    (clone / "papersearch.toml").write_text('index = "../victim"\n')
    terminal, theirs = os.openpty()
    command, variables = [*PAPERSEARCH, "config", "--json"], environment(XDG_CONFIG_HOME=os.environ["XDG_CONFIG_HOME"])
    if typed:
        os.write(terminal, b"y\n")
        ran = subprocess.run(command, cwd=clone, env=variables, stdin=theirs, capture_output=True, timeout=LONGEST_S)
        said = ran.stderr
    else:
        ran = subprocess.run(
            command, cwd=clone, env=variables, input=b"y\n", stdout=subprocess.PIPE, stderr=theirs, timeout=LONGEST_S
        )
        said = os.read(terminal, 4096)
    os.close(terminal)
    os.close(theirs)
    assert json.loads(ran.stdout)["settings"]["index"] == "index"
    assert (b"[y/N]" in said, b"config --trust" in said) == (False, True)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_trust_is_kept_where_a_link_of_the_users_leads_and_holds_for_a_file_that_is_one(
    clone: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "dotfiles.json"
    kept.write_text("{}")
    (tmp_path / "config" / "papersearch").mkdir(parents=True)
    (tmp_path / "config" / "papersearch" / "trusted.json").symlink_to(kept)
    (clone / "mine.toml").write_text('index = "../victim"\n')
    (clone / "papersearch.toml").symlink_to("mine.toml")
    assert run(clone, "config", "--trust").code == 0
    assert "mine.toml" in kept.read_text()
    assert settings.settings().index_path == "../victim"


def test_a_place_that_no_file_can_have_is_not_below_the_folder(clone: Path) -> None:
    assert not trust.is_own(str(clone / "papersearch.toml"), "a\0b")


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/v1",
        "http://localhost.example.org",
        "http://127.0.0.1@example.org/",
        "http://localhost@example.org/",
        "http://example.org\\@localhost/",
        "http://example.org/#localhost",
        "http://0.0.0.0:80",
        "http://2130706433/",
        "http://127.0.0.1.example.org:11434",
        "opensearch://example.org:9200/x",
        "http:///x",
        "http://local\u200bhost",
        "http://local\nhost",
        "http://example.org@localhost/",
        "opensearch://[::1",
    ],
)
def test_a_server_elsewhere_is_not_taken_for_this_machine(clone: Path, address: str) -> None:
    assert not trust.is_own(str(clone / "papersearch.toml"), address)


@pytest.mark.parametrize("address", ["http://localhost:11434/v1", "http://127.0.0.1:8000", "opensearch://[::1]:9200/x"])
def test_a_server_on_this_machine_may_be_used(clone: Path, address: str) -> None:
    assert trust.is_own(str(clone / "papersearch.toml"), address)


def test_other_parts_get_their_places_by_the_same_rule(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.TABLES, "meaning", {"model": str})
    assert settings.place_of(write(clone, '[meaning]\nmodel = "models/small"\n'), "meaning.model") == "models/small"
    assert settings.place_of(write(clone, '[meaning]\nmodel = "http://localhost:1/v1"\n'), "meaning.model") is not None
    assert settings.place_of(write(clone, '[meaning]\nmodel = "http://example.org/v1"\n'), "meaning.model") is None
    assert settings.place_of(write(clone, '[meaning]\nmodel = "../victim"\n'), "meaning.model") is None
    assert settings.place_of(write(clone, ""), "meaning.model") is None
    with pytest.raises(UsageError, match=r"did you mean model"):
        write(clone, '[meaning]\nmodl = "x"\n')


@pytest.mark.parametrize(
    "text",
    [
        'index = ""',
        'index = " "',
        'corpus = ["posts", ""]',
        'index = "a\\u0000b"',
        '[ask]\nmodel = "a\\u0000b"',
        "[query]\nlimit = -1",
        'corpus = "a\\u0000b"',
        '[query]\nformat = "a\\u0000b"',
        "x = " + "[" * 5_000 + "]" * 5_000,
        "x = " + "{a=" * 5_000 + "1" + "}" * 5_000,
        "a." * 400_000 + "a = 1",
        "[query]\nlimit = {" + "a . " * 200_000 + "a = 1}",
        "limit = " + "9" * 5_000,
        "[weights]\ntitle = nan",
        "[weights]\ntitle = inf",
        "[weights]\ntitle = -1",
        "# " + "x" * 1_000_000,
        "\udcff",
    ],
)
def test_an_invalid_file_is_one_line(clone: Path, text: str) -> None:
    (clone / "papersearch.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    ran = run(clone, "query", "experts")
    assert ran.code == 2
    assert is_one_error(ran), ran.err
    assert len(ran.err) < 1_000


@pytest.mark.parametrize(
    "modules",
    [
        '[{"idx": 0, "path": "", "type": "evil.Module"}]',
        '[{"type": "sentence_transformers.models.Transformer"}, {"type": "custom_st.Evil"}]',
        '[{"type": "sentence_transformers_evil.Module"}]',
        '[{"type": 3}]',
        "{}x",
        "[" * 100_000,
    ],
)
def test_a_model_that_brings_code_is_refused_before_any_of_it_can_run(clone: Path, modules: str) -> None:
    from papersearch.core.errors import MeaningError
    from papersearch.engine.meaning.folders import open_folder

    (clone / "model").mkdir()
    (clone / "model" / "modules.json").write_text(modules)
    (clone / "model" / "evil.py").write_text("import pathlib; pathlib.Path('ran').touch()")
    with pytest.raises(MeaningError, match="code of its own"):
        open_folder(str(clone / "model"))
    assert not (clone / "ran").exists()


def test_what_a_file_says_does_not_steer_the_terminal(clone: Path) -> None:
    (clone / "papersearch.toml").write_text('exclude = "\\u001b[2J"\n[searches]\nmoe = "a\\u001b[31m\\nfile  none"\n')
    shown = run(clone, "config")
    assert shown.code == 0
    assert not {line for line in shown.lines if "\x1b" in line or line.startswith("file  none")}


def test_no_message_sends_anybody_to_a_package_that_has_our_name() -> None:
    """As long as it is on no registry, it may be a stranger's."""
    root = Path(__file__).parent.parent
    texts = [*(root / "papersearch").rglob("*.py"), *(root / "docs").glob("*.md"), root / "README.md"]
    pattern = re.compile(r"(?:pip|pipx|uv tool|uv pip|uvx)(?: install| run)? (?:-\S+ )*['\"]?papersearch\b")
    assert not [path.name for path in texts if pattern.search(path.read_text(encoding="utf-8"))]
