"""An upgrade between two runs: nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from papersearch.engine.index.container import FORMAT_VERSION, sealed
from papersearch.engine.index.remembered import past_of
from tests.commands import is_one_error, run
from tests.corpora import write_post


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
