"""Nothing that a stranger writes costs more than its length: posts and queries made to hurt."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import papersearch
from papersearch.engine.search import matching
from papersearch.posts import facts
from papersearch.posts.parse import parse
from papersearch.text import acronyms, clean, code
from tests.corpora import SAMPLE

# What is repeated to the length of a post. Each cost, or could cost, the square of its length or hundreds of steps for
# each of its characters.
HOSTILE = [
    "\\(", "\\[", "\\(\\[", " **a", "**", "__a ", "~~", "(AB)", "(AB) ", "( ", "[a]: ", "\n[a]: b ", "![",
    "[a](", "[](", "`", "``a", "$", "$a ", "\\$", "${", "^{", "_{", "\\frac{", "\\frac{a}{", "\\sqrt{{a}",
    "\\href{", "\\href{a}{", "\\cite{", "\\cite[", "{\\'", "\\'", "&#", "&a", "<", "<a ", "<a b=", "<!--",
    "<script", "{{<", "#", "# ", "\n#", "\n# ", "\n- ", "\n> ", "\n| ", "\n=", "\n\n", "\n ", "~", "a~", "--",
    "\n--- ", "'", "\"", ". ", ".\" ", "1.", "1,", "a-", "a'", "R&", "https://",
]  # fmt: skip
MARKS = [
    *HOSTILE,
    "$ ", "$\\a ", "\\\\", "*", "*a ", "_a", "`a ", "``a ", "[", "[a][", "![a", "[a](b \"", "<http://", "> ", "- ", "-",
    "| ", " |\n", "1. ", "* * ", "|\n", "&", "&amp", "\\cite", "\\cite[a]", "\\sqrt{", "\\sqrt{{", "a--", "`a' ", "~~a",
    "\\unicode{x", "{#a b=", "{%comment%}", " ", "\n", "\\a", "\x0b", "''",
]  # fmt: skip
# Before what makes it matter where code stands.
CODE = "[x][y]\n\n[y]: http://a\n\n```\n\n```\n\n"
SIZE = 20_000


def seconds(work: Callable[[str], object], text: str) -> float:
    """Processor time."""
    begin = time.process_time()
    work(text)
    return time.process_time() - begin


def soon(holds: Callable[[], bool]) -> bool:
    """Whether something about processor time holds in one of a few attempts: what else runs disturbs some of them."""
    return any(holds() for _ in range(5))


def repeated(unit: str, size: int = SIZE) -> str:
    return unit * (size // len(unit))


def is_linear(work: Callable[[str], object], made: Callable[[int], str], size: int) -> bool:
    """Whether eight times the length takes well under 64 times as long."""
    return soon(lambda: seconds(work, made(8 * size)) <= 24 * seconds(work, made(size)) + 0.02)


ORDINARY = repeated("Words of *a* text, $x^2$ and (so) on. ")


@pytest.mark.parametrize("around", ["", "\n**", "\\a", "$"])
def test_marks_without_end_cost_their_length(around: str) -> None:
    def is_cheap(text: str) -> bool:  # beside a text of the same length as it is written, at the same time
        return seconds(clean.readable, text) < 12 * seconds(clean.readable, ORDINARY) + 0.02

    for unit in MARKS:
        text = around + repeated(unit) + around
        assert soon(partial(is_cheap, text)), unit


@pytest.mark.parametrize(("opening", "closing"), [("<!--", "-->"), ("<style", "</style>"), ("{{<", ">}}")])
def test_marks_that_another_paragraph_closes_cost_their_length(opening: str, closing: str) -> None:
    assert is_linear(clean.readable, lambda size: repeated(f"a {opening} ", size) + f"\n\n{closing}", 20_000)


def test_an_address_in_brackets_without_end_costs_its_length() -> None:
    assert is_linear(facts.web_address, lambda size: "](https://a" + "!" * size, 480)


def test_brackets_without_end_explain_no_acronym_and_cost_their_length() -> None:
    for unit in HOSTILE:
        assert is_linear(acronyms.pairs, lambda size: repeated(unit, size), 5_000), unit  # noqa: B023 (done at once)


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
@pytest.mark.parametrize("before", ["", "# x", CODE], ids=["", "heading", "code"])
def test_posts_cost_their_length(place: Callable[[str], str], before: str) -> None:
    def read(text: str) -> object:
        return parse("a.md", text.encode())

    for unit in [*HOSTILE, " ", "\n", "\t", "# title", "## abstract ", "**title", "*", "=", "\n=", "* a\n", "- ```\n"]:
        assert is_linear(read, lambda size: place(before + repeated(unit, size)), 2_000), unit  # noqa: B023 (done at once)


def test_blocks_of_code_are_looked_for_in_the_head_of_a_huge_post_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code, "MOST_LOOKED_AT", 2_000)

    def cost(size: int) -> float:
        return seconds(lambda text: parse("a.md", text.encode()), post(CODE + repeated("* a\n", size)))

    assert soon(lambda: cost(16_000) < 3 * cost(2_000) + 0.02)


@pytest.mark.parametrize("key", ["title", "authors", "tags", "date", "id", "url", "journal"])
def test_facts_cost_their_length(key: str) -> None:
    def read(value: str) -> object:
        return parse("a.md", f"---\n{key}: {json.dumps(value, ensure_ascii=False)}\n---\n\n# A title\n".encode())

    for unit in [*HOSTILE, " ", "\t", "\u3000", ", ", "a", " #", "/ "]:
        assert is_linear(read, lambda size: f"A, b{repeated(unit, size)}z", 2_000), unit  # noqa: B023 (done at once)


def test_of_data_in_place_of_text_only_the_beginning_is_indexed_and_this_is_said() -> None:
    chance = random.Random(1)
    data = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=400_000))
    lines = "\n".join(data[at : at + 76] for at in range(0, len(data), 76))
    for text in (data, lines, "\u4e2d\u00e9" * 200_000):
        read = parse("a.md", post(text).encode())
        assert 100_000 < len(read.abstract) < 300_000
        assert read.damage is not None
        assert read.damage.reason.startswith("data in place of text; only ")
    whole = parse("a.md", post("Words of an ordinary book, again and again. " * 20_000).encode())
    assert len(whole.abstract) > 800_000
    assert whole.damage is None


def test_a_line_too_long_for_a_heading_is_text_and_no_title() -> None:
    line = "# title: " * 2_000
    for text in (line, f"# {line}", SECTIONS.format("A", "2412.15115", "x", "y").replace("# title: X", line)):
        read = parse("notes/otters.md", text.encode())
        assert read.title == "otters"
        assert read.abstract.count("title") >= 1_999
    assert parse("a.md", SECTIONS.format("A", "2412.15115", "x", "y").encode()).title == "X"


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A post with some of its bytes lost, doubled, moved or turned into others."""
    for _ in range(chance.randint(1, 6)):
        at, end = sorted(chance.choices(range(len(data) + 1), k=2))
        end = min(end, at + chance.choice((1, 5, 60)))
        kind = chance.choice((0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4, 4, 4))
        if kind == 0:
            data = data[:at] + data[end:]
        elif kind == 1:
            data = data[:at] + data[at:end] * chance.choice((2, 50)) + data[end:]
        elif kind == 2:
            data = data[:at] + chance.choice(HOSTILE).encode() * chance.randint(1, 40) + data[at:]
        elif kind == 3:
            data = data[:at] + chance.randbytes(1) + data[end:]
        else:
            to = chance.randrange(len(data) + 1)
            data = data[:to] + data[at:end] + data[to:]
    return data


def test_posts_made_by_mutation_stop_nothing(tmp_path: Path) -> None:
    chance = random.Random(3)
    posts = [path.read_bytes() for path in sorted(CORPUS.glob("**/*.md"))]
    folder = tmp_path / "posts"
    folder.mkdir()
    for number in range(500):
        (folder / f"{number}.md").write_bytes(mutated(chance.choice(posts), chance))
    index = papersearch.build(str(tmp_path / "index"), [str(folder)])
    assert index.search("*", syntax=True).total > 0
    named = {problem.path for problem in index.update().skipped}
    assert len(named) >= 500 - index.stats().posts
    assert index.stats().posts > 375


CORPUS = Path(__file__).parent.parent / "corpus"


def ask(index: papersearch.Index, query: str) -> str:
    """The hint of an answer, or the line of an error. Anything but these two is a fault."""
    try:
        return index.search(query, syntax=True).hint or ""
    except papersearch.PapersearchError as mistake:
        return mistake.message


# Parts of queries, each of which is repeated.
PARTS = [
    "a-", "a:", "title:", "title:a ", "a~", "a~ ", "a~2 ", "a^2", "a^2 ", "*a* ", "a* ", "a*b", "a*", "?a ",
    "?", "*", "* ", "(", "()", "a(", "a(b)", "-", "- ", "-a ", "+", "\"", "\"\" ", "\"a b\" ", "\"a b\"~9 ",
    "NOT ", "a AND ", "a OR ", "AND ", "id:a ", "year:2024 ", "date:2024..2025 ", "titel:a ", "x:y ", ":", ":(",
    ":) ", "2412.15115 ", "10.1/a", "10.1234/a ", "http://", "aB", "a1", "a.", "1.", "a'", "a? ", "v1 ", "LLM ",
    "LoRA GPT-4o ", "SaeMERGX ", "\u4e2d", "\u4e2d\u00e9", "\u0301", "\U0001f600", "the of and ", "zero-shot-",
    "zxqvw ", "[", "\\", " ", "#}", "/NOT",
]  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_queries_cost_their_length(index: papersearch.Index, part: str) -> None:
    def costs_its_length() -> bool:
        long, short = (seconds(lambda query: ask(index, query), repeated(part, size)) for size in (16_000, 2_000))
        return long < 0.5 and long <= 24 * short + 0.02

    assert soon(costs_its_length)


@pytest.mark.parametrize("before", ["", "title:", "model AND ", "model -"])
def test_a_compound_as_long_as_a_query_may_be_costs_its_length(index: papersearch.Index, before: str) -> None:
    def costs_its_length() -> bool:
        return seconds(lambda query: ask(index, query), before + repeated("ends-to-ends-", 16_000)) < 0.5

    assert soon(costs_its_length)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    """A hundred papers of 20,000 authors."""
    folder = tmp_path_factory.mktemp("crowd")
    for number in range(100):
        names = ", ".join(f"{chr(97 + n % 26)}{chr(97 + n // 26)}x Ada{chr(97 + number % 26)}" for n in range(200))
        (folder / f"{number}.md").write_text(f"---\ntitle: Otters {number}\nauthors: [{names}]\n---\n\nThey build.\n")
    return papersearch.build(str(tmp_path_factory.mktemp("index") / "index"), [str(folder)])


def test_many_authors_are_looked_for_at_once(crowd: papersearch.Index) -> None:
    def names(first: str, many: int) -> tuple[str, ...]:
        return tuple(f"{first}{chr(97 + n % 26)}{chr(97 + n // 26)}x Bo" for n in range(many))

    def asked(authors: tuple[str, ...]) -> str:
        return " ".join(f'author:"{author}"' for author in authors)

    firsts = iter("bcdfghjklmnpqrstvwz")  # what was asked before is remembered

    def cost_the_same() -> bool:
        first = next(firsts)
        many, one = (seconds(lambda query: ask(crowd, query), asked(names(first, many))) for many in (200, 1))
        return many < 20 * one + 0.02

    assert soon(cost_the_same)


def test_a_pattern_of_stars_costs_as_much_as_one_with_one_star(crowd: papersearch.Index) -> None:
    assert soon(lambda: seconds(lambda query: ask(crowd, query), f"{'*' * 60_000}x") < 0.5)


def test_words_near_each_other_are_looked_for_once_from_each() -> None:
    def look(row: str) -> None:
        assert len(matching.near(row.encode(), (1, 1), 5, [0, len(row) // 4])) == len(row) // 4 - 1

    assert is_linear(look, lambda size: "\1\0\0\0" * size, 5_000)


def test_what_is_not_meant_is_looked_for_at_the_end(index: papersearch.Index) -> None:
    query = "otters dams " + f"except {',' * 50}" * 900 + ":"
    assert soon(lambda: seconds(lambda query: ask(index, query), query) < 0.8)


WORDS_OF_A_TEXT = " ".join(
    f"{one}{two}{three}" for one in "bcdfghkl" for two in "aeiou" for three in "bcdfghklmnprstvz"
)


@pytest.mark.parametrize("name", [WORDS_OF_A_TEXT, " " * 16_000], ids=["words", "blanks"])
@pytest.mark.parametrize("option", ["author", "tag"])
def test_a_name_as_long_as_a_text_costs_its_length(crowd: papersearch.Index, option: str, name: str) -> None:
    def look(name: str) -> None:
        with suppress(papersearch.NotFoundError):
            crowd.search("", **{option: f"Ada {name}."})

    look("Bo")
    assert soon(lambda: seconds(look, name) < 0.5)


def test_what_is_left_out_of_a_query_is_said(index: papersearch.Index) -> None:
    assert ask(index, "end-to-end-" * 2_000) == "only the first 1,000 words are searched for"
    assert ask(index, "aB" * 20_000) == "only the first 1,000 words are searched for"
    for long in ("model OR " * 3_000 + "moe", "(" + "model AND " * 3_000 + "moe)"):  # which end in an operator, cut off
        assert ask(index, long) == "only the first 1,000 words are searched for, and as plain words"
    assert "more than 20 words with *, ? or ~" in ask(index, "model~ " * 21)
    assert "more than 20 words with *, ? or ~" in ask(index, "mod* " * 500)
    assert ask(index, "model~ " * 20) == ""


def test_a_pattern_that_stands_for_too_many_words_says_so(tmp_path: Path) -> None:
    words = [
        f"a{first}{second}{third}" for first in "bcdfghjklm" for second in "aeiouywz" for third in "bcdfghjklmnpqrst"
    ]
    folder = tmp_path / "posts"
    folder.mkdir()
    for number in range(5):
        text = " ".join(f"{word}{'kmprt'[number]}" for word in words)
        (folder / f"{number}.md").write_text(f"---\ntitle: Post {number}\n---\n\n{text}\n")
    index = papersearch.build(str(tmp_path / "index"), [str(folder)])
    answer = index.search("a*", syntax=True)
    assert answer.hint == "a* stands for more than 5,000 words: only the first of them are searched for"
    assert index.search("ab*", syntax=True).hint is None


@pytest.mark.parametrize("query", ["m*", "title:s*", "author:m*", "m* AND s* -p*", "modle~2", "m*^3 experts"])
def test_terms_that_are_put_together_find_what_each_of_them_finds(
    query: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(SAMPLE, tmp_path / "posts")
    index = papersearch.build(str(tmp_path / "index"), [str(folder)])
    for removed in sorted(folder.glob("*.md"))[::4]:
        removed.unlink()
    index.update()
    together: list[Any] = []
    for most in (0, 1_000_000):
        monkeypatch.setattr(matching, "_MANY_TERMS", most)
        answer = papersearch.open(str(tmp_path / "index")).search(query, syntax=True, limit=100, explain=True)
        together.append((answer.total, [(hit.id, hit.explanation) for hit in answer.results]))
    assert together[0] == together[1]
    assert together[0][0] > 2


def test_a_suggestion_replaces_the_words_that_it_corrects(index: papersearch.Index) -> None:
    for query, meant in (
        ("/NOTmodel#}model", None),
        ("modelmodel model", None),
        ("trainingdata#}data training", "training data#}data training"),
        ("difusion#}data training", "diffusion#}data training"),
    ):
        assert index.search(query).suggestion == meant


SYMBOLS = [
    *"()\"~^*?:-+#{}[]/\\.,;!&'=<>@|\u201c\u201d", " ", " ", " ", "AND", "OR", "NOT", "title:", "author:",
    "tag:", "id:", "year:", "date:", "abstract:", "2024", "2412.15115", "2024-12", "..", ">=", "~2", "^2",
    "^.5", "model", "modle", "mixture", "experts", "moe", "LLMs", "zero-shot", "quant*", "te?t", "\u00e9",
    "\u4e2d\u6587", "\u0301", "a", "the", "\n", "\t", "\u0000", "\ud800", "10.1234/x", "v1", "arXiv:",
]  # fmt: skip


def random_query(chance: random.Random) -> str:
    return "".join(chance.choices(SYMBOLS, k=chance.randint(1, 12)))


@pytest.mark.parametrize("seed", range(8))
def test_random_queries_are_answered_or_refused_in_one_line(index: papersearch.Index, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(125):
        assert "\n" not in ask(index, random_query(chance))
