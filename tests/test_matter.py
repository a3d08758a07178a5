"""What the front matter of notes says: which of several keys counts, and what of the others is text."""

from __future__ import annotations

import pytest

from papersearch.core.records import Post
from papersearch.posts.parse import parse


def read(front: str, name: str = "note.md") -> Post:
    return parse(f"posts/{name}", f"---\n{front}\n---\nThey build.\n".encode())


@pytest.mark.parametrize(
    "key",
    """pubDate pubDatetime publishedAt posted date publishDate datetime date_posted created date-created created_at
    timestamp 日付 日期""".split(),
)
def test_a_note_was_posted_on_the_day_under_any_of_these_keys_which_is_none_of_the_papers(key: str) -> None:
    post = read(f"{key}: 2024-12-23\ntitle: Otters")
    assert (post.posted, post.published) == ("2024-12-23", None)


def test_the_day_of_the_post_counts_before_that_of_the_file() -> None:
    assert read("created: 2024-12-19\ndate: 2024-12-20\npubDate: 2024-12-23").posted == "2024-12-23"
    assert read("created: 2024-12-19\ndate: 2024-12-20").posted == "2024-12-20"
    assert read("date: some day\ncreated: 2024-12-19").posted == "2024-12-19"


@pytest.mark.parametrize(("name", "posted"), [("2024-12-19-otters.md", "2024-12-19"), ("2019 otters.md", None)])
def test_the_day_in_the_name_of_a_post_is_the_one_before_a_hyphen(name: str, posted: str | None) -> None:
    assert read("title: Otters", name).posted == posted


@pytest.mark.parametrize(
    "key", "abstract abstracts 摘要 要旨 초록 description summary excerpt subtitle tldr tl;dr lead".split()
)
def test_what_is_said_of_a_paper_is_text_without_its_key(key: str) -> None:
    lines = read(f"title: Otters\n{key}: Whatever beavers gnaw").abstract.splitlines()
    assert sorted(lines) == ["They build.", "Whatever beavers gnaw"]


@pytest.mark.parametrize(
    "given",
    [
        "citekey: x",
        "citation_key: x",
        "year: 2019",
        "journal: Rivers",
        "booktitle: Rivers",
        "doi: 10.1000/x.1",
        "item-type: article",
        "itemType: article",
        "entrytype: article",
        "issn: 1",
        "isbn: 1",
        "pmid: 1",
        "zotero-key: x",
        "bibtex: x",
        "container-title: Rivers",
    ],
)
def test_an_author_beside_what_references_have_is_the_papers(given: str) -> None:
    assert read(f"author: Ada Example\n{given}").authors == ("Ada Example",)


@pytest.mark.parametrize(
    "given",
    [
        "pubDate: 2024-12-19",
        "layout: post",
        "permalink: /x",
        "draft: false",
        "categories: [x]",
        "slug: otters",
        "featured: true",
        "cover:\n  image: x.png",
        "heroImage: x.png",
    ],
)
@pytest.mark.parametrize("paper", ["year: 2019", "arxiv: 2401.00001"])
def test_an_author_beside_what_blogs_have_keeps_the_blog(given: str, paper: str) -> None:
    assert read(f"author: [Ada Example, Bo Sample]\n{paper}\n{given}").authors == ()
    assert read(f"authors: [Ada Example, Bo Sample]\n{paper}\n{given}").authors == ("Ada Example", "Bo Sample")


@pytest.mark.parametrize("given", ["abstract: They build.", "institute: Dam Lab", "documentclass: article"])
def test_several_people_in_an_article_of_pandocs_wrote_it_and_one_keeps_a_blog(given: str) -> None:
    people = "author:\n- Ada Example^[Dam Lab, ada@dams.example]\n- Bo Sample"
    post = read(f"{people}\n{given}")
    assert post.authors == ("Ada Example", "Bo Sample")
    assert "Dam Lab" in post.abstract
    assert read(f"{people}\n{given}\nlayout: post").authors == read(f"author: Ada Example\n{given}").authors == ()


def test_settings_of_pandoc_and_switches_of_people_are_no_text() -> None:
    people = "authors:\n- {name: Ada Example, corresponding: true, affiliation: Dam Lab}"
    post = read(f"{people}\ngeometry: margin=1in\nfontsize: 11pt\nexports: [pdf]\nparts:\n  abstract: They build.")
    assert (post.authors, set(post.abstract.split("\n"))) == (("Ada Example",), {"They build.", "Dam Lab"})


def test_facts_of_the_paper_may_stand_in_a_mapping_within_that_of_hugos() -> None:
    post = read("params:\n  paper:\n    authors: [Ada Example]\n    arxiv: 1706.00001\n    award: Best")
    assert (post.authors, post.id, post.abstract) == (("Ada Example",), "1706.00001", "They build.\naward: Best")


def test_a_venue_may_be_a_mapping() -> None:
    assert read("authors: Ada Example\nvenue:\n  title: Rivers Conference").abstract.endswith("\nRivers Conference")


def test_the_date_beside_other_facts_of_the_paper_is_its_own() -> None:
    post = read("pubDate: 2024-01-02\npaper:\n  authors: [Ada Example]\n  date: 2011-12-02")
    assert (post.published, (post.posted or "")[:10]) == ("2011-12-02", "2024-01-02")
    assert read("date: 2024-01-02\nparams:\n  date: 2011-12-02").published is None


def test_code_of_r_is_no_date() -> None:
    post = read("author: Ada Example\ndate: '`r Sys.Date()`'\nyear: '`r 1`'")
    assert not any(problem.reason.startswith("not a date") for problem in post.problems)


def test_particles_of_names_may_have_keys_of_their_own() -> None:
    name = "{given: Ada, family: Example, non-dropping-particle: von}"
    assert read(f"authors:\n- {name}\n- name: {name}").authors == ("Ada von Example",)


@pytest.mark.parametrize(
    ("value", "published"),
    [
        ("{date-parts: [[2014, 9, 1]]}", "2014-09-01"),
        ("{date-parts: [[2014, 9]]}", "2014-09"),
        ("{year: 2014}", "2014"),
        ("{date-parts: [[2014, 9, 1], [2015, 1, 1]]}", None),
    ],
)
def test_a_date_in_parts_is_read(value: str, published: str | None) -> None:
    assert read(f"author: Ada Example\nissued: {value}").published == published


@pytest.mark.parametrize("key", ["paper authors", "author_list", "author-names", "autores", "auteurs", "autoren"])
def test_several_people_are_the_papers_also_in_a_blog(key: str) -> None:
    assert read(f"layout: post\n{key}: Ada Example, Bo Sample").authors == ("Ada Example", "Bo Sample")


def test_authors_that_are_unknown_give_way_to_those_that_are_named() -> None:
    assert read("authors: unknown\npaper authors: Ada Example").authors == ("Ada Example",)


def test_a_citation_tells_only_what_no_other_key_does() -> None:
    cited = "citation: Bo Sample, Cy Pattern. 2017"
    assert (read(cited).authors, read(cited).published) == (("Bo Sample", "Cy Pattern"), "2017")
    assert read(f"published: 2018-03\n{cited}").published == "2018-03"
    post = read(f"authors: Ada Example\npublished: 2018-03\n{cited}")
    assert (post.authors, post.published) == (("Ada Example",), "2018-03")


def test_the_most_exact_of_the_dates_that_agree_counts_and_else_the_first() -> None:
    assert read("year: 2019\npublished: 2019-05\npublication date: 2019-05-06").published == "2019-05-06"
    assert read("published: 2019-05-06\nyear: 2018").published == "2019-05-06"
    assert read("year: 2018\npublished: 2019-05-06").published == "2018"


@pytest.mark.parametrize("key", ["source", "original", "address"])
def test_the_address_of_the_paper_is_the_first_and_that_of_what_was_saved_the_last(key: str) -> None:
    saved, paper, code = (f"https://{name}.example/x" for name in ("saved", "paper", "pdf"))
    assert read(f"{key}: {saved}\nurl: {paper}\npdf: {code}").url == paper
    assert read(f"{key}: {saved}").url == saved


def test_arxivs_id_counts_before_a_doi() -> None:
    assert read("doi: 10.1000/x.1\narxiv: 2401.00001v2").id == "2401.00001"
    assert read("doi: 10.1000/x.1\neprint: 2401.00001").id == "2401.00001"


def test_a_title_that_begins_with_a_link_of_obsidian_is_whole() -> None:
    assert read("title: '[[Otters at Work]]'").title == "Otters at Work"
    assert read("title: '[[Otters]] at Work'").title.endswith("at Work")


@pytest.mark.parametrize(
    "given",
    [
        "thumbnail: a river at dawn",
        "keywords: [river, dam]",
        "comments: off",
        "comments: yes",
        "archived: false",
        "topics: [key1, key2]",
        "release date: March 5th 2019",
        "published: Thursday, 19 décembre 2024",
        "published: Thu Dec 19 2024 10:11:12 GMT+0800 (China Standard Time)",
        "year: 19 de diciembre de 2024, 10:00 CEST",
        "arxiv: 'arXiv:2401.00001v1 [cs.RO]'",
        "venue: 2019",
        "cites: https://river.example/x",
        "logo: river.svg",
        "source: https://river.example/some words",
        "note: https://river.example, https://dams.example",
    ],
)
def test_settings_dates_tags_and_addresses_are_no_text(given: str) -> None:
    assert read(f"title: Otters\n{given}").abstract == "They build."


@pytest.mark.parametrize(
    "given",
    [
        "comments: twelve pages",
        "code: rivers in Rust",
        "url: none that works",
        "source: Rivers",
        "series: Rivers",
        "species: river otters",
        "species: rivers",
        "venue: Rivers 2019",
        "note: https://river.example tells of rivers",
        "published: Rivers 2019",
        "year: 2019 (at rivers)",
        "comments: https://river.example is on rivers",
        "link: https://river.example (a copy by the rivers)",
    ],
)
def test_what_a_person_wrote_under_a_key_is_text(given: str) -> None:
    assert given.partition(": ")[2] in read(f"title: Otters\n{given}").abstract


def test_fifteen_keys_of_somebodys_own_are_text() -> None:
    found = read("\n".join(f"{letter}y: river {letter}\n" for letter in "bcdghjklmpstvwz")).abstract
    assert all(f"river {letter}" in found for letter in "bcdghjklmpstvwz")


def test_a_date_and_tags_may_be_records_as_site_generators_have_them() -> None:
    date = "date:\n  created: 2024-05-01\n  updated: 2024-06-01"
    post = read(f"title: Otters\n{date}\ntags:\n- label: River\n  permalink: /r\n- dam")
    assert (post.posted, post.tags, post.abstract) == ("2024-05-01", ("River", "dam"), "They build.")
