"""A request's filters are nodes of the query tree, matched by the same code as what a query says in words."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from papersearch import library
from papersearch.core.errors import NotFoundError, UsageError
from papersearch.core.records import Request
from papersearch.query import language
from papersearch.query.filters import filters_of, query_of
from papersearch.query.requests import request_of
from papersearch.query.tree import DateRange, FirstSeen, Phrase, Value
from tests.commands import run
from tests.corpora import write_post


def test_filters_become_the_nodes_that_the_query_language_has() -> None:
    request = Request("moe", authors=("Yi Wang",), tags=("dataset",), since="2024", until="2024-12", since_run=3)
    dates, run, tag, author = filters_of(request)
    assert (dates, run) == (DateRange(low="2024", high="2024-12"), FirstSeen(run=3))
    assert (tag, author) == (Value(field="tags", text="dataset"), Phrase(field="authors", text="Yi Wang"))
    said = language.parse("date:2024..2024-12", {"date": "date"}).node
    assert isinstance(said, DateRange)
    assert (said.low, said.high) == ("2024", "2024-12")


def test_a_request_without_filters_is_its_query() -> None:
    assert query_of(Request("moe")) == language.plain("moe")
    assert query_of(Request("title:moe", syntax=False)) == language.plain("title:moe")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> library.Index:
    folder = tmp_path_factory.mktemp("filters")
    posts = folder / "posts"
    posts.mkdir()
    write_post(posts, "2401.00000", "Routing 0", author="Yi Wang", tags=["data set"], published="2024-03-01")
    write_post(posts, "2401.00001", "Routing 1", author="Wang Yi", tags=["data"], published="2024-07-01")
    write_post(posts, "2401.00002", "Routing 2", author="Ana Ruiz", tags=["set"], published="2023-07-01")
    return library.build(str(folder / "index"), [str(posts)])


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"author": "Yi Wang"}, 'author:"Yi Wang"'),
        ({"author": "Wang"}, "author:wang"),
        ({"author": "Yi Wang et al."}, 'author:"Wang, et al"'),
        ({"author": "Yi Wang et al., 2024"}, 'author:"Wang et al., in print"'),
        ({"since": "2024-05"}, "since:2024-05"),
        ({"until": "2023"}, "until:2023"),
        ({"since": "2024", "until": "2024-05"}, "date:2024..2024-05"),
        ({"since": "2024-03-02"}, "date:>=2024-03-02"),
    ],
)
def test_an_option_finds_what_the_query_language_finds(
    index: library.Index, option: dict[str, str], words: str
) -> None:
    by_option = {hit.id for hit in index.search("routing", **option).results}
    assert by_option == {hit.id for hit in index.search(f"routing {words}").results}
    assert 0 < len(by_option) < 3


def test_one_value_and_several_of_an_option_must_all_hold(index: library.Index) -> None:
    both = index.search("routing", author="Ana Ruiz", authors=["Yi Wang"])
    assert [each.total for each in (both, index.search("routing", authors=["Yi Wang", "Wang Yi"]))] == [0, 2]
    assert index.search("routing", tag="data", tags=["set"]).total == 0
    assert index.search("routing", tag="data", tags=["data"]).total == 1


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({"author": None, "tag": None, "since": None}, "2401.00000 2401.00001 2401.00002"),
        ({"authors": None, "tags": ["data"]}, "2401.00001"),
        ({"since": datetime(2024, 3, 1, 12, 30)}, "2401.00000 2401.00001"),
        ({"until": date(2023, 12, 31)}, "2401.00002"),
    ],
)
def test_options_are_taken_as_programs_have_them(index: library.Index, options: dict[str, Any], ids: str) -> None:
    """None is no filter, as of an option that nobody gave; a moment is its day."""
    assert sorted(hit.id for hit in index.search("routing", **options).results) == ids.split()


@pytest.mark.parametrize(
    "options",
    [
        {"query": None},
        {"query": Path("routing")},
        {"authors": "Wang"},
        {"tags": ("data", None)},
        {"since": date(2024, 1, 1)},
        {"since_run": "1"},
    ],
)
def test_a_request_that_holds_anything_else_is_a_mistake_that_is_named(
    index: library.Index, options: dict[str, Any]
) -> None:
    name = next(iter(options))
    with pytest.raises(UsageError, match=rf"{name} must be a"):
        index.search(Request(**{"query": "routing", **options}))


@pytest.mark.parametrize("query", ["", "  ", "*"])
def test_a_filter_without_words_says_enough(index: library.Index, query: str) -> None:
    assert [hit.id for hit in index.search(query, until="2023").results] == ["2401.00002"]
    assert index.search(query, sort="oldest").total == 3


@pytest.mark.parametrize("options", [{"sort": "newest"}, {"since_run": 0}])
def test_where_it_is_not_relevance_that_counts_every_word_must_be_there(
    index: library.Index, options: dict[str, object]
) -> None:
    assert index.search("routing wombats").total == 3
    assert index.search("routing wombats", **options).total == 0
    assert index.search("routing wombats", match="any", **options).total == 3
    assert index.search("routing", **options).total == 3


def test_a_tag_as_a_filter_is_a_whole_tag(index: library.Index) -> None:
    assert [hit.id for hit in index.search("routing", tag="Data").results] == ["2401.00001"]
    assert {hit.id for hit in index.search("routing tag:data").results} == {"2401.00000", "2401.00001"}
    with pytest.raises(NotFoundError, match="did you mean 'data set'"):
        index.search("routing", tag="dataset")


def test_a_filter_scores_nothing(index: library.Index) -> None:
    plain = {hit.id: hit.score for hit in index.search("routing").results}
    assert all(hit.score == plain[hit.id] for hit in index.search("routing", author="Wang", since="2024").results)
    with pytest.raises(UsageError, match="is not a date"):
        index.search("routing", since="2024-13")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> library.Index:
    folder = tmp_path_factory.mktemp("people")
    posts = folder / "posts"
    posts.mkdir()
    names = [
        "Yann LeCun",
        "Y. LeCun",
        "He, Kaiming",
        "Jürgen Müller",
        "Anna Maria Muller",
        "Yoshua Bengio",
        "LeCun",
        "G. Hinton",
        "Özge Sürer",
        "Æ. Sigurd",
        "Turing AM",
        "Quoc V. Le",
        "Wei LI",
        "Wei LU",
        "Qi-Qi Hu",
        "Dongjun Ko",
        "Dong",
    ]
    for number, name in enumerate(names):
        text = f"---\ntitle: Paper {number}\nauthors: ['{name}']\n---\nText.\n"
        (posts / f"n{number}.md").write_text(text, "utf-8")
    return library.build(str(folder / "index"), [str(posts)])


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("LeCun, Yann", "n0 n1"),
        ("Yann LeCun", "n0 n1"),
        ("Y. LeCun", "n0 n1"),
        ("LeCun Y", "n0 n1"),
        ("lecun, y.", "n0 n1"),
        ("K. He", "n2"),
        ("Kaiming He", "n2"),
        ("He, Kaiming", "n2"),
        ("Müller, Jürgen", "n3"),
        ("J. Mueller", "n3"),
        ("Muller, Jurgen", "n3"),
        ("A. M. Müller", "n4"),
        ("Müller, Anna", "n4"),
        ("Maria Muller", "n4"),
        ("Geoffrey Hinton", "n7"),
        ("Ö. Sürer", "n8"),
        ("O. Surer", "n8"),
        ("Oezge Suerer", "n8"),
        ("Ægir Sigurd", "n9"),
        ("Alan M. Turing", "n10"),
        ("Turing, Alan", "n10"),
        ("AM Turing", "n10"),
        ("Le QV", "n11"),
        ("QV Le", "n11"),
        ("LE Quoc", "n11"),
        ("Wei Li", "n12"),
        ("Wei Lu", "n13"),
        ("Qiqi Hu", "n14"),
        ("Hu, Qi Qi", "n14"),
        ("Dong Jun Ko", "n15"),
        ("Ko, Dong-Jun", "n15"),
    ],
)
def test_a_name_is_found_in_any_order_and_by_initials(people: library.Index, name: str, ids: str) -> None:
    assert sorted(hit.id for hit in people.search("*", author=name).results) == ids.split()
    answer = people.search(f'author:"{name}"')
    assert sorted(hit.id for hit in answer.results) == ids.split()
    assert answer.total_all == len(ids.split())


def test_of_a_name_at_least_one_word_is_the_same(people: library.Index) -> None:
    for name in ("Ægir S", "Ö. S.", "Y. L.", "Turing AX", "QX Le"):
        with pytest.raises(NotFoundError):
            people.search("*", author=name)


def test_an_author_whom_no_paper_has_is_said_like_a_tag(people: library.Index) -> None:
    with pytest.raises(NotFoundError, match="no paper has the author 'Yoshua Bengo': did you mean 'Yoshua Bengio'"):
        people.search("*", author="Yoshua Bengo")
    for surname in ("Bengo", "bengoi et al."):
        with pytest.raises(NotFoundError, match="did you mean 'Bengio'"):
            people.search("*", author=surname)
    assert "no paper has the author 'Z. LeCun'" in str(people.search('author:"Z. LeCun"').hint)


def test_so_is_one_whose_name_is_a_word_of_papers(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001", "Otters", "Otters sing.", author="Ann Lee")
    library.build(str(tmp_path / "index"), [str(tmp_path / "corpus")], jobs=1)
    for words in ([], ["otters"]):
        ran = run(tmp_path, "query", *words, "--author", "sing")
        assert (ran.code, ran.out, ran.err) == (1, "", "papersearch: no paper has the author 'sing'\n")
    assert not run(tmp_path, "query", "beavers", "--author", "Lee").err


def test_an_author_is_known_though_a_paper_before_has_the_words_of_the_name_apart(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    for number, (name, text) in enumerate((("Han Solo", "Wang tiles."), ("Han Wang", "Text."))):
        (posts / f"n{number}.md").write_text(f"---\ntitle: Paper\nauthors: ['{name}']\n---\n{text}\n", "utf-8")
    index = library.build(str(tmp_path / "index"), [str(posts)])
    assert [hit.id for hit in index.search("*", author="Han Wang").results] == ["n1"]
    answer = index.search('author:"Han Wang"')
    assert [hit.id for hit in answer.results] == ["n1"]
    assert answer.hint is None


def test_a_name_does_not_go_on_into_the_next_author(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    for number, names in enumerate(("Kun Li, Wei Wang", "Li Wei", "Wei Li, Kun Li")):
        (posts / f"n{number}.md").write_text(f"---\ntitle: Paper\nauthors: [{names}]\n---\nText.\n", "utf-8")
    index = library.build(str(tmp_path / "index"), [str(posts)])
    for query, options in (("*", {"author": "Li Wei"}), ('author:"Li Wei"', {}), ('paper author:"Wei, L."', {})):
        assert sorted(hit.id for hit in index.search(query, **options).results) == ["n1", "n2"]


def test_a_surname_that_the_stemmer_takes_for_an_ending_is_part_of_the_name(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    for number, name in enumerate(("Cheng Li", "Hao Cheng", "Li Cheng", "Cheng Tang")):
        (posts / f"n{number}.md").write_text(f"---\ntitle: Paper\nauthors: ['{name}']\n---\nText.\n", "utf-8")
    index = library.build(str(tmp_path / "index"), [str(posts)])
    assert sorted(hit.id for hit in index.search("*", author="Cheng Li").results) == ["n0", "n2"]
    assert sorted(hit.id for hit in index.search('author:"Cheng Li"').results) == ["n0", "n2"]


@pytest.mark.parametrize(
    "options",
    [{"author": 5}, {"tag": 2024}, {"tags": 1.5}, {"limit": "3"}, {"offset": 1.5}, {"since_run": ""}],
    ids=str,
)
def test_an_option_of_another_kind_is_wrong_usage(options: dict[str, Any], index: library.Index) -> None:
    with pytest.raises(UsageError):
        index.search("routing", **options)


def test_numbers_of_an_array_are_numbers(index: library.Index) -> None:
    for limit in np.arange(3):
        assert len(index.search("routing", limit=limit).results) == limit
    assert type(request_of(Request("routing", offset=np.int64(2)), {}).offset) is int  # type: ignore[arg-type]
