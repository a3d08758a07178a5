"""What programs, models and templates leave in notes: values that say there is none, pages of PDFs, lists of links.
Each was read wrongly, or not at all, in somebody's notes."""

from __future__ import annotations

import pytest

from tests.parsed import read_note as read


@pytest.mark.parametrize(
    "nothing",
    [
        "Not specified in the provided text.",
        "not provided",
        "Not explicitly listed (the footer names a lab)",
        "Not available, as the page ends here",
        "未知",
        "未提供",
        "待补充",
        "暂无",
        "不明",
        "なし",
        "정보 없음",
        "unbekannt",
    ],
)
def test_what_says_that_a_fact_is_not_known_is_none_and_stays_text(nothing: str) -> None:
    labels = ("Authors", "Year", "Keywords", "DOI")
    facts = "\n".join(f"- **{label}**: {nothing}" for label in labels)
    post = read(f"# Otters at Work\n\n{facts}\n\n## Summary\nThey build.\n")
    assert (post.authors, post.published, post.tags, post.id) == ((), None, (), "note")
    assert post.abstract.count(nothing) == len(labels)
    assert [problem.reason for problem in post.problems] == ["no date"]
    assert read(f'---\ntitle: Otters\nauthors: "{nothing}"\ndoi: "{nothing}"\n---\nThey build.\n').authors == ()


def test_names_and_titles_may_begin_with_not() -> None:
    post = read("# Notes\n\n- Title: Not All Otters Build\n- Authors: Ada Notley, Bo Sample\n\nThey do not.\n")
    assert (post.title, post.authors) == ("Not All Otters Build", ("Ada Notley", "Bo Sample"))


def test_a_first_link_by_another_name_than_the_titles_is_not_the_address_of_the_paper() -> None:
    link = "[Article](https://example.org/article/9)\n\nThey build.\n"
    for above in ("---\ntitle: Roe 2017\n---\n\n[Library](https://example.org/7)", "# Otters\n\ndoi: 10.1000/river.9"):
        assert read(f"{above}\n\n{link}").url == "https://example.org/article/9"


_PDF = "Example et al_1983_Otters at Work in Vivo"


@pytest.mark.parametrize("title", ["", f"title:: hls__{_PDF}\n"])
def test_the_page_of_a_pdf_in_logseq_has_its_title_and_year_and_no_place_of_a_file(title: str) -> None:
    place = rf"file://C:\Papers\Z/{_PDF}.pdf"
    head = f"file:: [{_PDF}.pdf]({place})\nfile-path:: {place}\n{title}"
    post = read(f"{head}\n- They build.\n  ls-type:: annotation\n  hl-page:: 2\n", f"pages/hls__{_PDF}.md")
    assert (post.title, post.published) == ("Otters at Work in Vivo", "1983")
    assert post.abstract.startswith(f"{_PDF}.pdf\nThey build.")
    assert "Papers" not in post.abstract


def test_a_heading_of_topics_below_the_title_of_a_list_names_nobody() -> None:
    post = read("# Otter Systems - Index\n\n### Distributed Training & Parallelism Paradigms\n\n* [Otters](a.md)\n")
    assert post.authors == ()


@pytest.mark.parametrize(
    ("line", "names", "published"),
    [
        ("### Ada Example, Bo Sample, Cy Pattern - OTTER 2018", ("Ada Example", "Bo Sample", "Cy Pattern"), "2018"),
        ("### Author Information - OTTER 2021 Best Paper", (), None),
        ("#### Example, Sample, Van de Pattern (2010)", ("Example", "Sample", "Van de Pattern"), "2010"),
        ("Example & O'Sample, 2010", ("Example", "O'Sample"), "2010"),
        ("Vision, Language (2010)", (), None),
        ("Otters (2010)", (), None),
        ("*Ada Example.* **OTTER 2018**", ("Ada Example",), "2018"),
        ("*Deep Learning.* **OTTER 2018**", (), "2018"),
        ("- 作者: 水獭团队（Ada Example, Bo Sample等）", ("水獭团队", "Ada Example", "Bo Sample"), None),
        ("- Authors: Otter-AI (Ada Example, Bo Sample et al.)", ("Otter-AI", "Ada Example", "Bo Sample"), None),
        ("- Authors: Ada Example (Dam Town, River City et al.)", ("Ada Example",), None),
        ("- 作者: 李明（River University, Otter University 等）", ("李明",), None),
    ],
)
def test_people_stand_before_a_venue_by_surnames_alone_and_in_brackets_behind_their_team(
    line: str, names: tuple[str, ...], published: str | None
) -> None:
    post = read(f"# Otters at Work\n{line}\n\nThey build.\n")
    assert (post.authors, post.published) == (names, published)


def test_a_page_of_roam_is_about_the_paper_that_it_names() -> None:
    front = (
        "---\ntitle: @exampleOtters2017\nurl: https://roam.example/7\nauthor: Dora Keeper\n---\n\n- #[[references]]\n\n"
    )
    facts = (
        "Title: Why do otters work so well?",
        "Authored by:: [[Ada W. Example]] [[Bo Sample]]",
        "Year: [[2017]]",
        "URL: [Example et al. (2017). Why do otters work so well?](http://arxiv.org/abs/1608.00009)",
    )
    post = read(front + "".join(f"    - {fact}\n\n" for fact in facts), "@exampleOtters2017.md")
    assert (post.title, post.authors, post.published) == (facts[0][7:], ("Ada W. Example", "Bo Sample"), "2017")
    assert (post.id, post.url) == ("1608.00009", "http://arxiv.org/abs/1608.00009")


def test_links_in_brackets_behind_a_title_are_no_part_of_it() -> None:
    post = read(
        "# Otters at Work [[pdf]](https://a.example/o.pdf) [[my post]](https://b.example) [[talk 2](https://c.example)]\n"
    )
    assert (post.title, post.url) == ("Otters at Work", "https://a.example/o.pdf")
    assert read("# [[Otters at Work](https://a.example)]\n\nThey build.\n").title == "[Otters at Work]"


def test_a_description_of_nothing_but_hash_tags_has_the_tags() -> None:
    post = read("---\ndescription: '#rivers #dam_building'\n---\n\n# Otters at Work\n\nThey build.\n")
    assert (post.tags, post.abstract) == (("rivers", "dam_building"), "They build.")
    kept = read("---\ntags: [otters]\ndescription: '#rivers #dam_building'\n---\n\n# Otters at Work\n\nThey build.\n")
    assert (kept.tags, kept.abstract) == (("otters",), "They build.\n#rivers #dam_building")


@pytest.mark.parametrize(
    ("address", "is_of_paper"),
    [
        ("https://dams.example/otters.pdf", True),
        ("https://github.com/dams/otters", False),
        ("https://dams.example/blog/otters", False),
        ("https://docs.google.com/document/7", False),
    ],
)
def test_an_address_alone_below_the_title_is_the_papers(address: str, is_of_paper: bool) -> None:
    post = read(f"# Otters at Work\n\n> OTTER 2019\n>\n> {address}\n\nThey build.\n")
    assert (post.url, address in post.abstract) == (address if is_of_paper else None, True)
    assert read(f"# Otters at Work\n\nThey build.\n\n{address}\n").url is None
    labelled = read(f"# Otters at Work\n\n{address}\n\nPaper: https://arxiv.org/abs/1608.00009\n")
    assert labelled.url == "https://arxiv.org/abs/1608.00009"


def test_categories_in_chinese_are_tags() -> None:
    post = read("# 水獭\n\n> **作者**：Ada Example\n>\n> **分类标签**：`dam` `river building` `水`\n\nThey build.\n")
    assert post.tags == ("dam", "river building", "水")


def test_a_list_below_a_heading_that_says_title_is_of_facts() -> None:
    facts = "- 参考论文：Otters at Work\n- 公司：Dam Lab\n- 链接：https://arxiv.org/abs/1608.00009\n- 时间：2016\n"
    post = read(f"# Otters at Work\n\n# 标题\n{facts}\n# 内容\n\nThey build.\n")
    assert (post.title, post.id, post.published) == ("Otters at Work", "1608.00009", "2016")
    assert "Dam Lab" in post.abstract
    other = read("# Otters at Work\n\n## Title\n* Kind: a survey\n* Rivers: many\n\n## Rest\n\nThey build.\n")
    assert (other.title, "a survey" in other.abstract) == ("Otters at Work", True)
    assert read("## Title\n\n- Otters at Work\n\n## Rest\n\nThey build.\n").title == "Otters at Work"


def test_small_headings_name_authors_where_they_work_and_the_venue() -> None:
    heads = "### Ada Example, Bo Sample, Cy Pattern\n#### Dam Lab\n#### OTTER 2018 Poster, [arXiv:1801.00009](https://arxiv.org/abs/1801.00009)\n"
    post = read(f"# Otters at Work\n{heads}### Outline\nThey build.\n")
    assert (post.authors[-1], post.published, post.id) == ("Cy Pattern", "2018", "1801.00009")
    assert "Dam Lab" in post.abstract


@pytest.mark.parametrize("more", ["et al", "et el", "et. al."])
def test_et_el_is_et_al(more: str) -> None:
    post = read(f"# Otters at Work\n\n- Author: Example {more}\n- Year: 2019\n")
    assert (post.authors, post.et_al) == (("Example",), True)
    assert read(f"# Otters at Work\n\nExample {more} 2019\n\nThey build.\n").authors == ("Example",)


def test_an_address_with_a_year_below_the_authors_is_the_papers() -> None:
    post = read("# Otters at Work\nAda Example, Bo Sample\n\n(https://dams.example/otters.pdf, 2014)\n\nThey build.\n")
    assert (post.authors, post.published) == (("Ada Example", "Bo Sample"), "2014")
    assert post.url == "https://dams.example/otters.pdf"


def test_a_link_that_stands_alone_is_the_papers_before_one_in_a_sentence() -> None:
    post = read(
        "# Otters\n\n[`PAPER`](https://dams.example/otters.pdf)\n\nThey build as is shown by this [link](https://r.example/7).\n"
    )
    assert post.url == "https://dams.example/otters.pdf"


def test_a_list_with_an_address_below_a_heading_for_each_paper_is_about_none_of_them() -> None:
    entry = "### Otters {0}\n#### URL\n{1}\n#### Notes\nThey build {0}.\n"
    addresses = ("https://dams.example/7", "https://doi.org/10.1000/otters.9", "https://dams.example/9")
    text = "# Resource List\n\n" + "".join(entry.format(n, address) for n, address in enumerate(addresses))
    post = read(text)
    assert (post.title, post.id, post.url) == ("Resource List", "note", None)
    assert all(address in post.abstract for address in addresses)
    one = read("# Otters at Work\n\n## Rest\n\nThey build.\n\n#### URL\nhttps://doi.org/10.1000/otters.9\n")
    assert (one.id, one.url) == ("10.1000/otters.9", "https://doi.org/10.1000/otters.9")


@pytest.mark.parametrize(
    "left", ['<% tp.system.prompt("Authors") %>', "{{authors}}", '{{date:YYYY "at" HH}}', "{{ title }}"]
)
def test_what_a_template_was_to_fill_is_no_fact(left: str) -> None:
    facts = "".join(f"- **{label}**: {left}\n" for label in ("Authors", "Year", "DOI"))
    post = read(f"---\ntitle: '{left}'\nauthors: '{left}'\n---\n# Otters at Work\n\n{facts}\nThey build.\n")
    assert (post.title, post.authors, post.published, post.id) == ("Otters at Work", (), None, "note")
    assert read("---\ntitle: '{{Otters}} at Work'\n---\nThey build.\n").title == "{{Otters}} at Work"


def test_the_mark_of_arxivs_feeds_is_no_part_of_a_title_and_is_found() -> None:
    post = read("# Otters at Work. (arXiv:1706.00001v2 [cs.LG])\n\nThey build.\n")
    assert (post.title, post.id, post.version) == ("Otters at Work", "1706.00001", 2)
    assert "[cs.LG]" in post.abstract


@pytest.mark.parametrize(
    "label", ["Auteur·rices", "Auteur·rice·s", "Auteur(e)s", "Autor(es)", "Autorinnen", "Autor*innen"]
)
def test_labels_of_authors_may_name_all_genders(label: str) -> None:
    assert read(f"# Loutres\n\n**{label}** : Ada Exemple, Bo Modèle\n").authors == ("Ada Exemple", "Bo Modèle")


@pytest.mark.parametrize("heading", ["Identificativi essenziali", "Steckbrief", "🗂 Ficha"])
def test_a_section_below_the_title_that_alone_has_facts_is_read_whatever_its_heading(heading: str) -> None:
    facts = "- **Autori**: Ada Esempio, Bo Modello `[VERIFIED]`\n- **Sede**: Lago\n- **Anno**: 2024 (rivisto)\n"
    section = f"## {heading}\n\n{facts}- **arXiv**: [1608.00009](https://arxiv.org/abs/1608.00009)\n"
    post = read(f"# Otters at Work\n\n{section}\n## Contesto\n\nThey build [dams](https://arxiv.org/abs/1509.00002).\n")
    assert (post.authors, post.published, post.id) == (("Ada Esempio", "Bo Modello"), "2024", "1608.00009")
    several = read(f"# Otters at Work\n\n{section}\n{section.replace('1608', '1709').replace('Ada', 'Cy')}")
    assert (several.authors, several.published, several.id) == ((), None, "note")
    assert read(f"# Otters at Work\n\nThey build.\n\n{section}").authors == ()
    of_a_day = read(f"# New papers\n\n{section.replace(heading, 'Otters at Work in Rivers')}")
    assert (of_a_day.authors, of_a_day.id) == ((), "note")


def test_labels_in_comments_end_with_these() -> None:
    head = "<!-- arxiv: 1608.00009 -->\n<!-- tags: dam, river building -->\n"
    post = read(f"{head}\n# Otters at Work\n\nThey build.\n")
    assert (post.id, post.tags) == ("1608.00009", ("dam", "river building"))


def test_keys_may_have_capitals_for_blanks() -> None:
    keys = 'paperTitle: "Otters at Work"\npaperAuthors: [Ada Example]\npublicationDate: 2016-08-02\narxivUrl: "{}"\n'
    post = read(f"---\n{keys.format('https://arxiv.org/abs/1608.00009')}---\n## The playbook\n\nThey build.\n")
    assert (post.title, post.authors, post.published) == ("Otters at Work", ("Ada Example",), "2016-08-02")
    assert (post.id, read("---\ntitle: Otters\npubDate: 2016-08-02\n---\nThey.\n").posted) == (
        "1608.00009",
        "2016-08-02",
    )


def test_a_switch_is_no_date_that_cannot_be_read() -> None:
    post = read('---\ntitle: Otters\npublished: true\narxiv_submitted: "2016-08-02"\n---\nThey build.\n')
    assert (post.published, post.problems) == ("2016-08-02", ())


@pytest.mark.parametrize("above", ["#people/", "#zotero/author/", "#author/"])
def test_authors_may_be_tags(above: str) -> None:
    post = read(
        f"> [!summary] Metadata\n>\n> **Title**: Otters\n>\n> **Authors**: {above}Ada-Example, {above}Bo_Sample\n\nX.\n"
    )
    assert post.authors == ("Ada Example", "Bo Sample")


def test_keywords_of_the_paper_are_tags() -> None:
    assert read("---\ntitle: Otters\npaper_keyword: dams; rivers\n---\nThey build.\n").tags == ("dams", "rivers")


def test_code_below_a_heading_that_says_title_is_none() -> None:
    code = "```yaml\ngood: Otters at work\nbad: Beavers\navoid: dams\n```\n"
    post = read(f"# Writer of posts\n\nIt writes.\n\n### 1. Title\n{code}\n### 2. Rest\nMore.\n")
    assert (post.title, "Beavers" in post.abstract) == ("Writer of posts", True)
    assert read("## Title\n```\nOtters at Work\n```\n\n## Rest\nThey build.\n").title == "Otters at Work"


def test_a_title_in_front_matter_may_end_in_who_wrote_the_paper_and_when() -> None:
    assert read("---\ntitle: Otters at Work (Example et al., 2019)\n---\nThey build.\n").published == "2019"
    assert read("---\ntitle: Otters at Work (OTTER 2019)\nyear: 2018\n---\nThey build.\n").published == "2018"


@pytest.mark.parametrize(
    ("mention", "others", "paper_id"),
    [
        ("[Beavers dig](https://doi.org/10.1000/b.1)", 6, "note"),
        ("[Dams in Rivers](https://doi.org/10.1000/b.1)", 6, "10.1000/b.1"),
        ("[Paper](https://doi.org/10.1000/b.1)", 6, "10.1000/b.1"),
        ("[Beavers dig](https://doi.org/10.1000/b.1)", 2, "10.1000/b.1"),
        ("They dig, says the [paper](https://doi.org/10.1000/b.1)", 40, "note"),
        ("[Paper](https://doi.org/10.1000/b.1)", 40, "note"),
    ],
)
def test_a_paper_behind_many_other_links_is_not_the_notes_own(mention: str, others: int, paper_id: str) -> None:
    links = "\n".join(f"[Place {n}](https://places.example/{n})" for n in range(others))
    assert read(f"# Dams in Rivers\n\n{links}\n{mention}\n").id == paper_id
    assert read(f"# Dams in Rivers\n\n{mention}\n{links}\n").id == "10.1000/b.1"


def test_a_sentence_in_chinese_that_links_to_a_paper_is_a_sentence() -> None:
    told = "水獭在河里筑坝，这个想法最早来自河狸的[论文](https://arxiv.org/abs/2401.00001)"
    assert read(f"# 水獭\n\n{told}。\n\n[鳗鱼](https://arxiv.org/abs/2401.00002)\n").id == "note"
    named = "论文地址：[论文](https://arxiv.org/abs/2401.00001)"
    assert read(f"# 水獭\n\n{named}\n\n[鳗鱼](https://arxiv.org/abs/2401.00002)\n").id == "2401.00001"


PROSE = "Their paper shows how otters build dams of reeds and mud, and how long these last in a river of the north.\n\n"


@pytest.mark.parametrize(
    ("line", "is_own"),
    [
        ("https://arxiv.org/abs/1706.00001\n\nThey are right.", False),
        ("Voles dig deeper, OTTER 2018.\nhttps://arxiv.org/abs/1706.00001", False),
        ("Others did more (see [Voles](https://arxiv.org/abs/1706.00001)).", False),
        ("https://arxiv.org/abs/1706.00001", True),
        ("The preprint: https://arxiv.org/abs/1706.00001\n\nThey are right.", True),
        ("On [arXiv](https://arxiv.org/abs/1706.00001).", True),
    ],
)
def test_a_link_behind_what_is_said_of_a_paper_is_another_ones(line: str, is_own: bool) -> None:
    assert read(f"# Otters at Work\n\n{PROSE}{line}\n", "p/otters.md").id == ("1706.00001" if is_own else "otters")
    assert read(f"# Otters at Work\n\nThey build.\n\n{line}\n", "p/otters.md").id == "1706.00001"


@pytest.mark.parametrize("address", ["https://openreview.net/forum?id=aBcDeF12_g", "https://doi.org/10.1000/dams.9"])
def test_an_address_in_bibtex_ends_before_its_braces(address: str) -> None:
    post = read(f"# Otters at Work\n\n@article{{otters, title={{Otters at Work}}, url={{{address}}}}}\n")
    assert post.url == address


def test_an_address_within_one_of_a_search_is_found_behind_any_parameters() -> None:
    through = (
        "https://www.google.co.kr/url?sa=t&rct=j&q=&esrc=s&cd=1&url=https%3A%2F%2Farxiv.org%2Fabs%2F1706.00001&usg=x"
    )
    post = read(f"# Otters at Work\n\nlink: [Otters]({through})\n\nThey build.\n")
    assert (post.id, post.url) == ("1706.00001", "https://arxiv.org/abs/1706.00001")
