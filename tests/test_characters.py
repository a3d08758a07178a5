"""Words of one character, and words that may go on, in scripts that put no blank between words."""

from __future__ import annotations

from pathlib import Path

import pytest

import papersearch
from papersearch.engine.search import characters
from tests.corpora import write_post


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("水", "bottom end start"),
        ("水*", "bottom end start"),
        ("*水", "bottom end start"),
        ("水下*", "start"),
        ("title:水", "bottom start"),
        ("图像 -水", "image"),
        ("水 图像", "bottom end image start"),
        ("author:王", "image"),
        ("심층*", "korean"),
        ("ภาษา*", "thai"),
        ("火", ""),
    ],
)
def test_one_character_is_found_in_scripts_without_blanks_and_a_word_may_go_on(
    tmp_path: Path, query: str, found: str
) -> None:
    write_post(tmp_path, "start", "水下图像增强")
    write_post(tmp_path, "end", "Images", "我们用水。图像")
    write_post(tmp_path, "bottom", "水")
    write_post(tmp_path, "image", "图像", author="王小明")
    write_post(tmp_path, "korean", "심층학습의 발전")
    write_post(tmp_path, "thai", "ภาษาไทย")
    with papersearch.build(str(tmp_path / "index"), [str(tmp_path)]) as index:
        assert " ".join(sorted(hit.id for hit in index.search(query).results)) == found
        if query == "author:王":
            assert [hit.id for hit in index.search("", author="王").results] == ["image"]


def test_few_characters_of_a_query_are_looked_for_so_and_of_many_pairs_those_that_they_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(characters, "_MOST_PAIRS", 2)
    for number, title in enumerate(("一水", "三水", "水二", "水四", "土木")):
        write_post(tmp_path, str(number), title)
    with papersearch.build(str(tmp_path / "index"), [str(tmp_path)]) as index:
        assert {hit.title for hit in index.search("水").results} == {"水二", "水四"}
        assert {hit.title for hit in index.search("甲 乙 丙 丁 戊 土").results} == {"土木"}
        assert index.search("甲 乙 丙 丁 戊 己 土").total == 0


def test_a_character_is_no_slip_of_another(tmp_path: Path) -> None:
    write_post(tmp_path, "1", "水下图像")
    with papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1) as index:
        assert [index.search(query).total for query in ("水~", "水~2", "鬼~", "title:水~")] == [1, 1, 0, 1]


def test_a_cluster_knows_the_pairs_of_characters() -> None:
    documents = pytest.importorskip("papersearch.engine.opensearch.documents")
    found = documents.Vocabulary().new({"id": "a", "title": "水下图像 naïve words"})
    assert {entry.key for entry in found if entry.kind == "number"} == {"水下", "下图", "图像"}


def test_what_a_run_has_told_a_cluster_of_words_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = pytest.importorskip("papersearch.engine.opensearch.documents")
    monkeypatch.setattr(documents, "_MOST_TOKENS", 2)
    vocabulary, otter = documents.Vocabulary(), {"id": "a", "title": "otter"}
    assert (len(vocabulary.new(otter)), vocabulary.new(otter)) == (1, set())
    vocabulary.new({"id": "b", "title": "seals and whales"})
    vocabulary.new({"id": "c", "title": "dolphins"})
    assert len(vocabulary.new(otter)) == 1
