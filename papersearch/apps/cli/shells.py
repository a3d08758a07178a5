"""Completion set up in a shell: a script in a file of its own, and lines in a file of the user's that load it.

What is the user's is only added to. Typer's own way writes it anew, and a full disk then leaves it empty (Typer 0.29).
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress

from papersearch.apps.user_folders import config_folder
from papersearch.core.errors import PapersearchError
from papersearch.core.opening import read_whole, write_whole

# The script, below the home folder; fish has its own in what it calls its configuration.
SCRIPTS = {
    "bash": ".bash_completions/papersearch.sh",
    "zsh": ".zfunc/_papersearch",
    "fish": "fish/completions/papersearch.fish",
}
# Typer's script for fish asks twice for each Tab: whether there is anything to offer, and for it; and what it offers
# for ``--name=value`` lacks the name, so that it is no completion (Typer 0.29).
FISH = r"""function _papersearch_offers
    set -l name (string match -r -- '^--[^=]*=' (commandline -ct))
    set -g _papersearch_offered "$name"(env _PAPERSEARCH_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args \
        _TYPER_COMPLETE_ARGS=(commandline -cp) papersearch)
    string length -q -- $_papersearch_offered
end
complete --command papersearch --no-files --condition _papersearch_offers --arguments '$_papersearch_offered'"""

# What zsh needs, each with what else in its file makes it needless: a user's own way to show what is offered stays.
_ZSH = {"fpath+=~/.zfunc; autoload -Uz compinit; compinit": "", "zstyle ':completion:*' menu select": "zstyle"}


def install(shell: str, script: str) -> str:
    """Set up completion by a script; its path. Raises ``PapersearchError`` if that or what loads it cannot be written,
    and then the user's file is as it was."""
    home = os.path.expanduser("~")
    path = os.path.join(config_folder() if shell == "fish" else home, SCRIPTS[shell])
    if not os.path.isabs(home) or os.environ.get("HOME") == "":  # of which Python makes the root of all
        raise PapersearchError("there is no home folder", "set HOME")
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_whole(os.path.realpath(path), script.encode())
        if shell == "bash":
            quoted = path.replace("'", r"'\''")
            _add(os.path.join(home, ".bashrc"), {f"source '{quoted}'": ""})
        elif shell == "zsh":
            _add(os.path.join(os.environ.get("ZDOTDIR", "") or home, ".zshrc"), _ZSH)
    except OSError as refused:
        file = refused.filename2 or refused.filename or path
        raise PapersearchError(
            f"{file} cannot be written ({refused.strerror})", "papersearch --show-completion prints what to put there"
        ) from refused
    return path


def _add(path: str, lines: dict[str, str]) -> None:
    """Add lines to a file, but for those that it has, or has what stands beside them: all or none."""
    had = b""
    with suppress(FileNotFoundError):
        had = read_whole(os.path.realpath(path))  # a link is the user's own; a device would be read for ever
    new = "".join(f"{line}\n" for line, mark in lines.items() if (mark or line).encode() not in had).encode()
    if not new:
        return
    if had and not had.endswith(b"\n"):
        new = b"\n" + new
    with open(path, "ab", buffering=0) as file:
        try:
            if file.write(new) < len(new):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as refused:
            file.truncate(len(had))
            raise OSError(refused.errno, refused.strerror, path) from refused
