"""``papersearch config``: the settings that hold, and where each comes from."""

from __future__ import annotations

import sys
from typing import Any

from papersearch import library
from papersearch.apps import settings as config
from papersearch.apps.session import exclude_of
from papersearch.core.errors import DamagedIndexError, PapersearchError, UsageError
from papersearch.output import formats
from papersearch.output.streams import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.apps.cli.arguments import Arguments


def show_config(arguments: Arguments) -> int:
    """Show the effective settings."""
    if arguments.trust_file:
        say(f"{config.trust_file()} is trusted as it is now")
    settings = config.settings(arguments.index)
    corpus, exclude, sources = _corpus_in_effect(settings, arguments.trust)
    tables = _tables_in_effect(settings)
    if arguments.json:
        data = {
            "file": settings.file,
            "index": settings.index_path,
            "corpus": corpus,
            "weights": settings.weights,
            "exclude": exclude,
            "meaning": {},
            **tables,
            **settings.query,
        }
        formats.write_json({"settings": data, "sources": sources}, sys.stdout)
        return 0
    from papersearch.output import plain

    file = str(settings.file)
    rows = [
        ("file", settings.file or "none", ""),
        ("index", settings.index_path, sources["index"]),
        ("corpus", "not known" if corpus is None else ", ".join(corpus), sources["corpus"]),
        *([("exclude", ", ".join(exclude), sources["exclude"])] if exclude else []),
        *((f"{name}.{key}", value, file) for name, keys in tables.items() for key, value in keys.items()),
        *((f"weights.{key}", f"{value:g}", file) for key, value in settings.weights.items()),
        *((key, str(value).lower(), sources[key]) for key, value in settings.query.items()),
    ]
    formats.write_text("".join(f"{line}\n" for line in plain.table(rows)), sys.stdout)
    return 0


def _tables_in_effect(settings: config.Settings) -> dict[str, dict[str, Any]]:
    """The tables of the file without the places that may not be used, of which standard error tells."""
    tables = {name: dict(keys) for name, keys in settings.tables.items()}
    for name, key in (("meaning", "model"), ("ask", "server")):
        place = tables.get(name, {}).get(key)
        if place not in (None, library.PACKAGED_MODEL) and config.place_of(settings, f"{name}.{key}") is None:
            del tables[name][key]
    return tables


def _corpus_in_effect(
    settings: config.Settings, trust: bool
) -> tuple[list[str] | None, list[str] | None, dict[str, str]]:
    """What is indexed (None: not known), what is left out (None: nothing), and where each setting comes from: the
    index says the former two, if there is one."""
    path, sources = settings.index_path, dict(settings.sources)
    corpus, left_out = None, settings.exclude
    try:
        folders = library.corpus_of(path, None, trust, settings.corpus)
        past = library.remembered(path)
        exclude = exclude_of(settings, folders, trust)
    except UsageError:
        raise
    except PapersearchError as unread:  # what is to be seen here may be the very thing that helps
        sources["corpus"] = "the index is damaged" if isinstance(unread, DamagedIndexError) else unread.message
    else:
        corpus, left_out = list(map(library.local_path, folders)), past.exclude if exclude is None else exclude
        if past.folders:
            sources["corpus"] = "the index"
        if exclude is None and any(left_out):
            sources["exclude"] = "the index"
    shown = [pattern for pattern in left_out or () if pattern]
    if not shown:
        sources.pop("exclude", None)
    return corpus, shown or None, sources
