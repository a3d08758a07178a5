"""Nothing that a stranger writes costs more than its length: posts and queries made to hurt."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from papersearch.posts.parse import parse
from papersearch.text import acronyms, clean

# What is repeated to the length of a post. Each cost, or could cost, the square of its length or hundreds of steps for
# each of its characters.
HOSTILE = [
    "\\(", "\\[", "\\(\\[", " **a", "**", "__a ", "~~", "(AB)", "(AB) ", "( ", "[a]: ", "\n[a]: b ", "![",
    "[a](", "[](", "`", "``a", "$", "$a ", "\\$", "${", "^{", "_{", "\\frac{", "\\frac{a}{", "\\sqrt{{a}",
    "\\href{", "\\href{a}{", "\\cite{", "\\cite[", "{\\'", "\\'", "&#", "&a", "<", "<a ", "<a b=", "<!--",
    "<script", "{{<", "#", "# ", "\n#", "\n# ", "\n- ", "\n> ", "\n| ", "\n=", "\n\n", "\n ", "~", "a~", "--",
    "\n--- ", "'", "\"", ". ", ".\" ", "1.", "1,", "a-", "a'", "R&", "https://",
]  # fmt: skip
SIZE = 20_000


def seconds(work: Callable[[str], object], text: str) -> float:
    """Processor time, the shorter of two runs."""
    took = []
    for _ in range(2):
        begin = time.process_time()
        work(text)
        took.append(time.process_time() - begin)
    return min(took)


def repeated(unit: str, size: int = SIZE) -> str:
    return unit * (size // len(unit))


def is_linear(work: Callable[[str], object], made: Callable[[int], str], size: int) -> bool:
    """Whether eight times the length takes well under 64 times as long."""
    return seconds(work, made(8 * size)) <= 24 * seconds(work, made(size)) + 0.02


@pytest.fixture(scope="module")
def ordinary() -> float:
    """Seconds for a text of the same length as it is written."""
    return seconds(clean.readable, repeated("Words of *a* text, $x^2$ and (so) on. "))


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("around", ["", "\n**"])
def test_marks_without_end_cost_their_length(unit: str, around: str, ordinary: float) -> None:
    assert seconds(clean.readable, around + repeated(unit) + around) < 12 * ordinary + 0.02


@pytest.mark.parametrize("unit", HOSTILE)
def test_brackets_without_end_explain_no_acronym_and_cost_their_length(unit: str) -> None:
    assert is_linear(acronyms.pairs, lambda size: repeated(unit, size), 5_000)


def test_only_the_head_of_a_huge_text_is_freed_of_marks_and_all_of_it_stays() -> None:
    text = "*word* " * 100_000
    shown = clean.readable(text)
    assert shown.split().count("word") + shown.split().count("*word*") == 100_000
    assert "*" not in shown[:250_000]
    assert clean.readable("a\n\n" * 200_000).count("a") == 200_000


HEAD = "---\ntitle: A title\ntags: [a]\ndate: 2024-01-01\n---\n\n"
SECTIONS = (
    "# title: X\n## publish date:\n**2024-12-19**\n## authors:\n{}\n## paper id\n{}\n## download\n{}\n## abstracts:\n{}"
)


def post(body: str) -> str:
    return HEAD + body


def in_abstract(body: str) -> str:
    return SECTIONS.format("A", "2412.15115", "x", body)


@pytest.mark.parametrize("place", [post, in_abstract])
@pytest.mark.parametrize("unit", [*HOSTILE, " ", "\n", "\t", "# title", "## abstract ", "**title", "*", "=", "\n="])
@pytest.mark.parametrize("before", ["", "# x"])
def test_posts_cost_their_length(place: Callable[[str], str], unit: str, before: str) -> None:
    def read(text: str) -> object:
        return parse("a.md", text.encode())

    assert is_linear(read, lambda size: place(before + repeated(unit, size)), 2_000)
