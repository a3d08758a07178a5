"""Help and completion, by Typer from the table in ``flags``. What a command line means is read by ``parse`` alone."""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import typer
import typer.completion
from typer.core import TyperCommand

from papersearch import __version__
from papersearch.apps.cli import shells
from papersearch.apps.cli.arguments import Argument, Command, Option
from papersearch.apps.cli.flags import COMMANDS, headed
from papersearch.core.errors import UsageError
from papersearch.text.folding import key_prefix, value_key

Offered = list[tuple[str, str]]
"""What may complete a word, each with what the shell shows beside it."""

_MOST_OFFERED = 200  # values that a shell is offered (chosen)
_TITLE_WIDTH = 60  # columns of a title beside an id (chosen)
_typers: Any = typer.completion  # it exports next to nothing by name
_SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")
_TYPES: dict[str, Any] = {
    "flag": bool,
    "switch": bool | None,
    "int": str | None,
    "float": str | None,
    "text": str | None,
    "many": list[str] | None,
}


def _shells(incomplete: str) -> list[str]:
    return [shell for shell in _SHELLS if shell.startswith(incomplete)]


app = typer.Typer(
    name="papersearch",
    help="Local search for research papers: ranked, with the passage that says so.",
    epilog='A query without a command is understood: papersearch "mixture of experts".',
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,  # Typer's options for it do not say that a shell may be named
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", "-V", help="Show the version and exit.", is_eager=True)] = False,
    install_completion: Annotated[
        str | None,
        typer.Option(
            metavar="[SHELL]",
            help="Install completion for this shell, or for bash, zsh, fish or powershell.",
            autocompletion=_shells,
        ),
    ] = None,
    show_completion: Annotated[
        str | None,
        typer.Option(metavar="[SHELL]", help="Print the completion script instead.", autocompletion=_shells),
    ] = None,
) -> None:
    if version:
        typer.echo(f"papersearch {__version__}")
        raise typer.Exit


def _parameter(option: Option) -> inspect.Parameter:
    flags = ["/".join(option.flags)] if option.kind == "switch" else list(option.flags)
    settings: dict[str, Any] = {"help": option.told, "show_default": False}
    if option.metavar:
        settings["metavar"] = option.metavar
    complete = _completion(option.name, option.choices)
    if complete is not None:
        settings["autocompletion"] = complete
    return inspect.Parameter(
        f"opt_{option.name}",
        inspect.Parameter.KEYWORD_ONLY,
        default=option.default if option.kind in ("flag", "switch") else None,
        annotation=Annotated[_TYPES[option.kind], typer.Option(*flags, **settings)],
    )


def _argument(argument: Argument) -> inspect.Parameter:
    complete = _completion(argument.name, ())
    settings: dict[str, Any] = {
        "help": argument.help,
        "metavar": argument.metavar,
        "show_default": False,
        "hidden": True,
    }
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


def _completion(name: str, choices: Sequence[str]) -> Callable[..., list[str] | Offered] | None:
    """What the shell offers for an option or argument."""
    if choices:
        return lambda incomplete: [choice for choice in choices if choice.startswith(incomplete)]
    if name in ("ids", "tag", "author"):

        def known(ctx: typer.Context, incomplete: str) -> Offered:
            return _known(name, incomplete, ctx.params.get("opt_index"))

        return known
    return None


def _known(name: str, incomplete: str, folder: str | None) -> Offered:
    """Ids with their titles, tags or authors of the index in use; nothing where there is none, for a shell must not be
    disturbed. zsh evaluates what it is given, in double quotes: a backslash could end them."""
    try:
        from papersearch import library
        from papersearch.apps import settings

        index = library.Index(settings.settings(folder).index_path)
        values = {"ids": lambda: index.ids(incomplete), "tag": index.tags, "author": index.authors}[name]()
        begun = key_prefix(incomplete)
        found = [value for value in values if value_key(value).startswith(begun) and "\\" not in value][:_MOST_OFFERED]
        if name != "ids":
            return [(value, "") for value in found]
        titled = [(value, _described(index.paper(value).title)) for value in found]
    except Exception:
        return []
    # bash has no place for descriptions; what it only shows may be anything.
    return [(f"{value}  {title}", "") for value, title in titled] if _bash_lists() else titled


def _described(title: str) -> str:
    """A title as one short line without anything that a shell could take for more than letters."""
    plain = " ".join(re.sub(r"[^\w\s.,;:()&+/%=–—-]", " ", title).split())
    return plain if len(plain) <= _TITLE_WIDTH else plain[:_TITLE_WIDTH].rpartition(" ")[0] + " ..."


def _bash_lists() -> bool:
    """Whether bash only shows what is offered, and puts nothing of it on the command line."""
    asked = os.environ.get("_PAPERSEARCH_COMPLETE"), os.environ.get("COMP_TYPE")
    return asked == ("complete_bash", str(ord("?")))


def _offered(arguments: Sequence[str]) -> str:
    """What Typer prints for a shell."""
    offered = io.StringIO()
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(offered):
        app(args=list(arguments), prog_name="papersearch")
    return offered.getvalue()


def _completed_for_bash(arguments: Sequence[str]) -> None:
    """What Typer offers, with blanks and the like escaped: bash puts it on the command line as it is."""
    words = os.environ.get("COMP_WORDS", "").split("\n")
    number = int(os.environ.get("COMP_CWORD") or 0)
    splits = [at for at in range(2, number) if words[at] == "=" and words[at - 1][:2] == "--"]  # of --name=value
    words = [word for at, word in enumerate(words) if at not in splits]
    number -= len(splits)
    os.environ.update(COMP_WORDS="\n".join(words), COMP_CWORD=str(number))
    as_it_is = _bash_lists() or (number < len(words) and words[number][:1] in ("'", '"'))
    for value in _offered(arguments).splitlines():
        typer.echo(value if as_it_is else re.sub(r"([^\w./:@%+,=-])", r"\\\1", value))


def _completed_for_zsh(arguments: Sequence[str]) -> None:
    """What Typer offers, with quotation marks that are still there once zsh has evaluated it twice: Typer doubles them
    (Typer 0.29), and O'Neil was offered as ONeil."""
    typer.echo(_offered(arguments).replace("''", r"'\''").replace('""', r"\""), nl=False)


def _add(command: Command) -> None:
    def never_called(**_: Any) -> None:
        """Typer wants a function; it is asked for help and completion only."""

    parameters = [_parameter(option) for option in command.options]
    if command.argument is not None:
        parameters.insert(0, _argument(command.argument))
    never_called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    never_called.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    examples = "\n\n".join(["Examples:", "\b\n" + "\n".join(f"  {example}" for example in command.examples)])
    app.command(
        command.name,
        cls=_class_of(command),
        help=command.help,
        short_help=command.help,
        epilog=examples if command.examples else None,
    )(never_called)


def _class_of(command: Command) -> type[TyperCommand]:
    """Typer's command with the argument as our table has it, the same in each release of Typer, and with headings."""
    argument = command.argument

    class Shown(TyperCommand):
        def format_usage(self, ctx: Any, formatter: Any) -> None:
            formatter.write_usage(ctx.command_path, f"[OPTIONS] {argument.metavar}" if argument else "[OPTIONS]")

        def format_options(self, ctx: Any, formatter: Any) -> None:
            if argument:
                with formatter.section("Arguments"):
                    formatter.write_dl([(argument.metavar, argument.help)])
            records = {param.name: param.get_help_record(ctx) or ("", "") for param in self.get_params(ctx)}
            width = max(len(flags) for flags, _ in records.values())
            sections = [(heading, [f"opt_{option.name}" for option in options]) for heading, options in headed(command)]
            told = {name for _, names in sections for name in names}
            # What is left is --help, which has not the same name in each release of Typer.
            sections[-1][1].extend(name for name in records if name not in told and records[name][0].startswith("-"))
            for heading, names in sections:
                with formatter.section(heading):
                    formatter.write_dl([(records[name][0].ljust(width), records[name][1]) for name in names])

    return Shown


for _command in COMMANDS:
    _add(_command)


def show(command: str) -> int:
    """Print the help of a command, or with "" that of the program; the exit code."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        app(args=[command, "--help"] if command else ["--help"], prog_name="papersearch", standalone_mode=False)
    sys.stdout.write(text.getvalue())  # Typer would exit with 1 where the reader has had enough
    return 0


def completion(arguments: Sequence[str]) -> int:
    """What a shell asks for that completes a line, or what sets that up; the exit code. Raises ``UsageError``."""
    with _without_rich():
        return _completed(arguments)


@contextlib.contextmanager
def _without_rich() -> Iterator[None]:
    """Where Typer finds Rich it loads all of it to take markup, of which we have none, out of the texts it shows beside
    what it offers: more than half of the time of a completion (Typer 0.29)."""
    known = sys.modules.get("rich")
    sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["rich"]
        if known is not None:
            sys.modules["rich"] = known


def _completed(arguments: Sequence[str]) -> int:
    """See ``completion``."""
    _typers.completion_init()
    asked = {"complete_bash": _completed_for_bash, "complete_zsh": _completed_for_zsh}
    if answer := asked.get(os.environ.get("_PAPERSEARCH_COMPLETE", "")):
        answer(arguments)
        return 0
    if arguments and arguments[0] in ("--show-completion", "--install-completion"):
        if len(arguments) > 2:
            raise UsageError(f"unexpected argument {arguments[2]!r}", f"papersearch {arguments[0]} SHELL")
        return _complete_in(arguments[1] if len(arguments) == 2 else _shell(), arguments[0] == "--install-completion")
    code = app(args=list(arguments), prog_name="papersearch", standalone_mode=False)
    return code if isinstance(code, int) else 0


def _shell() -> str:
    """The shell that this is. Raises ``UsageError`` where it cannot be told."""
    name = os.path.basename(os.environ.get("SHELL", ""))
    if name not in _SHELLS:
        with contextlib.suppress(Exception):  # whatever is missing, or not as it expects
            import shellingham  # type: ignore[import-untyped]

            name = shellingham.detect_shell()[0]
    if not name:
        raise UsageError("which shell this is cannot be told", f"name one of {', '.join(_SHELLS)}")
    return name


def _complete_in(shell: str, install: bool) -> int:
    """Show or install completion for a shell."""
    from papersearch.text.mistyped import choice

    if shell not in _SHELLS:
        raise UsageError(f"there is no completion for {shell!r}", choice(shell, _SHELLS))
    named = {"prog_name": "papersearch", "complete_var": "_PAPERSEARCH_COMPLETE", "shell": shell}
    script = shells.FISH if shell == "fish" else _with_more(_typers.get_completion_script(**named))
    if not install:
        typer.echo(script)
        return 0
    if shell in shells.SCRIPTS:
        # zsh runs the file when it is first asked to complete; Typer's only defines what completes the next time.
        last = '\n_papersearch_completion "$@"' if shell == "zsh" else ""
        path = shells.install(shell, f"{script}{last}\n")
    else:
        _, path = _typers.install(**named)
    typer.echo(f"{shell} completion installed in {path}; it works in new terminals")
    return 0


def _with_more(script: str) -> str:
    """Typer's script for a shell. That for bash also tells whether bash only wants a list to show; that for zsh has the
    value of ``--name=value`` completed alone, as it is offered."""
    script = script.replace("COMP_CWORD=$COMP_CWORD", "COMP_CWORD=$COMP_CWORD COMP_TYPE=$COMP_TYPE")
    return script.replace("\n  eval $(env _TYPER", "\n  compset -P '--*='\n  eval $(env _TYPER")
