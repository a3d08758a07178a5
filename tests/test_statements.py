"""Which of several statements of a fact counts in a note."""

from __future__ import annotations

import pytest

from papersearch.core.records import Post
from papersearch.posts.parse import Unreadable, parse


def read(*facts: str, head: str = "# Otters") -> Post:
    lines = "".join(f"- {fact}\n" for fact in facts)
    return parse("posts/note.md", f"{head}\n\n{lines}\nThey build.\n".encode())


@pytest.mark.parametrize(
    ("facts", "tags"),
    [
        (["Topics: dam", "Tags: river"], ("river",)),
        (["Tags: river", "Topics: dam"], ("river",)),
        (["Topics: dam", "Category: river"], ("dam",)),
        (["Tags: river", "Keywords: dam"], ("river",)),
        (["Tags: TBD", "Keywords: dam"], ("dam",)),
    ],
)
def test_tags_count_before_topics_and_else_the_first(facts: list[str], tags: tuple[str, ...]) -> None:
    assert read(*facts).tags == tags


@pytest.mark.parametrize(
    ("facts", "published"),
    [
        (["Year: 2019", "Date: 2019-05-06"], "2019-05-06"),
        (["Year: 2018", "Date: 2019-05-06"], "2018"),
        (["Journal: Rivers 2018", "Conference: OTTER 2019"], "2018"),
        (["Journal: Rivers 2018", "Date: 2019-05-06"], "2019-05-06"),
        (["arXiv: 2401.00001 (OTTER 2018)", "Date: 2019-05-06"], "2019-05-06"),
        (["arXiv: 2401.00001 [cs.RO] 3 Jan 2024", "Year: 2024"], "2024-01-03"),
        (["Source: OTTER 2025"], "2025"),
        (["Source: a talk in which somebody told at length how otters were counted in 2019, and why"], None),
        (["Date: 2019-05-06", "Cite as: Ada Example et al. 2018"], "2019-05-06"),
        (["Date: TBD", "Year: 2019"], "2019"),
    ],
)
def test_the_first_date_counts_or_the_more_exact_and_a_venues_only_without(
    facts: list[str], published: str | None
) -> None:
    assert read(*facts).published == published


@pytest.mark.parametrize(
    ("facts", "authors"),
    [
        (["Authors: Ada Example", "Citation: Bo Sample et al. 2017"], ("Ada Example",)),
        (["Citation: Bo Sample et al. 2017"], ("Bo Sample",)),
        (["Related: Bo Sample et al. 2017"], ()),
        (["Authors: TBD", "Written by: Ada Example"], ("Ada Example",)),
        (["Authors: Ada Example", "Creators: Bo Sample"], ("Ada Example",)),
    ],
)
def test_authors_are_those_that_are_named_first_and_none_of_other_papers(
    facts: list[str], authors: tuple[str, ...]
) -> None:
    assert read(*facts).authors == authors


def test_a_label_of_authors_counts_before_the_line_below_the_title() -> None:
    post = parse("posts/note.md", b"# Otters\n\nAuthors: Ada Example\n\nBo Sample, Cy Pattern, 2017\n\nThey build.\n")
    assert post.authors == ("Ada Example",)


@pytest.mark.parametrize(
    ("facts", "title"),
    [
        (["Paper: Otters at Work", "Article: Beavers at Rest"], "Otters at Work"),
        (["Paper: https://otters.example/x"], "note"),
        (["Paper: pdf"], "note"),
        (["Title: TBD"], "note"),
        (["Title: @example2019"], "@example2019"),
        (["Title: @Otters at Work"], "Otters at Work"),
    ],
)
def test_the_title_is_what_a_label_of_the_paper_says_unless_that_is_none(facts: list[str], title: str) -> None:
    assert read(*facts, head="## Metadata").title == title


ARXIV = "https://arxiv.org/abs/2401.0000"


@pytest.mark.parametrize(
    ("head", "facts", "paper_id"),
    [
        ("# [2401.00001] Otters", ["arXiv: 2401.00002"], "2401.00002"),
        ("# [2401.00001] Otters", [f"Link: {ARXIV}3"], "2401.00001"),
        ("# Otters", [f"Link: {ARXIV}3", "arXiv: 2401.00002"], "2401.00002"),
        ("# Otters", [f"They go on in many ways from the [Beavers at Rest]({ARXIV}1)"], "2401.00001"),
        ("# Otters", [f"They go on from the [Beavers]({ARXIV}1) as much as from the [Eels]({ARXIV}2)"], "note"),
    ],
)
def test_the_paper_is_the_one_that_is_named_before_one_that_is_linked(
    head: str, facts: list[str], paper_id: str
) -> None:
    assert read(*facts, head=head).id == paper_id


@pytest.mark.parametrize(
    ("facts", "url"),
    [
        ([f"Link: {ARXIV}1", "PDF: https://arxiv.org/pdf/2401.00001"], f"{ARXIV}1"),
        (["Link: https://otters.example/x", f"PDF: {ARXIV}1"], f"{ARXIV}1"),
        (["Link: https://otters.example/x", "PDF: https://otters.example/y"], "https://otters.example/x"),
        (["Link: ftp://otters.example/x.pdf"], "ftp://otters.example/x.pdf"),
    ],
)
def test_the_address_is_the_first_that_names_the_paper_or_else_the_first(facts: list[str], url: str) -> None:
    assert read(*facts).url == url


FRONT = (
    "---\ntitle: Otters\nauthors: [Ada Example]\nurl: https://otters.example/x\narxiv: 2401.00001\ntags: [dam]\n---\n"
)


def test_front_matter_counts_before_the_text() -> None:
    body = f"# Beavers\n\n- Authors: Bo Sample et al.\n- Link: {ARXIV}2\n- Tags: river\n\nThey build.\n"
    post = parse("posts/note.md", (FRONT + body).encode())
    assert (post.title, post.authors, post.et_al) == ("Otters", ("Ada Example",), False)
    assert (post.id, post.url, post.tags) == ("2401.00001", "https://otters.example/x", ("dam",))


@pytest.mark.parametrize(
    ("facts", "known"),
    [
        (["arXiv: 2401.00001v1", f"arXiv: {ARXIV}1v3", "DOI: 10.1000/x.1"], ("2401.00001", 3)),
        (["DOI: 10.1000/x.1", "PMCID: PMC1234567"], ("10.1000/x.1", None)),
        (["PMCID: PMC1234567", "DOI: 10.1000/x.1"], ("10.1000/x.1", None)),
        (["arXiv: 2401.00001", "arXiv: 2401.00002"], ("note", None)),
    ],
)
def test_of_several_ids_arxivs_counts_before_a_doi_before_others_and_none_where_two_differ(
    facts: list[str], known: tuple[str, int | None]
) -> None:
    post = read(*facts)
    assert (post.id, post.version) == known


def test_the_first_of_two_sections_of_one_name_counts_and_another_label_ends_one() -> None:
    first = (
        "# title: Otters\n## paper id\n2401.00001\n## authors:\nAda Example\n**Venue:** Rivers\n## abstracts:\nThey.\n"
    )
    post = parse("posts/note.md", f"{first}## paper id\n2401.00002\n## authors:\nBo Sample\n".encode())
    assert (post.id, post.authors) == ("2401.00001", ("Ada Example",))
    assert all(word in post.abstract for word in ("They.", "Rivers", "Bo Sample"))


def test_a_heading_within_code_is_none() -> None:
    post = parse("posts/note.md", b"```sh\n# Build Dams of Reeds\n```\n\n# Otters\n\nThey build.\n")
    assert post.title == "Otters"


def test_what_is_full_of_nothing_is_no_text() -> None:
    with pytest.raises(Unreadable, match="binary"):
        parse("posts/note.md", b"# Otters\n\n" + b"a\0" * 900)
    assert parse("posts/note.md", b"# Otters\n\nThey\0build. " + b"They dig. " * 200).title == "Otters"


def test_another_version_in_the_link_is_told() -> None:
    text = "# title: Otters\n## publish date:\n2024-01-02\n## authors:\nAda\n## paper id\n2401.00001v1\n## download\n"
    post = parse("posts/note.md", f"{text}[2401.00001v2]({ARXIV}1v2)\n## abstracts:\nThey.\n## QA:\n\n".encode())
    assert any("two ids: 2401.00001v1 and 2401.00001v2" in problem.reason for problem in post.problems)


def test_a_bold_label_of_the_paper_needs_no_colon() -> None:
    assert parse("posts/note.md", b"**Paper** [Otters](https://otters.example/x)\n\nThey.\n").title == "Otters"


@pytest.mark.parametrize(
    "table",
    ["| Title | Otters {0} Eels | Year | 2019 |", "| Title | Year |\n|---|---|\n| Otters {0} Eels | 2019 |"],
)
def test_a_bar_within_a_cell_stays_in_the_title(table: str) -> None:
    post = parse("posts/note.md", f"{table.format(chr(92) + '|')}\n\nThey.\n".encode())
    assert (post.title, post.published) == ("Otters | Eels", "2019")


@pytest.mark.parametrize(
    ("facts", "published", "told"),
    [
        ("Published: 2024-12-19\nDate: soon", "2024-12-19", [(4, "not a date: soon")]),
        ("Published: soon", None, [(3, "not a date: soon"), (0, "no date")]),
        ("Published: 2024-12-19", "2024-12-19", []),
    ],
)
def test_what_a_label_says_that_is_no_date_is_told(
    facts: str, published: str | None, told: list[tuple[int, str]]
) -> None:
    post = parse("otters.md", f"# Otters\n\n{facts}\n\nOtters dig.\n".encode())
    assert (post.published, [(each.line, each.reason) for each in post.problems]) == (published, told)


def test_a_note_that_names_nobody_has_no_others_either() -> None:
    post = parse("otters.md", b"# Otters\n\nOtters dig.\n")
    assert (post.authors, post.et_al) == ((), False)
