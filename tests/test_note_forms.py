"""More forms in which notes name the facts of a paper: each was read wrongly, or not at all, in somebody's notes."""

from __future__ import annotations

import pytest

from tests.parsed import read_note as read


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("#[Otters at Work](https://arxiv.org/abs/2401.00001)", "Otters at Work"),
        ("#![Otters at Work](https://arxiv.org/abs/2401.00001)", "Otters at Work"),
        ("##Otters at Work\nhttps://arxiv.org/abs/2401.00001", "Otters at Work"),
        ("\n#Otters at Work\nhttps://arxiv.org/abs/2401.00001", "Otters at Work"),
        ("#dam #Otter Tag\nhttps://arxiv.org/abs/2401.00001", "note"),
        ("#todo later\nhttps://arxiv.org/abs/2401.00001", "note"),
    ],
)
def test_a_heading_may_lack_the_blank_after_its_mark_and_a_tag_is_none(head: str, title: str) -> None:
    post = read(f"{head}\n\n##Authors: Ada Example, Bo Sample\n\nOtters build.\n")
    assert (post.title, post.id, post.authors) == (title, "2401.00001", ("Ada Example", "Bo Sample"))


@pytest.mark.parametrize(
    ("line", "published", "paper_id"),
    [
        ("- **Published:** OTTER 2024, arXiv:2312.00001", "2024", "2312.00001"),
        ("- **Published:** arXiv:2412.00002, December 2024", "2024-12", "2412.00002"),
        ("- **arXiv:** 2412.00002 (2024)", "2024", "2412.00002"),
        ("url:\n- [paper](https://arxiv.org/abs/2301.00003) (OTTER 2023)", "2023", "2301.00003"),
        ("| Source | OTTER 2025 / arXiv |\n| arXiv | http://arxiv.org/abs/2410.00004 |", "2025", "2410.00004"),
        ("- Venue: OTTER'17\n- Link: https://arxiv.org/abs/1701.00005", "2017", "1701.00005"),
        ("- 年份与出处：2020，*河流* 13(17), 4562\n- DOI：`10.1000/river.1`", "2020", "10.1000/river.1"),
        ("- 出处：河流学报, 69(9), 2022, pp. 96–98\n- DOI：10.1000/river.2", "2022", "10.1000/river.2"),
        ("**논문 발표**: 2024년 (OTTER 2024)\n**논문 링크**: [arXiv:2401.00010](https://arxiv.org/abs/2401.00010)",
         "2024", "2401.00010"),
        ("- **게시일:** 2026-08-07\n- **링크:** https://arxiv.org/abs/2608.00006", "2026-08-07", "2608.00006"),
        ("- 論文投稿日付：2017/04/22\n- 論文リンク：https://arxiv.org/abs/1704.00007", "2017-04-22", "1704.00007"),
        ("- Authors: Example et al. 2017\n- Link: https://arxiv.org/abs/1701.00011", "2017", "1701.00011"),
        ("- Publikationsjahr: 2019\n- Link zur Arbeit: https://arxiv.org/abs/1904.00008", "2019", "1904.00008"),
        ("- Fecha de publicacion: 3 de mayo de 2019\n- Enlace al paper: https://doi.org/10.1000/nutria.9",
         "2019-05-03", "10.1000/nutria.9"),
        ("[Paper](https://www.biorxiv.org/content/biorxiv/early/2017/12/30/240001.full.pdf)", None, "10.1101/240001"),
    ],
)  # fmt: skip
def test_a_year_is_read_beside_an_id_a_link_or_a_place_and_by_labels_of_more_languages(
    line: str, published: str | None, paper_id: str
) -> None:
    post = read(f"# Otters at Work\n\n{line}\n\n## Summary\nThey build.\n")
    assert (post.published, post.id) == (published, paper_id)


def test_the_address_of_the_paper_is_the_one_in_the_head_that_names_it_as_it_is_meant() -> None:
    links = "🔗 [PDF](https://example.org/x) [arXiv](https://arxiv.org/abs/2305.00001)"
    head = f"> **Published**: May 2023 (arXiv 2305.00001)\n>\n> {links}"
    assert read(f"# Otters\n\n{head}\n\n---\nThey build.\n").url == "https://arxiv.org/abs/2305.00001"
    assert read("# Otters\n\n[Paper](https://example.org/\\~ada/full\\_paper.pdf)\n\nThey.\n").url == (
        "https://example.org/~ada/full_paper.pdf"
    )


def test_an_id_in_an_address_is_read_without_the_backslashes_of_markdown() -> None:
    post = read("# Otters\n\n[paper](https://doi.org/10.1007/978-3-030-58452-8\\_13)\n\nThey build dams.\n")
    assert post.id == "10.1007/978-3-030-58452-8_13"


def test_a_title_in_another_language_makes_no_note_about_several_papers() -> None:
    post = read("- 标题：水獭筑坝\n- 英文标题：Otters Build Dams\n- 作者：张三、李四\n- 年份：2021\n\n水獭。\n")
    assert (post.title, post.authors, post.published) == ("水獭筑坝", ("张三", "李四"), "2021")


def test_a_heading_that_announces_a_fact_ends_at_the_next_label() -> None:
    text = "# TITLE\nLink: https://arxiv.org/abs/2401.00001\nAuthors: Ada Example\n\n## Summary\nThey.\n"
    post = read(text, "x/otters-at-work.md")
    assert (post.title, post.id, post.authors) == ("otters at work", "2401.00001", ("Ada Example",))
    post = read("# Otters\n\n## Authors\n- Ada Example\n- Bo Sample\n\n**Date:** 2020-05-06\n\nThey.\n")
    assert (post.authors, post.published) == (("Ada Example", "Bo Sample"), "2020-05-06")


def test_a_file_that_is_called_as_any_note_is_titled_by_its_folder_if_that_is_called_as_a_paper() -> None:
    assert read("They build.\n", "notes/Otters_at_Work/paper.md").title == "Otters at Work"
    assert read("They build.\n", "my/notes/summary.md").title == "summary"
    assert read("They build.\n", "Otters_at_Work/how-they-build.md").title == "how they build"


def test_numbered_labels_need_no_blank_before_letters_of_eastern_languages() -> None:
    post = read("1.题目：水獭与水坝\n2.作者：甘沛，蒋宁\n3.第一作者单位：河流大学\n4.关键词：水獭，水坝\n\n正文。\n")
    assert (post.title, post.authors, post.tags) == ("水獭与水坝", ("甘沛", "蒋宁"), ("水獭", "水坝"))


def test_links_to_other_pages_above_the_title_are_no_title_and_a_title_in_full_may_follow_a_short_one() -> None:
    ways, title = "[HOME](../README.md) | [Next](b.md)", "### OAW\n[Otters at Work in Rivers]"
    post = read(f"{ways}\n\n{title}\n\nAda Example, Bo Sample (2015)\n\nThey.\n")
    assert (post.title, post.authors, post.published) == ("OAW", ("Ada Example", "Bo Sample"), "2015")
    assert all(word in post.abstract for word in ("HOME", "Next", "Rivers"))
    assert read("[Otters at Work](https://example.org/otters)\n\nThey build.\n").title == "Otters at Work"


def test_pictures_before_labels_and_marks_of_html_are_no_part_of_them() -> None:
    post = read(
        "# 🦦 Otters\n\n> 📄 **Paper**: [arXiv:2502.01234](https://arxiv.org/abs/2502.01234)\n"
        "> 👥 **Authors**: Ada Example¹*, Bo Sample² (¹Dam Lab)\n> 📅 **Published**: February 3, 2025\n"
        "> 🏷️ **Tags**: `rl`\n"
    )
    assert (post.authors, post.published, post.tags) == (("Ada Example", "Bo Sample"), "2025-02-03", ("rl",))
    row = "| **<u>DOI:</u>** | **[10.1000/1](https://doi.org/10.1000/1)** |"
    assert read(f"# Otters\n\n| **<u>Author:</u>** | **Example, Ada;** |\n| --- | --- |\n{row}\n").id == "10.1000/1"


def test_what_is_raised_or_lowered_is_text_and_by_names_a_mark() -> None:
    post = read(
        "# T\n\nAuthors: Ada Example<sup>1</sup>, Bo Sample<sup>2</sup>\n\n"
        "## Abstract\n<p>H<sub>2</sub>O, 10<sup>6</sup></p>"
    )
    assert (post.authors, post.abstract) == (("Ada Example", "Bo Sample"), "H₂O, 10⁶")


@pytest.mark.parametrize(
    "above",
    [
        "![A dam](dam.png)", "[![A dam](dam.png)](https://example.org)", "#otters #dams", "2021-03-04", "[TOC]",
        "<!-- read twice -->", "* * *", "Tags: otters", "# Reading notes", "# Paper Summary",
        "# Literature note",
    ],
)  # fmt: skip
def test_a_smaller_heading_is_the_title_below_what_is_no_text(above: str) -> None:
    assert read(f"{above}\n\n## Otters at Work\nThey build.\n", "posts/a.md").title == "Otters at Work"
    assert read(f"{above}\n\nMy view.\n\n## Otters at Work\nThey build.\n", "posts/a.md").title == "a"


def test_ids_and_classes_of_headings_and_badges_are_no_part_of_titles() -> None:
    post = read(
        "# Otters Build {#otters .big}\n\n## Authors {#authors}\nAda Example\n\n## Abstract {.unnumbered}\nThey do.\n"
    )
    assert (post.title, post.authors, post.abstract) == ("Otters Build", ("Ada Example",), "They do.")
    post = read("# Otters [![Awesome](https://a.example/b.svg)](https://a.example)\n\nText.\n")
    assert (post.title, post.url) == ("Otters", None)


@pytest.mark.parametrize(
    "head",
    [
        "**Title:** Otters<br>at Work\n**Authors:** Ada Example<br/>Bo Sample\n**Tags**: dams<br>rivers",
        "<b>Title</b>: Otters<br>at Work<br><b>Authors:</b> Ada Example<br />Bo Sample<br>Tags: dams<br>rivers",
        "## Title\nOtters<br>at Work\n\n## Authors\nAda Example<br>Bo Sample\n\n## Keywords\ndams<br>rivers",
        "| Title | Otters<br>at Work |\n|---|---|\n| Authors | Ada Example<br>Bo Sample |\n| Tags | dams<br>rivers |",
    ],
)
def test_a_break_within_a_value_parts_its_words(head: str) -> None:
    post = read(f"{head}\n\n## Notes\nText.\n")
    assert (post.title, post.authors, post.tags) == (
        "Otters at Work",
        ("Ada Example", "Bo Sample"),
        ("dams", "rivers"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "# Otters\n\n## Datum\n19. Dezember 2024\n\n## Notizen\nText.\n",
        "# Otters\n\nAda Example, Bo Sample\n\n19. Dezember 2024\n\nText.\n",
    ],
)
def test_a_day_with_its_full_stop_is_no_item_of_a_list(text: str) -> None:
    assert read(text).published == "2024-12-19"
    assert read(text.replace("Dezember 2024", "Otter")).published is None


def test_an_underlined_title_may_begin_with_a_number_and_one_may_end_in_what_arxiv_has() -> None:
    for title in ("3D Otters", "100% Otters", "2.5 Otters and a Half", "Mining arXiv Papers"):
        assert read(f"{title}\n=====\n\nText.\n").title == title
    assert read("1. Otters\n===\n\nText.\n").title != "1. Otters"
    assert read("# Otters arXiv:1706.00001\n\nText.\n").title == "Otters"


def test_titles_go_on_in_indented_lines() -> None:
    post = read(
        "Title: Otters build dams:\n  a survey\nAuthors: Ada Example,\n"
        "  Bo Sample\nCategories: cs.CL stat.ML\n\nText.\n"
    )
    assert (post.title, post.authors) == ("Otters build dams: a survey", ("Ada Example", "Bo Sample"))
    assert post.tags == ("cs.CL", "stat.ML")
    post = read("% Otters build dams:\n  a survey\n% Ada Example\n  Bo Sample\n% May 2011\n\nText.\n")
    assert (post.title, post.authors) == ("Otters build dams: a survey", ("Ada Example", "Bo Sample"))
    assert (post.published, post.abstract[:5]) == ("2011-05", "Text.")
    assert read("- **Title**: Otters\n  - They build.\n- Text").title == "Otters"
    assert read("- **Title**: Otters\n  They build dams.\n- Text").title == "Otters"


def test_one_labelled_link_in_a_list_of_papers_names_no_paper_of_the_note() -> None:
    listed = "## Read\n\n1. Otters are building dams again ([arXiv](https://arxiv.org/abs/2303.08888))\n"
    other = "2. Beavers, https://arxiv.org/abs/2303.09990\n"
    assert read(f"# Weekly\n\n{listed}{other}").id == "note"
    assert read(f"# Weekly\n\n{listed}").id == "2303.08888"


@pytest.mark.parametrize(
    "front",
    [
        '---json\n{\n  "title": "Otters",\n  "tags": ["dam"]\n}\n---\n',
        '---toml\ntitle = "Otters"\ntags = ["dam"]\n---\n',
        "---yaml\ntitle: Otters\ntags: [dam]\n---\n",
    ],
)
def test_front_matter_may_name_its_language(front: str) -> None:
    post = read(f"{front}Text.\n")
    assert (post.title, post.tags, post.abstract) == ("Otters", ("dam",), "Text.")


def test_settings_of_generators_are_no_text_and_a_second_title_is() -> None:
    post = read(
        "---\ntitle: Otters\nabbrlink: a1b2c3\nexcerpt_separator: more\nkernelspec: {name: py}\nbanner_top: /a/b.png\n"
        "publishedAt: 2023-09-10\npaper: {title: Otters at Work}\n---\nText.\n"
    )
    assert (post.posted, post.abstract) == ("2023-09-10", "Text.\nOtters")


def test_components_comments_and_exports_of_mdx_are_no_text() -> None:
    body = (
        "import A from './a'\n\nexport const B = () => (\n  <b>\n    {c}\n  </b>\n);\n\n{/* hidden\n\nhere */}\n\n"
        '<Tabs>\n<Tab label="One">\nOtters\n</Tab>\n</Tabs>\n\n<Fig\n  src="a.png"\n  caption="A dam"\n/>\n'
    )
    assert read(body, "posts/a.mdx").abstract.split() == ["One", "Otters", "A", "dam"]


def test_in_a_note_of_several_papers_all_is_text_where_it_stands_and_the_first_is_not_taken_for_it() -> None:
    entries = "\n".join(
        f"Title: Otters {word}\nAuthors: Ada Example\nCategories: cs.CL\n\nThey {word}.\n" for word in ("build", "dig")
    )
    post = read(entries, "posts/digest.md")
    assert (post.title, post.authors, post.tags, post.id) == ("digest", (), (), "digest")
    assert post.abstract.split() == entries.split()


def test_pictures_within_the_text_of_a_note_are_no_text_of_it() -> None:
    picture = f"data:image/png;base64,{'iVBORw0K' * 500}"
    post = read(f'# T\n\n![][a] ![dam]({picture}) <img src="{picture}" alt="vole">\n\nOtters.\n\n[a]: <{picture}>\n')
    assert post.abstract == "dam vole\nOtters."


def test_a_row_of_a_table_of_facts_that_is_text_has_no_edges() -> None:
    post = read("# T\n\n| Label | Fact |\n|---|---|\n| Authors | Ada Example |\n| Affiliation | Dam Lab |\n\nText.\n")
    assert post.abstract.endswith("Text.\nAffiliation | Dam Lab")


def test_a_page_of_a_reference_of_logseq_has_the_title_of_the_paper() -> None:
    assert read("title:: @Otters Build Dams\nitem-type:: [[preprint]]\n\n- Text\n").title == "Otters Build Dams"


@pytest.mark.parametrize(
    ("before", "after"), [("202103041200 ", ""), ("2021-03-04 ", ""), ("", " 0a1b2c3d4e5f60718293a4b5c6d7e8f9")]
)
def test_numbers_that_programs_put_beside_a_name_are_no_part_of_the_title(before: str, after: str) -> None:
    assert read("Text.\n", f"posts/{before}Otters Build{after}.md").title == "Otters Build"


@pytest.mark.parametrize("title", ["[2101.00001v2] Otters Build", "2101.00001v2: Otters Build"])
def test_a_title_that_begins_with_an_id_names_the_paper_as_titles_of_arxivs_pages_do(title: str) -> None:
    for note in (f"# {title}\nText.\n", f'---\ntitle: "{title}"\n---\nText.\n'):
        post = read(note)
        assert (post.id, post.version, post.title) == ("2101.00001", 2, title)
    assert read("# 2019: Otters\nText.\n").id == "note"


def test_a_heading_between_two_rules_is_no_comment_of_front_matter() -> None:
    post = read("---\n\n# Otters Build\n\n---\nText.\n")
    assert (post.title, post.abstract) == ("Otters Build", "Text.")


def test_a_list_of_papers_has_neither_the_title_nor_the_people_of_one_of_them() -> None:
    entries = [
        f"Title: Otters {word}\n**Authors**: {name}\n" for word, name in (("dig", "Ada Example"), ("swim", "Bo Sample"))
    ]
    post = read("\n".join(f"## {entry}" for entry in entries), "posts/digest.md")
    assert (post.title, post.authors, post.id) == ("digest", (), "digest")
    post = read("# Digest\n\n" + "\nText.\n".join(entry.partition("\n")[2] for entry in entries))
    assert (post.title, post.authors) == ("Digest", ())
    assert all(name in post.abstract for name in ("Ada Example", "Bo Sample"))
    full = read("# Title: Otters\n\n- **Title**: Otters Build\n- arXiv: 2101.00001\n")
    assert (full.title, full.id) == ("Otters Build", "2101.00001")
    same = "# T\n\nAuthors: Ada Example, Bo Sample\n\nText.\n\nAuthors: Ada Example\n"
    assert read(same).authors == ("Ada Example", "Bo Sample")


@pytest.mark.parametrize(
    "through",
    [
        "https://www.google.com/url?q=https://arxiv.org/abs/2203.04444&sa=D&source=editors",
        "https://link.zhihu.com/?target=https%3A//arxiv.org/abs/2203.04444",
        "https://www.google.com/url?sa=t&url=https%3A%2F%2Farxiv.org%2Fabs%2F2203.04444",
    ],
)
def test_an_address_that_leads_through_another_site_is_the_papers_own(through: str) -> None:
    post = read(f"# Otters Build\n\n[Paper]({through})\n")
    assert (post.id, post.url) == ("2203.04444", "https://arxiv.org/abs/2203.04444")


@pytest.mark.parametrize(
    "section",
    [
        "## Metadata\n\n- Authors: Ada Example, Bo Sample\n- Tags: dams\n- Date: 2019-03-04\n",
        "## Paper\n\nAuthors: Ada Example, Bo Sample\nTags: dams\nDate: 2019-03-04\n",
        "## Title: Otters Build\n\nAuthors: Ada Example, Bo Sample\nTags: dams\nDate: 2019-03-04\n",
        "## Date: 2019-03-04\n\nAuthors: Ada Example, Bo Sample\nTags: dams\n",
        "## Tags: dams\n\nAuthors: Ada Example, Bo Sample\nDate: 2019-03-04\n",
        "## Metadata\n\nAuthors: Ada Example, Bo Sample\nDate: 2019-03-04\n#dams\n",
    ],
)
def test_facts_below_a_heading_that_announces_some_are_read_wherever_it_stands(section: str) -> None:
    text = "They build.\n\n" * 60
    for note in (f"# Otters Build\n\n{section}\n## Summary\n{text}", f"# Otters Build\n\n## Summary\n{text}{section}"):
        post = read(note)
        assert (post.title, post.authors, post.tags) == ("Otters Build", ("Ada Example", "Bo Sample"), ("dams",)), note
        assert post.published == "2019-03-04"
        assert "They build." in post.abstract


def test_the_stamp_of_arxiv_may_stand_below_labels_and_tags_between_backticks() -> None:
    stamp = "(Submitted on 5 Jan 2021 (v1), last revised 6 Feb 2021 (this version, v2))"
    post = read(f"# Otters\n###### tags: `river life` `dams`\n\nAuthors: Ada Example\n\n{stamp}\n\nThey build.\n")
    assert (post.authors, post.published, post.tags) == (("Ada Example",), "2021-01-05", ("river life", "dams"))
    assert "last revised" in post.abstract
    assert read("# Otters\n\nAuthors: Ada Example\n\nIt was submitted on 5 Jan 2021.\n").published is None


@pytest.mark.parametrize(
    "line",
    [
        "- Title: **Otters** at Work", "**Title**: *Otters* at Work", "**Title:** **Otters** at *Work*",
        "> **标题**：**Otters** at Work", "Title:: __Otters__ at Work", "**Title: Otters** at Work",
        "**Title: Otters at Work**", "**Title: **Otters at Work", "*Title: * Otters at Work",
    ],
)  # fmt: skip
def test_marks_of_a_value_are_not_taken_for_those_of_its_label(line: str) -> None:
    assert read(f"{line}\n- Tags: **dams**, rivers\n\nThey build.\n").title == "Otters at Work"
    assert read(f"{line}\n- Tags: **dams**, rivers\n\nThey build.\n").tags == ("dams", "rivers")


def test_text_below_a_heading_that_names_the_authors_stays() -> None:
    post = read("# Otters\n\n## Authors: Ada Example, Bo Sample\n\nThey build dams.\n\nYear: 2021\n")
    assert (post.authors, post.published) == (("Ada Example", "Bo Sample"), "2021")
    assert "They build dams." in post.abstract


@pytest.mark.parametrize("label", ["Link", "1. Paper ID", "Download", "Authors"])
def test_code_below_a_heading_that_is_a_label_stays_whole(label: str) -> None:
    post = read(f"# Otters\n\n## {label}\n\n```sh\nfetch dams\n# URL: rivers\n```\n\nThey build.\n")
    assert all(word in post.abstract for word in ("fetch dams", "rivers", "They build."))


def test_a_title_ends_in_the_year_of_a_venue_also_without_a_blank_between() -> None:
    ends = {"(OTTER2019)": "2019", "[DAM 2020]": "2020", "(2018, Example et al.)": "2018", "(R2021a)": None}
    for end, year in ends.items():
        assert read(f"# Otters at Work {end}\n\nThey.\n").published == year


def test_a_heading_for_the_venue_says_the_year_and_a_month_of_arxiv_says_none() -> None:
    post = read(
        "# Otters\n\n#### Conference :\nOTTERS 2018 **Spotlight**\n\n#### Authors\n+ Ada Example 1;2\n+ Bo Sample 1\n"
    )
    assert (post.published, post.authors) == ("2018", ("Ada Example", "Bo Sample"))
    assert "Spotlight" in post.abstract
    assert read("# Otters\n\n## Institutions\nRiver Lab since 1999\n\n## Notes\nx").published is None
    assert read("# Otters\n### arXiv:1801\n\nThey.").published is None


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("Data: 05/11/2021", "2021"), ("Data: 5 de maio de 2021", "2021-05-05"), ("**Data**: 2021", "2021"),
        ("Data: RiverNet 2012", None), ("### Data\n- Dam Bank tagging, OTTER 2000 chunking", None),
    ],
)  # fmt: skip
def test_data_is_a_date_in_some_languages_and_data_in_english(line: str, published: str | None) -> None:
    post = read(f"# Otters\n\n{line}\n\n## Notes\nThey build.\n")
    assert post.published == published
    assert ("OTTER 2000" in post.abstract) == ("OTTER" in line)


def test_below_a_heading_for_the_title_sentences_are_text() -> None:
    post = read("# OAW\n\n## Title & Authors\nOtters at Work in Rivers\n\nThey build dams.\n\n## Notes\nx")
    assert (post.title, "They build dams." in post.abstract) == ("Otters at Work in Rivers", True)
    post = read("# OAW\n\n## Title & Authors\nIt is on dams.\nThe authors are from a lab.\n\n## Notes\nx")
    assert (post.title, "It is on dams." in post.abstract) == ("OAW", True)


def test_a_template_that_is_not_filled_in_names_nobody() -> None:
    assert read("# Template\n\n- Authors: \n- Institute: \n- Workplace: \n\n## Notes\n").authors == ()
