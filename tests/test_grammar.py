"""The edges of the grammar: what counts as an operator where it stands, and how much of it one query may have."""

from __future__ import annotations

import pytest

from papersearch.core.errors import QueryError
from papersearch.core.fields import query_fields
from papersearch.query import grammar
from papersearch.query.language import parse
from papersearch.query.tree import Bag, Fuzzy, Identifier, Phrase, Word
from tests.querying import to_text

FIELDS = query_fields()


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("(-a b) c", "(-a b) c"),
        ("(a -) b", "a b"),
        ("(a)-b", "a b"),
        ('"a"-b', '"a" b'),
        ("-() a", None),
        ("NOT() a", None),
        ('a AND"b c"', 'a AND "b c"'),
        ("(a OR(b c)) d", "(a OR (b c)) d"),
        ("(a OR) b", None),
        ("a ANDb ORc", "a ANDb ORc"),
        (":( a", "a"),
        (":(( ;)) a", "a"),
        ("a:) b", None),
        ("(a b)^2c", "(a b) ^2c"),
        ("(a b)^2.c d", "(a b) ^2.c d"),
        ("(a b)^2^3", "(a b) ^2^3"),
        ('"a b"~3; "c d"^2: "e f"! "g h"? "i j". "k l",', '"a b"~3 "c d"^2 "e f" "g h" "i j" "k l"'),
        ('("a b"~3)("c d"^2)', '"a b"~3 "c d"^2'),
        ('"a b"~3(c)', '"a b"~3 c'),
        ('"a b"~3x', '"a b" ~3x'),
        ('" " a', "a"),
        ("a?b c?-d e?", "a?b c?-d e?"),
        ("C*-algebra-x A*-b", "C*-algebra-x A*-b"),
        ("'quant*'? trans~?", "quant* trans~?"),
        ("'2412.15115'~1 a", "2412.15115 a"),
        ("abstract:2412.15115", "abstract:2412.15115"),
        ("date:2024-05, a", "date:2024-05..2024-05 a"),
        ("since:..2024 until:2024..", "date:2024.. date:..2024"),
        ('date:"2024-05" a', "date:2024-05..2024-05 a"),
        ("id:x1! a", "id:x1 a"),
        ('id:" x1 " a', "id:x1 a"),
    ],
)
def test_what_counts_as_an_operator_depends_on_where_it_stands(query: str, read: str | None) -> None:
    found = parse(query, FIELDS)
    if read is None:
        assert found.hint is not None
        return
    assert found.node is not None
    assert to_text(found.node) == read
    assert found.hint is None


@pytest.mark.parametrize("loose", ["a{}*", "a?b{}x", "trans{}former~"])
def test_a_query_may_have_so_many_loose_words(loose: str) -> None:
    words = [loose.format("bcdefghijklmnopqrstuvwxyz"[number]) for number in range(grammar.MOST_LOOSE + 1)]
    assert parse(" ".join(words[1:]), FIELDS).hint is None
    broken = parse(" ".join(words), FIELDS)
    assert broken.hint == "more than 20 words with *, ? or ~: searched for the plain words"


def test_negations_side_by_side_are_not_within_each_other() -> None:
    assert parse("-a " * 300, FIELDS).hint is None


def test_each_part_says_where_it_stands() -> None:
    query = "ab* cd~ 水* * date:2024 x"
    node = parse(query, FIELDS).node
    assert isinstance(node, Bag)
    assert [query[each.start : each.end] for each in node.children] == ["ab*", "cd~", "水*", "*", "2024", "x"]


@pytest.mark.parametrize("query", ['year:"abc"', 'a date:"2024-13"'])
def test_the_place_of_a_mistake_in_quotation_marks_is_within_them(query: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(query, FIELDS)
    assert error.value.position == query.index('"') + 1


@pytest.mark.parametrize(
    ("name", "is_told"),
    [("note", True), ("Note", False), ("n", False), ("no1", False), ("until2", False), ("xy", True), ("sinse", True)],
)
def test_a_name_that_is_no_field_is_told_if_it_looks_like_one(name: str, is_told: bool) -> None:
    for value in ("abc", '"abc d"', "(abc d)"):
        assert (parse(f"{name}:{value}", FIELDS).hint is not None) is is_told, value
    assert parse(f"{name}:7b", FIELDS).hint is None
    assert parse(f"{name}::abc {name}:/abc", FIELDS).hint is None


def test_the_first_hint_is_kept() -> None:
    for query in ("note:abc title: x", "note:abc other:abc", "note:abc before:2024"):
        assert "'note'" in (parse(query, FIELDS).hint or ""), query


def test_a_mistyped_field_is_one_in_capitals_too() -> None:
    for query in ("Auther:x", "auther:x"):
        with pytest.raises(QueryError, match="did you mean 'author:'"):
            parse(query, FIELDS)
    kinds = {Word: "ab", Phrase: '"ab"', Fuzzy: "ab~", Identifier: "2412.15115"}
    assert all(isinstance(parse(text, FIELDS).node, kind) for kind, text in kinds.items())
