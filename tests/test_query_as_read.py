"""A query as it reads: LaTeX as it is printed, no tags, powers; and where in what was typed a mistake stands."""

from __future__ import annotations

import pytest

from papersearch.core.errors import QueryError
from papersearch.core.fields import query_fields
from papersearch.core.records import Request
from papersearch.query.filters import query_of
from papersearch.query.language import parse, plain
from papersearch.query.tree import Bag, Phrase, Word

FIELDS = query_fields()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"Schr\"odinger bridges", "Schrödinger bridges"),
        (r"\textbf{Gray} otters", "Gray otters"),
        (r"$\beta$-VAE", "β-VAE"),
        ("gray%20otters", "gray otters"),
        ("<i>Lutra lutra</i> in H<sub>2</sub>O, a < b and c </ d", "Lutra lutra in H2O, a < b and c </ d"),
        ("otters w/o fur w/ fins, w/e and b/w flow/ by", "otters without fur with fins, w/e and b/w flow/ by"),
        ("<b>a</b> <u>b</u> <em>c</em> <strong>d</strong> x<sup>2</sup> <sc>e</sc> <scp>f</scp>", "a b c d x2 e f"),
        ("<span>otters</span>", "otters"),
        ("of 10^6-10^8, 2^{10} or $3^4$.", "of 10⁶-10⁸, 2¹⁰ or $3⁴$."),
        (r"C:\Papers\gray.pdf", r"C:\Papers\gray.pdf"),
        (r"gray~\cite{ruiz2024routing}", r"gray~\cite{ruiz2024routing}"),
    ],
)
def test_latex_tags_and_what_is_cut_short_are_read_as_they_are_said(text: str, words: str) -> None:
    for query in (parse(text, FIELDS), plain(text)):
        found = query.node.children if isinstance(query.node, Bag) else (query.node,)
        assert [word.text for word in found if isinstance(word, Word)] == words.split()
        assert query.hint is None
    quoted = parse(r'title:"Schr\"odinger bridges"', FIELDS).node
    assert isinstance(quoted, Phrase)
    assert quoted.text == "Schrödinger bridges"


@pytest.mark.parametrize(
    "query",
    [
        r"\textbf{Gray} otters year:abc",
        "otters w/o fur in gray%20waters year:abc",
        "otters year:abc w/ fins",
        r"abc w/o abc year:abc $\beta$",
        r"$\beta$ year: w/o date:..abc w/ fins",
    ],
)
def test_the_caret_stands_under_a_mistake_as_it_was_typed(query: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(query, FIELDS)
    assert error.value.query == query
    assert query[error.value.position :].startswith(("abc", "..abc"))
    assert "abc" not in query[error.value.position + 5 :]


def test_a_mistake_in_the_word_that_is_typed_is_told_apart_as_it_was_typed() -> None:
    for words in ("$\\beta$ year:2", "β\u3000year:2"):  # keyboards for Chinese have a wide blank
        typed = query_of(Request(words, prefix=True))
        assert typed.node == plain("β").node
        assert typed.hint is not None
    with pytest.raises(QueryError):
        query_of(Request("$\\beta$ year:2 otters", prefix=True))
