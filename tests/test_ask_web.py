"""A question on the page and in the API: the papers' own sentences, which are never markup."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the server's libraries are not installed")
pytest.importorskip("jinja2", reason="the server's libraries are not installed")

from starlette.testclient import TestClient

import papersearch
from papersearch.output.json_shapes import reply_json
from tests.commands import follows
from tests.corpora import write_post
from tests.servers import asked

QUESTION = "How does <i>Wombat</i> routing balance the load of experts?"
MARKUP = '<script>alert(1)</script> <img src=x onerror=alert(1)> & "quoted"'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    (folder / "corpus").mkdir()
    says = f"Wombat routing balances the load of experts {MARKUP} with \u202ea bias."
    write_post(folder / "corpus", "2401.00001", "Wombat Routing <script>alert(2)</script>\u202e", says)
    papersearch.build(str(folder / "index"), [str(folder / "corpus")], jobs=1)
    return folder


@pytest.fixture(scope="module")
def client(home: Path) -> TestClient:
    return asked(home)


def test_the_answer_is_that_of_the_library(client: TestClient, home: Path) -> None:
    answer = client.get("/api/ask", params={"q": QUESTION}).json()
    follows("reply", answer)
    assert answer["answered"]
    assert answer["model"] is None
    with papersearch.open(str(home / "index")) as index:
        assert answer == reply_json(index.ask(QUESTION))


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("what is it?", True), ("图神经网络是什么？", True), ("ما هو؟", True), ("experts", False), ("expert?", False)],
)
def test_whoever_types_a_question_is_offered_an_answer(client: TestClient, typed: str, offered: bool) -> None:
    assert ('<a href="./ask?' in client.get("/", params={"q": typed}).text) is offered


@pytest.mark.parametrize(
    ("params", "answered"),
    [
        ({"since": "2024", "until": "2024", "tag": "dataset", "author": "Ann Author"}, True),
        ({"since": "2025"}, False),
        ({"until": "2023"}, False),
        ({"tag": "survey"}, False),
        ({"author": "Bo Fox"}, False),
        ({"tag": ["dataset", "survey"]}, False),
    ],
)
def test_filters_narrow_the_papers(client: TestClient, params: dict[str, Any], answered: bool) -> None:
    answer = client.get("/api/ask", params={"q": QUESTION, **params}).json()
    assert (answer.get("answered", False), bool(answer.get("sentences"))) == (answered, answered)


@pytest.mark.parametrize("address", ["/ask", "/part/ask", "/"])
def test_nothing_of_a_question_or_a_paper_is_markup(client: TestClient, address: str) -> None:
    page = client.get(address, params={"q": QUESTION})
    assert page.status_code == 200
    assert "<i>Wombat" not in page.text
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert "\u202e" not in page.text
    assert "Wombat" in page.text


def test_the_page_names_the_papers_and_leads_to_them(client: TestClient) -> None:
    page = client.get("/ask", params={"q": QUESTION}).text
    assert f"<h1>{escape(QUESTION)}</h1>" in page
    assert 'href="./paper/2401.00001' in page
    assert "[1]" in page
    assert "balances the load of experts" in page


def test_a_page_of_results_offers_to_ask_what_is_a_question(client: TestClient) -> None:
    assert 'href="./ask?q=' in client.get("/", params={"q": QUESTION}).text
    assert 'href="./ask?q=' not in client.get("/", params={"q": "wombat routing"}).text


@pytest.mark.parametrize(
    "params", [{"q": QUESTION, "server": "http://127.0.0.1:1"}, {"model": "m"}, {"q": QUESTION, "match": "all"}]
)
def test_what_is_wrong_is_refused(client: TestClient, params: dict[str, str]) -> None:
    refused = client.get("/api/ask", params=params)
    assert refused.status_code == 400
    assert refused.json()["hint"]


@pytest.mark.parametrize("question", ["", "  ", "?", "what is it?"])
def test_a_question_without_words_has_no_answer(client: TestClient, question: str) -> None:
    answer = client.get("/api/ask", params={"q": question})
    assert answer.status_code == 200
    assert answer.json()["answered"] is False
    assert "No answer" in client.get("/ask", params={"q": question}).text


def test_a_question_without_an_answer_says_so(client: TestClient) -> None:
    page = client.get("/ask", params={"q": "who baked the bread?"})
    assert page.status_code == 200
    assert "No answer" in page.text
