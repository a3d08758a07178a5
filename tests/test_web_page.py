"""The page as HTML, by requests to the application in this process: forms, links, and texts that are never markup."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the server's libraries are not installed")
pytest.importorskip("jinja2", reason="the server's libraries are not installed")

from starlette.testclient import TestClient

import papersearch
from papersearch.apps.web.page import links_of
from papersearch.core.frozen import replace
from tests.commands import sample
from tests.corpora import write_post
from tests.servers import asked

HOSTILE = '<script>alert(1)</script> <img src=x onerror=alert(1)> "quoted" & \u202eodd'


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder = sample(tmp_path_factory.mktemp("web"))
    write_post(folder / "corpus", "2401.00001", HOSTILE, f"Wombats where a < b & c > d. {HOSTILE} And the end.")
    papersearch.build(str(folder / "index"), [str(folder / "corpus")], jobs=1)
    return asked(folder)


def test_a_filter_is_marked_and_taken_off_however_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001", "Otters", tags=["Dams"])
    papersearch.build(str(tmp_path / "index"), [str(tmp_path / "corpus")], jobs=1)
    shown = asked(tmp_path).get("/part/facets", params={"q": "otters", "tag": "dams"}).text
    (link,) = re.findall(r"<a href=\"([^\"]*)\" data-go aria-current=\"true\" data-filter><span>Dams</span>", shown)
    assert "tag=" not in link


@pytest.mark.parametrize("address", ["/nothing", "/paper", "/api/nothing", "/index.html"])
def test_a_mistyped_address_is_a_page_that_leads_back_in_a_browser(client: TestClient, address: str) -> None:
    shown = client.get(address, headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert shown.status_code == 404
    assert "<h1>There is no" in shown.text
    assert (
        f'<a href="{"../" * (shown.url.path.count("/") - 1) or "./"}" data-go data-back>Back to the search</a>'
        in shown.text
    )
    assert '<form role="search"' in shown.text
    refused = client.post("/", headers={"accept": "text/html"})
    assert refused.status_code == 405
    assert refused.headers["allow"] == client.post("/").headers["allow"]
    assert "<h1>This address does not answer POST</h1>" in refused.text


@pytest.mark.parametrize(
    ("address", "way"), [("/ask/?q=x", "../ask?q=x"), ("/api/stats/", "../stats"), ("/mcp/", "../mcp")]
)
def test_a_slash_at_the_end_leads_to_the_address_without_it_whatever_a_proxy_calls_it(
    client: TestClient, address: str, way: str
) -> None:
    for ask in (client.get, client.post):
        answer = ask(address, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (307, way)
    assert (
        client.get("http://127.0.0.1//evil.example/", follow_redirects=False).headers["location"] == "../evil.example"
    )


def test_a_page_without_an_index_is_asked_for_again_often_while_one_is_made_and_else_seldom(tmp_path: Path) -> None:
    (tmp_path / "made" / "corpus").mkdir(parents=True)
    write_post(tmp_path / "made" / "corpus", "2401.00001", "Otters")
    making = asked(tmp_path / "made").get("/part")
    assert (making.status_code, 'data-again="700"' in making.text, "<progress" in making.text) == (503, True, True)
    without = asked(tmp_path / "none").get("/part")
    assert (without.status_code, 'data-again="5000"' in without.text, "<progress" in without.text) == (503, True, False)
    assert "data-again" not in asked(tmp_path / "none").get("/part?limit=x").text


def test_lines_of_a_query_are_words_of_their_own_in_the_field(client: TestClient) -> None:
    for address in ("/?q=mixture%0Aof%0D%0Aexperts", "/?q=mixture%0Aof%0Aexperts&nothing=1"):
        page = client.get(address).text
        assert 'type="search" value="mixture of experts"' in page, "browsers leave the ends of lines out"


def test_a_page_beyond_the_last_leads_to_the_last(client: TestClient) -> None:
    total = client.get("/api/stats").json()["papers"]
    shown = client.get("/?offset=500").text
    assert f'href="./?offset={total - 10}"' in shown
    assert client.get(f"/?offset={total - 10}").text.count("data-paper") == 10


def test_texts_of_posts_never_become_markup(client: TestClient) -> None:
    for address in ("/?q=wombats", "/part?q=wombats", "/paper/2401.00001", "/?q=%3Cscript%3Ealert(2)%3C/script%3E"):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "\u202e" not in page
    assert "a &lt; b &amp; c &gt; d" in client.get("/paper/2401.00001").text


def test_other_posts_of_a_paper_are_told_with_their_place_below_the_corpus(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    (corpus / "older").mkdir(parents=True)
    write_post(corpus, "2401.00001v2", "Wombats", name="new")
    write_post(corpus / "older", "2401.00001v1", "Wombats", name="old")
    papersearch.build(str(tmp_path / "index"), [str(corpus)], jobs=1)
    page = asked(tmp_path).get("/paper/2401.00001").text
    assert "corpus/new.md" in page
    assert "corpus/older/old.md" in page
    assert str(tmp_path) not in page


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names of files")
@pytest.mark.parametrize("paths", [False, True])
def test_a_post_in_a_file_whose_name_is_no_unicode_has_its_page(paths: bool, tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    for version in (1, 2):  # the older one is told beside the other
        name = os.fsdecode(b"caf\xe9%d.md" % version)
        post = f"---\ntitle: Otters\npaper_id: 2401.00001v{version}\n---\nText.\n"
        (tmp_path / "corpus" / name).write_text(post, "utf-8")
    papersearch.build(tmp_path / "index", tmp_path / "corpus", jobs=1)
    page = asked(tmp_path, paths=paths).get("/paper/2401.00001")
    assert page.status_code == 200
    assert "caf\ufffd1.md" in page.text
    assert "caf\ufffd2.md" in page.text


def test_links_of_posts_are_links_only_to_the_web(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text("---\ntitle: Odd link\nurl: javascript:alert(1)\n---\nBody.\n", encoding="utf-8")
    index = papersearch.build(str(tmp_path / "index"), [str(corpus)], jobs=1)
    paper = index.paper(index.search("odd").results[0].id)
    assert "javascript:" not in asked(tmp_path).get(f"/paper/{paper.id}").text
    # Whatever an index says that others made.
    assert [links_of(replace(paper, url=url)) for url in ("javascript:alert(1)//x/y", "file:///etc/passwd")] == [[], []]
    assert links_of(replace(paper, id="10.1145/1234.5678", url=None)) == [
        ("doi.org", "https://doi.org/10.1145/1234.5678")
    ]
    assert links_of(replace(paper, url="https://arxiv.org/abs/2401.00001v2")) == [
        ("arxiv.org", "https://arxiv.org/abs/2401.00001v2"),
        ("PDF", "https://arxiv.org/pdf/2401.00001v2"),
    ]


def test_without_script_the_page_is_a_form_with_results_and_links(client: TestClient) -> None:
    page = client.get("/?q=mixture+of+experts&sort=newest").text
    assert '<form role="search" action="./" method="get"' in page
    assert "<mark>" in page
    assert re.search(r'<option value="newest" selected>', page)
    assert 'href="./paper/' in page
    assert re.search(r'href="\./\?[^"]*since=2024[^"]*"', page)
    empty = client.get("/?q=xyzzyplugh").text
    assert "Nothing found" in empty


def test_filters_can_be_taken_off_again(client: TestClient) -> None:
    page = client.get("/?q=model&tag=dataset&since=2024&until=2024").text
    chips = re.search(r'<ul class="chips".*?</ul>', page, re.DOTALL)
    assert chips is not None
    links = re.findall(r'href="([^"]+)"', chips[0])
    assert [sorted(re.findall(r"(tag|since)=", link)) for link in links] == [["since"], ["tag"]]


@pytest.mark.parametrize("asked", ["q=moe&author=Nobody+Here", "q=year:abc&tag=dataset"])
def test_filters_can_be_taken_off_also_where_there_is_no_answer(client: TestClient, asked: str) -> None:
    answer = client.get("/?" + asked)
    assert answer.status_code in (400, 404)
    chips = re.search(r'<ul class="chips".*?href="([^"]+)"', answer.text, re.DOTALL)
    assert chips is not None
    assert chips[1] == "./?" + asked.rpartition("&")[0].replace(":", "%3A")
    assert "Back to the search" not in answer.text
    assert "Back to the search" in client.get("/paper/9999.99999").text


def test_a_long_query_does_not_make_headers_longer_than_a_proxy_takes(client: TestClient) -> None:
    answer = client.get("/part", params={"q": "🦦" * 500})
    assert answer.status_code == 200
    assert sum(len(name) + len(value) + 4 for name, value in answer.headers.raw) < 4096 - 500  # what the proxy adds


def test_what_the_field_takes_can_be_asked_in_any_script(client: TestClient) -> None:
    page = client.get("/").text
    longest = int(re.findall(r'maxlength="(\d+)"', page)[0])
    assert client.get("/part", params={"q": "模" * longest, "prefix": "true"}).status_code == 200
