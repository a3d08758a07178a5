"""The quick way in: reads a command line by the table of options, without loading Typer.

Whatever is not plain sailing (help, an unknown or incomplete option, bundled letters) is left to Typer, which says
what is wrong. Where both understand a command line, they understand the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from papersearch.apps.cli.flags import QUERY, Command, Option
from papersearch.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


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


def parse(arguments: Sequence[str], command: Command = QUERY) -> tuple[list[str], dict[str, Any]] | None:
    """(words, values of all options) of the arguments after a command; None where that is Typer's business.

    Where the words are a query, a single dash before one means NOT, as in ``-video``: no option looks like that.
    """
    flags = _flags(command)
    words: list[str] = []
    values: dict[str, Any] = {option.name: option.default for option in command.options}
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            words += rest
            break
        if argument[:1] != "-" or argument == "-" or is_negated_word(argument, command):
            words.append(argument)
            continue
        flag, equals, given = argument.partition("=")
        if argument[:2] != "--" and len(argument) > 2:
            flag, equals, given = argument[:2], "=", argument[2:]
        if flag not in flags:
            return None
        option, value = flags[flag]
        if option.kind in ("flag", "switch"):
            if equals:
                return None
            values[option.name] = value
            continue
        if not equals:
            given = next(rest, "")
            if not given or (given[:1] == "-" and given != "-"):
                return None
        try:
            meant = option.value_of(given)
        except UsageError:
            return None
        values[option.name] = (*values[option.name], meant) if option.kind == "many" else meant
    return (words, values) if _fits(len(words), command) else None


def _fits(count: int, command: Command) -> bool:
    if command.argument is None:
        return count == 0
    return count >= command.argument.least and (command.argument.most < 0 or count <= command.argument.most)


def is_negated_word(argument: str, command: Command = QUERY) -> bool:
    """Whether an argument such as ``-video`` or ``-"self play"`` is a word that must not occur."""
    if argument[:1] != "-" or len(argument) < 3 or argument[1] == "-":
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
