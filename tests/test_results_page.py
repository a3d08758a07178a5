"""The page of results as HTML: where its links lead, without a script and without a browser."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

pytest.importorskip("starlette", reason="the server's libraries are not installed")
pytest.importorskip("jinja2", reason="the server's libraries are not installed")

from starlette.testclient import TestClient

import papersearch
from tests.corpora import write_post
from tests.servers import asked

ODD = "what is #1, 100% & more"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "corpus").mkdir()
    for number in range(1, 21):
        day = f"20{10 + number}-01-{number:02}"
        write_post(folder / "corpus", f"2401.{number:05}", f"Otters {number}", "Dams.", published=day)
    (folder / "corpus" / f"{ODD}.md").write_text("---\ntitle: An odd name\n---\nBeavers.\n", encoding="utf-8")
    papersearch.build(str(folder / "index"), [str(folder / "corpus")], jobs=1)
    return asked(folder)


def links(page: str, pattern: str = "") -> list[str]:
    """The addresses of a page's links, those of elements that match a pattern."""
    return [unescape(address) for address in re.findall(rf'<a {pattern}[^>]*?href="([^"]+)"', page)]


def papers(page: str) -> list[str]:
    """The addresses of the papers of a page, in order."""
    return [urlsplit(address).path for address in re.findall(r'<h2><a href="([^"]+)"', page)]


def filters(page: str, summary: str) -> dict[str, dict[str, list[str]]]:
    """Where the values of a filter lead, by value, as parameters."""
    (group,) = re.findall(rf"<summary>{summary}</summary>(.*?)</details>", page, re.DOTALL)
    found = re.findall(r'href="([^"]+)"[^>]*><span>([^<]+)</span>', group)
    return {unescape(value): parse_qs(urlsplit(unescape(address)).query) for address, value in found}


def test_the_pages_of_results_lead_to_each_other_and_hold_each_paper_once(client: TestClient) -> None:
    first = page = client.get("/?q=otters").text
    assert links(page, 'rel="prev"') == []
    shown = papers(page)
    for _ in range(5):
        following = links(page, 'rel="next"')
        if not following:
            break
        page = client.get(following[0]).text
        shown += papers(page)
    assert len(shown) == len(set(shown)) == 20
    assert links(page, 'rel="prev"') == ["./?q=otters"]
    assert papers(client.get("/?q=otters&offset=4").text) == shown[4:14]
    assert links(client.get("/?q=otters&offset=4").text, 'rel="prev"') == ["./?q=otters"]
    assert papers(first) == shown[:10]
    blank = client.get("/?q=otters&since=&until=").text  # as a form sends fields that nobody filled in
    assert links(blank, 'rel="next"') == links(first, 'rel="next"') == ["./?q=otters&offset=10"]


def test_a_filter_begins_at_the_first_page_and_an_open_year_becomes_that_year(client: TestClient) -> None:
    page = client.get("/?q=otters&since=2024&offset=4").text
    years = filters(page, "Year")
    assert list(years) == sorted(years, reverse=True)
    assert years["2024"] == {"q": ["otters"], "since": ["2024"], "until": ["2024"]}
    assert filters(client.get("/?q=otters&since=2024&until=2024").text, "Year")["2024"] == {"q": ["otters"]}


def test_without_words_the_newest_papers_come_first(client: TestClient) -> None:
    newest = [hit["id"] for hit in client.get("/api/search?q=*&sort=newest").json()["results"]]
    assert papers(client.get("/").text) == [f"./paper/{paper_id}" for paper_id in newest if paper_id != ODD] != []
    titled = papers(client.get("/?sort=title").text)
    assert titled[1:3] == ["./paper/2401.00001", "./paper/2401.00010"]


def test_a_paper_of_any_id_has_a_link_that_leads_to_it(client: TestClient) -> None:
    (address,) = papers(client.get("/?q=beavers").text)
    assert "An odd name" in client.get(address).text
    assert client.get(address).status_code == 200


def test_who_asks_in_words_that_papers_lack_is_told_that_others_may_find_more(client: TestClient) -> None:
    told = "lacks half of the words"
    assert told in client.get("/?q=otters+xylophone+glockenspiel+celesta").text
    for address in ("/?q=otters+xylophone", "/?q=xylophone+glockenspiel+celesta+marimba", "/?q=otters"):
        assert told not in client.get(address).text


def test_of_many_words_that_a_paper_lacks_the_first_are_named(client: TestClient) -> None:
    words = [f"{letter}ylophone" for letter in "bcdfghjklmnpqr"]
    for typed, others in ((words[:12], ""), (words, "and 2 more")):
        page = client.get("/", params={"q": f"otters {' '.join(typed)}"}).text
        (said, *_) = re.findall('<p class="missing">without (.*?)</p>', page)
        assert said == " ".join(f"<s>{word}</s>" for word in words[:12]) + f" {others}"


def test_who_finds_nothing_in_an_order_of_dates_is_led_to_papers_with_some_of_the_words(client: TestClient) -> None:
    page = client.get("/?q=otters+xylophone&sort=newest").text
    assert "This order asks for every word" in page
    assert papers(client.get("/?q=otters+xylophone").text)
    for address in (
        "/?q=xylophone&sort=newest",
        "/?q=xylophone+glockenspiel",
        "/?q=otters+xylophone&sort=newest&match=all",
    ):
        assert "This order" not in client.get(address).text
    (best_first,) = re.findall(r'<a href="([^"]+)" data-go>Best first</a>', page)
    assert parse_qs(urlsplit(unescape(best_first)).query) == {"q": ["otters xylophone"]}


def test_filters_that_hold_are_shown_each_with_the_way_to_take_it_off(client: TestClient) -> None:
    def chips(asked: str) -> list[tuple[str, str]]:
        (shown,) = re.findall(r'<ul class="chips".*?</ul>', client.get(f"/?q=otters&{asked}").text, re.DOTALL)
        return [
            (" ".join(re.sub("<[^>]*>", " ", each).split()), links(each)[0])
            for each in re.findall("<li>.*?</li>", shown)
        ]

    found = chips("since=2012&until=2024-06&tag=dataset&author=Ann+Author")
    assert [(text.split(" ×")[0], *parse_qs(urlsplit(way).query)) for text, way in found] == [
        ("author: Ann Author", "q", "tag", "since", "until"),
        ("tag: dataset", "q", "author", "since", "until"),
        ("since 2012", "q", "author", "tag", "until"),
        ("until 2024-06", "q", "author", "tag", "since"),
    ]
    assert [text.split(" ×")[0] for text, _ in chips("since=2024&until=2024")] == ["2024"]


def test_filters_stand_beside_results_alone_and_are_those_with_the_most_papers(client: TestClient) -> None:
    for address, filtered in (("/?q=otters", True), ("/paper/2401.00001", False), ("/?q=year:abc", False)):
        page = client.get(address).text
        assert ("<summary>Year</summary>" in page) is filtered
        assert f'data-view="{"results" if filtered else "paper"}"' in page
    assert list(filters(client.get("/?q=otters").text, "Year")) == [str(year) for year in range(2030, 2022, -1)]


def test_a_paper_leads_to_the_nearest_others(client: TestClient) -> None:
    page = client.get("/paper/2401.00001?q=otters&prefix=true").text
    similar = [way for way in links(page.partition("Similar papers")[2]) if "/paper/" in way]
    assert len(similar) == 6
    assert all(way.endswith("?q=otters&prefix=true") for way in similar)


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/part?q=otters", "otters - papersearch"),
        ("/part?q=+", "papersearch"),
        ("/part/paper/2401.00001", "Otters 1 - papersearch"),
        ("/part/facets?q=otters", "papersearch"),
        ("/part/ask?q=what+are+otters", "what are otters - papersearch"),
        ("/part?q=year:abc", "papersearch"),
    ],
)
def test_each_view_has_its_title(client: TestClient, address: str, title: str) -> None:
    assert unquote(client.get(address).headers["x-title"]) == title
    if "facets" not in address:
        assert f"<title>{title}</title>" in client.get(address.replace("/part", "") or "/").text
