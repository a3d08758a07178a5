"""A server of the search page on a free port, in a process of its own, over an index made for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.commands import started


@contextmanager
def serving(folder: Path, *options: str, **variables: str) -> Iterator[str]:
    """The address of ``papersearch serve`` in a folder, until the block ends."""
    with started(folder, "serve", "--port", "0", *options, **variables) as server:
        server.stdin.close()
        said = ""
        for said in server.stderr:
            if found := re.search(r" at (http://\S+)", said):
                yield found[1]
                break
        else:
            raise AssertionError(f"the server did not start: {said}")
