"""Files that are no posts, and posts that mean harm: read as far as they can be, or refused, in bounded time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papersearch.posts.parse import Unreadable, parse
from papersearch.posts.reading import MOST_BYTES
from papersearch.posts.scan import is_post
from tests.parsed import BODY, FRONT, read, reasons, texts
from tests.processes import LONGEST_S


class TestFilesThatAreNoPosts:
    @pytest.mark.parametrize(
        ("data", "line", "reason"),
        [
            (b"one\ntwo \xe9 three\n", 2, "not UTF-8 (byte 0xe9)"),
            (b"\xff\xfet\0e\0x", 1, "not UTF-16 (byte 0x78)"),
            (b"\xff\xfe\0\0t\0\0\0", 0, "a binary file, not text"),
            (b"t\0e\0x\0t\0", 0, "a binary file, not text"),
            (b"text\0text", 0, "a binary file, not text"),
            (b"\xed\xa0\x80", 1, "not UTF-8 (byte 0xed)"),
        ],
    )
    def test_what_is_no_text_is_refused_with_its_line(self, data: bytes, line: int, reason: str) -> None:
        with pytest.raises(Unreadable) as refused:
            parse("x.md", data)
        assert (refused.value.problem.path, refused.value.problem.line) == ("x.md", line)
        assert refused.value.problem.reason == reason

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    def test_utf_16_is_read_by_its_byte_order_mark(self, encoding: str) -> None:
        text = "\ufeff---\ntitle: Öttérs 🦄\n---\r\nThey build.\n"
        post = parse("x.md", text.encode(encoding))
        assert (post.title, post.abstract) == ("Öttérs 🦄", "They build.")
        large = parse("x.md", (text + "🦄" * MOST_BYTES).encode(encoding)[: MOST_BYTES + 1])
        assert large.damage is not None
        assert set(large.abstract.removeprefix("They build. ")) == {"🦄"}

    def test_one_nul_does_not_make_a_text_binary(self) -> None:
        assert parse("x.md", b"# Otters\n\nThey\0build." + b" more" * 300).abstract.startswith("They build. more")

    def test_a_line_of_any_blank_is_a_blank_line(self) -> None:
        for blank in filter(str.isspace, map(chr, range(sys.maxunicode))):
            for line in (blank, f"> {blank}", f"\t{blank}"):
                post = parse("x.md", f"# Otters\n\n{line}\nThey build.\n\n{line}\n\nDams.".encode())
                assert (post.title, post.abstract.split()) == ("Otters", ["They", "build.", "Dams."]), ascii(line)

    def test_an_empty_file_is_a_post_that_says_nothing(self) -> None:
        for data in (b"", b"\n \n", b"\xef\xbb\xbf"):
            post = parse("corpus/empty.md", data)
            assert (post.id, post.title, post.abstract) == ("empty", "empty", "")
            assert reasons(post) == ["no title; the file name gives empty", "no abstract", "no date"]

    @pytest.mark.parametrize("filler", ["a", "é", "€", "😀"])
    @pytest.mark.parametrize("shift", range(4))
    def test_of_a_file_too_large_the_beginning_is_read_up_to_a_whole_character(self, filler: str, shift: int) -> None:
        data = (BODY.replace("coming soon", "x" * shift) + filler * (MOST_BYTES // len(filler.encode()))).encode()
        post = parse("x.md", data[: MOST_BYTES + 1])
        assert post.title == "EndtoEnd Engines"
        assert post.damage is not None
        assert post.damage.reason == "larger than 4,000,000 bytes; only the beginning is indexed"
        assert set(post.qa[shift:].strip()) == {filler}

    @pytest.mark.parametrize(
        ("name", "expected"), [("a.md", True), ("a.MD", True), ("a.Markdown", True), ("a.mdx", True), ("md", False)]
    )
    def test_a_post_is_known_by_its_ending(self, name: str, expected: bool) -> None:
        assert is_post(name) is expected


ODD = [*"\x1b\u202e\udc80\n'[{\ré\x85", '"\\e\\0"', "&a ", "*a", "---\n", "+++\n", "{\n", "}\n", "# ", "**"]


@settings(max_examples=150)
@given(st.lists(st.sampled_from([*FRONT.splitlines(True), *BODY.splitlines(True), *ODD]), max_size=40).map("".join))
def test_whatever_a_file_holds_its_post_is_clean(text: str) -> None:
    try:
        post = parse("c/x.md", text.encode("utf-8", "replace"))
    except Unreadable:
        return
    assert post.id
    for value in texts(post):
        if isinstance(value, str):
            assert value.replace("\n", "").isprintable()
            assert value == value.strip()
    for problem in post.problems:
        assert 0 <= problem.line <= text.count("\n") + text.count("\r") + 1


HOSTILE = r"""
from papersearch.posts.parse import parse
many = 100_000
nines = ",".join(["*%s"] * 9)
bombs = [
    "a: " + "[" * many, "a: " + "{a: " * 30_000, "- " * many, "? " * many, "-\t" * many, "- &a " * 40_000, "? !a " * 40_000,
    "x\n" + "? " * many, "".join(" " * i + "a:\n" for i in range(600)), "a: " + "[" * 390,
    "title: " + "{name: " * 390 + "x" + "}" * 390, "title: &a {name: *a}", "tags: &a [x, *a]", "meta: &a [*a, *a]",
    "a: &a [" + "''," * 499 + "]\nb: &b [" + "*a," * 499 + "]\ntitle: [" + "*b," * 499 + "]\ntags: [" + "*b," * 499 + "]",
    "a: &a [" + "x," * 9 + "]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [" + f"*{chr(97 + i)}," * 9 + "]\n" for i in range(15))
    + "title: *k\ntags: *k\nauthors: *k\npubDate: *k",
    "tags: [" + "a," * 90_000 + "]", "a: b\n" * 30_000, "title: " + "9" * 190_000, "a: !!int " + "9" * 190_000,
    "date: '" + "a/" * 90_000 + " x'", "year: '" + "/" * 100 + ". x'",
    "doi: '" + "-" * 190_000 + "x'", "year: '" + "-" * 190_000 + "x'", "".join(f"k{i}: 1\n" for i in range(18_000)), "a: {" + "<<: *a, " * 20_000 + "}", "a: '" + "x" * 500_000 + "'",
]
toml = ["a." * 90_000 + "a = 1", "a = " + "[" * 90_000, "a = " + "{a = " * 40_000, "title = " + "9" * 190_000,
        "".join(f"[a{i}.b]\n" for i in range(10_000)), "[" + "a." * 90_000 + "a]"]
json = ['"a": ' + "[" * 90_000, '"title": ' + "9" * 190_000, '"a": ' + '{"a":' * 30_000]
many //= 2
bodies = [
    "# " + " " * many + "x", ("#" + " " * 50) * 20_000, "# title" + " " * many + "x", " " * many + "x", "\n" * many + "x",
    "\n# title" * many, "# " * 250_000, " # title:" * many, "# **" * many, "w" * 4_000_000, "word " * 100_000, "# " + "w " * 250_000,
    "> # a\n\tb\n" * 6_000, "    a\n\n>> ```\nb\n" * 4_000,
    " " * 1000 + "\n" * 1000 + "a" * 1_000_000 + "\n", "-" * 1_500_000, "---\n" * 100_000, "+++ " * many, "{\n" * many,
    "## authors:\n" + "," * many + "\n## paper id\nx", "## authors:\n" + "et al " * many + "\n## paper id\nx",
    "## paper id\nx\n## download\n[a](http://" + "a" * many, "## paper id\n" + "[" * many, "## paper id\n" + "a/" * many,
    "## paper id\nx\n## download\ny\n## abstract\nz\n## authors\n" + "(a" * many, "Abstract:\n" + "a\n" * many,
    "Authors: " + "^a" * many, "# T\n" + "###### Ada Bo, Cy Do\n" * 5_000, "* **Authors**: a,\n" * 5_000,
    "## paper id\n" + "v1" * many, "## paper id\n" + "a-" * many, "## publish date:\n" + "1-" * many + "\n## paper id\nx",
]
for source in bombs:
    parse("x.md", f"---\n{source}\n---\ntext".encode())
for source in toml:
    parse("x.md", f"+++\n{source}\n+++\ntext".encode())
for source in json:
    parse("x.md", ("{\n" + source + "\n}\ntext").encode())
for body in bodies:
    parse("x.md", body.encode()[:4_000_001])
print("all read")
"""  # noqa: E501


def test_no_file_takes_for_ever_or_brings_the_process_down() -> None:
    """In a process of its own: libyaml overruns the stack where nesting is not bounded before it. All of it takes some
    three seconds of the processor; what took the square of a length, minutes."""
    program = f"import resource; resource.setrlimit(resource.RLIMIT_CPU, (60, 60))\n{HOSTILE}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=10 * LONGEST_S)
    assert (done.returncode, done.stdout) == (0, "all read\n"), done.stderr[-500:]


def test_yaml_runs_no_code(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    read(f"---\ntitle: !!python/object/apply:os.system ['touch {mark}']\nx: !!python/name:os.system\n---\ntext")
    assert not mark.exists()
