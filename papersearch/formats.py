"""Answers and records as data for other programs: JSON, CSV, lists of ids, paths and addresses.

Cheap to import and free of Rich: a script's query pays for nothing that it does not print. The shapes are those that
``schema.json`` describes; keys are only ever added to them. What is meant for people is made in `plain` and `render`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from .errors import UsageError
from .records import Answer, Hit, OtherPost, Paper, Problem, Stats, Summary
from .text import display

FORMAT = 1
FORMATS = ("text", "json", "jsonl", "csv", "bibtex", "ids", "paths", "urls")
PAPER_FORMATS = ("json", "markdown", "bibtex")
CSV_COLUMNS = (
    "rank", "score", "id", "version", "title", "authors", "et_al", "published", "posted", "tags", "url", "path",
    "missing", "snippet",
)  # fmt: skip

# json.dumps leaves these as they are; escaped, they can neither steer a terminal nor fail to be encoded.
_ESCAPED_IN_JSON = re.compile(r"[\x7f-\x9f\u200e\u200f\u061c\u2028-\u202e\u2066-\u206f\ud800-\udfff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection").
_FORMULA = re.compile(r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")


def other_post_json(post: OtherPost) -> dict[str, Any]:
    """Another post about the same paper."""
    return {"path": post.path, "version": post.version, "title": post.title, "posted": post.posted}


def hit_json(hit: Hit, *, explain: bool = False) -> dict[str, Any]:
    """One result; with ``explain`` (or where the hit carries one) its explanation too."""
    data: dict[str, Any] = {
        "rank": hit.rank,
        "score": round(hit.score, 4),
        "id": hit.id,
        "version": hit.version,
        "missing": list(hit.missing),
        "title": hit.title,
        "title_highlights": [list(span) for span in hit.title_highlights],
        "authors": list(hit.authors),
        "et_al": hit.et_al,
        "published": hit.published,
        "posted": hit.posted,
        "tags": list(hit.tags),
        "url": hit.url,
        "path": hit.path,
        "other_posts": [other_post_json(post) for post in hit.other_posts],
        "snippets": [
            {
                "field": snippet.field,
                "line": snippet.line,
                "text": snippet.text,
                "highlights": [list(span) for span in snippet.highlights],
            }
            for snippet in hit.snippets
        ],
    }
    if explain or hit.explanation:
        data["explanation"] = [
            {
                "term": part.term,
                "field": part.field,
                "frequency": part.frequency,
                "length": part.length,
                "weight": round(part.weight, 4),
                "score": round(part.score, 4),
                "note": part.note,
            }
            for part in hit.explanation
        ]
    return data


def to_json(answer: Answer, *, explain: bool = False) -> dict[str, Any]:
    """One answer with all its results, as the contract has it."""
    return {
        "format": FORMAT,
        "query": answer.query,
        "total": answer.total,
        "total_all": answer.total_all,
        "seconds": round(answer.seconds, 6),
        "suggestion": answer.suggestion,
        "expanded": {word: list(meant) for word, meant in answer.expanded.items()},
        "hint": answer.hint,
        "results": [hit_json(hit, explain=explain) for hit in answer.results],
    }


def error_json(query: str, error: str) -> dict[str, Any]:
    """The answer to a line of a batch that could not be answered: nothing found, and ``error`` says why."""
    return {**to_json(Answer(query=query, total=0, total_all=0, seconds=0.0)), "error": error}


def paper_json(paper: Paper) -> dict[str, Any]:
    """One paper, whole."""
    return {
        "format": FORMAT,
        "id": paper.id,
        "version": paper.version,
        "title": paper.title,
        "authors": list(paper.authors),
        "et_al": paper.et_al,
        "published": paper.published,
        "posted": paper.posted,
        "tags": list(paper.tags),
        "url": paper.url,
        "path": paper.path,
        "abstract": paper.abstract,
        "abstract_line": paper.abstract_line,
        "qa": paper.qa,
        "qa_line": paper.qa_line,
        "other_posts": [other_post_json(post) for post in paper.other_posts],
    }


def problem_json(problem: Problem) -> dict[str, Any]:
    """Something wrong with a file; line 0 means the whole file."""
    return {"path": problem.path, "line": problem.line, "reason": problem.reason}


def summary_json(summary: Summary) -> dict[str, Any]:
    """What an index run did."""
    return {
        "added": summary.added,
        "updated": summary.updated,
        "removed": summary.removed,
        "unchanged": summary.unchanged,
        "skipped": [problem_json(problem) for problem in summary.skipped],
        "total": summary.total,
        "seconds": round(summary.seconds, 3),
        "notes": list(summary.notes),
    }


def stats_json(stats: Stats) -> dict[str, Any]:
    """What an index holds."""
    return {
        "format": FORMAT,
        "papers": stats.papers,
        "posts": stats.posts,
        "terms": stats.terms,
        "segments": stats.segments,
        "size_bytes": stats.size_bytes,
        "generation": stats.generation,
        "indexed_at": stats.indexed_at,
        "corpus": list(stats.corpus),
        "stale": stats.stale,
    }


def facets_json(counts: Iterable[tuple[str, int]], by: str) -> dict[str, Any]:
    """Counts by tag, author, year or month, in the order given."""
    return {"format": FORMAT, "by": by, "counts": [{"value": value, "count": count} for value, count in counts]}


def json_text(data: Any, out: TextIO | None = None, *, indent: int | None = None) -> str:
    """The data as JSON without a newline at its end, fit for the encoding of ``out``."""
    import json

    encoding = (getattr(out, "encoding", None) or "utf-8").lower().replace("-", "").replace("_", "")
    text = json.dumps(data, ensure_ascii=encoding != "utf8", indent=indent)
    return _ESCAPED_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def write_json(data: Any, out: TextIO) -> None:
    """Write one JSON document and a newline: indented for a person at a terminal, on one line for a program."""
    out.write(json_text(data, out, indent=2 if out.isatty() else None) + "\n")


def csv_cell(value: object) -> str:
    """The value as one cell that no spreadsheet takes for a formula. Unknown is empty, lists are joined by ``; ``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        value = "; ".join(map(str, value))
    if not isinstance(value, str):
        return str(value)
    return "'" + display.lines(value) if _FORMULA.match(value) else display.lines(value)


def _write_csv(answer: Answer, out: TextIO, header: bool) -> None:
    import csv

    table = csv.writer(out)  # the default dialect is RFC 4180's: comma, double quotes doubled, CR LF
    if header:
        table.writerow(CSV_COLUMNS)
    for hit in answer.results:
        row = {
            **{name: getattr(hit, name) for name in CSV_COLUMNS if name not in ("score", "snippet")},
            "score": round(hit.score, 4),
            "snippet": " … ".join(snippet.text for snippet in hit.snippets),
        }
        table.writerow([csv_cell(row[name]) for name in CSV_COLUMNS])


def _escaped(text: str) -> str:
    """The text on one line: control codes as backslash escapes, undecodable bytes of file names as they are."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f]", lambda m: ascii(m[0])[1:-1], text)


def write_records(values: Iterable[str], out: TextIO, *, null: bool = False) -> None:
    """Write one value a line, or, with ``null``, the exact values each ended by NUL (for ``xargs -0``).

    File names that are not UTF-8 are written as the bytes that they are.
    """
    _write_exactly("".join(f"{value}\0" if null else f"{_escaped(value)}\n" for value in values), out)


def _write_exactly(text: str, out: TextIO) -> None:
    """Write text that may hold undecodable bytes of file names, as the bytes that they are."""
    binary = getattr(out, "buffer", None)
    if binary is None or _SURROGATE.search(text) is None:
        out.write(text)
        return
    out.flush()
    binary.write(os.fsencode(text))
    binary.flush()


def _ids(hit: Hit) -> str | None:
    return hit.id


def _paths(hit: Hit) -> str | None:
    return hit.path


def _urls(hit: Hit) -> str | None:
    return hit.url


_LISTS: dict[str, Callable[[Hit], str | None]] = {"ids": _ids, "paths": _paths, "urls": _urls}


def check(fmt: str, template: str | None = None) -> None:
    """Raise UsageError, naming the nearest, for a format or a template field that there is not."""
    if fmt not in FORMATS:
        raise UsageError(f"no format {display.one_line(fmt)!r}", display.nearest(fmt, FORMATS))
    if template is not None:
        from .template import parse

        parse(template)


def write(
    fmt: str,
    answer: Answer,
    out: TextIO,
    *,
    template: str | None = None,
    null: bool = False,
    explain: bool = False,
    header: bool = True,
) -> None:
    """Write the answer to ``out`` in a format of FORMATS, or by ``template`` where one is given.

    ``null`` ends the records of ids, paths, urls and templates with NUL; ``header`` False leaves out that of csv (for
    the next page). Raises UsageError for an unknown format or template field, before anything is written.
    """
    check(fmt, template)
    if template is not None:
        from .template import fill, parse

        parts = parse(template)
        end = "\0" if null else "\n"
        _write_exactly("".join(fill(parts, answer, hit, exact=null) + end for hit in answer.results), out)
    elif fmt == "json":
        write_json(to_json(answer, explain=explain), out)
    elif fmt == "jsonl":
        out.write("".join(json_text(hit_json(hit, explain=explain), out) + "\n" for hit in answer.results))
    elif fmt == "csv":
        _write_csv(answer, out, header)
    elif fmt == "bibtex":
        from .bibtex import entries

        out.write("\n".join(entries(answer.results)))
    elif fmt in _LISTS:
        values = map(_LISTS[fmt], answer.results)
        write_records([value for value in values if value], out, null=null)
    else:
        from .plain import results

        out.write(results(answer, explain=explain))
