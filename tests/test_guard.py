"""Who the server answers: the tricks by which other pages and machines reach a local server, each refused."""

from __future__ import annotations

import asyncio
import re
from collections.abc import MutableMapping
from html import unescape
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the server's libraries are not installed")

from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from papersearch.apps.web.guard import LONGEST_QUERY, Guard
from papersearch.apps.web.server import _address

ADDRESS = "http://127.0.0.1:8765"


def client(token: str | None = None, hosts: tuple[str, ...] = (), base: str = ADDRESS) -> TestClient:
    return TestClient(Guard(PlainTextResponse("inside"), hosts, token), base_url=base)


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost", "LOCALHOST:80", "[::1]:8765", "127.0.0.1"])
def test_names_of_this_machine_are_let_in(host: str) -> None:
    assert client().get("/", headers={"host": host}).text == "inside"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0:8765", "",
     "127.0.0.1@evil.example", "[::2]:8765", "localhost:evil"],
)  # fmt: skip
def test_a_foreign_name_that_leads_here_is_refused(host: str) -> None:
    answer = client().get("/", headers={"host": host})
    assert answer.status_code == 421
    assert set(answer.json()) == {"error", "hint"}
    assert answer.json()["hint"] == "open it as http://127.0.0.1 with its port; a proxy names it so in Host"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:9999", "null", "https://localhost:8765.evil", "http://[", ""]
)
def test_a_request_by_another_page_is_refused(origin: str) -> None:
    assert client().get("/api/search", headers={"origin": origin}).status_code == 403


def test_behind_a_proxy_the_page_gets_its_scripts_for_which_browsers_send_the_name_that_it_goes_by_there() -> None:
    behind = {"origin": "https://group.example"}
    assert client().get("/static/app.js", headers=behind).text == "inside"
    for site in ("cross-site", "same-site"):
        assert client().get("/static/app.js", headers={**behind, "sec-fetch-site": site}).status_code == 403
    for address in ("/", "/staticapi", "/api/search", "/part", "/mcp"):
        assert client().get(address, headers=behind).status_code == 403


def test_the_page_itself_may_ask() -> None:
    headers = {"origin": ADDRESS, "sec-fetch-site": "same-origin"}
    assert client().get("/api/search", headers=headers).status_code == 200


def test_whoever_types_the_address_is_let_in() -> None:
    visit = {"sec-fetch-site": "none", "sec-fetch-mode": "navigate", "accept": "text/html"}
    assert client().get("/?q=moe", headers=visit).text == "inside"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_browser_marks_as_foreign_is_refused(site: str) -> None:
    assert client().get("/api/search?q=x", headers={"sec-fetch-site": site}).status_code == 403
    visit = {"sec-fetch-site": site, "sec-fetch-mode": "navigate"}
    assert client().get("/api/search?q=x", headers=visit).status_code == 403
    assert client().post("/mcp", headers=visit).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_from_elsewhere_shows_the_address_for_its_user_to_open(site: str) -> None:
    visit = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "accept": "text/html,*/*"}
    asked = client()
    answer = asked.get('/paper/a"b?q=moe&x="><script>alert(1)</script>', headers=visit)
    assert answer.status_code == 403
    assert "inside" not in answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script" not in answer.text
    (shown,) = re.findall(r'<a href="">([^<]+)</a>', answer.text)  # to where the browser is, whatever a proxy calls it
    address = unescape(shown)
    assert address.startswith("/paper/a%22b?q=moe&x=")
    own = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate"}
    assert asked.get(address, headers=own).text == "inside"


def test_an_address_that_no_browser_would_send_is_no_markup_either() -> None:
    """Browsers spell quotation marks by their numbers; the page that names the address does not rely on that."""
    told: list[bytes] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message.get("body", b""))

    headers = {"host": "127.0.0.1:8765", "sec-fetch-site": "cross-site", "accept": "text/html"}
    asked = {
        "type": "http", "method": "GET", "scheme": "http", "path": "/",
        "query_string": b'q="><script>alert(1)</script>',
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asyncio.run(Guard(PlainTextResponse("inside"))(asked, None, send))  # type: ignore[arg-type]
    page = b"".join(told).decode()
    assert "alert(1)" in page
    assert "<script" not in page


def test_an_address_of_two_slashes_leads_nowhere_else() -> None:
    visit = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "accept": "text/html"}
    assert '<a href="">//evil.example/</a>' in client().get(f"{ADDRESS}//evil.example/", headers=visit).text


def test_every_answer_tells_the_browser_to_run_nothing_foreign_and_to_keep_it_to_itself() -> None:
    for answer in (client().get("/"), client().get("/", headers={"host": "evil.example"})):
        policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
        assert policy.pop("img-src") == "'self' data:"
        assert policy == {
            "default-src": "'self'", "form-action": "'self'",
            "object-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'",
        }  # fmt: skip
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["referrer-policy"] == "no-referrer"  # an address may hold the token
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers


def test_a_query_string_is_bounded() -> None:
    for length, status in ((LONGEST_QUERY, 200), (LONGEST_QUERY + 1, 414)):
        assert client().get("/?q=" + "x" * (length - 2)).status_code == status


@pytest.mark.parametrize("name", ["fe80::1", "[fe80::1]", "FE80::1"])
def test_a_name_that_is_a_number_of_six_may_have_brackets_or_none(name: str) -> None:
    assert client(None, (name,), "http://[fe80::1]:8765").get("/").text == "inside"


def test_a_name_of_this_machine_may_have_capitals() -> None:
    assert client(None, ("Marks-Laptop.local",), "http://marks-laptop.local:8765").get("/").text == "inside"


@pytest.mark.parametrize("host", ["192.0.2.7:8765", "192.0.2.7", "[fd00::2]:8765"])
def test_with_a_token_any_address_in_numbers_leads_here(host: str) -> None:
    asked = client("s3cret", ("paper.lan",), "http://paper.lan:8765")
    assert asked.get("/", headers={"host": host}).status_code == 403
    assert asked.get("/?token=s3cret", headers={"host": host}).status_code == 200
    assert client().get("/", headers={"host": host}).status_code == 421
    for foreign in ("evil.example:8765", "192.0.2.7.evil.example", "3221225991", "192.0.2.7@evil.example"):
        refused = asked.get("/?token=s3cret", headers={"host": foreign})
        assert (refused.status_code, "as its IP address, with" in refused.json()["hint"]) == (421, True)


def test_nothing_but_http_gets_through() -> None:
    async def app(*_: object) -> None:
        pytest.fail("it got through")

    asyncio.run(Guard(app)({"type": "websocket"}, None, None))  # type: ignore[arg-type]


def test_with_a_token_nothing_is_answered_without_it() -> None:
    asked = client("s3cret", ("paper.lan",), "http://paper.lan:8765")
    refused = asked.get("/")
    assert refused.status_code == 403
    assert all(way in refused.json()["hint"] for way in ("?token=TOKEN", "Authorization: Bearer TOKEN"))
    assert asked.get("/?token=wrong").status_code == 403
    by_header = asked.get("/", headers={"authorization": "Bearer s3cret"})
    assert by_header.status_code == 200
    assert "set-cookie" not in by_header.headers
    for said, status in (("bearer  s3cret", 200), ("Basic s3cret", 403), ("s3cret", 403)):
        assert asked.get("/", headers={"authorization": said}).status_code == status
    first = asked.get("/paper/2412.15115?token=s3cret")
    assert first.status_code == 200
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert asked.get("/api/search").status_code == 200  # by the cookie, which holds for every address


@pytest.mark.parametrize("token", ["q+r/s=", "a&b;c#d", "100%", 'with "two" words', "é\t"])
def test_a_token_of_any_signs_is_taken_from_the_address_and_the_cookie(token: str) -> None:
    asked = client(token, ("paper.lan",), "http://paper.lan:8765")
    assert asked.get(_address("paper.lan", 8765, token)).status_code == 200
    assert asked.get("/").status_code == 200  # by the cookie
    asked.cookies.clear()
    assert asked.get("/").status_code == 403


@pytest.mark.parametrize("other", ["a[b]=1", 'x={"y": 1}', "a b", "=", 'q="', "é=1"])
def test_cookies_of_other_servers_on_this_machine_hide_no_token(other: str) -> None:
    for cookies in (f"{other}; papersearch_token_8765=s3cret", f"papersearch_token_8765=s3cret; {other}"):
        headers = {"cookie": cookies.encode()}
        assert client("s3cret").get("/", headers=headers).status_code == 200  # type: ignore[arg-type]
    assert client("s3cret").get("/", headers={"cookie": b"papersearch_token_8765=wrong"}).status_code == 403


def test_two_servers_of_one_machine_do_not_take_each_others_cookie() -> None:
    cookies = [
        client(token, (), f"http://127.0.0.1:{port}").get(f"/?token={token}").headers["set-cookie"].partition(";")[0]
        for port, token in ((8765, "first"), (8766, "second"))
    ]
    for port, token in ((8765, "first"), (8766, "second")):
        asked = client(token, (), f"http://127.0.0.1:{port}")
        asked.cookies.update(dict(cookie.split("=") for cookie in cookies))  # as a browser keeps them: by host and name
        assert asked.get("/").status_code == 200


def test_who_opens_a_shared_address_without_the_token_is_shown_a_page() -> None:
    asked = client(
        "s3cret", ("paper.lan",), "http://paper.lan:8765"
    )  # without TLS browsers do not say what they are at
    answer = asked.get("/?q=moe", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (403, "text/html")
    assert asked.get("/api/search?q=moe").headers["content-type"] == "application/json"


def test_a_token_with_letters_beyond_ascii_is_only_wrong() -> None:
    assert client("s3cret").get("/?token=%C3%A9%FF").status_code == 403
