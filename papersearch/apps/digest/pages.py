"""A digest for people, as Markdown and as HTML for mail, and as JSON. What a post says never becomes markup."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from papersearch.apps.digest.records import Digest, Found, web_address
from papersearch.core.records import Hit, Snippet
from papersearch.output import plain
from papersearch.output.json_shapes import FORMAT, hit_json
from papersearch.text.display import one_line

_WRAPPED = 200  # characters of HTML a line, for mail takes 998 bytes
# Begins a line, where a text has no blanks to be broken at, as Chinese has none.
_MARK = '\nstyle="background:#fff3b0;color:#1a1a1a"'
_QUIET = 'style="color:#666;margin:0.15em 0"'


def as_json(made: Digest) -> dict[str, Any]:
    """The digest with everything that is known of each paper."""
    return {
        "format": FORMAT,
        "indexed_at": made.indexed_at,
        "total": made.total,
        "searches": [
            {
                "name": found.name,
                "query": found.query,
                "first": found.first,
                "total": found.total,
                "results": [hit_json(hit) for hit in found.results],
            }
            for found in made.searches
        ],
    }


def heading(made: Digest) -> str:
    """``3 new papers``, whatever number of searches finds each."""
    return plain.count(made.papers, "new paper")


def _said(found: Found) -> str:
    if found.first:
        return f"the newest {plain.count(len(found.results), 'paper')}; from now on what is new"
    rest = found.total - len(found.results)
    return plain.count(found.total, "new paper") + (f", {rest:,} of them not shown" if rest else "")


def _facts(hit: Hit) -> str:
    return " · ".join(plain.facts(hit))


def markdown(made: Digest) -> str:
    """The digest as Markdown; searches without news are left out."""
    parts = [f"# {heading(made)}"]
    for found in made.searches:
        if found.results:
            parts.append(f"## {_literal(found.name)}\n\n{_literal(found.query)}: {_said(found)}")
            parts += [_item(hit) for hit in found.results]
    return "\n\n".join(parts) + "\n"


def _item(hit: Hit) -> str:
    title, address = _literal(hit.title or hit.id), web_address(hit)
    if address:
        safe = re.sub(r"[<>()\\\[\]`*_]", lambda found: f"%{ord(found[0]):02X}", address)
        title = f"[{title}](<{safe}>)"
    head = f"- **{title}**  \n  {_literal(_facts(hit))}"
    passages = "\n  >\n".join(f"  > {_marked(snippet)}" for snippet in hit.snippets)
    return f"{head}\n\n{passages}" if passages else head


def _marked(snippet: Snippet) -> str:
    return "".join(
        f"**{_literal(text)}**" if marked else _literal(text)
        for text, marked in plain.pieces(snippet.text, snippet.highlights)
    )


def _literal(text: str) -> str:
    """The text so that Markdown shows it as it is: nothing in it is markup, a link, the start of a list, or what GitHub
    and editors of notes take for formulas, highlights or comments (``$5 and $6``, ``==``, ``%%``)."""
    text = re.sub(r"[\\`*_{}\[\]<>|&~#@!$^]|=(?==)|(?<==)=|%(?=%)|(?<=%)%", r"\\\g<0>", one_line(text))
    text = re.sub(r"(?i):(?=//)|(?<=www)\.", r"\\\g<0>", text)
    return re.sub(r"^\s*(?:(?=[-+=])|\d+(?=[.)]))", r"\g<0>\\", text)


def html(made: Digest) -> str:
    """The digest as one HTML document that mail programs show: no style sheet, no script, nothing fetched."""
    body = [f'<h1 style="font-size:1.3em">{heading(made)}</h1>']
    for found in made.searches:
        if found.results:
            body.append(f'<h2 dir="auto" style="font-size:1.1em;margin:1.4em 0 0.2em">{_text(found.name)}</h2>')
            body.append(f"<p {_QUIET}>{_apart(found.query)}: {_said(found)}</p>")
            body += [_article(hit) for hit in found.results]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            f'<head><meta charset="utf-8"><title>{heading(made)}</title></head>',
            '<body style="font-family:sans-serif;line-height:1.45;max-width:44em;overflow-wrap:anywhere">',
            *body,
            "</body>",
            "</html>\n",
        ]
    )


def _article(hit: Hit) -> str:
    title, address = _text(hit.title or hit.id), web_address(hit)
    if address:
        title = f'<a href="{escape(address)}">{title}</a>'
    passages = "\n".join(
        f'<p dir="auto" style="margin:0.15em 0">{marked_html(snippet)}</p>' for snippet in hit.snippets
    )
    return (
        f'<div style="margin:0.9em 0">\n<p dir="auto" style="margin:0"><strong>{title}</strong></p>\n'
        f"<p {_QUIET}>{facts_html(hit)}</p>\n{passages}\n</div>"
    )


def facts_html(hit: Hit) -> str:
    """Authors, date, id and tags as HTML."""
    return " ·\n".join(map(_apart, plain.facts(hit)))


def marked_html(snippet: Snippet) -> str:
    """A passage as HTML, its marked words as such."""
    shown = plain.pieces(snippet.text, snippet.highlights)
    return "".join(f"<mark{_MARK}>{_text(text)}</mark>" if marked else _text(text) for text, marked in shown)


def _apart(text: str) -> str:
    """The text as HTML; what is written from right to left disorders nothing beside it, such as a date."""
    return f"<bdi>{_text(text)}</bdi>"


def _text(text: str) -> str:
    """The text as HTML, broken into lines at blanks, which HTML does not tell apart."""
    return re.sub(rf"(\S.{{{_WRAPPED},}}?) ", "\\1\n", escape(one_line(text)))
