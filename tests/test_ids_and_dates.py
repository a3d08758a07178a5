"""Ids and dates as people write them, in posts and queries alike."""

from __future__ import annotations

import calendar
import datetime

import pytest

from papersearch.core.errors import UsageError
from papersearch.query import dates
from papersearch.query.ids import address_of, identify, known_form


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2412.15115", ("2412.15115", None)),
        ("2412.15115v12", ("2412.15115", 12)),
        ("abs/2412.15115", ("2412.15115", None)),
        ("/pdf/2412.15115v2.pdf", ("2412.15115", 2)),
        (r"\cite{2412.15115}", ("2412.15115", None)),
        (r"\eprint{hep-th/9901001v2}", ("hep-th/9901001", 2)),
        ("arXiv:2412.15115v1", ("2412.15115", 1)),
        ("(arxiv:2412.15115)", ("2412.15115", None)),
        ("https://arxiv.org/abs/2412.15115v1", ("2412.15115", 1)),
        ("http://www.arxiv.org/pdf/2412.15115v2.pdf", ("2412.15115", 2)),
        ("arxiv.org/html/2412.15115", ("2412.15115", None)),
        ("https://huggingface.co/papers/2412.15115", ("2412.15115", None)),
        ("https://www.emergentmind.com/papers/2412.15115", ("2412.15115", None)),
        ("https://api.semanticscholar.org/graph/v1/paper/arXiv:2412.15115v2", ("2412.15115", 2)),
        ("https://papers.cool/arxiv/2412.15115", ("2412.15115", None)),
        ("DBLP:journals/corr/abs-2412-15115", ("2412.15115", None)),
        (r"\cite{DBLP:journals/corr/abs-2412-15115}", ("2412.15115", None)),
        ("https://dblp.org/rec/journals/corr/abs-2412-15115.html?view=bibtex", ("2412.15115", None)),
        ("https://ui.adsabs.harvard.edu/abs/arXiv:math/0309136", ("math/0309136", None)),
        ("https://inspirehep.net/search?p=arxiv%3A2412.15115&of=hb", ("2412.15115", None)),
        ("https://scholar.google.com/scholar?q=arxiv+2412.15115", ("2412.15115", None)),
        ("10.48550/arXiv.2412.15115", ("2412.15115", None)),
        ("https://doi.org/10.1145/3292500.3330701", ("10.1145/3292500.3330701", None)),
        ("hep-th/9901001v2", ("hep-th/9901001", 2)),
        ("http://papers.example.org/abs/doc12v1", ("doc12", 1)),
        ("https://arxiv.org/pdf/2412.15115v2#page=3", ("2412.15115", 2)),
        ("https://doi.org/10.1016/S0140-6736(20)30183-5.", ("10.1016/S0140-6736(20)30183-5", None)),
        ("(10.1000/xyz)", ("10.1000/xyz", None)),
        ("10.21203/rs.3.rs-123456/v1", ("10.21203/rs.3.rs-123456/v1", None)),
        ("https://www.biorxiv.org/content/10.1101/2021.02.03.429560v2.full", ("10.1101/2021.02.03.429560", 2)),
        ("https://doi.org/10.1145/3292500.3330701?utm_source=mail#abstract", ("10.1145/3292500.3330701", None)),
        ("math.GT/0309136", ("math/0309136", None)),
        ("cacm1410", None),
        ("transformer", None),
        ("12.5", None),
        ("3:2", None),
    ],
)
def test_ids_in_any_usual_form(text: str, expected: tuple[str, int | None] | None) -> None:
    assert identify(text) == expected


HASH = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("expected", "texts"),
    [
        (
            "2412.15115",
            """https://www.alphaxiv.org/abs/2412.15115v3 | https://ar5iv.labs.arxiv.org/html/2412.15115
            | https://ar5iv.org/abs/2412.15115 | https://www.semanticscholar.org/arxiv/2412.15115
            | https://scirate.com/arxiv/2412.15115 | doi: 10.48550/arXiv.2412.15115v2 | 2412.15115.pdf
            | http://dx.doi.org/10.48550/arXiv.2412.15115 | arXiv:2412.15115v2 (cs.CL) | 2412.15115 [cs.CL]
            | ArXiv 2412.15115 | eprint = {2412.15115}, | paper_id: 2412.15115 | paper-id=2412.15115
            | paper id: 2412.15115
            | arxiv_id: 2412.15115 | arxiv-id: 2412.15115 | arxiv id: 2412.15115 | arxivid: 2412.15115 | id: 2412.15115
            | link: https://arxiv.org/abs/2412.15115 | url = {https://arxiv.org/abs/2412.15115}
            | howpublished = {\\url{https://arxiv.org/abs/2412.15115}} | “2412.15115” | ‘2412.15115’ | «2412.15115»
            | *2412.15115* | `2412.15115` | _2412.15115_ | <https://arxiv.org/abs/2412.15115> | [2412.15115]
            | {2412.15115}
            | (2412.15115). | 2412.15115, | 2412.15115; | 2412.15115! | "2412.15115 | 2412.15115) | 2412.15115"
            | [2412.15115
            | https://export.arxiv.org/abs/2412.15115 | https://arxiv.org/src/2412.15115v1""",
        ),
        (
            "aB3dEfGhIj",
            """https://openreview.net/forum?id=aB3dEfGhIj | https://openreview.net/pdf?id=aB3dEfGhIj
            | https://openreview.net/forum?noteId=xx&id=aB3dEfGhIj""",
        ),
        (
            "P19-1001",
            """https://aclanthology.org/P19-1001.pdf | https://www.aclweb.org/anthology/P19-1001
            | https://aclanthology.info/papers/P19-1001""",
        ),
        ("2023.acl-long.1", "https://aclanthology.org/2023.acl-long.1/"),
        (
            HASH,
            f"https://www.semanticscholar.org/paper/Some-Title/{HASH} | https://www.semanticscholar.org/paper/{HASH}",
        ),
        ("CorpusID:12345", "https://api.semanticscholar.org/CorpusID:12345"),
        (
            "12345678",
            """https://pubmed.ncbi.nlm.nih.gov/12345678/ | https://www.ncbi.nlm.nih.gov/pubmed/12345678
            | https://europepmc.org/article/med/12345678 | https://europepmc.org/abstract/MED/12345678 | pmid: 12345678
            | PMID 12345678""",
        ),
        (
            "PMC1234567",
            """https://www.ncbi.nlm.nih.gov/pmc/articles/PMC1234567/ | https://pmc.ncbi.nlm.nih.gov/articles/PMC1234567/
            | pmc1234567""",
        ),
        ("10.1101/123456", "https://www.biorxiv.org/content/early/2018/01/01/123456"),
        ("10.1038/s41586-020-2649-2", "https://www.nature.com/articles/s41586-020-2649-2"),
        ("10.1038/nature14539", "https://www.nature.com/articles/nature14539"),
        ("10.1038/srep12345", "https://www.nature.com/articles/srep12345.pdf"),
        (
            "10.1145/3292500.3330701",
            """https://dl.acm.org/doi/pdf/10.1145/3292500.3330701 | doi = {10.1145/3292500.3330701},
            | doi:10.1145/3292500.3330701 | https://dl.acm.org/doi/10.1145/3292500.3330701?cid=1
            | https://x.org/doi/10.1145/3292500.3330701/full | https://x.org/doi/10.1145/3292500.3330701/abstract
            | https://x.org/doi/10.1145/3292500.3330701.short | https://x.org/doi/10.1145/3292500.3330701.full.pdf
            | https://x.org/doi/10.1145/3292500.3330701/html | https://x.org/doi/10.1145/3292500.3330701/epdf
            | https://x.org/doi/10.1145/3292500.3330701/fulltext | https://x.org/doi/10.1145/3292500.3330701.full-text
            | https://x.org/doi/10.1145/3292500.3330701/figures | https://x.org/doi/10.1145/3292500.3330701/
            | https://x.org/doi/10.1145/3292500.3330701/supplementary-material""",
        ),
        ("10.1371/journal.pone.0123456", "https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0123456"),
        (
            "10.1002/(SICI)1097-4571(1990)41:6<39::AID-I1>3.0.CO;2-9",
            "10.1002/(SICI)1097-4571(1990)41:6<39::AID-I1>3.0.CO;2-9",
        ),
    ],
)
def test_each_address_and_form_of_an_id_is_that_id(expected: str, texts: str) -> None:
    for text in texts.split(" | "):
        known = identify(text.strip())
        assert known is not None, text
        assert known[0] == expected, text


@pytest.mark.parametrize(
    "text",
    [
        "https://arxiv.org/list/cs.CL/2412",
        "https://ieeexplore.ieee.org/document/1234567",
        "https://openreview.net/group?id=x",
    ],
)
def test_an_address_without_an_id_is_none(text: str) -> None:
    assert identify(text) is None


def test_the_address_of_an_id_is_one_that_can_be_opened() -> None:
    assert address_of("2412.15115") == "https://arxiv.org/abs/2412.15115"
    assert address_of("10.1000/a<b>(c)é") == "https://doi.org/10.1000/a%3Cb%3E(c)%C3%A9"
    assert address_of("10.1016/S0140-6736(20)30183-5") == "https://doi.org/10.1016/S0140-6736(20)30183-5"
    assert address_of("PMC1234567") == "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC1234567/"
    assert identify(address_of("PMC1234567") or "") == ("PMC1234567", None)
    assert address_of("my notes") is None


def test_a_number_whose_digits_are_no_month_is_not_surely_an_id() -> None:
    assert [known_form(f"24{month}.15115") for month in ("00", "13", "99")] == [None] * 3
    assert [known_form(f"24{month}.15115") for month in ("01", "12")] == [("2401.15115", None), ("2412.15115", None)]
    assert identify("2413.15115") == ("2413.15115", None)  # who asks for it may mean it


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024", ("2024-01-01", "2024-12-31")),
        ("2024-02", ("2024-02-01", "2024-02-29")),
        ("1900-02", ("1900-02-01", "1900-02-28")),
        ("2000-02", ("2000-02-01", "2000-02-29")),
        ("2024-12-19", ("2024-12-19", "2024-12-19")),
    ],
)
def test_days_of_a_year_a_month_and_a_day(text: str, expected: tuple[str, str]) -> None:
    assert dates.bounds(text) == expected


def test_every_month_has_its_days() -> None:
    for year in (2023, 2024):
        for month in range(1, 13):
            last = calendar.monthrange(year, month)[1]
            for day in (1, last):
                assert dates.bounds(f"{year}-{month:02}-{day:02}")[0] == f"{year}-{month:02}-{day:02}"
            assert dates.bounds(f"{year}-{month:02}") == (f"{year}-{month:02}-01", f"{year}-{month:02}-{last}")
            for day in (0, last + 1):
                with pytest.raises(UsageError):
                    dates.bounds(f"{year}-{month:02}-{day:02}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "24",
        "2024-13",
        "2024-00",
        "2024-1",
        "2024-1a",
        "2024-02-30",
        "abcd",
        "0000",
        "2024-12-19-1",
        "٢٠٢٤",
        "-2024",
    ],
)
def test_what_is_no_date_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        dates.bounds(text)


@pytest.mark.parametrize(
    ("today", "text", "day"),
    [
        ("2024-03-31", "today", "2024-03-31"),
        ("2024-03-01", "yesterday", "2024-02-29"),
        ("2024-03-06", "7d", "2024-02-28"),
        ("2024-01-10", "2w", "2023-12-27"),
        ("2024-03-31", "1m", "2024-02-29"),  # the last day of a shorter month
        ("2024-03-30", "2m", "2024-01-30"),
        ("2024-03-31", "15m", "2022-12-31"),
        ("2024-02-29", "1y", "2023-02-28"),
        ("2024-02-29", "2023y", "0001-02-28"),
    ],
)
def test_days_may_be_counted_back_from_today(today: str, text: str, day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Date(datetime.date):
        @classmethod
        def today(cls) -> Date:
            return cls.fromisoformat(today)

    monkeypatch.setattr(datetime, "date", Date)
    assert dates.bounds(text) == (day, day)


@pytest.mark.parametrize("text", ["7x", "d", "9999y", "٧d", "tomorrow"])
def test_what_is_no_time_ago_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        dates.bounds(text)


def test_a_time_ago_begins_an_interval_or_ends_one() -> None:
    assert dates.interval("7d") == ("7d", None)
    assert dates.interval("2w..yesterday") == ("2w", "yesterday")
