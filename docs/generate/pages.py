"""Every page that is generated, whole or in part."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from docs.generate.manual import man_page
from docs.generate.reference import reference
from docs.generate.samples import answer_json, picture, reply_json
from docs.generate.schema import SCHEMA, schema
from docs.generate.tables import columns, commands_page, environment_table, exits_table, fields_table, settings_table

DOCS = Path(__file__).resolve().parents[1]
PARTS: dict[str, Callable[[], str]] = {
    "fields": fields_table,
    "answer": answer_json,
    "reply": reply_json,
    "columns": columns,
    "settings": settings_table,
    "environment": environment_table,
    "exits": exits_table,
    "reference": reference,
}


def with_parts(text: str) -> str:
    """A page with its generated parts made anew."""
    return re.sub(
        rf"<!-- ({'|'.join(PARTS)}) -->\n.*?<!-- end -->",
        lambda found: f"<!-- {found[1]} -->\n\n{PARTS[found[1]]()}\n\n<!-- end -->",
        text,
        flags=re.DOTALL,
    )


def pages() -> dict[str, str]:
    """Every page that is generated, whole or in part, by file name."""
    written = {path.name: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
    parts = {name: with_parts(text) for name, text in written.items() if "<!-- end -->" in text}
    made = {"commands.md": commands_page(), "papersearch.1": man_page(), "terminal.svg": picture()}
    return {**parts, **made, str(SCHEMA): schema()}
