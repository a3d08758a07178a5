"""Only one run at a time writes an index; this decides who.

The lock is ``flock`` on Whoosh's own lock file, so a stranger who writes through Whoosh is kept out too, and a process
that dies, or a machine that is switched off, leaves no lock behind. The file's content only tells who holds it.
Where a file system has no ``flock`` (Lustre, say, which many machines share), a file that is created exclusively
serves, and one whose process is gone is taken over; that of another machine only after two days. A link or anything
else that is no ordinary file is refused: it may lead to a file of the user's.
"""

from __future__ import annotations

import errno
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from papersearch.core.clock import now_text
from papersearch.core.errors import LockedIndexError, PapersearchError, what_to_do
from papersearch.core.opening import NotAFileError, create_new, draft_name, let_go, open_ordinary, read_start
from papersearch.engine.index.folder import LOCK_FILE

try:
    import fcntl
except ImportError:  # not a POSIX system
    fcntl = None  # type: ignore[assignment]

_PAUSE_S = 0.05  # between two tries for the lock (chosen)
_MOST_REPLACED = 100  # lock files one after the other (chosen): a run that fails removes its own, which is one
_SILENT_S = 60  # chosen: saying who holds the lock takes a thousandth of that
_LONGEST_RUN_S = 48 * 3600  # of another machine, of which nobody can tell whether its run is alive (chosen)

# Handles of locks that this process holds. A forked process would hold them too, also after this one has died.
_held: set[int] = set()


def _let_go() -> None:
    for handle in _held:
        let_go(handle)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)

_NO_FLOCK = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}


@contextmanager
def locked(
    folder: str, wait: float, waiting: Callable[[str], None] | None = None, notes: list[str] | None = None
) -> Iterator[None]:
    """Hold the index's lock. ``waiting`` is called once with the holder that we wait for; ``LockedIndexError`` after
    ``wait`` seconds. To ``notes`` is added what the user should know of the file system."""
    path = os.path.join(folder, LOCK_FILE)
    for _ in range(_MOST_REPLACED):
        handle = _open(folder, path)
        _held.add(handle)
        try:
            release = _gain(path, handle, wait, waiting, notes)
            try:
                if _is_at(handle, path):
                    _say(handle, _who())
                    yield
                    return
            finally:
                _say(handle, b"")
                release()
        finally:
            _held.discard(handle)
            let_go(handle)
    raise LockedIndexError(f"{path} is replaced by another file again and again", "put the index on another disk")


class Patience:
    """How many ``seconds`` a run still waits for another one to finish, ``pause_s`` at a time; it ``tells`` so once."""

    def __init__(self, seconds: float, tells: Callable[[str], None] | None, pause_s: float) -> None:
        self._end = time.monotonic() + seconds
        self._tells, self._pause_s = tells, pause_s

    def wait_for(self, holder: str) -> None:
        """Wait a moment more. Raises ``LockedIndexError``, which names the ``holder``, once there is no time left."""
        if time.monotonic() >= self._end:
            raise LockedIndexError(f"another run is writing this index ({holder})", "try again when it has finished")
        if self._tells is not None:
            self._tells(f"waiting for another run to finish ({holder})")
            self._tells = None
        time.sleep(self._pause_s)


def _open(folder: str, path: str) -> int:
    try:
        os.makedirs(folder, exist_ok=True)  # the run that we waited for may have removed what it made
        return _open_or_make(folder, path)
    except NotAFileError as wrong:
        raise PapersearchError(
            f"{path} is not an ordinary file: it may lead to another one", "remove it and run again"
        ) from wrong
    except OSError as refused:
        what = path if _is_alone(folder, path) else f"the index folder {folder}"
        raise PapersearchError(
            f"{what} cannot be written ({refused.strerror})",
            what_to_do(refused, "fix this and run again"),
        ) from refused


def _open_or_make(folder: str, path: str) -> int:
    """A handle on the lock file. It need only be read: in a folder that several users share, who came first may have
    made it by a umask that lets nobody else write it, while all other files are replaced and never written again."""
    try:
        return open_ordinary(path, os.O_RDWR | os.O_CREAT)
    except PermissionError:
        if _is_alone(folder, path) and os.access(path, os.R_OK):
            return open_ordinary(path)
        raise


def _is_alone(folder: str, path: str) -> bool:
    """Whether it is the lock file alone that cannot be written, and not its folder."""
    return os.path.exists(path) and os.access(folder, os.W_OK)


def _is_at(handle: int, path: str) -> bool:
    """Whether the file that we hold is still the one that others would lock: a run that failed removes its own."""
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except OSError:
        return False


def _gain(
    path: str, handle: int, wait: float, waiting: Callable[[str], None] | None, notes: list[str] | None
) -> Callable[[], None]:
    """Wait for the lock; what releases it comes back."""
    patience = Patience(wait, waiting, _PAUSE_S)
    flock = fcntl is not None
    while True:
        try:
            if flock:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lambda: _release(handle)
            return _create_exclusively(path + ".pid")
        except OSError as busy:
            if flock and busy.errno in _NO_FLOCK:
                flock = False
                if notes is not None:
                    notes.append("this file system has no flock: a lock file is used instead")
                continue
            if busy.errno not in {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EEXIST}:
                raise
        patience.wait_for(_holder(path if flock else path + ".pid"))


def _release(handle: int) -> None:
    """Best effort: the lock ends with the handle."""
    with suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_UN)


def _create_exclusively(path: str) -> Callable[[], None]:
    _remove_if_dead(path)
    file = create_new(path)
    mine = os.fstat(file.fileno())
    try:
        with file:
            file.write(_who())  # on a full disk this fails only when it is closed
    except OSError:
        os.remove(path)  # one that says nothing would stay
        raise
    return lambda: _remove_own(path, mine)


def _remove_own(path: str, mine: os.stat_result) -> None:
    """Remove our lock file; if somebody has removed it, another run may have put its own there."""
    with suppress(FileNotFoundError):
        if os.path.samestat(os.lstat(path), mine):
            os.remove(path)


def _boot_id() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def _who() -> bytes:
    now = now_text()
    return f"{os.getpid()}\n{now}\n{_boot_id()}\n{platform.node()}\n".encode()


def _say(handle: int, who: bytes) -> None:
    """Best effort: on a full disk the lock holds all the same. A file with a second name may be somebody's own."""
    with suppress(OSError):
        if os.fstat(handle).st_nlink == 1:
            os.ftruncate(handle, 0)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, who)  # Windows has no pwrite


def _read(path: str) -> list[str]:
    try:
        return read_start(path, 1_000).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def _holder(path: str) -> str:
    lines = _read(path)
    if len(lines) < 2:
        return "it has not said who it is"
    return f"process {lines[0]}{f' on {lines[3]}' if _is_elsewhere(lines) else ''} since {lines[1]}"


def _is_elsewhere(lines: Sequence[str]) -> bool:
    """Whether a lock file is that of another machine; one that was only started again since has its old name."""
    return len(lines) > 3 and lines[2] != _boot_id() and lines[3] != platform.node()


def _remove_if_dead(path: str) -> None:
    """Remove a lock file whose process is gone, that is from before the machine was started, or that has said nothing
    for a minute: its process was killed before it could. Of a link, the link."""
    with suppress(FileNotFoundError):
        found = os.lstat(path)
        lines = _read(path)
        said = len(lines) >= 2 and lines[0].isdecimal()
        if not said or _is_elsewhere(lines):
            is_dead = time.time() - found.st_mtime > (_LONGEST_RUN_S if said else _SILENT_S)
        else:
            is_dead = not _is_alive(lines)
        if is_dead:
            _take_away(path, found)


def _take_away(path: str, found: os.stat_result) -> None:
    """Remove a lock file that was ``found`` to be nobody's, unless another run has done so meanwhile, whose own may be
    in its place. Of runs that come to this at once only one can rename the file; if it got that of another one by then,
    it gives that back."""
    if not _is_same(os.lstat(path), found):
        return
    aside = os.path.join(os.path.dirname(path), draft_name())
    os.rename(path, aside)
    if _is_same(os.lstat(aside), found):
        os.remove(aside)
    else:
        os.rename(aside, path)


def _is_same(one: os.stat_result, other: os.stat_result) -> bool:
    """Whether two looks were at the same file: one that is made later may get the number of one that is gone."""
    return os.path.samestat(one, other) and one.st_mtime_ns == other.st_mtime_ns


def _is_alive(lines: Sequence[str]) -> bool:
    """Whether the process that a lock file of this machine names is there."""
    if len(lines) > 2 and _boot_id() and lines[2] != _boot_id():
        return False
    try:
        os.kill(int(lines[0]), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass
    return True
