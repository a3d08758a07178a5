"""An answer as people read it: sentences with the numbers of their papers as they come, then the papers."""

from __future__ import annotations

from collections.abc import Generator
from typing import TextIO

from papersearch.core.records import Reply, Sentence
from papersearch.output import page, terminal
from papersearch.text import display


def write_reply(stream: Generator[Sentence, None, Reply], out: TextIO) -> Reply:
    """Write the sentences of a stream as they come, and the papers at its end; the whole reply."""
    numbers: dict[str, int] = {}
    columns = page.columns(terminal.make_screen()) if out.isatty() else 0

    def number(paper_id: str) -> int:
        return numbers.setdefault(paper_id, len(numbers) + 1)

    while True:
        try:
            sentence = next(stream)
        except StopIteration as end:
            reply: Reply = end.value
            break
        cited = "".join(f"[{number(source)}]" for source in sentence.sources)
        _write(out, f"{sentence.text} {cited}", columns)
        out.flush()
    if reply.papers:
        out.write("\n")
    for paper in sorted(reply.papers, key=lambda each: number(each.id)):
        head = f"[{number(paper.id)}] "
        place = f", line {paper.line}" if paper.line else ""
        _write(out, f"{head}{paper.title or paper.id} ({paper.id}{place})", columns, " " * len(head))
    return reply


def _write(out: TextIO, text: str, columns: int, indent: str = "") -> None:
    """Write a text, wrapped to so many columns, its further lines behind ``indent``; to 0, on one line."""
    if not columns:
        out.write(display.one_line(text) + "\n")
        return
    for number, line in enumerate(display.wrap(text, columns - len(indent))):
        out.write((indent if number else "") + line + "\n")
