"""Finds the post files below the folders of a corpus."""

from __future__ import annotations

import os
import stat
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from operator import itemgetter

from papersearch.core.errors import PapersearchError
from papersearch.core.records import Problem
from papersearch.posts.listing import Listing, identity, is_below
from papersearch.posts.reading import NO_FILE, check_disk, check_machine, read_post
from papersearch.posts.states import FileState as FileState
from papersearch.posts.states import States

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.posts.ignore import Rules

ENDINGS = (".md", ".markdown", ".mdx")
IGNORE_FILE = ".papersearchignore"

# Where a disk is short of space, macOS keeps `note.md` in iCloud only and puts `.note.md.icloud` in its place.
_IN_ICLOUD = ".icloud"

_MOST_NS = (1 << 63) - 1
# A file that is replaced while its folder is listed may not be named (btrfs and tmpfs, seen on Linux 6.18), so a folder
# that changed meanwhile is listed again. Once, as some file systems say of a folder that it changed just now (chosen).
_MOST_LISTINGS = 2


def is_post(name: str) -> bool:
    """Whether a file of this name is a post."""
    return name.endswith(ENDINGS) or name.lower().endswith(ENDINGS)


def look(folders: Iterable[str], exclude: Sequence[str] = ()) -> Listing:
    """What lies under ``folders``.

    Left out are hidden files and folders, ``node_modules``, and what ``exclude`` (relative to each folder) or an
    ``IGNORE_FILE`` names in ``.gitignore``'s language. Links are followed, but no folder is visited and no file
    listed twice. Raises ``UsageError`` for what is not a pattern, ``PapersearchError`` for what cannot name a folder,
    for a broken disk below one, and if this machine has run out of open files or memory. Costs about 3 µs a file, ten
    times as much where patterns are given.
    """
    walker = _Walker(exclude)
    for folder in folders:
        walker.start(folder)
    walker.add_linked()
    problems = sorted(dict.fromkeys(walker.problems), key=lambda problem: problem.path)
    listing = Listing(walker.found(), problems, walker.unlisted, walker.missing, walker.folders, [])
    lost = {listing.lost_above(os.path.dirname(folder)) or folder for folder in walker.lost}
    return listing._replace(lost=sorted(lost)).without(walker.vanished)


def walk(folders: Iterable[str], exclude: Sequence[str] = ()) -> tuple[list[FileState], list[Problem]]:
    """As ``look``, for a corpus that must be there: raises ``PapersearchError`` if one of the folders is missing or
    cannot be read."""
    listing = _look_there(folders, exclude)
    return [*listing.states], listing.problems


def count_stale(folders: Iterable[str], exclude: Sequence[str], known: Iterable[tuple[str, int, int, int]]) -> int:
    """How many files below ``folders`` are new, changed or gone since their states were ``known``, by size and time
    alone. Files that are only out of sight are none of them. Raises as ``walk`` does."""
    listing = _look_there(folders, exclude)
    before = {path: (size, mtime) for path, size, mtime, _ in known}
    here = {path: (size, mtime) for path, size, mtime, _ in listing.states}
    gone = (path for path in before.keys() - here.keys() if not is_below(path, listing.unlisted))
    return sum(before.get(path) != state for path, state in here.items()) + sum(1 for _ in gone)


def _look_there(folders: Iterable[str], exclude: Sequence[str]) -> Listing:
    listing = look(folders, exclude)
    for error in listing.missing.values():
        raise error
    return listing


class _Walker:
    """One walk; remembers folders, and the files that are reached by links, by how they look (see ``_looks``)."""

    def __init__(self, exclude: Sequence[str]) -> None:
        # Of each file its path, size and times; a column each, as there may be a million of them.
        self._paths: list[str] = []
        self._numbers = array("q"), array("q"), array("q")
        self.problems: list[Problem] = []
        self.unlisted: list[str] = []
        self.missing: dict[str, PapersearchError] = {}
        self.folders: dict[str, tuple[int, int]] = {}
        self.lost: list[str] = []  # folders that were gone when they were to be listed
        self.vanished: set[str] = set()  # posts that were gone when they were looked at
        self._exclude = exclude
        self._visited: set[tuple[int, ...]] = set()
        self._linked_folders: list[tuple[str, Rules | None]] = []
        self._linked_files: list[tuple[str, os.stat_result]] = []

    def start(self, folder: str) -> None:
        """Walk a folder of the corpus, or note that it is missing."""
        hint = "name the folder that holds the posts"
        try:
            with os.scandir(folder) as entries:  # more is to be said of it than ``_visit`` says of one below
                next(iter(entries), None)  # some file servers that are gone tell so only now
            self._visit(folder, self._rules_for(folder))
        except FileNotFoundError:
            hint = f"{hint}: papersearch index FOLDER"
            self.missing[folder] = PapersearchError(f"there is no folder {folder}", hint)
        except NotADirectoryError:
            self.missing[folder] = PapersearchError(f"{folder} is not a folder", hint)
        except ValueError as wrong:
            raise PapersearchError(f"{folder!r} cannot be the name of a folder", hint) from wrong
        except OSError as refused:
            check_machine(folder, refused)
            self.missing[folder] = PapersearchError(f"the folder {folder} cannot be read ({refused.strerror})")

    def add_linked(self) -> None:
        """Follow the links, after everything that is reached without them: a file's own place is its path."""
        while self._linked_folders:  # grows while we go on; sorted, as the first of two links names the files
            folders, self._linked_folders = sorted(self._linked_folders, key=itemgetter(0)), []
            for path, rules in folders:
                self._visit(path, rules)
        if not self._linked_files:
            return
        known = set()
        for path in self._paths:
            with suppress(OSError):
                known.add(_looks(os.stat(path)))
        for path, status in sorted(self._linked_files, key=lambda item: item[0]):
            if _looks(status) not in known:
                known.add(_looks(status))
                self._add(path, status)

    def _rules_for(self, folder: str) -> Rules | None:
        if not self._exclude:
            return None
        from papersearch.posts.ignore import rules_of

        return rules_of(folder, self._exclude)

    def _rules_in(self, folder: str, rules: Rules | None) -> Rules | None:
        """The rules for what a folder holds: those that come down to it, and those of its own ignore file."""
        path = os.path.join(folder, IGNORE_FILE)
        try:
            data = read_post(path)
        except OSError as refused:
            if os.path.islink(path) or not isinstance(refused, FileNotFoundError):
                check_machine(path, refused)
                self.problems.append(Problem(path, 0, refused.strerror or "cannot be read"))
            return rules
        from papersearch.posts.ignore import Rules

        rules, problems = (rules or Rules(())).and_those_of(path, data)
        self.problems += problems
        return rules

    def _visit(self, folder: str, above: Rules | None) -> None:
        """Walk one folder and those below it. An explicit stack: how deep folders lie is up to strangers."""
        stack = [(folder, above)]
        while stack:
            path, rules = stack.pop()
            try:
                status = os.stat(path)
                if self._is_new(path, status):
                    self._list(path, rules, stack, status)
            except FileNotFoundError:
                self.lost.append(path)
            except OSError as refused:
                self._refused(path, refused, f"the folder cannot be read ({refused.strerror})")

    def _list(
        self, folder: str, above: Rules | None, stack: list[tuple[str, Rules | None]], status: os.stat_result
    ) -> None:
        """Take in what a folder holds, which looked like ``status`` before; once more where it changed meanwhile."""
        for _ in range(_MOST_LISTINGS):
            with os.scandir(folder) as entries:
                rules = self._rules_in(folder, above)
                self._look_at(entries if rules is None else _kept(entries, rules), stack, rules)
            before, status = status, os.stat(folder)
            if identity(status) != identity(before):
                self.lost.append(folder)  # it may be another one that was listed
                return
            if status.st_mtime_ns == before.st_mtime_ns:
                return

    def _is_new(self, folder: str, status: os.stat_result) -> bool:
        looks = _looks(status)
        if folder in self.folders or looks in self._visited:
            return False
        self._visited.add(looks)
        self.folders[folder] = identity(status)
        return True

    def _look_at(
        self, entries: Iterable[os.DirEntry[str]], stack: list[tuple[str, Rules | None]], rules: Rules | None
    ) -> None:
        """Take in what a folder holds. One loop with hardly a call of ours: there may be a hundred thousand files."""
        add_path, (add_size, add_time, add_ctime) = self._paths.append, (each.append for each in self._numbers)
        for entry in entries:
            name = entry.name
            if name[0] == ".":
                if name.endswith(_IN_ICLOUD):
                    self._note_in_icloud(entry.path, name, rules)
                continue
            post = name.endswith(ENDINGS) or is_post(name)
            if not (post and entry.is_file(follow_symlinks=False)):
                self._look_at_other(entry, post, stack, rules)
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                self.vanished.add(entry.path)
                continue
            except OSError as refused:
                self._refused(entry.path, refused, f"cannot be looked at ({refused.strerror})")
                continue
            changed, node_changed = status.st_mtime_ns, status.st_ctime_ns
            if 0 <= changed <= _MOST_NS and 0 <= node_changed <= _MOST_NS:  # as nearly all: spares a call for each
                add_path(entry.path)
                add_size(status.st_size)
                add_time(changed)
                add_ctime(node_changed)
            else:
                self._add(entry.path, status)

    def _look_at_other(
        self, entry: os.DirEntry[str], post: bool, stack: list[tuple[str, Rules | None]], rules: Rules | None
    ) -> None:
        """Take in what is not an ordinary file with the name of a post; ``post``: it has such a name."""
        if entry.name == "node_modules":
            return
        if entry.is_dir(follow_symlinks=False):
            stack.append((entry.path, rules))
        elif entry.is_symlink():
            self._note_link(entry.path, post, rules)
        elif post:
            self.problems.append(Problem(entry.path, 0, NO_FILE))

    def _add(self, path: str, status: os.stat_result) -> None:
        """Note a file. Times that no table can hold (before 1678, after 2262) are the nearest one that it can."""
        self._paths.append(path)
        for column, value in zip(self._numbers, (status.st_size, status.st_mtime_ns, status.st_ctime_ns), strict=True):
            column.append(max(-_MOST_NS, min(value, _MOST_NS)))

    def found(self) -> States:
        """All files, in the order of their paths."""
        return States.sorted(self._paths, *self._numbers)

    def _note_link(self, path: str, post: bool, rules: Rules | None) -> None:
        try:
            status = os.stat(path)
        except OSError as refused:
            check_machine(path, refused)
            self.unlisted.append(path)
            if post:
                self.problems.append(Problem(path, 0, f"a link that leads nowhere ({refused.strerror})"))
            return
        if stat.S_ISDIR(status.st_mode):
            self._linked_folders.append((path, rules))
        elif post and stat.S_ISREG(status.st_mode):
            self._linked_files.append((path, status))
        elif post:
            self.problems.append(Problem(path, 0, NO_FILE))

    def _note_in_icloud(self, path: str, name: str, rules: Rules | None) -> None:
        """Note a file in place of which there is only what says that it is in iCloud: a post there is not gone."""
        path = os.path.join(os.path.dirname(path), name[1 : -len(_IN_ICLOUD)])
        if is_post(path) and (rules is None or not rules.leaves_out(path, False)):
            self.unlisted.append(path)
            self.problems.append(Problem(path, 0, "it is in iCloud and not on this machine: download it"))

    def _refused(self, path: str, refused: OSError, reason: str) -> None:
        check_disk(path, refused)
        self.unlisted.append(path)
        self.problems.append(Problem(path, 0, reason))


def _kept(entries: Iterable[os.DirEntry[str]], rules: Rules) -> Iterator[os.DirEntry[str]]:
    """What a folder holds without what the rules leave out; nothing below a folder that is left out is looked at."""
    return (entry for entry in entries if entry.name[0] == "." or not rules.leaves_out(entry.path, _is_folder(entry)))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder or a link to one. Of a link that nobody can follow, as one to itself, ``_note_link``
    says so: the rest of the folder is listed all the same."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _looks(status: os.stat_result) -> tuple[int, ...]:
    """What is the same for two names of one file or folder and differs for two files. Device and inode alone are not
    enough: a file system in user space that shows several disks as one (bindfs, a folder shared with a virtual machine)
    may give two folders one inode."""
    return *identity(status), status.st_size, status.st_nlink, status.st_mtime_ns, status.st_ctime_ns
