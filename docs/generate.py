"""Writes what the documents take from the code: commands, manual page, Python reference, tables, a terminal picture.

    python docs/generate.py [--check]

With ``--check`` nothing is written, and the exit code is 1 if anything is not current. Within a page that is otherwise
written by hand, the text between ``<!-- name -->`` and ``<!-- end -->`` is made here; see ``PARTS``.
"""

from __future__ import annotations

import atexit
import inspect
import io
import json
import re
import sys
import tempfile
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import papersearch
from papersearch.apps import settings
from papersearch.apps.cli.arguments import Command, Option
from papersearch.apps.cli.flags import COMMANDS
from papersearch.core.fields import FACTS, FIELDS, TEXTS, Texts
from papersearch.core.frozen import Frozen, hints_of, replace
from papersearch.output import formats, json_shapes, page, template
from papersearch.output.terminal import RichScreen

HERE = Path(__file__).resolve().parent
CORPUS = HERE.parent / "corpus"

GENERAL = (
    ("-V, --version", "Show the version."),
    ("--install-completion [SHELL]", "Install completion for this shell, or for bash, zsh, fish or powershell."),
    ("--show-completion [SHELL]", "Print the completion script instead."),
    ("-h, --help", "Show help; after a command, the help of that command."),
)
EXITS = (
    ("0", "It did what was asked; for `query` and `similar`: something was found."),
    ("1", "Nothing was found, or there is no such paper; for `check`: something is wrong."),
    ("2", "Wrong usage, or a query that is a mistake."),
    (
        "3",
        "No index and no corpus; an index, a corpus or output that cannot be read or written; "
        "another run that takes too long.",
    ),
    ("130", "Ctrl-C."),
    ("129, 143", "SIGHUP, SIGTERM: the terminal was closed, or another program ended it."),
)
ENVIRONMENT = (
    ("PAPERSEARCH_INDEX", "Folder of the index; `--index` comes before it, `papersearch.toml` after it."),
    ("PAPERSEARCH_TRUST", "`1` opens an index folder that belongs to another user, like `--trust`."),
    ("PAPERSEARCH_PAGER, PAGER", "What pages long answers on a terminal (`less`); empty or `cat` for no pager."),
    ("PAPERSEARCH_ASK_KEY", "The key of the server that `papersearch ask` asks, if it wants one."),
    ("PAPERSEARCH_MEANING_KEY", "The key of the server of `meaning.model`, if it wants one."),
    ("PAPERSEARCH_TOKEN", "The token of `papersearch serve` on another address than loopback; made up if not set."),
    (
        "PAPERSEARCH_OPENSEARCH_AUTH",
        "`user:password` for an index in a cluster, else those of `~/.netrc`; see [cluster](cluster.md).",
    ),
    ("PAPERSEARCH_OPENSEARCH_CA", "A file of certificates that a cluster's is checked with, in place of the system's."),
    (
        "XDG_STATE_HOME",
        "Where it is kept when queries of an index in a cluster were asked with `--new` (`~/.local/state`).",
    ),
    ("NO_COLOR", "If not empty, no colour and no other control codes."),
    ("SHELL", "The shell of `--install-completion` and `--show-completion` where none is named."),
    ("VISUAL, EDITOR", "What `papersearch open --post` starts (`vi`)."),
    (
        "XDG_CONFIG_HOME, APPDATA",
        "Where the user's own settings are (`~/.config`; `APPDATA` on Windows): which `papersearch.toml` they trust.",
    ),
    ("PAPERSEARCH_DEBUG", "If not empty, an error that should not be shows its traceback."),
)


def flags(option: Option) -> str:
    """How an option is written, with what it takes."""
    names = " / ".join(option.flags) if option.kind == "switch" else ", ".join(option.flags)
    return f"{names} {option.metavar}".strip()


def usage(command: Command) -> str:
    """The command with its argument, as in the first line of its help."""
    return f"papersearch {command.name} [OPTIONS] {command.argument.metavar if command.argument else ''}".strip()


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
        rows = [(f"`{flags(option)}`", _with_code(_help(option))) for option in command.options]
        parts.append(table(("option", ""), rows))
        parts.append("```sh\n" + "\n".join(command.examples) + "\n```")
    return "\n\n".join(parts) + "\n"


def _help(option: Option) -> str:
    """The help of an option, with its default where that is not said."""
    shown = f"{option.default:g}" if isinstance(option.default, (int, float)) else option.default
    if option.kind in ("flag", "switch", "many") or shown in (None, "") or str(shown) in option.help:
        return option.help
    return f"{option.help.rstrip('.')} ({shown})."


def _with_code(text: str) -> str:
    """The text with what is quoted in it as code: templates have backslashes and braces."""
    return re.sub(r"'([^' ]*[\\{][^' ]*)'", r"`\1`", text)


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
    weights = {field.name: field.weight for field in FIELDS}
    rows = [
        ("`index`", "a folder", "where the index is"),
        ("`corpus`", "a folder or a list of folders", "what a new index is built from"),
        *(
            (f"`weights.{name}`", "a number", f"how much a word counts there ({weights[name]:g})")
            for name in settings.FIELDS
        ),
        *((f"`query.{name}`", kinds[kind], f"default of `--{name}`") for name, kind in settings.QUERY_KEYS.items()),
    ]
    return table(("key", "is", "for"), rows)


def environment_table() -> str:
    """Environment variables."""
    rows = [(", ".join(f"`{name}`" for name in names.split(", ")), text) for names, text in ENVIRONMENT]
    return table(("variable", ""), rows)


@cache
def sample() -> papersearch.Index:
    """An index of the sample posts, in a folder that goes when the program ends."""
    place = tempfile.TemporaryDirectory()
    atexit.register(place.cleanup)
    return papersearch.build(str(Path(place.name) / "index"), [str(CORPUS)], jobs=1)


def answer_json() -> str:
    """A real answer over the sample posts as JSON, spread over lines as people like it."""
    answer = sample().search("qwen", limit=1)
    hits = [replace(hit, path=f"corpus/{Path(hit.path).name}") for hit in answer.results]
    return _spread(json_shapes.to_json(replace(answer, seconds=0.002, results=tuple(hits))))


def reply_json() -> str:
    """A real answer to a question over the sample posts, in the same way."""
    return _spread(json_shapes.reply_json(sample().ask("what does Qwen2.5 cost compared to GPT-4o?")))


def _spread(data: Any) -> str:
    text = json.dumps(data, indent=2, ensure_ascii=False)
    for inner in (r"\[\s+([^][{}]*?)\s+\]", r"\[\s+(\[[^{}]*?\])\s+\](?=\s*[,}])"):
        text = re.sub(inner, lambda found: "[" + re.sub(r",\s+", ", ", found[1]) + "]", text)
    return f"```json\n{text}\n```"


def exits_table() -> str:
    """Exit codes."""
    return table(("code", "when"), [(f"`{code}`", text) for code, text in EXITS])


def reference() -> str:
    """Every public name of the package, from its signature and docstring."""
    public = [getattr(papersearch, name) for name in papersearch.__all__ if name != "__version__"]
    functions = [each for each in public if inspect.isfunction(each)]
    records = [each for each in public if inspect.isclass(each) and issubclass(each, Frozen)]
    errors = [each for each in public if inspect.isclass(each) and issubclass(each, Exception)]
    parts = ["### Functions"]
    for function in functions:
        parts += _callable(f"papersearch.{function.__name__}", function)
    parts += ["### Index", *_callable("papersearch.Index", papersearch.Index.__init__, papersearch.Index)]
    for name, member in vars(papersearch.Index).items():
        if isinstance(member, property):
            kind = member.fget.__annotations__["return"] if member.fget else ""
            parts += [f"#### `index.{name}: {kind}`", _doc(member)]
        elif inspect.isfunction(member) and not name.startswith("_"):
            parts += _callable(f"index.{name}", member)
    parts.append("### Records")
    for record in records:
        rows = [(f"`{name}`", f"`{hint}`") for name, hint in hints_of(record).items()]
        parts += [f"#### {record.__name__}", _doc(record), table(("field", "type"), rows)]
    rows = [
        (f"`{error.__name__}`", f"`{error.__base__.__name__}`", str(error.exit_code), _doc(error).replace("\n", " "))
        for error in sorted(errors, key=lambda error: (len(error.__mro__), error.__name__))
    ]
    parts += ["### Errors", table(("error", "is a", "exit code", "means"), rows)]
    return "\n\n".join(parts)


def _callable(name: str, function: Callable[..., Any], described: Any = None) -> list[str]:
    """A heading, a signature broken into lines where it is long, and the docstring."""
    signature = inspect.signature(function)
    parameters = [each for each in signature.parameters.values() if each.name != "self"]
    shown: list[str] = []
    for each in parameters:
        if each.kind is each.KEYWORD_ONLY and "*" not in shown and not any(one.startswith("*") for one in shown):
            shown.append("*")
        stars = {each.VAR_POSITIONAL: "*", each.VAR_KEYWORD: "**"}.get(each.kind, "")
        default = "" if each.default is each.empty else f" = {each.default!r}"
        shown.append(f"{stars}{each.name}: {each.annotation}{default}")
    result = "" if described else f" -> {signature.return_annotation}"
    line = f"{name}({', '.join(shown)}){result}"
    if len(line) > 90:
        line = f"{name}(\n" + "".join(f"    {each},\n" for each in shown) + f"){result}"
    texts = [_doc(each) for each in ((described, function) if described else (function,))]
    return [f"#### {name.rpartition('.')[2]}", f"```text\n{line}\n```", *texts]


def _doc(thing: Any) -> str:
    return re.sub(r"``(.+?)``", r"`\1`", inspect.cleandoc(thing.__doc__ or ""))


PARTS: dict[str, Callable[[], str]] = {
    "fields": fields_table,
    "answer": answer_json,
    "reply": reply_json,
    "columns": columns,
    "settings": settings_table,
    "environment": environment_table,
    "exits": exits_table,
    "reference": reference,
}


def with_parts(text: str) -> str:
    """A page with its generated parts made anew."""
    return re.sub(
        rf"<!-- ({'|'.join(PARTS)}) -->\n.*?<!-- end -->",
        lambda found: f"<!-- {found[1]} -->\n\n{PARTS[found[1]]()}\n\n<!-- end -->",
        text,
        flags=re.DOTALL,
    )


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
        lines += [".TP", (" / " if option.kind == "switch" else ", ").join(names) + value, _roff(_help(option))]
    return lines


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
    ]
    for command in COMMANDS:
        lines += _man_command(command)
    names = ", ".join(sorted({f"{name}:" for field in FIELDS for name in (field.name, *field.aliases)}))
    lines += [
        ".SH QUERY LANGUAGE",
        *_tagged(
            [
                ('"exact phrase"  "near words"~5', "Words side by side, or at most so many words apart."),
                ("title:moe  id:2412.15115", f"A word in a field: id:, {names}."),
                ("year:2024  date:2024-07..2024-12  date:>=2024-12-01", "When the paper was published."),
                ("a AND b  a OR b  NOT a  -a  ( )", "Operators, in capitals."),
                ("quant*  te?t  transfomer~  transfomer~2", "Wildcards, and words with other letters."),
                ("word^2", "A word that weighs twice."),
                ("*", "Every paper."),
            ]
        ),
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


def picture() -> str:
    """A real answer over the sample posts as a terminal shows it, as SVG; only the time is fixed."""
    from rich.console import Console
    from rich.terminal_theme import DIMMED_MONOKAI

    answer = replace(sample().search("mixture of experts", limit=3), seconds=0.002)
    console = Console(
        record=True,
        width=80,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        markup=False,
        highlight=False,
    )
    console.print('$ papersearch query "mixture of experts" -n 3')
    page.results(answer, None, RichScreen(console))
    return console.export_svg(title="papersearch", theme=DIMMED_MONOKAI, unique_id="papersearch")


# What a fact's type is in JSON, and what is said of facts whose name does not say it.
JSON_TYPES: dict[str, Any] = {
    "str": {"type": "string"},
    "str | None": {"type": ["string", "null"]},
    "int": {"$ref": "#/$defs/count"},
    "bool": {"type": "boolean"},
    "tuple[str, ...]": {"type": "array", "items": {"type": "string"}},
}
JSON_FACTS: dict[str, Any] = {
    "id": {"$ref": "#/$defs/id"},
    "version": {"$ref": "#/$defs/version"},
    "published": {"$ref": "#/$defs/date"},
    "posted": {"$ref": "#/$defs/time"},
    "et_al": {"type": "boolean", "description": "Whether the post says that there are more authors."},
}
SCHEMA = HERE.parent / "papersearch" / "output" / "schema.json"


def schema() -> str:
    """The schema of what is printed as JSON, the facts of a hit and of a paper as the table of fields has them."""
    data = json.loads(SCHEMA.read_text(encoding="utf-8"))
    hints = hints_of(Texts)
    known = {name: JSON_FACTS.get(name) or JSON_TYPES[hints[name]] for name in TEXTS}
    for kind, names in (("hit", FACTS), ("paper", TEXTS)):
        made = data["$defs"][kind]
        others = {name: value for name, value in made["properties"].items() if name not in TEXTS}
        made["properties"] = {name: known[name] for name in names} | others
        required = [name for name in made["required"] if name not in TEXTS]
        made["required"] = [*names, *required]
    return compact(data) + "\n"


def compact(data: Any, indent: str = "", before: int = 0) -> str:
    """JSON with whatever fits on one line there; ``before`` characters stand before it on its first."""
    line = json.dumps(data, ensure_ascii=False)
    if len(indent) + before + len(line) < 120 or not isinstance(data, (dict, list)):
        return line
    deeper = indent + "  "
    if isinstance(data, list):
        items = [compact(each, deeper) for each in data]
    else:
        items = [f"{json.dumps(name)}: {compact(each, deeper, len(name) + 4)}" for name, each in data.items()]
    opening, closing = "[]" if isinstance(data, list) else "{}"
    return f"{opening}\n" + ",\n".join(deeper + item for item in items) + f"\n{indent}{closing}"


def pages() -> dict[str, str]:
    """Every page that is generated, whole or in part, by file name."""
    written = {path.name: path.read_text(encoding="utf-8") for path in sorted(HERE.glob("*.md"))}
    parts = {name: with_parts(text) for name, text in written.items() if "<!-- end -->" in text}
    made = {"commands.md": commands_page(), "papersearch.1": man_page(), "terminal.svg": picture()}
    return {**parts, **made, str(SCHEMA): schema()}


def main() -> int:
    """Write, or check, everything."""
    check = "--check" in sys.argv[1:]
    stale = []
    for name, text in pages().items():
        path = HERE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    if stale:
        print(("not current: " if check else "written: ") + ", ".join(stale))
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
