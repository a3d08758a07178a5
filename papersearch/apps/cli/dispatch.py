"""From the name of a command to the function that does it; loads nothing but what that needs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def run(name: str, arguments: list[str], values: dict[str, Any]) -> int:
    """Do a command and give the exit code."""
    if values.get("verbose"):
        return _timed(name, arguments, values)
    return _run(name, arguments, values)


def _run(name: str, arguments: list[str], values: dict[str, Any]) -> int:
    if name in ("query", "similar", "facets"):
        from papersearch.apps.cli import query as asking

        return {"query": asking.query, "similar": asking.similar, "facets": asking.facets}[name](arguments, values)
    from papersearch.apps.cli import commands

    functions = {"open": commands.open_paper, "config": commands.show_config}
    function = functions.get(name) or getattr(commands, name)
    code: int = function(arguments, values)
    return code


def _timed(name: str, arguments: list[str], values: dict[str, Any]) -> int:
    """As ``_run``, saying what is used and how long it takes."""
    import time

    from papersearch import __version__
    from papersearch.apps import settings as config
    from papersearch.apps.session import say
    from papersearch.output.plain import took

    settings = config.settings(values.get("index"))
    say(f"papersearch {__version__}, {name}; index {settings.index_path} ({settings.sources['index']})")
    begin = time.perf_counter()
    try:
        return _run(name, arguments, values)
    finally:
        say(f"{name} took {took(time.perf_counter() - begin)}")
