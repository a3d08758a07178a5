"""Each format read back by a reader that is not ours, with the values that break writers."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from importlib import resources
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papersearch import output
from papersearch.apps.cli.flags import COMMANDS
from papersearch.core.errors import UsageError
from papersearch.core.frozen import Frozen, names_of, replace
from papersearch.core.records import Contribution, Paper, Problem, Reply, Sentence, Source, Stats, Summary
from papersearch.output import formats, json_shapes
from tests.answers import ANSWER, BAD, NASTY, QWEN, STEERING, UNKNOWN, written

SCHEMA: dict[str, Any] = json.loads(resources.files("papersearch.output").joinpath("schema.json").read_text("utf-8"))


def valid(data: Any, name: str = "answer") -> None:
    """Validate the data against one definition of the schema, and see that no key is missing from the schema."""
    schema = {**SCHEMA, "$ref": f"#/$defs/{name}"}
    jsonschema.Draft202012Validator(schema).validate(data)
    assert set(data) <= set(SCHEMA["$defs"][name]["properties"])


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_has_what_each_command_prints_as_json() -> None:
    named = {"index": "summary", "show": "paper", "ask": "reply", "check": "problems"}
    named |= {"query": "answer", "similar": "answer"}
    shapes = {name: name for name in ("facets", "stats", "config", "digest")} | named
    printing = {each.name for each in COMMANDS if any("--json" in option.flags for option in each.options)}
    assert printing == set(shapes)
    assert set(shapes.values()) <= set(SCHEMA["$defs"])


def test_json_has_the_keys_of_the_contract_with_their_values() -> None:
    data = json.loads(written("json"))
    valid(data)
    first = data["results"][0]
    valid(first, "hit")
    assert data["format"] == 1
    assert (data["total"], data["total_all"], data["suggestion"]) == (612, 8, "mixture")
    assert first["authors"] == ["Qwen"]
    assert first["et_al"] is True
    assert first["meaning"] is None
    assert (data["seconds"], first["score"]) == (0.004123, 12.3412)
    assert first["snippets"][0]["highlights"] == [[4, 22], [24, 27]]
    assert first["other_posts"] == [{"path": "corpus/old.md", "version": None, "title": "Old", "posted": None}]
    assert "explanation" not in first


def test_json_values_come_back_exactly_and_nothing_in_the_text_steers_a_terminal() -> None:
    text = written("json")
    bad = json.loads(text)["results"][2]
    assert bad["title"] == NASTY
    assert bad["path"] == BAD.path
    assert not STEERING.search(text)
    assert "混合" in text  # readable where it can be


def test_json_is_indented_for_whoever_reads_it_on_a_terminal() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    formats.write("json", ANSWER, out)
    assert out.getvalue().startswith('{\n  "format": 1,\n')
    assert json.loads(out.getvalue()) == json.loads(written("json"))


def test_json_is_ascii_where_the_output_cannot_hold_more() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    formats.write("json", ANSWER, out)
    out.flush()
    assert json.loads(raw.getvalue().decode("ascii"))["results"][1]["id"] == "混合"


@pytest.mark.parametrize("fmt", output.FORMATS)
def test_no_format_fails_where_the_output_is_ascii(fmt: str) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    formats.write(fmt, ANSWER, out)
    formats.write(fmt, ANSWER, out, template="{title} {path}")
    out.flush()
    assert b"Qwen" in raw.getvalue()
    if fmt == "text":
        assert b"Qwen et al. - 2024-12-19 - 2412.15115v1" in raw.getvalue()


def test_jsonl_is_one_valid_result_a_line() -> None:
    lines = written("jsonl").splitlines()
    assert len(lines) == 3
    for line in lines:
        valid(json.loads(line), "hit")


def test_explanations_are_in_the_json_when_asked_for() -> None:
    part = Contribution("mixtur", "title", 1, 5, 3.0, 2.1, "a note")
    data = json_shapes.answer_json(replace(ANSWER, results=(replace(QWEN, explanation=(part,)), UNKNOWN)), explain=True)
    valid(data)
    valid(data["results"][0]["explanation"][0], "contribution")
    assert data["results"][1]["explanation"] == []


def test_other_documents_follow_the_schema() -> None:
    problem = Problem("a.md", 3, "bad")
    paper = Paper("a.md", "x", other_posts=QWEN.other_posts)
    valid(json_shapes.error_json("auther:x", "no field"))
    valid(json_shapes.paper_json(paper), "paper")
    valid(json_shapes.problem_json(problem), "problem")
    valid(json_shapes.summary_json(Summary(1, 2, 3, 4, (problem,), 10, 0.4123, ("merged",))), "summary")
    valid(json_shapes.stats_json(Stats(1, 2, 3, 4, 5, 6, "2024-12-23T11:35:38", ("corpus",))), "stats")
    valid(json_shapes.facets_json([("dataset", 3)], "tag"), "facets")


def as_json(value: object) -> object:
    """A record, or what it holds, as JSON has it: every fact under its own name."""
    if isinstance(value, tuple | list):
        return [as_json(each) for each in value]
    if isinstance(value, Frozen):
        return {name: as_json(getattr(value, name)) for name in names_of(type(value))}
    return value


def without(record: object, *names: str) -> dict[str, object]:
    """The members of a record in JSON but for some."""
    assert isinstance(record, dict)
    return {name: value for name, value in record.items() if name not in names}


def test_every_value_in_the_json_is_that_of_its_name() -> None:
    problems = tuple(Problem(f"{name}.md", line, f"{name} is bad") for line, name in enumerate("abc"))
    summary = Summary(1, 2, 3, 4, problems[:1], 10, 0.412, ("merged",), 5, problems[1:2], problems[2:], problems)
    assert json_shapes.summary_json(summary) == without(as_json(summary), "warnings")
    stats = Stats(1, 2, 3, 4, 5, 6, "2024-12-23T11:35:38", ("corpus",), 7, 8, "minilm", 9, 10)
    assert json_shapes.stats_json(stats) == {"format": 1, **without(as_json(stats))}
    sentences = (Sentence("Otters dig.", ("a", "b")), Sentence("They swim.", ("b",)))
    sources = (Source("a", "Otters", "Otters dig.", 3), Source("b", "Voles", "They swim."))
    reply = Reply("who digs?", True, "qwen", sentences, sources, "none", ("a note",), ("a detail",))
    assert json_shapes.reply_json(reply) == {"format": 1, **without(as_json(reply), "notes", "details")}
    part = Contribution("mixtur", "title", 1, 5, 3.0, 2.1, "a note")
    hit = replace(QWEN, explanation=(part,), meaning=0.5, score=12.5)
    assert json_shapes.hit_json(hit) == without(as_json(hit), "common_tags")
    facts = {name: getattr(QWEN, name) for name in names_of(Paper) if hasattr(QWEN, name)}
    paper = Paper(**facts, abstract="Otters dig.", qa="Why?", abstract_line=3, qa_line=9)
    assert json_shapes.paper_json(paper) == {"format": 1, **without(as_json(paper))}


def test_the_schema_refuses_what_is_wrong() -> None:
    data = json_shapes.answer_json(ANSWER)
    del data["results"][0]["missing"]
    with pytest.raises(jsonschema.ValidationError):
        valid(data)


def test_csv_comes_back_through_the_csv_module() -> None:
    text = written("csv")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert text.startswith("rank,score,id,version,title,")
    assert text.split("\r\n")[1].startswith("1,12.3412,2412.15115,1,Qwen25 Technical Report,Qwen,true,2024-12-19,")
    assert len(rows) == 3
    assert rows[0] == {
        "rank": "1",
        "score": "12.3412",
        "id": "2412.15115",
        "version": "1",
        "title": "Qwen25 Technical Report",
        "authors": "Qwen",
        "et_al": "true",
        "published": "2024-12-19",
        "posted": "2024-12-23T11:35:38",
        "tags": "all search terms; dataset",
        "url": "http://arxiv.org/abs/2412.15115v1",
        "path": "corpus/Qwen25_Technical_Report.md",
        "missing": "",
        "snippet": "two mixture-of-experts (MoE) variants",
    }
    assert (rows[1]["et_al"], rows[1]["missing"], rows[1]["snippet"]) == ("false", "moe", "")
    assert rows[1]["version"] == rows[1]["published"] == rows[1]["url"] == ""
    assert rows[2]["title"].startswith("a\nb \nc \"q\" 's', {x}")
    assert rows[2]["path"].startswith("corpus/a\nb")
    assert not STEERING.search(text)


@pytest.mark.parametrize("start", ["=cmd()", "+1", "-1", "@x", "\tx", "\rx", "\t=1", "\r=1", " =1", "＝1", "\n=1"])
def test_csv_cells_are_no_formulas(start: str) -> None:
    assert formats.csv_cell(start).startswith("'")
    assert formats.csv_cell((start, "b")).startswith("'")


def test_csv_numbers_are_not_quoted_away() -> None:
    assert formats.csv_cell(-0.5) == "-0.5"
    assert formats.csv_cell(False) == "false"
    assert formats.csv_cell(None) == ""


@given(st.text(), st.text())
@settings(max_examples=200, deadline=None)
def test_csv_and_json_survive_any_text(title: str, tag: str) -> None:
    answer = replace(ANSWER, results=(replace(QWEN, title=title, tags=(tag, tag)),))
    rows = list(csv.reader(io.StringIO(written("csv", answer), newline=""), strict=True))
    assert [len(row) for row in rows] == [len(formats.CSV_COLUMNS)] * 2
    assert json.loads(written("json", answer))["results"][0]["title"] == title


def test_ids_paths_and_urls_are_one_a_line_with_control_codes_escaped() -> None:
    answer = replace(ANSWER, results=(QWEN, UNKNOWN))
    assert written("ids", answer) == "2412.15115\n混合\n"
    assert written("urls", answer) == "http://arxiv.org/abs/2412.15115v1\n"
    assert written("paths") == "corpus/Qwen25_Technical_Report.md\ncorpus/混合.md\ncorpus/a\\nb\udcff\\x1b.md\n"
    for fmt, lines in (("ids", 3), ("urls", 2)):
        assert written(fmt).count("\n") == lines
        assert not STEERING.search(written(fmt))


def test_paths_ended_by_nul_reach_xargs_exactly() -> None:
    raw = written("paths", null=True).encode("utf-8", "surrogateescape")
    script = "import os, sys; print([os.fsencode(a) for a in sys.argv[1:]])"
    done = subprocess.run(["xargs", "-0", sys.executable, "-c", script], input=raw, capture_output=True, check=True)
    expected = [QWEN.path.encode(), UNKNOWN.path.encode(), b"corpus/a\nb\xff\x1b.md"]
    assert done.stdout.decode().strip() == str(expected)


def test_paths_ended_by_nul_are_exact_also_where_the_output_is_ascii() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    formats.write("paths", replace(ANSWER, results=(UNKNOWN,)), out, null=True)
    assert raw.getvalue() == "corpus/混合.md\0".encode()


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "csv", "bibtex"])
def test_nul_is_refused_where_it_would_end_nothing(form: str) -> None:
    out = io.StringIO()
    with pytest.raises(UsageError, match=r"^-0 is for ids, paths, urls and template lines: "):
        formats.write(form, ANSWER, out, null=True)
    assert out.getvalue() == ""


def test_an_unknown_format_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"did you mean jsonl?\?"):
        formats.write("jsn", ANSWER, io.StringIO())


def test_writing_needs_no_rich() -> None:
    script = "import sys\nfrom papersearch.output import bibtex, formats, plain, template\n"
    script += "assert not {'rich', 'typer', 'whoosh', 'json', 'csv'} & set(sys.modules), sorted(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_every_format_of_the_table_has_a_writer() -> None:
    assert (*formats.WRITERS, *formats.LISTED) == output.FORMATS
