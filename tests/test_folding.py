"""When two values are the same that are looked up whole, tags, authors and ids, and what a user sees of that."""

from __future__ import annotations

import json
import os
import time
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import papersearch
from papersearch.core.errors import NotFoundError
from papersearch.posts.naming import path_names
from papersearch.query.ids import normal_id
from papersearch.text.folding import key_prefix, value_key, value_keys
from tests.commands import run
from tests.corpora import write_post

SAME = [
    ["géométrie", "ge\u0301ome\u0301trie", "GÉOMÉTRIE", " géométrie\u200b"],
    ["tiếng Việt", unicodedata.normalize("NFD", "Tiếng Việt")],
    ["딥러닝", unicodedata.normalize("NFD", "딥러닝")],
    ["AI", "ai", "ＡＩ", "𝐀𝐈", "\u202aAI\u202c", "A\u00adI"],
    ["ディープ", "ﾃﾞｨｰﾌﾟ"],
    ["deep nets", "deep\u00a0nets", "deep  nets", "Deep\u3000Nets"],
    ["efficient flows", "eﬃcient ﬂows"],
    ["O'Brien", "O’Brien", "O\u02bcBrien"],
    ["state-of-the-art", "state\u2011of\u2011the\u2011art", "state–of–the–art"],
    ["x²", "x2"],
    ["Straße", "STRASSE"],
    ["λογος", "ΛΟΓΟΣ"],
    ["ΐ", "Ϊ\u0301"],
    ["derin", "DERİN"],
    ["ışık", "IŞIK"],
    ["یادگیری", "يادگيري"],
    ["تعلم", "تعلّم"],
    ["❤ love", "❤️ love"],
]


@pytest.mark.parametrize("group", SAME)
def test_values_that_read_alike_are_the_same(group: list[str]) -> None:
    assert len({*map(value_key, group)}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("résumé", "resume"), ("C++", "C"), ("が", "か"), ("a-b", "ab"), ("9", "6")]
)
def test_values_that_only_look_alike_stay_apart(one: str, other: str) -> None:
    assert value_key(one) != value_key(other)


@given(st.lists(st.text(alphabet="aB1 é\u0301\u00a0İıſﬁ𝐀Σς×ﷺΐ딥\u200b\t\0-", max_size=12)))
def test_the_keys_of_many_are_those_of_each(texts: list[str]) -> None:
    assert value_keys(texts) == [*map(value_key, texts)]
    assert [*map(value_key, map(value_key, texts))] == [*map(value_key, texts)]


def test_accents_without_end_take_no_time_to_speak_of(index: papersearch.Index) -> None:
    begin, endless = time.process_time(), "a" + "\u0301\u0323" * 30_000
    for ask in (
        lambda: index.search("", tag=endless),
        lambda: index.paper(endless),
        lambda: index.paper(f"{endless}.md"),
    ):
        with pytest.raises(NotFoundError):
            ask()
    assert index.completions(f"tag:{endless}") == []
    assert time.process_time() - begin < 2


def test_a_beginning_may_end_behind_a_word() -> None:
    assert (key_prefix("José "), key_prefix("JOSE\u0301"), key_prefix(" ")) == ("josé ", "josé", "")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    folder = tmp_path_factory.mktemp("alike")
    one = write_post(folder, "2401.00001", "Otters", author="José Müller", tags=("géométrie", "AI"))
    other = one.read_text(encoding="utf-8").replace("2401.00001", "2401.00002").replace("AI", "ＡＩ")
    (folder / "other.md").write_text(unicodedata.normalize("NFD", other), encoding="utf-8")
    (folder / "Poincare\u0301 Notes.md").write_text("Otters on a disc.", encoding="utf-8")
    (folder / "Rivers’ end – a\u00a0map.md").write_text("Otters on a map.", encoding="utf-8")
    return papersearch.build(str(folder / "index"), [str(folder)])


@pytest.mark.parametrize("tag", ["géométrie", "ge\u0301ome\u0301trie", "ai", "ＡＩ", "A\u200bI"])
def test_a_tag_finds_all_papers_that_have_it_in_any_form(index: papersearch.Index, tag: str) -> None:
    assert {hit.id for hit in index.search("", tag=tag).results} == {"2401.00001", "2401.00002"}


def test_facets_and_completions_show_what_reads_alike_once_as_it_is_written(index: papersearch.Index) -> None:
    for by, values in (("tag", {"géométrie", "ai"}), ("author", {"josé müller"})):
        counts = index.facets(by)
        assert {value_key(value): papers for value, papers in counts} == dict.fromkeys(values, 2)
        assert {value for value, _ in counts} <= {
            value for hit in index.search("*").results for value in hit.tags + hit.authors
        }
    assert len(index.completions("tag:gé")) == len(index.completions("tag:ge\u0301")) == 1
    assert len(index.tags("GÉO")) == len(index.authors("jose\u0301 ")) == 2


@pytest.mark.parametrize(
    "asked", ["Poincaré Notes", "poincare\u0301 notes", "Rivers' end - a map", "rivers’ end – a\u00a0map\u200b"]
)
def test_a_paper_is_found_by_its_id_however_that_is_typed(index: papersearch.Index, asked: str) -> None:
    found = index.paper(asked)
    assert [hit.id for hit in index.search(f'id:"{asked}"').results] == [found.id]
    assert found.id not in {hit.id for hit in index.similar(asked).results}
    assert value_key(f"{found.id}.md") == value_key(os.path.basename(found.path)) != f"{found.id}.md"


def test_a_post_is_found_by_its_path_composed_or_not(index: papersearch.Index) -> None:
    folder = os.path.dirname(index.path)
    for name in ("Poincaré Notes.md", "Poincare\u0301 Notes.md"):
        assert index.paper(os.path.join(folder, name)).id == "Poincare\u0301 Notes"
    with pytest.raises(NotFoundError):
        index.paper(os.path.join(folder, "Poincare Notes.md"))


def test_names_of_files_that_read_alike_are_papers_of_their_own(tmp_path: Path) -> None:
    names = ["Café.md", "Cafe\u0301.md", "AI.md", "ＡＩ.md", "a b.md", "a  b.md"]
    ids = path_names([f"/c/{name}" for name in names], ["/c"])
    assert len({value_key(ids[f"/c/{name}"]) for name in names}) == len(names)
    for name in names:
        (tmp_path / name).write_text("otters", encoding="utf-8")
    assert papersearch.build(str(tmp_path / "index"), [str(tmp_path)]).search("otters").total == len(names)


def test_bytes_that_are_no_utf8_name_a_post_as_they_are_typed(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/corpus/caf\xe9.md")).write_text("otters", encoding="utf-8")
    except OSError:
        pytest.skip("this disk has no such names")
    assert run(tmp_path, "index", "-q").code == 0
    for asked in (os.fsdecode(b"caf\xe9"), "caf\\udce9"):
        found = run(tmp_path, "show", asked, "--format", "json")
        assert (found.code, json.loads(found.out)["id"]) == (0, "caf\\udce9")


@pytest.mark.parametrize(
    "written",
    [
        "2412.15115",
        "2412.15115\u200b",
        "\ufeff2412.15115v2",
        "\u202a2412.15115\u202c",
        "２４１２．１５１１５",
        "arXiv：2412.15115",
    ],
)
def test_an_id_is_read_with_marks_that_nobody_sees_and_in_full_width(written: str) -> None:
    assert normal_id(written) == "2412.15115"
    assert normal_id("10.1234/ab\u2010cd\u00ad12") == "10.1234/ab-cd12"


def test_a_paper_that_is_named_with_marks_that_nobody_sees_has_its_id(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: One\nid: '2412.15115\u200b'\n---\nOtters.\n", encoding="utf-8")
    (tmp_path / "b.md").write_text("# Two\n\nOtters: https://arxiv.org/abs/2412.15116\u200b.\n", encoding="utf-8")
    with papersearch.build(str(tmp_path / "index"), [str(tmp_path)]) as index:
        assert sorted(index.ids()) == ["2412.15115", "2412.15116"]
        assert [hit.id for hit in index.search("2412.15115\u200b").results] == ["2412.15115"]


@pytest.mark.parametrize(
    "forms",
    [
        ["کتاب", "كتاب", "كِتَاب"],
        ["مدرسة", "مدرسه"],
        ["۲۰۲۴", "٢٠٢٤", "2024"],
        ["комп’ютер", "комп'ютер", "компʼютер"],
        ["Poincaré", "Poincar´e", "poincare"],
        ["Schrödinger", "Schr¨odinger"],
    ],
)
def test_words_of_other_keyboards_and_of_pdfs_are_found(tmp_path: Path, forms: list[str]) -> None:
    for number, form in enumerate(forms):
        write_post(tmp_path, f"2401.0000{number}", f"{form} otters")
    with papersearch.build(str(tmp_path / "index"), [str(tmp_path)]) as index:
        for one, other in pairwise([*forms, forms[0]]):
            found = index.search(one, match="all").results
            assert len(found) == len(forms), (one, other)
            assert all(hit.title_highlights for hit in found)
