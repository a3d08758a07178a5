"""What notes say of when and where a paper appeared."""

from __future__ import annotations

import pytest

from papersearch.posts import dates
from tests.parsed import read_note as read


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("Publishing/Release Date: Feb 22, 2017", "2017-02-22"),
        ("Publishing Date: 2017", "2017"),
        ("**Venue:** 9th Conference on Otters (OTTER '24), April 27-May 1, 2024", "2024-05-01"),
        ("Venue: T-RO '24", "2024"),
        ("Venue: we '24", None),
    ],
)
def test_templates_say_when_a_paper_appeared(line: str, published: str | None) -> None:
    post = read(f"# Otters at Work\n\nAuthor: Ada Example\n{line}\nStatus: Finished\n\nThey build.\n")
    assert post.published == published


def test_a_venue_of_two_letters_begins_a_title_with_its_year() -> None:
    assert (dates.year_at_start("[2019 SC] Otters"), dates.year_at_start("[2019 to] Otters")) == ("2019", None)


def test_a_year_in_brackets_begins_a_name_and_published_at_is_when_a_post_was_posted() -> None:
    post = read("---\npublished_at: '2026-02-09T14:03:34Z'\n---\nThey build.\n", "(2017) Otters at Work.md")
    assert (post.published, post.posted) == ("2017", "2026-02-09T14:03:34")


@pytest.mark.parametrize("heading", ["Meta Info", "Meta Information", "Metadata"])
@pytest.mark.parametrize(
    ("line", "published", "url"),
    [
        ("Presented in [OTTER 2019](https://dams.example/otters).", "2019", "https://dams.example/otters"),
        ("*Accepted at [OTTER '19](https://dams.example/otters)*", "2019", "https://dams.example/otters"),
        ("Published at [OTTER'19](https://dams.example/otters) (Vol. 1, No. 2)", "2019", "https://dams.example/otters"),
        (
            r"Published in [Rivers and Dams 2019](https://dams.example/otters). \[ [Video](https://video.example/7) ]",
            "2019",
            "https://dams.example/otters",
        ),
        ("Published in the Proceedings of OTTER 2019", "2019", None),
        ("Accepted to OTTER 2019. I can see why [they](https://dams.example/they) like it.", None, None),
        ("Accepted by many people in 2019", None, None),
    ],
)
def test_a_line_among_the_facts_says_where_and_when_a_paper_appeared(
    heading: str, line: str, published: str | None, url: str | None
) -> None:
    post = read(
        f"# Otters at Work\n\n## {heading}\n\n{line}\n\nAuthors: Ada Example (_Dam Lab_), Bo Sample\n\n## TL;DR\n"
    )
    assert (post.authors, post.published, post.url) == (("Ada Example", "Bo Sample"), published, url)
    assert line.split()[0].strip("*") in post.abstract


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("> OTTER '08", "2008"),
        ("> Rivers OTTER’16", "2016"),
        ("> Example, OTTER '79", "1979"),
        ("> DAM/OTTER 2016", "2016"),
        ("> Proceedings of the 2nd Workshop on Otters at Work, November 2009", "2009-11"),
        ("Communications of the Otters, July 1970", "1970-07"),
        ("IEEE 27th International Conference on Dam Engineering (ICDE), 2011", "2011"),
        ("PVOTTER, November 2014", None),
        ("Proceedings of the Otters, 2009 and 2011", None),
        ("International trade grew in 2019", None),
        ("The workshop took place in 2019", None),
    ],
)
def test_a_line_below_the_title_says_in_which_proceedings_a_paper_appeared(line: str, published: str | None) -> None:
    post = read(f"# Otters at Work\n\n{line}\n\nThey build.\n")
    assert (post.published, post.authors) == (published, ())


@pytest.mark.parametrize(
    ("name", "title", "published"),
    [
        ("2013 Otters at Work In Rivers.md", "Otters at Work: in Rivers", "2013"),
        ("2013 - Otters at Work In Rivers.md", "Otters at Work: in Rivers", "2013"),
        ("2013 Otters.md", "Otters", None),
        ("2013 What I Read.md", "Otters at Work: in Rivers", None),
        ("2013-otters-at-work-in-rivers.md", "Otters at Work: in Rivers", None),
    ],
)
def test_a_name_with_the_title_behind_a_year_says_when_the_paper_appeared(
    name: str, title: str, published: str | None
) -> None:
    assert read(f"# {title}\n\nThey build.\n", name).published == published


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("_Aug 2015_", "2015-08"),
        ("August 2015", "2015-08"),
        ("9 Aug 2015", "2015-08-09"),
        ("Aug 2018", None),
        ("2015", None),
    ],
)
def test_a_date_alone_below_the_title_is_the_papers_if_its_id_is_of_that_month(
    line: str, published: str | None
) -> None:
    assert (
        read(f"## [Otters at Work](https://arxiv.org/abs/1508.00009)\n{line}\n\nThey build.\n").published == published
    )
    assert read(f"## [Otters at Work](https://dams.example/1508.00009)\n{line}\n\nThey build.\n").published is None


@pytest.mark.parametrize(
    ("value", "published"),
    [
        ("2022 (received Dec 2020, accepted Aug 2021)", "2022"),
        ("2021 (arXiv 3 May 2021)", "2021-05-03"),
        ("2021-05 (first 2019)", "2021-05"),
        ("March 2021, first 2019-02-03", "2019-02-03"),
    ],
)
def test_a_year_at_the_beginning_is_not_the_date_in_brackets_of_another(value: str, published: str) -> None:
    assert read(f"# Otters at Work\n\n- Author: Ada Example\n- Year: {value}\n\nThey build.\n").published == published


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ("venue: Conference on Otters (OTTER 2019)", "2019"),
        ("conference: OTTER'19\ndate: 2024-01-05", "2019"),
        ("venue: OTTER 2019\nyear: 2018", "2018"),
        ('journal: "[[2024-01-05]]"', None),
        ("venue: arXiv:2010.11929", None),
    ],
)
def test_the_venue_in_front_matter_says_when_the_paper_appeared_where_nothing_else_does(
    head: str, published: str | None
) -> None:
    assert read(f"---\npaper_title: Otters\n{head}\n---\nThey build.\n").published == published


@pytest.mark.parametrize(
    ("line", "paper_id", "published"),
    [
        ("版本/日期：arXiv:2405.04434v2，2024-05", "2405.04434", "2024-05"),
        ("arXiv: 2405.04434，2024-05-07", "2405.04434", "2024-05-07"),
        ("arXiv: 2405.04434（2024 年 5 月）", "2405.04434", "2024-05"),
        ("arXiv: 2405.04434, May 2024", "2405.04434", "2024-05"),
        ("Date: May 2024, arXiv:2405.04434", "2405.04434", "2024-05"),
        ("Venue: OTTER 2024, arXiv:2405.04434", "2405.04434", "2024"),
        ("DOI: 10.1000/otters.7。", "10.1000/otters.7", None),
    ],
)
def test_an_id_and_a_date_stand_beside_each_other(line: str, paper_id: str, published: str | None) -> None:
    post = read(f"# Otters at Work\n\n## Notes\n\n## 来源\n\n- {line}\n\n## Text\nThey build.\n")
    assert (post.id, post.published) == (paper_id, published)


@pytest.mark.parametrize("mark", ["", "> "])
@pytest.mark.parametrize(
    ("line", "published"), [("Otter Lab, 2024", "2024"), ("Otter Lab of Dams, 2024", None), ("In May, 2024", None)]
)
def test_a_place_and_a_year_stand_between_a_title_and_its_authors(line: str, published: str | None, mark: str) -> None:
    post = read(f"# Otters at Work\n\n{mark}{line}\n{mark}Ada Example, Bo Sample et al.\n\nThey build.\n")
    assert post.published == published
    assert line in post.abstract
    assert post.authors == (("Ada Example", "Bo Sample") if published else ())
    assert read(f"# Otters at Work\n\n{mark}{line}\n\nThey build.\n").published is None


@pytest.mark.parametrize("label", ["Year", "DOI"])
def test_a_comment_in_place_of_a_fact_is_no_mistake(label: str) -> None:
    comment = "<!-- what to write here,\n  and how -->"
    assert [
        each.reason for each in read(f"# Otters\n\n## {label}\n\n{comment}\n\n## Text\nThey build.\n").problems
    ] == ["no date"]


@pytest.mark.parametrize("mark", ["", "- ", "> "])
@pytest.mark.parametrize(
    ("line", "published"), [("OTTER 2021", "2021"), ("OTTER '21 (Oral)", "2021"), ("River Dam 2021 was", None)]
)
def test_a_venue_stands_right_below_the_authors_without_a_label(line: str, published: str | None, mark: str) -> None:
    """37 notes of one reader had no year."""
    post = read(f"# Otters at Work\n{mark}Author: Ada Example, Bo Sample\n{mark}{line}\n\n**Summary**\n- They build.\n")
    assert (post.authors, post.published) == (("Ada Example", "Bo Sample"), published)
    assert line in post.abstract
