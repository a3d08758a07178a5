"""Reads a command line by the table of options, and says what is wrong with it. Loads nothing: Typer has the help.

Where the words are a query, a single dash before one means NOT, as in ``-video``: no option looks like that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from papersearch.apps.cli.arguments import Arguments, Command, Option
from papersearch.apps.cli.flags import BY_NAME
from papersearch.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HELP = ("-h", "--help")
_WITHOUT_COMMAND = ("--version", "--install-completion", "--show-completion")  # ``dispatch`` takes them before this
# Words that a query may be, or begin with, and not a mistyped command.
_WORDS = frozenset(("facts", "faces", "scheme", "schemes", "seven", "stars", "start", "state"))


def parse(line: Sequence[str]) -> Arguments:
    """The arguments of a command line; ``papersearch "mixture of experts"`` is a query.

    Raises ``UsageError``. ``help`` is set where the line asks for it: of a command, or of the program (no command).
    """
    first, rest = (line[0], line[1:]) if line else ("help", ())
    if first in HELP or (first == "help" and (all(word in BY_NAME for word in rest) or [*rest] == ["help"])):
        return Arguments(rest[0] if rest and rest[0] in BY_NAME else "", help=True)
    if first in BY_NAME:
        return _Reader(BY_NAME[first]).read(rest)
    if first == "help" and len(rest) == 1:
        first, rest = rest[0], ()
    if near := _mistyped_command(first, len(rest) > 0):
        import shlex

        words = shlex.join(["query", *line])
        raise UsageError(
            f"there is no command {first!r}", f"did you mean {near!r}? To search for it: papersearch {words}"
        )
    arguments = _Reader(BY_NAME["query"], _WITHOUT_COMMAND).read(line)
    if first[:1] == "-" and "--" not in line and arguments.words and arguments.words[0] in BY_NAME:
        raise _too_early(line, arguments.words[0])
    return arguments


def _too_early(line: Sequence[str], command: str) -> UsageError:
    """Options before a command, as other programs take them; here a search for its name would be the answer."""
    import shlex

    rest = [*line]
    rest.remove(command)
    options, words = shlex.join([command, *rest]), shlex.join(["query", *line])
    return UsageError(
        "options come after the command", f"papersearch {options}; to search for these words: papersearch {words}"
    )


def _mistyped_command(word: str, more: bool) -> str | None:
    """The command that was probably meant by a word; ``more`` words may make it a query."""
    if len(word) < 4 or not (word.isascii() and word.isalpha()) or (word in _WORDS and (more or word == "seven")):
        return None
    # Slips hardly ever hit the first letter; longer and shorter words are words of a query.
    alike = [name for name in BY_NAME if name[0] == word[0] and abs(len(name) - len(word)) <= 1]
    if not alike:
        return None
    from papersearch.text.mistyped import nearest

    return nearest(word, alike)


@cache
def _flags(command: Command) -> dict[str, tuple[Option, bool]]:
    """Each flag of a command with its option, and what it switches that to."""
    flags: dict[str, tuple[Option, bool]] = {}
    for option in command.options:
        if option.kind == "switch":
            flags[option.flags[0]], flags[option.flags[1]] = (option, True), (option, False)
        else:
            flags.update(dict.fromkeys(option.flags, (option, True)))
    return flags


class _Reader:
    """One pass over the arguments after a command. ``others`` are flags that may have been meant by a mistyped one."""

    def __init__(self, command: Command, others: Sequence[str] = ()) -> None:
        self._command, self._flags, self._others = command, _flags(command), others
        self._words: list[str] = []
        self._values: dict[str, Any] = {option.name: option.default for option in command.options}
        self._given: set[str] = set()

    def read(self, line: Sequence[str]) -> Arguments:
        """The arguments. Raises ``UsageError``."""
        rest = iter(line)
        for argument in rest:
            if argument == "--":
                self._words += rest
            elif argument in HELP:
                return Arguments(self._command.name, help=True)
            elif argument[:1] != "-" or argument == "-" or _is_negated_word(argument, self._command):
                self._words.append(argument)
            elif argument[:2] == "--":
                self._long(argument, rest)
            else:
                self._letters(argument, rest)
        self._check_words(line)
        self._check_forms()
        return Arguments(self._command.name, tuple(self._words), frozenset(self._given), **self._values)

    def _long(self, argument: str, rest: Iterator[str]) -> None:
        """``--name``, ``--name VALUE`` or ``--name=VALUE``."""
        flag, equals, value = argument.partition("=")
        option, switched = self._option(flag)
        if option.kind not in ("flag", "switch"):
            self._set(option, value if equals else self._next(option, flag, rest))
        elif equals:
            raise UsageError(f"{flag} does not take a value", f"write {flag} alone")
        else:
            self._put(option, switched)

    def _letters(self, argument: str, rest: Iterator[str]) -> None:
        """``-q``, several as ``-qv``, and with a value ``-n 3``, ``-n3`` or ``-n=3``."""
        for at in range(1, len(argument)):
            flag, value = f"-{argument[at]}", argument[at + 1 :]
            if flag not in self._flags:
                raise self._unknown(argument if at == 1 else flag)
            option, switched = self._flags[flag]
            if option.kind not in ("flag", "switch"):
                self._set(option, value or self._next(option, flag, rest))
                return
            self._put(option, switched)

    def _option(self, flag: str) -> tuple[Option, bool]:
        if flag not in self._flags:
            raise self._unknown(flag)
        return self._flags[flag]

    def _next(self, option: Option, flag: str, rest: Iterator[str]) -> str:
        """The argument after a flag, unless it is a flag itself."""
        value = next(rest, None)
        if value is None or value.partition("=")[0] in self._flags:
            raise option.wants_value(flag)
        return value

    def _set(self, option: Option, text: str) -> None:
        value = option.value_of(text)
        self._put(option, (*self._values[option.name], value) if option.kind == "many" else value)

    def _put(self, option: Option, value: object) -> None:
        self._values[option.name] = value
        self._given.add(option.name)

    def _unknown(self, flag: str) -> UsageError:
        from papersearch.text.mistyped import suggestion

        if flag in ("-f", "--format") and "--json" in self._flags:  # as those commands have it that print papers
            hint = "--json prints JSON"
        elif chosen := self._choosing(flag.removeprefix("--")):
            hint = f"did you mean {chosen}?"
        else:
            hint = suggestion(flag, [*self._flags, *HELP, *self._others]) or self._usage()
        return UsageError(f"there is no option {flag}", hint)

    def _choosing(self, name: str) -> str:
        """The option that takes a name as its value, with it, as ``--format csv``; empty if none does. A title is
        more likely one to search for than to sort by."""
        named = (option for option in self._command.options if name in option.choices and name != "title")
        return next((f"{option.flags[-1]} {name}" for option in named), "")

    def _usage(self) -> str:
        return f"papersearch {self._command.name} --help"

    def _check_words(self, line: Sequence[str]) -> None:
        """Raise ``UsageError`` if there are too few or too many words for the command."""
        expected, count = self._command.argument, len(self._words)
        least, most = (expected.least, expected.most) if expected else (0, 0)
        if expected and count < least:
            raise UsageError(f"missing argument {expected.metavar!r}", self._usage())
        if 0 <= most < count:
            import shlex

            hint = self._usage()
            if most:
                hint += "; to search for these words: papersearch query " + shlex.join([self._command.name, *line])
            raise UsageError(f"unexpected argument {self._words[most]!r}", hint)

    def _check_forms(self) -> None:
        """Raise ``UsageError`` if the line says in two ways how the answer is to be printed."""
        given, form = self._given, self._values.get("format")
        said = ["--json"] if "json" in given else []
        if "format" in given and not (said and form == "json"):
            said.append(f"--format {form}")
        if "template" in given:
            said.append("--template")
        if len(said) > 1:
            raise UsageError(f"{said[0]} and {said[1]} contradict each other", "leave one of them out")


def _is_negated_word(argument: str, command: Command) -> bool:
    """Whether an argument with a dash, such as ``-video`` or ``-"self play"``, is a word that must not occur."""
    if len(argument) < 3 or argument[1] == "-":
        return False
    if command.argument is None or command.argument.name != "words":
        return False
    option, _ = _flags(command).get(argument[:2], (None, True))
    if option is None:
        return argument[1].isalpha() or argument[1] in "(\"'"
    if option.kind == "int":
        return not argument[2:].lstrip("=+-").isdigit()
    if option.choices:
        return argument[2:].lstrip("=") not in option.choices
    return argument[1:].isalpha()
