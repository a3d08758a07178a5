"""Templates: a line for each paper, and nothing else within reach."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papersearch.core.errors import UsageError
from papersearch.core.frozen import replace
from papersearch.output import formats, template
from tests.answers import ANSWER, BAD, QWEN, STEERING, UNKNOWN, written


def test_a_template_is_filled_in_for_each_result() -> None:
    answer = replace(ANSWER, results=(QWEN, UNKNOWN))
    assert written("text", answer, template=r"{id}\t{title}") == "2412.15115\tQwen25 Technical Report\n混合\t\n"
    assert (
        written("text", answer, template="{rank:>3}|{year:4}|{score:.1f}|{{}}") == "  1|2024|12.3|{}\n  2|    |0.5|{}\n"
    )
    assert written("text", answer, template=r"{version:3}\\{id:.4}", null=True) == "  1\\2412\0   \\混合\0"
    assert written("text", replace(ANSWER, results=(BAD,)), template="{title}").count("\n") == 1
    assert written("text", replace(ANSWER, results=(replace(UNKNOWN, et_al=True),)), template="{authors}") == "\n"


def test_paths_of_a_template_that_end_in_nul_are_exact() -> None:
    answer = replace(ANSWER, results=(BAD,))
    assert written("text", answer, template="{path}", null=True) == f"{BAD.path}\0"
    assert written("text", answer, template="{path}") == "corpus/a b\ufffd\ufffd.md\n"
    assert not STEERING.search(written("text", answer, template="{title}", null=True).rstrip("\0"))


def test_every_template_field_has_a_value_for_every_hit() -> None:
    for name in template.FIELDS:
        assert written("text", template=f"{{{name}}}").count("\n") == len(ANSWER.results), name


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
