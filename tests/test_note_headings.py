"""Which heading of a note is its title, and which are none."""

from __future__ import annotations

import pytest

from tests.parsed import read_note as read

SECTIONS = "# Setup\nWater.\n\n# Results\nDams.\n"


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("Otters in Rivers", SECTIONS, "Otters in Rivers"),
        ("Otters in Rivers", "- # Setup\n\t- Water.\n- # Results\n\t- Dams.\n", "Otters in Rivers"),
        ("Otters in Rivers", "- **Title**: Dams\n\n" + SECTIONS, "Dams"),
        ("Otters in Rivers", "# Setup: Otters\nWater.\n\n# Results\nDams.\n", "Setup: Otters"),
        ("Otters in Rivers", "# Setup\n\n## Results\nDams.\n", "Setup"),
        (
            "Otters in Rivers",
            "# How Beavers Came to Build Dams\n\n# Results\nDams.\n",
            "How Beavers Came to Build Dams",
        ),
        ("Otters", SECTIONS, "Otters"),
        ("Otters", "# Dams and Reeds\n\n# Results\nDams.\n", "Dams and Reeds"),
        ("otters", SECTIONS, "Setup"),
        ("README", SECTIONS, "Setup"),
        ("Notes", SECTIONS, "Setup"),
        ("otters-in-rivers", SECTIONS, "Setup"),
        ("Example 2019", SECTIONS, "Setup"),
        ("Example and Sample 2019", SECTIONS, "Setup"),
        ("paper 12", SECTIONS, "Setup"),
        ("Reading notes", SECTIONS, "Setup"),
        (
            "Otters",
            "## What problem do they solve? Setup\nDams.\n\n## How?\nReeds.\n",
            "What problem do they solve? Setup",
        ),
        ("Otters", "## Which problem does the Setup solve?\nDams.\n\n## How well does it?\nReeds.\n", "Otters"),
        ("Otters", "# How Powerful Are Dams of a Setup?\n\n# Notes\nReeds.\n", "How Powerful Are Dams of a Setup?"),
    ],
)
def test_a_note_that_begins_with_a_section_is_titled_by_the_name_of_its_file(name: str, text: str, title: str) -> None:
    post = read(text, f"posts/{name}.md")
    assert post.title == title
    assert "Dams" in post.title + post.abstract
    assert ("Setup" in post.title + post.abstract) == ("Setup" in text)


@pytest.mark.parametrize(("opening", "closing"), [("<!--", "-->"), ("%%", "%%"), ("%% template", "%%")])
def test_headings_within_comments_are_none(opening: str, closing: str) -> None:
    above = f"{opening}\n# How to fill in this template\n\n## Abstract\nUnseen.\n{closing}\n"
    post = read(f"{above}# Otters at Work\n\n**Authors**: Ada Example\n\n## Abstract\nThey build.\n")
    assert (post.title, post.authors, post.abstract) == ("Otters at Work", ("Ada Example",), "They build.")
    below = read(f"# Otters\n\nThey build.\n\n{above}\n## Teeth\nSharp.\n")
    assert below.abstract == "They build.\nTeeth\nSharp."


@pytest.mark.parametrize("tag", ["pre", "script", "style"])
def test_headings_within_html_that_is_no_markdown_are_none(tag: str) -> None:
    above = f"<{tag}>\n# install it first\nmake dams\n</{tag}>\n"
    post = read(f"{above}\n# Otters at Work\n\n**Authors**: Ada Example\n\nThey build.\n")
    assert (post.title, post.authors) == ("Otters at Work", ("Ada Example",))
    assert ("install it first\nmake dams" in post.abstract) == (tag == "pre")


def test_what_code_shows_of_comments_and_one_that_a_heading_ends_hide_no_heading() -> None:
    assert read("# Otters\n\n```html\n<!--\n```\n\n## Abstract\nSharp.\n\n`-->` ends it.\n").abstract.startswith(
        "Sharp."
    )
    assert read("# Otters\n\na <!-- b\n\n## Abstract\nTails -->\n").abstract.startswith("Tails")


@pytest.mark.parametrize("line", ["Tags: #dams #rivers", "[[Home]] > [[Rivers]]", "Date: 2024-05-01"])
def test_a_fact_or_links_to_other_notes_right_above_a_rule_are_no_title(line: str) -> None:
    assert read(f"{line}\n---\n\n# Otters at Work\n\nThey build.\n").title == "Otters at Work"
    assert read("Notes: Otters at Work\n---\n\nThey build.\n").title == "Notes: Otters at Work"


@pytest.mark.parametrize("key", ["@example2019", "[[@example2019]]"])
def test_a_heading_that_is_the_key_of_a_reference_is_no_title_and_stays_text(key: str) -> None:
    post = read(f"# {key}\n\n## Otters at Work\n\nAuthors: Ada Example\n\nThey build.\n")
    assert (post.title, post.authors) == ("Otters at Work", ("Ada Example",))
    assert "@example2019" in post.abstract


@pytest.mark.parametrize("rule", ["---", "***", "_ _ _", "> ---"])
@pytest.mark.parametrize("blank", ["", "\n"], ids=["close", "apart"])
@pytest.mark.parametrize("label", ["**Authors:**", "## Authors", "- Authors:"])
def test_a_rule_ends_the_facts_above_it(label: str, blank: str, rule: str) -> None:
    """The first paragraph below a list of authors was one of them, and not found in the text."""
    post = read(f"# Voles\n\n{label}\n  - Ada Example\n  - Bo Sample\n{blank}{rule}\n{blank}Body Otter.\n")
    assert post.authors == ("Ada Example", "Bo Sample")
    assert "Body Otter." in post.abstract


def test_front_matter_without_its_first_line_ends_at_its_last() -> None:
    post = read("title: Voles\ndate: 2023-05-06\ntags:\n- deep dams\n- rivers\n---\nThey dig.\n")
    assert (post.title, post.published, post.tags) == ("Voles", "2023-05-06", ("deep dams", "rivers"))
    assert "They dig." in post.abstract


def test_a_rule_in_the_first_line_above_a_blank_one_begins_no_front_matter() -> None:
    post = read("---\n\n<p>Otters build.</p>\n\nThey do.\n")
    assert not [each for each in post.problems if "front matter" in each.reason]
    assert "Otters build." in post.abstract
    endless = read("---\n\ntitle: Otters\n\nThey build.\n")
    assert [each.reason for each in endless.problems if "front matter" in each.reason]


def test_a_rule_right_below_a_heading_ends_nothing() -> None:
    assert read("# Voles\n\n## Tags\n\n---\n\ndams, rivers\n\n## Text\nThey dig.\n").tags == ("dams", "rivers")


def test_a_first_heading_that_names_people_and_a_year_is_no_title() -> None:
    post = read(
        "#### Ada Example, Bo Sample, and Cy Pattern, 2002\n#### Summary\nThey build.\n", "p/Otters in Rivers.md"
    )
    assert (post.title, post.published) == ("Otters in Rivers", "2002")
    assert post.authors == ("Ada Example", "Bo Sample", "Cy Pattern")
    post = read("# Ada Example, Bo Sample, 2002\n\n# Otters\n\nThey.\n", "p/x.md")
    assert "Otters" in post.title + post.abstract
    assert post.authors == ("Ada Example", "Bo Sample")
    assert read("# Otters and Dams, 2002\n\nThey.\n", "p/x.md").title == "Otters and Dams, 2002"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("## 1. Setup of the Dams and Reeds", "## 2. Results"),
        ("# 1 Dams", "# 2 Reeds"),
        ("# 一、水獭", "# 二、水坝"),
        ("## [2017] Dams", "## [2018 OTTER] Reeds\n\n## [2019] Voles"),
        ("## Dams (2017)", "## Reeds (OTTER 2018)\n\n## Voles (2019)"),
        ("## More on this:", "## Notes"),
    ],
)
def test_the_first_of_several_sections_or_papers_is_no_title(first: str, second: str) -> None:
    """It had the year of the first of many papers, too."""
    post = read(f"{first}\nWater.\n\n{second}\nMud.\n", "p/otters-in-rivers.md")
    assert (post.title, post.published) == ("otters in rivers", None)
    assert all(word in post.abstract for word in first.strip("# ").split())
    assert read(f"{first}\nWater.\n\n### Mud\n\nMud.\n", "p/otters-in-rivers.md").title != "otters in rivers"


@pytest.mark.parametrize("heading", ["## 1.1 Dams", "## 10 Dams", "## 1984 Dams"])
def test_a_heading_with_another_number_may_be_the_title(heading: str) -> None:
    assert read(f"{heading}\nWater.\n\n## 2 Reeds\nMud.\n", "p/x.md").title == heading.strip("# ")


@pytest.mark.parametrize("heading", ["Definition", "Key Takeaways", "定义"])
def test_a_heading_of_any_note_is_no_title(heading: str) -> None:
    post = read(f"# {heading}\n\t- Water.\n", "pages/Otter Dams.md")
    assert (post.title, heading in post.abstract) == ("Otter Dams", True)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("- # Significance\n\t- Water.\n", "Otter Dams"),
        ("- # Significance\n\t- Authors:: Ada Example\n", "Significance"),
        ("- # The Otter\n\t- Water.\n", "The Otter"),
    ],
)
def test_a_page_of_an_outline_is_named_by_its_file(text: str, title: str) -> None:
    assert read(text, "pages/Otter Dams.md").title == title


def test_comments_beside_settings_of_a_site_are_no_headings() -> None:
    post = read("---\n# Feel free to dig here.\n# More below.\n\nlayout: home\n---\nOtters.\n", "p/otters.md")
    assert (post.title, post.abstract) == ("otters", "Otters.")
