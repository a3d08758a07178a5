"""The command itself, as scripts see it: standard output, standard error, exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import select
import signal
import subprocess
from pathlib import Path

import pytest

from tests.commands import CONTROLS, PAPERSEARCH, environment, follows, is_one_error, run, sample
from tests.corpora import write_post


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample posts with an index; only read from."""
    folder = sample(tmp_path_factory.mktemp("home"))
    assert run(folder, "index").code == 0
    return folder


@pytest.fixture
def own(home: Path, tmp_path: Path) -> Path:
    """A few posts of one's own in tmp_path/posts, nothing indexed."""
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001", "Routing tokens to experts", "Experts are chosen by a router.")
    write_post(tmp_path / "corpus", "2402.00002", "Sparse attention", "Attention that looks at few tokens.")
    return tmp_path


# Querying


def test_a_query_prints_papers_and_nothing_else(home: Path) -> None:
    ran = run(home, "query", "mixture", "of", "experts")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(" 1. LLMBased Routing in Mixture of Experts")
    assert not CONTROLS.search(ran.out)
    assert max(map(len, ran.lines)) <= 80


def test_a_query_that_finds_nothing_exits_with_1(home: Path) -> None:
    ran = run(home, "query", "--match", "all", "zzqqxx")
    assert (ran.code, ran.out) == (1, "")


def test_a_query_without_its_command_is_understood(home: Path) -> None:
    assert run(home, "mixture of experts", "-f", "ids").out == run(home, "query", "mixture of experts", "-f", "ids").out
    assert run(home, "--format", "ids", "state", "space", "-n1").lines == ["2412.18603"]


def test_json_follows_the_schema_that_the_command_prints(home: Path) -> None:
    ran = run(home, "query", "mixture of experts", "--json")
    follows("answer", ran.json)
    assert ran.json["query"] == "mixture of experts"
    assert ran.out.count("\n") == 1
    follows("answer", run(home, "query", "routing", "--json", "--explain").json)
    schema = run(home, "schema").json
    assert schema["$defs"]["answer"]["properties"]["format"] == {
        "const": 1,
        "description": "The version of this format.",
    }


def test_every_format_gives_the_same_papers(home: Path) -> None:
    ids = run(home, "query", "diffusion", "-f", "ids").lines
    assert len(ids) == 10
    found = {
        form: run(home, "query", "diffusion", "--format", form) for form in ("jsonl", "csv", "paths", "urls", "bibtex")
    }
    assert [json.loads(line)["id"] for line in found["jsonl"].lines] == ids
    assert [row["id"] for row in csv.DictReader(io.StringIO(found["csv"].out, newline=""))] == ids
    assert [url.rpartition("/")[2].partition("v")[0] for url in found["urls"].lines] == ids
    assert [run(home, "show", path, "--json").json["id"] for path in found["paths"].lines[:2]] == ids[:2]
    assert found["bibtex"].out.count("@misc{") == 10
    assert run(home, "query", "diffusion", "--template", r"{rank}\t{id}").lines == [
        f"{n}\t{i}" for n, i in enumerate(ids, 1)
    ]
    assert run(home, "query", "diffusion", "-0", "-f", "ids").out == "".join(f"{i}\0" for i in ids)
    assert run(home, "query", "diffusion", "--offset", "3", "--limit", "2", "-f", "ids").lines == ids[3:5]


def test_filters_and_orders_hold(home: Path) -> None:
    def dates(*arguments: str) -> list[str]:
        return run(home, "query", "model", "-n", "99", "--template", "{published}", *arguments).lines

    everything = [day for day in dates("--sort", "newest") if day]
    assert everything == sorted(everything, reverse=True)
    assert [day for day in dates("--sort", "oldest") if day] == sorted(everything)
    assert dates("--since", "2025", "--sort", "newest") == [day for day in everything if day >= "2025"]
    assert dates("--since=2024-08", "--until", "2024-08-15") == [
        day for day in dates() if "2024-08" <= day <= "2024-08-15"
    ]
    titles = run(home, "query", "model", "-n", "99", "--sort", "title", "--template", "{title}").lines
    assert titles == sorted(titles, key=str.casefold)
    assert run(home, "query", "*", "--author", "Qwen", "-f", "ids").lines == ["2412.15115"]
    tagged = run(home, "query", "*", "--tag", "dataset on github", "-n", "99", "--template", "{tags}").lines
    assert tagged
    assert all("dataset on github" in tags for tags in tagged)
    assert run(home, "query", "*", "--tag", "dataset", "--tag", "dataset on github", "-f", "ids").code in (0, 1)


def test_match_says_how_many_words_must_occur(home: Path) -> None:
    def total(how: str) -> tuple[int, int]:
        answer = run(home, "query", "graph quantization", "--match", how, "--json").json
        return answer["total"], answer["total_all"]

    assert total("all")[0] == total("all")[1] <= total("auto")[0]
    assert total("any")[0] == total("auto")[0] > total("all")[0]


def test_operators_are_understood_unless_one_says_otherwise(home: Path) -> None:
    without = run(home, "query", "diffusion", "-video", "-n", "99", "-f", "ids").lines
    every = run(home, "query", "diffusion", "-n", "99", "-f", "ids").lines
    assert set(without) < set(every)
    assert run(home, "query", "diffusion -video", "-n", "99", "-f", "ids").lines == without
    assert run(home, "query", "--no-syntax", "diffusion -video", "-n", "99", "-f", "ids").lines != without


def test_an_id_in_any_usual_form_finds_its_paper_first(home: Path) -> None:
    for form in ("2412.15115", "2412.15115v1", "arXiv:2412.15115", "https://arxiv.org/pdf/2412.15115v1"):
        assert run(home, "query", form, "-f", "ids", "-n", "1").lines == ["2412.15115"]


def test_what_does_not_parse_is_searched_as_plain_words_and_said(home: Path) -> None:
    ran = run(home, "query", 'mixture of experts"', "-f", "ids")
    assert ran.code == 0
    assert ran.err == "papersearch: a quotation mark is not closed: searched for the plain words\n"


def test_explain_and_snippets_are_shown_or_left_out(home: Path) -> None:
    assert "total" in run(home, "query", "experts", "--explain", "-n", "1").out
    assert all(
        hit["snippets"] == [] for hit in run(home, "query", "experts", "--no-snippets", "--json").json["results"]
    )


def test_verbose_says_on_standard_error_what_is_done(home: Path) -> None:
    ran = run(home, "query", "experts", "-v", "-f", "ids")
    assert ran.out == run(home, "query", "experts", "-f", "ids").out
    assert "query; index index (default)" in ran.err
    assert " took " in ran.err


# Wrong usage


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["qurey", "x"], 2, "did you mean 'query'?"),
        (["shwo", "2412.15115"], 2, "did you mean 'show'?"),
        (["stat"], 2, "did you mean 'stats'?"),
        (["query"], 2, "there is nothing to search for"),
        (["query", ""], 2, "there is nothing to search for"),
        (["query", " \t"], 2, "there is nothing to search for"),
        (["query", "x", "--formt", "json"], 2, "there is no option --formt: did you mean --format?"),
        (["index", "--wach"], 2, "there is no option --wach: did you mean --watch?"),
        (["stats", "--bogus"], 2, "there is no option --bogus: papersearch stats --help"),
        (["--bogus"], 2, "there is no option --bogus"),
        (["query", "x", "--format", "jsno"], 2, "did you mean json?"),
        (["query", "x", "-f", ""], 2, "there is no --format ''"),
        (["show", "2412.15115", "--format", "bibtx"], 2, "did you mean bibtex?"),
        (["query", "x", "--template", "{titel}"], 2, "did you mean title?"),
        (["query", "x", "--template", "{title"], 2, "stray '{'"),
        (["query", "x", "--sort", "newst"], 2, "did you mean newest?"),
        (["query", "x", "--match", "al"], 2, "did you mean all?"),
        (["facets", "--by", "tagg"], 2, "did you mean tag?"),
        (["query", "x", "--limit", "-3"], 2, "--limit '-3': it must be a whole number, 0 or more"),
        (["query", "x", "-n", "ten"], 2, "--limit 'ten'"),
        (["query", "x", "--offset", "-1"], 2, "--offset '-1'"),
        (["query", "x", "--since-run", "-1"], 2, "--since-run '-1'"),
        (["facets", "-n", "-1"], 2, "--limit '-1'"),
        (["index", "--jobs", "-1"], 2, "--jobs '-1'"),
        (["index", "--wait", "nan"], 2, "--wait 'nan'"),
        (["query", "x", "-n"], 2, "requires an argument"),
        (["query", "x", "--json=yes"], 2, "does not take a value"),
        (["query", "x", "--since", "2024-13"], 2, "'2024-13' is not a date"),
        (["query", "x", "--until", "gestern"], 2, "is not a date: write 2024, 2024-12 or 2024-12-19"),
        (["query", "year:abc"], 2, "'abc' is not a date"),
        (["query", "date:2024-13"], 2, "'2024-13' is not a date"),
        (["query", "x", "--index", ""], 2, "--index without a folder"),
        (["query", "--batch", "-", "x"], 2, "leave out the WORDS"),
        (["query", "--batch", "no-such-file"], 2, "no-such-file cannot be read"),
        (["query", "--batch", "-", "-f", "csv"], 2, "one object a line"),
        (["show"], 2, "missing argument 'ID...'"),
        (["similar"], 2, "papersearch similar ID, or --text TEXT"),
        (["similar", "2412.15115", "--text", "x"], 2, "similar needs a paper or a text"),
        (["open", "set", "recognition"], 2, "papersearch query open set recognition"),
        (["stats", "extra"], 2, "extra"),
        (["query", "x", "--tag", "datset"], 1, "did you mean 'dataset'?"),
        (["show", "2412.1511"], 1, "did you mean 2412.15115?"),
        (["similar", "2412.1511"], 1, "did you mean 2412.15115?"),
        (["open", "2412.1511", "--print"], 1, "did you mean 2412.15115?"),
        (["index", "no-such-folder"], 3, "name the folder that holds the posts"),
        (["index", "corpus/Qwen25_Technical_Report.md"], 3, "is not a folder"),
        (["query", "x", "--index", "corpus/Qwen25_Technical_Report.md"], 3, "choose another with --index"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_that_says_what_to_do(home: Path, arguments: list[str], code: int, said: str) -> None:
    ran = run(home, *arguments)
    lines = [line for line in ran.err.splitlines() if "building it from" not in line]
    ran.err = "\n".join(lines)
    assert said in ran.err
    assert is_one_error(ran), ran.err
    assert (ran.code, ran.out) == (code, "")


def test_debug_shows_the_traceback(home: Path) -> None:
    ran = run(home, "query", "year:abc", "--debug")
    assert ran.code == 1
    assert "Traceback" in ran.err


def test_words_that_look_like_a_mistyped_command_can_be_searched(home: Path) -> None:
    assert run(home, "query", "stat", "-f", "ids").code in (0, 1)
    assert run(home, "state space", "-f", "ids").code == 0


# Help and version


def test_help_is_printed_for_the_program_and_for_each_command(home: Path) -> None:
    shown = run(home, "--help")
    assert (shown.code, shown.err) == (0, "")
    assert run(home).out == run(home, "help").out == run(home, "-h").out == shown.out
    for command in ("index", "query", "show", "similar", "facets", "stats", "check", "open", "config", "schema"):
        assert f"\n  {command} " in shown.out
    assert run(home, "help", "show").out == run(home, "show", "--help").out
    assert "Examples:" in run(home, "query", "x", "--help").out
    assert run(home, "--version").out == run(home, "-V").out


# Where things are found


def test_the_first_query_builds_the_index(own: Path) -> None:
    ran = run(own, "query", "experts", "-f", "ids")
    assert (ran.code, ran.lines) == (0, ["2401.00001"])
    assert ran.err == "papersearch: there is no index in index yet; building it from corpus\n"
    assert run(own, "query", "experts", "-f", "ids").err == ""


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


def test_the_file_sets_defaults_that_options_override(own: Path) -> None:
    (own / "papersearch.toml").write_text('[query]\nformat = "ids"\nlimit = 1\n')
    assert run(own, "query", "tokens").lines in (["2401.00001"], ["2402.00002"])
    assert len(run(own, "query", "tokens", "-n", "2").lines) == 2
    assert run(own, "query", "tokens", "--json").json["total"] == 2
    assert "limit   1" in run(own, "config").out


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


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_post_that_cannot_be_read_is_skipped_and_named(own: Path) -> None:
    (own / "corpus" / "2402.00002.md").chmod(0)
    ran = run(own, "index", "--json")
    assert ran.code == 0
    assert [problem["path"] for problem in ran.json["skipped"]] == [str(own / "corpus" / "2402.00002.md")]
    assert "2402.00002.md" in ran.err


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
    assert "building it anew from corpus" in ran.err
    for file in (own / "index").glob("*.terms"):
        file.write_bytes(b"damaged")
    (own / "corpus").rename(own / "elsewhere")
    ran = run(own, "query", "experts")
    assert (ran.code, ran.out) == (3, "")
    assert is_one_error(ran)
    assert "`papersearch index`" in ran.err


# The other commands


def test_show_prints_papers_whole_in_each_format(home: Path) -> None:
    both = run(home, "show", "2412.15115v1", "corpus/Decentralized_Diffusion_Models.md")
    assert both.out.count("\n## Abstract\n") == 2
    assert both.out == run(home, "show", "2412.15115", "2501.05450", "--format", "markdown").out
    lines = run(home, "show", "2412.15115", "2501.05450", "--json").lines
    for line in lines:
        follows("paper", json.loads(line))
    assert [json.loads(line)["id"] for line in lines] == ["2412.15115", "2501.05450"]
    assert run(home, "show", "2412.15115", "-f", "bibtex").out.startswith("@misc{qwen2024qwen25,")


def test_show_names_what_is_missing_and_prints_the_rest(home: Path) -> None:
    ran = run(home, "show", "nope", "2412.15115", "-f", "bibtex")
    assert (ran.code, ran.err) == (1, "papersearch: there is no paper 'nope'\n")
    assert ran.out.startswith("@misc{qwen2024qwen25,")


def test_similar_leaves_out_the_paper_itself_and_takes_any_text(home: Path) -> None:
    answer = run(home, "similar", "2501.09636", "--json").json
    follows("answer", answer)
    assert "2501.09636" not in [hit["id"] for hit in answer["results"]]
    text = "A router sends each token to a few experts of a mixture of experts."
    read = run(home, "similar", "--text", "-", "-f", "ids", stdin=text)
    assert read.code == 0
    assert read.out == run(home, "similar", "--text", text, "-f", "ids").out
    assert run(home, "similar", "--text", "-", stdin="").code == 1


def test_facets_count_all_papers_or_those_that_match(home: Path) -> None:
    papers = run(home, "stats", "--json").json["papers"]
    for by in ("tag", "author", "year", "month"):
        data = run(home, "facets", "--by", by, "--limit", "0", "--json").json
        follows("facets", data)
        counts = [each["count"] for each in data["counts"]]
        values = [each["value"] for each in data["counts"]]
        assert values == sorted(values) if by in ("year", "month") else counts == sorted(counts, reverse=True)
        lines = run(home, "facets", "--by", by, "--limit", "0").lines
        assert [line.split("\t", 1)[1] for line in lines] == [each["value"] for each in data["counts"]]
        if by == "year":
            assert sum(counts) <= papers
            some = run(home, "facets", "diffusion", "-video", "--by", by, "--json").json["counts"]
            assert 0 < sum(each["count"] for each in some) < sum(counts)
    assert run(home, "facets", "--match", "all", "zzqqxx").code == 1


def test_stats_check_config_and_schema(home: Path, own: Path) -> None:
    stats = run(home, "stats", "--json").json
    follows("stats", stats)
    assert (stats["posts"], stats["stale"]) == (60, 0)
    assert run(home, "stats").lines[1] == "posts        60"
    wrong = run(home, "check")
    assert wrong.code == 1
    assert wrong.lines == ["corpus/Health_AI_Developer_Foundations.md:33: no abstract"]
    for problem in run(home, "check", "--json").json:
        follows("problem", problem)
    assert run(own, "index").code == 0
    fine = run(own, "check")
    assert (fine.code, fine.out) == (0, "")
    assert run(own, "config").lines[1].split() == ["index", "index", "default"]
    assert run(own, "schema").json["$schema"].startswith("https://json-schema.org/")


def test_open_prints_or_hands_over_the_address_and_the_post(own: Path) -> None:
    run(own, "index")
    assert run(own, "open", "2401.00001", "--print").lines == ["http://arxiv.org/abs/2401.00001"]
    assert run(own, "open", "2401.00001", "--post", "--print").lines == ["corpus/2401.00001.md"]
    assert (
        run(own, "open", "2401.00001", "--post", EDITOR="echo edit", VISUAL="").out == "edit +18 corpus/2401.00001.md\n"
    )
    assert run(own, "open", "2401.00001", BROWSER="echo %s").out == "http://arxiv.org/abs/2401.00001\n"
    for broken in ("  ", "\t"):
        assert run(own, "open", "2401.00001", "--post", EDITOR=broken, VISUAL="", PATH="/nowhere").err == (
            "papersearch: the editor vi cannot be started: set EDITOR\n"
        )
    for broken in ("'vi", 'vi "', "vi \\"):
        ran = run(own, "open", "2401.00001", "--post", EDITOR=broken, VISUAL="")
        assert ran.code == 3
        assert is_one_error(ran), ran.err
        assert "set EDITOR" in ran.err
    none = run(own, "open", "2401.00001", "--post", EDITOR="no-such-editor", VISUAL="")
    assert (none.code, none.err) == (3, "papersearch: the editor no-such-editor cannot be started: set EDITOR\n")


# Batches

BATCH = "mixture of experts\n\n2412.15115\nzzqqxx\ndiffusion -video\nyear:abc\n\xe9\n"


def _timeless(text: str) -> list[object]:
    return [{key: value for key, value in json.loads(line).items() if key != "seconds"} for line in text.splitlines()]


def test_a_batch_answers_each_line_in_order(home: Path) -> None:
    ran = run(home, "query", "--batch", "-", "-n", "3", stdin=BATCH)
    answers = [json.loads(line) for line in ran.lines]
    assert [answer["query"] for answer in answers] == BATCH.split("\n")[:-1]
    for answer in answers:
        follows("answer", answer)
    assert answers[0]["results"][0]["id"] == "2501.09636"
    assert answers[2]["results"][0]["id"] == "2412.15115"
    assert answers[4]["total"] > 0
    (home / "lines.txt").write_text(BATCH)
    assert _timeless(run(home, "query", "--batch", "lines.txt", "-n", "3").out) == _timeless(ran.out)
    two = run(home, "query", "--batch", "-", "-n", "3", "--jobs", "2", stdin=BATCH)
    assert _timeless(two.out) == _timeless(ran.out)
    assert (two.code, two.err) == (ran.code, ran.err)


def test_a_line_that_is_a_mistake_carries_its_error_and_the_rest_go_on(home: Path) -> None:
    ran = run(home, "query", "--batch", "-", "--syntax", "-n", "1", stdin="moe\nyear:abc\n\nmoe\n")
    answers = [json.loads(line) for line in ran.lines]
    assert [("error" in answer, bool(answer["results"])) for answer in answers] == [
        (False, True), (True, False), (False, False), (False, True),
    ]  # fmt: skip
    assert "'abc' is not a date" in answers[1]["error"]
    assert ran.code == 2


def test_a_batch_exits_with_0_if_anything_was_found_else_with_1(home: Path) -> None:
    assert run(home, "query", "--batch", "-", stdin="zzqqxx\nmoe\n").code == 0
    assert run(home, "query", "--batch", "-", "--match", "all", stdin="zzqqxx\n").code == 1
    assert run(home, "query", "--batch", "-", stdin="").code == 1


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_batch_answers_before_the_next_line_is_written(home: Path, jobs: str) -> None:
    command = [*PAPERSEARCH, "query", "--batch", "-", "-n", "1", "--jobs", jobs]
    with subprocess.Popen(
        command, cwd=home, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for query in ("mixture of experts", "", "diffusion"):
            process.stdin.write(query + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["query"] == query
        process.stdin.close()
        assert process.wait(20) in (0, 2)


# Pipes, signals, encodings


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
@pytest.mark.parametrize("line", ["query moe", "query moe --json", "stats", "--version"])
def test_what_cannot_be_written_is_an_error(home: Path, line: str) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PAPERSEARCH, *line.split()], cwd=home, env=environment(), stdout=full, stderr=subprocess.PIPE, timeout=60
        )
    assert done.returncode == 3
    assert done.stderr.decode() == "papersearch: No space left on device: --debug shows the traceback\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_change_no_exit_code_and_the_index_is_built(closed: str, own: Path) -> None:
    for line, code in (
        ("index", 0), ("query attention", 0), ("query zzqqxx", 1), ("query x --sort y", 2), ("index no-such-folder", 3),
        ("query --batch -", 1), ("show 2401.00001", 0), ("--version", 0), ("--help", 0),
    ):  # fmt: skip
        command = f"{' '.join(PAPERSEARCH)} {line} {closed}"
        done = subprocess.run(["bash", "-c", command], cwd=own, env=environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)  # fmt: skip
        assert done.returncode == code, (line, done.stderr)
        assert "Traceback" not in done.stderr
    assert run(own, "stats", "--json").json["posts"] == 2


def test_a_program_that_ends_at_once_has_written_everything(home: Path) -> None:
    ran = run(home, "query", "*", "-n", "1000", "--json")
    assert ran.code == 0
    assert len(ran.json["results"]) == ran.json["total"] > 10
    assert run(home, "query", "zzqqxx", "-f", "ids").code == 1
    assert run(home, "query", "year:abc").code == 2


@pytest.mark.parametrize(
    "line",
    [
        "query '*' -n 999 --json",
        "query '*' -n 999",
        "query --batch many.txt",
        "facets --by author -n 0",
        "show 2412.15115 2501.05450",
        "--help",
    ],
)
def test_a_closed_pipe_ends_it_quietly(home: Path, line: str) -> None:
    (home / "many.txt").write_text("mixture of experts\n" * 300)
    command = f"{' '.join(PAPERSEARCH)} {line} | head -c 10 >/dev/null; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=home, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_control_c_exits_with_130_and_says_nothing(home: Path) -> None:
    command = [*PAPERSEARCH, "query", "--batch", "-"]
    with subprocess.Popen(
        command, cwd=home, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"moe\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_control_c_ends_watching(own: Path) -> None:
    with subprocess.Popen(
        [*PAPERSEARCH, "index", "--watch"],
        cwd=own,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("2 posts indexed: 2 added")
        for number in range(60):  # until one comes after the watching has begun
            write_post(own / "corpus", "2403.00003", "More experts", f"Experts again, {number}.")
            if select.select([process.stdout], [], [], 1)[0]:
                break
        assert process.stdout.readline().startswith("3 posts indexed: 1 added")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_what_cannot_be_encoded_is_escaped(own: Path) -> None:
    write_post(own / "corpus", "2403.00003", "Bézier 专家", "Größe \N{RIGHT-TO-LEFT OVERRIDE}abc", author="Begüm Özbay")
    run(own, "index")
    bare = {"LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for arguments in (
        ["query", "bezier"],
        *(["query", "bezier", "-f", form] for form in ("json", "jsonl", "csv", "bibtex")),
        ["query", "bezier", "--template", "{title} {authors}"],
        ["query", "bezier", "--explain"],
        ["show", "2403.00003"],
        ["show", "2403.00003", "--json"],
        ["facets", "--by", "author"],
        ["similar", "2403.00003"],
        ["query", "专家"],
        ["query", "--tag", "专", "x"],
    ):
        ran = run(own, *arguments, **bare)
        assert ran.code in (0, 1), ran.err
        assert (ran.out + ran.err).isascii()
        assert "Traceback" not in ran.err
    assert run(own, "query", "bezier", "--json", **bare).json["results"][0]["title"] == "Bézier 专家"


def test_nothing_in_a_post_reaches_the_terminal_as_a_control_code(own: Path) -> None:
    write_post(own / "corpus", "2403.00003", "Evil \x1b[31mred\x07", "Abstract \x1b]0;title\x07 evil.", tags=["=cmd()"])
    run(own, "index")
    for form in ("text", "json", "jsonl", "csv", "bibtex", "ids", "paths", "urls"):
        ran = run(own, "query", "evil", "-f", form, NO_COLOR="1")
        assert ran.code == 0
        assert not CONTROLS.search(ran.out.replace("\r\n", "\n")), form
    for arguments in (["show", "2403.00003"], ["facets"], ["facets", "--by", "author"], ["similar", "2401.00001"]):
        assert not CONTROLS.search(run(own, *arguments).out)


def test_it_runs_from_a_folder_that_is_gone(own: Path) -> None:
    run(own, "index")
    gone = own / "gone"
    gone.mkdir()
    command = f"cd {gone} && rmdir {gone} && {' '.join(PAPERSEARCH)} query experts -f ids --index {own}/index"
    done = subprocess.run(["bash", "-c", command], cwd=own, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2401.00001\n", "")


def test_many_at_once_give_the_same_answer(home: Path) -> None:
    command = f"yes diffusion | head -12 | xargs -P4 -n1 {' '.join(PAPERSEARCH)} query -f ids -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=home, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 12
    assert len(set(done.stdout.splitlines())) == 1


# Completion


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


def test_what_is_left_out_stays_out_until_other_patterns_are_given(tmp_path: Path) -> None:
    for name in ("a.md", "drafts/b.md", "templates/c.md"):
        (tmp_path / "corpus" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "corpus" / name).write_text(f"---\ntitle: {name}\n---\nwombat", encoding="utf-8")
    assert run(tmp_path, "index", "--exclude", "drafts/", "--exclude", "templates/").code == 0
    assert len(run(tmp_path, "query", "wombat", "-f", "paths").lines) == 1
    assert run(tmp_path, "index", "--json").json["total"] == 1
    (tmp_path / "papersearch.toml").write_text('exclude = ["drafts/"]\n', encoding="utf-8")
    assert run(tmp_path, "index", "--json").json["total"] == 2
    assert "exclude  drafts/" in run(tmp_path, "config").out
    assert run(tmp_path, "index", "--exclude", "[z-a]").code == 2
