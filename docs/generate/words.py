"""What pages say of commands, options and exit codes that more than one of them has."""

from __future__ import annotations

import re

from papersearch.apps.cli.arguments import Command, Option

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
    (
        "PAPERSEARCH_PAGER, PAGER",
        "What pages long answers on a terminal (`less`, unless `TERM=dumb`); empty or `cat` for no pager.",
    ),
    ("PAPERSEARCH_ASK_KEY", "The key of the server that `papersearch ask` asks, if it wants one."),
    ("PAPERSEARCH_MEANING_KEY", "The key of the server of `meaning.model`, if it wants one."),
    ("PAPERSEARCH_TOKEN", "The token that `papersearch serve` asks for; without it one is made up, save on loopback."),
    (
        "PAPERSEARCH_OPENSEARCH_AUTH",
        "`user:password` for an index in a cluster, else those of `~/.netrc`; see [cluster](cluster.md).",
    ),
    ("PAPERSEARCH_OPENSEARCH_CA", "A file of certificates that a cluster's is checked with, in place of the system's."),
    (
        "XDG_STATE_HOME",
        "Where what `--new` and `digest` have shown of an index in a cluster is kept (`~/.local/state`).",
    ),
    ("NO_COLOR", "If not empty, no colour and no other control codes."),
    ("SHELL", "The shell of `--install-completion` and `--show-completion` where none is named."),
    ("ZDOTDIR", "Where the `.zshrc` is that `--install-completion` adds to (`~`)."),
    ("VISUAL, EDITOR", "What `papersearch open --post` starts (`vi`)."),
    (
        "XDG_CONFIG_HOME, APPDATA",
        "Where the user's own settings are (`~/.config`; `APPDATA` on Windows): which `papersearch.toml` they "
        "trust; and the completions of fish.",
    ),
    ("PAPERSEARCH_DEBUG", "If not empty, an error shows its traceback, as with `--debug`."),
)


def flags(option: Option) -> str:
    """How an option is written, with what it takes."""
    names = " / ".join(option.flags) if option.kind == "switch" else ", ".join(option.flags)
    return f"{names} {option.metavar}".strip()


def usage(command: Command) -> str:
    """The command with its argument, as in the first line of its help."""
    return f"papersearch {command.name} [OPTIONS] {command.argument.metavar if command.argument else ''}".strip()


def with_code(text: str) -> str:
    """The text with what is quoted in it as code: templates have backslashes and braces."""
    return re.sub(r"'([^' ]*[\\{][^' ]*)'", r"`\1`", text)
