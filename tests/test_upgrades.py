"""An upgrade between two runs, or under a program that goes on running: nothing is lost, and what to do is said."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import papersearch
from papersearch.apps.current import BuildingError, CurrentIndex
from papersearch.core import errors
from papersearch.core.errors import DamagedIndexError, PapersearchError, ReplacedError, unforeseen
from papersearch.engine.index.container import FORMAT_VERSION, sealed
from papersearch.engine.index.generation import ANALYSIS, ANALYSIS_VERSION
from papersearch.engine.index.remembered import past_of
from tests.commands import environment, is_one_error, run
from tests.corpora import write_post
from tests.disturbances import refuse
from tests.processes import LONGEST_S, wait_for


def change_manifest(index: Path, **changes: object) -> None:
    """Let a manifest say something else; None: not say it."""
    (manifest,) = index.glob("papersearch_[0-9].json")
    said = json.loads(manifest.read_bytes().splitlines()[0]) | changes
    manifest.write_bytes(sealed(json.dumps({key: value for key, value in said.items() if value is not None}).encode()))


def make_of_another_format(index: Path, number: int = FORMAT_VERSION - 1) -> None:
    """Give all files of an index the marks of another format."""
    for path in (each for each in index.iterdir() if each.suffix in (".docs", ".terms", ".files")):
        data = bytearray(path.read_bytes())
        data[7] = data[-1] = number
        path.write_bytes(data)
    change_manifest(index, format=number)


def what_is_told(current: CurrentIndex) -> PapersearchError:
    """What whoever asks hears of an index that cannot be opened."""
    with pytest.raises(PapersearchError) as told:
        current.index()
    return told.value


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of notes whose ids are their names, and an index of them."""
    (tmp_path / "notes" / "more").mkdir(parents=True)
    for name in ("one", "two", "more/three", "more/four"):
        (tmp_path / "notes" / f"{name}.md").write_text(f"# Otters {name}\n\nOtters build dams.\n")
    assert run(tmp_path, "index", "notes").code == 0
    return tmp_path


def test_an_index_of_another_format_still_knows_what_was_shown_as_new(home: Path) -> None:
    assert len(run(home, "query", "otters", "--new", "-f", "ids").lines) == 4
    make_of_another_format(home / "index")
    (home / "notes" / "five.md").write_text("# Otters five\n")
    ran = run(home, "query", "otters", "--new", "-f", "ids")
    assert (ran.code, ran.lines) == (0, ["five"])
    assert "another version" in ran.err


@pytest.mark.parametrize("rebuild", [True, False])
def test_a_note_that_was_moved_before_all_is_read_anew_is_not_new(home: Path, rebuild: bool) -> None:
    assert len(run(home, "query", "otters", "--new", "-f", "ids").lines) == 4
    if not rebuild:
        make_of_another_format(home / "index")
    (home / "notes" / "one.md").rename(home / "notes" / "more" / "five.md")
    (home / "notes" / "two.md").unlink()
    (home / "notes" / "other.md").write_text("# Beavers\n\nBeavers and otters.\n")
    assert run(home, "index", *["--rebuild"] * rebuild).code == 0
    assert run(home, "query", "otters", "--new", "-f", "ids").lines == ["other"]


def test_an_index_of_another_format_loses_no_posts_that_are_out_of_sight(home: Path) -> None:
    (home / "others").mkdir()
    write_post(home / "others", "2401.00001v1", "Otters")
    assert run(home, "index", "notes", "others").code == 0
    make_of_another_format(home / "index")
    (home / "notes").rename(home / "away")  # as a disk that is not mounted leaves it
    (home / "notes").mkdir()
    before = sorted(path.name for path in (home / "index").iterdir())
    ran = run(home, "index")
    assert ran.code == 3
    assert is_one_error(ran)
    assert sorted(path.name for path in (home / "index").iterdir()) == before


def test_an_index_of_0_1_0_is_built_anew_from_the_folders_that_it_names(home: Path) -> None:
    """Its manifest says nothing of what is left out, and its file table nothing of the corpus."""
    for table in (home / "index").glob("*.files"):
        table.unlink()
    change_manifest(home / "index", format=1, analysis="1 snowball 3.1.0", exclude=None)
    assert past_of(str(home / "index")).folders == (str(home / "notes"),)
    ran = run(home, "index", "--json")
    assert (ran.code, ran.json["total"]) == (0, 4)


@pytest.mark.parametrize(
    "changes", [{"format": FORMAT_VERSION + 1}, {"analysis": f"{ANALYSIS_VERSION + 1} snowball 9.0 01234567"}]
)
def test_a_program_that_is_left_behind_by_an_upgrade_says_that_it_is_to_be_started_again(
    home: Path, changes: dict[str, object]
) -> None:
    opened = papersearch.open(home / "index")
    (home / "notes" / "five.md").write_text("# Otters five\n")
    papersearch.build(home / "index")
    change_manifest(home / "index", **changes)
    with pytest.raises(DamagedIndexError, match=r"newer version of papersearch: start this program again"):
        opened.refresh()
    ran = run(home, "query", "otters", "-f", "ids")
    assert (ran.code, len(ran.lines), ran.err.count("newer version of papersearch; building it anew")) == (0, 5, 1)


@pytest.mark.parametrize("analysis", ["", 7, None, "of yore", ANALYSIS.partition(" ")[0]])
def test_an_analysis_in_no_known_form_is_no_traceback(home: Path, analysis: object) -> None:
    change_manifest(home / "index", analysis=analysis)
    with pytest.raises(DamagedIndexError):
        papersearch.open(home / "index")


def test_what_fails_after_an_upgrade_says_that_it_came(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failure = ImportError("cannot import name 'it'")
    assert "please report it" in str(unforeseen(failure))
    monkeypatch.setattr(errors, "_STAMP", (0, 0))
    said = unforeseen(failure)
    assert said.message == "papersearch was replaced while this program ran"
    assert said.hint == "start it again"
    with pytest.raises(ReplacedError):
        papersearch.build(home / "index")
    assert papersearch.open(home / "index").search("otters").total == 4


@pytest.mark.parametrize("is_replaced", [True, False])
def test_the_page_and_agents_are_told_that_the_program_is_to_be_started_again(
    home: Path, monkeypatch: pytest.MonkeyPatch, is_replaced: bool
) -> None:
    pytest.importorskip("starlette", reason="the server's libraries are not installed")
    pytest.importorskip("mcp", reason="the SDK is not installed")
    from starlette.testclient import TestClient

    from papersearch.apps.mcp.server import make_server
    from papersearch.apps.web.server import application
    from tests.test_mcp import call

    def broken(*_: object, **__: object) -> None:
        raise ImportError("cannot import name 'it'")

    current = CurrentIndex(str(home / "index"), None, lambda _: None)
    client = TestClient(application(current), base_url="http://127.0.0.1", raise_server_exceptions=False)
    server = make_server(current, lambda _: None)
    monkeypatch.setattr(papersearch.Index, "search", broken)
    if is_replaced:
        monkeypatch.setattr(errors, "_STAMP", (0, 0))
    answer = client.get("/api/search?q=otters")
    wrong, what_to_do = answer.json()["error"], answer.json()["hint"]
    assert (answer.status_code, what_to_do == "start it again") == ((503, True) if is_replaced else (500, False))
    told = call(server, "search", query="otters").structured_content
    assert told == {"error": wrong, "hint": what_to_do if is_replaced else ""}


def test_what_nobody_foresaw_beside_the_answers_is_told_in_a_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def broken(*_: object, **__: object) -> None:
        raise ImportError("no such name")

    monkeypatch.setattr(papersearch.Index, "stale", broken)
    current = CurrentIndex(str(home / "index"), None, said.append)
    current.index()
    current.stale()
    wait_for("the comparison", lambda: "internal error (ImportError: no such name)" in "".join(said))
    monkeypatch.setattr("papersearch.library.index_folder", broken)
    shutil.rmtree(home / "index")
    current = CurrentIndex(str(home / "index"), [str(home / "notes")], said.append)
    with pytest.raises(BuildingError):
        current.index()
    wait_for("the build", lambda: "internal error" in said[-1] and not isinstance(what_is_told(current), BuildingError))
    assert str(what_is_told(current)) == "internal error (ImportError: no such name): please report it"


def test_a_watcher_ends_when_papersearch_is_replaced(tmp_path: Path) -> None:
    """Whoever starts programs again, such as systemd, then does so; an index that two versions write is none."""
    pytest.importorskip("watchfiles")
    package = tmp_path / "site" / "papersearch"
    shutil.copytree(Path(papersearch.__file__).parent, package)
    posts = tmp_path / "posts"
    posts.mkdir()
    write_post(posts, "2401.00001v1", "First")
    process = subprocess.Popen(
        [sys.executable, "-m", "papersearch", "index", "posts", "--watch"],
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(package.parent)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("1 post indexed")
    os.utime(package / "__init__.py", (1, 1))
    write_post(posts, "2401.00002v1", "Second")
    _, err = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 3
    assert err.splitlines()[-1].endswith("papersearch was replaced while this program ran: start it again")
    assert papersearch.open(tmp_path / "index").stats(look=False).papers == 1


def test_a_disk_of_the_package_that_does_not_answer_is_no_upgrade(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watcher would end over it for good."""
    with monkeypatch.context() as broken:
        broken.setattr(os, "stat", refuse(errno.EIO))
        errors.refuse_if_replaced()
