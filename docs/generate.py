"""Writes what is made from the code: the reference of commands, the manual page, the picture of a terminal.

    python docs/generate.py [--check]

With ``--check`` nothing is written, and the exit code is 1 if anything is not current.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import papersearch
from papersearch import render
from papersearch.options import COMMANDS, Command, Option
from papersearch.store.schema import FIELDS

HERE = Path(__file__).resolve().parent
CORPUS = HERE.parent / "corpus"


def flags(option: Option) -> str:
    """How an option is written, with what it takes."""
    names = " / ".join(option.flags) if option.kind == "switch" else ", ".join(option.flags)
    return f"{names} {option.metavar}".strip()


def commands_page() -> str:
    """The reference of all commands, as Markdown."""
    parts = ["# Commands", "Made from the code by `docs/generate.py`. Every command also has `--help`."]
    for command in COMMANDS:
        usage = f"papersearch {command.name} [OPTIONS] {command.argument.metavar if command.argument else ''}".strip()
        parts += [f"## {command.name}", command.help, f"```\n{usage}\n```"]
        if command.argument:
            parts.append(f"`{command.argument.metavar}`: {command.argument.help}")
        rows = [f"| `{flags(option)}` | {option.help} |".replace("\\t", "\\\\t") for option in command.options]
        parts.append("\n".join(["| option | |", "|---|---|", *rows]))
        parts.append("```sh\n" + "\n".join(command.examples) + "\n```")
    return "\n\n".join(parts) + "\n"


def fields_table() -> str:
    """The fields that a query may name."""
    rows = ["| field | also | what it is | weight |", "|---|---|---|---|"]
    for field in FIELDS:
        also = ", ".join(f"`{alias}:`" for alias in field.aliases)
        rows.append(f"| `{field.name}:` | {also} | {field.help} | {field.weight:g} |")
    return "\n".join(rows)


def _escaped(text: str) -> str:
    return re.sub(r"^([.'])", r"\\&\1", text.replace("\\", "\\e").replace("-", "\\-"), flags=re.MULTILINE)


def _man_command(command: Command) -> list[str]:
    lines = [f".SS {command.name} {_escaped(command.argument.metavar) if command.argument else ''}".rstrip()]
    lines.append(_escaped(command.help))
    for option in command.options:
        lines += [".TP", f"\\fB{_escaped(flags(option))}\\fR", _escaped(option.help)]
    return lines


def man_page() -> str:
    """The manual page, in the man macros."""
    lines = [
        f'.TH PAPERSEARCH 1 "" "papersearch {papersearch.__version__}" "User Commands"',
        ".SH NAME",
        "papersearch \\- local search for research papers",
        ".SH SYNOPSIS",
        ".B papersearch",
        "[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]",
        ".SH DESCRIPTION",
        "Ranks papers of a folder of Markdown posts and shows the passage that matches. Without a command the",
        "arguments are a query.",
        ".SH COMMANDS",
    ]
    for command in COMMANDS:
        lines += _man_command(command)
    lines += [
        ".SH EXIT STATUS",
        "0 found or done; 1 nothing found, or something is wrong for check; 2 wrong usage; 3 no index and nothing to",
        "build it from; 130 interrupted.",
        ".SH ENVIRONMENT",
        "PAPERSEARCH_INDEX, PAPERSEARCH_TRUST, PAPERSEARCH_PAGER, PAGER, NO_COLOR, VISUAL, EDITOR.",
        ".SH FILES",
        ".I papersearch.toml",
        "found upwards from the current folder: index, corpus, weights and defaults.",
    ]
    return "\n".join(lines) + "\n"


def picture() -> str:
    """A real answer over the sample posts as a terminal shows it, as SVG; only the time is fixed."""
    from rich.console import Console

    with tempfile.TemporaryDirectory() as place:
        index = papersearch.build(str(Path(place) / "index"), [str(CORPUS)], jobs=1)
        answer = replace(index.search("mixture of experts", limit=3), seconds=0.002)
    console = Console(
        record=True,
        width=80,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        markup=False,
        highlight=False,
    )
    console.print('$ papersearch query "mixture of experts" --limit 3')
    render.results(answer, None, console)
    return console.export_svg(title="papersearch", unique_id="papersearch")


def pages() -> dict[str, str]:
    """Everything that is generated, by file name."""
    language = (HERE / "query-language.md").read_text(encoding="utf-8")
    table = re.sub(
        r"(<!-- fields -->\n).*?(\n<!-- end -->)",
        lambda found: found[1] + fields_table() + found[2],
        language,
        flags=re.DOTALL,
    )
    return {
        "commands.md": commands_page(),
        "papersearch.1": man_page(),
        "query-language.md": table,
        "terminal.svg": picture(),
    }


def main() -> int:
    """Write, or check, everything."""
    stale = []
    for name, text in pages().items():
        path = HERE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale:
        print(("not current: " if "--check" in sys.argv else "written: ") + ", ".join(stale))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
