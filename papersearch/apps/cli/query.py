"""The commands that ask: query (also by the thousand), similar, facets. Options in, one library call, one print."""

from __future__ import annotations

import sys

from papersearch.apps import settings as config
from papersearch.apps.session import hint_at_stale, open_index, say
from papersearch.core.errors import PapersearchError, UsageError
from papersearch.core.frozen import names_of, replace
from papersearch.core.records import Answer, Request
from papersearch.output import formats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, TextIO

    from papersearch.library import Index

_DEFAULT_LIMIT = 10


def query(words: list[str], values: dict[str, Any]) -> int:
    """Ask, print the answer, and give the exit code."""
    settings = config.settings(values.get("index"))
    _settle(values, settings)
    if values.get("batch") is not None:
        from papersearch.apps.cli.batch import run_batch

        if words:
            raise UsageError("--batch reads the queries from a file", "leave out the WORDS")
        return run_batch(open_index(values, settings), values)
    text = " ".join(words)
    if not text.strip():
        raise UsageError("there is nothing to search for", 'papersearch query "mixture of experts"')
    if values.get("new"):
        return _ask_for_new(text, values, open_index(values, settings))
    request = request_of(text, values)
    index = open_index(values, settings)
    answer = index.search(request)
    _print(answer, request, values, index)
    hint_at_stale(index)
    return 0 if answer.total else 1


def _ask_for_new(text: str, values: dict[str, Any], index: Index) -> int:
    """All that was indexed since this was last asked: what is not shown now would not be new the next time. So it
    counts as asked only when the answer is out, and then ``--limit`` is what the user wants to miss."""
    from papersearch.apps.cli.since_last import last_asked, remember

    request = request_of(text, values)
    key, run = repr(request), index.run
    request = replace(request, since_run=last_asked(index.path, key))
    if values.get("limit") is None:
        request = replace(request, limit=index.search(replace(request, limit=0)).total)
    answer = index.search(request)
    _print(answer, request, values)
    sys.stdout.flush()
    remember(index.path, key, run)
    hint_at_stale(index)
    return 0 if answer.total else 1


def _settle(values: dict[str, Any], settings: config.Settings) -> None:
    """Fill in what the command line leaves open from the settings, and check formats before any work is done."""
    for key, value in settings.query.items():
        if values.get(key) is None or (key in ("expand", "snippets", "pager") and values[key] is True):
            values[key] = value
    if values.get("json"):
        values["format"] = "json"
    formats.check(values.get("format") or "text", values.get("template"))


def request_of(text: str, values: dict[str, Any]) -> Request:
    """The request that the options describe."""
    syntax = values.get("syntax")
    limit = values.get("limit")
    return Request(
        query=text,
        limit=_DEFAULT_LIMIT if limit is None else limit,
        offset=values.get("offset") or 0,
        match=values.get("match") or "auto",
        authors=tuple(values.get("author") or ()),
        tags=tuple(values.get("tag") or ()),
        since=values.get("since"),
        until=values.get("until"),
        sort=values.get("sort") or "relevance",
        syntax=True if syntax is None else syntax,
        expand=values.get("expand", True),
        snippets=values.get("snippets", True) and _shows_snippets(values),
        explain=values.get("explain", False),
        since_run=values.get("since_run"),
    )


def _shows_snippets(values: dict[str, Any]) -> bool:
    return values.get("template") is not None or values.get("format") not in ("ids", "paths", "urls", "bibtex")


def _print(answer: Answer, request: Request, values: dict[str, Any], index: Index | None = None) -> None:
    """The answer on standard output, and on standard error what a person should know about it."""
    form, template = values.get("format"), values.get("template")
    if template is None and form in (None, "text") and sys.stdout.isatty():
        _draw(_instead(answer, request, index), request, values)
        return
    if answer.hint:
        say(answer.hint)
    formats.write(
        form or "text", answer, sys.stdout, template=template, null=values.get("null", False), explain=request.explain
    )
    if template is None and form in (None, "text") and sys.stderr.isatty():
        from papersearch.output import plain

        sys.stdout.flush()
        for note in plain.notes(answer):
            if note != answer.hint:
                say(note)
        say(plain.found(answer, request.offset))
    elif not answer.total and sys.stderr.isatty():
        say("nothing found" + (f"; did you mean: {answer.suggestion}" if answer.suggestion else ""))


def _instead(answer: Answer, request: Request, index: Index | None) -> Answer:
    """Where no paper has every word, what the suggestion finds if that is better, saying so."""
    if answer.total_all or answer.suggestion is None or index is None:
        return answer
    found = index.search(replace(request, query=answer.suggestion))
    if not found.total_all:
        return answer
    begin = "No paper has every word of" if answer.total else "Nothing was found for"
    hint = f"{begin} “{request.query}”; these are the papers for “{answer.suggestion}”."
    return replace(found, hint=hint, suggestion=None)


def _draw(answer: Answer, request: Request, values: dict[str, Any]) -> None:
    from papersearch.output import page, terminal

    if values.get("pager", True):
        terminal.page(lambda screen: page.results(answer, request, screen))
    else:
        page.results(answer, request)


def similar(ids: list[str], values: dict[str, Any]) -> int:
    """Papers like one, or like a text."""
    settings = config.settings(values.get("index"))
    _settle(values, settings)
    text = values.get("text")
    if (text is None) == (not ids):
        raise UsageError("similar needs a paper or a text", "papersearch similar ID, or --text TEXT")
    if text == "-":
        text = _read(sys.stdin)
    request = request_of("", values)
    index = open_index(values, settings)
    options = {name: getattr(request, name) for name in names_of(Request) if name != "query"}
    answer = index.similar(ids[0] if ids else None, text=text, **options)
    _print(answer, request, values)
    hint_at_stale(index)
    return 0 if answer.total else 1


def _read(stream: TextIO) -> str:
    return stream.buffer.read(1_000_000).decode("utf-8", "replace")


def facets(words: list[str], values: dict[str, Any]) -> int:
    """Counts by tag, author, year or month."""
    from papersearch.apps.cli.show import show_record

    settings = config.settings(values.get("index"))
    values.setdefault("format", None)
    by = values.get("by") or "tag"
    limit = values.pop("limit", 20)
    index = open_index(values, settings)
    counts = index.facets(by, request_of(" ".join(words) if words else "*", values))
    shown = counts[:limit] if limit else counts
    show_record("facets", shown, by, data=formats.facets_json(shown, by), as_json=values.get("json", False))
    if len(shown) < len(counts) and sys.stderr.isatty():
        say(f"{len(counts) - len(shown):,} more; all with --limit 0")
    return 0 if counts else 1


def answers(index: Index, lines: Iterable[str], values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The answer to each line as JSON data, in order; a line that is a mistake, or that runs into an error of ours,
    carries that error."""
    if values.get("syntax") is None:
        values = values | {"syntax": False}
    blank = request_of("", values)
    for line in lines:
        try:
            yield formats.to_json(index.search(replace(blank, query=line)), explain=blank.explain)
        except PapersearchError as mistake:
            yield formats.error_json(line, str(mistake))
        except Exception as error:
            yield formats.error_json(line, f"internal error ({type(error).__name__}: {error}): please report it")
