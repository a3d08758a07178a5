"""One file to one Post: the layouts that there are, what is no fact, and files that mean harm."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papersearch.core.frozen import as_dict
from papersearch.core.records import Post
from papersearch.posts import dates, facts, front, people
from papersearch.posts.parse import Unreadable, parse
from papersearch.posts.scan import MOST_BYTES, is_post

HERE = Path(__file__).resolve().parent
CORPUS = HERE.parent / "corpus"

FRONT = """\
---
author: blogger
cover:
  alt: cover
  url: https://pictures.example/cover.jpg
description: ''
featured: true
keywords: key1, key2, key3
layout: ../../layouts/MarkdownPost.astro
meta:
- content: Lovelace et.al.
  name: author
- content: key3, key4
  name: keywords
pubDate: '2024-12-23 11:35:38'
tags:
- engines
- dataset
theme: light
title: EndtoEnd Engines
---

"""
BODY = """\
# title: EndtoEnd Engines 
## publish date: 
**2024-12-19** 
## authors: 
  Lovelace et.al. 
## paper id
2412.15115v1
## download
[2412.15115v1](http://arxiv.org/abs/2412.15115v1)
## abstracts:
An end-to-end engine weaves numbers.
## QA:
coming soon
"""  # noqa: W291
ONE_LINE = BODY.replace("\n", " ")
BOLD = """\
# **title:** EndtoEnd Engines
## **publish date:** **2024-12-19**
## **authors:** Lovelace et al.
## **paper id** 2412.15115v1
## **download** [2412.15115v1](http://arxiv.org/abs/2412.15115v1)
## **abstract:** An end-to-end engine weaves numbers.
## **QA:** coming soon
"""
ALL_BOLD = """\
# **title: EndtoEnd Engines**
## **publish date: 2024-12-19**
## **authors: Lovelace et al**
## **paper id: 2412.15115v1**
## **download:**
http://arxiv.org/abs/2412.15115v1
## **abstract: An end-to-end engine weaves numbers.**
"""
NO_HASHES = """\
**title:** EndtoEnd Engines

**publish date:** 2024-12-19

**authors:** Lovelace et al.

**paper id:** 2412.15115v1

**download:** <http://arxiv.org/abs/2412.15115v1>

**abstract:** An end-to-end engine weaves numbers.
"""


def read(text: str, path: str = "corpus/Engines.md") -> Post:
    return parse(path, text.encode("utf-8", "surrogatepass"))


def reasons(post: Post) -> list[str]:
    return [problem.reason for problem in post.problems]


def texts(post: Post) -> Iterator[str]:
    """Every text of a post but its path."""
    for name, value in as_dict(post).items():
        if name != "path":
            yield from (value if isinstance(value, tuple) else (value,))
    yield from reasons(post)


class TestLayouts:
    def test_a_post_of_the_generator_gives_all_its_facts(self) -> None:
        assert read(FRONT + BODY) == Post(
            path="corpus/Engines.md",
            id="2412.15115",
            version=1,
            title="EndtoEnd Engines",
            authors=("Lovelace",),
            et_al=True,
            published="2024-12-19",
            posted="2024-12-23T11:35:38",
            tags=("engines", "dataset"),
            url="http://arxiv.org/abs/2412.15115v1",
            abstract="An end-to-end engine weaves numbers.",
            abstract_line=32,
            qa="",
            qa_line=34,
            title_line=23,
        )

    @pytest.mark.parametrize("body", [BODY, ONE_LINE, BOLD, ALL_BOLD, NO_HASHES], ids=str.split)
    def test_older_layouts_say_the_same_without_front_matter(self, body: str) -> None:
        post = read(body)
        assert (post.paper_id, post.version, post.title) == ("2412.15115", 1, "EndtoEnd Engines")
        assert (post.authors, post.et_al, post.published) == (("Lovelace",), True, "2024-12-19")
        assert post.url == "http://arxiv.org/abs/2412.15115v1"
        assert (post.abstract, post.qa, post.posted) == ("An end-to-end engine weaves numbers.", "", None)
        assert post.title_line == 1
        assert post.problems == ()

    @pytest.mark.parametrize("ending", ["\r\n", "\r"])
    def test_other_line_ends_change_nothing(self, ending: str) -> None:
        assert read((FRONT + BODY).replace("\n", ending)) == read(FRONT + BODY)

    def test_a_byte_order_mark_changes_nothing(self) -> None:
        assert read("\ufeff" + FRONT + BODY) == read(FRONT + BODY)

    def test_blank_lines_at_the_top_only_move_the_lines(self) -> None:
        post = read("\n\n" + FRONT + BODY)
        assert (post.title, post.posted, post.abstract_line) == ("EndtoEnd Engines", "2024-12-23T11:35:38", 34)
        assert post.problems == ()

    def test_the_blogger_is_no_author_and_template_words_are_nowhere(self) -> None:
        post = read(FRONT + BODY)
        everything = " ".join(str(text) for text in texts(post))
        for word in ("blogger", "key1", "key3", "cover", "light", "layouts", "coming"):
            assert word not in everything

    def test_without_a_section_the_authors_are_those_of_meta(self) -> None:
        post = read(FRONT + BODY.replace("## authors: \n  Lovelace et.al. \n", ""))
        assert (post.authors, post.et_al) == (("Lovelace",), True)

    def test_the_id_is_that_of_the_download_or_the_file_name_where_the_text_has_none(self) -> None:
        without = BODY.replace("## paper id\n2412.15115v1\n", "")
        assert (read(without).paper_id, read(without).version) == ("2412.15115", 1)
        without = without.replace("[2412.15115v1](http://arxiv.org/abs/2412.15115v1)", "")
        assert (read(without, "c/2401.00001v3.md").paper_id, read(without, "c/2401.00001v3.md").version) == (
            "2401.00001",
            3,
        )
        assert read(without).paper_id == "Engines"
        assert reasons(read(without)) == ["no paper id; the file name gives Engines"]

    @pytest.mark.parametrize(
        "placeholder", ["coming soon", "Coming Soon!", "**TBD**", "N/A", "todo", "..coming soon.."]
    )
    def test_placeholders_are_no_text(self, placeholder: str) -> None:
        post = read(
            BODY.replace("2412.15115v1\n## download", f"{placeholder}\n## download").replace(
                "Lovelace et.al.", placeholder
            )
        )
        assert (post.paper_id, post.authors, post.qa) == ("2412.15115", (), "")
        post = read(
            BODY.replace("An end-to-end engine weaves numbers.", placeholder).replace("coming soon", placeholder)
        )
        assert (post.abstract, post.qa) == ("", "")
        assert post.problems[0].reason == "a placeholder for an abstract"
        assert post.problems[0].line == 10

    def test_real_questions_keep_their_own_headings(self) -> None:
        own = "### What is woven?\nNumbers, **in rows**.\n\n### Authors\nThe mill.\n\n## Why?\nWhy not."
        post = read(BODY.replace("coming soon", own))
        assert post.qa == "What is woven? Numbers, in rows.\nAuthors The mill.\nWhy? Why not."
        assert (post.authors, post.abstract) == (("Lovelace",), "An end-to-end engine weaves numbers.")

    def test_headings_below_the_questions_are_no_facts_of_the_paper(self) -> None:
        body = BODY.replace("## authors: \n  Lovelace et.al. \n", "").replace("coming soon", "### authors:\nThe mill.")
        assert read(body).authors == ()
        assert read(body).qa == "authors: The mill."

    def test_an_abstract_may_have_headings_of_its_own(self) -> None:
        post = read(BODY.replace("weaves numbers.", "weaves.\n### Method\nIt turns.\n### Download\nNothing."))
        assert post.abstract == "An end-to-end engine weaves. Method It turns. Download Nothing."
        assert post.url == "http://arxiv.org/abs/2412.15115v1"

    def test_a_section_that_is_not_known_belongs_to_no_fact(self) -> None:
        post = read(BODY.replace("## paper id", "## venue\nA hall\n## paper id"))
        assert (post.authors, post.et_al) == (("Lovelace",), True)

    def test_a_heading_that_only_begins_like_a_known_one_is_text(self) -> None:
        post = read(
            "# Download managers compared\n\n## Title case considered\n\nSome text.\n\n## Abstract thinking\n\nMore."
        )
        assert post.title == "Download managers compared"
        assert post.abstract == "Title case considered\nSome text.\nAbstract thinking\nMore."
        assert post.url is None

    def test_two_ids_in_one_post_are_reported_at_the_download(self) -> None:
        post = read(BODY.replace("abs/2412.15115v1", "abs/2412.00001v1").replace("[2412.15115v1]", "[here]"))
        assert [(problem.line, problem.reason) for problem in post.problems] == [
            (8, "two ids: 2412.15115v1 and 2412.00001v1")
        ]

    @pytest.mark.parametrize("date", ["2024-13-40", "2024-02-30", "soon", "0000-00-00"])
    def test_a_date_that_is_none_is_reported_and_not_invented(self, date: str) -> None:
        post = read(FRONT + BODY.replace("2024-12-19", date))
        assert post.published is None
        assert (post.problems[0].line, post.problems[0].reason) == (24, f"not a date: {date}")
        post = read(FRONT.replace("2024-12-23 11:35:38", date) + BODY)
        assert post.posted is None
        assert reasons(post) == [f"not a date: {date}"]

    def test_placeholder_tags_are_reported(self) -> None:
        post = read((FRONT + BODY).replace("- dataset", "- key2"))
        assert post.tags == ("engines",)
        assert reasons(post) == ["a placeholder for a tag: key2"]


class TestFrontMatter:
    @pytest.mark.parametrize(
        ("title", "read_as"),
        [
            ("Looms: 'a study'", None),
            ("'Looms: a ''study'''", "Looms: a 'study'"),
            ('"The \\u03BC problem \\xE9"', "The μ problem é"),
            ("Looms that fold\n  over two lines", "Looms that fold over two lines"),
            ('"Looms that fold\n  over two \\\n  lines"', "Looms that fold over two lines"),
            (">-\n  Looms that\n  fold", "Looms that fold"),
            ("|\n  Looms that\n  break", "Looms that break"),
            ("12", "12"),
            ("1.50", "1.50"),
            ("0x1F", "0x1F"),
            ("2024-12-19", "2024-12-19"),
            ("yes", "yes"),
            ("[Looms, Mills]", "Looms"),
            ("[[[Looms]]]", "Looms"),
            ("{name: Looms}", "Looms"),
            ("{other: Looms}", "EndtoEnd Engines"),
            ("null", "EndtoEnd Engines"),
            ("~", "EndtoEnd Engines"),
            ("", "EndtoEnd Engines"),
            ("''", "EndtoEnd Engines"),
            ("!!python/object/apply:os.system ['echo no']", "echo no"),
            ("!!int Looms", "Looms"),
            ("!!binary TG9vbXM=", "TG9vbXM="),
            ("&a Looms", "Looms"),
            ("Looms # a comment", "Looms"),
            ('"a\\0b\\e[31mc\\u202Ed"', "ab[31mcd"),
            ("1. Looms", "1. Looms"),
            ("$\\mathcal{R}_6$ of **looms**", "R₆ of looms"),
            ("a\x07b", "a b"),
        ],
    )
    def test_a_title_of_any_type_is_read_as_text(self, title: str, read_as: str | None) -> None:
        post = read(f"---\ntitle: {title}\n---\n" + BODY)
        if read_as is None:
            assert post.title == title
            assert post.damage is not None
        else:
            assert (post.title, post.damage) == (read_as, None)

    VALUES = (
        "[a, [b, {name: c}]]", "{a: b}", "{name: {name: {name: x}}}", "12", "1e999", ".nan", "true", "null", "''",
        "2024-12-19", "2024-13-40", "[null, ~, '']", "[]", "{}", "- a\n- - b\n  - c", "!!set {a, b}", "? a", "*nowhere",
        "&a [*a]", "&a {name: *a}", '"\\u202E\\0\\e[31m"', "0o17", "9" * 5000,
    )  # fmt: skip
    KEYS = ("title", "pubDate", "date", "tags", "authors", "published", "meta", "description", "arxiv", "doi", "link")

    @pytest.mark.parametrize("key", KEYS)
    def test_no_value_of_any_key_keeps_a_post_from_being_read(self, key: str) -> None:
        for value, body in product(self.VALUES, (BODY, "Some text.")):
            value = "\n" + value if value.startswith("- ") else value
            post = read(f"---\n{key}: {value}\n---\n{body}")
            assert post.abstract.startswith(("An end-to-end engine weaves numbers.", "Some text.")), value
            assert post.paper_id, value
            for text in filter(None, texts(post)):
                assert not isinstance(text, str) or text.replace("\n", "").isprintable(), value

    @pytest.mark.parametrize(
        ("source", "line", "title"),
        [
            ("---\nauthor: x\ntitle: a: b: c\n---\n", 3, "a: b: c"),
            ("---\n\n\ntitle: a: b: c\n---\n", 4, "a: b: c"),
            ("---\nauthor: x\ntitle: 'never closed\n---\n", 3, "never closed"),
            ("---\ntags: [a, b\n---\n", 3, "EndtoEnd Engines"),
            ("---\ntitle: *nowhere\n---\n", 2, "*nowhere"),
            ("---\ntitle: a\n\tb: c\n---\n", 3, "a b: c"),
            ("---\n- a\n- b\n---\n", 1, "EndtoEnd Engines"),
            ("---\njust words\n---\n", 1, "EndtoEnd Engines"),
            ("---\ntitle: a\n", 1, "a"),
            ("\n\n---\nauthor: x\ntitle: a: b: c\n---\n", 5, "a: b: c"),
            ("+++\ntitle = 'a'\ndate = = 2\n+++\n", 3, "a"),
            ("+++\ntitle = 'a'\ntitle = 'b'\n+++\n", 3, "a"),
            ('{\n"title": "a",\n"date": 2024-\n}\n', 3, "EndtoEnd Engines"),
        ],
    )
    def test_broken_front_matter_is_reported_at_its_line_and_the_rest_is_read(
        self, source: str, line: int, title: str
    ) -> None:
        post = read(source + BODY)
        assert post.damage is not None
        assert post.damage.line == line
        assert post.damage == post.problems[0]
        assert post.title == title
        assert post.abstract.startswith("An end-to-end engine weaves numbers.")
        assert post.abstract_line == source.count("\n") + 10

    def test_a_line_that_does_not_parse_costs_a_line(self) -> None:
        post = read("---\ntitle: Looms: `a` study\ntags: [#mills, b]\nauthors: [Ada\ndate: Dec 19, 2024\n---\ntext")
        assert (post.title, post.tags, post.posted) == ("Looms: a study", ("mills", "b"), "2024-12-19")
        assert post.authors == ("Ada",)

    def test_front_matter_that_is_none_is_text(self) -> None:
        assert read("---\njust words\n---\ntext").title == "just words"
        assert read("---\n- just words\n---\ntext").abstract == "just words\ntext"

    def test_keys_are_read_in_any_case_and_front_matter_may_end_with_dots(self) -> None:
        post = read("---\nTITLE: Looms\nPub_Date: x\nTags: '#a #b'\narXiv: 2412.15115v2\n...\ntext")
        assert (post.title, post.tags, post.paper_id, post.version) == ("Looms", ("a", "b"), "2412.15115", 2)
        assert post.abstract == "text"

    def test_a_rule_far_below_does_not_swallow_the_body_of_a_post_whose_front_matter_has_no_end(self) -> None:
        post = read("---\ntitle: a\n\n" + BODY + "\n---\nbelow\n")
        assert (post.abstract, post.abstract_line) == ("An end-to-end engine weaves numbers.\nEndtoEnd Engines", 13)
        assert post.damage is not None

    def test_of_duplicate_keys_one_is_read(self) -> None:
        post = read("---\ntitle: one\ntitle: two\n---\ntext")
        assert (post.title, post.damage) == ("two", None)

    @pytest.mark.parametrize(
        "source", ["---\n---\n", "---\n\n---\n", "---\n# a comment\n---\n", "+++\n+++\n", "{\n}\n"]
    )
    def test_empty_front_matter_is_none(self, source: str) -> None:
        post = read(source + "Some text.")
        assert (post.abstract, post.abstract_line, post.damage) == ("Some text.", source.count("\n") + 1, None)

    def test_front_matter_alone_is_a_post(self) -> None:
        for ending in ("", "\n", "\n\n"):
            post = read("---\ntitle: Looms\ndate: 2024-12-19\ndescription: On looms.\n---" + ending)
            assert (post.title, post.posted, post.abstract, post.problems) == ("Looms", "2024-12-19", "On looms.", ())

    def test_values_are_bounded(self) -> None:
        post = read("---\ntags: [" + ", ".join(f"t{number}x" for number in range(3000)) + "]\n---\ntext")
        assert len(post.tags) == 500
        assert len(front.strings([["a"] * 400] * 400)) == 500
        assert front.strings({"name": ["a", {"name": "b"}, None, 3]}) == ["a", "b", "3"]
        assert front.first([[], [""], {}, "found"]) == "found"
        assert front.first(10**5000) == ""


FOREIGN = {
    "x.md": "---\ntitle: Looms\ndate: 2024-12-19\ntags: [a, b]\nauthors: [Ada, Bob]\n---\n\nThe *body*.",
    "hugo.md": "+++\ntitle = 'Looms'\ndate = 2024-12-19\ntags = ['a', 'b']\nauthors = ['Ada', 'Bob']\n+++\nThe *body*.",
    "json.md": '{\n"title": "Looms", "date": "2024-12-19", "tags": ["a", "b"], "authors": "Ada, Bob"\n}\nThe *body*.',
    "astro.mdx": "---\ntitle: Looms\npubDatetime: 2024-12-19\ntags: a, b\nauthors: Ada and Bob\n---\n\nThe *body*.",
    "2024-12-19-looms.md": "---\ntags:\n- a\n- b\nauthors:\n- name: Ada\n- name: Bob\n---\n# Looms\n\nThe *body*.",
    "setext.md": "---\ntags: [a, b]\ndate: 2024-12-19\nauthors: Ada, Bob\n---\nLooms\n=====\n\nThe *body*.",
}


class TestForeignPosts:
    @pytest.mark.parametrize(("name", "text"), FOREIGN.items())
    def test_posts_of_other_generators_are_read_as_their_fields_allow(self, name: str, text: str) -> None:
        post = read(text, "blog/" + name)
        assert (post.title, post.posted, post.published, post.tags) == ("Looms", "2024-12-19", None, ("a", "b"))
        assert (post.authors, post.abstract) == (("Ada", "Bob"), "The body.")
        assert post.abstract_line == text.count("\n") + 1
        assert post.paper_id == name.partition(".")[0]
        assert post.problems == ()

    def test_a_time_in_toml_is_kept(self) -> None:
        post = read("+++\ndate = 2024-12-19T10:20:30Z\ntitle = 'x'\n+++\nbody")
        assert post.posted == "2024-12-19T10:20:30"

    @pytest.mark.parametrize(
        ("given", "found"),
        [
            ("arxiv: 2412.15115v2", ("2412.15115", 2)),
            ("arxiv: https://arxiv.org/abs/2412.15115", ("2412.15115", None)),
            ("doi: https://doi.org/10.1000/xyz", ("10.1000/xyz", None)),
            ("paper_id: [cacm1410]", ("cacm1410", None)),
            ("arxiv: null", ("looms", None)),
        ],
    )
    def test_the_id_of_the_paper_is_taken_where_it_is_given(self, given: str, found: tuple[str, int | None]) -> None:
        post = read(f"---\ntitle: x\n{given}\n---\nbody", "blog/looms.md")
        assert (post.paper_id, post.version) == found

    def test_a_bundle_is_named_by_its_folder(self) -> None:
        assert read("text", "blog/looms/Index.md").paper_id == "looms"
        assert read("text", "blog/looms/README.md").paper_id == "looms"
        assert read("text", "index.md").paper_id == "index"

    def test_only_web_addresses_are_addresses(self) -> None:
        assert read("---\nurl: /posts/looms\nlink: https://a.example/p\n---\nbody").url == "https://a.example/p"
        assert read("---\nurl: javascript:alert(1)\n---\nbody").url is None

    def test_a_heading_that_is_not_the_title_stays_in_the_body(self) -> None:
        post = read("---\ntitle: Looms\n---\n# Mills\n\nbody")
        assert (post.title, post.abstract, post.abstract_line) == ("Looms", "Mills\nbody", 4)


class TestFilesThatAreNoPosts:
    @pytest.mark.parametrize(
        ("data", "line", "reason"),
        [
            (b"one\ntwo \xe9 three\n", 2, "not UTF-8 (byte 0xe9)"),
            (b"\xff\xfet\0e\0x\0t\0", 0, "a binary file, no text"),
            (b"text\0text", 0, "a binary file, no text"),
            (b"\xed\xa0\x80", 1, "not UTF-8 (byte 0xed)"),
        ],
    )
    def test_what_is_no_text_is_refused_with_its_line(self, data: bytes, line: int, reason: str) -> None:
        with pytest.raises(Unreadable) as refused:
            parse("x.md", data)
        assert (refused.value.problem.path, refused.value.problem.line) == ("x.md", line)
        assert refused.value.problem.reason == reason

    def test_an_empty_file_is_a_post_that_says_nothing(self) -> None:
        for data in (b"", b"\n \n", b"\xef\xbb\xbf"):
            post = parse("corpus/empty.md", data)
            assert (post.paper_id, post.title, post.abstract) == ("empty", "empty", "")
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


_PARTS_OF_NAMES = st.sampled_from(
    """Ada Byron Mary-Ann O'Hara Van De B. BJ Jürgen Élie-Anne Łuk Jr Sr Inc Ltd Others Others. Al Et And and More Otros
    Coll Unknown""".split()
)
_NAMES = st.lists(_PARTS_OF_NAMES, min_size=1, max_size=5).map(" ".join)


class TestFacts:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("cacm1410", ("cacm1410", None)),
            ("cacm1410v1", ("cacm1410", 1)),
            ("10.1000/xyz", ("10.1000/xyz", None)),
            ("10.1000/a_b_c(1)", ("10.1000/a_b_c(1)", None)),
            ("doi:10.1000/xyz", ("10.1000/xyz", None)),
            ("https://doi.org/10.1000/xyz", ("10.1000/xyz", None)),
            ("hep-th/9901001v2", ("hep-th/9901001", 2)),
            ("arXiv:hep-th/9901001v2", ("hep-th/9901001", 2)),
            ("math.GT/0309136", ("math/0309136", None)),
            ("http://arxiv.org/abs/hep-th/9901001", ("hep-th/9901001", None)),
            ("arXiv:2412.15115v1", ("2412.15115", 1)),
            ("arXiv: 2412.15115v1 [cs.CL]", ("2412.15115", 1)),
            ("2412.15115V2", ("2412.15115", 2)),
            ("http://arxiv.org/abs/2412.15115v1", ("2412.15115", 1)),
            ("https://arxiv.org/pdf/2412.15115v1.pdf", ("2412.15115", 1)),
            ("[2412.15115v1](http://arxiv.org/abs/2412.15115v1)", ("2412.15115", 1)),
            ("**2412.15115v1**", ("2412.15115", 1)),
            ("`2412.15115`", ("2412.15115", None)),
            ("(2412.15115v3)", ("2412.15115", 3)),
            ("see 2412.15115", ("2412.15115", None)),
            ("a\u202eb\x00c", ("abc", None)),
            ("x" * 5000, ("x" * 200, None)),
            ("", ("looms", None)),
            ("** **", ("looms", None)),
        ],
    )
    def test_an_id_is_read_apart_from_its_version(self, given: str, expected: tuple[str, int | None]) -> None:
        assert facts.identity(given, "", "c/looms.md") == expected

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("c/conv2.md", ("conv2", None)),
            ("c/cacm1410v1.md", ("cacm1410", 1)),
            ("c/2412.15115v1.md", ("2412.15115", 1)),
            ("c/Looms_2412.15115v2_notes.md", ("2412.15115", 2)),
            ("c/2024-12-19-looms.md", ("2024-12-19-looms", None)),
            ("c/a__b__c.md", ("a__b__c", None)),
            ("c/*a* [b](c).md", ("*a* [b](c)", None)),
            ("c/loo\x1bms\u202e.md", ("looms", None)),
            ("c/.md", (".md", None)),
            ("c/v2.md", ("v2", None)),
        ],
    )
    def test_without_one_the_file_name_is_the_id(self, path: str, expected: tuple[str, int | None]) -> None:
        assert facts.identity("", "", path) == expected

    def test_file_names_that_hold_nothing_printable_still_give_different_ids(self) -> None:
        ids = [
            facts.identity("", "", f"c/{stem}.md")[0]
            for stem in ("\u202e", "\u202d", " ", "\udcff", "\udcfe", "a\udcff")
        ]
        assert len(set(ids)) == len(ids)
        assert all(found.isprintable() and found.strip() for found in ids)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2024-12-19", "2024-12-19"),
            ("**2024-12-19**", "2024-12-19"),
            ("2024/1/2", "2024-01-02"),
            ("2024-12-19 10:11:12", "2024-12-19T10:11:12"),
            ("2024-12-19T10:11:12+02:00", "2024-12-19T10:11:12"),
            ("2024-12-19T10:11", "2024-12-19T10:11:00"),
            ("2024-12-19T25:11:12Z", "2024-12-19"),
            ("Dec 19, 2024", "2024-12-19"),
            ("December 19th, 2024", "2024-12-19"),
            ("Thu, 19 Dec 2024 10:00:00 GMT", "2024-12-19"),
            ("2024-13-40", None),
            ("2024-02-30", None),
            ("2024-12", "2024-12"),
            ("2024", "2024"),
            ("20241219", "2024-12-19"),
            ("19/12/2024", "2024-12-19"),
            ("03/27/2019", "2019-03-27"),
            ("03/04/2019", "2019"),
            ("19.12.2024", "2024-12-19"),
            ("9 Nov 2017", "2017-11-09"),
            ("9th of November 2017", "2017-11-09"),
            ("Nov. 2017", "2017-11"),
            ("3. März 2021", "2021-03-03"),
            ("3 février 2021", "2021-02-03"),
            ("5 de mayo de 2020", "2020-05-05"),
            ("2023年6月", "2023-06"),
            ("2023年6月5日", "2023-06-05"),
            ("2023년 6월", "2023-06"),
            ("NeurIPS 2019", "2019"),
            ("version 2.2019.1", None),
            ("12/2019", "2019-12"),
            ("12024-12-199", None),
            ("soon", None),
            ("", None),
        ],
    )
    def test_a_date_is_read_or_none(self, text: str, expected: str | None) -> None:
        assert dates.moment(text) == expected
        assert dates.day(text) == (expected and expected[:10])

    @given(
        st.sampled_from(["2024-12-19", "2024-02-30", "0000-01-01", "2024-1-2", "12024-12-19", "２０２４-12-19"]),
        st.sampled_from(["", " 11:35:38", " 24:00:00", " 11:60:00", " 1:02:03", " 11:35", "T11:35:38", "  11:35:38"]),
        st.sampled_from(["", "**", "*"]),
    )
    def test_a_date_as_posts_usually_write_it_is_read_as_any(self, day: str, time: str, mark: str) -> None:
        text = f"{mark}{day}{time}{mark}"
        assert dates.moment(text) == dates.moment(f" {text}")  # a blank: the long way

    @pytest.mark.parametrize(
        ("value", "names", "et_al"),
        [
            ("Qwen et.al.", ["Qwen"], True),
            ("Qwen et al.", ["Qwen"], True),
            ("Qwen, et al", ["Qwen"], True),
            ("Qwen et. al.", ["Qwen"], True),
            ("**Qwen ET AL**", ["Qwen"], True),
            ("Ada and others", ["Ada"], True),
            ("Ada, Bob, ...", ["Ada", "Bob"], True),
            ("et al.", [], True),
            ("Ada Byron and Bob Lee", ["Ada Byron", "Bob Lee"], False),
            ("Ada, Bob, and Cy", ["Ada", "Bob", "Cy"], False),
            ("Ada; Bob & Cy", ["Ada", "Bob", "Cy"], False),
            ("Ada\nBob\n\nCy", ["Ada", "Bob", "Cy"], False),
            ("- Ada\n- Bob", ["Ada", "Bob"], False),
            ("1. Ada\n2. Bob", ["Ada", "Bob"], False),
            ("Ada, Ada", ["Ada"], False),
            ("Sandy Andersen", ["Sandy Andersen"], False),
            ("Bob Lee, Jr., Ada", ["Bob Lee, Jr.", "Ada"], False),
            ("Henri Poincar\\'e", ["Henri Poincaré"], False),
            ("[Ada](https://a.example), Bob", ["Ada", "Bob"], False),
            (["Ada", "Bob et al."], ["Ada", "Bob"], True),
            (["Mill and Sons"], ["Mill and Sons"], False),
            ([{"name": "Ada", "at": "x"}, {"at": "y"}, None], ["Ada"], False),
            (7, ["7"], False),
            (None, [], False),
            ("", [], False),
        ],
    )
    def test_authors_are_names_and_whether_there_are_more(self, value: Any, names: list[str], et_al: bool) -> None:
        assert people.authors_of(value) == (tuple(names), et_al)

    @given(
        st.lists(st.lists(_PARTS_OF_NAMES, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=6), st.booleans()
    )
    def test_people_with_plain_names_are_read_as_those_with_any(self, names: list[str], single: bool) -> None:
        text = ", ".join(names)
        assert people.authors_of(text, single) == people.authors_of(f"{text}\n", single)  # a line break: the long way

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("[x](http://a.example/p_(q))", "http://a.example/p_(q)"),
            ("[x]( <http://a.example/p> )", "http://a.example/p"),
            ("see http://a.example/p.", "http://a.example/p"),
            ("(http://a.example/p)", "http://a.example/p"),
            ("HTTPS://A.example/p", "HTTPS://A.example/p"),
            ("javascript:alert(1)", None),
            ("http://a.example/\x1b[31m", None),
            ("http://a.example/\u202ep", None),
            ("", None),
        ],
    )
    def test_a_web_address_is_found_and_steers_nothing(self, text: str, expected: str | None) -> None:
        assert facts.web_address(text) == expected


ODD = [*"\x1b\u202e\udc80\n'[{\ré\x85", '"\\e\\0"', "&a ", "*a", "---\n", "+++\n", "{\n", "}\n", "# ", "**"]


@settings(max_examples=150)
@given(st.lists(st.sampled_from([*FRONT.splitlines(True), *BODY.splitlines(True), *ODD]), max_size=40).map("".join))
def test_whatever_a_file_holds_its_post_is_clean(text: str) -> None:
    try:
        post = parse("c/x.md", text.encode("utf-8", "replace"))
    except Unreadable:
        return
    assert post.paper_id
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
    "".join(f"k{i}: 1\n" for i in range(18_000)), "a: {" + "<<: *a, " * 20_000 + "}", "a: '" + "x" * 500_000 + "'",
]
toml = ["a." * 90_000 + "a = 1", "a = " + "[" * 90_000, "a = " + "{a = " * 40_000, "title = " + "9" * 190_000,
        "".join(f"[a{i}.b]\n" for i in range(10_000)), "[" + "a." * 90_000 + "a]"]
json = ['"a": ' + "[" * 90_000, '"title": ' + "9" * 190_000, '"a": ' + '{"a":' * 30_000]
many //= 2
bodies = [
    "# " + " " * many + "x", ("#" + " " * 50) * 20_000, "# title" + " " * many + "x", " " * many + "x", "\n" * many + "x",
    "\n# title" * many, "# " * 250_000, " # title:" * many, "# **" * many, "w" * 4_000_000, "word " * 100_000, "# " + "w " * 250_000,
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
    three seconds; what took the square of a length, minutes."""
    done = subprocess.run([sys.executable, "-c", HOSTILE], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "all read\n"), done.stderr[-500:]


def test_yaml_runs_no_code(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    read(f"---\ntitle: !!python/object/apply:os.system ['touch {mark}']\nx: !!python/name:os.system\n---\ntext")
    assert not mark.exists()


def complete(post: Post) -> bool:
    known = post.title and post.version and post.authors and post.published and post.posted and post.url
    return bool(known and post.abstract and len(post.tags) == 2 and post.problems == ())


def test_the_posts_that_come_along_are_read_whatever_their_layout() -> None:
    posts = {path.stem: parse(f"corpus/{path.name}", path.read_bytes()) for path in sorted(CORPUS.glob("*.md"))}
    assert len(posts) == 60
    odd = {name for name, post in posts.items() if not complete(post)}
    unfinished = "Health_AI_Developer_Foundations"
    older = "OpenEMMA_OpenSource_Multimodal_Model_for_EndtoEnd_Autonomous_Driving"
    foreign = "Reinforcement_Learning_An_Overview"
    assert odd == {unfinished, older, foreign}
    assert [(problem.line, problem.reason) for problem in posts[unfinished].problems] == [(33, "no abstract")]
    assert posts[older].problems == ()
    assert (posts[older].title, posts[older].version) == (
        "OpenEMMA OpenSource Multimodal Model for EndtoEnd Autonomous Driving",
        1,
    )
    assert (posts[older].published, posts[older].authors, posts[older].tags) == ("2024-12-19", ("Shuo Xing",), ())
    assert posts[foreign].problems == ()
    assert (posts[foreign].paper_id, posts[foreign].posted) == (foreign, "2024-12-06")
    qwen = posts["Qwen25_Technical_Report"]
    assert (qwen.paper_id, qwen.version, qwen.title) == ("2412.15115", 1, "Qwen25 Technical Report")
    assert (qwen.authors, qwen.et_al, qwen.tags) == (("Qwen",), True, ("all search terms", "dataset"))
    assert (qwen.published, qwen.posted) == ("2024-12-19", "2024-12-23T11:35:38")
    assert (qwen.url, qwen.abstract_line) == ("http://arxiv.org/abs/2412.15115v1", 33)
    atlas = {post.version: post.title for post in posts.values() if post.paper_id == "2501.05409"}
    assert sorted(map(str, atlas)) == ["1", "2"]
    assert len(set(atlas.values())) == 2


def test_every_real_post_is_complete_and_reads_as_text(real_posts: Path) -> None:
    paths = sorted(path for path in real_posts.iterdir() if is_post(path.name))
    posts = [parse(f"posts/{path.name}", path.read_bytes()) for path in paths]
    assert len(posts) == 1711
    assert [post.path for post in posts if not complete(post)] == []
    assert len({post.paper_id for post in posts}) == 1710
    for post in posts:
        for text in (post.title, post.abstract):
            assert "\\" not in text, post.path
            assert not any("\ue000" <= character <= "\uf8ff" for character in text), post.path
