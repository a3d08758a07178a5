"""``papersearch digest``: what is new for each search of ``[searches]`` since it was last shown.

A search is known by its words, so one that is renamed goes on, and one whose words change begins anew. What was shown
is remembered only once it is written out: a full disk, a closed pipe or a stopped run shows it again. So does a
mistaken search, since a script may throw away what a failed command printed.
"""

from __future__ import annotations

import sys

from papersearch.apps import settings as config
from papersearch.apps.digest import atom, pages
from papersearch.apps.digest.records import Digest, Found
from papersearch.apps.session import hint_at_stale, open_index
from papersearch.apps.since_last import Seen, last_seen, page, remember, unseen
from papersearch.core.errors import QueryError, UsageError
from papersearch.core.records import Request
from papersearch.output import formats
from papersearch.output.streams import say
from papersearch.text.mistyped import choice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.apps.cli.arguments import Arguments
    from papersearch.library import Index

FIRST = 10  # papers of a search that was never shown; the rest count as seen


def digest(arguments: Arguments) -> int:
    """Print what is new, and remember that; 1 if nothing is, 2 if a search is a mistake."""
    settings = config.settings(arguments.index)
    searches = _searches(settings, arguments.words)
    index = open_index(settings, trust=arguments.trust, refresh=arguments.refresh)
    found, seen, before = [], {}, last_seen(index, map(_key, searches.values()))
    for name, query in searches.items():
        try:
            one, seen[_key(query)] = _found(index, name, query, before[_key(query)], arguments.limit)
        except UsageError as mistake:
            say(str(mistake))
        else:
            found.append(one)
    mistaken = len(found) < len(searches)
    made = Digest(index.path, index.stats(look=False).indexed_at, tuple(found))
    if found:
        _write(made, "json" if arguments.json else arguments.format or "markdown", arguments.words)
    if not (arguments.peek or mistaken):
        remember(index, seen, "the same papers will be shown again; --peek leaves out remembering")
    if not (made.total or mistaken) and sys.stderr.isatty():
        say("nothing is new")
    hint_at_stale(index)
    return 2 if mistaken else 0 if made.total else 1


def _searches(settings: config.Settings, names: tuple[str, ...]) -> dict[str, str]:
    """The saved searches of those names, or all, with their words."""
    searches: dict[str, str] = settings.tables.get("searches", {})
    if not searches:
        wrong = f"{settings.file} has no saved searches" if settings.file else f"there is no {config.FILE_NAME}"
        raise UsageError(wrong, 'save searches in it, in a table: [searches], moe = "mixture of experts"')
    for name in names:
        if name not in searches:
            raise UsageError(f"there is no saved search {name!r}", choice(name, searches))
    return {name: " ".join(searches[name].split()) for name in names or searches}


def _found(index: Index, name: str, query: str, seen: Seen, most: int | None) -> tuple[Found, Seen]:
    """What a search finds that was not ``seen`` yet, newest first, and what counts as seen when that is shown. Raises
    ``UsageError`` naming a search that is wrong."""
    if not query:
        raise UsageError(f"the search {name!r} has no words", "* finds every paper")
    run, first = index.run, not seen.run
    request = Request(query, sort="newest")  # so papers hold every word
    try:
        new = unseen(index, request, seen)
        total = min(new.total, FIRST) if first else new.total
        shown = page(index, request, seen, new, 0, total if most is None else min(total, most))
    except QueryError as wrong:
        raise UsageError(f"the search {name!r} ({query}) is a mistake: {wrong.message}", wrong.hint) from wrong
    if new.hint:
        say(f"the search {name!r}: {new.hint}")
    others = () if first else tuple(hit.id for hit in new.results[len(shown.results) :])
    found = Found(name, query, first, total, shown.results, others)
    return found, seen.through(run, reversed(new.results))


def _key(query: str) -> str:
    return f"digest of {query}"


def _write(made: Digest, form: str, chosen: tuple[str, ...]) -> None:
    if form == "json":
        formats.write_json(pages.as_json(made), sys.stdout)
    elif form == "atom":
        formats.write_text(atom.feed(made, chosen), sys.stdout)
    elif made.total:
        formats.write_text(pages.html(made) if form == "html" else pages.markdown(made), sys.stdout)
