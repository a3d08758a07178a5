"""What outlives damage: an index that cannot be read still knows its corpus, and hides no paper from ``--new``."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from pathlib import Path

import pytest

from papersearch import library
from papersearch.apps.current import BuildingError, CurrentIndex
from papersearch.core.errors import DamagedIndexError
from papersearch.engine.build.watch import runner
from papersearch.engine.index.container import sealed, unsealed
from papersearch.engine.index.remembered import Past, known_rows, past_of
from papersearch.engine.stores import store_at
from tests.commands import is_one_error, run
from tests.corpora import write_post
from tests.processes import wait_for

STATE = ("_MAIN_{}.toc", "papersearch_{}.json", "papersearch_{}.files")
HOW = ("gone", "cut short")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``posts`` and an ``index`` of them, at state 1, that leaves out drafts."""
    home = tmp_path_factory.mktemp("remembered")
    (home / "posts" / "drafts").mkdir(parents=True)
    write_post(home / "posts" / "drafts", "2401.00009v1", "Draft of otters")
    for number in (1, 2):
        write_post(home / "posts", f"2401.0000{number}v1", "Otters", "Otters build dams.")
        assert run(home, "index", "posts", "--exclude", "drafts/").code == 0
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "home")


def damage(path: Path, how: str) -> None:
    if how == "gone":
        path.unlink()
    else:
        os.truncate(path, path.stat().st_size // 2)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def about_index(home: Path) -> list[str]:
    return [line for line in run(home, "check").lines if line.startswith("index:")]


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("names", [*itertools.combinations(STATE, 1), STATE[:2], (STATE[0], STATE[2])], ids="+".join)
def test_an_index_whose_state_is_damaged_is_built_from_the_folders_that_it_remembers(
    home: Path, names: tuple[str, ...], how: str
) -> None:
    for name in names:
        damage(home / "index" / name.format(1), how)
    said = "\n".join(about_index(home))
    assert any(name.format(1) in said for name in names)
    ran = run(home, "query", "otters", "-f", "ids")
    assert (ran.code, sorted(ran.lines)) == (0, ["2401.00001", "2401.00002"])
    ran = run(home, "index", "--json")
    assert (ran.code, ran.json["total"]) == (0, 2)
    assert not about_index(home)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("names", [*itertools.combinations(STATE, 1), STATE[1:], STATE], ids="+".join)
def test_a_run_that_cannot_build_a_damaged_index_anew_removes_nothing_and_says_so(
    home: Path, names: tuple[str, ...], how: str
) -> None:
    (home / "posts").rename(home / "elsewhere")
    for name in names:
        damage(home / "index" / name.format(1), how)
    before = contents(home / "index")
    told = "there is no folder"
    if names == STATE and how == "gone":
        told = "for the posts in ./elsewhere: papersearch index elsewhere"
    elif names in (STATE, STATE[1:]):
        told = "nothing in it tells"
    for arguments in (["index"], ["index", "posts"], ["index"]):
        ran = run(home, *arguments)
        assert ran.code == 3
        assert is_one_error(ran)
        assert (told if len(arguments) == 1 else "there is no folder") in ran.err
        if len(names) < len(STATE) or how != "gone":
            assert any(name.format(1) in ran.err for name in names)
    assert run(home, "query", "otters").code in (0, 3)
    assert contents(home / "index") == before
    (home / "elsewhere").rename(home / "posts")
    assert run(home, "index", "posts", "--json").json["total"] >= 2
    assert not about_index(home)


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A folder with an index of ``here`` and ``there``, without its manifest; ``there`` is gone."""
    for number, name in enumerate(("here", "there")):
        (tmp_path / name).mkdir()
        write_post(tmp_path / name, f"2401.0000{number}v1", "Otters", "Otters build dams.")
    assert run(tmp_path, "index", "here", "there").code == 0
    (tmp_path / "index" / "papersearch_0.json").unlink()
    (tmp_path / "there").rename(tmp_path / "away")
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [("query", "otters"), ("query", "otters", "--refresh"), ("stats",), ("show", "2401.00000"), ("index",)],
    ids=" ".join,
)
def test_whoever_reads_a_damaged_index_does_not_build_it_from_the_folders_that_are_left(
    command: tuple[str, ...], two: Path
) -> None:
    before = contents(two / "index")
    ran = run(two, *command)
    assert (ran.code, ran.out, contents(two / "index")) == (3, "", before)
    assert is_one_error(ran)
    assert f"cannot be built anew: there is no folder {two / 'there'}; 1 post stays in the index" in ran.err
    (two / "away").rename(two / "there")
    assert run(two, *command).code == 0
    assert library.Index(str(two / "index")).ids() == ["2401.00000", "2401.00001"]


@pytest.mark.parametrize("command", ["query otters", "query otters --refresh", "stats", "show 2401.00000", "index"])
def test_what_a_damaged_index_remembers_comes_before_the_corpus_of_a_setting(command: str, two: Path) -> None:
    (two / "away").rename(two / "there")
    for name in ("corpus", "other"):
        (two / name).mkdir()
        write_post(two / name, "2402.00001v1", "Others", "Otters elsewhere.")
    (two / "papersearch.toml").write_text('corpus = "other"\n')
    assert "here, there" in run(two, "config").out
    ran = run(two, *command.split())
    assert ran.code == 0
    assert ("other" in ran.err) == (command == "index")  # which says how to index that
    assert library.Index(str(two / "index")).ids() == ["2401.00000", "2401.00001"]


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("setting", ["", 'corpus = "other"\n'])
def test_without_a_folder_named_nothing_takes_the_place_of_a_corpus_that_nothing_remembers(
    setting: str, how: str, home: Path
) -> None:
    for name in ("corpus", "other"):
        (home / name).mkdir()
        write_post(home / name, "2402.00001v1", "Others", "Otters elsewhere.")
    (home / "papersearch.toml").write_text(setting)
    for name in STATE[1:]:
        damage(home / "index" / name.format(1), how)
    before = contents(home / "index")
    for command in ("index", "index --rebuild", "index --prune", "query otters", "query otters --refresh", "stats"):
        ran = run(home, *command.split())
        assert (ran.code, ran.out, contents(home / "index")) == (3, "", before)
        assert is_one_error(ran)
        assert "papersearch_1.json" in ran.err
        assert "nothing in it tells where its posts are: name their folder: papersearch index FOLDER" in ran.err
    with pytest.raises(DamagedIndexError, match="nothing in it tells"):
        CurrentIndex(str(home / "index"), [str(home / "other")], print).index()
    assert about_index(home)
    shown = run(home, "config")
    assert (shown.code, shown.err) == (0, "")
    assert "not known" in shown.out
    assert run(home, "index", "posts", "--json").json["total"] == 3
    assert run(home, "index", "--json").json["unchanged"] == 3
    assert not about_index(home)


def test_what_a_setting_leaves_out_hides_no_damage_from_a_check(home: Path) -> None:
    for name in STATE[1:]:
        damage(home / "index" / name.format(1), "cut short")
    wrong = about_index(home)
    (home / "papersearch.toml").write_text('exclude = ["drafts/"]\n')
    assert about_index(home) == wrong != []


def test_a_mistake_of_the_user_is_one_also_where_the_index_is_damaged(home: Path) -> None:
    damage(home / "index" / "papersearch_1.json", "cut")
    ran = run(home, "index", "--exclude", "[z-a]")
    assert (ran.code, "damaged" in ran.err) == (2, False)
    assert is_one_error(ran)


def test_nor_does_a_program_that_stays(two: Path) -> None:
    before = contents(two / "index")
    said: list[str] = []
    (two / "other").mkdir()
    current = CurrentIndex(str(two / "index"), [str(two / "other")], said.append)
    with pytest.raises(BuildingError):
        current.index()
    wait_for("what went wrong", lambda: said)
    assert ["there is no folder" in each for each in said] == [True]
    assert contents(two / "index") == before


def test_what_is_remembered_is_as_it_was_written_also_if_the_whole_is_moved(home: Path) -> None:
    expected = Past((str(home / "posts"),), ("drafts/",), 2)
    assert past_of(str(home / "index")) == expected
    for name in STATE[:2]:
        (home / "index" / name.format(1)).unlink()
        assert past_of(str(home / "index")) == expected
    moved = home.rename(home.with_name("moved"))
    assert past_of(str(moved / "index")) == expected._replace(folders=(str(moved / "posts"),))
    assert [row.run for row in known_rows(str(moved / "index"))] == [1, 2]


def test_a_state_that_was_never_committed_is_asked_last(home: Path) -> None:
    """It is that of a run which was killed, maybe one of another corpus."""
    manifest = (home / "index" / "papersearch_1.json").read_bytes()
    other = (unsealed(manifest) or b"").replace(b"./posts", b"./other").replace(b'"run": 2', b'"run": 3')
    (home / "index" / "papersearch_2.json").write_bytes(sealed(other))
    expected = Past((str(home / "posts"),), ("drafts/",), 3)
    assert past_of(str(home / "index")) == expected
    for name in STATE[1:]:
        damage(home / "index" / name.format(1), "cut short")
    assert past_of(str(home / "index")) == expected._replace(folders=(str(home / "other"),))


def test_nothing_is_remembered_of_a_folder_without_an_index(tmp_path: Path) -> None:
    assert past_of(str(tmp_path / "none")) == past_of(str(tmp_path)) == Past()
    assert not len(known_rows(str(tmp_path)))


def test_an_index_without_its_table_of_contents_is_damaged_and_not_absent(home: Path) -> None:
    (home / "index" / "_MAIN_1.toc").unlink()
    with pytest.raises(DamagedIndexError, match="_MAIN_1"):
        library.open(str(home / "index"))


ASK = ("query", "otters", "--new", "-f", "ids")


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("names", [*itertools.combinations(STATE, 1), STATE[1:], ("stray",)], ids="+".join)
def test_no_paper_is_hidden_from_new_by_damage(home: Path, names: tuple[str, ...], how: str) -> None:
    assert len(run(home, *ASK).lines) == 2
    write_post(home / "posts", "2401.00003v1", "Otters", "Otters build dams.")
    (home / "posts" / "2401.00001v1.md").unlink()
    assert run(home, "index").code == 0
    for name in names:
        if name == "stray":
            (home / "index" / "_MAIN_9.toc").write_bytes(b"?" * len(how))
        else:
            damage(home / "index" / name.format(2), how)
    run(home, "index", "posts")
    assert "2401.00003" in run(home, *ASK).lines
    assert not run(home, *ASK).lines
    for number in (4, 5, 6):
        write_post(home / "posts", f"2401.0000{number}v1", "Otters", "Otters build dams.")
        assert run(home, "index").code == 0
        assert run(home, *ASK).lines == [f"2401.0000{number}"]


@pytest.mark.parametrize("name", [*STATE, "stray"])
def test_no_paper_is_lost_to_a_digest_by_damage(home: Path, name: str) -> None:
    (home / "papersearch.toml").write_text('[searches]\notters = "otters"\n')
    assert run(home, "digest").code == 0
    for number in range(10, 25):  # more than a first digest shows
        write_post(home / "posts", f"2401.000{number}v1", "Otters", "Otters build dams.")
    assert run(home, "index").code == 0
    if name == "stray":
        (home / "index" / "_MAIN_9.toc").write_bytes(b"")
    else:
        damage(home / "index" / name.format(2), "gone")
    assert run(home, "index").code == 0
    shown = run(home, "digest", "--json").out
    assert all(f"2401.000{number}" in shown for number in range(10, 25))
    assert run(home, "digest").code == 1


def test_a_table_that_is_whole_keeps_what_was_shown_as_shown(home: Path) -> None:
    assert len(run(home, *ASK).lines) == 2
    (home / "index" / "papersearch_1.json").unlink()
    assert run(home, "index").code == 0
    assert run(home, *ASK).code == 1


def test_what_was_asked_of_an_index_that_is_gone_hides_nothing_of_the_next(home: Path) -> None:
    assert len(run(home, *ASK).lines) == 2
    for path in (home / "index").iterdir():
        if path.name != "papersearch_asked.json":
            path.unlink()
    assert run(home, "index", "posts").code == 0
    assert "2401.00009" in run(home, *ASK).lines  # no longer excluded
    write_post(home / "posts", "2401.00003v1", "Otters", "Otters build dams.")
    assert run(home, "index").code == 0
    assert run(home, *ASK).lines == ["2401.00003"]


def test_what_was_asked_of_an_index_that_is_gone_hides_nothing_once_the_next_has_had_as_many_runs(home: Path) -> None:
    assert len(run(home, *ASK).lines) == 2
    for path in (home / "index").iterdir():
        if path.name != "papersearch_asked.json":
            path.unlink()
    assert run(home, "index", "posts").code == 0
    write_post(home / "posts", "2401.00003v1", "Otters", "Otters build dams.")
    assert run(home, "index").code == 0
    assert "2401.00003" in run(home, *ASK).lines


@pytest.mark.parametrize("asked", [b"", b"[1]", b'{"a": "b", "c": [], "d": [null, []], "e": true, "f": 1e99, "g": -4}'])
def test_what_was_asked_may_be_anything(home: Path, asked: bytes) -> None:
    (home / "index" / "papersearch_asked.json").write_bytes(asked)
    assert past_of(str(home / "index")).run == 2
    (home / "index" / "papersearch_asked.json").write_text(json.dumps({"a": 10**30}))
    assert past_of(str(home / "index")).run == 2


def test_a_watcher_knows_what_nothing_remembers(home: Path) -> None:
    index, posts = str(home / "index"), str(home / "posts")
    run_again = runner(
        lambda folders, how: library.index_folder(index, folders, **how), [posts], {}, store_at(index).corpus
    )
    assert run_again().total == 2
    for path in [*Path(index).glob("papersearch_*.json"), *Path(index).glob("papersearch_*.files")]:
        path.unlink()
    assert run_again().total == 2
    assert library.Index(index).corpus == (posts,)
