"""Templates: a line for each paper, and nothing else within reach."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papersearch.core.errors import UsageError
from papersearch.core.frozen import replace
from papersearch.core.records import Snippet
from papersearch.output import formats, template
from tests.answers import ANSWER, BAD, QWEN, STEERING, UNKNOWN, written


def test_a_template_is_filled_in_for_each_result() -> None:
    answer = replace(ANSWER, results=(QWEN, UNKNOWN))
    assert written("text", answer, template=r"{id}\t{title}") == "2412.15115\tQwen25 Technical Report\n混合\t\n"
    assert (
        written("text", answer, template="{rank:>3}|{year:4}|{score:.1f}|{{}}") == "  1|2024|12.3|{}\n  2|    |0.5|{}\n"
    )
    assert written("text", answer, template=r"{version:3}\\{id:.4}", null=True) == "  1\\2412\0   \\混合\0"
    assert (
        written("text", answer, template="{title:.4s}|{rank:d}|{score:g}|{year}|") == "Qwen|1|12.3412|2024|\n|2|0.5||\n"
    )
    assert written("text", replace(ANSWER, results=(BAD,)), template="{title}").count("\n") == 1
    one = replace(ANSWER, results=(QWEN,))
    assert written("text", one, template=r"a\nb\rc\0d\\e\q{id}") == "a\nb\rc\0d\\e\\q2412.15115\n"
    assert written("text", one, template="see {id}\\") == "see 2412.15115\\\n"
    kinds = "{rank:<4}|{rank:^4}|{rank:+d}|{score: .2f}|{version:04d}|{line:d}|{total:g}|{title:*>25}|{score:.12f}"
    padded = "*Qwen25 Technical Report"
    assert written("text", one, template=kinds) == f"1   | 1  |+1| 12.34|0001|33|612|*{padded}|12.341200000000\n"
    assert written("text", replace(ANSWER, results=(replace(UNKNOWN, et_al=True),)), template="{authors}") == "\n"


def test_paths_of_a_template_that_end_in_nul_are_exact() -> None:
    answer = replace(ANSWER, results=(BAD,))
    assert written("text", answer, template="{path}", null=True) == f"{BAD.path}\0"
    assert written("text", answer, template="{path}") == "corpus/a b\ufffd\ufffd.md\n"
    assert not STEERING.search(written("text", answer, template="{title}", null=True).rstrip("\0"))


def test_every_template_field_has_a_value_for_every_hit() -> None:
    for name in template.FIELDS:
        assert written("text", template=f"{{{name}}}").count("\n") == len(ANSWER.results), name


def test_each_template_field_says_what_it_is_called() -> None:
    hit = replace(
        QWEN,
        authors=("Ann Lee", "Bo Fox"),
        missing=("moe", "otters"),
        snippets=(*QWEN.snippets, Snippet("qa", 50, "and more", ())),
    )
    expected = {
        "rank": "1",
        "score": "12.3412",
        "id": "2412.15115",
        "version": "1",
        "title": "Qwen25 Technical Report",
        "authors": "Ann Lee, Bo Fox et al.",
        "author": "Ann Lee",
        "published": "2024-12-19",
        "year": "2024",
        "posted": "2024-12-23T11:35:38",
        "tags": "all search terms, dataset",
        "url": "http://arxiv.org/abs/2412.15115v1",
        "path": "corpus/Qwen25_Technical_Report.md",
        "missing": "moe, otters",
        "snippet": "two mixture-of-experts (MoE) variants … and more",
        "line": "33",
        "query": "mixture of experts",
        "total": "612",
    }
    answer = replace(ANSWER, results=(hit,))
    assert {name: written("text", answer, template=f"{{{name}}}")[:-1] for name in template.FIELDS} == expected
    alone = replace(ANSWER, results=(replace(hit, et_al=False),))
    assert written("text", alone, template="{authors}") == "Ann Lee, Bo Fox\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{titel}", "did you mean title?"),
        ("{id.__class__}", "no template field 'id.__class__'"),
        ("{id[0]}", "no template field"),
        ("{0}", "no template field"),
        ("{}", "no template field"),
        ("{id!r}", "no template field"),
        ("{id", "stray '{'"),
        ("id}", "stray '}'"),
        ("{title:>9999999999}", "no such width"),
        ("{title:{rank}}", "stray"),
        ("{title:d}", "not that kind of number"),
        ("{score:d}", "not that kind of number"),
        ("{title:g}", "not that kind of number"),
        ("{title:1000}", "no such width"),
        ("{version:s}", "is a number"),
        ("{line:s}", "is a number"),
        ("{total:s}", "is a number"),
        ("{title:3f}", "not that kind of number"),
        ("{rank:s}", "is a number"),
    ],
)
def test_a_template_that_reaches_for_more_is_refused_before_anything_is_written(text: str, says: str) -> None:
    out = io.StringIO()
    with pytest.raises(UsageError) as caught:
        formats.write("text", ANSWER, out, template=text)
    assert says in str(caught.value)
    assert out.getvalue() == ""


@given(st.text(alphabet='{}:<>^.0129sdfg\\tn!rank score[]_"'))
@settings(max_examples=300, deadline=None)
def test_any_template_is_filled_or_refused(text: str) -> None:
    with suppress(UsageError):
        written("text", template=text)
