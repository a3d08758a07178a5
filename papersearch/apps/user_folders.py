"""The user's own folders for what papersearch keeps outside an index."""

from __future__ import annotations

import os
import sys


def settings_folder() -> str:
    """Of settings: ``~/.config/papersearch``, and where Windows and macOS have theirs."""
    default = "~/.config"
    if sys.platform == "win32":
        default = os.environ.get("APPDATA", "") or default
    elif sys.platform == "darwin":
        default = "~/Library/Application Support"
    return _folder(os.environ.get("XDG_CONFIG_HOME", ""), default)


def config_folder() -> str:
    """Where programs of Unix have their settings, those of macOS included: ``~/.config``."""
    return _base(os.environ.get("XDG_CONFIG_HOME", ""), "~/.config")


def state_folder() -> str:
    """Of what was shown: ``~/.local/state/papersearch``."""
    return _folder(os.environ.get("XDG_STATE_HOME", ""), "~/.local/state")


def _folder(given: str, default: str) -> str:
    """Ours in the folder that is given."""
    return os.path.join(_base(given, default), "papersearch")


def _base(given: str, default: str) -> str:
    """The folder that is given. One that is not absolute is to be ignored (XDG Base Directory 0.8)."""
    return given if os.path.isabs(given) else os.path.expanduser(default)
