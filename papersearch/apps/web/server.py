"""The application and its server: routes, errors, bounds, and the socket."""

from __future__ import annotations

import errno
import os
import secrets
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from papersearch.apps.current import CurrentIndex
from papersearch.apps.web.api import Api, failure, told
from papersearch.apps.web.connections import AT_ONCE, MOST_HEAD, MOST_WAITING, Connection, Server
from papersearch.apps.web.guard import Guard, wants_page
from papersearch.apps.web.openapi import document
from papersearch.apps.web.page import Page
from papersearch.core.errors import PapersearchError, ReplacedError, UsageError, unforeseen
from papersearch.core.hosts import is_loopback

HERE = os.path.dirname(__file__)
IDLE_S = 20  # before a connection that says nothing is closed
_OPENS_AFTER_S = 0.3  # the browser: by then the server answers (chosen)
# Hosts that stand for all addresses of this machine, and the one of them that a browser here is sent to.
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def application(
    current: CurrentIndex,
    *,
    hosts: Iterable[str] = (),
    token: str | None = None,
    paths: bool = False,
    more: Iterable[BaseRoute] = (),
    lifespan: Any = None,
) -> Starlette:
    """The server's application. ``more`` are routes of other doors, which the same guard stands before."""
    api, page = Api(current, paths=paths), Page(current, paths=paths)
    routes: list[BaseRoute] = [
        *_views(page),
        Route("/api", page.api),
        Route("/api/openapi.json", lambda _: JSONResponse(document())),
        Route("/api/search", api.search),
        Route("/api/ask", api.ask),
        Route("/api/papers/{id:path}/similar", api.similar),
        Route("/api/papers/{id:path}", api.paper),
        Route("/api/facets", api.facets),
        Route("/api/stats", api.stats),
        Route("/api/suggest", api.suggest),
        Route("/favicon.ico", lambda _: RedirectResponse("static/icon.svg")),  # asked for beside JSON in a tab
        Mount("/static", StaticFiles(directory=os.path.join(HERE, "static"))),
        *more,
        Route("/{path:path}/", _without_slash, methods=["GET", "POST"]),
    ]
    errors = _Errors(current, page, paths=paths)
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, hosts=hosts, token=token)],
        exception_handlers={
            PapersearchError: errors.failed,
            HTTPException: errors.refused,
            Exception: errors.failed,
        },
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # to an address with the name that a proxy calls this server by
    return app


class _Errors:
    """How the server answers errors. It takes no thread for that, since a lack of threads may be the error."""

    def __init__(self, current: CurrentIndex, page: Page, *, paths: bool) -> None:
        self._current, self._page, self._paths = current, page, paths

    async def failed(self, _: Request, error: Exception) -> Response:
        """An error that has a hint, or an internal one: the server lives on, and says what happened where it was
        started."""
        if isinstance(error, PapersearchError):
            return failure(told(self._current, error, paths=self._paths))
        self._current.tell(error)
        if isinstance(wrong := unforeseen(error), ReplacedError):
            return failure(wrong)
        return JSONResponse({"error": "internal error", "hint": "see what the server printed"}, 500)

    async def refused(self, request: Request, error: Exception) -> Response:
        """What Starlette itself refuses, an unknown address or another method than GET: a page for a browser that
        would show one, else JSON."""
        assert isinstance(error, HTTPException)
        known = {404: "there is no such address", 405: f"this address does not answer {request.method}"}
        said = known.get(error.status_code, str(error.detail))
        if wants_page(request.headers):
            return self._page.refusal(request, said, error.status_code, error.headers)
        body = {"error": said, "hint": "the addresses are listed at /api"}
        return JSONResponse(body, error.status_code, headers=error.headers)


def _views(page: Page) -> Iterator[Route]:
    """The page's addresses, each also for its view alone."""
    yield Route("/part/facets", partial(page.alone, page.facets))
    for address, view in (("/", page.results), ("/ask", page.ask), ("/paper/{id:path}", page.paper)):
        yield Route(address, partial(page.whole, view))
        yield Route(f"/part{address}".rstrip("/"), partial(page.alone, view))


def _without_slash(request: Request) -> Response:
    """The way from an address with a slash at its end, as agents are told some, to the one without."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"../{request.path_params['path'].rpartition('/')[2]}{query}")


def absent(path: str, error: str, hint: str) -> Route:
    """The address of another door that cannot be opened: it says why."""
    said = {"error": error, "hint": hint}
    return Route(path, lambda _: JSONResponse(said, 501), methods=["GET", "POST", "DELETE"])


def run(
    current: CurrentIndex,
    say: Callable[[str], None],
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    browse: bool = False,
    paths: bool = False,
    token: str | None = None,
    more: Iterable[BaseRoute] = (),
    lifespan: Any = None,
    debug: bool = False,
) -> None:
    """Serve until Ctrl-C or TERM. Anything but loopback asks for a token, which is made up if none is given. With
    ``debug``, the traceback of an internal error is printed too."""
    if not is_loopback(host):
        token = token or secrets.token_urlsafe(16)
    listener = listen(host, port)
    address = _address(host, listener.getsockname()[1], token)
    say(f"serving {current.place} at {address} (Ctrl-C ends)")
    if own := network_address(listener):
        say(f"other machines find it at {_address(own, listener.getsockname()[1], token)}")
    if browse:
        threading.Timer(_OPENS_AFTER_S, webbrowser.open, (address,)).start()
    config = uvicorn.Config(
        application(current, hosts=_names(host), token=token, paths=paths, more=more, lifespan=lifespan),
        log_level="error" if debug else "critical",  # `failed` has said an error in one line
        access_log=False,
        server_header=False,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=1,
        http=Connection,
        backlog=AT_ONCE,
        h11_max_incomplete_event_size=MOST_HEAD,
        lifespan="auto" if lifespan is not None else "off",
    )
    Server(config, say).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises ``PapersearchError`` if the port is taken and ``UsageError`` for a host that does not
    exist, or is not this machine.

    Its protocol is named, not left at 0: only then does asyncio turn Nagle's algorithm off for what it accepts. Else
    the body of an answer, sent after its head, waits for the client's delayed acknowledgement: 40 ms.
    """
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        family, kind, protocol, _, where = addresses[0]
    except (OSError, UnicodeError, OverflowError) as wrong:
        raise UsageError(f"there is no host {host!r}", "--host 127.0.0.1") from wrong
    listener = socket.socket(family, kind, protocol)
    if sys.platform != "win32":  # there it would let two servers share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(where)
    except (OSError, OverflowError) as refused:
        listener.close()
        if getattr(refused, "errno", None) == errno.EADDRNOTAVAIL:
            raise UsageError(f"{host} is not an address of this machine", "--host 127.0.0.1") from refused
        reason = getattr(refused, "strerror", None) or refused
        raise PapersearchError(
            f"port {port} of {host} cannot be used ({reason})", "choose another: --port 0"
        ) from refused
    listener.listen(MOST_WAITING)
    return listener


def _address(host: str, port: int, token: str | None) -> str:
    """Where a browser on this machine finds the server."""
    shown = _ANY_ADDRESS.get(host, host)
    shown = f"[{shown}]" if ":" in shown else shown
    return f"http://{shown}:{port}/" + (f"?token={quote(token, safe='')}" if token else "")


def network_address(listener: socket.socket) -> str | None:
    """The address in its network of a machine on all of whose addresses a socket listens; None if it has none, or the
    socket listens on one alone. Nothing is sent: the system is asked which address it would send from."""
    far = {"0.0.0.0": "192.0.2.1", "::": "2001:db8::1"}.get(listener.getsockname()[0])  # kept for documentation
    with suppress(OSError), socket.socket(listener.family, socket.SOCK_DGRAM) as asking:
        if far is not None:
            asking.connect((far, 9))
            own = str(asking.getsockname()[0])
            return None if is_loopback(own) or own in _ANY_ADDRESS else own
    return None


def _names(host: str) -> list[str]:
    """By what the server may be called: the host, and how other machines may call this one where they can reach it."""
    if is_loopback(host):
        return [host]
    own = socket.gethostname()
    return [host, *sorted({own, socket.getfqdn(), f"{own}.local"})]
