"""A digest as an Atom feed (RFC 4287): one entry a paper, whose id stays the same in every digest."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

from papersearch.apps.digest import pages
from papersearch.apps.digest.records import Digest, Found, web_address
from papersearch.core.records import Hit
from papersearch.output import plain
from papersearch.text.display import one_line

ATOM = "http://www.w3.org/2005/Atom"
_BEGINNING = "1970-01-01T00:00:00Z"  # where nothing is known of a time


def feed(made: Digest, chosen: Sequence[str] = ()) -> str:
    """The feed as an XML document. A paper that several searches find is one entry with their names as categories.
    That of some ``chosen`` searches is a feed of its own."""
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed")
    place = made.index if "://" in made.index else os.path.realpath(made.index)
    names = sorted(set(chosen))
    _add(root, "id", _urn("digest", "\0".join((place, *names))))
    _add(root, "title", f"New papers: {', '.join(names)}" if names else "New papers")
    _add(root, "updated", _time(made.indexed_at) or _BEGINNING)
    _add(root, "generator", "papersearch")
    _add(ET.SubElement(root, f"{{{ATOM}}}author"), "name", "papersearch")
    found: dict[str, tuple[Hit, list[Found]]] = {}
    for search in made.searches:
        for hit in search.results:
            found.setdefault(hit.id, (hit, []))[1].append(search)
    for hit, searches in found.values():
        _entry(root, hit, searches, made.indexed_at)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _entry(root: ET.Element, hit: Hit, searches: list[Found], indexed_at: str | None) -> None:
    entry = ET.SubElement(root, f"{{{ATOM}}}entry")
    _add(entry, "id", _urn("paper", hit.id))
    _add(entry, "title", hit.title or hit.id)
    # Feed readers hide what is old: a note of which no day is known is as new as the run that found it.
    _add(entry, "updated", _time(hit.posted) or _time(hit.published) or _time(indexed_at) or _BEGINNING)
    if published := _time(hit.published):
        _add(entry, "published", published)
    for name in hit.authors[: plain.NAMED_AUTHORS] if hit.authors else ("unknown",):
        _add(ET.SubElement(entry, f"{{{ATOM}}}author"), "name", name)
    if address := web_address(hit):
        ET.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=address)
    for search in searches:
        ET.SubElement(entry, f"{{{ATOM}}}category", term=_clean(search.name))
    passages = "\n".join(f'<p dir="auto">{pages.marked_html(snippet)}</p>' for snippet in hit.snippets)
    _add(entry, "content", f"<p>{pages.facts_html(hit)}</p>\n{passages}", type="html")


def _urn(kind: str, name: str) -> str:
    """A name for all time, the same for the same thing."""
    known = f"papersearch:{kind}:{name}".encode("utf-8", "backslashreplace")
    return uuid5(NAMESPACE_URL, known.decode()).urn


def _add(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    element = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    element.text = "\n".join(map(_clean, text.split("\n")))


def _clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return re.sub("[\ufffe\uffff]", "\ufffd", one_line(text))


def _time(iso: str | None) -> str | None:
    """A date or time as RFC 3339 has it, in UTC where no zone is known; None if it is neither."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?", iso or "")
    return f"{found[1]}T{found[2] or '00:00:00'}{found[3] or 'Z'}" if found else None
