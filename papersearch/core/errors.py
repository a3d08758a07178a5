"""The errors that papersearch raises: one base with a message and a hint, and a child only where somebody branches.

Library code raises these and never prints or exits; the command line turns them into one line and an exit code.
"""

from __future__ import annotations

import errno
import os
import sys

_MOST_CHARACTERS = 10_000  # of a message or a hint (chosen: two paths are shorter)


class PapersearchError(Exception):
    """What is wrong (``message``) and what to do about it (``hint``, may be empty); very long ones lack their
    middle. The command line exits with 3."""

    exit_code = 3

    def __init__(self, message: str, hint: str = "") -> None:
        self.message, self.hint = _bounded(message), _bounded(hint)
        super().__init__(f"{self.message}: {self.hint}" if hint else self.message)


def _bounded(text: str) -> str:
    half = _MOST_CHARACTERS // 2
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:half]} ... {text[-half:]}"


class UsageError(PapersearchError):
    """An invalid argument, such as an unknown format or a malformed date. Exit 2."""

    exit_code = 2


class QueryError(UsageError):
    """A query that is a mistake. ``position`` is the code point in ``query`` where the caret belongs."""

    def __init__(self, message: str, hint: str = "", query: str = "", position: int = 0) -> None:
        super().__init__(message, hint)
        self.query = query
        self.position = position


class NotFoundError(PapersearchError):
    """A paper id or post that the index does not hold. Exit 1."""

    exit_code = 1


class NoIndexError(PapersearchError):
    """There is no index in the folder. The command line builds one where it can."""


class DamagedIndexError(PapersearchError):
    """The index is damaged or of another version; ``papersearch index`` builds it again from the corpus."""


class LockedIndexError(PapersearchError):
    """Another run holds the index and did not finish in time."""


class ReplacedError(PapersearchError):
    """papersearch was replaced by an upgrade while this process ran. Whatever stays must not index any more."""


class ModelError(PapersearchError):
    """The model that writes answers could not be asked, or did not answer. ``refused`` is true if it refused the form
    of the question, ``too_long`` if what it was sent is more than it can read."""

    refused = False
    too_long = False


class Stopped(KeyboardInterrupt):
    """A run was stopped by the signal ``number``. ``complete``: it had committed its work by then, with
    ``vectors_missing`` only the words of it. ``stage``, if it had committed a part: (posts that are in the index, posts
    that were to be)."""

    number = 2  # SIGINT, until whoever heard the signal says which it was

    def __init__(
        self, complete: bool = False, stage: tuple[int, int] | None = None, vectors_missing: bool = False
    ) -> None:
        super().__init__()
        self.complete = complete
        self.stage = stage
        self.vectors_missing = vectors_missing

    @property
    def exit_code(self) -> int:
        """128 and the number of the signal, as shells have it."""
        return 128 + self.number


class MeaningError(PapersearchError):
    """A model or its vectors cannot be used. A query by words still answers."""


def _stamp() -> tuple[int, ...] | None:
    """What tells the installed package from another version that takes its place: time of change and size of its
    ``__init__.py``, as every installer writes all files anew. Empty where there is no such file, or not any more; None
    where its disk does not answer."""
    try:
        status = os.stat(os.path.join(os.path.dirname(os.path.dirname(__file__)), "__init__.py"))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


_STAMP = _stamp()


def refuse_if_replaced() -> None:
    """Raise ``ReplacedError`` if papersearch was replaced since this process began: modules are loaded when they are
    first used, and what it would load now does not fit what it has loaded. Takes two microseconds."""
    if (now := _stamp()) != _STAMP and None not in (now, _STAMP):
        raise ReplacedError("papersearch was replaced while this program ran", "start it again")


def is_out_of_memory(error: Exception) -> bool:
    """Whether memory ran out. Where CPython (3.11, say) has no room for the frame of a function it forgets to say so,
    and then complains that nothing was said."""
    if isinstance(error, SystemError):
        return str(error).endswith(("without exception set", "without setting an exception"))
    no_memory = isinstance(error, OSError) and error.errno == errno.ENOMEM
    return no_memory or isinstance(error, MemoryError) or _is_not_mapped(error)


def _is_not_mapped(error: Exception) -> bool:
    """Whether there was no room to load a library: glibc says it in these words, and gives no number for it."""
    return isinstance(error, ImportError) and "failed to map segment" in str(error)


def without_library(who: str, missing: ImportError, install: str) -> tuple[str, str]:
    """Message and hint for who needs a library that is not installed, or is and cannot be loaded: there is no memory
    for it, it is made for another system, or another version than is needed."""
    if is_out_of_memory(missing):
        no_memory = unforeseen(missing)
        return no_memory.message, no_memory.hint
    if isinstance(missing, ModuleNotFoundError) and missing.name:
        return f"{who} needs {missing.name.partition('.')[0]}, which is not installed", install
    return f"{who} needs a library that cannot be loaded ({missing})", install


def unforeseen(error: Exception) -> PapersearchError:
    """What to report to people for an unexpected error. That memory ran out, that papersearch was upgraded meanwhile,
    that a library is missing, or that the system refused something, a thread say, is told as such."""
    if is_out_of_memory(error):
        what = f"not enough memory for a library ({error})" if _is_not_mapped(error) else "not enough memory"
        return PapersearchError(f"there is {what}", "close other programs or raise the limit (ulimit -v)")
    try:
        refuse_if_replaced()
    except ReplacedError as replaced:
        return replaced
    if isinstance(error, OSError):
        place = f" ({error.filename})" if error.filename else ""
        return PapersearchError(f"{error.strerror or error}{place}", what_to_do(error, "--debug shows the traceback"))
    if isinstance(error, ImportError) and error.name and not error.name.startswith("papersearch"):
        hint = "install papersearch with pip, which installs what it needs"
        return PapersearchError(*without_library("papersearch", error, hint))
    if isinstance(error, UnicodeError) and (encoding := sys.getfilesystemencoding()) != "utf-8":
        return PapersearchError(
            f"Python takes names of files for {encoding} here", "set PYTHONUTF8=1, or a locale with UTF-8"
        )
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        hint = "end other programs or raise the limits on processes and memory (ulimit -u, ulimit -v)"
        return PapersearchError(f"the system refuses a thread ({error})", hint)
    return PapersearchError(f"internal error ({type(error).__name__}: {error})", "please report it")


def reported(error: Exception) -> str:
    """What to say of an unexpected error where ``--debug`` shows more of it, which helps if it is one of ours."""
    told = str(unforeseen(error))
    return f"{told}; --debug shows the traceback" if told.startswith("internal error") else told


def what_to_do(refused: OSError, otherwise: str) -> str:
    """What helps where the system refused something; ``otherwise`` where that is not known."""
    hints = {
        errno.ENOSPC: "free some space",
        errno.EDQUOT: "free some space",
        errno.EFBIG: "raise the limit on the size of files (ulimit -f), or write to another disk",
        errno.EMFILE: "raise the limit on open files (ulimit -n)",
        errno.EROFS: "mount the disk for writing",
        errno.EIO: "check the disk",
        errno.ENOTCONN: "mount the folder again",
        getattr(errno, "ESTALE", errno.ENOTCONN): "mount the folder again",
    }
    if refused.errno == errno.ENOMEM:
        return unforeseen(refused).hint
    if refused.errno in hints:
        return hints[refused.errno]
    if isinstance(refused, PermissionError):
        return "check its permissions" if refused.filename else "check the permissions"
    if isinstance(refused, FileNotFoundError) and not refused.filename:  # of the current folder alone
        return "if the current folder is gone, go to another one"
    return otherwise
