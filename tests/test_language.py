"""The query language: what is understood, what falls back to plain words, what is a mistake."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from papersearch.core.errors import QueryError
from papersearch.core.fields import query_fields
from papersearch.core.frozen import names_of, replace
from papersearch.query import language, tree
from papersearch.query.ids import identify
from papersearch.query.language import parse, plain
from papersearch.query.tree import (
    And,
    Bag,
    DateRange,
    Everything,
    Fuzzy,
    Identifier,
    Node,
    Not,
    Or,
    Pattern,
    Phrase,
    Word,
)
from papersearch.text.display import width
from tests.querying import to_text

FIELDS = query_fields()


def bare(node: Node | None) -> Node | None:
    """The tree without positions."""
    if node is None:
        return None
    changes: dict[str, Any] = {"start": 0, "end": 0}
    if isinstance(node, (Bag, And, Or)):
        changes["children"] = tuple(bare(child) for child in node.children)
    if isinstance(node, Not):
        changes["child"] = bare(node.child)
    return replace(node, **changes)


def word(text: str, field: str | None = None, boost: float = 1.0) -> Word:
    return Word(text=text, field=field, boost=boost)


def bag(*children: Node) -> Bag:
    return Bag(children=children)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mixture of experts", bag(word("mixture"), word("of"), word("experts"))),
        ("moe", word("moe")),
        ('"exact phrase"', Phrase(text="exact phrase")),
        ("“typeset quotes”", Phrase(text="typeset quotes")),
        ("«typeset quotes»", Phrase(text="typeset quotes")),
        ("title:« typeset quotes »", Phrase(text=" typeset quotes ", field="title")),
        ("»typeset quotes«", Phrase(text="typeset quotes")),
        ('"near words"~5', Phrase(text="near words", slop=5)),
        ("title:moe", word("moe", "title")),
        ("TITLE:moe", word("moe", "title")),
        ('author:"Yann LeCun"', Phrase(text="Yann LeCun", field="authors")),
        ("tag:(a OR b)", Or(children=(word("a", "tags"), word("b", "tags")))),
        ("a AND b", And(children=(word("a"), word("b")))),
        ("a b OR c", Or(children=(bag(word("a"), word("b")), word("c")))),
        ("a AND b OR c", Or(children=(And(children=(word("a"), word("b"))), word("c")))),
        ("a NOT b", bag(word("a"), Not(child=word("b")))),
        ("a -b", bag(word("a"), Not(child=word("b")))),
        ('-"a b"', Not(child=Phrase(text="a b"))),
        ("-title:x", Not(child=word("x", "title"))),
        ("a -(b c)", bag(word("a"), Not(child=bag(word("b"), word("c"))))),
        ("+a b", bag(word("a"), word("b"))),
        ("a - b", bag(word("a"), word("b"))),
        ("zero-shot", word("zero-shot")),
        ("and or not", bag(word("and"), word("or"), word("not"))),
        ("quant*", Pattern(text="quant*")),
        ("te?t", Pattern(text="te?t")),
        ("Sgr A*", bag(word("Sgr"), word("A*"))),
        ("C*-algebras q*", bag(word("C*-algebras"), Pattern(text="q*"))),
        ("since:2024-07", DateRange(low="2024-07")),
        ("until:2024-07 since:7d", bag(DateRange(high="2024-07"), DateRange(low="7d"))),
        ("what is MoE?", bag(word("what"), word("is"), word("MoE?"))),
        ("transfomer~", Fuzzy(text="transfomer", distance=1)),
        ("transfomer~2", Fuzzy(text="transfomer", distance=2)),
        ("transfomer~9", Fuzzy(text="transfomer", distance=2)),
        ("transfomer~0", Fuzzy(text="transfomer", distance=1)),
        ("a^2 b", bag(word("a", boost=2.0), word("b"))),
        ("(a b)^2", bag(word("a", boost=2.0), word("b", boost=2.0))),
        ("a^999", word("a", boost=100.0)),
        ("*", Everything()),
        ("year:2024", DateRange(low="2024", high="2024")),
        ("year:2020..2023", DateRange(low="2020", high="2023")),
        ("date:2024-07..", DateRange(low="2024-07")),
        ("date:>=2024-12-01", DateRange(low="2024-12-01")),
        ("date:>2024", DateRange(low="2025-01-01")),
        ("date:<2024-03", DateRange(high="2024-02-29")),
        ("2412.15115v2", Identifier(paper_id="2412.15115", version=2)),
        ("id:cacm1410v3", Identifier(paper_id="cacm1410", version=3, field="id")),
        ("C++ R&D a/b", bag(word("C++"), word("R&D"), word("a/b"))),
        ("https://example.org std::vector 3:2", bag(word("https://example.org"), word("std::vector"), word("3:2"))),
        ("a AND b c", And(children=(word("a"), bag(word("b"), word("c"))))),
        ("NOT x", Not(child=word("x"))),
        ("title:(a author:b)", bag(word("a", "title"), word("b", "authors"))),
        ("title:() a", word("a")),
        ('title:"" a', word("a")),
        ('"GPT"-like', bag(Phrase(text="GPT"), word("like"))),
        ('"near words"~9999', Phrase(text="near words", slop=100)),
        ('"a b"^.5, c', bag(Phrase(text="a b", boost=0.5), word("c"))),
        ("a^1000", word("a", boost=100.0)),
        ("a^0", word("a", boost=0.01)),
        ("a^x", word("a^x")),
        ("(a -b)^2", bag(word("a", boost=2.0), Not(child=word("b")))),
        ("[quant*], 'te?t'", bag(Pattern(text="quant*"), Pattern(text="te?t"))),
        ("?ord", Pattern(text="?ord")),
        ("what of quant*?", bag(word("what"), word("of"), Pattern(text="quant*"))),
        ("why??", word("why??")),
        ("*:*", Everything()),
        ("L^2 norm R^10", bag(word("L^2"), word("norm"), word("R^10"))),
        ("GPT-4^2 10^2^2 1.5^2", bag(word("GPT-4", boost=2.0), word("10^2", boost=2.0), word("1.5", boost=2.0))),
        ("SVM^2 L^.5", bag(word("SVM", boost=2.0), word("L", boost=0.5))),
        ("O(n^2) f(x)", bag(word("O(n^2)"), word("f(x)"))),
        ("NOT(a)", Not(child=word("a"))),
        (':) "so nice" ;-)', Phrase(text="so nice")),
        ("(a ;) OR b", Or(children=(bag(word("a"), word(";")), word("b")))),
        ("[x] {y} AT&T what's C# don't", bag(*map(word, "[x] {y} AT&T what's C# don't".split()))),
        ("year:2024?", DateRange(low="2024", high="2024")),
        ("moe of year:2024.", bag(word("moe"), word("of"), DateRange(low="2024", high="2024"))),
        ("year:=2024", DateRange(low="2024", high="2024")),
        ("until:7d", DateRange(high="7d")),
        ("date:2024-12-19..2024-12-19", DateRange(low="2024-12-19", high="2024-12-19")),
        ("year:(2020 OR 2021)", Or(children=(DateRange(low="2020", high="2020"), DateRange(low="2021", high="2021")))),
        ("date:..2024", DateRange(high="2024")),
        ("date:<=2024-03", DateRange(high="2024-03")),
        ("2412.15115^2 moe", bag(Identifier(paper_id="2412.15115", boost=2.0), word("moe"))),
        ("arXiv: 2412.15115", Identifier(paper_id="2412.15115")),
        (" Id:2412.15115", Identifier(paper_id="2412.15115", field="id")),
        ("moe https://arxiv.org/abs/2412.15115", bag(word("moe"), Identifier(paper_id="2412.15115"))),
        ("* 2412.15115 *", bag(Everything(), Identifier(paper_id="2412.15115"), Everything())),
        ("“2412.15115“", Identifier(paper_id="2412.15115")),
        ("moe 10.1016/S0140-6736(20)3-5", bag(word("moe"), Identifier(paper_id="10.1016/S0140-6736(20)3-5"))),
        ("id:cacm1410, moe", bag(Identifier(paper_id="cacm1410", field="id"), word("moe"))),
        ('id:"two words"', Identifier(paper_id="two words", field="id")),
        ("title：图像 -Author：王", bag(word("图像", "title"), Not(child=word("王", "authors")))),
        ("title：水*", word("水", "title")),
        ("研究：方法 x：y", bag(word("研究：方法"), word("x：y"))),
        ("rate:0.1 stage:2 Qwen:7b", bag(word("rate:0.1"), word("stage:2"), word("Qwen:7b"))),
        ("", None),
        ("()", None),
        ('""', None),
        ("-", None),
    ],
)
def test_what_is_understood_has_its_tree_and_no_hint(text: str, expected: Node | None) -> None:
    query = parse(text, FIELDS)
    assert bare(query.node) == expected
    assert query.hint is None


@pytest.mark.parametrize(
    "text", ['"open', 'a "b', "(a b", "a)", ") a", "AND", "a AND", "OR a", "NOT", "a NOT", "title: ("]
)
def test_what_does_not_parse_is_searched_as_plain_words_with_a_hint(text: str) -> None:
    query = parse(text, FIELDS)
    assert query.node == plain(text).node
    assert query.hint
    assert query.hint.endswith("searched for the plain words")


def test_a_name_that_is_no_field_is_a_word_with_a_hint() -> None:
    query = parse("note:this year", FIELDS)
    assert bare(query.node) == bag(word("note:this"), word("year"))
    assert query.hint == "there is no field 'note': searched as words"
    for text in ("before:2024", "moe after:2024-06-01"):
        hint = parse(text, FIELDS).hint
        assert hint is not None, text
        assert hint.endswith("searched as words; dates are since:2024, until:2024-06, date:2024")
    assert [parse(text, FIELDS).hint for text in ("top:5", "resnet:2015.1", "GPT:2024")] == [None] * 3


@pytest.mark.parametrize(
    ("text", "is_told"),
    [("author: ruiz", True), ("moe (title: a)", True), ("Title: a", False), ("author:", False), ("t: a", False)],
)
def test_a_field_with_a_blank_behind_it_is_a_word_and_that_is_told(text: str, is_told: bool) -> None:
    query = parse(text, FIELDS)
    assert (query.hint is not None and "with a blank after it is a word" in query.hint) is is_told
    assert sum(isinstance(leaf, Word) for leaf in tree.leaves(query.node or Node())) == len(text.split())


@pytest.mark.parametrize(
    ("text", "position", "hint"),
    [
        ("auther:x", 0, "did you mean 'author:'?"),
        ("moe auther:x", 4, "did you mean 'author:'?"),
        ("year:abc", 5, "write 2024, 2024-12 or 2024-12-19, or 7d, 2w, 3m, yesterday"),
        ("moe date:2024-13", 9, "write 2024, 2024-12 or 2024-12-19, or 7d, 2w, 3m, yesterday"),
        ("date:2025..2024", 5, "turn it round"),
        ("date:..", 5, "write 2024, 2024-12 or 2024-12-19, or 7d, 2w, 3m, yesterday"),
        ("year:2020-2023", 5, "write 2020..2023"),
        ("date:>", 5, "write 2024, 2024-12 or 2024-12-19, or 7d, 2w, 3m, yesterday"),
        ("date:>9999", 5, "leave the date out"),
        ("title:(a titel:b)", 9, "did you mean 'title:'?"),
    ],
)
def test_a_mistake_that_plain_words_would_hide_is_an_error_with_its_place(text: str, position: int, hint: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(text, FIELDS)
    assert (error.value.position, error.value.hint, error.value.exit_code) == (position, hint, 2)
    shown, mark = language.caret(text, error.value.position).splitlines()
    assert shown == text
    assert mark == " " * position + "^"


def test_positions_count_code_points() -> None:
    query = "année “x y” -b"
    node = parse(query, FIELDS).node
    assert isinstance(node, Bag)
    assert [query[child.start : child.end] for child in node.children] == ["année", "“x y”", "-b"]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2_000 + "x" + ")" * 2_000,
        "-(" * 3_000,
        "word " * 20_000,
        "NOT " * 5_000,
        "a:" * 20_000,
        '"' * 9_999,
        "+" * 60_000,
        "()" * 20_000,
        '"a"' * 20_000,
        "(" * 100 + "a " * 900 + ")^2" * 100,
    ],
)
def test_queries_beyond_all_bounds_are_answered(text: str) -> None:
    node = parse(text[: language.MOST_CHARACTERS], FIELDS).node
    assert node is None or len(repr(node)) < 500_000


@pytest.mark.parametrize(
    ("begin", "end", "most", "what"),
    [
        ("(a OR ", ")", 100, "100 parentheses within each other"),
        ("-(a OR ", ")", 50, "100 parentheses within each other"),
        ("NOT ", "", 100, "100 parentheses within each other"),
        ('a"" ', "", 499, "1,000 parts"),
    ],
)
def test_a_query_of_more_than_can_be_answered_is_searched_as_plain_words(
    begin: str, end: str, most: int, what: str
) -> None:
    assert parse(f"{begin * most}b{end * most}", FIELDS).hint is None
    query = parse(f"{begin * (most + 1)}b{end * (most + 1)}", FIELDS)
    assert query.hint == f"more than {what}: searched for the plain words"
    assert isinstance(query.node, Bag)
    assert all(isinstance(child, Word) for child in query.node.children)


def test_ids_among_plain_words_are_ids() -> None:
    node = plain("moe 2412.15115v2 moe").node
    assert isinstance(node, Bag)
    assert node.children[1] == Identifier(4, 16, paper_id="2412.15115", version=2)
    assert node.children[2] == Word(17, 20, text="moe")
    assert plain(" arXiv: 2412.15115 ").node == Identifier(1, 18, paper_id="2412.15115")


def test_the_first_thousand_words_are_used() -> None:
    cut = parse("(word " * 99 + "(word) " * 9_000, FIELDS)
    assert cut.hint == "only the first 1,000 words are searched for, and as plain words"
    assert isinstance(cut.node, Bag)
    assert len(cut.node.children) == language.MOST_WORDS
    for text in ("w " * 20_000, "(word) " * 9_000):
        query = parse(text, FIELDS)
        assert isinstance(query.node, Bag)
        assert len(query.node.children) == language.MOST_WORDS
        assert query.hint == "only the first 1,000 words are searched for"


def test_a_hundred_parentheses_parse_on_a_stack_that_is_already_deep() -> None:
    def deep(frames: int) -> Node | None:
        return deep(frames - 1) if frames else parse("(a b " * 100 + ")" * 100, FIELDS).node

    assert isinstance(deep(300), Bag)


def test_the_caret_stands_under_its_place_in_a_long_and_wide_query() -> None:
    query = "中" * 200 + "“\x1b” year:abc " + "x" * 200
    with pytest.raises(QueryError) as error:
        parse(query, FIELDS)
    assert query[error.value.position :].startswith("abc")
    assert error.value.query == query
    shown, mark = language.caret(query, error.value.position).splitlines()
    before, _, _ = shown.partition("abc")
    assert before[0] == "…"
    assert width(before) == len(mark) - 1
    assert width(shown) <= 72
    assert "\x1b" not in shown


def test_nodes_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Word(text="a").text = "b"  # type: ignore[misc]
    assert not hasattr(Word(), "__dict__")


def test_a_query_longer_than_any_is_refused() -> None:
    with pytest.raises(QueryError):
        parse("x" * (language.MOST_CHARACTERS + 1), FIELDS)


@pytest.mark.parametrize("before", ["", '""', "  "])
def test_an_id_may_have_a_weight(before: str) -> None:
    node = parse(f"{before}10.1000/x^0.3", FIELDS).node
    assert isinstance(node, Identifier)
    assert (node.paper_id, node.boost) == ("10.1000/x", 0.3)


_PIECES = [*"ab \"()*?~^:-+|'.,;[#/0é中β\n“”", "AND", "OR", " NOT ", " -", "title:", "year:", "id:", "2024", ".."]
_PIECES += ["2412.15115v2", "10.1000/x", "^0.3", "~2"]


@given(st.lists(st.sampled_from(_PIECES), max_size=25).map("".join) | st.text(max_size=60))
@example("10.1000/x^0.3*")
@example("10.1000/x^~")
@example("*2412.15115v2~")
@example("'*2412.15115v2'~1")
@example("\\\r")
@example("a -(year:2024..b")
def test_any_text_parses_or_is_a_mistake(text: str) -> None:
    try:
        query = parse(text, FIELDS)
    except QueryError as mistake:
        assert 0 <= mistake.position <= len(text)  # noqa: PT017
        return
    if query.node is None or query.hint is not None or (isinstance(query.node, Phrase) and identify(query.node.text)):
        return  # an id in quotation marks is that id, but for some beside it
    assert bare(parse(to_text(query.node), FIELDS).node) == bare(query.node)


_NAMES = st.sampled_from([None, "title", "authors", "tags", "abstract"])
_BOOSTS = st.floats(0.01, 100)
_PLAIN = st.text(alphabet="abcdefgh", min_size=2, max_size=8)
_LEAVES = st.one_of(
    st.builds(Word, text=_PLAIN, field=_NAMES, boost=_BOOSTS),
    st.builds(
        Phrase, text=st.lists(_PLAIN, min_size=1).map(" ".join), slop=st.integers(0, 9), field=_NAMES, boost=_BOOSTS
    ),
    st.builds(Pattern, text=_PLAIN.map(lambda text: text + "*"), field=_NAMES, boost=_BOOSTS),
    st.builds(Fuzzy, text=_PLAIN, distance=st.integers(1, 2), field=_NAMES, boost=_BOOSTS),
    st.builds(DateRange, low=st.just("2023"), high=st.sampled_from([None, "2024-12", "2024-12-19"])),
    st.builds(Identifier, paper_id=st.just("2412.15115"), version=st.sampled_from([None, 1, 12])),
    st.builds(Identifier, field=st.just("id"), paper_id=st.sampled_from(["2412.15115", "my (2) notes", "cacm1410"])),
    st.builds(Everything),
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, child=inner),
        *(st.builds(kind, children=st.lists(inner, min_size=2, max_size=4).map(tuple)) for kind in (Bag, And, Or)),
    ),
    max_leaves=12,
)


@given(_TREES)
@example(Bag(children=(Everything(), Identifier(paper_id="2412.15115"), Everything())))
def test_printing_a_tree_and_parsing_it_is_the_identity(node: Node) -> None:
    assert bare(parse(to_text(node), FIELDS).node) == node


def test_every_node_says_where_it_stands() -> None:
    for kind in (tree.Word, tree.Bag, tree.Not, tree.DateRange):
        assert {"start", "end", "field", "boost"} <= {*names_of(kind)}


@given(st.text('aé1 ANDORNOT_-+~"“^:*?()\n'))
def test_what_may_be_an_operator_is_told_by_its_pattern(text: str) -> None:
    assert language._has_operators(text) == (re.search(language._OPERATORS, text) is not None)
