"""The commands that do not ask: index, show, stats, check, open, config, schema."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from papersearch import library
from papersearch.apps import settings as config
from papersearch.apps.cli.show import show_record
from papersearch.apps.session import open_index, report_skipped, say, update
from papersearch.core.errors import NotFoundError, PapersearchError, Stopped, UsageError
from papersearch.core.frozen import replace
from papersearch.output import formats
from papersearch.text.display import nearest, one_line

if TYPE_CHECKING:
    from papersearch.apps.current import CurrentIndex
    from papersearch.core.records import Paper, Summary


def index(folders: list[str], values: dict[str, Any]) -> int:
    """Bring the index up to date."""
    settings = config.settings(values.get("index"))
    corpus = corpus_of(folders, settings)
    values["exclude"] = values.get("exclude") or settings.exclude
    if values.get("watch"):
        return _watch(settings.index_path, corpus, values)
    summary = update(settings.index_path, corpus, values)
    report_skipped(summary)
    if not summary.total:
        say(f"there are no posts in {', '.join(map(library.local_path, library.corpus_of(settings.index_path)))}")
    _print_summary(summary, values)
    return 0


def corpus_of(folders: list[str], settings: config.Settings) -> list[str] | None:
    """Folders as they are given, else those of the index, else of the settings; None leaves it to the library."""
    if folders:
        return folders
    if settings.corpus and not library.remembers_corpus(settings.index_path):
        return list(settings.corpus)
    return None


def _print_summary(summary: Summary, values: dict[str, Any]) -> None:
    as_json = values.get("json", False)
    if as_json or not values.get("quiet"):
        show_record("summary", summary, data=formats.summary_json(summary), as_json=as_json)


def _watch(path: str, corpus: list[str] | None, values: dict[str, Any]) -> int:
    import signal

    from papersearch.apps.interrupts import stoppable

    first = True

    def report(summary: Summary) -> None:
        nonlocal first
        if first or summary.added or summary.updated or summary.removed:
            report_skipped(summary)
            _print_summary(summary, values)
            sys.stdout.flush()
        first = False

    say(f"watching {', '.join(map(library.local_path, library.corpus_of(path, corpus)))}; Ctrl-C ends")
    options = {name: values[name] for name in ("jobs", "wait", "rebuild", "trust", "exclude") if name in values}
    try:
        with stoppable(lambda _: None):
            library.watch(path, corpus, on_summary=report, on_error=lambda error: say(str(error)), **options)
    except Stopped as stopped:
        if stopped.number != getattr(signal, "SIGTERM", None):
            raise
    return 0  # SIGTERM is how a service is told to end, and so it did


def show(ids: list[str], values: dict[str, Any]) -> int:
    """Papers, whole."""
    if values.get("json"):
        values["format"] = "json"
    form = values.get("format")
    if form is not None and form not in formats.PAPER_FORMATS:
        raise UsageError(f"no format {one_line(form)!r}", nearest(form, formats.PAPER_FORMATS))
    opened = open_index(values, config.settings(values.get("index")))
    papers: list[Paper] = []
    missing: list[NotFoundError] = []
    for paper_id in ids:
        try:
            papers.append(opened.paper(paper_id))
        except NotFoundError as error:
            missing.append(error)
    if papers:
        _show(papers, form, values)
    for unknown in missing:
        say(str(unknown))
    return 1 if missing else 0


def _show(papers: list[Paper], form: str | None, values: dict[str, Any]) -> None:
    if form == "json":
        for paper in papers:
            formats.write_json(formats.paper_json(paper), sys.stdout)
    elif form == "bibtex":
        from papersearch.output.bibtex import entries

        formats.write_text("\n".join(entries(papers)), sys.stdout)
    elif form is None and sys.stdout.isatty():
        from papersearch.output import page, terminal

        def draw(screen: Any) -> None:
            for paper in papers:
                page.paper(paper, screen)

        if values.get("pager", True):
            terminal.page(draw)
        else:
            draw(None)
    else:
        from papersearch.output import plain

        formats.write_text("\n".join(plain.paper(paper) for paper in papers), sys.stdout)


def stats(_: list[str], values: dict[str, Any]) -> int:
    """What the index holds."""
    record = open_index(values, config.settings(values.get("index"))).stats()
    show_record("stats", record, data=formats.stats_json(record), as_json=values.get("json", False))
    return 0


def check(folders: list[str], values: dict[str, Any]) -> int:
    """What is wrong with posts and index."""
    settings = config.settings(values.get("index"))
    problems = library.check(
        settings.index_path, corpus_of(folders, settings), trust=values.get("trust", False), exclude=settings.exclude
    )
    problems = [replace(problem, path=library.local_path(problem.path)) for problem in problems]
    data = [formats.problem_json(problem) for problem in problems]
    show_record("problems", problems, data=data, as_json=values.get("json", False))
    if not problems and sys.stderr.isatty() and not values.get("json"):
        say("nothing is wrong")
    return 1 if problems else 0


def open_paper(ids: list[str], values: dict[str, Any]) -> int:
    """A paper in the browser, or its post in the editor."""
    paper = open_index(values, config.settings(values.get("index"))).paper(ids[0])
    if values.get("post"):
        if values.get("print"):
            formats.write_records([paper.path], sys.stdout)
            return 0
        return _edit(paper)
    address = paper.url or library.address_of(paper.id)
    if address is None:
        raise NotFoundError(f"the post of {paper.id} gives no web address", "--post opens the post itself")
    if values.get("print"):
        formats.write_records([address], sys.stdout)
        return 0
    import webbrowser

    if not webbrowser.open(address):
        raise PapersearchError("no browser was found", f"the address is {address}")
    return 0


def _edit(paper: Paper) -> int:
    import shlex
    import subprocess

    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    line = paper.abstract_line or 1
    name = os.path.basename(command[0]) if command else ""
    if name.startswith(("code", "codium", "cursor")):
        place = ["-g", f"{paper.path}:{line}"]
    elif name.startswith(("subl", "zed", "hx", "helix")):
        place = [f"{paper.path}:{line}"]
    else:
        place = [f"+{line}", paper.path]
    try:
        return subprocess.call([*command, *place])
    except OSError as refused:
        raise PapersearchError(f"the editor {command[0]} cannot be started", "set EDITOR") from refused


def show_config(_: list[str], values: dict[str, Any]) -> int:
    """Which settings hold."""
    if values.get("trust_file"):
        say(f"{config.trust_file()} is trusted as it is now")
    settings = config.settings(values.get("index"))
    corpus = list(settings.corpus) if settings.corpus else None
    if values.get("json"):
        data = {
            "file": settings.file,
            "index": settings.index_path,
            "corpus": corpus,
            "weights": settings.weights,
            **settings.query,
        }
        formats.write_json({"settings": data, "sources": settings.sources}, sys.stdout)
        return 0
    from papersearch.output import plain

    shown = corpus or library.corpus_of(settings.index_path, None)
    where = settings.sources["corpus"] if corpus or not library.remembers_corpus(settings.index_path) else "the index"
    rows = [
        ("file", settings.file or "none", ""),
        ("index", settings.index_path, settings.sources["index"]),
        ("corpus", ", ".join(map(library.local_path, shown)), where),
        *((("exclude", ", ".join(settings.exclude), str(settings.file)),) if settings.exclude else ()),
        *((f"weights.{key}", f"{value:g}", str(settings.file)) for key, value in settings.weights.items()),
        *((key, str(value).lower(), settings.sources[key]) for key, value in settings.query.items()),
    ]
    formats.write_text("".join(f"{line}\n" for line in plain.table(rows)), sys.stdout)
    return 0


def serve(_: list[str], values: dict[str, Any]) -> int:
    """A search page until Ctrl-C."""
    try:
        from papersearch.apps.web import server
    except ImportError as missing:
        raise PapersearchError(
            f"serve needs {missing.name}, which is not installed", "pip install starlette uvicorn jinja2"
        ) from missing
    current = _current(values)
    more, lifespan = _agents_door(current)
    server.run(
        current,
        say,
        host=values.get("host", "127.0.0.1"),
        port=values.get("port", 8765),
        browse=values.get("open", False),
        paths=values.get("paths", False),
        token=os.environ.get("PAPERSEARCH_TOKEN"),
        more=more,
        lifespan=lifespan,
    )
    return 0


def _agents_door(current: CurrentIndex) -> tuple[list[Any], Any]:
    """The route ``/mcp``, if what it needs is installed."""
    try:
        from papersearch.apps.mcp import server
    except ImportError:
        return [], None
    return server.routes(current, say)


def mcp(_: list[str], values: dict[str, Any]) -> int:
    """Tools for agents, until standard input ends."""
    try:
        from papersearch.apps.mcp import server
    except ImportError as missing:
        hint = "pip install 'mcp>=2,<3'"
        raise PapersearchError(f"mcp needs {missing.name}, which is not installed", hint) from missing
    server.run(_current(values), say)
    return 0


def _current(values: dict[str, Any]) -> CurrentIndex:
    """The index for a program that stays."""
    from papersearch.apps.current import CurrentIndex

    settings = config.settings(values.get("index"))
    return CurrentIndex(settings.index_path, settings.corpus, say, trust=values.get("trust", False))


def schema(_: list[str], values: dict[str, Any]) -> int:
    """The JSON Schema of the answers."""
    path = os.path.join(os.path.dirname(formats.__file__), "schema.json")
    with open(path, encoding="utf-8") as file:
        sys.stdout.write(file.read())
    return 0
