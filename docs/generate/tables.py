"""The page of all commands, and the tables that stand in other pages."""

from __future__ import annotations

from docs.generate.words import ENVIRONMENT, EXITS, GENERAL, flags, usage, with_code
from papersearch.apps import settings
from papersearch.apps.cli.flags import COMMANDS, headed
from papersearch.core.fields import FIELDS
from papersearch.output import formats, template


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def commands_page() -> str:
    """The reference of all commands, as Markdown."""
    parts = [
        "# Commands",
        "Every command with every option, made from the same table as the command line itself. `papersearch COMMAND "
        "--help` says the same in the terminal, `man -l docs/papersearch.1` as a manual page.",
        'Words without a command are a query: `papersearch "mixture of experts"`. Options and words can be mixed; what '
        "comes after `--` is never an option.",
        table(("command", "does"), [(f"[{each.name}](#{each.name})", each.help) for each in COMMANDS]),
        table(("option without a command", ""), [(f"`{names}`", text) for names, text in GENERAL]),
    ]
    for command in COMMANDS:
        parts += [f"## {command.name}", command.help, f"```text\n{usage(command)}\n```"]
        if command.argument:
            parts.append(f"`{command.argument.metavar}`: {command.argument.help}")
        rows: list[tuple[str, ...]] = []
        for heading, options in headed(command):
            rows += [(f"**{heading}**", "")] if heading != "Options" else []
            rows += [(f"`{flags(option)}`", with_code(option.told)) for option in options]
        parts.append(table(("option", ""), rows))
        parts.append("```sh\n" + "\n".join(command.examples) + "\n```")
    return "\n\n".join(parts) + "\n"


def fields_table() -> str:
    """The fields that a query may name."""
    rows = [
        (f"`{field.name}:`", ", ".join(f"`{alias}:`" for alias in field.aliases), field.help, f"{field.weight:g}")
        for field in FIELDS
    ]
    return table(("field", "also", "what it is", "weight"), rows)


def columns() -> str:
    """What a template can name and what a CSV line has."""
    names = ", ".join(f"`{{{name}}}`" for name in template.FIELDS)
    return (
        f"Fields of a template: {names}.\n\nColumns of `csv`: {', '.join(f'`{name}`' for name in formats.CSV_COLUMNS)}."
    )


def settings_table() -> str:
    """The keys of papersearch.toml."""
    kinds = {int: "a whole number", str: "a string", bool: "`true` or `false`"}
    rows = [
        ("`index`", "a folder", "where the index is"),
        ("`corpus`", "a folder or a list of folders", "what a new index is built from"),
        ("`exclude`", "a pattern or a list of patterns", "what is left out of the corpus"),
        *(
            (f"`weights.{field.name}`", "a number", f"how much a word counts there ({field.weight:g})")
            for field in FIELDS
        ),
        *((f"`query.{name}`", kinds[kind], f"default of `--{name}`") for name, kind in settings.QUERY_KEYS.items()),
        ("`meaning.model`", "a string", "what makes [vectors](meaning.md): `minilm`, a folder or a server"),
        ("`meaning.name`", "a string", "the name of that server's model"),
        ("`ask.server`", "a string", "the server of a model that writes [answers](ask.md), default of `--server`"),
        ("`ask.model`", "a string", "the name of its model, default of `--model`"),
        ("`searches.NAME`", "a string", "a search of [digest](digest.md)"),
    ]
    return table(("key", "is", "for"), rows)


def environment_table() -> str:
    """Environment variables."""
    rows = [(", ".join(f"`{name}`" for name in names.split(", ")), text) for names, text in ENVIRONMENT]
    return table(("variable", ""), rows)


def exits_table() -> str:
    """Exit codes."""
    return table(("code", "when"), [(f"`{code}`", text) for code, text in EXITS])
