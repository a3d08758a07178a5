"""The JSON API, by requests to the application in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the server's libraries are not installed")
pytest.importorskip("jinja2", reason="the server's libraries are not installed")

from starlette.testclient import TestClient

import papersearch
from papersearch.apps.web.api import below
from papersearch.apps.web.openapi import ADDRESSES, document
from papersearch.output import json_shapes
from tests.commands import follows, run
from tests.servers import asked


@pytest.fixture(scope="module")
def client(home: Path) -> TestClient:
    return asked(home)


def test_browsers_keep_the_programs_own_files_and_nothing_of_papers(client: TestClient) -> None:
    script = client.get("/static/app.js")
    assert script.headers["cache-control"] == "no-cache"
    unchanged = client.get("/static/app.js", headers={"if-none-match": script.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    for address in ("/", "/part?q=moe", "/paper/2412.15115", "/api/search?q=moe", "/api/papers/2412.15115", "/nothing"):
        assert client.get(address).headers["cache-control"] == "no-store"


def test_a_search_is_that_of_the_library(client: TestClient, home: Path) -> None:
    answer = client.get("/api/search", params={"q": "mixture of experts", "limit": 3}).json()
    follows("answer", answer)
    expected = json_shapes.answer_json(papersearch.open(str(home / "index")).search("mixture of experts", limit=3))
    for data in (answer, expected):
        data.pop("seconds")
        for hit in data["results"]:
            hit["path"] = Path(hit["path"]).name
    assert answer["results"]
    assert answer == expected


def test_filters_order_and_pages_are_those_of_the_command(client: TestClient, home: Path) -> None:
    index = papersearch.open(str(home / "index"))
    params = {"q": "*", "since": "2024", "sort": "oldest", "limit": 2, "offset": 1}
    found = client.get("/api/search", params=params).json()
    expected = index.search("*", since="2024", sort="oldest", limit=2, offset=1)
    assert [hit["id"] for hit in found["results"]] == [hit.id for hit in expected.results]
    assert found["total"] == expected.total


def test_papers_similar_facets_stats_and_suggestions_follow_their_schemas(client: TestClient) -> None:
    follows("paper", client.get("/api/papers/2412.15115").json())
    follows("answer", client.get("/api/papers/2412.15115v1/similar").json())
    follows("facets", client.get("/api/facets", params={"by": "year", "q": "*"}).json())
    follows("stats", client.get("/api/stats").json())
    suggested = client.get("/api/suggest", params={"q": "mixture of exp"}).json()
    assert any(each["text"].startswith("mixture of expert") for each in suggested["completions"])


@pytest.mark.parametrize("parameters", [{"by": "month", "limit": "2"}, {"by": "author"}, {"by": "tag", "q": "moe"}])
def test_facets_are_those_of_the_command(parameters: dict[str, str], client: TestClient, home: Path) -> None:
    options = [f"--{name}={value}" for name, value in parameters.items() if name != "q"]
    told = run(home, "facets", "--json", *options, parameters.get("q", "*")).json
    assert client.get("/api/facets", params=parameters).json() == told


def test_similar_papers_come_in_pages_too(client: TestClient) -> None:
    similar = "/api/papers/2412.15115/similar"
    whole, rest = client.get(similar, params={"limit": 4}).json(), client.get(similar, params={"offset": 2, "limit": 2})
    assert len(whole["results"]) == 4
    assert rest.json()["results"] == whole["results"][2:]
    assert rest.json()["total"] == whole["total"]


def test_an_address_without_parameters_says_so(client: TestClient) -> None:
    answer = client.get("/api/stats", params={"x": 1})
    assert answer.status_code == 400
    assert answer.json() == {"error": "there is no parameter 'x'", "hint": "it takes none"}


def test_a_tab_that_shows_json_has_the_icon(client: TestClient) -> None:
    assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    ("address", "status", "error"),
    [
        ("/api/search?limt=3", 400, "limt"),
        ("/api/search?limit=-1", 400, "limit"),
        ("/api/search?limit=101", 400, "limit"),
        ("/api/search?limit=100", 200, ""),
        ("/api/search?limit=3&limit=4", 400, "limit"),
        ("/api/search?" + "&".join(f"tag=tag{number}" for number in range(101)), 400, "tag was given 101 times"),
        ("/api/ask?q=moe" + "&author=qwen" * 1_000, 200, ""),
        ("/api/search?q=year:abc", 400, "abc"),
        ("/api/search?q=x&since=2024-13", 400, "2024-13"),
        ("/api/search?q=x&match=most", 400, "most"),
        ("/api/search?q=x&expand=maybe", 400, "maybe"),
        ("/api/search?q=moe&meaning=true", 400, "vectors"),
        ("/api/search?q=%FF%FE", 200, ""),
        ("/api/search?q=moe&author=&tag=+&since=&until=", 200, ""),
        ("/api/facets?by=colour", 400, "colour"),
        ("/api/papers/9999.99999", 404, "9999.99999"),
        ("/api/nothing", 404, "address"),
        ("/nothing", 404, "address"),
        ("/static/../server.py", 404, "address"),
    ],
)
def test_mistakes_are_told_with_a_hint(client: TestClient, address: str, status: int, error: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    if error:
        assert error in answer.json()["error"]
        assert "hint" in answer.json()


def test_a_mistaken_query_is_told_with_the_place_of_the_mistake(client: TestClient) -> None:
    assert client.get("/api/search?q=moe+year:abc").json()["position"] == len("moe year:")


def test_a_query_of_blanks_is_every_paper(client: TestClient) -> None:
    found = client.get("/api/search?q=+").json()
    assert found["total"] == client.get("/api/stats").json()["papers"]


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_can_be_changed(client: TestClient, method: str) -> None:
    assert getattr(client, method)("/api/search").status_code == 405


def test_no_place_on_this_machine_is_told_unless_it_is_asked_for(client: TestClient, home: Path) -> None:
    for address in ("/api/search?q=*", "/api/papers/2412.15115", "/api/stats", "/", "/paper/2412.15115"):
        assert str(home) not in client.get(address).text
    found = client.get("/api/search?q=moe").json()["results"][0]
    assert found["path"].startswith("corpus/")
    assert str(home) in asked(home, paths=True).get("/api/stats").text


def test_a_file_that_is_in_no_corpus_is_told_by_its_name_alone() -> None:
    assert below("/home/mark/posts/2024/a.md", ["/home/mark/notes", "/home/mark/posts"]) == "posts/2024/a.md"
    assert below("/home/mark/posts-old/a.md", ["/home/mark/posts"]) == "a.md"


def test_a_broken_index_tells_no_place_either(tmp_path: Path) -> None:
    client = asked(tmp_path)
    answer = client.get("/api/search?q=x")
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text
    assert "retry-after" in answer.headers
    assert client.get("/").status_code == client.get("/part").status_code == 503


def test_the_api_page_and_its_document_name_every_address(client: TestClient) -> None:
    page = client.get("/api").text
    paths = client.get("/api/openapi.json").json()["paths"]
    assert all(address.path in page for address in ADDRESSES)
    assert list(paths) == [address.path for address in ADDRESSES]
    assert document()["openapi"] == "3.1.0"
