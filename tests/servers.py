"""A server of the search page on a free port, in a process of its own, over an index made for it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.commands import PAPERSEARCH, environment
from tests.processes import LONGEST_S


@contextmanager
def serving(folder: Path, *options: str, **variables: str) -> Iterator[str]:
    """The address of ``papersearch serve`` in a folder, until the block ends."""
    process = subprocess.Popen(
        [*PAPERSEARCH, "serve", "--port", "0", *options],
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        said = ""
        for said in process.stderr:
            if found := re.search(r" at (http://\S+)", said):
                yield found[1]
                break
        else:
            raise AssertionError(f"the server did not start: {said}")
    finally:
        process.terminate()
        process.wait(LONGEST_S)
        if process.stderr is not None:
            process.stderr.close()
