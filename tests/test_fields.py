"""A field is added in the table and where posts are read, and nowhere else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from papersearch.core.fields import FACTS, FIELDS, TEXTS, most_telling
from papersearch.engine.index.weights import MASKS, SHIFTS
from tests.commands import ROOT
from tests.corpora import write_post

# Posts are read as ever, but that each names its venue, and what its readers noted at length.
READING = """
import io, json, sys
import papersearch.posts.parse as posts
from papersearch.core.frozen import replace

read = posts.parse
def parse(path, data, *rest):
    return replace(read(path, data, *rest), venue="NeurIPS workshop", notes="Colourless remarks. " * 3, notes_line=7)
posts.parse = parse

import papersearch
from papersearch.output import formats

index = papersearch.build(sys.argv[1], [sys.argv[2]], jobs=1)
told = {
    query: [hit.id for hit in index.search(query).results]
    for query in ("venue:neurips", "at:workshop", "title:workshop", "notes:colourless", '"neurips workshop"', "moe")
}
told["weights"] = papersearch.open(sys.argv[1], weights={"venue": 9.0}).search("venue:neurips").results[0].score
answer = index.search("colourless neurips", explain=True)
told["explained"] = sorted({part.field for part in answer.results[0].explanation})
told["snippet"] = [answer.results[0].snippets[0].field, answer.results[0].snippets[0].line]
for name, options in (("json", {}), ("csv", {}), ("text", {"template": "{venue}"})):
    out = io.StringIO()
    formats.write(name, answer, out, **options)
    told[name] = out.getvalue()
told["paper"] = papersearch.output.json_shapes.paper_json(index.paper("2401.00001"))
told["posts"] = index.stats().posts
from whoosh import index as whoosh_index
from whoosh.qparser import QueryParser
opened = whoosh_index.open_dir(sys.argv[1])
with opened.searcher() as searcher:
    told["whoosh"] = len(searcher.search(QueryParser("words", opened.schema).parse("venue:neurips")))
print(json.dumps(told))
"""


def test_a_venue_and_notes_are_added_in_the_table_and_in_reading_alone(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "papersearch", tmp_path / "papersearch", ignore=shutil.ignore_patterns("__pycache__"))
    table = tmp_path / "papersearch" / "core" / "fields.py"
    text = table.read_text(encoding="utf-8")
    for after, line in (
        ("    url: str | None = None\n", '    venue: str = ""\n'),
        ("    qa_line: int = 0\n", '    notes: str = ""\n    notes_line: int = 0\n'),
        ("FIELDS = (\n", '    Field("venue", ("at",), 1.0, 0.5, 10, 1, "where it appeared"),\n'),
        ("FIELDS = (\n", '    Field("notes", (), 1.0, 0.5, 100, 6, "what its readers noted", long=True),\n'),
    ):
        assert text.count(after) == 1
        text = text.replace(after, after + line)
    table.write_text(text, encoding="utf-8")
    (tmp_path / "posts").mkdir()
    write_post(tmp_path / "posts", "2401.00001v1", "Sparse Routing", "A mixture of experts (MoE).")
    command = [sys.executable, "-c", READING, str(tmp_path / "index"), str(tmp_path / "posts")]
    done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)

    one = ["2401.00001"]
    assert (told["venue:neurips"], told["at:workshop"], told["title:workshop"]) == (one, one, [])
    assert (told["notes:colourless"], told['"neurips workshop"'], told["moe"]) == (one, one, one)
    assert told["weights"] > 0
    assert {"venue", "notes"} <= {*told["explained"]}
    assert told["snippet"] == ["notes", 7]
    (result,) = json.loads(told["json"])["results"]
    assert result["venue"] == "NeurIPS workshop"
    assert "notes" not in result
    header, row, _ = told["csv"].split("\r\n")
    assert row.split(",")[header.split(",").index("venue")] == "NeurIPS workshop"
    assert told["text"] == "NeurIPS workshop\n"
    assert (told["paper"]["venue"], told["paper"]["notes_line"]) == ("NeurIPS workshop", 7)
    assert (told["posts"], told["whoosh"]) == (1, 1)


def test_every_field_is_a_fact_and_has_bits_of_its_own() -> None:
    assert {field.name for field in FIELDS} <= {*TEXTS}
    assert {f"{field.name}_line" for field in FIELDS if field.long} <= {*TEXTS}
    assert {*FACTS} < {*TEXTS}
    assert sum(MASKS) == (1 << sum(field.bits for field in FIELDS)) - 1
    assert [*SHIFTS] == sorted(SHIFTS)
    names = [name for field in FIELDS for name in (field.name, *field.aliases)]
    assert len(names) == len({*names})
    # A posting's frequencies are kept as 32 bits: there is room for some fields more.
    assert sum(MASKS).bit_length() <= 24


def test_of_many_counts_those_of_most_papers_or_the_newest_are_shown() -> None:
    assert most_telling([("a", 3), ("b", 2), ("c", 1)], "tag", 2) == [("a", 3), ("b", 2)]
    assert most_telling([("2023", 3), ("2024", 2), ("2025", 1)], "year", 2) == [("2024", 2), ("2025", 1)]
    assert len(most_telling([("a", 3), ("b", 2)], "author", 0)) == 2
