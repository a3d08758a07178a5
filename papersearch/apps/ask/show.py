"""An answer as people read it: sentences with the numbers of their papers as they come, then the papers, with the
passages that a model's sentences rest on; sentences that are quoted are passages themselves."""

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
        _write(out, "", f"{sentence.text} {cited}", columns)
        out.flush()
    if reply.papers:
        out.write("\n")
    for paper in sorted(reply.papers, key=lambda each: number(each.id)):
        head = f"[{number(paper.id)}] "
        place = f", line {paper.line}" if paper.line else ""
        _write(out, head, f"{paper.title or paper.id} ({paper.id}{place})", columns)
        if reply.model is not None:
            _write(out, " " * len(head), paper.passage, columns)
    return reply


def _write(out: TextIO, head: str, text: str, columns: int) -> None:
    """Write a text behind a head, wrapped to so many columns, its further lines below the first; to 0, on one line."""
    if not columns:
        out.write(head + display.one_line(text) + "\n")
        return
    for line in display.wrap(text, columns - len(head)):
        out.write(head + line + "\n")
        head = " " * len(head)
