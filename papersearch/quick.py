"""The quick way in: reads the command line of ``query`` by the table of options, without loading Typer.

Whatever is not plain sailing (help, an unknown or incomplete option, bundled letters) is left to Typer, which says
what is wrong. Where both understand a command line, they understand the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from papersearch.options import QUERY, Option

_FLAGS: dict[str, tuple[Option, Any]] = {}
for _option in QUERY.options:
    if _option.kind == "switch":
        _FLAGS[_option.flags[0]], _FLAGS[_option.flags[1]] = (_option, True), (_option, False)
    else:
        _FLAGS.update(dict.fromkeys(_option.flags, (_option, True)))


def parse(arguments: Sequence[str]) -> tuple[list[str], dict[str, Any]] | None:
    """(words, values of all options) of the arguments after ``query``; None where that is Typer's business.

    A single dash before a word means NOT, as in ``-video``: no option of ``query`` looks like that.
    """
    words: list[str] = []
    values: dict[str, Any] = {option.name: option.default for option in QUERY.options}
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            words += rest
            break
        if argument[:1] != "-" or argument == "-":
            words.append(argument)
            continue
        if is_negated_word(argument):
            words.append(argument)
            continue
        flag, equals, given = argument.partition("=")
        if argument[:2] != "--" and len(argument) > 2:
            flag, equals, given = argument[:2], "=", argument[2:]
        if flag not in _FLAGS:
            return None
        option, value = _FLAGS[flag]
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
            _store(values, option, given)
        except ValueError:
            return None
    return words, values


def is_negated_word(argument: str) -> bool:
    """Whether an argument such as ``-video`` or ``-"self play"`` is a word that must not occur."""
    if argument[:1] != "-" or len(argument) < 3 or argument[1] == "-":
        return False
    option = _FLAGS.get(argument[:2])
    if option is None:
        return argument[1].isalpha() or argument[1] in "(\"'"
    if option[0].kind == "int":
        return not argument[2:].lstrip("=+-").isdigit()
    if option[0].choices:
        return argument[2:].lstrip("=") not in option[0].choices
    return argument[2:].isalpha()


def _store(values: dict[str, Any], option: Option, given: str) -> None:
    if option.kind == "int":
        values[option.name] = int(given)
    elif option.kind == "float":
        values[option.name] = float(given)
    elif option.kind == "many":
        values[option.name] = (*values[option.name], given)
    else:
        values[option.name] = given
