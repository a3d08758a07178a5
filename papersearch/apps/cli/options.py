"""What the table of commands is made of: options, arguments and commands as records, and reading an option's value."""

from __future__ import annotations

from papersearch.core.errors import UsageError
from papersearch.core.frozen import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Option(NamedTuple):
    """An option: ``kind`` is flag, switch (``--x/--no-x``), int, float, text or many (can be repeated)."""

    name: str
    flags: tuple[str, ...]
    kind: str
    help: str
    default: Any = None
    metavar: str = ""
    choices: tuple[str, ...] = ()
    most: int | None = None

    def value_of(self, given: str) -> Any:
        """What is meant by the text given for it. Raises ``UsageError`` for a number that is none, below 0 or above
        ``most``, a choice that there is not, no folder. Letters may be followed by an equals sign, as in ``-n=3``."""
        if self.kind in ("int", "float"):
            text = given.removeprefix("=")
            try:
                number: float = int(text) if self.kind == "int" else float(text)
            except ValueError:
                number = -1
            if not 0 <= number <= (number if self.most is None else self.most):
                kind = "whole number" if self.kind == "int" else "number"
                bounds = "0 or more" if self.most is None else f"from 0 to {self.most}"
                raise UsageError(f"{self.flags[-1]} {given!r}", f"it must be a {kind}, {bounds}")
            return number
        if self.choices:
            if given.removeprefix("=") in self.choices:
                return given.removeprefix("=")
            from papersearch.text.nearest import choice

            raise UsageError(f"there is no {self.flags[-1]} {given!r}", choice(given, self.choices))
        if self.name == "index" and not given:
            raise UsageError("--index without a folder", "--index DIR")
        return given


class Argument(NamedTuple):
    """What stands without a flag: ``most`` 1 or -1 for any number; ``least`` how many there must be."""

    name: str
    metavar: str
    help: str
    least: int = 0
    most: int = -1


class Command(NamedTuple):
    """A command: what it does, takes and understands, and examples of it."""

    name: str
    help: str
    argument: Argument | None
    options: tuple[Option, ...]
    examples: tuple[str, ...] = ()
