"""An answer as people read it: sentences with the numbers of their papers as they come, then the papers."""

from __future__ import annotations

from collections.abc import Generator
from typing import TextIO

from papersearch.core.records import Reply, Sentence
from papersearch.output import plain
from papersearch.text import display


class Printer:
    """Writes an answer to a stream; wrapped on a terminal, one sentence a line in a pipe."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._numbers: dict[str, int] = {}

    def print(self, stream: Generator[Sentence, None, Reply]) -> Reply:
        """Write the sentences of a stream as they come, and the papers at its end; the whole reply."""
        while True:
            try:
                sentence = next(stream)
            except StopIteration as end:
                reply: Reply = end.value
                break
            cited = "".join(f"[{self._number(source)}]" for source in sentence.sources)
            self._write(f"{sentence.text} {cited}", "")
            self._out.flush()
        if reply.papers:
            self._out.write("\n")
        for paper in sorted(reply.papers, key=lambda each: self._number(each.id)):
            head = f"[{self._number(paper.id)}] "
            self._write(f"{head}{paper.title or paper.id} ({paper.id}, line {paper.line})", " " * len(head))
        return reply

    def _number(self, paper_id: str) -> int:
        return self._numbers.setdefault(paper_id, len(self._numbers) + 1)

    def _write(self, text: str, indent: str) -> None:
        if not self._out.isatty():
            self._out.write(display.one_line(text) + "\n")
            return
        for number, line in enumerate(display.wrap(text, plain.COLUMNS - len(indent))):
            self._out.write((indent if number else "") + line + "\n")
