"""Standard output and standard error: what is printed is written whole, or it is known that it was not.

Python's own streams may lose the rest of what a full disk, a pipe that does not wait or a limit on files took in part:
unbuffered ones (``PYTHONUNBUFFERED``) count that as written.
"""

from __future__ import annotations

import io
import os
import sys

from papersearch.text.display import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from _typeshed import ReadableBuffer

_PAUSE_S = 0.01  # between tries where the system cannot say when there is room again


class ReaderGone(BrokenPipeError):
    """Whoever read our standard output has had enough."""


class Output(io.FileIO):
    """A stream that takes all that it is given, waiting for room if need be. After the first failure it is ``lost``:
    that raises once, and whatever comes later is dropped. Of a ``quiet`` one nothing is raised."""

    def __init__(self, handle: int, *, quiet: bool = False, lost: bool = False) -> None:
        super().__init__(handle, "wb", closefd=False)
        self.lost = lost
        self._quiet = quiet

    def write(self, data: ReadableBuffer, /) -> int:
        """Write all of it. Raises ``ReaderGone`` for a closed pipe, ``OSError`` for what else prevents it."""
        left = memoryview(data)
        size = left.nbytes
        try:
            while left and not self.lost:
                taken = super().write(left)
                if taken is None:
                    self._wait()
                else:
                    left = left[taken:]
        except BaseException as failed:
            self.lost = True
            if isinstance(failed, BrokenPipeError) and not self._quiet:
                raise ReaderGone(*failed.args) from failed
            if not (isinstance(failed, OSError) and self._quiet):
                raise
        return size

    def _wait(self) -> None:
        """Until a stream that somebody made non-blocking has room again."""
        try:
            import select

            select.select([], [self.fileno()], [])
        except (ImportError, OSError, ValueError):
            import time

            time.sleep(_PAUSE_S)


def prepare() -> None:
    """Put an ``Output`` in the place of both streams. What they cannot encode is escaped, and file names keep their
    bytes.

    A stream that is closed (``>&-``) becomes the null device: what is opened next would take its place, and a library's
    complaint on standard error would end up in a file of the index.
    """
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _open_closed()
    sys.stdout = _whole(sys.stdout, 1, quiet=False)
    sys.stderr = _whole(sys.stderr, 2, quiet=True)


def delivered() -> bool:
    """Whether all that was printed is written out; never if standard output is closed. Raises as ``write`` does."""
    sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return not (isinstance(raw, Output) and raw.lost)


def say(text: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"papersearch: {one_line(text)}\n")


def can_ask() -> bool:
    """Whether a person is there to be asked."""
    return bool(sys.stdin and sys.stdin.isatty() and sys.stderr.isatty())


def agreed(question: str) -> bool:
    """Whether a person says yes to a question."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _open_closed() -> None:
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115


def _whole(stream: TextIO | None, number: int, *, quiet: bool) -> TextIO:
    """A stream that loses nothing in the place of Python's own; another's, or a console of Windows, stays."""
    if stream is None:
        return _text(Output(number, quiet=quiet, lost=True), "utf-8", line_buffering=quiet)
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    if type(getattr(stream.buffer, "raw", stream.buffer)) is not io.FileIO:
        stream.reconfigure(errors="backslashreplace")
        return stream
    stream.flush()
    lines = quiet or stream.isatty()  # whatever is unbuffered elsewhere
    return _text(Output(stream.fileno(), quiet=quiet), stream.encoding, line_buffering=lines)


def _text(raw: Output, encoding: str, *, line_buffering: bool) -> TextIO:
    buffer = io.BufferedWriter(raw)
    return io.TextIOWrapper(buffer, encoding, "backslashreplace", line_buffering=line_buffering)
