"""The command line as Typer has it, made from the table in ``options``: help, completion, mistakes of usage."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from papersearch import __version__
from papersearch.doors import run
from papersearch.errors import UsageError
from papersearch.options import COMMANDS, Argument, Command, Option

_TYPES: dict[str, Any] = {
    "flag": bool,
    "switch": bool | None,
    "int": int | None,
    "float": float | None,
    "text": str | None,
    "many": list[str] | None,
}

app = typer.Typer(
    name="papersearch",
    help="Local search for research papers: ranked, with the passage that says so.",
    epilog='A query without a command is understood: papersearch "mixture of experts".',
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", "-V", help="Show the version and exit.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(f"papersearch {__version__}")
        raise typer.Exit


def _parameter(option: Option) -> inspect.Parameter:
    flags = ["/".join(option.flags)] if option.kind == "switch" else list(option.flags)
    default: Any = option.default
    if option.kind == "many":
        default = None
    settings: dict[str, Any] = {"help": option.help, "show_default": False}
    if option.metavar:
        settings["metavar"] = option.metavar
    complete = _completion(option.name, option.choices)
    if complete is not None:
        settings["autocompletion"] = complete
    return inspect.Parameter(
        f"opt_{option.name}",
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[_TYPES[option.kind], typer.Option(*flags, **settings)],
    )


def _argument(argument: Argument) -> inspect.Parameter:
    complete = _completion(argument.name, ())
    settings: dict[str, Any] = {"help": argument.help, "metavar": argument.metavar, "show_default": False}
    if complete is not None:
        settings["autocompletion"] = complete
    if argument.most == 1:
        kind: Any = str if argument.least else str | None
    else:
        kind = list[str] if argument.least else list[str] | None
    default = inspect.Parameter.empty if argument.least else None
    return inspect.Parameter(
        "arguments",
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, typer.Argument(**settings)],
    )


def _completion(name: str, choices: Sequence[str]) -> Callable[[str], list[str]] | None:
    """What the shell offers for an option or argument."""
    if choices:
        return lambda incomplete: [choice for choice in choices if choice.startswith(incomplete)]
    if name in ("ids", "tag", "author"):
        return lambda incomplete: _known(name, incomplete)
    return None


def _known(name: str, incomplete: str) -> list[str]:
    """Ids, tags or authors of the index in use; nothing where there is none, for a shell must not be disturbed."""
    try:
        from papersearch import config, library

        index = library.Index(config.settings().index_path)
        values = {"ids": lambda: index.ids(incomplete), "tag": index.tags, "author": index.authors}[name]()
    except Exception:
        return []
    folded = incomplete.casefold()
    return [value for value in values if value.casefold().startswith(folded)][:200]


def _add(command: Command) -> None:
    def call(**given: Any) -> None:
        arguments = given.pop("arguments", None)
        listed = [arguments] if isinstance(arguments, str) else list(arguments or ())
        values = {name.removeprefix("opt_"): value for name, value in given.items()}
        values.update({name: tuple(values[name] or ()) for name in ("author", "tag") if name in values})
        raise typer.Exit(run(command.name, listed, values))

    parameters = [_parameter(option) for option in command.options]
    if command.argument is not None:
        parameters.insert(0, _argument(command.argument))
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    examples = "\n\n".join(["Examples:", "\b\n" + "\n".join(f"  {example}" for example in command.examples)])
    app.command(command.name, help=command.help, epilog=examples if command.examples else None)(call)


for _command in COMMANDS:
    _add(_command)


def main(arguments: Sequence[str]) -> int:
    """Run a command line and give the exit code. Raises ``UsageError`` where it is mistaken."""
    try:
        code = app(args=list(arguments), prog_name="papersearch", standalone_mode=False)
    except Exception as error:
        # Click's own exceptions, which have another home in each release of Typer.
        if not hasattr(error, "format_message"):
            raise
        message = error.format_message().strip().rstrip(".")
        if not message:  # no arguments: the help was printed
            return 0
        raise UsageError(message[0].lower() + message[1:], _help_of(arguments)) from error
    return code if isinstance(code, int) else 0


def _help_of(arguments: Sequence[str]) -> str:
    known = {command.name for command in COMMANDS}
    command = next((f" {word}" for word in arguments if word in known), "")
    return f"papersearch{command} --help"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
