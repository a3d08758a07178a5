"""The search page as HTML: the same answers as the API, for people. One renderer for with and without JavaScript.

The whole state is the address: what was typed, filters, order, page. The script asks for the parts of a page that
change (``/part...``) and puts them in place; without it, the same links and the form load whole pages. Links begin at
the server's root as it is seen from the page's address, since a proxy may put a path before it. The templates escape
every text; nothing of a post is ever taken as markup.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response

from papersearch import __version__, library
from papersearch.apps.current import BuildingError, CurrentIndex
from papersearch.apps.web import params
from papersearch.apps.web.api import below, status_of, told
from papersearch.apps.web.openapi import ADDRESSES
from papersearch.core.errors import PapersearchError
from papersearch.core.hosts import is_web
from papersearch.core.records import Answer, Hit, Paper, Request
from papersearch.output import plain
from papersearch.output.bibtex import entries
from papersearch.text.display import one_line
from papersearch.text.folding import toggled, value_key

RESULTS = 10
FACETS = ("year", "author", "tag")
FACET_VALUES = 8
SIMILAR = 6
LONGEST_TITLE = 200  # signs, of up to 12 bytes in a header: nginx takes headers of 4,096 bytes
AGAIN_MS = 5000  # before an index that could not be read is asked again
_STATE = ("q", "prefix", "author", "tag", "since", "until", "sort", "match", "offset")
_DEFAULTS = {parameter.name: parameter.default for parameter in params.SEARCH}


class State:
    """What the address says: the parameters that are not at their defaults, and how to change one."""

    def __init__(self, values: dict[str, Any] = _DEFAULTS, root: str = "./") -> None:
        """``values`` are those of all parameters of a search; links begin with ``root``."""
        self._values, self.root = {name: values[name] for name in _STATE}, root
        self._values["q"] = " ".join(self._values["q"].splitlines())  # a field has one line

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def asks(self, **changes: Any) -> Request:
        """The request for the papers of this state."""
        return params.request_of({**_DEFAULTS, **self._values, **changes})

    def asks_to_answer(self) -> Request:
        """The request for an answer to what was typed."""
        return params.question_of(self._values)

    def link(self, **changes: Any) -> str:
        """The address of the page with some parameters changed; the page of results starts anew."""
        return self.root + self.query(**{"offset": 0, **changes})

    def paper(self, paper_id: str) -> str:
        """The address of a paper's view, from which one comes back to this state."""
        return f"{self.root}paper/{quote(paper_id, safe='/:')}{self.query()}"

    def query(self, **changes: Any) -> str:
        """The query string of this state, empty if it is the start page's."""
        kept = {name: value for name, value in {**self._values, **changes}.items() if value != _DEFAULTS[name]}
        text = urlencode({name: "true" if value is True else value for name, value in kept.items()}, doseq=True)
        return f"?{text}" if text else ""

    def toggled(self, by: str, value: str) -> str:
        """The address with a facet's value added to the filters, or taken off if it is there."""
        if by == "year":
            year = None if self.holds(by, value) else value
            return self.link(since=year, until=year)
        return self.link(**{by: toggled(self[by], value)})

    def holds(self, by: str, value: str) -> bool:
        """Whether a facet's value is among the filters."""
        if by == "year":
            return bool(value == self["since"] == self["until"])
        return value_key(value) in map(value_key, self[by])

    def chips(self) -> list[tuple[str, str]]:
        """The filters that hold, each with the address without it."""
        chips = [(f"{by}: {value}", self.toggled(by, value)) for by in ("author", "tag") for value in self[by]]
        since, until = self["since"], self["until"]
        if since and since == until:
            chips.append((since, self.link(since=None, until=None)))
        else:
            chips += [(f"since {since}", self.link(since=None))] if since else []
            chips += [(f"until {until}", self.link(until=None))] if until else []
        return chips


View = Callable[[HttpRequest, State], tuple[str, str]]


class Page:
    """Renders the page's views from one index. A view gives its title and its HTML."""

    def __init__(self, current: CurrentIndex, *, paths: bool = False) -> None:
        self._current, self._paths = current, paths
        folder = os.path.join(os.path.dirname(__file__), "templates")
        self._templates = Environment(
            loader=FileSystemLoader(folder),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {"pieces": plain.pieces, "thousands": "{:,}".format}
        self._templates.globals["version"] = __version__

    def whole(self, view: View, request: HttpRequest) -> Response:
        """The page with a view in it, and beside results the filters with counts."""
        status, title, content, state = self._tried(view, request, root_from(request))
        filters = self.facets(request, state)[1] if view == self.results and status == 200 else ""
        return self._page(status, title, content, state, filters)

    def refusal(self, request: HttpRequest, said: str, status: int, headers: Mapping[str, str] | None) -> Response:
        """The page that says why a request is refused."""
        state = State(root=root_from(request))
        answer = self._page(status, "papersearch", self._mistake(PapersearchError(said), state), state)
        answer.headers.update(headers or {})
        return answer

    def alone(self, view: View, request: HttpRequest) -> Response:
        """A view alone, for the script to put in place, which knows where the root is."""
        status, title, content, _ = self._tried(view, request, "./")
        return HTMLResponse(content, status, headers={"x-title": quote(title[:LONGEST_TITLE])})

    def _tried(self, view: View, request: HttpRequest, root: str) -> tuple[int, str, str, State]:
        """Status, title, HTML and state of a view; an error is a view too."""
        state = State({**_DEFAULTS, "q": request.query_params.get("q", "")}, root)  # if the rest is a mistake
        try:
            state = State(params.read(request.query_params, params.SEARCH), root)
            return 200, *view(request, state), state
        except PapersearchError as error:
            shown = told(self._current, error, paths=self._paths)
            return status_of(error), "papersearch", self._mistake(shown, state, is_results=view == self.results), state

    def _page(self, status: int, title: str, content: str, state: State, filters: str = "") -> Response:
        kind = "results" if filters else "paper"
        shown = self._rendered("page.html", title=title, content=content, filters=filters, state=state, view=kind)
        return HTMLResponse(shown, status)

    def _mistake(self, error: PapersearchError, state: State, *, is_results: bool = False) -> str:
        building = isinstance(error, BuildingError)
        again_ms = 700 if building else AGAIN_MS if status_of(error) == 503 else None
        return self._rendered(
            "error.html", error=error, building=building, again_ms=again_ms, state=state, is_results=is_results
        )

    def _rendered(self, template: str, **values: Any) -> str:
        return self._templates.get_template(template).render(values)

    def results(self, _: HttpRequest, state: State) -> tuple[str, str]:
        """The papers that the state asks for."""
        index = self._current.index()
        asked = state.asks(limit=RESULTS)  # without words the newest come first
        answer = index.search(asked)
        stats = index.stats(look=False)
        content = self._rendered(
            "results.html",
            answer=answer,
            state=state,
            papers=stats.papers,
            stale=self._current.stale(),
            generation=stats.generation,
            took=plain.took(answer.seconds),
            first=asked.offset + 1,
            pages=_pages(answer, asked.offset),
            names=plain.names,
            missing=plain.missing,
            links_of=links_of,
            all_lack_words=plain.all_lack_words(answer),
            says_it_otherwise=plain.says_it_otherwise(answer, asked),
            order_is_too_strict=plain.order_is_too_strict(answer, asked),
        )
        return (f"{one_line(state['q'])} - papersearch" if state["q"].strip() else "papersearch"), content

    def facets(self, _: HttpRequest, state: State) -> tuple[str, str]:
        """The filters with counts, which may come after the results."""
        index = self._current.index()
        asked = state.asks()
        groups = []
        for by in FACETS:
            counts = index.facets(by, asked)
            if by == "year":
                counts = sorted(counts, reverse=True)
            groups.append((by, counts[:FACET_VALUES]))
        return "papersearch", self._rendered("facets.html", groups=groups, state=state)

    def ask(self, _: HttpRequest, state: State) -> tuple[str, str]:
        """An answer to what was typed."""
        reply = self._current.index().ask(state.asks_to_answer())
        content = self._rendered(
            "ask.html",
            reply=reply,
            numbers={paper.id: number for number, paper in enumerate(reply.papers, 1)},
            state=state,
        )
        return f"{one_line(state['q'])} - papersearch", content

    def paper(self, request: HttpRequest, state: State) -> tuple[str, str]:
        """One paper."""
        index = self._current.index()
        paper = index.paper(request.path_params["id"])
        content = self._rendered(
            "paper.html",
            paper=paper,
            state=state,
            similar=index.similar(paper.id, limit=SIMILAR, snippets=False).results,
            bibtex="".join(entries([paper])),
            links=links_of(paper),
            most_authors=plain.MOST_AUTHORS,
            place=lambda path: one_line(path if self._paths else below(path, index.corpus)),
            names=plain.names,
        )
        return f"{paper.title or paper.id} - papersearch", content

    def api(self, _: HttpRequest) -> Response:
        """The API's addresses, made from the same tables as its OpenAPI document."""
        return HTMLResponse(self._rendered("api.html", addresses=ADDRESSES))


def _pages(answer: Answer, offset: int) -> dict[str, int]:
    """Offsets of the neighbouring pages of results, as far as there are any."""
    pages = {}
    if offset:
        pages["previous"] = max(0, min(offset, answer.total) - RESULTS)  # posts may be gone since the page was shown
    if offset + len(answer.results) < answer.total and answer.results:
        pages["next"] = offset + RESULTS
    return pages


def root_from(request: HttpRequest) -> str:
    """The way from the address that was asked for to the server's root."""
    return "../" * (request.scope["raw_path"].count(b"/") - 1) or "./"


def links_of(paper: Hit | Paper) -> list[tuple[str, str]]:
    """Names and addresses of a paper's places on the web; only ``http`` and ``https`` are links."""
    address = library.address_of(paper)
    if address is None or not is_web(address):
        return []
    links = [(address.split("/")[2], address)]
    if "arxiv.org/abs/" in address:
        links.append(("PDF", address.replace("/abs/", "/pdf/", 1)))
    return links
