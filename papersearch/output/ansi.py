"""Text with its looks: runs of characters, each in one style, and the codes that a terminal is sent for them.

As Rich has it, and as small as a page of results needs it: to load Rich takes longer than to find the papers. Where
more than codes is called for, `terminal` hands the same runs to Rich. The codes are ECMA-48's SGR and, for links,
OSC 8.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count

from papersearch.core.frozen import Frozen

ATTRIBUTES = {"bold": 1, "dim": 2, "underline": 4, "strike": 9}
COLOURS = {"green": 32, "magenta": 35, "cyan": 36}


class Style(Frozen):
    """How characters look: attributes, a colour (0: the terminal's own) and where they lead."""

    attributes: frozenset[int] = frozenset()
    colour: int = 0
    link: Link | None = None

    def __add__(self, other: Style) -> Style:
        """Both; of colours and links those of the other."""
        attributes = self.attributes | other.attributes
        return Style(attributes, other.colour or self.colour, other.link or self.link)

    def sent(self, text: str) -> str:
        """The text with the codes around it."""
        codes = ";".join(map(str, [*sorted(self.attributes), *([self.colour] if self.colour else [])]))
        text = f"\x1b[{codes}m{text}\x1b[0m" if codes else text
        return f"\x1b]8;id={self.link.number};{self.link.url}\x1b\\{text}\x1b]8;;\x1b\\" if self.link else text


class Link(Frozen):
    """A web address. Parts with the same number are one link to the terminal, also over several lines."""

    url: str
    number: str


PLAIN = Style()
_numbers = count(1)


def style(*attributes: str, colour: str = "") -> Style:
    """A style by its names."""
    return Style(frozenset(map(ATTRIBUTES.__getitem__, attributes)), COLOURS[colour] if colour else 0)


def link(url: str) -> Style:
    """A style that leads to an address; a link of its own each time."""
    return Style(link=Link(url, f"{os.getpid()}-{next(_numbers)}"))


class Text:
    """Runs of characters with their styles."""

    def __init__(self, *parts: tuple[str, Style] | Text | str) -> None:
        self.runs: list[tuple[str, Style]] = []
        for part in parts:
            self.runs += part.runs if isinstance(part, Text) else [(part, PLAIN) if isinstance(part, str) else part]

    @property
    def plain(self) -> str:
        """The characters alone."""
        return "".join(text for text, _ in self.runs)

    def styled(self, more: Style, start: int, end: int) -> Text:
        """The same with a style over what is from ``start`` to ``end``."""
        inner = [(text, looks + more) for text, looks in self.part(start, end).runs]
        return Text(self.part(0, start), *inner, self.part(max(start, end), len(self.plain)))

    def part(self, start: int, end: int) -> Text:
        """What is from ``start`` to ``end``."""
        return Text(*self._cut(start, end))

    def _cut(self, start: int, end: int) -> Iterator[tuple[str, Style]]:
        at = 0
        for text, looks in self.runs:
            if piece := text[max(0, start - at) : max(0, end - at)]:
                yield piece, looks
            at += len(text)

    def sent(self, colours: bool) -> str:
        """What a terminal is sent; without ``colours`` the characters alone."""
        return "".join(looks.sent(text) for text, looks in self.runs if text) if colours else self.plain
