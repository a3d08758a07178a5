"""The authors whom a name fits are found among few of them, by words; here among all of them, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from string import ascii_lowercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papersearch import library
from papersearch.core.fields import AUTHOR
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.search import names
from tests.corpora import write_post

WORDS = (
    "Li",
    "Müller",
    "Mueller",
    "Muller",
    "MU\u0308LLER",  # in two characters
    "Åse",
    "Aase",
    "Öz",
    "Oez",
    "J.",
    "Ö.",
    "AM",
    "Weiß",
    "Weiss",
    "ﬁsher",  # one letter, fi
    "Fisher",
    "Ｌｉ",  # as wide as Chinese letters
    "Feifei",
    "Fei-Fei",
    "İnce",
    "Ince",
    "王伟",
    "Łuk",
    "author",
)
NAMES = tuple(f"{first} {last}" for first in WORDS for last in WORDS)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> IndexReader:
    """Of an index with an author of each name, and blocks of its dictionary without any of them."""
    folder = tmp_path_factory.mktemp("names")
    (folder / "posts").mkdir()
    others = (f"Zoe Z{one}{other}" for one in ascii_lowercase for other in ascii_lowercase)
    write_post(folder / "posts", "2401.00000", "Routing", author=", ".join((*NAMES, *others)))
    library.build(str(folder / "index"), [str(folder / "posts")])
    return IndexReader(str(folder / "index"))


class Slow:
    """The authors of a reader, all of them."""

    def __init__(self, reader: IndexReader) -> None:
        self.reader = reader

    def authors(self, start: str, words: Sequence[str]) -> Iterator[str]:
        return self.reader.terms(start, AUTHOR)


@settings(max_examples=40, deadline=None)
@given(asked=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), min_size=1, max_size=3))
def test_a_name_fits_the_same_authors_as_if_all_were_looked_at(reader: IndexReader, asked: list[list[str]]) -> None:
    wanted = tuple(dict.fromkeys(" ".join(words) for words in asked))
    found = names.fitting(reader, wanted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(names, "_any_of", lambda words: lambda name: True)
        assert found == names.fitting(Slow(reader), wanted)  # type: ignore[arg-type]


def test_those_that_are_looked_at_are_few(reader: IndexReader) -> None:
    found = list(reader.authors("", ("feifei",)))
    assert 0 < sum(name.isascii() for name in found) < 2 * len(WORDS)
    assert found == sorted(set(found))
    assert [*reader.authors("zoe", ("feifei",))] == []


def test_a_first_name_alone_is_not_both_words_of_a_name(tmp_path: Path) -> None:
    for number in range(4):
        write_post(tmp_path, f"p{number}", "Routing", author="Jun Ma")
    write_post(tmp_path, "named", "Routing", author="Jun Li")
    answer = library.build(str(tmp_path / "index"), [str(tmp_path)]).search("Jun Li")
    assert [hit.id for hit in answer.results if not hit.missing] == ["named"], "the stem of JunLi is that of Jun"
    assert answer.total_all == 1
