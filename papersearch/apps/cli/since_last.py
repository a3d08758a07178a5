"""When a query was last asked with ``--new``: kept in the index folder, and only there.

``asked.json`` maps a digest of the whole request to the number of the index run that it saw then.
"""

from __future__ import annotations

import json
import os
from hashlib import blake2b
from typing import Any

from papersearch.core.errors import PapersearchError

FILE_NAME = "asked.json"
_MOST = 10_000  # queries remembered; the longest unasked are forgotten


def last_asked(folder: str, request: str) -> int:
    """The run that a request saw when it was last asked, 0 if it never was."""
    run = _load(folder).get(_key(request), 0)
    return run if isinstance(run, int) else 0


def remember(folder: str, request: str, run: int) -> None:
    """Note that a request has seen a run."""
    asked = _load(folder)
    asked.pop(_key(request), None)
    asked[_key(request)] = run
    while len(asked) > _MOST:
        del asked[next(iter(asked))]
    path = os.path.join(folder, FILE_NAME)
    draft = f"{path}.{os.getpid()}"
    try:
        with open(draft, "w", encoding="utf-8") as file:
            json.dump(asked, file)
        os.replace(draft, path)
    except OSError as refused:
        raise PapersearchError(
            f"that this was asked cannot be remembered in {folder} ({refused.strerror})", "ask without --new"
        ) from refused


def _load(folder: str) -> dict[str, Any]:
    try:
        with open(os.path.join(folder, FILE_NAME), encoding="utf-8") as file:
            asked = json.load(file)
    except (OSError, ValueError):
        return {}
    return asked if isinstance(asked, dict) else {}


def _key(request: str) -> str:
    return blake2b(request.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
