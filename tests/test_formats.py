"""Each format read back by a reader that is not ours, with the values that break writers."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papersearch import output
from papersearch.core.errors import UsageError
from papersearch.core.frozen import replace
from papersearch.core.records import (
    Answer,
    Contribution,
    Hit,
    OtherPost,
    Paper,
    Problem,
    Snippet,
    Stats,
    Summary,
)
from papersearch.output import bibtex, formats, plain, template
from papersearch.text import display

QWEN = Hit(
    rank=1,
    score=12.341234,
    id="2412.15115",
    version=1,
    missing=(),
    title="Qwen25 Technical Report",
    title_highlights=((0, 6),),
    authors=("Qwen",),
    et_al=True,
    published="2024-12-19",
    posted="2024-12-23T11:35:38",
    tags=("all search terms", "dataset"),
    url="http://arxiv.org/abs/2412.15115v1",
    path="corpus/Qwen25_Technical_Report.md",
    other_posts=(OtherPost("corpus/old.md", None, "Old", None),),
    snippets=(Snippet("abstract", 33, "two mixture-of-experts (MoE) variants", ((4, 22), (24, 27))),),
)
UNKNOWN = Hit(
    rank=2,
    score=0.5,
    id="混合",
    version=None,
    missing=("moe",),
    title="",
    title_highlights=(),
    authors=(),
    et_al=False,
    published=None,
    posted=None,
    tags=(),
    url=None,
    path="corpus/混合.md",
)
# Newline, quotes, comma, NUL, escape sequence, C1 control, right-to-left override and mark, and Rich markup.
NASTY = (
    "a\nb\r\nc \"q\" 's', {x} \\ %d \0 \x1b[31mred\x9b31m \u202eevil\u202c \u200frtl [bold]x[/] é ℓ 混 ~ $x_1^2$ <&> #|"
)
BAD = replace(
    QWEN,
    rank=3,
    title=NASTY,
    authors=(NASTY, "A and B"),
    tags=(NASTY,),
    url="http://x/" + NASTY,
    id=NASTY,
    path="corpus/a\nb\udcff\x1b.md",
    snippets=(Snippet("abstract", 3, NASTY, ((0, 1),)),),
    missing=(NASTY,),
)
ANSWER = Answer("mixture of experts", 612, 8, 0.0041234567, (QWEN, UNKNOWN, BAD), "mixture", {"moe": ("mixture of",)})
SCHEMA: dict[str, Any] = json.loads(resources.files("papersearch.output").joinpath("schema.json").read_text("utf-8"))
STEERING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def written(fmt: str, answer: Answer = ANSWER, **options: Any) -> str:
    """What `write` writes, as a file of UTF-8 would hold it."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="utf-8", newline="")
    formats.write(fmt, answer, out, **options)
    out.flush()
    return raw.getvalue().decode("utf-8", "surrogateescape")


def valid(data: Any, name: str = "answer") -> None:
    """Validate the data against one definition of the schema, and see that no key is missing from the schema."""
    schema = {**SCHEMA, "$ref": f"#/$defs/{name}"}
    jsonschema.Draft202012Validator(schema).validate(data)
    assert set(data) <= set(SCHEMA["$defs"][name]["properties"])


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_json_has_the_keys_of_the_contract_with_their_values() -> None:
    data = json.loads(written("json"))
    valid(data)
    first = data["results"][0]
    valid(first, "hit")
    assert data["format"] == 1
    assert (data["total"], data["total_all"], data["suggestion"]) == (612, 8, "mixture")
    assert first["authors"] == ["Qwen"]
    assert first["et_al"] is True
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


def test_json_is_ascii_where_the_output_cannot_hold_more() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    formats.write("json", ANSWER, out)
    out.flush()
    assert json.loads(raw.getvalue().decode("ascii"))["results"][1]["id"] == "混合"


@pytest.mark.parametrize("fmt", formats.FORMATS)
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
    data = formats.to_json(replace(ANSWER, results=(replace(QWEN, explanation=(part,)), UNKNOWN)), explain=True)
    valid(data)
    valid(data["results"][0]["explanation"][0], "contribution")
    assert data["results"][1]["explanation"] == []


def test_other_documents_follow_the_schema() -> None:
    problem = Problem("a.md", 3, "bad")
    paper = Paper("a.md", "x", other_posts=QWEN.other_posts)
    valid(formats.error_json("auther:x", "no field"))
    valid(formats.paper_json(paper), "paper")
    valid(formats.problem_json(problem), "problem")
    valid(formats.summary_json(Summary(1, 2, 3, 4, (problem,), 10, 0.4123, ("merged",))), "summary")
    valid(formats.stats_json(Stats(1, 2, 3, 4, 5, 6, "2024-12-23T11:35:38", ("corpus",))), "stats")
    valid(formats.facets_json([("dataset", 3)], "tag"), "facets")


def test_the_schema_refuses_what_is_wrong() -> None:
    data = formats.to_json(ANSWER)
    del data["results"][0]["missing"]
    with pytest.raises(jsonschema.ValidationError):
        valid(data)


def test_csv_comes_back_through_the_csv_module() -> None:
    text = written("csv")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert text.startswith("rank,score,id,version,title,")
    assert text.split("\r\n")[1].startswith("1,12.3412,2412.15115,1,Qwen25 Technical Report,Qwen,true,2024-12-19,")
    assert len(rows) == 3
    assert rows[0]["tags"] == "all search terms; dataset"
    assert rows[1]["version"] == rows[1]["published"] == rows[1]["url"] == ""
    assert rows[2]["title"].startswith("a\nb \nc \"q\" 's', {x}")
    assert rows[2]["path"].startswith("corpus/a\nb")
    assert not STEERING.search(text)


@pytest.mark.parametrize("start", ["=cmd()", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1", "\n=1"])
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


def test_paths_ended_by_nul_reach_xargs_exactly(tmp_path: Path) -> None:
    raw = written("paths", null=True).encode("utf-8", "surrogateescape")
    script = "import os, sys; print([os.fsencode(a) for a in sys.argv[1:]])"
    done = subprocess.run(["xargs", "-0", sys.executable, "-c", script], input=raw, capture_output=True, check=True)
    expected = [QWEN.path.encode(), UNKNOWN.path.encode(), b"corpus/a\nb\xff\x1b.md"]
    assert done.stdout.decode().strip() == str(expected)


def test_bibtex_is_read_by_pybtex_with_every_fact() -> None:
    from pybtex.database import parse_string

    database = parse_string(written("bibtex", replace(ANSWER, results=(QWEN, UNKNOWN, BAD))), "bibtex")
    qwen = database.entries["qwen2024qwen25"]
    assert qwen.type == "misc"
    assert qwen.fields["eprint"] == "2412.15115"
    assert qwen.fields["archiveprefix"] == "arXiv"
    assert qwen.fields["year"] == "2024"
    assert qwen.fields["month"] == "December"
    assert [str(person) for person in qwen.persons["author"]] == ["Qwen", "others"]
    assert len(database.entries) == 3


@pytest.mark.skipif(shutil.which("bibtex") is None, reason="no bibtex on this machine")
def test_bibtex_itself_accepts_the_entries(tmp_path: Path) -> None:
    (tmp_path / "refs.bib").write_text(written("bibtex"), "utf-8")
    (tmp_path / "t.aux").write_text("\\citation{*}\n\\bibstyle{plain}\n\\bibdata{refs}\n")
    done = subprocess.run(["bibtex", "t"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "error" not in done.stdout.lower()
    assert (tmp_path / "t.bbl").read_text("utf-8").count("\\bibitem") == 3


def test_bibtex_titles_print_as_they_are_read() -> None:
    from pybtex.richtext import Text

    title = "R&D at 100% of $x_1^2$: #1 ~ {a} Poincaré Žižek"
    latex = bibtex.escape(title)
    assert latex.isascii()
    assert latex.count("{") == latex.count("}")
    printed = str(Text.from_latex(latex))
    assert printed.startswith("R&D at 100% of ")  # pybtex's own reader knows the simple escapes and the accents only
    assert printed.endswith("Poincaré Žižek")
    assert latex.startswith(r"R\&D at 100\% of \$x\_1\textasciicircum{}2\$: \#1 \textasciitilde{} \textbraceleft{}a")
    assert bibtex.escape("é") == r"{\'{e}}"
    assert bibtex.escape("ï") == r"{\"{\i}}"
    assert bibtex.escape("Nguyễn") == r"Nguy{\~{\^{e}}}n"
    assert bibtex.escape("ℓ₁ α") == r"\ensuremath{\ell}1 \ensuremath{\alpha}"
    assert bibtex.escape("混合：x") == "混合：x"


@given(st.text(), st.text(min_size=1), st.text())
@settings(max_examples=200, deadline=None)
def test_bibtex_of_any_text_is_one_entry(title: str, author: str, url: str) -> None:
    from pybtex.database import parse_string

    text = bibtex.entry(replace(QWEN, title=title, authors=(author,), url=url))
    assert len(parse_string(text, "bibtex").entries) == 1
    assert not STEERING.search(text)


def test_bibtex_keys_are_telling_ascii_and_unique() -> None:
    assert bibtex.key(replace(QWEN, title="Qwen2.5 Technical Report")) == "qwen2024qwen25"
    assert bibtex.key(replace(QWEN, authors=("Begüm Özbay",), title="A GNN Model")) == "ozbay2024gnn"
    assert bibtex.key(replace(QWEN, authors=("Sutton, Richard",), title="The Bitter Lesson")) == "sutton2024bitter"
    assert bibtex.key(replace(QWEN, authors=("Sammy Davis Jr.",), title="Øre-Łan")) == "davis2024ore"
    assert bibtex.key(replace(UNKNOWN, id="10.1/x-y", title="混合")) == "anon101xy"
    same = [QWEN] * 28
    keys = bibtex.keys([*same, replace(QWEN, title="Qwen25a")])
    assert len(set(keys)) == 29
    assert keys[:2] == ["qwen2024qwen25b", "qwen2024qwen25c"]  # a is the key of another paper
    assert bibtex.keys([QWEN, QWEN]) == ["qwen2024qwen25a", "qwen2024qwen25b"]


def test_bibtex_names_that_hold_and_are_one_name() -> None:
    text = bibtex.entry(replace(QWEN, authors=("Center for AI and Society", "Ann Bee"), et_al=False))
    assert "author        = {{Center for AI and Society} and Ann Bee}," in text


def test_bibtex_of_a_doi_has_no_eprint() -> None:
    text = bibtex.entry(replace(QWEN, id="10.1145/3292500.3330701"))
    assert "doi           = {10.1145/3292500.3330701}" in text
    assert "eprint" not in text


def test_a_template_is_filled_in_for_each_result() -> None:
    answer = replace(ANSWER, results=(QWEN, UNKNOWN))
    assert written("text", answer, template=r"{id}\t{title}") == "2412.15115\tQwen25 Technical Report\n混合\t\n"
    assert (
        written("text", answer, template="{rank:>3}|{year:4}|{score:.1f}|{{}}") == "  1|2024|12.3|{}\n  2|    |0.5|{}\n"
    )
    assert written("text", answer, template=r"{version:3}\\{id:.4}", null=True) == "  1\\2412\0   \\混合\0"
    assert written("text", replace(ANSWER, results=(BAD,)), template="{title}").count("\n") == 1


def test_every_template_field_has_a_value_for_every_hit() -> None:
    line = "|".join(f"{{{name}}}" for name in template.FIELDS)
    for text in written("text", template=line).splitlines():
        assert text.count("|") >= len(template.FIELDS) - 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{titel}", "did you mean title?"),
        ("{id.__class__}", "no template field 'id.__class__'"),
        ("{id[0]}", "no template field"),
        ("{0}", "no template field"),
        ("{}", "no template field"),
        ("{id!r}", "no template field"),
        ("{id", "stray '{'"),
        ("id}", "stray '}'"),
        ("{title:>9999999999}", "no such width"),
        ("{title:{rank}}", "stray"),
        ("{title:d}", "not that kind of number"),
        ("{rank:s}", "is a number"),
    ],
)
def test_a_template_that_reaches_for_more_is_refused_before_anything_is_written(text: str, says: str) -> None:
    out = io.StringIO()
    with pytest.raises(UsageError) as caught:
        formats.write("text", ANSWER, out, template=text)
    assert says in str(caught.value)
    assert out.getvalue() == ""


@given(st.text(alphabet='{}:<>^.0129sdfg\\tn!rank score[]_"'))
@settings(max_examples=300, deadline=None)
def test_any_template_is_filled_or_refused(text: str) -> None:
    with suppress(UsageError):
        written("text", template=text)


def test_an_unknown_format_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"did you mean jsonl?\?"):
        formats.write("jsn", ANSWER, io.StringIO())


def test_plain_text_is_aligned_and_fits_eighty_columns() -> None:
    text = written("text")
    assert text.startswith(
        "1. Qwen25 Technical Report\n   Qwen et al. · 2024-12-19 · 2412.15115v1 · all search terms, dataset\n"
        "   two mixture-of-experts (MoE) variants\n   http://arxiv.org/abs/2412.15115v1\n   also: corpus/old.md\n\n2. "
    )
    assert not STEERING.search(text)
    long = replace(QWEN, title="word " * 40, snippets=(Snippet("abstract", 1, "混合专家模型，" * 30),), rank=10)
    lines = written("text", replace(ANSWER, results=(replace(QWEN, rank=9), long))).splitlines()
    assert all(display.width(line) <= 80 for line in lines)
    assert lines[0].startswith(" 9. Qwen")
    assert "10. word" in "\n".join(lines)


def test_plain_text_explains_a_score_that_adds_up() -> None:
    parts = (Contribution("mixtur", "title", 1, 5, 3.0, 2.0), Contribution("pair", "abstract", 0, 0, 0.3, 0.25, "near"))
    lines = plain.explanation(replace(QWEN, score=3.0, explanation=parts))
    scores = [float(line.split()[2 if line[0] in "mp" else 1]) for line in lines[1:]]
    assert scores == [2.0, 0.25, 0.75, 3.0]
    assert len({line.index("score") + 5 for line in lines[:1]} | {line.index(".000") + 4 for line in lines[1:2]}) == 1
    assert max(map(len, plain.explanation(replace(QWEN, explanation=parts), 30))) <= 30


def test_plain_notes_say_how_the_query_was_understood() -> None:
    assert plain.notes(ANSWER) == ["did you mean: mixture", "also searched for moe: mixture of"]
    assert plain.notes(replace(ANSWER, total_all=0))[0] == "no paper has every word; the nearest are shown"
    assert plain.found(ANSWER) == "1-3 of 612 papers, 8 with every word, 4 ms"
    assert plain.found(Answer("x", 1, 1, 1.23, (QWEN,))) == "1 paper, 1.2 s"
    assert plain.found(Answer("x", 0, 0, 0.0)) == "nothing found, 1 ms"


def test_plain_records_are_said_in_full() -> None:
    paper = Paper(
        **{name: getattr(QWEN, name) for name in ("id", "version", "title", "authors", "et_al", "published", "posted")},
        **{name: getattr(QWEN, name) for name in ("tags", "url", "path", "other_posts")},
        abstract="One.\n\nTwo.",
        abstract_line=33,
        qa="Q: why?",
        qa_line=40,
    )
    assert plain.paper(paper) == (
        "# Qwen25 Technical Report\n\nQwen et al. · 2024-12-19 · 2412.15115v1 · all search terms, dataset\n\n"
        "<http://arxiv.org/abs/2412.15115v1>\n\n## Abstract\n\nOne.\n\nTwo.\n\n## Questions and answers\n\nQ: why?\n\n"
        "## Posts\n\n- corpus/Qwen25_Technical_Report.md:33, posted 2024-12-23T11:35:38\n- corpus/old.md\n"
    )
    assert plain.problem(Problem("a\nb.md", 3, "bad\x1b")) == "a b.md:3: bad\ufffd"
    assert plain.problem(Problem("a.md", 0, "not UTF-8")) == "a.md: not UTF-8"
    summary = Summary(30, 0, 0, 1681, (Problem("a", 0, "b"),), 1711, 0.41)
    assert plain.summary(summary) == "1,711 posts indexed: 30 added, 1,681 unchanged, 1 skipped (0.4 s)"
    assert plain.facets([("dataset", 512), ("x", 1)], "tag") == "512\tdataset\n  1\tx\n"
    assert plain.facet_filter("tag", "all search terms") == "--tag 'all search terms'"
    assert plain.facet_filter("month", "2024-12") == "--since 2024-12 --until 2024-12"
    rows = dict(plain.stats_rows(Stats(1, 1711, 3, 1, 3_400_000, 2, None, ("corpus",), 1)))
    assert (rows["posts"], rows["size"], rows["indexed"]) == ("1,711", "3.4 MB", "never")
    assert rows["not indexed"] == "1 post: run papersearch index"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "1 ms"), (0.0996, "0.1 s"), (0.09, "90 ms"), (9.94, "9.9 s"), (9.96, "10 s"), (125, "2 min 5 s")],
)
def test_durations_are_said_as_people_do(seconds: float, said: str) -> None:
    assert plain.took(seconds) == said


def test_writing_needs_no_rich() -> None:
    script = "import sys\nfrom papersearch.output import bibtex, formats, plain, template\n"
    script += "assert not {'rich', 'typer', 'whoosh', 'json', 'csv'} & set(sys.modules), sorted(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_every_format_of_the_table_has_a_writer() -> None:
    assert tuple(formats.WRITERS) == output.FORMATS
