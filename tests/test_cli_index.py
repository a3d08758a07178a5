"""Where the command finds posts, index and settings, and what it says of indexing and of what changed since."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.commands import follows, is_one_error, on_terminal, permissions_bind, run, run_bound
from tests.corpora import write_post

# Where things are found


def test_the_first_query_builds_the_index(own: Path) -> None:
    ran = run(own, "query", "experts", "-f", "ids")
    assert (ran.code, ran.lines) == (0, ["2401.00001"])
    assert ran.err == "papersearch: there is no index in ./index yet; building it from ./corpus\n"
    assert run(own, "query", "experts", "-f", "ids").err == ""


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are always UTF-8, or always UTF-16")
def test_a_locale_that_has_no_letters_for_a_name_is_told_as_such(own: Path) -> None:
    write_post(own / "corpus", "2401.00009", "Flow Models", name="π flow")
    ran = run(own, "index", "corpus", LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert ran.code == 3
    assert "PYTHONUTF8=1" in ran.err
    assert run(own, "index", "corpus", LC_ALL="POSIX").code == 0


def test_without_index_and_corpus_it_says_where_to_go(tmp_path: Path) -> None:
    for arguments in (["query", "x"], ["stats"], ["facets"], ["show", "x"], ["check"], ["index"]):
        ran = run(tmp_path, *arguments)
        assert (ran.code, ran.out) == (3, ""), arguments
        assert is_one_error(ran), ran.err
    assert not (tmp_path / "index" / "papersearch_0.json").exists()


def test_the_option_comes_before_the_variable_before_the_file(own: Path) -> None:
    (own / "papersearch.toml").write_text('index = "by-file"\ncorpus = "corpus"\n')
    (own / "deeper").mkdir()

    def used(*arguments: str, **variables: str) -> tuple[str, str]:
        found = run(own / "deeper", "config", "--json", *arguments, **variables).json
        return found["settings"]["index"], found["sources"]["index"]

    assert used("--index", "x", PAPERSEARCH_INDEX="y") == ("x", "--index")
    assert used(PAPERSEARCH_INDEX="y") == ("y", "PAPERSEARCH_INDEX")
    assert used() == ("../by-file", str(own / "papersearch.toml"))
    assert run(own / "deeper", "query", "experts", "-f", "paths").lines == [str(own / "corpus/2401.00001.md")]
    assert (own / "by-file").is_dir()
    assert run(own / "deeper", "query", "experts", PAPERSEARCH_INDEX=str(own / "y")).code == 0
    assert (own / "y").is_dir()


def test_that_the_file_names_another_corpus_than_the_index_has_is_said(own: Path) -> None:
    (own / "papersearch.toml").write_text('corpus = "corpus"\n')
    assert run(own, "index").err == ""
    (own / "my notes").mkdir()
    write_post(own / "my notes", "2401.00009", "Otters")
    (own / "papersearch.toml").write_text('corpus = ["corpus", "my notes"]\n')
    ran = run(own, "index")
    named = "for the corpus of papersearch.toml, papersearch index corpus 'my notes'"
    assert (ran.code, ran.err) == (0, f"papersearch: the index is of ./corpus; {named}\n")
    assert run(own, "index", "--quiet").err == ""
    assert run(own, "index", "--index", "index").err == ""  # which need not be that of the file
    assert run(own, "index", "corpus", "my notes").err == ""
    assert run(own, "index").err == ""
    assert run(own, "query", "otters").code == 0


@pytest.mark.parametrize("command", [["query", "otters"], ["index"], ["check"], ["ask", "what are otters?"]])
def test_in_a_folder_with_posts_it_says_how_to_index_these(command: list[str], tmp_path: Path) -> None:
    def said() -> str:
        ran = run(tmp_path, *command)
        assert (ran.code, ran.out, is_one_error(ran)) == (3, "", True)
        return ran.err

    (tmp_path / "README.md").write_text("# What this is\n")
    (tmp_path / ".hidden").mkdir()
    write_post(tmp_path / ".hidden", "2401.00001", "Otters")
    assert "for the posts in" not in said()
    for number, (folder, names) in enumerate([("my notes", "'my notes'"), ("papers", "."), ("", ".")]):
        (tmp_path / folder).mkdir(exist_ok=True)
        write_post(tmp_path / folder, f"2401.0000{number}", "Otters")
        assert said().endswith(f": papersearch index {names}\n")
    (tmp_path / "corpus").mkdir()
    assert run(tmp_path, "index").code == 0


def test_below_the_folder_of_an_index_it_says_where_that_is(own: Path) -> None:
    assert run(own, "index").code == 0
    (own / "a" / "b").mkdir(parents=True)
    for command in (["query", "tokens"], ["index"], ["check"]):
        ran = run(own / "a" / "b", *command)
        assert (ran.code, ran.out) == (3, "")
        assert ran.err.endswith("no corpus to build one from: there is one above: --index ../../index\n")
    assert run(own / "a" / "b", "index", "--index", "../../index").out.startswith("2 posts indexed: 2 unchanged")
    assert run(own / "a" / "b", "index", ".", "--index", "c").code == 0
    assert run(own / "a" / "b", "query", "tokens", "--index", "../../index").code == 0
    assert "above" not in run(own / "a" / "b", "query", "tokens", "--index", "other").err


@pytest.mark.parametrize("command", [["index"], ["query", "moe"], ["stats"], ["config"], ["check"]])
def test_an_address_of_another_kind_is_no_name_of_a_folder(command: list[str], own: Path) -> None:
    ran = run(own, *command, "--index", "https://me:secret@localhost:9200/papers")
    assert (ran.code, ran.out) == (2, "")
    assert is_one_error(ran)
    assert "opensearch://host:9200/name" in ran.err
    assert "secret" not in ran.err
    assert not (own / "https:").exists()


def test_a_check_of_nothing_is_not_passed(own: Path) -> None:
    (own / "drafts").mkdir()
    ran = run(own, "check", "drafts")
    assert (ran.code, ran.out) == (1, "drafts:1: there are no posts in this folder\n")
    assert run(own, "check", "drafts", "corpus").code == 0


def test_a_check_without_an_index_says_that_it_checked_the_posts_alone(own: Path) -> None:
    said = "papersearch: there is no index in {}; only the posts were checked\n"
    assert run(own, "check").err == said.format("./index")
    assert run(own, "check", "corpus").err == ""
    assert run(own, "index").code == 0
    assert run(own, "check").err == ""
    assert run(own, "check", "corpus", "--index", "idnex").err == said.format("./idnex")


@pytest.mark.parametrize(
    "command", [["query", "moe"], ["query", "--new"], ["similar", "--text", "moe"], ["facets", "moe"]]
)
def test_where_the_index_is_empty_it_says_so(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    ran = run(tmp_path, "index")
    assert (ran.code, ran.err) == (0, "papersearch: there are no posts (Markdown files) in ./corpus\n")
    ran = run(tmp_path, *command)
    assert (ran.code, ran.err) == (1, "papersearch: there are no papers in the index: papersearch index FOLDER\n")


def test_the_file_sets_defaults_that_options_override(own: Path) -> None:
    follows("config", run(own, "config", "--json").json)
    (own / "papersearch.toml").write_text(
        'exclude = ["x/"]\n[weights]\ntitle = 4\n[query]\nformat = "ids"\nlimit = 1\n'
    )
    follows("config", run(own, "config", "--json").json)
    assert run(own, "query", "tokens").lines in (["2401.00001"], ["2402.00002"])
    assert len(run(own, "query", "tokens", "-n", "2").lines) == 2
    assert run(own, "query", "tokens", "--json").json["total"] == 2
    assert re.search(r"^limit +1 ", run(own, "config").out, re.MULTILINE)
    (own / "papersearch.toml").write_text('[ask]\nmodel = "m"\n[searches]\nmoe = "moe"\n')
    rows = [line.split()[:2] for line in run(own, "config").lines]
    assert rows[-2:] == [["ask.model", "m"], ["searches.moe", "moe"]]
    found = run(own, "config", "--json").json
    follows("config", found)
    assert found["settings"]["searches"] == {"moe": "moe"}


def test_config_tells_programs_what_it_tells_people(own: Path) -> None:
    """What is indexed and left out is said by the index, if there is one, and else by the file."""

    def told() -> tuple[dict[str, object], dict[str, str]]:
        found, rows = run(own, "config", "--json").json, run(own, "config").lines
        settings, sources = found["settings"], found["sources"]
        assert rows[2].split() == ["corpus", ", ".join(settings["corpus"]), *sources["corpus"].split()]
        if settings["exclude"]:
            assert rows[3].split() == ["exclude", ", ".join(settings["exclude"]), *sources["exclude"].split()]
        return settings, sources

    settings, sources = told()
    assert (settings["corpus"], settings["exclude"], sources["corpus"]) == (["corpus"], None, "default")
    assert run(own, "index", "--exclude", "2402*").code == 0
    (own / "papersearch.toml").write_text('corpus = "other"\n')
    settings, sources = told()
    assert (settings["corpus"], settings["exclude"]) == (["corpus"], ["2402*"])
    assert (sources["corpus"], sources["exclude"]) == ("the index", "the index")
    (own / "papersearch.toml").write_text('exclude = "drafts/"\n')
    settings, sources = told()
    assert (settings["exclude"], sources["exclude"]) == (["drafts/"], str(own / "papersearch.toml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("indx = 1", "'index'"),
        ("[query]\nlimt = 1", "limit"),
        ("[query]\nlimit = 'x'", "whole number"),
        ("x = [", "parse"),
    ],
)
def test_a_mistake_in_the_file_is_wrong_usage(own: Path, text: str, said: str) -> None:
    (own / "papersearch.toml").write_text(text)
    ran = run(own, "query", "x")
    assert (ran.code, ran.out) == (2, "")
    assert is_one_error(ran)
    assert said.strip("'") in ran.err


# Indexing, and what changed since


def test_index_says_what_it_did(own: Path) -> None:
    assert run(own, "index").out.startswith("2 posts indexed: 2 added")
    summary = run(own, "index", "--json").json
    follows("summary", summary)
    assert {key: summary[key] for key in ("added", "updated", "removed", "unchanged", "skipped", "total")} == {
        "added": 0, "updated": 0, "removed": 0, "unchanged": 2, "skipped": [], "total": 2,
    }  # fmt: skip
    (own / "corpus" / "2402.00002.md").unlink()
    write_post(own / "corpus", "2401.00001", "Routing tokens to experts", "Changed.")
    quiet = run(own, "index", "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    assert run(own, "index", "--rebuild", "--jobs", "1", "--json").json["total"] == 1


@permissions_bind
def test_a_post_that_cannot_be_read_is_skipped_and_named(own: Path) -> None:
    (own / "corpus" / "2402.00002.md").chmod(0)
    ran = run_bound(own, "index", "--json")
    assert ran.code == 0
    assert [problem["path"] for problem in ran.json["skipped"]] == [str(own / "corpus" / "2402.00002.md")]
    assert "2402.00002.md" in ran.err


def test_a_post_that_is_indexed_in_part_is_said_to_be_so_once(own: Path) -> None:
    (own / "corpus" / "open.md").write_text("---\ntitle: Otters\n\nThey build.\n", encoding="utf-8")
    (own / "corpus" / "long.md").write_text("# Long\n\n" + "otter " * 700_000, encoding="utf-8")
    [long, unended] = run(own, "index").err.splitlines()
    assert long.endswith("long.md: larger than 4,000,000 bytes; only the beginning is indexed")
    assert unended.endswith("open.md:1: the front matter has no end; what can be read of it is indexed")


def test_folders_are_remembered_and_can_be_several(own: Path) -> None:
    (own / "more" / "deep").mkdir(parents=True)
    write_post(own / "more" / "deep", "2403.00003", "Deep experts", "An expert below.")
    assert run(own, "index", "corpus", "more", "--json").json["added"] == 2 + 1
    assert run(own, "index", "--json").json["unchanged"] == 3
    assert run(own, "stats", "--json").json["corpus"] == [str(own / "corpus"), str(own / "more")]


def test_refresh_brings_the_index_up_to_date_first(own: Path) -> None:
    run(own, "index")
    write_post(own / "corpus", "2403.00003", "More experts", "Experts again.")
    assert run(own, "query", "experts", "-f", "ids").lines == ["2401.00001"]
    assert set(run(own, "query", "experts", "-f", "ids", "--refresh").lines) == {"2401.00001", "2403.00003"}


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_on_a_terminal_a_query_hints_at_what_is_not_indexed(own: Path) -> None:
    run(own, "index")
    assert "changed since" not in on_terminal(own, ["query", "experts"])[1]
    write_post(own / "corpus", "2403.00003", "More experts", "Experts again.")
    code, shown = on_terminal(own, ["query", "experts"])
    assert code == 0
    assert "papersearch: 1 post changed since the last index run: papersearch index, or --refresh\r\n" in shown
    assert run(own, "query", "experts").err == ""
    (own / "corpus").rename(own / "away")
    code, shown = on_terminal(own, ["query", "experts"])
    assert code == 0
    assert "; the answer is from what was indexed\r\n" in shown


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_on_a_terminal_an_order_that_asks_for_every_word_says_so_where_it_finds_nothing(own: Path) -> None:
    run(own, "index")
    told = "papersearch: --sort newest asks for every word: --match any finds papers with some\r\n"
    asked = ["query", "newest walruses with experts", "--sort", "newest"]
    code, shown = on_terminal(own, asked)
    assert code == 1
    assert told in shown
    assert run(own, *asked).err == ""
    assert told not in on_terminal(own, [*asked, "--match", "any"])[1]
    assert told not in on_terminal(own, ["query", "walruses", "--sort", "newest"])[1]


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_on_a_terminal_a_question_of_which_papers_have_few_words_is_told_of_meaning(own: Path) -> None:
    run(own, "index")
    asked = ["query", "experts walruses herons gnats moths"]
    told = "papersearch: even the nearest lacks half of the words: papersearch index --meaning finds"
    code, shown = on_terminal(own, asked)
    assert (code, told in shown) == (0, True)
    assert run(own, *asked).err == ""
    for others in (
        [*asked, "--no-meaning"],  # who wants none is told of none
        ["query", "experts walruses herons"],
        ["query", "who are experts and what are walruses?"],  # two words
        ["query", "walruses herons gnats moths"],  # none of which any paper has
    ):
        assert told not in on_terminal(own, others)[1], others


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_on_a_terminal_a_page_after_the_last_paper_says_so(own: Path) -> None:
    run(own, "index")
    told = "papersearch: --offset 1,000 leaves out all of them\r\n"
    code, shown = on_terminal(own, ["query", "experts", "--offset", "1000"])
    assert (code, told in shown) == (0, True)
    assert told not in on_terminal(own, ["query", "walruses", "--offset", "1000"])[1]
    assert run(own, "query", "experts", "--offset", "1000").err == ""


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_on_a_terminal_what_prints_nothing_or_not_all_says_so(own: Path) -> None:
    (own / "papersearch.toml").write_text('[searches]\nexperts = "experts"\n')
    run(own, "index")
    assert "nothing is new" not in on_terminal(own, ["digest"])[1]
    assert on_terminal(own, ["digest"]) == (1, "papersearch: nothing is new\r\n")
    assert on_terminal(own, ["check"]) == (0, "papersearch: nothing is wrong\r\n")
    write_post(own / "corpus", "2403.00003", "Other experts", tags=["one", "two", "three"])
    run(own, "index")
    assert "papersearch: 3 more; all with --limit 0\r\n" in on_terminal(own, ["facets", "--limit", "1"])[1]
    assert "more;" not in on_terminal(own, ["facets", "--limit", "0"])[1]


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_on_a_terminal_a_run_over_many_posts_shows_how_far_it_is(own: Path) -> None:
    assert "indexing" not in on_terminal(own, ["index"])[1]
    for number in range(100):
        write_post(own / "corpus", f"2404.{number:05}", f"Quokka {number}")
    assert on_terminal(own, ["index", "--quiet"]) == (0, "")
    code, shown = on_terminal(own, ["index", "--rebuild"])
    assert code == 0
    assert "indexing" in shown
    assert "102/102" in shown
    assert run(own, "index", "--rebuild").err == ""


def test_new_shows_what_came_since_the_query_was_last_asked(own: Path) -> None:
    ask = ("query", "experts", "--new", "-f", "ids", "--refresh")
    assert run(own, *ask).lines == ["2401.00001"]
    again = run(own, *ask)
    assert (again.code, again.out) == (1, "")
    write_post(own / "corpus", "2403.00003", "More experts", "Experts again.")
    assert run(own, *ask).lines == ["2403.00003"]
    assert run(own, *ask).code == 1
    assert run(own, "query", "tokens", "--new", "-n", "9", "-f", "ids").code == 0


def test_new_shows_all_that_is_new_however_many_and_forgets_none(own: Path) -> None:
    for number in range(25):
        write_post(own / "corpus", f"2501.{number:05}", f"Quokka {number}", "Quokkas.")
    assert run(own, "index").code == 0
    assert len(run(own, "query", "quokka", "--new", "-f", "ids").lines) == 25
    assert run(own, "query", "quokka", "--new", "-f", "ids").code == 1


def test_since_run_shows_what_was_first_seen_after_a_run(own: Path) -> None:
    run(own, "index")
    before = run(own, "stats", "--json").json["run"]
    assert run(own, "query", "experts", "--since-run", str(before), "-f", "ids").code == 1
    write_post(own / "corpus", "2403.00003", "More experts", "Experts again.")
    run(own, "index")
    assert run(own, "query", "experts", "--since-run", str(before), "-f", "ids").lines == ["2403.00003"]


def test_a_damaged_index_is_built_again_or_named(own: Path) -> None:
    run(own, "index")
    for file in (own / "index").glob("*.terms"):
        file.write_bytes(b"damaged")
    ran = run(own, "query", "experts", "-f", "ids")
    assert (ran.code, ran.lines) == (0, ["2401.00001"])
    assert ran.err.count("\n") == 1
    assert "building it anew from ./corpus" in ran.err
    for file in (own / "index").glob("*.terms"):
        file.write_bytes(b"damaged")
    (own / "corpus").rename(own / "elsewhere")
    ran = run(own, "query", "experts")
    assert (ran.code, ran.out) == (3, "")
    assert is_one_error(ran)
    assert ".terms" in ran.err
    assert f"cannot be built anew: there is no folder {own / 'corpus'}; 2 posts stay in the index" in ran.err


def test_what_is_left_out_stays_out_until_other_patterns_are_given(tmp_path: Path) -> None:
    for name in ("a.md", "drafts/b.md", "templates/c.md"):
        (tmp_path / "corpus" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "corpus" / name).write_text(f"---\ntitle: {name}\n---\nwombat", encoding="utf-8")
    assert run(tmp_path, "index", "--exclude", "drafts/", "--exclude", "templates/").code == 0
    assert len(run(tmp_path, "query", "wombat", "-f", "paths").lines) == 1
    assert run(tmp_path, "index", "--json").json["total"] == 1
    assert run(tmp_path, "config").lines[-1] == "exclude  drafts/, templates/  the index"
    (tmp_path / "papersearch.toml").write_text('exclude = ["drafts/"]\n', encoding="utf-8")
    assert run(tmp_path, "index", "--json").json["total"] == 2
    assert "exclude  drafts/" in run(tmp_path, "config").out
    assert run(tmp_path, "index", "--exclude", "[z-a]").code == 2
    (tmp_path / "papersearch.toml").unlink()
    assert run(tmp_path, "index", "--exclude", "", "--json").json["total"] == 3
    assert "exclude" not in run(tmp_path, "config").out
