"""Answers and records as data for other programs: JSON, CSV, lists of ids, paths and addresses.

Cheap to import and free of Rich: a script pays for nothing that it does not print. The shapes of the JSON are in
`json_shapes`; what is meant for people is made in `plain` and `page`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from papersearch.core.errors import UsageError
from papersearch.core.fields import FACTS
from papersearch.core.records import Answer
from papersearch.output import FORMATS
from papersearch.text import display

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO


CSV_COLUMNS = ("rank", "score", *FACTS, "path", "missing", "snippet")

# json.dumps leaves these as they are; escaped, they can neither steer a terminal nor fail to be encoded.
_ESCAPED_IN_JSON = r"[\x7f-\x9f\u200e\u200f\u061c\u2028-\u202e\u2066-\u206f\ud800-\udfff]"
_SPELLED = str.maketrans({"·": "-", "…": "...", "—": "--", "–": "-", "“": '"', "”": '"', "‘": "'", "’": "'"})
# What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection").
_FORMULA = r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]"


def json_text(data: Any, out: TextIO | None = None, *, indent: int | None = None) -> str:
    """The data as JSON without a newline at its end, fit for the encoding of ``out``."""
    encoding = (getattr(out, "encoding", None) or "utf-8").lower().replace("-", "").replace("_", "")
    ascii_only = encoding != "utf8"
    if indent is None:
        from papersearch.core.json_writer import dumps

        text = dumps(data, ascii_only=ascii_only)
    else:
        import json

        text = json.dumps(data, ensure_ascii=ascii_only, indent=indent)
    if text.isprintable():  # as most are on one line: spares compiling what looks closer
        return text
    return re.sub(_ESCAPED_IN_JSON, lambda found: f"\\u{ord(found[0]):04x}", text)


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
    return "'" + display.lines(value) if re.match(_FORMULA, value) else display.lines(value)


def _write_csv(answer: Answer, out: TextIO, _: bool) -> None:
    import csv
    import io

    lines = io.StringIO(newline="")
    table = csv.writer(lines)  # the default dialect is RFC 4180's: comma, double quotes doubled, CR LF
    table.writerow(CSV_COLUMNS)
    for hit in answer.results:
        row = {
            **{name: getattr(hit, name) for name in CSV_COLUMNS if name not in ("score", "snippet")},
            "score": round(hit.score, 4),
            "snippet": " … ".join(snippet.text for snippet in hit.snippets),
        }
        table.writerow([csv_cell(row[name]) for name in CSV_COLUMNS])
    write_text(lines.getvalue(), out)


def _escaped(text: str) -> str:
    """The text on one line: control codes as backslash escapes, undecodable bytes of file names as they are."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f]", lambda m: ascii(m[0])[1:-1], text)


def write_records(values: Iterable[str], out: TextIO, *, null: bool = False) -> None:
    """Write one value a line, or, with ``null``, the exact values each ended by NUL (for ``xargs -0``).

    File names that are not UTF-8 are written as the bytes that they are.
    """
    _write_exactly("".join(f"{value}\0" if null else f"{_escaped(value)}\n" for value in values), out, null)


def _write_exactly(text: str, out: TextIO, exact: bool) -> None:
    """Write text that may hold file names, their undecodable bytes as they are. What else the encoding of ``out`` lacks
    is escaped or, with ``exact``, UTF-8 all the same: a name must reach the program that opens it."""
    binary = getattr(out, "buffer", None)
    if binary is None or _encodable(text, out):
        out.write(text)
        return
    out.flush()
    for number, part in enumerate(re.split("([\udc80-\udcff]+)", text)):
        raw = number % 2 == 1 or exact
        binary.write(part.encode("utf-8", "surrogateescape") if raw else part.encode(out.encoding, "backslashreplace"))
    binary.flush()


def write_text(text: str, out: TextIO) -> None:
    """Write text for people; what the encoding of ``out`` lacks is spelled in ASCII or escaped, never an error."""
    if not _encodable(text, out):
        plain = text.translate(_SPELLED)
        text = plain.encode(out.encoding, "backslashreplace").decode(out.encoding)
    out.write(text)


def _encodable(text: str, out: TextIO) -> bool:
    try:
        text.encode(getattr(out, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return getattr(out, "encoding", None) is None
    return True


def check(fmt: str, template: str | None = None, *, null: bool = False) -> None:
    """Raise UsageError, naming the nearest, for a format or a template field that there is not, and for a format whose
    records cannot be ended by NUL if ``null``."""
    if fmt not in FORMATS:
        from papersearch.text.mistyped import choice

        raise UsageError(f"no format {display.one_line(fmt)!r}", choice(fmt, FORMATS))
    if template is not None:
        from papersearch.output.template import parse

        parse(template)
    elif null and fmt not in LISTED:
        raise UsageError("-0 is for ids, paths, urls and template lines", "add --format ids, paths or urls")


def _write_json(answer: Answer, out: TextIO, explain: bool) -> None:
    from papersearch.output.json_shapes import answer_json

    write_json(answer_json(answer, explain=explain), out)


def _write_jsonl(answer: Answer, out: TextIO, explain: bool) -> None:
    from papersearch.output.json_shapes import hit_json

    out.write("".join(json_text(hit_json(hit, explain=explain), out) + "\n" for hit in answer.results))


def _write_bibtex(answer: Answer, out: TextIO, _: bool) -> None:
    from papersearch.output.bibtex import entries

    write_text("\n".join(entries(answer.results)), out)


def _write_text(answer: Answer, out: TextIO, explain: bool) -> None:
    from papersearch.output.plain import results

    write_text(results(answer, explain=explain), out)


# The formats of ``output.TABLE``: those with a writer, which is told whether to explain, and those that print a fact.
WRITERS: dict[str, Callable[[Answer, TextIO, bool], None]] = {
    "text": _write_text,
    "json": _write_json,
    "jsonl": _write_jsonl,
    "csv": _write_csv,
    "bibtex": _write_bibtex,
}
LISTED = {"ids": "id", "paths": "path", "urls": "url"}


def write(
    fmt: str,
    answer: Answer,
    out: TextIO,
    *,
    template: str | None = None,
    null: bool = False,
    explain: bool = False,
) -> None:
    """Write the answer to ``out`` in a format of FORMATS, or by ``template`` if one is given.

    ``null`` ends the records of ids, paths, urls and templates with NUL. Raises as ``check``, before it writes.
    """
    check(fmt, template, null=null)
    if template is not None:
        from papersearch.output.template import fill, parse

        parts = parse(template)
        end = "\0" if null else "\n"
        _write_exactly("".join(fill(parts, answer, hit, exact=null) + end for hit in answer.results), out, null)
    elif fmt in LISTED:
        write_records(filter(None, (getattr(hit, LISTED[fmt]) for hit in answer.results)), out, null=null)
    else:
        WRITERS[fmt](answer, out, explain)
