"""Forms of notes that whole programs and habits make: each was read wrongly, or in part, in a vault of that kind."""

from __future__ import annotations

import pytest

from tests.parsed import read_note as read


@pytest.mark.parametrize(
    "byline",
    [
        "Ada Example*, Bo Sample*, Cy Pattern",
        "Ada Example, **Bo Sample**, Cy Pattern",
        "**Ada Example**, **Bo Sample**, **Cy Pattern**",
        "*Ada Example, **Bo Sample**, Cy Pattern*",
        "_Ada Example_, _Bo Sample_ and _Cy Pattern_",
        "Ada Example1*, Bo Sample1,2, Cy Pattern2",
    ],
)
def test_names_of_a_byline_may_have_marks_of_their_own(byline: str) -> None:
    post = read(f"# Otters at Work\n\n{byline}\n\nOtters build.\n")
    assert post.authors == ("Ada Example", "Bo Sample", "Cy Pattern")


def test_names_end_where_the_place_is_emphasized() -> None:
    post = read("# Otters at Work\n\nAda Example, Bo Sample *OTTER 2019*\n\nOtters build.\n")
    assert (post.authors, post.published) == (("Ada Example", "Bo Sample"), "2019")


@pytest.mark.parametrize(
    "heading",
    ["## 📋 Paper Overview", "### 📊 Quick Facts", "## Publication Details", "## 一、论文基本信息", "## At a Glance"],
)
def test_facts_stand_under_headings_that_announce_them(heading: str) -> None:
    facts = "| 📌 Field | 📝 Details |\n|---|---|\n| 👥 **Authors** | Ada Example |\n| **arXiv** | 2401.00001 |"
    post = read(f"# 🦦 Otters at Work\n\n{heading}\n\n{facts}\n\n## Summary\nOtters build.\n")
    assert (post.title, post.authors, post.id) == ("🦦 Otters at Work", ("Ada Example",), "2401.00001")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("2401.00001 Otters at Work", "Otters at Work"),
        ("2401.00001v2_otters_at_work", "otters at work"),
        ("[2401.00001] Otters at Work", "Otters at Work"),
        ("Otters at Work (arXiv 2401.00001)", "Otters at Work"),
        ("arxiv-2401.00001", ""),
        ("2401.00001-notes", ""),
    ],
)
def test_words_beside_the_id_in_the_name_of_a_file_are_the_title(name: str, title: str) -> None:
    post = read("Otters build.\n", f"posts/{name}.md")
    assert (post.title, post.id) == (title, "2401.00001")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("River-Based Dams for Half-Wet Otters", "River-Based Dams for Half-Wet Otters"),
        ("river-based-dams", "river based dams"),
        ("Otters%3A River-Based Dams", "Otters: River-Based Dams"),
        ("Otters_ River-Based Dams", "Otters River-Based Dams"),
        ("Example et al. - 2017 - Otters at Work", "Otters at Work"),
        ("O2 - Otters at Work", "O2 - Otters at Work"),
        ("2401.00001 - River-Based Dams", "River-Based Dams"),
    ],
)
def test_a_title_in_the_name_of_a_file_keeps_its_hyphens(name: str, title: str) -> None:
    assert read("Otters build.\n", f"posts/{name}.md").title == title


@pytest.mark.parametrize("below", ["Ada Example, Bo Sample, and Cy Pattern (2016)", "Example et al. 2016"])
def test_a_plain_first_line_above_the_authors_is_the_title(below: str) -> None:
    post = read(f"Otters at Work in Rivers\n{below}\n\nOtters build.\n", "posts/0123456789abcdef0123456789abcdef.md")
    assert (post.title, post.published, post.title_line) == ("Otters at Work in Rivers", "2016", 1)
    assert post.abstract.startswith("Otters build.")
    assert "Rivers" not in post.abstract


@pytest.mark.parametrize(
    "first", ["They met on a day in May.", "Ada Example, Bo Sample, Cy Pattern", "- Otters at Work"]
)
def test_a_first_line_that_is_a_sentence_an_item_or_names_is_no_title(first: str) -> None:
    assert read(f"{first}\nAda Example, Bo Sample, and Cy Pattern (2016)\n\nThey.\n").title == "note"


SURVEY = """All began with {0}, of which many dams were built since.

## Beavers
[Sample et al.](https://arxiv.org/abs/2401.00002) build higher.
"""


@pytest.mark.parametrize(
    ("mention", "paper_id"),
    [
        ("OtterNet ([Example et al.](https://arxiv.org/abs/2401.00001))", "note"),
        ("[this paper](https://arxiv.org/abs/2401.00001)", "2401.00001"),
        ("[Rivers and Dams](https://arxiv.org/abs/2401.00001)", "2401.00001"),
        ("https://arxiv.org/abs/2401.00001", "2401.00001"),
    ],
)
def test_a_paper_that_a_survey_mentions_first_is_not_its_own(mention: str, paper_id: str) -> None:
    assert read(f"---\ntitle: Dams in Rivers\n---\n{SURVEY.format(mention)}").id == paper_id
    assert read(f"# Dams in Rivers\n\n{SURVEY.format(mention)}").id == paper_id


@pytest.mark.parametrize("author", ["[Ada Example, Bo Sample]", "Ada Example and Bo Sample"])
def test_several_people_under_author_are_the_papers_where_its_id_stands_beside(author: str) -> None:
    assert read(f"---\ntitle: Otters\nauthor: {author}\narxiv: 2401.00001\n---\nThey.\n").authors == (
        "Ada Example",
        "Bo Sample",
    )
    without = read(f"---\ntitle: Otters\nauthor: {author}\n---\nThey.\n")
    assert not without.authors
    assert all(name in without.abstract for name in ("Ada Example", "Bo Sample"))
    one = read("---\ntitle: Otters\nauthor: Ada Example\narxiv: 2401.00001\n---\nThey.\n")
    assert not one.authors
    assert "Ada Example" in one.abstract
    assert "keeper" not in read("---\ntitle: Otters\nauthor: keeper\n---\nThey.\n").abstract
    assert not read('---\ntitle: Otters\nauthor: "Example, Ada"\narxiv: 2401.00001\n---\nThey.\n').authors


@pytest.mark.parametrize(
    "links",
    ["url_pdf: https://arxiv.org/pdf/2401.00001", "links:\n  - name: arXiv\n    url: https://arxiv.org/abs/2401.00001"],
)
def test_links_of_front_matter_as_site_generators_have_them(links: str) -> None:
    assert read(f"---\ntitle: Otters\n{links}\n---\nThey.\n").id == "2401.00001"


def test_a_post_is_dated_by_the_folder_of_its_index() -> None:
    assert read("# Otters\n\nThey.\n", "blog/2024-02-03-otters/index.md").posted == "2024-02-03"
    assert read("# Otters\n\nThey.\n", "blog/2024-02-03-otters/other.md").posted is None


def test_words_of_tags_in_one_text_are_tags_in_jekylls_posts_alone() -> None:
    text = "---\ntitle: Otters\ntags: otters river-dams\n---\nThey.\n"
    assert read(text, "site/_posts/2024-02-03-otters.md").tags == ("otters", "river-dams")
    assert read(text.replace("otters r", "otters, r"), "site/_posts/2024-02-03-a.md").tags == ("otters", "river-dams")
    assert read(text, "site/_posts/otters.md").tags == ("otters river-dams",)


@pytest.mark.parametrize(
    ("value", "authors"),
    [("[[Ada Example]] [[people/Bo Sample]]", ("Ada Example", "Bo Sample")), ("[[example.org]]", ())],
)
def test_links_side_by_side_are_names_and_sites_are_none(value: str, authors: tuple[str, ...]) -> None:
    assert read(f"# Otters\n\n## Metadata\n- Author: {value}\n- URL: https://example.org/x\n").authors == authors


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("# [OTTER 2019] Otters at Work\n\nThey.\n", "2019"),
        ("# 【OTTER'19】Otters at Work\n\nThey.\n", "2019"),
        ("# (OTTER 2019 Oral) Otters at Work\n\nThey.\n", "2019"),
        ("---\ntitle: '[arXiv 2019] Otters at Work'\n---\nThey.\n", "2019"),
        ("# [2019 OTTER] Otters at Work\n\nThey.\n", "2019"),
        ("# [Review 2019] Otters at Work\n\nThey.\n", None),
        ("# Otters at Work\n\nAda Example, Bo Sample et al.\nOTTER 2019 (Oral)\n\nThey.\n", "2019"),
        ("---\ntitle: Otters\nyear: 2019\n---\n## Metadata\n- Date: 2019-05-06\n\n## Notes\nThey.\n", "2019-05-06"),
        ("---\ntitle: Otters\nyear: 2019\n---\n## Metadata\n- Date: 2020-05-06\n\n## Notes\nThey.\n", "2019"),
    ],
)
def test_the_year_is_read_beside_the_venue_and_the_most_exact_date_counts(text: str, published: str | None) -> None:
    assert read(text).published == published


def test_the_year_of_the_venue_is_read_in_the_name_of_a_file() -> None:
    post = read("# Otters at Work\n\nThey.\n", "posts/[2019 OTTER] Otters at Work.md")
    assert (post.title, post.published) == ("Otters at Work", "2019")


@pytest.mark.parametrize(
    "head",
    [
        "### Name of the thesis:\n\n[Otters](https://arxiv.org/abs/2401.00001)",
        "## Title\n[Otters](https://arxiv.org/abs/2401.00001)",
        "arxiv.org/abs/2401.00001",
    ],
)
def test_the_link_of_a_title_and_an_address_without_its_scheme_name_the_paper(head: str) -> None:
    post = read(f"# Otters\n\n{head}\n\n## Overview\nLike [eels](https://arxiv.org/abs/2401.00002).\n")
    assert (post.id, post.url) == ("2401.00001", "https://arxiv.org/abs/2401.00001")


def test_a_question_below_topic_is_no_tag() -> None:
    question = "Can otters be trained to build with nothing but clay and reeds what beavers build of whole trees?"
    post = read(f"# Otters\n\nTopic:\n\n> {question}\n\nThey.\n")
    assert not post.tags
    assert question in post.abstract


def test_facts_stand_in_lists_below_items_and_in_lists_of_definitions() -> None:
    post = read("- Otters at Work\n  - Authors\n    - Ada Example\n    - Bo Sample\n  - Year: 2018\n  - They dig.\n")
    assert (post.authors, post.published) == (("Ada Example", "Bo Sample"), "2018")
    names = "<dl>\n<dt>Year</dt>\n<dd>2018</dd>\n<dt>Authors</dt>\n<dd>Ada Example, Bo Sample</dd>\n</dl>"
    post = read(f"# Otters at Work\n\n{names}\n\nThey dig.\n")
    assert (post.authors, post.published) == (("Ada Example", "Bo Sample"), "2018")


def test_tags_may_have_a_mark_at_their_end() -> None:
    assert read("# Otters\n#papers/river# #dams#\n\nThey.\n").tags == ("papers/river", "dams")


LIST = """## 1. [Otters at Work](https://arxiv.org/abs/2401.00001)
They build.

## 2. [Beavers at Rest](https://arxiv.org/abs/2401.00002)
They sleep.
"""


def test_tags_of_bear_may_have_blanks_and_do_not_hide_the_names_below() -> None:
    post = read(
        "# Otters at Work\n#papers/rivers #deep sleep# #otters\n---\n*Ada Example & Bo Sample, 2016*\n\nThey.\n"
    )
    assert post.tags == ("papers/rivers", "deep sleep", "otters")
    assert (post.authors, post.published) == (("Ada Example", "Bo Sample"), "2016")
    assert "#" not in post.abstract


def test_an_address_behind_a_label_and_a_dash_is_the_papers_and_one_in_a_sentence_is_not() -> None:
    post = read("# Otters\n\n- Link - https://dams.example/otters.pdf\n\nThey build.\n")
    assert post.url == "https://dams.example/otters.pdf"
    post = read("# Otters\n\n- Source - my own, as [a friend](https://dams.example/blog) says\n\nThey build.\n")
    assert post.url is None
    assert "a friend" in post.abstract


def test_a_title_may_be_the_first_line_of_a_call_out() -> None:
    head = "> [!info]+ Paper\n> **Otters at Work**\n> *Ada Example, Bo Sample*\n> Published: May 2021\n"
    post = read(f"{head}\n> [!quote] p. 3\n> They build.\n")
    assert (post.title, post.authors, post.published) == ("Otters at Work", ("Ada Example", "Bo Sample"), "2021-05")


def test_a_heading_within_an_outline_is_no_title_of_a_note_that_is_named_otherwise() -> None:
    text = "- Authors:: [[Ada Example]], [[Bo Sample]]\n- # Main points\n    - They build.\n"
    assert read(text, "c/Otters at Work.md").title == "Otters at Work"
    assert read("- # Main points\n    - They build.\n", "c/otters.md").title == "Main points"


@pytest.mark.parametrize("front", ["", "---\ntitle: note\n---\n"])
def test_a_list_of_papers_is_not_the_first_of_them(front: str) -> None:
    post = read(front + LIST)
    assert (post.title, post.id, post.url) == ("note", "note", None)
    assert "Otters at Work" in post.abstract
    first, _, _ = LIST.partition("## 2")
    assert read(f"{first}## Related\n[Beavers](https://arxiv.org/abs/2401.00002)\n").id == "2401.00001"


def test_a_table_that_compares_papers_is_text() -> None:
    rows = "| | Otters | Beavers |\n|---|---|---|\n| Authors | Ada Example | Bo Sample |\n| Year | 2021 | 2023 |"
    link = "| Link | https://arxiv.org/abs/2401.00001 | https://arxiv.org/abs/2401.00002 |"
    post = read(f"# Otters and Beavers\n\n{rows}\n{link}\n\nBoth build.\n")
    assert (post.id, post.authors, post.published) == ("note", (), None)
    assert all(word in post.abstract for word in ("Ada Example", "Bo Sample", "2021", "2023"))


@pytest.mark.parametrize(
    ("facts", "authors"),
    [
        ("Авторы: Иван Петров и Анна Сидорова", ("Иван Петров", "Анна Сидорова")),
        (
            "Autores: João Costa e Silva, Ana Lima e Rui Souza Neto",
            ("João Costa e Silva", "Ana Lima", "Rui Souza Neto"),
        ),
        ("Autorzy: Jan Kowalski i Anna Nowak", ("Jan Kowalski", "Anna Nowak")),
        ("Auteurs: Jan de Vries en Anna van Dam", ("Jan de Vries", "Anna van Dam")),
        ("Yazarlar: Ada Example ve Bo Sample", ("Ada Example", "Bo Sample")),
        ("Автори: Іван Петренко та Ганна Коваль", ("Іван Петренко", "Ганна Коваль")),
        ("المؤلفون: سارة مثال، علي نموذج", ("سارة مثال", "علي نموذج")),
    ],
)
def test_authors_are_named_in_more_languages(facts: str, authors: tuple[str, ...]) -> None:
    assert read(f"# Otters\n\n- {facts}\n\nThey.\n").authors == authors


@pytest.mark.parametrize(
    ("year", "link", "tags"),
    [
        ("السنة", "الرابط", "الكلمات المفتاحية"),
        ("Jaar", "Link", "Trefwoorden"),
        ("Rok", "Odnośnik", "Słowa kluczowe"),
        ("Yıl", "Bağlantı", "Anahtar kelimeler"),
        ("Рік", "Посилання", "Ключові слова"),
        ("Năm", "Liên kết", "Từ khóa"),
        ("發表年份", "論文鏈接", "關鍵字"),
    ],
)
def test_labels_are_known_in_more_languages(year: str, link: str, tags: str) -> None:
    post = read(f"# Otters\n\n- {year}: 2014\n- {link}: https://arxiv.org/abs/2401.00001\n- {tags}: dam\n\nThey.\n")
    assert (post.published, post.id, post.tags) == ("2014", "2401.00001", ("dam",))


@pytest.mark.parametrize(
    "tail",
    [
        " (OTTER 2016)",
        " (OTTER 2016 Oral)",
        " | OTTER 2016",
        " · 2016",
        " [OTTER 2016]",
        " — OTTER 2016",
        ". OTTER 2016.",
    ],
)
def test_no_name_is_lost_before_a_place_and_a_year(tail: str) -> None:
    post = read(f"# Otters\n\nAda Example, Bo N. Sample{tail}\n\nThey.\n")
    assert (post.authors, post.published) == (("Ada Example", "Bo N. Sample"), "2016")


def test_a_place_and_a_year_may_follow_names_after_by() -> None:
    post = read("# Otters\n\nby Ada Example, Bo Sample (Dam Lab), OTTER 2016\n\nThey.\n")
    assert (post.authors, post.published) == (("Ada Example", "Bo Sample"), "2016")


@pytest.mark.parametrize(
    "name",
    ["2024-03-05", "2024_03_05", "20240305", "2024-03-05 Tuesday", "2024-W10", "March 5th, 2024", "2024-03-05 (Di)"],
)
def test_a_diary_is_not_the_paper_that_was_read_on_a_day(name: str) -> None:
    for line in ("read https://arxiv.org/abs/2401.00001 today", "read the [paper](https://arxiv.org/abs/2401.00001)"):
        post = read(f"- {line}\n- met an otter\n", f"posts/{name}.md")
        assert (post.id, post.url) == (name, None)
        assert read(f"- {line}\n- met an otter\n", f"posts/{name} Otters.md").id == "2401.00001"
    said = read("# [Otters at Work](https://arxiv.org/abs/2401.00001)\n\nThey build.\n", f"posts/{name}.md")
    assert (said.title, said.id) == ("Otters at Work", "2401.00001")


@pytest.mark.parametrize(
    ("name", "title", "posted"),
    [
        ("2024-03-05", "2024-03-05", "2024-03-05"),
        ("2024_03_05", "2024-03-05", "2024-03-05"),
        ("20240305", "20240305", "2024-03-05"),
        ("2024-03-05 Tue", "2024-03-05 Tue", "2024-03-05"),
        ("2024-03-05_daily", "2024-03-05 daily", "2024-03-05"),
        ("March 5th, 2024", "March 5th, 2024", "2024-03-05"),
        ("2024-W10", "2024-W10", None),
        ("2024-03-05 (Tue)", "2024-03-05 (Tue)", "2024-03-05"),
        ("2024-03-05 Dienstag", "2024-03-05 Dienstag", "2024-03-05"),
        ("2024-03-05 martes", "2024-03-05 martes", "2024-03-05"),
        ("2024-03-05（火）", "2024-03-05（火）", "2024-03-05"),
        ("2024年3月5日 星期二", "2024年3月5日 星期二", "2024-03-05"),
        ("2024-03-05 Satellites", "Satellites", "2024-03-05"),
    ],
)
def test_a_diary_and_nothing_else_has_the_day_in_its_name_for_title_and_date(
    name: str, title: str, posted: str | None
) -> None:
    post = read("- met an otter\n", f"journals/{name}.md")
    assert (post.title, post.posted, post.published) == (title, posted, None)


@pytest.mark.parametrize("moment", ["1709635800", "1709635800000"])
def test_a_post_may_be_dated_in_seconds_since_1970(moment: str) -> None:
    assert read(f"---\ntitle: Otters\ncreated: {moment}\n---\nThey.\n").posted == "2024-03-05T10:50:00"


def test_a_bibliography_is_not_its_first_entry() -> None:
    entries = (
        "* Ada Example and Bo Sample. Dams of Otters in Cold Rivers. OTTER 2019. https://arxiv.org/abs/1901.00001\n"
        "  - They hold.\n"
        "* Cy Pattern and Ed Template. Burrows of Badgers in Warm Sand. DIG 2020. https://example.org/burrows\n"
        "* Flo Model and Gus Draft. Nests of Ibises over Salt Water. FLY 2021. https://example.org/nests\n"
    )
    post = read(f"# Dams\n\n{entries}", "posts/dams.md")
    assert (post.id, post.authors, post.published, post.url) == ("dams", (), None, None)
    assert all(name in post.abstract for name in ("Ada Example", "Cy Pattern", "Flo Model"))
    one = read(f"# Dams\n\n{entries[: entries.index('* Cy')]}", "posts/dams.md")
    assert (one.id, one.authors, one.published) == ("1901.00001", ("Ada Example", "Bo Sample"), "2019")


def test_a_year_is_nobody() -> None:
    assert read("# Otters\n\nAuthors: Ada Example, Bo Sample, 2006\n\nThey.\n").authors == ("Ada Example", "Bo Sample")
