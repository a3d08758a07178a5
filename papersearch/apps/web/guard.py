"""Who may ask the server, and what its answers allow a browser to do.

A server on a person's own machine can be reached by every page that their browser shows. Three checks keep those
out: the ``Host`` must be a name of this server (else a foreign name was pointed at it, "DNS rebinding") or, where a
token is asked for, an address in numbers, of which a machine may have many; the ``Origin`` and ``Sec-Fetch-Site`` of a
request must be our own page's or absent; and anything but loopback needs a token. A link from another page is refused
like any other request of it: the browser shows the address instead, which its user may then open. Answers carry a
policy under which a browser loads and runs nothing but our own files.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from html import escape
from urllib.parse import parse_qs, quote, unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from papersearch.core.hosts import is_number

LONGEST_QUERY = 20_480  # bytes of a query string: what the page's field takes fits in any script, at 9 bytes a sign
TOKEN_COOKIE = "papersearch_token"
# The program's own files, which say nothing of papers. For a script a browser names the page's origin even to that
# origin, and behind a proxy it may be another name than the ``Host``.
_PROGRAM = "/static/"
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}

_HOW_TO_GIVE_IT = (
    "add ?token=TOKEN to the address, as `papersearch serve` prints it, or send Authorization: Bearer TOKEN"
)
_OTHERS = "requests from other pages are refused"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>papersearch</title></head>
<body><h1>papersearch</h1><p>{error}: {hint}.</p>{link}</body></html>
"""


class Refusal(Exception):
    """A request that is not answered: ``status``, what is wrong, and what to do about it; ``address`` is what was asked
    for, if its user may open it."""

    def __init__(self, status: int, error: str, hint: str, address: str | None = None) -> None:
        super().__init__(error)
        self.status, self.error, self.hint, self.address = status, error, hint, address

    def answer(self, headers: Headers) -> Response:
        """A page for a browser that would show one, else JSON."""
        if not wants_page(headers):
            return JSONResponse({"error": self.error, "hint": self.hint}, self.status)
        # The link leads to where the browser is: only that knows what a proxy calls this server.
        link = f'<p><a href="">{escape(self.address)}</a></p>' if self.address else ""
        return HTMLResponse(_PAGE.format(error=escape(self.error), hint=escape(self.hint), link=link), self.status)


class Guard:
    """Lets requests through to ``app`` that come from this machine's own user, and refuses the others."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = (), token: str | None = None) -> None:
        """``hosts`` are names of this server beside those of loopback; ``token`` is asked of every request if given."""
        self._app = app
        self._names = {*_LOOPBACK_NAMES, *map(_bracketed, hosts)}
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request of ASGI; only HTTP is guarded, and there are no web sockets."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if scope["path"].startswith(_PROGRAM):
                    headers.setdefault("cache-control", "no-cache")  # kept, and asked for only if it has changed
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if granted is not None:
                    headers.append("set-cookie", granted)
            await send(message)

        granted: str | None = None
        try:
            self._check(scope)
            granted = self._check_token(scope)
        except Refusal as refusal:
            await refusal.answer(Headers(scope=scope))(scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        name = _name(headers.get("host", ""))
        if name not in self._names and not (self._token is not None and is_number(name)):
            known = "http://127.0.0.1" if self._token is None else "its IP address,"
            raise Refusal(
                421,
                "this server does not go by that name",
                f"open it as {known} with its port; a proxy names it so in Host",
            )
        if any(site not in ("none", "same-origin") for site in headers.getlist("sec-fetch-site")):
            raise Refusal(403, _OTHERS, "open the address yourself", _address(scope))
        origin = headers.get("origin")
        is_foreign = origin is not None and origin.partition("://")[2] != headers["host"]
        if is_foreign and not scope["path"].startswith(_PROGRAM):
            raise Refusal(403, _OTHERS, "open the page itself")
        if len(scope["query_string"]) > LONGEST_QUERY:
            raise Refusal(414, "the query is too long", f"ask with at most {LONGEST_QUERY:,} bytes")

    def _check_token(self, scope: Scope) -> str | None:
        """Raise ``Refusal`` for a request without the token; a cookie to set if the address brought it."""
        if self._token is None:
            return None
        headers = Headers(scope=scope)
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        given = (bearer.strip() if scheme.lower() == "bearer" else "", _cookie(headers), asked)
        if not any(hmac.compare_digest(each.encode(), self._token.encode()) for each in given):
            raise Refusal(403, "this server asks for its token", _HOW_TO_GIVE_IT)
        if asked:
            return f"{_cookie_name(headers)}={quote(self._token, safe='')}; HttpOnly; SameSite=Strict; Path=/"
        return None


def wants_page(headers: Headers) -> bool:
    """Whether who asks is a browser that would show a page, and no program."""
    return "text/html" in headers.get("accept", "")


def _address(scope: Scope) -> str:
    """The address that was asked for, from the server's root on."""
    query = scope["query_string"].decode("latin-1")
    return quote(scope["path"]) + (f"?{query}" if query else "")


def _name(host: str) -> str:
    """The name of a ``Host`` header without its port."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def _bracketed(host: str) -> str:
    return f"[{host.lower()}]" if ":" in host and not host.startswith("[") else host.lower()


def _cookie_name(headers: Headers) -> str:
    """The name of the cookie with the token. A browser keeps one of each name for all ports of a host, so the port that
    it asks at is part of it: two servers on one machine do not take each other's."""
    _, _, port = headers.get("host", "").rpartition(":")
    return f"{TOKEN_COOKIE}_{port}" if port.isdecimal() else TOKEN_COOKIE


def _cookie(headers: Headers) -> str:
    """The token in a cookie. A browser sends those of all servers of this machine, and one that is odd to Python's own
    parser would hide ours from it."""
    return unquote(cookie_parser(headers.get("cookie", "")).get(_cookie_name(headers), ""))
