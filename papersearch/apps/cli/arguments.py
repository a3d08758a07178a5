"""A command line as records: what it may have (options, arguments, commands), and what one has, ``Arguments``: what was
typed, read and checked, before settings and defaults of requests come in.
"""

from __future__ import annotations

from papersearch.core.errors import UsageError
from papersearch.core.frozen import Frozen, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# An empty value of any other option comes from a variable of a script that is not set, and would be passed over or find
# nothing; no pattern at all is what `--exclude ""` says.
_MAY_BE_EMPTY = ("text", "template", "exclude")


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
        """What is meant by the text given for it. Raises ``UsageError`` for what is not a number, below 0 or above
        ``most``, an unknown choice, or nothing where a value must be. Letters may be followed by an equals sign, as in
        ``-n=3``."""
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
            from papersearch.text.mistyped import choice

            raise UsageError(f"there is no {self.flags[-1]} {given!r}", choice(given, self.choices))
        if not given and self.kind in ("text", "many") and self.name not in _MAY_BE_EMPTY:
            raise self.wants_value(self.flags[-1])
        return given

    @property
    def told(self) -> str:
        """The help, with the default where that is not said."""
        shown = f"{self.default:g}" if isinstance(self.default, (int, float)) else self.default
        if self.kind in ("flag", "switch", "many") or shown in (None, "", "0") or str(shown) in self.help:
            return self.help
        return f"{self.help.rstrip('.')} ({shown})."

    def wants_value(self, flag: str) -> UsageError:
        """What is raised where the option is given, as ``flag``, without its value."""
        return UsageError(f"{flag} requires an argument", f"{flag} {self.metavar or self.name.upper()}")


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


class Arguments(Frozen):
    """The command, its words, and the value of every option; the options of other commands have the values below.

    ``given`` names the options that the line has, so that a value can be told from a default that is the same.
    The names of fields are those of the table in ``flags``.
    """

    command: str
    words: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()
    help: bool = False

    # every command
    index: str | None = None
    trust: bool = False
    verbose: bool = False
    debug: bool = False
    json: bool = False
    # runs
    rebuild: bool = False
    watch: bool = False
    prune: bool = False
    exclude: tuple[str, ...] = ()
    meaning: bool | None = None
    jobs: int = 0
    wait: float = 60.0
    quiet: bool = False
    refresh: bool = False
    # which papers
    limit: int | None = None
    offset: int = 0
    sort: str | None = None
    author: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    since_run: int | None = None
    partial: bool = False
    new: bool = False
    peek: bool = False
    match: str | None = None
    syntax: bool | None = None
    expand: bool = True
    batch: str | None = None
    text: str | None = None
    by: str = "tag"
    # how they are shown
    format: str | None = None
    template: str | None = None
    null: bool = False
    explain: bool = False
    snippets: bool = True
    pager: bool = True
    color: str = "auto"
    first_line: str | None = None
    max_chars: int = 0
    post: bool = False
    print: bool = False
    # answers
    papers: int = 5
    server: str | None = None
    model: str | None = None
    show_prompt: bool = False
    timeout: float = 120.0
    # programs that stay, and settings
    trust_file: bool = False
    host: str = "127.0.0.1"
    port: int = 8765
    open: bool = False
    paths: bool = False
