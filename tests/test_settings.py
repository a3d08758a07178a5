"""Settings: where each comes from, what is refused, what weights change."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

import papersearch
from papersearch.apps import settings
from papersearch.core.errors import PapersearchError, UsageError

CORPUS = Path(__file__).parent.parent / "corpus"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PAPERSEARCH_INDEX", raising=False)
    return tmp_path


def test_without_anything_the_defaults_hold(here: Path) -> None:
    found = settings.settings()
    assert (found.index_path, found.corpus, found.query, found.file) == ("index", None, {}, None)


def test_the_option_comes_before_the_environment_before_the_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "papersearch.toml").write_text('index = "from-file"\ncorpus = "posts"\n[query]\nlimit = 3\n')
    assert settings.settings().index_path == "from-file"
    assert settings.settings().corpus == ("posts",)
    monkeypatch.setenv("PAPERSEARCH_INDEX", "from-environment")
    assert settings.settings().index_path == "from-environment"
    assert settings.settings("from-option").index_path == "from-option"
    assert settings.settings("x").sources["limit"].endswith("papersearch.toml")


def test_an_environment_variable_that_is_empty_is_not_set(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERSEARCH_INDEX", "")
    assert settings.settings().index_path == "index"


def test_a_server_and_a_place_in_the_users_home_are_not_taken_for_folders_beside_the_file(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(here / "deep"))
    (here / "papersearch.toml").write_text('index = "opensearch://localhost:9200/x"\ncorpus = ["~/posts"]\n')
    found = settings.settings()
    assert (found.index_path, found.corpus) == ("opensearch://localhost:9200/x", ("deep/posts",))


def test_a_corpus_that_may_not_be_used_is_not_said_to_come_from_the_file(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(here))
    (here / "papersearch.toml").write_text('corpus = "/elsewhere"\n')
    found = settings.settings()
    assert (found.corpus, found.sources["corpus"]) == (None, "default")


@pytest.mark.parametrize("place", ["papersearch.toml", "deep/papersearch.toml"])
def test_a_file_that_a_broken_disk_hides_is_not_taken_for_none(
    here: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """The default index would answer in the place of the one that it names."""
    (here / "papersearch.toml").write_text('index = "idx"\n')
    (here / "deep").mkdir()
    monkeypatch.chdir(here / "deep")
    looking = os.stat

    def broken(path: str, *options: object, **more: object) -> os.stat_result:
        if path == str(here / place):
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        return looking(path, *options, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as disk:
        disk.setattr(os, "stat", broken)
        with pytest.raises(PapersearchError, match=f"{here / place} cannot be read .{os.strerror(errno.EIO)}"):
            settings.settings()
    assert settings.settings().index_path == "../idx"


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use stays there")
def test_in_a_folder_that_is_gone_the_defaults_hold(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "gone").mkdir()
    monkeypatch.chdir(here / "gone")
    (here / "gone").rmdir()
    assert settings.settings().index_path == "index"


def test_a_field_may_weigh_nothing(here: Path) -> None:
    (here / "papersearch.toml").write_text("[weights]\nqa = 0\ntitle = 100\n")
    assert settings.settings().weights == {"qa": 0, "title": 100}


def test_the_file_is_found_upwards_and_its_folders_are_relative_to_it(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "papersearch.toml").write_text('index = "idx"\ncorpus = ["a", "b"]\n')
    (here / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(here / "deep" / "er")
    found = settings.settings()
    assert found.index_path == "../../idx"
    assert found.corpus == ("../../a", "../../b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("indx = 'x'", "did you mean index?"),
        ("index = 3", "index must be a folder"),
        ("corpus = [3]", "corpus must be"),
        ("[query]\nlimt = 3", "did you mean limit?"),
        ("[query]\nlimit = 'x'", "query.limit must be a whole number"),
        ("[query]\nlimit = true", "query.limit must be a whole number"),
        ("[query]\nlimit = -3", "query.limit must be a whole number, 0 or more"),
        (f"[query]\nlimit = 0x{'f' * 5_000}", "query.limit must be a whole number, 0 or more"),
        (f"[query]\nsort = 0x{'f' * 5_000}", "query.sort must be a string"),
        ('[searches]\nmoe = "mixture\\u0000"', "searches.moe must be a string"),
        ('[query]\nformat = "jsno"', "there is no query.format 'jsno': did you mean json?"),
        ('[query]\nsort = "date"', "there is no query.sort 'date': one of relevance, newest, oldest, title"),
        ('[query]\nmatch = "every"', "there is no query.match 'every': one of auto, all, any"),
        ("[weights]\ntitel = 3", "did you mean title?"),
        ("[weights]\ntitle = -1", "weights.title must be a number"),
        ("[weights]\ntitle = true", "weights.title must be a number"),
        ("query = 3", "query must be a table"),
        ("weights = 3", "weights must be a table"),
        ("index =", "does not parse"),
    ],
)
def test_mistakes_are_named_with_the_nearest(here: Path, text: str, said: str) -> None:
    (here / "papersearch.toml").write_text(text)
    with pytest.raises(UsageError) as mistake:
        settings.settings()
    assert said in str(mistake.value)


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfindex = '\xff'", "index = 'x'".encode("utf-16")])
def test_a_file_in_another_encoding_is_said_to_be_in_one(here: Path, data: bytes) -> None:
    (here / "papersearch.toml").write_bytes(data)
    with pytest.raises(UsageError, match=r"papersearch.toml is not UTF-8 \(byte 0xf[ef]\): save it as UTF-8"):
        settings.settings()


@pytest.mark.parametrize("part", ["a", '"="', '"\\"["', "','", "'{'"])
def test_a_key_of_very_many_parts_is_refused_however_they_are_quoted(here: Path, part: str) -> None:
    (here / "papersearch.toml").write_text(".".join([part] * 20_000) + " = 1\n")
    with pytest.raises(UsageError, match="nested too deeply"):
        settings.settings()


def test_dots_of_strings_and_comments_are_not_those_of_a_key(here: Path) -> None:
    dots = "." * 300
    strings = [f"'{dots}'", f'"{dots}"', f"'''{dots}'''", f'"""{dots}\\"""{dots}"""']
    lines = [f"search{number} = {string} # {dots}\n" for number, string in enumerate(strings)]
    (here / "papersearch.toml").write_text("[searches]\n" + "".join(lines))
    assert settings.settings().tables["searches"] == {
        "search0": dots, "search1": dots, "search2": dots, "search3": f'{dots}"""{dots}'
    }  # fmt: skip


def test_a_byte_order_mark_as_some_editors_write_it_is_no_mistake(here: Path) -> None:
    (here / "papersearch.toml").write_text('corpus = "posts"\n', encoding="utf-8-sig")
    assert settings.settings().corpus == ("posts",)


def test_weights_of_fields_change_the_ranking_and_the_usual_ones_do_not(tmp_path: Path) -> None:
    papersearch.build(str(tmp_path), [str(CORPUS)])
    usual = papersearch.open(str(tmp_path)).search("diffusion", limit=50, expand=False)
    same = papersearch.open(str(tmp_path), weights={"title": 3.0}).search("diffusion", limit=50, expand=False)
    assert [(hit.id, hit.score) for hit in same.results] == [(hit.id, hit.score) for hit in usual.results]
    flat = papersearch.open(str(tmp_path), weights={"title": 0.0, "tags": 0.0}).search(
        "diffusion", limit=50, expand=False
    )
    assert {hit.id for hit in flat.results} == {hit.id for hit in usual.results}
    by_abstract = {hit.id: hit.score for hit in flat.results}
    for hit in usual.results:
        in_title = "diffusion" in hit.title.lower().split()
        assert (by_abstract[hit.id] < hit.score - 1e-9) == in_title


def test_an_explanation_spreads_a_score_over_fields_by_the_weights_that_are_set(tmp_path: Path) -> None:
    papersearch.build(str(tmp_path), [str(CORPUS)])
    flat = papersearch.open(str(tmp_path), weights={"title": 0.0}).search("diffusion", expand=False, explain=True)
    parts = [part for hit in flat.results for part in hit.explanation if part.term == "diffus"]
    assert {part.field for part in parts} >= {"title", "abstract"}
    assert all((part.score == 0) == (part.field == "title") for part in parts)


def test_a_weight_of_twice_as_much_counts_twice_within_the_saturation(tmp_path: Path) -> None:
    papersearch.build(str(tmp_path), [str(CORPUS)])
    heavy = papersearch.open(str(tmp_path), weights={"title": 30.0}).search("title:diffusion", limit=50, expand=False)
    usual = papersearch.open(str(tmp_path)).search("title:diffusion", limit=50, expand=False)
    assert {hit.id for hit in heavy.results} == {hit.id for hit in usual.results}
    assert min(hit.score for hit in heavy.results) > max(hit.score for hit in usual.results)


def test_search_is_a_function_whatever_was_imported_before(tmp_path: Path) -> None:
    papersearch.build(str(tmp_path), [str(CORPUS)])
    importlib.import_module("papersearch.engine.local")
    assert papersearch.search("mixture of experts", index=str(tmp_path), limit=1).total > 0


@pytest.mark.parametrize(
    "weights", [{"title": float("nan")}, {"title": -1}, {"title": "3"}, {"titel": 3}, {"title": True}]
)
def test_weights_that_are_none_are_refused(tmp_path: Path, weights: dict[str, float]) -> None:
    papersearch.build(str(tmp_path / "index"), [str(CORPUS)])
    with pytest.raises(UsageError):
        papersearch.open(str(tmp_path / "index"), weights=weights)


def test_paths_dates_and_names_may_be_what_python_has_for_them(tmp_path: Path) -> None:
    index = papersearch.build(tmp_path / "index", CORPUS)
    assert papersearch.build(tmp_path / "index", [CORPUS]).stats().posts == index.stats().posts == 60
    assert papersearch.open(tmp_path / "index").corpus == (str(CORPUS),)
    assert papersearch.check(tmp_path / "index")
    assert papersearch.search("moe", index=tmp_path / "index") is not None
    assert index.search("*", since=2025).total == index.search("*", since=date(2025, 1, 1)).total == 24
    assert index.search("*", author=["Qwen"]).total == index.search("*", authors="Qwen").total == 1
    assert index.search("*", since=datetime(2025, 1, 1, 12)).total == 24


@pytest.mark.parametrize("options", [{"limit": "5"}, {"limit": None}, {"offset": 1.5}, {"limit": -1}])
def test_a_limit_that_is_not_a_whole_number_is_refused(tmp_path: Path, options: dict[str, object]) -> None:
    index = papersearch.build(str(tmp_path / "index"), [str(CORPUS)])
    with pytest.raises(UsageError):
        index.search("experts", **options)
