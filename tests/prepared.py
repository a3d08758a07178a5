"""The command in a process of its own that need not be started: forked from one which has loaded what commands load.

Loading takes three quarters of the time of most commands, and compiling patterns a good part of the rest. The process
is one like any other: with its own folder, environment, streams, signals and exit. What a command loads when it starts
cold, and in which order, is told by the tests that start one (``test_imports`` and whoever takes ``subprocess``).

    python -m tests.prepared SOCKET    answers requests: who sends arguments, folder, environment and streams is told
                                       the id of the process, who sends that id how it ended, as soon as it has
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import io
import json
import os
import pkgutil
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
ROOMS = ("core", "text", "query", "posts", "engine", "output", "apps.cli", "apps.digest")
LOADED = tuple(f"papersearch.{room}" for room in ROOMS)
LOADED_TOO = ("papersearch.__main__", "papersearch.library", "papersearch.apps.interrupts", "typer", "rich.console")
SERVER = ("papersearch.apps.web.server", "papersearch.apps.mcp.server", "uvicorn.loops.auto", "uvicorn.lifespan.on",
          "uvicorn.protocols.http.auto", "uvicorn.protocols.websockets.auto", "anyio._backends._asyncio")  # fmt: skip
LOADED_FOR = {"serve": SERVER, "mcp": SERVER}  # before the first of these commands, as it takes long
HERE = sys.platform == "linux"


class Prepared:
    """The process that forks, as long as the one that made this runs; commands go to it one at a time."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._ours, theirs = socket.socketpair()
        self._free = threading.Lock()
        self._answers = self._ours.makefile("r")
        command = [sys.executable, "-m", "tests.prepared", str(theirs.fileno())]
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[theirs.fileno()])
        theirs.close()
        atexit.register(self._end)

    def _end(self) -> None:
        self._ours.shutdown(socket.SHUT_RDWR)
        self._process.wait()

    def start(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], streams: Sequence[int]
    ) -> int:
        """The id of a new process with these standard streams, which are closed here; somebody must wait for it."""
        process = self._answer([list(arguments), str(folder), dict(environment)], streams)
        for handle in streams:
            os.close(handle)
        return process

    def wait(self, process: int) -> int:
        """The exit code of a process, negative for a signal, when it has ended."""
        return self._answer(process)

    def _answer(self, request: object, streams: Sequence[int] = ()) -> int:
        data = json.dumps(request).encode()
        with self._free:
            socket.send_fds(self._ours, [len(data).to_bytes(4, "little")], streams)
            self._ours.sendall(data)
            return int(self._answers.readline())

    def run(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], stdin: bytes, timeout: float
    ) -> tuple[int, bytes, bytes]:
        """Exit code, standard output and standard error. Raises ``subprocess.TimeoutExpired`` after so many seconds."""
        with contextlib.ExitStack() as files:
            (theirs_in, ours_in), (ours_out, theirs_out), (ours_err, theirs_err) = (os.pipe() for _ in range(3))
            into, out, err = (
                files.enter_context(open(handle, mode, buffering=0))
                for handle, mode in ((ours_in, "wb"), (ours_out, "rb"), (ours_err, "rb"))
            )
            process = self.start(arguments, folder, environment, [theirs_in, theirs_out, theirs_err])
            try:
                said = _exchange(into, stdin, [out, err], time.monotonic() + timeout)
            except TimeoutError:
                os.kill(process, signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(arguments), timeout) from None
            finally:
                code = self.wait(process)
            return code, *said  # type: ignore[return-value]


def _exchange(into: Any, stdin: bytes, outputs: list[Any], end: float) -> list[bytes]:
    """Write standard input and read the others until all are closed. Raises ``TimeoutError`` if that is not by then."""
    left, said = memoryview(stdin), {output: bytearray() for output in outputs}
    with selectors.DefaultSelector() as streams:
        for output in outputs:
            streams.register(output, selectors.EVENT_READ)
        os.set_blocking(into.fileno(), False)
        if left:
            streams.register(into, selectors.EVENT_WRITE)
        else:
            into.close()
        while streams.get_map():
            ready = streams.select(end - time.monotonic())
            if not ready and time.monotonic() >= end:
                raise TimeoutError
            for key, _ in ready:
                if key.fileobj is not into:
                    data = os.read(key.fd, 65_536)
                    said[key.fileobj] += data
                    if not data:
                        streams.unregister(key.fileobj)
                    continue
                try:
                    left = left[os.write(key.fd, left) :]
                except BrokenPipeError:
                    left = left[:0]
                if not left:
                    streams.unregister(into)
                    into.close()
    return [bytes(data) for data in said.values()]


def _load_all(names: Iterable[str]) -> None:
    for name in names:
        with contextlib.suppress(ImportError):  # of a part whose libraries are not here
            importlib.import_module(name)


def _load() -> None:
    for name in LOADED:
        package = importlib.import_module(name)
        _load_all(found.name for found in pkgutil.walk_packages(package.__path__, f"{name}."))
    _load_all(LOADED_TOO)
    with tempfile.TemporaryDirectory() as index:  # patterns are compiled by the first that needs them
        library, corpus = importlib.import_module("papersearch.library"), str(ROOT / "corpus")
        for _ in range(2):
            library.index_folder(index, [corpus], jobs=1)
        with library.Index(index) as opened:
            opened.search("mixture of experts", explain=True)
        library.check(index, [corpus])


def _received(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += (part := line.recv(size - len(data)))
        if not part:
            raise EOFError
    return data


def _serve(line: socket.socket) -> None:
    while True:
        size, streams, *_ = socket.recv_fds(line, 4, 3)
        if not size:
            return
        size += _received(line, 4 - len(size))
        request = json.loads(_received(line, int.from_bytes(size, "little")))
        if isinstance(request, int):
            line.sendall(b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(request, 0)[1]))
            continue
        _load_all(LOADED_FOR.get("".join(request[0][:1]), ()))
        if (process := os.fork()) == 0:
            line.close()
            _become(*request, streams)
        for handle in streams:
            os.close(handle)
        line.sendall(b"%d\n" % process)


def _become(arguments: list[str], folder: str, environment: dict[str, str], streams: list[int]) -> None:
    """Be the command, as ``python -m papersearch`` is it, to the end."""
    code = 99
    try:
        for number, handle in enumerate(streams):
            os.dup2(handle, number)
            os.close(handle)
        # As Python opens them when it starts, in UTF-8 mode.
        sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
        sys.stdout, sys.stderr = (
            io.TextIOWrapper(io.BufferedWriter(io.FileIO(number, "wb", closefd=False)), "utf-8", errors)
            for number, errors in ((1, "surrogateescape"), (2, "backslashreplace"))
        )
        os.chdir(folder)
        sys.path[0] = folder
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = [str(ROOT / "papersearch" / "__main__.py"), *arguments]
        from papersearch.__main__ import run

        try:
            if arguments[:1] == ["-c"]:  # not the command but a program of a test's own
                sys.argv = ["-c", *arguments[2:]]
                exec(compile(arguments[1], "<string>", "exec"), {"__name__": "__main__"})
                code = 0
            else:
                run()
        except SystemExit as ended:
            code = int(ended.code or 0)
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except Exception:
        import traceback

        code = 1
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt, EOFError), socket.socket(fileno=int(sys.argv[1])) as asked:
        _load()
        _serve(asked)
