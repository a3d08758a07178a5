"""The JSON API and the page as HTML, by requests to the application in this process."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

pytest.importorskip("starlette", reason="the server's libraries are not installed")
pytest.importorskip("jinja2", reason="the server's libraries are not installed")

from starlette.testclient import TestClient

import papersearch
from papersearch.apps.current import CurrentIndex
from papersearch.apps.web.api import below
from papersearch.apps.web.openapi import ROUTES, document
from papersearch.apps.web.page import links_of
from papersearch.apps.web.server import application, listen
from papersearch.core.frozen import replace
from papersearch.output import json_shapes
from tests.commands import ROOT, follows, run, sample
from tests.corpora import write_post
from tests.processes import LONGEST_S
from tests.servers import asked, serving

HOSTILE = '<script>alert(1)</script> <img src=x onerror=alert(1)> "quoted" & \u202eodd'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = sample(tmp_path_factory.mktemp("web"))
    write_post(
        folder / "corpus",
        "2401.00001",
        HOSTILE,
        f"Wombats where a < b & c > d. {HOSTILE} And the end.",
    )
    papersearch.build(str(folder / "index"), [str(folder / "corpus")], jobs=1)
    return folder


@pytest.fixture(scope="module")
def client(home: Path) -> TestClient:
    return asked(home)


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


def test_a_filter_is_marked_and_taken_off_however_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001", "Otters", tags=["Dams"])
    papersearch.build(str(tmp_path / "index"), [str(tmp_path / "corpus")], jobs=1)
    shown = asked(tmp_path).get("/part/facets", params={"q": "otters", "tag": "dams"}).text
    (link,) = re.findall(r"<a href=\"([^\"]*)\" data-go aria-current=\"true\" data-filter><span>Dams</span>", shown)
    assert "tag=" not in link


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


@pytest.mark.parametrize("address", ["/nothing", "/paper", "/api/nothing", "/index.html"])
def test_a_mistyped_address_is_a_page_that_leads_back_in_a_browser(client: TestClient, address: str) -> None:
    shown = client.get(address, headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert shown.status_code == 404
    assert "<h1>There is no" in shown.text
    assert '<a href="/" data-go data-back>Back to the search</a>' in shown.text
    assert '<form role="search"' in shown.text
    refused = client.post("/", headers={"accept": "text/html"})
    assert refused.status_code == 405
    assert refused.headers["allow"] == client.post("/").headers["allow"]
    assert "<h1>This address does not answer POST</h1>" in refused.text


def test_a_page_beyond_the_last_leads_to_the_last(client: TestClient) -> None:
    total = client.get("/api/stats").json()["papers"]
    shown = client.get("/?offset=500").text
    assert f'href="/?offset={total - 10}"' in shown
    assert client.get(f"/?offset={total - 10}").text.count("data-paper") == 10


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
    found = client.get("/api/search?q=wombats").json()["results"][0]
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
    assert links_of(replace(paper, url="https://arxiv.org/abs/2401.00001v2")) == [
        ("arxiv.org", "https://arxiv.org/abs/2401.00001v2"),
        ("PDF", "https://arxiv.org/pdf/2401.00001v2"),
    ]


def test_without_script_the_page_is_a_form_with_results_and_links(client: TestClient) -> None:
    page = client.get("/?q=mixture+of+experts&sort=newest").text
    assert '<form role="search" action="/" method="get"' in page
    assert "<mark>" in page
    assert re.search(r'<option value="newest" selected>', page)
    assert 'href="/paper/' in page
    assert re.search(r'href="/\?[^"]*since=2024[^"]*"', page)
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
    assert chips[1] == "/?" + asked.rpartition("&")[0].replace(":", "%3A")


def test_what_the_field_takes_can_be_asked_in_any_script(client: TestClient) -> None:
    page = client.get("/").text
    longest = int(re.findall(r'maxlength="(\d+)"', page)[0])
    assert client.get("/part", params={"q": "模" * longest, "prefix": "true"}).status_code == 200


def test_the_api_page_and_its_document_name_every_address(client: TestClient) -> None:
    page = client.get("/api").text
    paths = client.get("/api/openapi.json").json()["paths"]
    assert all(address in page for address, *_ in ROUTES)
    assert list(paths) == [address for address, *_ in ROUTES]
    assert document()["openapi"] == "3.1.0"


def test_agents_are_told_in_one_line_what_their_address_needs(home: Path, tmp_path: Path) -> None:
    import httpx

    (tmp_path / "mcp").mkdir()
    (tmp_path / "mcp" / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'mcp'\", name='mcp')")
    with serving(home, PYTHONPATH=os.pathsep.join((str(tmp_path), str(ROOT)))) as address:
        for ask in (httpx.get, httpx.post):
            answer = ask(address + "mcp", timeout=LONGEST_S, trust_env=False)
            assert answer.status_code == 501
            assert answer.json() == {
                "error": "/mcp needs mcp, which is not installed",
                "hint": "pip install 'mcp>=2.1,<3'",
            }


def test_two_hundred_at_once_all_get_the_right_answer(home: Path) -> None:
    index = papersearch.open(str(home / "index"))
    queries = ["mixture of experts", "diffusion", "retrieval", "agents", "wombats"]
    expected = {query: [hit.id for hit in index.search(query).results] for query in queries}
    with serving(home) as address, ThreadPoolExecutor(200) as pool:
        port = urlsplit(address).netloc

        def ask(number: int) -> bool:
            query = queries[number % len(queries)]
            asked = HTTPConnection(port, timeout=LONGEST_S)
            asked.request("GET", "/api/search?" + urlencode({"q": query}))
            answer = json.loads(asked.getresponse().read())
            asked.close()
            return [hit["id"] for hit in answer["results"]] == expected[query]

        assert all(pool.map(ask, range(250)))


def test_a_client_that_hangs_holds_up_nobody(home: Path) -> None:
    import httpx

    with serving(home) as address:
        port = int(address.rstrip("/").rpartition(":")[2])
        hanging = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for each in hanging:
            each.sendall(b"GET /api/search?q=moe HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        assert httpx.get(address + "api/stats", timeout=LONGEST_S, trust_env=False).status_code == 200
        huge = httpx.get(address + "api/search?q=" + "x" * 60_000, timeout=LONGEST_S, trust_env=False)
        assert huge.status_code in (400, 414, 431)
        assert httpx.get(address + "api/stats", timeout=LONGEST_S, trust_env=False).status_code == 200
        for each in hanging:
            each.close()


def test_the_body_of_an_answer_does_not_wait_until_the_client_has_acknowledged_its_head() -> None:
    async def accepted() -> int:
        got: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            got.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(serve, sock=listen("127.0.0.1", 0)) as server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.close()
            return await asyncio.wait_for(got, LONGEST_S)

    assert asyncio.run(accepted())


def test_a_port_in_use_is_one_line(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = run(home, "serve", "--port", str(taken.getsockname()[1]))
    assert ran.code == 3
    assert len(ran.err.splitlines()) == 1
    assert "--port" in ran.err


@pytest.mark.parametrize(("host", "why"), [("192.0.2.1", "not an address of this machine"), ("", "--host HOST")])
def test_a_host_that_is_not_this_machine_is_one_line(home: Path, host: str, why: str) -> None:
    ran = run(home, "serve", "--host", host, "--port", "0")
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1
    assert why in ran.err


@pytest.mark.parametrize("given", ["s3cret", ""])
def test_another_address_than_loopback_asks_for_a_token(given: str, home: Path) -> None:
    import httpx

    with serving(home, "--host", "0.0.0.0", PAPERSEARCH_TOKEN=given) as address:
        page, _, token = address.partition("?token=")
        assert token == given or (not given and len(token) > 20)

        def status(address: str, name: str) -> int:
            answer = httpx.get(address, headers={"host": name}, timeout=LONGEST_S, trust_env=False)
            return answer.status_code

        own = socket.gethostname()
        for name in ("127.0.0.1", "192.0.2.7", own, f"{own}.local"):
            assert status(address, name) == 200
        assert status(address, "evil.example") == 421
        assert status(page, "127.0.0.1") == 403


def test_this_machines_own_address_asks_for_a_token_if_one_is_set(home: Path) -> None:
    """As for a machine that several people use: whoever has an account there reaches that address."""
    import httpx

    with serving(home, PAPERSEARCH_TOKEN="s3cret") as address:
        page, _, token = address.partition("?token=")
        assert token == "s3cret"
        answers = [httpx.get(each, timeout=LONGEST_S, trust_env=False) for each in (address, page, f"{page}api/stats")]
        assert [answer.status_code for answer in answers] == [200, 403, 403]


def test_another_spelling_of_every_address_asks_for_a_token_too(home: Path) -> None:
    with serving(home, "--host", "0") as address:
        assert "?token=" in address


def test_an_internal_error_is_one_line_where_the_server_was_started(tmp_path: Path) -> None:
    """The traceback is for --debug."""
    said: list[str] = []

    class Broken(CurrentIndex):
        def index(self) -> papersearch.Index:
            raise AttributeError("no such thing")

    app = application(Broken(str(tmp_path), None, said.append))
    client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
    assert client.get("/api/stats").status_code == 500
    assert said == ["internal error (AttributeError: no such thing): please report it; --debug shows the traceback"]
