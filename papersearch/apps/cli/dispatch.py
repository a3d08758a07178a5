"""From a command line to the function that does what it says; loads nothing but what that needs."""

from __future__ import annotations

import os

from papersearch.apps.cli.parse import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from papersearch.apps.cli.arguments import Arguments


def main(line: Sequence[str]) -> int:
    """Do what a command line says, and give the exit code. Raises ``UsageError`` for what it gets wrong."""
    first = line[0] if line else ""
    if "_PAPERSEARCH_COMPLETE" in os.environ or first in ("--install-completion", "--show-completion"):
        from papersearch.apps.cli import help

        return help.completion(line)
    if first in ("--version", "-V"):
        import sys

        from papersearch import __version__

        sys.stdout.write(f"papersearch {__version__}\n")
        return 0
    arguments = parse(line)
    if arguments.help:
        from papersearch.apps.cli import help

        return help.show(arguments.command)
    return _timed(arguments) if arguments.verbose else run(arguments)


def run(arguments: Arguments) -> int:
    """Do a command and give the exit code."""
    name = arguments.command
    if name in ("query", "similar", "facets"):
        from papersearch.apps.cli import query

        return {"query": query.query, "similar": query.similar, "facets": query.facets}[name](arguments)
    if name == "ask":
        from papersearch.apps.ask.command import ask

        return ask(arguments)
    if name in ("show", "open"):
        from papersearch.apps.cli import papers

        return {"show": papers.show, "open": papers.open_paper}[name](arguments)
    if name == "browse":
        from papersearch.apps.browse.command import browse

        return browse(arguments)
    if name == "digest":
        from papersearch.apps.digest.command import digest

        return digest(arguments)
    if name == "config":
        from papersearch.apps.cli.config import show_config

        return show_config(arguments)
    from papersearch.apps.cli import commands

    code: int = getattr(commands, name)(arguments)
    return code


def _timed(arguments: Arguments) -> int:
    """As ``run``, saying what is used and how long it takes."""
    import time

    from papersearch import __version__
    from papersearch.apps import settings as config
    from papersearch.output.plain import took
    from papersearch.output.streams import say
    from papersearch.text.display import in_prose

    settings = config.settings(arguments.index)
    name = arguments.command
    say(f"papersearch {__version__}, {name}; index {in_prose(settings.index_path)} ({settings.sources['index']})")
    begin = time.perf_counter()
    try:
        return run(arguments)
    finally:
        say(f"{name} took {took(time.perf_counter() - begin)}")
