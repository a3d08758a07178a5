"""Names with versions, sizes and suffixes that no paper has as a whole are found by as much of them as papers have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import papersearch
from papersearch.engine.search.expansion import from_words
from papersearch.engine.search.families import with_families
from tests.corpora import write_post

TEXTS = {
    "report": ("The Owl3.5 series", "We train Owl3.5 on more texts than its forerunners."),
    "coder": ("Programs by night", "We start from Owl3.5-Coder and prune it."),
    "older": ("Owl in the woods", "Owl was the first of its kind."),
    "third": ("Night birds", "Of all birds we compare Owl-3 and Heron-2-9B."),
    "rhyme": ("Rhymes", "Written with Rook 4.5 Sonnet in one go."),
    "paint": ("Pictures of birds", "We paint with steady finch, a model of pictures."),
    "steady": ("Steady flight", "On a steady course, a large one of base 3."),
    "swift": ("Birds at a glance", "Seen with SwiftV8 in flight."),
    "meadow": ("Meadow songs", "A meadow at dawn, and of a model in a meadow."),
    "wren": ("Small birds", "Prompts for Wren-2-7B and for others."),
    "lark": ("Songs", "LarkNet sings, and B0 mesons decay into Coder-9B."),
    "vit": ("Tokens of pictures", "A ViT has many heads."),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    folder = tmp_path_factory.mktemp("families")
    (folder / "corpus").mkdir()
    for paper_id, (title, abstract) in TEXTS.items():
        write_post(folder / "corpus", paper_id, title, abstract)
    return papersearch.build(folder / "index", [folder / "corpus"])


def ids(index: papersearch.Index, query: str, **options: Any) -> list[str]:
    return [hit.id for hit in index.search(query, **options).results]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Owl3.5-7B-Instruct", "report"),
        ("Owl3.5-0.5B", "report"),
        ("Owl3.5-Coder-32B-Instruct", "coder"),
        ("Owl3.7-7B", "third"),
        ("Heron-2-27b-it", "third"),
        ("Heron-7B", "third"),
        ("rook-4-5-sonnet-20991022", "rhyme"),
        ("steady-finch-xl-base-1.0", "paint"),
        ("swiftv8n-seg", "swift"),
        ("Meadow-Wren-2-7B-Instruct", "wren"),
        ("meadow-wren/Meadow-Wren-2-7B-Instruct", "wren"),
        ("Meadow-Songs-Wren-2-7B-Instruct", "meadow"),
        ("ViT-L/14", "vit"),
        ("LarkNet-B0", "lark"),
        ("Owl3-Coder-9B", "third"),
    ],
)
def test_a_name_that_no_paper_has_is_found_by_as_much_of_it_as_papers_have(
    index: papersearch.Index, query: str, first: str
) -> None:
    assert ids(index, query)[:1] == [first]


def test_what_stands_there_exactly_comes_first(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    write_post(corpus, "title", "Owl3.5", "Owl3.5 and Owl3.5 again")
    write_post(corpus, "apart", "Birds", "Owl3.5 7B Instruct was used once")
    index = papersearch.build(tmp_path / "index", [corpus])
    assert ids(index, "Owl3.5-7B-Instruct") == ["apart", "title"]
    write_post(corpus, "whole", "Whole", "Owl3.5-7B-Instruct was used once")
    index.update()
    assert set(ids(index, "Owl3.5-7B-Instruct")) == {"whole", "apart"}


def test_what_a_paper_lacks_of_a_name_is_missing(index: papersearch.Index) -> None:
    missing = {hit.id: hit.missing for hit in index.search("Owl3.5-7B-Instruct programs").results}
    assert missing["report"] == ("7B-Instruct", "programs")
    assert missing["coder"] == ("7B-Instruct",)
    (wren,) = index.search("Meadow-Wren-2-7B-Instruct").results
    assert wren.missing == ("Meadow-Wren-2-7B-Instruct",)


def test_a_name_beside_an_operator_in_a_phrase_or_with_all_is_asked_for_as_a_whole(index: papersearch.Index) -> None:
    for query in ('"Owl3.5-7B-Instruct"', "title:Owl3.5-7B-Instruct", "birds AND Owl3.5-7B-Instruct"):
        assert ids(index, query) == []
    assert ids(index, "Owl3.5-7B-Instruct", match="all") == []
    assert "third" in ids(index, "birds -Owl3.5-7B-Instruct")


def test_a_word_that_begins_a_compound_is_no_name(index: papersearch.Index) -> None:
    assert ids(index, "steady-finch-xl") == ["paint"]
    assert ids(index, "at-xl") == []


def test_whose_a_model_is_counts_little(index: papersearch.Index) -> None:
    assert ids(index, "meadow/Wren-2-7B") == ["wren", "meadow"]
    assert ids(index, "meadow-2/wren")[0] == "meadow"  # words, as in and/or
    assert ids(index, "meadow/wren-like")[0] == "meadow"


def test_few_names_are_looked_up_and_none_for_other_words() -> None:
    class Reader:
        """Of an index that has no word."""

        def __init__(self) -> None:
            self.asked: list[str] = []

        def frequency(self, term: str, field: str = "") -> int:
            self.asked.append(term)
            return 0

        def has_surface(self, word: str) -> bool:
            return False

    def asked(query: str) -> int:
        reader: Any = Reader()
        slots = from_words(query, reader)
        before = len(reader.asked)
        assert with_families(slots, reader) == slots
        return len(reader.asked) - before

    assert asked("graph neural networks of real-time data in 2024") == 0
    assert asked("Owl3.5-Coder-32B-Instruct") < 40
    assert asked("-".join(f"a{number}b" for number in range(20))) == 0


def test_who_forbids_a_version_does_not_forbid_the_name(index: papersearch.Index) -> None:
    for query in ("birds -OwlV8", "birds NOT SwiftV8"):
        assert set(ids(index, query)) == set(ids(index, "birds")) - ({"swift"} if "Swift" in query else set())
    assert "older" in ids(index, "woods -OwlV8")
