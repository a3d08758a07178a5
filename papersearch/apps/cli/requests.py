"""From the arguments of a command line to a request: the settings of ``[query]`` and the defaults come in here."""

from __future__ import annotations

from papersearch.core.frozen import replace
from papersearch.core.records import Request
from papersearch.output import BY_NAME, formats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from papersearch.apps.cli.arguments import Arguments

DEFAULT_LIMIT = 10  # as the help of ``--limit`` says


def settled(arguments: Arguments, defaults: Mapping[str, object]) -> Arguments:
    """The arguments with what ``[query]`` says where the command line leaves it open; formats are checked.

    A batch is JSON whatever the file says of formats, since that is what programs read.
    """
    given = arguments.given | ({"format"} if arguments.json or arguments.batch is not None else set())
    changes = {name: value for name, value in defaults.items() if name not in given}
    if arguments.json:
        changes["format"] = "json"
    settled: Arguments = replace(arguments, **changes)
    formats.check(settled.format or "text", settled.template, null=settled.null)
    return settled


def request_of(text: str, arguments: Arguments) -> Request:
    """The request that the arguments describe."""
    return Request(
        query=text,
        limit=DEFAULT_LIMIT if arguments.limit is None else arguments.limit,
        offset=arguments.offset,
        match=arguments.match or "auto",
        authors=arguments.author,
        tags=arguments.tag,
        since=arguments.since,
        until=arguments.until,
        sort=arguments.sort or "relevance",
        syntax=arguments.syntax is not False,
        expand=arguments.expand,
        snippets=arguments.snippets and _shows_snippets(arguments),
        explain=arguments.explain,
        since_run=arguments.since_run,
        meaning=arguments.meaning,
        partial=arguments.partial,
    )


def _shows_snippets(arguments: Arguments) -> bool:
    return arguments.template is not None or BY_NAME[arguments.format or "text"].snippets
