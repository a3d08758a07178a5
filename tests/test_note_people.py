"""Forms in which notes name the people of a paper: each was read wrongly, or not at all, in somebody's notes."""

from __future__ import annotations

import re

import pytest

from tests.parsed import read_note as read


@pytest.mark.parametrize(
    ("line", "names", "published"),
    [
        ("Ada Example, Bo N. Sample, Cy Pattern", ["Ada Example", "Bo N. Sample", "Cy Pattern"], None),
        ("Ada A Example, Bo B Sample, 2006", ["Ada A Example", "Bo B Sample"], "2006"),
        ("A Dam, A River", [], None),
        ("Ada Example, Bo N.M. Sample. *Conf*, 2016", ["Ada Example", "Bo N.M. Sample"], "2016"),
        ("Ada Example, OTTER, 2014", ["Ada Example"], "2014"),
        ("Ada Example, Bo Sample — *OTTER 2014*", ["Ada Example", "Bo Sample"], "2014"),
        ("<table><tr><td>Authors</td><td>Ada Example</td></tr><tr><td>Year</td><td>2014</td></tr></table>",
         ["Ada Example"], "2014"),
        ("*Ada Example, OTTER'14*", ["Ada Example"], "2014"),
        ("Ada Example, Bo Sample, ArXiv15", ["Ada Example", "Bo Sample"], "2015"),
        ("Ada Example and Bo Sample, OTTER 2019, Dam Lab and River Team", ["Ada Example", "Bo Sample"], "2019"),
        ("Ada Example, 27 Aug 2018, a talk", ["Ada Example"], "2018-08-27"),
        ("Ada Example et al., Jul 2019", ["Ada Example"], "2019-07"),
        ("Ada Example, Bo Sample, Beaver and Otter Sciences, 2016", ["Ada Example", "Bo Sample"], "2016"),
        ('*Example, Ada, Bo Sample, and Cy Pattern. "Otters at work." River 24.2 (2009): 8-12.*',
         ["Ada Example", "Bo Sample", "Cy Pattern"], "2009"),
        ('*Example, Ada, and Bo Sample. "Otters at work." River 24.2 (2009).*', ["Ada Example", "Bo Sample"], "2009"),
        ('Example, Ada, et al. "Otters at work." 2009.', ["Ada Example"], "2009"),
        ('Example, Ada, et al. "Otters at work\nin rivers." 2009.', ["Ada Example"], None),
        ('Some say, as I do, et al: "otters do not build dams', [], None),
        ('A. Example, B. Sample, and C. Pattern, "Otters at work," in Proc. OTTER, 2012, pp. 1-9.',
         ["A. Example", "B. Sample", "C. Pattern"], "2012"),
        ('Some say, as I do: "otters do not build dams at all" in 2012.', [], None),
        ("Ada Example at al., Submitted on 27 Apr 2017", ["Ada Example"], "2017-04-27"),
        ("Otter Review Letters, 2016", [], None),
        ("New York, 2018", [], None),
        ("*Ada Example Lizard College, Rock Town*", [], None),
        ("RIVER DAM, 2000", [], "2000"),
        ("OTTERS2022", [], "2022"),
        ("OTTERS2022 Oral", [], "2022"),
        ("DAM 2023 notable top-5%", [], "2023"),
        ("OTTERS2022 were many", [], None),
        ("水坝模型、河流学习", [], None),
        (r"Ada Example$^{1,2}$, Bo Sample$^\dagger$", ["Ada Example", "Bo Sample"], None),
        ("by Ada Example and Bo Sample (2021)", ["Ada Example", "Bo Sample"], "2021"),
        ("### by Ada Example, Bo Sample(Dam Lab)", ["Ada Example", "Bo Sample"], None),
        ("Written by Ada Example & Bo Sample, 2021", ["Ada Example", "Bo Sample"], "2021"),
        ("By Ada Example, OTTER 2018", ["Ada Example"], "2018"),
        ("by hand, 2018", [], None),
        ("| **Authors** | Ada Example<br>Bo Sample |", ["Ada Example", "Bo Sample"], None),
        ("**By** Ada Example & Bo Sample — OTTER 2021", ["Ada Example", "Bo Sample"], "2021"),
        ("**Authors**: Ada Example and Bo Sample | OTTER 2019 (Oral)", ["Ada Example", "Bo Sample"], "2019"),
        ("Примерова А. А., Образцов Б.Б. Выдры строят // Реки. — 2014. — Т. 3, № 2. — С. 5–9.",
         ["А. А. Примерова", "Б.Б. Образцов"], "2014"),
        ("Выдры строят // Реки. — 2014.", [], None),
        ("*by* **Ada Example**, **Bo Sample** and **Cy Pattern** | OTTER 2019 (Oral)",
         ["Ada Example", "Bo Sample", "Cy Pattern"], "2019"),
        ("📅 7 Jun 2025 | 👥 Ada Example, Bo Sample | ⭐ 120", ["Ada Example", "Bo Sample"], "2025-06-07"),
        ("[dams](https://dams.example) · Ada Example and Bo Sample · 2019", ["Ada Example", "Bo Sample"], "2019"),
        ("👍 5 · 📅 2025-06-07 · ✍️ Ada Example, Bo Sample", ["Ada Example", "Bo Sample"], "2025-06-07"),
        ("Ada Example, Bo Sample · 2025-06-07", ["Ada Example", "Bo Sample"], "2025-06-07"),
        ("*by* Ada Example, Bo Sample (2017)", ["Ada Example", "Bo Sample"], "2017"),
        ("By Ada Example, Bo Sample, and Cy Pattern (2017)", ["Ada Example", "Bo Sample", "Cy Pattern"], "2017"),
        ("All Notes, About Me | Ada Example", [], None),
        ("**Paper:** [Otters at Work](https://arxiv.org/abs/1706.00001), Ada Example and Bo Sample, 2018",
         ["Ada Example", "Bo Sample"], "2018"),
        ("- Paper: [Otters at Work](https://arxiv.org/abs/1706.00001) by Ada Example and Bo Sample (2018)",
         ["Ada Example", "Bo Sample"], "2018"),
        ("- Authors — Ada Example, Bo Sample\n- Year — 2014", ["Ada Example", "Bo Sample"], "2014"),
        ("* Author – Ada Example\n* Published - May 2014", ["Ada Example"], "2014-05"),
        ("- Authors — their claims are weak\n- Year — the one that counts", [], None),
    ],
)  # fmt: skip
def test_the_line_below_a_title_names_one_or_more_people_then_place_and_date(
    line: str, names: list[str], published: str | None
) -> None:
    post = read(f"# Otters Build\n\n{line}\n\n## Summary\nThey build.\n")
    assert (list(post.authors), post.published) == (names, published)


def test_one_name_below_a_title_that_ends_in_a_year_is_the_authors_and_elsewhere_it_is_text() -> None:
    assert read("# Otters Build (2019)\nAda B. Example\n\n---\nThey build.\n").authors == ("Ada B. Example",)
    assert read("# Otters Build\nAda B. Example\n\n---\nThey build.\n").authors == ()


@pytest.mark.parametrize(
    ("value", "names", "et_al"),
    [
        ("Example et al. 2017", ["Example"], True),
        ("Ada Example et al., Dam Lab", ["Ada Example"], True),
        ("Ada Example, Bo Sample et al (Dam Lab)", ["Ada Example", "Bo Sample"], True),
        ("Ada Example, Bo Sample 等 23 位作者", ["Ada Example", "Bo Sample"], True),
        ("Ada Example, …, Cy Pattern（通讯作者）et al.", ["Ada Example", "Cy Pattern"], True),
        ("Ada Example, Bo Sample ... Cy Pattern", ["Ada Example", "Bo Sample", "Cy Pattern"], True),
        ("Ada Example, Bo Sample, Cy Pattern 等；项目负责人 Di Model",
         ["Ada Example", "Bo Sample", "Cy Pattern", "Di Model"], True),
        ("Ada Example + Bo Sample, Cy Pattern / Di Model +",
         ["Ada Example", "Bo Sample", "Cy Pattern", "Di Model"], False),
        ("Ada Example 与 Bo Sample 为通讯作者", ["Ada Example", "Bo Sample"], False),
        ("Ada Example, Bo Sample, and 55+ co-authors", ["Ada Example", "Bo Sample"], True),
        ("\n- Ada Example, Bo Sample\n- River University", ["Ada Example", "Bo Sample"], False),
        ("Ada Example, Bo Sample, 외 100+ 저자", ["Ada Example", "Bo Sample"], True),
        ("River University", ["River University"], False),
        ("Ada Example 等 Otter Team 全体作者", ["Ada Example"], True),
        ("Kim, Jisoo, Sim, Taeyang, Roe, Jane", ["Jisoo Kim", "Taeyang Sim", "Jane Roe"], False),
        ("Zhang, Yuchen, Wang, Linhao", ["Yuchen Zhang", "Linhao Wang"], False),
        ("Beaver, Adina, Otter, Builda, Stream, Cy Q.", ["Adina Beaver", "Builda Otter", "Cy Q. Stream"], False),
        ("Beaver, Otter, Stream, Dam, River, Lake et al.", ["Beaver", "Otter", "Stream", "Dam", "River", "Lake"], True),
        ("张三, 李四, 王五, 赵六, 孙七, 周八", ["张三", "李四", "王五", "赵六", "孙七", "周八"], False),
        ("Roe, Peter", ["Peter Roe"], False),
        ("Peter, Roe", ["Peter", "Roe"], False),
        ("Vass, Shaz, Parm, Uszk", ["Vass", "Shaz", "Parm", "Uszk"], False),
        ("Zhang, Ren, Sun, Wang", ["Zhang", "Ren", "Sun", "Wang"], False),
        ("Ada Example^1, Bo Sample^2,3, van Pattern^a", ["Ada Example", "Bo Sample", "van Pattern"], False),
        ("Ada Example^1^, Bo Sample^(2)^, Cy Pattern^[3]", ["Ada Example", "Bo Sample", "Cy Pattern"], False),
        (r"Ada Example$^{1,\dagger}$, Bo Sample$^\ast$", ["Ada Example", "Bo Sample"], False),
        ("Ada Example^[Dam Lab, River Town, ada@dams.example], Bo Sample", ["Ada Example", "Bo Sample"], False),
        ("Ada Example 1, Bo Sample 2;3, GPT 4", ["Ada Example", "Bo Sample", "GPT 4"], False),
        ("The Otter Team and Example, Ada", ["The Otter Team", "Ada Example"], False),
        ("Example, Ada and Sample, B. C. and Otters and others", ["Ada Example", "B. C. Sample", "Otters"], True),
        ("Ada, Bo and Cy", ["Ada", "Bo", "Cy"], False),
        ("\n  - Ada Example - River University\n  - Bo Sample - DAM\n- No code was found",
         ["Ada Example", "Bo Sample"], False),
        ("Ada Example - Bo Sample", ["Ada Example - Bo Sample"], False),
        ("[[people/Ada Example]], [[people/Bo Sample]]", ["Ada Example", "Bo Sample"], False),
        ("Ada Example <ada@dams.example>, Bo Sample <bo@dams.example>", ["Ada Example", "Bo Sample"], False),
        ("Ada Example ada@dams.example, Bo Sample {bo,b.s}@dams.example", ["Ada Example", "Bo Sample"], False),
        ("Ada Example<ada@dams.example>;Bo Sample<bo@dams.example>", ["Ada Example", "Bo Sample"], False),
        ("Ada Example [![orcid](i.svg)](https://orcid.org/0000-0001), Bo Sample ![](i.svg)",
         ["Ada Example", "Bo Sample"], False),
        ("\"Ada Example\", “Bo Sample”", ["Ada Example", "Bo Sample"], False),
        ("[[@Ada Example]], @Bo Sample", ["Ada Example", "Bo Sample"], False),
        ("\n- Example, Ada\n- van der Roe, Bo C.", ["Ada Example", "Bo C. van der Roe"], False),
        ("Example, Ada<br>Sample, Bo", ["Ada Example", "Bo Sample"], False),
        ("\n- Ada, Bo Sample\n- Cy Pattern", ["Ada", "Bo Sample", "Cy Pattern"], False),
    ],
)  # fmt: skip
def test_lists_of_people_are_told_from_what_stands_in_them(value: str, names: list[str], et_al: bool) -> None:
    post = read(f"# Otters Build\n\n- **Authors**: {value}\n\nThey build.\n")
    assert (list(post.authors), post.et_al) == (names, et_al)


@pytest.mark.parametrize(
    ("below", "names"),
    [
        ("They also wrote on beavers.", []),
        ("famous ones", []),
        ("(equal contribution)", []),
        ("Dam Lab\n\nCy Pattern", ["Cy Pattern"]),
        ("- Cy Pattern\n- Di Draft", ["Cy Pattern", "Di Draft"]),
    ],
)
@pytest.mark.parametrize("after", ["## Summary\n", "## Paper ID\n2301.00007\n\n## Abstract\n"])
def test_below_the_authors_further_ones_are_told_from_remarks_on_them(below: str, names: list[str], after: str) -> None:
    post = read(f"# Otters\n\n## Authors\nAda Example, Bo Sample\n\n{below}\n\n{after}They build.\n")
    assert list(post.authors) == ["Ada Example", "Bo Sample", *names]
    assert all(word in " ".join((post.abstract, *names)) for word in re.findall(r"\w{2,}", below))


@pytest.mark.parametrize(
    "between",
    [
        "[![arXiv](https://img.example.org/badge/arXiv-2101.00001-b31b1b.svg)](https://arxiv.org/abs/2101.00001)",
        "![](https://user.images.example.org/1234/otters-at-the-dam.png)",
        "[[_TOC_]]",
    ],
)
def test_pictures_may_stand_between_a_title_and_the_authors(between: str) -> None:
    names = "[Ada Example](https://a.example.org)<sup>1</sup>, [Bo Sample](https://b.example.org)<sup>2</sup>"
    assert read(f"# Otters at Work\n\n{between}\n\n{names}\n\nThey.\n").authors == ("Ada Example", "Bo Sample")


def test_a_table_of_authors_names_them_in_its_first_column() -> None:
    post = read("# Otters\n\n## Authors\n\n| Name | Place |\n|--|--|\n| Ada Example | Dam |\n| Bo Sample | River |\n")
    assert post.authors == ("Ada Example", "Bo Sample")
    assert "River" in post.abstract


def test_below_front_matter_with_a_title_the_first_lines_name_place_people_and_date() -> None:
    post = read(
        """---
title: "[Review] Otters at Work"
---

> OTTER. [[Paper](https://arxiv.org/abs/2301.00007)] [[Code](https://example.org/otters)]
> Ada Example, Bo N. Sample
> River Research
> 25 Jan 2023

## Introduction
They build.
"""
    )
    assert (post.authors, post.published, post.id) == (("Ada Example", "Bo N. Sample"), "2023-01-25", "2301.00007")
    assert "River Research" in post.abstract
    assert read("# Otters\n_February 2022_\n\nThey.\n").published is None  # when the note was written, as likely


@pytest.mark.parametrize(
    "reference",
    [
        'A. Example, B. Sample and C. Pattern, "Otters at work," 2019 IEEE River Symposium, pp. 1-9.',
        "A. Example, B. Sample, and C. Pattern. 2019. Otters at work. In Proceedings of Rivers.",
        "Example, A., Sample, B., & Pattern, C. (2019). Otters at work. River, 2(1).",
    ],
)
def test_a_reference_in_any_style_names_the_authors_and_the_year(reference: str) -> None:
    post = read(f"# Otters at Work\nReference: {reference}\n\n## Notes\nThey build.\n")
    assert (post.authors, post.published) == (("A. Example", "B. Sample", "C. Pattern"), "2019")


def test_front_matter_may_name_the_papers_author_and_year_or_cite_it() -> None:
    keys = "paper-author: Ada Example, Bo Sample\npost-author: Cy Keeper\npaper-year: 2017"
    post = read(f"---\ntitle: Otters\n{keys}\n---\nThey.\n")
    assert (post.authors, post.published) == (("Ada Example", "Bo Sample"), "2017")
    citation = "Ada Example, Bo Sample (2019). &quot;Otters.&quot; <i>RIVER 2019</i>."
    post = read(f"---\ntitle: Otters\ndate: 2020-07-21\ncitation: '{citation}'\n---\nThey.\n")
    assert (post.authors, post.published, post.posted) == (("Ada Example", "Bo Sample"), "2019", "2020-07-21")


def test_beside_the_key_of_a_reference_one_comma_turns_the_name_of_one_person() -> None:
    for authors, names in (
        ("Roe, Ranulph", ("Ranulph Roe",)),
        ("Roe, J Bruce", ("J Bruce Roe",)),
        ("Ada Example, Bo Sample", ("Ada Example", "Bo Sample")),
        ("Roe, Ranulph and Example, Ada", ("Ranulph Roe", "Ada Example")),
    ):
        assert read(f'---\nauthors: "{authors}"\ncitation_key: Roe2007Otters\n---\nThey.\n').authors == names
    assert read('---\nauthors: "Roe, Ranulph"\n---\nThey.\n').authors == ("Roe", "Ranulph")


@pytest.mark.parametrize(
    ("lines", "names", "et_al"),
    [
        (["**FirstAuthor**:: Example, Ada", "**Author**:: Sample, Bo", "**Author**:: Pattern, Cy"],
         ["Ada Example", "Bo Sample", "Cy Pattern"], False),
        (["Author: Ada Example", "Author: Bo Sample"], ["Ada Example", "Bo Sample"], False),
        (["Author: Ada Example", "Author: Ada Example"], ["Ada Example"], False),
        (["First author: Ada Example", "Year: 2019"], ["Ada Example"], True),
        (["Author: Ada Example", "Year: 2019", "Written by: Di Model"], ["Ada Example"], False),
        (["Authors: Ada Example, Bo Sample", "Written by: Di Model"], ["Ada Example", "Bo Sample"], False),
    ],
)  # fmt: skip
def test_a_label_for_each_author_line_by_line_names_them_all(lines: list[str], names: list[str], et_al: bool) -> None:
    post = read("# Otters Build\n\n" + "".join(f"> {line}  \n" for line in lines) + "\n## Summary\nThey build.\n")
    assert (list(post.authors), post.et_al) == (names, et_al)


@pytest.mark.parametrize(
    ("label", "value", "names"),
    [
        ("Author", "Example, 2017", ["Example"]),
        ("Author", "Example and Sample, 2017", ["Example", "Sample"]),
        ("Authors", "Example & Sample (2017)", ["Example", "Sample"]),
    ],
)
def test_a_year_behind_names_is_when_the_paper_appeared_and_no_part_of_a_name(
    label: str, value: str, names: list[str]
) -> None:
    post = read(f"# Otters Build\n\n> {label}: {value}\n\nThey build.\n")
    assert (list(post.authors), post.published) == (names, "2017")


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("Otter Notes is kept by [Ada Example](https://example.org), who reads on rivers. Write to her.", []),
        ("Ada Example, Bo Sample. Both work at the River Lab, where they count otters.", ["Ada Example", "Bo Sample"]),
        ("Ada Example, Bo Sample (River Lab). They count otters. Dams too.", ["Ada Example", "Bo Sample"]),
    ],
)
def test_of_sentences_under_authors_only_those_who_begin_them_are_people(said: str, names: list[str]) -> None:
    post = read(f"# Otters Build\n\n## Authors\n\n{said}\n\n## Summary\n\nThey build.\n")
    assert list(post.authors) == names
    assert said[-9:] in post.abstract


def test_several_people_in_front_matter_that_cites_a_paper_are_its_authors_on_a_blog_too() -> None:
    keys = "layout: post\nauthor: Ada Example, Bo Sample & Cy Pattern\nlink: https://doi.org/10.1000/otters.7"
    front = f"---\ntitle: Otters\n{keys}\nyear: 2018\ndate: 2019-04-11\n---\nThey.\n"
    assert read(front).authors == ("Ada Example", "Bo Sample", "Cy Pattern")
    assert read(front.replace("year: 2018\n", "")).authors == ()  # who keep the blog, as likely
    assert read(front.replace(", Bo Sample & Cy Pattern", "")).authors == ()


def test_a_large_heading_below_the_title_names_people_and_date_unless_others_do() -> None:
    note = "# Otters at Work\n\n## Ada Example et al., Dam Lab - Arxiv 2021\n\n## Notes\n\nThey build.\n"
    post = read(note)
    assert (post.authors, post.et_al, post.published) == (("Ada Example",), True, "2021")
    assert "Dam Lab" in post.abstract
    post = read(note.replace("Notes", "Bo Sample et al., 2020"))
    assert (post.authors, post.published) == ((), None)


def test_people_below_a_title_may_be_links_into_a_folder() -> None:
    post = read("## Otters\n\n#### [[authors/Ada Example]], [[authors/Bo Sample]], 2006\n\nThey.\n")
    assert (post.authors, post.published) == (("Ada Example", "Bo Sample"), "2006")


def test_sentences_are_no_people_and_years_of_the_ancients_no_dates() -> None:
    assert read("---\ntitle: T\n---\n안녕하세요, 오늘은 **Otters** 를 봅니다.\n").authors == ()
    assert read("# T\n\n#### by...\n\n1. show five of all choices\n2. using one million pairs\n").authors == ()
    assert read("# T\n\n发表时间：公元前1000年\n").published is None
    post = read("---\ntitle: T\ntimestamp: 2026-07-12\ntags: dams / River Otters\n---\nText.")
    assert (post.tags, post.posted) == (("dams", "River Otters"), "2026-07-12")


def test_an_author_that_is_a_link_is_the_papers_as_obsidians_clipper_has_it() -> None:
    clipped = '---\ntitle: T\nauthor:\n  - "[[Ada Example]]"\n  - "[[Bo Sample]]"\ncreated: 2024-12-01\n---\nText.\n'
    assert read(clipped).authors == ("Ada Example", "Bo Sample")
    assert read(clipped.replace("[[", "").replace("]]", "")).authors == ()


@pytest.mark.parametrize(
    "said",
    [
        "Ada Example, ORCID: 0009-0001-2345-6789",
        "Ada Example · ORCID 0000-0001-2345-678X · ada@dams.example",
        "Ada Example ORCID: https://orcid.org/0000-0001-2345-6789",
    ],
)
def test_the_number_of_an_author_is_no_name(said: str) -> None:
    assert read(f"# Otters\n\n**Author:** {said}\n\nThey build.\n").authors == ("Ada Example",)


@pytest.mark.parametrize("head", ["Authors:\n\n", "**저자** :\n\n", "## Authors\n"])
@pytest.mark.parametrize(
    "lines",
    [
        "Ada Example1* Bo Sample1,2 Cy Pattern2†\n\nDee Roe3 Eve Doe1‡",
        "Ada Example*1,2 Bo Sample*2 Cy Pattern*3\nDee Roe4, 5 Eve Doe2",
        "Ada Example1,† Bo Sample1,‡ Cy Pattern2\n\nDee Roe2 Eve Doe2",
    ],
)
def test_marks_of_footnotes_stand_between_names_as_copied_from_a_paper(head: str, lines: str) -> None:
    """All of a line were one author."""
    post = read(f"# Otters at Work\n\n{head}{lines}\n\n1River University 2Dam Lab\n\n## Text\nThey build.\n")
    assert post.authors == ("Ada Example", "Bo Sample", "Cy Pattern", "Dee Roe", "Eve Doe")
    assert "1River University 2Dam Lab" in post.abstract


@pytest.mark.parametrize("name", ["The Otter 2 Team", "Otter-3 Team", "Ada Example", "Ada van der Example"])
def test_a_number_within_a_name_sets_nobody_apart(name: str) -> None:
    assert read(f"# Otters at Work\n\nAuthors: {name}\n\nThey build.\n").authors == (name,)


def test_semicolons_stand_between_people_in_brackets_of_front_matter() -> None:
    people = "[Kim, Jisoo; Roe, Jane A.; Doe, Eve]"
    assert read(f"---\ntitle: T\nauthors: {people}\n---\n").authors == ("Jisoo Kim", "Jane A. Roe", "Eve Doe")
    assert read("---\ntitle: T\nauthors: [Ada Example; Bo Sample, Eve Doe]\n---\n").authors[-1] == "Eve Doe"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (r"Ak{\c{c}}ay, Ada and O{\u{g}}uz, Eve", ("Ada Akçay", "Eve Oğuz")),
        (r"M{\"u}ller, Ada and \'Etoile, Eve", ("Ada Müller", "Eve Étoile")),
        ("Example, Peter, et al.", ("Peter Example",)),
        ("Example, Sample, et al.", ("Example", "Sample")),
    ],
)
def test_authors_behind_a_label_are_as_bibtex_and_citations_have_them(line: str, names: tuple[str, ...]) -> None:
    assert read(f"# Otters at Work\n\n- Authors : {line}\n- Year : 2020\n\nThey build.\n").authors == names


@pytest.mark.parametrize(
    ("title", "names", "published"),
    [
        ("Otters at Work (Example et al., 2017)", ("Example",), "2017"),
        ("Otters at Work [Example & Sample 2017]", ("Example", "Sample"), "2017"),
        ("Example et al. (2017) - Otters at Work", ("Example",), "2017"),
        ("Example & Sample (2017). Otters at Work", ("Example", "Sample"), "2017"),
        ("Otters at Work (Example, Sample, and Roe, 2017)", ("Example", "Sample", "Roe"), "2017"),
        ("Otters and Dams (2017): at Work", (), None),
        ("Otters at Work (River Lab, 2017)", (), "2017"),
        ("Otters after Example et al. 2017 and before", (), None),
    ],
)
def test_a_title_names_people_by_their_families_if_nothing_else_does(
    title: str, names: tuple[str, ...], published: str | None
) -> None:
    post = read(f"# {title}\n\nThey build.\n")
    assert (post.title, post.authors, post.published) == (title, names, published)
    assert post.et_al == ("et al" in title and bool(names))
    assert read(f"# {title}\n\nAuthors: Ada Example, Bo Sample\n").authors == ("Ada Example", "Bo Sample")
