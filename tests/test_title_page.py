"""Whole papers as programs convert them from PDFs, LaTeX and web pages: people between the title and the abstract."""

from __future__ import annotations

import pytest

from tests.parsed import read_note as read

TWO = ("Ada Example", "Bo Sample")
ABSTRACT = "\n\n## Abstract\n\nOtters build.\n\n## 1 Introduction\n\nThey do.\n"


@pytest.mark.parametrize(
    "lines",
    [
        "**Ada Example**[1] **Bo Sample**[2]\n1River University 2Dam Labs\n_{ada,bo}@dams.example_",
        "Ada Example<sup>1,\\*</sup> Bo Sample<sup>2</sup>\n\n<sup>1</sup>River University",
        r"Ada Example\({}^{1}\)  Bo Sample\({}^{2}\)" + "\n\n" + r"\({}^{1}\)River University",
        "Ada Example $^ { 1 * }$ , Bo Sample $^ 2$\n\n$^ 1$ River University, $^ 2$ Dam Lab",
        "Ada Example 1 , Bo Sample 1,2\\corresponding\n\n1 River University",
        "Ada Example 1,\n\nBo Sample 2\n\n1 River University",
        "Ada Example, *River University*, ada@dams.example\n\nBo Sample, Dam School, River Town",
        "**Ada Example** *River University, River Town* ada@dams.example **Bo Sample** *Dam Lab*",
        "Ada Example\n\n[ada@dams.example](mailto:ada@dams.example)\n\nRiver University\n\nBo Sample\n\nDam College",
        "Ada Example*\nBo Sample\nRiver University\n\n*Equal contribution.",
        "Ada Example\n\nRiver University\n\nada@dams.example\n\n&Bo Sample\n\nDam School\n\nbo@dams.example",
        "## Ada Example\n\nRiver University\n\nada@dams.example\n\n## Bo Sample\n\nDam Lab",
        "::: ltx_authors\n[ [Ada Example    Bo Sample\\\nRiver University\\\n"
        "[{ada, bo}@dams.example]{.ltx_text .ltx_font_typewriter}\\\n]{.ltx_personname}]{.ltx_creator}\n:::",
        "::: {.ltx_authors}\n[ [Ada Example^1^ ]{.ltx_personname}]{.ltx_creator .ltx_role_author}\n"
        "[  ]{.ltx_author_before}[ [Bo Sample^1,2^\n]{.ltx_personname}]{.ltx_creator .ltx_role_author}\n:::"
        "\n^1^ River University",
    ],
)
def test_people_stand_between_the_title_and_the_abstract_of_a_whole_paper(lines: str) -> None:
    post = read(f"# Otters at Work\n\n{lines}{ABSTRACT}")
    assert (post.title, post.authors) == ("Otters at Work", TWO)
    assert "River University" in post.abstract


def test_people_below_a_title_that_a_label_says_are_read_too() -> None:
    post = read(
        f"Title: Otters at Work\n\nURL Source: https://arxiv.org/html/1706.00001\n\nMarkdown Content:\n"
        f"Ada Example 1, Bo Sample 2{ABSTRACT}"
    )
    assert (post.title, post.authors, post.id) == ("Otters at Work", TWO, "1706.00001")


@pytest.mark.parametrize(
    "lines",
    [
        "Original Article",
        "Rated Five Stars\n\nSee School notes",
        "**Key Idea** is good and **Main Result** is at River University",
        "Bo Reader\nnotes of the seminar",
        "River Dams are built at night.",
        "River University\n\nDam Lab",
    ],
)
def test_what_else_stands_above_an_abstract_is_nobody(lines: str) -> None:
    post = read(f"# Otters at Work\n\n{lines}{ABSTRACT}")
    assert post.authors == ()
    assert lines.split()[1].strip("*") in post.abstract


def test_names_below_the_title_without_an_abstract_are_read_as_before() -> None:
    assert read("# Otters at Work\n\nAda Example\n\nRiver University\n\nThey build.\n").authors == ()


@pytest.mark.parametrize("kind", ["[cs.LG]", r"\[cs.LG\]"])
def test_the_stamp_of_arxivs_first_page_names_the_paper_wherever_it_stands(kind: str) -> None:
    stamp = f"arXiv:1706.00001v2  {kind}  3 Jun 2017"
    post = read(f"# Otters at Work\n\nAda Example, Bo Sample{ABSTRACT}\n\n{stamp}\n\nThey go on.\n")
    assert (post.id, post.version, post.published) == ("1706.00001", 2, "2017-06-03")


@pytest.mark.parametrize("day", ["n\nu\nJ\n3", "n\nu\n\nJ\n\n3"])
def test_the_stamp_may_stand_upright(day: str) -> None:
    kind, paper_id = "\n".join("]GL.sc["), "\n".join("2v10000.6071:viXra")
    stamp = f"7\n1\n0\n2\n\n{day}\n\n{kind}\n\n{paper_id}\n\n"
    post = read(f"# Otters at Work{ABSTRACT}\n{stamp}1 Introduction\n")
    assert (post.id, post.version, post.published) == ("1706.00001", 2, "2017-06-03")


def test_stamps_of_other_papers_name_none() -> None:
    first, second = "arXiv:1706.00001v1 [cs.LG] 3 Jun 2017", "arXiv:1806.00002v1 [cs.LG] 4 Jun 2018"
    assert read(f"# Otters\n\nThey build.\n\n## Read\n\n{first}\n\n{second}\n").id == "note"
    post = read(f"# Otters\n\nDOI: 10.1000/otters.7\n\nThey build.\n\n## Read\n\n{first}\n")
    assert (post.id, post.published) == ("10.1000/otters.7", None)
