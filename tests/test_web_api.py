"""The JSON API, by requests to the application in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the server's libraries are not installed")
pytest.importorskip("jinja2", reason="the server's libraries are not installed")

from starlette.testclient import TestClient

import papersearch
from papersearch.apps.web import params
from papersearch.apps.web.api import below
from papersearch.apps.web.openapi import ADDRESSES, document
from papersearch.output import json_shapes
from tests.commands import follows, run
from tests.corpora import write_post
from tests.processes import wait_for
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


OPTIONS: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("moe", "author", "qwen", {"authors": "qwen"}, "search facets ask"),
    ("models", "tag", "dataset", {"tags": "dataset"}, "search facets"),
    ("models", "tag", "dataset on github", {"tags": "dataset on github"}, "ask"),
    ("models", "since", "2024-12-20", {"since": "2024-12-20"}, "search facets ask"),
    ("models", "until", "2024-06", {"until": "2024-06"}, "search facets ask"),
    ("mixture of experts", "match", "all", {"match": "all"}, "search"),
    ("mixture of experts", "match", "any", {"match": "any"}, "facets"),
    ("models -moe", "syntax", "false", {"syntax": False}, "search facets"),
    ("moe", "expand", "no", {"expand": False}, "search facets"),
    ("mod", "prefix", "yes", {"prefix": True}, "search facets"),
    ("moe", "sort", "oldest", {"sort": "oldest"}, "search"),
    ("moe", "limit", "2", {"limit": 2}, "search"),
    ("moe", "offset", "1", {"offset": 1}, "search"),
    ("moe", "snippets", "0", {"snippets": False}, "search"),
    ("moe", "explain", "1", {"explain": True}, "search"),
    ("moe", "since_run", "1", {"since_run": 1}, "search"),
]


@pytest.mark.parametrize(("query", "name", "value", "options", "addresses"), OPTIONS)
def test_an_option_does_what_it_does_in_the_library(
    query: str, name: str, value: str, options: dict[str, Any], addresses: str, home: Path
) -> None:
    client, index = asked(home, paths=True), papersearch.open(str(home / "index"))

    def expected(address: str, **options: Any) -> dict[str, Any]:
        if address == "facets":
            return json_shapes.facets_json(index.facets("author", query, **options)[:20], "author")
        if address == "ask":
            return json_shapes.reply_json(index.ask(query, **options))
        answer = index.search(query, **options)
        return {**json_shapes.answer_json(answer, explain="explain" in options), "seconds": None}

    for address in addresses.split():
        by = {"by": "author"} if address == "facets" else {}
        told = client.get(f"/api/{address}", params={"q": query, name: value, **by})
        assert told.headers["content-type"] == "application/json"
        told = told.json() if address != "search" else told.json() | {"seconds": None}
        assert told == expected(address, **options)
        assert told != expected(address)


def test_papers_similar_facets_stats_and_suggestions_follow_their_schemas(client: TestClient) -> None:
    follows("paper", client.get("/api/papers/2412.15115").json())
    follows("answer", client.get("/api/papers/2412.15115v1/similar").json())
    follows("facets", client.get("/api/facets", params={"by": "year", "q": "*"}).json())
    follows("stats", client.get("/api/stats").json())
    suggested = client.get("/api/suggest", params={"q": "mix", "limit": 1}).json()
    mixture = {"text": "mixture", "kind": "word", "papers": 9}
    assert suggested == {"format": 1, "query": "mix", "completions": [mixture]}


def test_no_more_values_come_at_once_than_a_page_may_have(
    client: TestClient, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(params, "MOST_RESULTS", 7)
    authors = papersearch.open(str(home / "index")).facets("author")
    for limit, given in (("3", 3), ("0", 7)):
        told = client.get("/api/facets", params={"by": "author", "limit": limit}).json()["counts"]
        assert [(each["value"], each["count"]) for each in told] == authors[:given]


def test_how_many_posts_changed_since_is_told_once_it_is_known(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001", "Wombats")
    assert run(tmp_path, "index").code == 0
    write_post(tmp_path / "corpus", "2401.00002", "Numbats")
    client = asked(tmp_path)
    wait_for("the comparison", lambda: client.get("/api/stats").json()["stale"] == 1)


@pytest.mark.parametrize("parameters", [{"by": "month", "limit": "2"}, {"by": "author"}, {"q": "moe"}])
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
        ("/api/search?q=moe&token=s3cret", 200, ""),  # which the guard has read
        ("/api/papers/2412.15115?max_chars=100", 200, ""),
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


def test_a_value_that_is_mistyped_is_told_with_the_nearest(client: TestClient) -> None:
    told = {"error": "there is no sort 'newst'", "hint": "did you mean newest?"}
    assert client.get("/api/search?sort=newst").json() == told


def test_a_query_of_blanks_is_every_paper(client: TestClient) -> None:
    found = client.get("/api/search?q=+").json()
    assert found["total"] == client.get("/api/stats").json()["papers"]


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_can_be_changed(client: TestClient, method: str) -> None:
    answer = getattr(client, method)("/api/search")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_no_place_on_this_machine_is_told_unless_it_is_asked_for(client: TestClient, home: Path) -> None:
    for address in ("/api/search?q=*", "/api/papers/2412.15115", "/api/stats", "/", "/paper/2412.15115"):
        assert str(home) not in client.get(address).text
    found = client.get("/api/search?q=moe").json()["results"][0]
    assert found["path"].startswith("corpus/")
    assert str(home) in asked(home, paths=True).get("/api/stats").text


def test_acronyms_that_are_called_as_what_names_places_are_no_places(tmp_path: Path) -> None:
    meant = {"path": "Parallel Attention Transformer Heads", "corpus": "Collected Open Records/Papers Under Study"}
    (tmp_path / "corpus").mkdir()
    for number in range(3):
        text = f"{meant['path']} (PATH) of {meant['corpus']} (CORPUS)."
        write_post(tmp_path / "corpus", f"2401.0000{number}", f"Acronyms {number}", text)
    papersearch.build(str(tmp_path / "index"), [str(tmp_path / "corpus")], jobs=1)
    for word, long_form in meant.items():
        assert asked(tmp_path).get(f"/api/search?q={word}").json()["expanded"] == {word: [long_form]}


def test_a_file_that_is_in_no_corpus_is_told_by_its_name_alone() -> None:
    assert below("/home/mark/posts/2024/a.md", ["/home/mark/notes", "/home/mark/posts"]) == "posts/2024/a.md"
    assert below("/home/mark/posts-old/a.md", ["/home/mark/posts"]) == "a.md"


def test_a_broken_index_tells_no_place_either(tmp_path: Path) -> None:
    client = asked(tmp_path)
    answer = client.get("/api/search?q=x")
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text
    assert answer.headers["retry-after"] == "1"
    assert "retry-after" not in client.get("/api/search?limit=x").headers
    assert str(tmp_path) in asked(tmp_path, paths=True).get("/api/search?q=x").text
    assert client.get("/").status_code == client.get("/part").status_code == 503


def test_the_api_page_and_its_document_name_every_address(client: TestClient) -> None:
    page = client.get("/api").text
    paths = client.get("/api/openapi.json").json()["paths"]
    assert all(address.path in page for address in ADDRESSES)
    assert list(paths) == [address.path for address in ADDRESSES]
    assert document()["openapi"] == "3.1.0"
