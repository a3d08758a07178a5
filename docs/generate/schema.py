"""The schema of what is printed as JSON, with the facts that the table of fields has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from papersearch.core.fields import FACTS, TEXTS, Texts
from papersearch.core.frozen import hints_of

# What a fact's type is in JSON, and what is said of facts whose name does not say it.
JSON_TYPES: dict[str, Any] = {
    "str": {"type": "string"},
    "str | None": {"type": ["string", "null"]},
    "int": {"$ref": "#/$defs/count"},
    "bool": {"type": "boolean"},
    "tuple[str, ...]": {"type": "array", "items": {"type": "string"}},
}
JSON_FACTS: dict[str, Any] = {
    "id": {"$ref": "#/$defs/id"},
    "version": {"$ref": "#/$defs/version"},
    "published": {"$ref": "#/$defs/date"},
    "posted": {"$ref": "#/$defs/time"},
    "et_al": {"type": "boolean", "description": "Whether the post says that there are more authors."},
}
SCHEMA = Path(__file__).resolve().parents[2] / "papersearch" / "output" / "schema.json"


def schema() -> str:
    """The schema of what is printed as JSON, the facts of a hit and of a paper as the table of fields has them."""
    data = json.loads(SCHEMA.read_text(encoding="utf-8"))
    hints = hints_of(Texts)
    known = {name: JSON_FACTS.get(name) or JSON_TYPES[hints[name]] for name in TEXTS}
    for kind, names in (("hit", FACTS), ("paper", TEXTS)):
        made = data["$defs"][kind]
        others = {name: value for name, value in made["properties"].items() if name not in TEXTS}
        made["properties"] = {name: known[name] for name in names} | others
        required = [name for name in made["required"] if name not in TEXTS]
        made["required"] = [*names, *required]
    return compact(data) + "\n"


def compact(data: Any, indent: str = "", before: int = 0) -> str:
    """JSON with whatever fits on one line there; ``before`` characters stand before it on its first."""
    line = json.dumps(data, ensure_ascii=False)
    if len(indent) + before + len(line) < 120 or not isinstance(data, (dict, list)):
        return line
    deeper = indent + "  "
    if isinstance(data, list):
        items = [compact(each, deeper) for each in data]
    else:
        items = [f"{json.dumps(name)}: {compact(each, deeper, len(name) + 4)}" for name, each in data.items()]
    opening, closing = "[]" if isinstance(data, list) else "{}"
    return f"{opening}\n" + ",\n".join(deeper + item for item in items) + f"\n{indent}{closing}"
