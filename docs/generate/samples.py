"""Real answers over the sample posts, as JSON and as a picture of a terminal."""

from __future__ import annotations

import atexit
import io
import json
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import papersearch
from papersearch.core.frozen import replace
from papersearch.core.records import Request
from papersearch.output import json_shapes, page
from papersearch.output.terminal import RichScreen

CORPUS = Path(__file__).resolve().parents[2] / "corpus"


@cache
def sample() -> papersearch.Index:
    """An index of the sample posts, in a folder that goes when the program ends."""
    place = tempfile.TemporaryDirectory()
    atexit.register(place.cleanup)
    return papersearch.build(str(Path(place.name) / "index"), [str(CORPUS)], jobs=1)


def answer_json() -> str:
    """A real answer over the sample posts as JSON, spread over lines as people like it."""
    answer = sample().search("qwen", limit=1)
    hits = [replace(hit, path=f"corpus/{Path(hit.path).name}") for hit in answer.results]
    return _spread(json_shapes.answer_json(replace(answer, seconds=0.002, results=tuple(hits))))


def reply_json() -> str:
    """A real answer to a question over the sample posts, in the same way."""
    return _spread(json_shapes.reply_json(sample().ask("what does Qwen2.5 cost compared to GPT-4o?")))


def _spread(data: Any) -> str:
    text = json.dumps(data, indent=2, ensure_ascii=False)
    for inner in (r"\[\s+([^][{}]*?)\s+\]", r"\[\s+(\[[^{}]*?\])\s+\](?=\s*[,}])"):
        text = re.sub(inner, lambda found: "[" + re.sub(r",\s+", ", ", found[1]) + "]", text)
    return f"```json\n{text}\n```"


def picture() -> str:
    """A real answer over the sample posts as a terminal shows it, as SVG; only the time is fixed."""
    from rich.console import Console
    from rich.terminal_theme import DIMMED_MONOKAI

    answer = replace(sample().search("mixture of experts", limit=3), seconds=0.002)
    console = Console(
        record=True,
        width=80,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        markup=False,
        highlight=False,
    )
    console.print('$ papersearch query "mixture of experts" -n 3')
    page.results(answer, Request(answer.query), RichScreen(console))
    console.print()  # the picture ends in the middle of its last line
    return console.export_svg(title="papersearch", theme=DIMMED_MONOKAI, unique_id="papersearch")
