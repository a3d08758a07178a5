"""Posts as their generator wrote them, in every layout that it had: each gives all its facts, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from papersearch.core.records import Post
from papersearch.posts.parse import parse
from papersearch.posts.scan import is_post
from tests.corpora import SAMPLE
from tests.parsed import BODY, FRONT, read, reasons, texts

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
        assert (post.id, post.version, post.title) == ("2412.15115", 1, "EndtoEnd Engines")
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
        assert (read(without).id, read(without).version) == ("2412.15115", 1)
        without = without.replace("[2412.15115v1](http://arxiv.org/abs/2412.15115v1)", "")
        assert (read(without, "c/2401.00001v3.md").id, read(without, "c/2401.00001v3.md").version) == (
            "2401.00001",
            3,
        )
        assert read(without).id == "Engines"
        assert reasons(read(without)) == ["no paper id; the file name gives Engines"]

    @pytest.mark.parametrize("word", ["pending", "to be added", "-", "[link]()", "none yet"])
    def test_what_stands_in_place_of_an_id_is_none(self, word: str) -> None:
        text = BODY.replace("[2412.15115v1](http://arxiv.org/abs/2412.15115v1)", "")
        post = read(text.replace("2412.15115v1", word))
        assert post.id == "Engines"
        assert reasons(post) == ["no paper id; the file name gives Engines"]

    @pytest.mark.parametrize(
        "placeholder", ["coming soon", "Coming Soon!", "**TBD**", "N/A", "todo", "..coming soon.."]
    )
    def test_placeholders_are_no_text(self, placeholder: str) -> None:
        post = read(
            BODY.replace("2412.15115v1\n## download", f"{placeholder}\n## download").replace(
                "Lovelace et.al.", placeholder
            )
        )
        assert (post.id, post.authors, post.qa) == ("2412.15115", (), "")
        post = read(
            BODY.replace("An end-to-end engine weaves numbers.", placeholder).replace("coming soon", placeholder)
        )
        assert (post.abstract, post.qa) == ("", "")
        assert post.problems[0].reason == "a placeholder for an abstract"
        assert post.problems[0].line == 10

    def test_real_questions_keep_their_own_headings(self) -> None:
        own = "### What is woven?\nNumbers, **in rows**.\n\n### Authors\nThe mill.\n\n## Why?\nWhy not."
        post = read(BODY.replace("coming soon", own))
        assert post.qa == "What is woven?\nNumbers, in rows.\nAuthors\nThe mill.\nWhy?\nWhy not."
        assert (post.authors, post.abstract) == (("Lovelace",), "An end-to-end engine weaves numbers.")

    def test_headings_below_the_questions_are_no_facts_of_the_paper(self) -> None:
        body = BODY.replace("## authors: \n  Lovelace et.al. \n", "").replace("coming soon", "### authors:\nThe mill.")
        assert read(body).authors == ()
        assert read(body).qa == "authors:\nThe mill."

    def test_an_abstract_may_have_headings_of_its_own(self) -> None:
        post = read(BODY.replace("weaves numbers.", "weaves.\n### Method\nIt turns.\n### Download\nNothing."))
        assert post.abstract == "An end-to-end engine weaves.\nMethod\nIt turns.\nDownload\nNothing."
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

    @pytest.mark.parametrize(
        "where", ["title: EndtoEnd Engines", "# title: EndtoEnd Engines", "An end-to-end engine weaves numbers."]
    )
    def test_a_conflict_that_git_left_in_a_post_is_told_where_it_begins(self, where: str) -> None:
        whole = FRONT + BODY
        assert where in whole
        line = whole[: whole.index(where)].count("\n") + 1
        left = f"<<<<<<< HEAD\n{where}\n=======\n{where}!\n>>>>>>> topic"
        found = read(whole.replace(where, left, 1)).problems
        assert (line, "a merge conflict that nobody resolved") in [(each.line, each.reason) for each in found]

    @pytest.mark.parametrize("text", ["<<<<<<< HEAD", "A << B\n=======\n>>>>>>> x", "> <<<<<<< a\n=======\n>>>>>>> b"])
    def test_what_looks_like_part_of_a_conflict_is_none(self, text: str) -> None:
        whole = (FRONT + BODY).replace("coming soon", f"coming\n{text}\n")
        assert "a merge conflict that nobody resolved" not in reasons(read(whole))

    def test_placeholder_tags_are_reported(self) -> None:
        post = read((FRONT + BODY).replace("- dataset", "- key2"))
        assert post.tags == ("engines",)
        assert reasons(post) == ["a placeholder for a tag: key2"]


def complete(post: Post) -> bool:
    known = post.title and post.version and post.authors and post.published and post.posted and post.url
    return bool(known and post.abstract and len(post.tags) == 2 and post.problems == ())


def test_the_posts_that_come_along_are_read_whatever_their_layout() -> None:
    posts = {path.stem: parse(f"corpus/{path.name}", path.read_bytes()) for path in sorted(SAMPLE.glob("*.md"))}
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
    assert (posts[foreign].id, posts[foreign].posted) == (foreign, "2024-12-06")
    qwen = posts["Qwen25_Technical_Report"]
    assert (qwen.id, qwen.version, qwen.title) == ("2412.15115", 1, "Qwen25 Technical Report")
    assert (qwen.authors, qwen.et_al, qwen.tags) == (("Qwen",), True, ("all search terms", "dataset"))
    assert (qwen.published, qwen.posted) == ("2024-12-19", "2024-12-23T11:35:38")
    assert (qwen.url, qwen.abstract_line) == ("http://arxiv.org/abs/2412.15115v1", 33)
    atlas = {post.version: post.title for post in posts.values() if post.id == "2501.05409"}
    assert sorted(map(str, atlas)) == ["1", "2"]
    assert len(set(atlas.values())) == 2


def test_every_real_post_is_complete_and_reads_as_text(real_posts: Path) -> None:
    paths = sorted(path for path in real_posts.iterdir() if is_post(path.name))
    posts = [parse(f"posts/{path.name}", path.read_bytes()) for path in paths]
    assert len(posts) == 1711
    assert [post.path for post in posts if not complete(post)] == []
    assert len({post.id for post in posts}) == 1710
    for post in posts:
        for text in (post.title, post.abstract):
            assert "\\" not in text, post.path
            assert not any("\ue000" <= character <= "\uf8ff" for character in text), post.path
