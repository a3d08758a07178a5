"""The manual page."""

from __future__ import annotations

import re
import textwrap

import papersearch
from docs.generate.words import ENVIRONMENT, EXITS, GENERAL, usage
from papersearch.apps.cli.arguments import Command
from papersearch.apps.cli.flags import COMMANDS
from papersearch.core.fields import FIELDS


def _roff(text: str) -> str:
    """Text for the man macros: backslashes and hyphens as they are, code without its marks, no line a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "")
    text = "\n".join(textwrap.wrap(text, 78, break_long_words=False, break_on_hyphens=False))
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


def _tagged(rows: list[tuple[str, str]]) -> list[str]:
    return [line for name, text in rows for line in (".TP", f"\\fB{_roff(name)}\\fR", _roff(text))]


def _man_command(command: Command) -> list[str]:
    lines = [f".SS {_roff(usage(command))}", _roff(command.help)]
    if command.argument:
        lines += [".TP", f"\\fI{_roff(command.argument.metavar)}\\fR", _roff(command.argument.help)]
    for option in command.options:
        names = [f"\\fB{_roff(name)}\\fR" for name in option.flags]
        value = f" \\fI{_roff(option.metavar)}\\fR" if option.metavar else ""
        lines += [".TP", (" / " if option.kind == "switch" else ", ").join(names) + value, _roff(option.told)]
    return lines


def _queries() -> list[tuple[str, str]]:
    names = ", ".join(sorted({f"{name}:" for field in FIELDS for name in (field.name, *field.aliases)}))
    return [
        ('"exact phrase"  "near words"~5', "Words side by side, or at most so many words apart."),
        ("title:moe  id:2412.15115", f"A word in a field: id:, {names}."),
        ("year:2024  date:2024-07..2024-12  date:>=2024-12-01", "When the paper was published."),
        ("a AND b  a OR b  NOT a  -a  ( )", "Operators, in capitals."),
        ("quant*  te?t  transfomer~  transfomer~2", "Wildcards, and words with other letters."),
        ("word^2", "A word that weighs twice."),
        ("*", "Every paper."),
    ]


def man_page() -> str:
    """The manual page, in the man macros."""
    lines = [
        f'.TH PAPERSEARCH 1 "" "papersearch {papersearch.__version__}" "User Commands"',
        ".SH NAME",
        "papersearch \\- local search for research papers",
        ".SH SYNOPSIS",
        ".B papersearch",
        "\\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]",
        ".br",
        ".B papersearch",
        "\\fIWORDS\\fR...",
        ".SH DESCRIPTION",
        "Ranks the papers of a folder of Markdown posts and shows the passage that",
        "matches.",
        "Words without a command are a query.",
        ".SH OPTIONS",
        *_tagged(list(GENERAL)),
        ".SH COMMANDS",
        *(line for command in COMMANDS for line in _man_command(command)),
        ".SH QUERY LANGUAGE",
        *_tagged(_queries()),
        ".SH EXIT STATUS",
        *_tagged(list(EXITS)),
        ".SH ENVIRONMENT",
        *_tagged(list(ENVIRONMENT)),
        ".SH FILES",
        ".TP",
        "\\fIpapersearch.toml\\fR",
        "Index, corpus, weights and defaults; the nearest one upwards from here.",
        ".TP",
        "\\fIindex\\fR",
        "The index, where nothing else is said. It can be deleted and built again.",
        ".SH EXAMPLES",
        ".nf",
        *(_roff(example) for command in COMMANDS for example in command.examples),
        ".fi",
    ]
    return "\n".join(lines) + "\n"
