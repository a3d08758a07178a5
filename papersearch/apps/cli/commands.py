"""The commands that do not ask: index, stats, check, schema, and the programs that stay."""

from __future__ import annotations

import os
import shlex
import sys
from functools import partial
from typing import Any

from papersearch import library
from papersearch.apps import settings as config
from papersearch.apps.cli.show import show_record
from papersearch.apps.models import model_of, run_options
from papersearch.apps.session import check_above, exclude_of, is_indexed, open_index, report_skipped, update
from papersearch.core.errors import PapersearchError, Stopped, without_library
from papersearch.core.frozen import replace
from papersearch.output import formats, json_shapes
from papersearch.output.streams import agreed, can_ask, say
from papersearch.text.display import in_prose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from papersearch.apps.cli.arguments import Arguments
    from papersearch.apps.current import CurrentIndex
    from papersearch.core.records import Summary

_SERVE_HINT = "pip install 'starlette>=1.0,<2' 'uvicorn>=0.34,<1' 'jinja2>=3.1,<4'"
_MCP_HINT = "pip install 'mcp>=2.1,<3'"


def index(arguments: Arguments) -> int:
    """Bring the index up to date."""
    settings = config.settings(arguments.index)
    check_above(settings, arguments.words)
    corpus = library.corpus_of(settings.index_path, arguments.words or None, arguments.trust, settings.corpus)
    options = {
        "rebuild": arguments.rebuild,
        "jobs": arguments.jobs,
        "wait": arguments.wait,
        "trust": arguments.trust,
        "exclude": arguments.exclude or exclude_of(settings, corpus, arguments.trust),
        **run_options(settings, arguments.meaning),
    }
    if arguments.watch:
        return _watch(settings, corpus, arguments, {**options, "prune": arguments.prune})
    named = corpus if arguments.words or settings.corpus else None
    run = partial(update, settings.index_path, named, quiet=arguments.quiet, **options)
    summary = run(prune=arguments.prune)
    if summary.missing and not arguments.json and _agrees_to_prune(summary):
        summary = run(prune=True)
    report_skipped(summary)
    if not (arguments.words or arguments.quiet):
        _hint_at_other_corpus(settings, corpus)
    if not summary.total:
        folders = map(library.local_path, library.corpus_of(settings.index_path))
        say(f"there are no posts (Markdown files) in {in_prose(*folders)}")
    _print_summary(summary, arguments)
    return 3 if summary.missing else 0


def _hint_at_other_corpus(settings: config.Settings, corpus: list[str]) -> None:
    """Say that the file names other folders than its index was built from, which come first."""
    if not (settings.file and settings.corpus) or settings.sources["index"] not in (settings.file, "default"):
        return
    if {*map(os.path.realpath, settings.corpus)} != {*map(os.path.realpath, corpus)}:
        named = " ".join(shlex.quote(library.local_path(each)) for each in settings.corpus)
        here = in_prose(*map(library.local_path, corpus))
        say(f"the index is of {here}; for the corpus of {config.FILE_NAME}, papersearch index {named}")


def _agrees_to_prune(summary: Summary) -> bool:
    """Ask, on a terminal, if posts are gone for good."""
    if not can_ask():
        return False
    for folder in summary.missing:
        say(folder.reason)
    return agreed("Remove them from the index?")


def _print_summary(summary: Summary, arguments: Arguments) -> None:
    if arguments.json or not arguments.quiet:
        show_record("summary", summary, data=json_shapes.summary_json(summary), as_json=arguments.json)


def _watch(settings: config.Settings, corpus: list[str], arguments: Arguments, options: Mapping[str, Any]) -> int:
    import signal

    from papersearch.apps.interrupts import stoppable

    said: Summary | None = None

    def report(summary: Summary) -> None:
        nonlocal said
        if said is None and not arguments.quiet:
            say(f"watching {in_prose(*map(library.local_path, corpus))}; Ctrl-C ends")
        news = said is None or said.missing != summary.missing
        told = () if said is None else said.warnings
        warnings = tuple(each for each in summary.warnings if each not in told)
        if news or warnings or summary.added or summary.updated or summary.removed:
            report_skipped(replace(summary, warnings=warnings))
            _print_summary(summary, arguments)
            sys.stdout.flush()
        said = summary

    path = settings.index_path
    try:
        with stoppable(lambda _: None):
            library.watch(
                path,
                corpus,
                on_summary=report,
                on_error=lambda error: say(str(error)),
                **options,
            )
    except Stopped as stopped:
        if stopped.number != getattr(signal, "SIGTERM", None):
            raise
    return 0  # SIGTERM is how a service is told to end, and so it did


def stats(arguments: Arguments) -> int:
    """What the index holds."""
    record = open_index(config.settings(arguments.index), trust=arguments.trust).stats()
    if record.stale is None:
        say("the corpus cannot be read: what is not indexed yet is not known")
    show_record("stats", record, data=json_shapes.stats_json(record), as_json=arguments.json)
    return 0


def check(arguments: Arguments) -> int:
    """What is wrong with posts and index."""
    settings = config.settings(arguments.index)
    check_above(settings, arguments.words)
    folders = arguments.words or None
    exclude = exclude_of(settings, folders, arguments.trust)
    problems = library.check(
        settings.index_path, folders, trust=arguments.trust, exclude=exclude, default=settings.corpus
    )
    if (arguments.index or not folders) and not is_indexed(settings.index_path):
        say(f"there is no index in {in_prose(settings.index_path)}; only the posts were checked")
    problems = [replace(problem, path=library.local_path(problem.path)) for problem in problems]
    data = [json_shapes.problem_json(problem) for problem in problems]
    # What reads such lines, editors and the like, wants a number in each; the JSON has 0 for a whole file.
    shown = [replace(problem, line=problem.line or 1) for problem in problems]
    show_record("problems", shown, data=data, as_json=arguments.json)
    if not problems and sys.stderr.isatty() and not arguments.json:
        say("nothing is wrong")
    return 1 if problems else 0


def serve(arguments: Arguments) -> int:
    """A search page until Ctrl-C."""
    try:
        from papersearch.apps.web import server
    except ImportError as missing:
        raise PapersearchError(*without_library("serve", missing, _SERVE_HINT)) from missing
    current = _current(arguments)
    current.begin()
    more, lifespan = _agents_door(current, arguments.paths)
    server.run(
        current,
        say,
        host=arguments.host,
        port=arguments.port,
        browse=arguments.open,
        paths=arguments.paths,
        token=os.environ.get("PAPERSEARCH_TOKEN"),
        more=more,
        lifespan=lifespan,
        debug=arguments.debug,
    )
    return 0


def _agents_door(current: CurrentIndex, paths: bool) -> tuple[list[Any], Any]:
    """The route ``/mcp``; if what it needs cannot be loaded, it says so."""
    from papersearch.apps.web.api import told

    try:
        from papersearch.apps.mcp import server
    except ImportError as missing:
        from papersearch.apps.web.server import absent

        return [absent("/mcp", *without_library("/mcp", missing, _MCP_HINT))], None
    return server.routes(current, say, partial(told, current, paths=paths))


def mcp(arguments: Arguments) -> int:
    """Tools for agents, until standard input ends."""
    try:
        from papersearch.apps.mcp import server
    except ImportError as missing:
        raise PapersearchError(*without_library("mcp", missing, _MCP_HINT)) from missing
    if sys.stdin.isatty():
        say("this talks to an agent over standard input and output; Ctrl-C ends")
    server.run(_current(arguments), say)
    return 0


def _current(arguments: Arguments) -> CurrentIndex:
    """The index for a program that stays."""
    from papersearch.apps.current import CurrentIndex, need_threads

    need_threads()
    settings = config.settings(arguments.index)
    return CurrentIndex(
        settings.index_path,
        settings.corpus,
        say,
        trust=arguments.trust,
        opening={"weights": settings.weights, "model": model_of(settings)},
        building={"exclude": exclude_of(settings, None, arguments.trust), **run_options(settings)},
    )


def schema(arguments: Arguments) -> int:
    """The JSON Schema of the answers."""
    path = os.path.join(os.path.dirname(formats.__file__), "schema.json")
    with open(path, encoding="utf-8") as file:
        sys.stdout.write(file.read())
    return 0
