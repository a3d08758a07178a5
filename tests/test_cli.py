"""The command itself, as scripts see it: standard output, standard error, exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from tests.commands import CONTROLS, follows, is_one_error, on_terminal, run

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
    some = dates("--since=2024-08", "--until", "2024-08-15")
    assert some == [day for day in dates() if "2024-08" <= day <= "2024-08-15"] != []
    titles = run(home, "query", "model", "-n", "99", "--sort", "title", "--template", "{title}").lines
    assert titles == sorted(titles, key=str.casefold)
    assert run(home, "query", "*", "--author", "Qwen", "-f", "ids").lines == ["2412.15115"]
    tagged = run(home, "query", "*", "--tag", "dataset on github", "-n", "99", "--template", "{tags}").lines
    assert tagged
    assert all("dataset on github" in tags for tags in tagged)
    both = ("--tag", "all search terms", "--tag", "dataset on github")
    tagged = run(home, "query", "*", *both, "-n", "99", "--template", "{tags}").lines
    assert tagged
    assert all("all search terms" in tags and "dataset on github" in tags for tags in tagged)


def test_match_says_how_many_words_must_occur(home: Path) -> None:
    def total(how: str) -> tuple[int, int]:
        answer = run(home, "query", "diffusion video", "--match", how, "--json").json
        return answer["total"], answer["total_all"]

    assert total("all")[0] == total("all")[1] == total("auto")[1] > 0
    assert total("any")[0] == total("auto")[0] > total("all")[0]


def test_operators_are_understood_unless_one_says_otherwise(home: Path) -> None:
    without = run(home, "query", "diffusion", "-video", "-n", "99", "-f", "ids").lines
    every = run(home, "query", "diffusion", "-n", "99", "-f", "ids").lines
    assert set() < set(without) < set(every)
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
    shown, left_out = (run(home, "query", "experts", *flags, "--json").json for flags in ((), ("--no-snippets",)))
    assert all(hit["snippets"] for hit in shown["results"])
    assert [hit["snippets"] for hit in left_out["results"]] == [[]] * len(shown["results"]) != []


def test_verbose_says_on_standard_error_what_is_done(home: Path) -> None:
    ran = run(home, "query", "experts", "-v", "-f", "ids")
    assert ran.out == run(home, "query", "experts", "-f", "ids").out
    assert "query; index ./index (default)" in ran.err
    assert " took " in ran.err


# Wrong usage


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["qurey", "x"], 2, "did you mean 'query'? To search for it: papersearch query qurey x"),
        (["shwo", "2412.15115"], 2, "did you mean 'show'?"),
        (["stat"], 2, "did you mean 'stats'?"),
        (
            ["help", "indx"],
            2,
            "there is no command 'indx': did you mean 'index'? To search for it: papersearch query help",
        ),
        (["query"], 2, "there is nothing to search for"),
        (["query", ""], 2, "there is nothing to search for"),
        (["query", " \t"], 2, "there is nothing to search for"),
        (["query", "x", "--formt", "json"], 2, "there is no option --formt: did you mean --format?"),
        (["index", "--wach"], 2, "there is no option --wach: did you mean --watch?"),
        (["stats", "--bogus"], 2, "there is no option --bogus: papersearch stats --help"),
        (["--bogus"], 2, "there is no option --bogus: papersearch query --help"),
        (["--verison"], 2, "there is no option --verison: did you mean --version?"),
        (["--install-completon"], 2, "did you mean --install-completion?"),
        (["query", "--versoin"], 2, "there is no option --versoin: papersearch query --help"),
        (["query", "x", "--format", "jsno"], 2, "did you mean json?"),
        (["query", "x", "-f", ""], 2, "there is no --format ''"),
        (["show", "2412.15115", "--format", "bibtx"], 2, "did you mean bibtex?"),
        (["query", "x", "-0"], 2, "-0 is for ids, paths, urls and template lines: add --format ids, paths or urls"),
        (["query", "--batch", "-", "-0"], 2, "-0 is for ids"),
        (["similar", "2412.15115", "-0", "--json"], 2, "-0 is for ids"),
        (["browse", "-0", "-f", "bibtex"], 2, "-0 is for ids"),
        (["browse", "-0"], 2, "browse needs a terminal"),
        (["query", "x", "--template", "{titel}"], 2, "did you mean title?"),
        (["query", "x", "--template", "{title"], 2, "stray '{'"),
        (["query", "x", "--sort", "newst"], 2, "did you mean newest?"),
        (["query", "x", "--match", "al"], 2, "did you mean all?"),
        (["facets", "--by", "tagg"], 2, "did you mean tag?"),
        (["query", "x", "--limit", "-3"], 2, "--limit '-3': it must be a whole number, 0 or more"),
        (["serve", "--port", "99999"], 2, "--port '99999': it must be a whole number, from 0 to 65535"),
        (["serve", "--port", "-1"], 2, "--port '-1': it must be a whole number, from 0 to 65535"),
        (["serve", "--port", "abc"], 2, "--port 'abc': it must be a whole number, from 0 to 65535"),
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
        (["query", "x", "--index", ""], 2, "--index requires an argument: --index DIR"),
        (["query", "x", "--since", ""], 2, "--since requires an argument: --since D"),
        (["facets", "--until="], 2, "--until requires an argument: --until D"),
        (["query", "x", "--author", ""], 2, "--author requires an argument: --author A"),
        (["similar", "2412.15115", "--tag="], 2, "--tag requires an argument: --tag T"),
        (["query", "--batch", ""], 2, "--batch requires an argument: --batch FILE"),
        (["show", "2412.15115", "--from", ""], 2, "--from requires an argument: --from LINE"),
        (["query", "--batch", "-", "x"], 2, "leave out the WORDS"),
        (["query", "--batch", "no-such-file"], 2, "no-such-file cannot be read"),
        (["query", "--batch", "-", "-f", "csv"], 2, "one object a line"),
        (["show"], 2, "missing argument 'ID...'"),
        (["similar"], 2, "papersearch similar ID, or --text TEXT"),
        (["similar", "2412.15115", "--text", "x"], 2, "similar needs a paper or a text, one of them"),
        (["open", "set", "recognition"], 2, "papersearch query open set recognition"),
        (["stats", "extra"], 2, "extra"),
        (["query", "x", "--tag", "datset"], 1, "did you mean 'dataset'?"),
        (["show", "2412.1511"], 1, "did you mean 2412.15115?"),
        (["similar", "2412.1511"], 1, "did you mean 2412.15115?"),
        (["show", "2412.16"], 1, "did you mean 2412.16085?"),
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
    assert "Traceback" in ran.err


@pytest.mark.parametrize("line", [["query", "year:abc"], ["show", "2412.1511"], ["index", "no-such-folder"]])
def test_an_error_says_and_exits_the_same_with_its_traceback(home: Path, line: list[str]) -> None:
    without, debugged = run(home, *line), run(home, *line, "--debug")
    assert (debugged.code, debugged.out) == (without.code, without.out)
    assert debugged.err.endswith(without.err)


def test_words_that_look_like_a_mistyped_command_can_be_searched(home: Path) -> None:
    assert (run(home, "stat", "-f", "ids").code, run(home, "query", "stat", "-f", "ids").code) == (2, 1)
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
    assert (ran.code, ran.err) == (
        1,
        "papersearch: there is no paper 'nope': to search for it: papersearch query nope\n",
    )
    assert ran.out.startswith("@misc{qwen2024qwen25,")


@pytest.mark.parametrize("command", ["show", "open", "similar"])
def test_what_names_no_paper_is_told_apart(command: str, own: Path) -> None:
    assert run(own, "index").code == 0
    (own / "corpus" / "new.md").write_text("# Not indexed yet\n")
    for named, hint in (
        ("corpus/new.md", "corpus/new.md is not indexed: papersearch index, if it lies in the corpus"),
        ("2412.99999", "there is no paper '2412.99999'"),
        ("mixed experts", "there is no paper 'mixed experts': to search for it: papersearch query 'mixed experts'"),
    ):
        ran = run(own, command, named)
        assert (ran.code, ran.out, ran.err) == (1, "", f"papersearch: {hint}\n")


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


def test_facets_say_how_the_words_were_read(home: Path) -> None:
    ran = run(home, "facets", "(moe")
    assert (ran.out, ran.err) == (run(home, "facets", "moe").out, run(home, "query", "(moe").err)
    assert "parenthesis is not closed" in ran.err
    assert run(home, "facets", "difusion").err == "papersearch: did you mean: diffusion\n"
    assert run(home, "facets", "moe").err == ""


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_on_a_terminal_a_certain_slip_is_put_right_where_that_finds_papers(home: Path) -> None:
    def shown(query: str) -> str:
        words, *options = query.split(" --")
        line = ["query", words, "-n", "1", "--no-snippets", *(f"--{option.replace(' ', '=')}" for option in options)]
        return " ".join(on_terminal(home, line, PAGER="", NO_COLOR="1")[1].split())

    nothing = shown("difusion")
    assert nothing.startswith("Nothing was found for “difusion”; these are the papers for “diffusion”. 1 Diffusion")
    assert shown("model difusion").startswith("No paper has every word of “model difusion”; these are the papers for")
    some = shown("difusion zzqqxx")
    assert some.startswith("Not searched for: “difusion zzqqxx”; these are the papers for “diffusion zzqqxx”. No paper")
    assert "No paper has every word (zzqqxx); these come nearest. 1 Diffusion" in some
    assert shown('"difusion"').startswith('Did you mean: "diffusion" nothing found')
    assert shown("difusion zzqqxx --match all").startswith("Did you mean: diffusion zzqqxx nothing found")


def test_stats_check_config_and_schema(home: Path, own: Path) -> None:
    stats = run(home, "stats", "--json").json
    follows("stats", stats)
    assert (stats["posts"], stats["stale"]) == (60, 0)
    assert run(home, "stats").lines[1] == "posts        60"
    wrong = run(home, "check")
    assert wrong.code == 1
    assert wrong.lines == ["corpus/Health_AI_Developer_Foundations.md:33: no abstract"]
    follows("problems", run(home, "check", "--json").json)
    assert run(own, "index").code == 0
    fine = run(own, "check")
    assert (fine.code, fine.out) == (0, "")
    assert run(own, "config").lines[1].split() == ["index", "index", "default"]
    assert run(own, "schema").json["$schema"].startswith("https://json-schema.org/")


def test_check_names_a_line_for_what_is_wrong_with_a_whole_post(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "empty.md").write_text("")
    ran = run(tmp_path, "check", "posts")
    assert ran.code == 1
    assert {line.rpartition(": ")[0] for line in ran.lines} == {"posts/empty.md:1"}
    assert {problem["line"] for problem in run(tmp_path, "check", "posts", "--json").json} == {0}
