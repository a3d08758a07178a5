"""An index is of one version of its format and of the analysis of posts: neither may change unnoticed."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from zlib import crc32

import numpy
import pytest
from whoosh import index as whoosh_index

import papersearch
from papersearch.core.errors import DamagedIndexError, PapersearchError
from papersearch.core.numeric import repeat
from papersearch.engine.index.container import FORMAT_VERSION
from papersearch.engine.index.documents import phrases
from papersearch.engine.index.generation import ANALYSIS, ANALYSIS_VERSION
from papersearch.text import words
from tests import golden


def test_what_is_read_of_posts_changes_only_with_the_version_of_the_analysis() -> None:
    version, before = golden.kept_readings()
    now = golden.readings()
    changed = [name for name, number in now.items() if before.get(name, number) != number]
    assert not changed or version != f"analysis {ANALYSIS_VERSION}", (
        f"raise ANALYSIS_VERSION: posts are read in another way: {changed[:10]}"
    )
    gone = {name for name in before if not name.endswith(".xz")} - now.keys()
    assert (version, changed, gone, now.keys() - before.keys()) == (f"analysis {ANALYSIS_VERSION}", [], set(), set()), (
        "write them anew: python -m tests.golden"
    )


def test_tokens_change_only_with_the_version_of_the_analysis() -> None:
    version, *before = golden.TOKENS.read_text(encoding="utf-8").split("\n")[:-1]
    changed = [line for line in before if golden.line(line.partition("\t")[0]) != line]
    assert not changed or version != f"analysis {ANALYSIS_VERSION}", (
        f"raise ANALYSIS_VERSION: words are taken apart in another way: {changed[:10]}"
    )
    assert (version, changed) == (f"analysis {ANALYSIS_VERSION}", []), "write them anew: python -m tests.golden"


def test_the_kept_index_opens_and_answers_as_a_new_one(tmp_path: Path) -> None:
    if words.STEMMER not in golden.kept()[1]:
        pytest.skip("the kept index is of another version of the stemmer")
    assert golden.kept() == (FORMAT_VERSION, ANALYSIS), "write it anew: python -m tests.golden"
    shutil.copytree(golden.INDEX, tmp_path / "index")
    opened = papersearch.open(str(tmp_path / "index"))
    assert whoosh_index.open_dir(str(tmp_path / "index")).doc_count() == 3
    golden.write_three(tmp_path)
    fresh = papersearch.build(str(tmp_path / "fresh"), [str(tmp_path)])
    assert opened.stats(look=False).papers == 3
    for asked in ("mixture of experts", "MoE", '"zero shot"', "语言", "tag:trading", "author:qwen", "year:2023", "*"):
        old, new = (
            [(hit.id, hit.version, hit.score, hit.title, hit.snippets) for hit in each.search(asked).results]
            for each in (opened, fresh)
        )
        assert old == new != []


def test_the_dictionary_of_stored_rows_is_part_of_the_format() -> None:
    assert crc32(phrases()) == 638162342, "raise FORMAT_VERSION, and then this checksum"


def test_an_index_of_another_format_names_the_command_that_builds_it_anew(tmp_path: Path) -> None:
    golden.write_three(tmp_path)
    for ending in (".terms", ".docs"):
        folder = tmp_path / f"index{ending}"
        papersearch.build(str(folder), [str(tmp_path)])
        (path,) = folder.glob("*" + ending)
        data = bytearray(path.read_bytes())
        data[7] = data[-1] = 99
        path.write_bytes(data)
        with pytest.raises(DamagedIndexError, match="format 99") as refusal:
            papersearch.open(str(folder))
        assert "papersearch index" in refusal.value.hint
        assert papersearch.build(str(folder), [str(tmp_path)]).search("experts").total == 2


@pytest.mark.parametrize("part", ["format", "analysis"])
def test_an_index_of_another_version_is_built_anew_from_the_posts(tmp_path: Path, part: str) -> None:
    golden.write_three(tmp_path)
    made = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    (manifest,) = Path(made.path).glob("papersearch_*.json")
    data = json.loads(manifest.read_bytes().splitlines()[0])
    data[part] = 1 if part == "format" else "1 of long ago"
    body = json.dumps(data).encode()
    manifest.write_bytes(body + b"\n%08x\n" % crc32(body))
    with pytest.raises(DamagedIndexError, match="another version") as refusal:
        papersearch.open(made.path)
    assert "papersearch index" in refusal.value.hint
    assert papersearch.build(made.path, [str(tmp_path)]).search("experts").total == 2


def test_what_lies_in_files_lowest_byte_first_is_refused_where_the_highest_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    golden.write_three(tmp_path)
    made = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    monkeypatch.setattr(sys, "byteorder", "big")
    with pytest.raises(PapersearchError, match="processor"):
        papersearch.open(made.path)
    with pytest.raises(PapersearchError, match="processor"):
        papersearch.build(str(tmp_path / "other"), [str(tmp_path)])


def test_numbers_of_any_type_say_how_often_something_is_repeated() -> None:
    times = numpy.array([2, 0, 1], numpy.uint64)  # numpy refuses these where it has 64 bits, and 32 where it has 32
    assert repeat(numpy.array([7, 8, 9]), times).tolist() == [7, 7, 9]
